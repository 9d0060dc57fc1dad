"""Interest of a constant amount over dates, in money: rounded once, or day by day; and what a broken period brings.

The fold accrues for itself. This is for figures beside it: a quote, a book that rounds each day's entry, the days between a
pay-out and the first regular period. docs/algorithms/contracts.md, section 6.
"""

from forbear.kernel.daycounts import denominator, weight
from forbear.kernel.rates import RATE_SCALE
from forbear.kernel.wide import checked_mul_div


def interest(amount: int, rate: int, day_count: int, start: int, end: int, rounding: int) -> int:
    """Interest on `amount` minor units in [start, end) at `rate` (in 10**-10, per year of the `day_count`), rounded once.

    Raises OverflowError beyond 2**62.
    """
    units = weight(day_count, start, start, end)
    return checked_mul_div(amount, rate * units, RATE_SCALE * denominator(day_count), rounding)


def interest_by_entry(amount: int, rate: int, day_count: int, start: int, end: int, rounding: int) -> int:
    """As `interest`, where each day's interest is booked as an entry of its own and rounded there."""
    return sum(interest(amount, rate, day_count, day, day + 1, rounding) for day in range(start, end))


def percent_of(amount: int, rate: int, rounding: int) -> int:
    """A charge of `rate` (in 10**-10) of an amount in minor units."""
    return checked_mul_div(amount, rate, RATE_SCALE, rounding)


def spread_over(amount: int, count: int, rounding: int) -> list[int]:
    """An amount recovered with `count` instalments: equal parts, rounded; the last takes what is left."""
    if count < 1:
        raise ValueError(f"an amount is spread over at least one instalment, not over {count}")
    part = checked_mul_div(amount, 1, count, rounding)
    return [part] * (count - 1) + [amount - part * (count - 1)]
