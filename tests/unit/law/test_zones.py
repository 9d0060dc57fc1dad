"""Local time in the compiled gate is what the tz database says."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forbear.kernel.days import to_day
from forbear.law.contacts import local_day, moment_of, offset_at
from forbear.law.zones import MAX_ZONES, zone, zone_table

NAMES = (
    "Asia/Shanghai", "America/New_York", "America/Phoenix", "Europe/London", "Asia/Kolkata", "Australia/Lord_Howe",
    "Pacific/Honolulu", "America/Sao_Paulo",
)  # fmt: skip
TABLE = zone_table(NAMES)
MOMENTS = st.integers(
    int(dt.datetime(2012, 1, 1, tzinfo=dt.UTC).timestamp()),
    int(dt.datetime(2060, 1, 1, tzinfo=dt.UTC).timestamp()),
)
PLACES = st.integers(0, len(NAMES) - 1)


def there(place, moment):
    return dt.datetime.fromtimestamp(moment, zone(NAMES[place]))


class TestLocalTime:
    @given(PLACES, MOMENTS)
    def test_the_offset_is_that_of_the_tz_database(self, place, moment):
        assert offset_at(TABLE, place, moment) == there(place, moment).utcoffset().total_seconds()

    @given(PLACES, MOMENTS)
    def test_the_day_is_the_local_date(self, place, moment):
        assert local_day(TABLE, place, moment) == to_day(there(place, moment).date())

    @given(PLACES, MOMENTS, st.integers(0, 86_399))
    def test_a_local_time_leads_back_to_itself_or_lies_in_a_gap(self, place, moment, second):
        day = local_day(TABLE, place, moment)
        found = there(place, moment_of(TABLE, place, day, second))
        midnight = dt.datetime.combine(there(place, moment).date(), dt.time())
        wanted = midnight + dt.timedelta(seconds=second)
        if found.replace(tzinfo=None) != wanted:
            gap = wanted.replace(tzinfo=zone(NAMES[place]))
            assert (
                dt.datetime.fromtimestamp(gap.timestamp(), zone(NAMES[place])).replace(tzinfo=None) != wanted
            )
            assert wanted < found.replace(tzinfo=None) <= wanted + dt.timedelta(hours=1)

    def test_the_clock_put_forward_in_new_york(self):
        place, day = NAMES.index("America/New_York"), to_day(dt.date(2026, 3, 8))
        assert there(place, moment_of(TABLE, place, day, 2 * 3600 + 1800)).hour == 3


class TestTable:
    def test_an_unknown_zone_is_refused_with_a_way_to_mend(self):
        with pytest.raises(LookupError, match="write one like Asia/Shanghai"):
            zone_table(["Mars/Base"])

    def test_more_zones_than_a_set_holds_are_refused(self):
        with pytest.raises(LookupError, match="at most 62"):
            zone_table(["Asia/Shanghai"] * (MAX_ZONES + 1))
