"""The planned rows: what each will ask for, how a draw is spread over them, and how one falls due.

docs/algorithms/fold.md, section 5.
"""

from forbear.engine.accrual import (
    add_fee,
    add_flat_interest,
    add_period_interest,
    begin_period,
    charge_fee,
    flat_interest,
    part_of,
    take_interest,
)
from forbear.engine.annuity import level_instalment
from forbear.engine.linear import projected, restart
from forbear.engine.pauses import interest_free_to
from forbear.engine.rows import add_row, claim
from forbear.engine.vocabulary import (
    CUSTOM,
    DAILY_BALANCE,
    DROPPED,
    EQUAL_INSTALMENT,
    EQUAL_PRINCIPAL,
    FEE,
    FLAT,
    INTEREST,
    PENALTY,
    PERIOD_RATE,
    PRINCIPAL,
    WRITTEN,
)
from forbear.engine.work import Work
from forbear.kernel.compiled import compiled, inlined
from forbear.kernel.daycounts import weight
from forbear.kernel.rounding import round_fraction, round_to_multiple
from forbear.kernel.wide import mul_divmod


@inlined
def principal_of_row(work: Work, place: int, interest: int) -> int:
    """Principal that the planned row asks for when its interest is `interest`."""
    loan = work.loan
    kind = work.terms.amortisation
    if place + 1 == loan.plan_end:
        return loan.undue
    if place < work.terms.principal_grace:
        return 0
    if loan.next_asked > 0:
        return min(max(loan.next_asked - interest, 0), loan.undue)
    if kind == EQUAL_INSTALMENT:
        return min(max(loan.level - interest, 0), loan.undue)
    if kind == EQUAL_PRINCIPAL:
        return min(loan.level, loan.undue)
    if kind == CUSTOM:
        return min(work.plan[place].principal, loan.undue)
    return 0


@compiled
def next_instalment(work: Work) -> int:
    """What the next planned row will ask for if nothing happens before; there must be one."""
    loan, terms = work.loan, work.terms
    due_on = work.plan[loan.next_plan].due_on
    since = loan.today
    if loan.paused_to > since:
        since = min(due_on, max(since, interest_free_to(loan)))
    units = due_on - since
    if terms.interest_method == DAILY_BALANCE:
        units = weight(terms.day_count, loan.count_from, since, due_on)
    interest = projected(work.interest, units, terms.interest_rounding)
    asked = principal_of_row(work, loan.next_plan, interest)
    if in_interest_grace(work, loan.next_plan):
        interest = 0
    asked += interest
    if due_on >= loan.moratorium_to:
        asked += row_fee(work, asked)
    for component in (INTEREST, FEE, PENALTY):
        asked += deferred_part(work, loan.next_plan, component)
    return asked


@inlined
def in_interest_grace(work: Work, place: int) -> bool:
    """Whether the planned row defers its interest to the rows after it."""
    return place < work.terms.interest_grace and place + 1 < work.loan.plan_end


@inlined
def row_fee(work: Work, asked: int) -> int:
    """The fee wanted on a planned row that asks for so much principal and interest (分期手续费)."""
    terms = work.terms
    if asked == 0 or (terms.row_fee_flat == 0 and terms.row_fee_numerator == 0):
        return 0
    return terms.row_fee_flat + part_of(asked, terms.row_fee_numerator, terms.part_denominator)


@inlined
def deferred_part(work: Work, place: int, component: int) -> int:
    """What the planned row asks of a deferred sum: an equal part, rounded down; the last row asks for all of it."""
    loan = work.loan
    if loan.put_off == 0 or in_interest_grace(work, place):
        return 0
    return loan.deferred[component] // (loan.plan_end - place)


@compiled
def amortise(work: Work, day: int, first: bool) -> None:
    """Spread the principal not yet due over the planned rows not yet due."""
    loan, terms = work.loan, work.terms
    rows = loan.plan_end - loan.next_plan
    grace = max(0, min(terms.principal_grace - loan.next_plan, rows - 1))
    rows -= grace
    if terms.amortisation == EQUAL_INSTALMENT:
        if first and terms.instalment > 0:
            loan.level = terms.instalment
        else:
            first_row, since, count_from = loan.next_plan + grace, day, loan.count_from
            if grace > 0:
                since = work.plan[first_row - 1].due_on
                count_from = since
            loan.level = level_instalment(
                terms,
                work.rates,
                work.plan,
                first_row,
                loan.plan_end,
                loan.undue,
                since,
                count_from,
                loan.rate,
                loan.interest_rate,
                loan.per_period,
            )
    elif terms.amortisation == EQUAL_PRINCIPAL:
        loan.level = round_to_multiple(
            loan.undue // rows, loan.undue % rows, rows, terms.multiple, terms.instalment_rounding
        )


