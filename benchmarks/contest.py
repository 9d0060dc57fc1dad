"""The book on which engines compete: plain arrays from which every contestant starts, and what each has to answer.

The product is the plainest one on which a loan's history matters: equal principal, interest on each day's balance (less
money paid ahead), penalty interest in place of it on overdue principal, and money allocated row by row, oldest first,
penalty before interest before principal; a payment that covers all that is owed settles the loan. Nothing else is switched
on, so that the peers need to implement nothing else, and rates are whole millionths a day, so that 64-bit integers hold
every intermediate value exactly.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from forbear.engine.batch import Batch
from forbear.engine.layout import ENTRY
from forbear.engine.terms import LOAN_TERMS, Product, compile_batch
from forbear.engine.vocabulary import DISBURSED, M_BUCKETS, NEVER, PAID, Amortisation
from forbear.kernel.daycounts import DayCount
from forbear.kernel.rates import RATE_SCALE

SCALE: Final = 1_000_000
"""Rates are whole numbers of 1/SCALE a day."""
LONGEST: Final = 24
AS_OF: Final = 20_600
"""2026-05-27: the day before the one that is to be closed is AS_OF - 1."""
FAR: Final = 1 << 30
"""A day after all others, where a table needs one."""
BOUNDS: Final = M_BUCKETS

ANSWERS: Final = (
    "principal",
    "due_principal",
    "due_interest",
    "due_penalty",
    "overdue_principal",
    "overdue_interest",
    "overdue_penalty",
    "accrued_interest",
    "accrued_penalty",
    "credit",
    "days_past_due",
    "bucket",
    "payoff",
)
"""What every contestant answers for every loan: whole numbers, equal to the last digit."""

TOTALS: Final = (
    "loans",
    "principal",
    "due_principal",
    "due_interest",
    "due_penalty",
    "overdue_principal",
    "overdue_interest",
    "credit",
    "interest",
    "penalty",
)
"""Columns of the book's totals, a row for each bucket, 0 the current ones. `interest` and `penalty` are what has accrued and
is not charged, exactly, in millionths of a minor unit; the others whole minor units. (All penalty due is overdue.)"""
BUCKETS: Final = len(BOUNDS) + 1

PRODUCT: Final = Product(
    code="contest", currency="CNY", amortisation=Amortisation.EQUAL_PRINCIPAL, day_count=DayCount.DAILY
)


@dataclass(frozen=True, slots=True)
class Book:
    """Loans of one product and what was paid, by loan and date.

    Attributes:
        principal: drawn at once on `drawn_on`, minor units.
        rate: interest a day, in millionths; `penalty_rate` likewise.
        count: planned rows of each loan.
        due_on: LONGEST x loans, the due date of each row; FAR after a loan's last.
        bounds: payments of loan i lie at bounds[i]:bounds[i + 1] of `paid_on` and `amount`, dates ascending.
    """

    principal: np.ndarray
    drawn_on: np.ndarray
    rate: np.ndarray
    penalty_rate: np.ndarray
    count: np.ndarray
    due_on: np.ndarray
    paid_on: np.ndarray
    amount: np.ndarray
    bounds: np.ndarray

    def __len__(self) -> int:
        return len(self.principal)


def make_book(loans: int, *, seed: int = 7, as_of: int = AS_OF, paying_today: int = 5) -> Book:
    """A book with about twenty entries a loan, of which `paying_today` in a hundred loans pay on `as_of`."""
    dice = np.random.default_rng(seed)
    principal = dice.integers(10, 3000, loans) * 100_00
    drawn_on = as_of - dice.integers(210, 720, loans)
    rate = 2 * dice.integers(100, 300, loans)
    count = dice.choice([12, 18, 24, 24], loans)
    day = dice.integers(0, 28, loans)
    month = drawn_on.astype("datetime64[D]").astype("datetime64[M]") + 1
    due_on = np.full((LONGEST, loans), FAR, np.int64)
    for row in range(LONGEST):
        date = (month + row).astype("datetime64[D]").astype(np.int64) + day
        due_on[row] = np.where(row < count, date, FAR)
    owner, paid_on, amount = _payments(principal, drawn_on, rate, count, due_on, as_of, dice, paying_today)
    bounds = np.searchsorted(owner, np.arange(loans + 1))
    return Book(principal, drawn_on, rate, rate * 3 // 2, count, due_on, paid_on, amount, bounds)


def _payments(
    principal: np.ndarray, drawn_on: np.ndarray, rate: np.ndarray, count: np.ndarray, due_on: np.ndarray,
    as_of: int, dice: np.random.Generator, paying_today: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """Payments as people make them: most on the day, some ahead, some late, some in two parts, some no more."""
    loans = len(principal)
    habit = dice.choice(4, loans, p=[0.68, 0.18, 0.10, 0.04])  # on the day, ahead, late, gives up some day
    gives_up = np.where(habit == 3, dice.integers(1, LONGEST, loans), LONGEST)
    settles = np.where(dice.random(loans) < 0.04, dice.integers(3, LONGEST, loans), LONGEST)
    split = dice.random(loans) < 0.6
    found: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    everyone = np.arange(loans)
    for row in range(LONGEST):
        left = np.maximum(principal - principal * row // count, 0)
        days = due_on[row] - (due_on[row - 1] if row else drawn_on)
        wanted = principal // count + left * rate * days // SCALE
        wanted = np.where(settles == row, left + wanted, wanted)
        share = np.where(
            dice.random(loans) < 0.01, dice.integers(50, 100, loans), dice.integers(100, 102, loans)
        )
        wanted = np.maximum((wanted * (share + 2 * (habit == 2)) + 9999) // 10000 * 100, 100)
        shift = np.select(
            [habit == 1, habit == 2], [-dice.integers(0, 12, loans), dice.integers(-2, 45, loans)], 0
        )
        shift = np.where((habit == 0) & (dice.random(loans) < 0.08), dice.integers(1, 20, loans), shift)
        on = np.maximum(due_on[row] + shift, drawn_on + 1)
        pays = (row < count) & (row < gives_up) & (row <= settles) & (dice.random(loans) < 0.99)
        twice = pays & split & (dice.random(loans) < 0.7)
        first = np.where(twice, wanted * dice.integers(20, 80, loans) // 100, wanted)
        later = on + dice.integers(0, 9, loans)
        found += [
            (everyone[pays], on[pays], first[pays]),
            (everyone[twice], later[twice], (wanted - first)[twice]),
        ]
    today = np.flatnonzero(dice.integers(0, 100, loans) < paying_today)
    found.append((today, np.full(len(today), as_of), principal[today] // count[today] // 100 * 100 + 100))
    owner, on, amount = (np.concatenate(part) for part in zip(*found, strict=True))
    kept = (on <= as_of) & (amount > 0) & ((on < as_of) | (np.arange(len(on)) >= len(on) - len(today)))
    owner, on, amount = owner[kept], on[kept], amount[kept]
    order = np.lexsort((on, owner))
    return owner[order], on[order], amount[order]


def as_batch(book: Book) -> Batch:
    """The book as the engine takes it: the same numbers in its arrays. Draws are entries, as everything is."""
    loans = np.zeros(len(book), LOAN_TERMS)
    loans["loan"] = np.arange(len(book))
    loans["rate"] = book.rate * (RATE_SCALE // SCALE)
    loans["penalty_rate"] = book.penalty_rate * (RATE_SCALE // SCALE)
    loans["first_due_on"] = book.due_on[0]
    loans["count"] = book.count
    per_loan = np.diff(book.bounds)
    bounds = np.concatenate(([0], np.cumsum(per_loan + 1)))
    entries = np.zeros(bounds[-1], ENTRY)
    draws = bounds[:-1]
    entries["kind"] = PAID
    entries["kind"][draws] = DISBURSED
    paid = np.ones(len(entries), bool)
    paid[draws] = False
    entries["effective_on"][draws], entries["amount"][draws] = book.drawn_on, book.principal
    entries["effective_on"][paid], entries["amount"][paid] = book.paid_on, book.amount
    entries["sequence"] = np.arange(len(entries)) - np.repeat(draws, per_loan + 1) + 1
    entries["order"] = entries["sequence"]
    batch = compile_batch([PRODUCT], loans, entries, bounds)
    planned = batch.plan["due_on"]
    same = book.due_on.T[book.due_on.T < FAR]
    assert (planned == same).all(), "the engine and the peers have the same due dates"
    return batch


def blocks_of(batch: Batch, loans: int) -> list[Batch]:
    """The batch in parts of so many loans: views, without copying."""
    found = []
    for first in range(0, len(batch), loans):
        end = min(first + loans, len(batch))
        rates, rate_bounds = _cut(batch.rates, batch.rate_bounds, first, end)
        plan, plan_bounds = _cut(batch.plan, batch.plan_bounds, first, end)
        entries, entry_bounds = _cut(batch.entries, batch.entry_bounds, first, end)
        terms = batch.terms[first:end]
        found.append(
            Batch(terms, rates, rate_bounds, plan, plan_bounds, entries, entry_bounds, batch.buckets)
        )
    return found


def _cut(rows: np.ndarray, bounds: np.ndarray, first: int, end: int) -> tuple[np.ndarray, np.ndarray]:
    """The rows of loans first..end-1, and their bounds."""
    return rows[bounds[first] : bounds[end]], bounds[first : end + 1] - bounds[first]


def answers_of(positions: np.ndarray) -> dict[str, np.ndarray]:
    """The engine's positions as answers."""
    return {name: np.ascontiguousarray(positions[name]) for name in ANSWERS}


