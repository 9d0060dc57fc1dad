"""Batches: loans of both regimes beside each other, folds that go on, and the rows of one loan."""

import numpy as np
import pytest

from forbear.engine.batch import NO_LATER, Folded, fold, fold_on, instalments, rows_to_come
from forbear.engine.kept import Kept
from forbear.engine.layout import ENTRY
from forbear.engine.live.product import LiveProduct
from forbear.engine.terms import LOAN_TERMS, VERSION_TERMS, Product, compile_batch
from forbear.engine.vocabulary import DISBURSED, PAID, PRINCIPAL, RESTRUCTURED, Amortisation
from tests.support.one_loan import DRAW, FIRST_DUE, batch_of_one, journal_of

PLANNED = Product(code="P", currency="CNY", amortisation=Amortisation.EQUAL_INSTALMENT)
LIVE = LiveProduct(code="L", currency="CNY")
REGIMES = (1, 0, 1, 0, 0)
"""Of five loans, which product each has: 0 a planned one, 1 a live one."""
DRAWN = {"kind": DISBURSED, "effective_on": DRAW, "amount": 1200}
AMOUNTS = (1200, 1500, 3000, 600, 900)


def mixed(*, late_only: bool = False):
    """Five loans of three rows; number n pays 100 n on the day before its first due date, and 10 n ten days after it."""
    loans = np.zeros(len(REGIMES), LOAN_TERMS)
    loans["loan"], loans["product"] = np.arange(1, len(REGIMES) + 1), REGIMES
    loans["first_due_on"], loans["count"] = FIRST_DUE, 3
    journals = []
    for number, amount in enumerate(AMOUNTS, start=1):
        early = [
            {"kind": DISBURSED, "effective_on": DRAW, "amount": amount},
            {"kind": PAID, "effective_on": FIRST_DUE - 1, "amount": 100 * number},
        ]
        late = {
            "kind": PAID,
            "effective_on": FIRST_DUE + 10,
            "amount": 10 * number,
            "sequence": 3,
            "order": 3,
        }
        whole = not late_only or REGIMES[number - 1] == 1
        journals.append(journal_of(*(early if whole else ()), late))
    bounds = np.concatenate(([0], np.cumsum([len(journal) for journal in journals])))
    return compile_batch([PLANNED, LIVE], loans, np.concatenate(journals), bounds)


