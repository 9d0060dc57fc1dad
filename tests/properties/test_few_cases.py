"""A few generated cases of each law: a first answer within seconds, and what mutation testing asks of each mutant."""

import random

import pytest

from forbear.engine.batch import fold
from tests.properties import test_live_equals_oracle as live_oracle
from tests.properties import test_live_positions as live_positions
from tests.properties.test_equals_oracle import compare
from tests.properties.test_laws import LAWS, SEED, check
from tests.properties.test_read_off import compare as read_off
from tests.properties.test_resumes import live as resume
from tests.support.cases import random_case
from tests.support.changing import changing_case
from tests.support.engine import batch_of, engine_position
from tests.support.restructured import restructured_case

CASES = 8
TELLING = (292, 315, 2308)
"""Seeds that reach what the first do not: interest that a grace defers, penalty still to be charged, flat draws' residues."""


@pytest.mark.parametrize("part", range(12))
@pytest.mark.parametrize("make", [random_case, changing_case, restructured_case])
def test_equals_the_oracle(make, part):
    compare(range(part * CASES, (part + 1) * CASES), make)


@pytest.mark.parametrize("make", [random_case, changing_case])
def test_equals_the_oracle_where_it_tells(make):
    compare(TELLING, make)


def test_a_batch_equals_its_loans_one_by_one():
    cases = [random_case(random.Random(seed)) for seed in range(CASES)]
    day = max(entry.effective_on for case in cases for entry in case.entries)
    together = fold(batch_of(cases), day)
    for place, case in enumerate(cases):
        alone = fold(batch_of([case]), day)
        alone["loan"] = place + 1
        assert alone.tobytes() == together[place : place + 1].tobytes(), place


@pytest.mark.parametrize("make", [random_case, changing_case, restructured_case])
def test_resumes(make):
    assert sum(resume(seed, make) for seed in range(2 * CASES)) > 0


@pytest.mark.parametrize("part", range(8))
def test_live_equals_the_oracle(part):
    live_oracle.compare(range(part * CASES, (part + 1) * CASES))


@pytest.mark.parametrize("seed", range(CASES))
def test_live_positions(seed):
    live_positions.compare([seed])


@pytest.mark.parametrize("seed", range(CASES))
def test_live_positions_untouched(seed):
    live_positions.untouched([seed])


@pytest.mark.parametrize("make", [random_case, changing_case])
@pytest.mark.parametrize("law", LAWS)
def test_law(law, make):
    check(law, make, engine_position, SEED, CASES)


@pytest.mark.parametrize("make", [random_case, changing_case])
def test_what_is_read_off_is_what_would_be_folded(make):
    read_off(range(CASES), make)


def test_live_books():
    live_positions.books(range(CASES // 2))
