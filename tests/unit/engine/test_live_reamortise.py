"""Re-amortising on the live schedule, by the engine and by the oracle. docs/algorithms/live-schedule.md, section 15."""

import dataclasses
import random

import pytest

from forbear.engine.live.door import fold_live
from forbear.engine.live.presets import preset
from forbear.engine.live.terms import LiveEntry
from forbear.engine.live.vocabulary import Advance, Kind, Schedule, Spread
from forbear.engine.plan import Unit
from tests.support.live.cases import FIRST, random_live_case
from tests.support.live.dates import plus
from tests.support.live.fold import Loan

TERMS = preset("fineract-progressive", rate=700_000_000, count=6, every=1, unit=Unit.MONTH)
DUE = [plus(FIRST, k, Unit.MONTH) for k in range(7)]


def entry(sequence, kind, on, **fields):
    return LiveEntry(sequence=sequence, kind=kind, on=on, recorded_on=on, **fields)


DRAW = entry(1, Kind.DISBURSED, FIRST, amount=10_000)


def by_engine(terms, entries, as_of):
    """(claimed, paid, whether it is met) of every row, and (amount, portions) of the last entry."""
    loan = fold_live(terms, entries, as_of)
    rows = [(row["claimed"].tolist(), row["paid"].tolist(), bool(row["met"])) for row in loan.rows]
    place = loan.desk.entries["sequence"].tolist().index(entries[-1].sequence)
    out = loan.desk.outcomes[place]
    return rows, (int(out["amount"]), out["portions"].tolist())


def by_oracle(terms, entries, as_of):
    """The same, from exact fractions."""
    loan = Loan(terms, entries).run(as_of)
    rows = [(row.claimed, row.paid, row.met_on is not None) for row in loan.rows]
    out = loan.outcomes[entries[-1].sequence]
    return rows, (out.amount, out.portions)


@pytest.fixture(params=[by_engine, by_oracle])
def fold(request):
    return request.param


def spread_over(on, spread=Spread.BY_BALANCE, sequence=9):
    return entry(sequence, Kind.REAMORTISED, on, spread=spread)


@pytest.mark.parametrize("on", [FIRST, DUE[6] + 3], ids=["nothing is past due", "no row is to come"])
def test_it_has_no_effect_where_nothing_can_move(fold, on):
    rows, (amount, _) = fold(TERMS, [DRAW, spread_over(on)], on)
    assert amount == 0
    assert rows == fold(TERMS, [DRAW], on)[0]


def test_it_has_no_effect_where_all_rows_to_come_were_paid_ahead(fold):
    """Nobody would ask the principal that is past due any more."""
    last_first = dataclasses.replace(
        TERMS, rules=tuple(dataclasses.replace(rule, advance=Advance.LAST_ROW) for rule in TERMS.rules)
    )
    early = entry(2, Kind.PAID, FIRST, amount=4 * 17_01, payment=1)
    day = DUE[2] + 3
    rows, (amount, _) = fold(last_first, [DRAW, early, spread_over(day)], day)
    assert amount == 0
    assert rows == fold(last_first, [DRAW, early], day)[0]
    assert all(met for _, _, met in rows[2:])
    assert sum(claimed[0] for claimed, _, _ in rows) == 10_000


def test_a_row_due_on_the_day_is_past(fold):
    rows, (amount, portions) = fold(TERMS, [DRAW, spread_over(DUE[1])], DUE[1])
    assert (amount, portions) == (1701, [1643, 58, 0, 0])
    assert rows[0] == ([0, 0, 0, 0], [0, 0, 0, 0], True)
    assert sum(claimed[0] for claimed, _, _ in rows) == 10_000


def test_principal_past_due_is_in_the_balance_from_its_due_date_whether_or_not_it_earns(fold):
    day = DUE[2] + 10
    earns, silent = (
        fold(dataclasses.replace(TERMS, past_due_earns=earns), [DRAW, spread_over(day)], day)[0]
        for earns in (True, False)
    )
    assert [claimed for claimed, _, _ in earns] == [claimed for claimed, _, _ in silent]


