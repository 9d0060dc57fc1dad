"""A charge-off or the early end of a contract, and what they do to the rows. docs/algorithms/live-schedule.md, section 8."""

from forbear.engine.layout import Record
from forbear.engine.live.allocation import is_live
from forbear.engine.live.layout import DRAWN, SHARE, Desk
from forbear.engine.live.level import NONE, half_even_ratio
from forbear.engine.live.rows import (
    charge_rows_again,
    insert_row,
    look,
    open_of,
    period_of,
    remove_row,
    unpaid,
)
from forbear.engine.live.views import earned_till
from forbear.engine.live.vocabulary import (
    ACCELERATE,
    DATED,
    FEE,
    INTEREST,
    NO_INTEREST,
    PENALTY,
    PER_ROW,
    PRINCIPAL,
)
from forbear.engine.vocabulary import COMPONENTS
from forbear.kernel.compiled import compiled


@compiled
def sum_up(out: Record) -> None:
    """The amount of an outcome is the sum of its portions."""
    out.amount = 0
    for c in range(COMPONENTS):
        out.amount += out.portions[c]


@compiled
def charge_off(desk: Desk, entry: Record, out: Record) -> None:
    """The lender no longer counts on the rest; what the rows claim depends on the terms."""
    _stop(desk, entry.on, out, desk.terms.charge_off)
    desk.state.charged_off_on = entry.on


@compiled
def end_contract(desk: Desk, entry: Record, out: Record) -> None:
    """The contract ends early: all is due on the day."""
    out.amount = 0
    if desk.state.stopped == 0 and desk.state.begun == 1:
        _stop(desk, entry.on, out, ACCELERATE)


@compiled
def _stop(desk: Desk, day: int, out: Record, how: int) -> None:
    """Nothing accrues any more, and rows that are open change as a charge-off of the sort `how` changes them."""
    waiting = False
    for k in range(desk.state.rows):
        waiting = waiting or desk.rows[k].met == 0
    if waiting and how == NO_INTEREST:
        _drop_interest(desk, day)
    elif waiting and how == ACCELERATE:
        _accelerate(desk, day)
    if not is_live(desk):
        charge_rows_again(desk)
    for k in range(desk.state.rows):
        for c in range(COMPONENTS):
            out.portions[c] += open_of(desk.rows[k], c)
    sum_up(out)
    desk.state.stopped = 1


@compiled
def _fixed(desk: Desk, row: Record) -> int:
    """Interest that a re-ageing has given to a row; that of a re-amortising lapses."""
    k = period_of(desk, row) if desk.terms.progressive == 1 else NONE
    if k == NONE or desk.model.periods[0, k].lapses == 1:
        return 0
    return min(desk.model.periods[0, k].fixed_interest, max(0, open_of(row, INTEREST)))


@compiled
def _prorated(row: Record, day: int) -> int:
    return half_even_ratio(open_of(row, INTEREST) * (day - row.start), row.due - row.start)


@compiled
def _drop_interest(desk: Desk, day: int) -> None:
    """Interest after the charge-off is principal again, and the last rows lose it."""
    drawn, claimed = 0, 0
    for k in range(desk.state.rows):
        row = desk.rows[k]
        if row.start <= day < row.due and row.down == 0 and row.extra == 0:
            waits = open_of(row, INTEREST)
            if is_live(desk):
                earned = earned_till(desk.model, period_of(desk, row), day, True)
                if waits > 0 or earned > 0:
                    row.claimed[PRINCIPAL] += row.claimed[INTEREST] - earned
                    row.claimed[INTEREST] = earned
            elif waits > 0:
                earned = _prorated(row, day)
                row.claimed[PRINCIPAL] += waits - earned
                row.claimed[INTEREST] = row.waived[INTEREST] + earned
        if row.start > day and row.met == 0 and open_of(row, INTEREST) > _fixed(desk, row):
            waits = open_of(row, INTEREST) - _fixed(desk, row)
            row.claimed[PRINCIPAL] += waits
            row.claimed[INTEREST] -= waits
        if row.extra == 0:
            claimed += row.claimed[PRINCIPAL]
    for k in range(desk.state.draws):
        drawn += desk.model.steps[k, DRAWN]
    rest = drawn - claimed
    for k in range(desk.state.rows - 1, 0, -1):
        row = desk.rows[k]
        if rest == 0:
            break
        if row.extra == 0 and row.met == 0:
            before = row.claimed[PRINCIPAL]
            row.claimed[PRINCIPAL] = max(0, before + rest)
            look(row, day)
            if abs(rest) <= before:
                rest = 0
            else:
                rest += before if rest < 0 else -before


