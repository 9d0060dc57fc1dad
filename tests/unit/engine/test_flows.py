"""Exact flows of contracts, each amount by a formula in fractions. docs/algorithms/contracts.md, sections 2 to 4."""

from dataclasses import replace
from fractions import Fraction

import pytest

from forbear.engine.contract import Contract, InterestBase, Reset, Step
from forbear.engine.cycles import MONDAY_TO_FRIDAY, Cycle, Shift
from forbear.engine.flows import flows, level_amount
from forbear.engine.plan import Unit
from forbear.kernel.daycounts import DayCount
from tests.unit.engine.test_contract import at, made, monthly, told

MONTH = Fraction(1, 100)
"""The interest of one month on 1: 12% a year by 30E/360."""


def amounts(contract: Contract, *kinds: str) -> list[Fraction]:
    return [amount for _, kind, amount in told(contract) if kind in kinds]


def interest_only(**terms) -> Contract:
    return made(
        "actus-pam", **{"matures_at": at("2026-05-01"), "interest": (monthly("2026-02-01"),), **terms}
    )


def linear(**terms) -> Contract:
    """400 on the first of February and of March, and the rest on the first of April."""
    common = {
        "matures_at": at("2026-04-01"),
        "redemption": monthly("2026-02-01"),
        "interest": (monthly("2026-02-01"),),
    }
    return made("actus-lam", **{**common, **terms})


def level_of(principal: Fraction, rate: Fraction, count: int) -> Fraction:
    return principal * rate / (1 - (1 + rate) ** -count)


class TestInterest:
    def test_interest_that_becomes_principal_bears_interest(self) -> None:
        grown = 1200 * (1 + MONTH) ** 2
        assert told(interest_only(capitalised_until=at("2026-03-01"))) == [
            ("2026-01-01", "DISBURSED", -1200),
            ("2026-02-01", "CAPITALISED", 0),
            ("2026-03-01", "CAPITALISED", 0),
            ("2026-04-01", "INTEREST_PAID", grown * MONTH),
            ("2026-05-01", "INTEREST_PAID", grown * MONTH),
            ("2026-05-01", "MATURED", grown),
        ]

    def test_what_was_capitalised_is_accrued_no_more(self) -> None:
        after = [
            (flow.principal, flow.accrued)
            for flow in flows(interest_only(capitalised_until=at("2026-03-01")))
        ]
        assert after[1:3] == [(1212, 0), (1212 + Fraction("12.12"), 0)]

    @pytest.mark.parametrize(
        ("base", "terms", "paid"),
        [
            (InterestBase.PRINCIPAL, {}, [12, 8, 4]),
            (InterestBase.PRINCIPAL, {"base_amount": Fraction(600)}, [12, 8, 4]),
            (InterestBase.AGREED, {"base_amount": Fraction(600)}, [6, 8, 4]),
            (InterestBase.AGREED, {}, [12, 8, 4]),
            (InterestBase.LAGGED, {"base_cycle": monthly("2026-03-01")}, [12, 12, 4]),
            (
                InterestBase.LAGGED,
                {"base_cycle": monthly("2026-03-01"), "base_amount": Fraction(600)},
                [6, 6, 4],
            ),
            (InterestBase.LAGGED, {"base_cycle": monthly("2026-04-01")}, [12, 12, 12]),
        ],
    )
    def test_it_is_of_the_base(self, base, terms, paid) -> None:
        assert amounts(linear(interest_base=base, **terms), "INTEREST_PAID") == paid

    def test_a_lagged_base_does_not_follow_a_draw_or_capital_until_its_day(self) -> None:
        drawn = made(
            "actus-lax",
            matures_at=at("2026-05-01"),
            steps=(Step(monthly("2026-02-01"), Fraction(300), drawn=True),),
            interest=(monthly("2026-02-01"),),
            interest_base=InterestBase.LAGGED,
            base_cycle=Cycle(at("2026-03-01"), 1, Unit.MONTH),
        )
        assert amounts(drawn, "INTEREST_PAID") == [12, 12, 18, 21]
        assert amounts(replace(drawn, interest_base=InterestBase.PRINCIPAL), "INTEREST_PAID") == [
            12,
            15,
            18,
            21,
        ]
        grown = interest_only(
            capitalised_until=at("2026-02-01"),
            interest_base=InterestBase.LAGGED,
            base_cycle=monthly("2026-03-01"),
        )
        assert amounts(grown, "INTEREST_PAID") == [12, Fraction("12.12"), Fraction("12.12")]

    def test_a_contract_without_a_rate_bears_none(self) -> None:
        assert told(interest_only(rate=None)) == [
            ("2026-01-01", "DISBURSED", -1200),
            ("2026-05-01", "MATURED", 1200),
        ]

    def test_interest_that_began_before_the_pay_out_is_accrued_by_then(self) -> None:
        """The first date of interest is the first of December: a month more, unless what is accrued is agreed."""
        early = interest_only(interest=(monthly("2025-12-01"),))
        assert amounts(early, "INTEREST_PAID")[:2] == [12, 12]
        assert flows(early)[0].accrued == 12
        assert flows(replace(early, accrued=Fraction(5)))[0].accrued == 5
        assert flows(interest_only(accrued=Fraction(5)))[0].accrued == 5
        assert flows(interest_only())[0].accrued == 0


