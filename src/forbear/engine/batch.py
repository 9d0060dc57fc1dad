"""The engine's door: batches of loans in, positions out.

A `Batch` holds the arrays of many loans end to end, with the bounds of each loan's part. `fold` folds every loan of it;
one loan is a batch of one. For each regime there is no other implementation. Here, and only here, loans part by regime: those of a live
product are folded by `forbear.engine.live`, the others by `forbear.engine.sweep` (docs/adr/0009-live-products.md).
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from forbear.engine.kept import LEAST_ROW, Kept
from forbear.engine.layout import FEED, LINE, LOAN, PLAN, POSITION, ROW, TERMS, VERSION
from forbear.engine.live.many import LiveLoans, draw_fees, fold_live_loans, live_rows
from forbear.engine.sweep import (
    NOTHING_KEPT,
    Columns,
    Desk,
    LaterTerms,
    fold_places,
    fold_range,
    read_off_all,
)
from forbear.engine.vocabulary import DUE_DATE_MOVED, REAGED, RESTRUCTURED, SAME_DAY_RANK
from forbear.engine.work import Versions

USUAL_STATE: Final = 64
MORE_ROOM: Final = 1 << 16
"""Octets that a state usually takes, and by how much at least their array grows where they take more."""


NO_LATER: Final = LaterTerms(np.zeros(0, TERMS), np.zeros(0, VERSION), np.zeros(1, np.int64))


@dataclass(frozen=True, slots=True)
class Batch:
    """N loans. `terms` has N records; `rates`, `plan` and `entries` have `*_bounds` of N + 1 places each.

    Entries of a loan may stand in any order; their `sequence` numbers are unique within the loan. `buckets` is a table of
    ascending bucket bounds in days past due, a row per set, padded with `NEVER`. `live` are those of the loans whose product
    has a live schedule, None if there are none: of `rates` and `plan` they have nothing that counts. `later` are later
    versions of the loans' terms, `NO_LATER` if no loan has any.
    """

    terms: np.ndarray
    rates: np.ndarray
    rate_bounds: np.ndarray
    plan: np.ndarray
    plan_bounds: np.ndarray
    entries: np.ndarray
    entry_bounds: np.ndarray
    buckets: np.ndarray
    live: LiveLoans | None = None
    later: LaterTerms = NO_LATER

    def __len__(self) -> int:
        return len(self.terms)

    def planned(self) -> "tuple[np.ndarray, Batch]":
        """Those of the loans that are not live: which (bool), and a batch of them alone."""
        if self.live is None:
            return np.ones(len(self), np.bool_), self
        which = np.ones(len(self), np.bool_)
        which[self.live.places] = False
        rates, rate_bounds = _parts(self.rates, self.rate_bounds, which)
        plan, plan_bounds = _parts(self.plan, self.plan_bounds, which)
        entries, entry_bounds = _parts(self.entries, self.entry_bounds, which)
        return which, Batch(
            self.terms[which],
            rates,
            rate_bounds,
            plan,
            plan_bounds,
            entries,
            entry_bounds,
            self.buckets,
            later=_later_parts(self.later, which),
        )


def _parts(rows: np.ndarray, bounds: np.ndarray, which: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The parts of some loans, end to end, and their bounds."""
    sizes = np.diff(bounds)
    return rows[np.repeat(which, sizes)], np.concatenate(([0], np.cumsum(sizes[which]))).astype(np.int64)


def _later_parts(later: LaterTerms, which: np.ndarray) -> LaterTerms:
    if not len(later.opens):
        return later
    terms, bounds = _parts(later.terms, later.bounds, which)
    return LaterTerms(terms, _parts(later.opens, later.bounds, which)[0], bounds)


def _fold_live(batch: Batch, live: LiveLoans, as_of: int) -> np.ndarray:
    """Positions of the live loans of a batch."""
    which = np.zeros(len(batch), np.bool_)
    which[live.places] = True
    entries, bounds = _parts(batch.entries, batch.entry_bounds, which)
    return fold_live_loans(live, batch.terms[which], entries, bounds, batch.buckets, as_of)


