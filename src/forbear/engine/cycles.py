"""Cycles: the dates on which something recurs in a contract, with its stub, month ends and business days.

A moment is a whole number of half days: `2 * day` is the start of a day, `2 * day + 1` its end (midnight, 24:00). The end of
a day and the start of the next are the same point of accrual, and yet what happens at the one comes before what happens
at the other. docs/algorithms/contracts.md, section 1; ACTUS technical specification, sections 2.9, 3.1 to 3.4.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from forbear.engine.plan import Unit
from forbear.kernel.calendars import Adjustment, Calendar
from forbear.kernel.days import CLAMP, add_months, civil, days_in_month, to_date, to_day

MONDAY_TO_FRIDAY = Calendar("monday-to-friday", dt.date(1900, 1, 1), dt.date(2199, 12, 31), {}, {}, ())
"""Every day from Monday to Friday is a business day, whatever is celebrated."""


class Shift(IntEnum):
    """Where what falls on a day that is no business day moves to.

    MODIFIED_FOLLOWING and MODIFIED_PRECEDING turn round where the month would change.
    """

    NONE = 0
    FOLLOWING = 1
    MODIFIED_FOLLOWING = 2
    PRECEDING = 3
    MODIFIED_PRECEDING = 4


_FORWARD = (Shift.FOLLOWING, Shift.MODIFIED_FOLLOWING)
_MODIFIED = (Shift.MODIFIED_FOLLOWING, Shift.MODIFIED_PRECEDING)


@dataclass(frozen=True, slots=True)
class Cycle:
    """`anchor`, and every `every` units after it.

    `anchor` is a moment. `month_end`: an anchor on the last day of its month means the last day of every month. `long_stub`:
    where the cycle does not meet its end, the last regular date is left out, so that the last period is the long one;
    otherwise the last period is a short one.
    """

    anchor: int
    every: int
    unit: Unit
    long_stub: bool = False
    month_end: bool = False

    def __post_init__(self) -> None:
        if self.every < 1:
            raise ValueError(f"a cycle of {self.every} periods never ends; `every` is at least 1")

    def at(self, place: int) -> int:
        """The moment of date number `place`, from 0: always counted from the anchor, so that month ends do not drift."""
        day, end_of_day = divmod(self.anchor, 2)
        if self.unit == Unit.MONTH:
            year, month, day_of_month = civil(day)
            wanted = 31 if self.month_end and day_of_month == days_in_month(year, month) else 0
            return 2 * add_months(day, place * self.every, wanted, CLAMP) + end_of_day
        return self.anchor + 2 * place * self.every * (7 if self.unit == Unit.WEEK else 1)

    def before(self, end: int) -> list[int]:
        """The moments before `end`, in order; the stub at `end` is long or short as the cycle says."""
        moments: list[int] = []
        while (moment := self.at(len(moments))) < end:
            moments.append(moment)
        if self.long_stub and moment != end and len(moments) > 1:
            moments.pop()
        return moments


def last_until(cycle: Cycle, moment: int) -> int | None:
    """The last moment of the cycle up to and including `moment`, whatever its stub; None if there is none."""
    place = 0
    while cycle.at(place) <= moment:
        place += 1
    return cycle.at(place - 1) if place else None


def chained(cycles: Sequence[Cycle], end: int) -> list[tuple[int, int]]:
    """The moments of cycles that follow one another, each until the next one's anchor, the last until `end`.

    Pairs (moment, place of its cycle), in order.
    """
    if not cycles:
        return []
    ends = [*(cycle.anchor for cycle in cycles[1:]), end]
    return [
        (moment, place)
        for place, (cycle, until) in enumerate(zip(cycles, ends, strict=True))
        for moment in cycle.before(min(until, end))
    ]


def shifted(moment: int, shift: Shift, calendar: Calendar | None) -> int:
    """The moment moved to a business day by the `shift`; the time of the day stays."""
    if shift == Shift.NONE or calendar is None:
        return moment
    day, end_of_day = divmod(moment, 2)
    date = to_date(day)
    forward = shift in _FORWARD
    moved = calendar.adjust(date, Adjustment.FOLLOWING if forward else Adjustment.PRECEDING)
    if shift in _MODIFIED and moved.month != date.month:
        moved = calendar.adjust(date, Adjustment.PRECEDING if forward else Adjustment.FOLLOWING)
    return 2 * to_day(moved) + end_of_day
