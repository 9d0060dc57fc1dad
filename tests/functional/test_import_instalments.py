"""Loans that bring their own plan: a file of instalments, held against the loans, kept, exported, folded and told."""

import datetime as dt
import json
import random
from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner

from forbear.cli.main import main
from forbear.kernel.days import to_date, to_day
from forbear.operations.close_day import close_days
from forbear.operations.export_book import export_book
from forbear.operations.import_book import ImportRefusal, ImportReport
from forbear.operations.import_run import ImportFiles
from forbear.operations.statement import statement
from forbear.operations.verify import verify
from tests.support.book_files import (
    RECORDED_AT,
    changed,
    contents,
    guards,
    take_in,
    with_row,
    write,
    write_book,
)
from tests.support.books import SmallBook
from tests.support.cases import Entry, Terms
from tests.support.database import fresh
from tests.support.digests import fingerprint
from tests.support.oracle import position

pytestmark = pytest.mark.database

PRODUCTS = (
    ("code", "currency", "amortisation", "penalty_multiple"),
    ("OWN", "CNY", "custom", "1.5"),
    ("P12", "CNY", "equal_instalment", "1.5"),
)
LOANS = (
    ("loan", "borrower", "product", "principal", "rate", "first_due_on", "count"),
    ("L1", "B1", "OWN", "1000.00", "0.12", "2025-02-01", "3"),
    ("L2", "B2", "P12", "1200.00", "0.12", "2025-02-01", "12"),
    ("L3", "B2", "OWN", "500.00", "0.12", "2025-03-15", "1"),
)
INSTALMENTS = (
    ("loan", "due_on", "principal"),
    ("L1", "2025-02-01", "100.00"),
    ("L3", "2025-03-15", "500"),
    ("L1", "2025-02-17", "0"),
    ("L1", "2025-07-31", "900.00"),
)
JOURNAL = (
    ("key", "loan", "kind", "effective_on", "amount"),
    ("k1", "L1", "disbursed", "2025-01-01", "1000.00"),
    ("k2", "L2", "disbursed", "2025-01-01", "1200.00"),
    ("k3", "L3", "disbursed", "2025-01-10", "500.00"),
)
BOOK = {"products": PRODUCTS, "loans": LOANS, "journal": JOURNAL}


def files(folder: Path, instalments=INSTALMENTS, **tables) -> ImportFiles:
    write_book(folder, **(BOOK | tables))
    write(folder, "instalments", instalments)
    return ImportFiles.in_folder(folder)


@pytest.fixture
def book(fresh_database: str, tmp_path: Path) -> SmallBook:
    """Imported, and closed on 20 February, when the second instalment of L1 has fallen due."""
    report = take_in(fresh_database, files(tmp_path))
    assert isinstance(report, ImportReport), report
    assert (report.loans, report.instalments, report.entries) == (3, 4, 3)
    close_days(fresh_database, to_day(dt.date(2025, 2, 20)), now=RECORDED_AT)
    return SmallBook.at(fresh_database)


def test_what_falls_due_is_what_was_planned(book: SmallBook) -> None:
    """1,000.00 at 12% for 31 days: 10.19; then 100.00 is due, and on 17 February interest alone."""
    found = statement(book.url, "L1", to_day(dt.date(2025, 2, 20)))
    rows = [(row["due_on"].isoformat(), row["claimed"]["principal"]) for row in found.instalments]
    assert rows == [("2025-02-01", 10_000), ("2025-02-17", 0)]
    assert found.instalments[0]["claimed"]["interest"] == round(Fraction(100_000 * 12 * 31, 36_500)) == 1_019
    assert found.planned == ({"due_on": dt.date(2025, 7, 31), "principal": 90_000},)
    stored = book.position("L1", "2025-02-20")
    assert (stored["due_principal"], stored["next_due_on"]) == (10_000, to_day(dt.date(2025, 7, 31)))
    assert book.verify().sound


