"""The program: read, infer, import, close the day, compare. Everything that touches a database is an operation of Forbear."""

import argparse
import datetime as dt
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Final

from examples.lendingclub import comparing, shown
from examples.lendingclub.comparing import Compared
from examples.lendingclub.dating import SNAPSHOT, dates_of
from examples.lendingclub.entries import Case, entries, payoff, write_journal, write_loans
from examples.lendingclub.inference import infer
from examples.lendingclub.instalments import Odd, odd_instalments
from examples.lendingclub.published import NotTheDataError, Published, read
from forbear.kernel.days import to_day
from forbear.operations.close_day import Refusal, close_days
from forbear.operations.database import PostgresError, book_url, stop
from forbear.operations.export_book import export_book
from forbear.operations.import_book import ImportRefusal, import_book
from forbear.operations.statement import Statement, statement
from forbear.operations.verify import verify

HERE: Final = Path(__file__).parent
RECORDED_AT: Final = dt.datetime(2018, 6, 27, 18, tzinfo=dt.UTC)
ACTOR: Final = "lending club example"
Progress = Callable[[str, int, int], None]


class NotDoneError(Exception):
    """Forbear refused a step; the message says why."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it."""

    loans: int
    odd: list[Odd]
    compared: list[Compared]
    verified: bool


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code."""
    options = _parser().parse_args(arguments)
    since = perf_counter()
    try:
        loans = read(options.data, options.first)
        if options.keep and options.keep.exists() and any(options.keep.iterdir()):
            raise NotDoneError(f"{options.keep} is not empty: name another folder, or remove it.")
        with tempfile.TemporaryDirectory(prefix="forbear-lc-") as scratch:
            Path(scratch).chmod(
                0o711
            )  # where we are root, the server runs as another user and has to pass through
            home = options.keep or Path(scratch) / "home"
            environ = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
            environ["FORBEAR_HOME"] = str(home.absolute())
            try:
                with shown.progress() as progress:
                    outcome = run(loans, book_url(environ), home / "files", progress)
            finally:
                stop(environ)
    except (NotTheDataError, NotDoneError, PostgresError) as error:
        shown.refuse(str(error))
        return 2
    comparing.write_report(options.report, outcome.compared)
    shown.tell(outcome, options.report, options.keep, int(perf_counter() - since))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="run.py", description="Fold Lending Club's loans of early 2018 again and compare every sum."
    )
    parser.add_argument("data", type=Path, help="lendingclub_2018q1.csv")
    parser.add_argument("--first", type=int, metavar="N", help="only the first N loans")
    parser.add_argument(
        "--keep", type=Path, metavar="FOLDER", help="keep the book and its files in this folder"
    )
    parser.add_argument(
        "--report",
        type=Path,
        default=Path("lendingclub-report.csv"),
        metavar="FILE",
        help="a row for each loan  [default: lendingclub-report.csv]",
    )
    return parser


def run(loans: Sequence[Published], url: str, folder: Path, progress: Progress) -> Outcome:
    """Take the loans into the empty book at `url`, close the day of the snapshot, and compare."""
    folder.mkdir(parents=True, exist_ok=True)
    odd = odd_instalments(loans)
    cases = []
    for done, loan in enumerate(loans):
        history = infer(loan)
        cases.append(Case(loan, history, dates_of(loan, history)))
        progress("infer histories", done + 1, len(loans))
    (folder / "products.csv").write_bytes((HERE / "products.csv").read_bytes())
    (folder / "mapping.yaml").write_bytes((HERE / "mapping.yaml").read_bytes())
    files = [
        folder / "products.csv",
        write_loans(folder / "loans.csv", cases),
        write_journal(folder / "journal.csv", [entry for case in cases for entry in entries(case)]),
    ]
    _import(url, files, progress)
    _pay_off(url, cases, folder, progress)
    closed = close_days(url, to_day(SNAPSHOT), now=RECORDED_AT, progress=progress)
    if isinstance(closed, Refusal):
        raise NotDoneError(f"The day was not closed: {closed.reason}; {closed.mend}.")
    (exported,) = export_book(url, "positions", "csv", folder, progress=progress)
    compared = comparing.compare(cases, comparing.positions(exported) | _ahead(url, cases))
    return Outcome(len(loans), odd, compared, verify(url, progress=progress).sound)


def _ahead(url: str, cases: Sequence[Case]) -> dict[str, dict[str, str]]:
    """Loans whose last payment was for an instalment due after the snapshot, as they stand on that due date."""
    found = {}
    for case in cases:
        last = case.dates.due_on[case.history.months - 1] if case.history.months else SNAPSHOT
        if last > SNAPSHOT and case.dates.payoff_on is None:
            told = statement(url, case.reference, to_day(last))
            assert isinstance(told, Statement), "the loan was imported a moment ago"
            found[case.reference] = {name: str(value) for name, value in told.position.items()}
    return found


def _import(url: str, files: Sequence[Path], progress: Progress) -> None:
    done = import_book(
        url,
        files,
        mapping=HERE / "mapping.yaml",
        actor=ACTOR,
        reason="histories inferred from published sums",
        recorded_at=RECORDED_AT,
        progress=progress,
    )
    if isinstance(done, ImportRefusal):
        raise NotDoneError("Not imported:\n" + "\n".join(str(problem) for problem in done.problems[:20]))


def _pay_off(url: str, cases: Sequence[Case], folder: Path, progress: Progress) -> None:
    """Ask the engine what each loan that was paid off owed on that day, and pay just that."""
    ended = [case for case in cases if case.dates.payoff_on is not None]
    rows = []
    for done, case in enumerate(ended):
        assert case.dates.payoff_on is not None, "chosen above"
        found = statement(url, case.reference, to_day(case.dates.payoff_on))
        assert isinstance(found, Statement), "the loan was imported a moment ago"
        rows.append(payoff(case, found.position["payoff"]))
        progress("payoff quotes", done + 1, len(ended))
    if rows:
        _import(url, [write_journal(folder / "journal-payoffs.csv", rows)], progress)
