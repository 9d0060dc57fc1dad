"""What is written stays written: the database refuses, whoever asks and whatever the program meant."""

from collections.abc import Iterator

import psycopg
import pytest

from forbear.store.connect import connect
from tests.support.books import GUARDED, SmallBook, disbursed, paid
from tests.support.database import copied, fresh

pytestmark = pytest.mark.database

A_COLUMN = {
    "journal": "amount",
    "movement": "principal",
    "posting": "amount",
    "recording": "reason",
    "product": "name",
    "loan": "rate",
    "instalment": "principal",
    "version": "rate",
}


@pytest.fixture(scope="module")
def original(database_server: str) -> Iterator[str]:
    """A loan that pays, closed to 10 January 2026."""
    with fresh(database_server) as url:
        book = SmallBook(url)
        book.loan("A")
        with connect(url) as connection:  # of a loan with a plan of its own, which A is not
            connection.execute("INSERT INTO instalment VALUES (99, '2026-02-01', 1)")
            connection.execute("INSERT INTO version VALUES (99, 2, 1, 0, 0, '2026-02-01', 1, 0, 0, 0, 1)")
        book.record(disbursed("A", "2026-01-01", 120_000), paid("A", "2026-01-05", 100))
        book.close("2026-01-10")
        yield url


@pytest.fixture
def book(database_server: str, original: str) -> Iterator[SmallBook]:
    """A copy of `original`, for this test alone."""
    with copied(database_server, original) as url:
        yield SmallBook.at(url)


class TestAppendOnly:
    @pytest.mark.parametrize("table", GUARDED)
    @pytest.mark.parametrize("act", ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}", "TRUNCATE {0} CASCADE"])
    def test_a_change_is_refused_and_says_what_to_do_instead(
        self, book: SmallBook, table: str, act: str
    ) -> None:
        with (
            pytest.raises(psycopg.errors.RestrictViolation, match="append-only") as refused,
            connect(book.url) as connection,
        ):
            connection.execute(act.format(table, A_COLUMN[table]))  # type: ignore[arg-type]
        assert refused.value.diag.message_hint
        assert "correcting entry" in refused.value.diag.message_hint
        assert book.ask(f"SELECT count(*) > 0 FROM {table}") == [(True,)]

    @pytest.mark.parametrize("table", GUARDED)
    def test_even_where_no_row_would_change(self, book: SmallBook, table: str) -> None:
        with pytest.raises(psycopg.errors.RestrictViolation), connect(book.url) as connection:
            connection.execute(f"DELETE FROM {table} WHERE false")  # type: ignore[arg-type]

    def test_an_upsert_changes_nothing_either(self, book: SmallBook) -> None:
        with pytest.raises(psycopg.errors.RestrictViolation), connect(book.url) as connection:
            connection.execute(
                "INSERT INTO product SELECT * FROM product ON CONFLICT (id) DO UPDATE SET name = 'another'"
            )

    def test_tables_that_are_append_only_are_all_guarded(self, book: SmallBook) -> None:
        guarded = book.ask(
            "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE '%%append_only' AND tgenabled = 'O'"
        )
        assert {row[0] for row in guarded} == set(GUARDED)


class TestIdempotency:
    def test_a_key_is_taken_once_in_the_whole_book(self, book: SmallBook) -> None:
        book.loan("B")
        with pytest.raises(psycopg.errors.UniqueViolation, match="journal_key_once"):
            book.record(disbursed("B", "2026-01-02", 5_000, key="A/disbursed/2026-01-01/120000"))

    def test_a_place_in_a_loans_journal_is_taken_once(self, book: SmallBook) -> None:
        with (
            pytest.raises(psycopg.errors.UniqueViolation, match="journal_pkey"),
            connect(book.url) as connection,
        ):
            connection.execute(
                "INSERT INTO journal SELECT loan_id, sequence, kind, effective_on, component, amount, target, tie, "
                "recording_id, digest, 'another key', details FROM journal WHERE sequence = 2"
            )

    @pytest.mark.parametrize("amount", [0, -1])
    def test_an_amount_is_more_than_nothing(self, book: SmallBook, amount: int) -> None:
        with pytest.raises(psycopg.errors.CheckViolation, match="journal_amount_positive"):
            book.record(paid("A", "2026-01-06", amount))
