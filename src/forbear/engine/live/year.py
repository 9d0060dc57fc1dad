"""What part of a year a stretch of days is, as numerator and denominator. docs/algorithms/live-schedule.md, section 2."""

from forbear.engine.layout import Record
from forbear.engine.plan import DAY, MONTH, WEEK
from forbear.kernel.compiled import compiled
from forbear.kernel.days import CLAMP, add_months, civil, day_number, days_in_month, is_leap

TWO_YEARS = 365 * 366


@compiled
def plus(day: int, count: int, unit: int) -> int:
    """`count` units after `day`; a month keeps the day of the month, or takes its last one."""
    if unit == MONTH:
        return add_months(day, count, 0, CLAMP)
    return day + count * (7 if unit == WEEK else 1)


@compiled
def gcd(a: int, b: int) -> int:
    """Greatest common divisor of two numbers that are not negative."""
    while b > 0:
        a, b = b, a % b
    return a


@compiled
def year_length(day: int) -> int:
    """365 or 366, of the year of `day`."""
    return 366 if is_leap(civil(day)[0]) else 365


@compiled
def holds_leap_day(start: int, end: int) -> bool:
    """Whether a 29 February lies after `start` and not after `end`."""
    for year in range(civil(start)[0], civil(end)[0] + 1):
        if is_leap(year) and start < day_number(year, 2, 29) <= end:
            return True
    return False


@compiled
def split_years(start: int, end: int, first_day_counts: int) -> int:
    """The share of [start, end), each day over the length of its year, in 1/(365 * 366) of a year."""
    total = 0
    last = civil(end)[0]
    for year in range(civil(start)[0], last + 1):
        length = 366 if is_leap(year) else 365
        stop = end if year == last else day_number(year, 1, 1) + length - (1 - first_day_counts)
        total += (stop - start) * (731 - length)
        start = stop
    return total


@compiled
def _whole_units(start: int, end: int, unit: int) -> int:
    if unit != MONTH:
        return (end - start) // (7 if unit == WEEK else 1)
    y0, m0, d0 = civil(start)
    y1, m1, d1 = civil(end)
    return (y1 - y0) * 12 + m1 - m0 - (1 if d1 < d0 else 0)


@compiled
def units_in(seed: int, start: int, end: int, every: int, unit: int) -> tuple[int, int]:
    """How many units the period [start, end) holds, a part of one counted by its days: numerator, denominator."""
    k = max(0, _whole_units(seed, end, unit) - 1)
    while plus(seed, k, unit) < end:
        k += 1
    last = plus(seed, k, unit)
    if last != end or plus(last, -every, unit) != start:
        seed = start
    shift = 0
    if unit == MONTH:
        year, month, day = civil(start)
        if day == days_in_month(year, month) and civil(seed)[2] > day:
            shift = 1
    before = _whole_units(seed, start + shift, unit)
    k = before + 1
    while plus(seed, k, unit) < end:
        k += 1
    if plus(seed, k, unit) == end:
        return k - before, 1
    whole = k - 1 - before
    floor = plus(seed, whole, unit)
    length = plus(seed, k, unit) - floor
    return whole * length + end - floor, length


@compiled
def share_of_year(
    terms: Record, seed: int, period_start: int, period_end: int, start: int, end: int, level: bool
) -> tuple[int, int]:
    """What part of the yearly rate [start, end) of a period earns, in lowest terms.

    `level`: for the level amount, where a month is `every` months whatever the period's length.
    """
    length, full = end - start, period_end - period_start
    if full == 0 or length == 0:
        return 0, 1
    number, parts = length, terms.year_days
    if terms.by_period == 1 and terms.unit != DAY:
        number, parts = terms.every * length, (12 if terms.unit == MONTH else 52) * full
    else:
        if parts == 0:
            parts = year_length(start)
            leap = terms.leap_day_rule == 0 or holds_leap_day(period_start, period_end)
            if not leap:
                parts = 365
            elif civil(start)[0] != civil(end)[0]:
                number, parts = split_years(start, end, terms.first_day_counts), TWO_YEARS
                common = gcd(number, parts)
                return number // common, parts // common
        if terms.month_thirty == 1:
            units, of = terms.every, 1
            if not level:
                units, of = units_in(seed, period_start, period_end, terms.every, terms.unit)
            days = 30 if terms.unit == MONTH else (7 if terms.unit == WEEK else 1)
            number, parts = days * units * length, parts * of * full
    common = gcd(number, parts)
    return number // common, parts // common
