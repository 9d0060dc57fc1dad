"""The position of a live loan: what its rows, its model and its journal mean on a day.

docs/algorithms/live-schedule.md, section 13. The record is that of every loan (`forbear.engine.layout.POSITION`).
"""

import numpy as np

from forbear.engine.layout import Record
from forbear.engine.live.accruing import earned_so_far, write_interest
from forbear.engine.live.ageing import age
from forbear.engine.live.layout import DRAWN, NOT_YET, Desk
from forbear.engine.live.model import ONE
from forbear.engine.live.rows import open_of, unpaid
from forbear.engine.live.vocabulary import (
    CHARGED_BACK,
    DISBURSED,
    FEE,
    GOODWILL,
    INTEREST,
    INTEREST_REFUND,
    PAID,
    PENALTY,
    PRINCIPAL,
    REFUNDED,
)
from forbear.engine.position import read_off
from forbear.engine.vocabulary import ACTIVE, CLOSED, DOUBTFUL, NEVER, PENDING, WRITTEN
from forbear.kernel.compiled import compiled
from forbear.kernel.daycounts import ACT_365F
from forbear.kernel.rounding import HALF_EVEN


@compiled
def open_between(desk: Desk, component: int, first: int, end: int) -> int:
    """What is open of a component on rows due from a day on and before another."""
    total = 0
    for k in range(desk.state.rows):
        if first <= desk.rows[k].due < end:
            total += open_of(desk.rows[k], component)
    return total


@compiled
def _paid(desk: Desk, component: int) -> int:
    """What was paid of a component; what was taken back of interest and charges is unpaid again."""
    total = 0
    for k in range(desk.state.rows):
        total += desk.rows[k].paid[component]
        if component != PRINCIPAL:
            total -= desk.rows[k].taken[component]
    return total


@compiled
def _waived(desk: Desk, component: int) -> int:
    total = 0
    for k in range(desk.state.rows):
        total += desk.rows[k].waived[component]
    return total


@compiled
def _written(desk: Desk, component: int) -> int:
    total = 0
    for k in range(desk.state.rows):
        total += desk.rows[k].written[component]
    return total


@compiled
def _write_due(desk: Desk, as_of: int, out: Record) -> None:
    out.due_principal = open_between(desk, PRINCIPAL, -NEVER, as_of + 1)
    out.due_interest = open_between(desk, INTEREST, -NEVER, as_of + 1)
    out.due_fee = open_between(desk, FEE, -NEVER, as_of + 1)
    out.due_penalty = open_between(desk, PENALTY, -NEVER, as_of + 1)
    out.overdue_principal = open_between(desk, PRINCIPAL, -NEVER, as_of)
    out.overdue_interest = open_between(desk, INTEREST, -NEVER, as_of)
    out.overdue_fee = open_between(desk, FEE, -NEVER, as_of)
    out.overdue_penalty = open_between(desk, PENALTY, -NEVER, as_of)
    out.undue = open_between(desk, PRINCIPAL, as_of + 1, NEVER)
    out.principal = out.due_principal + out.undue
    out.ahead_charges = open_between(desk, FEE, as_of + 1, NEVER) + open_between(
        desk, PENALTY, as_of + 1, NEVER
    )


@compiled
def _write_totals(desk: Desk, out: Record) -> None:
    """Totals of the journal and of the rows. What was charged is what is due, and what became of the rest."""
    out.disbursed, out.received, out.credited, out.refunded, out.charged_back = 0, 0, 0, 0, 0
    fees = 0
    for k in range(desk.state.draws):
        out.disbursed += desk.model.steps[k, DRAWN]
    for k in range(desk.entries.shape[0]):
        entry = desk.entries[k]
        if entry.kind == PAID:
            if entry.payment == GOODWILL or entry.payment == INTEREST_REFUND:
                out.credited += entry.amount
            else:
                out.received += entry.amount
        elif entry.kind == REFUNDED:
            out.refunded += entry.amount
        elif entry.kind == CHARGED_BACK:
            out.charged_back += entry.amount
        elif entry.kind == DISBURSED:
            fees += desk.outcomes[k].fees
    out.received += fees  # paid out of the draw
    out.paid_principal = _paid(desk, PRINCIPAL)
    out.paid_interest = _paid(desk, INTEREST)
    out.paid_fee = _paid(desk, FEE) + fees
    out.paid_penalty = _paid(desk, PENALTY)
    out.waived_principal = _waived(desk, PRINCIPAL)
    out.waived_interest = _waived(desk, INTEREST)
    out.waived_fee = _waived(desk, FEE)
    out.waived_penalty = _waived(desk, PENALTY)
    out.written_off_principal = _written(desk, PRINCIPAL)
    out.written_off_interest = _written(desk, INTEREST)
    out.written_off_fee = _written(desk, FEE)
    out.written_off_penalty = _written(desk, PENALTY)
    out.charged_interest = (
        out.due_interest + out.paid_interest + out.waived_interest + out.written_off_interest
    )
    out.charged_fee = out.due_fee + out.paid_fee + out.waived_fee + out.written_off_fee
    out.charged_penalty = out.due_penalty + out.paid_penalty + out.waived_penalty + out.written_off_penalty


