"""What a loan costs a year, asked of the book."""

import json

import pytest
from click.testing import CliRunner

from forbear.cli.main import main
from forbear.engine.vocabulary import EntryKind
from forbear.operations.cost import LoanCost, loan_cost
from forbear.operations.statement import UnknownLoan
from tests.support.books import Said, SmallBook, day, disbursed, paid

pytestmark = pytest.mark.database


@pytest.fixture
def book(fresh_database: str) -> SmallBook:
    """A loan of 1,200.00 at 12%, twelve parts of 100.00, due on the first of each month from 1 February 2026."""
    book = SmallBook(fresh_database)
    book.loan("A")
    book.record(disbursed("A", "2026-01-01", 120_000))
    return book


def told(book: SmallBook, as_of: str) -> LoanCost:
    found = loan_cost(book.url, "A", day(as_of))
    assert isinstance(found, LoanCost)
    return found


class TestCost:
    def test_as_agreed(self, book: SmallBook) -> None:
        """12% paid monthly is 12.68% compounded yearly; on actual days and rounded to cents, close to it."""
        found = told(book, "2026-01-01")
        assert len(found.agreed_flows) == 13
        days = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
        interest = sum(round((12 - k) * 10_000 * 0.12 * n / 365) for k, n in enumerate(days))
        assert sum(amount for _, amount in found.agreed_flows) == interest == 7_770
        rate = found.agreed["xirr"].rate
        assert rate is not None
        assert abs(rate - 1_268 * 10**6) < 10**6

    def test_settled_on_the_day_of_payout_nothing_was_earned(self, book: SmallBook) -> None:
        figure = told(book, "2026-01-01").so_far["xirr"]
        assert figure.rate is None
        assert figure.why is not None

    def test_a_payment_and_the_payoff_are_the_history(self, book: SmallBook) -> None:
        book.record(paid("A", "2026-02-01", 11_223))
        found = told(book, "2026-02-15")
        assert [amount for _, amount in found.flows_so_far] == [-120_000, 11_223, 110_000 + 506]

    def test_a_fee_raises_the_cost(self, book: SmallBook) -> None:
        before = told(book, "2026-01-01").agreed["xirr"].rate
        book.record(Said("A", EntryKind.FEE_CHARGED, "2026-01-01", 2_400))
        after = told(book, "2026-01-01").agreed["xirr"].rate
        assert before is not None
        assert after is not None
        assert after > before + 3 * 10**8

    def test_a_loan_nobody_knows(self, book: SmallBook) -> None:
        assert loan_cost(book.url, "B", day("2026-01-01")) == UnknownLoan("B")


class TestCommand:
    def test_table_and_json(self, book: SmallBook, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DATABASE_URL", book.url)
        drawn = CliRunner().invoke(main, ["cost", "A", "--as-of", "2026-02-01"])
        assert drawn.exit_code == 0, drawn.output
        assert "as agreed" in drawn.output
        asked = CliRunner().invoke(main, ["cost", "A", "--as-of", "2026-02-01", "--json"])
        assert set(json.loads(asked.output)["agreed"]) == {"xirr", "monthly_irr", "reg_z", "eu_months"}
        assert CliRunner().invoke(main, ["cost", "NOBODY"]).exit_code != 0
