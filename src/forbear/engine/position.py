"""The position: what the state of a fold means on a date, and how a stored one is read off on later dates.

docs/algorithms/fold.md, section 7.
"""

import numpy as np

from forbear.engine.fold import next_event_by_itself
from forbear.engine.layout import Record
from forbear.engine.linear import outstanding, realise, write_slope
from forbear.engine.pauses import ageing_stands, interest_free_to, next_pause_end
from forbear.engine.rows import oldest_late, paused_days
from forbear.engine.schedule import next_instalment
from forbear.engine.vocabulary import (
    ACTIVE,
    CLOSED,
    DAILY_BALANCE,
    DOUBTFUL,
    FEE,
    GONE,
    INTEREST,
    NEVER,
    PENALTY,
    PENDING,
    PRINCIPAL,
    WRITTEN,
)
from forbear.engine.work import Work
from forbear.kernel.compiled import compiled, inlined
from forbear.kernel.daycounts import ACT_365F, weight
from forbear.kernel.rounding import FLOOR, round_fraction
from forbear.kernel.wide import mul_divmod


@compiled
def write_position(work: Work, buckets: np.ndarray, next_entry_on: int, out: Record) -> None:
    """Fill `out` with the position of the day the fold has reached. The fold itself is not changed.

    `next_entry_on` is the date of the first entry the fold has not come to, `NEVER` if there is none.
    """
    loan, terms = work.loan, work.terms
    out.loan = terms.loan
    out.as_of = loan.today
    out.nonaccrual = loan.nonaccrual
    out.principal = outstanding(loan)
    out.undue = loan.undue
    out.credit = loan.credit
    out.day_count = terms.day_count
    out.interest_index = terms.day_count if terms.interest_method == DAILY_BALANCE else ACT_365F
    out.period_start = loan.count_from
    out.interest_rounding = terms.interest_rounding
    _write_lines(work, out)
    _write_totals(work, out)
    _write_due(work, out)
    out.status = GONE if loan.sold == 1 else PENDING  # for now: reading off asks only whether it is sold
    read_off(out, loan.today)
    out.status = _status(loan, out)
    _write_next(work, out)
    _write_bucket_and_next_event(work, buckets[terms.bucket_set], out)
    out.next_event_on = min(out.next_event_on, next_entry_on)


@inlined
def _status(loan: Record, out: Record) -> int:
    """Closed is a loan on which nothing is owed; a written-off one is until all of it has been recovered."""
    if loan.disbursed == 0:
        return PENDING
    if loan.sold == 1:
        return GONE
    owed = out.principal + loan.put_off + out.accrued_interest + out.accrued_penalty + _still_claimed(out)
    owed += out.due_interest + out.due_fee + out.due_penalty
    if owed == 0:
        return CLOSED
    if loan.status == WRITTEN:
        return WRITTEN
    return DOUBTFUL if loan.charged_off == 1 else ACTIVE


@inlined
def _write_lines(work: Work, out: Record) -> None:
    """The three lines; one that a pause holds has no slope."""
    loan = work.loan
    for line in (work.interest, work.penalty, work.cap):
        realise(line)
        write_slope(line)
    line = work.interest
    out.interest_whole = line.whole
    out.interest_remainder = line.remainder
    runs = loan.today >= interest_free_to(loan)
    out.interest_slope = line.slope if runs else 0
    out.interest_slope_remainder = line.slope_remainder if runs else 0
    out.interest_denominator = line.denominator
    out.interest_charged = line.charged
    line = work.penalty
    out.penalty_whole = line.whole
    out.penalty_remainder = line.remainder
    runs = loan.today >= loan.moratorium_to
    out.penalty_slope = line.slope if runs else 0
    out.penalty_slope_remainder = line.slope_remainder if runs else 0
    out.penalty_denominator = line.denominator
    out.penalty_charged = line.charged
    line = work.cap
    out.cap_whole = line.whole
    out.cap_remainder = line.remainder
    out.cap_slope = line.slope
    out.cap_slope_remainder = line.slope_remainder
    out.cap_denominator = line.denominator if work.terms.cost_cap > 0 else 0
    out.cap_charged = 0


