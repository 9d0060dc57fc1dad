"""The day-end by the engine: the touched loans go on from their kept states, in place; totals move by the difference.

`forbear.engine.sweep.fold_places` is what `close-day` calls as well; there the book lies in the database.
"""

from typing import NamedTuple

import numpy as np

from benchmarks.contest import ANSWERS, BUCKETS, SCALE, TOTALS, Arrivals
from forbear.engine.batch import Batch, columns_of, desk_for, fold_on
from forbear.engine.kept import Kept
from forbear.engine.layout import ENTRY, Records
from forbear.engine.sweep import Columns, Desk, fold_places
from forbear.engine.vocabulary import PAID
from forbear.kernel.compiled import compiled
from forbear.kernel.wide import mul_divmod

ROOM = 64
"""Octets a loan that the array of states begins with: enough for a few days."""
BLOCK = 64
"""Loans whose positions stay in the cache from one step to the next: read all at once they cost the less to fetch."""
EXACT = len(TOTALS) - 2
"""Where the accruals begin: for each line whole, remainder, slope and slope remainder, over the product's denominator."""


class Evening(NamedTuple):
    """What is kept from day to day.

    Attributes:
        columns: the terms of all loans; the journal is not kept.
        positions, kept: where each loan stands, and its state.
        event: the positions' `next_event_on` once more, in a column of its own.
        sums: of the positions by bucket.
    """

    columns: Columns
    positions: Records
    kept: Kept
    event: np.ndarray
    sums: np.ndarray


def evening(batch: Batch, as_of: int) -> Evening:
    """The evening of `as_of`."""
    positions, kept = fold_on(batch, None, as_of)
    kept = kept._replace(octets=np.append(kept.octets, np.zeros(ROOM * len(batch), np.uint8)))
    sums = np.zeros((BUCKETS, EXACT + 9), np.int64)
    add_up(positions.view(np.recarray), np.arange(len(batch)), 1, sums)
    event = np.ascontiguousarray(positions["next_event_on"])
    return Evening(columns_of(batch), positions.view(np.recarray), kept, event, sums)


def copied(found: Evening) -> Evening:
    """A copy that a day may change."""
    kept = Kept(*(part.copy() for part in found.kept))
    return Evening(found.columns, found.positions.copy(), kept, found.event.copy(), found.sums.copy())


@compiled
def _add_line(
    row: np.ndarray,
    at: int,
    sign: int,
    whole: int,
    remainder: int,
    slope: int,
    part: int,
    denominator: int,
    day: int,
) -> None:
    """Add a line, moved to day 0, to the sums of its bucket; both remainders stay below the denominator."""
    back, back_part = mul_divmod(part, day, denominator)
    row[at] += sign * (whole - slope * day - back)
    row[at + 1] += sign * (remainder - back_part)
    row[at + 2] += sign * slope
    row[at + 3] += sign * part
    for place in (at, at + 2):
        if row[place + 1] < 0:
            row[place] -= 1
            row[place + 1] += denominator
        if row[place + 1] >= denominator:
            row[place] += 1
            row[place + 1] -= denominator


@compiled
def add_up(positions: Records, places: np.ndarray, sign: int, sums: np.ndarray) -> None:
    """Add the positions at `places` to their buckets' sums, or, with sign -1, take them away."""
    for i in places:
        p = positions[i]
        row = sums[p.bucket]
        row[0] += sign
        row[1] += sign * p.principal
        row[2] += sign * p.due_principal
        row[3] += sign * p.due_interest
        row[4] += sign * p.due_penalty
        row[5] += sign * p.overdue_principal
        row[6] += sign * p.overdue_interest
        row[7] += sign * p.credit
        _add_line(
            row, 8, sign, p.interest_whole - p.interest_charged, p.interest_remainder, p.interest_slope,
            p.interest_slope_remainder, p.interest_denominator, p.as_of,
        )  # fmt: skip
        _add_line(
            row, 12, sign, p.penalty_whole - p.penalty_charged, p.penalty_remainder, p.penalty_slope,
            p.penalty_slope_remainder, p.penalty_denominator, p.as_of,
        )  # fmt: skip


@compiled
def _fetch(columns: Columns, kept: Kept, places: np.ndarray) -> int:
    """Read a word of each cache line that these loans' folds will need: many lines under way together cost little more
    than one. The sum keeps the compiler from leaving it out.
    """
    total = 0
    for i in places:
        terms = columns.terms[i]
        total += terms.loan + terms.instalment + terms.late_grace + terms.bucket_set
        total += columns.rates[columns.rate_bounds[i]].interest + kept.octets[kept.starts[i]]
        for row in range(columns.plan_bounds[i], columns.plan_bounds[i + 1], 4):
            total += columns.plan[row].due_on
    return total


@compiled
def _move(evening: Evening, desk: Desk, as_of: int, at: int) -> int:
    """Take the loans of the desk on to `as_of`, and their sums; returns how many were: fewer if there is no room for states."""
    places, done = desk.places, 0
    while done < places.shape[0]:
        here = places[done : done + BLOCK]
        evening.sums[0, -1] += _fetch(evening.columns, evening.kept, here)
        add_up(evening.positions, here, -1, evening.sums)
        end = done + here.shape[0]
        came, at = fold_places(
            evening.columns, desk, places, done, end, as_of, evening.positions, evening.kept, evening.kept, at
        )
        for i in here:
            evening.event[i] = evening.positions[i].next_event_on
        add_up(evening.positions, here, 1, evening.sums)
        if came < end:
            return came
        done = end
    return done


def day_end(found: Evening, arrivals: Arrivals, as_of: int) -> tuple[np.ndarray, Records, np.ndarray]:
    """The day `as_of` from the evening before, in place: places of the moved loans, the positions, and the totals."""
    touched = found.event <= as_of
    touched[arrivals.owner] = True
    moved = np.flatnonzero(touched)
    entries = np.zeros(len(arrivals.owner), ENTRY)
    entries["kind"], entries["effective_on"], entries["amount"] = PAID, as_of, arrivals.amount
    paying = np.bincount(arrivals.owner, minlength=len(touched))
    bounds = np.append(0, np.cumsum(paying[moved]))
    columns = found.columns._replace(entries=entries.view(np.recarray), entry_bounds=bounds)
    desk = desk_for(columns, found.kept, moved)
    done = _move(found._replace(columns=columns), desk, as_of, int(found.kept.ends.max()))
    assert done == len(moved), "the evening has room for the states of some days"
    return moved, found.positions, of_day(found, as_of)


def of_day(evening: Evening, as_of: int) -> np.ndarray:
    """The sums as totals of a day: accruals carried on, in millionths."""
    found = evening.sums[:, : EXACT + 2].copy()
    part = int(evening.columns.terms["denominator"][0]) // SCALE
    for bucket, row in enumerate(evening.sums[:, EXACT:].tolist()):
        for place in (0, 1):
            whole, remainder, slope, slope_remainder = row[4 * place : 4 * place + 4]
            found[bucket, EXACT + place] = (whole + slope * as_of) * SCALE + (
                remainder + slope_remainder * as_of
            ) // part
    return found


def told(
    found: tuple[np.ndarray, Records, np.ndarray],
) -> tuple[np.ndarray, dict[str, np.ndarray], np.ndarray]:
    """What `day_end` found, as arrays."""
    moved, positions, totals = found
    return moved, {name: positions[name][moved] for name in ANSWERS}, totals
