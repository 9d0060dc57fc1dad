"""Dates for a history: none were published, so these are the plainest that agree with the sums and the status.

All are days of thirty to the month, as the lender counts. The snapshot's day and the day of issue decide nothing about amounts;
they decide how many instalments were due, and how late a loan is that did not pay them.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Final

from examples.lendingclub.inference import History
from examples.lendingclub.published import Published

SNAPSHOT: Final = dt.date(2018, 6, 27)
"""One loan in eight that is current has paid an instalment less than the others: its due day was still to come."""
LAST_SAFE_DAY: Final = 28
"""Every month has it, so every period is a twelfth of the year in 30E/360."""
DUE_DAY: Final = {
    ("Current", 0): 12,
    ("Current", 1): 28,
    ("In Grace Period", 1): 20,
    ("In Grace Period", 2): 28,
    ("Late (16-30 days)", 0): 1,
    ("Late (16-30 days)", 1): 5,
    ("Late (16-30 days)", 2): 28,
    ("Late (31-120 days)", 1): 1,
}
"""The day of the month that makes a loan with this status so late, by instalments missing at the snapshot; else the 13th."""


@dataclass(frozen=True, slots=True)
class Dates:
    """When a loan was paid out, and when its instalments were due: from a moved due day on, on the new one.

    `first_due_on` is what the contract said of the first.
    """

    issued_on: dt.date
    first_due_on: dt.date
    due_on: tuple[dt.date, ...]
    payoff_on: dt.date | None


def day_number(year: int, month: int, day: int) -> int:
    """Days of thirty to the month."""
    return (year * 12 + month - 1) * 30 + day - 1


def date_of(number: int) -> dt.date:
    """The date of that number; days that February does not have are its last."""
    months, day = divmod(number, 30)
    year, month = divmod(months, 12)
    last = 28 if month == 1 else 30
    return dt.date(year, month + 1, min(day + 1, last))


def dates_of(loan: Published, history: History) -> Dates:
    """The dates of one loan: both due days, where it was moved, are days that every month has."""
    move = history.moved
    shift = move.days if move is not None else 0
    wanted = _due_day(loan, history, shift)
    issued = min(max(wanted - shift, 1, 1 - shift), LAST_SAFE_DAY, LAST_SAFE_DAY - shift)
    start = day_number(2018, loan.month, issued)
    due = tuple(
        start + 30 * (place + 1) + (shift if move is not None and place >= move.place else 0)
        for place in range(loan.count)
    )
    payoff = None
    if history.payoff_after is not None:
        last = due[history.months - 1] if history.months else start
        payoff = date_of(last + history.payoff_after)
    return Dates(date_of(start), date_of(start + 30), tuple(date_of(number) for number in due), payoff)


def _due_day(loan: Published, history: History, shift: int) -> int:
    missing = loan.elapsed - history.months
    if history.payoff_after is not None:
        return 1 if missing <= 0 else 12
    if missing < 0:
        return -3  # the instalment of July, paid in June
    if loan.status == "Current" and missing == 0 and shift > 0:
        return 16
    return DUE_DAY.get((loan.status, missing), 13)
