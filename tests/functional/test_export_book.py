"""What is exported says what the book says, whole files only, and a book's export can be imported again."""

import csv
import datetime as dt
from pathlib import Path

import psycopg
import pytest
from pyarrow import parquet

from forbear.engine.layout import POSITION
from forbear.engine.movements import CHART, Account, MovementKind
from forbear.kernel.days import to_day
from forbear.operations.close_day import close_days
from forbear.operations.export_book import FORMS, WHAT, export_book
from forbear.operations.import_book import ImportFiles, ImportReport
from tests.support.book_files import RECORDED_AT, contents, take_in, write_book
from tests.support.database import fresh

pytestmark = pytest.mark.database


@pytest.fixture
def book(fresh_database: str, tmp_path: Path) -> str:
    """The book of two loans, closed for the first time on 2025-03-15."""
    assert isinstance(take_in(fresh_database, write_book(tmp_path)), ImportReport)
    close_days(fresh_database, to_day(dt.date(2025, 3, 15)), now=RECORDED_AT)
    return fresh_database


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_journal_in_words(book: str, tmp_path: Path) -> None:
    [path] = export_book(book, "journal", "csv", tmp_path / "out")
    entries = rows(path)
    assert [entry["key"] for entry in entries] == ["k1", "k3", "k4", "k5", "k2", "k6", "k7"]
    waived = entries[2]
    assert (waived["loan"], waived["kind"], waived["component"], waived["amount"]) == (
        "L1",
        "waived",
        "interest",
        "1",
    )
    assert waived["reason"] == 'said "sorry", twice'
    assert (entries[3]["target"], entries[3]["amount"], entries[3]["actor"]) == ("k3", "0", "tester")
    assert entries[0]["recorded_at"] == "2026-03-01T12:00:00Z"
    assert len(entries[0]["digest"]) == 32


def test_positions_are_read_off_for_the_last_closed_day(book: str, tmp_path: Path) -> None:
    [path] = export_book(book, "positions", "parquet", tmp_path)
    table = parquet.read_table(path)
    assert table.column_names[:5] == ["loan", "borrower", "product", "currency", "status"]
    assert set(POSITION.names or ()) <= set(table.column_names)
    first = table.to_pylist()[0]
    assert (first["loan"], first["borrower"], first["product"], first["currency"]) == (
        "L1",
        "B1",
        "P12",
        "CNY",
    )
    assert (first["status"], first["as_of"], first["disbursed"]) == ("active", dt.date(2025, 3, 15), 120000)
    assert first["days_past_due"] == (dt.date(2025, 3, 15) - dt.date(2025, 2, 1)).days


def test_movements_name_both_accounts_and_add_up(book: str, tmp_path: Path) -> None:
    [path] = export_book(book, "movements", "csv", tmp_path)
    found = rows(path)
    paid_out = [row for row in found if row["kind"] == "disbursed"]
    assert [(row["loan"], row["amount"], row["debit"], row["credit"]) for row in paid_out] == [
        ("L1", "120000", "loans", "cash"),
        ("L2", "60000", "loans", "cash"),
    ]
    pairs = {
        (kind.name.lower(), Account(d).name.lower(), Account(c).name.lower())
        for (kind, _), (d, c) in CHART.items()
    }
    assert {(row["kind"], row["debit"], row["credit"]) for row in found} <= pairs
    assert MovementKind.DISBURSED


@pytest.mark.parametrize("form", FORMS)
def test_an_exported_book_can_be_imported_again(form: str, book: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    export_book(book, "book", form, out)
    again = take_in(book, ImportFiles.in_folder(out))
    assert isinstance(again, ImportReport), again
    assert again.nothing_new, "the export says exactly what the book has"
    with fresh(_server(book)) as other:
        report = take_in(other, ImportFiles.in_folder(out))
        assert isinstance(report, ImportReport), report
        assert (report.products, report.borrowers, report.loans, report.entries) == (2, 2, 2, 7)
        ours, theirs = contents(book), contents(other)
        assert theirs["loan"] == ours["loan"]
        assert [row[-2:] for row in theirs["journal"]] == [row[-2:] for row in ours["journal"]]


def _server(url: str) -> str:
    """The server of a test's database, with the template that `fresh` copies."""
    with psycopg.connect(url) as connection:
        found = connection.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE 'forbear_template%' AND datname NOT LIKE '%draft' "
            "ORDER BY datname DESC LIMIT 1"
        ).fetchone()
    assert found is not None
    return f"{url}#{found[0]}"


def test_the_same_book_is_exported_as_the_same_bytes(book: str, tmp_path: Path) -> None:
    for what in WHAT:
        first = export_book(book, what, "csv", tmp_path / "first")
        second = export_book(book, what, "csv", tmp_path / "second")
        assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_the_logical_export_knows_no_clock(fresh_database: str, tmp_path: Path) -> None:
    """Two books that were made at different times from the same files are the same."""
    files = write_book(tmp_path)
    written = []
    with fresh(_server(fresh_database)) as other:
        for hour, url in enumerate((fresh_database, other)):
            moment = RECORDED_AT + dt.timedelta(hours=hour)
            take_in(url, files, recorded_at=moment)
            close_days(url, to_day(dt.date(2025, 3, 15)), now=moment)
            written.append(export_book(url, "logical", "csv", tmp_path / str(hour)))
    names = [path.name for path in written[0]]
    assert names[0] == "product.csv"
    assert "journal.csv" in names
    assert "personal_data.csv" not in names
    assert [path.read_bytes() for path in written[0]] == [path.read_bytes() for path in written[1]]


@pytest.mark.parametrize("form", FORMS)
def test_an_empty_book_gives_files_with_headers(form: str, fresh_database: str, tmp_path: Path) -> None:
    for what in WHAT:
        for path in export_book(fresh_database, what, form, tmp_path / what):
            if path.suffix == ".csv":
                assert path.read_text().count("\n") == 1
            else:
                assert parquet.read_table(path).num_rows == 0


def test_a_file_that_is_not_whole_does_not_appear(
    book: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("forbear.operations.export_book._copy_to_csv", full)
    with pytest.raises(OSError, match="No space left"):
        export_book(book, "journal", "csv", tmp_path / "out")
    assert not list((tmp_path / "out").iterdir())


def test_an_unknown_export_is_named(book: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match='no export "everything"'):
        export_book(book, "everything", "csv", tmp_path)
