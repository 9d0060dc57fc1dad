"""The root of a present value, in whole numbers and with proof. docs/algorithms/cost.md, section 2.

Numbers are intervals of binary fractions: a pair of integers over 2**bits with the truth between them, every operation rounded
outward. A sign that an interval shows is therefore the true sign; a rate is given out only when both ends of a proven
bracket round to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from forbear.kernel.rates import RATE_SCALE
from forbear.kernel.rounding import HALF_UP, round_ratio

LEAST_BITS, MOST_BITS = 128, 1024
HIGHEST = 10**12
"""Annual rates are looked for from -99.9999% up to this many times the principal a year."""
LOWEST = Fraction(1, 10**6)
MOST_PIECES = 20_000


class Term(NamedTuple):
    """`amount` minor units after `power` steps of time and `part` of one more, which is discounted as simple interest."""

    amount: int
    power: int
    part: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class Equation:
    """sum of amount / ((1 + part * (y - 1)) * y**power) = 0 in y, and annual rate = per_year * (y**steps - 1).

    Terms in any order, with amounts in minor units, paid out negative.
    """

    terms: tuple[Term, ...]
    steps: int = 1
    per_year: Fraction = Fraction(1)


class NoRate(StrEnum):
    """Why flows have no annual rate. Business refusals are values."""

    NO_FLOWS = "no flows: there is nothing to compare"
    ONE_SIDED = "all flows go one way: money is lent and never repaid, or repaid and never lent"
    NO_ROOT = "no rate makes the flows equal"
    SEVERAL = "several rates make the flows equal"
    OUT_OF_RANGE = "the rate lies outside -99.9999% .. 10**14% a year"
    NOT_PROVED = "whether one rate or several make the flows equal could not be proved"


@dataclass(frozen=True, slots=True)
class Cost:
    """An annual rate in 10**-10; or None with the reason, and with SEVERAL all the `rates`, ascending."""

    rate: int | None
    why: NoRate | None = None
    rates: tuple[int, ...] = ()


class _Interval(NamedTuple):
    low: int
    high: int


def _times(a: _Interval, b: _Interval, bits: int) -> _Interval:
    """Product of two intervals that are not negative."""
    return _Interval(a.low * b.low >> bits, -(-a.high * b.high >> bits))


class _Powers:
    """Powers of one interval; its repeated squares are worked out once."""

    def __init__(self, base: _Interval, bits: int) -> None:
        self.bits, self.squares, self.known = bits, [base], {0: _Interval(1 << bits, 1 << bits)}

    def __call__(self, exponent: int) -> _Interval:
        if exponent not in self.known:
            while len(self.squares) < exponent.bit_length():
                self.squares.append(_times(self.squares[-1], self.squares[-1], self.bits))
            result = self.known[0]
            for place in range(exponent.bit_length()):
                if exponent >> place & 1:
                    result = _times(result, self.squares[place], self.bits)
            self.known[exponent] = result
        return self.known[exponent]


def _inverse(x: _Interval, bits: int) -> _Interval:
    return _Interval((1 << 2 * bits) // x.high, -((-1 << 2 * bits) // x.low))


def _part_growth(y: _Interval, part: Fraction, bits: int) -> _Interval:
    """1 + part * (y - 1)."""
    one = 1 << bits
    low = one + (y.low - one) * part.numerator // part.denominator
    high = one - ((one - y.high) * part.numerator // part.denominator)
    return _Interval(low, high)


def _value(terms: Sequence[Term], y: _Interval, bits: int) -> tuple[_Interval, _Interval]:
    """The present value and its derivative in y, over the interval. Terms by ascending power, powers not negative."""
    one, step = 1 << bits, _inverse(y, bits)
    powers = _Powers(step, bits)
    discount, reached = _Interval(one, one), 0
    low = high = slope_low = slope_high = 0
    for amount, power, part in terms:
        if power > reached:
            discount, reached = _times(discount, powers(power - reached), bits), power
        factor, pull = discount, _Interval(step.low * power, step.high * power)
        if part:
            growth = _inverse(_part_growth(y, part, bits), bits)
            factor = _times(factor, growth, bits)
            pull = _Interval(
                pull.low + growth.low * part.numerator // part.denominator,
                pull.high - (-growth.high * part.numerator // part.denominator),
            )
        low += amount * (factor.low if amount > 0 else factor.high)
        high += amount * (factor.high if amount > 0 else factor.low)
        pulled = _times(factor, pull, bits)
        slope_low -= amount * (pulled.high if amount > 0 else pulled.low)
        slope_high -= amount * (pulled.low if amount > 0 else pulled.high)
    return _Interval(low, high), _Interval(slope_low, slope_high)


def _sign(x: _Interval) -> int | None:
    """The sign of all numbers of an interval, None if they have several."""
    if x.low > 0:
        return 1
    if x.high < 0:
        return -1
    return 0 if x.low == x.high == 0 else None


def merged(terms: Sequence[Term]) -> tuple[Term, ...]:
    """Terms of one time in one, those of nothing dropped, in the order of time, the first at power zero or later."""
    sums: dict[tuple[int, Fraction], int] = {}
    for term in terms:
        sums[term.power, term.part] = sums.get((term.power, term.part), 0) + term.amount
    earliest = min((power for power, _ in sums), default=0)
    return tuple(
        Term(amount, power - earliest, part) for (power, part), amount in sorted(sums.items()) if amount
    )


def sign_changes(amounts: Sequence[int]) -> int:
    """How often the sign changes along the amounts that are not zero."""
    signs = [amount > 0 for amount in amounts if amount]
    return sum(a != b for a, b in pairwise(signs))


def solve(equation: Equation) -> Cost:
    """The annual rate that makes the flows equal, proven to be the only one between -99.9999% and 10**14%."""
    terms = merged(equation.terms)
    if not terms:
        return Cost(None, NoRate.NO_FLOWS)
    changes = sign_changes([term.amount for term in terms])
    if changes == 0:
        return Cost(None, NoRate.ONE_SIDED)
    bits = LEAST_BITS
    while bits <= MOST_BITS:
        low, high = _range(equation, bits)
        if changes == 1:
            # One change of sign: the ratio of later to earlier discounts falls as y grows, so there is one root.
            found = _one(terms, equation, low, high, bits)
            if isinstance(found, NoRate):
                return Cost(None, found)
            rates = None if found is None else [found]
        else:
            rates = _all(terms, equation, low, high, bits)
        if rates is not None:
            return _told(rates)
        bits *= 2
    return Cost(None, NoRate.NOT_PROVED)


def _told(rates: list[int]) -> Cost:
    if len(rates) == 1:
        return Cost(rates[0])
    if not rates:
        return Cost(None, NoRate.NO_ROOT)
    return Cost(None, NoRate.SEVERAL, tuple(rates))


def _range(equation: Equation, bits: int) -> tuple[int, int]:
    """The y that belong to the lowest and the highest annual rate, to within a step of 2**-bits, inside."""
    most = Fraction(HIGHEST, equation.per_year)
    least = max(LOWEST, 1 - Fraction(1 - LOWEST, equation.per_year))
    return _root_of(least, equation.steps, bits), _root_of(1 + most, equation.steps, bits)


def _root_of(factor: Fraction, steps: int, bits: int) -> int:
    """About the `steps`-th root of `factor`, over 2**bits, by halving: an end of the search need not be exact."""
    wanted = (factor.numerator << bits) // factor.denominator
    doublings = max(1, wanted.bit_length() - bits)  # factor <= 2**doublings, and 2**x <= 1 + x up to x = 1
    whole = -(-doublings // steps)
    low, high = 0, (1 << bits) + (doublings << bits) // steps + 1 if whole == 1 else 1 << (bits + whole)
    while high - low > 1:
        middle = (low + high) // 2
        if _Powers(_Interval(middle, middle), bits)(steps).low <= wanted:
            low = middle
        else:
            high = middle
    return max(low, 1)


def annual(equation: Equation, y: _Interval, bits: int) -> tuple[int, int]:
    """The rounded annual rates at both ends of an interval of y."""
    grown = _Powers(y, bits)(equation.steps)
    one, per_year = 1 << bits, equation.per_year
    low, high = (
        round_ratio((end - one) * RATE_SCALE * per_year.numerator, per_year.denominator << bits, HALF_UP)
        for end in grown
    )
    return low, high


def _one(terms: Sequence[Term], equation: Equation, low: int, high: int, bits: int) -> int | NoRate | None:
    """The rate at the only root between low and high; None if more bits are needed."""
    at_low, at_high = (_sign(_value(terms, _Interval(y, y), bits)[0]) for y in (low, high))
    if at_low is None or at_high is None:
        return None
    if at_low == at_high:
        return NoRate.OUT_OF_RANGE
    tenth = (1 << bits) * equation.per_year.denominator // (10 * equation.steps * equation.per_year.numerator)
    middle = _newton(terms, low, high, at_low, (1 << bits) + tenth, bits)
    around = 1 << bits // 4
    while around < 1 << bits // 2:
        bracket = _Interval(max(low, middle - around), min(high, middle + around))
        signs = [_sign(_value(terms, _Interval(y, y), bits)[0]) for y in bracket]
        if signs == [at_low, at_high]:
            rates = annual(equation, bracket, bits)
            return rates[0] if rates[0] == rates[1] else None
        around <<= 8
    return None


def _newton(terms: Sequence[Term], low: int, high: int, at_low: int, start: int, bits: int) -> int:
    """About the root, by Newton's steps, halving where one would leave the bracket. Nothing is proved here.

    `start` is where a rate of a tenth a year lies.
    """
    y = start
    y = y if low < y < high else (low + high) // 2
    for _ in range(4 * bits):
        value, slope = _value(terms, _Interval(y, y), bits)
        sign = _sign(value)
        if sign is None or sign == 0:
            return y
        low, high = (y, high) if sign == at_low else (low, y)
        mean, steepness = value.low + value.high, slope.low + slope.high
        following = y - (mean << bits) // steepness if steepness else low
        if not low < following < high:
            following = (low + high) // 2
        if abs(following - y) <= 1 << bits // 8:
            return following
        y = following
    return y


def _all(terms: Sequence[Term], equation: Equation, low: int, high: int, bits: int) -> list[int] | None:
    """The rates at all roots between low and high, by cutting into pieces; None if more bits are needed.

    A piece where the value is never zero has no root: by its own interval, or since its middle is further from zero than
    the steepest slope leads in half the piece, which tells roots apart that lie close together. One where the derivative
    is never zero has one root, or none, as the signs at its ends say. Others are halved. A root of even multiplicity is
    never settled: then None.
    """
    waiting, rates, pieces = [(low, high)], [], 0
    while waiting:
        start, end = waiting.pop()
        pieces += 1
        value, slope = _value(terms, _Interval(start, end), bits)
        if _sign(value) is not None:
            continue
        if _sign(slope) is None:
            if end - start <= 1 << bits // 4 or pieces > MOST_PIECES:
                return None
            middle = (start + end) // 2
            at_middle = _value(terms, _Interval(middle, middle), bits)[0]
            reach = max(-slope.low, slope.high) * (end - middle) >> bits
            if _sign(_Interval(at_middle.low - reach - 1, at_middle.high + reach + 1)) is not None:
                continue
            waiting += [(middle, end), (start, middle)]
            continue
        signs = [_sign(_value(terms, _Interval(y, y), bits)[0]) for y in (start, end)]
        if signs[0] is None or signs[1] is None:
            return None
        if signs[0] == 0 or signs[0] * signs[1] < 0:
            found = (
                _one(terms, equation, start, end, bits)
                if signs[0]
                else annual(equation, _Interval(start, start), bits)[0]
            )
            if not isinstance(found, int) or isinstance(found, NoRate):
                return None
            rates.append(found)
    return sorted(rates)
