"""The fold's work in NumPy: all loans of a block at once, period by period, payment by payment.

Loans of a block are aligned on their instalments: in period r everyone's row r falls due, and before it the payments of the
period are taken in the order of their rank, by those who made one. Larger blocks
spread NumPy's cost per call, smaller ones stay in the cache; `block` is the best that was found.
"""

from typing import Any, NamedTuple

import numpy as np

from benchmarks.contest import ANSWERS, BOUNDS, BUCKETS, FAR, LONGEST, SCALE, TOTALS, Arrivals, Book

BLOCK = 1 << 16


def half_up(accrued: np.ndarray) -> np.ndarray:
    """Millionths to whole minor units. The accruals are not negative."""
    return (accrued + SCALE // 2) // SCALE


class Columns:
    """The state of a block of loans between two of their days; head_* is the oldest open row, `open` its number."""

    def __init__(self, book: Book, first: int, end: int) -> None:
        here = slice(first, end)
        self.size = end - first
        self.rate, self.penalty_rate, self.count = book.rate[here], book.penalty_rate[here], book.count[here]
        self.due_on = book.due_on[:, here]
        self.undue = book.principal[here].copy()
        self.level = (2 * self.undue + self.count) // (2 * self.count)
        self.today = book.drawn_on[here].copy()
        names = ("credit", "accrued", "penalty", "charged", "open", "rows")
        names += ("due_principal", "due_interest", "due_penalty", "head_principal", "head_interest")
        for name in names:
            setattr(self, name, np.zeros(self.size, np.int64))
        self.row_principal = np.zeros((LONGEST, self.size), np.int64)
        self.row_interest = np.zeros((LONGEST, self.size), np.int64)
        self.place, self.stop = book.bounds[first:end].copy(), book.bounds[first + 1 : end + 1]
        self.next_paid_on = np.zeros(self.size, np.int64)

    def __getattr__(self, name: str) -> Any:  # for type checkers: columns are made in __init__
        raise AttributeError(name)

    def accrue(self, who: Any, day: np.ndarray | int) -> None:
        days = day - self.today[who]
        base = self.undue[who] - self.credit[who]
        self.accrued[who] += np.maximum(base, 0) * self.rate[who] * days
        self.penalty[who] += self.due_principal[who] * self.penalty_rate[who] * days
        self.today[who] = day

    def fall_due(self, who: Any, row: Any) -> None:
        """Row `row`, one number or one each, of the loans `who`, all accrued to its date."""
        interest = half_up(self.accrued[who])
        undue = self.undue[who]
        principal = np.where(self.count[who] == row + 1, undue, np.minimum(self.level[who], undue))
        self.accrued[who] = 0
        self.undue[who] = undue - principal
        self.row_principal[row, who], self.row_interest[row, who] = principal, interest
        clear = (self.due_principal[who] == 0) & (self.due_interest[who] == 0) & (self.due_penalty[who] == 0)
        self.open[who] = np.where(clear, row, self.open[who])
        self.head_principal[who] = np.where(clear, principal, self.head_principal[who])
        self.head_interest[who] = np.where(clear, interest, self.head_interest[who])
        self.due_principal[who] += principal
        self.due_interest[who] += interest
        self.rows[who] = row + 1

    def apply_credit(self, who: np.ndarray) -> None:
        """Penalty, interest and principal of the oldest open row, then the next one, until money or rows end."""
        wanted = half_up(self.penalty[who]) - self.charged[who]
        self.charged[who] += wanted
        owed, money = self.due_penalty[who] + wanted, self.credit[who]
        part = np.minimum(money, owed)
        self.due_penalty[who] = owed - part
        self.credit[who] = money - part
        paying = who
        while paying.size:
            money = self.credit[paying]
            interest, principal = self.head_interest[paying], self.head_principal[paying]
            of_interest = np.minimum(money, interest)
            of_principal = np.minimum(money - of_interest, principal)
            self.credit[paying] = money - of_interest - of_principal
            self.head_interest[paying] = interest - of_interest
            self.head_principal[paying] = principal - of_principal
            self.due_interest[paying] -= of_interest
            self.due_principal[paying] -= of_principal
            done = (of_interest == interest) & (of_principal == principal)
            paying = paying[done & (self.open[paying] + 1 < self.rows[paying])]
            self.open[paying] += 1
            row = self.open[paying]
            self.head_principal[paying] = self.row_principal[row, paying]
            self.head_interest[paying] = self.row_interest[row, paying]
        self.settle(who[(self.credit[who] > 0)])

    def settle(self, who: np.ndarray) -> None:
        """Whoever has money for all that is left pays it."""
        clear = who[(self.due_principal[who] + self.due_interest[who] + self.due_penalty[who]) == 0]
        payoff = self.undue[clear] + half_up(self.accrued[clear])
        enough = self.credit[clear] >= payoff
        clear = clear[enough]
        self.credit[clear] -= payoff[enough]
        for column in (self.undue, self.accrued, self.penalty, self.charged):
            column[clear] = 0


def replay(book: Book, as_of: int, block: int = BLOCK) -> dict[str, np.ndarray]:
    """Every loan's answers."""
    found = {name: np.empty(len(book), np.int64) for name in ANSWERS}
    for first in range(0, len(book), block):
        end = min(first + block, len(book))
        columns = Columns(book, first, end)
        live(columns, book, as_of)
        for name, values in answers(columns, as_of).items():
            found[name][first:end] = values
    return found


def live(columns: Columns, book: Book, as_of: int) -> None:
    """Take a block of loans to the end of `as_of`."""
    for row in range(LONGEST):
        due_on = columns.due_on[row]
        take_payments(columns, book, np.minimum(due_on, as_of + 1))
        now = due_on <= as_of
        who: Any = slice(None) if now.all() else np.flatnonzero(now)
        if not isinstance(who, slice) and not who.size:
            break
        columns.accrue(who, due_on[who])
        columns.fall_due(who, row)
        columns.apply_credit(np.flatnonzero(now & (columns.credit > 0)))
    take_payments(columns, book, np.full(columns.size, FAR))
    columns.accrue(slice(None), as_of)


def take_payments(columns: Columns, book: Book, until: np.ndarray) -> None:
    """Payments before `until`, one after the other; who has no more of them leaves the round."""
    who = np.flatnonzero(columns.place < columns.stop)
    while who.size:
        place = columns.place[who]
        day = book.paid_on[place]
        now = day < until[who]
        who, day, place = who[now], day[now], place[now]
        columns.accrue(who, day)
        columns.credit[who] += book.amount[place]
        columns.apply_credit(who)
        columns.place[who] = place + 1
        who = who[place + 1 < columns.stop[who]]


class Evening(NamedTuple):
    """What is kept from day to day: the state, what the totals have of each loan, and the totals.

    `shares` are loans x TOTALS, accruals as of day 0 with `slopes` (interest, penalty) a day, so they stay as they are until
    the loan's next `event`; `totals` are their sums by bucket, BUCKETS x (TOTALS and two slopes).
    """

    columns: Columns
    event: np.ndarray
    bucket: np.ndarray
    shares: np.ndarray
    totals: np.ndarray


def standing(book: Book, as_of: int) -> Evening:
    """The evening of `as_of`."""
    columns = Columns(book, 0, len(book))
    live(columns, book, as_of)
    zero = np.zeros(len(book), np.int64)
    totals = np.zeros((BUCKETS, len(TOTALS) + 2), np.int64)
    evening = Evening(columns, zero, zero.copy(), np.zeros((len(book), len(TOTALS) + 2), np.int64), totals)
    write_down(evening, np.arange(len(book)), as_of)
    return evening


def write_down(evening: Evening, who: np.ndarray, as_of: int) -> dict[str, np.ndarray]:
    """The answers of the loans `who`, accrued to `as_of`, and their share of the totals from now on."""
    columns = evening.columns
    found = answers(columns, as_of, who)
    shares = np.empty((len(who), len(TOTALS) + 2), np.int64)
    shares[:, 0] = 1
    for place, name in enumerate(TOTALS[1:8], start=1):
        shares[:, place] = found[name]
    shares[:, -2] = np.maximum(columns.undue[who] - columns.credit[who], 0) * columns.rate[who]
    shares[:, -1] = columns.due_principal[who] * columns.penalty_rate[who]
    shares[:, 8] = columns.accrued[who] - shares[:, -2] * as_of
    shares[:, 9] = columns.penalty[who] - columns.charged[who] * SCALE - shares[:, -1] * as_of
    evening.shares[who], evening.bucket[who] = shares, found["bucket"]
    np.add.at(evening.totals, found["bucket"], shares)
    evening.event[who] = next_event(columns, who, found, as_of)
    return found


def next_event(columns: Columns, who: np.ndarray, found: dict[str, np.ndarray], as_of: int) -> np.ndarray:
    """The next day on which anything but accruals and the count of days changes by itself."""
    rows = columns.rows[who]
    due = np.where(rows < LONGEST, columns.due_on[np.minimum(rows, LONGEST - 1), who], FAR)
    late = found["days_past_due"]
    bound = np.append(BOUNDS, FAR)[np.searchsorted(BOUNDS, late, side="right")]
    ages = np.where(late > 0, as_of - late + bound, FAR)
    today = (found["due_principal"] != found["overdue_principal"]) | (
        found["due_interest"] != found["overdue_interest"]
    )
    return np.minimum(np.minimum(due, ages), np.where(today, as_of + 1, FAR))


def day_end(
    evening: Evening, arrivals: Arrivals, as_of: int
) -> tuple[np.ndarray, dict[str, np.ndarray], np.ndarray]:
    """The day `as_of` from the evening before, in place: who moved, their answers, and the totals."""
    columns = evening.columns
    touched = evening.event <= as_of
    touched[arrivals.owner] = True
    who = np.flatnonzero(touched)
    np.subtract.at(evening.totals, evening.bucket[who], evening.shares[who])
    columns.accrue(who, as_of)
    row = columns.rows[who]
    now = (row < LONGEST) & (columns.due_on[np.minimum(row, LONGEST - 1), who] == as_of)
    due = who[now]
    columns.fall_due(due, row[now])
    columns.apply_credit(due[columns.credit[due] > 0])
    columns.credit[arrivals.owner] += arrivals.amount
    columns.apply_credit(arrivals.owner)
    found = write_down(evening, who, as_of)
    return who, found, of_day(evening.totals, as_of)


def of_day(totals: np.ndarray, as_of: int) -> np.ndarray:
    """Totals with their accruals carried on to a day."""
    found = totals[:, :-2].copy()
    found[:, 8:] += totals[:, -2:] * as_of
    return found


class _Part:
    """Some of the loans of a block, as columns, each taken out when it is first asked for."""

    def __init__(self, block: Columns, who: np.ndarray) -> None:
        self._block, self._who = block, who

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._block, name)[self._who]
        setattr(self, name, found)
        return found


