"""What the day-end books: corrections, suspense, write-offs, and that every way through the days leads to the same book."""

from dataclasses import replace
from typing import Any

import pytest

from forbear.engine.movements import MovementKind
from forbear.engine.vocabulary import EntryKind
from forbear.kernel.days import to_date
from forbear.simulate.bank import Bank
from tests.support.books import PLAIN, Said, SmallBook, day, disbursed, made_up, paid, reversed_

pytestmark = pytest.mark.database

SUSPENDED = int(MovementKind.SUSPENDED)


@pytest.fixture
def book(fresh_database: str) -> SmallBook:
    """Two equal loans of 1,200.00 at 12%, twelve months, first due on 1 February 2026 with 112.23; penalty 18%."""
    book = SmallBook(fresh_database, replace(PLAIN, nonaccrual_after=5))
    for name in ("A", "B"):
        book.loan(name)
    book.record(*(disbursed(name, "2026-01-01", 120_000) for name in "AB"))
    return book


def sums(book: SmallBook, loan: int) -> dict[int, list[int]]:
    """A loan's movements over all days, by kind, without kinds that come to nothing."""
    found: dict[int, list[int]] = {}
    for number, kind, _, *amounts in book.movements():
        if number == loan:
            found[kind] = [a + b for a, b in zip(found.get(kind, [0] * 5), amounts, strict=True)]
    return {kind: amounts for kind, amounts in found.items() if any(amounts)}


class TestLateNews:
    def test_a_payment_told_late_leaves_what_a_timely_one_leaves(self, book: SmallBook) -> None:
        """A pays the instalment of 112.23 in time; B as well, but it is told on 5 February."""
        book.record(paid("A", "2026-02-01", 11_223))
        book.close("2026-02-04")
        before = book.ledger()
        assert before["accrued_penalty"] == 14  # 100.00 at 18% for three days: 14.79
        book.record(paid("B", "2026-02-01", 11_223))
        [closed] = book.close("2026-02-05")
        assert closed.totals["corrections"] == 1
        assert book.movements("2026-02-05") == [
            (2, 4, 1, 0, 0, 0, 0, 11_223),
            (2, 5, 1, 10_000, 1_223, 0, 0, 0),
        ]
        assert sums(book, 1) == sums(book, 2)
        assert "accrued_penalty" not in book.ledger()
        assert "penalty_income" not in book.ledger()
        assert book.verify().sound

    def test_a_correction_is_the_difference_of_what_was_believed_and_what_is(self, book: SmallBook) -> None:
        book.close("2026-02-10")
        believed = book.position("B", "2026-02-10")
        book.record(paid("B", "2026-02-02", 4_000))
        book.close("2026-02-11")
        now = book.position("B", "2026-02-11")
        booked = {kind: amounts for loan, kind, _, *amounts in book.movements("2026-02-11") if loan == 2}
        for place, name in enumerate(("principal", "interest", "fee", "penalty")):
            assert booked[MovementKind.PAID][place] == now[f"paid_{name}"] - believed[f"paid_{name}"]
        assert booked[MovementKind.RECEIVED][4] == 4_000
        assert book.verify().sound

    def test_a_reversal_takes_back_what_the_payment_had_brought(self, book: SmallBook) -> None:
        payment = paid("A", "2026-02-01", 11_223)
        book.record(payment)
        book.close("2026-02-03")
        booked = book.movements("2026-02-03")
        book.record(reversed_(payment, "2026-02-04"))
        [closed] = book.close("2026-02-04")
        assert closed.totals["corrections"] == 1, "it reaches back to the day of the payment, which is closed"
        assert book.movements("2026-02-04") == [
            (loan, kind, 1, *(-amount for amount in amounts))
            for loan, kind, _, *amounts in booked
            if (loan, kind) in {(1, 4), (1, 5)}
        ]
        assert sums(book, 1) == sums(book, 2)
        assert book.verify().sound

    def test_the_reversal_of_a_payment_of_today_corrects_nothing(self, book: SmallBook) -> None:
        book.close("2026-01-10")
        payment = paid("A", "2026-01-11", 500)
        book.record(payment)
        book.record(reversed_(payment, "2026-01-11"))
        [closed] = book.close("2026-01-11")
        assert (closed.totals["corrections"], closed.totals["movements"]) == (0, 0)

    def test_a_reversed_disbursement_leaves_nothing_owed_and_nothing_earned(self, book: SmallBook) -> None:
        book.close("2026-01-20")
        book.record(reversed_(disbursed("A", "2026-01-01", 120_000), "2026-01-21"))
        [closed] = book.close("2026-01-21")
        assert sums(book, 1) == {}
        # B alone: 20 days of 12% on 1,200.00
        assert book.ledger() == {
            "accrued_interest": 789,
            "cash": -120_000,
            "interest_income": -789,
            "loans": 120_000,
        }
        assert closed.totals["products"]["1"]["status"]["pending"] == [1, 0]
        assert book.verify().sound


