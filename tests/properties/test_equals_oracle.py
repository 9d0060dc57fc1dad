"""The engine equals the oracle: exact fractions in plain Python, written from docs/algorithms/fold.md alone.

Every field of the position is compared but `next_event_on`: a day on which nothing comes of an event is still a right answer
there, and the law "untouched means unchanged" judges it.
"""

import random

import numpy as np
import pytest

from forbear.engine.batch import columns_of, desk_for, fold, fold_range
from forbear.engine.layout import POSITION
from tests.properties.seeds import FAILED_ONCE
from tests.support import oracle
from tests.support.cases import random_case
from tests.support.changing import changing_case
from tests.support.engine import advance_in_steps, batch_of, engine_position, in_words
from tests.support.restructured import restructured_case
from tests.support.worked import examples

PART = 1000
EXAMPLES = examples("changes.md")


def compare(seeds, make=random_case):
    """Fold a case of each seed, to a day of its own, by both; name every seed on which they differ."""
    cases = [make(random.Random(seed)) for seed in seeds]
    days = [case.days(random.Random(seed), 1)[0] for seed, case in zip(seeds, cases, strict=True)]
    batch = batch_of(cases)
    columns, desk, out = columns_of(batch), desk_for(batch), np.zeros(len(cases), POSITION).view(np.recarray)
    different = {}
    for place, (seed, case, day) in enumerate(zip(seeds, cases, days, strict=True)):
        fold_range(columns, desk, place, place + 1, day, out)
        told, wanted = in_words(out[place]), oracle.position(case.terms, case.entries, day)
        fields = {k: (told[k], wanted[k]) for k in told if k != "next_event_on" and told[k] != wanted[k]}
        if fields:
            different[seed, day] = fields
    assert not different, f"(seed, day): field (engine, oracle): {different}"


def test_equals_the_oracle_where_it_once_did_not():
    compare(FAILED_ONCE)


@pytest.mark.parametrize("part", range(10))
def test_equals_the_oracle(part):
    compare(range(part * PART, (part + 1) * PART))


@pytest.mark.parametrize("part", range(20))
def test_equals_the_oracle_when_terms_change(part):
    compare(range(part * PART, (part + 1) * PART), changing_case)


@pytest.mark.parametrize("part", range(6))
def test_equals_the_oracle_when_a_loan_is_restructured(part):
    compare(range(part * PART, (part + 1) * PART), restructured_case)


@pytest.mark.long
@pytest.mark.parametrize("part", range(150))
@pytest.mark.parametrize("make", [random_case, changing_case, restructured_case])
def test_equals_the_oracle_long(make, part):
    first = 10**7 + part * PART
    compare(range(first, first + PART), make)


@pytest.mark.parametrize("example", EXAMPLES, ids=[example.name for example in EXAMPLES])
def test_the_engine_equals_the_worked_tables(example):
    for day, told in example.told:
        found = engine_position(example.terms, example.entries, day)
        assert {name: found[name] for name in told} == told, day


@pytest.mark.parametrize("make", [random_case, changing_case, restructured_case])
def test_a_batch_equals_its_loans_one_by_one_and_in_threads(make):
    cases = [make(random.Random(seed)) for seed in range(500)]
    day = max(e.effective_on for case in cases for e in case.entries)
    together = fold(batch_of(cases), day)
    in_threads = fold(batch_of(cases), day, threads=2)
    assert together.tobytes() == in_threads.tobytes()
    for place, case in enumerate(cases):
        alone = fold(batch_of([case]), day)
        alone["loan"] = place + 1
        assert alone.tobytes() == together[place : place + 1].tobytes(), place


@pytest.mark.parametrize("make", [random_case, changing_case, restructured_case])
def test_folding_on_equals_folding_at_once(make):
    """The law of the split: to b and then on to c is to c. `fold_range` starts anew; `advance` goes on."""
    for seed in range(2000):
        rng = random.Random(seed)
        case = make(rng)
        steps = sorted(case.days(rng, 5))
        at_once = fold(batch_of([case]), steps[-1])
        assert advance_in_steps(case, steps).tobytes() == at_once.tobytes(), seed
