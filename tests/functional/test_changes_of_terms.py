"""Changes of the terms from file to book: taken in, folded, booked, told as they were known, explained, and given out again."""

import datetime as dt
from pathlib import Path

import pytest

from forbear.engine.vocabulary import EntryKind
from forbear.operations.close_day import close_days
from forbear.operations.explain import Explanation, UnknownFigure, explanation
from forbear.operations.import_book import ImportRefusal, ImportReport
from forbear.operations.statement import Statement, statement
from forbear.operations.verify import verify
from tests.support.book_files import RECORDED_AT, contents, take_in, write_book
from tests.support.books import day

pytestmark = pytest.mark.database

HEAD = ("key", "loan", "kind", "effective_on", "amount", "component", "until", "rate", "count")
DRAWN = ("d1", "L1", "disbursed", "2025-01-01", "1200.00", "", "", "", "")
CHANGES = (
    ("c1", "L1", "rate_changed", "2025-01-15", "", "interest", "", "0.06", ""),
    ("c2", "L1", "interest_paused", "2025-01-20", "", "", "2025-01-25", "", ""),
    ("c3", "L1", "due_date_moved", "2025-01-26", "", "", "2025-02-10", "", ""),
    ("c4", "L1", "reaged", "2025-03-20", "", "", "2025-04-15", "", "6"),
    ("c5", "L1", "paid_to_component", "2025-04-01", "50.00", "principal", "", "", ""),
    ("c6", "L1", "moratorium_started", "2025-05-01", "", "", "", "", ""),
    ("c7", "L1", "goodwill_credited", "2025-05-02", "3.00", "", "", "", ""),
)
L2 = ("d2", "L2", "disbursed", "2025-01-10", "60000", "", "", "", "")


def test_taken_in_and_told(fresh_database: str, tmp_path: Path) -> None:
    files = write_book(tmp_path, journal=(HEAD, DRAWN, L2, *CHANGES))
    report = take_in(fresh_database, files)
    assert isinstance(report, ImportReport), report
    rows = contents(fresh_database)["journal"]
    assert [(row[2], *row[10:13]) for row in rows if row[2] >= EntryKind.RATE_CHANGED][:2] == [
        (EntryKind.RATE_CHANGED, 0, 600_000_000, 0),
        (EntryKind.INTEREST_PAUSED, day("2025-01-25"), 0, 0),
    ]
    found = statement(fresh_database, "L1", day("2025-03-20"))
    assert isinstance(found, Statement)
    assert (found.position["days_past_due"], found.position["next_due_on"]) == (0, dt.date(2025, 4, 15))
    assert found.position["deferred_interest"] > 0
    again = take_in(fresh_database, files)
    assert isinstance(again, ImportReport)
    assert again.entries == 0


def test_what_was_known_and_what_has_been_learned(fresh_database: str, tmp_path: Path) -> None:
    take_in(fresh_database, write_book(tmp_path, journal=(HEAD, DRAWN, L2)))
    later = write_book(tmp_path, journal=(HEAD, ("p1", "L1", "paid", "2025-02-01", "60.00", "", "", "", "")))
    take_in(fresh_database, later, recorded_at=RECORDED_AT + dt.timedelta(days=2))
    before = statement(fresh_database, "L1", day("2025-02-10"), known_at=RECORDED_AT + dt.timedelta(days=1))
    now = statement(fresh_database, "L1", day("2025-02-10"))
    assert isinstance(before, Statement)
    assert isinstance(now, Statement)
    assert before.position["received"] == 0
    assert now.position["received"] == 6_000
    assert not now.learned
    received = [(line.on, line.believed, line.known) for line in before.learned if line.what == "received"]
    assert received == [(dt.date(2025, 2, 1), 0, 6_000)]
    payoff = [line for line in before.learned if line.what == "payoff"]
    assert [(line.believed, line.known) for line in payoff] == [
        (before.position["payoff"], now.position["payoff"])
    ]


def test_a_figure_is_explained_in_two_languages(fresh_database: str, tmp_path: Path) -> None:
    take_in(fresh_database, write_book(tmp_path, journal=(HEAD, DRAWN, L2, *CHANGES)))
    told = explanation(fresh_database, "L1", day("2025-02-11"), figure="due_interest")
    assert isinstance(told, Explanation)
    text = [line.sentence for line in told.lines]
    assert text[0] == "interest due and unpaid"
    assert text[1] == "instalment 1, due 2025-02-10"
    assert "2025-01-01 to before 2025-01-15: 1,200.00 at 0.12 a year for 14/365 of it" in text
    assert "2025-01-15 to before 2025-01-20: 1,200.00 at 0.06 a year for 5/365 of it" in text
    assert not any("2025-01-20 to" in sentence for sentence in text)  # the pause
    zh = explanation(fresh_database, "L1", day("2025-02-11"), figure="due_interest", language="zh")
    assert isinstance(zh, Explanation)
    assert zh.lines[0].sentence == "到期未还利息"
    assert [line.exact for line in zh.lines] == [line.exact for line in told.lines]
    assert isinstance(explanation(fresh_database, "L1", 0, figure="luck"), UnknownFigure)


def test_closed_days_tie_and_verify(fresh_database: str, tmp_path: Path) -> None:
    take_in(fresh_database, write_book(tmp_path, journal=(HEAD, DRAWN, L2, *CHANGES)))
    for date in ("2025-01-31", "2025-03-19", "2025-03-21", "2025-05-10"):
        close_days(fresh_database, day(date), now=RECORDED_AT)
    assert verify(fresh_database).findings == []


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (("x", "L1", "rate_changed", "2025-02-01", "", "fee", "", "0.06", ""), "component"),
        (("x", "L1", "rate_changed", "2025-02-01", "", "interest", "", "", ""), "rate"),
        (("x", "L1", "interest_paused", "2025-02-01", "", "", "2025-02-01", "", ""), "until"),
        (("x", "L1", "extended", "2025-02-01", "", "", "", "", "0"), "count"),
        (("x", "L1", "extended", "2025-02-01", "", "", "", "", "1001"), "count"),
        (("x", "L1", "charged_off", "2025-02-01", "5.00", "", "", "", ""), "amount"),
        (("x", "L1", "paid", "2025-02-01", "5.00", "", "2025-03-01", "", ""), "until"),
        (("x", "L1", "paid_to_component", "2025-02-01", "5.00", "", "", "", ""), "component"),
    ],
)
def test_refused(fresh_database: str, tmp_path: Path, row: tuple[str, ...], column: str) -> None:
    refusal = take_in(fresh_database, write_book(tmp_path, journal=(HEAD, DRAWN, L2, row)))
    assert isinstance(refusal, ImportRefusal)
    assert {problem.column for problem in refusal.problems} == {column}