class TestNonAccrual:
    def test_income_is_held_while_it_lasts_and_released_when_all_is_paid(self, book: SmallBook) -> None:
        """Loan A, non-accrual from the fifth day past due; amounts in cents.

        on 5 February   interest due 1223, accrued 4 days of 12% on 1,100.00: 144; penalty 4 days of 18% on 100.00: 19
        on 6 February   non-accrual; accrued 180 and 24; held: 1223 + 180 + 24
        on 8 February   the instalment and the penalty, 34.52, are paid; nothing is late, and all is released;
                        35 became money, so that -0.48 is accrued, rounded down
        """
        book.record(paid("B", "2026-01-31", 200_000))
        book.close("2026-02-05")
        assert "suspense" not in book.ledger()
        book.close("2026-02-06")
        ledger = book.ledger()
        assert ledger["suspense"] == -(1_223 + 180 + 24)
        assert "penalty_income" not in ledger
        assert (1, SUSPENDED, 0, 0, 1_223, 0, 0, 0) in book.movements("2026-02-06")
        book.close("2026-02-07")
        assert book.ledger()["suspense"] == -(1_223 + 216 + 29)
        book.record(paid("A", "2026-02-08", 11_223 + 35))
        book.close("2026-02-08")
        ledger = book.ledger()
        assert "suspense" not in ledger
        assert (ledger["penalty_income"], ledger["accrued_penalty"]) == (-34, -1)
        assert book.verify().sound

    def test_a_late_payment_shows_that_the_loan_was_never_non_accrual(self, book: SmallBook) -> None:
        book.close("2026-02-09")
        assert book.ledger()["suspense"] < 0
        book.record(*(paid(name, "2026-02-01", 11_223) for name in "AB"))
        book.close("2026-02-10")
        assert "suspense" not in book.ledger()
        assert book.verify().sound


class TestWriteOff:
    def test_all_that_is_owed_is_written_off_and_what_comes_after_is_recovery(self, book: SmallBook) -> None:
        """Loan A is written off on 10 February: principal 120000, interest 1223 + 325, penalty 44; 5000 come later."""
        book.record(reversed_(disbursed("B", "2026-01-01", 120_000), "2026-01-01"))
        book.record(Said("A", EntryKind.WRITTEN_OFF, "2026-02-10"), paid("A", "2026-02-15", 5_000))
        book.close("2026-02-09")
        assert book.ledger()["suspense"] < 0
        book.close("2026-02-14")
        written_off = {
            "cash": -120_000,
            "interest_income": -1_548,
            "penalty_income": -44,
            "write_offs": 121_592,
        }
        assert book.ledger() == written_off
        book.close("2026-02-16")
        assert book.ledger() == written_off | {"cash": -115_000, "recovery_income": -5_000}
        assert book.position("A", "2026-02-16")["payoff"] == 116_592
        assert book.verify().sound

    def test_a_write_off_taken_back_restores_the_loan(self, book: SmallBook) -> None:
        gone = Said("A", EntryKind.WRITTEN_OFF, "2026-02-03")
        book.record(gone)
        book.close("2026-02-05")
        book.record(reversed_(gone, "2026-02-06"))
        book.close("2026-02-06")
        assert sums(book, 1) == sums(book, 2)
        assert "write_offs" not in book.ledger()
        assert book.verify().sound


