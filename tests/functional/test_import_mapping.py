"""A lender's own columns, units and codes become the schema's."""

from pathlib import Path

import pytest

from forbear.operations.import_book import ImportRefusal, ImportReport
from tests.support.book_files import contents, take_in

pytestmark = pytest.mark.database

LOANS = """\
loan_no;customer;term;amount_fen;apr;first_repayment;status;paid_wan
A1;张; 12 ;120000;12.5;02/01/2025;Current;0.5
A2;李; 6 ;60000;9;03/15/2025;Charged Off;
A3;王; 6 ;60000;9;03/15/2025;Rejected;
"""
PRODUCTS = "code,currency,amortisation\nP12,CNY,equal_instalment\nP6,CNY,equal_principal\n"
MAPPING = """\
csv: {encoding: gb18030, delimiter: ";"}
products:
  csv: {encoding: utf8, delimiter: ","}
  columns: {code: code, currency: currency, amortisation: amortisation}
loans:
  files: portfolio*.csv
  skip: {status: Rejected}
  columns:
    loan: {text: "our-{loan_no}"}
    borrower: customer
    product: {from: term, trim: true, codes: {"12": P12, "6": P6}}
    principal: {from: amount_fen, unit: minor}
    rate: {from: apr, unit: percent}
    first_due_on: {from: first_repayment, date: "%m/%d/%Y"}
    count: {from: term, trim: true}
journal:
  - files: portfolio*.csv
    skip: {status: Rejected}
    columns:
      key: {text: "{loan_no}-out"}
      loan: {text: "our-{loan_no}"}
      kind: {value: disbursed}
      effective_on: {value: "2025-01-01"}
      amount: {from: amount_fen, unit: minor}
      currency: {value: CNY}
  - files: portfolio*.csv
    where: {status: [Current]}
    columns:
      key: {text: "{loan_no}-paid"}
      loan: {text: "our-{loan_no}"}
      kind: {value: paid}
      effective_on: {from: first_repayment, date: "%m/%d/%Y"}
      amount: {from: paid_wan, unit: ten_thousand}
"""


def write(folder: Path, mapping: str = MAPPING, loans: str = LOANS) -> list[Path]:
    (folder / "mapping.yaml").write_text(mapping, encoding="utf-8")
    (folder / "portfolio-2025.csv").write_bytes(loans.encode("gb18030"))
    (folder / "products.csv").write_text(PRODUCTS)
    return [folder]


def test_a_portfolio_file_becomes_loans_and_journal(fresh_database: str, tmp_path: Path) -> None:
    report = take_in(fresh_database, write(tmp_path), mapping=tmp_path / "mapping.yaml")
    assert isinstance(report, ImportReport), "\n".join(map(str, report.problems))
    assert (report.products, report.borrowers, report.loans, report.entries) == (2, 2, 2, 3)
    book = contents(fresh_database)
    assert book["borrower"] == [(1, "张"), (2, "李")]
    assert [row[1:6] for row in book["loan"]] == [
        ("our-A1", 1, 1, 120000, 1_250_000_000),
        ("our-A2", 2, 2, 60000, 900_000_000),
    ]
    assert [(row[0], row[2], row[3].isoformat(), row[5], row[-2]) for row in book["journal"]] == [
        (1, 1, "2025-01-01", 120000, "A1-out"),
        (1, 5, "2025-02-01", 500_000, "A1-paid"),
        (2, 1, "2025-01-01", 60000, "A2-out"),
    ]
    again = take_in(fresh_database, [tmp_path], mapping=tmp_path / "mapping.yaml")
    assert isinstance(again, ImportReport)
    assert again.nothing_new


@pytest.mark.parametrize(
    ("before", "after", "row", "column", "value", "words"),
    [
        ("; 6 ;60000;9;03/15/2025;Ch", "; 7 ;60000;9;03/15/2025;Ch", 3, "term", " 7 ", "has no code"),
        ("02/01/2025", "2025-02-01", 2, "first_repayment", "2025-02-01", "not a date of the form %m/%d/%Y"),
        ("120000", "120000.5", 2, "principal", "120000.5", "fraction of the smallest unit"),
        ("0.5\n", "0.1234567\n", 2, "amount", "0.1234567", "fraction of the smallest unit"),
        ("12.5", "12.5%%", 2, "rate", "12.5%%", "not a rate"),
    ],
)
def test_what_the_mapping_does_not_cover_is_told(
    before, after, row, column, value, words, fresh_database, tmp_path
):
    paths = write(tmp_path, loans=LOANS.replace(before, after))
    refusal = take_in(fresh_database, paths, mapping=tmp_path / "mapping.yaml")
    assert isinstance(refusal, ImportRefusal)
    problem = refusal.problems[0]
    assert (problem.file, problem.row, problem.column, problem.value) == (
        "portfolio-2025.csv",
        row,
        column,
        value,
    )
    assert words in problem.message


def test_a_column_that_the_file_lacks_is_told(fresh_database: str, tmp_path: Path) -> None:
    paths = write(tmp_path, mapping=MAPPING.replace("from: apr", "from: rate_pa"))
    refusal = take_in(fresh_database, paths, mapping=tmp_path / "mapping.yaml")
    assert isinstance(refusal, ImportRefusal)
    assert refusal.problems[0].column == "rate_pa"
    assert "mapping.yaml, line 6" in refusal.problems[0].message


def test_a_mapping_with_mistakes_is_refused_before_anything_is_read(
    fresh_database: str, tmp_path: Path
) -> None:
    paths = write(tmp_path, mapping=MAPPING.replace("unit: percent", "unit: percents"))
    refusal = take_in(fresh_database, paths, mapping=tmp_path / "mapping.yaml")
    assert isinstance(refusal, ImportRefusal)
    assert str(refusal.problems[0]).startswith(
        "mapping.yaml, row 13: 'percents' is no unit that is known here; use ratio"
    )


def test_a_file_that_says_in_no_way_what_it_holds_is_told(fresh_database: str, tmp_path: Path) -> None:
    write(tmp_path)
    refusal = take_in(fresh_database, [tmp_path / "portfolio-2025.csv"])
    assert isinstance(refusal, ImportRefusal)
    assert "does not say what the file holds" in refusal.problems[0].message
