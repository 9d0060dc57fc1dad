"""A book is imported whole, once, and exactly as the files say."""

import datetime as dt
import struct
from pathlib import Path

import psycopg
import pyarrow as pa
import pyarrow.csv as arrow_csv
import pytest
from pyarrow import parquet

from forbear.operations.import_book import ImportFiles, ImportReport
from forbear.store import chain
from tests.support.book_files import (
    BORROWERS,
    JOURNAL,
    LOANS,
    PRODUCTS,
    VAULT,
    contents,
    guards,
    take_in,
    with_row,
    write,
    write_book,
)

pytestmark = pytest.mark.database


def test_a_book_is_taken_in(fresh_database: str, tmp_path: Path) -> None:
    before = guards(fresh_database)
    report = take_in(fresh_database, write_book(tmp_path))
    assert isinstance(report, ImportReport), report
    assert (report.products, report.borrowers, report.loans, report.entries) == (2, 2, 2, 7)
    book = contents(fresh_database)
    assert book["loan"] == [
        (1, "L1", 1, 1, 120000, 1_200_000_000, 1_800_000_000),
        (2, "L2", 2, 2, 60000, 1_449_000_000, 1_449_000_000),
    ]
    assert book["recording"] == [
        (
            1,
            "tester",
            "a test",
            "products.csv, borrowers.csv, loans.csv, journal.csv",
            7,
            dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC),
        )
    ]
    entries = [(*row[:3], row[3].isoformat(), *row[4:7], row[-2], row[-1]) for row in book["journal"]]
    assert entries == [
        (1, 1, 1, "2025-01-01", 0, 120000, 0, "k1", None),
        (1, 2, 5, "2025-02-01", 0, 10662, 0, "k3", '{"channel":"card"}'),
        (1, 3, 4, "2025-02-02", 1, 1, 0, "k4", '{"reason":"said \\"sorry\\", twice"}'),
        (1, 4, 9, "2025-02-03", 0, 0, 2, "k5", '{"reason":"typed wrong"}'),
        (2, 1, 1, "2025-01-10", 0, 60000, 0, "k2", None),
        (2, 2, 5, "2025-02-10", 0, 10000, 0, "k6", None),
        (2, 3, 3, "2025-02-12", 0, 4000, 2, "k7", None),
    ]
    assert guards(fresh_database) == before, (
        "indexes, constraints and the append-only triggers are there again"
    )


def test_every_digest_is_that_of_the_definition(fresh_database: str, tmp_path: Path) -> None:
    take_in(fresh_database, write_book(tmp_path))
    heads: dict[int, bytes] = {}
    for (
        loan,
        sequence,
        kind,
        day,
        component,
        amount,
        target,
        tie,
        recording,
        digest,
        until,
        rate,
        count,
        key,
        details,
    ) in contents(fresh_database)["journal"]:
        heads[loan] = chain.entry_digest(
            heads.get(loan, chain.NO_DIGEST),
            loan=loan,
            sequence=sequence,
            kind=kind,
            component=component,
            effective_on=(day - dt.date(1970, 1, 1)).days,
            amount=amount,
            target=target,
            recording=recording,
            key=key,
            details=details,
            until=until,
            rate=rate,
            count=count,
        )
        assert bytes(digest) == heads[loan]
        assert tie == chain.tie(key)
    assert len(heads) == 2


def test_personal_data_is_sealed_and_can_be_looked_up(fresh_database: str, tmp_path: Path) -> None:
    take_in(fresh_database, write_book(tmp_path))
    with psycopg.connect(fresh_database) as connection:
        rows = connection.execute(
            "SELECT borrower_id, name, phone, id_number, phone_index FROM personal_data"
        ).fetchall()
    [(borrower, name, phone, id_number, index)] = rows  # the second borrower gave nothing
    assert VAULT.open_sealed(borrower, "name", name) == "甲"
    assert VAULT.open_sealed(borrower, "phone", phone) == "+8613800000000"
    assert id_number is None
    assert bytes(index) == VAULT.blind_index("+86 138 0000 0000", "phone")


