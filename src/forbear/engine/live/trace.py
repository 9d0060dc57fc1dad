"""Notes taken while a live loan is folded: which entry paid or gave up what of which row.

The fold is the one and only (`forbear.engine.live.fold`), in its Python form, with notes taken around some of its functions.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import wraps
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from forbear.engine.live.door import LiveLoan
from forbear.engine.live.fold import fold_loan
from forbear.engine.live.interest_notes import Days
from forbear.engine.live.layout import Desk
from forbear.engine.live.many import LiveLoans, one_desk
from forbear.engine.vocabulary import Component
from forbear.kernel.compiled import uncompiled
from forbear.kernel.rates import RATE_SCALE

SETTLING: Final = MappingProxyType({"rows.pay_row": "paid", "rows.waive_row": "waived"})
"""Functions of the fold that settle a part of a row, and how."""


@dataclass(frozen=True, slots=True)
class Payment:
    """Money on a row, or what is given up of it (`what`: paid, waived): the row's key, the day, the entry of the book (0: none),
    minor units.
    """

    what: str
    key: int
    on: int
    entry: int
    component: Component
    amount: int


@dataclass(slots=True)
class LiveTrace:
    """All notes of one fold, and its desk as it stands at the end.

    `was`: which entry of the book each entry is, 0 for a charge of the terms. `written`: of a schedule that was written at
    once, how the interest of the row that begins and ends on two days came about: days, and in how many equal parts.
    """

    desk: Desk
    was: dict[int, int]
    payments: list[Payment] = field(default_factory=list)
    written: dict[tuple[int, int], tuple[Days, int]] = field(default_factory=dict)
    entry: int = 0

    @property
    def rows(self) -> np.ndarray:
        """The rows (LIVE_ROW) at the end."""
        return LiveLoan(self.desk).rows

    def note_written(self, first: int, count: int, products: list[tuple[int, int, int]], flat: bool) -> None:
        """How the interest of `count` rows was written: a product base * (rate * share) for each, or one for all of them."""
        rate = int(self.desk.terms.rate)
        interest = [(base, b, c) for base, b, c in products if c % RATE_SCALE == 0 and rate and b % rate == 0]
        if (
            len(interest) < 2 if flat else len(interest) != count
        ):  # of one for all, down payments come after it
            return
        for place in range(count):
            base, b, c = interest[0 if flat else place]
            row = self.desk.rows[first + place]
            last = self.desk.rows[first + count - 1] if flat else row
            start = self.desk.rows[first].start if flat else row.start
            days = Days(int(start), int(last.due), base, rate, Fraction(b // rate, c // RATE_SCALE))
            self.written[int(row.start), int(row.due)] = days, count if flat else 1


def trace_live(live: LiveLoans, entries: np.ndarray, as_of: int) -> LiveTrace:
    """Fold the one live loan of a batch to the end of `as_of` in Python, with notes.

    Raises ValueError for a batch of another size.
    """
    desk, was = one_desk(live, entries, as_of)
    notes = LiveTrace(desk, was)
    products: list[tuple[int, int, int]] = []

    def watch(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        if name == "wide.mul_div":

            @wraps(function)
            def multiplying(a: int, b: int, c: int, mode: int) -> Any:
                products.append((int(a), int(b), int(c)))
                return function(a, b, c, mode)

            return multiplying
        if name in ("cumulative._write_declining", "cumulative._write_flat"):

            @wraps(function)
            def writing(desk: Any, first: int, count: int, *rest: Any) -> None:
                products.clear()
                function(desk, first, count, *rest)
                notes.note_written(int(first), int(count), products, name == "cumulative._write_flat")

            return writing
        if name == "fold._take":

            @wraps(function)
            def taking(of: Any, place: int) -> Any:
                notes.entry = was[int(of.entries[place].sequence)]
                return function(of, place)

            return taking
        if name in SETTLING:

            @wraps(function)
            def paying(row: Any, component: int, amount: int, day: int) -> Any:
                used = int(function(row, component, amount, day))
                if used:
                    about = int(row.key), int(day), notes.entry, Component(int(component)), used
                    notes.payments.append(Payment(SETTLING[name], *about))
                return used

            return paying
        return function

    uncompiled(fold_loan, watch)(desk, as_of)
    return notes
