"""The annual cost again, slow and obvious: 120 decimal digits, times as exact fractions of a year, halving."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from fractions import Fraction

PRECISION = 120
Timed = Sequence[tuple[int, Fraction]]
"""Amounts and their times in years (or in periods)."""


def discounted(flows: Timed, rate: Decimal) -> Decimal:
    """The present value: amount / (1 + rate) ** time."""
    growth = (1 + rate).ln()
    return sum(
        (
            Decimal(amount) * (-growth * Decimal(t.numerator) / Decimal(t.denominator)).exp()
            for amount, t in flows
        ),
        Decimal(0),
    )


def discounted_with_parts(flows: Sequence[tuple[int, int, Fraction]], rate: Decimal) -> Decimal:
    """The present value of Regulation Z: whole periods compounded, the part simple."""
    return sum(
        (
            Decimal(amount)
            / (1 + rate * Decimal(part.numerator) / Decimal(part.denominator))
            / (1 + rate) ** whole
            for amount, whole, part in flows
        ),
        Decimal(0),
    )


def halved(value, low: Decimal, high: Decimal, per_year: Fraction = Fraction(1)) -> int:
    """The rate times `per_year` in 10**-10, nearest, at the zero of `value` between two rates of unlike sign."""
    with localcontext(Context(prec=PRECISION)):
        at_low = value(low)
        assert at_low * value(high) < 0
        for _ in range(150):
            middle = (low + high) / 2
            at_middle = value(middle)
            if at_middle == 0:
                low = high = middle
                break
            if (at_middle > 0) == (at_low > 0):
                low = middle
            else:
                high = middle
        scaled = low * 10**10 * per_year.numerator / per_year.denominator
        return int(scaled.quantize(Decimal("1e-20")).to_integral_value(ROUND_HALF_UP))