@inlined
def _write_totals(work: Work, out: Record) -> None:
    loan = work.loan
    out.disbursed = loan.disbursed
    out.charged_interest = loan.charged[INTEREST]
    out.charged_fee = loan.charged[FEE]
    out.charged_penalty = loan.charged[PENALTY]
    out.paid_principal = loan.paid[PRINCIPAL]
    out.paid_interest = loan.paid[INTEREST]
    out.paid_fee = loan.paid[FEE]
    out.paid_penalty = loan.paid[PENALTY]
    out.waived_principal = loan.waived[PRINCIPAL]
    out.waived_interest = loan.waived[INTEREST]
    out.waived_fee = loan.waived[FEE]
    out.waived_penalty = loan.waived[PENALTY]
    out.written_off_principal = loan.written_off[PRINCIPAL]
    out.written_off_interest = loan.written_off[INTEREST]
    out.written_off_fee = loan.written_off[FEE]
    out.written_off_penalty = loan.written_off[PENALTY]
    out.received = loan.received
    out.recovered = loan.recovered
    out.refunded = loan.refunded
    out.charged_back = loan.charged_back
    out.forgone = loan.forgone
    out.deferred_interest = loan.deferred[INTEREST]
    out.deferred_fee = loan.deferred[FEE]
    out.deferred_penalty = loan.deferred[PENALTY]
    out.credited = loan.credited
    out.proceeds = loan.proceeds
    out.capitalised_interest = loan.capitalised[INTEREST]
    out.capitalised_fee = loan.capitalised[FEE]
    out.capitalised_penalty = loan.capitalised[PENALTY]
    out.ahead_interest = 0
    out.ahead_charges = 0


@inlined
def _write_due(work: Work, out: Record) -> None:
    """Fallen due and unpaid, and of that what was due before today."""
    loan = work.loan
    out.due_principal = loan.due[PRINCIPAL]
    out.due_interest = loan.due[INTEREST]
    out.due_fee = loan.due[FEE]
    out.due_penalty = loan.due[PENALTY]
    out.overdue_principal = loan.due[PRINCIPAL]
    out.overdue_interest = loan.due[INTEREST]
    out.overdue_fee = loan.due[FEE]
    out.overdue_penalty = loan.due[PENALTY]
    place = loan.rows - 1
    while place >= loan.first_open and work.rows[place].due_on == loan.today:
        row = work.rows[place]
        out.overdue_principal -= row.unpaid[PRINCIPAL]
        out.overdue_interest -= row.unpaid[INTEREST]
        out.overdue_fee -= row.unpaid[FEE]
        out.overdue_penalty -= row.unpaid[PENALTY]
        place -= 1
    oldest = oldest_late(work)
    out.oldest_due_on = NEVER
    out.paused_days = 0
    out.ageing_paused = 0
    if oldest >= 0 and work.rows[oldest].due_on < loan.today:
        out.oldest_due_on = work.rows[oldest].due_on
        out.paused_days = paused_days(work, oldest)
        out.days_past_due = loan.today - out.oldest_due_on - out.paused_days
        out.ageing_paused = 1 if ageing_stands(loan, loan.today) else 0


@inlined
def _write_next(work: Work, out: Record) -> None:
    loan = work.loan
    out.next_due_on = NEVER
    out.next_due_amount = 0
    if (out.status == ACTIVE or out.status == DOUBTFUL) and loan.next_plan < loan.plan_end:
        out.next_due_on = work.plan[loan.next_plan].due_on
        out.next_due_amount = max(0, next_instalment(work) - loan.credit)


