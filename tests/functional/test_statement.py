"""A loan told in full, on figures that can be worked out by hand."""

import datetime as dt
from dataclasses import replace

import pytest

from forbear.engine.vocabulary import EntryKind
from forbear.operations.statement import Statement, UnknownLoan, statement
from tests.support.books import PLAIN, Said, SmallBook, day, disbursed, paid, reversed_

pytestmark = pytest.mark.database


def told(book: SmallBook, loan: str, as_of: str) -> Statement:
    found = statement(book.url, loan, day(as_of))
    assert isinstance(found, Statement)
    return found


@pytest.fixture
def book(fresh_database: str) -> SmallBook:
    """A loan of 1,200.00 at 12%, twelve parts of 100.00, due on the first of each month from 1 February 2026."""
    book = SmallBook(fresh_database)
    book.loan("A")
    book.record(disbursed("A", "2026-01-01", 120_000))
    return book


class TestFigures:
    def test_on_the_first_due_date(self, book: SmallBook) -> None:
        """31 days of 12% on 1,200.00 are 12.23; with a twelfth of the principal 112.23 fall due."""
        found = told(book, "A", "2026-02-01")
        assert (found.product, found.currency, found.as_of) == ("P", "CNY", dt.date(2026, 2, 1))
        position = found.position
        assert (position["status"], position["bucket"], position["days_past_due"]) == ("active", "current", 0)
        assert (position["due_principal"], position["due_interest"], position["payoff"]) == (
            10_000,
            1_223,
            121_223,
        )
        assert position["next_event_on"] == dt.date(2026, 2, 2)
        [row] = found.instalments
        assert (row["due_on"], row["planned"]) == (dt.date(2026, 2, 1), True)
        assert row["unpaid"] == {"principal": 10_000, "interest": 1_223, "fee": 0, "penalty": 0}

    def test_late_by_ten_days(self, book: SmallBook) -> None:
        """On 11 February: 10 days of 18% on 100.00 are 0.49, 10 days of 12% on the 1,100.00 not due are 3.62."""
        position = told(book, "A", "2026-02-11").position
        assert (position["bucket"], position["days_past_due"]) == ("M1", 10)
        assert (position["accrued_penalty"], position["accrued_interest"]) == (49, 362)
        assert position["oldest_due_on"] == dt.date(2026, 2, 1)
        assert position["payoff"] == 120_000 + 1_223 + 49 + 362

    def test_lines_tell_what_each_day_brought(self, book: SmallBook) -> None:
        book.record(paid("A", "2026-02-11", 20_000))
        lines = told(book, "A", "2026-02-20").lines
        assert [(line.on.isoformat(), line.entries) for line in lines] == [
            ("2026-01-01", ("disbursed 1,200.00",)),
            ("2026-02-01", ()),
            ("2026-02-11", ("paid 200.00",)),
        ]
        assert lines[0].movements == (("disbursed", {"principal": 120_000}),)
        assert lines[1].movements == (("charged", {"interest": 1_223}),)
        assert dict(lines[2].movements) == {
            "charged": {"penalty": 49},
            "received": {"credit": 20_000},
            "paid": {"principal": 10_000, "interest": 1_223, "penalty": 49},
        }
        assert [line.principal for line in lines] == [120_000, 120_000, 110_000]

    def test_a_reversed_payment_is_told_and_moves_nothing(self, book: SmallBook) -> None:
        payment = paid("A", "2026-01-20", 500)
        book.record(payment, reversed_(payment, "2026-01-22"))
        lines = told(book, "A", "2026-01-25").lines
        assert [(line.on.day, line.entries, line.movements) for line in lines[1:]] == [
            (20, ("paid 5.00 (reversed)",), ()),
            (22, ("reversed",), ()),
        ]

    def test_written_off_and_settled(self, book: SmallBook) -> None:
        book.record(Said("A", EntryKind.WRITTEN_OFF, "2026-01-11"))
        gone = told(book, "A", "2026-01-12").position
        assert (gone["status"], gone["principal"], gone["payoff"]) == ("written_off", 0, 120_395)
        book.record(paid("A", "2026-01-20", 120_395))
        assert told(book, "A", "2026-01-20").position["status"] == "closed"


class TestDays:
    def test_before_the_first_entry_nothing_is_owed(self, book: SmallBook) -> None:
        found = told(book, "A", "2025-12-31")
        assert (found.position["status"], found.position["payoff"], found.lines) == ("pending", 0, ())
        assert found.position["next_event_on"] == dt.date(2026, 1, 1)

    def test_the_past_is_told_as_it_was_with_what_is_known_now(self, book: SmallBook) -> None:
        book.close("2026-02-10")
        assert told(book, "A", "2026-02-05").position["days_past_due"] == 4
        book.record(paid("A", "2026-02-01", 11_223))
        assert told(book, "A", "2026-02-05").position["days_past_due"] == 0

    def test_a_day_to_come_is_told_as_if_nothing_more_happened(self, book: SmallBook) -> None:
        book.close("2026-01-10")
        to_come = told(book, "A", "2027-01-31").position
        assert (to_come["days_past_due"], to_come["due_principal"], to_come["bucket"]) == (364, 120_000, "M7")
        assert to_come["next_due_on"] is None

    def test_it_agrees_with_the_stored_position_at_one_day_and_at_seven_hundred(
        self, fresh_database: str
    ) -> None:
        book = SmallBook(fresh_database, replace(PLAIN, nonaccrual_after=0))
        book.loan("A", count=36)
        book.record(
            disbursed("A", "2026-01-01", 120_000),
            *(paid("A", f"2026-{m:02}-01", 5_000) for m in range(2, 13)),
        )
        for date in ("2026-01-02", "2027-12-02"):
            book.close(date) if date < "2026-02" else book.close("2026-01-31")
            position = told(book, "A", date).position
            assert position["as_of"] == dt.date.fromisoformat(date)
        assert position["days_past_due"] > 0

    def test_a_day_end_says_the_same(self, book: SmallBook) -> None:
        book.record(paid("A", "2026-02-20", 5_000))
        book.close("2026-03-03")
        stored = book.position("A", "2026-03-03")
        position = told(book, "A", "2026-03-03").position
        for name in (
            "payoff",
            "accrued_interest",
            "accrued_penalty",
            "days_past_due",
            "due_interest",
            "principal",
        ):
            assert position[name] == stored[name]


class TestUnknown:
    @pytest.mark.parametrize("reference", ["B", "", "a", "A ", "逾期", "A'; DROP TABLE loan"])
    def test_a_loan_that_is_not_there_is_a_value(self, book: SmallBook, reference: str) -> None:
        assert statement(book.url, reference, day("2026-02-01")) == UnknownLoan(reference)

    def test_a_loan_without_entries_has_an_empty_statement(self, book: SmallBook) -> None:
        book.loan("B")
        found = told(book, "B", "2026-02-01")
        assert (found.position["status"], found.lines, found.instalments) == ("pending", (), ())
