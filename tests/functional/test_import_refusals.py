"""What is wrong with a file is told with row, column, value and the way to mend it, and nothing of the import is kept."""

from pathlib import Path

import pytest

from forbear.formats.problems import Problem
from forbear.operations.import_book import ImportRefusal
from tests.support.book_files import (
    BORROWERS,
    JOURNAL,
    LOANS,
    PRODUCTS,
    Table,
    changed,
    contents,
    guards,
    take_in,
    with_row,
    write_book,
)

pytestmark = pytest.mark.database


def entry(**values: str) -> tuple[str, ...]:
    """A row of the journal."""
    return tuple(values.get(name, "") for name in JOURNAL[0])


# what is wrong | an entry after the seventh, with key x and named values after the amount | column | words of the message
ENTRIES = """
negative amount             | L1 paid 2025-03-01 -5.00                          | amount       | is negative
fraction of a cent          | L1 paid 2025-03-01 5.001                          | amount       | fraction of the smallest unit
fraction of a yen           | L2 paid 2025-03-01 5.5                            | amount       | fraction of the smallest unit
nothing                     | L1 paid 2025-03-01 0.00                           | amount       | is nothing
separators                  | L1 paid 2025-03-01 1,000                          | amount       | not an amount
exponent                    | L1 paid 2025-03-01 1e3                            | amount       | not an amount
overflow                    | L1 paid 2025-03-01 10000000000.01                 | amount       | more than
overflow of 64 bits         | L1 paid 2025-03-01 99999999999999999999999999     | amount       | more than
no amount                   | L1 paid 2025-03-01 -                              | amount       | is empty
amount out of place         | L1 written_off 2025-03-01 1                       | amount       | not wanted
unknown currency            | L1 paid 2025-03-01 1 currency=CNX                 | currency     | not a word
mixed currencies            | L1 paid 2025-03-01 1 currency=USD                 | currency     | not the currency
before its disbursement     | L1 paid 2024-12-31 5                              | effective_on | before its loan's disbursement
beyond the calendar         | L1 paid 2200-01-01 1                              | effective_on | is outside
before the calendar         | L1 paid 1899-12-31 1                              | effective_on | is outside
no such day                 | L1 paid 2025-02-29 1                              | effective_on | no day
another form of date        | L1 paid 01/03/2025 1                              | effective_on | not a date
unknown kind                | L1 repaid 2025-03-01 1                            | kind         | not a word
unknown loan                | L9 paid 2025-03-01 1                              | loan         | no loan
no key                      | L1 paid 2025-03-01 1 key=                         | key          | is empty
line break in a key         | L1 paid 2025-03-01 1 key=a¶b                     | key          | control character
one key, two contents       | L1 paid 2025-02-01 107.00 key=k3                  | key          | other content in journal.csv, row 4
reversal of a reversal      | L1 reversed 2025-03-01 - target=k5                | target       | names a reversal
reversed twice              | L1 reversed 2025-03-01 - target=k3                | target       | already
reversal of another loan's  | L1 reversed 2025-03-01 - target=k6                | target       | another loan
reversal of nothing         | L1 reversed 2025-03-01 - target=k99               | target       | no entry recorded before
reversal of itself          | L1 reversed 2025-03-01 - target=x                 | target       | no entry recorded before
reversal of a charged-back  | L2 reversed 2025-03-01 - target=k6                | target       | has been charged back
charge-back of no payment   | L1 charged_back 2025-03-01 1 target=k1            | target       | no payment
charge-back of a reversed   | L1 charged_back 2025-03-01 1 target=k3            | target       | already
charge-back of too much     | L2 charged_back 2025-03-01 6001 target=k6         | target       | only 6000 minor units
no target                   | L1 reversed 2025-03-01 -                          | target       | is empty
target out of place         | L1 paid 2025-03-01 1 target=k1                    | target       | not wanted
waived without component    | L1 waived 2025-03-01 1                            | component    | is empty
component out of place      | L1 paid 2025-03-01 1 component=fee                | component    | not wanted
"""
# what is wrong | one value changed: file, row, column, value | words of the message
VALUES = """
unknown product             | loans 2 product P13                               | not a word
unknown borrower            | loans 2 borrower B9                               | no borrower
loan twice                  | loans 3 loan L1                                   | already
no instalment               | loans 2 count 0                                   | no number of instalments
too many instalments        | loans 2 count 1001                                | too large
last due date beyond        | loans 2 first_due_on 2200-01-01                   | is outside
principal too large         | loans 2 principal 10000000001                     | more than
no rate                     | loans 2 rate 12percent                            | not a rate
rate without its percent    | loans 2 rate 1449                                 | above
rate too fine               | loans 2 rate 0.12345678901                        | decimals
borrower twice              | borrowers 3 borrower B1                           | already
product twice               | products 3 code P12                               | already
product in no currency      | products 2 currency RMB                           | ISO 4217
unknown amortisation        | products 2 amortisation annuity                   | not a word
multiple that is no number  | products 2 penalty_multiple half                  | not a rate
"""
TABLES: dict[str, Table] = {
    "products": PRODUCTS,
    "borrowers": BORROWERS,
    "loans": LOANS,
    "journal": JOURNAL,
}


def lines(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split(" | ")] for line in table.strip().splitlines()]


