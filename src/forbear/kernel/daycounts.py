"""Day counts: how much of a year lies between two days, as an exact fraction.

A day count gives each pair of days an integer weight and each convention one denominator, so that `interest =
balance * annual rate * weight / denominator`. Weights of adjoining segments add up to the weight of the
whole: a prepayment or a change of rate inside a period never makes or loses a day. Sources: 2006 ISDA
Definitions, section 4.16; `docs/algorithms/day-counts.md` has the worked tables.
"""

from enum import IntEnum
from typing import Final

from forbear.kernel.compiled import compiled, inlined
from forbear.kernel.days import civil, day_number, is_leap

ACT_365F: Final = 0
ACT_360: Final = 1
ACT_ACT_ISDA: Final = 2
THIRTY_360_US: Final = 3
THIRTY_E_360: Final = 4
DAILY: Final = 5

ISDA_YEAR: Final = 365 * 366
"""One year in units in which both 1/365 and 1/366 of a year are whole: 133 590."""


class DayCount(IntEnum):
    """The day-count conventions, with their place in the 2006 ISDA Definitions.

    ACT_365F       4.16(d)  actual days over 365
    ACT_360        4.16(e)  actual days over 360
    ACT_ACT_ISDA   4.16(b)  actual days, those in leap years over 366 and the others over 365
    THIRTY_360_US  4.16(f)  30/360, bond basis: a 31st that starts the period counts as the 30th; a 31st that
                            ends it does so only if the period started on a 30th or 31st
    THIRTY_E_360   4.16(g)  30E/360, Eurobond basis: every 31st counts as the 30th
    DAILY          none     actual days, for a rate quoted per day (日利率)
    """

    ACT_365F = ACT_365F
    ACT_360 = ACT_360
    ACT_ACT_ISDA = ACT_ACT_ISDA
    THIRTY_360_US = THIRTY_360_US
    THIRTY_E_360 = THIRTY_E_360
    DAILY = DAILY


@compiled
def denominator(day_count: int) -> int:
    """The weight of one year; for DAILY, of one day."""
    if day_count == ACT_365F:
        return 365
    if day_count == ACT_ACT_ISDA:
        return ISDA_YEAR
    if day_count == DAILY:
        return 1
    if day_count in (ACT_360, THIRTY_360_US, THIRTY_E_360):
        return 360
    raise ValueError("unknown day count: use a member of forbear.kernel.daycounts.DayCount")


@compiled
def _thirty(day: int, shortens_31: bool) -> int:
    """Days to `day` in a calendar of twelve months of thirty days; a 31st is the 30th if `shortens_31`, else
    the 31st.
    """
    year, month, day_of_month = civil(day)
    if day_of_month == 31 and shortens_31:
        day_of_month = 30
    return 360 * year + 30 * month + day_of_month


@compiled
def index(day_count: int, day: int) -> int:
    """A running total of weight: from s to e it grows by what [s, e) weighs, whatever period they lie in.

    THIRTY_360_US has none, as its last day depends on its first; use `index_in_period`, which serves every
    convention.
    """
    if day_count in (ACT_365F, ACT_360, DAILY):
        return day
    if day_count == ACT_ACT_ISDA:
        # Whatever its length a whole year weighs 365 * 366, so whole years need no loop.
        year = civil(day)[0]
        day_weight = 365 if is_leap(year) else 366
        return (year - 1970) * ISDA_YEAR + (day - day_number(year, 1, 1)) * day_weight
    if day_count == THIRTY_E_360:
        return _thirty(day, True)
    if day_count == THIRTY_360_US:
        raise ValueError("30/360 (US) has no index free of its period: use index_in_period")
    raise ValueError("unknown day count: use a member of forbear.kernel.daycounts.DayCount")


@compiled
def index_in_period(day_count: int, period_start: int, day: int) -> int:
    """A running total within the period that begins on `period_start`: as `index`, and also for
    THIRTY_360_US.
    """
    if day_count == THIRTY_360_US:
        return _thirty(day, civil(period_start)[2] > 29)
    return index(day_count, day)


@inlined
def weight(day_count: int, period_start: int, start: int, end: int) -> int:
    """The weight of [start, end), a segment of the period that begins on `period_start`; divide by
    `denominator`.

    W(period_start, end) - W(period_start, start), so the segments of a period always add up to the period.
    Negative if `end` is before `start`.
    """
    if day_count == ACT_365F or day_count == ACT_360 or day_count == DAILY:
        return end - start
    if day_count == THIRTY_360_US:
        shortens_31 = civil(period_start)[2] > 29
        return _thirty(end, shortens_31) - _thirty(start, shortens_31)
    return index(day_count, end) - index(day_count, start)
