"""What makes the terms of a product impossible, each alone and in its own words."""

import itertools
from dataclasses import replace

import pytest

from forbear.engine.terms import NOT_NEGATIVE, Product, terms_record
from forbear.engine.vocabulary import Amortisation, Component, InterestMethod, Residue
from forbear.kernel.daycounts import DayCount

ONE = 10**10
PRODUCT = Product(code="P", currency="CNY", amortisation=Amortisation.EQUAL_INSTALMENT)


class TestProblems:
    def test_the_starting_values_have_none(self) -> None:
        assert PRODUCT.problems() == []

    @pytest.mark.parametrize(
        ("amortisation", "method", "refused"),
        [
            (
                amortisation,
                method,
                (amortisation, method) == (Amortisation.EQUAL_INSTALMENT, InterestMethod.FLAT),
            )
            for amortisation in Amortisation
            for method in InterestMethod
        ],
    )
    def test_a_flat_rate_has_no_level_instalment(self, amortisation, method, refused) -> None:
        found = replace(PRODUCT, amortisation=amortisation, interest_method=method).problems()
        assert found == ["a flat rate has equal principal parts: use amortisation equal_principal"] * refused

    @pytest.mark.parametrize("method", InterestMethod)
    @pytest.mark.parametrize("day_count", DayCount)
    def test_a_rate_per_day_is_on_the_balance_of_each_day(self, method, day_count) -> None:
        product = replace(
            PRODUCT,
            amortisation=Amortisation.EQUAL_PRINCIPAL,
            interest_method=method,
            day_count=day_count,
        )
        refused = day_count == DayCount.DAILY and method != InterestMethod.DAILY_BALANCE
        told = "a rate per day needs interest_method daily_balance; period and flat rates are per year"
        assert product.problems() == [told] * refused

    @pytest.mark.parametrize("method", InterestMethod)
    @pytest.mark.parametrize("residue", Residue)
    def test_a_residue_is_carried_from_day_to_day_only(self, method, residue) -> None:
        product = replace(
            PRODUCT,
            amortisation=Amortisation.EQUAL_PRINCIPAL,
            interest_method=method,
            interest_residue=residue,
        )
        refused = residue == Residue.CARRIED and method != InterestMethod.DAILY_BALANCE
        assert (
            product.problems() == ["a residue is carried with interest_method daily_balance only"] * refused
        )

    @pytest.mark.parametrize("name", ["order", "order_after"])
    @pytest.mark.parametrize("order", [(0, 1, 2), (0, 1, 2, 2), (0, 1, 2, 3, 3), ()])
    def test_an_order_names_each_component_once(self, name, order) -> None:
        product = replace(PRODUCT, **{name: tuple(map(Component, order))})
        assert product.problems() == [f"{name} must name principal, interest, fee and penalty once each"]

    def test_every_order_of_the_four_is_one(self) -> None:
        for order in itertools.permutations(Component):
            assert replace(PRODUCT, order=order, order_after=order[::-1]).problems() == []

    def test_a_down_payment_is_at_most_the_draw(self) -> None:
        assert replace(PRODUCT, down_payment=ONE).problems() == []
        assert replace(PRODUCT, down_payment=ONE + 1).problems() == [
            "down_payment is a part of the draw: at most 1"
        ]

    @pytest.mark.parametrize(
        ("buckets", "refused"),
        [((), False), ((1,), False), ((1, 2), False), ((0,), True), ((1, 1), True), ((2, 9, 5), True)],
    )
    def test_buckets_ascend_from_one(self, buckets, refused) -> None:
        told = ["buckets must be ascending days past due, from 1"] * refused
        assert replace(PRODUCT, buckets=buckets).problems() == told

    @pytest.mark.parametrize("name", ["multiple", "every"])
    def test_what_must_be_at_least_one(self, name) -> None:
        assert replace(PRODUCT, **{name: 1}).problems() == []
        assert replace(PRODUCT, **{name: 0}).problems() == [f"{name} must be at least 1"]

    @pytest.mark.parametrize("name", NOT_NEGATIVE)
    def test_what_must_not_be_negative(self, name) -> None:
        assert replace(PRODUCT, **{name: 0}).problems() == []
        assert replace(PRODUCT, **{name: -1}).problems() == [f"{name} must not be negative"]

    def test_all_are_told_and_the_product_is_refused_by_name(self) -> None:
        with pytest.raises(ValueError, match=r"product P: multiple must be .*; every must be at least 1"):
            terms_record(replace(PRODUCT, multiple=0, every=0), 0)
