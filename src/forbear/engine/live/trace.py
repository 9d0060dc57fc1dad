"""Notes taken while a live loan is folded: which entry paid what of which row.

The fold is the one and only (`forbear.engine.live.fold`), in its Python form, with notes taken around some of its functions.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

import numpy as np

from forbear.engine.live.door import LiveLoan
from forbear.engine.live.fold import fold_loan
from forbear.engine.live.many import LiveLoans, one_desk
from forbear.engine.vocabulary import Component
from forbear.kernel.compiled import uncompiled


@dataclass(frozen=True, slots=True)
class Payment:
    """Money on a row: the row's key, the day, the entry of the book (0: none), minor units."""

    key: int
    on: int
    entry: int
    component: Component
    amount: int


@dataclass(slots=True)
class LiveTrace:
    """All notes of one fold; `rows` (LIVE_ROW) as they stand at its end."""

    rows: np.ndarray = field(default_factory=lambda: np.zeros(0))
    payments: list[Payment] = field(default_factory=list)
    entry: int = 0


def trace_live(live: LiveLoans, entries: np.ndarray, as_of: int) -> LiveTrace:
    """Fold the one live loan of a batch to the end of `as_of` in Python, with notes.

    Raises ValueError for a batch of another size.
    """
    desk, was = one_desk(live, entries, as_of)
    notes = LiveTrace()

    def watch(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        if name == "fold._take":

            @wraps(function)
            def taking(of: Any, place: int) -> Any:
                notes.entry = was[int(of.entries[place].sequence)]
                return function(of, place)

            return taking
        if name == "rows.pay_row":

            @wraps(function)
            def paying(row: Any, component: int, amount: int, day: int) -> Any:
                used = int(function(row, component, amount, day))
                if used:
                    paid = Payment(int(row.key), int(day), notes.entry, Component(int(component)), used)
                    notes.payments.append(paid)
                return used

            return paying
        return function

    uncompiled(fold_loan, watch)(desk, as_of)
    notes.rows = LiveLoan(desk).rows
    return notes
