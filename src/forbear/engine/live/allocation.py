"""How a payment walks the rows, and what is waived. docs/algorithms/live-schedule.md, sections 7 and 16."""

from typing import NamedTuple

from forbear.engine.layout import Record
from forbear.engine.live.layout import Desk
from forbear.engine.live.level import NONE, half_even_ratio
from forbear.engine.live.moves import pay_interest, pay_principal
from forbear.engine.live.rows import (
    falls_in,
    first_normal,
    look,
    open_of,
    pay_charges,
    pay_row,
    period_of,
    rows_from_model,
    waive_row,
)
from forbear.engine.live.views import due_amounts
from forbear.engine.live.vocabulary import (
    ALL_ROWS,
    CURRENT_THEN_LAST,
    DATED,
    DUE_THEN_ADVANCE,
    FEE,
    HORIZONTAL,
    IN_ADVANCE,
    INTEREST,
    LIVE,
    NEXT_ROW,
    PAST_DUE,
    PENALTY,
    PRINCIPAL,
    VERTICAL,
)
from forbear.engine.vocabulary import COMPONENTS
from forbear.kernel.compiled import compiled

BUCKETS = 12
EVERY = -1
"""Stands for a component where rows are chosen by whether they are met."""


class Payment(NamedTuple):
    """One payment on its way; its portions are in the state. `waives`: no money comes, the debt is given up."""

    day: int
    prepays: bool
    rule: Record
    waives: bool


@compiled
def forget_skipped(desk: Desk) -> None:
    """No row asks nothing early, as far as known."""
    for k in range(desk.state.rows):
        desk.rows[k].skipped = 0


@compiled
def is_live(desk: Desk) -> bool:
    """Whether interest follows the balance: not after a charge-off, nor without a rate."""
    state = desk.state
    return desk.terms.schedule == LIVE and state.bears == 1 and state.stopped == 0 and state.begun == 1


@compiled
def to_due_date(desk: Desk, prepays: bool) -> bool:
    """Whether early money bears interest to the due date."""
    return desk.terms.payoff_to_due_date == 1 and (prepays or desk.terms.rest_at_due_date == 1)


@compiled
def _plain(desk: Desk, payment: Payment, k: int, component: int, amount: int) -> int:
    if payment.waives:
        used = waive_row(desk.rows[k], component, amount, payment.day)
    else:
        used = pay_row(desk.rows[k], component, amount, payment.day)
    desk.state.portions[component] += used
    if component == FEE or component == PENALTY:
        pay_charges(desk, k, component, used, payment.waives)
    return used


@compiled
def _pay(desk: Desk, payment: Payment, k: int, timing: int, component: int, amount: int) -> int:
    """Pay a component of a row, and tell the model."""
    row = desk.rows[k]
    if not is_live(desk):
        return _plain(desk, payment, k, component, amount)
    if row.down == 1 or row.extra == 1 or row.due > desk.model.periods[0, desk.state.view_periods[0] - 1].end:
        row.skipped = 1
        return _plain(desk, payment, k, component, amount)
    period, day = period_of(desk, row), payment.day
    if timing == IN_ADVANCE:
        if to_due_date(desk, payment.prepays) and row.start < day <= row.due:
            day = row.due
        principal, interest = due_amounts(desk.model, period, day)
        if principal == 0 and interest == 0:
            row.skipped = 1
        if component == INTEREST:
            row.claimed[INTEREST] = interest
        elif component == PRINCIPAL:
            row.claimed[PRINCIPAL] = principal
    used = _plain(desk, payment, k, component, amount)
    if component == PRINCIPAL:
        pay_principal(desk.model, period, day, used)
        rows_from_model(desk, payment.day)
    elif component == INTEREST:
        pay_interest(desk.model, period, day, used)
        rows_from_model(desk, payment.day)
    return used


@compiled
def _waits(desk: Desk, k: int, component: int) -> bool:
    if component == EVERY:
        return desk.rows[k].met == 0
    return open_of(desk.rows[k], component) > 0


