"""Rescheduling: the rows to come get other dates, become more, or take in what is overdue.

docs/algorithms/changes.md, sections 3 and 4. The plan written to is the desk's own copy (`forbear.engine.sweep`).
"""

from forbear.engine.accrual import (
    add_flat_interest,
    begin_period,
    charge_accruals,
    flat_interest,
)
from forbear.engine.layout import Record
from forbear.engine.linear import outstanding, restart
from forbear.engine.plan import due_date
from forbear.engine.rows import close_paid_rows
from forbear.engine.schedule import amortise
from forbear.engine.vocabulary import (
    COMPONENTS,
    CUSTOM,
    DUE_DATE_MOVED,
    EXTENDED,
    FLAT,
    PAYMENT_HOLIDAY,
    PRINCIPAL,
    REAGED,
    REAMORTISED,
    WRITTEN,
)
from forbear.engine.work import Work
from forbear.kernel.compiled import compiled
from forbear.kernel.days import civil


@compiled
def reschedule(work: Work, day: int, entry: Record) -> None:
    """Take an entry that changes the rows to come; it has no effect where there is nothing to change."""
    loan, kind = work.loan, entry.kind
    if loan.disbursed == 0 or loan.status == WRITTEN:
        return
    if kind == REAGED:
        if entry.until > day and outstanding(loan) + loan.put_off > 0:
            _age_anew(work, day, entry.until, entry.count)
        return
    if loan.next_plan == loan.plan_end:
        return
    if kind == DUE_DATE_MOVED:
        if entry.until > day:
            loan.due_day = civil(entry.until)[2]
            date_rows(work, entry.until)
            loan.period_end = entry.until
            loan.next_asked = entry.amount
        return
    if kind == PAYMENT_HOLIDAY:
        _put_off_rows(work, entry.count)
    elif kind == EXTENDED:
        _add_rows(work, entry.count)
    elif kind == REAMORTISED:
        charge_accruals(work, day)
        defer(work)
    amortise(work, day, False)


@compiled
def _step(work: Work, day: int, periods: int) -> int:
    """The step of a date by so many periods."""
    terms = work.terms
    return due_date(day, periods, terms.every, terms.unit, work.loan.due_day, terms.month_end)


@compiled
def date_rows(work: Work, first: int) -> None:
    """The rows to come fall due from `first` on, by steps, each after the one before it."""
    loan, plan = work.loan, work.plan
    for place in range(loan.next_plan, loan.plan_end):
        due_on = _step(work, first, place - loan.next_plan)
        if place > loan.next_plan:
            due_on = max(due_on, plan[place - 1].due_on + 1)
        plan[place].due_on = due_on


@compiled
def _put_off_rows(work: Work, periods: int) -> None:
    loan, plan = work.loan, work.plan
    for place in range(loan.next_plan, loan.plan_end):
        due_on = _step(work, plan[place].due_on, periods)
        if place > loan.next_plan:
            due_on = max(due_on, plan[place - 1].due_on + 1)
        plan[place].due_on = due_on
    loan.period_end = plan[loan.next_plan].due_on


@compiled
def _add_rows(work: Work, count: int) -> None:
    loan, plan = work.loan, work.plan
    last = plan[loan.plan_end - 1].due_on
    for j in range(count):
        place = loan.plan_end + j
        plan[place].due_on = max(_step(work, last, j + 1), plan[place - 1].due_on + 1)
        plan[place].principal = 0
    loan.plan_end += count


@compiled
def defer(work: Work) -> None:
    """All that is unpaid of the rows becomes due later: principal with the rows to come, the rest as deferred sums."""
    loan = work.loan
    for place in range(loan.first_open, loan.rows):
        row = work.rows[place]
        for component in range(COMPONENTS):
            amount = row.unpaid[component]
            row.unpaid[component] = 0
            row.claimed[component] -= amount
            loan.due[component] -= amount
            if component == PRINCIPAL:
                loan.undue += amount
            else:
                loan.deferred[component] += amount
                loan.put_off += amount
    close_paid_rows(work)


@compiled
def _age_anew(work: Work, day: int, first: int, count: int) -> None:
    loan = work.loan
    running = loan.next_plan < loan.plan_end
    charge_accruals(work, day)
    defer(work)
    loan.due_day = civil(first)[2]
    loan.plan_end = loan.next_plan + count
    date_rows(work, first)
    part = loan.undue // count if work.terms.amortisation == CUSTOM else 0
    for place in range(loan.next_plan, loan.plan_end):
        work.plan[place].principal = part
    if running:
        loan.period_end = first
    else:
        restart(work.interest)
        begin_period(work, day, first)
        if work.terms.interest_method == FLAT:
            add_flat_interest(work, flat_interest(work, loan.next_plan))
    amortise(work, day, False)
