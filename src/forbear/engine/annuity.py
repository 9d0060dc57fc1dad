"""The level instalment (等额本息) in integer arithmetic. docs/algorithms/fold.md, section 5."""

from forbear.engine.layout import Record, Records
from forbear.engine.vocabulary import PERIOD_RATE
from forbear.engine.work import Work
from forbear.kernel.compiled import compiled
from forbear.kernel.daycounts import weight
from forbear.kernel.rounding import round_to_multiple
from forbear.kernel.wide import mul_divmod, mul_shift

TEN_THOUSANDTH = 10_000


@compiled
def _scale_bits(rows: int) -> int:
    """Fraction bits of a discount factor such that the sum of `rows` of them stays below 2**61."""
    bits = 60
    while rows > 0:
        rows >>= 1
        bits -= 1
    return bits


@compiled
def _rate_at(rates: Records, step: int, day: int) -> int:
    """The step in force on `day`, searched from `step` on."""
    while step + 1 < rates.shape[0] and rates[step + 1].from_day <= day:
        step += 1
    return step


@compiled
def _rates_of(loan: Record, rates: Records, step: int) -> tuple[int, int]:
    """Interest rate and rate per period of a step; of the one in force, what entries have made of them."""
    if step == loan.rate:
        return loan.interest_rate, loan.per_period
    return rates[step].interest, rates[step].per_period


@compiled
def level_instalment(work: Work, day: int, grace: int) -> int:
    """The level amount that repays the principal not yet due in the planned rows to come, amortised from `day`.

    The first `grace` of these rows ask no principal: the sum begins at the due date of the last of them.

    principal / sum of discount factors, each factor held to 2**-(60 - log2 rows), the quotient first rounded half up to
    a ten-thousandth of a minor unit (so that a tie is seen as one), then to the terms' multiple.
    """
    loan, terms, plan = work.loan, work.terms, work.plan
    first, start, count_from, step = loan.next_plan + grace, day, loan.count_from, loan.rate
    if grace > 0:
        start = plan[first - 1].due_on
        count_from = start
    bits = _scale_bits(loan.plan_end - first)
    one = 1 << bits
    factor = one
    factors = 0
    known_numerator = -1
    discount = one
    for j in range(first, loan.plan_end):
        step = _rate_at(work.rates, step, start)
        numerator, per_period = _rates_of(loan, work.rates, step)
        denominator = terms.denominator
        if terms.interest_method == PERIOD_RATE:
            numerator, denominator = per_period, terms.period_denominator
        else:
            numerator *= weight(terms.day_count, count_from, start, plan[j].due_on)
        if numerator != known_numerator:
            known_numerator = numerator
            discount = mul_divmod(one, denominator, denominator + numerator)[0]
        factor = mul_shift(factor, discount, bits) if numerator != 0 else factor
        factors += factor
        start = plan[j].due_on
        count_from = start
    fine, rest = mul_divmod(loan.undue * TEN_THOUSANDTH, one, factors)
    if rest >= factors - rest:
        fine += 1
    whole, part = divmod(fine, TEN_THOUSANDTH)
    return round_to_multiple(whole, part, TEN_THOUSANDTH, terms.multiple, terms.instalment_rounding)
