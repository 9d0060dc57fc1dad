"""A book of planned and live products, end to end: imported, closed, told, explained, exported, proved."""

import datetime as dt
from pathlib import Path

import pytest
from click.testing import CliRunner

from forbear.cli.main import main
from forbear.kernel.days import to_day
from forbear.operations.close_day import close_days
from forbear.operations.cost import LoanCost, loan_cost
from forbear.operations.explain import Explanation, explanation
from forbear.operations.export_book import export_book
from forbear.operations.import_book import ImportRefusal, ImportReport
from forbear.operations.import_run import ImportFiles
from forbear.operations.statement import Statement, statement
from forbear.operations.verify import verify
from tests.support.book_files import RECORDED_AT, changed, contents, take_in, with_row, write, write_book
from tests.support.books import SmallBook
from tests.support.database import fresh
from tests.support.digests import fingerprint

pytestmark = pytest.mark.database

PRODUCTS = (
    (
        "code",
        "currency",
        "regime",
        "preset",
        "amortisation",
        "penalty_multiple",
        "draw_fee_flat",
        "payment_rule",
    ),
    ("LIVE", "CNY", "live", "fineract-progressive", "", "", "", ""),
    ("ONCE", "CNY", "", "fineract-cumulative", "", "", "1.50", ""),
    ("P12", "CNY", "", "", "equal_instalment", "1.5", "", ""),
)
LOANS = (
    ("loan", "borrower", "product", "principal", "rate", "first_due_on", "count"),
    ("L1", "B1", "LIVE", "100.00", "0.07", "2024-02-01", "6"),
    ("L2", "B2", "P12", "1200.00", "0.12", "2024-02-01", "12"),
    ("L3", "B2", "ONCE", "100.00", "0.07", "2024-02-01", "6"),
    ("L4", "B1", "LIVE", "500.00", "0.095", "2024-03-01", "4"),
)
JOURNAL = (
    ("key", "loan", "kind", "effective_on", "amount", "component", "target", "until", "rate", "count"),
    ("k1", "L1", "disbursed", "2024-01-01", "100.00", "", "", "", "", ""),
    ("k2", "L2", "disbursed", "2024-01-01", "1200.00", "", "", "", "", ""),
    ("k3", "L3", "disbursed", "2024-01-01", "100.00", "", "", "", "", ""),
    ("k4", "L4", "disbursed", "2024-01-10", "300.00", "", "", "", "", ""),
    ("k5", "L1", "paid", "2024-02-01", "17.01", "", "", "", "", ""),
    ("k6", "L3", "paid", "2024-02-01", "17.01", "", "", "", "", ""),
    ("k7", "L4", "fee_charged", "2024-01-20", "4.00", "penalty", "", "2024-02-20", "", ""),
    ("k8", "L1", "paid", "2024-02-20", "30.00", "", "", "", "", ""),
    ("k9", "L4", "disbursed", "2024-02-10", "200.00", "", "", "", "", ""),
    ("k10", "L4", "rate_changed", "2024-02-15", "", "interest", "", "", "0.08", ""),
)
LATER = (
    JOURNAL[0],
    ("m1", "L1", "charged_back", "2024-03-04", "30.00", "", "k8", "", "", ""),
    ("m2", "L4", "paid", "2024-02-28", "50.00", "", "", "", "", ""),
    ("m3", "L3", "reversed", "2024-03-05", "", "", "k6", "", "", ""),
    ("m4", "L4", "due_date_moved", "2024-03-05", "", "", "", "2024-04-15", "", ""),
    ("m5", "L1", "paid", "2024-03-20", "60.00", "", "", "", "", ""),
    ("m6", "L4", "reaged", "2024-03-16", "", "", "", "2024-04-01", "", "3"),
    ("m7", "L4", "due_date_moved", "2024-04-02", "", "", "", "2024-05-10", "", ""),
    ("m8", "L3", "waived", "2024-03-02", "0.30", "interest", "", "", "", ""),
    ("m9", "L3", "accelerated", "2024-03-18", "", "", "", "", "", ""),
    ("m10", "L1", "waived", "2024-03-19", "5.00", "principal", "", "", "", ""),
    ("m11", "L4", "reamortised", "2024-05-12", "", "", "", "", "", ""),
    ("m12", "L4", "waived", "2024-05-14", "0.20", "interest", "", "", "", ""),
)


def day(text: str) -> int:
    """The day number of an ISO date."""
    return to_day(dt.date.fromisoformat(text))


def files(folder: Path, **tables) -> ImportFiles:
    return write_book(folder, **({"products": PRODUCTS, "loans": LOANS, "journal": JOURNAL} | tables))


