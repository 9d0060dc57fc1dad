"""The worked examples of 12 CFR 1006.14(b), as rows of dates: the strictest answer along each row is the expected one."""

import datetime as dt
import json
import os
import pathlib
from zoneinfo import ZoneInfo

import pytest

from forbear.law.act import Act, Contact
from forbear.law.gate import judge
from forbear.law.packs import load
from forbear.law.resolver import resolve
from forbear.law.schema import Outcome

ROOT = pathlib.Path(__file__).resolve().parents[2]
CORPUS = (
    pathlib.Path(os.environ.get("FORBEAR_CORPORA", ROOT.parent / "shared" / "corpora"))
    / "regf_call_frequency.json"
)
HERE = ZoneInfo("America/New_York")
ROWS = json.loads(CORPUS.read_text(encoding="utf-8")) if CORPUS.is_file() else []


def moment(day, minute):
    return dt.datetime.combine(dt.date.fromisoformat(day), dt.time(10), HERE) + dt.timedelta(minutes=minute)


def known_facts(row):
    """A third person may be called for the debtor's whereabouts, once unless more is allowed: the row is about numbers."""
    if row.get("person") != "third_party_location":
        return {"addressee": "debtor"}, {}
    return {"addressee": "unrelated_person", "purpose": "locate"}, {"third_person_contacted": False}


def contacts(row):
    """(moment, contact) of every call, conversation and consent of a row. A conversation on the day of a call is that call's."""
    found = []
    for minute, day in enumerate(row["calls"]):
        talked = day in row["conversations"] and row["calls"].index(day) == minute
        said = {"result": "answered" if talked else "no_answer", "conversation": talked}
        found.append(Contact(moment(day, minute), "call", said, "debt", "person", "point"))
    said = {"conversation": True, "sender": "debtor"}
    found += [
        Contact(moment(day, 0), "inbound", said, "debt", "person", "point")
        for day in row["conversations"]
        if day not in row["calls"]
    ]
    for day, until in row.get("consent", []):
        said = {"consent": True, "sender": "debtor"}
        last = dt.date.fromisoformat(until) if until else None
        found.append(Contact(moment(day, 59), "inbound", said, "debt", "person", "point", consent_until=last))
    return sorted(found, key=lambda contact: contact.at)


def numbers_only(verdict):
    """The outcome by the two rules that the corpus is about."""
    found = [
        finding.outcome
        for finding in verdict.findings
        if finding.standing.rule.id.endswith(
            (".call_frequency", ".after_conversation", ".third_person_calls")
        )
    ]
    return max(found, default=Outcome.ALLOWED)


@pytest.mark.skipif(
    not ROWS, reason="regf_call_frequency.json is not there: set FORBEAR_CORPORA to its folder"
)
class TestCallFrequency:
    @pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
    def test_example(self, row):
        fields, facts = known_facts(row)
        history = contacts(row)
        worst = Outcome.ALLOWED
        for contact in history:
            if contact.kind != "call":
                continue
            rules = resolve(
                load(),
                jurisdictions=["us"],
                product="credit_card",
                role="third_party_collector",
                on=contact.at.date(),
            )
            act = Act("call", {"channel": "mobile", **fields}, "debt", "person", "point", (HERE.key,))
            before = [each for each in history if each.at < contact.at]
            worst = max(worst, numbers_only(judge(act, before, facts, rules, contact.at)))
        assert worst.name.lower() == row["expect"]

    def test_the_corpus_is_whole(self):
        assert len(ROWS) >= 13