def lender(seed: int, loans: int = 40, days: int = 30) -> Bank:
    """A small lender with a history of some months and a month of arrivals."""
    first = day("2026-05-01")
    return Bank(seed=seed, loans=loans, opens_on=first, until=first + days - 1, history=260)


class TestAMadeUpLender:
    @pytest.mark.parametrize("seed", [11, 12])
    def test_the_book_is_sound_at_every_close(self, fresh_database: str, seed: int) -> None:
        bank = lender(seed)
        made = made_up(fresh_database, bank)
        made.book.record(*made.opening)
        for date, said in made.arrivals.items():
            if said:
                made.book.record(*said)
            [closed] = made.book.close(to_date(date).isoformat())
            assert sum(made.book.ledger().values()) == 0
            assert closed.totals["entries"] == len(said) + (len(made.opening) if date == bank.opens_on else 0)
            report = made.book.verify()
            assert report.sound, (to_date(date), report.findings[:5])

    @pytest.mark.parametrize("seed", [21, 22])
    def test_day_by_day_or_all_at_once_is_the_same_book(
        self, fresh_database: str, another_database: str, seed: int
    ) -> None:
        """Positions, balances, standing totals and accruals: none depends on which days were closed on the way."""
        bank = lender(seed, loans=120, days=12)
        daily, once = made_up(fresh_database, bank), made_up(another_database, bank)
        daily.book.record(*daily.opening)
        for date, said in daily.arrivals.items():
            daily.book.record(*said)
            [last] = daily.book.close(to_date(date).isoformat())
        once.book.record(*once.opening, *(entry for said in once.arrivals.values() for entry in said))
        [only] = once.book.close(to_date(bank.until).isoformat())
        assert daily.book.positions(bank.until) == once.book.positions(bank.until)
        assert daily.book.ledger() == once.book.ledger()
        assert standing(last.totals) == standing(only.totals)

    @pytest.mark.parametrize("seed", [31, 32])
    def test_the_order_of_arrival_does_not_matter(
        self, fresh_database: str, another_database: str, seed: int
    ) -> None:
        """The same entries, all told in time or all told on the last day: the same positions and balances."""
        bank = lender(seed, loans=60, days=6)
        timely, late = made_up(fresh_database, bank), made_up(another_database, bank)
        said = timely.opening + [entry for arrived in timely.arrivals.values() for entry in arrived]
        timely.book.record(*said)
        timely.book.close(to_date(bank.until - 3).isoformat())
        timely.book.close(to_date(bank.until).isoformat())
        late.book.record(*(entry for entry in said if entry.kind == EntryKind.DISBURSED))
        late.book.close(to_date(bank.until - 3).isoformat())
        late.book.record(*(entry for entry in said if entry.kind != EntryKind.DISBURSED))
        late.book.close(to_date(bank.until).isoformat())
        assert late.book.positions(bank.until) == timely.book.positions(bank.until)
        assert late.book.ledger() == timely.book.ledger()
        assert late.book.verify().sound


def standing(totals: dict[str, Any]) -> set[tuple[Any, ...]]:
    """What a day's totals say of the whole book, without what is nothing."""
    rows = {
        (product, name, amount) for product, row in totals["accrued"].items() for name, amount in row.items()
    }
    for product, mine in totals["products"].items():
        for group in ("control", "buckets", "status"):
            for name, value in mine[group].items():
                amounts = tuple(value) if isinstance(value, list) else (value,)
                rows |= {(product, group, name, amounts)} if any(amounts) else set()
    return {row for row in rows if row[-1]}
