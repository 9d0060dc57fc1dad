"""Small files for import tests: a book of two loans that imports, and ways to change one thing in it."""

import csv
import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import psycopg

from forbear.operations.import_book import ImportFiles, ImportRefusal, ImportReport, import_book
from forbear.store.crypto import Vault

RECORDED_AT = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
VAULT = Vault.from_text("1:" + "A" * 43 + "=", "the test")

PRODUCTS = (
    ("code", "name", "currency", "amortisation", "penalty_multiple"),
    ("P12", "Twelve months", "CNY", "equal_instalment", "1.5"),
    ("JPY6", "Six months, yen", "JPY", "equal_principal", ""),
)
BORROWERS = (("borrower", "name", "phone"), ("B1", "甲", "+8613800000000"), ("B2", "", ""))
LOANS = (
    ("loan", "borrower", "product", "principal", "rate", "first_due_on", "count"),
    ("L1", "B1", "P12", "1200.00", "0.12", "2025-02-01", "12"),
    ("L2", "B2", "JPY6", "60000", "14.49%", "2025-02-10", "6"),
)
JOURNAL = (
    ("key", "loan", "kind", "effective_on", "amount", "currency", "component", "target", "channel", "reason"),
    ("k1", "L1", "disbursed", "2025-01-01", "1200.00", "CNY", "", "", "", ""),
    ("k2", "L2", "disbursed", "2025-01-10", "60000", "JPY", "", "", "", ""),
    ("k3", "L1", "paid", "2025-02-01", "106.62", "", "", "", "card", ""),
    ("k4", "L1", "waived", "2025-02-02", "0.01", "", "interest", "", "", 'said "sorry", twice'),
    ("k5", "L1", "reversed", "2025-02-03", "", "", "", "k3", "", "typed wrong"),
    ("k6", "L2", "paid", "2025-02-10", "10000", "", "", "", "", ""),
    ("k7", "L2", "charged_back", "2025-02-12", "4000", "", "", "k6", "", ""),
)
Table = Sequence[Sequence[str]]


def write(folder: Path, name: str, table: Iterable[Sequence[str]]) -> Path:
    """A CSV file with these rows, the first being its header."""
    path = folder / f"{name}.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(table)
    return path


def write_book(folder: Path, **tables: Table) -> ImportFiles:
    """The files of the book, with some of its tables exchanged."""
    kept: dict[str, Table] = {
        "products": PRODUCTS,
        "borrowers": BORROWERS,
        "loans": LOANS,
        "journal": JOURNAL,
    }
    for name, table in (kept | tables).items():
        write(folder, name, table)
    return ImportFiles.in_folder(folder)


def with_row(table: Table, *more: Sequence[str]) -> Table:
    """The table with rows after its last."""
    return (*table, *more)


def changed(table: Table, row: int, column: str, value: str) -> Table:
    """The table with one value changed; `row` counts as in the file, the header is row 1."""
    rows = [list(values) for values in table]
    rows[row - 1][rows[0].index(column)] = value
    return rows


def take_in(url: str, files: Any, **options: Any) -> ImportReport | ImportRefusal:
    """Import with a fixed actor, moment and key."""
    settings: dict[str, Any] = {
        "actor": "tester",
        "reason": "a test",
        "recorded_at": RECORDED_AT,
        "vault": lambda: VAULT,
    }
    return import_book(url, files, **(settings | options))


def contents(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every table that an import may touch, in a fixed order; to see that nothing has changed."""
    queries = {
        "product": "SELECT code, terms::text FROM product ORDER BY id",
        "borrower": "SELECT * FROM borrower ORDER BY id",
        "personal_data": "SELECT borrower_id FROM personal_data ORDER BY 1",
        "loan": "SELECT id, reference, product_id, borrower_id, principal, rate, penalty_rate FROM loan ORDER BY id",
        "journal": "SELECT loan_id, sequence, kind, effective_on, component, amount, target, tie, recording_id, digest, "
        "until, rate, count, key, details FROM journal ORDER BY loan_id, sequence",
        "recording": "SELECT id, actor, reason, source, entries, recorded_at FROM recording ORDER BY id",
    }
    with psycopg.connect(url) as connection:
        return {table: connection.execute(query).fetchall() for table, query in queries.items()}  # type: ignore[arg-type]


def guards(url: str) -> list[tuple[Any, ...]]:
    """Indexes, constraints and triggers of the tables: an import must leave them as they were."""
    query = """
        SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
        UNION ALL SELECT 'constraint', conname::text, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
        UNION ALL SELECT 'trigger', tgname, tgenabled::text || pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
        ORDER BY 1, 2, 3
    """
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()


Progress = Callable[[str, int, int], None]
