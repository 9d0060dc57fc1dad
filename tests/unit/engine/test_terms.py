"""Terms as people write them, and the engine's integers that become of them."""

import datetime as dt
import itertools
from dataclasses import replace

import numpy as np
import pytest

from forbear.engine.layout import PLAN
from forbear.engine.live.product import LiveProduct
from forbear.engine.plan import Unit
from forbear.engine.terms import (
    LOAN_TERMS,
    VERSION_TERMS,
    Product,
    bucket_table,
    compile_batch,
    shared_terms,
    terms_record,
)
from forbear.engine.vocabulary import (
    NEVER,
    Amortisation,
    ChargeOff,
    Component,
    InterestMethod,
    OverdueInterest,
    PenaltyBase,
    Prepayment,
    Repricing,
    Residue,
)
from forbear.kernel.daycounts import DayCount
from forbear.kernel.days import MonthEnd, to_day
from forbear.kernel.rounding import Rounding
from tests.support.one_loan import journal_of

ONE = 10**10
PRODUCT = Product(code="P", currency="CNY", amortisation=Amortisation.EQUAL_INSTALMENT)


def day(text: str) -> int:
    return to_day(dt.date.fromisoformat(text))


def loans_of(*loans: dict[str, int], dtype: np.dtype = LOAN_TERMS) -> np.ndarray:
    rows = np.zeros(len(loans), dtype)
    for row, loan in zip(rows, loans, strict=True):
        for name, value in loan.items():
            row[name] = value
    return rows


def compiled(*loans: dict[str, int], products=(PRODUCT,), versions=(), version_bounds=None, **more):
    common = {"first_due_on": day("2026-01-31"), "count": 3}
    rows = loans_of(*({"loan": 1 + place, **common, **loan} for place, loan in enumerate(loans)))
    later = loans_of(*versions, dtype=VERSION_TERMS)
    bounds = np.array(version_bounds or [0, len(later)])
    return compile_batch(
        list(products), rows, journal_of(), np.zeros(len(loans) + 1), versions=(later, bounds), **more
    )


EVERYTHING = Product(
    code="E",
    currency="CNY",
    amortisation=Amortisation.EQUAL_PRINCIPAL,
    interest_method=InterestMethod.PERIOD_RATE,
    day_count=DayCount.ACT_360,
    unit=Unit.WEEK,
    every=2,
    month_end=MonthEnd.ROLL,
    multiple=100,
    instalment_rounding=Rounding.CEILING,
    interest_rounding=Rounding.FLOOR,
    interest_residue=Residue.DROPPED,
    overdue_interest=OverdueInterest.CONTINUES,
    penalty_base=PenaltyBase.PRINCIPAL_AND_INTEREST,
    penalty_grace=3,
    penalty_retroactive=True,
    tolerance=11,
    late_flat=12,
    late_rate=13,
    late_most=25,
    late_grace=14,
    order=(Component.INTEREST, Component.FEE, Component.PENALTY, Component.PRINCIPAL),
    vertical=True,
    order_after=(Component.FEE, Component.PRINCIPAL, Component.INTEREST, Component.PENALTY),
    order_after_days=15,
    prepayment=Prepayment.LOWER,
    cost_cap=16,
    nonaccrual_after=17,
    repricing=Repricing.KEEP,
    charge_off=ChargeOff.ACCELERATE,
    principal_grace=18,
    interest_grace=19,
    down_payment=20,
    draw_fee_flat=21,
    draw_fee_rate=22,
    row_fee_flat=23,
    row_fee_rate=24,
)


def test_a_late_charge_between_two_amounts_that_cross_is_refused() -> None:
    limits = [(0, 0), (12, 0), (12, 12), (12, 11), (0, 11)]
    found = [replace(EVERYTHING, late_flat=flat, late_most=most).problems() for flat, most in limits]
    assert [len(problems) for problems in found] == [0, 0, 0, 1, 0]
    assert "late_most is below late_flat" in found[3][0]


