"""The planned fold over many loans: one loan after the other on one desk. docs/algorithms/fold.md.

`forbear.engine.batch` is the door. What is here is compiled together and knows nothing of other regimes.
"""

from typing import Final, NamedTuple

import numpy as np

from forbear.engine.fold import advance, start
from forbear.engine.kept import Kept, keep, restore, room
from forbear.engine.layout import Record, Records
from forbear.engine.position import read_off, write_position
from forbear.engine.vocabulary import (
    DUE_DATE_MOVED,
    NEVER,
    REAGED,
    RESTRUCTURED,
    REVERSED,
)
from forbear.engine.work import Versions, Work
from forbear.kernel.compiled import compiled, inlined

NOTHING_KEPT: Final = Kept(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.uint8))


@compiled
def _before(a: Record, b: Record, ranks: np.ndarray) -> bool:
    """Whether entry `a` is folded before entry `b`: by date, then rank of kind, then the tie-break."""
    if a.effective_on != b.effective_on:
        return a.effective_on < b.effective_on
    if ranks[a.kind] != ranks[b.kind]:
        return ranks[a.kind] < ranks[b.kind]
    return a.order < b.order


@compiled
def arrange(entries: Records, ranks: np.ndarray, order: np.ndarray, feed: Records) -> int:
    """Fill `feed` (FEED) with the entries that stand, in folding order; returns how many there are, after which comes NEVER.

    A reversal and its target are left out. Journals arrive nearly in order, so insertion is the right sort; one entry a day
    in order of the days, with nothing reversed, is what most are, and needs none.
    """
    before, standing = -NEVER, 0
    for place in range(entries.shape[0]):
        entry = entries[place]
        if entry.kind == REVERSED or entry.effective_on <= before:
            standing = _sort(entries, ranks, order)
            for slot in range(standing):
                _take(entries[order[slot]], feed[slot])
            break
        before = entry.effective_on
        _take(entry, feed[place])
        standing += 1
    feed[standing].effective_on = NEVER
    return standing


@inlined
def _take(entry: Record, feed: Record) -> None:
    feed.sequence = entry.sequence
    feed.effective_on = entry.effective_on
    feed.kind = entry.kind
    feed.component = entry.component
    feed.amount = entry.amount
    feed.until = entry.until
    feed.rate = entry.rate
    feed.count = entry.count


@compiled
def _sort(entries: Records, ranks: np.ndarray, order: np.ndarray) -> int:
    """Fill `order` with the places of the entries that stand, in folding order; returns how many there are."""
    standing = 0
    reversals = 0
    for place in range(entries.shape[0]):
        if entries[place].kind == REVERSED:
            reversals += 1
            continue
        slot = standing
        while slot > 0 and _before(entries[place], entries[order[slot - 1]], ranks):
            order[slot] = order[slot - 1]
            slot -= 1
        order[slot] = place
        standing += 1
    if reversals == 0:
        return standing
    for place in range(entries.shape[0]):
        if entries[place].kind == REVERSED:
            kept = 0
            for slot in range(standing):
                if entries[order[slot]].sequence != entries[place].target:
                    order[kept] = order[slot]
                    kept += 1
            standing = kept
    return standing


class Desk(NamedTuple):
    """Scratch space in which any loan of a batch can be folded."""

    loans: Records
    rows: Records
    lines: Records
    order: np.ndarray
    feed: Records
    plan: Records
    places: np.ndarray
    nothing: Kept
    versions: Versions


class LaterTerms(NamedTuple):
    """Later versions of the terms of loans, those of loan i at bounds[i]:bounds[i + 1]; if there is none, that is not asked.

    A record of `terms` (TERMS) for each, and one of `opens` (VERSION) that tells how it begins.
    """

    terms: Records
    opens: Records
    bounds: np.ndarray


class Columns(NamedTuple):
    """A batch as compiled code takes it."""

    terms: Records
    rates: Records
    rate_bounds: np.ndarray
    plan: Records
    plan_bounds: np.ndarray
    entries: Records
    entry_bounds: np.ndarray
    buckets: np.ndarray
    ranks: np.ndarray
    reschedules: bool
    later: LaterTerms


