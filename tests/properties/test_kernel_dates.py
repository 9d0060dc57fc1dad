"""Day numbers, day counts, ranges and calendars, against `datetime` and slow definitions."""

import calendar as month_tables
import datetime as dt
import itertools
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from forbear.kernel.calendars import Adjustment, BeyondCalendar, calendar, calendar_names
from forbear.kernel.compiled import python_form
from forbear.kernel.daycounts import DayCount, denominator, index, index_in_period, weight
from forbear.kernel.days import (
    FIRST_DATE,
    FIRST_DAY,
    LAST_DATE,
    LAST_DAY,
    MonthEnd,
    add_months,
    civil,
    day_number,
    days_in_month,
    is_leap,
    to_date,
    to_day,
    weekday,
)
from forbear.kernel.ranges import DateRange, RangeSet

DRAWN = settings.default.max_examples
MANY = settings(max_examples=DRAWN if DRAWN < 100 else max(400, DRAWN))
FORMS = (lambda f: f, python_form)
ONE_DAY = dt.timedelta(days=1)

dates = st.dates(FIRST_DATE, LAST_DATE)
# Half of all dates near a month's end, where the rules differ.
edgy_dates = st.one_of(dates, dates.map(lambda d: d.replace(day=month_tables.monthrange(d.year, d.month)[1])))


def test_every_day_of_three_centuries_converts_both_ways():
    for day in range(FIRST_DAY, LAST_DAY + 1):
        date = dt.date.fromordinal(dt.date(1970, 1, 1).toordinal() + day)
        assert civil(day) == (date.year, date.month, date.day)
        assert day_number(date.year, date.month, date.day) == day
        assert weekday(day) == date.weekday()
        assert to_date(day) == date
        assert to_day(date) == day


@MANY
@given(st.dates())
def test_uncompiled_day_numbers_agree_with_datetime_in_all_its_years(date):
    day = (date - dt.date(1970, 1, 1)).days
    for form in FORMS:
        assert form(day_number)(date.year, date.month, date.day) == day
        assert form(civil)(day) == (date.year, date.month, date.day)
        assert form(weekday)(day) == date.weekday()
        assert form(is_leap)(date.year) == month_tables.isleap(date.year)
        assert form(days_in_month)(date.year, date.month) == month_tables.monthrange(date.year, date.month)[1]


def slow_add_months(date, months, anchor, month_end):
    """One month at a time."""
    year, month = date.year, date.month
    for _ in range(abs(months)):
        month += 1 if months > 0 else -1
        if month == 13:
            year, month = year + 1, 1
        if month == 0:
            year, month = year - 1, 12
    wanted = anchor or date.day
    try:
        return dt.date(year, month, wanted)
    except ValueError:
        last = dt.date(year, month, month_tables.monthrange(year, month)[1])
        return last if month_end == MonthEnd.CLAMP else last + ONE_DAY


