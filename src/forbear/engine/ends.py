"""How a loan ends otherwise than by payment: acceleration, charge-off, sale. docs/algorithms/changes.md, section 5."""

from forbear.engine.money import all_falls_due, write_off
from forbear.engine.vocabulary import ACCELERATE, FLAT, NEVER, WRITTEN, ZERO_INTEREST
from forbear.engine.work import Work
from forbear.kernel.compiled import compiled


@compiled
def accelerate(work: Work, day: int) -> None:
    """All that was to come falls due today (提前到期); interest goes on as after the last planned row."""
    loan = work.loan
    if loan.disbursed == 0 or loan.status == WRITTEN or loan.next_plan == loan.plan_end:
        return
    all_falls_due(work, day)
    if work.terms.interest_method == FLAT:
        work.interest.slope = 0
        work.interest.slope_remainder = 0


@compiled
def charge_off(work: Work, day: int) -> None:
    """The lender no longer counts on it (坏账认定): no income is recognised, and what the terms say besides."""
    loan = work.loan
    if loan.disbursed == 0 or loan.status == WRITTEN:
        return
    loan.charged_off = 1
    if work.terms.charge_off == ZERO_INTEREST:
        loan.interest_paused_to = NEVER
        loan.paused_to = NEVER
    elif work.terms.charge_off == ACCELERATE:
        accelerate(work, day)


@compiled
def sell(work: Work, day: int, price: int) -> None:
    """The claim goes to somebody else (转让): written off here, and nothing of it is owed to the lender any more."""
    loan = work.loan
    if loan.disbursed == 0 or loan.sold == 1:
        return
    write_off(work, day)
    loan.sold = 1
    loan.proceeds += price
