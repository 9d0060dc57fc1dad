"""Dates as day numbers: days since 1970-01-01, proleptic Gregorian calendar.

Inside the arithmetic a date is one integer, so that intervals subtract and arrays of dates are arrays of
int64 (or int32). The conversions are Howard Hinnant's (chrono-compatible low-level date algorithms): no
table, no loop. They count years from 1 March, so that the leap day is the last day of its year.
"""

import datetime as dt
from enum import IntEnum
from typing import Final

from forbear.kernel.compiled import compiled

CLAMP: Final = 0
ROLL: Final = 1

DAYS_PER_ERA: Final = 146_097  # 400 years
EPOCH_SHIFT: Final = 719_468  # days from 0000-03-01 to 1970-01-01

FIRST_DATE: Final = dt.date(1900, 1, 1)
LAST_DATE: Final = dt.date(2199, 12, 31)
_ORDINAL_OF_EPOCH: Final = dt.date(1970, 1, 1).toordinal()
FIRST_DAY: Final = FIRST_DATE.toordinal() - _ORDINAL_OF_EPOCH
LAST_DAY: Final = LAST_DATE.toordinal() - _ORDINAL_OF_EPOCH


class MonthEnd(IntEnum):
    """What becomes of a day that a month does not have: 31 January plus one month.

    CLAMP  28 (29) February: the month's last day
    ROLL   1 March: the first day of the next month
    """

    CLAMP = CLAMP
    ROLL = ROLL


@compiled
def day_number(year: int, month: int, day: int) -> int:
    """Days from 1970-01-01 to the given date; negative before it. The date must exist, the caller's duty."""
    year = year - (1 if month <= 2 else 0)
    era, year_of_era = divmod(year, 400)
    day_of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    day_of_era = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year
    return era * DAYS_PER_ERA + day_of_era - EPOCH_SHIFT


@compiled
def civil(day: int) -> tuple[int, int, int]:
    """(year, month 1..12, day of month 1..31) of a day number; the inverse of `day_number`."""
    era, day_of_era = divmod(day + EPOCH_SHIFT, DAYS_PER_ERA)
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    march_month = (5 * day_of_year + 2) // 153
    month = march_month + 3 if march_month < 10 else march_month - 9
    year = era * 400 + year_of_era + (1 if month <= 2 else 0)
    return year, month, day_of_year - (153 * march_month + 2) // 5 + 1


@compiled
def is_leap(year: int) -> bool:
    """Whether the year has a 29 February."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


@compiled
def days_in_month(year: int, month: int) -> int:
    """28, 29, 30 or 31."""
    if month == 2:
        return 29 if is_leap(year) else 28
    return 30 if month in (4, 6, 9, 11) else 31


@compiled
def weekday(day: int) -> int:
    """0 Monday .. 6 Sunday, as `datetime.date.weekday`."""
    return (day + 3) % 7


@compiled
def add_months(day: int, months: int, anchor_day: int, month_end: int) -> int:
    """The day `months` calendar months after (before, if negative) `day`, as a day number.

    `anchor_day` is the wanted day of the month, 1..31, or 0 for that of `day`. Due dates are always counted
    from the first one with its anchor, never from the last one: 31 January, 28 February, 31 March, not 28
    March. `month_end` is a `MonthEnd`: what to do where the month has no such day.
    """
    year, month, day_of_month = civil(day)
    wanted = anchor_day if anchor_day > 0 else day_of_month
    return in_month(12 * year + month - 1 + months, wanted, month_end)


@compiled
def in_month(count: int, wanted: int, month_end: int) -> int:
    """Day `wanted` (1..31) of a month given as 12 * year + month - 1, as a day number; `month_end` is a `MonthEnd`."""
    year, month = divmod(count, 12)
    month += 1
    last = days_in_month(year, month)
    if wanted <= last:
        return day_number(year, month, wanted)
    return day_number(year, month, last) + (1 if month_end == ROLL else 0)


def to_day(date: dt.date) -> int:
    """The day number of a date from 1900-01-01 to 2199-12-31.

    Raises TypeError for a datetime, which has a time and a zone to lose, and OverflowError outside the years.
    """
    if isinstance(date, dt.datetime) or not isinstance(date, dt.date):
        raise TypeError(f"{date!r} is not a plain date; decide on the zone first, then pass .date()")
    return _within(date.toordinal() - _ORDINAL_OF_EPOCH, date.isoformat())


def to_date(day: int) -> dt.date:
    """The date of a day number. Raises OverflowError outside 1900-01-01 to 2199-12-31."""
    number = int(day)
    return dt.date.fromordinal(_within(number, f"day number {number}") + _ORDINAL_OF_EPOCH)


def _within(day: int, what: str) -> int:
    if not FIRST_DAY <= day <= LAST_DAY:
        raise OverflowError(
            f"{what} is outside {FIRST_DATE} .. {LAST_DATE}; what has no end is None, never a far-away year"
        )
    return day
