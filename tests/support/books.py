"""Small books in a moment: products, loans and entries written straight into the tables, chained as an import would.

`book = SmallBook(url)`, `book.loan("L1")`, `book.record(disbursed("L1", "2026-01-01", 120_000))`, `book.close("2026-01-31")`.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, Self

import numpy as np
import psycopg
from psycopg.types.json import Jsonb

from forbear.engine.batch import read_off_at
from forbear.engine.terms import Product
from forbear.engine.vocabulary import Amortisation, Component, EntryKind
from forbear.engine.words import scaled_rate, to_words
from forbear.kernel.days import to_date, to_day
from forbear.operations.close_day import DaySummary, Refusal, close_days
from forbear.operations.verify import COMPARED, VerifyReport, verify
from forbear.simulate.bank import Bank, chunks
from forbear.simulate.catalogue import OFFERS
from forbear.store import book as store
from forbear.store.chain import NO_DIGEST, entry_digest, tie
from forbear.store.connect import connect

NOW = dt.datetime(2026, 11, 1, 20, tzinfo=dt.UTC)
PLAIN = Product(
    code="P",
    currency="CNY",
    amortisation=Amortisation.EQUAL_PRINCIPAL,
    penalty_grace=0,
    tolerance=0,
    nonaccrual_after=91,
)
GUARDED = ("journal", "movement", "posting", "recording", "product", "loan", "instalment", "version")


class Said(NamedTuple):
    """An entry as a test says it; `key` is made of the rest unless given, `target` is another entry's key."""

    loan: str
    kind: EntryKind
    on: str
    amount: int = 0
    component: Component = Component.PRINCIPAL
    target: str = ""
    key: str = ""

    @property
    def name(self) -> str:
        """The idempotency key."""
        return self.key or f"{self.loan}/{self.kind.name.lower()}/{self.on}/{self.amount}{self.target}"


def disbursed(loan: str, on: str, amount: int, **more: Any) -> Said:
    """Money paid out, in minor units."""
    return Said(loan, EntryKind.DISBURSED, on, amount, **more)


def paid(loan: str, on: str, amount: int, **more: Any) -> Said:
    """Money received, in minor units."""
    return Said(loan, EntryKind.PAID, on, amount, **more)


def reversed_(target: Said, on: str) -> Said:
    """The entry that annuls another one."""
    return Said(target.loan, EntryKind.REVERSED, on, target=target.name)


def day(text: str) -> int:
    """The day number of an ISO date."""
    return to_day(dt.date.fromisoformat(text))


