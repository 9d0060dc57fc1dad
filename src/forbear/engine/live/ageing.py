"""Days past due of a live loan, its bucket, and whether its income is recognised. docs/algorithms/live-schedule.md, section 13."""

import numpy as np

from forbear.engine.layout import Record
from forbear.engine.live.layout import Desk
from forbear.engine.live.rows import unpaid
from forbear.engine.vocabulary import ACTIVE, DOUBTFUL, NEVER
from forbear.kernel.compiled import compiled


@compiled
def _oldest_late(desk: Desk, tolerance: int, as_of: int) -> int:
    """Due date of the oldest row that was due before a day and has more than the tolerance unpaid; NEVER if there is none."""
    oldest = NEVER
    for k in range(desk.state.rows):
        row = desk.rows[k]
        if row.due < min(as_of, oldest) and unpaid(row) > tolerance:
            oldest = row.due
    return oldest


@compiled
def _was_doubtful(desk: Desk, bound: int, oldest: int) -> bool:
    """Whether a row, since paid, had been late for so many days, in a time of lateness that has not ended since."""
    late_from = oldest + 1
    while True:
        earlier = late_from
        for k in range(desk.state.rows):
            row = desk.rows[k]
            if row.met == 1 and row.met_on >= late_from and row.due + 1 < late_from:
                if row.met_on - 1 - row.due >= bound:
                    return True
                earlier = min(earlier, row.due + 1)
        if earlier == late_from:
            return False
        late_from = earlier


@compiled
def age(desk: Desk, common: Record, bounds: np.ndarray, as_of: int, out: Record) -> int:
    """Write what follows from the oldest late row; returns the first day on which bucket or recognition change by themselves."""
    oldest = _oldest_late(desk, common.tolerance, as_of)
    out.oldest_due_on, out.bucket, out.nonaccrual, first = oldest, 0, 0, NEVER
    if out.status == DOUBTFUL:
        out.nonaccrual = 1
    if oldest == NEVER:
        return first
    days = as_of - oldest
    while out.bucket < bounds.shape[0] and bounds[out.bucket] <= days:
        out.bucket += 1
    if out.bucket < bounds.shape[0]:
        first = oldest + bounds[out.bucket]
    after = common.nonaccrual_after
    if out.status == ACTIVE and after > 0:
        if days >= after or _was_doubtful(desk, after, oldest):
            out.nonaccrual = 1
        else:
            first = min(first, oldest + after)
    return first
