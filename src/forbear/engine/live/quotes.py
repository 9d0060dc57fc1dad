"""Figures of a folded loan: what pays it off, what interest is due, what has been earned. Section 9."""

import numpy as np

from forbear.engine.live.allocation import is_live
from forbear.engine.live.layout import SHARE, Desk
from forbear.engine.live.level import half_even_ratio
from forbear.engine.live.recalculated import open_interest
from forbear.engine.live.rows import open_of, period_of, unpaid
from forbear.engine.live.views import due_amounts, earned_till, open_till
from forbear.engine.live.vocabulary import DATED, FEE, INTEREST, NOT_AGAIN, PENALTY, PER_ROW, PRINCIPAL
from forbear.kernel.compiled import compiled


@compiled
def payoff(desk: Desk, on: int) -> int:
    """What pays off the loan on a day."""
    total = 0
    if not is_live(desk):
        recalculated = desk.terms.recalculation != NOT_AGAIN and desk.state.stopped == 0
        for k in range(desk.state.rows):
            row = desk.rows[k]
            total += unpaid(row)
            if recalculated and row.due > on and row.extra == 0:
                total -= open_of(row, INTEREST)
        return total + open_interest(desk, on) if recalculated else total
    till = on
    if desk.terms.payoff_to_due_date == 1:
        for k in range(desk.state.view_periods[0]):
            if desk.model.periods[0, k].start < on <= desk.model.periods[0, k].end:
                till = desk.model.periods[0, k].end
    for k in range(desk.state.rows):
        row = desk.rows[k]
        total += open_of(row, FEE) + open_of(row, PENALTY)
        if row.down == 1 or row.extra == 1:
            total += open_of(row, PRINCIPAL)
    principal, interest = open_till(desk.model, till)
    return total + principal + interest


@compiled
def due_interest(desk: Desk, on: int) -> int:
    """Interest due by a day, over all periods."""
    total = 0
    for k in range(desk.state.view_periods[0]):
        total += due_amounts(desk.model, k, on)[1]
    return total


@compiled
def past_interest(desk: Desk, on: int) -> int:
    """Interest that rows due before a day claimed, apart from what was taken back."""
    total = 0
    for k in range(desk.state.rows):
        row = desk.rows[k]
        if row.due < on and row.down == 0 and row.extra == 0:
            total += row.claimed[INTEREST] - row.taken[INTEREST]
    return total


@compiled
def running_interest(desk: Desk, on: int, open_only: bool) -> int:
    """Interest that the row of a day, its last one included, has earned by it.

    `open_only`, as a charge-off books it: without a model, of what is open; what was given to the row in parts is asked whole.
    """
    total = 0
    for k in range(desk.state.rows):
        row = desk.rows[k]
        if row.down == 1 or row.extra == 1 or not row.start < on <= row.due:
            continue
        if is_live(desk) or (desk.terms.progressive == 1 and not open_only):
            place = period_of(desk, row)
            fixed = desk.model.periods[0, place].fixed_interest
            total += earned_till(desk.model, place, on, False)
            if not open_only:
                total += half_even_ratio(fixed * (on - row.start), row.due - row.start) - fixed
        else:
            base = open_of(row, INTEREST) if open_only else row.claimed[INTEREST]
            total += half_even_ratio(base * (on - row.start), row.due - row.start)
    return total


@compiled
def earned_charges(desk: Desk, on: int, total: np.ndarray) -> None:
    """Add charges due by a day to `total`, by component."""
    for c in range(desk.state.charges):
        charge = desk.charges[c]
        entry = desk.entries[charge.entry]
        if entry.when == DATED and entry.on <= on:
            total[entry.component] += charge.amount - charge.waived
        elif entry.when == PER_ROW:
            for k in range(desk.state.rows):
                if desk.rows[k].due <= on:
                    total[entry.component] += max(0, desk.parts[SHARE, charge.entry, desk.rows[k].key])
