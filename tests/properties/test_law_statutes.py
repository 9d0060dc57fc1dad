"""The packs and the gate against statutes written out in plain Python: random acts, no disagreement."""

import dataclasses
import datetime as dt
import os

import numpy as np
import pytest

from forbear.law.batch import judge_batch
from forbear.law.packs import load
from forbear.law.resolver import resolve
from forbear.law.vocabulary import UNKNOWN
from tests.support.law_acts import draw, moment
from tests.support.statutes import RULES

KINDS = ("message", "call", "call", "voice_robot", "visit", "contact_third_person", "report_to_bureau")
FACTS = {
    "addressee": (
        "debtor",
        "debtor",
        "debtor",
        "spouse",
        "attorney",
        "unrelated_person",
        "contact_person",
        None,
    ),
    "purpose": ("collection", "collection", "locate", "dispute", None),
    "time_consented": ("no", "no", "no", "yes", None),
    "hours_agreed": ("no", "no", "yes", None),
    "count_agreed": ("no", "no", "no", "yes"),
    "third_person_consent": ("no", "yes", None),
    "third_person_refused": ("no", "yes", None),
    "third_person_offered": ("no", "no", "yes"),
    "discloses_debt": ("no", "yes", None),
    "spoke_with_debtor": ("no", "no", "yes"),
    "notice_undelivered": ("no", "no", "yes"),
    "notice_on": (None, *(f"2026-03-{day:02}" for day in range(1, 29))),
}
ZONES = {"us": ("America/New_York", "America/Denver", "America/Los_Angeles"), "cn": ("Asia/Shanghai",)}
SILENCE = {
    "time_consented": "no", "hours_agreed": "no", "count_agreed": "no", "third_person_refused": "no",
    "third_person_offered": "no", "spoke_with_debtor": "no", "notice_undelivered": "no",
}  # fmt: skip


def plain(drawn, index):
    """One act and its contacts as dicts of words, for the statutes."""
    columns = drawn.words.columns
    act = {"kind": columns["act"].text(int(drawn.acts.kind[index])), "at": moment(drawn.acts.at[index])}
    act["zones"] = [drawn.acts.zone_names[zone] for zone in drawn.acts.zones[index] if zone >= 0]
    act |= {"debt": 1, "person": 1, **SILENCE}
    for name, values in drawn.facts.items():
        if values[index] != UNKNOWN:
            act[name] = columns[name].text(int(values[index]))
    if "notice_on" in act:
        act["notice_on"] = dt.date.fromisoformat(act["notice_on"])
    rows = range(int(drawn.histories.start[index]), int(drawn.histories.start[index + 1]))
    return act, [plain_contact(drawn, row) for row in rows]


def plain_contact(drawn, row):
    found = {"at": moment(drawn.contacts["at"][row]), "shared": "no", "misdirected": "no", "consent": "no"}
    for name, values in drawn.fields.items():
        if values[row] != UNKNOWN:
            found[name] = drawn.words.history[name].text(int(values[row]))
    for name in ("debt", "person"):
        if drawn.contacts[name][row] >= 0:
            found[name] = int(drawn.contacts[name][row])
    if drawn.contacts["lasted"][row] != UNKNOWN:
        found["lasted"] = int(drawn.contacts["lasted"][row])
    if drawn.contacts["consent_until"][row] != UNKNOWN:
        found["consent_until"] = dt.date(1970, 1, 1) + dt.timedelta(
            days=int(drawn.contacts["consent_until"][row])
        )
    return found


def disagreements(place, count, seed):
    """The acts on which a statute and the packs differ."""
    packs = load()
    around = dt.date(2026, 3, 5)  # clocks in the United States go forward on 8 March 2026
    drawn = draw(packs, count, seed, around=around, zone_names=ZONES[place], kinds=KINDS, facts=FACTS)
    rules = resolve(
        packs, jurisdictions=[place], product="consumer_loan", role="third_party_collector", on=around
    )
    cases = [plain(drawn, index) for index in range(count)]
    told = []
    for statute, names in RULES[place].items():
        chosen = tuple(each for each in rules.gate if each.rule.id in names)
        assert {each.rule.id for each in chosen} == set(names), (
            f"{statute.__name__} names a rule that is not in force"
        )
        broken = (
            judge_batch(
                drawn.acts, drawn.histories, drawn.facts, dataclasses.replace(rules, gate=chosen)
            ).decisive
            >= 0
        )
        wanted = np.array([statute(act, history) for act, history in cases])
        assert 0 < wanted.sum() < count, f"{statute.__name__} is not tried both ways"
        told += [
            (statute.__name__, bool(broken[index]), *cases[index])
            for index in np.flatnonzero(broken != wanted)[:1]
        ]
    return told


@pytest.mark.parametrize("place", sorted(RULES))
def test_packs_say_what_the_statutes_say(place):
    assert not disagreements(place, 10_000, seed=20_260_305)


@pytest.mark.long
@pytest.mark.parametrize("part", range(int(os.environ.get("FORBEAR_LAW_PARTS", "25"))))
@pytest.mark.parametrize("place", sorted(RULES))
def test_a_million_acts_without_disagreement(place, part):
    """Half a million in each place, in parts, so that memory stays small."""
    assert not disagreements(place, 20_000, seed=part)
