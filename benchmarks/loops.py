"""The obvious formulation: a loop over loans and days in plain Python, with whole numbers or with `decimal.Decimal`.

It is what most servicing code in Python looks like, without its database. The same code serves both kinds of number; what
differs is how they are rounded.
"""

from bisect import bisect_right
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

import numpy as np

from benchmarks.contest import ANSWERS, BOUNDS, FAR, SCALE, Book

ONE = Decimal(1)
DECIMAL_SCALE = Decimal(SCALE)


class Loan(NamedTuple):
    """A loan as Python objects: made before the clock starts."""

    principal: Any
    level: Any
    drawn_on: int
    rate: Any
    penalty_rate: Any
    due: list[int]
    payments: list[tuple[int, Any]]


def half_up(accrued: int) -> int:
    """Millionths to whole minor units."""
    return (2 * accrued + SCALE) // (2 * SCALE)


def half_up_decimal(accrued: Decimal) -> Decimal:
    """Decimal minor units to whole ones."""
    return accrued.quantize(ONE, ROUND_HALF_UP)


def as_objects(book: Book, kind: Callable[[int], Any], rate: Callable[[int], Any]) -> list[Loan]:
    """The loans with amounts of the kind of number, and rates as the loop multiplies them."""
    loans = []
    level = (2 * book.principal + book.count) // (2 * book.count)
    due = book.due_on.T.tolist()
    amounts, dates = book.amount.tolist(), book.paid_on.tolist()
    for i in range(len(book)):
        first, end = int(book.bounds[i]), int(book.bounds[i + 1])
        loans.append(
            Loan(
                kind(int(book.principal[i])), kind(int(level[i])), int(book.drawn_on[i]),
                rate(int(book.rate[i])), rate(int(book.penalty_rate[i])), due[i][: int(book.count[i])],
                list(zip(dates[first:end], map(kind, amounts[first:end]), strict=True)),
            )
        )  # fmt: skip
    return loans


def as_integers(book: Book) -> list[Loan]:
    """Whole minor units and millionths."""
    return as_objects(book, int, int)


def as_decimals(book: Book) -> list[Loan]:
    """Decimals, the rate a decimal fraction of one."""
    return as_objects(book, Decimal, lambda rate: Decimal(rate) / DECIMAL_SCALE)


class Account:
    """A loan's state between two of its days."""

    __slots__ = (
        "accrued",
        "charged",
        "credit",
        "loan",
        "penalty",
        "rounded",
        "rows",
        "today",
        "undue",
        "zero",
    )

    def __init__(self, loan: Loan, rounded: Callable[[Any], Any]) -> None:
        self.loan, self.rounded, self.zero = loan, rounded, loan.principal - loan.principal
        self.undue, self.today = loan.principal, loan.drawn_on
        self.credit = self.accrued = self.penalty = self.charged = self.zero
        self.rows: list[list[Any]] = []  # open rows: due date, principal, interest, penalty

    def accrue(self, day: int) -> None:
        days = day - self.today
        if self.undue > self.credit:
            self.accrued += (self.undue - self.credit) * self.loan.rate * days
        if self.rows:
            self.penalty += sum([row[1] for row in self.rows], self.zero) * self.loan.penalty_rate * days
        self.today = day

    def fall_due(self, day: int, last: bool) -> None:
        interest = self.rounded(self.accrued)
        principal = self.undue if last else min(self.loan.level, self.undue)
        self.accrued = self.zero
        self.undue -= principal
        if interest or principal:
            self.rows.append([day, principal, interest, self.zero])

    def apply_credit(self) -> None:
        wanted = self.rounded(self.penalty) - self.charged
        if wanted:
            self.charged += wanted
            self.rows[0][3] += wanted
        while self.rows and self.credit:
            row = self.rows[0]
            for component in (3, 2, 1):
                part = min(self.credit, row[component])
                row[component] -= part
                self.credit -= part
            if row[1] or row[2] or row[3]:
                break
            del self.rows[0]
        if not self.rows and self.credit >= self.undue + (interest := self.rounded(self.accrued)):
            self.credit -= self.undue + interest
            self.undue = self.accrued = self.penalty = self.charged = self.zero


def live(loan: Loan, as_of: int, rounded: Callable[[Any], Any]) -> tuple[Any, ...]:
    """One loan's answers, in the order of ANSWERS."""
    account = Account(loan, rounded)
    place, payments, last = 0, loan.payments, len(loan.due) - 1
    for row, due in enumerate(loan.due):
        if due > as_of:
            break
        while place < len(payments) and payments[place][0] < due:
            _pay(account, *payments[place])
            place += 1
        account.accrue(due)
        account.fall_due(due, row == last)
        if account.credit:
            account.apply_credit()
    for payment in payments[place:]:
        _pay(account, *payment)
    account.accrue(as_of)
    return _answers(account, as_of)


def _pay(account: Account, day: int, amount: Any) -> None:
    account.accrue(day)
    account.credit += amount
    account.apply_credit()


def _answers(account: Account, as_of: int) -> tuple[Any, ...]:
    zero = account.zero
    rows = account.rows
    late = [row for row in rows if row[0] < as_of]
    due = [sum([row[part] for row in rows], zero) for part in (1, 2, 3)]
    overdue = [sum([row[part] for row in late], zero) for part in (1, 2, 3)]
    interest = account.rounded(account.accrued)
    penalty = account.rounded(account.penalty) - account.charged
    days = as_of - late[0][0] if late else 0
    payoff = sum(due, zero) + penalty + account.undue + interest - account.credit
    return (
        account.undue + due[0], *due, *overdue, interest, penalty, account.credit, days,
        bisect_right(BOUNDS, days), max(payoff, zero),
    )  # fmt: skip


def replay(loans: list[Loan], as_of: int, rounded: Callable[[Any], Any]) -> list[tuple[Any, ...]]:
    """Every loan's answers."""
    return [live(loan, as_of, rounded) for loan in loans]


def as_columns(answers: list[tuple[Any, ...]]) -> dict[str, np.ndarray]:
    """Answers by column, to be compared."""
    return {
        name: np.array([int(value) for value in column], np.int64)
        for name, column in zip(ANSWERS, zip(*answers, strict=True), strict=True)
    }


assert FAR > 0
