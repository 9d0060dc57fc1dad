"""A restructuring from file to book: versions taken in, previewed, recorded, booked, undone, given out and taken in again."""

import datetime as dt
from pathlib import Path

import pytest

from forbear.engine.vocabulary import EntryKind
from forbear.operations.close_day import close_days
from forbear.operations.explain import Explanation, explanation
from forbear.operations.export_book import export_book
from forbear.operations.import_book import ImportFiles, ImportRefusal, ImportReport
from forbear.operations.proposal import NotRecorded, Proposal
from forbear.operations.record import Changed, Recorder, preview, record
from forbear.operations.statement import Statement, statement
from forbear.operations.verify import verify
from tests.support.book_files import PRODUCTS, RECORDED_AT, contents, take_in, with_row, write_book
from tests.support.books import day

pytestmark = pytest.mark.database

LOW = ("P6", "Six months, lower", "CNY", "equal_principal", "1.5")
JOURNAL = (
    ("key", "loan", "kind", "effective_on", "amount", "count"),
    ("d1", "L1", "disbursed", "2025-01-01", "1200.00", ""),
    ("d2", "L2", "disbursed", "2025-01-10", "60000", ""),
)
VERSIONS = (
    ("loan", "version", "product", "rate", "first_due_on", "count", "due_day", "instalment", "capitalise"),
    ("L1", "2", "P6", "0.06", "2025-04-20", "6", "", "", "interest fee"),
    ("L1", "3", "P12", "0.03", "2025-07-15", "24", "15", "", ""),
)
PRODUCTS_AND_LOW = with_row(PRODUCTS, LOW)
ANEW = Proposal(loan="L1", kind=EntryKind.RESTRUCTURED, on=day("2025-03-20"), count=2)
BY = Recorder(actor="tester", reason="agreed", recorded_at=RECORDED_AT)


def files(folder: Path, *rows: tuple[str, ...], versions=VERSIONS) -> ImportFiles:
    """The book with versions of terms, and entries after its draws."""
    return write_book(folder, products=PRODUCTS_AND_LOW, versions=versions, journal=with_row(JOURNAL, *rows))


def position(url: str, on: str) -> dict:
    found = statement(url, "L1", day(on))
    assert isinstance(found, Statement)
    return found.position


def test_a_version_changes_nothing_until_an_entry_puts_it_in_force(fresh_database: str, tmp_path: Path):
    report = take_in(fresh_database, files(tmp_path))
    assert isinstance(report, ImportReport), report
    assert report.versions == 2
    assert contents(fresh_database)["journal"]
    before = position(fresh_database, "2025-03-20")
    assert (before["days_past_due"], before["capitalised_interest"]) == (47, 0)
    seen = preview(fresh_database, ANEW, as_of=ANEW.on, today=day("2025-03-20"))
    assert isinstance(seen, Changed), seen
    assert position(fresh_database, "2025-03-20") == before
    done = record(fresh_database, ANEW, BY, as_of=ANEW.on, today=day("2025-03-20"))
    assert isinstance(done, Changed), done
    after = position(fresh_database, "2025-03-20")
    assert after == done.after == seen.after
    assert after["days_past_due"] == 0
    assert after["principal"] == 120_000 + after["capitalised_interest"] > 120_000
    assert after["deferred_penalty"] > 0
    assert after["next_due_on"] == dt.date(2025, 4, 20)
    assert len([row for row in done.rows_after if row.due_on >= dt.date(2025, 4, 20)]) == 6
    told = explanation(fresh_database, "L1", ANEW.on, figure="undue", language="zh")
    assert isinstance(told, Explanation)
    assert "债务重组转为本金" in [line.sentence for line in told.lines]
    undo = Proposal(loan="L1", kind=EntryKind.REVERSED, on=ANEW.on, target=done.sequence)
    record(fresh_database, undo, BY, as_of=ANEW.on, today=day("2025-03-21"))
    assert position(fresh_database, "2025-03-20") == before


