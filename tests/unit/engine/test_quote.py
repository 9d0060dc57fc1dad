"""The quoted level instalment, against the sum of discount factors in exact fractions."""

import math
from fractions import Fraction

import pytest

from forbear.engine.quote import level_instalment_of
from forbear.kernel.rounding import CEILING, FLOOR, HALF_UP


def exact(principal: int, rate: Fraction, count: int) -> Fraction:
    """What repays `principal` in `count` periods at `rate` a period."""
    return principal / sum(1 / (1 + rate) ** k for k in range(1, count + 1))


@pytest.mark.parametrize("principal", [1, 99_99, 120_000_00])
@pytest.mark.parametrize("percent", ["0", "3.85", "24"])
@pytest.mark.parametrize(("periods_a_year", "count"), [(12, 1), (12, 36), (4, 7), (1, 30)])
def test_it_is_the_exact_one_rounded(principal: int, percent: str, periods_a_year: int, count: int) -> None:
    yearly = Fraction(percent) / 100
    wanted = exact(principal, yearly / periods_a_year, count)
    for multiple in (1, 100):
        nearest = math.floor(wanted / multiple + Fraction(1, 2)) * multiple
        below = math.floor(wanted / multiple) * multiple
        above = math.ceil(wanted / multiple) * multiple
        for rounding, rounded in ((HALF_UP, nearest), (FLOOR, below), (CEILING, above)):
            found = level_instalment_of(
                principal, int(yearly * 10**10), periods_a_year, count, multiple, rounding
            )
            assert found == rounded, (multiple, rounding)