class TestBothRegimes:
    DAY, LATER = FIRST_DUE + 5, FIRST_DUE + 12

    def test_each_loan_has_its_place(self) -> None:
        found = fold(mixed(), self.LATER)
        assert found["loan"].tolist() == [1, 2, 3, 4, 5]
        assert found["disbursed"].tolist() == list(AMOUNTS)
        assert found["received"].tolist() == [110 * number for number in range(1, 6)]

    def test_a_fold_that_goes_on_is_the_fold_from_the_beginning(self) -> None:
        went = fold_on(mixed(), None, self.DAY)
        assert went.positions.tobytes() == fold(mixed(), self.DAY).tobytes()
        kept = went.kept.ends - went.kept.starts
        assert [size > 0 for size in kept.tolist()] == [regime == 0 for regime in REGIMES]
        further = fold_on(mixed(late_only=True), went, self.LATER)
        assert further.positions.tobytes() == fold(mixed(), self.LATER).tobytes()

    def test_the_planned_ones_alone(self) -> None:
        which, planned = mixed().planned()
        assert which.tolist() == [regime == 0 for regime in REGIMES]
        assert planned.live is None
        assert planned.later is NO_LATER
        assert fold(planned, self.LATER).tobytes() == fold(mixed(), self.LATER)[which].tobytes()

    def test_states_of_some_are_those_and_no_others(self) -> None:
        whole = batch_of_one(DRAWN)
        went = fold_on(whole, None, self.DAY)
        octets = went.kept.octets[went.kept.starts[0] : went.kept.ends[0]]
        two = Kept(np.array([0, 3]), np.array([3, 3 + len(octets)]), np.concatenate(([7, 7, 7], octets)))
        some = Folded(np.concatenate((went.positions, went.positions)), two).of(np.array([False, True]))
        assert (some.kept.starts.tolist(), some.kept.ends.tolist()) == ([3], [3 + len(octets)])
        assert some.positions.tobytes() == went.positions.tobytes()

    def test_states_taken_away_are_empty_and_the_others_stay(self) -> None:
        states = Kept(np.array([0, 4, 9]), np.array([4, 9, 9]), np.arange(9, dtype=np.uint8))
        left = states.only(np.array([False, True, True]))
        assert (left.ends - left.starts).tolist() == [0, 5, 0]
        bounds, octets = left.packed()
        assert (bounds.tolist(), octets.tolist()) == ([0, 0, 5, 5], [4, 5, 6, 7, 8])

    def test_a_loan_without_its_state_is_folded_from_its_whole_journal(self) -> None:
        went = fold_on(mixed(), None, self.DAY)
        none = went._replace(kept=went.kept.only(np.zeros(len(REGIMES), bool)))
        found = fold_on(mixed(), none, self.LATER)
        assert found.positions.tobytes() == fold(mixed(), self.LATER).tobytes()

    @pytest.mark.parametrize("threads", [1, 2, 3, 7])
    def test_threads_do_not_matter(self, threads: int) -> None:
        assert fold(mixed(), self.LATER, threads=threads).tobytes() == fold(mixed(), self.LATER).tobytes()

    def test_later_versions_stay_with_their_loans(self) -> None:
        """A live loan, then a planned one whose second version asks it in four rows instead of what was left of three."""
        loans = np.zeros(3, LOAN_TERMS)
        loans["loan"], loans["product"], loans["first_due_on"], loans["count"] = (
            (1, 2, 3),
            (1, 0, 0),
            FIRST_DUE,
            3,
        )
        versions = np.zeros(2, VERSION_TERMS)
        versions["product"], versions["number"], versions["count"] = 0, 2, (4, 2)
        versions["first_due_on"] = FIRST_DUE + 20
        named = {"kind": RESTRUCTURED, "effective_on": FIRST_DUE + 1, "count": 2}
        journals = [journal_of(DRAWN), journal_of(DRAWN, named), journal_of(DRAWN, named)]
        bounds, entries = np.array([0, 1, 3, 5]), np.concatenate(journals)
        batch = compile_batch(
            [PLANNED, LIVE], loans, entries, bounds, versions=(versions, np.array([0, 0, 1, 2]))
        )
        day = FIRST_DUE + 20
        assert fold(batch, day)["due_principal"].tolist() == [400, 300, 600]
        _, planned = batch.planned()
        assert planned.later.bounds.tolist() == [0, 1, 2]
        assert fold(planned, day)["due_principal"].tolist() == [300, 600]


class TestRows:
    def test_those_of_a_planned_loan_come_to_life_on_their_dates(self) -> None:
        batch = batch_of_one(DRAWN)
        assert len(rows_to_come(batch, DRAW)) == 0
        assert len(instalments(batch, FIRST_DUE - 1)) == 0
        assert instalments(batch, FIRST_DUE)["due_on"].tolist() == [FIRST_DUE]

    def test_those_of_a_live_loan_are_there_and_one_due_on_the_day_is_no_more_to_come(self) -> None:
        batch = batch_of_one(DRAWN, product=LIVE)
        for day, due in (
            (FIRST_DUE - 1, []),
            (FIRST_DUE, [FIRST_DUE]),
            (161, [FIRST_DUE]),
            (162, [FIRST_DUE, 162]),
        ):
            to_come = [on for on in (FIRST_DUE, 162, 192) if on not in due]
            assert instalments(batch, day)["due_on"].tolist() == due
            assert rows_to_come(batch, day)["due_on"].tolist() == to_come
            assert rows_to_come(batch, day)["claimed"][:, PRINCIPAL].tolist() == [400] * len(to_come)

    def test_they_are_of_one_loan(self) -> None:
        with pytest.raises(ValueError, match="the batch has 5"):
            instalments(mixed(), FIRST_DUE)

    def test_a_batch_of_none(self) -> None:
        nothing = compile_batch([PLANNED], np.zeros(0, LOAN_TERMS), np.zeros(0, ENTRY), np.zeros(1, np.int64))
        assert len(nothing) == 0
        assert len(fold(nothing, 100)) == 0
        assert len(fold_on(nothing, None, 100).positions) == 0