def test_what_a_rule_refuses_is_not_recorded(fresh_database: str, tmp_path: Path) -> None:
    take_in(fresh_database, files(tmp_path, ("r", "L1", "restructured", "2025-03-20", "", "2")))
    for count, on, rule in (
        (7, "2025-03-25", "version_unknown"),
        (2, "2025-03-25", "version_in_use"),
        (3, "2025-07-15", "version_begins_too_late"),
    ):
        proposal = Proposal(loan="L1", kind=EntryKind.RESTRUCTURED, on=day(on), count=count)
        found = record(fresh_database, proposal, BY, as_of=day(on), today=day("2025-12-31"))
        assert isinstance(found, NotRecorded)
        assert found.rule == rule


def test_closed_days_tie_and_what_is_given_out_is_taken_in_again(
    fresh_database: str, another_database: str, tmp_path: Path
) -> None:
    rows = (
        ("p1", "L1", "paid", "2025-02-01", "50.00", ""),
        ("r1", "L1", "restructured", "2025-03-20", "", "2"),
        ("p2", "L1", "paid", "2025-04-20", "100.00", ""),
        ("r2", "L1", "restructured", "2025-06-30", "", "3"),
        ("p3", "L1", "paid", "2025-07-15", "60.00", ""),
    )
    take_in(fresh_database, files(tmp_path, *rows))
    for date in ("2025-01-31", "2025-03-19", "2025-03-20", "2025-05-10", "2025-07-31"):
        close_days(fresh_database, day(date), now=RECORDED_AT)
    assert verify(fresh_database).findings == []
    told = position(fresh_database, "2025-08-20")
    assert told["days_past_due"] == 5
    out = tmp_path / "out"
    export_book(fresh_database, "book", "csv", out)
    assert isinstance(take_in(another_database, ImportFiles.in_folder(out)), ImportReport)
    assert position(another_database, "2025-08-20") == told
    again = take_in(fresh_database, ImportFiles.in_folder(out))
    assert isinstance(again, ImportReport)
    assert again.nothing_new
    assert again.known["versions"] == 2


@pytest.mark.parametrize(
    ("column", "value", "at"),
    [
        ("version", "1", "version"),
        ("loan", "L9", "loan"),
        ("product", "JPY6", "product"),
        ("capitalise", "interest principal", "capitalise"),
        ("count", "0", "count"),
        ("first_due_on", "2199-12-20", "count"),
        ("due_day", "32", "due_day"),
        ("rate", "", "rate"),
        ("first_due_on", "20/04/2025", "first_due_on"),
    ],
)
def test_a_wrong_version_is_told(fresh_database: str, tmp_path: Path, column: str, value: str, at: str):
    heads = VERSIONS[0]
    wrong = tuple(value if name == column else old for name, old in zip(heads, VERSIONS[1], strict=True))
    refusal = take_in(fresh_database, files(tmp_path, versions=(heads, wrong)))
    assert isinstance(refusal, ImportRefusal)
    assert {(problem.file, problem.column) for problem in refusal.problems} == {("versions.csv", at)}


def test_an_entry_needs_its_version_and_a_version_stays_what_it_is(fresh_database: str, tmp_path: Path):
    for row, column in (
        (("r", "L1", "restructured", "2025-03-20", "", "4"), "count"),
        (("r", "L1", "restructured", "2025-03-20", "", ""), "count"),
        (("r", "L1", "restructured", "2025-03-20", "5.00", "2"), "amount"),
        (("r", "L1", "restructured", "2025-04-20", "", "2"), "effective_on"),
    ):
        refusal = take_in(fresh_database, files(tmp_path, row))
        assert isinstance(refusal, ImportRefusal), row
        assert {problem.column for problem in refusal.problems} == {column}, row
    take_in(fresh_database, files(tmp_path))
    other = (VERSIONS[0], ("L1", "2", "P6", "0.05", "2025-04-20", "6", "", "", ""))
    refusal = take_in(fresh_database, files(tmp_path, versions=other))
    assert isinstance(refusal, ImportRefusal)
    assert [problem.column for problem in refusal.problems] == ["version"]