@inlined
def _write_bucket_and_next_event(work: Work, bounds: np.ndarray, out: Record) -> None:
    """The bucket (M1, M2, ...) and the first day on which anything but the lines and the count of days changes."""
    loan = work.loan
    today = loan.today
    first = next_event_by_itself(work)
    if out.status == PENDING or out.status == CLOSED or loan.status == WRITTEN:
        first = NEVER  # planned dates and rate steps change nothing where nothing is owed, or nothing accrues
    out.bucket = 0
    if out.oldest_due_on < NEVER:
        while out.bucket < bounds.shape[0] and bounds[out.bucket] <= out.days_past_due:
            out.bucket += 1
        if out.bucket < bounds.shape[0] and out.ageing_paused == 0:
            first = min(first, out.oldest_due_on + out.paused_days + bounds[out.bucket])
    if loan.rows > loan.first_open:
        due = out.due_principal + out.due_interest + out.due_fee + out.due_penalty
        overdue = out.overdue_principal + out.overdue_interest + out.overdue_fee + out.overdue_penalty
        if due != overdue:
            first = min(first, today + 1)
        if loan.paused_to > today:
            first = min(first, next_pause_end(loan))
    out.next_event_on = first


@inlined
def _carried(
    whole: int,
    remainder: int,
    slope: int,
    slope_remainder: int,
    denominator: int,
    charged: int,
    units: int,
    mode: int,
) -> int:
    """A stored line, `units` of its index later, in money not yet charged."""
    if units > 0:
        more, part = mul_divmod(slope_remainder, units, denominator)
        whole += slope * units + more
        remainder += part
        if remainder >= denominator:
            whole += 1
            remainder -= denominator
    return round_fraction(whole, remainder, denominator, mode) - charged


@compiled
def read_off(position: Record, day: int) -> None:
    """Bring the last five fields of a stored position to `day`: as_of <= day < next_event_on, or day = as_of."""
    start = position.period_start
    units = weight(position.day_count, start, position.as_of, day)
    interest_units = weight(position.interest_index, start, position.as_of, day)
    interest = _carried(
        position.interest_whole,
        position.interest_remainder,
        position.interest_slope,
        position.interest_slope_remainder,
        position.interest_denominator,
        position.interest_charged,
        interest_units,
        position.interest_rounding,
    )
    penalty = _carried(
        position.penalty_whole,
        position.penalty_remainder,
        position.penalty_slope,
        position.penalty_slope_remainder,
        position.penalty_denominator,
        position.penalty_charged,
        units,
        position.interest_rounding,
    )
    chargeable = interest
    if position.cap_denominator > 0:
        allowed = _carried(
            position.cap_whole,
            position.cap_remainder,
            position.cap_slope,
            position.cap_slope_remainder,
            position.cap_denominator,
            position.charged_interest + position.charged_fee + position.charged_penalty,
            units,
            FLOOR,
        )
        allowed = max(0, allowed)
        penalty = min(penalty, allowed)
        chargeable = min(interest, allowed - penalty)
    position.accrued_interest = interest
    position.accrued_penalty = penalty
    due = position.due_principal + position.due_interest + position.due_fee + position.due_penalty
    deferred = position.deferred_interest + position.deferred_fee + position.deferred_penalty
    chargeable = max(chargeable, position.ahead_interest) + position.ahead_charges
    position.payoff = max(
        0, due + penalty + position.undue + deferred + chargeable + _still_claimed(position) - position.credit
    )
    if position.ageing_paused == 1:
        position.paused_days = day - position.oldest_due_on - position.days_past_due
    elif position.oldest_due_on < NEVER:
        position.days_past_due = day - position.oldest_due_on - position.paused_days
    else:
        position.days_past_due = 0


@inlined
def _still_claimed(position: Record) -> int:
    """Written off and not yet recovered: the borrower still owes it, unless it has been sold."""
    if position.status == GONE:
        return 0
    written_off = position.written_off_principal + position.written_off_interest
    written_off += position.written_off_fee + position.written_off_penalty
    return written_off - position.recovered
