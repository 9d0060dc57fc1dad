"""The proven rate equals that of an oracle in 120 decimal digits; the compiled one equals the proven one."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from forbear.engine.cost.many import costs
from forbear.engine.cost.solve import Equation, NoRate, Term, solve
from tests.support.oracle_cost import discounted, discounted_with_parts, halved

PARTS = st.fractions(0, 1, max_denominator=90).filter(lambda part: part < 1)


@st.composite
def loans(draw, *, longest=24, most=400):
    """Money out, then more money in, on days from 0: [(amount, day)]."""
    count = draw(st.integers(1, longest))
    gaps = draw(st.lists(st.integers(1, most), min_size=count, max_size=count))
    paid = draw(st.lists(st.integers(1, 10**9), min_size=count, max_size=count))
    out = draw(st.integers(1, sum(paid)))
    return [(-out, 0), *zip(paid, np.cumsum(gaps).tolist(), strict=True)]


@given(loans())
def test_effective_rates_equal_the_oracle(loan):
    found = solve(Equation(tuple(Term(a, t) for a, t in loan), steps=365))
    timed = [(a, Fraction(t, 365)) for a, t in loan]
    highest = Decimal(10) ** 12
    if sum(a for a, _ in loan) == 0:
        assert found.rate == 0
    elif found.why == NoRate.OUT_OF_RANGE:
        assert discounted(timed, highest) > 0
    else:
        assert found.rate == halved(lambda rate: discounted(timed, rate), Decimal(-1) / 10**9, highest)


@given(loans(longest=12, most=3), st.lists(PARTS, min_size=13, max_size=13), st.sampled_from((12, 24, 52, 1)))
def test_rates_with_odd_days_equal_the_oracle(loan, parts, per_year):
    timed = [(a, t, part if t else Fraction(0)) for (a, t), part in zip(loan, parts, strict=False)]
    found = solve(Equation(tuple(Term(*each) for each in timed), per_year=Fraction(per_year)))
    if sum(a for a, _ in loan) == 0:
        assert found.rate == 0
    elif found.why != NoRate.OUT_OF_RANGE:
        highest = Decimal(10) ** 12
        assert found.rate == halved(
            lambda rate: discounted_with_parts(timed, rate), Decimal(-1) / 10**9, highest, Fraction(per_year)
        )


@settings(max_examples=2 * settings.default.max_examples)
@given(
    st.lists(loans(longest=36, most=40), min_size=1, max_size=8),
    st.sampled_from(((365, 1), (30, 12), (1, 12))),
)
def test_compiled_rates_equal_the_proven_ones(each, convention):
    steps, per_year = convention
    amounts = np.array([a for loan in each for a, _ in loan])
    times = np.array([t for loan in each for _, t in loan])
    bounds = np.concatenate(([0], np.cumsum([len(loan) for loan in each])))
    rates, reasons = costs(amounts, times, bounds, steps, per_year)
    for loan, rate, reason in zip(each, rates, reasons, strict=True):
        exact = solve(Equation(tuple(Term(a, t) for a, t in loan), steps, Fraction(per_year)))
        told = exact.rate is not None and abs(exact.rate) < 2**62
        assert bool(reason) is not told
        assert not told or int(rate) == exact.rate
