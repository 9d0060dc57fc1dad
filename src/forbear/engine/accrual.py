"""Accrual by balance-days (积数): what the three lines run on, and when they become money; and fees, which share the cap.

docs/algorithms/fold.md, section 4.
"""

from forbear.engine.layout import Record
from forbear.engine.linear import add, advance, headroom, outstanding, rest, set_slope, uncharged
from forbear.engine.pauses import ageing_stands
from forbear.engine.rows import add_row, arrears, claim, paused_days, row_for_accrual
from forbear.engine.vocabulary import (
    CONTINUES,
    DAILY_BALANCE,
    FEE,
    FLAT,
    INTEREST,
    NEVER,
    NO_PENALTY,
    ON_PRINCIPAL,
    ON_PRINCIPAL_AND_INTEREST,
    PENALTY,
    PERIOD_RATE,
    PRINCIPAL,
    REPLACED,
    WRITTEN,
)
from forbear.engine.work import Work
from forbear.kernel.compiled import compiled, inlined
from forbear.kernel.daycounts import weight
from forbear.kernel.rounding import CEILING
from forbear.kernel.wide import mul_divmod


@inlined
def accrue(work: Work, day: int) -> None:
    """Let the days up to the start of `day` pass."""
    loan, terms = work.loan, work.terms
    if day <= loan.today:
        return
    if loan.paused_to > loan.today:
        _accrue_in_pause(work, day)
        return
    units = weight(terms.day_count, loan.count_from, loan.today, day)
    advance(work.interest, units if terms.interest_method == DAILY_BALANCE else day - loan.today)
    advance(work.penalty, units)
    advance(work.cap, units)
    if loan.graces > 0:
        _accrue_graces(work, units)
    loan.today = day


@compiled
def _accrue_in_pause(work: Work, day: int) -> None:
    """The same while a pause runs; it does so on all the days or on none, since its end is an event."""
    loan, terms = work.loan, work.terms
    days = day - loan.today
    units = weight(terms.day_count, loan.count_from, loan.today, day)
    if loan.today >= loan.interest_paused_to and loan.today >= loan.moratorium_to:
        advance(work.interest, units if terms.interest_method == DAILY_BALANCE else days)
    if loan.today >= loan.moratorium_to:
        advance(work.penalty, units)
        if loan.graces > 0:
            _accrue_graces(work, units)
    advance(work.cap, units)
    if ageing_stands(loan, loan.today):
        loan.paused_days += days
    loan.today = day


@compiled
def _accrue_graces(work: Work, units: int) -> None:
    """Rows in a retroactive grace keep the penalty it would cost for themselves until it is missed."""
    denominator = work.penalty.denominator
    rate = penalty_rate(work)
    for place in range(work.loan.first_open, work.loan.rows):
        row = work.rows[place]
        if row.grace == 1:
            slope, slope_remainder = mul_divmod(_penalty_base(work, row), rate, denominator)
            whole, remainder = mul_divmod(slope_remainder, units, denominator)
            row.grace_whole += slope * units + whole
            row.grace_remainder += remainder
            if row.grace_remainder >= denominator:
                row.grace_whole += 1
                row.grace_remainder -= denominator


@compiled
def penalty_rate(work: Work) -> int:
    """The penalty rate in force: what the cost cap leaves of it beside the contract rate."""
    loan = work.loan
    if work.terms.cost_cap == 0:
        return loan.penalty_rate
    room = work.terms.cost_cap
    if work.terms.overdue_interest == CONTINUES:
        room -= loan.interest_rate
    return max(0, min(loan.penalty_rate, room))


@compiled
def _penalty_base(work: Work, row: Record) -> int:
    base = row.unpaid[PRINCIPAL]
    if work.terms.penalty_base == ON_PRINCIPAL_AND_INTEREST and row.planned == 1:
        base += row.unpaid[INTEREST]
    return base


@inlined
def _late_balances(work: Work, day: int) -> tuple[int, int]:
    """Principal of the late rows, and what penalty runs on; a row that is late no longer leaves its grace."""
    loan, terms = work.loan, work.terms
    plain = terms.penalty_grace == 0 and terms.penalty_base == ON_PRINCIPAL
    if terms.tolerance == 0 and (plain or terms.penalty_base == NO_PENALTY):
        return loan.due[PRINCIPAL], loan.due[PRINCIPAL]
    late = 0
    penalised = 0
    for place in range(loan.first_open, loan.rows):
        row = work.rows[place]
        if arrears(row) > terms.tolerance:
            late += row.unpaid[PRINCIPAL]
            if row.grace == 0 and (terms.penalty_retroactive == 1 or row.due_on + terms.penalty_grace <= day):
                penalised += _penalty_base(work, row)
        elif row.grace == 1:
            row.grace = 0
            loan.graces -= 1
    return late, penalised


