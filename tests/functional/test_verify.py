"""Proving a book: whatever is changed behind its back is found, and said where."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from forbear.engine.vocabulary import EntryKind
from forbear.operations.close_day import close_days
from forbear.store.chain import entry_digest, tie
from forbear.store.connect import connect
from tests.support.books import NOW, PLAIN, Said, SmallBook, day, disbursed, paid
from tests.support.database import copied, fresh

pytestmark = pytest.mark.database


@pytest.fixture(scope="module")
def original(database_server: str) -> Iterator[str]:
    """Two products of two loans; the third loan pays, the fourth is written off. Closed to 4 February 2026."""
    with fresh(database_server) as url:
        book = SmallBook(url, PLAIN, replace(PLAIN, code="Q"))
        for number in (1, 2, 3, 4):
            book.loan(f"L{number}", product=1 + (number > 2))
        book.record(*(disbursed(f"L{number}", "2026-01-01", 120_000) for number in (1, 2, 3, 4)))
        book.record(
            paid("L3", "2026-02-01", 11_223), paid("L1", "2026-01-10", 100), paid("L1", "2026-01-11", 200)
        )
        book.close("2026-01-31")
        book.record(Said("L4", EntryKind.WRITTEN_OFF, "2026-02-02"))
        book.close("2026-02-04")
        assert book.verify().sound
        yield url


@pytest.fixture
def book(database_server: str, original: str) -> Iterator[SmallBook]:
    """A copy of `original`, for this test alone."""
    with copied(database_server, original) as url:
        yield SmallBook.at(url)


def found(book: SmallBook) -> set[tuple[str, str]]:
    """Proof and place of each finding; there must be some."""
    report = book.verify()
    assert not report.sound
    return {(finding.proof, finding.where) for finding in report.findings}


class TestSound:
    def test_a_book_that_was_never_closed(self, fresh_database: str) -> None:
        book = SmallBook(fresh_database)
        book.loan("A")
        book.record(disbursed("A", "2026-01-01", 120_000))
        report = book.verify()
        assert (report.sound, report.date, report.loans, report.entries) == (True, None, 1, 1)

    def test_an_empty_database(self, fresh_database: str) -> None:
        assert SmallBook(fresh_database).verify().sound

    def test_counts_what_it_has_seen(self, book: SmallBook) -> None:
        report = book.verify()
        assert (report.date, report.loans, report.entries) == (day("2026-02-04"), 4, 8)
        assert (
            report.journal_digest
            == book.ask("SELECT journal_digest FROM business_day ORDER BY date")[-1][0].hex()
        )

    def test_entries_that_wait_for_the_next_day(self, book: SmallBook) -> None:
        book.record(paid("L2", "2026-01-20", 500))
        assert book.verify().sound

    def test_a_day_half_done(self, book: SmallBook) -> None:
        class StoppedError(Exception):
            pass

        def stop(_label: str, done: int, _total: int) -> None:
            if done:
                raise StoppedError

        book.record(paid("L2", "2026-01-20", 500))
        with pytest.raises(StoppedError):
            close_days(book.url, day("2026-02-05"), now=NOW, progress=stop)
        assert book.ask("SELECT count(*) FROM checkpoint WHERE business_date = '2026-02-05'") == [(1,)]
        report = book.verify()
        assert (report.sound, report.date) == (True, day("2026-02-04")), report.findings
        book.close("2026-02-05")
        assert book.verify().sound


ONE_VALUE: dict[str, tuple[str, set[tuple[str, str]]]] = {
    "an amount of the journal": (
        "UPDATE journal SET amount = amount + 1 WHERE loan_id = 1 AND sequence = 2",
        {("chain", "loan 1, entry 2"), ("position", "loan 1")},
    ),
    "a date of the journal": (
        "UPDATE journal SET effective_on = effective_on + 1 WHERE loan_id = 3 AND sequence = 2",
        {("chain", "loan 3, entry 2"), ("position", "loan 3")},
    ),
    "a key of the journal": (
        "UPDATE journal SET key = 'x' WHERE loan_id = 3 AND sequence = 1",
        {("chain", "loan 3, entry 1")},
    ),
    "details of the journal": (
        "UPDATE journal SET details = '{}' WHERE loan_id = 3 AND sequence = 1",
        {("chain", "loan 3, entry 1")},
    ),
    "the recording of an entry": (
        "UPDATE journal SET recording_id = 3 WHERE loan_id = 3 AND sequence = 2",
        {("chain", "loan 3, entry 2"), ("digest", "2026-01-31")},
    ),
    "an entry removed": (
        "DELETE FROM journal WHERE loan_id = 1 AND sequence = 2",
        {("chain", "loan 1, entry 3"), ("digest", "2026-01-31"), ("position", "loan 1")},
    ),
    "the last entry of a loan removed": (
        "DELETE FROM journal WHERE loan_id = 1 AND sequence = 3",
        {("digest", "2026-01-31"), ("position", "loan 1")},
    ),
    "all entries of a loan removed": (
        "DELETE FROM journal WHERE loan_id = 2",
        {("digest", "2026-01-31"), ("position", "loan 2")},
    ),
    "terms of a loan": ("UPDATE loan SET rate = rate + 1000000 WHERE id = 2", {("position", "loan 2")}),
    "a sum of a position": (
        "UPDATE position SET principal = principal + 1 WHERE loan_id = 2",
        {
            ("position", "loan 2"),
            ("control", "product 1, control principal"),
            ("movement", "loan 2, owed_again principal"),
        },
    ),
    "a total of a position": (
        "UPDATE position SET paid_interest = paid_interest + 1 WHERE loan_id = 3",
        {("position", "loan 3"), ("movement", "loan 3, paid interest")},
    ),
    "an accrual of a position": (
        "UPDATE position SET interest_whole = interest_whole + 1 WHERE loan_id = 2",
        {("position", "loan 2"), ("accrual", "product 1, interest")},
    ),
    "the next event of a position": (
        "UPDATE position SET next_event_on = next_event_on + 1 WHERE loan_id = 2",
        {("position", "loan 2")},
    ),
    "a position moved to another product": (
        "UPDATE position SET product_id = 2 WHERE loan_id = 2",
        {("position", "loan 2")},
    ),
    "a position removed": (
        "DELETE FROM position WHERE loan_id = 2",
        {("position", "loan 2"), ("control", "product 1, control principal")},
    ),
    "an accrual of a product": (
        "UPDATE accrual SET whole = whole + 1 WHERE product_id = 1 AND line = 1 AND slope > 0",
        {("accrual", "product 1, interest")},
    ),
    "a posting": (
        "UPDATE posting SET amount = amount + 1 WHERE business_date = '2026-02-01' AND product_id = 2 AND kind = 4",
        {("ledger", "2026-02-01, product 2 cash"), ("movement", "2026-02-01, product 2, received credit")},
    ),
    "a posting of an accrual": (
        "UPDATE posting SET amount = amount + 1 WHERE (business_date, product_id, kind, component) = ('2026-02-03', 1, 12, 1)",
        {("ledger", "2026-02-03, product 1 interest_income")},
    ),
    "a posting removed": (
        "DELETE FROM posting WHERE business_date = '2026-02-01' AND product_id = 2 AND kind = 4",
        {("ledger", "2026-02-01, product 2 cash"), ("movement", "2026-02-01, product 2, received credit")},
    ),
    "a posting moved to another day": (
        "UPDATE posting SET business_date = '2026-02-02' WHERE business_date = '2026-02-01' AND product_id = 2 AND kind = 4",
        {("ledger", "2026-02-01, product 2 cash"), ("ledger", "2026-02-02, product 2 cash")},
    ),
    "the only movement of its kind removed": (
        "DELETE FROM movement WHERE kind = 7",
        {
            ("movement", "2026-02-02, product 2, written_off principal"),
            ("movement", "loan 4, written_off principal"),
        },
    ),
    "a movement's amount": (
        "UPDATE movement SET interest = interest + 1 WHERE loan_id = 3 AND kind = 5",
        {("movement", "2026-02-01, product 2, paid interest"), ("movement", "loan 3, paid interest")},
    ),
    "a movement given to another loan": (
        "UPDATE movement SET loan_id = 4 WHERE loan_id = 3 AND kind = 5",
        {("movement", "loan 3, paid interest"), ("movement", "loan 4, paid interest")},
    ),
    "a balance of the last day": (
        "UPDATE business_day SET totals = jsonb_set(totals, '{ledger,1,cash}', '1') WHERE date = '2026-02-04'",
        {("ledger", "2026-02-04, product 1 cash")},
    ),
    "a balance of an earlier day": (
        "UPDATE business_day SET totals = jsonb_set(totals, '{ledger,1,cash}', '1') WHERE date = '2026-02-02'",
        {("ledger", "2026-02-02, product 1 cash"), ("ledger", "2026-02-03, product 1 cash")},
    ),
    "a control total": (
        "UPDATE business_day SET totals = jsonb_set(totals, '{products,1,control,undue}', '1') WHERE date = '2026-02-04'",
        {("control", "product 1, control undue")},
    ),
    "a bucket": (
        "UPDATE business_day SET totals = jsonb_set(totals, '{products,1,buckets,1}', '[0, 0, 0]') WHERE date = '2026-02-04'",
        {("control", "product 1, buckets 1")},
    ),
    "the digest of a day": (
        r"UPDATE business_day SET journal_digest = '\x00' WHERE date = '2026-02-02'",
        {("digest", "2026-02-02")},
    ),
    "which recordings a day holds": (
        "UPDATE business_day SET recordings = 3 WHERE date = '2026-01-31'",
        {("digest", "2026-01-31")},
    ),
}


class TestTampering:
    @pytest.mark.parametrize("name", ONE_VALUE)
    def test_is_found_where_it_was(self, book: SmallBook, name: str) -> None:
        statement, wanted = ONE_VALUE[name]
        book.tamper(statement)
        assert wanted <= found(book)

    def test_entries_exchanged_between_loans(self, book: SmallBook) -> None:
        with book.tampering() as connection:
            swap = "UPDATE journal SET loan_id = %s WHERE loan_id = %s AND sequence = 1"
            for there, here in ((9, 1), (1, 2), (2, 9)):
                connection.execute(swap, (there, here))
        assert {("chain", "loan 1, entry 1"), ("chain", "loan 2, entry 1")} <= found(book)

    def test_entries_exchanged_within_a_loan(self, book: SmallBook) -> None:
        with book.tampering() as connection:
            swap = "UPDATE journal SET sequence = %s WHERE loan_id = 1 AND sequence = %s"
            for there, here in ((9, 2), (2, 3), (3, 9)):
                connection.execute(swap, (there, here))
        assert {("chain", "loan 1, entry 2"), ("chain", "loan 1, entry 3")} <= found(book)

    @pytest.mark.parametrize("make", ["appended", "rewritten"])
    def test_an_entry_with_a_right_chain_in_a_day_already_closed(self, book: SmallBook, make: str) -> None:
        """Whoever can compute the digests can make a chain that holds; the day's own digest still tells."""
        with book.tampering() as connection:
            MAKE[make](connection)
        report = book.verify()
        assert "chain" not in {finding.proof for finding in report.findings}
        assert ("digest", "2026-01-31") in {(finding.proof, finding.where) for finding in report.findings}
        assert ("position", "loan 2") in {(finding.proof, finding.where) for finding in report.findings}

    def test_what_verify_finds_changes_nothing(self, book: SmallBook) -> None:
        book.tamper("UPDATE position SET principal = principal + 1 WHERE loan_id = 2")
        assert found(book) == found(book)

    def test_at_most_a_hundred_findings_are_listed(self, book: SmallBook) -> None:
        with connect(book.url) as connection:
            names = [name for (name,) in book.ask("SELECT column_name FROM information_schema.columns "
                     "WHERE table_name = 'position' AND data_type = 'bigint' AND column_name <> 'loan_id' "
                     "AND column_name NOT LIKE '%%denominator' AND column_name NOT LIKE '%%index'")]  # fmt: skip
            changes = ", ".join(
                f"{name} = {name} + 1" for name in names if name not in {"day_count", "interest_rounding"}
            )
            connection.execute(f"UPDATE position SET {changes}")  # type: ignore[arg-type]
        assert len(book.verify().findings) == 100