class TestRecord:
    def test_every_term_has_its_place(self) -> None:
        [record] = terms_record(EVERYTHING, 25)
        assert {name: int(record[name]) for name in record.dtype.names} == {
            "loan": 0,
            "amortisation": 1,
            "interest_method": 1,
            "day_count": DayCount.ACT_360,
            "denominator": 360 * ONE,
            "period_denominator": 52 * ONE,
            "instalment": 0,
            "multiple": 100,
            "instalment_rounding": Rounding.CEILING,
            "interest_rounding": Rounding.FLOOR,
            "interest_residue": 0,
            "overdue_interest": 0,
            "penalty_base": 2,
            "penalty_grace": 3,
            "penalty_retroactive": 1,
            "tolerance": 11,
            "late_flat": 12,
            "late_most": 25,
            "late_numerator": 13,
            "late_denominator": ONE,
            "late_grace": 14,
            "order": 1 + 2 * 4 + 3 * 16 + 0 * 64,  # the first component is the lowest digit
            "vertical": 1,
            "order_after": 2 + 0 * 4 + 1 * 16 + 3 * 64,
            "order_after_days": 15,
            "prepayment": 2,
            "cost_cap": 16,
            "nonaccrual_after": 17,
            "bucket_set": 25,
            "period_numerator": 2,
            "unit": 1,
            "every": 2,
            "month_end": MonthEnd.ROLL,
            "due_day": 0,
            "repricing": 1,
            "charge_off": 2,
            "principal_grace": 18,
            "interest_grace": 19,
            "part_denominator": ONE,
            "down_numerator": 20,
            "draw_fee_flat": 21,
            "draw_fee_numerator": 22,
            "row_fee_flat": 23,
            "row_fee_numerator": 24,
            "rate_factor": 1,
        }

    def test_a_carried_residue_is_told(self) -> None:
        assert terms_record(replace(PRODUCT, interest_residue=Residue.CARRIED), 0)["interest_residue"] == 1

    def test_a_rate_per_day_is_365_times_itself_over_365_days(self) -> None:
        [record] = terms_record(replace(PRODUCT, day_count=DayCount.DAILY), 0)
        assert (record["day_count"], record["denominator"]) == (DayCount.ACT_365F, 365 * ONE)
        assert record["rate_factor"] == 365

    @pytest.mark.parametrize(("unit", "per_year"), [(Unit.DAY, 365), (Unit.WEEK, 52), (Unit.MONTH, 12)])
    def test_a_period_is_a_part_of_the_year(self, unit, per_year) -> None:
        assert terms_record(replace(PRODUCT, unit=unit), 0)["period_denominator"] == per_year * ONE

    def test_bucket_sets_are_rows_that_end_with_a_day_that_never_comes(self) -> None:
        products = [replace(PRODUCT, buckets=buckets) for buckets in ((1, 31, 61), (), (5,))]
        assert bucket_table(products).tolist() == [
            [1, 31, 61, NEVER],
            [NEVER] * 4,
            [5, NEVER, NEVER, NEVER],
        ]
        assert bucket_table([]).shape == (0, 1)


class TestSharedTerms:
    def test_a_planned_product_is_its_own(self) -> None:
        assert shared_terms(EVERYTHING) is EVERYTHING

    def test_of_a_live_one_the_ageing_is_shared(self) -> None:
        live = LiveProduct(code="L", currency="USD", tolerance=7, nonaccrual_after=60, buckets=(1, 8))
        found = shared_terms(live)
        assert (found.code, found.currency, found.tolerance, found.nonaccrual_after, found.buckets) == (
            *("L", "USD", 7, 60, (1, 8)),
        )
        assert found == Product(
            code="L",
            currency="USD",
            amortisation=Amortisation.EQUAL_INSTALMENT,
            tolerance=7,
            nonaccrual_after=60,
            buckets=(1, 8),
        )


def steps(batch) -> list[list[tuple[int, ...]]]:
    """The rate steps of each loan: (from_day, interest, penalty, per_period)."""
    return [
        [tuple(map(int, step)) for step in batch.rates[start:end]]
        for start, end in itertools.pairwise(batch.rate_bounds.tolist())
    ]


class TestRates:
    def test_a_step_from_the_first_day_on(self) -> None:
        batch = compiled({"rate": 500, "penalty_rate": 800}, products=[replace(PRODUCT, every=3)])
        assert steps(batch) == [[(0, 500, 800, 1500)]]

    def test_free_of_interest_at_first_and_never_of_penalty(self) -> None:
        batch = compiled(
            {"rate": 1, "penalty_rate": 2},
            {"rate": 500, "penalty_rate": 800, "interest_free_until": 40},
            {"rate": 3, "penalty_rate": 4},
        )
        assert steps(batch) == [[(0, 1, 2, 1)], [(0, 0, 800, 0), (40, 500, 800, 500)], [(0, 3, 4, 3)]]

    def test_a_cap_holds_interest_and_not_penalty(self) -> None:
        capped = replace(PRODUCT, cost_cap=450)
        batch = compiled({"rate": 449, "penalty_rate": 800}, {"rate": 500}, products=[capped])
        assert steps(batch) == [[(0, 449, 800, 449)], [(0, 450, 0, 450)]]

    def test_a_rate_per_day_is_held_as_a_yearly_one_by_loan_and_penalty(self) -> None:
        daily = replace(PRODUCT, day_count=DayCount.DAILY)
        batch = compiled({"rate": 2, "penalty_rate": 3, "product": 1}, {"rate": 5}, products=[PRODUCT, daily])
        assert steps(batch) == [[(0, 730, 1095, 730)], [(0, 5, 0, 5)]]


