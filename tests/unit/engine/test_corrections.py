"""Corrections: a payment believed to be of one day and known to be of another; and the history that they are taken from."""

import random
from collections import Counter

import pytest

from forbear.engine.batch import Batch, fold
from forbear.engine.corrections import Change, Correction, correction, event_days, history
from forbear.engine.movements import MovementKind
from forbear.engine.vocabulary import DISBURSED, NEVER, PAID, REVERSED, Status
from tests.support.cases import random_case
from tests.support.engine import batch_of
from tests.support.one_loan import DRAW, FIRST_DUE, batch_of_one

DRAWN = {"kind": DISBURSED, "effective_on": DRAW, "amount": 1200}
DUE = (FIRST_DUE, 162, 192)


def paid(on: int, amount: int = 400) -> dict[str, int]:
    return {"kind": PAID, "effective_on": on, "amount": amount}


BELIEVED = batch_of_one(DRAWN, paid(FIRST_DUE))
KNOWN = batch_of_one(DRAWN, paid(FIRST_DUE + 2))


def moved(on: int, believed: int, known: int) -> tuple[Change, Change]:
    """A payment of principal."""
    return (
        Change(on, MovementKind.RECEIVED, "credit", believed, known),
        Change(on, MovementKind.PAID, "principal", believed, known),
    )


class TestCorrection:
    def test_it_tells_what_moved_otherwise_by_day_kind_and_component(self) -> None:
        found = correction(BELIEVED, KNOWN, FIRST_DUE + 9)
        assert found == Correction(
            FIRST_DUE + 9, (*moved(FIRST_DUE, 400, 0), *moved(FIRST_DUE + 2, 0, 400)), ()
        )
        assert isinstance(found.changes[0].kind, MovementKind)

    def test_it_tells_the_facts_of_the_day_asked_about_that_differ(self) -> None:
        found = correction(BELIEVED, KNOWN, FIRST_DUE + 1)
        assert found.changes == moved(FIRST_DUE, 400, 0)
        assert found.facts == (
            ("days_past_due", 0, 1),
            ("bucket", 0, 1),
            ("oldest_due_on", NEVER, FIRST_DUE),
            ("payoff", 800, 1200),
        )

    def test_the_other_way_round_is_its_opposite(self) -> None:
        there, back = (correction(a, b, FIRST_DUE + 1) for a, b in ((BELIEVED, KNOWN), (KNOWN, BELIEVED)))
        assert back.changes == tuple(
            Change(c.on, c.kind, c.component, c.known, c.believed) for c in there.changes
        )
        assert back.facts == tuple((name, known, believed) for name, believed, known in there.facts)

    def test_an_amount_known_better_is_one_change_of_its_day(self) -> None:
        found = correction(BELIEVED, batch_of_one(DRAWN, paid(FIRST_DUE, 450)), FIRST_DUE)
        assert found.changes == moved(FIRST_DUE, 400, 450)[:1]  # the rest waits as credit

    def test_before_anything_differs_it_is_empty(self) -> None:
        assert not correction(BELIEVED, KNOWN, FIRST_DUE - 1)
        assert not correction(BELIEVED, BELIEVED, FIRST_DUE + 9)

    @pytest.mark.parametrize("as_of", [FIRST_DUE + 1, FIRST_DUE + 9])
    def test_changes_or_facts_make_it_something(self, as_of: int) -> None:
        assert correction(BELIEVED, KNOWN, as_of)
        assert Correction(0, (), (("status", 1, 2),))

    def test_a_total_is_over_all_days_of_one_kind_and_component(self) -> None:
        changes = (
            Change(1, MovementKind.PAID, "interest", 10, 4),
            Change(2, MovementKind.PAID, "interest", 0, 11),
            Change(2, MovementKind.PAID, "fee", 0, 50),
            Change(2, MovementKind.WAIVED, "interest", 0, 70),
        )
        told = Correction(3, changes, ())
        assert told.total(MovementKind.PAID, "interest") == 5
        assert told.total(MovementKind.WAIVED, "interest") == 70
        assert told.total(MovementKind.WAIVED, "fee") == 0

    def test_a_loan_known_to_be_repaid_has_another_status(self) -> None:
        found = correction(BELIEVED, batch_of_one(DRAWN, paid(FIRST_DUE, 1200)), FIRST_DUE)
        assert ("status", Status.ACTIVE, Status.CLOSED) in found.facts


class TestEventDays:
    def test_they_are_the_entries_the_due_dates_and_the_days_after_those_not_paid(self) -> None:
        wanted = {DRAW, *DUE, *(day + 1 for day in DUE)}
        assert event_days(batch_of_one(DRAWN), DUE[-1] + 1) == wanted
        assert event_days(batch_of_one(DRAWN), DUE[-1]) == wanted - {DUE[-1] + 1}

    def test_a_day_asked_about_is_one_if_something_is_entered_on_it(self) -> None:
        assert event_days(BELIEVED, FIRST_DUE) == {DRAW, FIRST_DUE}
        assert event_days(BELIEVED, FIRST_DUE - 1) == {DRAW}
        assert event_days(BELIEVED, DRAW - 1) == set()

    def test_the_day_of_an_entry_that_was_reversed_is_one(self) -> None:
        undone = batch_of_one(
            DRAWN, paid(120), {"kind": REVERSED, "effective_on": 125, "target": 2, "amount": 0}
        )
        assert event_days(undone, 120) == {DRAW, 120}

    def test_a_loan_without_entries_has_none(self) -> None:
        assert event_days(batch_of_one(), 500) == set()


def totals(batch: Batch, days: list[int]) -> Counter[str]:
    return Counter(
        {
            name: int(sum(rows[name].sum() for _, _, rows in history(batch, days)))
            for name in ("principal", "credit")
        }
    )


class TestHistory:
    def test_each_day_has_its_position_and_what_moved_since_the_day_before(self) -> None:
        days = [DRAW, FIRST_DUE - 1, FIRST_DUE]
        found = list(history(BELIEVED, days))
        assert [day for day, _, _ in found] == days
        assert [int(now["as_of"][0]) for _, now, _ in found] == days
        assert [
            [(int(r["kind"]), int(r["principal"]), int(r["credit"])) for r in rows] for *_, rows in found
        ] == [
            [(MovementKind.DISBURSED, 1200, 0)],
            [],
            [(MovementKind.RECEIVED, 0, 400), (MovementKind.PAID, 400, 0)],
        ]

    def test_it_comes_to_the_same_by_whatever_days(self) -> None:
        every = list(range(DRAW, 164))
        assert totals(BELIEVED, every) == totals(BELIEVED, [163]) == {"principal": 1600, "credit": 400}

    @pytest.mark.parametrize("seed", range(3))
    def test_between_days_of_events_nothing_moves(self, seed: int) -> None:
        case = random_case(random.Random(seed))
        batch = batch_of([case])
        first = min(entry.effective_on for entry in case.entries)
        last = first + 70
        quiet = sorted(set(range(first, last)) - event_days(batch, last))
        moves = {day for day, _, rows in history(batch, list(range(first - 1, last))) if len(rows)}
        assert quiet
        assert not moves & set(quiet)
        assert fold(batch, first - 1)["status"][0] == Status.PENDING
