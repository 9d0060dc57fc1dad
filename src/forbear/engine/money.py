"""Money in and out of a loan: the credit and how it is applied, waiver, charge-back, refund, write-off.

docs/algorithms/fold.md, section 6. Nothing here can refuse a payment: what is not owed is kept as credit.
"""

import numpy as np

from forbear.engine.accrual import charge_accruals, has_accruals, rebase, take_interest
from forbear.engine.linear import headroom, stop, uncharged
from forbear.engine.rows import add_row, allocate, claim, waive, write_off_rows
from forbear.engine.schedule import amortise, next_instalment
from forbear.engine.vocabulary import (
    COMPONENTS,
    FEE,
    INTEREST,
    LOWER,
    NEXT,
    PENALTY,
    PRINCIPAL,
    WRITTEN,
)
from forbear.engine.work import Work
from forbear.kernel.compiled import compiled, inlined


@compiled
def total(components: np.ndarray) -> int:
    """Sum over the four components."""
    amount = 0
    for component in range(COMPONENTS):
        amount += components[component]
    return amount


@inlined
def apply_credit(work: Work, day: int) -> None:
    """Use the credit: recoveries, what is due, prepayment, settlement, in this order. What remains stays credit.

    Also asked without credit: a loan on which nothing is owed any more, say after a waiver, is settled.
    """
    loan = work.loan
    if loan.disbursed == 0:
        return
    if loan.credit > 0:
        if loan.status == WRITTEN:
            if loan.sold == 0:
                recovery = min(loan.credit, total(loan.written_off) - loan.recovered)
                loan.recovered += recovery
                loan.credit -= recovery
        elif has_accruals(work):
            charge_accruals(work, day)
        loan.credit = allocate(work, day, loan.credit)
    if loan.status != WRITTEN and total(loan.due) == 0:
        if (
            work.terms.prepayment != NEXT
            and loan.credit > 0
            and loan.next_plan < loan.plan_end
            and loan.undue > 0
        ):
            _prepay(work, day)
        if loan.credit >= loan.undue:
            _settle(work, day)


@compiled
def _prepay(work: Work, day: int) -> None:
    """What goes beyond the next instalment repays principal not yet due at once (提前还款)."""
    loan = work.loan
    rebase(work, day)
    part = min(loan.credit - next_instalment(work), loan.undue)
    if part > 0:
        loan.credit -= part
        take_early(work, day, PRINCIPAL, part)
        allocate(work, day, part)
        if work.terms.prepayment == LOWER:
            amortise(work, day, False)


@compiled
def _settle(work: Work, day: int) -> None:
    """If the credit, which covers the principal, covers the payoff, pay it and end the loan (提前结清). Nothing is due."""
    loan = work.loan
    accrued = uncharged(work.interest, work.terms.interest_rounding)
    accrued += uncharged(work.penalty, work.terms.interest_rounding)
    if work.terms.cost_cap > 0:
        accrued = min(accrued, headroom(loan, work.cap, 0))
    if loan.credit >= loan.undue + loan.put_off + accrued:
        charge_accruals(work, day)
        credit = loan.credit
        loan.credit = 0
        _end(work, day)
        loan.credit = allocate(work, day, credit)


@compiled
def all_falls_due(work: Work, day: int) -> None:
    """All that was to come falls due today, with the interest accrued, as one row; the planned rows to come are dropped."""
    loan = work.loan
    accrued = take_interest(work)
    if loan.undue + accrued + loan.put_off > 0:
        place = add_row(work, day, 0)
        claim(work, place, PRINCIPAL, loan.undue)
        claim(work, place, INTEREST, accrued)
        loan.undue = 0
        if loan.put_off > 0:
            for component in (INTEREST, FEE, PENALTY):
                claim(work, place, component, loan.deferred[component])
                loan.deferred[component] = 0
            loan.put_off = 0
    loan.plan_end = loan.next_plan


@compiled
def _end(work: Work, day: int) -> None:
    """All falls due today, and nothing accrues after."""
    all_falls_due(work, day)
    work.loan.period_end = day
    stop(work.interest)
    stop(work.penalty)


@compiled
def charge_back(work: Work, day: int, amount: int) -> None:
    """A payment is taken back by the payer's bank: from the credit first, the rest is owed again, as principal."""
    loan = work.loan
    loan.charged_back += amount
    _owe_again(work, day, amount)


@compiled
def refund(work: Work, day: int, amount: int) -> None:
    """Credit is paid back to the borrower; more than there is becomes a debt, as principal."""
    loan = work.loan
    loan.refunded += amount
    _owe_again(work, day, amount)


@compiled
def _owe_again(work: Work, day: int, amount: int) -> None:
    from_credit = min(amount, work.loan.credit)
    work.loan.credit -= from_credit
    if amount > from_credit:
        claim(work, add_row(work, day, 0), PRINCIPAL, amount - from_credit)


@compiled
def waive_component(work: Work, day: int, component: int, amount: int) -> None:
    """Waive what is due of a component, then, for principal, what is not yet due."""
    loan = work.loan
    if loan.status != WRITTEN:
        charge_accruals(work, day)
    left = waive(work, component, amount)
    early = take_early(work, day, component, left)
    if early > 0:
        waive(work, component, early)


@compiled
def take_early(work: Work, day: int, component: int, most: int) -> int:
    """What is not yet due of a component, at most so much, falls due today as a row of its own; returns how much it is."""
    loan = work.loan
    if component == PRINCIPAL:
        part = min(most, loan.undue)
        loan.undue -= part
    else:
        part = min(most, loan.deferred[component])
        loan.deferred[component] -= part
        loan.put_off -= part
    if part > 0:
        claim(work, add_row(work, day, 0), component, part)
    return part


@compiled
def write_off(work: Work, day: int) -> None:
    """Everything owed is written off (核销); it remains owed by the borrower, and nothing accrues any more."""
    loan = work.loan
    if loan.status != WRITTEN:
        charge_accruals(work, day)
        _end(work, day)
        loan.credit = allocate(work, day, loan.credit)
        loan.status = WRITTEN
    write_off_rows(work)
