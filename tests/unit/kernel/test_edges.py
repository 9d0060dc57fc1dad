"""The edges: the last value that is taken and the first that is not. Each of these lets a small fault of the kernel show."""

import datetime as dt

import pytest

from forbear.kernel.calendars import BeyondCalendar, CalendarError, read_calendar
from forbear.kernel.daycounts import DayCount, index_in_period, weight
from forbear.kernel.days import is_leap, to_day
from forbear.kernel.money import _LONGEST, MAX_AMOUNT, Money, format_minor, parse_minor
from forbear.kernel.ranges import DateRange, RangeSet
from forbear.kernel.rates import MAX_DENOMINATOR, Per, Rate
from forbear.kernel.rounding import Rounding, round_fraction, round_ratio, round_to_multiple
from forbear.kernel.wide import LIMIT, _headroom, checked_mul_div, checked_mul_divmod, mul_div

TABLE = """# calendar: town
# from: 2026-01-01
# until: 2027-01-01
# source: the town
date,kind,name
{}
"""


def day(text):
    return to_day(dt.date.fromisoformat(text))


def test_a_calendar_is_what_its_table_says():
    town = read_calendar(TABLE.format("# a remark\n2026-12-31,closed,fair"), "town.csv")
    assert (town.name, town.known_from, town.known_until) == (
        "town",
        dt.date(2026, 1, 1),
        dt.date(2027, 1, 1),
    )
    assert town.is_business_day(town.known_from)
    with pytest.raises(BeyondCalendar):
        town.is_business_day(town.known_until)


def test_a_row_on_the_day_the_table_ends_is_outside():
    with pytest.raises(CalendarError, match="2027-01-01 is repeated, out of order or outside"):
        read_calendar(TABLE.format("2027-01-01,closed,fair"), "town.csv")


@pytest.mark.parametrize(
    ("year", "leap"), [(1900, False), (1996, True), (2000, True), (2020, True), (2100, False), (2026, False)]
)
def test_leap_years(year, leap):
    assert is_leap(year) == leap


def test_a_period_from_the_29th_does_not_shorten_its_31st():
    start, end = day("2026-01-29"), day("2026-01-31")
    us = DayCount.THIRTY_360_US
    assert index_in_period(us, start, end) - index_in_period(us, start, start) == 2
    assert index_in_period(us, start + 1, end) - index_in_period(us, start + 1, start + 1) == 0
    assert weight(us, start, start, end) == 2


def test_the_longest_amount_is_read_and_one_longer_is_not():
    longest = "1." + "0" * (_LONGEST - 2)
    assert parse_minor(longest, "CNY") == 100
    with pytest.raises(ValueError, match="not a plain decimal"):
        parse_minor(longest + "0", "CNY")


def test_nothing_and_the_largest_amount_of_either_sign():
    assert format_minor(0, "CNY") == "0.00"
    assert Money(-MAX_AMOUNT, "CNY").amount == -MAX_AMOUNT
    with pytest.raises(OverflowError):
        Money(-MAX_AMOUNT - 1, "CNY")
    assert Money.parse("-1.00", "CNY", negative=True) == Money(-100, "CNY")
    with pytest.raises(ValueError, match="is negative"):
        Money.parse("-1.00", "CNY")


def test_what_is_equal_is_not_less():
    assert not Money(5, "CNY") < Money(5, "CNY")
    assert not Rate(1, 3, Per.YEAR) < Rate(2, 6, Per.YEAR)
    a, b = Rate(10**9 - 1, 10**9, Per.DAY), Rate(10**9 - 2, 10**9 - 1, Per.DAY)
    assert b < a, "apart by less than a float can tell"


@pytest.mark.parametrize("sign", ["+", "-", "<"])
def test_a_refusal_shows_what_was_asked(sign):
    act = {"+": Money.__add__, "-": Money.__sub__, "<": Money.__lt__}[sign]
    with pytest.raises(ValueError, match=rf"CNY 0\.01 \{sign} USD 0\.01"):
        act(Money(1, "CNY"), Money(1, "USD"))