class TestSides:
    def test_a_borrower_s_book_has_every_sign_turned(self) -> None:
        mine = linear(premium=Fraction(30))
        theirs = replace(mine, lender=False)
        assert told(mine)[0] == ("2026-01-01", "DISBURSED", -1230)
        for ours, other in zip(flows(mine), flows(theirs), strict=True):
            assert (ours.moment, ours.kind, ours.rate) == (other.moment, other.kind, other.rate)
            assert (ours.amount, ours.principal, ours.accrued) == (
                -other.amount,
                -other.principal,
                -other.accrued,
            )

    @pytest.mark.parametrize(("lender", "bought", "ended"), [(True, -1196, 1216), (False, 1184, -1204)])
    def test_a_price_is_added_to_what_is_accrued_in_the_book(
        self, lender: bool, bought: int, ended: int
    ) -> None:
        contract = interest_only(
            lender=lender,
            purchased_at=at("2026-01-16"),
            purchase_price=Fraction(1190),
            terminated_at=at("2026-02-16"),
            termination_price=Fraction(1210),
        )
        found = flows(contract)
        assert [found[0].amount, found[-1].amount] == [bought, ended]
        assert (found[-1].principal, found[-1].accrued) == (0, 0)

    def test_what_comes_on_the_moment_of_a_purchase_before_it_is_the_seller_s(self) -> None:
        contract = interest_only(purchased_at=at("2026-02-01"), terminated_at=at("2026-04-01"))
        assert [(day, kind) for day, kind, _ in told(contract)] == [
            ("2026-02-01", "PURCHASED"),
            ("2026-03-01", "INTEREST_PAID"),
            ("2026-04-01", "INTEREST_PAID"),
            ("2026-04-01", "TERMINATED"),
        ]


class TestUntil:
    @pytest.mark.parametrize(
        "moment", [at("2026-01-01"), at("2026-03-01") - 1, at("2026-03-01"), at("2026-04-01")]
    )
    def test_flows_up_to_a_moment_are_the_first_of_all(self, moment: int) -> None:
        assert flows(linear(), moment) == [flow for flow in flows(linear()) if flow.moment <= moment]