def test_the_same_import_again_does_nothing_and_says_so(fresh_database: str, tmp_path: Path) -> None:
    files = write_book(tmp_path)
    take_in(fresh_database, files)
    book = contents(fresh_database)
    again = take_in(fresh_database, files)
    assert isinstance(again, ImportReport), again
    assert again.nothing_new
    assert again.recording is None
    assert again.known == {
        **dict.fromkeys(("products", "borrowers", "loans"), 2),
        **dict.fromkeys(("instalments", "versions"), 0),
        "journal": 7,
    }
    assert contents(fresh_database) == book


def test_a_dry_run_checks_and_writes_nothing(fresh_database: str, tmp_path: Path) -> None:
    empty = contents(fresh_database)
    report = take_in(fresh_database, write_book(tmp_path), dry_run=True)
    assert isinstance(report, ImportReport)
    assert (report.entries, report.dry_run, report.recording) == (7, True, None)
    assert contents(fresh_database) == empty


def test_a_later_import_goes_on_where_the_book_is(fresh_database: str, tmp_path: Path) -> None:
    """book    L1: k1 disbursed, k3 paid, k4 waived, k5 reverses k3
    later   k4 again (known), k8 paid, k9 reverses k8; a loan L3 of a new borrower; k7 of the book is reversed
    """
    take_in(fresh_database, write_book(tmp_path))
    later = tmp_path / "later"
    later.mkdir()
    write(later, "borrowers", [BORROWERS[0], ("B3", "乙", "")])
    write(later, "loans", [LOANS[0], ("L3", "B3", "P12", "500", "0.1", "2025-03-01", "3")])
    more = [
        JOURNAL[4],
        ("k8", "L1", "paid", "2025-03-01", "50", "", "", "", "", ""),
        ("k9", "L1", "reversed", "2025-03-01", "", "", "", "k8", "", ""),
        ("k10", "L3", "disbursed", "2025-02-01", "500", "", "", "", "", ""),
        ("k11", "L2", "reversed", "2025-03-01", "", "", "", "k7", "", ""),
        ("k12", "L2", "charged_back", "2025-03-02", "10000", "", "", "k6", "", ""),
    ]
    write(later, "journal", [JOURNAL[0], *more])
    report = take_in(fresh_database, ImportFiles.in_folder(later))
    assert isinstance(report, ImportReport), report
    assert (report.recording, report.loans, report.entries, report.known["journal"]) == (2, 1, 5, 1)
    entries = [
        (row[0], row[1], row[6], row[-2]) for row in contents(fresh_database)["journal"] if row[8] == 2
    ]
    assert entries == [(1, 5, 0, "k8"), (1, 6, 5, "k9"), (2, 4, 3, "k11"), (2, 5, 2, "k12"), (3, 1, 0, "k10")]


def test_an_identical_row_in_two_files_is_one_entry(fresh_database: str, tmp_path: Path) -> None:
    files = write_book(tmp_path)
    write(
        tmp_path,
        "journal-overlap",
        [JOURNAL[0], JOURNAL[6], ("k8", "L2", "paid", "2025-03-10", "1", *[""] * 5)],
    )
    report = take_in(fresh_database, ImportFiles.in_folder(tmp_path))
    assert files.journal
    assert isinstance(report, ImportReport), report
    assert (report.entries, report.known["journal"]) == (8, 1)