def _chained(
    connection: object, sequence: int, amount: int, on: str, kind: EntryKind, key: str
) -> tuple[object, ...]:
    """Columns of an entry of loan 2, with the digest that follows from the entry before it."""
    row = connection.execute(  # type: ignore[attr-defined]
        "SELECT digest FROM journal WHERE loan_id = 2 AND sequence = %s", (sequence - 1,)
    ).fetchone()
    facts = {"loan": 2, "sequence": sequence, "kind": int(kind), "component": 0, "effective_on": day(on)}
    facts |= {"amount": amount, "target": 0, "recording": 2}
    digest = entry_digest(bytes(row[0]) if row else bytes(16), **facts, key=key, details=None)  # type: ignore[arg-type]
    return (2, sequence, int(kind), on, 0, amount, 0, tie(key), 2, digest, key, None)


def _append(connection: object) -> None:
    entry = _chained(connection, 2, 5_000, "2026-01-15", EntryKind.PAID, "forged")
    connection.execute(f"INSERT INTO journal VALUES ({', '.join(['%s'] * 12)})", entry)  # type: ignore[attr-defined]


def _rewrite(connection: object) -> None:
    entry = _chained(connection, 1, 119_000, "2026-01-01", EntryKind.DISBURSED, "forged")
    connection.execute("DELETE FROM journal WHERE loan_id = 2")  # type: ignore[attr-defined]
    connection.execute(f"INSERT INTO journal VALUES ({', '.join(['%s'] * 12)})", entry)  # type: ignore[attr-defined]


MAKE: dict[str, Callable[[object], None]] = {"appended": _append, "rewritten": _rewrite}