def answers(block: Columns, as_of: int, who: np.ndarray | None = None) -> dict[str, np.ndarray]:
    """The answers of a block, or of the loans `who` of it, from their state at `as_of`."""
    columns: Any = block if who is None else _Part(block, who)
    everyone = np.arange(block.size) if who is None else who
    newest = np.maximum(columns.rows - 1, 0)
    owed = columns.due_principal + columns.due_interest + columns.due_penalty
    today = (block.due_on[newest, everyone] == as_of) & (owed > 0)
    alone = columns.open == newest
    of_today = np.where(alone, columns.head_principal, block.row_principal[newest, everyone]) * today
    interest_today = np.where(alone, columns.head_interest, block.row_interest[newest, everyone]) * today
    oldest = block.due_on[np.minimum(columns.open, LONGEST - 1), everyone]
    days = np.where((owed > 0) & (oldest < as_of), as_of - oldest, 0)
    interest, penalty = half_up(columns.accrued), half_up(columns.penalty) - columns.charged
    return {
        "principal": columns.undue + columns.due_principal,
        "due_principal": columns.due_principal,
        "due_interest": columns.due_interest,
        "due_penalty": columns.due_penalty,
        "overdue_principal": columns.due_principal - of_today,
        "overdue_interest": columns.due_interest - interest_today,
        "overdue_penalty": columns.due_penalty,
        "accrued_interest": interest,
        "accrued_penalty": penalty,
        "credit": columns.credit,
        "days_past_due": days,
        "bucket": np.searchsorted(BOUNDS, days, side="right"),
        "payoff": np.maximum(owed + penalty + columns.undue + interest - columns.credit, 0),
    }
