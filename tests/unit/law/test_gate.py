"""What the gate answers, rule form by rule form and where rules meet, on packs that are written here."""

import dataclasses
import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from forbear.law.act import Act, Contact
from forbear.law.gate import judge
from forbear.law.record import Record
from forbear.law.resolver import resolve
from forbear.law.schema import Outcome
from forbear.law.words import as_data, explain
from tests.unit.law.pack import pack

EAST = ZoneInfo("America/New_York")
NOON = dt.datetime(2026, 11, 20, 12, tzinfo=EAST)
HOURS = """form: window
modality: must_not
applies: {act: call}
values:
  - {from: 2020-01-01, confidence: high, source: act, pinpoint: "2",
     value: {opens: "08:00", closes: "21:00", opens_at: included, closes_at: excluded}}
"""
PER_DAY = """form: count
modality: must_not
applies: {act: call}
counts: {kind: call}
per: person
within: {calendar: day}
values: [{from: 2020-01-01, confidence: high, source: act, pinpoint: "3", value: "2"}]
"""
DEAD = """form: forbids
modality: must_not
applies: {act: call}
when: {fact: secured, is: "yes"}
values: [{from: 2020-01-01, confidence: high, source: act, pinpoint: "4"}]
"""


def ask(packs, at=NOON, *, act=None, history=(), facts=None, places=("xx",), on=None, known_on=None):
    rules = resolve(
        packs,
        jurisdictions=places,
        product="consumer_loan",
        role="servicer",
        on=on or at.date(),
        known_on=known_on,
    )
    known = {"secured": False, **(facts or {})}
    act = act or Act("call", {"addressee": "debtor"}, "debt", "person", "point", (EAST.key,))
    return judge(act, history, known, rules, at)


def calls(*hours, **said):
    return [Contact(NOON.replace(hour=hour), "call", said, "debt", "person", "point") for hour in hours]


def ids(findings):
    return [finding.standing.rule.id.rpartition(".")[2] for finding in findings]


class TestGrounds:
    def test_what_has_a_ground_and_breaks_nothing_is_allowed(self):
        verdict = ask(pack())
        assert verdict.outcome == Outcome.ALLOWED
        assert ids(verdict.deciding) == ["ground"]
        assert verdict.earliest == NOON

    def test_what_has_none_is_prohibited_and_time_does_not_help(self):
        verdict = ask(pack(), act=Act("restriction", {"target": "repayment_entry"}))
        assert verdict.outcome == Outcome.PROHIBITED
        assert not verdict.grounded
        assert verdict.earliest is None
        assert verdict.deciding == ()

    def test_each_topmost_law_needs_its_own(self):
        packs = pack(
            ("xx", "yy"),
            yy__only="form: permits\nmodality: may\napplies: {act: letter}\n" + DEAD[DEAD.index("values") :],
        )
        letter = Act("letter", {"addressee": "debtor"})
        assert ask(packs, act=letter, places=("yy",)).outcome == Outcome.ALLOWED
        assert ask(packs, act=letter, places=("xx", "yy")).outcome == Outcome.PROHIBITED

    def test_the_law_above_gives_grounds_to_the_law_below(self):
        packs = pack(("xx", "xx-city"), parents={"xx-city": "xx"})
        assert ask(packs, places=("xx-city",)).grounded


