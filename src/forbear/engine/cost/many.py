"""Annual costs of many contracts at once, compiled, each equal to that of `solve`. docs/algorithms/cost.md, section 4.

The same proof in machine words: discount factors are pairs of binary fractions of 60 places with the truth between them. Where
sixty places do not decide the last digit, or the flows are not the ordinary kind (money out, then more money in), the contract
is given to `solve`.
"""

from fractions import Fraction
from typing import Final

import numpy as np

from forbear.engine.cost.solve import Equation, NoRate, Term, solve
from forbear.kernel.compiled import compiled, inlined
from forbear.kernel.rates import RATE_SCALE
from forbear.kernel.wide import LIMIT, mul_divmod, mul_wide

BITS: Final = 60
ONE: Final = 1 << BITS
LOW_MASK: Final = ONE - 1
LARGEST_SUM: Final = 1 << 60
NEEDS_PROOF: Final = -1
"""A compiled answer: not decided here. Rates found here are never negative."""
REASONS: Final = tuple(NoRate)


@inlined
def _down(a: int, b: int) -> int:
    high, low = mul_wide(a, b)
    return (high << 2) + (low >> BITS)


@inlined
def _up(a: int, b: int) -> int:
    high, low = mul_wide(a, b)
    return (high << 2) + (low >> BITS) + (1 if low & LOW_MASK else 0)


@compiled
def _power(low: int, high: int, exponent: int) -> tuple[int, int]:
    """The interval [low, high], of factors up to 1, to a power."""
    result_low, result_high = ONE, ONE
    while exponent > 0:
        if exponent & 1:
            result_low, result_high = _down(result_low, low), _up(result_high, high)
        exponent >>= 1
        if exponent > 0:
            low, high = _down(low, low), _up(high, high)
    return result_low, result_high


@compiled
def _value(amounts: np.ndarray, times: np.ndarray, shift: int, factor: int) -> tuple[int, int, int]:
    """Bounds of the present value at a discount factor per step, and about its slope times the factor, over 2**15."""
    low = high = slope = 0
    low_at, high_at = ONE, ONE
    known_gap, known_low, known_high = 0, ONE, ONE
    for j in range(amounts.shape[0]):
        gap = times[j] - times[j - 1] if j > 0 else times[0]
        if gap > 0:
            if gap != known_gap:
                known_gap = gap
                known_low, known_high = _power(factor, factor, gap)
            low_at, high_at = _down(low_at, known_low), _up(high_at, known_high)
        if amounts[j] >= 0:
            amount = amounts[j] << shift
            least = _down(amount, low_at)
            low += least
            high += _up(amount, high_at)
            slope += times[j] * (least >> 15)
        else:
            amount = -amounts[j] << shift
            least = _down(amount, low_at)
            low -= _up(amount, high_at)
            high -= least
            slope -= times[j] * (least >> 15)
    return low, high, slope


@compiled
def _shift_for(amounts: np.ndarray) -> int:
    """How far amounts can be shifted left with their sum below 2**60; -1 for flows that are not the ordinary kind."""
    total = paid_out = 0
    received = False
    for j in range(amounts.shape[0]):
        if amounts[j] < 0:
            if received:
                return -1
            paid_out -= amounts[j]
        elif amounts[j] > 0:
            received = True
        total += abs(amounts[j])
        if total >= LARGEST_SUM:
            return -1
    if paid_out == 0 or total - paid_out <= paid_out:
        return -1
    shift = 0
    while total << (shift + 1) < LARGEST_SUM:
        shift += 1
    return shift


