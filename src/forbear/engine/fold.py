"""The fold: one loan's terms and journal, event by event, to a date.

docs/algorithms/fold.md is its definition. The state it works on is kept in `Work`, so a fold can be taken further
(`advance`), and it is the same code for one loan and for millions.
"""

from forbear.engine.accrual import (
    accrue,
    add_fee,
    charge_late_rows,
    end_graces,
    next_ageing,
    rebase,
)
from forbear.engine.changes import change, set_rates, unchanged
from forbear.engine.designated import pay_component, pay_instalment
from forbear.engine.layout import Record, Records
from forbear.engine.linear import nothing_owed, outstanding, stop
from forbear.engine.money import apply_credit, charge_back, refund, waive_component, write_off
from forbear.engine.pauses import next_pause_end
from forbear.engine.rows import oldest_late, paused_days
from forbear.engine.schedule import disburse, fall_due
from forbear.engine.vocabulary import (
    CHARGED_BACK,
    COMPONENTS,
    DISBURSED,
    FEE_CHARGED,
    GOODWILL_CREDITED,
    INTEREST_REFUNDED,
    MERCHANT_REFUNDED,
    NEVER,
    PAID,
    PAID_TO_COMPONENT,
    PAID_TO_INSTALMENT,
    PENDING,
    PERIOD_RATE,
    RECOVERED,
    REFUNDED,
    WAIVED,
    WRITTEN,
    WRITTEN_OFF,
)
from forbear.engine.work import Work
from forbear.kernel.compiled import compiled, inlined


@inlined
def start(work: Work, planned: int) -> None:
    """An empty state, before the first event, with so many planned rows."""
    loan = work.loan
    loan.status = PENDING
    loan.today = 0
    loan.count_from = 0
    loan.period_start = 0
    loan.period_end = 0
    loan.period_days = 1
    loan.next_entry = 0
    loan.next_plan = 0
    loan.plan_end = planned
    loan.next_rate = 1
    loan.rate = 0
    loan.next_ageing = NEVER
    loan.rows = 0
    loan.first_open = 0
    loan.graces = 0
    loan.level = 0
    loan.flat_share = 0
    loan.flat_residue = 0
    loan.undue = 0
    loan.credit = 0
    loan.nonaccrual = 0
    loan.disbursed = 0
    for component in range(COMPONENTS):
        loan.due[component] = 0
        loan.charged[component] = 0
        loan.paid[component] = 0
        loan.waived[component] = 0
        loan.written_off[component] = 0
    loan.received = 0
    loan.recovered = 0
    loan.refunded = 0
    loan.charged_back = 0
    loan.forgone = 0
    for line in (work.interest, work.penalty, work.cap):
        stop(line)
        line.rate = -1
        line.denominator = work.terms.denominator
    unchanged(work)
    set_rates(work, 0)


@inlined
def next_event_by_itself(work: Work) -> int:
    """The next day on which the state changes without a new entry, other than linearly."""
    loan = work.loan
    day = loan.next_ageing
    if loan.next_plan < loan.plan_end:
        day = min(day, work.plan[loan.next_plan].due_on)
    elif work.terms.interest_method == PERIOD_RATE and loan.status != WRITTEN:
        if outstanding(loan) > 0 or work.interest.slope != 0 or work.interest.slope_remainder != 0:
            day = min(day, loan.period_end)
    if loan.next_rate < work.rates.shape[0]:
        day = min(day, work.rates[loan.next_rate].from_day)
    if loan.paused_to > loan.today:
        day = min(day, next_pause_end(loan))
    return day


@inlined
def advance(work: Work, feed: Records, as_of: int) -> None:
    """Take the fold on to the end of `as_of`. `feed` (FEED) are the entries that stand, in folding order, and then NEVER."""
    while True:
        day = min(next_event_by_itself(work), feed[work.loan.next_entry].effective_on)
        if day > as_of:
            break
        _take_day(work, feed, day)
    accrue(work, as_of)


@inlined
def _take_day(work: Work, feed: Records, day: int) -> None:
    """One day on which something happens: section 3, step by step."""
    loan = work.loan
    accrue(work, day)
    while loan.next_rate < work.rates.shape[0] and work.rates[loan.next_rate].from_day <= day:
        set_rates(work, loan.next_rate)
        loan.next_rate += 1
    if loan.next_plan < loan.plan_end and work.plan[loan.next_plan].due_on == day:
        fall_due(work, day)
        apply_credit(work, day)
    if loan.next_ageing <= day and loan.status != WRITTEN:
        if work.terms.late_flat > 0 or work.terms.late_numerator > 0:
            charge_late_rows(work, day)
        if loan.graces > 0:
            end_graces(work, day)
    while feed[loan.next_entry].effective_on == day:
        _take_entry(work, feed[loan.next_entry], day)
        loan.next_entry += 1
        apply_credit(work, day)
    rebase(work, day)
    _age(work, day)


@inlined
def _take_entry(work: Work, entry: Record, day: int) -> None:
    loan = work.loan
    kind = entry.kind
    amount = entry.amount
    if kind == PAID or kind == RECOVERED:
        loan.received += amount
        loan.credit += amount
    elif kind == DISBURSED:
        disburse(work, day, amount)
    elif kind == FEE_CHARGED:
        add_fee(work, day, amount)
    elif kind == WAIVED:
        waive_component(work, day, entry.component, amount)
    elif kind == CHARGED_BACK:
        charge_back(work, day, amount)
    elif kind == REFUNDED:
        refund(work, day, amount)
    elif kind == WRITTEN_OFF:
        write_off(work, day)
    else:
        _take_rare_entry(work, entry, day)


@compiled
def _take_rare_entry(work: Work, entry: Record, day: int) -> None:
    """The entries of docs/algorithms/changes.md: money from others or meant for something, and changes of the terms."""
    loan = work.loan
    kind = entry.kind
    if kind == PAID_TO_COMPONENT:
        pay_component(work, day, entry.component, entry.amount)
    elif kind == PAID_TO_INSTALMENT:
        pay_instalment(work, day, entry.until, entry.amount)
    elif kind == MERCHANT_REFUNDED:
        loan.received += entry.amount
        loan.credit += entry.amount
    elif kind == GOODWILL_CREDITED or kind == INTEREST_REFUNDED:
        loan.credited += entry.amount
        loan.credit += entry.amount
    else:
        change(work, entry, day)


@inlined
def _age(work: Work, day: int) -> None:
    """Ageing, after the day's entries: accrual status, and when to look again."""
    loan = work.loan
    if loan.charged_off == 1 and loan.status != WRITTEN:
        owes = not nothing_owed(loan, work.interest, work.penalty, work.terms.interest_rounding)
        loan.nonaccrual = 1 if owes else 0
        loan.next_ageing = NEVER if loan.first_open == loan.rows else next_ageing(work, day)
        return
    if loan.first_open == loan.rows or loan.status == WRITTEN:
        loan.nonaccrual = 0
        loan.next_ageing = NEVER
        return
    place = oldest_late(work)
    if place < 0 or work.rows[place].due_on >= day:
        loan.nonaccrual = 0
    elif work.terms.nonaccrual_after > 0:
        overdue_days = day - work.rows[place].due_on - paused_days(work, place)
        if overdue_days >= work.terms.nonaccrual_after:
            loan.nonaccrual = 1
    loan.next_ageing = next_ageing(work, day)