@inlined
def rebase(work: Work, day: int) -> None:
    """Set the slopes to the balances of now. Called after everything that changes a balance."""
    loan, terms = work.loan, work.terms
    late, penalised = _late_balances(work, day)
    base = outstanding(loan) - loan.credit
    if terms.overdue_interest == REPLACED:
        base -= late
    if loan.status == WRITTEN:
        base = 0
        penalised = 0
    if terms.interest_method == DAILY_BALANCE:
        set_slope(work.interest, base, loan.interest_rate)
    elif terms.interest_method == PERIOD_RATE and loan.status != WRITTEN:
        _rebase_period(work, day, max(0, base))
    if penalised > 0 and terms.penalty_base != NO_PENALTY:
        set_slope(work.penalty, penalised, penalty_rate(work))
    else:
        rest(work.penalty)
    if terms.cost_cap > 0:
        owed = outstanding(loan) + loan.due[INTEREST] + loan.due[FEE] + loan.due[PENALTY] + loan.put_off
        owed -= loan.credit
        set_slope(work.cap, 0 if loan.status == WRITTEN else owed, terms.cost_cap)


@inlined
def _rebase_period(work: Work, day: int, base: int) -> None:
    """Method PERIOD_RATE: the base counts from the first day of a period; after the last planned row periods roll on."""
    loan, line = work.loan, work.interest
    if loan.next_plan == loan.plan_end and loan.period_end <= day:
        if outstanding(loan) > 0:
            begin_period(work, day, day + loan.period_days)
        else:
            line.slope = 0
            line.slope_remainder = 0
    if loan.period_start == day:
        line.slope = 0
        line.slope_remainder = 0
        add_period_interest(work, base)


@inlined
def begin_period(work: Work, day: int, end: int) -> None:
    """An interest period [day, end) begins; interest already accrued in it, if any, is kept."""
    loan, terms = work.loan, work.terms
    loan.period_start = day
    loan.period_end = end
    loan.period_days = end - day
    if terms.interest_method == PERIOD_RATE:
        work.interest.denominator = terms.period_denominator * loan.period_days
    elif terms.interest_method == FLAT:
        work.interest.denominator = loan.period_days
        work.interest.slope = 0
        work.interest.slope_remainder = 0


@compiled
def add_period_interest(work: Work, amount: int) -> None:
    """Method PERIOD_RATE: a period's interest on `amount`, spread evenly over the days of the period, joins the slope."""
    terms, line = work.terms, work.interest
    whole, part = mul_divmod(amount, work.loan.per_period, terms.period_denominator)
    days = work.loan.period_days
    line.slope += whole // days
    line.slope_remainder += (whole % days) * terms.period_denominator + part
    if line.slope_remainder >= line.denominator:
        line.slope += 1
        line.slope_remainder -= line.denominator


@compiled
def add_flat_interest(work: Work, amount: int) -> None:
    """Method FLAT: `amount` of interest belongs to the running period, whose elapsed days have earned their part."""
    loan, line = work.loan, work.interest
    days = loan.period_days
    line.slope += amount // days
    line.slope_remainder += amount % days
    if line.slope_remainder >= days:
        line.slope += 1
        line.slope_remainder -= days
    whole, part = divmod(amount * (loan.today - loan.period_start), days)
    add(line, whole, part)


@compiled
def flat_interest(work: Work, place: int) -> int:
    """Flat interest of a planned row to come."""
    loan = work.loan
    return loan.flat_share + (loan.flat_residue if place + 1 == loan.plan_end else 0)


@inlined
def charge(work: Work, component: int, wanted: int, reserve: int) -> int:
    """How much of `wanted` may be charged under the cost cap; the rest is counted as forgone, and is gone for good."""
    loan = work.loan
    granted = wanted
    if work.terms.cost_cap > 0:
        granted = min(wanted, headroom(loan, work.cap, reserve))
    loan.charged[component] += granted
    loan.forgone += wanted - granted
    return granted


@compiled
def accrued_reserve(work: Work) -> int:
    """Room that fees leave under the cap for what has accrued and is not yet charged, rounded up."""
    return max(0, uncharged(work.interest, CEILING)) + max(0, uncharged(work.penalty, CEILING))