@compiled
def written_off(out: Record) -> int:
    """All that was written off."""
    total = out.written_off_principal + out.written_off_interest
    return total + out.written_off_fee + out.written_off_penalty


@compiled
def _write_credit(desk: Desk, out: Record) -> None:
    """What is over is credit, or recovery of what was written off; the money that came must be all accounted for.

    Principal that the rows no longer ask, though nobody paid it, counts as waived.
    """
    out.recovered = min(desk.state.over, written_off(out))
    out.credit = desk.state.over - out.recovered
    gone = out.paid_principal + out.waived_principal + out.written_off_principal
    owed_again = out.principal + gone - out.disbursed
    told = out.received + out.credited + owed_again - out.recovered - out.refunded - out.charged_back
    told -= out.paid_principal + out.paid_interest + out.paid_fee + out.paid_penalty
    if desk.state.begun == 0:
        out.credit = told
    out.waived_principal += out.credit - told


@compiled
def _write_nothing(out: Record) -> None:
    """What a live loan never has: penalty by the day, a cap, pauses of ageing, deferred and capitalised sums, a sale."""
    out.penalty_whole, out.penalty_remainder, out.penalty_slope, out.penalty_slope_remainder = 0, 0, 0, 0
    out.penalty_denominator, out.penalty_charged = out.interest_denominator, 0
    out.cap_whole, out.cap_remainder, out.cap_slope, out.cap_slope_remainder = 0, 0, 0, 0
    out.cap_denominator, out.cap_charged = 0, 0
    out.deferred_interest, out.deferred_fee, out.deferred_penalty = 0, 0, 0
    out.capitalised_interest, out.capitalised_fee, out.capitalised_penalty = 0, 0, 0
    out.forgone, out.proceeds, out.ageing_paused, out.paused_days = 0, 0, 0, 0


@compiled
def _status(desk: Desk, owed: int) -> int:
    if desk.state.begun == 0:
        return PENDING
    if owed == 0:
        return CLOSED
    if desk.state.written_off_on != NOT_YET:
        return WRITTEN
    return DOUBTFUL if desk.state.charged_off_on != NOT_YET else ACTIVE


@compiled
def _write_next(desk: Desk, as_of: int, out: Record) -> None:
    """The next row on which something is open, less the credit."""
    out.next_due_on, out.next_due_amount = NEVER, 0
    if out.status != ACTIVE and out.status != DOUBTFUL:
        return
    for k in range(desk.state.rows):
        row = desk.rows[k]
        if as_of < row.due < out.next_due_on and unpaid(row) > 0:
            out.next_due_on = row.due
    for k in range(desk.state.rows):
        if desk.rows[k].due == out.next_due_on:
            out.next_due_amount += max(0, unpaid(desk.rows[k]))
    out.next_due_amount = max(0, out.next_due_amount - out.credit)


@compiled
def _row_event(desk: Desk, as_of: int) -> int:
    """The first day on which a row begins, falls due, or, unpaid on its date, becomes overdue."""
    first = NEVER
    for k in range(desk.state.rows):
        row = desk.rows[k]
        if row.due > as_of:
            first = min(first, row.due)
        if row.start > as_of:
            first = min(first, row.start)
        if row.due == as_of and unpaid(row) != 0:
            first = min(first, as_of + 1)
    return first


@compiled
def write_live_position(
    desk: Desk, common: Record, bounds: np.ndarray, as_of: int, next_entry_on: int, out: Record
) -> None:
    """Fill `out` with the position of the day to which the desk is folded.

    `common` (TERMS) has what all regimes share; `bounds` are those of the buckets; `next_entry_on` is the day of the first
    entry that is not folded yet.
    """
    out.loan, out.as_of = common.loan, as_of
    out.day_count, out.interest_index, out.interest_rounding = ACT_365F, ACT_365F, HALF_EVEN
    out.period_start = desk.state.started_on if desk.state.begun == 1 else 0
    _write_due(desk, as_of, out)
    _write_totals(desk, out)
    _write_credit(desk, out)
    earned, ahead = earned_so_far(desk, as_of)
    open_sum = out.due_principal + out.due_interest + out.due_fee + out.due_penalty + out.undue
    still = written_off(out) - out.recovered
    owed = open_sum + out.ahead_charges + max(earned, ahead) + still
    out.status = _status(desk, owed)
    runs = out.status == ACTIVE or out.status == DOUBTFUL
    first = age(desk, common, bounds, as_of, out)
    if runs or out.status == WRITTEN:
        first = min(first, _row_event(desk, as_of))
    out.ahead_interest = ahead if runs else 0
    if runs:
        first = min(first, write_interest(desk, as_of, earned, first, out))
    else:
        out.interest_whole, out.interest_remainder = 0, 0
        out.interest_slope, out.interest_slope_remainder = 0, 0
    out.interest_denominator, out.interest_charged, out.next_event_on = ONE, 0, first
    _write_nothing(out)
    read_off(out, as_of)
    _write_next(desk, as_of, out)
    out.next_event_on = min(out.next_event_on, next_entry_on)
