"""The planned rows: what each will ask for, how a draw is spread over them, and how one falls due.

docs/algorithms/fold.md, section 5.
"""

from forbear.engine.accrual import (
    add_flat_interest,
    add_period_interest,
    begin_period,
    flat_interest,
    take_interest,
)
from forbear.engine.annuity import level_instalment
from forbear.engine.linear import projected, restart
from forbear.engine.rows import add_row, claim
from forbear.engine.vocabulary import (
    CUSTOM,
    DAILY_BALANCE,
    DROPPED,
    EQUAL_INSTALMENT,
    EQUAL_PRINCIPAL,
    FLAT,
    INTEREST,
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
    units = due_on - loan.today
    if terms.interest_method == DAILY_BALANCE:
        units = weight(terms.day_count, loan.count_from, loan.today, due_on)
    interest = projected(work.interest, units, terms.interest_rounding)
    return interest + principal_of_row(work, loan.next_plan, interest)


@compiled
def amortise(work: Work, day: int, first: bool) -> None:
    """Spread the principal not yet due over the planned rows not yet due."""
    loan, terms = work.loan, work.terms
    rows = loan.plan_end - loan.next_plan
    if terms.amortisation == EQUAL_INSTALMENT:
        if first and terms.instalment > 0:
            loan.level = terms.instalment
        else:
            loan.level = level_instalment(
                terms,
                work.rates,
                work.plan,
                loan.next_plan,
                loan.plan_end,
                loan.undue,
                day,
                loan.count_from,
                loan.rate,
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
        return
    loan.undue += amount
    if first:
        begin_period(work, day, work.plan[loan.next_plan].due_on)
    elif terms.interest_method == PERIOD_RATE and loan.period_start < day:
        add_period_interest(work, amount)
    if terms.interest_method == FLAT:
        _add_flat_draw(work, amount)
    amortise(work, day, first)


@compiled
def _add_flat_draw(work: Work, amount: int) -> None:
    """Flat interest of a draw, in equal whole parts over the rows to come, the residue on the last."""
    loan, terms = work.loan, work.terms
    rows = loan.plan_end - loan.next_plan
    per_period = work.rates[loan.rate].per_period
    whole, part = mul_divmod(amount, per_period * rows, terms.period_denominator)
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
    loan.next_plan += 1
    if work.terms.interest_residue == DROPPED:
        restart(work.interest)
    loan.count_from = day
    begin_period(work, day, day + loan.period_days if last else work.plan[place + 1].due_on)
    if work.terms.interest_method == FLAT and not last:
        add_flat_interest(work, flat_interest(work, place + 1))
    if interest + principal > 0:
        row = add_row(work, day, 1)
        loan.undue -= principal
        claim(work, row, INTEREST, interest)
        claim(work, row, PRINCIPAL, principal)