class TestLevel:
    def test_it_repays_principal_and_interest_over_periods_of_their_own_length(self) -> None:
        contract = made("actus-ann", day_count=DayCount.ACT_365F)
        moments = [at("2026-02-01"), at("2026-03-01"), at("2026-04-15")]
        found = level_amount(contract, Fraction(1000), Fraction(7), Fraction("0.12"), moments)
        first, second = 1 + Fraction(12 * 28, 36_500), 1 + Fraction(12 * 45, 36_500)
        assert found * (1 + 1 / first + 1 / (first * second)) == 1007

    def test_after_a_reset_it_is_computed_again_for_what_is_left(self) -> None:
        resets = (Reset(monthly("2026-03-01"), spread=Fraction("0.24"), fixed=True),)
        contract = made(
            "actus-ann", matures_at=at("2026-05-01"), redemption=monthly("2026-02-01"), resets=resets
        )
        first = level_of(Fraction(1200), MONTH, 4)
        left = 1200 * (1 + MONTH) ** 2 - first * (1 + MONTH) - first
        second = level_of(left, 2 * MONTH, 2)
        paid: dict[str, Fraction] = {}
        for day, kind, amount in told(contract):
            if kind in {"REDEEMED", "INTEREST_PAID", "MATURED"}:
                paid[day] = paid.get(day, Fraction(0)) + amount
        assert paid == {
            "2026-02-01": first,
            "2026-03-01": first,
            "2026-04-01": second,
            "2026-05-01": second,
        }

    def test_one_that_is_kept_leaves_the_rest_to_the_end(self) -> None:
        resets = (Reset(monthly("2026-03-01"), spread=Fraction("0.24"), fixed=True),)
        contract = made(
            "actus-nam",
            matures_at=at("2026-05-01"),
            instalment=Fraction(300),
            redemption=monthly("2026-02-01"),
            resets=resets,
        )
        redeemed = amounts(contract, "REDEEMED")
        left = 1200 - (300 - 12)
        assert redeemed[:2] == [288, 300 - left * MONTH]
        left -= redeemed[1]
        assert redeemed[2] == 300 - left * 2 * MONTH

    def test_it_may_aim_beyond_the_end(self) -> None:
        contract = made(
            "actus-ann",
            matures_at=at("2026-03-01"),
            amortised_until=at("2027-01-01"),
            redemption=monthly("2026-02-01"),
        )
        level = level_of(Fraction(1200), MONTH, 12)
        assert amounts(contract, "REDEEMED", "MATURED") == [level - 12, 1200 - (level - 12)]

    def test_never_more_is_redeemed_than_is_left(self) -> None:
        assert amounts(linear(instalment=Fraction(700)), "REDEEMED", "MATURED") == [700, 500, 0]

    def test_linear_parts_are_over_the_dates_to_come(self) -> None:
        known = linear(known_at=at("2026-02-01"), matures_at=at("2026-06-01"))
        assert amounts(known, "REDEEMED", "MATURED") == [300, 300, 300, 300]

    def test_a_single_date_of_redemption(self) -> None:
        single = linear(redemption=None, redemption_from=at("2026-03-01"))
        assert amounts(single, "REDEEMED", "MATURED") == [600, 600]


class TestScales:
    @pytest.mark.parametrize(
        ("interest", "principal", "paid", "end"),
        [
            (True, False, [12, 15, 15], 1200),
            (False, True, [12, 12, 12], 1500),
            (False, False, [12, 12, 12], 1200),
        ],
    )
    def test_an_index_scales_what_it_is_asked_to(self, interest, principal, paid, end) -> None:
        contract = interest_only(
            matures_at=at("2026-04-01"),
            scaling=monthly("2026-02-15"),
            scales_interest=interest,
            scales_principal=principal,
            scale_at_deal=Fraction(80),
            scale_observed={at("2026-02-15"): Fraction(100)},
        )
        assert amounts(contract, "INTEREST_PAID") == paid
        assert amounts(contract, "MATURED") == [end]

    def test_it_begins_as_it_is_told_and_scales_redemptions_and_draws(self) -> None:
        contract = linear(interest_scale=Fraction(2), principal_scale=Fraction(3, 2))
        assert amounts(contract, "INTEREST_PAID") == [24, 16, 8]
        assert amounts(contract, "REDEEMED", "MATURED") == [600, 600, 600]
        drawn = made(
            "actus-lax",
            matures_at=at("2026-03-01"),
            steps=(Step(monthly("2026-02-01"), Fraction(300), drawn=True),),
            principal_scale=Fraction(3, 2),
        )
        assert amounts(drawn, "DRAWN", "MATURED") == [-450, 2250]