def assert_equal(name: str, found: dict[str, np.ndarray], wanted: dict[str, np.ndarray]) -> None:
    """Refuse a contestant that did other work. Raises AssertionError with the first loan that differs."""
    for column in ANSWERS:
        mine, theirs = np.asarray(found[column], np.int64), wanted[column][: len(found[column])]
        wrong = np.flatnonzero(mine != theirs)
        assert not len(wrong), (
            f"{name}: {column} of loan {wrong[0]} is {mine[wrong[0]]}, the fold says {theirs[wrong[0]]} "
            f"({len(wrong)} of {len(mine)} loans differ)"
        )


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What is paid on a day: `amount` by the loan at place `owner`, ascending, one a loan."""

    owner: np.ndarray
    amount: np.ndarray


def evening_before(book: Book, as_of: int) -> tuple[Book, Arrivals]:
    """The book as it was known before `as_of`, and what arrives on that day."""
    owner = np.repeat(np.arange(len(book)), np.diff(book.bounds))
    today = book.paid_on == as_of
    bounds = np.searchsorted(owner[~today], np.arange(len(book) + 1))
    before = replace(book, paid_on=book.paid_on[~today], amount=book.amount[~today], bounds=bounds)
    return before, Arrivals(owner[today], book.amount[today])


def totals_of(positions: np.ndarray, as_of: int) -> np.ndarray:
    """The book's totals from the positions of all its loans on `as_of`: BUCKETS x TOTALS."""
    found = np.zeros((BUCKETS, len(TOTALS)), np.int64)
    columns = {name: positions[name] for name in TOTALS if name in (positions.dtype.names or ())}
    columns["loans"] = np.ones(len(positions), np.int64)
    for line in ("interest", "penalty"):
        part = positions[f"{line}_denominator"] // SCALE
        whole = (positions[f"{line}_whole"] - positions[f"{line}_charged"]) * SCALE
        columns[line] = whole + positions[f"{line}_remainder"] // part
        assert not (positions[f"{line}_remainder"] % part).any(), "millionths are exact here"
    assert (positions["as_of"] == as_of).all()
    for place, name in enumerate(TOTALS):
        np.add.at(found[:, place], positions["bucket"], columns[name])
    return found


def assert_same_day(
    name: str, found: tuple[np.ndarray, dict[str, np.ndarray], np.ndarray], positions: np.ndarray, as_of: int
) -> None:
    """Refuse a contestant whose day is not the fold's. `found`: places of the loans it moved, their answers, the totals.

    Whoever has a new answer, other than by the passing of a day, has to be among the moved; so each field is compared on
    the moved, and the totals, which the fold's are made of all loans anew, tell of the others.
    """
    moved, answers, totals = found
    assert_equal(name, answers, answers_of(positions[moved]))
    wrong = np.argwhere(np.asarray(totals) != totals_of(positions, as_of))
    assert not len(wrong), f"{name}: {TOTALS[wrong[0][1]]} of bucket {wrong[0][0]} is not the fold's"


assert NEVER > FAR