class TestTime:
    @pytest.mark.parametrize(
        ("clock", "outcome"),
        [
            ("07:59:59", Outcome.PROHIBITED),
            ("08:00:00", Outcome.ALLOWED),
            ("20:59:59", Outcome.ALLOWED),
            ("21:00:00", Outcome.PROHIBITED),
        ],
    )
    def test_the_ends_of_a_window_are_as_they_say(self, clock, outcome):
        at = dt.datetime.combine(NOON.date(), dt.time.fromisoformat(clock), EAST)
        assert ask(pack(hours=HOURS), at).outcome == outcome

    def test_an_unknown_zone_means_every_zone_of_the_place(self):
        at = NOON.replace(hour=9)
        verdict = ask(pack(hours=HOURS), at, act=Act("call", {"addressee": "debtor"}))
        assert verdict.outcome == Outcome.PROHIBITED
        assert verdict.missing == ("zones",)
        assert verdict.earliest == NOON.replace(hour=11)

    def test_the_first_lawful_moment_answers_to_all_rules_at_once(self):
        """At 20:00 the day's calls are used up; midnight frees the count and not the hours."""
        verdict = ask(pack(hours=HOURS, per_day=PER_DAY), NOON.replace(hour=20), history=calls(9, 10))
        assert verdict.earliest == dt.datetime(2026, 11, 21, 8, tzinfo=EAST)

    def test_waiting_does_not_cure_what_is_not_a_matter_of_time(self):
        verdict = ask(pack(hours=HOURS, dead=DEAD), NOON.replace(hour=23), facts={"secured": True})
        assert verdict.earliest is None
        assert ids(verdict.broken) == ["dead", "hours"]

    def test_days_since_a_notice_are_cured_by_waiting(self):
        waits = DEAD.replace("forbids", "requires").replace(
            '{fact: secured, is: "yes"}', '{fact: notice_on, days_since: {at_least: "14"}}'
        )
        verdict = ask(pack(waits=waits), facts={"notice_on": dt.date(2026, 11, 10)})
        assert verdict.outcome == Outcome.PROHIBITED
        assert verdict.earliest == dt.datetime(2026, 11, 24, tzinfo=EAST)


class TestCounting:
    def test_lender_and_agency_are_counted_together(self):
        history = [*calls(9, sender="lender"), *calls(10, sender="agency")]
        assert ask(pack(per_day=PER_DAY), history=history).outcome == Outcome.PROHIBITED

    def test_what_came_from_the_debtor_is_not_counted(self):
        assert ask(pack(per_day=PER_DAY), history=calls(9, 10, sender="debtor")).outcome == Outcome.ALLOWED

    def test_a_contact_of_nobody_knows_whom_counts(self):
        history = [Contact(each.at, "call") for each in calls(9, 10)]
        verdict = ask(pack(per_day=PER_DAY), history=history)
        assert verdict.outcome == Outcome.PROHIBITED
        assert verdict.missing == ("history",)

    def test_what_comes_after_the_act_does_not_count(self):
        assert ask(pack(per_day=PER_DAY), history=calls(9, 13, 14)).outcome == Outcome.ALLOWED

    def test_a_contact_repeated_for_another_debt_counts_once_for_the_person(self):
        history = [*calls(9), *calls(9, shared=True)]
        assert ask(pack(per_day=PER_DAY), history=history).outcome == Outcome.ALLOWED

    def test_a_record_can_be_made_once_and_asked_again(self):
        packs = pack(per_day=PER_DAY)
        record = Record.of(calls(9, 10), packs.vocabulary)
        assert ask(packs, history=record).outcome == ask(packs, history=calls(9, 10)).outcome


