"""The engine's door: batches of loans in, positions out.

A `Batch` holds the arrays of many loans end to end, with the bounds of each loan's part. `fold` folds every loan of it;
one loan is a batch of one. There is no other implementation.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from forbear.engine.fold import advance, start
from forbear.engine.kept import LEAST_ROW, Kept, keep, restore, room
from forbear.engine.layout import FEED, LINE, LOAN, PLAN, POSITION, ROW, Record, Records
from forbear.engine.position import read_off, write_position
from forbear.engine.vocabulary import DUE_DATE_MOVED, NEVER, REAGED, REVERSED, SAME_DAY_RANK
from forbear.engine.work import Work
from forbear.kernel.compiled import compiled, inlined

NOTHING_KEPT: Final = Kept(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.uint8))

USUAL_STATE: Final = 64
MORE_ROOM: Final = 1 << 16
"""Octets that a state usually takes, and by how much at least their array grows where they take more."""


@dataclass(frozen=True, slots=True)
class Batch:
    """N loans. `terms` has N records; `rates`, `plan` and `entries` have `*_bounds` of N + 1 places each.

    Entries of a loan may stand in any order; their `sequence` numbers are unique within the loan. `buckets` is a table of
    ascending bucket bounds in days past due, a row per set, padded with `NEVER`.
    """

    terms: np.ndarray
    rates: np.ndarray
    rate_bounds: np.ndarray
    plan: np.ndarray
    plan_bounds: np.ndarray
    entries: np.ndarray
    entry_bounds: np.ndarray
    buckets: np.ndarray

    def __len__(self) -> int:
        return len(self.terms)


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
    """Fill `feed` (FEED) with the live entries in folding order; returns how many there are, after which comes NEVER.

    A reversal and its target are left out. Journals arrive nearly in order, so insertion is the right sort; one entry a day
    in order of the days, with nothing reversed, is what most are, and needs none.
    """
    before, live = -NEVER, 0
    for place in range(entries.shape[0]):
        entry = entries[place]
        if entry.kind == REVERSED or entry.effective_on <= before:
            live = _sort(entries, ranks, order)
            for slot in range(live):
                _take(entries[order[slot]], feed[slot])
            break
        before = entry.effective_on
        _take(entry, feed[place])
        live += 1
    feed[live].effective_on = NEVER
    return live


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
    """Fill `order` with the places of the live entries in folding order; returns how many there are."""
    live = 0
    reversals = 0
    for place in range(entries.shape[0]):
        if entries[place].kind == REVERSED:
            reversals += 1
            continue
        slot = live
        while slot > 0 and _before(entries[place], entries[order[slot - 1]], ranks):
            order[slot] = order[slot - 1]
            slot -= 1
        order[slot] = place
        live += 1
    if reversals == 0:
        return live
    for place in range(entries.shape[0]):
        if entries[place].kind == REVERSED:
            kept = 0
            for slot in range(live):
                if entries[order[slot]].sequence != entries[place].target:
                    order[kept] = order[slot]
                    kept += 1
            live = kept
    return live


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


def desk_for(batch: "Batch | Columns", before: Kept = NOTHING_KEPT, places: np.ndarray | None = None) -> Desk:
    """A desk large enough for the longest plan, the longest journal and the most open rows of the loans at `places`."""
    here: slice | np.ndarray = slice(None) if places is None else places
    plan_longest = int((batch.plan_bounds[1:][here] - batch.plan_bounds[:-1][here]).max(initial=0))
    journal_longest = int(np.diff(batch.entry_bounds).max(initial=0))
    if batch.entries["count"].any():  # rows that reschedulings add
        counts = np.concatenate(([0], np.cumsum(batch.entries["count"])))[batch.entry_bounds]
        plan_longest += int(np.diff(counts).max(initial=0))
    most_open = 0
    if len(before.ends):
        most_open = int((before.ends[here] - before.starts[here]).max(initial=0)) // LEAST_ROW
    rows = 5 * (plan_longest + journal_longest) + most_open + 8  # the most that one event can make is five
    return Desk(
        np.zeros(1, LOAN).view(np.recarray),
        np.zeros(rows, ROW).view(np.recarray),
        np.zeros(3, LINE).view(np.recarray),
        np.zeros(journal_longest + 1, np.int64),
        np.zeros(journal_longest + 1, FEED).view(np.recarray),
        np.zeros(plan_longest, PLAN).view(np.recarray),
        np.arange(len(batch.terms)) if places is None else places,
        NOTHING_KEPT,
    )


def columns_of(batch: Batch) -> Columns:
    """The batch's arrays, without copying."""
    return Columns(
        batch.terms.view(np.recarray),
        batch.rates.view(np.recarray),
        batch.rate_bounds,
        batch.plan.view(np.recarray),
        batch.plan_bounds,
        batch.entries.view(np.recarray),
        batch.entry_bounds,
        batch.buckets,
        np.array(SAME_DAY_RANK, np.int64),
        bool(((batch.entries["kind"] >= DUE_DATE_MOVED) & (batch.entries["kind"] <= REAGED)).any()),
    )


