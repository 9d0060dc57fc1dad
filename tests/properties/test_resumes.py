"""Resuming equals folding: a fold that is kept on some days and taken further is, in every byte, the fold from the beginning.

The journal arrives as it would at a lender: whatever is known on a day and reaches no further back than the day's kept state
is fed to it, everything else makes the loan be folded whole.
"""

import os
import random
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from forbear.engine.batch import Batch, Folded, fold, fold_on
from forbear.engine.kept import resumable
from forbear.engine.vocabulary import REVERSED
from tests.properties.seeds import FAILED_ONCE
from tests.support.cases import Case, random_case
from tests.support.changing import changing_case
from tests.support.engine import batch_of
from tests.support.restructured import restructured_case

CASES = int(os.environ.get("FORBEAR_RESUME_CASES", "20000"))
PART = 1000


def cuts(rng: random.Random, case) -> list[int]:
    """Days of a few day-ends, ascending, some of them one after the other."""
    days = set(case.days(rng, rng.choice((2, 4, 8))))
    days |= {day + 1 for day in rng.sample(sorted(days), len(days) // 2)}
    return sorted(days)


def feed(batch: Batch, entries: np.ndarray) -> Batch:
    """The batch of one loan with these entries instead of its own."""
    return replace(batch, entries=entries, entry_bounds=np.array([0, len(entries)], np.int64))


def known_from(rng: random.Random, entries: np.ndarray, days: list[int]) -> np.ndarray:
    """The number of the day-end that is the first to know each entry: mostly that of its date, some late, some ahead.

    A reversal is never known before its target: the store numbers entries as they are recorded, and refuses it.
    """
    on_time = np.searchsorted(days, entries["effective_on"])
    shift = [rng.choice((0, 0, 0, 0, 0, 0, 0, 1, 2, -1)) for _ in entries]
    arrives = np.maximum(on_time + shift, 0)
    for reversal in entries[entries["kind"] == REVERSED]:
        target = arrives[entries["sequence"] == reversal["target"]]
        mine = entries["sequence"] == reversal["sequence"]
        arrives[mine] = np.maximum(arrives[mine], target)
    return arrives


def live(seed: int, make: Callable[[random.Random], Case] = random_case) -> int:
    """One loan's days, resumed wherever that is possible and folded whole elsewhere; returns how often it was resumed."""
    rng = random.Random(seed)
    case = make(rng)
    batch = batch_of([case])
    entries, days = batch.entries, cuts(rng, case)
    arrives = known_from(rng, entries, days)
    before: Folded | None = None
    resumed = 0
    for number, day in enumerate(days):
        known, fresh = entries[arrives <= number], entries[arrives == number]
        wanted = fold_on(feed(batch, known), None, day)
        assert wanted.positions.tobytes() == fold(feed(batch, known), day).tobytes(), seed
        fed = feed(batch, fresh)
        if before is not None and resumable(*before, fed.entries, fed.entry_bounds)[0]:
            found = fold_on(fed, before, day)
            same(found, wanted, (seed, day))
            resumed += 1
        before = wanted
    return resumed


def same(found: Folded, wanted: Folded, where: object) -> None:
    for name in found.positions.dtype.names or ():
        assert np.array_equal(found.positions[name], wanted.positions[name]), (where, name)
    assert found.positions.tobytes() == wanted.positions.tobytes(), where
    assert states(found).tobytes() == states(wanted).tobytes(), where


def states(folded: Folded) -> np.ndarray:
    return folded.kept.packed()[1]


def test_resumed_where_it_once_failed() -> None:
    for seed in FAILED_ONCE:
        live(seed)


@pytest.mark.parametrize("part", range(CASES // PART))
def test_resumed_equals_folded(part: int) -> None:
    resumed = sum(live(seed) for seed in range(part * PART, (part + 1) * PART))
    assert resumed > PART, "most cases are resumed more than once"


@pytest.mark.parametrize("part", range(CASES // PART))
def test_resumed_equals_folded_when_terms_change(part: int) -> None:
    """A loan whose terms an entry has changed keeps no state; until then it is resumed like any other."""
    resumed = sum(live(seed, changing_case) for seed in range(part * PART, (part + 1) * PART))
    assert resumed > PART // 4


def test_resumed_equals_folded_when_a_loan_is_restructured() -> None:
    assert sum(live(seed, restructured_case) for seed in range(PART)) > PART // 4


@pytest.mark.long
@pytest.mark.parametrize("part", range(100))
def test_resumed_equals_folded_long(part: int) -> None:
    first = 10**8 + part * PART
    for seed in range(first, first + PART):
        live(seed)


def test_a_batch_resumes_some_loans_and_folds_others() -> None:
    """Each loan of a batch goes on from its own state, or from the beginning; the states' array grows as it must."""
    cases = [random_case(random.Random(seed)) for seed in range(400)]
    batch = batch_of(cases)
    day = int(np.median(batch.entries["effective_on"]))
    before = fold_on(batch, None, day)
    none = np.zeros(len(cases) + 1, np.int64)
    stays = resumable(*before, batch.entries[:0], none)
    assert 50 < stays.sum() < 350
    owner = np.repeat(np.arange(len(cases)), np.diff(batch.entry_bounds))
    fed = batch.entries[~stays[owner]]
    bounds = np.concatenate(([0], np.cumsum(np.diff(batch.entry_bounds) * ~stays)))
    some = replace(batch, entries=fed, entry_bounds=bounds)
    found = fold_on(some, Folded(before.positions, before.kept.only(stays)), day + 40)
    wanted = fold_on(batch, None, day + 40)
    assert found.positions.tobytes() == wanted.positions.tobytes()
    assert states(found).tobytes() == states(wanted).tobytes()
    assert (found.kept.ends == wanted.kept.ends).all()
