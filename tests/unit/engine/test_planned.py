"""Planned rows by a formula, and loans whose rows only the fold can say. docs/algorithms/contracts.md, section 6."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from forbear.engine.planned import draws_of, planned_rows
from forbear.engine.terms import Product
from forbear.engine.vocabulary import DISBURSED, Amortisation, InterestMethod, Residue
from forbear.kernel.daycounts import DayCount
from forbear.kernel.rounding import Rounding
from tests.support.one_loan import DRAW, FIRST_DUE, batch_of_one

DRAWN = {"kind": DISBURSED, "effective_on": DRAW, "amount": 1200}


@pytest.mark.parametrize(
    ("term", "why"),
    [
        ("cost_cap", "cost cap"),
        ("principal_grace", "grace"),
        ("interest_grace", "grace"),
        ("down_numerator", "down payment"),
        ("draw_fee_flat", "fees"),
        ("draw_fee_numerator", "fees"),
        ("row_fee_flat", "fees"),
        ("row_fee_numerator", "fees"),
    ],
)
def test_one_with_such_a_term_is_refused_and_without_it_is_not(term: str, why: str) -> None:
    batch = batch_of_one(DRAWN)
    interest, principal = planned_rows(batch, *draws_of(batch))
    assert (interest.tolist(), principal.tolist()) == ([0, 0, 0], [400, 400, 400])
    batch.terms[term] = 1
    with pytest.raises(ValueError, match=why):
        planned_rows(batch, *draws_of(batch))


def test_a_draw_on_the_first_due_date_is_refused_and_one_on_the_day_before_is_not() -> None:
    batch, amount = batch_of_one(DRAWN), np.array([1200])
    assert planned_rows(batch, amount, np.array([FIRST_DUE - 1]))[1].sum() == 1200
    with pytest.raises(ValueError, match="first due date"):
        planned_rows(batch, amount, np.array([FIRST_DUE]))


def half_up(amount: Fraction) -> int:
    return (2 * amount.numerator + amount.denominator) // (2 * amount.denominator)


DAILY = Product(
    code="D",
    currency="CNY",
    amortisation=Amortisation.INTEREST_ONLY,
    interest_method=InterestMethod.DAILY_BALANCE,
    day_count=DayCount.ACT_365F,
    interest_rounding=Rounding.HALF_UP,
)


class TestFormulas:
    """Forty months, at 50 a day (18250000 at 1 per mille a year) and at rates that leave a rest each time."""

    @pytest.mark.filterwarnings("ignore:overflow encountered")  # uncompiled, products that may wrap warn
    @pytest.mark.parametrize("amount", [18_250_000, 99_999_999, 123_457, (1 << 44) - 1, 1 << 44, 10**15])
    @pytest.mark.parametrize("rate", [10**7, 123_456_789, 1_999_999_999])
    @pytest.mark.parametrize("residue", Residue)
    def test_interest_only_rounds_each_period_or_the_sum_so_far(self, amount, rate, residue) -> None:
        product = replace(DAILY, interest_residue=residue)
        batch = batch_of_one({**DRAWN, "amount": amount}, product=product, rate=rate, count=40)
        interest, principal = planned_rows(batch, *draws_of(batch))
        days = np.diff(batch.plan["due_on"], prepend=DRAW)
        each = [Fraction(amount * rate * int(on), 365 * 10**10) for on in days]
        if residue == Residue.CARRIED:
            sums = [half_up(sum(each[: place + 1], Fraction(0))) for place in range(len(each))]
            wanted = [now - before for now, before in zip(sums, [0, *sums], strict=False)]
        else:
            wanted = [half_up(part) for part in each]
        assert interest.tolist() == wanted
        assert principal.tolist() == [0] * 39 + [amount]

    @pytest.mark.parametrize("rate", [0, 7, 10**8, 3_599_999_999])
    def test_flat_interest_is_of_the_amount_drawn_in_equal_parts_with_the_rest_on_the_last(
        self, rate
    ) -> None:
        product = replace(
            DAILY,
            amortisation=Amortisation.EQUAL_PRINCIPAL,
            interest_method=InterestMethod.FLAT,
            day_count=DayCount.THIRTY_E_360,
        )
        batch = batch_of_one({**DRAWN, "amount": 100_003}, product=product, rate=rate, count=7)
        interest, principal = planned_rows(batch, *draws_of(batch))
        whole = half_up(Fraction(100_003 * rate * 7, 12 * 10**10))
        assert interest.tolist() == [whole // 7] * 6 + [whole - 6 * (whole // 7)]
        assert principal.tolist() == [14_286] * 6 + [100_003 - 6 * 14_286]

    def test_equal_parts_are_to_the_multiple_and_the_last_takes_what_is_left(self) -> None:
        product = replace(DAILY, amortisation=Amortisation.EQUAL_PRINCIPAL, multiple=100)
        batch = batch_of_one({**DRAWN, "amount": 100_000}, product=product, count=7)
        assert planned_rows(batch, *draws_of(batch))[1].tolist() == [14_300] * 6 + [14_200]


@pytest.mark.parametrize("draws", [0, 2])
def test_there_is_one_draw(draws: int) -> None:
    with pytest.raises(ValueError, match="exactly one draw"):
        draws_of(batch_of_one(*[DRAWN] * draws))
