"""Before the first entry is folded: the order of the entries, an empty state, the rows. Sections 1 and 2."""

import numpy as np

from forbear.engine.layout import Record, Records
from forbear.engine.live.cumulative import down_part, drawn_before, write_schedule
from forbear.engine.live.layout import NOT_YET, SHARE, Desk
from forbear.engine.live.level import NONE
from forbear.engine.live.model import add_period
from forbear.engine.live.recalculated import write_recalculated
from forbear.engine.live.rows import insert_row, look
from forbear.engine.live.vocabulary import (
    AT_DISBURSEMENT,
    DATED,
    DISBURSED,
    DUE_DATE_MOVED,
    EXTENDED,
    FEE_CHARGED,
    FIXED,
    INTEREST_PAUSED,
    NEXT_DUE,
    NOT_AGAIN,
    PRINCIPAL,
    RATE_CHANGED,
)
from forbear.engine.live.year import plus
from forbear.engine.vocabulary import COMPONENTS, NEVER
from forbear.kernel.compiled import compiled


@compiled
def is_variation(kind: int) -> bool:
    """Whether an entry varies the terms: it comes before the other entries of its day."""
    return kind == RATE_CHANGED or kind == INTEREST_PAUSED or kind == DUE_DATE_MOVED or kind == EXTENDED


@compiled
def _counts_from(terms: Record, entry: Record, started_on: int) -> tuple[int, int, int, int]:
    """The place of an entry: the day from which it counts, variations first, then by when it became known."""
    day, later = entry.on, 1
    if entry.kind == FEE_CHARGED:
        day = min(entry.on, entry.recorded_on) if entry.when == DATED else entry.recorded_on
        if terms.progressive == 0:
            day, later = min(day, started_on), 0
    elif entry.kind == EXTENDED and terms.schedule == FIXED:
        day = started_on
    elif entry.kind == DUE_DATE_MOVED:
        day, later = min(entry.on, entry.recorded_on), 1 if entry.recorded_on < entry.on else 0
    elif is_variation(entry.kind):
        later = 0
    return day, later, entry.recorded_on, entry.sequence


@compiled
def first_draw(entries: Records) -> int:
    """Day of the first disbursement; NEVER if there is none."""
    first = NEVER
    for k in range(entries.shape[0]):
        if entries[k].kind == DISBURSED:
            first = min(first, entries[k].on)
    return first


@compiled
def arrange(terms: Record, entries: Records, order: np.ndarray) -> None:
    """Fill `order` with the places of the entries in folding order."""
    started_on = first_draw(entries)
    for place in range(entries.shape[0]):
        slot = place
        key = _counts_from(terms, entries[place], started_on)
        while slot > 0 and key < _counts_from(terms, entries[order[slot - 1]], started_on):
            order[slot] = order[slot - 1]
            slot -= 1
        order[slot] = place


@compiled
def begin(desk: Desk) -> None:
    """An empty state; charges of the disbursement wait for it."""
    state = desk.state
    state.rows, state.charges, state.rates, state.draws, state.over = 0, 0, 0, 0, 0
    state.begun, state.stopped, state.keys = 0, 0, 0
    state.charged_off_on, state.written_off_on = NOT_YET, NOT_YET
    state.view_periods[0], state.view_segments[0], state.silent_after[0] = 0, 0, NOT_YET
    state.overdue_until = NOT_YET
    desk.parts[:] = 0
    desk.parts[SHARE, :, :] = -1
    state.bears = 1 if desk.terms.rate > 0 else 0
    for k in range(desk.entries.shape[0]):
        entry, out = desk.entries[k], desk.outcomes[k]
        out.amount, out.over, out.fees = entry.amount, 0, 0
        for c in range(COMPONENTS):
            out.portions[c], out.absorbed[c] = 0, 0
        if entry.kind == RATE_CHANGED and entry.rate > 0:
            state.bears = 1
        if entry.kind == FEE_CHARGED and entry.when == AT_DISBURSEMENT:
            new_charge(desk, k, 1)
    state.started_on = first_draw(desk.entries)


