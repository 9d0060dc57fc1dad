"""Rows: the claims that have fallen due, and the allocation of money to them in a named order (冲销顺序)."""

from typing import Final

from forbear.engine.layout import Record
from forbear.engine.vocabulary import COMPONENTS, FEE, INTEREST, NO_PENALTY, PENALTY, PRINCIPAL
from forbear.engine.work import Work
from forbear.kernel.compiled import compiled, inlined

DIGIT: Final = 2
LOWEST_DIGIT: Final = COMPONENTS - 1
"""An order of components is four digits of two bits each, the first component in the lowest."""


@inlined
def unpaid(row: Record) -> int:
    """What is still owed on a row, all components."""
    return row.unpaid[PRINCIPAL] + row.unpaid[INTEREST] + row.unpaid[FEE] + row.unpaid[PENALTY]


@inlined
def arrears(row: Record) -> int:
    """What counts for being late: penalty does not, else charging it could make a row late."""
    return row.unpaid[PRINCIPAL] + row.unpaid[INTEREST] + row.unpaid[FEE]


@inlined
def add_row(work: Work, day: int, planned: int) -> int:
    """Append an empty row due on `day`; returns its place. Rows are made in the order of their dates."""
    loan = work.loan
    place = loan.rows
    row = work.rows[place]
    row.due_on = day
    row.planned = planned
    row.late_charged = 0
    row.paused = loan.paused_days
    row.grace = 0
    row.grace_whole = 0
    row.grace_remainder = 0
    for component in range(COMPONENTS):
        row.claimed[component] = 0
        row.unpaid[component] = 0
        row.paid[component] = 0
        row.waived[component] = 0
        row.written_off[component] = 0
    terms = work.terms
    if terms.penalty_base != NO_PENALTY and terms.penalty_grace > 0 and terms.penalty_retroactive == 1:
        row.grace = 1
        loan.graces += 1
    loan.rows = place + 1
    return place


@inlined
def claim(work: Work, place: int, component: int, amount: int) -> None:
    """Make `amount` owed on a row."""
    row = work.rows[place]
    row.claimed[component] += amount
    row.unpaid[component] += amount
    work.loan.due[component] += amount


@inlined
def oldest_late(work: Work) -> int:
    """Place of the oldest row with more than the tolerance unpaid; -1 if there is none."""
    for place in range(work.loan.first_open, work.loan.rows):
        if arrears(work.rows[place]) > work.terms.tolerance:
            return place
    return -1


@inlined
def days_past_due(work: Work, day: int) -> int:
    """Days since the due date of the oldest late row (逾期天数), less those of pauses; on the due date itself 0.

    `day` is the day that the fold has come to.
    """
    place = oldest_late(work)
    return 0 if place < 0 else day - work.rows[place].due_on - paused_days(work, place)


@inlined
def paused_days(work: Work, place: int) -> int:
    """Days of pauses since a row fell due."""
    return work.loan.paused_days - work.rows[place].paused


@compiled
def row_for_accrual(work: Work, day: int) -> int:
    """The row that newly charged penalty is added to."""
    place = oldest_late(work)
    if place < 0 and work.loan.first_open < work.loan.rows:
        place = work.loan.first_open
    if place < 0:
        place = add_row(work, day, 0)
    return place


@inlined
def close_paid_rows(work: Work) -> None:
    """Move `first_open` past the rows on which nothing is owed."""
    loan = work.loan
    while loan.first_open < loan.rows and unpaid(work.rows[loan.first_open]) == 0:
        if work.rows[loan.first_open].grace == 1:  # paid within its grace: the penalty held for it is dropped
            work.rows[loan.first_open].grace = 0
            loan.graces -= 1
        loan.first_open += 1


@inlined
def pay(loan: Record, row: Record, component: int, amount: int) -> int:
    """Pay up to `amount` on one component of one row; returns what is left."""
    part = min(amount, row.unpaid[component])
    if part > 0:
        row.unpaid[component] -= part
        row.paid[component] += part
        loan.due[component] -= part
        loan.paid[component] += part
    return amount - part


@inlined
def order_now(work: Work, day: int) -> int:
    """The order of components in force: another one once the loan is long past due."""
    terms = work.terms
    if terms.order_after_days > 0 and days_past_due(work, day) >= terms.order_after_days:
        return terms.order_after
    return terms.order


@inlined
def allocate(work: Work, day: int, amount: int) -> int:
    """Allocate money to the rows in the terms' order; returns what is left over."""
    loan, terms = work.loan, work.terms
    order = order_now(work, day)
    if terms.vertical == 1:
        for _ in range(COMPONENTS):
            for place in range(loan.first_open, loan.rows):
                amount = pay(loan, work.rows[place], order & LOWEST_DIGIT, amount)
            order >>= DIGIT
    else:
        for place in range(loan.first_open, loan.rows):
            digits, row = order, work.rows[place]
            for _ in range(COMPONENTS):
                amount = pay(loan, row, digits & LOWEST_DIGIT, amount)
                digits >>= DIGIT
            if amount == 0:
                break
    close_paid_rows(work)
    return amount


@compiled
def waive(work: Work, component: int, amount: int) -> int:
    """Waive up to `amount` of one component, oldest row first; returns what is left over."""
    loan = work.loan
    for place in range(loan.first_open, loan.rows):
        row = work.rows[place]
        part = min(amount, row.unpaid[component])
        row.unpaid[component] -= part
        row.waived[component] += part
        loan.due[component] -= part
        loan.waived[component] += part
        amount -= part
    close_paid_rows(work)
    return amount


@compiled
def write_off_rows(work: Work) -> None:
    """Write off all that is owed on the rows."""
    loan = work.loan
    for place in range(loan.first_open, loan.rows):
        row = work.rows[place]
        for component in range(COMPONENTS):
            part = row.unpaid[component]
            row.unpaid[component] = 0
            row.written_off[component] += part
            loan.due[component] -= part
            loan.written_off[component] += part
    close_paid_rows(work)