@compiled
def _claims_nothing(row: Record) -> bool:
    total = 0
    for c in range(COMPONENTS):
        total += row.claimed[c]
    return total == 0


@compiled
def _last_early(desk: Desk, payment: Payment, component: int) -> int:
    """The last row to come; on a live schedule also one that asks nothing yet, once."""
    empty_too = is_live(desk) and desk.terms.allocation == HORIZONTAL
    for k in range(desk.state.rows - 1, -1, -1):
        row = desk.rows[k]
        if row.due <= payment.day:
            continue
        if _waits(desk, k, component):
            return k
        if empty_too and row.skipped == 0 and _claims_nothing(row):
            return k
    return NONE


@compiled
def _early_rows(desk: Desk, payment: Payment, component: int) -> int:
    """Note the rows to come that take early money (`chosen` of the first rows); returns how many."""
    advance, count = payment.rule.advance, 0
    for k in range(desk.state.rows):
        row = desk.rows[k]
        if row.due <= payment.day or not _waits(desk, k, component):
            continue
        current = advance == CURRENT_THEN_LAST and payment.day >= row.start
        if advance == ALL_ROWS or current or (advance == NEXT_ROW and count == 0):
            desk.rows[count].chosen = k
            count += 1
    if count == 0 and advance != ALL_ROWS and advance != NEXT_ROW:
        last = _last_early(desk, payment, component)
        if last != NONE:
            desk.rows[0].chosen = last
            count = 1
    return count


@compiled
def _due_row(desk: Desk, payment: Payment, timing: int, component: int) -> int:
    """The oldest row past due, or the first one due on the day."""
    for k in range(desk.state.rows):
        due = desk.rows[k].due
        fits = due < payment.day if timing == PAST_DUE else due == payment.day
        if fits and _waits(desk, k, component):
            return k
    return NONE


@compiled
def _share(desk: Desk, payment: Payment, count: int, component: int, left: int) -> tuple[int, int]:
    """Equal parts over rows to come, the rounding on the last: (what is left, the last part that was used)."""
    if count == 0:
        return left, 0
    even = half_even_ratio(left, count)
    rest = left - even * count
    if even + rest < 0:
        even = left // count
        rest = left - even * count
    last = 0
    for j in range(count):
        part = even + (rest if j == count - 1 else 0)
        used = _pay(desk, payment, desk.rows[j].chosen, IN_ADVANCE, component, part)
        left -= used
        if used > 0:
            last = used
    return left, last


@compiled
def _any_waiting(desk: Desk) -> bool:
    waiting = False
    for k in range(desk.state.rows):
        waiting = waiting or desk.rows[k].met == 0
    return waiting


@compiled
def _round(desk: Desk, payment: Payment, timing: int, left: int) -> tuple[int, bool]:
    """One row, or one share of the rows to come: (what is left, whether there was one)."""
    count = 0
    if timing == IN_ADVANCE:
        count = _early_rows(desk, payment, EVERY)
    else:
        k = _due_row(desk, payment, timing, EVERY)
        if k != NONE:
            desk.rows[0].chosen = k
            count = 1
    for place in range(BUCKETS):
        bucket = payment.rule.order[place]
        if bucket // COMPONENTS != timing:
            continue
        component = bucket % COMPONENTS
        if timing == IN_ADVANCE:
            left = _share(desk, payment, count, component, left)[0]
        elif count == 1:
            left -= _pay(desk, payment, desk.rows[0].chosen, timing, component, left)
    return left, count > 0


@compiled
def _horizontal(desk: Desk, payment: Payment, left: int) -> int:
    """A row is finished before the next one; timings in the order in which they first appear."""
    for place in range(BUCKETS):
        timing = payment.rule.order[place] // COMPONENTS
        seen = False
        for before in range(place):
            seen = seen or payment.rule.order[before] // COMPONENTS == timing
        if seen:
            continue
        forget_skipped(desk)
        for _ in range(100 * desk.state.rows):
            if left <= 0:
                break
            left, found = _round(desk, payment, timing, left)
            if not found or not _any_waiting(desk):
                break
    return left