@inlined
def reschedules(kind: int) -> bool:
    """Whether an entry of this kind may write to the plan."""
    return DUE_DATE_MOVED <= kind <= REAGED or kind == RESTRUCTURED


@compiled
def copy_plan(plan: Records, journal: Records, room: Records) -> bool:
    """Where an entry of the journal reschedules: copy the plan to `room`, which may be written to and has room to grow."""
    for place in range(journal.shape[0]):
        if reschedules(journal[place].kind):
            for row in range(plan.shape[0]):
                room[row] = plan[row]
            return True
    return False


@compiled
def lay_out_versions(columns: Columns, i: int, room: Versions) -> bool:
    """Where loan `i` has later versions of its terms: copy all of them to `room`, the contract first."""
    later = columns.later
    room.opens[0].number = 0
    if later.opens.shape[0] == 0:
        return False
    first, end = later.bounds[i], later.bounds[i + 1]
    if first == end:
        return False
    room.terms[0] = columns.terms[i]
    for place in range(first, end):
        room.terms[place - first + 1] = later.terms[place]
        room.opens[place - first] = later.opens[place]
    room.opens[end - first].number = 0
    return True


@compiled
def fold_places(
    columns: Columns,
    desk: Desk,
    places: np.ndarray,
    first: int,
    end: int,
    as_of: int,
    out: Records,
    before: Kept,
    after: Kept,
    at: int,
) -> tuple[int, int]:
    """Fold the loans at places[first:end] to `as_of`, each into its place of `out` (POSITION).

    A loan with a state in `before` goes on from it and from the position in `out`, and its entries are those it did not
    know; the others begin at the beginning. The entries of places[k] lie at entry_bounds[k]:entry_bounds[k + 1]. Unless
    `after` is empty, states are written there from `at` on; it may be `before`. Returns how far it came, and where the next
    state would begin: not to `end` if the next state might not fit. What was not done is as it was.
    """
    resuming, keeping = before.ends.shape[0] > 0, after.ends.shape[0] > 0
    for k in range(first, end):
        i = places[k]
        journal = columns.entries[columns.entry_bounds[k] : columns.entry_bounds[k + 1]]
        plan = columns.plan[columns.plan_bounds[i] : columns.plan_bounds[i + 1]]
        if columns.reschedules and copy_plan(plan, journal, desk.plan):
            plan = desk.plan
        terms = columns.terms[i]
        if columns.reschedules and lay_out_versions(columns, i, desk.versions):
            terms = desk.versions.terms[0]
        work = Work(
            terms,
            columns.rates[columns.rate_bounds[i] : columns.rate_bounds[i + 1]],
            plan,
            desk.loans[0],
            desk.rows,
            desk.lines[0],
            desk.lines[1],
            desk.lines[2],
            desk.versions,
        )
        if resuming and before.starts[i] < before.ends[i]:
            restore(work, out[i], before.octets, before.starts[i])
        else:
            start(work, columns.plan_bounds[i + 1] - columns.plan_bounds[i])
        standing = arrange(journal, columns.ranks, desk.order, desk.feed)
        advance(work, desk.feed, as_of)
        to_come = work.loan.next_entry
        if keeping:
            if at + room(work) > after.octets.shape[0]:
                return k, at
            after.starts[i] = at
            at = keep(work, standing - to_come, after.octets, at)
            after.ends[i] = at
        write_position(work, columns.buckets, desk.feed[to_come].effective_on, out[i])
    return end, at


def fold_range(columns: Columns, desk: Desk, first: int, end: int, as_of: int, out: Records) -> None:
    """Fold loans first..end-1 from the beginning to `as_of`, each into its place of `out` (POSITION)."""
    fold_places(columns, desk, desk.places, first, end, as_of, out, desk.nothing, desk.nothing, 0)


@compiled
def read_off_all(positions: Records, day: int) -> None:
    """Bring positions to a day, in place."""
    for i in range(positions.shape[0]):
        read_off(positions[i], day)
