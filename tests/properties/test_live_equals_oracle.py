"""The compiled live schedule equals the oracle: exact fractions, written from docs/algorithms/live-schedule.md alone."""

import random

import pytest

from forbear.engine.live import deferred
from forbear.engine.live.door import fold_live
from tests.support.live.cases import FIRST, random_live_case
from tests.support.live.fold import Loan
from tests.support.live.income import recognised

PART = 50


def by_oracle(terms, entries, as_of):
    """Rows, outcomes and what is over, in plain numbers."""
    loan = Loan(terms, entries).run(as_of)
    rows = [
        (r.start, r.due, r.down, r.extra, r.met_on, r.early, r.late, r.claimed, r.paid, r.waived, r.taken)
        for r in loan.rows
    ]
    outcomes = {s: (o.amount, o.over, o.fees, o.portions, o.absorbed) for s, o in loan.outcomes.items()}
    charges = {c.entry.sequence: (c.amount, c.paid, c.waived) for c in loan.charges}
    return rows, outcomes, charges, loan.over, recognised(entries, last_due(rows), as_of)


def last_due(rows):
    """The last planned due date."""
    return max((due for _start, due, _down, extra, *_ in rows if not extra), default=FIRST)


def by_engine(terms, entries, as_of):
    """The same, by the engine."""
    loan = fold_live(terms, entries, as_of)
    rows = [
        (
            *(int(r["start"]), int(r["due"]), bool(r["down"]), bool(r["extra"])),
            *(int(r["met_on"]) if r["met"] else None, int(r["early"]), int(r["late"])),
            *([int(v) for v in r[name]] for name in ("claimed", "paid", "waived", "taken")),
        )
        for r in loan.rows
    ]
    sequences = [int(s) for s in loan.desk.entries["sequence"]]
    outcomes = {}
    for place, s in enumerate(sequences):
        o = loan.desk.outcomes[place]
        quads = ([int(v) for v in o[name]] for name in ("portions", "absorbed"))
        outcomes[s] = (int(o["amount"]), int(o["over"]), int(o["fees"]), *quads)
    charges = {
        sequences[c["entry"]]: (int(c["amount"]), int(c["paid"]), int(c["waived"])) for c in loan.charges
    }
    income = {
        item.sequence: deferred.recognised(item, last_due(rows), as_of)
        for item in deferred.deferred(entries)
        if item.on <= as_of
    }
    return rows, outcomes, charges, loan.over, income


def compare(seeds):
    """Fold a loan of each seed by both; name the first difference of each on which they differ."""
    different = {}
    for seed in seeds:
        case = random_live_case(random.Random(seed))
        wanted, told = by_oracle(*case), by_engine(*case)
        wanted = (wanted[0], {k: v for k, v in wanted[1].items() if k in told[1]}, *wanted[2:])
        kept = {k: v for k, v in told[1].items() if k in wanted[1]}
        for name, a, b in zip(
            ("rows", "outcomes", "charges", "over", "income"), (told[0], kept, *told[2:]), wanted, strict=True
        ):
            if a != b:
                different[seed] = (name, a, b)
                break
    assert not different, (
        f"{len(different)}: seed: (what, engine, oracle): {dict(list(different.items())[:3])}"
    )


ONCE_DIFFERENT = (106, 329, 1593, 1662, 2655, 2846, 3517, 6191, 10448, 11022)


def test_what_once_differed_is_equal():
    compare(ONCE_DIFFERENT)


@pytest.mark.parametrize("part", range(6))
def test_equals_the_oracle(part):
    compare(range(part * PART, (part + 1) * PART))


@pytest.mark.long
@pytest.mark.parametrize("part", range(100))
def test_equals_the_oracle_long(part):
    first = 10**6 + part * 10 * PART
    compare(range(first, first + 10 * PART))
