"""A cumulative schedule whose interest follows what was paid: written from draws and payments. docs/algorithms/live-schedule.md, section 17.

Every figure of a row comes from the money received by a day and from the rows before it, so rows are written in one pass.
"""

from forbear.engine.layout import Record
from forbear.engine.live.cumulative import down_part, level_of, share_in
from forbear.engine.live.layout import Desk
from forbear.engine.live.level import half_even_ratio
from forbear.engine.live.vocabulary import (
    DATED,
    DISBURSED,
    EXTENDED,
    FEE_CHARGED,
    INTEREST,
    LOWER_LEVEL,
    NEXT_ROWS,
    OF_NOTHING,
    PAID,
    PER_ROW,
    PRINCIPAL,
)
from forbear.engine.vocabulary import COMPONENTS
from forbear.kernel.compiled import compiled
from forbear.kernel.rates import RATE_SCALE
from forbear.kernel.rounding import HALF_EVEN
from forbear.kernel.wide import mul_div


@compiled
def _interest_first(desk: Desk) -> bool:
    """Whether money that is due pays interest before principal."""
    for k in range(desk.rules.shape[0]):
        if desk.rules[k].payment == 0:
            for place in range(COMPONENTS):
                if desk.rules[k].order[place] == INTEREST:
                    return True
                if desk.rules[k].order[place] == PRINCIPAL:
                    return False
    return True


@compiled
def _for_rows(desk: Desk, day: int) -> int:
    """Money received by a day, less down payments and flat charges that are due by it."""
    total = 0
    for k in range(desk.entries.shape[0]):
        entry = desk.entries[k]
        if entry.kind == PAID and entry.on <= day:
            total += entry.amount
        elif entry.kind == DISBURSED and entry.on <= day:
            total -= down_part(desk.terms, entry.amount)
        elif entry.kind == FEE_CHARGED and entry.share_of == OF_NOTHING:
            if entry.when == DATED and entry.on <= day:
                total -= entry.amount
            elif entry.when == PER_ROW:
                for j in range(desk.state.rows):
                    if desk.rows[j].down == 0 and desk.rows[j].due <= day:
                        total -= entry.amount
    return total


@compiled
def _claim(row: Record) -> int:
    return row.claimed[PRINCIPAL] + row.claimed[INTEREST]


@compiled
def _early(desk: Desk, k: int, day: int) -> int:
    """Money received by a day beyond all that the rows before `k` ask."""
    left = _for_rows(desk, day)
    for j in range(k):
        if desk.rows[j].down == 0:
            left -= _claim(desk.rows[j])
    return max(0, left)


@compiled
def _overdue(desk: Desk, k: int, day: int) -> int:
    """Principal of the rows before `k` that the money received by a day has not paid."""
    left, total, interest_first = max(0, _for_rows(desk, day)), 0, _interest_first(desk)
    for j in range(k):
        row = desk.rows[j]
        if row.down == 1:
            continue
        placed = min(left, _claim(row))
        left -= placed
        paid = placed - row.claimed[INTEREST] if interest_first else placed
        total += row.claimed[PRINCIPAL] - min(max(paid, 0), row.claimed[PRINCIPAL])
    return total


@compiled
def _next_payment(desk: Desk, after: int, until: int) -> int:
    """The first day of a payment after a day, or `until`."""
    found = until
    for k in range(desk.entries.shape[0]):
        entry = desk.entries[k]
        if entry.kind == PAID and after < entry.on < found:
            found = entry.on
    return found