@compiled
def disburse(work: Work, day: int, amount: int) -> None:
    """A draw: spread over the rows to come, or, where none is left, due at once."""
    loan, terms = work.loan, work.terms
    first = loan.disbursed == 0
    loan.disbursed += amount
    if first:
        loan.count_from = day
    if loan.next_plan == loan.plan_end or loan.status == WRITTEN:
        claim(work, add_row(work, day, 0), PRINCIPAL, amount)
        if first:
            begin_period(work, day, day + 1)
        elif terms.interest_method == PERIOD_RATE and loan.period_start < day < loan.period_end:
            add_period_interest(work, amount)
        _add_draw_fee(work, day, amount)
        return
    down = _down_payment(work, day, amount)
    loan.undue += amount - down
    if first:
        begin_period(work, day, work.plan[loan.next_plan].due_on)
    elif terms.interest_method == PERIOD_RATE and loan.period_start < day:
        add_period_interest(work, amount)
    if terms.interest_method == FLAT:
        add_flat_draw(work, amount - down)
    amortise(work, day, first)
    _add_draw_fee(work, day, amount)


@inlined
def _down_payment(work: Work, day: int, amount: int) -> int:
    """The part of a draw that is due at once (首付), as a planned row."""
    terms = work.terms
    if terms.down_numerator == 0:
        return 0
    whole, part = mul_divmod(amount, terms.down_numerator, terms.part_denominator)
    down = round_to_multiple(whole, part, terms.part_denominator, terms.multiple, terms.instalment_rounding)
    down = min(amount, down)
    if down > 0:
        claim(work, add_row(work, day, 1), PRINCIPAL, down)
    return down


@inlined
def _add_draw_fee(work: Work, day: int, amount: int) -> None:
    terms = work.terms
    if terms.draw_fee_flat > 0 or terms.draw_fee_numerator > 0:
        fee = terms.draw_fee_flat + part_of(amount, terms.draw_fee_numerator, terms.part_denominator)
        add_fee(work, day, fee)


@compiled
def add_flat_draw(work: Work, amount: int) -> None:
    """Flat interest of a draw, in equal whole parts over the rows to come, the residue on the last."""
    loan, terms = work.loan, work.terms
    rows = loan.plan_end - loan.next_plan
    whole, part = mul_divmod(amount, loan.per_period * rows, terms.period_denominator)
    total = round_fraction(whole, part, terms.period_denominator, terms.interest_rounding)
    share, residue = divmod(total, rows)
    loan.flat_share += share
    loan.flat_residue += residue
    add_flat_interest(work, share + (residue if rows == 1 else 0))


@inlined
def fall_due(work: Work, day: int) -> None:
    """The next planned row falls due: its period's interest becomes money, its principal is asked for."""
    loan = work.loan
    place = loan.next_plan
    last = place + 1 == loan.plan_end
    if loan.disbursed == 0:
        loan.next_plan += 1
        return
    interest = take_interest(work)
    principal = principal_of_row(work, place, interest)
    row = -1
    if loan.put_off > 0 or place < work.terms.interest_grace:
        row, interest = _take_deferred_parts(work, day, place, interest)
    loan.next_asked = 0
    fee = row_fee(work, interest + principal)
    if fee > 0:
        fee = charge_fee(work, day, fee)
    loan.next_plan += 1
    if work.terms.interest_residue == DROPPED:
        restart(work.interest)
    loan.count_from = day
    begin_period(work, day, day + loan.period_days if last else work.plan[place + 1].due_on)
    if work.terms.interest_method == FLAT and not last:
        add_flat_interest(work, flat_interest(work, place + 1))
    if interest + principal > 0:
        if row < 0:
            row = add_row(work, day, 1)
        loan.undue -= principal
        claim(work, row, INTEREST, interest)
        claim(work, row, PRINCIPAL, principal)
        claim(work, row, FEE, fee)


@compiled
def _take_deferred_parts(work: Work, day: int, place: int, interest: int) -> tuple[int, int]:
    """The row's parts of the deferred sums, and its interest deferred if it is in grace.

    Returns the row if one had to be made, else -1, and the interest that is left to ask.
    """
    loan = work.loan
    row = -1
    for component in (INTEREST, FEE, PENALTY):
        part = deferred_part(work, place, component)
        if part > 0:
            if row < 0:
                row = add_row(work, day, 1)
            claim(work, row, component, part)
            loan.deferred[component] -= part
            loan.put_off -= part
    if in_interest_grace(work, place):
        loan.deferred[INTEREST] += interest
        loan.put_off += interest
        interest = 0
    return row, interest