@pytest.fixture
def book(fresh_database: str, tmp_path: Path) -> SmallBook:
    """Imported, and closed up to 3 March, when the second instalment of L1 and L3 has fallen due."""
    report = take_in(fresh_database, files(tmp_path))
    assert isinstance(report, ImportReport), report
    for until in ("2024-02-01", "2024-03-03"):
        close_days(fresh_database, day(until), now=RECORDED_AT)
    return SmallBook.at(fresh_database)


def late_entries(book: SmallBook, folder: Path) -> None:
    """A charge-back, a payment that arrives late, a reversal, a moved date: on days that are closed and on one that is not."""
    done = take_in(book.url, [write(folder, "journal", LATER)])
    assert isinstance(done, ImportReport), done


def test_positions_are_those_of_the_page(book: SmallBook) -> None:
    """Drawn 100.00 at 7%, 17.01 paid on the date and 30.00 early: the worked table of the live schedule."""
    found = book.position("L1", "2024-03-03")
    assert (found["principal"], found["due_interest"], found["days_past_due"]) == (5389, 0, 0)
    once = book.position("L3", "2024-03-03")
    assert (once["days_past_due"], once["paid_fee"], once["received"]) == (2, 150, 1701 + 150)
    assert book.position("L4", "2024-03-03")["due_penalty"] == 400
    assert book.verify().sound


def test_day_after_day_is_what_a_refold_gives(book: SmallBook, tmp_path: Path) -> None:
    late_entries(book, tmp_path)
    for until in ("2024-03-06", "2024-03-21", "2024-05-20"):
        close_days(book.url, day(until), now=RECORDED_AT)
        report = verify(book.url)
        assert report.sound, report.findings
        if until == "2024-03-06":
            assert book.position("L4", until)["next_due_on"] == day("2024-04-15")


def test_days_one_by_one_are_the_same_book_as_all_at_once(
    book: SmallBook, another_database: str, tmp_path: Path
) -> None:
    late_entries(book, tmp_path)
    for until in range(day("2024-03-04"), day("2024-04-03")):
        close_days(book.url, until, now=RECORDED_AT)
    (tmp_path / "other").mkdir()
    take_in(another_database, files(tmp_path / "other"))
    other = SmallBook.at(another_database)
    late_entries(other, tmp_path)
    close_days(another_database, day("2024-04-02"), now=RECORDED_AT)
    assert book.positions(day("2024-04-02")) == other.positions(day("2024-04-02"))
    assert book.ledger() == other.ledger()


def test_the_same_again_does_nothing(book: SmallBook, tmp_path: Path) -> None:
    again = take_in(book.url, files(tmp_path))
    assert isinstance(again, ImportReport), again
    assert again.nothing_new


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_an_export_is_the_book(book: SmallBook, database_server: str, form: str, tmp_path: Path) -> None:
    late_entries(book, tmp_path)
    export_book(book.url, "book", form, tmp_path / "out")
    with fresh(database_server) as url:
        report = take_in(url, ImportFiles.in_folder(tmp_path / "out"))
        assert isinstance(report, ImportReport), report
        here, there = contents(book.url), contents(url)
        assert [row[1] for row in there["product"]] == [row[1] for row in here["product"]]
        assert [row[2:8] + row[10:13] for row in there["journal"]] == [
            row[2:8] + row[10:13] for row in here["journal"]
        ]
        for where in (book.url, url):
            close_days(where, day("2024-03-21"), now=RECORDED_AT)
        assert SmallBook.at(url).positions(day("2024-03-21")) == book.positions(day("2024-03-21"))


def test_a_statement_tells_rows_due_and_to_come(book: SmallBook) -> None:
    found = statement(book.url, "L1", day("2024-02-20"))
    assert isinstance(found, Statement)
    assert [row["due_on"].isoformat() for row in found.instalments] == ["2024-02-01"]
    assert found.instalments[0]["paid"] == {"principal": 1643, "interest": 58, "fee": 0, "penalty": 0}
    assert found.planned[0]["due_on"].isoformat() == "2024-03-01"
    assert sum(row["principal"] for row in found.planned) == found.position["principal"]
    assert found.lines[-1].entries == ("paid 30.00",)
    run = CliRunner(env={"DATABASE_URL": book.url, "NO_COLOR": "1"}).invoke
    told = run(main, ["statement", "L4", "--as-of", "2024-02-20"]).output
    assert "fee_charged penalty 4.00 until 2024-02-20" in told
    assert "rate_changed interest 0.08" in told
    assert "Planned" in told


def test_the_rows_and_entries_of_a_figure_are_explained(book: SmallBook) -> None:
    found = explanation(book.url, "L3", day("2024-03-03"))
    assert isinstance(found, Explanation)
    assert found.lines[0].amount == "85.04"
    told = [line.sentence for line in found.lines]
    assert "instalment 2, due 2024-03-01" in told
    assert any("asked by the schedule" in line for line in told)
    paid = explanation(book.url, "L1", day("2024-02-20"), figure="undue", language="zh")
    assert isinstance(paid, Explanation)
    assert any("2024-02-20" in line.sentence for line in paid.lines)


