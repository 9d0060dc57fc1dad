"""`forbear preview` and `forbear record`: one entry, what it would change, why not, and how it is undone."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from forbear.cli.main import main
from forbear.operations.close_day import close_days
from forbear.operations.import_book import ImportReport
from forbear.operations.verify import verify
from tests.functional.test_live_book import day, files
from tests.support.book_files import RECORDED_AT, contents, take_in
from tests.support.books import SmallBook

pytestmark = pytest.mark.database


@pytest.fixture
def book(fresh_database: str, tmp_path: Path) -> SmallBook:
    report = take_in(fresh_database, files(tmp_path))
    assert isinstance(report, ImportReport), report
    close_days(fresh_database, day("2024-03-03"), now=RECORDED_AT)
    return SmallBook.at(fresh_database)


def run(book: SmallBook, *args: str, on: str = "2024-03-03") -> Result:
    env = {"DATABASE_URL": book.url, "NO_COLOR": "1", "LANG": "C", "LC_ALL": "", "LC_MESSAGES": ""}
    return CliRunner(env=env).invoke(main, [*args, "--on", on, "--as-of", "2024-03-03"])


CHANGES = {
    "extended": ("L2", "extended", "--count", "3"),
    "due date moved": ("L2", "due_date_moved", "--until", "2024-04-20"),
    "payment holiday": ("L2", "payment_holiday", "--count", "1"),
    "re-aged": ("L2", "reaged", "--until", "2024-04-01", "--count", "18"),
    "re-amortised": ("L2", "reamortised"),
    "rate changed": ("L2", "rate_changed", "--component", "interest", "--rate", "0.06"),
    "interest paused": ("L2", "interest_paused", "--until", "2024-03-20"),
    "delinquency paused": ("L2", "delinquency_paused", "--until", "2024-05-01"),
    "accelerated": ("L2", "accelerated"),
    "charged off": ("L2", "charged_off"),
    "paid": ("L2", "paid", "--amount", "50.00"),
    "live: extended": ("L1", "extended", "--count", "3"),
    "live: due date moved": ("L1", "due_date_moved", "--until", "2024-04-20"),
    "live: rate changed": ("L4", "rate_changed", "--component", "interest", "--rate", "0.06"),
    "live: paid": ("L1", "paid", "--amount", "50.00"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_preview_writes_nothing_and_tells_what_recording_does(book: SmallBook, name: str) -> None:
    loan = CHANGES[name][0]
    before = contents(book.url)
    seen = run(book, "preview", *CHANGES[name], "--json")
    assert seen.exit_code == 0, seen.output
    assert contents(book.url) == before
    done = run(book, "record", *CHANGES[name], "--json", "--reason", "agreed", "--key", "new")
    assert done.exit_code == 0, done.output
    told, did = json.loads(seen.output), json.loads(done.output)
    assert did["recorded"]
    assert {k: v for k, v in told.items() if k not in ("key", "recorded")} == {
        k: v for k, v in did.items() if k not in ("key", "recorded")
    }
    statement = run_statement(book, loan)
    assert statement["position"]["payoff"] == did["after"]["payoff"]
    assert verify(book.url).sound

    undone = run(book, "record", loan, "reversed", "--target", "new", "--reason", "undo", "--json")
    assert undone.exit_code == 0, undone.output
    assert json.loads(undone.output)["after"] == told["before"]
    close_days(book.url, day("2024-03-10"), now=RECORDED_AT)
    assert verify(book.url).sound


def run_statement(book: SmallBook, loan: str) -> dict:
    env = {"DATABASE_URL": book.url, "NO_COLOR": "1"}
    return json.loads(
        CliRunner(env=env).invoke(main, ["statement", loan, "--as-of", "2024-03-03", "--json"]).output
    )


def test_before_and_after_are_shown_side_by_side(book: SmallBook) -> None:
    """L2: 1,200.00 over twelve months, three months more: fifteen instalments instead of twelve."""
    told = run(book, "preview", "L2", "extended", "--count", "3").output
    assert "before" in told
    assert "2025-04-01" in told
    assert "total" in told


REFUSED = {
    "a payment to come": (("L1", "paid", "--amount", "5.00"), "2030-01-01", "in_the_future"),
    "before the loan": (("L1", "paid", "--amount", "5.00"), "2023-12-31", "before its loan's disbursement"),
    "more than agreed": (("L1", "disbursed", "--amount", "0.01"), "2024-03-03", "more_than_agreed"),
    "more than the credit": (("L1", "refunded", "--amount", "5.00"), "2024-03-03", "more_than_the_credit"),
    "more than was paid": (
        ("L1", "charged_back", "--amount", "30.01", "--target", "k8"),
        "2024-03-03",
        "only 3000 minor units are left",
    ),
    "no payment": (
        ("L1", "charged_back", "--amount", "1.00", "--target", "k1"),
        "2024-03-03",
        "names an entry that is no payment",
    ),
    "more than is open": (
        ("L2", "waived", "--component", "fee", "--amount", "1.00"),
        "2024-03-03",
        "more_than_is_open",
    ),
    "no write-off": (("L2", "recovered", "--amount", "1.00"), "2024-03-03", "not_written_off"),
    "no pause": (("L2", "delinquency_resumed"), "2024-03-03", "not_paused"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_life_of_a_loan_does_not_allow_is_refused(book: SmallBook, name: str) -> None:
    said, on, code = REFUSED[name]
    before = contents(book.url)
    found = run(book, "record", *said, "--reason", "x", on=on)
    assert found.exit_code == 1
    assert code in found.output
    assert contents(book.url) == before


def test_out_of_life_one_after_the_other(book: SmallBook) -> None:
    def done(*said: str, key: str = "", on: str = "2024-03-03") -> Result:
        more = ["--key", key] if key else []
        return run(book, "record", "L2", *said, *more, "--reason", "x", on=on)

    assert done("interest_paused", "--until", "2024-03-20", key="pause").exit_code == 0
    assert "pauses_overlap" in done("interest_paused", "--until", "2024-03-10", on="2024-03-05").output
    assert done("charged_off", key="off").exit_code == 0
    assert "charged_off" in done("charged_off").output
    assert "charged_off" in done("fee_charged", "--amount", "1.00", on="2024-03-04").output
    assert done("reversed", "--target", "off", key="undo").exit_code == 0
    assert "reversed already" in done("reversed", "--target", "off").output
    assert done("written_off", key="lost").exit_code == 0
    assert "written_off" in done("extended", "--count", "1", on="2024-03-04").output
    assert done("recovered", "--amount", "1.00").exit_code == 0
    assert done("sold", key="gone").exit_code == 0


def test_the_same_entry_twice_is_one(book: SmallBook) -> None:
    said = ("record", "L1", "paid", "--amount", "5.00", "--reason", "x", "--key", "bank-1")
    assert "Recorded as bank-1" in run(book, *said).output
    before = contents(book.url)
    again = run(book, *said)
    assert again.exit_code == 0
    assert "already" in again.output
    assert contents(book.url) == before


def test_what_is_written_wrongly_is_told_by_its_column(book: SmallBook) -> None:
    found = run(book, "record", "L1", "paid", "--amount", "5.001", "--reason", "x")
    assert found.exit_code == 1
    assert "amount" in found.output
    assert "There is no loan" in run(book, "preview", "L99", "paid", "--amount", "5.00").output
    assert "kind" in run(book, "preview", "L1", "payed").output


def test_refusals_are_said_in_chinese(book: SmallBook) -> None:
    env = {"DATABASE_URL": book.url, "NO_COLOR": "1", "LC_ALL": "zh_CN.UTF-8"}
    found = CliRunner(env=env).invoke(
        main, ["preview", "L2", "recovered", "--amount", "1.00", "--on", "2024-03-03"]
    )
    assert "贷款未核销" in found.output
