"""What money and rates take, refuse and print."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forbear.kernel.currencies import MINOR_UNITS
from forbear.kernel.money import MAX_AMOUNT, Money, format_minor, parse_minor
from forbear.kernel.rates import Per, Rate


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("1234.56", "CNY", 123456),
        ("0.5", "CNY", 50),
        ("7", "CNY", 700),
        ("1.500", "CNY", 150),
        ("1234", "JPY", 1234),
        ("100.00", "JPY", 100),
        ("1.234", "KWD", 1234),
        ("0.0001", "CLF", 1),
        ("10000000000.00", "CNY", MAX_AMOUNT),
    ],
)
def test_amounts_are_read_exactly(text, currency, minor):
    assert parse_minor(text, currency) == minor


@pytest.mark.parametrize(
    ("text", "currency", "error", "says"),
    [
        ("1.005", "CNY", ValueError, "more decimals than CNY has, 2"),
        ("1.5", "JPY", ValueError, "more decimals than JPY has, 0"),
        ("-1.00", "CNY", ValueError, "is negative"),
        ("1e3", "CNY", ValueError, "not a plain decimal"),
        ("1,234.56", "CNY", ValueError, "no separators"),
        (" 1.00", "CNY", ValueError, "not a plain decimal"),
        ("1.00\n", "CNY", ValueError, "not a plain decimal"),
        ("NaN", "CNY", ValueError, "not a plain decimal"),
        ("Infinity", "CNY", ValueError, "not a plain decimal"),
        ("", "CNY", ValueError, "not a plain decimal"),
        (".5", "CNY", ValueError, "not a plain decimal"),
        ("5.", "CNY", ValueError, "not a plain decimal"),
        ("+5", "CNY", ValueError, "not a plain decimal"),
        ("１２", "CNY", ValueError, "not a plain decimal"),
        ("9" * 5000, "CNY", ValueError, "not a plain decimal"),
        ("10000000000.01", "CNY", OverflowError, "beyond the largest amount, 10,000,000,000.00"),
        ("1.00", "RMB", ValueError, "'RMB' is not a current ISO 4217 currency"),
        ("1.00", "cny", ValueError, "three capital letters"),
        ("1.00", "XAU", ValueError, "not a current ISO 4217"),
        (1.0, "CNY", TypeError, "is a float, not a string"),
        (1, "CNY", TypeError, "is a int, not a string"),
    ],
)
def test_an_amount_that_is_not_plain_is_refused(text, currency, error, says):
    with pytest.raises(error, match=says):
        parse_minor(text, currency)


@given(st.integers(-MAX_AMOUNT, MAX_AMOUNT), st.sampled_from(sorted(MINOR_UNITS)))
def test_what_is_written_is_read_back(amount, currency):
    assert parse_minor(format_minor(amount, currency, grouped=False), currency, negative=True) == amount
    whole, _, decimals = format_minor(amount, currency).partition(".")
    assert len(decimals) == MINOR_UNITS[currency]
    assert Fraction(format_minor(amount, currency, grouped=False)) == Fraction(
        amount, 10 ** MINOR_UNITS[currency]
    )
    assert whole.replace(",", "").lstrip("-") == str(abs(amount) // 10 ** MINOR_UNITS[currency])


def test_the_currency_table_is_the_published_one():
    assert len(MINOR_UNITS) == 165
    assert [MINOR_UNITS[code] for code in ("CNY", "JPY", "KWD", "CLF", "ISK", "HUF", "IQD", "UYW")] == [
        2, 0, 3, 4, 0, 2, 3, 4,
    ]  # fmt: skip
    assert not {"BGN", "HRK", "ZWL", "ANG", "XXX"} & set(MINOR_UNITS)  # withdrawn, or no minor unit


def test_money_adds_and_compares_within_its_currency():
    ten, three = Money.parse("10", "CNY"), Money(300, "CNY")
    assert str(ten + three) == "CNY 13.00"
    assert three - ten == -Money(700, "CNY")
    assert str(Money(-123456789, "CNY")) == "CNY -1,234,567.89"
    assert format_minor(-5, "CNY") == "-0.05"
    assert three < ten
    assert ten >= three
    assert sum([ten, three], Money.zero("CNY")) == Money(1300, "CNY")
    assert Money(1, "CNY") != Money(1, "USD")


def test_money_refuses_other_currencies_and_bare_numbers():
    yuan, dollar = Money(100, "CNY"), Money(100, "USD")
    for operation in (
        lambda: yuan + dollar,
        lambda: yuan - dollar,
        lambda: yuan < dollar,
        lambda: yuan >= dollar,
    ):
        with pytest.raises(ValueError, match="the currencies differ"):
            operation()
    for operation in (lambda: yuan + 1, lambda: yuan < 1, lambda: yuan - 1):
        with pytest.raises(TypeError, match="Money goes with Money only"):
            operation()
    for amount in (True, 1.0, "1", None, np.float64(1), np.bool_(True)):
        with pytest.raises(TypeError, match="not an integer of minor units"):
            Money(amount, "CNY")
    with pytest.raises(OverflowError, match="check the unit"):
        Money(MAX_AMOUNT, "CNY") + Money(1, "CNY")


def test_a_numpy_amount_becomes_an_int():
    assert type(Money(np.int64(5), "CNY").amount) is int


@pytest.mark.parametrize(
    ("text", "per", "fraction", "written"),
    [
        ("0.0005", Per.DAY, Fraction(5, 10_000), "0.05% per day"),
        ("14.07%", Per.YEAR, Fraction(1407, 10_000), "14.07% per year"),
        ("24%", Per.YEAR, Fraction(24, 100), "24% per year"),
        ("0", Per.MONTH, Fraction(0), "0% per month"),
        ("0.0000000001", Per.DAY, Fraction(1, 10**10), "0.00000001% per day"),
        ("10000%", Per.YEAR, Fraction(100), "10000% per year"),
    ],
)
def test_rates_are_read_exactly(text, per, fraction, written):
    rate = Rate.parse(text, per=per)
    assert rate.as_fraction() == fraction
    assert str(rate) == written


@pytest.mark.parametrize(
    ("text", "error", "says"),
    [
        (0.05, TypeError, "is a float, not a string"),
        ("0.00000000001", ValueError, "more than 10 decimals"),
        ("0.123456789%", ValueError, "more than 10 decimals"),
        ("10000.01%", ValueError, "above 10000%"),
        ("101", ValueError, "is a % missing"),
        ("-1%", ValueError, "is not a rate"),
        ("5 %", ValueError, "is not a rate"),
        ("1e-3", ValueError, "is not a rate"),
        (".5", ValueError, "is not a rate"),
        ("5%%", ValueError, "is not a rate"),
        ("", ValueError, "is not a rate"),
    ],
)
def test_a_rate_that_is_not_plain_is_refused(text, error, says):
    with pytest.raises(error, match=says):
        Rate.parse(text, per=Per.YEAR)


def test_a_rate_is_made_of_integers():
    for numerator, denominator in ((0.5, 1), (1, 2.0), (True, 1)):
        with pytest.raises(TypeError, match="not an int"):
            Rate(numerator, denominator)
    with pytest.raises(ValueError, match="not a rate of zero or more"):
        Rate(1, 0)
    with pytest.raises(ValueError, match="denominator"):
        Rate(1, 10**12 + 1)


def test_rates_compare_exactly_and_only_within_one_unit():
    assert Rate(1, 3) > Rate.parse("0.3333333333", per=Per.YEAR)
    assert Rate(2, 4) == Rate(1, 2)
    assert Rate(1, 2, Per.DAY) != Rate(1, 2, Per.YEAR)
    with pytest.raises(ValueError, match="different units of time"):
        assert Rate(1, 2, Per.DAY) < Rate(1, 2, Per.YEAR)
    with pytest.raises(TypeError, match="do not mix"):
        assert Rate(1, 2) < Fraction(1, 2)


def test_rates_scale_and_add_exactly():
    daily = Rate.parse("0.0005", per=Per.DAY)
    assert daily.scaled(3, 2) == Rate(75, 100_000, Per.DAY)
    assert Rate.parse("3.45%", per=Per.YEAR) + Rate.parse("0.55%", per=Per.YEAR) == Rate(4, 100)
    assert Rate(1, 3).percent() == "100/3%"
    assert daily.decimal() == "0.0005"


@given(st.integers(0, 10**12), st.integers(0, 10))
def test_a_rate_is_written_as_it_was_read(digits, places):
    text = str(digits).rjust(places + 1, "0")
    text = f"{text[:-places]}.{text[-places:]}" if places else text
    if digits > 100 * 10**places:
        with pytest.raises(ValueError, match="above"):
            Rate.parse(text, per=Per.YEAR)
        return
    rate = Rate.parse(text, per=Per.YEAR)
    assert rate.as_fraction() == Fraction(text)
    assert Rate.parse(rate.decimal(), per=Per.YEAR) == rate
    assert Rate.parse(rate.percent(), per=Per.YEAR) == rate