def refused(url: str, folder: Path, **tables: Table) -> tuple[Problem, ...]:
    """The problems of a book with these tables, after seeing that nothing of it was kept."""
    before, held = contents(url), guards(url)
    refusal = take_in(url, write_book(folder, **tables))
    assert isinstance(refusal, ImportRefusal), refusal
    assert all(problem.mend for problem in refusal.problems)
    assert contents(url) == before
    assert guards(url) == held
    return refusal.problems


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [line[1:] for line in lines(ENTRIES)],
    ids=[line[0] for line in lines(ENTRIES)],
)
def test_an_entry_is_refused_with_its_place(text, column, words, fresh_database, tmp_path):
    loan, kind, day, amount, *named = text.split(" ")
    values = {"key": "x"} | dict(pair.replace("¶", "\n").split("=") for pair in named)
    row = entry(loan=loan, kind=kind, effective_on=day, amount="" if amount == "-" else amount, **values)
    problems = refused(fresh_database, tmp_path, journal=with_row(JOURNAL, row))
    found = [p for p in problems if (p.file, p.row, p.column) == ("journal.csv", 9, column)]
    assert found, "\n".join(map(str, problems))
    assert words in found[0].message
    assert found[0].value == (row[JOURNAL[0].index(column)] or None)


@pytest.mark.parametrize(
    ("change", "words"), [line[1:] for line in lines(VALUES)], ids=[line[0] for line in lines(VALUES)]
)
def test_a_value_is_refused_with_its_place(change, words, fresh_database, tmp_path):
    file, row, column, value = change.split(" ")
    problems = refused(fresh_database, tmp_path, **{file: changed(TABLES[file], int(row), column, value)})
    found = [
        p for p in problems if (p.file, p.row, p.column, p.value) == (f"{file}.csv", int(row), column, value)
    ]
    assert found, "\n".join(map(str, problems))
    assert words in found[0].message


def test_the_last_due_date_must_be_in_the_calendar(fresh_database, tmp_path):
    problems = refused(fresh_database, tmp_path, loans=changed(LOANS, 2, "first_due_on", "2199-06-01"))
    assert (problems[0].row, problems[0].column) == (2, "count")
    assert "beyond 2199-12-31" in problems[0].message


def test_what_is_paid_out_in_sum_is_limited(fresh_database, tmp_path):
    rows = [
        entry(key=f"x{i}", loan="L1", kind="disbursed", effective_on="2025-03-01", amount="6000000000")
        for i in range(2)
    ]
    problems = refused(fresh_database, tmp_path, journal=with_row(JOURNAL, *rows))
    assert [(p.row, p.column) for p in problems] == [(10, "amount")]
    assert "sum paid out on loan L1" in problems[0].message


def test_a_loan_that_is_never_disbursed_has_no_entries(fresh_database, tmp_path):
    problems = refused(fresh_database, tmp_path, journal=[JOURNAL[0], JOURNAL[1], JOURNAL[6]])
    assert [(p.row, p.column) for p in problems] == [(3, "effective_on")]
    assert "never disbursed" in problems[0].message


def test_columns_are_those_of_the_schema(fresh_database, tmp_path):
    wide = [(*LOANS[0], "colour"), *((*row, "red") for row in LOANS[1:])]
    [problem, *_] = refused(fresh_database, tmp_path, loans=wide)
    assert (problem.column, problem.message) == ("colour", "loans have no such column")
    [problem, *_] = refused(fresh_database, tmp_path, loans=[row[:-1] for row in LOANS])
    assert (problem.column, problem.message) == ("count", "loans need this column")
    [problem, *_] = refused(fresh_database, tmp_path, loans=with_row(LOANS, ("L3", "B1")))
    assert (problem.row, problem.message) == (4, "this row has 2 fields, the header has 7")


def test_all_problems_are_told_at_once_up_to_a_limit(fresh_database, tmp_path):
    rows = [
        entry(key=f"x{i}", loan="L1", kind="paid", effective_on="2025-03-01", amount="-1") for i in range(20)
    ]
    files = write_book(tmp_path, journal=with_row(JOURNAL, *rows), loans=changed(LOANS, 3, "rate", "x"))
    refusal = take_in(fresh_database, files)
    assert isinstance(refusal, ImportRefusal)
    assert (len(refusal.problems), refusal.more) == (21, False)
    assert [p.row for p in refusal.problems] == [3, *range(9, 29)]
    few = take_in(fresh_database, files, limit=5)
    assert isinstance(few, ImportRefusal)
    assert (len(few.problems), few.more) == (5, True)


def test_other_content_under_a_key_of_the_book_is_refused(fresh_database, tmp_path):
    take_in(fresh_database, write_book(tmp_path))
    book = contents(fresh_database)
    refusal = take_in(fresh_database, write_book(tmp_path, journal=changed(JOURNAL, 4, "amount", "106.63")))
    assert isinstance(refusal, ImportRefusal)
    [problem] = refusal.problems
    assert (problem.row, problem.column, problem.value) == (4, "key", "k3")
    assert "in the book with other content (amount)" in problem.message
    assert contents(fresh_database) == book


@pytest.mark.parametrize(
    ("tables", "words"),
    [
        ({"loans": changed(LOANS, 2, "rate", "0.13")}, "other terms (rate, penalty_rate)"),
        ({"products": changed(PRODUCTS, 2, "penalty_multiple", "2")}, "other terms (penalty_multiple)"),
    ],
)
def test_other_terms_than_the_books_are_refused(tables, words, fresh_database, tmp_path):
    take_in(fresh_database, write_book(tmp_path))
    refusal = take_in(fresh_database, write_book(tmp_path, **tables))
    assert isinstance(refusal, ImportRefusal)
    assert words in refusal.problems[0].message
