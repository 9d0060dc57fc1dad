"""Booking dates of accrued interest, against the calendar of the standard library."""

import datetime as dt

import pytest

from forbear.engine.booking import Booking, booking_days
from forbear.kernel.days import to_date, to_day

START, UNTIL = to_day(dt.date(2024, 1, 20)), to_day(dt.date(2024, 3, 20))  # over the end of a leap February
DUE = [to_day(dt.date(2024, 2, 10)), to_day(dt.date(2024, 3, 1))]


def dates(booking: Booking, **more) -> list[str]:
    return [to_date(day).isoformat() for day in booking_days(booking, START, UNTIL, **more)]


def test_daily_is_every_day_from_the_start_to_before_the_end() -> None:
    assert booking_days(Booking.DAILY, START, UNTIL) == list(range(START, UNTIL))


def test_weekly_is_every_sunday() -> None:
    assert booking_days(Booking.WEEKLY, START, UNTIL) == [
        day for day in range(START, UNTIL) if to_date(day).isoweekday() == 7
    ]


def test_monthly_is_the_last_day_of_each_month_and_the_day_before_each_due_date() -> None:
    assert dates(Booking.MONTHLY) == ["2024-01-31", "2024-02-29"]
    assert dates(Booking.MONTHLY, due_on=DUE) == ["2024-01-31", "2024-02-09", "2024-02-29"]


@pytest.mark.parametrize("booking", [Booking.DAILY, Booking.WEEKLY])
def test_due_dates_add_no_day_to_the_other_ways(booking: Booking) -> None:
    assert booking_days(booking, START, UNTIL, DUE) == booking_days(booking, START, UNTIL)


def test_the_last_day_booked_is_the_one_on_which_accrual_stops() -> None:
    frozen = to_day(dt.date(2024, 2, 9))
    assert dates(Booking.MONTHLY, due_on=DUE, frozen_on=frozen) == ["2024-01-31", "2024-02-09"]
    assert dates(Booking.MONTHLY, due_on=DUE, frozen_on=frozen - 1) == ["2024-01-31"]
    assert booking_days(Booking.DAILY, START, UNTIL, frozen_on=frozen)[-1] == frozen


def test_a_stop_after_the_end_adds_nothing() -> None:
    assert booking_days(Booking.DAILY, START, UNTIL, frozen_on=UNTIL + 5)[-1] == UNTIL - 1
