"""Each rounding mode on the values of the worked table in docs/algorithms/rounding.md."""

import pytest

from forbear.kernel.compiled import python_form
from forbear.kernel.rounding import Rounding, round_fraction, round_ratio, round_to_multiple

TABLE = """
mode       2.5  1.5  1.4  1.6 -1.4 -1.5 -1.6 -2.5
HALF_UP      3    2    1    2   -1   -2   -2   -3
HALF_EVEN    2    2    1    2   -1   -2   -2   -2
HALF_DOWN    2    1    1    2   -1   -1   -2   -2
UP           3    2    2    2   -2   -2   -2   -3
DOWN         2    1    1    1   -1   -1   -1   -2
CEILING      3    2    2    2   -1   -1   -1   -2
FLOOR        2    1    1    1   -2   -2   -2   -3
"""


def cells():
    header, *rows = [line.split() for line in TABLE.strip().splitlines()]
    for name, *results in rows:
        for value, result in zip(header[1:], results, strict=True):
            yield Rounding[name], int(value.replace(".", "")), int(result)


@pytest.mark.parametrize(("mode", "tenths", "rounded"), list(cells()))
def test_modes_follow_the_worked_table(mode, tenths, rounded):
    floor, part = divmod(tenths, 10)
    assert round_fraction(floor, part, 10, int(mode)) == rounded
    assert python_form(round_fraction)(floor, part, 10, int(mode)) == rounded
    assert round_ratio(tenths, 10, mode) == rounded


def test_the_table_names_every_mode():
    assert {mode for mode, _, _ in cells()} == set(Rounding)


def test_a_member_is_as_good_as_its_number_in_compiled_code():
    assert round_fraction(2, 1, 2, Rounding.HALF_EVEN) == round_fraction(2, 1, 2, 1) == 2


def test_rounding_to_the_yuan_is_one_rounding_not_two():
    # 149.5 fen to the yuan: by way of 150 fen it would become 2 yuan.
    assert round_to_multiple(149, 1, 2, 100, int(Rounding.HALF_UP)) == 100
    assert round_to_multiple(150, 0, 1, 100, int(Rounding.HALF_UP)) == 200
    assert round_to_multiple(-150, 0, 1, 100, int(Rounding.HALF_UP)) == -200
    assert round_to_multiple(30322, 0, 1, 500, int(Rounding.UP)) == 30500


@pytest.mark.parametrize("form", [round_fraction, python_form(round_fraction)], ids=["compiled", "python"])
def test_an_unknown_mode_is_refused_not_guessed(form):
    with pytest.raises(ValueError, match="unknown rounding mode"):
        form(1, 1, 2, 7)


def test_a_ratio_needs_a_denominator_and_a_mode():
    with pytest.raises(ZeroDivisionError):
        round_ratio(1, 0, Rounding.HALF_UP)
    with pytest.raises(ValueError, match="9 is not a valid Rounding"):
        round_ratio(1, 2, 9)
    assert round_ratio(10**40 + 1, 2, Rounding.HALF_EVEN) == 5 * 10**39
