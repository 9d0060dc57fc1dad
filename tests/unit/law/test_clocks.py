"""Deadlines, limitation and retention, by hand."""

import datetime as dt

import pytest

from forbear.kernel.calendars import BeyondCalendar
from forbear.kernel.ranges import DateRange
from forbear.law.clocks import deadline, deadlines, latest, limitation
from forbear.law.packs import load
from forbear.law.resolver import resolve
from tests.unit.law.pack import pack

CLOCK = """form: clock
modality: must
starts: event
counting: {counting}
calendar: {calendar}
roll: {roll}
at_end: {{en: "It is late.", zh: "逾期。"}}
values: [{{from: 2020-01-01, confidence: high, source: act, pinpoint: "1", value: {{{value}}}}}]
"""


def day(text):
    return dt.date.fromisoformat(text)


def clock(value, counting="next_day", calendar="china", roll="none"):
    packs = pack(clock=CLOCK.format(value=value, counting=counting, calendar=calendar, roll=roll))
    return packs, packs.rules["xx.a.b.clock"]


def last_day(value, start, **said):
    return deadline(*clock(value, **said), start=day(start)).last_day.isoformat()


class TestLengths:
    def test_the_day_after_the_event_is_the_first(self):
        assert last_day('unit: days, length: "15"', "2026-03-02") == "2026-03-17"

    def test_or_the_day_of_the_event_is(self):
        assert last_day('unit: days, length: "60"', "2026-03-02", counting="day_one") == "2026-04-30"

    def test_months_end_where_the_month_does(self):
        assert last_day('unit: months, length: "1"', "2026-01-31") == "2026-02-28"

    def test_years_from_a_leap_day(self):
        assert last_day('unit: years, length: "3"', "2028-02-29") == "2031-02-28"

    def test_hours_count_as_days_begun(self):
        assert last_day('unit: hours, length: "48"', "2026-03-02", counting="moment") == "2026-03-04"

    def test_business_days_skip_the_holidays_of_the_calendar(self):
        """Thursday 15 January 2026; Monday the 19th is Martin Luther King Day."""
        assert (
            last_day('unit: business_days, length: "5"', "2026-01-15", calendar="us-federal") == "2026-01-23"
        )

    def test_the_end_rolls_to_a_business_day(self):
        assert (
            last_day('unit: days, length: "1"', "2026-10-30", calendar="us-federal", roll="following")
            == "2026-11-02"
        )

    def test_beyond_what_the_calendar_knows_nothing_is_guessed(self):
        with pytest.raises(BeyondCalendar):
            last_day('unit: business_days, length: "5"', "2190-01-15")


class TestLimitation:
    VALUE = 'unit: years, length: "3", suspension_window: "6", suspension_rest: "6", longest: "20"'

    def ends(self, interruptions=(), suspensions=()):
        found = limitation(
            *clock(self.VALUE),
            start=day("2026-03-15"),
            interruptions=[day(each) for each in interruptions],
            suspensions=[DateRange(day(start), day(until)) for start, until in suspensions],
        )
        return found.last_day.isoformat()

    def test_undisturbed(self):
        assert self.ends() == "2029-03-15"

    def test_a_demand_begins_it_anew(self):
        assert self.ends(["2028-06-01"]) == "2031-06-01"

    def test_a_demand_after_the_end_changes_nothing(self):
        assert self.ends(["2029-03-16"]) == "2029-03-15"

    def test_a_suspension_in_the_last_six_months_leaves_six_months(self):
        assert self.ends(suspensions=[("2028-12-01", "2029-02-01")]) == "2029-08-01"

    def test_an_earlier_suspension_does_not_count(self):
        assert self.ends(suspensions=[("2027-01-01", "2028-01-01")]) == "2029-03-15"

    def test_nothing_moves_the_longest_time(self):
        assert self.ends([f"20{year}-01-01" for year in range(27, 60, 2)]) == "2046-03-15"

    def test_without_a_window_the_days_of_the_suspension_are_added(self):
        packs, rule = clock('unit: years, length: "3"')
        found = limitation(
            packs,
            rule,
            start=day("2026-03-15"),
            suspensions=[DateRange(day("2027-01-01"), day("2027-01-11"))],
        )
        assert found.last_day == day("2029-03-25")

    def test_a_suspension_that_goes_on_leaves_the_end_open(self):
        with pytest.raises(ValueError, match="has no end yet; ask again"):
            limitation(
                *clock(self.VALUE), start=day("2026-03-15"), suspensions=[DateRange(day("2029-01-01"))]
            )


class TestPacked:
    def test_the_longest_retention_applies(self):
        """The standard asks for two years, the pact of 2018 for five."""
        rules = resolve(
            load(),
            jurisdictions=["cn"],
            product="consumer_loan",
            role="original_creditor",
            on=day("2026-11-20"),
        )
        found = deadlines(rules, "record_retention", start=day("2026-11-20"), facts={"lender_type": "bank"})
        assert {each.last_day.isoformat() for each in found} >= {"2028-11-20", "2031-11-20"}
        assert latest(found).last_day == day("2031-11-20")
        assert latest([]) is None

    def test_complaints_take_fifteen_thirty_or_sixty_days(self):
        rules = resolve(
            load(),
            jurisdictions=["cn"],
            product="consumer_loan",
            role="original_creditor",
            on=day("2026-03-02"),
        )
        ends = [
            deadlines(rules, "complaint_decision", start=day("2026-03-02"), facts=facts)[
                0
            ].last_day.isoformat()
            for facts in (
                {},
                {"complaint_complex": True},
                {"complaint_complex": True, "complaint_extended": True},
            )
        ]
        assert ends == ["2026-03-17", "2026-04-01", "2026-05-01"]

    def test_a_day_before_the_rule_is_refused(self):
        with pytest.raises(LookupError, match="says nothing for 2019-12-31"):
            last_day('unit: days, length: "1"', "2019-12-31")
