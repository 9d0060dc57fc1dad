"""The day-end by the engine: the touched loans go on from their kept states, in place; totals move by the difference.

`forbear.engine.batch.move_on` is what `close-day` calls for the loans of a partition, but for where the book lies.
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from benchmarks.contest import ANSWERS, BUCKETS, SCALE, TOTALS, Arrivals
from forbear.engine.batch import Batch, Folded, fold_on, move_on
from forbear.engine.kept import Kept
from forbear.engine.layout import ENTRY, Records
from forbear.engine.vocabulary import PAID
from forbear.kernel.compiled import compiled
from forbear.kernel.wide import mul_divmod

ROOM = 64
"""Octets a loan that the array of states begins with: enough for a few days."""
BLOCK = 1 << 11
"""Loans whose positions stay in the cache from one step to the next."""
EXACT = len(TOTALS) - 2
"""Where the accruals begin: for each line whole, remainder, slope and slope remainder, over the product's denominator."""


class Evening(NamedTuple):
    """What is kept from day to day: the terms, positions and states, each loan's next event again in a column of its own,
    and the sums of the positions by bucket.
    """

    terms: Batch
    standing: Folded
    event: np.ndarray
    sums: np.ndarray


def evening(batch: Batch, as_of: int) -> Evening:
    """The evening of `as_of`. The journal is not kept."""
    folded = fold_on(batch, None, as_of)
    octets = np.zeros(len(folded.kept.octets) + ROOM * len(batch), np.uint8)
    octets[: len(folded.kept.octets)] = folded.kept.octets
    sums = np.zeros((BUCKETS, EXACT + 8), np.int64)
    add_up(folded.positions.view(np.recarray), np.arange(len(batch)), 1, sums)
    standing = folded._replace(kept=folded.kept._replace(octets=octets))
    return Evening(batch, standing, np.ascontiguousarray(folded.positions["next_event_on"]), sums)


def copied(kept: Evening) -> Evening:
    """A copy that a day may change."""
    positions, states = kept.standing
    standing = Folded(positions.copy(), Kept(*(part.copy() for part in states)))
    return Evening(kept.terms, standing, kept.event.copy(), kept.sums.copy())


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


def day_end(kept: Evening, arrivals: Arrivals, as_of: int) -> tuple[np.ndarray, Folded, np.ndarray]:
    """The day `as_of` from the evening before, in place: places of the moved loans, the book, and the totals."""
    touched = kept.event <= as_of
    touched[arrivals.owner] = True
    moved = np.flatnonzero(touched)
    entries = np.zeros(len(arrivals.owner), ENTRY)
    entries["kind"], entries["effective_on"], entries["amount"] = PAID, as_of, arrivals.amount
    bounds = np.searchsorted(arrivals.owner, np.append(moved, len(touched)))
    standing = kept.standing
    positions = standing.positions.view(np.recarray)
    for first in range(0, len(moved), BLOCK):
        here = moved[first : first + BLOCK]
        add_up(positions, here, -1, kept.sums)
        batch = replace(kept.terms, entries=entries, entry_bounds=bounds[first : first + BLOCK + 1])
        standing = move_on(batch, standing, here, as_of)
        add_up(positions, here, 1, kept.sums)
        kept.event[here] = standing.positions["next_event_on"][here]
    return moved, standing, of_day(kept, as_of)


def of_day(kept: Evening, as_of: int) -> np.ndarray:
    """The sums as totals of a day: accruals carried on, in millionths."""
    found = kept.sums[:, : EXACT + 2].copy()
    part = int(kept.terms.terms["denominator"][0]) // SCALE
    for bucket, row in enumerate(kept.sums[:, EXACT:].tolist()):
        for place in (0, 1):
            whole, remainder, slope, slope_remainder = row[4 * place : 4 * place + 4]
            found[bucket, EXACT + place] = (whole + slope * as_of) * SCALE + (
                remainder + slope_remainder * as_of
            ) // part
    return found


def told(
    found: tuple[np.ndarray, Folded, np.ndarray],
) -> tuple[np.ndarray, dict[str, np.ndarray], np.ndarray]:
    """What `day_end` found, as arrays."""
    moved, standing, totals = found
    return moved, {name: standing.positions[name][moved] for name in ANSWERS}, totals