@compiled
def new_charge(desk: Desk, place: int, waiting: int) -> int:
    """A charge entry is noted; returns its place among the charges."""
    charge = desk.charges[desk.state.charges]
    charge.entry, charge.amount, charge.paid, charge.waived, charge.waiting = place, 0, 0, 0, waiting
    charge.spread_on = NOT_YET
    desk.state.charges += 1
    return desk.state.charges - 1


@compiled
def _plan_rows(desk: Desk) -> int:
    """The rows of the schedule, empty; returns how many were agreed, rows added later apart."""
    terms, state = desk.terms, desk.state
    seed = terms.counted_from if terms.counted_from > 0 else state.started_on
    count = terms.count
    if terms.progressive == 0:
        for k in range(desk.entries.shape[0]):
            if desk.entries[k].kind == EXTENDED:
                count += desk.entries[k].count
    start = min(seed, state.started_on)
    for k in range(count):
        due = plus(seed, (k + 1) * terms.every, terms.unit)
        if k == count - 1 and terms.term_length > 0:
            due = plus(seed, terms.term_length, terms.unit)
        insert_row(desk, k, start, due)
        start = due
    return terms.count


@compiled
def _rows_by_then(desk: Desk, sequence: int) -> int:
    """How many rows a cumulative schedule had when an entry became known."""
    count = desk.terms.count
    for k in range(desk.entries.shape[0]):
        if desk.entries[k].kind == EXTENDED and desk.entries[k].sequence < sequence:
            count += desk.entries[k].count
    return count


@compiled
def _move_rows(desk: Desk) -> None:
    """Due dates of a cumulative schedule that were moved, in the order in which that became known."""
    before = -1
    while True:
        best = NONE
        for k in range(desk.entries.shape[0]):
            entry = desk.entries[k]
            if entry.kind == DUE_DATE_MOVED and entry.sequence > before:
                if best == NONE or entry.sequence < desk.entries[best].sequence:
                    best = k
        if best == NONE:
            return
        entry = desk.entries[best]
        before, place = entry.sequence, NONE
        for k in range(_rows_by_then(desk, entry.sequence) - 1, -1, -1):
            due = desk.rows[k].due
            if due == entry.on or (entry.on == NEXT_DUE and due > entry.recorded_on):
                place = k
        if place == NONE:
            continue
        if entry.on == NEXT_DUE and entry.until <= max(entry.recorded_on, desk.rows[place].start):
            continue
        for k in range(place, desk.state.rows):
            due = plus(entry.until, (k - place) * desk.terms.every, desk.terms.unit)
            desk.rows[k].due = due
            if k + 1 < desk.state.rows:
                desk.rows[k + 1].start = due


@compiled
def open_schedule(desk: Desk, as_of: int) -> None:
    """Rows before anything is drawn; a cumulative schedule is written from all draws at once."""
    planned = _plan_rows(desk)
    if desk.terms.progressive == 1:
        for k in range(desk.state.rows):
            add_period(desk.model, 0, desk.rows[k].start, desk.rows[k].due)
        return
    _move_rows(desk)
    amount = drawn_before(desk, NEVER)
    if desk.terms.recalculation != NOT_AGAIN:
        write_recalculated(desk, planned, amount, as_of)
    else:
        write_schedule(desk, planned, amount)
    for k in range(desk.entries.shape[0]):
        entry = desk.entries[k]
        if entry.kind == DISBURSED and desk.terms.down_payment > 0:
            add_down(desk, entry.on, down_part(desk.terms, entry.amount))


@compiled
def add_down(desk: Desk, day: int, amount: int) -> None:
    """A down payment is a row due at once; a cumulative schedule puts it before a row of the same day."""
    place = desk.state.rows
    for k in range(desk.state.rows - 1, -1, -1):
        row = desk.rows[k]
        if row.due > day or (row.due == day and row.down == 0 and desk.terms.progressive == 0):
            place = k
    insert_row(desk, place, day, day)
    row = desk.rows[place]
    row.down, row.claimed[PRINCIPAL] = 1, amount
    look(row, day)
