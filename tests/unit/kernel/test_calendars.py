"""Known facts about the packaged calendars, and one malformed table for each refusal."""

import datetime as dt

import pytest

from forbear.kernel.calendars import (
    Adjustment,
    BeyondCalendar,
    CalendarError,
    calendar,
    calendar_names,
    read_calendar,
)

WORKS, RESTS = True, False


@pytest.mark.parametrize(
    ("name", "date", "fact"),
    [
        ("china", "2024-02-04", WORKS),  # Sunday before the Spring Festival
        ("china", "2024-02-09", WORKS),  # the eve of 2024 was left to employers, "encouraged" only
        ("china", "2025-01-28", RESTS),  # from 2025 the eve is a holiday by order 795
        ("china", "2026-02-14", WORKS),  # Saturday
        ("china", "2026-02-28", WORKS),  # Saturday
        ("china", "2026-02-23", RESTS),
        ("china", "2026-10-07", RESTS),
        ("china", "2026-10-08", WORKS),
        ("china", "2026-10-10", WORKS),  # Saturday
        ("china", "2020-01-31", RESTS),  # Spring Festival prolonged in the epidemic
        ("china", "2020-02-01", RESTS),
        ("china", "2020-02-03", WORKS),
        ("china", "2015-09-03", RESTS),  # seventy years since the war, with 6 September worked
        ("china", "2015-09-06", WORKS),
        ("china", "2018-12-29", WORKS),  # a day of 2018 fixed by the notice for 2019
        ("us-federal", "2020-06-19", WORKS),  # Juneteenth is a holiday since 2021
        ("us-federal", "2021-06-18", RESTS),
        ("us-federal", "2023-11-10", RESTS),  # Veterans Day on a Saturday: Friday in lieu
        ("us-federal-reserve", "2023-11-10", WORKS),  # but the Reserve Banks are open
        ("us-federal-reserve", "2022-12-26", RESTS),
        ("us-federal", "2021-12-31", RESTS),
        ("us-federal", "2026-11-26", RESTS),
        ("target", "2024-03-29", RESTS),  # Good Friday
        ("target", "2024-04-01", RESTS),
        ("target", "2024-05-01", RESTS),
        ("target", "2024-10-03", WORKS),  # German Unity Day is no TARGET holiday
        ("uk", "2022-06-02", RESTS),
        ("uk", "2022-06-03", RESTS),  # Platinum Jubilee
        ("uk", "2022-05-30", WORKS),  # from which the spring holiday was moved
        ("uk", "2022-09-19", RESTS),  # State Funeral
        ("uk", "2020-05-08", RESTS),
        ("uk", "2020-05-04", WORKS),
        ("uk", "2023-05-08", RESTS),  # Coronation
        ("uk", "2026-12-28", RESTS),  # Boxing Day on a Saturday
        ("uk", "2026-11-30", WORKS),  # St Andrew is Scotland's
    ],
)
def test_known_days(name, date, fact):
    assert calendar(name).is_business_day(dt.date.fromisoformat(date)) is fact


def test_china_is_known_only_as_far_as_announced():
    with pytest.raises(
        BeyondCalendar, match=r"2027-01-01 \(excluded\), so nothing can be said of 2027-02-05"
    ):
        calendar("china").is_business_day(dt.date(2027, 2, 5))
    with pytest.raises(BeyondCalendar):
        calendar("china").next_business_day(dt.date(2026, 12, 31))
    # A weekday's own answer needs nothing beyond the table.
    assert calendar("china").adjust(dt.date(2026, 12, 31), Adjustment.FOLLOWING) == dt.date(2026, 12, 31)


def test_moving_a_due_date():
    china = calendar("china")
    national_day, saturday = dt.date(2026, 10, 1), dt.date(2026, 10, 31)
    assert china.adjust(national_day, Adjustment.FOLLOWING) == dt.date(2026, 10, 8)
    assert china.adjust(national_day, Adjustment.PRECEDING) == dt.date(2026, 9, 30)
    assert china.adjust(saturday, Adjustment.FOLLOWING) == dt.date(2026, 11, 2)
    assert china.adjust(saturday, Adjustment.MODIFIED_FOLLOWING) == dt.date(2026, 10, 30)
    assert china.add_business_days(dt.date(2026, 10, 8), 2) == dt.date(2026, 10, 10)  # a Saturday that works
    assert china.add_business_days(national_day, -1) == dt.date(2026, 9, 30)
    assert china.add_business_days(dt.date(2026, 10, 8), 0) == dt.date(2026, 10, 8)
    with pytest.raises(ValueError, match=r"2026-10-01 is not a business day in 'china'; adjust\(\) it first"):
        china.add_business_days(national_day, 0)
    assert china.business_days_between(dt.date(2026, 10, 1), dt.date(2026, 11, 1)) == 18


def test_holidays_keep_their_names():
    assert calendar("china").closed[dt.date(2026, 2, 17)] == "春节"
    assert calendar("uk").closed[dt.date(2022, 6, 3)] == "Platinum Jubilee of Elizabeth II"


@pytest.mark.parametrize("name", calendar_names())
def test_every_table_says_where_it_comes_from(name):
    table = calendar(name)
    assert table.name == name
    assert table.sources
    assert {day.year for day in table.closed} == set(range(table.known_from.year, table.known_until.year))


def test_every_chinese_year_has_its_notice_and_its_worked_weekends():
    china = calendar("china")
    years = {str(year) for year in range(china.known_from.year, china.known_until.year)}
    assert {source.split()[0] for source in china.sources} == years
    assert {str(day.year) for day in china.open} == years
    assert all(day.weekday() >= 5 for day in china.open)
    assert not set(china.open) & set(china.closed)


def test_an_unknown_calendar_lists_the_known_ones():
    with pytest.raises(LookupError, match="no calendar 'mars'; there are china, target, uk"):
        calendar("mars")


GOOD = """# calendar: test
# from: 2026-01-01
# until: 2027-01-01
# source: somewhere
date,kind,name
2026-01-01,closed,New Year
2026-01-03,open,make-up, day
"""


def test_a_table_is_read():
    table = read_calendar(GOOD, "test.csv")
    assert table.closed == {dt.date(2026, 1, 1): "New Year"}
    assert table.open == {dt.date(2026, 1, 3): "make-up, day"}
    assert table.sources == ("somewhere",)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("# source: somewhere\n", "", "test.csv: the line '# source: ...' is missing"),
        ("# until: 2027-01-01", "# until: soon", "'# until:': 'soon' is not a date"),
        ("2026-01-01,closed,New Year", "2026-1-1,closed,New Year", "test.csv:6: '2026-1-1' is not a date"),
        ("2026-01-01,closed,New Year", "2026-01-01,shut,New Year", "test.csv:6: .* with kind closed or open"),
        ("2026-01-01,closed,New Year", "2026-01-01,closed,", "test.csv:6: .* is not date,kind,name"),
        ("2026-01-01,closed,New Year", "2026-01-03,closed,New Year", "test.csv:7: 2026-01-03 is repeated"),
        ("2026-01-01,closed,New Year", "2025-12-31,closed,Eve", "test.csv:6: 2025-12-31 is .* outside"),
        ("2026-01-03,open", "2026-01-05,open", "test.csv:7: 2026-01-05 is a weekday and open anyway"),
        ("2026-01-03,open", "2027-01-03,open", "test.csv:7: 2027-01-03 is .* outside"),
    ],
)
def test_a_malformed_table_is_refused_by_file_and_line(old, new, says):
    assert old in GOOD
    with pytest.raises(CalendarError, match=says):
        read_calendar(GOOD.replace(old, new), "test.csv")
