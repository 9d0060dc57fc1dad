"""Money that is meant for one component or one instalment (指定还款). docs/algorithms/changes.md, section 6."""

from forbear.engine.accrual import charge_accruals
from forbear.engine.money import take_early
from forbear.engine.rows import DIGIT, LOWEST_DIGIT, close_paid_rows, order_now, pay
from forbear.engine.schedule import amortise
from forbear.engine.vocabulary import COMPONENTS, LOWER, PRINCIPAL, WRITTEN
from forbear.engine.work import Work
from forbear.kernel.compiled import compiled


@compiled
def pay_component(work: Work, day: int, component: int, amount: int) -> None:
    """Pay what is unpaid of a component, due or not; the rest joins the credit."""
    loan = work.loan
    loan.received += amount
    left = amount
    if loan.disbursed > 0 and loan.status != WRITTEN:
        charge_accruals(work, day)
        left = _pay_rows(work, component, left)
        early = take_early(work, day, component, left)
        if early > 0:
            left -= early - _pay_rows(work, component, early)
            if component == PRINCIPAL and work.terms.prepayment == LOWER and loan.next_plan < loan.plan_end:
                amortise(work, day, False)
    loan.credit += left


@compiled
def _pay_rows(work: Work, component: int, amount: int) -> int:
    for place in range(work.loan.first_open, work.loan.rows):
        amount = pay(work.loan, work.rows[place], component, amount)
    close_paid_rows(work)
    return amount


@compiled
def pay_instalment(work: Work, day: int, due_on: int, amount: int) -> None:
    """Pay the rows due on a day, in the order of components; the rest joins the credit."""
    loan = work.loan
    loan.received += amount
    left = amount
    if loan.disbursed > 0 and loan.status != WRITTEN:
        charge_accruals(work, day)
        order = order_now(work, day)
        for place in range(loan.first_open, loan.rows):
            row = work.rows[place]
            if row.due_on == due_on:
                digits = order
                for _ in range(COMPONENTS):
                    left = pay(loan, row, digits & LOWEST_DIGIT, left)
                    digits >>= DIGIT
        close_paid_rows(work)
    loan.credit += left