def test_the_plan_is_shown(book: SmallBook) -> None:
    arguments = ["statement", "L1", "--as-of", "2025-01-20"]
    run = CliRunner(env={"DATABASE_URL": book.url, "NO_COLOR": "1"}).invoke
    told = run(main, arguments).output
    assert "Planned" in told
    assert "2025-07-31" in told
    assert "900.00" in told
    assert [row["principal"] for row in json.loads(run(main, [*arguments, "--json"]).output)["planned"]] == [
        10_000,
        0,
        90_000,
    ]
    assert "Planned" not in run(main, ["statement", "L2", "--as-of", "2025-01-20"]).output


def test_the_same_again_does_nothing(book: SmallBook, tmp_path: Path) -> None:
    again = take_in(book.url, files(tmp_path))
    assert isinstance(again, ImportReport), again
    assert again.nothing_new
    assert again.known["instalments"] == 4


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_an_export_brings_the_plans_along(
    book: SmallBook, database_server: str, form: str, tmp_path: Path
) -> None:
    export_book(book.url, "book", form, tmp_path / "out")
    with fresh(database_server) as url:
        report = take_in(url, ImportFiles.in_folder(tmp_path / "out"))
        assert isinstance(report, ImportReport), report
        assert report.instalments == 4
        close_days(url, to_day(dt.date(2025, 2, 20)), now=RECORDED_AT)
        assert verify(url).sound
        assert SmallBook.at(url).ask("TABLE instalment ORDER BY 1, 2") == book.ask(
            "TABLE instalment ORDER BY 1, 2"
        )


def test_a_tampered_plan_is_found(book: SmallBook) -> None:
    book.tamper("UPDATE instalment SET principal = principal + 1 WHERE loan_id = 1 AND due_on = '2025-02-01'")
    assert ("position", "loan 1") in {(finding.proof, finding.where) for finding in book.verify().findings}


def test_plans_are_append_only(book: SmallBook) -> None:
    import psycopg

    with pytest.raises(psycopg.errors.RestrictViolation):
        book.ask("UPDATE instalment SET principal = 1 RETURNING 1")


# what is wrong | the changed table, row, column and value | file, row and column of the problem | words of its message
WRONG = """
unknown loan           | instalments 2 loan L9             | instalments 2 loan         | is no loan
no plan of its own     | instalments 2 loan L2             | instalments 2 loan         | plans the instalments itself
no such day            | instalments 4 due_on 2025-02-29   | instalments 4 due_on       | no day
the same day twice     | instalments 4 due_on 2025-02-01   | instalments 4 due_on       | is not after 2025-02-01
a day before           | instalments 5 due_on 2025-02-16   | instalments 5 due_on       | is not after 2025-02-17
beyond the calendar    | instalments 5 due_on 2200-01-01   | instalments 5 due_on       | is outside
negative               | instalments 4 principal -1        | instalments 4 principal    | is negative
half a cent            | instalments 4 principal 0.005     | instalments 4 principal    | fraction of the smallest unit
no amount              | instalments 4 principal           | instalments 4 principal    | is empty
another sum            | instalments 2 principal 100.01    | loans 2 principal          | 100001 in sum
another count          | loans 2 count 4                   | loans 2 count              | says 4, the file of instalments has 3
another first day      | loans 2 first_due_on 2025-02-02   | loans 2 first_due_on       | the first instalment 2025-02-01
a product without one  | loans 3 product OWN               | loans 3 product            | there are none
"""
LINES = [[cell.strip() for cell in line.split("|")] for line in WRONG.strip().splitlines()]


@pytest.mark.parametrize(
    ("change", "place", "words"), [line[1:] for line in LINES], ids=[line[0] for line in LINES]
)
def test_what_does_not_agree_is_refused(change, place, words, fresh_database, tmp_path):
    held = guards(fresh_database)
    name, row, column, *value = change.split(" ")
    tables = BOOK | {"instalments": INSTALMENTS}
    tables[name] = changed(tables[name], int(row), column, "".join(value))
    refusal = take_in(fresh_database, files(tmp_path, **tables))
    assert isinstance(refusal, ImportRefusal), refusal
    file, row, column = place.split(" ")
    found = [p for p in refusal.problems if (p.file, p.row, p.column) == (f"{file}.csv", int(row), column)]
    assert found, "\n".join(map(str, refusal.problems))
    assert words in found[0].message
    assert found[0].mend
    assert not any(contents(fresh_database).values())
    assert guards(fresh_database) == held