@compiled
def _vertical(desk: Desk, payment: Payment, left: int) -> int:
    """A component is finished over all rows before the next one."""
    for place in range(BUCKETS):
        timing, component = divmod(payment.rule.order[place], COMPONENTS)
        for _ in range(100 * desk.state.rows):
            if timing == IN_ADVANCE:
                count = _early_rows(desk, payment, component)
                left, used = _share(desk, payment, count, component, left)
            else:
                k = _due_row(desk, payment, timing, component)
                used = 0 if k == NONE else _pay(desk, payment, k, timing, component, left)
                left -= used
            if left <= 0 or used <= 0:
                break
    return left


@compiled
def _due_charges(desk: Desk, payment: Payment, k: int, left: int) -> int:
    """Charges of a row to come that have fallen due themselves."""
    first = first_normal(desk)
    for place in range(COMPONENTS):
        component = payment.rule.order[place]
        if component != FEE and component != PENALTY:
            continue
        wanted = 0
        for c in range(desk.state.charges):
            charge = desk.charges[c]
            entry = desk.entries[charge.entry]
            if entry.component == component and entry.when == DATED and entry.on <= payment.day:
                if falls_in(desk, charge, k, first):
                    wanted += charge.amount - charge.paid - charge.waived
        left -= _plain(desk, payment, k, component, min(left, wanted))
    return left


@compiled
def _row_by_row(desk: Desk, payment: Payment, left: int) -> int:
    """From the oldest row on; one order for what is due, another for what is not yet."""
    for k in range(desk.state.rows):
        if left <= 0:
            break
        row = desk.rows[k]
        if row.met == 1:
            continue
        early = payment.day < row.due
        if early and desk.terms.allocation == DUE_THEN_ADVANCE:
            left = _due_charges(desk, payment, k, left)
        for place in range(COMPONENTS):
            component = payment.rule.order[place + (COMPONENTS if early else 0)]
            left -= _plain(desk, payment, k, component, left)
    return left


@compiled
def allocate(desk: Desk, payment: Payment, amount: int) -> int:
    """Walk the rows; returns what could not be placed."""
    if desk.terms.allocation == HORIZONTAL:
        return _horizontal(desk, payment, amount)
    if desk.terms.allocation == VERTICAL:
        return _vertical(desk, payment, amount)
    return _row_by_row(desk, payment, amount)


@compiled
def _give_up_early(desk: Desk, waiver: Payment, component: int, left: int) -> int:
    """A component of rows to come, the next one first, of principal the last one; returns what is left."""
    for j in range(desk.state.rows):
        k = desk.state.rows - 1 - j if component == PRINCIPAL else j
        if left > 0 and desk.rows[k].due > waiver.day and desk.rows[k].met == 0:
            left -= _pay(desk, waiver, k, IN_ADVANCE, component, left)
    return left


@compiled
def give_up(desk: Desk, day: int, component: int, amount: int) -> None:
    """Give up to an amount of a component up, as if it were paid; what was given up is in the state."""
    waiver = Payment(day, False, desk.rules[0], True)
    desk.state.portions[:] = 0
    left = amount
    for k in range(desk.state.rows):
        if left > 0 and desk.rows[k].due <= day:
            left -= _pay(desk, waiver, k, PAST_DUE, component, left)
    for _ in range(desk.state.rows):  # early money is principal: a second time, what the others left
        before = left
        left = _give_up_early(desk, waiver, component, left)
        if left == 0 or left == before:
            break


@compiled
def waive_charge(desk: Desk, charge: Record, day: int) -> int:
    """What is open of a charge is given up; returns it."""
    component = desk.entries[charge.entry].component
    amount = charge.amount - charge.paid - charge.waived
    first, left = first_normal(desk), amount
    for k in range(desk.state.rows):
        row = desk.rows[k]
        if row.down == 0 and falls_in(desk, charge, k, first):
            part = min(left, max(0, open_of(row, component)))
            row.waived[component] += part
            left -= part
            look(row, day)
    charge.waived += amount
    return amount
