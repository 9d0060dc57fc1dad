"""The batch form of the gate equals the single form: on random acts, under every law that is packed."""

import datetime as dt

import numpy as np
import pytest

from forbear.law.batch import judge_batch
from forbear.law.gate import judge
from forbear.law.packs import load
from forbear.law.record import seconds
from forbear.law.resolver import resolve
from forbear.law.schema import GATE_FORMS
from forbear.law.vocabulary import UNKNOWN
from tests.support.law_acts import draw

PACKS = load()
GATED = sorted({rule.jurisdiction for rule in PACKS.rules.values() if rule.form in GATE_FORMS})
ROLES = ("original_creditor", "third_party_collector", "debt_buyer")
DAY = dt.date(2026, 10, 28)  # clocks change in Europe on the 25th and in the United States on 1 November


def random_facts():
    """Every fact and field with some of its words, unknown among them."""
    said = {}
    for name, column in PACKS.vocabulary.columns.items():
        if name in ("act", "role", "product"):
            continue
        if column.choices or column.type == "bool":
            said[name] = (None, *(column.choices or ("no", "yes", "no")))
        elif column.type == "date":
            said[name] = (None, "2026-10-20", "2026-10-27", "2026-09-01", "2021-11-05")
        else:
            said[name] = (None, "0", "1", "30", "91")
    return said


def unequal(places, role, count, seed):
    """The acts on which the two forms differ."""
    zone_names = ["Europe/London", "Asia/Kolkata", *PACKS.jurisdictions[places[0]].zones[:2]]
    kinds = tuple(PACKS.vocabulary.acts)
    drawn = draw(PACKS, count, seed, around=DAY, zone_names=zone_names, kinds=kinds, facts=random_facts())
    rules = resolve(PACKS, jurisdictions=places, product="consumer_loan", role=role, on=DAY)
    many = judge_batch(drawn.acts, drawn.histories, drawn.facts, rules)
    told = []
    for index in range(count):
        act, history, facts, at = drawn.one(index)
        one = judge(act, history, facts, rules, at)
        earliest = UNKNOWN if one.earliest is None else seconds(one.earliest)
        decisive = -1 if not one.broken else rules.gate.index(one.broken[0].standing)
        found = (int(one.outcome), decisive, bool(one.missing), earliest)
        batch = (many.outcome[index], many.decisive[index], bool(many.unsure[index]), many.earliest[index])
        if found != tuple(batch):
            told.append((index, found, tuple(batch)))
    assert len(np.unique(many.outcome)) > 1, "the acts are all judged alike"
    return told


@pytest.mark.parametrize("place", GATED)
def test_one_and_many_agree(place):
    for seed, role in enumerate(ROLES):
        assert not unequal((place,), role, 60, seed)


def test_they_agree_under_two_laws_at_once():
    assert not unequal(("us-ma", "cn"), "third_party_collector", 200, seed=11)


@pytest.mark.long
@pytest.mark.parametrize("part", range(10))
@pytest.mark.parametrize("place", ["cn", "us"])
def test_they_agree_on_a_million(place, part):
    for seed in range(5 * part, 5 * part + 5):
        assert not unequal((place,), ROLES[seed % 3], 10_000, seed)
