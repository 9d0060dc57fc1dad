"""What would be paid from a day on, if every instalment were paid on its due date: the plan as a borrower sees it.

Found by folding on and paying, so it is the fold's own plan, whatever has changed the terms; docs/algorithms/changes.md.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from forbear.engine.batch import Batch, fold
from forbear.engine.layout import ENTRY
from forbear.engine.life import with_entry
from forbear.engine.terms import MAX_INSTALMENTS
from forbear.engine.vocabulary import NEVER, PAID, Component

NAMES: Final = tuple(component.name.lower() for component in Component)


@dataclass(frozen=True, slots=True)
class Instalment:
    """What is due on a day, by component, in minor units."""

    due_on: int
    principal: int
    interest: int
    fee: int
    penalty: int

    @property
    def total(self) -> int:
        """All of it."""
        return self.principal + self.interest + self.fee + self.penalty


def paid_on_time(batch: Batch, as_of: int) -> Iterator[Instalment]:
    """The instalments of the one loan of a batch after its journal: first what is due by `as_of`, paid then, if anything is."""
    day, known = as_of, batch
    for _ in range(2 * MAX_INSTALMENTS):
        position = fold(known, day)[0]
        due = Instalment(day, *(int(position[f"due_{name}"]) for name in NAMES))
        if due.total or day > as_of:
            yield due
        if due.total:
            known = with_entry(known, _payment(known, day, due.total))
            position = fold(known, day)[0]
        if position["next_due_on"] >= NEVER:
            return
        day = int(position["next_due_on"])


def _payment(batch: Batch, day: int, amount: int) -> np.void:
    paid = np.zeros(1, ENTRY)[0]
    paid["sequence"] = int(batch.entries["sequence"].max(initial=0)) + 1
    paid["kind"], paid["effective_on"], paid["amount"], paid["order"] = PAID, day, amount, paid["sequence"]
    return paid
