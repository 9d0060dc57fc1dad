"""The annual cost: published examples, the pages' tables, refusals, and the compiled form."""

import datetime as dt
import re
from fractions import Fraction

import numpy as np
import pytest

from forbear.engine.cost.conventions import (
    Convention,
    DatedFlow,
    UnitPeriod,
    cost,
    months_back,
    reg_z,
    unit_period,
    years_in_days,
    years_in_months,
    years_in_weeks,
)
from forbear.engine.cost.many import REASONS, costs
from forbear.engine.cost.solve import Equation, NoRate, Term, merged, sign_changes, solve
from forbear.kernel.days import add_months, to_day
from tests.support.pages import table

PAGE = "algorithms/cost.md"


def day(text: str) -> int:
    return to_day(dt.date.fromisoformat(text))


def cents(text: str) -> int:
    return int(Fraction(text) * 100)


def scaled(percent: str) -> int:
    return int(Fraction(percent.rstrip("%")) * 10**8)


def payments(text: str) -> list[DatedFlow]:
    """Flows from "2 x 272.00 each 3 months from 1994-04-01; ..."; a half month after a 1st is the 16th."""
    found = []
    for part in text.split(";"):
        count, amount, every, unit, first = re.fullmatch(
            r"(\d+) x ([\d.]+) each (\d+) (\w+) from (\S+)", part.strip()
        ).groups()
        for place in range(int(count)):
            step = place * int(every)
            if unit == "months":
                on = add_months(day(first), step, 0, 0)
            elif unit == "halves":
                on = add_months(day(first), step // 2, 0, 0) + 15 * (step % 2)
            else:
                on = day(first) + 7 * step
            found.append(DatedFlow(on, cents(amount)))
    return found


def decimals(text: str) -> int:
    return len(text.rstrip("%").partition(".")[2])


class TestPublished:
    @pytest.mark.parametrize("row", table(PAGE, "Published examples"), ids=lambda row: row["example"])
    def test_regulation_z(self, row) -> None:
        flows = [DatedFlow(day(row["on"]), -cents(row["advance"])), *payments(row["payments"])]
        rate = cost(flows, Convention.REG_Z).rate
        assert rate == scaled(row["exact"])
        assert round(Fraction(rate, 10**8), 2) == Fraction(row["published"].rstrip("%"))

    @pytest.mark.parametrize("row", table(PAGE, "European examples"))
    def test_european_union(self, row) -> None:
        amount, _, on = row["loan"].partition(" on ")
        flows = [DatedFlow(day(on), -cents(amount)), *payments(row["payments"])]
        rate = cost(flows, Convention[row["convention"]]).rate
        assert rate == scaled(row["exact"])
        places = decimals(row["published"])
        assert round(Fraction(rate, 10**8), places) == Fraction(row["published"].rstrip("%"))

    @pytest.mark.parametrize(
        "row", table(PAGE, "A fee per period, at home"), ids=lambda row: row["convention"]
    )
    def test_a_fee_per_period(self, row) -> None:
        flows = [DatedFlow(day("2026-01-01"), -1_200_000), *payments(row["payments"])]
        assert cost(flows, Convention[row["convention"]]).rate == scaled(row["exact"])


def yearly(*amounts: int) -> list[DatedFlow]:
    return [DatedFlow(365 * year, amount) for year, amount in enumerate(amounts)]


class TestRefusals:
    REFUSED = {  # noqa: RUF012  a table of the page's second section
        "NO_FLOWS": [DatedFlow(0, -10_000), DatedFlow(0, 10_000)],
        "ONE_SIDED": yearly(-10_000),
        "NO_ROOT": yearly(-10_000, 10_000, -10_000),
        "SEVERAL": yearly(-10_000, 23_000, -13_200),
        "OUT_OF_RANGE": [DatedFlow(0, -10_000), DatedFlow(1, 1)],
        "NOT_PROVED": yearly(-10_000, 20_000, -10_000),
    }

    @pytest.mark.parametrize("row", table(PAGE, "2. The root, with proof"), ids=lambda row: row["reason"])
    def test_each_reason_of_the_page(self, row) -> None:
        found = cost(self.REFUSED[row["reason"]], Convention.XIRR)
        assert (found.rate, found.why) == (None, NoRate[row["reason"]])

    def test_the_page_names_every_reason(self) -> None:
        assert {row["reason"] for row in table(PAGE, "2. The root, with proof")} == set(NoRate.__members__)

    def test_several_rates_are_all_named(self) -> None:
        assert cost(yearly(-10_000, 23_000, -13_200), Convention.XIRR).rates == (10**9, 2 * 10**9)

    def test_rates_that_lie_close_together_are_told_apart(self) -> None:
        """(y - 1.10) (y - 1.11) (y - 1.12)."""
        found = cost(yearly(-100_000, 333_000, -369_620, 136_752), Convention.XIRR)
        assert (found.why, found.rates) == (NoRate.SEVERAL, (10**9, 11 * 10**8, 12 * 10**8))

    def test_two_changes_of_sign_and_one_rate(self) -> None:
        """A second draw after the first payment: out 100, in 60, out 10, in 60 a year apart."""
        found = cost(yearly(-100_00, 60_00, -10_00, 60_00), Convention.XIRR)
        assert found.rate is not None
        r = Fraction(found.rate, 10**10)
        half = Fraction(1, 2 * 10**10)
        assert value_of(yearly(-100_00, 60_00, -10_00, 60_00), r - half) >= 0
        assert value_of(yearly(-100_00, 60_00, -10_00, 60_00), r + half) <= 0

    def test_zero_and_negative_rates(self) -> None:
        assert cost(yearly(-10_000, 10_000), Convention.XIRR).rate == 0
        assert cost(yearly(-10_000, 5_000), Convention.XIRR).rate == -5 * 10**9


def value_of(flows: list[DatedFlow], rate: Fraction) -> Fraction:
    return sum((flow.amount / (1 + rate) ** (flow.day // 365) for flow in flows), Fraction(0))


class TestTimes:
    def test_months_are_counted_back_from_the_later_day(self) -> None:
        assert months_back(day("1978-02-10"), day("1978-04-01")) == (1, 19)
        assert months_back(day("2026-01-31"), day("2026-02-28")) == (0, 28)
        assert months_back(day("2026-01-31"), day("2026-03-31")) == (2, 0)
        assert months_back(day("2026-01-15"), day("2026-01-15")) == (0, 0)

    def test_days_go_over_the_year_that_ends_with_them(self) -> None:
        """15 to 31 January 2024 are 16 days of a common year; 15 February to 1 March 2024 are 15 of a leap year."""
        assert years_in_months(day("2024-01-15"), day("2024-01-31")) == Fraction(16, 365)
        assert years_in_months(day("2024-02-15"), day("2024-03-01")) == Fraction(15, 366)
        assert years_in_months(day("2024-01-15"), day("2024-03-01")) == Fraction(1, 12) + Fraction(17, 365)
        assert years_in_weeks(day("2024-01-01"), day("2024-01-17")) == Fraction(2, 52) + Fraction(2, 365)
        assert years_in_days(day("2022-01-01"), day("2024-01-02")) == 2 + Fraction(1, 365)

    def test_unit_periods(self) -> None:
        weekly = [DatedFlow(7 * week, 1) for week in range(5)]
        assert unit_period(weekly) == UnitPeriod(days=7)
        assert unit_period(
            [DatedFlow(0, -1), DatedFlow(10, 1), DatedFlow(45, 1), DatedFlow(90, 1)]
        ) == UnitPeriod(months=1)
        assert unit_period(yearly(-1, 1, 1)) in {UnitPeriod(months=12), UnitPeriod(days=365)}

    def test_two_weeks_or_so_are_a_half_month_and_seventeen_days_are_not(self) -> None:
        for length, unit in ((13, UnitPeriod(half_months=1)), (16, UnitPeriod(half_months=1))):
            assert unit_period([DatedFlow(length * place, 1) for place in range(3)]) == unit
        assert unit_period([DatedFlow(17 * place, 1) for place in range(3)]) == UnitPeriod(days=17)
        assert unit_period([DatedFlow(12 * place, 1) for place in range(3)]) == UnitPeriod(days=12)

    @pytest.mark.parametrize(
        ("gaps", "unit"),
        [
            ((1, 2), UnitPeriod(days=1)),
            ((3, 5), UnitPeriod(days=1)),  # 4 days: one day and one week are as near
            ((4, 5), UnitPeriod(days=7)),
            ((10, 12), UnitPeriod(days=14)),
            ((9, 20), UnitPeriod(days=14)),  # 14.5
            ((10, 20), UnitPeriod(half_months=1)),
            ((17, 19), UnitPeriod(half_months=1)),  # 18 days: three from the half month as from three weeks
            ((18, 19), UnitPeriod(days=21)),
            ((26, 33), UnitPeriod(months=1)),
            ((12, 40, 100), UnitPeriod(days=49)),
            ((300, 424), UnitPeriod(months=12)),  # 362 days: 360 as from 364
            ((300, 425), UnitPeriod(days=364)),
            ((800, 1200), UnitPeriod(days=364)),
        ],
    )
    def test_with_no_interval_twice_it_is_the_standard_one_nearest_to_the_average(self, gaps, unit) -> None:
        days = [19_000 + sum(gaps[:place]) for place in range(len(gaps) + 1)]
        assert unit_period([DatedFlow(on, 1) for on in days]) == unit

    @pytest.mark.parametrize(
        ("start", "end", "unit"),
        [
            ("2026-01-31", "2026-02-28", UnitPeriod(days=28)),
            ("2026-01-28", "2026-02-28", UnitPeriod(months=1)),
            ("2026-01-28", "2026-03-01", UnitPeriod(days=32)),
            ("2026-01-28", "2026-12-28", UnitPeriod(months=11)),
            ("2026-01-28", "2027-01-27", UnitPeriod(days=364)),
            ("2026-01-28", "2027-01-28", UnitPeriod(months=12)),
            ("2026-01-28", "2028-02-11", UnitPeriod(months=12)),
        ],
    )
    def test_of_one_advance_and_one_payment_it_is_the_term_up_to_a_year(self, start, end, unit) -> None:
        assert unit_period([DatedFlow(day(start), -1), DatedFlow(day(end), 1)]) == unit

    def test_days_before_whole_years_are_parts_of_365(self) -> None:
        """From 15 January 2024 to 1 March 2026: two years back is 1 March 2024, 46 days after."""
        between = UnitPeriod(months=12).between(day("2024-01-15"), day("2026-03-01"))
        assert between == (2, Fraction(46, 365))

    def test_a_unit_period_told_is_taken(self) -> None:
        flows = [DatedFlow(day("2026-01-01"), -1), DatedFlow(day("2026-07-01"), 1)]
        assert reg_z(flows, UnitPeriod(months=3)) == Equation((Term(-1, 0), Term(1, 2)), per_year=Fraction(4))

    def test_same_day_flows_are_one(self) -> None:
        fee = [DatedFlow(0, -100_00), DatedFlow(0, 5_00), DatedFlow(365, 105_00)]
        assert cost(fee, Convention.XIRR) == cost(
            [DatedFlow(0, -95_00), DatedFlow(365, 105_00)], Convention.XIRR
        )


class TestParts:
    def test_merging_and_changes_of_sign(self) -> None:
        terms = [Term(5, 3), Term(-5, 3), Term(-7, 2), Term(9, 4), Term(1, 4, Fraction(1, 2))]
        assert merged(terms) == (Term(-7, 0), Term(9, 2), Term(1, 2, Fraction(1, 2)))
        assert sign_changes([-1, 0, 1, 1, -1]) == 2


class TestMany:
    def test_each_equals_the_exact_one(self) -> None:
        """Ordinary loans, one that loses money, one never repaid, one with a second draw."""
        loans = [
            [(-120_000_00, 0), *((11_000_00, 30 * k) for k in range(1, 13))],
            [(-100_00, 0), (60_00, 365)],
            [(-100_00, 0)],
            [(-100_00, 0), (60_00, 100), (-10_00, 200), (70_00, 300)],
            [(-1, 0), (10**12, 3650)],
            [(-50_00, 0), (-50_00, 30), (51_00, 60), (51_00, 90)],
        ]
        amounts = np.array([amount for loan in loans for amount, _ in loan])
        times = np.array([time for loan in loans for _, time in loan])
        bounds = np.concatenate(([0], np.cumsum([len(loan) for loan in loans])))
        for steps, per_year in ((365, 1), (30, 12)):
            rates, reasons = costs(amounts, times, bounds, steps, per_year)
            for loan, rate, reason in zip(loans, rates, reasons, strict=True):
                exact = solve(Equation(tuple(Term(a, t) for a, t in loan), steps, Fraction(per_year)))
                assert (None if reason else int(rate)) == exact.rate
                assert (REASONS[reason - 1] if reason else None) == exact.why
