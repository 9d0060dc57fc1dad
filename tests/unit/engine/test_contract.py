"""Exact contracts: the worked tables of docs/algorithms/contracts.md, and what the reference cases do not reach."""

import datetime as dt
import re
from fractions import Fraction

import pytest

from forbear.engine import interest as figures
from forbear.engine.contract import PRESETS, Contract, InterestBase, Reset, Step, maturity
from forbear.engine.cycles import MONDAY_TO_FRIDAY, Cycle, Shift, chained, shifted
from forbear.engine.flows import FlowKind, NotObserved, bounded, flows
from forbear.engine.plan import Unit
from forbear.engine.quote import level_instalment_of
from forbear.kernel.daycounts import ACT_365F, DayCount
from forbear.kernel.days import to_date, to_day
from forbear.kernel.rounding import CEILING, HALF_UP
from tests.support.pages import table

PAGE = "algorithms/contracts.md"


def at(text: str) -> int:
    return 2 * to_day(dt.date.fromisoformat(text))


def iso(moment: int) -> str:
    return to_date(moment // 2).isoformat()


def monthly(anchor: str, **more) -> Cycle:
    return Cycle(at(anchor), 1, Unit.MONTH, **more)


def made(preset: str, **terms) -> Contract:
    common = {
        "principal": Fraction(1200),
        "disbursed_at": at("2026-01-01"),
        "rate": Fraction("0.12"),
        "day_count": DayCount.THIRTY_E_360,
    }
    return Contract(**{**PRESETS[preset], **common, **terms})


def told(contract: Contract) -> list[tuple[str, str, Fraction]]:
    return [(iso(flow.moment), flow.kind.name, flow.amount) for flow in flows(contract)]


class TestPage:
    @pytest.mark.parametrize("row", table(PAGE, "1. Moments and cycles"))
    def test_cycles(self, row) -> None:
        every, unit = row["every"].split()
        cycle = Cycle(
            at(row["anchor"]),
            int(every),
            Unit[unit.upper()],
            row["stub"] == "long",
            row["month end"] == "yes",
        )
        assert ", ".join(iso(moment) for moment in cycle.before(at(row["until"]))) == row["dates"]

    def test_order_within_a_moment(self) -> None:
        rows = table(PAGE, "2. What happens when")
        assert {row["FlowKind"]: int(row["order"]) for row in rows} == {
            kind.name: kind.value for kind in FlowKind
        }

    def test_level_instalment(self) -> None:
        contract = Contract(
            **PRESETS["actus-ann"],
            principal=Fraction(10_000),
            disbursed_at=at("2025-01-31"),
            matures_at=at("2025-04-30"),
            rate=Fraction("0.12"),
            redemption=monthly("2025-02-28", month_end=True),
        )
        rows = [
            {
                "date": iso(flow.moment),
                "what": flow.kind.name,
                "amount": f"{float(flow.amount):.6f}",
                "principal after": f"{float(flow.principal):.6f}",
            }
            for flow in flows(contract)
        ]
        assert rows == table(PAGE, "4. The level instalment")

    def test_presets(self) -> None:
        rows = {row["preset"]: row for row in table(PAGE, "5. Presets")}
        assert set(rows) == set(PRESETS)
        for name, row in rows.items():
            assert PRESETS[name]["amortisation"].name.lower().replace("_", " ") == row["amortisation"]
            assert bool(PRESETS[name].get("interest_with_redemption")) is (
                row["interest with redemption"] == "yes"
            )

    @pytest.mark.parametrize("row", table(PAGE, "6. Figures beside a loan"))
    def test_figures(self, row) -> None:
        amount, result = (int(Fraction(row[name]) * 100) for name in ("amount", "result"))
        rate = int(Fraction(row["rate"].rstrip("%")) * 10**8)
        start, end = (at(row[name]) // 2 for name in ("from", "to"))
        assert getattr(figures, row["what"])(amount, rate, ACT_365F, start, end, HALF_UP) == result


class TestAmortisation:
    def test_linear_parts_are_equal_and_the_last_is_at_the_end(self) -> None:
        contract = made(
            "actus-lam",
            matures_at=at("2026-04-01"),
            redemption=monthly("2026-02-01"),
            interest=(monthly("2026-02-01"),),
        )
        principal = [(day, amount) for day, kind, amount in told(contract) if kind in {"REDEEMED", "MATURED"}]
        assert principal == [("2026-02-01", 400), ("2026-03-01", 400), ("2026-04-01", 400)]
        assert [amount for _, kind, amount in told(contract) if kind == "INTEREST_PAID"] == [12, 8, 4]

    def test_level_instalments_end_at_nothing(self) -> None:
        """Before the last one: 1 % a month, so A = 1200 * 0.01 / (1 - 1.01**-3); the last is what is left with its interest."""
        contract = made("actus-ann", matures_at=at("2026-04-01"), redemption=monthly("2026-02-01"))
        paid: dict[str, Fraction] = {}
        for day, _, amount in told(contract)[1:]:
            paid[day] = paid.get(day, Fraction(0)) + amount
        level = 1200 * Fraction(1, 100) / (1 - Fraction(100, 101) ** 3)
        assert {day: amount for day, amount in paid.items() if amount} == dict.fromkeys(
            ("2026-02-01", "2026-03-01", "2026-04-01"), level
        )

    def test_an_instalment_below_the_interest_is_lent_on(self) -> None:
        contract = made(
            "actus-nam",
            matures_at=at("2026-04-01"),
            instalment=Fraction(10),
            redemption=monthly("2026-02-01"),
        )
        redeemed = [amount for _, kind, amount in told(contract) if kind == "REDEEMED"]
        assert redeemed == [-2, Fraction("-2.02")]

    def test_steps_up_and_down(self) -> None:
        steps = (
            Step(monthly("2026-02-01"), Fraction(300), drawn=True),
            Step(monthly("2026-04-01"), Fraction(900)),
        )
        contract = made("actus-lax", steps=steps)
        assert maturity(contract) == at("2026-05-01")
        principal = [(day, kind, amount) for day, kind, amount in told(contract) if kind != "INTEREST_PAID"]
        assert principal == [
            ("2026-01-01", "DISBURSED", -1200),
            ("2026-02-01", "DRAWN", -300),
            ("2026-03-01", "DRAWN", -300),
            ("2026-04-01", "REDEEMED", 900),
            ("2026-05-01", "MATURED", 900),
        ]

    def test_a_purchase_and_a_termination(self) -> None:
        contract = made(
            "actus-pam",
            matures_at=at("2026-07-01"),
            interest=(monthly("2026-02-01"),),
            purchased_at=at("2026-01-16"),
            purchase_price=Fraction(1190),
            terminated_at=at("2026-02-16"),
            termination_price=Fraction(1210),
        )
        assert told(contract) == [
            ("2026-01-16", "PURCHASED", -1196),
            ("2026-02-01", "INTEREST_PAID", 12),
            ("2026-02-16", "TERMINATED", 1216),
        ]


class TestRates:
    def test_a_reset_is_bounded_in_its_change_and_then_in_its_level(self) -> None:
        reset = Reset(
            monthly("2026-02-01"), floor=Fraction("0.01"), cap=Fraction("0.2"), most_up=Fraction("0.02")
        )
        assert bounded(reset, Fraction("0.12"), Fraction("0.15")) == Fraction("0.14")
        assert bounded(reset, Fraction("0.19"), Fraction("0.5")) == Fraction("0.2")
        assert bounded(reset, Fraction("0.12"), Fraction("-0.5")) == Fraction("0.01")

    def test_observed_fixed_and_missing(self) -> None:
        terms = {"matures_at": at("2026-07-01"), "interest": (monthly("2026-02-01"),)}
        resets = (
            Reset(monthly("2026-03-01"), spread=Fraction("0.06"), fixed=True),
            Reset(monthly("2026-05-01"), spread=Fraction("0.01"), multiplier=Fraction(2)),
        )
        contract = made("actus-pam", resets=resets, observed={at("2026-04-20"): Fraction("0.025")}, **terms)
        paid = [amount for _, kind, amount in told(contract) if kind == "INTEREST_PAID"]
        assert paid == [12, 12, 6, 6, 6, 6]
        with pytest.raises(NotObserved, match="2026-05-01"):
            flows(made("actus-pam", resets=resets, **terms))

    def test_scaling(self) -> None:
        contract = made(
            "actus-pam",
            matures_at=at("2026-04-01"),
            interest=(monthly("2026-02-01"),),
            scaling=Cycle(at("2026-02-15"), 1, Unit.MONTH),
            scales_interest=True,
            scales_principal=True,
            scale_at_deal=Fraction(100),
            scale_observed={at("2026-02-15"): Fraction(110)},
        )
        assert [amount for _, kind, amount in told(contract) if kind in {"INTEREST_PAID", "MATURED"}] == [
            12,
            Fraction("13.2"),
            Fraction("13.2"),
            1320,
        ]


class TestCyclesAndDays:
    @pytest.mark.parametrize(
        ("shift", "moved"),
        [
            (Shift.NONE, "2026-05-31"),
            (Shift.FOLLOWING, "2026-06-01"),
            (Shift.MODIFIED_FOLLOWING, "2026-05-29"),
            (Shift.PRECEDING, "2026-05-29"),
            (Shift.MODIFIED_PRECEDING, "2026-05-29"),
        ],
    )
    def test_a_sunday_at_the_end_of_a_month(self, shift, moved) -> None:
        assert shifted(at("2026-05-31") + 1, shift, MONDAY_TO_FRIDAY) == at(moved) + 1

    def test_a_saturday_at_the_start_of_a_month(self) -> None:
        assert iso(shifted(at("2026-08-01"), Shift.MODIFIED_PRECEDING, MONDAY_TO_FRIDAY)) == "2026-08-03"
        assert shifted(at("2026-08-01"), Shift.FOLLOWING, None) == at("2026-08-01")

    def test_chained_cycles_follow_one_another(self) -> None:
        chain = [Cycle(at("2026-01-01"), 1, Unit.MONTH), Cycle(at("2026-03-01"), 2, Unit.MONTH)]
        found = [(iso(moment), place) for moment, place in chained(chain, at("2026-07-01"))]
        assert found == [("2026-01-01", 0), ("2026-02-01", 0), ("2026-03-01", 1), ("2026-05-01", 1)]
        assert chained([], 0) == []


class TestRefusals:
    @pytest.mark.parametrize(
        ("preset", "terms", "said"),
        [
            (
                "actus-pam",
                {"principal": Fraction(0), "matures_at": at("2027-01-01")},
                "principal must be above zero",
            ),
            ("actus-pam", {}, "the terms have no end"),
            ("actus-pam", {"matures_at": at("2026-01-01")}, "must lie after"),
            ("actus-lax", {"matures_at": at("2027-01-01")}, "needs steps"),
            ("actus-ann", {"matures_at": at("2027-01-01")}, "need the cycle"),
            ("actus-nam", {"redemption": monthly("2026-02-01"), "instalment": Fraction(5)}, "no end"),
            (
                "actus-lam",
                {"matures_at": at("2027-01-01"), "interest_base": InterestBase.LAGGED},
                "base_cycle",
            ),
            (
                "actus-lax",
                {
                    "steps": (
                        Step(monthly("2026-03-01"), Fraction(1)),
                        Step(monthly("2026-02-01"), Fraction(1)),
                    )
                },
                "must ascend",
            ),
            (
                "actus-pam",
                {"matures_at": at("2027-01-01"), "scaling": monthly("2026-02-01")},
                "scale_at_deal",
            ),
        ],
    )
    def test_terms_that_cannot_be(self, preset, terms, said) -> None:
        contract = made(preset, **terms)
        assert any(re.search(said, problem) for problem in contract.problems())
        with pytest.raises(ValueError, match=said):
            flows(contract)

    def test_a_cycle_that_never_moves(self) -> None:
        with pytest.raises(ValueError, match="at least 1"):
            Cycle(0, 0, Unit.DAY)


class TestQuote:
    def test_level_instalment_of_equal_months(self) -> None:
        """5,000.00 at 12% for 18 months to the next yuan is 305.00; interest free it is a quotient."""
        assert level_instalment_of(500_000, 12 * 10**8, 12, 18, 100, CEILING) == 30_500
        assert level_instalment_of(120_000, 0, 12, 12, 1, HALF_UP) == 10_000

    def test_spreading(self) -> None:
        assert figures.spread_over(100, 3, HALF_UP) == [33, 33, 34]
        with pytest.raises(ValueError, match="at least one"):
            figures.spread_over(100, 0, HALF_UP)
        assert figures.percent_of(1_000_000, 2 * 10**8, HALF_UP) == 20_000