class SmallBook:
    """A book in the database at `url`, written to and asked directly."""

    def __init__(self, url: str, *products: Product) -> None:
        self.url = url
        with connect(url) as connection:
            for number, product in enumerate(products or (PLAIN,), start=1):
                connection.execute(
                    "INSERT INTO product (id, code, name, currency, terms) VALUES (%s, %s, %s, %s, %s)",
                    (number, product.code, product.name, product.currency, Jsonb(to_words(product))),
                )

    @classmethod
    def at(cls, url: str) -> Self:
        """The book that is in a database already."""
        book = cls.__new__(cls)
        book.url = url
        return book

    def loan(
        self,
        reference: str,
        *,
        principal: int = 120_000,
        rate: str = "0.12",
        penalty_rate: str = "0.18",
        first_due_on: str = "2026-02-01",
        count: int = 12,
        product: int = 1,
    ) -> int:
        """Write a loan's terms; returns its number."""
        terms = (scaled_rate(rate), scaled_rate(penalty_rate), first_due_on, count, 0, 0, "infinity")
        with connect(self.url) as connection:
            return self._loan(connection, reference, product, principal, terms)

    def _loan(
        self, connection: Any, reference: str, product: int, principal: int, terms: tuple[Any, ...]
    ) -> int:
        row = connection.execute(
            "INSERT INTO loan (id, product_id, borrower_id, principal, rate, penalty_rate, first_due_on, count, due_day, "
            "instalment, interest_free_until, recording_id, reference) SELECT coalesce(max(id), 0) + 1, %s, 1, %s, "
            "%s, %s, %s, %s, %s, %s, %s, (SELECT coalesce(max(id), 0) + 1 FROM recording), %s FROM loan RETURNING id",
            (product, principal, *terms, reference),
        ).fetchone()
        return int(row[0])

    def record(self, *entries: Said) -> int:
        """Record entries, as one act of recording; returns its number."""
        with connect(self.url) as connection:
            return _record(connection, entries)

    def close(self, until: str) -> list[DaySummary]:
        """Close days up to a date; a refusal fails the test."""
        closed = close_days(self.url, day(until), now=NOW)
        assert not isinstance(closed, Refusal), closed
        return closed

    def verify(self) -> VerifyReport:
        """Prove the book."""
        return verify(self.url)

    def ask(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with connect(self.url) as connection:
            return connection.execute(query, values).fetchall()  # type: ignore[arg-type]

    def position(self, loan: str, on: str) -> np.void:
        """A loan's stored position, read off for a day."""
        with connect(self.url) as connection, connection.cursor() as cursor:
            row = cursor.execute("SELECT id FROM loan WHERE reference = %s", (loan,)).fetchone()
            assert row is not None, loan
            numbers = np.array([row[0]], np.int64)
            store.touch(cursor, numbers)
            return read_off_at(store.read_positions(cursor, numbers), day(on))[0]

    def positions(self, on: int) -> dict[str, list[int]]:
        """Every stored position, read off for a day: what does not depend on when it was stored."""
        with connect(self.url) as connection, connection.cursor() as cursor:
            numbers = np.array([row[0] for row in cursor.execute("SELECT loan_id FROM position ORDER BY 1")])
            store.touch(cursor, numbers)
            found = read_off_at(store.read_positions(cursor, numbers), on)
        return {name: found[name].tolist() for name in ("loan", *COMPARED)}

    def ledger(self) -> dict[str, int]:
        """Balances of the last closed day over all products, without accounts that have none."""
        [(totals,)] = self.ask(
            "SELECT totals FROM business_day WHERE closed_at IS NOT NULL ORDER BY date DESC LIMIT 1"
        )
        found: dict[str, int] = {}
        for accounts in totals["ledger"].values():
            for account, amount in accounts.items():
                found[account] = found.get(account, 0) + amount
        return {account: amount for account, amount in sorted(found.items()) if amount}

    def movements(self, on: str | None = None) -> list[tuple[Any, ...]]:
        """(loan number, kind, correction, principal, interest, fee, penalty, credit) of a day, or of all days."""
        query = (
            "SELECT loan_id, kind, correction, principal, interest, fee, penalty, credit FROM movement "
            "WHERE %s::date IS NULL OR business_date = %s::date ORDER BY business_date, loan_id, kind"
        )
        return self.ask(query, on, on)

    @contextmanager
    def tampering(self) -> Iterator[psycopg.Connection[Any]]:
        """A connection on which append-only tables may be changed: an owner's, with the triggers off until the end."""
        with connect(self.url) as connection:
            for table in GUARDED:
                connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")  # type: ignore[arg-type]
            yield connection
            for table in GUARDED:
                connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")  # type: ignore[arg-type]

    def tamper(self, statement: str, *values: Any) -> None:
        """Change what may not be changed; exactly one row, or the test is wrong."""
        with self.tampering() as connection:
            assert connection.execute(statement, values).rowcount == 1, statement  # type: ignore[arg-type]


def _record(connection: psycopg.Connection[Any], entries: Iterable[Said]) -> int:
    """Chain entries to their loans' journals, in the order given."""
    said = list(entries)
    [(recording,)] = connection.execute("SELECT coalesce(max(id), 0) + 1 FROM recording").fetchall()
    loans = dict(connection.execute("SELECT reference, id FROM loan").fetchall())
    heads = {
        row[0]: (row[1], bytes(row[2]))
        for row in connection.execute(
            "SELECT DISTINCT ON (loan_id) loan_id, sequence, digest FROM journal ORDER BY loan_id, sequence DESC"
        )
    }
    targets = dict(
        connection.execute(
            "SELECT key, sequence FROM journal WHERE key = ANY(%s)", ([e.target for e in said if e.target],)
        ).fetchall()
    )
    rows = []
    for entry in said:
        loan = loans[entry.loan]
        sequence, previous = heads.get(loan, (0, NO_DIGEST))
        target = targets[entry.target] if entry.target else 0
        facts = {
            "loan": loan,
            "sequence": sequence + 1,
            "kind": int(entry.kind),
            "component": int(entry.component),
        }
        facts |= {
            "effective_on": day(entry.on),
            "amount": entry.amount,
            "target": target,
            "recording": recording,
        }
        digest = entry_digest(previous, **facts, key=entry.name, details=None)
        heads[loan], targets[entry.name] = (sequence + 1, digest), sequence + 1
        rows.append((loan, sequence + 1, int(entry.kind), entry.on, int(entry.component), entry.amount, target,
                     tie(entry.name), recording, digest, entry.name))  # fmt: skip
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO journal (loan_id, sequence, kind, effective_on, component, amount, target, tie, recording_id, "
            "digest, key, details) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, NULL)",
            rows,
        )
    connection.execute(
        "INSERT INTO recording (id, recorded_at, actor, reason, source, entries) VALUES (%s, %s, 'test', 'a test', '', %s)",
        (recording, NOW, len(rows)),
    )
    return int(recording)


class MadeUp(NamedTuple):
    """A made-up lender: its book, and what arrives on each of its days, in the order of the days."""

    book: SmallBook
    arrivals: dict[int, list[Said]]
    opening: list[Said]


def made_up(url: str, bank: Bank) -> MadeUp:
    """A small lender of the generator in the database, with its entries still to be recorded as they arrive.

    Loans are all there from the beginning: one without entries has no position.
    """
    book = SmallBook(url, *(offer.product for offer in OFFERS))
    opening: list[Said] = []
    arrivals: dict[int, list[Said]] = {date: [] for date in range(bank.opens_on, bank.until + 1)}
    with connect(url) as connection:
        for chunk in chunks(bank):
            for terms, principal in zip(chunk.terms, chunk.principal.tolist(), strict=True):
                free = int(terms["interest_free_until"])
                columns = (
                    *(int(terms[name]) for name in ("rate", "penalty_rate")),
                    to_date(int(terms["first_due_on"])),
                    *(int(terms[name]) for name in ("count", "due_day", "instalment")),
                    to_date(free) if free else "infinity",
                )
                book._loan(connection, f"L{terms['loan']}", int(terms["product"]) + 1, principal, columns)
            for place in np.argsort(chunk.arrives, kind="stable").tolist():
                when = int(chunk.arrives[place])
                (opening if when < bank.opens_on else arrivals[when]).append(_said(chunk, place))
    return MadeUp(book, arrivals, opening)


def _said(chunk: Any, place: int) -> Said:
    entry, owner = chunk.entries[place], int(chunk.owner[place])
    return Said(
        loan=f"L{owner}",
        kind=EntryKind(int(entry["kind"])),
        on=to_date(int(entry["effective_on"])).isoformat(),
        amount=int(entry["amount"]),
        component=Component(int(entry["component"])),
        target=f"L{owner}-{entry['target']}" if entry["target"] else "",
        key=f"L{owner}-{entry['sequence']}",
    )