def test_rates_at_the_largest_denominator_and_of_the_default_scale():
    assert Rate(1, MAX_DENOMINATOR, Per.DAY).denominator == MAX_DENOMINATOR
    assert Rate(1, 3, Per.DAY).scaled(2) == Rate(2, 3, Per.DAY)
    assert (Rate(1, 3, Per.DAY) + Rate(1, 3, Per.DAY)).per is Per.DAY


def test_what_is_left_of_a_range_has_its_own_end_and_an_empty_set_is_false():
    january = DateRange(dt.date(2026, 1, 1), dt.date(2026, 2, 1))
    middle = DateRange(dt.date(2026, 1, 10), dt.date(2026, 1, 11))
    assert january.difference(middle)[-1] == DateRange(middle.until, january.until)
    assert RangeSet((january,))
    assert not RangeSet(())


def test_operands_up_to_their_limits_are_taken():
    assert checked_mul_divmod(0, 5, 3) == (0, 0)
    assert checked_mul_div(1 - LIMIT, 1, LIMIT - 1, Rounding.DOWN) == -1
    for place, name in enumerate("abc"):
        operands = [1, 1, LIMIT - 1]
        operands[place] = LIMIT
        with pytest.raises(OverflowError, match=rf": {name} = {LIMIT} is outside"):
            checked_mul_divmod(*operands)


def test_results_up_to_their_limits_are_given():
    assert checked_mul_divmod(LIMIT - 1, 1, 1) == (LIMIT - 1, 0)
    assert checked_mul_div(LIMIT - 2, 1, 1, Rounding.UP) == LIMIT - 2
    with pytest.raises(OverflowError, match=rf"2 \* {LIMIT // 2} / 1 is not below"):
        checked_mul_divmod(2, LIMIT // 2, 1)
    with pytest.raises(OverflowError, match=rf"{LIMIT - 1} \* 1 / 1 is not below"):
        checked_mul_div(LIMIT - 1, 1, 1, Rounding.UP)


@pytest.mark.parametrize("c", [2**61 + 2**31 - 1, 2**61 + 1, LIMIT - 1, 2**31, 3])
def test_the_largest_quotients_are_estimated_too_large_and_corrected(c):
    for a, b in [(c - 1, LIMIT - 1), (c - 1, LIMIT - 2**31), (c - 2**30, 2**61 + 2**31 - 1), (c - 1, c - 1)]:
        if a >= 0:
            assert checked_mul_divmod(a, b, c) == divmod(a * b, c)


@pytest.mark.parametrize("a", [0, -1, 1, 2**31, 2**32 - 1, 2**32, 2**32 + 1])
@pytest.mark.parametrize("b", [0, 2**31 - 1, 2**31, 2**31 + 1])
def test_the_short_way_and_the_long_way_agree_where_they_meet(a, b):
    assert checked_mul_div(a, b, 8, Rounding.HALF_UP) == round_ratio(a * b, 8, Rounding.HALF_UP)


@pytest.mark.parametrize("power", range(1, 62))
def test_divisors_beside_each_power_of_two(power):
    for c in (2**power - 1, 2**power, min(2**power + 1, LIMIT - 1)):
        assert LIMIT // 2 <= c << _headroom(c) < LIMIT
        for a, b in [(c - 1, LIMIT - 1), (LIMIT - 1, c - 1), (c - 1, 2**61 + 12345)]:
            assert checked_mul_divmod(a, b, c) == divmod(a * b, c)


@pytest.mark.parametrize(
    ("mode", "halves"),
    [
        (Rounding.HALF_UP, [-2, -1, 1, 2]),
        (Rounding.HALF_EVEN, [-2, 0, 0, 2]),
        (Rounding.HALF_DOWN, [-1, 0, 0, 1]),
        (Rounding.UP, [-2, -1, 1, 2]),
        (Rounding.DOWN, [-1, 0, 0, 1]),
    ],
)
def test_halves_beside_nothing(mode, halves):
    assert [round_fraction(q, 1, 2, mode) for q in (-2, -1, 0, 1)] == halves
    assert [mul_div(a, 1, 2, mode) for a in (-3, -1, 1, 3)] == halves
    assert [round_to_multiple(a, 0, 1, 10, mode) for a in (-15, -5, 5, 15)] == [10 * half for half in halves]
