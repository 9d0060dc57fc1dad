"""A dated history as journal entries, and the files of the import."""

import csv
import datetime as dt
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Final, NamedTuple

from examples.lendingclub.dating import SNAPSHOT, Dates
from examples.lendingclub.inference import History, late_instalments
from examples.lendingclub.published import Published, half_up

JOURNAL: Final = ("key", "loan", "kind", "effective_on", "amount", "component", "until", "reason")
INFERRED: Final = ("product", "first_due_on")
LATE_AFTER: Final = dt.timedelta(days=16)
"""The first day on which the lender's late fee is charged: fifteen days are free."""


class Entry(NamedTuple):
    """A row of the journal file; the amount is in cents, 0 for none."""

    key: str
    loan: str
    kind: str
    effective_on: dt.date
    amount: int
    component: str = ""
    until: dt.date | str = ""
    reason: str = ""


class Case(NamedTuple):
    """A loan with its history and dates."""

    loan: Published
    history: History
    dates: Dates

    @property
    def reference(self) -> str:
        """As `mapping.yaml` makes it."""
        return f"LC-{self.loan.number}"

    @property
    def product(self) -> str:
        """LC-SHORT where the first payment leaves part of an instalment to the end, which is then due with the last one."""
        return "LC-SHORT" if self.history.first_extra < 0 else "LC"


def entries(case: Case) -> Iterator[Entry]:
    """Everything that happened to a loan up to the snapshot, but its payoff."""
    loan, history, dates = case
    name = case.reference
    yield Entry(f"{name}-out", name, "disbursed", dates.issued_on, loan.principal)
    if history.months and history.start_credit:
        reason = "interest starts some days after issue"
        yield Entry(
            f"{name}-start", name, "waived", dates.due_on[0], history.start_credit, "interest", reason=reason
        )
    yield from _moved(case)
    yield from _instalments(case)
    if loan.status == "Charged Off":
        yield Entry(f"{name}-off", name, "written_off", SNAPSHOT, 0)


def _moved(case: Case) -> Iterator[Entry]:
    """A moved due day, agreed when the period that it makes longer or shorter begins; it asks what was paid for it."""
    loan, history, dates = case
    move = history.moved
    if move is not None:
        on = dates.due_on[move.place - 1] if move.place else dates.issued_on
        name, asked = case.reference, loan.instalment + move.extra
        yield Entry(f"{name}-moved", name, "due_date_moved", on, asked, until=dates.due_on[move.place])


def _instalments(case: Case) -> Iterator[Entry]:
    loan, history, dates = case
    possible = [place for place in range(history.months) if dates.due_on[place] + LATE_AFTER <= SNAPSHOT]
    late = late_instalments(possible, half_up(loan_fees(loan)))
    left = loan.late_fees
    for place in range(history.months):
        amount = loan.instalment
        if place == 0:
            amount += history.first_extra - history.start_credit
        if place == history.months - 1:
            amount += history.last_extra
        if history.moved is not None and history.moved.place == place:
            amount += history.moved.extra
        on = dates.due_on[place]
        if place in late:
            fee = left if place == late[-1] else loan.late_fees // len(late)
            left, amount, on = left - fee, amount + fee, on + LATE_AFTER
        yield Entry(f"{case.reference}-{place + 1}", case.reference, "paid", on, amount)
    if left and loan.status != "Fully Paid":
        reason = "a late fee that belongs to no instalment paid"
        yield Entry(f"{case.reference}-fee", case.reference, "paid", SNAPSHOT, left, reason=reason)


def loan_fees(loan: Published) -> Fraction:
    """How many late fees were paid: 15.00 or 5% of the instalment each, whichever is more."""
    return Fraction(loan.late_fees) / max(Fraction(1500), Fraction(loan.instalment, 20))


def payoff(case: Case, quote: int) -> Entry:
    """The payment that ends a loan: what the engine asks for on that day."""
    assert case.dates.payoff_on is not None, "only a loan that was paid off has a payoff"
    return Entry(f"{case.reference}-payoff", case.reference, "paid", case.dates.payoff_on, quote)


def write_loans(path: Path, cases: Sequence[Case]) -> Path:
    """The published file with the columns that were inferred; `mapping.yaml` reads it."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*cases[0].loan.raw, *INFERRED])
        for case in cases:
            raw, dates = case.loan.raw, case.dates
            writer.writerow([*raw.values(), case.product, dates.first_due_on])
    return path


def write_journal(path: Path, rows: Sequence[Entry]) -> Path:
    """A journal in the schema's own columns."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(JOURNAL)
        for row in rows:
            writer.writerow(row._replace(amount=dollars(row.amount) if row.amount else ""))  # type: ignore[arg-type]
    return path


def dollars(amount: int) -> str:
    """Cents as dollars: 1234 is 12.34."""
    whole, part = divmod(abs(amount), 100)
    return f"{'-' if amount < 0 else ''}{whole}.{part:02d}"