def test_interest_that_runs_is_explained_down_to_its_days(book: SmallBook) -> None:
    """L1 on 15 February: 83.57 at 7%, fourteen of the 29 days that a twelfth of the year has there."""
    found = explanation(book.url, "L1", day("2024-02-15"), figure="accrued_interest")
    assert isinstance(found, Explanation)
    told = [(line.amount, line.sentence) for line in found.lines]
    days = "2024-02-01 to before 2024-02-15: 83.57 at 0.07 a year for 7/174 of it"
    assert told[0][0] == "0.24"
    assert told[1] == ("0.23|5340", days)
    run = CliRunner(env={"DATABASE_URL": book.url, "NO_COLOR": "1"}).invoke
    assert run(main, ["explain", "L3", "due_interest", "--as-of", "2024-03-03"]).exit_code == 0


def test_costs_are_told(book: SmallBook) -> None:
    """The fee of 1.50 that is kept from the draw is a cost: 7% nominal costs more."""
    found = loan_cost(book.url, "L3", day("2024-03-03"))
    assert isinstance(found, LoanCost)
    rate = found.agreed["xirr"].rate
    assert rate is not None
    assert 10 * 10**8 < rate < 16 * 10**8, rate
    assert [flow for _, flow in found.agreed_flows[:2]] in ([-10_000, 150], [150, -10_000])
    assert len(found.agreed_flows) == 8


REFUSALS = {
    "terms of the other regime": (
        {"products": changed(PRODUCTS, 2, "penalty_multiple", "1.5")},
        "penalty_multiple is a term of planned products",
    ),
    "live terms of a planned product": (
        {"products": changed(PRODUCTS, 4, "payment_rule", "due_fee")},
        "payment_rule is a term of live products",
    ),
    "unknown regime": ({"products": changed(PRODUCTS, 2, "regime", "lively")}, "regime is not a word"),
    "unknown preset": ({"products": changed(PRODUCTS, 2, "preset", "musoni")}, "preset is not a word"),
    "a preset of a planned product": (
        {"products": changed(PRODUCTS, 2, "regime", "planned")},
        "preset is of live products",
    ),
    "a planned product without amortisation": (
        {"products": changed(PRODUCTS, 4, "amortisation", "")},
        "amortisation is empty",
    ),
    "no order": (
        {"products": changed(PRODUCTS, 3, "payment_rule", "past_due_fee")},
        "payment_rule does not say an order",
    ),
    "half an order": (
        {"products": changed(PRODUCTS, 3, "payment_rule", "due_fee")},
        "payment_rule must name each component once for what is due",
    ),
    "seven decimals": ({"loans": changed(LOANS, 2, "rate", "0.0712345")}, "rate has more than six decimals"),
    "a waiver of nothing named": (
        {"journal": with_row(JOURNAL, ("x", "L1", "waived", "2024-03-01", "1.00", "", "", "", "", ""))},
        "component is empty",
    ),
    "a kind it has not": (
        {"journal": with_row(JOURNAL, ("x", "L1", "sold", "2024-03-01", "", "", "", "", "", ""))},
        "kind has no meaning on a live schedule",
    ),
    "a new rate of a written schedule": (
        {"journal": changed(JOURNAL, 11, "loan", "L3")},
        "kind changes interest that this loan's schedule has written already",
    ),
    "a charge of principal": (
        {"journal": changed(JOURNAL, 8, "component", "principal")},
        "component is nothing that is charged",
    ),
    "a penalty rate": ({"journal": changed(JOURNAL, 11, "component", "penalty")}, "component has no rate on"),
    "a fee of a planned loan with a component": (
        {"journal": changed(JOURNAL, 8, "loan", "L2")},
        "component is not wanted for this kind of entry",
    ),
    "a rate too fine": ({"journal": changed(JOURNAL, 11, "rate", "0.0800001")}, "rate has more than six"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_cannot_be_is_refused_and_nothing_is_recorded(
    name: str, fresh_database: str, tmp_path: Path
) -> None:
    tables, says = REFUSALS[name]
    refused = take_in(fresh_database, files(tmp_path, **tables))
    assert isinstance(refused, ImportRefusal), refused
    told = [f"{problem.column or ''} {problem.message}".strip() for problem in refused.problems]
    assert any(says in line for line in told), told
    assert all(problem.mend for problem in refused.problems)
    assert not any(contents(fresh_database).values())


def test_two_books_of_the_same_files_are_the_same(
    book: SmallBook, another_database: str, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    take_in(another_database, files(tmp_path / "other"))
    for until in ("2024-02-01", "2024-03-03"):
        close_days(another_database, day(until), now=RECORDED_AT)
    assert fingerprint(another_database) == fingerprint(book.url)
