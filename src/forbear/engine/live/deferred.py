"""Income that is deferred and recognised over the life of a loan. docs/algorithms/deferred-income.md."""

from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from forbear.engine.live.terms import LiveEntry
from forbear.engine.live.vocabulary import ADJUSTMENTS, REVERSED


class Deferred(NamedTuple):
    """Income of one entry. `adjusted`: days and amounts that were given back, by day; minor units."""

    sequence: int
    kind: int
    on: int
    amount: int
    adjusted: tuple[tuple[int, int], ...]

    @property
    def net(self) -> int:
        """What is left to recognise in all."""
        return self.amount - sum(amount for _, amount in self.adjusted)


def deferred(entries: Iterable[LiveEntry]) -> tuple[Deferred, ...]:
    """The deferred income of a journal, entry by entry; what was reversed is left out."""
    entries = tuple(entries)
    gone = {entry.target for entry in entries if entry.kind == REVERSED}
    standing = [entry for entry in entries if entry.kind != REVERSED and entry.sequence not in gone]
    return tuple(
        Deferred(
            entry.sequence,
            entry.kind,
            entry.on,
            entry.amount,
            tuple(
                sorted(
                    (other.on, other.amount)
                    for other in standing
                    if other.kind == ADJUSTMENTS[entry.kind] and other.target == entry.sequence
                )
            ),
        )
        for entry in standing
        if entry.kind in ADJUSTMENTS
    )


def recognised(item: Deferred, last_due: int, day: int) -> int:
    """What of it is income by the end of a day, in minor units, half to even.

    `last_due`: the last due date of the loan; the day before it is the last on which income is left.
    """
    if day < item.on:
        return 0
    left, done, since = Fraction(item.amount), Fraction(0), item.on
    for on, amount in item.adjusted:
        if on > day:
            break
        until = max(on, since)
        part = left * _share(since, until, last_due)
        done, left, since = done + part, left - part - amount, until
        if left < 0:
            done, left = done + left, Fraction(0)
    return round(done + left * _share(since, day + 1, last_due))


def _share(since: int, until: int, last_due: int) -> Fraction:
    """The part of the days up to the last due date that [since, until) is."""
    if until >= last_due:
        return Fraction(1)
    return Fraction(until - since, last_due - since)
