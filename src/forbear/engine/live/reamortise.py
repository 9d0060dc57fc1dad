"""Re-amortising: what is past due is asked by the rows to come. docs/algorithms/live-schedule.md, section 15.

No row comes or goes, and no date moves.
"""

from forbear.engine.layout import Record
from forbear.engine.live.allocation import is_live
from forbear.engine.live.layout import Desk, Model
from forbear.engine.live.level import NONE, half_even_ratio, set_level, settle, to_multiple
from forbear.engine.live.model import balance, done, paid, taken
from forbear.engine.live.moves import chase, cut, level_on
from forbear.engine.live.rows import falls_in, first_normal, look, open_of, period_of, rows_from_model
from forbear.engine.live.vocabulary import FEE, FLAT, INTEREST, OVERDUE_INTEREST, PENALTY, PRINCIPAL
from forbear.kernel.compiled import compiled

# ----------------------------------------------------------------------------------------------------------------------
# The rows


@compiled
def _is_past(row: Record, day: int) -> bool:
    """Whether a row was due by a day."""
    return row.due <= day and row.extra == 0


@compiled
def _is_to_come(row: Record, day: int) -> bool:
    """Whether a row can take what is moved."""
    return row.due > day and row.extra == 0 and row.down == 0


@compiled
def _count_to_come(desk: Desk, day: int) -> int:
    count = 0
    for j in range(desk.state.rows):
        if _is_to_come(desk.rows[j], day):
            count += 1
    return count


@compiled
def _one_takes(desk: Desk, day: int) -> bool:
    """Whether a row to come is still open."""
    found = False
    for j in range(desk.state.rows):
        found = found or (_is_to_come(desk.rows[j], day) and desk.rows[j].met == 0)
    return found


@compiled
def _open_past(desk: Desk, component: int, day: int) -> int:
    """What is open of a component on past rows."""
    total = 0
    for j in range(desk.state.rows):
        if _is_past(desk.rows[j], day):
            total += open_of(desk.rows[j], component)
    return total


@compiled
def _move(desk: Desk, component: int, day: int, multiple: int) -> None:
    """Past rows claim of a component what was settled; those to come the rest: equal parts, half to even, and what that leaves last."""
    left, count = _open_past(desk, component, day), _count_to_come(desk, day)
    part = to_multiple(half_even_ratio(left, count), multiple, 0)
    for j in range(desk.state.rows):
        row = desk.rows[j]
        if _is_past(row, day):
            row.claimed[component] -= open_of(row, component)
        elif _is_to_come(row, day):
            count -= 1
            share = left if count == 0 else min(part, left)
            row.claimed[component] += share
            left -= share
            look(row, day)


@compiled
def _charges_follow(desk: Desk, day: int) -> None:
    """Charges with an open part on a past row are paid on the rows to come."""
    first, start = first_normal(desk), NONE
    for j in range(desk.state.rows - 1, -1, -1):
        if _is_to_come(desk.rows[j], day):
            start = desk.rows[j].start
    for c in range(desk.state.charges):
        charge = desk.charges[c]
        if charge.waiting == 1 or charge.amount - charge.paid - charge.waived <= 0:
            continue
        on_past = False
        for j in range(desk.state.rows):
            on_past = on_past or (_is_past(desk.rows[j], day) and falls_in(desk, charge, j, first))
        if on_past:
            charge.spread_on = start


@compiled
def _tell_model(desk: Desk, day: int) -> None:
    """Where no balance was followed: the model asks what the rows claim, and past periods earn nothing any more."""
    for j in range(desk.state.rows):
        row = desk.rows[j]
        k = period_of(desk, row)
        if k == NONE:
            continue
        period = desk.model.periods[0, k]
        period.level = row.claimed[PRINCIPAL] + row.claimed[INTEREST] - taken(period)
        period.first_level = period.level
        if _is_past(row, day):
            period.moved_down, period.fixed_interest = 1, row.claimed[INTEREST]
    balance(desk.model, 0)
    settle(desk.model, 0, day)


# ----------------------------------------------------------------------------------------------------------------------
# The model


@compiled
def _ask_what_was_paid(model: Model, day: int, spread: int) -> int:
    """Periods due by the day ask what was paid on them, and their principal stays in the balance; returns how many there are."""
    moved, first = 0, 0
    for k in range(model.state.view_periods[0]):
        period = model.periods[0, k]
        if period.end > day:
            continue
        first = k + 1
        less = period.principal - period.paid_principal
        model.segments[0, period.first + period.segments - 1].correction -= less
        moved += less
        if spread == OVERDUE_INTEREST and not done(period):
            period.moved_down, period.fixed_interest = 1, 0
        period.brought_forward, period.moved_up = 0, 0
        period.level = paid(period) - taken(period)
        period.first_level = period.level
    cut(model, 0, day, 0, moved)
    return first


@compiled
def _give_interest(model: Model, first: int, interest: int) -> None:
    """Each period to come has its part of an interest beside what its balance earns."""
    part = half_even_ratio(interest, model.state.view_periods[0] - first)
    for k in range(first, model.state.view_periods[0]):
        period = model.periods[0, k]
        if period.fixed_interest == 0:
            period.lapses = 1
        period.fixed_interest += part


@compiled
def _by_balance(desk: Desk, entry: Record, interest: int) -> None:
    """A live schedule: a new level for the periods to come."""
    model, day, down = desk.model, entry.on, 0
    if desk.terms.past_due_earns == 0:
        chase(model, day, False)
    first = _ask_what_was_paid(model, day, entry.spread)
    for j in range(desk.state.rows):
        row = desk.rows[j]
        if row.down == 1 and row.due <= day:
            down += open_of(row, PRINCIPAL)
            row.claimed[PRINCIPAL] -= open_of(row, PRINCIPAL)
    if down > 0:
        cut(model, 0, day, down, 0)
    if entry.spread == OVERDUE_INTEREST:
        _give_interest(model, first, interest)
    if desk.terms.interest_on == FLAT:
        balance(model, 0)
        set_level(model, 0, first)
    else:
        level_on(model, 0, first)
    settle(model, 0, day)
    settle(
        model, 0, day
    )  # a row that was paid ahead bears interest again, which the first time did not count
    rows_from_model(desk, day)


@compiled
def reamortise(desk: Desk, entry: Record, out: Record) -> None:
    """What was due by the day and is open is asked by the rows to come."""
    day, state = entry.on, desk.state
    out.amount = 0
    if state.stopped == 1 or state.begun == 0 or not _one_takes(desk, day):
        return
    principal, interest = _open_past(desk, PRINCIPAL, day), _open_past(desk, INTEREST, day)
    if principal <= 0:
        return
    out.portions[PRINCIPAL], out.portions[INTEREST] = principal, interest
    out.amount = principal + interest
    if entry.spread == OVERDUE_INTEREST:
        _charges_follow(desk, day)
        _move(desk, FEE, day, 0)
        _move(desk, PENALTY, day, 0)
    if is_live(desk):
        _by_balance(desk, entry, interest)
    else:
        _move(desk, PRINCIPAL, day, desk.terms.multiple)
        if entry.spread == OVERDUE_INTEREST:
            _move(desk, INTEREST, day, 0)
        if desk.terms.progressive == 1:
            _tell_model(desk, day)
    for j in range(state.rows):
        if _is_past(desk.rows[j], day):
            look(desk.rows[j], day)