@compiled
def _root(amounts: np.ndarray, times: np.ndarray, shift: int, steps: int, per_year: int) -> int:
    """About the discount factor per step at which the present value is zero, by Newton's steps from a rate of a tenth."""
    per_step = 10 * steps * per_year
    factor = mul_divmod(ONE, per_step, per_step + 1)[0]
    for _ in range(100):
        low, high, slope = _value(amounts, times, shift, factor)
        mean = (low >> 1) + (high >> 1)
        size, steep = abs(mean), abs(slope)
        if slope == 0:
            break
        if size < 1 << 46 and size < steep:
            change = mul_divmod(size, factor, steep)[0] >> 15
        elif size >> 15 < steep:
            change = mul_divmod(size >> 15, factor, steep)[0]
        else:  # further than any factor: the quotient would not fit, and the bounds below hold the step
            change = ONE
        following = factor - change if (mean > 0) == (slope > 0) else factor + change
        following = min(max(following, 1), ONE)
        moved = abs(following - factor)
        factor = following
        if moved <= 8:
            break
    return factor


@inlined
def _rate(grown: int, per_year: int) -> int:
    """The annual rate in 10**-10, nearest, of a year's discount factor; -1 if it is too large to tell."""
    if grown <= 0 or grown >> 2 <= per_year * RATE_SCALE:
        return NEEDS_PROOF
    whole, rest = mul_divmod(per_year * RATE_SCALE, ONE, grown)
    return whole - per_year * RATE_SCALE + (1 if rest >= grown - rest else 0)


@compiled
def _cost(amounts: np.ndarray, times: np.ndarray, steps: int, per_year: int) -> int:
    shift = _shift_for(amounts)
    if shift < 0:
        return NEEDS_PROOF
    factor = _root(amounts, times, shift, steps, per_year)
    around = 64
    while around <= 1 << 16:
        below, above = factor - around, min(factor + around, ONE)
        if (
            below > 0
            and _value(amounts, times, shift, below)[1] < 0 < _value(amounts, times, shift, above)[0]
        ):
            highest = _rate(_power(below, below, steps)[0], per_year)
            lowest = _rate(_power(above, above, steps)[1], per_year)
            return lowest if lowest == highest else NEEDS_PROOF
        around <<= 3
    return NEEDS_PROOF


@compiled
def _costs(
    amounts: np.ndarray, times: np.ndarray, bounds: np.ndarray, steps: int, per_year: int, out: np.ndarray
) -> None:
    for i in range(out.shape[0]):
        of_one = slice(bounds[i], bounds[i + 1])
        out[i] = _cost(amounts[of_one], times[of_one], steps, per_year)


def costs(
    amounts: np.ndarray, times: np.ndarray, bounds: np.ndarray, steps: int, per_year: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """Annual costs of N contracts: (rates in 10**-10, reasons), each int64 of N.

    `amounts` in minor units, paid out negative, and `times` in whole steps since the first flow, ascending within a
    contract; those of contract i at bounds[i]:bounds[i + 1]. `steps` a year for an effective rate (365 for XIRR); for a
    nominal one, `steps` of a period and periods `per_year`. A reason is 0 where there is a rate, else one more than the
    place of the `NoRate` in REASONS, the rate being 0. A rate that no int64 holds is OUT_OF_RANGE here.
    """
    amounts, times, bounds = (np.ascontiguousarray(column, np.int64) for column in (amounts, times, bounds))
    rates = np.zeros(len(bounds) - 1, np.int64)
    reasons = np.zeros(len(rates), np.int64)
    _costs(amounts, times, bounds, steps, per_year, rates)
    for i in np.flatnonzero(rates == NEEDS_PROOF):
        of_one = slice(bounds[i], bounds[i + 1])
        terms = tuple(Term(int(a), int(t)) for a, t in zip(amounts[of_one], times[of_one], strict=True))
        found = solve(Equation(terms, steps, Fraction(per_year)))
        why = found.why if found.rate is None or abs(found.rate) < LIMIT else NoRate.OUT_OF_RANGE
        rates[i] = 0 if why is not None or found.rate is None else found.rate
        reasons[i] = 0 if why is None else 1 + REASONS.index(why)
    return rates, reasons