@compiled
def copy_plan(plan: Records, journal: Records, room: Records) -> bool:
    """Where an entry of the journal reschedules: copy the plan to `room`, which may be written to and has room to grow."""
    for place in range(journal.shape[0]):
        if DUE_DATE_MOVED <= journal[place].kind <= REAGED:
            for row in range(plan.shape[0]):
                room[row] = plan[row]
            return True
    return False


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
        work = Work(
            columns.terms[i],
            columns.rates[columns.rate_bounds[i] : columns.rate_bounds[i + 1]],
            plan,
            desk.loans[0],
            desk.rows,
            desk.lines[0],
            desk.lines[1],
            desk.lines[2],
        )
        if resuming and before.starts[i] < before.ends[i]:
            restore(work, out[i], before.octets, before.starts[i])
        else:
            start(work, columns.plan_bounds[i + 1] - columns.plan_bounds[i])
        live = arrange(journal, columns.ranks, desk.order, desk.feed)
        advance(work, desk.feed, as_of)
        to_come = work.loan.next_entry
        if keeping:
            if at + room(work) > after.octets.shape[0]:
                return k, at
            after.starts[i] = at
            at = keep(work, live - to_come, after.octets, at)
            after.ends[i] = at
        write_position(work, columns.buckets, desk.feed[to_come].effective_on, out[i])
    return end, at


def fold_range(columns: Columns, desk: Desk, first: int, end: int, as_of: int, out: Records) -> None:
    """Fold loans first..end-1 from the beginning to `as_of`, each into its place of `out` (POSITION)."""
    fold_places(columns, desk, desk.places, first, end, as_of, out, desk.nothing, desk.nothing, 0)


def fold(batch: Batch, as_of: int, *, threads: int = 1) -> np.ndarray:
    """Positions of all loans of the batch at the end of the day `as_of`: an array of POSITION, one per loan.

    `threads` splits the batch; the answer does not depend on it.
    """
    out = np.zeros(len(batch), POSITION)
    columns, result = columns_of(batch), out.view(np.recarray)
    bounds = [len(batch) * part // threads for part in range(threads + 1)]

    def part(first: int, end: int) -> None:
        fold_range(columns, desk_for(batch), first, end, as_of, result)

    if threads == 1:
        part(0, len(batch))
    else:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(part, bounds[:-1], bounds[1:]))
    return out


class Folded(NamedTuple):
    """Where a fold has come to: positions (POSITION), and the states to go on from, one of each per loan."""

    positions: np.ndarray
    kept: Kept

    def of(self, which: np.ndarray) -> "Folded":
        """Those of the loans for which `which` (bool, or places) says so."""
        kept = self.kept
        return Folded(self.positions[which], Kept(kept.starts[which], kept.ends[which], kept.octets))


def fold_on(batch: Batch, before: Folded | None, as_of: int) -> Folded:
    """Take the fold of each loan on to the end of `as_of`, and keep where it stands; `before` is left as it is.

    A loan with a state in `before` resumes: the batch has only those of its entries that are effective after its position's
    `as_of`, and no reversal of an earlier one. A loan without a state is folded from the beginning, from all its entries.
    """
    loans = len(batch)
    positions, states = (np.zeros(loans, POSITION), NOTHING_KEPT) if before is None else before
    after = Kept(
        np.zeros(loans, np.int64), np.zeros(loans, np.int64), np.empty(loans * USUAL_STATE, np.uint8)
    )
    columns, desk, positions, done, at = columns_of(batch), desk_for(batch, states), positions.copy(), 0, 0
    while True:
        out = positions.view(np.recarray)
        done, at = fold_places(columns, desk, desk.places, done, loans, as_of, out, states, after, at)
        if done == loans:
            return Folded(positions, after)
        more = np.empty(len(after.octets) + MORE_ROOM, np.uint8)
        after = after._replace(octets=np.concatenate((after.octets, more)))


def instalments(batch: Batch, as_of: int) -> np.ndarray:
    """The rows (ROW) of a batch of one loan that have fallen due by `as_of`, planned or made by entries.

    Raises ValueError for a batch of any other size.
    """
    if len(batch) != 1:
        raise ValueError(f"instalments are those of one loan; the batch has {len(batch)}")
    desk = desk_for(batch)
    fold_range(columns_of(batch), desk, 0, 1, as_of, np.zeros(1, POSITION).view(np.recarray))
    return np.array(desk.rows[: desk.loans[0].rows])


@compiled
def _read_off_all(positions: Records, day: int) -> None:
    for i in range(positions.shape[0]):
        read_off(positions[i], day)


def read_off_at(positions: np.ndarray, day: int) -> np.ndarray:
    """A copy of stored positions with payoff, accruals and days past due as of `day`, no later than any next event."""
    result = positions.copy()
    _read_off_all(result.view(np.recarray), day)
    return result
