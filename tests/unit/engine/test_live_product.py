"""Live products: what contradicts is refused in words, presets start from somewhere, words go there and back."""

import dataclasses
import datetime as dt
import random

import pytest

from forbear.engine.live.many import first_day
from forbear.engine.live.product import (
    IN_TURN,
    OLDEST_FIRST,
    STARTING_VALUES,
    LiveProduct,
    Way,
)
from forbear.engine.live.vocabulary import Advance, Allocation, Schedule, Spread
from forbear.engine.live.words import way_from, way_words
from forbear.engine.plan import Unit
from forbear.engine.terms import Product, shared_terms
from forbear.engine.vocabulary import Amortisation, Component
from forbear.engine.words import from_words, to_words
from forbear.kernel.days import to_date, to_day
from tests.support.live.book import some_product

PLAIN = {"code": "L", "currency": "CNY"}
CUMULATIVE = STARTING_VALUES["fineract-cumulative"]


def told(**terms):
    """The problems of a product with these terms."""
    return LiveProduct(**PLAIN, **terms).problems()


def test_presets_have_no_problems_and_say_all_of_their_options() -> None:
    for values in STARTING_VALUES.values():
        assert not told(**values)
    progressive = LiveProduct(**PLAIN, **STARTING_VALUES["fineract-progressive"])
    assert (progressive.year_days, progressive.month_thirty) == (360, True)
    assert LiveProduct(**PLAIN, **CUMULATIVE).terms(rate=0, count=1).rules[0].order == (
        3,
        2,
        1,
        0,
        3,
        2,
        1,
        0,
    )


@pytest.mark.parametrize(
    ("terms", "says"),
    [
        ({"progressive": False}, "schedule live needs progressive"),
        ({**CUMULATIVE, "principal_grace": 1}, "principal_grace needs progressive"),
        ({**CUMULATIVE, "interest_grace": 1}, "interest_grace needs progressive"),
        ({**CUMULATIVE, "reage_spread": Spread.ALL_INTEREST}, "reage_spread all_interest needs progressive"),
        ({"reage_spread": Spread.OVERDUE_INTEREST}, "reage_spread is by_balance"),
        ({"reamortise_spread": Spread.EARNED_INTEREST}, "reamortise_spread is by_balance"),
        ({"equal_principal": True}, "equal_principal needs a schedule that is not progressive"),
        ({"schedule": Schedule.FIXED, "payoff_to_due_date": True}, "payoff_to_due_date needs schedule live"),
        ({"rest_at_due_date": True}, "rest_at_due_date needs payoff_to_due_date"),
        ({"month_thirty": True}, "month_thirty needs year_days"),
        ({"leap_day_rule": True, "year_days": 360}, "leap_day_rule needs year_days 0"),
        ({"first_day_counts": True, "year_days": 365}, "first_day_counts needs year_days 0"),
        ({"by_period": True, "unit": Unit.DAY}, "by_period needs unit week or month"),
        ({"partial_periods": False}, "partial_periods false needs by_period"),
        (
            {"allocation": Allocation.ROW_BY_ROW, "payment_rule": IN_TURN},
            "a progressive schedule needs allocation",
        ),
        (
            {**CUMULATIVE, "allocation": Allocation.VERTICAL, "payment_rule": OLDEST_FIRST},
            "a cumulative schedule needs",
        ),
        ({"payment_rule": IN_TURN}, "payment_rule must name each component once past due"),
        ({"goodwill_rule": Way(Advance.NEXT_ROW, (0,) * 12)}, "goodwill_rule must name each component"),
        (
            {**CUMULATIVE, "payment_rule": Way(Advance.NEXT_ROW, (0, 0, 1, 1, 2, 2, 3, 3))},
            "payment_rule must",
        ),
        (
            {**CUMULATIVE, "payment_rule": Way(Advance.LAST_ROW, IN_TURN.order)},
            "payment_rule: allocation by row",
        ),
        ({"credit_order": (Component.FEE,)}, "credit_order must name"),
        ({"year_days": 366}, "year_days must be"),
        ({"every": 0}, "every must be at least 1"),
        ({"down_payment": 10**10 + 1}, "down_payment is a part"),
        ({"buckets": (1, 31, 31)}, "buckets must be ascending"),
        ({"buckets": (5, 3)}, "buckets must be ascending"),
        ({"principal_grace": -1}, "principal_grace must not be negative"),
    ],
)
def test_terms_that_contradict_are_refused(terms, says) -> None:
    assert any(problem.startswith(says) for problem in told(**terms)), told(**terms)


