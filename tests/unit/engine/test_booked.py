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
    TOTALS,
    Account,
    AccrualKey,
    AccrualSum,
    MovementKind,
    accrual_sums,
    movements,
    owed_again,
    suspended,
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


def test_what_a_nonaccrual_loan_claims_is_suspended_deferred_or_not():
    positions = np.zeros(2, POSITION)
    positions["due_interest"], positions["deferred_interest"], positions["nonaccrual"] = 5, 3, [1, 0]
    assert suspended(positions, "interest").tolist() == [8, 0]
    assert suspended(positions, "penalty").tolist() == [0, 0]


def some_position(rng):
    """A position with an interest and a penalty line of any size, by one denominator, and its fields."""
    position = np.zeros(1, POSITION)
    position["as_of"], position["interest_index"], position["day_count"] = rng.randint(0, 20_000), 0, 0
    for prefix in ("interest", "penalty"):
        position[f"{prefix}_denominator"] = 365
        for name, most in (("whole", 10**9), ("charged", 10**9), ("slope", 10**6)):
            position[f"{prefix}_{name}"] = rng.randint(0, most)
        for name in ("remainder", "slope_remainder"):
            position[f"{prefix}_{name}"] = rng.randint(0, 364)
    return position[0]


@pytest.mark.parametrize("seed", range(12))
def test_a_group_of_many_loans_is_the_sum_of_their_lines(seed):
    """Whole numbers carry out of the remainders, of what has accrued and of what a day adds, as often as they must."""
    rng = random.Random(seed)
    positions = np.array([some_position(rng) for _ in range(rng.choice((1, 2, 3, 9)))])
    found = accrual_sums(positions, np.full(len(positions), 7))
    assert list(found) == [
        AccrualKey(7, line, 0, int(DayCount.ACT_365F), 365)
        for line in (Component.INTEREST, Component.PENALTY)
    ]
    for key, total in found.items():
        assert 0 <= total.remainder < 365
        assert 0 <= total.slope_remainder < 365
        for day in (0, 19_999, 40_000):
            wanted = Fraction(0)
            for p in positions:
                for line, _, now, slope in lines(p):
                    wanted += (now + slope * (day - int(p["as_of"]))) * (line == key.line)
            assert total.at(key, day) == wanted


@pytest.mark.parametrize(("kind", "fields"), TOTALS, ids=lambda told: getattr(told, "name", ""))
def test_each_total_moves_its_own_kind_and_component(kind, fields):
    for component, field in zip(COMPONENT_NAMES, fields, strict=True):
        if field is None:
            continue
        old, new = np.zeros(2, POSITION), np.zeros(2, POSITION)
        old["loan"] = new["loan"] = [4, 5]
        old[field], new[field] = [30, 8], [30, 3]
        rows = movements(old, new, np.array([70, 71]), np.array([80, 81]))
        told = [row.tolist() for row in rows if row["kind"] == kind]
        amounts = tuple(-5 if name == component else 0 for name in COMPONENT_NAMES)
        assert told == [(5, 71, int(kind), 81, *amounts)]


@pytest.mark.parametrize(
    ("field", "sign"),
    [
        *((name, 1) for name in ("principal", "paid_principal", "waived_principal", "written_off_principal")),
        *((f"capitalised_{name}", -1) for name in ("interest", "fee", "penalty")),
        ("disbursed", -1),
    ],
)
def test_principal_is_owed_again_as_far_as_no_draw_tells_it(field, sign):
    positions = np.zeros(2, POSITION)
    positions[field] = [9, 4]
    assert owed_again(positions).tolist() == [9 * sign, 4 * sign]


@pytest.mark.parametrize("name", ["interest", "penalty"])
def test_what_is_suspended_moves_with_the_claim_and_the_status(name):
    old, new = np.zeros(2, POSITION), np.zeros(2, POSITION)
    old[f"due_{name}"], old["nonaccrual"] = 40, [0, 1]
    new[f"due_{name}"], new["nonaccrual"] = 25, [1, 1]
    rows = movements(old, new, np.zeros(2, np.int64), np.zeros(2, np.int64))
    assert [(int(row["kind"]), int(row[name])) for row in rows] == [
        (MovementKind.SUSPENDED, 25),
        (MovementKind.SUSPENDED, -15),
    ]