class TestLoans:
    def test_what_a_loan_adds_stands_in_its_record(self) -> None:
        batch = compiled(
            {"loan": 41, "instalment": 9, "due_day": 30, "product": 1},
            {"loan": 42},
            products=[PRODUCT, EVERYTHING],
        )
        assert batch.terms[["loan", "instalment", "due_day", "multiple", "bucket_set"]].tolist() == [
            (41, 9, 30, 100, 1),
            (42, 0, 31, 1, 0),  # 31 January
        ]

    @pytest.mark.parametrize("first", ["2026-01-01", "2024-02-29", "1969-12-31", "2026-12-31"])
    def test_the_day_wanted_is_that_of_the_first_due_date(self, first: str) -> None:
        assert compiled({"first_due_on": day(first)}).terms["due_day"] == int(first[-2:])

    def test_due_dates_follow_the_unit_of_the_product(self) -> None:
        weekly = replace(PRODUCT, unit=Unit.WEEK, every=2)
        rolled = replace(PRODUCT, month_end=MonthEnd.ROLL)
        batch = compiled({}, {"product": 1}, {"product": 2, "count": 2}, products=[PRODUCT, weekly, rolled])
        assert batch.plan_bounds.tolist() == [0, 3, 6, 8]
        assert batch.plan["due_on"].tolist() == [
            *map(day, ("2026-01-31", "2026-02-28", "2026-03-31")),
            *(day("2026-01-31") + days for days in (0, 14, 28)),
            *map(day, ("2026-01-31", "2026-03-01")),
        ]

    def test_a_custom_loan_brings_its_own_instalments(self) -> None:
        custom = replace(PRODUCT, amortisation=Amortisation.CUSTOM)
        own = np.array([(day("2026-05-05"), 7), (day("2026-08-08"), 9)], PLAN)
        batch = compiled(
            {"count": 1},
            {"product": 1, "count": 2},
            {"count": 1},
            products=[PRODUCT, custom],
            instalments=own,
        )
        first = (day("2026-01-31"), 0)
        assert batch.plan.tolist() == [first, *own.tolist(), first]
        with pytest.raises(ValueError, match="2 instalments are planned by the loans themselves, 0 given"):
            compiled({"product": 1, "count": 2}, products=[PRODUCT, custom])

    def test_live_loans_are_told_apart_and_have_no_plan_here(self) -> None:
        live = LiveProduct(code="L", currency="CNY")
        batch = compiled({}, {"product": 1, "rate": 10**8}, {}, products=[PRODUCT, live])
        assert batch.live is not None
        assert batch.live.places.tolist() == [1]
        assert np.diff(batch.plan_bounds).tolist() == [3, 0, 3]
        assert compiled({}, products=[PRODUCT, live]).live is None


class TestLaterVersions:
    CAPPED = replace(EVERYTHING, cost_cap=450, every=2)
    SECOND = {  # noqa: RUF012
        "loan": 5,
        "number": 2,
        "product": 1,
        "rate": 400,
        "penalty_rate": 700,
        "first_due_on": day("2026-07-15"),
        "count": 6,
        "due_day": 0,
        "instalment": 33,
        "capitalised": 6,
    }

    def test_none(self) -> None:
        assert len(compiled({}).later.opens) == 0

    def test_each_is_a_record_of_terms_and_one_that_tells_how_it_begins(self) -> None:
        third = self.SECOND | {"number": 3, "rate": 900, "due_day": 28, "product": 0}
        batch = compiled(
            {"loan": 4},
            {"loan": 5},
            products=[PRODUCT, self.CAPPED],
            versions=(self.SECOND, third),
            version_bounds=[0, 0, 2],
        )
        names = ["number", "first_due_on", "count", "capitalised", "interest", "penalty", "per_period"]
        first = self.SECOND["first_due_on"]
        assert batch.later.opens[names].tolist() == [
            (2, first, 6, 6, 400, 700, 800),
            (3, first, 6, 6, 900, 700, 900),
        ]
        assert batch.later.terms[["loan", "instalment", "due_day", "multiple"]].tolist() == [
            (5, 33, 15, 100),
            (5, 33, 28, 1),
        ]
        assert batch.later.bounds.tolist() == [0, 0, 2]

    def test_its_rate_is_capped_and_by_the_day_as_its_product_says(self) -> None:
        daily = replace(PRODUCT, day_count=DayCount.DAILY)
        versions = (self.SECOND | {"rate": 451}, self.SECOND | {"product": 2, "rate": 2, "penalty_rate": 3})
        batch = compiled({}, products=[PRODUCT, self.CAPPED, daily], versions=versions)
        assert batch.later.opens[["interest", "penalty", "per_period"]].tolist() == [
            (450, 700, 900),
            (730, 1095, 730),
        ]

    def test_a_live_product_is_none(self) -> None:
        live = LiveProduct(code="L", currency="CNY")
        with pytest.raises(ValueError, match="product L: a live schedule is no later version"):
            compiled({}, products=[PRODUCT, live], versions=(self.SECOND,))
        beside = compiled({}, products=[PRODUCT, live], versions=(self.SECOND | {"product": 0},))
        assert len(beside.later.opens) == 1