def desk_for(batch: "Batch | Columns", before: Kept = NOTHING_KEPT, places: np.ndarray | None = None) -> Desk:
    """A desk large enough for the longest plan, the longest journal and the most open rows of the loans at `places`."""
    here: slice | np.ndarray = slice(None) if places is None else places
    plan_longest = int((batch.plan_bounds[1:][here] - batch.plan_bounds[:-1][here]).max(initial=0))
    journal_longest = int(np.diff(batch.entry_bounds).max(initial=0))
    if batch.entries["count"].any():  # rows that reschedulings add
        counts = np.concatenate(([0], np.cumsum(batch.entries["count"])))[batch.entry_bounds]
        plan_longest += int(np.diff(counts).max(initial=0))
    versions = len(batch.later.opens)
    if versions:
        named = np.concatenate(([0], np.cumsum(batch.entries["kind"] == RESTRUCTURED)))[batch.entry_bounds]
        plan_longest += int(np.diff(named).max(initial=0)) * int(batch.later.opens["count"].max())
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
        Versions(
            np.zeros(versions + 1, TERMS).view(np.recarray), np.zeros(versions + 1, VERSION).view(np.recarray)
        ),
    )


def columns_of(batch: Batch) -> Columns:
    """The batch's arrays, without copying."""
    kind = batch.entries["kind"]
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
        bool((((kind >= DUE_DATE_MOVED) & (kind <= REAGED)) | (kind == RESTRUCTURED)).any()),
        LaterTerms(
            batch.later.terms.view(np.recarray), batch.later.opens.view(np.recarray), batch.later.bounds
        ),
    )


def fold(batch: Batch, as_of: int, *, threads: int = 1) -> np.ndarray:
    """Positions of all loans of the batch at the end of the day `as_of`: an array of POSITION, one per loan.

    `threads` splits the batch; the answer does not depend on it.
    """
    out = np.zeros(len(batch), POSITION)
    if batch.live is not None:
        which, planned = batch.planned()
        out[which] = fold(planned, as_of, threads=threads)
        out[~which] = _fold_live(batch, batch.live, as_of)
        return out
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
    `as_of`, and no reversal of an earlier one. A loan without a state is folded from the beginning, from all its entries; a
    live one never has any.
    """
    if batch.live is not None:
        return _fold_both_on(batch, batch.live, before, as_of)
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


def _fold_both_on(batch: Batch, live: LiveLoans, before: Folded | None, as_of: int) -> Folded:
    """`fold_on` for a batch of loans of both regimes."""
    which, planned = batch.planned()
    went = fold_on(planned, None if before is None else before.of(which), as_of)
    positions = np.zeros(len(batch), POSITION)
    positions[which], positions[~which] = went.positions, _fold_live(batch, live, as_of)
    starts, ends = np.zeros(len(batch), np.int64), np.zeros(len(batch), np.int64)
    starts[which], ends[which] = went.kept.starts, went.kept.ends
    return Folded(positions, Kept(starts, ends, went.kept.octets))


def instalments(batch: Batch, as_of: int) -> np.ndarray:
    """The rows (ROW) of a batch of one loan that have fallen due by `as_of`, planned or made by entries.

    Raises ValueError for a batch of any other size.
    """
    if len(batch) != 1:
        raise ValueError(f"instalments are those of one loan; the batch has {len(batch)}")
    if batch.live is not None:
        rows = live_rows(batch.live, batch.entries, as_of)
        return rows[rows["due_on"] <= as_of]
    desk = desk_for(batch)
    fold_range(columns_of(batch), desk, 0, 1, as_of, np.zeros(1, POSITION).view(np.recarray))
    return np.array(desk.rows[: desk.loans[0].rows])


def rows_to_come(batch: Batch, as_of: int) -> np.ndarray:
    """The rows (ROW) of a batch of one live loan that fall due after `as_of`; none for a planned loan, whose rows come to
    life on their dates.
    """
    if batch.live is None:
        return np.zeros(0, ROW)
    rows = live_rows(batch.live, batch.entries, as_of)
    return rows[rows["due_on"] > as_of]


def kept_back(batch: Batch, as_of: int) -> list[tuple[int, int]]:
    """Fees that were paid out of the draws of a batch of one live loan by `as_of`: (day, minor units); none for a planned one."""
    return [] if batch.live is None else draw_fees(batch.live, batch.entries, as_of)


def read_off_at(positions: np.ndarray, day: int) -> np.ndarray:
    """A copy of stored positions with payoff, accruals and days past due as of `day`, no later than any next event."""
    result = positions.copy()
    read_off_all(result.view(np.recarray), day)
    return result
