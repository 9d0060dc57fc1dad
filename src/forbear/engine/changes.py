"""Changes of a loan's terms: what an entry of docs/algorithms/changes.md does, family by family."""

from forbear.engine.ends import accelerate, charge_off, sell
from forbear.engine.layout import Record
from forbear.engine.pauses import take_pause
from forbear.engine.reschedule import reschedule
from forbear.engine.restructure import restructure
from forbear.engine.schedule import amortise
from forbear.engine.vocabulary import (
    ACCELERATED,
    CHARGED_OFF,
    COMPONENTS,
    DUE_DATE_MOVED,
    EQUAL_INSTALMENT,
    INTEREST,
    INTEREST_PAUSED,
    MORATORIUM_ENDED,
    RATE_CHANGED,
    REAGED,
    RELEVEL,
    RESTRUCTURED,
    SOLD,
    WRITTEN,
)
from forbear.engine.work import Work
from forbear.kernel.compiled import compiled, inlined


@inlined
def unchanged(work: Work) -> None:
    """The terms are those of the contract, and nothing has been deferred, credited or sold."""
    loan = work.loan
    loan.changed = 0
    loan.paused_to = 0
    loan.interest_paused_to = 0
    loan.ageing_paused_to = 0
    loan.moratorium_to = 0
    loan.paused_days = 0
    loan.due_day = work.terms.due_day
    loan.next_asked = 0
    loan.put_off = 0
    for component in range(COMPONENTS):
        loan.deferred[component] = 0
        loan.capitalised[component] = 0
    loan.charged_off = 0
    loan.sold = 0
    loan.credited = 0
    loan.proceeds = 0


@inlined
def set_rates(work: Work, step: int) -> None:
    """A step of the rates comes into force."""
    loan, rates = work.loan, work.rates[step]
    loan.rate = step
    loan.interest_rate = rates.interest
    loan.penalty_rate = rates.penalty
    loan.per_period = rates.per_period


@compiled
def change(work: Work, entry: Record, day: int) -> None:
    """Take an entry that changes the terms, or ends them."""
    kind = entry.kind
    work.loan.changed = 1
    if kind == RATE_CHANGED:
        _change_rate(work, day, entry.component, entry.rate)
    elif INTEREST_PAUSED <= kind <= MORATORIUM_ENDED:
        take_pause(work, day, kind, entry.until)
    elif DUE_DATE_MOVED <= kind <= REAGED:
        reschedule(work, day, entry)
    elif kind == ACCELERATED:
        accelerate(work, day)
    elif kind == CHARGED_OFF:
        charge_off(work, day)
    elif kind == SOLD:
        sell(work, day, entry.amount)
    elif kind == RESTRUCTURED:
        restructure(work, day, entry.count)


@compiled
def _change_rate(work: Work, day: int, component: int, written: int) -> None:
    """A new interest or penalty rate from today (利率调整), held by the cap; the level follows if the terms say so."""
    loan, terms = work.loan, work.terms
    rate = written * terms.rate_factor
    if loan.status == WRITTEN:
        return
    if component != INTEREST:
        loan.penalty_rate = rate
        return
    loan.interest_rate = min(rate, terms.cost_cap) if terms.cost_cap > 0 else rate
    loan.per_period = loan.interest_rate * terms.period_numerator
    if (
        terms.repricing == RELEVEL
        and terms.amortisation == EQUAL_INSTALMENT
        and loan.disbursed > 0
        and loan.next_plan < loan.plan_end
    ):
        amortise(work, day, False)