def test_parquet_with_types_says_the_same_as_csv(fresh_database: str, tmp_path: Path) -> None:
    write_book(tmp_path)
    typed = tmp_path / "typed"
    typed.mkdir()
    types = {
        "effective_on": pa.date32(),
        "first_due_on": pa.date32(),
        "count": pa.int16(),
        "principal": pa.decimal128(12, 2),
        "amount": pa.decimal128(20, 2),
        "penalty_multiple": pa.string(),
        "phone": pa.string(),
        "rate": pa.string(),
        "kind": pa.dictionary(pa.int32(), pa.string()),
    }
    for name in ("products", "borrowers", "loans", "journal"):
        options = arrow_csv.ConvertOptions(column_types=types, strings_can_be_null=True)
        table = arrow_csv.read_csv(tmp_path / f"{name}.csv", convert_options=options)
        parquet.write_table(table, typed / f"{name}.parquet", row_group_size=3)
    take_in(fresh_database, ImportFiles.in_folder(tmp_path))
    report = take_in(fresh_database, ImportFiles.in_folder(typed))
    assert isinstance(report, ImportReport), report
    assert report.nothing_new


def test_without_a_file_of_borrowers_the_loans_name_them(fresh_database: str, tmp_path: Path) -> None:
    files = write_book(tmp_path)
    report = take_in(fresh_database, ImportFiles(products=files.products, loans=files.loans))
    assert isinstance(report, ImportReport), report
    assert contents(fresh_database)["borrower"] == [(1, "B1"), (2, "B2")]


def test_files_may_be_named_one_by_one(fresh_database: str, tmp_path: Path) -> None:
    write_book(tmp_path)
    paths = [tmp_path / f"{name}.csv" for name in ("loans", "products", "journal", "borrowers")]
    assert isinstance(take_in(fresh_database, paths), ImportReport)


def test_progress_is_told_to_the_end(fresh_database: str, tmp_path: Path) -> None:
    told: dict[str, tuple[int, int]] = {}
    take_in(
        fresh_database,
        write_book(tmp_path),
        progress=lambda stage, done, total: told.update({stage: (done, total)}),
    )
    assert told["journal"] == (7, 7)
    assert list(told)[:5] == ["products", "borrowers", "loans", "journal keys", "journal"]


def test_control_characters_and_long_details_survive(fresh_database: str, tmp_path: Path) -> None:
    reason = 'line\nbreak\ttab \x01 \\ "quoted" 逾期 ' + "x" * 5000
    write_book(
        tmp_path, journal=with_row(JOURNAL, ("k8", "L2", "paid", "2025-03-10", "1", "", "", "", "", reason))
    )
    assert isinstance(take_in(fresh_database, ImportFiles.in_folder(tmp_path)), ImportReport)
    with psycopg.connect(fresh_database) as connection:
        found = connection.execute(
            "SELECT details::jsonb ->> 'reason' FROM journal WHERE key = 'k8'"
        ).fetchone()
    assert found == (reason,)


def test_a_penalty_rate_is_that_of_loan_product_or_contract(fresh_database: str, tmp_path: Path) -> None:
    products = [
        ("code", "currency", "amortisation", "penalty_rate", "penalty_multiple", "overdue_interest"),
        ("A", "CNY", "bullet", "0.18", "", ""),
        ("B", "CNY", "bullet", "", "1.5", ""),
        ("C", "CNY", "bullet", "", "", ""),
        ("D", "CNY", "bullet", "", "", "continues"),
    ]
    header = ("loan", "borrower", "product", "principal", "rate", "penalty_rate", "first_due_on", "count")
    loans = [
        (f"L{code}{own}", "B1", code, "1", "0.1", own, "2025-02-01", "1")
        for code in "ABCD"
        for own in ("", "0.2")
    ]
    write_book(tmp_path, products=products, loans=[header, *loans], journal=[JOURNAL[0]])
    assert isinstance(take_in(fresh_database, ImportFiles.in_folder(tmp_path)), ImportReport)
    rates = {row[1]: row[6] // 10**7 for row in contents(fresh_database)["loan"]}
    assert rates == {
        "LA": 180,
        "LA0.2": 200,
        "LB": 150,
        "LB0.2": 200,
        "LC": 100,
        "LC0.2": 200,
        "LD": 0,
        "LD0.2": 200,
    }


def test_the_frame_of_a_digest_has_the_documented_size() -> None:
    assert struct.calcsize("<16sqqiiiihhiq") == chain.FRAME_BYTES == 64
    assert PRODUCTS[0][0] == "code"
