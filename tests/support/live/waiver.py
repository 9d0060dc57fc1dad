"""A waiver of a component, slow and obvious. Written from docs/algorithms/live-schedule.md, section 16."""

from tests.support.live import moves
from tests.support.live.rows import FEE, PENALTY, PRINCIPAL, pay_charges


def give_up(loan, entry, out):
    """Up to the amount: of rows due by the day, the oldest first, then of rows to come, until nothing more can be given up."""
    day, component, left = entry.on, entry.component, entry.amount
    for row in loan.rows:
        if row.due <= day:
            left -= _of_row(loan, row, component, left, day)
    before = None
    while left and left != before:
        before = left
        coming = [row for row in loan.rows if row.due > day]
        for row in reversed(coming) if component == PRINCIPAL else coming:
            if left and not row.settled:
                left -= _of_row(loan, row, component, left, day)
    out.portions[component] = out.amount = entry.amount - left


def _of_row(loan, row, component, amount, day):
    """What a row gives up; the model is told that it was paid. A row to come asks what a payment would find there."""
    moved = component not in (FEE, PENALTY) and loan.live and not row.down and not row.extra
    period = loan.period_of(row) if moved else None
    at = row.due if row.due > day and loan.to_due_date(False) and row.start < day else day
    if period and row.due > day:
        row.claimed[component] = moves.due_amounts(loan.model, period, at)[component]
    used = row.waive(component, amount, day)
    if component in (FEE, PENALTY):
        pay_charges(loan, row, component, used, "waived")
    if period:
        tell = moves.pay_principal if component == PRINCIPAL else moves.pay_interest
        tell(loan.model, period, at, used)
        loan.rows_from_model(day)
    return used