class TestSilenceAboutConversation:
    """A call of which nobody says whether it was a conversation."""

    TALKS = PER_DAY.replace("{kind: call}", '{kind: call, conversation: "yes"}')

    @pytest.mark.parametrize(
        "said",
        [
            {"result": "answered"},
            {"result": "dropped"},
            {"result": "met"},
            {"connected": True},
            {"channel": "mobile"},
            {},
        ],
    )
    def test_where_somebody_may_have_answered_nobody_knows(self, said):
        verdict = ask(pack(talks=self.TALKS), history=calls(9, 10, **said))
        assert verdict.outcome == Outcome.PROHIBITED
        assert verdict.missing == ("history",)

    @pytest.mark.parametrize(
        "said",
        [
            {"result": "no_answer"},
            {"result": "busy"},
            {"result": "voicemail", "connected": True},
            {"connected": False},
            {"channel": "email"},
            {"conversation": False, "result": "answered"},
        ],
    )
    def test_where_nobody_answered_there_was_none(self, said):
        verdict = ask(pack(talks=self.TALKS), history=calls(9, 10, **said))
        assert (verdict.outcome, verdict.missing) == (Outcome.ALLOWED, ())

    @pytest.mark.parametrize(("lasted", "outcome"), [(0, Outcome.ALLOWED), (1, Outcome.PROHIBITED)])
    def test_a_call_that_lasted_a_while_may_have_been_one(self, lasted, outcome):
        history = [dataclasses.replace(each, lasted=lasted) for each in calls(9, 10)]
        assert ask(pack(talks=self.TALKS), history=history).outcome == outcome

    def test_the_answer_says_how_many_are_not_sure(self):
        history = [*calls(9, conversation=True), *calls(10, result="answered")]
        told = {
            language: explain(ask(pack(talks=self.TALKS), history=history), language)
            for language in ("en", "zh")
        }
        assert "2 counted before this one (1 of them not known for sure), at most 2 in all" in told["en"]
        assert "此前已计 2 次（其中 1 次不能确定），合计最多 2 次" in told["zh"]

    def test_one_that_was_said_to_be_is_sure(self):
        verdict = ask(pack(talks=self.TALKS), history=calls(9, 10, conversation=True))
        assert (verdict.outcome, verdict.missing) == (Outcome.PROHIBITED, ())

    def test_it_leaves_a_consent_in_doubt(self):
        """Consent on the 18th; an answered call on the 19th may have ended it."""
        rule = PER_DAY.replace("{calendar: day}", '{days: "7"}\nexcept_consent_days: "7"')
        consent = Contact(NOON.replace(day=18), "inbound", {"sender": "debtor", "consent": True, "channel": "email"},
                          "debt", "person", "point")  # fmt: skip
        packs = pack(per_day=rule)

        def asked(**said):
            later = [
                Contact(NOON.replace(day=19, hour=hour), "call", said, "debt", "person", "point")
                for hour in (9, 10, 11)
            ]
            return ask(packs, history=[consent, *later])

        assert asked(result="no_answer").outcome == Outcome.ALLOWED
        assert asked(result="answered").outcome == Outcome.PROHIBITED
        assert asked(result="answered").missing == ("history",)
        assert asked(result="answered", conversation=True).missing == ()


class TestUnknown:
    def test_a_prohibition_applies_and_says_what_is_missing(self):
        verdict = ask(pack(dead=DEAD), facts={"secured": None})
        assert verdict.outcome == Outcome.PROHIBITED
        assert verdict.missing == ("secured",)
        assert verdict.broken[0].unsure

    def test_an_exception_is_not_available(self):
        rule = DEAD.replace("when:", 'unless: {fact: contract_allows, is: "yes"}\nwhen:')
        assert ask(pack(dead=rule), facts={"secured": True}).missing == ("contract_allows",)
        assert (
            ask(pack(dead=rule), facts={"secured": True, "contract_allows": True}).outcome == Outcome.ALLOWED
        )

    def test_what_does_not_matter_is_not_missing(self):
        rule = DEAD.replace(
            '{fact: secured, is: "yes"}', '{all: [{fact: sold, is: "yes"}, {fact: secured, is: "yes"}]}'
        )
        verdict = ask(pack(dead=rule), facts={"secured": None, "sold": False})
        assert verdict.outcome == Outcome.ALLOWED
        assert verdict.missing == ()


