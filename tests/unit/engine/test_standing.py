"""Where a loan stands when an entry is proposed: figures of hand-made loans, and open sums against the oracle's."""

import dataclasses
import random

import numpy as np
import pytest

from forbear.engine.batch import fold
from forbear.engine.life import Entry, Standing
from forbear.engine.live.product import STARTING_VALUES, LiveProduct
from forbear.engine.live.vocabulary import Schedule
from forbear.engine.standing import entries_of, standing
from forbear.engine.vocabulary import DISBURSED, FEE_CHARGED, NEVER, PAID, REFUNDED, RESTRUCTURED, Status
from tests.support.changing import changing_case
from tests.support.engine import batch_of
from tests.support.one_loan import DRAW, FIRST_DUE, batch_of_one, journal_of
from tests.support.oracle import position

DRAWN = {"kind": DISBURSED, "effective_on": DRAW, "amount": 1200}


def paid(on: int, amount: int) -> dict[str, int]:
    return {"kind": PAID, "effective_on": on, "amount": amount}


def stands(*entries: dict[str, int], on: int, today: int | None = None, **loan) -> Standing:
    batch = batch_of_one(*entries, **loan)
    return standing(batch, batch.entries, 5000, on, on if today is None else today)


class TestJournal:
    def test_entries_come_by_sequence_with_all_they_say(self) -> None:
        fields = ("amount", "component", "target", "until", "rate", "count")
        told = [
            {"sequence": 9, "kind": 5, "effective_on": 40} | {name: 10 + k for k, name in enumerate(fields)},
            {"sequence": 7, "kind": 2, "effective_on": 50} | {name: 20 + k for k, name in enumerate(fields)},
        ]
        assert entries_of(journal_of(*told)) == (
            Entry(kind=2, on=50, sequence=7, amount=20, component=21, target=22, until=23, rate=24, count=25),
            Entry(kind=5, on=40, sequence=9, amount=10, component=11, target=12, until=13, rate=14, count=15),
        )

    def test_an_empty_one_has_none(self) -> None:
        assert entries_of(journal_of()) == ()

    def test_it_is_whole_and_beside_what_was_agreed(self) -> None:
        found = stands(DRAWN, paid(140, 300), on=DRAW)
        assert [entry.on for entry in found.journal] == [DRAW, 140]
        assert (found.agreed, found.status) == (5000, Status.ACTIVE)


class TestStatus:
    @pytest.mark.parametrize(
        ("on", "status", "principal"),
        [(DRAW - 1, Status.PENDING, 0), (DRAW, Status.ACTIVE, 1200), (140, Status.CLOSED, 0)],
    )
    def test_it_is_that_of_the_day_of_the_entry(self, on: int, status: Status, principal: int) -> None:
        found = stands(DRAWN, paid(140, 1200), on=on, today=150)
        assert (found.status, found.open) == (status, (principal, 0, 0, 0))


class TestCredit:
    """100 too much is paid on day 140, and 60 of it goes back on day 150."""

    JOURNAL = (DRAWN, paid(140, 1300), {"kind": REFUNDED, "effective_on": 150, "amount": 60})

    @pytest.mark.parametrize(
        ("on", "today", "credit"),
        [(140, 140, 100), (140, 149, 100), (140, 150, 40), (150, 140, 40), (139, 150, 0)],
    )
    def test_only_what_is_left_of_it_counts(self, on: int, today: int, credit: int) -> None:
        assert stands(*self.JOURNAL, on=on, today=today).credit == credit


class TestPauses:
    """Interest can be paused where it follows the balance, until the last due date, that day included."""

    LAST_DUE = 192

    @pytest.mark.parametrize(
        ("schedule", "rate", "pausable"),
        [
            (Schedule.LIVE, 7 * 10**8, True),
            (Schedule.LIVE, 0, False),
            (Schedule.FIXED, 7 * 10**8, False),
            (Schedule.FIXED, 0, False),
        ],
    )
    def test_of_a_live_loan(self, schedule: Schedule, rate: int, pausable: bool) -> None:
        product = LiveProduct(code="L", currency="CNY", schedule=schedule)
        found = stands(DRAWN, on=110, product=product, rate=rate)
        assert (found.pausable, found.pauses_end) == (pausable, self.LAST_DUE + 1)

    def test_a_live_loan_that_is_not_drawn_has_no_last_due_date(self) -> None:
        product = LiveProduct(code="L", currency="CNY")
        assert stands(DRAWN, on=DRAW - 1, product=product).pauses_end > NEVER

    def test_a_planned_loan_can_always_be_paused(self) -> None:
        found = stands(DRAWN, on=110)
        assert (found.pausable, found.pauses_end) == (True, NEVER)


