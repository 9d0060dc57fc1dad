"""Re-amortising, slow and obvious. Written from docs/algorithms/live-schedule.md, section 15."""

from fractions import Fraction

from tests.support.live import moves
from tests.support.live.levels import set_level, settle, smooth, to_multiple
from tests.support.live.model import half_even
from tests.support.live.rows import FEE, INTEREST, PENALTY, PRINCIPAL, first_normal

OVERDUE_INTEREST = 3


def reamortise(loan, entry, out):
    """What was due by the day and is open is asked by the rows to come."""
    day = entry.on
    out.amount = 0
    past = [row for row in loan.rows if row.due <= day and not row.extra]
    coming = [row for row in loan.rows if row.due > day and not row.down and not row.extra]
    if loan.stopped or not loan.draws or all(row.settled for row in coming):
        return
    principal, interest = (sum(row.open(c) for row in past) for c in (PRINCIPAL, INTEREST))
    if principal <= 0:
        return
    out.portions = [principal, interest, 0, 0]
    out.amount = principal + interest
    if entry.spread == OVERDUE_INTEREST:
        _spread_charges(loan, past, coming, day)
    if loan.live:
        _on_model(loan, entry, interest)
        _shut(past, PRINCIPAL)
        loan.rows_from_model(day)
    else:
        _on_rows(loan, entry, past, coming)
    for row in past:
        row.look(day)


def _spread_charges(loan, past, coming, day):
    """Open charges of past rows, in equal parts on those to come."""
    first = first_normal(loan.rows)
    for charge in loan.charges:
        if charge.open > 0 and any(charge.due_in(row, row is first) for row in past):
            charge.spread_on = coming[0].start
    for c in (FEE, PENALTY):
        _give(coming, c, _shut(past, c), day, 0)


def _shut(past, component):
    """Past rows claim of a component what was settled; returns what was open."""
    total = 0
    for row in past:
        part = row.open(component)
        total += part
        row.claimed[component] -= part
    return total


def _give(coming, component, left, day, multiple):
    """In equal parts, half to even, on rows to come; the last takes what that leaves."""
    part = to_multiple(half_even(Fraction(left, len(coming))), multiple)
    for row in coming:
        share = left if row is coming[-1] else min(part, left)
        row.claimed[component] += share
        left -= share
        row.look(day)


def _on_rows(loan, entry, past, coming):
    """Rows that follow no balance: principal in equal parts on top of what they claim; interest too, if it is asked for."""
    moved = [PRINCIPAL, INTEREST] if entry.spread == OVERDUE_INTEREST else [PRINCIPAL]
    for c in moved:
        _give(coming, c, _shut(past, c), entry.on, loan.terms.multiple if c == PRINCIPAL else 0)
    if loan.model:
        _tell(loan, past, coming)
        settle(loan.model, entry.on)


def _tell(loan, past, coming):
    """The model asks what the rows claim; past periods earn nothing any more."""
    for row in [*past, *coming]:
        period = loan.period_of(row)
        if period is None:
            continue
        period.level = period.first_level = row.claimed[PRINCIPAL] + row.claimed[INTEREST] - period.taken
        if row in past:
            period.moved_down, period.fixed_interest = True, row.claimed[INTEREST]
    loan.model.balance()


def _on_model(loan, entry, interest):
    """Periods due by the day ask what was paid on them, their principal stays in the balance; a new level for those to come."""
    model, day = loan.model, entry.on
    if not loan.terms.past_due_earns:
        moves.chase(model, day, False)
    moved = 0
    for p in model.periods:
        if p.end > day:
            continue
        less = p.principal - p.paid_principal
        p.segments[-1].correction -= less
        moved += less
        if entry.spread == OVERDUE_INTEREST and not p.done:
            p.moved_down, p.fixed_interest = True, 0
        p.brought_forward, p.moved_up = 0, False
        p.level = p.first_level = p.paid - p.taken
    moves.cut(model, day, correction=moved)
    down = sum(row.open(PRINCIPAL) for row in loan.rows if row.down and row.due <= day)
    if down > 0:
        moves.cut(model, day, drawn=down)
    coming = [p for p in model.periods if p.end > day]
    if entry.spread == OVERDUE_INTEREST:
        part = half_even(Fraction(interest, len(coming)))
        for p in coming:
            p.lapses = p.lapses or p.fixed_interest == 0
            p.fixed_interest += part
    for p in model.periods:
        p.principal_grace = False
    model.balance()
    if model.terms.interest_on:
        set_level(model, coming)
        settle(model, day)
        settle(model, day)  # what was paid ahead bears interest again
        return
    set_level(model, coming)
    moves.mark_graces(model, coming)
    model.balance()
    settle(model, coming[0].end)
    smooth(model, coming)
    settle(model, day)
    settle(model, day)
