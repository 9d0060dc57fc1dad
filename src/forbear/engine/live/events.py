"""Events of a live loan other than disbursement and payment. docs/algorithms/live-schedule.md, section 8."""

import numpy as np

from forbear.engine.layout import Record
from forbear.engine.live.charge_off import sum_up
from forbear.engine.live.layout import Desk, Model
from forbear.engine.live.level import NONE
from forbear.engine.live.moves import (
    add_periods,
    change_rate,
    claim_again,
    move_due_date,
    pause,
    pay_principal,
)
from forbear.engine.live.rows import (
    add_extra,
    charges_to_new_rows,
    is_of,
    look,
    open_of,
    pay_row,
    period_of,
    planned_rows,
    rows_after_chase,
    rows_from_model,
    rows_of_new_periods,
    unpaid,
    unpay_row,
)
from forbear.engine.live.vocabulary import (
    CHARGED_BACK,
    FEE,
    INTEREST,
    INTEREST_PAUSED,
    LIVE,
    NEXT_DUE,
    PENALTY,
    PRINCIPAL,
)
from forbear.engine.vocabulary import COMPONENTS, NEVER
from forbear.kernel.compiled import compiled


@compiled
def _owe(row: Record, component: int, amount: int) -> None:
    row.claimed[component] += amount
    row.taken[component] += amount
    if unpaid(row) != 0:
        row.met = 0


@compiled
def _landing(desk: Desk, day: int) -> int:
    """The row in which a day falls; after the last due date one more row."""
    last = NONE
    for k in range(desk.state.rows):
        row = desk.rows[k]
        if row.down == 1:
            continue
        last = k
        if row.extra == 1:
            row.due = max(row.due, day)
            return k
        if row.due > day:
            return k
    if desk.rows[last].due == day:
        return last
    return add_extra(desk, desk.rows[last].due, day)


@compiled
def owe_again(desk: Desk, entry: Record, out: Record) -> None:
    """An amount is owed again as principal; what was over meets it first."""
    repaid = min(entry.amount, desk.state.over)
    out.portions[PRINCIPAL] = entry.amount - repaid
    out.over = repaid
    desk.state.over -= repaid
    if entry.amount == repaid:
        return
    k = _landing(desk, entry.on)
    _owe(desk.rows[k], PRINCIPAL, entry.amount)
    if repaid > 0:
        pay_row(desk.rows[k], PRINCIPAL, repaid, entry.on)


@compiled
def _parts(desk: Desk, entry: Record, parts: np.ndarray) -> None:
    """What the payment had paid and earlier take-backs left of it, in the order of the terms."""
    for c in range(COMPONENTS):
        parts[c] = entry.amount if c == PRINCIPAL and desk.terms.credited == 0 else 0
    if desk.terms.credited == 0:
        return
    left = desk.state.left
    left[:] = 0
    for k in range(desk.entries.shape[0]):
        other = desk.entries[k]
        if other.sequence == entry.target:
            for c in range(COMPONENTS):
                left[c] = desk.outcomes[k].portions[c]
    for k in range(desk.entries.shape[0]):
        other = desk.entries[k]
        if other.kind != CHARGED_BACK or other.target != entry.target:
            continue
        amount = other.amount
        for j in range(COMPONENTS):
            c = desk.terms.credit_order[j]
            parts[c] = min(amount, left[c])
            amount -= parts[c]
        if other.sequence == entry.sequence:
            return
        for c in range(COMPONENTS):
            left[c] -= parts[c]


@compiled
def _note_taken(desk: Desk) -> None:
    for k in range(desk.state.view_periods[0]):
        period = desk.model.periods[0, k]
        for j in range(desk.state.rows):
            row = desk.rows[j]
            if is_of(row, period):
                row.taken[PRINCIPAL], row.taken[INTEREST] = period.taken_principal, period.taken_interest
                break


@compiled
def _take_back_live(desk: Desk, entry: Record, parts: np.ndarray) -> None:
    day, last = entry.on, desk.model.periods[0, desk.state.view_periods[0] - 1].end
    place = NONE
    if day > last:
        for k in range(desk.state.rows - 1, -1, -1):
            if desk.rows[k].extra == 1:
                place = k
        if place == NONE:
            place = add_extra(desk, last, day)
        for c in range(COMPONENTS):
            _owe(desk.rows[place], c, parts[c])
        desk.rows[place].due = max(desk.rows[place].due, day)
        return
    if parts[PRINCIPAL] > 0:
        claim_again(desk.model, day, parts[PRINCIPAL], 0)
    if parts[INTEREST] > 0:
        claim_again(desk.model, day, 0, parts[INTEREST])
    rows_from_model(desk, day)
    _note_taken(desk)
    for k in range(desk.state.rows - 1, -1, -1):
        row = desk.rows[k]
        if (row.due == day and row.down == 0) if day == last else (row.start <= day < row.due):
            place = k
    if place != NONE:
        for c in (FEE, PENALTY):
            if parts[c] > 0:
                _owe(desk.rows[place], c, parts[c])


