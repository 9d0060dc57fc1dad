"""Rows of a live schedule and charges, and how they are paid. docs/algorithms/live-schedule.md, sections 7 and 9.

A *charge* here is a fee or penalty entry; in the planned fold it is an accrual that becomes money.
"""

from forbear.engine.layout import Record
from forbear.engine.live.layout import DRAWN, DRAWN_ON, NOT_YET, OPEN, SHARE, Desk
from forbear.engine.live.level import NONE
from forbear.engine.live.vocabulary import (
    AT_DISBURSEMENT,
    DATED,
    INTEREST,
    OF_BOTH,
    OF_DISBURSED,
    OF_INTEREST,
    OF_NOTHING,
    PER_ROW,
    PRINCIPAL,
    WAIVED,
)
from forbear.engine.vocabulary import COMPONENTS
from forbear.kernel.compiled import compiled
from forbear.kernel.rates import RATE_SCALE
from forbear.kernel.rounding import HALF_EVEN
from forbear.kernel.wide import mul_div


@compiled
def open_of(row: Record, component: int) -> int:
    """Of a component of a row: not paid, waived or written off."""
    c = component
    return row.claimed[c] - row.paid[c] - row.waived[c] - row.written[c]


@compiled
def unpaid(row: Record) -> int:
    """All that is open on a row."""
    total = 0
    for component in range(COMPONENTS):
        total += open_of(row, component)
    return total


@compiled
def look(row: Record, day: int) -> None:
    """Note the day on which nothing was open any more, or forget it."""
    if unpaid(row) != 0:
        row.met = 0
    elif row.met == 0:
        row.met, row.met_on = 1, day


@compiled
def _note_timing(row: Record, amount: int, day: int) -> None:
    if day < row.due:
        row.early += amount
    elif day > row.due:
        row.late += amount


@compiled
def pay_row(row: Record, component: int, amount: int, day: int) -> int:
    """Pay up to what is open of a component; returns what was used."""
    used = min(amount, open_of(row, component))
    if amount >= 0:
        used = max(used, 0)
    row.paid[component] += used
    _note_timing(row, used, day)
    row.met = 0
    look(row, day)
    return used


@compiled
def waive_row(row: Record, component: int, amount: int, day: int) -> int:
    """Give up to what is open of a component up; returns how much."""
    used = max(0, min(amount, open_of(row, component)))
    row.waived[component] += used
    look(row, day)
    return used


@compiled
def unpay_row(row: Record, component: int, amount: int, day: int) -> int:
    """Give back what was paid of a component; returns how much."""
    used = min(amount, row.paid[component])
    row.paid[component] -= used
    _note_timing(row, -used, day)
    look(row, day)
    return used


@compiled
def insert_row(desk: Desk, place: int, start: int, due: int) -> int:
    """A new row at a place among the rows; returns the place."""
    for k in range(desk.state.rows, place, -1):
        desk.rows[k] = desk.rows[k - 1]
    row = desk.rows[place]
    row.key, row.start, row.due, row.down, row.extra = desk.state.keys, start, due, 0, 0
    row.met, row.met_on, row.early, row.late, row.skipped = 0, 0, 0, 0, 0
    for c in range(COMPONENTS):
        row.claimed[c], row.paid[c], row.waived[c], row.written[c], row.taken[c] = 0, 0, 0, 0, 0
    desk.state.rows += 1
    desk.state.keys += 1
    return place


@compiled
def remove_row(desk: Desk, place: int) -> None:
    """A row goes."""
    for k in range(place, desk.state.rows - 1):
        desk.rows[k] = desk.rows[k + 1]
    desk.state.rows -= 1


@compiled
def add_extra(desk: Desk, start: int, due: int) -> int:
    """A row after the planned ones; returns its place."""
    place = insert_row(desk, desk.state.rows, start, due)
    desk.rows[place].extra = 1
    return place


@compiled
def first_normal(desk: Desk) -> int:
    """The first row that is not a down payment."""
    for k in range(desk.state.rows):
        if desk.rows[k].down == 0:
            return k
    return NONE


@compiled
def is_of(row: Record, period: Record) -> bool:
    """Whether a row is that of a period."""
    return row.start == period.start and row.due == period.end and row.down == 0 and row.extra == 0


@compiled
def period_of(desk: Desk, row: Record) -> int:
    """The model's period of a row."""
    for k in range(desk.state.view_periods[0]):
        if is_of(row, desk.model.periods[0, k]):
            return k
    return NONE


