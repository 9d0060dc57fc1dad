"""Dates, months' ends and day counts, by example."""

import datetime as dt

import numpy as np
import pytest

from forbear.kernel.daycounts import DayCount, denominator, index, weight
from forbear.kernel.days import MonthEnd, add_months, to_date, to_day


def day(text):
    return to_day(dt.date.fromisoformat(text))


@pytest.mark.parametrize(
    ("start", "months", "anchor", "month_end", "expected"),
    [
        ("2025-01-31", 1, 0, MonthEnd.CLAMP, "2025-02-28"),
        ("2025-01-31", 1, 0, MonthEnd.ROLL, "2025-03-01"),
        ("2024-01-31", 1, 0, MonthEnd.CLAMP, "2024-02-29"),
        ("2024-01-30", 1, 0, MonthEnd.ROLL, "2024-03-01"),
        ("2025-01-31", 3, 0, MonthEnd.ROLL, "2025-05-01"),
        ("2025-02-28", 1, 31, MonthEnd.CLAMP, "2025-03-31"),
        ("2025-12-31", 2, 0, MonthEnd.CLAMP, "2026-02-28"),
        ("2025-03-31", -1, 0, MonthEnd.CLAMP, "2025-02-28"),
        ("2025-01-05", 0, 20, MonthEnd.CLAMP, "2025-01-20"),
        ("2025-01-31", 1, 1, MonthEnd.CLAMP, "2025-02-01"),
    ],
)
def test_months_end_by_the_named_rule(start, months, anchor, month_end, expected):
    assert to_date(add_months(day(start), months, anchor, month_end)) == dt.date.fromisoformat(expected)


def test_dates_are_plain_and_within_three_centuries():
    assert to_day(dt.date(1970, 1, 1)) == 0
    assert to_date(np.int64(-1)) == dt.date(1969, 12, 31)
    assert to_day(dt.date(1900, 1, 1)) == -25567
    assert to_date(84005) == dt.date(2199, 12, 31)
    with pytest.raises(OverflowError, match=r"2200-01-01 is outside 1900-01-01 \.\. 2199-12-31"):
        to_day(dt.date(2200, 1, 1))
    with pytest.raises(OverflowError, match="day number -25568 is outside"):
        to_date(-25568)
    with pytest.raises(TypeError, match="not a plain date"):
        to_day(dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    with pytest.raises(TypeError, match="'2026-01-01' is not a plain date"):
        to_day("2026-01-01")


# Thirty-day months: the 2006 ISDA Definitions leave February alone in both conventions.
@pytest.mark.parametrize(
    ("start", "end", "us", "european"),
    [
        ("2007-01-15", "2007-01-31", 16, 15),
        ("2007-01-30", "2007-01-31", 0, 0),
        ("2007-01-31", "2007-02-28", 28, 28),
        ("2007-02-28", "2007-03-31", 33, 32),
        ("2008-02-29", "2008-03-31", 32, 31),
        ("2007-08-31", "2008-02-29", 179, 179),
        ("2006-09-30", "2006-10-31", 30, 30),
        ("2007-01-01", "2008-01-01", 360, 360),
    ],
)
def test_thirty_day_months(start, end, us, european):
    assert weight(DayCount.THIRTY_360_US, day(start), day(start), day(end)) == us
    assert weight(DayCount.THIRTY_E_360, day(start), day(start), day(end)) == european


def test_actual_actual_splits_at_the_new_year():
    # ISDA's own example: 1 November 2003 to 1 May 2004 is 61/365 + 121/366.
    start, end = day("2003-11-01"), day("2004-05-01")
    assert weight(DayCount.ACT_ACT_ISDA, start, start, end) == 61 * 366 + 121 * 365
    assert [denominator(each) for each in DayCount] == [365, 360, 365 * 366, 360, 360, 1]


def test_an_index_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="use index_in_period"):
        index(DayCount.THIRTY_360_US, 0)
    with pytest.raises(ValueError, match="unknown day count"):
        index(6, 0)
    with pytest.raises(ValueError, match="unknown day count"):
        denominator(-1)
