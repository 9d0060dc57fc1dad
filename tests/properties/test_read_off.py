"""A stored position, read off on any day before its next event, is the fold's of that day: in every field that has come to it."""

import random

import pytest

from forbear.engine.batch import fold, read_off_at
from forbear.engine.layout import POSITION
from tests.support.cases import random_case
from tests.support.changing import changing_case
from tests.support.engine import batch_of

CASES = 300
LINES = ("interest", "penalty", "cap")
MOVING = {"as_of", *(f"{line}_{part}" for line in LINES for part in ("whole", "remainder"))}
COMPARED = [name for name in POSITION.names if name not in MOVING]


def compare(seeds, make):
    """Fold a loan of each seed to some days; read it off on others before the next event, the last of them above all."""
    found = {}
    for seed in seeds:
        rng = random.Random(seed)
        case = make(rng)
        batch = batch_of([case])
        for day in case.days(rng):
            stored = fold(batch, day)
            end = min(int(stored["next_event_on"][0]), day + 400)
            for later in {rng.randint(day, end - 1), end - 1}:
                read, anew = read_off_at(stored, later), fold(batch, later)
                differ = {n: (int(read[n][0]), int(anew[n][0])) for n in COMPARED if read[n][0] != anew[n][0]}
                if differ:
                    found[seed, day, later] = differ
    assert not found, f"{len(found)}: (seed, stored, read): (stored, folded): {dict(list(found.items())[:3])}"


@pytest.mark.parametrize("make", [random_case, changing_case])
def test_what_is_read_off_is_what_would_be_folded(make):
    compare(range(CASES), make)