@compiled
def planned_rows(desk: Desk) -> int:
    """How many rows there are before a row after the planned ones."""
    for k in range(desk.state.rows):
        if desk.rows[k].extra == 1:
            return k
    return desk.state.rows


@compiled
def rows_of_new_periods(desk: Desk, place: int) -> None:
    """Rows, from a place on, for periods that have none yet."""
    for k in range(desk.state.view_periods[0]):
        period = desk.model.periods[0, k]
        there = False
        for j in range(desk.state.rows):
            row = desk.rows[j]
            there = there or (row.start == period.start and row.due == period.end)
        if not there:
            place = insert_row(desk, place, period.start, period.end) + 1


@compiled
def rows_from_model(desk: Desk, day: int) -> None:
    """The rows claim what their periods ask."""
    for k in range(desk.state.view_periods[0]):
        period = desk.model.periods[0, k]
        for j in range(desk.state.rows):
            row = desk.rows[j]
            if is_of(row, period):
                row.claimed[PRINCIPAL], row.claimed[INTEREST] = period.principal, period.interest
                look(row, day)
                break


@compiled
def rows_after_chase(desk: Desk) -> None:
    """Rows after interest on overdue principal was added: by the start of a period, as only what follows the overdue row changes."""
    for k in range(desk.state.view_periods[0]):
        period = desk.model.periods[0, k]
        for j in range(desk.state.rows):
            row = desk.rows[j]
            same = (row.due > row.start) == (period.end > period.start)
            if row.start == period.start and same and row.down == 0:
                row.claimed[PRINCIPAL], row.claimed[INTEREST] = period.principal, period.interest
                break


@compiled
def falls_in(desk: Desk, charge: Record, k: int, first: int) -> bool:
    """Whether a charge falls into row `k`; the first normal row holds its start too."""
    entry, row = desk.entries[charge.entry], desk.rows[k]
    if charge.spread_on != NOT_YET:
        return row.start >= charge.spread_on and row.down == 0
    if entry.when == PER_ROW:
        return desk.parts[SHARE, charge.entry, row.key] >= 0
    if entry.when == AT_DISBURSEMENT:
        return False
    return row.start < entry.on <= row.due or (k == first and entry.on == row.start)


@compiled
def _share_of(entry: Record, principal: int, interest: int, drawn: int) -> int:
    """Amount of a charge, given what it may be a share of; half to even."""
    base = principal
    if entry.share_of == OF_NOTHING:
        return entry.amount
    if entry.share_of == OF_BOTH:
        base = principal + interest
    elif entry.share_of == OF_INTEREST:
        base = interest
    elif entry.share_of == OF_DISBURSED:
        base = drawn
    return mul_div(base, entry.rate, RATE_SCALE, HALF_EVEN)


@compiled
def charges_to_new_rows(desk: Desk, day: int) -> None:
    """Charges of the row after the planned ones go to rows that have come before it and hold their dates."""
    last = planned_rows(desk)
    if last == desk.state.rows:
        return
    extra, since = desk.rows[last], desk.rows[last].start
    extra.start = max(since, desk.rows[last - 1].due)
    for c in range(desk.state.charges):
        charge = desk.charges[c]
        entry = desk.entries[charge.entry]
        if entry.when != DATED or charge.waiting == 1 or charge.spread_on != NOT_YET:
            continue
        for k in range(last):
            row = desk.rows[k]
            if row.down == 0 and row.start >= since and row.start < entry.on <= row.due:
                _add_charge(extra, entry.component, charge, -1)
                _add_charge(row, entry.component, charge, 1)
                look(row, day)
    total = 0
    for component in range(COMPONENTS):
        total += extra.claimed[component]
    if total == 0:
        remove_row(desk, last)


@compiled
def _add_charge(row: Record, component: int, charge: Record, sign: int) -> None:
    """A charge and what became of it come onto a row, or leave it."""
    row.claimed[component] += sign * charge.amount
    row.paid[component] += sign * charge.paid
    row.waived[component] += sign * charge.waived


