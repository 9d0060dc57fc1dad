"""What each law means by an annual cost: how dates become the times of an equation. docs/algorithms/cost.md, section 3.

All functions take days as day numbers and amounts in minor units from the lender's side: paid out negative, received
positive.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from math import lcm
from typing import Final, NamedTuple

from forbear.engine.cost.solve import Cost, Equation, NoRate, Term, solve
from forbear.kernel.days import CLAMP, add_months


class DatedFlow(NamedTuple):
    """An amount in minor units on a day."""

    day: int
    amount: int


class Convention(StrEnum):
    """The conventions by name.

    XIRR           effective rate, actual days over 365: China's 综合融资成本 by IRR on actual dates
    MONTHLY_IRR    monthly internal rate times 12, nominal; odd days as thirtieths of a month
    REG_Z          United States, Regulation Z, Appendix J: unit-period rate times unit-periods a year
    EU_MONTHS      European Union, effective; whole months backward, then days over the year's own length. Also the UK's
    EU_WEEKS       the same, counted in weeks of 1/52
    EU_DAYS        the same, counted in days alone
    """

    XIRR = "xirr"
    MONTHLY_IRR = "monthly_irr"
    REG_Z = "reg_z"
    EU_MONTHS = "eu_months"
    EU_WEEKS = "eu_weeks"
    EU_DAYS = "eu_days"


def cost(flows: Sequence[DatedFlow], convention: Convention) -> Cost:
    """The annual cost of dated flows by a convention, in 10**-10, or why there is none. Flows of one day count as one."""
    sums: dict[int, int] = {}
    for flow in flows:
        sums[flow.day] = sums.get(flow.day, 0) + flow.amount
    netted = [DatedFlow(day, amount) for day, amount in sorted(sums.items()) if amount]
    if not netted:
        return Cost(None, NoRate.NO_FLOWS)
    if len({flow.amount > 0 for flow in netted}) == 1:
        return Cost(None, NoRate.ONE_SIDED)
    return solve(_EQUATIONS[convention](netted))


def xirr(flows: Sequence[DatedFlow]) -> Equation:
    """Days since the first flow over 365, compounded yearly."""
    first = flows[0].day
    return Equation(tuple(Term(flow.amount, flow.day - first) for flow in flows), steps=365)


def months_back(start: int, end: int) -> tuple[int, int]:
    """(months, days): whole months counted back from `end` as far as `start` allows, and the days left before them.

    The day of the month is that of `end`, or a month's last where it has no such day.
    """
    months = (end - start) // 31
    while add_months(end, -(months + 1), 0, CLAMP) >= start:
        months += 1
    return months, add_months(end, -months, 0, CLAMP) - start


def monthly_irr(flows: Sequence[DatedFlow]) -> Equation:
    """Months since the first flow, odd days as thirtieths; twelve times the rate of a month."""
    terms = []
    for flow in flows:
        months, days = months_back(flows[0].day, flow.day)
        terms.append(Term(flow.amount, 30 * months + days))
    return Equation(tuple(terms), steps=30, per_year=Fraction(12))


def _in_years(flows: Sequence[DatedFlow], years: Callable[[int, int], Fraction]) -> Equation:
    times = [years(flows[0].day, flow.day) for flow in flows]
    steps = lcm(*(time.denominator for time in times))
    return Equation(
        tuple(Term(flow.amount, int(time * steps)) for flow, time in zip(flows, times, strict=True)),
        steps=steps,
    )


def _days_of_year(start: int, end: int) -> Fraction:
    """Days over the length of the year that ends with them: 366 if the year back from `end` has a 29 February."""
    return Fraction(end - start, end - add_months(end, -12, 0, CLAMP))


def years_in_months(start: int, end: int) -> Fraction:
    """Twelfths counted back from `end`, then days."""
    months, days = months_back(start, end)
    return Fraction(months, 12) + _days_of_year(start, start + days)


def years_in_weeks(start: int, end: int) -> Fraction:
    """Weeks of 1/52 counted back from `end`, then days."""
    weeks, days = divmod(end - start, 7)
    return Fraction(weeks, 52) + _days_of_year(start, start + days)


def years_in_days(start: int, end: int) -> Fraction:
    """Whole years counted back from `end`, then days."""
    months, _ = months_back(start, end)
    years = months // 12
    return years + _days_of_year(start, add_months(end, -12 * years, 0, CLAMP))


# ----------------------------------------------------------------------------------------------------------------------
# Regulation Z, Appendix J


@dataclass(frozen=True, slots=True)
class UnitPeriod:
    """A unit-period of `months` (0: none), of half months, or of `days`: one of them is above zero.

    `per_year`: how many a year has, for the nominal rate.
    """

    months: int = 0
    half_months: int = 0
    days: int = 0

    @property
    def per_year(self) -> Fraction:
        """12, 24 and 52 a year, and their multiples' shares; odd lengths in days out of 365."""
        if self.months:
            return Fraction(12, self.months)
        if self.half_months:
            return Fraction(24, self.half_months)
        if self.days % 7 == 0:
            return Fraction(52 * 7, self.days)
        return Fraction(365, self.days)

    def between(self, start: int, end: int) -> tuple[int, Fraction]:
        """(whole unit-periods counted back from `end`, the part of one before them). Appendix J (b)(5)."""
        if self.days:
            whole, rest = divmod(end - start, self.days)
            return whole, Fraction(rest, self.days)
        months, days = months_back(start, end)
        if self.half_months:
            halves = 2 * months + days // 15
            whole, rest = divmod(halves, self.half_months)
            return whole, Fraction(15 * rest + days % 15, 15 * self.half_months)
        whole, rest = divmod(months, self.months)
        if self.months == 12 and days and whole:
            return whole, Fraction(add_months(end, -12 * whole, 0, CLAMP) - start, 365)
        return whole, Fraction(30 * rest + days, 30 * self.months)


