"""The level instalment (等额本息) in integer arithmetic. docs/algorithms/fold.md, section 5."""

from forbear.engine.layout import Record, Records
from forbear.engine.vocabulary import PERIOD_RATE
from forbear.kernel.compiled import compiled, inlined
from forbear.kernel.daycounts import weight
from forbear.kernel.rounding import round_to_multiple
from forbear.kernel.wide import mul_divmod, mul_shift

TEN_THOUSANDTH = 10_000


@compiled
def scale_bits(rows: int) -> int:
    """Fraction bits of a discount factor such that the sum of `rows` of them stays below 2**61."""
    bits = 60
    while rows > 0:
        rows >>= 1
        bits -= 1
    return bits


@inlined
def instalment_of(principal: int, one: int, factors: int, terms: Record) -> int:
    """The level amount of `principal`, given the sum of its discount factors, where `one` is 1; rounded as told below."""
    fine, rest = mul_divmod(principal * TEN_THOUSANDTH, one, factors)
    if rest >= factors - rest:
        fine += 1
    whole, part = divmod(fine, TEN_THOUSANDTH)
    return round_to_multiple(whole, part, TEN_THOUSANDTH, terms.multiple, terms.instalment_rounding)


@compiled
def _rate_at(rates: Records, step: int, day: int) -> int:
    """The step in force on `day`, searched from `step` on."""
    while step + 1 < rates.shape[0] and rates[step + 1].from_day <= day:
        step += 1
    return step


@compiled
def level_instalment(
    terms: Record,
    rates: Records,
    plan: Records,
    first: int,
    end: int,
    principal: int,
    day: int,
    count_from: int,
    step: int,
    interest_rate: int,
    per_period: int,
) -> int:
    """The level amount that repays `principal` in the planned rows first..end-1, amortised from `day`.

    `count_from` is where the day count's running period began, `step` the rate step in force; its rates are the last two
    arguments, since an entry may have changed them.

    principal / sum of discount factors, each factor held to 2**-(60 - log2 rows), the quotient first rounded half up to
    a ten-thousandth of a minor unit (so that a tie is seen as one), then to the terms' multiple.
    """
    start = day
    bits = scale_bits(end - first)
    one = 1 << bits
    factor = one
    factors = 0
    known_numerator = -1
    discount = one
    for j in range(first, end):
        later = _rate_at(rates, step, start)
        if later != step:
            step, interest_rate, per_period = later, rates[later].interest, rates[later].per_period
        numerator, denominator = per_period, terms.period_denominator
        if terms.interest_method != PERIOD_RATE:
            numerator = interest_rate * weight(terms.day_count, count_from, start, plan[j].due_on)
            denominator = terms.denominator
        if numerator != known_numerator:
            known_numerator = numerator
            discount = mul_divmod(one, denominator, denominator + numerator)[0]
        factor = mul_shift(factor, discount, bits) if numerator != 0 else factor
        factors += factor
        start = plan[j].due_on
        count_from = start
    return instalment_of(principal, one, factors, terms)