@compiled
def pay_charges(desk: Desk, k: int, component: int, amount: int, waives: bool) -> None:
    """The charges of a row take their part of what was paid, or given up, the earliest first."""
    first = first_normal(desk)
    after_on, after_sequence = -1, -1
    while amount > 0:
        best = NONE
        for c in range(desk.state.charges):
            charge = desk.charges[c]
            entry = desk.entries[charge.entry]
            left = charge.amount - charge.paid - charge.waived
            if entry.component != component or left <= 0 or not falls_in(desk, charge, k, first):
                continue
            if (entry.on, entry.sequence) <= (after_on, after_sequence):
                continue
            if best == NONE or (entry.on, entry.sequence) < (
                desk.entries[desk.charges[best].entry].on,
                desk.entries[desk.charges[best].entry].sequence,
            ):
                best = c
        if best == NONE:
            return
        charge = desk.charges[best]
        entry = desk.entries[charge.entry]
        after_on, after_sequence = entry.on, entry.sequence
        part = min(amount, charge.amount - charge.paid - charge.waived)
        if entry.when == PER_ROW and charge.spread_on == NOT_YET:
            place, key = charge.entry, desk.rows[k].key
            part = min(part, desk.parts[OPEN, place, key])
            desk.parts[OPEN, place, key] -= part
        if waives:
            charge.waived += part
        else:
            charge.paid += part
        amount -= part


@compiled
def _drawn_by(desk: Desk, day: int) -> int:
    total = 0
    for k in range(desk.state.draws):
        if desk.model.steps[k, DRAWN_ON] <= day:
            total += desk.model.steps[k, DRAWN]
    return total


@compiled
def _will_be_waived(desk: Desk, sequence: int) -> bool:
    for k in range(desk.entries.shape[0]):
        entry = desk.entries[k]
        if entry.kind == WAIVED and entry.target == sequence:
            return True
    return False


@compiled
def _claim_per_row(desk: Desk, charge: Record) -> None:
    entry, place = desk.entries[charge.entry], charge.entry
    for k in range(desk.state.rows):
        row = desk.rows[k]
        if row.down == 1 or row.extra == 1:
            continue
        part = _share_of(entry, row.claimed[PRINCIPAL], row.claimed[INTEREST], 0)
        desk.parts[OPEN, place, row.key], desk.parts[SHARE, place, row.key] = part, part
        row.claimed[entry.component] += part
        charge.amount += part
        if unpaid(row) != 0:
            row.met = 0


@compiled
def claim_charge(desk: Desk, charge: Record) -> None:
    """A charge joins the rows; one due after the last of them makes one more."""
    entry = desk.entries[charge.entry]
    if entry.when == PER_ROW:
        _claim_per_row(desk, charge)
        return
    principal, interest = 0, 0
    for k in range(desk.state.rows):
        principal += desk.rows[k].claimed[PRINCIPAL]
        if desk.rows[k].down == 0:
            interest += desk.rows[k].claimed[INTEREST]
    charge.amount = _share_of(entry, principal, interest, _drawn_by(desk, entry.on))
    last = NONE
    for k in range(desk.state.rows):
        if desk.rows[k].down == 0:
            last = k
    if entry.on > desk.rows[last].due:
        if desk.rows[last].extra == 1:
            desk.rows[last].due = entry.on
        else:
            add_extra(desk, desk.rows[last].due, entry.on)
    first = first_normal(desk)
    for k in range(desk.state.rows):
        row = desk.rows[k]
        if row.down == 0 and falls_in(desk, charge, k, first):
            row.claimed[entry.component] += charge.amount
            if unpaid(row) != 0 and not _will_be_waived(desk, entry.sequence):
                row.met = 0
            return


@compiled
def charge_draw(desk: Desk, charge: Record, amount: int) -> int:
    """A charge of the disbursement is paid out of it; returns it."""
    interest = 0
    for k in range(desk.state.rows):
        interest += desk.rows[k].claimed[INTEREST]
    charge.amount = _share_of(desk.entries[charge.entry], amount, interest, amount)
    charge.paid = charge.amount
    return charge.amount


@compiled
def charge_rows_again(desk: Desk) -> None:
    """Charges that are a share of every row follow rows that changed, as far as these are open."""
    for c in range(desk.state.charges):
        charge = desk.charges[c]
        entry, place = desk.entries[charge.entry], charge.entry
        if entry.when != PER_ROW:
            continue
        for k in range(desk.state.rows):
            row = desk.rows[k]
            if row.met == 1 or row.extra == 1 or desk.parts[SHARE, place, row.key] < 0:
                continue
            part = _share_of(entry, row.claimed[PRINCIPAL], row.claimed[INTEREST], 0)
            more = part - desk.parts[SHARE, place, row.key]
            row.claimed[entry.component] += more
            charge.amount += more
            desk.parts[OPEN, place, row.key] += more
            desk.parts[SHARE, place, row.key] = part
