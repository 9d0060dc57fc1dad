"""The tutorial's example on the real file: what is reproduced, counted exactly, so that a change in a cent is seen."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from examples.lendingclub import inference
from examples.lendingclub.comparing import Compared, tally
from examples.lendingclub.dating import date_of, day_number
from examples.lendingclub.program import Outcome, run
from examples.lendingclub.published import NotTheDataError, read

pytestmark = pytest.mark.database

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ.get("FORBEAR_DATA") or ROOT.parent / "shared" / "data")
DATA = FOLDER / "lendingclub_2018q1.csv"
needs_data = pytest.mark.skipif(
    not DATA.is_file(),
    reason=f"NOT RUN ON REAL LOANS: lendingclub_2018q1.csv is not in {FOLDER.name}; set FORBEAR_DATA to its folder",
)
THOUSAND = {"to the cent": 851, "within 2 cents": 14, "not": 85}
ALL = {"to the cent": 8_478, "within 2 cents": 83, "not": 814}
"""Balances of the current loans, of 950 and of 9,375."""


def folded(url: str, folder: Path, first: int | None) -> Outcome:
    return run(read(DATA, first), url, folder, lambda *_: None)


def current(outcome: Outcome) -> list[Compared]:
    return [row for row in outcome.compared if row.case.loan.status == "Current"]


@needs_data
def test_the_first_thousand_loans(fresh_database: str, tmp_path: Path) -> None:
    outcome = folded(fresh_database, tmp_path, 1000)
    assert outcome.odd == []
    assert outcome.verified
    assert tally(current(outcome), "balance") == THOUSAND


@needs_data
@pytest.mark.long
def test_every_loan(fresh_database: str, tmp_path: Path) -> None:
    outcome = folded(fresh_database, tmp_path, None)
    assert (outcome.loans, len(outcome.odd)) == (10_000, 3)
    assert {(odd.loan.number, odd.rest) for odd in outcome.odd} == {(1548, 32), (1968, 33), (9687, 32)}
    assert outcome.verified
    assert tally(current(outcome), "balance") == ALL
    near = ALL["to the cent"] + ALL["within 2 cents"]
    assert near * 100 >= 91 * len(current(outcome))


@needs_data
def test_the_split_of_the_payments_is_never_looked_at() -> None:
    """The same histories come out when balance, principal and interest are hidden."""
    for loan in read(DATA, 300):
        hidden = type(loan)(
            **{name: getattr(loan, name) for name in loan.__slots__}
            | {"balance": -1, "paid_principal": -1, "paid_interest": -1, "raw": {}}
        )
        assert inference.infer(hidden) == inference.infer(loan)


@needs_data
def test_most_loans_are_plain() -> None:
    causes = Counter(inference.infer(loan).cause for loan in read(DATA, 1000))
    assert causes.most_common(1)[0][0] == "plain"


@pytest.fixture
def other_file(tmp_path: Path) -> Path:
    path = tmp_path / "other.csv"
    path.write_text("loan_id,term\n1,36\n")
    return path


def test_another_file_is_refused_with_the_columns_it_lacks(other_file: Path) -> None:
    with pytest.raises(NotTheDataError, match="has no column loan_amount, interest_rate"):
        read(other_file)


def test_a_missing_file_is_refused_in_one_line(tmp_path: Path) -> None:
    command = [sys.executable, ROOT / "examples" / "lendingclub" / "run.py", tmp_path / "none.csv"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "cannot be read (No such file or directory)" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_days_of_thirty_to_the_month() -> None:
    assert date_of(day_number(2018, 1, 28) + 30).isoformat() == "2018-02-28"
    assert date_of(day_number(2018, 1, 30) + 30).isoformat() == "2018-02-28", "February has no 30th"
    assert date_of(day_number(2018, 12, 15) + 30).isoformat() == "2019-01-15"


def test_a_late_fee_is_of_the_last_instalment_that_can_have_been_late() -> None:
    assert inference.late_instalments([0, 1, 2], 1) == [2]
    assert inference.late_instalments([0], 1) == [0]
    assert inference.late_instalments([0, 1], 0) == []
