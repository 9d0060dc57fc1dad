"""Compiled parsing says the same as the kernel's careful parsers, value by value."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from forbear.formats import parsing
from forbear.formats.references import Text
from forbear.kernel.days import FIRST_DATE, LAST_DATE, to_day
from forbear.kernel.money import MAX_AMOUNT, parse_minor
from forbear.kernel.rates import Per, Rate

NUMBERS = st.one_of(
    st.from_regex(r"-?[0-9]{0,15}(\.[0-9]{0,12})?", fullmatch=True),
    st.text("0123456789.-+ e%,", max_size=12),
    st.decimals(allow_nan=False, allow_infinity=False, places=2).map(str),
)


def column(*values: str) -> Text:
    encoded = [value.encode() for value in values]
    ends = np.concatenate(([0], np.cumsum([len(value) for value in encoded]))).astype(np.int64)
    return Text(ends, np.frombuffer(b"".join(encoded), np.uint8))


def number(text: str, exponent: int, largest: int = MAX_AMOUNT) -> tuple[int, int]:
    values = column(text)
    out, codes = np.zeros(1, np.int64), np.zeros(1, np.int8)
    parsing.parse_numbers(values.offsets, values.data, np.array([exponent]), largest, out, codes)
    return int(out[0]), int(codes[0])


@given(NUMBERS, st.sampled_from([("JPY", 0), ("CNY", 2), ("KWD", 3), ("CLF", 4)]))
@example("10000000000.00", ("CNY", 2))
@example("10000000000.01", ("CNY", 2))
@example("9" * 39, ("CNY", 2))
@example("0." + "0" * 30, ("CNY", 2))
@example("-0", ("CNY", 2))
def test_an_amount_is_what_the_kernel_says(text, currency):
    code, decimals = currency
    try:
        wanted = (parse_minor(text, code), parsing.GOOD)
    except (ValueError, OverflowError):
        wanted = None
    found = number(text, decimals)
    if wanted is None:
        assert found[1] != parsing.GOOD
        assert found[0] == 0
    else:
        assert found == wanted


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", parsing.EMPTY),
        (".", parsing.MALFORMED),
        (".5", parsing.MALFORMED),
        ("5.", parsing.MALFORMED),
        ("1.2.3", parsing.MALFORMED),
        ("-", parsing.MALFORMED),
        ("+1", parsing.MALFORMED),
        ("1 ", parsing.MALFORMED),
        ("１", parsing.MALFORMED),
        ("-1", parsing.NEGATIVE),
        ("1.005", parsing.TOO_FINE),
        ("10000000000.01", parsing.TOO_LARGE),
        ("9" * 400, parsing.TOO_LARGE),
        ("1.00000", parsing.GOOD),
    ],
)
def test_what_is_wrong_has_a_name(text, code):
    assert number(text, 2)[1] == code


@given(st.one_of(NUMBERS, NUMBERS.map(lambda text: text + "%")))
def test_a_rate_is_what_the_kernel_says(text):
    values = column(text)
    out, codes = np.zeros(1, np.int64), np.zeros(1, np.int8)
    parsing.parse_rates(values.offsets, values.data, 10, 8, 100 * 10**10, out, codes)
    try:
        wanted = Rate.parse(text, per=Per.YEAR).as_fraction() * 10**10
    except ValueError:
        # The kernel refuses by the number of digits; a trailing zero beyond the tenth is taken here.
        assert codes[0] != parsing.GOOD or text.rstrip("%").endswith("0")
    else:
        assert (codes[0], out[0]) == (parsing.GOOD, wanted)


@given(st.dates(dt.date(1, 1, 1), dt.date(9999, 12, 31)))
def test_a_date_is_its_day_number(date):
    values = column(date.isoformat())
    out, codes = np.zeros(1, np.int64), np.zeros(1, np.int8)
    parsing.parse_dates(values.offsets, values.data, out, codes)
    if FIRST_DATE <= date <= LAST_DATE:
        assert (codes[0], out[0]) == (parsing.GOOD, to_day(date))
    else:
        assert codes[0] == parsing.BEYOND_CALENDAR


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", parsing.EMPTY),
        ("2025-2-01", parsing.MALFORMED),
        ("2025/02/01", parsing.MALFORMED),
        ("2025-02-01T00:00:00", parsing.MALFORMED),
        ("20a5-02-01", parsing.MALFORMED),
        ("2025-13-01", parsing.NO_SUCH_DAY),
        ("2025-02-29", parsing.NO_SUCH_DAY),
        ("2025-00-10", parsing.NO_SUCH_DAY),
        ("2025-01-00", parsing.NO_SUCH_DAY),
        ("0000-01-01", parsing.BEYOND_CALENDAR),
    ],
)
def test_a_date_that_is_none_has_a_name(text, code):
    values = column(text)
    out, codes = np.zeros(1, np.int64), np.zeros(1, np.int8)
    parsing.parse_dates(values.offsets, values.data, out, codes)
    assert codes[0] == code
