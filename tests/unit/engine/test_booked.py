"""What is booked of generated loans: every account ends where the positions say, and groups accrue what their loans do."""

import random
from collections import defaultdict
from fractions import Fraction

import numpy as np
import pytest

from forbear.engine.batch import fold
from forbear.engine.layout import POSITION
from forbear.engine.movements import (
    CHART,
    COMPONENT_NAMES,
    NO_ACCRUAL,
    Account,
    AccrualKey,
    AccrualSum,
    MovementKind,
    accrual_sums,
    movements,
)
from forbear.engine.vocabulary import Component
from forbear.kernel.daycounts import DayCount, index_in_period
from tests.support.cases import random_case
from tests.support.engine import batch_of

CASES = [random_case(random.Random(seed)) for seed in range(24)]
BATCH = batch_of(CASES)
FIRST = min(entry.effective_on for case in CASES for entry in case.entries)
LAST = max(entry.effective_on for case in CASES for entry in case.entries)
DAYS = [FIRST + (LAST - FIRST) * part // 4 for part in range(1, 6)]
PRODUCTS = np.array([7 + place % 3 for place in range(len(CASES))])


def booked(rows):
    """Debits less credits of each loan and account."""
    balances = defaultdict(int)
    for row in rows:
        for component, name in enumerate(COMPONENT_NAMES):
            if row[name]:
                debit, credit = CHART[MovementKind(row["kind"]), component]
                balances[int(row["loan"]), debit] += int(row[name])
                balances[int(row["loan"]), credit] -= int(row[name])
    return balances


@pytest.mark.parametrize("days", [DAYS[2:3], DAYS], ids=["at once", "day by day"])
def test_every_account_ends_where_the_positions_say(days):
    last, rows = np.zeros(len(CASES), POSITION), []
    for day in days:
        after = fold(BATCH, day)
        rows.extend(movements(last, after, PRODUCTS, PRODUCTS + 10))
        last = after
    found = booked(rows)
    for place, p in enumerate(last):
        assert p["loan"] == place + 1
        wanted = {
            Account.LOANS: p["principal"],
            Account.FEES_DUE: p["due_fee"] + p["deferred_fee"],
            Account.INTEREST_DUE: p["due_interest"] + p["deferred_interest"],
            Account.PENALTY_DUE: p["due_penalty"] + p["deferred_penalty"],
            Account.CUSTOMER_CREDIT: -p["credit"],
            Account.RECOVERY_INCOME: -(p["recovered"] + p["proceeds"]),
            Account.SUSPENSE: -p["nonaccrual"]
            * sum(p[f"{kind}_{name}"] for kind in ("due", "deferred") for name in ("interest", "penalty")),
        }
        assert {account: found[place + 1, account] for account in wanted} == wanted, place


def test_a_movement_says_whose_it_is_and_moves_something():
    rows = movements(np.zeros(len(CASES), POSITION), fold(BATCH, DAYS[-1]), PRODUCTS, PRODUCTS + 10)
    assert len(rows) > len(CASES)
    assert (rows["product_id"] == PRODUCTS[rows["loan"] - 1]).all()
    assert (rows["correction"] == rows["product_id"] + 10).all()
    assert all(any(row[name] for name in COMPONENT_NAMES) for row in rows)
    unmoved = fold(BATCH, DAYS[-1])
    assert len(movements(unmoved, unmoved, PRODUCTS, PRODUCTS)) == 0


def lines(position):
    """What a loan has accrued and not charged, and what a day adds per unit of its index: (line, index, now, slope)."""
    for line, prefix, index in (
        (Component.INTEREST, "interest", "interest_index"),
        (Component.PENALTY, "penalty", "day_count"),
    ):
        p = {name: int(position[f"{prefix}_{name}"]) for name in ("whole", "charged", "remainder", "slope")}
        below = int(position[f"{prefix}_denominator"])
        if below:
            now = p["whole"] - p["charged"] + Fraction(p["remainder"], below)
            yield (
                line,
                int(position[index]),
                now,
                p["slope"] + Fraction(int(position[f"{prefix}_slope_remainder"]), below),
            )


@pytest.mark.parametrize("day", DAYS)
def test_groups_accrue_what_their_loans_do(day):
    positions = fold(BATCH, day)
    found = accrual_sums(positions, PRODUCTS)
    assert all(
        0 <= s.remainder < k.denominator and 0 <= s.slope_remainder < k.denominator for k, s in found.items()
    )
    for later in (0, 1, 45):
        wanted, told = defaultdict(Fraction), defaultdict(Fraction)
        for product, p in zip(PRODUCTS.tolist(), positions, strict=True):
            for line, index, now, slope in lines(p):
                period = int(p["period_start"])
                units = index_in_period(index, period, day + later) - index_in_period(index, period, day)
                wanted[product, line, int(p["nonaccrual"])] += now + slope * units
        for key, total in found.items():
            told[key.product_id, key.line, key.nonaccrual] += total.at(key, day + later)
        assert {k: v for k, v in told.items() if v} == {k: v for k, v in wanted.items() if v}, later


def test_accruals_add_and_subtract():
    key = AccrualKey(1, Component.INTEREST, 0, DayCount.ACT_365F, 365)
    a, b = AccrualSum(5, 10, 3, 20), AccrualSum(1, 2, 1, 4)
    assert a.at(key, 10) == 5 + 30 + Fraction(10 + 200, 365)
    assert a.plus(b) == AccrualSum(6, 12, 4, 24)
    assert a.plus(b, sign=-1) == AccrualSum(4, 8, 2, 16)
    assert a.plus(NO_ACCRUAL) == a