@compiled
def interest_till(desk: Desk, k: int, balance: int, till: int, looked_on: int) -> int:
    """Interest of row `k` from its start to a day of it, in minor units, rounded half to even once.

    `balance`: principal that the rows before it leave; `looked_on`: principal past due is in the balance up to this day.
    """
    row = desk.rows[k]
    if row.due <= row.start or till <= row.start:
        return 0
    weighed, day = 0, row.start
    if desk.terms.rest_at_due_date == 1:
        base = balance
        if desk.terms.past_due_earns == 1 and looked_on > row.start:
            base += _overdue(desk, k, row.start)
        weighed = base * (till - row.start)
    else:
        while day < till:
            end = _next_payment(desk, day, till)
            weighed += max(0, balance - _early(desk, k, day)) * (end - day)
            if desk.terms.past_due_earns == 1 and looked_on > day:
                weighed += _overdue(desk, k, day) * (min(end, looked_on) - day)
            day = end
    number, parts = share_in(desk.terms, row.start, row.due)
    return mul_div(weighed, desk.terms.rate * number, RATE_SCALE * parts * (row.due - row.start), HALF_EVEN)


@compiled
def _looked_on(desk: Desk, row: Record, as_of: int) -> int:
    """The day up to which principal past due counts for a row: the last day on which it was written."""
    if desk.terms.overdue_daily == 1:
        return min(as_of, row.due)
    last = row.start
    for k in range(desk.entries.shape[0]):
        entry = desk.entries[k]
        if (entry.kind == PAID or entry.kind == DISBURSED) and entry.recorded_on <= row.due:
            last = max(last, entry.recorded_on)
    return last


@compiled
def _begins_again(desk: Desk, k: int) -> bool:
    """Whether rows added later count from this row."""
    for place in range(desk.entries.shape[0]):
        entry = desk.entries[place]
        if entry.kind == EXTENDED:
            first = 0
            for j in range(desk.state.rows - 1, -1, -1):
                if desk.rows[j].due >= entry.on:
                    first = j
            if first == k:
                return True
    return False


@compiled
def _wanted(desk: Desk, of: int, count: int, balance: int) -> int:
    """What each of so many rows asks: a level amount, set in the period of row `of`, or a part of principal."""
    if desk.terms.equal_principal == 1:
        return half_even_ratio(balance, count)
    return desk.terms.level if desk.terms.level > 0 else level_of(desk, of, count, balance)


@compiled
def write_recalculated(desk: Desk, planned: int, amount: int, as_of: int) -> None:
    """Principal and interest of the rows; those that come after nothing is left go."""
    rows, balance, carried, k = desk.state.rows, amount, 0, 0
    wanted = _wanted(desk, 0, planned, amount)
    while k < rows and (balance > 0 or k == 0):
        row = desk.rows[k]
        if _begins_again(desk, k):
            wanted = _wanted(desk, k, rows - k, balance)
        interest = interest_till(desk, k, balance, row.due, _looked_on(desk, row, as_of))
        base = wanted if desk.terms.equal_principal == 1 else wanted - interest
        base = min(max(base, 0), balance)
        less = min(carried, base)
        base, carried = base - less, carried - less
        if k == rows - 1:
            base = balance
        principal = min(balance, max(base, _early(desk, k, row.due - 1)))
        principal = min(balance, max(principal, _early(desk, k, row.due) - interest))
        row.claimed[PRINCIPAL], row.claimed[INTEREST] = principal, interest
        balance -= principal
        k += 1
        if principal > base and k < rows:
            if desk.terms.recalculation == LOWER_LEVEL:
                wanted = _wanted(desk, k - 1, rows - k, balance)
            elif desk.terms.recalculation == NEXT_ROWS:
                carried += principal - base
    desk.state.rows = k


@compiled
def open_interest(desk: Desk, on: int) -> int:
    """Interest that a payoff of a day asks of the row that runs, beyond what of it is settled."""
    for k in range(desk.state.rows):
        row = desk.rows[k]
        if row.down == 1 or row.extra == 1 or not row.start <= on < row.due:
            continue
        balance = 0
        for j in range(k, desk.state.rows):
            if desk.rows[j].down == 0 and desk.rows[j].extra == 0:
                balance += desk.rows[j].claimed[PRINCIPAL]
        till = row.due if desk.terms.payoff_to_due_date == 1 else on
        settled = row.paid[INTEREST] + row.waived[INTEREST] + row.written[INTEREST]
        return interest_till(desk, k, balance, till, on) - settled
    return 0