def test_another_plan_than_the_books_is_refused(book: SmallBook, tmp_path: Path) -> None:
    other = changed(changed(INSTALMENTS, 2, "principal", "101.00"), 5, "principal", "899.00")
    refusal = take_in(book.url, files(tmp_path, other))
    assert isinstance(refusal, ImportRefusal)
    [problem] = refusal.problems
    assert (problem.file, problem.row, problem.value) == ("instalments.csv", 2, "L1")
    assert "has other instalments in the book" in problem.message
    more = take_in(book.url, files(tmp_path, with_row(INSTALMENTS, ("L3", "2025-04-15", "1"))))
    assert isinstance(more, ImportRefusal)


def test_a_lenders_own_columns(fresh_database: str, tmp_path: Path) -> None:
    files(tmp_path)
    (tmp_path / "instalments.csv").unlink()
    (tmp_path / "plan.csv").write_text(
        "contract;on;fen\nL1;01.02.2025;10000\nL1;17.02.2025;0\nL1;31.07.2025;90000\nL3;15.03.2025;50000\n"
    )
    rules = tmp_path / "ours.yaml"
    rules.write_text(
        "instalments:\n  files: plan.csv\n  csv: {delimiter: ;}\n  columns:\n    loan: contract\n"
        "    due_on: {from: on, date: '%d.%m.%Y'}\n    principal: {from: fen, unit: minor}\n"
    )
    report = take_in(fresh_database, [tmp_path], mapping=rules)
    assert isinstance(report, ImportReport), report
    assert report.instalments == 4


@pytest.mark.parametrize("seed", range(3))
def test_plans_of_any_shape_fold_as_the_oracle_folds_them(seed, fresh_database, tmp_path):
    """Twenty loans with due dates and principals as they come, paid at odd times, asked about on the last closed day."""
    dice = random.Random(seed)
    today, start = to_day(dt.date(2025, 9, 30)), to_day(dt.date(2025, 1, 1))
    loans, plans, journal, wanted = [LOANS[0]], [INSTALMENTS[0]], [JOURNAL[0]], {}
    for number in range(20):
        due = sorted(dice.sample(range(start + 5, start + 500), dice.randint(1, 9)))
        parts = [dice.randint(0, 50_000) for _ in due[1:]] + [dice.randint(1, 50_000)]
        terms = Terms(
            kind="custom", interest="daily", period_fraction=Fraction(1, 12), plan=tuple(zip(due, parts, strict=True)), rates=((None, Fraction(12, 100), Fraction(18, 100)),),
            day_count="act_365f", penalty_base="principal", overdue_interest="replaced", nonaccrual_after=91,
            order=("penalty", "fee", "interest", "principal"), prepayment="next", buckets=(1, 31, 61, 91, 121, 151, 181),
        )  # fmt: skip
        entries = [Entry("disbursed", start, sum(parts), key="d")]
        entries += [
            Entry("paid", dice.randint(start, today), dice.randint(1, 60_000), key=f"p{i}") for i in range(3)
        ]
        name = f"X{number}"
        wanted[name] = position(terms, entries, today)
        loans.append(
            (name, "B1", "OWN", f"{sum(parts) / 100:.2f}", "0.12", to_date(due[0]).isoformat(), str(len(due)))
        )
        plans += [
            (name, to_date(on).isoformat(), f"{part / 100:.2f}") for on, part in zip(due, parts, strict=True)
        ]
        journal += [
            (f"{name}-{e.key}", name, e.kind, to_date(e.effective_on).isoformat(), f"{e.amount / 100:.2f}")
            for e in entries
        ]
    report = take_in(fresh_database, files(tmp_path, plans, loans=loans, journal=journal))
    assert isinstance(report, ImportReport), report
    close_days(fresh_database, today, now=RECORDED_AT)
    book = SmallBook.at(fresh_database)
    for name, expected in wanted.items():
        found = book.position(name, "2025-09-30")
        for field in (
            "principal",
            "due_principal",
            "due_interest",
            "payoff",
            "credit",
            "days_past_due",
            "next_due_amount",
        ):
            assert found[field] == expected[field], (name, field)
    assert book.verify().sound
    assert fingerprint(fresh_database)