class TestRates:
    def test_the_rate_that_is_known_is_the_next_one_and_then_it_is_observed(self) -> None:
        contract = interest_only(
            resets=(Reset(monthly("2026-02-01"), spread=Fraction("0.01"), multiplier=Fraction(3)),),
            next_rate=Fraction("0.24"),
            observed={at("2026-03-01"): Fraction("0.05"), at("2026-04-02"): Fraction(9)},
        )
        assert amounts(contract, "INTEREST_PAID") == [12, 24, 16, 16]

    def test_its_change_is_bounded_before_its_level(self) -> None:
        reset = Reset(
            monthly("2026-02-01"),
            most_down=Fraction("-0.03"),
            most_up=Fraction("0.03"),
            floor=Fraction("0.1"),
            cap=Fraction("0.14"),
        )
        for observed, rate in (("0.01", "0.1"), ("0.11", "0.11"), ("0.5", "0.14")):
            contract = interest_only(resets=(reset,), observed={0: Fraction(observed)})
            assert amounts(contract, "INTEREST_PAID")[1] == 100 * Fraction(rate)
        free = replace(reset, floor=None, cap=None)
        for observed, rate in (("0.01", "0.09"), ("0.5", "0.15")):
            contract = interest_only(resets=(free,), observed={0: Fraction(observed)})
            assert amounts(contract, "INTEREST_PAID")[1] == 100 * Fraction(rate)


def test_what_moves_no_money_has_no_amount() -> None:
    contract = made(
        "actus-ann",
        matures_at=at("2026-06-01"),
        redemption=monthly("2026-03-01"),
        interest=(monthly("2026-02-01"),),
        capitalised_until=at("2026-02-01"),
        interest_base=InterestBase.LAGGED,
        base_cycle=monthly("2026-03-01"),
        resets=(
            Reset(monthly("2026-03-01"), spread=Fraction("0.1"), fixed=True),
            Reset(monthly("2026-04-01"), spread=Fraction("0.01")),
        ),
        observed={0: Fraction("0.1")},
        scaling=monthly("2026-04-15"),
        scales_interest=True,
        scale_at_deal=Fraction(1),
        scale_observed={0: Fraction(2)},
    )
    money = {"DISBURSED", "REDEEMED", "INTEREST_PAID", "MATURED"}
    silent = {kind: amount for _, kind, amount in told(contract) if kind not in money}
    assert silent == dict.fromkeys(
        ("CAPITALISED", "INSTALMENT_FIXED", "RATE_FIXED", "RATE_RESET", "BASE_SET", "SCALED"), 0
    )


class TestShifts:
    """The first of February 2026 is a Sunday, the first of March too."""

    TERMS = {"matures_at": at("2026-04-01"), "calendar": MONDAY_TO_FRIDAY, "shift": Shift.FOLLOWING}  # noqa: RUF012

    def test_interest_is_counted_to_the_day_it_is_moved_to(self) -> None:
        contract = interest_only(**self.TERMS)
        assert told(contract)[1:3] == [
            ("2026-02-02", "INTEREST_PAID", 12 + Fraction(4, 10)),
            ("2026-03-02", "INTEREST_PAID", 12),
        ]
        assert amounts(contract, "INTEREST_PAID")[2] == 12 - Fraction(4, 10)

    def test_or_to_the_day_before(self) -> None:
        contract = interest_only(shift_before_accrual=False, **self.TERMS)
        assert told(contract)[1:3] == [
            ("2026-02-02", "INTEREST_PAID", 12),
            ("2026-03-02", "INTEREST_PAID", 12),
        ]
