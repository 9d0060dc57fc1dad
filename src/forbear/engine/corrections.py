"""Corrections: what is known now less what was believed, as a value.

A late or reversed entry is folded like any other. What that changes is the difference of two folds of one loan: for each
day and component the movements that were believed and those that are known, and the facts of the day asked about. Whatever
relied on the belief can answer to it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from forbear.engine.batch import Batch, fold
from forbear.engine.layout import POSITION
from forbear.engine.movements import COMPONENT_NAMES, MovementKind, movements
from forbear.engine.vocabulary import NEVER

FACTS = (
    *("status", "days_past_due", "bucket", "oldest_due_on", "nonaccrual", "payoff", "credit"),
    *("next_due_on", "next_due_amount"),
)
"""Fields of a position that are compared on the day asked about; what moved is told by the changes."""


@dataclass(frozen=True, slots=True)
class Change:
    """Of one day, kind of movement and component: what was believed to have moved and what is known to have (minor units)."""

    on: int
    kind: MovementKind
    component: str
    believed: int
    known: int


@dataclass(frozen=True, slots=True)
class Correction:
    """What is known of a loan on `as_of` less what was believed; empty if nothing differs.

    `facts` are `(field, believed, known)`, for the fields of `FACTS` that differ.
    """

    as_of: int
    changes: tuple[Change, ...]
    facts: tuple[tuple[str, int, int], ...]

    def __bool__(self) -> bool:
        return bool(self.changes or self.facts)

    def total(self, kind: MovementKind, component: str) -> int:
        """How much more of a component is known to have moved, over all days."""
        return sum(c.known - c.believed for c in self.changes if (c.kind, c.component) == (kind, component))


def event_days(batch: Batch, as_of: int) -> set[int]:
    """Days up to `as_of` on which the one loan of the batch has entries or changes by itself."""
    days = {int(day) for day in batch.entries["effective_on"] if day <= as_of}
    day = int(batch.entries["effective_on"].min(initial=NEVER))
    while day <= as_of:
        days.add(day)
        day = int(fold(batch, day)["next_event_on"][0])
    return days


def history(batch: Batch, days: list[int]) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Of one loan, for ascending days: the day, its position, and the movements (MOVEMENT) since the day before in the list."""
    nothing = np.zeros(1, np.int64)
    before = np.zeros(1, POSITION)
    for day in days:
        now = fold(batch, day)
        yield day, now, movements(before, now, nothing, nothing)
        before = now


def correction(believed: Batch, known: Batch, as_of: int) -> Correction:
    """The correction of one loan on `as_of`, from a batch of what was known at some time and one of what is known now."""
    days = sorted(event_days(believed, as_of) | event_days(known, as_of))
    was, now = _moved(believed, days), _moved(known, days)
    changes = tuple(
        Change(on, MovementKind(kind), component, was.get(place, 0), now.get(place, 0))
        for place in sorted({*was, *now})
        for on, kind, component in (place,)
        if was.get(place, 0) != now.get(place, 0)
    )
    before, after = fold(believed, as_of)[0], fold(known, as_of)[0]
    facts = tuple(
        (name, int(before[name]), int(after[name])) for name in FACTS if before[name] != after[name]
    )
    return Correction(as_of, changes, facts)


def _moved(batch: Batch, days: list[int]) -> dict[tuple[int, int, str], int]:
    return {
        (day, int(row["kind"]), name): int(row[name])
        for day, _, rows in history(batch, days)
        for row in rows
        for name in COMPONENT_NAMES
        if row[name]
    }