def test_a_charge_stays_or_is_spread_as_the_entry_says(fold):
    fee = entry(2, Kind.FEE_CHARGED, DUE[1] + 5, amount=10_03, component=2)
    day = DUE[2] + 10
    stays, _ = fold(TERMS, [DRAW, fee, spread_over(day)], day)
    assert [claimed[2] for claimed, _, _ in stays] == [0, 1003, 0, 0, 0, 0]
    assert not stays[1][2]
    parts, (_, portions) = fold(TERMS, [DRAW, fee, spread_over(day, Spread.OVERDUE_INTEREST)], day)
    assert [claimed[2] for claimed, _, _ in parts] == [0, 0, 251, 251, 251, 250]
    assert portions[2] == 0
    paid = entry(10, Kind.PAID, DUE[3], amount=100_00, payment=1)
    rows, _ = fold(TERMS, [DRAW, fee, spread_over(day, Spread.OVERDUE_INTEREST), paid], DUE[3])
    assert rows[2][1][2] == 251


def test_what_is_open_of_a_down_payment_is_asked_by_the_rows_to_come(fold):
    terms = dataclasses.replace(TERMS, down_payment=25 * 10**8)
    day = FIRST + 10
    rows, (amount, _) = fold(terms, [DRAW, spread_over(day)], day)
    assert amount == 2500
    assert rows[0][0] == [0, 0, 0, 0]
    assert sum(claimed[0] for claimed, _, _ in rows) == 10_000


def test_a_schedule_that_follows_no_balance_moves_principal_in_equal_parts_to_the_multiple(fold):
    terms = dataclasses.replace(TERMS, schedule=Schedule.FIXED, rate=0, multiple=100, count=4)
    rows, (amount, _) = fold(terms, [DRAW, spread_over(DUE[2])], DUE[2])
    assert amount == 5000
    assert [claimed[0] for claimed, _, _ in rows] == [0, 0, 5000, 5000]
    odd = dataclasses.replace(terms, count=5)
    rows, _ = fold(odd, [DRAW, spread_over(DUE[2])], DUE[2])
    assert [claimed[0] for claimed, _, _ in rows] == [0, 0, 3300, 3300, 3400]


def test_a_later_draw_starts_from_what_the_rows_ask(fold):
    terms = dataclasses.replace(TERMS, schedule=Schedule.FIXED, rate=0)
    draw = entry(10, Kind.DISBURSED, DUE[2] + 1, amount=4000)
    rows, _ = fold(terms, [DRAW, spread_over(DUE[2]), draw], DUE[3])
    assert [claimed[0] for claimed, _, _ in rows] == [0, 0, 3500, 3500, 3500, 3500]


@pytest.mark.parametrize("accelerates", [False, True])
def test_a_part_of_a_row_to_come_lapses_with_a_charge_off(fold, accelerates):
    terms = dataclasses.replace(TERMS, charge_off=2 if accelerates else 1)
    day = DUE[3] + 14
    journal = [DRAW, spread_over(DUE[2] + 10, Spread.OVERDUE_INTEREST), entry(10, Kind.CHARGED_OFF, day)]
    rows, _ = fold(terms, journal, day)
    assert sum(claimed[1] for claimed, _, _ in rows[4:]) == 0
    assert sum(claimed[0] for claimed, _, _ in rows) == 10_000


def test_reversing_it_leaves_what_its_absence_would_have_left(fold):
    day = DUE[2] + 10
    undo = entry(10, Kind.REVERSED, day + 1, target=9)
    paid = entry(11, Kind.PAID, day + 2, amount=2000, payment=1)
    rows, _ = fold(TERMS, [DRAW, spread_over(day), undo, paid], day + 5)
    assert rows == fold(TERMS, [DRAW, paid], day + 5)[0]


def test_no_principal_is_lost_or_made_whatever_the_terms():
    """Over terms and payments of every sort: the rows ask, before and after, what was drawn."""
    moved = 0
    for seed in (*range(400), 783):
        rng = random.Random(seed)
        terms, _, _ = random_live_case(rng)
        day = plus(FIRST, rng.randint(1, terms.count) * terms.every, terms.unit) + rng.randint(-3, 5)
        paid = entry(
            2, Kind.PAID, rng.randint(FIRST, max(FIRST, day)), amount=rng.randint(1, 3000), payment=1
        )
        journal = [DRAW, paid, spread_over(day, rng.choice((Spread.BY_BALANCE, Spread.OVERDUE_INTEREST)))]
        terms = dataclasses.replace(terms, interest_grace=0)
        rows, (amount, _) = by_oracle(terms, journal, day)
        moved += amount > 0
        assert sum(claimed[0] for claimed, _, _ in rows) == 10_000, seed
    assert moved > 100
