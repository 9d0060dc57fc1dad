"""Booking dates: the days on which accrued interest is written into the accounts (计提日).

The position needs none of them, as it is derived from dates; the ledger of a lender does. docs/algorithms/contracts.md,
section 6.
"""

from collections.abc import Iterable
from enum import IntEnum

from forbear.kernel.days import civil, weekday


class Booking(IntEnum):
    """How often accrued interest is booked: DAILY, WEEKLY on Sundays, MONTHLY on the last day of each month."""

    DAILY = 0
    WEEKLY = 1
    MONTHLY = 2


SUNDAY = 6


def booking_days(
    booking: Booking, start: int, until: int, due_on: Iterable[int] = (), frozen_on: int | None = None
) -> list[int]:
    """The days in [start, until) on which interest is booked, in order.

    With MONTHLY the day before each due date is one of them, so that an instalment finds its interest booked. Nothing is
    booked after the day `frozen_on`, on which accrual stops.
    """
    before_due = {day - 1 for day in due_on} if booking == Booking.MONTHLY else set()
    end = until if frozen_on is None else min(until, frozen_on + 1)
    return [day for day in range(start, end) if _is_booked(booking, day) or day in before_due]


def _is_booked(booking: Booking, day: int) -> bool:
    if booking == Booking.DAILY:
        return True
    if booking == Booking.WEEKLY:
        return weekday(day) == SUNDAY
    return civil(day + 1)[2] == 1
