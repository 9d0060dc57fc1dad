"""How much of a year (or how many days) lies between two days: the index of each day count.

Days are whole numbers since 1970-01-01. Written from docs/algorithms/fold.md alone; nothing is shared with the engine.
"""

from calendar import monthrange
from datetime import date
from fractions import Fraction
from functools import lru_cache

EPOCH = date(1970, 1, 1).toordinal()


@lru_cache(maxsize=100_000)
def civil(day: int) -> tuple[int, int, int]:
    """Year, month and day of the month."""
    on = date.fromordinal(EPOCH + day)
    return on.year, on.month, on.day


def day_of(text: str) -> int:
    """`2025-01-31` as a day number."""
    return date.fromisoformat(text).toordinal() - EPOCH


def is_leap(year: int) -> bool:
    """The Gregorian rule."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def new_year(year: int) -> int:
    """The day number of 1 January."""
    return date(year, 1, 1).toordinal() - EPOCH


def act_act(start: int, end: int) -> Fraction:
    """ISDA: days in leap years over 366 plus days in other years over 365."""
    total, day = Fraction(0), start
    while day < end:
        year = civil(day)[0]
        stop = min(end, new_year(year + 1))
        total += Fraction(stop - day, 366 if is_leap(year) else 365)
        day = stop
    return total


def days_30_360_us(start: int, end: int) -> int:
    """ISDA 2006 4.16(f): a first day 31 counts as 30; a last day 31 does so if the first is 30 or 31."""
    (y1, m1, d1), (y2, m2, d2) = civil(start), civil(end)
    if d1 == 31:
        d1 = 30
    if d2 == 31 and d1 == 30:
        d2 = 30
    return 360 * (y2 - y1) + 30 * (m2 - m1) + d2 - d1


def days_30e_360(start: int, end: int) -> int:
    """30E/360: every 31 counts as 30."""
    (y1, m1, d1), (y2, m2, d2) = civil(start), civil(end)
    return 360 * (y2 - y1) + 30 * (m2 - m1) + min(d2, 30) - min(d1, 30)


@lru_cache(maxsize=200_000)
def index(day_count: str, anchor: int, start: int, end: int) -> Fraction:
    """`G(end) - G(start)`; 30/360 (US) weighs both from the anchor, the start of the period."""
    if day_count == "daily":
        return Fraction(end - start)
    if day_count == "act_365f":
        return Fraction(end - start, 365)
    if day_count == "act_360":
        return Fraction(end - start, 360)
    if day_count == "act_act":
        return act_act(start, end)
    if day_count == "30e_360":
        return Fraction(days_30e_360(start, end), 360)
    if day_count == "30_360_us":
        return Fraction(days_30_360_us(anchor, end) - days_30_360_us(anchor, start), 360)
    raise ValueError(day_count)


def step(day: int, periods: int, unit: str, every: int, due_day: int, rolls: bool) -> int:
    """The step of a date by so many periods: docs/algorithms/changes.md, section 3."""
    if unit != "month":
        return day + periods * every * (7 if unit == "week" else 1)
    if periods == 0:
        return day
    if rolls and due_day > 28 and civil(day)[2] == 1:
        day -= 1
    year, month, _ = civil(day)
    year, month = year + (month - 1 + periods * every) // 12, (month - 1 + periods * every) % 12 + 1
    last = monthrange(year, month)[1]
    first = date(year, month, 1).toordinal() - EPOCH
    return first + (due_day - 1 if due_day <= last else (last if rolls else last - 1))