def unit_period(flows: Sequence[DatedFlow]) -> UnitPeriod:
    """The unit-period of a transaction: the interval that occurs most often, the shorter one of several; Appendix J (b)(4).

    Of one advance and one payment it is the term, at most a year; where no interval occurs twice, the standard one nearest to their
    average. Intervals of the same number of months, or of half months on two
    days of the month, are alike, whatever their days.
    """
    days = sorted({flow.day for flow in flows})
    if len(days) == 2:
        return _single(*days)
    intervals = Counter(_interval(a, b) for a, b in pairwise(days))
    best = max(intervals, key=lambda unit: (intervals[unit], unit.per_year))
    if intervals[best] == 1:
        return _average(days)
    return best if best.per_year >= 1 else UnitPeriod(months=12)


def _average(days: Sequence[int]) -> UnitPeriod:
    """Without a common period: the standard interval nearest to the average one, the shorter of two as near."""
    span, count = days[-1] - days[0], len(days) - 1
    standard = {1: UnitPeriod(days=1), 15: UnitPeriod(half_months=1)}
    standard |= {7 * weeks: UnitPeriod(days=7 * weeks) for weeks in range(1, 53)}
    standard |= {30 * months: UnitPeriod(months=months) for months in range(1, 13)}
    return standard[min(standard, key=lambda length: (abs(length * count - span), length))]


def _single(start: int, end: int) -> UnitPeriod:
    months, odd = months_back(start, end)
    if months >= 12:
        return UnitPeriod(months=12)
    return UnitPeriod(months=months) if months and not odd else UnitPeriod(days=end - start)


def _interval(start: int, end: int) -> UnitPeriod:
    months, odd = months_back(start, end)
    if months and not odd:
        return UnitPeriod(months=months)
    if (end - start) % 7 == 0:
        return UnitPeriod(days=end - start)
    if 13 <= end - start <= 16:
        return UnitPeriod(half_months=1)
    return UnitPeriod(days=end - start)


def reg_z(flows: Sequence[DatedFlow], unit: UnitPeriod | None = None) -> Equation:
    """Appendix J (b)(8): whole unit-periods compounded, the part before them simple, the rate times unit-periods a year."""
    unit = unit_period(flows) if unit is None else unit
    terms = []
    for flow in flows:
        whole, part = unit.between(flows[0].day, flow.day)
        terms.append(Term(flow.amount, whole, part))
    return Equation(tuple(terms), per_year=unit.per_year)


_EQUATIONS: Final[dict[Convention, Callable[[Sequence[DatedFlow]], Equation]]] = {
    Convention.XIRR: xirr,
    Convention.MONTHLY_IRR: monthly_irr,
    Convention.REG_Z: reg_z,
    Convention.EU_MONTHS: lambda flows: _in_years(flows, years_in_months),
    Convention.EU_WEEKS: lambda flows: _in_years(flows, years_in_weeks),
    Convention.EU_DAYS: lambda flows: _in_years(flows, years_in_days),
}