def test_words_go_there_and_back() -> None:
    rng = random.Random(7)
    for _ in range(300):
        spread = rng.choice((Spread.BY_BALANCE, Spread.OVERDUE_INTEREST))
        product = dataclasses.replace(some_product(rng), reamortise_spread=spread)
        assert from_words("L", "CNY", to_words(product)) == product


def test_stored_terms_of_a_planned_product_say_no_regime() -> None:
    product = Product(code="P", currency="CNY", amortisation=Amortisation.BULLET)
    assert "regime" not in to_words(product)
    assert from_words("P", "CNY", to_words(product)) == product
    assert shared_terms(product) is product


def test_a_way_is_written_as_it_is_read() -> None:
    words = [
        "due_fee",
        "due_penalty",
        "due_interest",
        "due_principal",
        "in_advance_principal",
        "in_advance_fee",
    ]
    words += ["in_advance_penalty", "in_advance_interest"]
    way = way_from(words, Allocation.ROW_BY_ROW)
    assert way == Way(Advance.NEXT_ROW, (2, 3, 1, 0, 0, 2, 3, 1))
    assert way_words(way, Allocation.ROW_BY_ROW) == ["next_row", *words]
    assert way_from(["last_row", "past_due_fee"], Allocation.VERTICAL) == Way(Advance.LAST_ROW, (2,))


@pytest.mark.parametrize(
    ("words", "allocation"),
    [
        (["late_fee"], Allocation.HORIZONTAL),
        (["past_due_fee"], Allocation.ROW_BY_ROW),
        (["in_advance_fee", "due_fee"], Allocation.ROW_BY_ROW),
        (["fee"], Allocation.HORIZONTAL),
    ],
)
def test_a_word_out_of_place_is_refused_by_name(words, allocation) -> None:
    with pytest.raises(ValueError, match=words[-1]):
        way_from(words, allocation)


@pytest.mark.parametrize(
    ("first_due_on", "due_day", "every", "unit", "wanted"),
    [
        ("2024-02-01", 0, 1, Unit.MONTH, "2024-01-01"),
        ("2024-02-29", 0, 1, Unit.MONTH, "2024-01-29"),
        ("2024-02-29", 31, 1, Unit.MONTH, "2024-01-31"),
        ("2024-04-30", 31, 2, Unit.MONTH, "2024-02-29"),
        ("2024-01-15", 0, 2, Unit.WEEK, "2024-01-01"),
        ("2024-01-16", 0, 15, Unit.DAY, "2024-01-01"),
    ],
)
def test_due_dates_are_counted_from_a_period_before_the_first(
    first_due_on, due_day, every, unit, wanted
) -> None:
    day = to_day(dt.date.fromisoformat(first_due_on))
    assert to_date(first_day(day, due_day, every, int(unit))).isoformat() == wanted


def test_terms_of_a_loan_are_those_of_its_product() -> None:
    product = LiveProduct(**PLAIN, **STARTING_VALUES["fineract-progressive"], merchant_rule=OLDEST_FIRST)
    terms = product.terms(rate=7 * 10**8, count=6, level=1701)
    assert not terms.problems()
    assert [rule.payment for rule in terms.rules] == [0, 2]
    assert (terms.rate, terms.count, terms.level, terms.year_days) == (7 * 10**8, 6, 1701, 360)
    assert dataclasses.replace(product, name="x") == product