@compiled
def _current_row(desk: Desk, day: int) -> int:
    """The row that holds a day, if rows still lie after it."""
    last, current = 0, NONE
    for k in range(desk.state.rows):
        row = desk.rows[k]
        if row.extra == 0:
            last = max(last, row.due)
        if current == NONE and row.down == 0 and (row.start < day <= row.due or day == row.start):
            current = k
    return current if day < last else NONE


@compiled
def _drop_charges_of_rows(desk: Desk, current: int, day: int) -> None:
    """Charges of rows that go are no longer claimed."""
    for c in range(desk.state.charges):
        charge = desk.charges[c]
        entry = desk.entries[charge.entry]
        if entry.when != PER_ROW:
            continue
        for k in range(desk.state.rows):
            row = desk.rows[k]
            part = desk.parts[SHARE, charge.entry, row.key]
            if row.due > day and k != current and part >= 0:
                row.claimed[entry.component] -= part
                charge.amount -= part
                desk.parts[SHARE, charge.entry, row.key] = -1


@compiled
def _charges_to_come(desk: Desk, current: int, day: int) -> None:
    """Dated charges of rows that go become a row of their own, due with the last of them."""
    last = NONE
    for c in range(desk.state.charges):
        charge = desk.charges[c]
        entry = desk.entries[charge.entry]
        if charge.amount - charge.paid - charge.waived > 0 and entry.when == DATED:
            last = max(last, entry.on)
    fee, penalty = 0, 0
    for k in range(desk.state.rows):
        if desk.rows[k].due > day and k != current:
            fee += desk.rows[k].claimed[FEE]
            penalty += desk.rows[k].claimed[PENALTY]
    if last == NONE or (fee == 0 and penalty == 0):
        return
    for k in range(desk.state.rows):
        if desk.rows[k].due > day and k != current:
            desk.rows[k].claimed[FEE], desk.rows[k].claimed[PENALTY] = 0, 0
    place = insert_row(desk, desk.state.rows, day, last)
    row = desk.rows[place]
    row.extra, row.claimed[FEE], row.claimed[PENALTY] = 2, fee, penalty


@compiled
def _accelerate(desk: Desk, day: int) -> None:
    """All principal is due on the day, with the interest earned by it."""
    place = _current_row(desk, day)
    if place == NONE:
        return
    current = desk.rows[place]
    waits = open_of(current, INTEREST)
    if unpaid(current) > 0:
        if is_live(desk):
            earned = earned_till(desk.model, period_of(desk, current), day, True)
            if waits > 0 or earned > 0:
                current.claimed[INTEREST] = earned
        elif waits > 0:
            current.claimed[INTEREST] = current.waived[INTEREST] + _prorated(current, day)
    if not is_live(desk):
        _drop_charges_of_rows(desk, place, day)
    _charges_to_come(desk, place, day)
    current.due = day
    for k in range(desk.state.rows - 1, -1, -1):
        row = desk.rows[k]
        if row.extra == 2:
            row.extra = 1
        elif row.due > day and k != place:
            current.claimed[INTEREST] += _fixed(desk, row) + row.waived[INTEREST]
            current.claimed[PRINCIPAL] += row.claimed[PRINCIPAL]
            current.paid[PRINCIPAL] += row.paid[PRINCIPAL] + row.paid[INTEREST]
            current.early += row.early
            for c in range(COMPONENTS):
                current.waived[c] += row.waived[c]
            for c in (FEE, PENALTY):
                current.claimed[c] += row.claimed[c]
                current.paid[c] += row.paid[c]
            remove_row(desk, k)
    look(desk.rows[place], day)
