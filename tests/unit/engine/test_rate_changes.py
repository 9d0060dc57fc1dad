"""A new rate by an entry (利率调整): what it is held by, what it leaves, and the level that follows. docs/algorithms/changes.md."""

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from forbear.engine.batch import fold
from forbear.engine.terms import Product
from forbear.engine.vocabulary import (
    DISBURSED,
    INTEREST,
    PAID,
    PENALTY,
    RATE_CHANGED,
    WRITTEN_OFF,
    Amortisation,
    InterestMethod,
    PenaltyBase,
    Repricing,
)
from forbear.kernel.daycounts import DayCount
from tests.support.one_loan import DRAW, FIRST_DUE, batch_of_one

PERCENT = 10**8
DAILY = Product(
    code="P",
    currency="CNY",
    amortisation=Amortisation.EQUAL_INSTALMENT,
    penalty_base=PenaltyBase.PRINCIPAL,
)
MONTHLY = replace(DAILY, interest_method=InterestMethod.PERIOD_RATE)
DRAWN = {"kind": DISBURSED, "effective_on": DRAW, "amount": 1_200_000}


def changed(on: int, percent: int, component: int = INTEREST) -> dict[str, int]:
    return {"kind": RATE_CHANGED, "effective_on": on, "component": component, "rate": percent * PERCENT}


def position(*entries: dict[str, int], on: int, product: Product = DAILY, **loan: int) -> np.void:
    usual = {"rate": 12 * PERCENT, "penalty_rate": 18 * PERCENT, "count": 12}
    return fold(batch_of_one(*entries, product=product, **{**usual, **loan}), on)[0]


def a_day(found: np.void, line: str) -> Fraction:
    """What a line accrues in a day, exactly."""
    part = Fraction(int(found[f"{line}_slope_remainder"]), int(found[f"{line}_denominator"]))
    return int(found[f"{line}_slope"]) + part


def level(principal: int, rate: Fraction, count: int) -> int:
    """What repays `principal` in equal periods, to the nearest minor unit."""
    exact = principal / sum(1 / (1 + rate) ** k for k in range(1, count + 1))
    return math.floor(exact + Fraction(1, 2))


class TestTheRate:
    @pytest.mark.parametrize(
        ("cap", "percent", "held"),
        [(0, 24, 24), (20, 24, 20), (24, 24, 24), (30, 24, 24), (0, 0, 0)],
    )
    def test_interest_runs_at_it_from_the_day_on_held_by_the_cap(self, cap, percent, held) -> None:
        product = replace(DAILY, cost_cap=cap * PERCENT)
        found = position(DRAWN, changed(DRAW + 5, percent), on=DRAW + 8, product=product)
        assert a_day(found, "interest") == Fraction(1_200_000 * held, 36_500)
        assert found["accrued_interest"] == round(Fraction(1_200_000 * (5 * 12 + 3 * held), 36_500))

    def test_of_a_loan_by_the_day_it_is_a_rate_per_day(self) -> None:
        entry = changed(DRAW + 5, 0) | {"rate": 3 * 10**6}
        product = replace(DAILY, day_count=DayCount.DAILY)
        found = position(DRAWN, entry, on=DRAW + 8, product=product, rate=10**6)
        assert a_day(found, "interest") == Fraction(1_200_000 * 3, 10_000)

    def test_a_penalty_rate_leaves_the_interest_as_it_was(self) -> None:
        on = FIRST_DUE + 5
        before = position(DRAWN, on=on)
        found = position(DRAWN, changed(FIRST_DUE + 2, 36, PENALTY), on=on)
        assert a_day(found, "interest") == a_day(before, "interest") > 0
        assert a_day(before, "penalty") == Fraction(int(before["overdue_principal"]) * 18, 36_500)
        assert a_day(found, "penalty") == Fraction(int(found["overdue_principal"]) * 36, 36_500)

    def test_an_interest_rate_leaves_the_penalty_as_it_was(self) -> None:
        found = position(DRAWN, changed(FIRST_DUE + 2, 24), on=FIRST_DUE + 5)
        assert a_day(found, "penalty") == Fraction(int(found["overdue_principal"]) * 18, 36_500)

    def test_a_loan_written_off_takes_none(self) -> None:
        gone = {"kind": WRITTEN_OFF, "effective_on": DRAW + 3}
        found = position(DRAWN, gone, changed(DRAW + 5, 24), on=DRAW + 20)
        kept = position(DRAWN, gone, on=DRAW + 20)
        assert found.tobytes() == kept.tobytes()

    def test_before_the_draw_it_is_that_of_the_draw(self) -> None:
        early = changed(DRAW - 5, 24)
        assert position(early, on=DRAW - 1)["next_due_amount"] == 0
        found = position(early, DRAWN, on=DRAW, product=MONTHLY)
        assert found["next_due_amount"] == level(1_200_000, Fraction(2, 100), 12)

    def test_a_period_of_two_months_takes_twice_the_monthly_part(self) -> None:
        product = replace(MONTHLY, every=2, amortisation=Amortisation.INTEREST_ONLY)
        found = position(DRAWN, changed(DRAW, 24), on=DRAW, product=product)
        assert found["next_due_amount"] == 1_200_000 * 4 // 100


class TestTheLevel:
    """1% a month until the first row is paid, 2% from then on."""

    AGREED = 150_000
    LEFT = 1_200_000 - (AGREED - 12_000)

    def asked(self, product: Product = MONTHLY, **loan: int) -> int:
        entries = (
            DRAWN,
            {"kind": PAID, "effective_on": FIRST_DUE, "amount": self.AGREED},
            changed(FIRST_DUE + 1, 24),
        )
        found = position(*entries, on=FIRST_DUE + 1, product=product, instalment=self.AGREED, **loan)
        assert found["principal"] == self.LEFT
        return int(found["next_due_amount"])

    def test_is_computed_anew_though_another_was_agreed(self) -> None:
        wanted = level(self.LEFT, Fraction(2, 100), 11)
        assert self.asked() == wanted != self.AGREED

    def test_stays_where_the_terms_keep_it(self) -> None:
        assert self.asked(replace(MONTHLY, repricing=Repricing.KEEP)) == self.AGREED

    def test_equal_parts_of_principal_stay_and_interest_follows_from_the_next_period(self) -> None:
        product = replace(MONTHLY, amortisation=Amortisation.EQUAL_PRINCIPAL)
        asked = [
            position(DRAWN, changed(DRAW + 1, 24), on=on, product=product)["next_due_amount"]
            for on in (DRAW + 1, FIRST_DUE)
        ]
        assert asked == [100_000 + 12_000, 100_000 + 22_000]

    def test_after_the_last_row_nothing_is_left_to_compute(self) -> None:
        found = position(DRAWN, changed(FIRST_DUE + 1, 24), on=FIRST_DUE + 2, product=MONTHLY, count=1)
        assert (found["next_due_amount"], found["overdue_principal"]) == (0, 1_200_000)
