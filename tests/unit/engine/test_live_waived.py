"""Waivers of a component on the live schedule, by the engine and by the oracle. docs/algorithms/live-schedule.md, section 16."""

import dataclasses

import pytest

from forbear.engine.batch import fold as position_of
from forbear.engine.live.door import fold_live
from forbear.engine.live.many import open_amounts
from forbear.engine.live.vocabulary import Kind, Schedule
from forbear.engine.vocabulary import ChargeOff, Component, EntryKind
from tests.support.live.book import Said
from tests.support.live.fold import Loan
from tests.unit.engine.test_live_page import LOAN
from tests.unit.engine.test_live_reamortise import DRAW, DUE, TERMS, entry

FIXED = dataclasses.replace(TERMS, schedule=Schedule.FIXED)
PRINCIPAL, INTEREST, FEE, PENALTY = Component


def by_engine(terms, entries, as_of):
    """(claimed, waived, what is open) of every row, and what the last entry gave up by component."""
    loan = fold_live(terms, entries, as_of)
    place = loan.desk.entries["sequence"].tolist().index(entries[-1].sequence)
    rows = []
    for row in loan.rows:
        left = row["claimed"] - row["paid"] - row["waived"] - row["written"]
        rows.append((row["claimed"].tolist(), row["waived"].tolist(), left.tolist()))
    return rows, loan.desk.outcomes[place]["portions"].tolist()


def by_oracle(terms, entries, as_of):
    """The same, from exact fractions."""
    loan = Loan(terms, entries).run(as_of)
    rows = [(row.claimed, row.waived, [row.open(c) for c in range(4)]) for row in loan.rows]
    return rows, loan.outcomes[entries[-1].sequence].portions


@pytest.fixture(params=[by_engine, by_oracle])
def fold(request):
    return request.param


def waived(component, amount, on, sequence=9):
    return entry(sequence, Kind.WAIVED, on, component=component, amount=amount)


def test_interest_is_given_up_as_far_as_it_is_earned(fold):
    """58 are due on the first due date; of the second row half a month's 24 are earned by the 15th day of it."""
    day = DUE[1] + 15
    rows, given = fold(TERMS, [DRAW, waived(INTEREST, 10_000, day)], day)
    assert given == [0, sum(waived[1] for _, waived, _ in rows), 0, 0]
    assert rows[0][1] == [0, 58, 0, 0]
    assert 0 < rows[1][1][INTEREST] < rows[1][0][INTEREST]
    assert all(waived[INTEREST] == 0 for _, waived, _ in rows[2:])


def test_interest_that_is_written_is_given_up_from_the_next_row_on(fold):
    day = DUE[1] + 15
    rows, given = fold(FIXED, [DRAW, waived(INTEREST, 100, day)], day)
    assert given == [0, 100, 0, 0]
    assert [waived[INTEREST] for _, waived, _ in rows] == [58, 42, 0, 0, 0, 0]


@pytest.mark.parametrize("terms", [TERMS, FIXED], ids=["live", "fixed"])
def test_principal_is_given_up_of_what_is_due_and_then_from_the_last_row_on(fold, terms):
    rows, given = fold(terms, [DRAW, waived(PRINCIPAL, 16_43 + 20_00, DUE[1])], DUE[1])
    assert given == [3643, 0, 0, 0]
    assert [waived[PRINCIPAL] > 0 for _, waived, _ in rows] == [True, False, False, False, True, True]
    assert [left[PRINCIPAL] for _, _, left in rows[1:4]] == [
        claimed[PRINCIPAL] for claimed, _, _ in rows[1:4]
    ]
    assert sum(claimed[PRINCIPAL] for claimed, _, _ in rows) == 10_000
    assert rows[5][2][PRINCIPAL] == 0


def test_all_principal_can_be_given_up_and_nothing_is_left(fold):
    rows, given = fold(
        TERMS, [DRAW, waived(PRINCIPAL, 10_000, DUE[1]), waived(INTEREST, 58, DUE[1], 10)], DUE[1]
    )
    assert given == [0, 58, 0, 0]
    assert all(left == [0, 0, 0, 0] for _, _, left in rows)


def test_charges_are_given_up_the_earliest_first_and_a_payment_pays_the_rest(fold):
    fees = [entry(2 + k, Kind.FEE_CHARGED, DUE[k] + 3, amount=5_00, component=2) for k in range(3)]
    entries = [DRAW, *(dataclasses.replace(fee, recorded_on=DUE[0]) for fee in fees)]
    rows, given = fold(TERMS, [*entries, waived(FEE, 7_00, DUE[1])], DUE[1])
    assert given == [0, 0, 700, 0]
    assert [waived[FEE] for _, waived, _ in rows[:3]] == [500, 200, 0]
    assert fold(TERMS, [*entries, waived(PENALTY, 7_00, DUE[1])], DUE[1])[1] == [0, 0, 0, 0]


@pytest.mark.parametrize("how", list(ChargeOff))
@pytest.mark.parametrize("terms", [TERMS, FIXED], ids=["live", "fixed"])
@pytest.mark.parametrize("kind", [Kind.CHARGED_OFF, Kind.ACCELERATED], ids=["charged off", "ended"])
def test_what_was_given_up_stays_so_when_the_schedule_stops(fold, terms, how, kind):
    """Also interest that had not been earned: nothing of it comes back as something paid too much."""
    terms = dataclasses.replace(terms, charge_off=how)
    given_up = [waived(INTEREST, 1_20, DUE[1] + 4, 2), waived(PRINCIPAL, 20_00, DUE[1] + 4, 3)]
    was, _ = fold(terms, [DRAW, *given_up], DUE[1] + 8)
    rows, _ = fold(terms, [DRAW, *given_up, entry(9, kind, DUE[1] + 8)], DUE[1] + 8)
    for c in (PRINCIPAL, INTEREST):
        assert sum(waived[c] for _, waived, _ in rows) == sum(waived[c] for _, waived, _ in was) > 0
        assert all(left[c] >= 0 for _, _, left in rows)
    assert sum(claimed[PRINCIPAL] for claimed, _, _ in rows) == 10_000


def test_the_most_that_can_be_given_up_is_what_a_payoff_asks():
    """Of the loan of the page, on a day on which a fee is open on a row to come."""
    day = LOAN.entries[1].on + 50
    fee = Said(4, EntryKind.FEE_CHARGED, day, 3_00, until=day + 40)
    case = dataclasses.replace(LOAN, entries=(*LOAN.entries[:2], fee))
    batch = case.batch()
    principal, interest, fees, penalties = open_amounts(batch.live, batch.entries, day)
    assert (principal, fees, penalties) == (83_57, 3_00, 0)
    assert principal + interest + fees == position_of(batch, day)["payoff"][0]