@compiled
def take_back(desk: Desk, entry: Record, out: Record) -> bool:
    """A payment is taken back: it is owed again. Returns whether money that was over is still to be used for it."""
    live = desk.terms.schedule == LIVE
    if not live and desk.terms.credited == 0:
        owe_again(desk, entry, out)
        return False
    out.over = desk.state.over if live else min(entry.amount, desk.state.over)
    _parts(desk, entry, out.portions)
    if live:
        _take_back_live(desk, entry, out.portions)
        return True
    k = _landing(desk, entry.on)
    for c in range(COMPONENTS):
        _owe(desk.rows[k], c, out.portions[c])
    return True


@compiled
def return_credit(desk: Desk, entry: Record, out: Record) -> None:
    """What was over is paid back; more than that is owed."""
    day = entry.on
    if desk.terms.schedule != LIVE or day > desk.model.periods[0, desk.state.view_periods[0] - 1].end:
        owe_again(desk, entry, out)
        return
    repaid = min(entry.amount, desk.state.over)
    out.portions[PRINCIPAL] = entry.amount - repaid
    out.over = repaid
    desk.state.over -= repaid
    if entry.amount == repaid:
        return
    claim_again(desk.model, day, entry.amount, 0)
    rows_from_model(desk, day)
    _note_taken(desk)
    if repaid > 0:
        place = desk.state.rows - 1
        for k in range(desk.state.rows - 1, -1, -1):
            if desk.rows[k].due > day and desk.rows[k].down == 0:
                place = k
        pay_principal(desk.model, period_of(desk, desk.rows[place]), day, repaid)
        rows_from_model(desk, day)
        pay_row(desk.rows[place], PRINCIPAL, repaid, day)


@compiled
def write_off(desk: Desk, entry: Record, out: Record) -> None:
    """What is open is written off."""
    if desk.terms.progressive == 1:
        rows_after_chase(desk)
    for k in range(desk.state.rows):
        row = desk.rows[k]
        for c in range(COMPONENTS):
            part = open_of(row, c)
            row.written[c] += part
            out.portions[c] += part
        look(row, entry.on)
    sum_up(out)
    desk.state.written_off_on = entry.on
    desk.state.stopped = 1


@compiled
def follow(desk: Desk, day: int) -> None:
    """Open rows due on or after a day claim what their periods ask now."""
    for j in range(desk.state.rows):
        row = desk.rows[j]
        if row.down == 1 or row.met == 1 or day > row.due:
            continue
        k = period_of(desk, row)
        if k != NONE:
            period = desk.model.periods[0, k]
            row.claimed[PRINCIPAL], row.claimed[INTEREST] = period.principal, period.interest


@compiled
def new_rate(desk: Desk, entry: Record) -> None:
    """A new yearly rate from a day."""
    change_rate(desk.model, entry.on, entry.rate)
    follow(desk, entry.on)


@compiled
def no_interest(desk: Desk, entry: Record) -> None:
    """No interest on some days."""
    pause(desk.model, entry.on, entry.until)
    follow(desk, entry.on)


@compiled
def more_rows(desk: Desk, entry: Record) -> None:
    """More rows at the end."""
    add_periods(desk.model, entry.on, entry.count)
    rows_of_new_periods(desk, planned_rows(desk))
    charges_to_new_rows(desk, entry.on)
    follow(desk, entry.on)


@compiled
def _next_due(model: Model, day: int, until: int) -> int:
    """The first due date after a day; NEVER if there is none, or it could not move to `until`."""
    for k in range(model.state.view_periods[0]):
        period = model.periods[0, k]
        if period.end > day:
            return period.end if until > max(day, period.start) else NEVER
    return NEVER


@compiled
def _note_periods(desk: Desk) -> None:
    """Note the period of every row (`chosen`), in their order; a row that a charge-off has changed has none."""
    first = 0
    for j in range(desk.state.rows):
        row = desk.rows[j]
        row.chosen = NONE
        for k in range(desk.state.view_periods[0] - 1, first - 1, -1):
            if is_of(row, desk.model.periods[0, k]):
                row.chosen = k
        if row.chosen != NONE:
            first = row.chosen + 1


@compiled
def new_due_date(desk: Desk, entry: Record) -> None:
    """A due date moves, and those after it follow; pauses stay on their days. After a charge-off only the dates of rows move."""
    old = entry.on
    if old == NEXT_DUE:
        old = _next_due(desk.model, entry.recorded_on, entry.until)
        if old == NEVER:
            return
    _note_periods(desk)
    move_due_date(desk.model, old, entry.until)
    for place in range(desk.entries.shape[0]):
        other = desk.entries[place]
        if other.sequence == entry.sequence:
            break
        if other.kind == INTEREST_PAUSED:
            pause(desk.model, other.on, other.until)
    for j in range(desk.state.rows):
        row = desk.rows[j]
        if row.chosen == NONE:
            continue
        period = desk.model.periods[0, row.chosen]
        row.start, row.due = period.start, period.end
        if desk.state.stopped == 0:
            row.claimed[PRINCIPAL], row.claimed[INTEREST] = period.principal, period.interest


@compiled
def unpay(desk: Desk, entry: Record, out: Record, rule: Record, buckets: int) -> None:
    """Money goes back to the customer: the last paid is unpaid first."""
    left = entry.amount
    for k in range(desk.state.rows - 1, -1, -1):
        for place in range(buckets - 1, -1, -1):
            component = rule.order[place] % COMPONENTS
            used = unpay_row(desk.rows[k], component, left, entry.on)
            out.portions[component] += used
            left -= used