class TestStrength:
    def test_preferably_not_is_a_presumed_violation(self):
        assert (
            ask(pack(dead=DEAD.replace("must_not", "preferably_not")), facts={"secured": True}).outcome
            == Outcome.PRESUMED_VIOLATION
        )

    def test_the_strictest_broken_rule_stands_first(self):
        packs = pack(mild=DEAD.replace("must_not", "preferably_not"), strict=DEAD)
        assert ids(ask(packs, facts={"secured": True}).deciding) == ["strict", "mild"]

    def test_keeping_a_presumption_is_presumed_compliance(self):
        rule = PER_DAY.replace(
            "modality", "breach: presumed_violation\ncompliance: presumed_compliant\nmodality"
        )
        assert ask(pack(per_day=rule)).outcome == Outcome.PRESUMED_COMPLIANT
        assert ask(pack(per_day=rule), history=calls(9, 10)).outcome == Outcome.PRESUMED_VIOLATION

    @pytest.mark.parametrize(
        ("secured", "barred", "reached"),
        [
            (True, True, True),
            (False, True, False),
            (None, True, False),
            (True, None, False),
            (True, False, False),
        ],
    )
    def test_a_safe_harbour_that_was_not_reached_is_no_rule_kept(self, secured, barred, reached):
        """Whether its condition fails, cannot be told, or whether it applies at all cannot."""
        harbour = DEAD.replace("forbids", "presumes").replace("must_not", "should")
        harbour = harbour.replace("when:", "presumption: presumed_compliant\nwhen:")
        harbour = harbour.replace("{act: call}", '{act: call, where: {fact: time_barred, is: "yes"}}')
        verdict = ask(pack(harbour=harbour), facts={"secured": secured, "time_barred": barred})
        assert verdict.outcome == (Outcome.PRESUMED_COMPLIANT if reached else Outcome.ALLOWED)
        assert ids(verdict.findings) == (
            [*ids(verdict.grounds), "harbour"] if reached else ids(verdict.grounds)
        )
        assert as_data(verdict)["kept"] == []
        assert ("harbour" in explain(verdict, full=True)) == reached

    def test_a_draft_decides_nothing_and_is_told(self):
        bill = DEAD.replace("source: act", "source: bill, status: draft")
        verdict = ask(pack(dead=bill), facts={"secured": True})
        assert verdict.outcome == Outcome.ALLOWED
        assert ids(verdict.drafts) == ["dead"]


class TestTwoTimeAxes:
    RULE = PER_DAY.replace(
        "values: [{from: 2020-01-01, ",
        'values: [{from: 2020-01-01, until: 2026-11-01, confidence: high, source: act, pinpoint: "3", value: "9"}, '
        "{from: 2026-11-01, known_from: 2026-11-15, ",
    )

    def test_a_value_holds_from_its_first_day_until_the_day_before_its_end(self):
        packs = pack(per_day=self.RULE)
        on = {
            day: ask(packs, on=day, history=calls(9, 10), known_on=dt.date(2026, 12, 1)).outcome
            for day in (dt.date(2026, 10, 31), dt.date(2026, 11, 1))
        }
        assert list(on.values()) == [Outcome.ALLOWED, Outcome.PROHIBITED]

    def test_what_was_not_known_yet_did_not_decide(self):
        packs = pack(per_day=self.RULE)
        assert ask(packs, history=calls(9, 10), known_on=dt.date(2026, 11, 14)).outcome == Outcome.ALLOWED
        assert ask(packs, history=calls(9, 10), known_on=dt.date(2026, 11, 15)).outcome == Outcome.PROHIBITED


class TestRefusals:
    def test_words_that_nobody_knows_are_refused_with_the_way_to_mend(self):
        packs = pack()
        with pytest.raises(ValueError, match="act knows no 'phone'; use one of message, call"):
            ask(packs, act=Act("phone"))
        with pytest.raises(ValueError, match="unknown fact 'mood'"):
            ask(packs, facts={"mood": "good"})
        with pytest.raises(ValueError, match="a contact has no 'mood'"):
            ask(packs, history=calls(9, mood="good"))

    def test_a_moment_without_zone_is_refused(self):
        with pytest.raises(ValueError, match="does not say in which time zone; add an offset"):
            ask(pack(), at=NOON.replace(tzinfo=None))

    def test_an_unknown_place_product_or_role_is_refused(self):
        packs = pack()
        with pytest.raises(LookupError, match="no jurisdiction 'zz'; there are xx"):
            ask(packs, places=("zz",))
        with pytest.raises(LookupError, match="product knows no 'boat'"):
            resolve(packs, jurisdictions=["xx"], product="boat", role="servicer", on=NOON.date())


class TestRuleSet:
    def test_the_same_question_gives_the_same_object(self):
        packs = pack()
        asked = {"jurisdictions": ["xx"], "product": "mortgage", "role": "servicer", "on": NOON.date()}
        assert resolve(packs, **asked) is resolve(packs, **asked)

    def test_rules_of_another_product_or_role_are_left_out(self):
        packs = pack(dead=DEAD.replace("act: call}", "act: call, product: mortgage}"))
        assert ask(packs, facts={"secured": True}).outcome == Outcome.ALLOWED