class TestLiveRows:
    """1200 in three rows, the first due on FIRST_DUE, of a product that follows the balance or is written at once."""

    def stands(self, on: int, *more: dict[str, int], **product) -> Standing:
        return stands(DRAWN, *more, on=on, product=LiveProduct(code="L", currency="CNY", **product), rate=0)

    @pytest.mark.parametrize(("on", "can"), [(FIRST_DUE - 1, False), (FIRST_DUE, True), (192, False)])
    def test_re_amortising_needs_a_row_that_is_due_and_one_to_come(self, on: int, can: bool) -> None:
        assert self.stands(on).reamortisable == can

    def test_what_was_paid_cannot_move(self) -> None:
        assert not self.stands(FIRST_DUE, paid(FIRST_DUE, 400)).reamortisable

    def test_only_a_progressive_schedule_stops(self) -> None:
        assert self.stands(FIRST_DUE).stops
        assert not self.stands(FIRST_DUE, **STARTING_VALUES["fineract-cumulative"]).stops
        assert not stands(DRAWN, on=FIRST_DUE).stops

    def test_a_fee_of_a_row_to_come_is_open(self) -> None:
        fee = {"kind": FEE_CHARGED, "effective_on": FIRST_DUE, "amount": 35, "component": 3, "until": 170}
        assert self.stands(FIRST_DUE, fee).open == (1200, 0, 0, 35)


def test_versions_are_told_by_number_with_their_first_due_dates() -> None:
    common = {"loan": 1, "count": 3, "due_day": 0}
    versions = (
        {**common, "number": 2, "first_due_on": 150},
        {**common, "number": 3, "first_due_on": 170},
    )
    restructured = {"kind": RESTRUCTURED, "effective_on": 140, "count": 2}
    assert stands(DRAWN, restructured, on=145, versions=versions).versions == {2: 150, 3: 170}
    assert stands(DRAWN, on=145).versions == {}


def test_a_fee_is_open_beside_the_principal() -> None:
    fee = {"kind": FEE_CHARGED, "effective_on": FIRST_DUE, "amount": 35, "component": 2}
    assert stands(DRAWN, fee, on=FIRST_DUE).open == (1200, 0, 35, 0)


def test_open_sums_are_those_of_the_oracle() -> None:
    """Due, accrued and deferred, by component, in loans that show each of them."""
    seen = np.zeros(8, np.int64)
    for seed in (79, 97, 303, 380):
        case = changing_case(random.Random(seed))
        days = [entry.effective_on for entry in case.entries]
        batch, middle = batch_of([case]), (min(days) + max(days)) // 2
        wanted = position(case.terms, case.entries, middle)
        parts = (
            (wanted["principal"],),
            (wanted["due_interest"], wanted["accrued_interest"], wanted["deferred_interest"]),
            (wanted["due_fee"], wanted["deferred_fee"]),
            (wanted["due_penalty"], wanted["deferred_penalty"]),  # what accrues of a penalty is due
        )
        assert standing(batch, batch.entries, 0, middle, middle).open == tuple(map(sum, parts)), seed
        accrued = fold(batch, middle)["accrued_penalty"][0]
        seen += [part != 0 for part in (*sum(parts, ())[1:], accrued)]
    assert seen.all(), seen


def test_everything_is_read_on_the_day_of_the_entry_but_the_journal() -> None:
    late = stands(DRAWN, paid(140, 1300), on=130, today=190)
    assert late == dataclasses.replace(
        stands(DRAWN, on=130), journal=stands(DRAWN, paid(140, 1300), on=145).journal
    )