@MANY
@given(edgy_dates, st.integers(-600, 600), st.integers(0, 31), st.sampled_from(MonthEnd))
def test_add_months_counts_calendar_months(date, months, anchor, month_end):
    assume(1850 < date.year + months // 12 < 2250)
    expected = (slow_add_months(date, months, anchor, month_end) - dt.date(1970, 1, 1)).days
    for form in FORMS:
        assert form(add_months)(to_day(date), months, anchor, int(month_end)) == expected


def slow_weight(day_count, period_start, start, end):
    """The weight of [start, end) as a fraction of a year (of a day for DAILY), by the words of the definitions."""
    if day_count == DayCount.ACT_ACT_ISDA:
        days = [start + ONE_DAY * n for n in range((end - start).days)]
        return sum((Fraction(1, 366 if month_tables.isleap(d.year) else 365) for d in days), Fraction(0))
    if day_count in (DayCount.THIRTY_360_US, DayCount.THIRTY_E_360):
        rule = thirty_us if day_count == DayCount.THIRTY_360_US else thirty_e
        return Fraction(rule(period_start, end) - rule(period_start, start), 360)
    year = {DayCount.ACT_365F: 365, DayCount.ACT_360: 360, DayCount.DAILY: 1}[day_count]
    return Fraction((end - start).days, year)


def thirty_us(first, last):
    """2006 ISDA Definitions, 4.16(f), as written."""
    d1, d2 = first.day, last.day
    if d1 == 31:
        d1 = 30
    if d2 == 31 and d1 > 29:
        d2 = 30
    return 360 * (last.year - first.year) + 30 * (last.month - first.month) + (d2 - d1)


def thirty_e(first, last):
    """2006 ISDA Definitions, 4.16(g), as written."""
    d1, d2 = (30 if d.day == 31 else d.day for d in (first, last))
    return 360 * (last.year - first.year) + 30 * (last.month - first.month) + (d2 - d1)


@st.composite
def periods(draw):
    """A period and two days in it, in order."""
    start = draw(edgy_dates)
    assume(start < dt.date(2190, 1, 1))
    inner = sorted(draw(st.lists(st.integers(0, 1200), min_size=2, max_size=2)))
    end_of_month = draw(st.booleans())
    days = [start + ONE_DAY * n for n in inner]
    if end_of_month:
        days = [d.replace(day=month_tables.monthrange(d.year, d.month)[1]) for d in days]
    return start, *days


@MANY
@given(st.sampled_from(DayCount), periods())
def test_weights_are_those_of_the_definitions(day_count, period):
    first, start, end = period
    expected = slow_weight(day_count, first, start, end)
    for form in FORMS:
        got = form(weight)(int(day_count), to_day(first), to_day(start), to_day(end))
        assert Fraction(got, form(denominator)(int(day_count))) == expected


@MANY
@given(st.sampled_from(DayCount), edgy_dates, st.lists(edgy_dates, min_size=2, max_size=6))
def test_segments_add_up_to_their_period(day_count, first, cuts):
    mode, period_start = int(day_count), to_day(first)
    days = sorted(to_day(each) for each in cuts)
    whole = weight(mode, period_start, days[0], days[-1])
    segments = list(itertools.pairwise(days))
    assert sum(weight(mode, period_start, a, b) for a, b in segments) == whole
    for form in FORMS:
        marks = [form(index_in_period)(mode, period_start, day) for day in days]
        assert marks == sorted(marks)
        assert marks[-1] - marks[0] == whole
        if day_count != DayCount.THIRTY_360_US:
            assert form(index)(mode, days[-1]) - form(index)(mode, days[0]) == whole


# Ranges: compare with plain sets of days in a window that every range is cut to.
WINDOW = [dt.date(2024, 1, 1) + ONE_DAY * n for n in range(40)]


def members(container):
    return {day for day in WINDOW if day in container}


@st.composite
def ranges(draw):
    start = draw(st.sampled_from(WINDOW[:-1]))
    until = draw(st.one_of(st.none(), st.sampled_from(WINDOW)))
    assume(until is None or until > start)
    return DateRange(start, until)


@MANY
@given(ranges(), ranges())
def test_difference_and_intersection_are_a_partition(a, b):
    pieces = a.difference(b)
    common = a.intersection(b)
    assert members(a) - members(b) == set().union(*map(members, pieces))
    assert members(a) & members(b) == (members(common) if common else set())
    parts = [*pieces, *([common] if common else [])]
    assert sum(len(members(part)) for part in parts) == len(members(a))
    assert RangeSet(tuple(parts)) == RangeSet((a,))


@MANY
@given(ranges(), ranges())
def test_overlap_adjacency_and_cover_mean_what_they_say(a, b):
    assert a.overlaps(b) == bool(members(a) & members(b)) == b.overlaps(a)
    assert a.covers(b) == (members(b) <= members(a) and (a.until is None or b.until is not None))
    assert a.adjoins(b) == (not a.overlaps(b) and len(RangeSet((a, b)).ranges) == 1) == b.adjoins(a)
    if a.until is not None:
        assert a.days == len(members(a))


@MANY
@given(st.lists(ranges(), max_size=5), st.lists(ranges(), max_size=5))
def test_range_sets_are_sets_of_days(first, second):
    a, b = RangeSet(tuple(first)), RangeSet(tuple(second))
    assert members(a) == set().union(*map(members, first))
    assert members(a.union(b)) == members(a) | members(b)
    assert members(a.intersection(b)) == members(a) & members(b)
    assert members(a.difference(b)) == members(a) - members(b)
    assert a.difference(b).union(a.intersection(b)) == a
    assert RangeSet(tuple(reversed(first))) == a
    for left, right in zip(a.ranges, a.ranges[1:], strict=False):
        assert left.until is not None
        assert left.until < right.start


calendars = st.sampled_from(calendar_names()).map(calendar)
calendar_days = st.dates(dt.date(2008, 2, 1), dt.date(2026, 11, 30))


@MANY
@given(calendars, calendar_days)
def test_adjusting_finds_the_nearest_business_day_on_its_side(table, date):
    following = table.adjust(date, Adjustment.FOLLOWING)
    preceding = table.adjust(date, Adjustment.PRECEDING)
    modified = table.adjust(date, Adjustment.MODIFIED_FOLLOWING)
    assert preceding <= date <= following
    assert table.is_business_day(preceding)
    assert table.is_business_day(following)
    assert table.business_days_between(preceding + ONE_DAY, following) == 0
    assert modified == (following if following.month == date.month else preceding)
    assert table.adjust(date, Adjustment.UNADJUSTED) == date
    if table.is_business_day(date):
        assert preceding == date == following
    assert table.next_business_day(date) == table.adjust(date + ONE_DAY, Adjustment.FOLLOWING)
    assert table.previous_business_day(date) == table.adjust(date - ONE_DAY, Adjustment.PRECEDING)


@MANY
@given(calendars, calendar_days, st.integers(-15, 15))
def test_adding_business_days_counts_them(table, date, count):
    date = table.adjust(date, Adjustment.PRECEDING)
    assume(dt.date(2008, 3, 1) < date)
    try:
        there = table.add_business_days(date, count)
    except BeyondCalendar:
        assert date > dt.date(2026, 11, 1)
        return
    assert table.is_business_day(there)
    assert table.business_days_between(min(date, there), max(date, there)) == abs(count)
    assert table.add_business_days(there, -count) == date


@pytest.mark.parametrize("name", calendar_names())
def test_a_calendar_refuses_what_it_does_not_know(name):
    table = calendar(name)
    assert table.is_business_day(table.known_until - ONE_DAY) in (True, False)
    for beyond in (table.known_until, table.known_from - ONE_DAY):
        with pytest.raises(BeyondCalendar, match=str(table.known_until)):
            table.is_business_day(beyond)