@inlined
def take_interest(work: Work) -> int:
    """Accrued interest becomes money; returns the amount to claim."""
    wanted = uncharged(work.interest, work.terms.interest_rounding)
    work.interest.charged += wanted
    return charge(work, INTEREST, wanted, 0)


@inlined
def has_accruals(work: Work) -> bool:
    """Whether `charge_accruals` may find anything: it is asked at every payment, and mostly there is nothing."""
    if work.loan.next_plan == work.loan.plan_end:
        return True
    return uncharged(work.penalty, work.terms.interest_rounding) > 0


@compiled
def charge_accruals(work: Work, day: int) -> None:
    """Penalty becomes money on the oldest late row; after the last planned row interest does, as a row of its own."""
    wanted = uncharged(work.penalty, work.terms.interest_rounding)
    if wanted > 0:
        work.penalty.charged += wanted
        granted = charge(work, PENALTY, wanted, 0)
        if granted > 0:
            claim(work, row_for_accrual(work, day), PENALTY, granted)
    if work.loan.next_plan == work.loan.plan_end:
        granted = take_interest(work)
        if granted > 0:
            claim(work, add_row(work, day, 0), INTEREST, granted)


@compiled
def end_graces(work: Work, day: int) -> None:
    """A retroactive grace that is missed charges from the due date."""
    for place in range(work.loan.first_open, work.loan.rows):
        row = work.rows[place]
        if row.grace == 1 and row.due_on + work.terms.penalty_grace + 1 <= day:
            row.grace = 0
            work.loan.graces -= 1
            if arrears(row) > work.terms.tolerance:
                add(work.penalty, row.grace_whole, row.grace_remainder)


@compiled
def charge_late_rows(work: Work, day: int) -> None:
    """Late charges (违约金) of the planned rows whose days of grace for them have passed."""
    terms = work.terms
    for place in range(work.loan.first_open, work.loan.rows):
        row = work.rows[place]
        if row.planned == 1 and row.late_charged == 0 and row.due_on + terms.late_grace + 1 <= day:
            row.late_charged = 1
            owed = arrears(row)
            if owed > terms.tolerance:
                wanted = max(terms.late_flat, part_of(owed, terms.late_numerator, terms.late_denominator))
                if terms.late_most > 0:
                    wanted = min(wanted, terms.late_most)
                claim(work, place, FEE, charge_fee(work, day, wanted))


@compiled
def charge_fee(work: Work, day: int, wanted: int) -> int:
    """How much of a fee may be charged today: nothing in a moratorium, and no more than the cap leaves."""
    if day < work.loan.moratorium_to:
        work.loan.forgone += wanted
        return 0
    return charge(work, FEE, wanted, accrued_reserve(work))


@compiled
def part_of(amount: int, numerator: int, denominator: int) -> int:
    """A part of an amount, half up."""
    whole, rest = mul_divmod(amount, numerator, denominator)
    return whole + (1 if rest >= denominator - rest else 0)


@compiled
def add_fee(work: Work, day: int, wanted: int) -> None:
    """A fee is a row of its own, due at once; it may be less than was asked, or nothing."""
    granted = charge_fee(work, day, wanted)
    if granted > 0:
        claim(work, add_row(work, day, 0), FEE, granted)


@inlined
def next_ageing(work: Work, day: int) -> int:
    """The next day after `day` on which a grace ends, a late charge falls or income stops being recognised."""
    loan, terms = work.loan, work.terms
    first = NEVER
    if loan.status == WRITTEN:
        return first
    grace_ends = terms.penalty_grace + terms.penalty_retroactive
    has_grace = terms.penalty_base != NO_PENALTY and terms.penalty_grace > 0
    has_late_charge = terms.late_flat > 0 or terms.late_numerator > 0
    oldest = True
    for place in range(loan.first_open, loan.rows):
        row = work.rows[place]
        if arrears(row) <= terms.tolerance:
            continue
        if has_grace and row.due_on + grace_ends > day:
            first = min(first, row.due_on + grace_ends)
        if has_late_charge and row.planned == 1 and row.late_charged == 0:
            first = min(first, row.due_on + terms.late_grace + 1)
        if oldest and terms.nonaccrual_after > 0 and loan.nonaccrual == 0 and not ageing_stands(loan, day):
            first = min(first, row.due_on + paused_days(work, place) + terms.nonaccrual_after)
        oldest = False
    return first
