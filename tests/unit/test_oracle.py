"""The oracle against sums done by hand: the worked checks of the design, and small cases of every rule."""

from dataclasses import replace
from fractions import Fraction

import pytest

from tests.support.cases import Entry, Terms, months_on
from tests.support.oracle import instalments, position
from tests.support.oracle_dates import day_of, index

D = day_of
ANNUAL = Fraction(12, 100)


def terms(**over):
    """1,000.00 over three months of 30/360-free plain days, no charges, unless said otherwise."""
    base = Terms(
        kind="equal_principal",
        interest="daily",
        day_count="act_365f",
        rates=((None, Fraction(0), Fraction(0)),),
        period_fraction=Fraction(1, 12),
        plan=((D("2025-02-01"), 0), (D("2025-03-01"), 0), (D("2025-04-01"), 0)),
    )
    return replace(base, **over)


def journal(*lines):
    """`(kind, date, amount)` or `(kind, date, amount, component)`, in order."""
    return [Entry(k, D(on), a, c[0] if c else None, j, f"k{j}") for j, (k, on, a, *c) in enumerate(lines)]


def pay_all(t, start, amount, upto=None):
    """Pay each row in full on its day; what the rows asked of interest and in all."""
    entries = [Entry("disbursed", start, amount, key="draw")]
    for j, (due_on, _) in enumerate(t.plan[:upto]):
        p = position(t, entries, due_on)
        due = p["due_interest"] + p["due_principal"]
        entries.append(Entry("paid", due_on, due, order=j, key=f"p{j}"))
    rows = instalments(t, entries, t.plan[-1][0])
    return [r["claimed"]["interest"] for r in rows], [sum(r["claimed"].values()) for r in rows], entries


# --- worked checks


def test_level_instalment_per_period_rounded_by_contract():
    plan = tuple((months_on(D("2024-01-10"), j, roll=False), 0) for j in range(1, 19))
    rates = ((None, ANNUAL, Fraction(0)),)
    t = terms(kind="equal_instalment", interest="period", plan=plan, rates=rates, multiple=500)
    interest, asked, entries = pay_all(t, D("2024-01-10"), 500_000)
    assert asked == [30_500] * 17 + [30_322]
    assert sum(interest) == 48_822
    assert position(t, entries, plan[-1][0])["status"] == "closed"


@pytest.mark.parametrize(
    ("due", "asked", "interest"),
    [
        (("2025-03-01", "2025-03-31", "2025-05-01"), [339_856] * 3, [9_534, 6_605, 3_429]),
        (("2025-02-28", "2025-03-31", "2025-04-30"), [339_782, 339_782, 339_783], None),
    ],
)
def test_actual_days_roll_and_clamp(due, asked, interest):
    plan = tuple((D(day), 0) for day in due)
    t = terms(kind="equal_instalment", day_count="act_act", plan=plan, rates=((None, ANNUAL, Fraction(0)),))
    got_interest, got_asked, _ = pay_all(t, D("2025-01-31"), 1_000_000)
    assert sum(got_interest) == (sum(interest) if interest else 19_347)
    assert got_asked == asked
    assert interest is None or got_interest == interest


def test_thirty_360():
    plan = tuple((months_on(D("2024-01-01"), j, roll=False), 0) for j in range(1, 7))
    rates = ((None, Fraction(7, 100), Fraction(0)),)
    t = terms(kind="equal_instalment", day_count="30_360_us", plan=plan, rates=rates)
    interest, asked, _ = pay_all(t, D("2024-01-01"), 10_000)
    assert asked == [1_701] * 5 + [1_700]
    assert sum(interest) == 205


def test_charge_back_makes_late_since_its_day():
    plan = tuple((D(day), 0) for day in ("2022-02-01", "2022-03-01", "2022-04-01"))
    t, on = terms(plan=plan), D("2022-04-07")
    lines = [
        ("disbursed", "2022-01-01", 300_000),
        ("paid", "2022-02-01", 100_000),
        ("paid", "2022-03-01", 100_000),
        ("charged_back", "2022-03-15", 100_000),
    ]
    p = position(t, journal(*lines), on)
    assert p["oldest_due_on"] == D("2022-03-15")  # and with three days of grace late since the 18th
    assert p["principal"] == p["due_principal"] == 200_000
    lines.append(("paid", "2022-03-20", 100_000))
    assert position(t, journal(*lines), on)["oldest_due_on"] == D("2022-04-01")
    lines.append(("paid", "2022-04-01", 100_000))
    p = position(t, journal(*lines), on)
    assert (p["oldest_due_on"], p["payoff"], p["status"]) == (None, 0, "closed")


# --- the indices


@pytest.mark.parametrize(
    ("day_count", "start", "end", "want"),
    [
        ("act_365f", "2024-02-28", "2024-03-01", Fraction(2, 365)),
        ("act_360", "2024-02-28", "2024-03-01", Fraction(2, 360)),
        ("act_act", "2023-12-31", "2024-01-02", Fraction(1, 365) + Fraction(1, 366)),
        ("30_360_us", "2024-01-30", "2024-01-31", Fraction(0)),
        ("30_360_us", "2024-01-29", "2024-01-31", Fraction(2, 360)),
        ("30_360_us", "2024-02-28", "2024-03-01", Fraction(3, 360)),
        ("30_360_us", "2024-01-15", "2024-01-31", Fraction(16, 360)),
        ("30e_360", "2024-01-15", "2024-01-31", Fraction(15, 360)),
        ("daily", "2024-02-28", "2024-03-01", Fraction(2)),
    ],
)
def test_index(day_count, start, end, want):
    assert index(day_count, D(start), D(start), D(end)) == want


# --- one rule at a time. A rate of 0.001 a day makes the sums plain: 1 a day on 1,000.

DAILY = {
    "day_count": "daily",
    "rates": ((None, Fraction(0), Fraction(1, 1000)),),
    "penalty_base": "principal",
}
DRAW = ("disbursed", "2025-01-01", 30_000)


def on(t, date, *lines):
    return position(t, journal(DRAW, *lines), D(date))


def test_penalty_counts_from_the_due_date():
    p = on(terms(**DAILY), "2025-02-06")
    assert (p["due_principal"], p["due_penalty"], p["days_past_due"]) == (10_000, 50, 5)
    assert p["charged_penalty"] == 0
    assert p["payoff"] == 30_050


def test_penalty_becomes_money_when_paid():
    p = on(terms(**DAILY), "2025-02-11", ("paid", "2025-02-06", 5_050))
    assert (p["paid_penalty"], p["paid_principal"], p["due_penalty"]) == (50, 5_000, 25)


@pytest.mark.parametrize(
    ("retroactive", "want"), [(False, {4: 0, 5: 10, 6: 20}), (True, {3: 0, 4: 0, 5: 40, 6: 50})]
)
def test_grace(retroactive, want):
    """Three days: the first penalty day is 4 February, or with a missed grace all days from the 1st."""
    t = terms(**DAILY, penalty_grace=3, penalty_retroactive=retroactive)
    for day, penalty in want.items():
        assert on(t, f"2025-02-{day:02}")["due_penalty"] == penalty, day
    p = on(t, "2025-02-20", ("paid", "2025-02-04", 10_000))
    assert p["due_penalty"] == p["days_past_due"] == 0


def test_overdue_interest_replaced():
    rates = ((None, Fraction(1, 1000), Fraction(2, 1000)),)
    t = terms(**{**DAILY, "rates": rates}, overdue_interest="replaced")
    p = on(t, "2025-02-02")
    assert p["due_interest"] == 31 * 30
    assert (p["accrued_interest"], p["due_penalty"]) == (20, 20)
    p = on(replace(t, overdue_interest="continues"), "2025-02-02")
    assert (p["accrued_interest"], p["due_penalty"]) == (30, 20)


def test_tolerance():
    t = terms(**DAILY, tolerance=1_000)
    p = on(t, "2025-02-20", ("paid", "2025-02-01", 9_000))
    assert (p["due_principal"], p["overdue_principal"], p["due_penalty"], p["days_past_due"]) == (
        1_000,
        1_000,
        0,
        0,
    )


@pytest.mark.parametrize(
    ("flat", "rate", "most", "want"),
    [
        (700, Fraction(5, 100), 0, 700),
        (200, Fraction(5, 100), 0, 500),
        (200, Fraction(5, 100), 450, 450),
        (200, Fraction(5, 100), 501, 500),
        (450, Fraction(0), 450, 450),
    ],
)
def test_late_charge(flat, rate, most, want):
    t = terms(late_flat=flat, late_rate=rate, late_most=most, late_grace=3)
    assert on(t, "2025-02-04")["charged_fee"] == 0
    assert on(t, "2025-02-05")["charged_fee"] == on(t, "2025-02-28")["charged_fee"] == want


def test_credit_lowers_interest_and_pays_on_the_due_date():
    t = terms(**{**DAILY, "rates": ((None, Fraction(1, 1000), Fraction(0)),)})
    p = on(t, "2025-01-31", ("paid", "2025-01-11", 10_900))
    assert (p["credit"], p["accrued_interest"]) == (10_900, 682)  # 10 x 30 + 20 x 19.1
    assert (p["next_due_on"], p["next_due_amount"]) == (D("2025-02-01"), 0)
    p = on(t, "2025-02-01", ("paid", "2025-01-11", 10_900))
    assert (p["paid_interest"], p["paid_principal"], p["credit"], p["days_past_due"]) == (701, 10_000, 199, 0)


@pytest.mark.parametrize(
    ("rule", "then"), [("shorten", [10_000, 10_000, 5_000]), ("lower", [8_333, 8_333, 8_334])]
)
def test_prepayment(rule, then):
    t = terms(prepayment=rule)
    entries = journal(DRAW, ("paid", "2025-01-11", 15_000))
    asks = 10_000 if rule == "shorten" else 8_333
    p = position(t, entries, D("2025-01-11"))
    assert p["paid_principal"] == 5_000
    assert (p["credit"], p["next_due_amount"]) == (10_000, max(0, asks - 10_000))
    rows = [r for r in instalments(t, entries, D("2025-05-01")) if r["planned"]]
    assert [r["claimed"]["principal"] for r in rows] == then


def test_settlement():
    t = terms(**{**DAILY, "rates": ((None, Fraction(1, 1000), Fraction(0)),)})
    assert on(t, "2025-01-11")["payoff"] == 30_300
    p = on(t, "2026-01-01", ("paid", "2025-01-11", 30_301))
    assert (p["status"], p["payoff"], p["credit"], p["paid_interest"]) == ("closed", 0, 1, 300)
    assert p["next_event_on"] is p["next_due_on"] is None


def test_cap_clips_interest_and_then_fees():
    t = terms(**{**DAILY, "rates": ((None, Fraction(1, 1000), Fraction(0)),)}, cost_cap=Fraction(1, 2000))
    p = on(t, "2025-02-01", ("fee_charged", "2025-01-11", 1_000, "fee"))
    assert p["charged_fee"] == 0  # 150 may be charged, 300 have accrued
    assert (p["charged_interest"], p["forgone"]) == (465, 1_000)  # the rate itself is held to the cap
    wide = replace(t, cost_cap=Fraction(2, 1000))
    p = on(wide, "2025-01-11", ("fee_charged", "2025-01-11", 1_000, "fee"))
    assert (p["charged_fee"], p["forgone"]) == (300, 700)


def test_waived_written_off_recovered():
    t = terms(**DAILY)
    p = on(t, "2025-02-06", ("waived", "2025-02-06", 80, "penalty"))
    assert (p["waived_penalty"], p["due_penalty"]) == (50, 0)
    lines = [("written_off", "2025-02-06", 1), ("recovered", "2025-03-06", 30_000)]
    p = on(t, "2025-02-06", *lines)
    assert (p["status"], p["principal"], p["payoff"], p["written_off_penalty"]) == (
        "written_off",
        0,
        30_050,
        50,
    )
    p = on(t, "2025-03-06", *lines)
    assert (p["status"], p["payoff"], p["recovered"]) == ("written_off", 50, 30_000)


def test_flat_interest_residue_on_the_last_row():
    t = terms(interest="flat", rates=((None, Fraction(10, 100), Fraction(0)),))
    interest, asked, _ = pay_all(t, D("2025-01-01"), 10_000)
    assert interest == [83, 83, 84]
    assert asked == [3_333 + 83, 3_333 + 83, 3_334 + 84]


def test_refund_beyond_the_credit_is_owed():
    lines = [("paid", "2025-01-10", 500), ("refunded", "2025-01-20", 800)]
    p = on(terms(), "2025-01-21", *lines)
    assert (p["credit"], p["due_principal"], p["principal"], p["oldest_due_on"]) == (
        0,
        300,
        30_300,
        D("2025-01-20"),
    )


def test_other_order_once_long_past_due():
    t = terms(**DAILY, order_after_days=5)
    p = on(t, "2025-02-06", ("paid", "2025-02-06", 100))
    assert (p["paid_principal"], p["paid_penalty"]) == (100, 0)
    p = on(t, "2025-02-05", ("paid", "2025-02-05", 100))
    assert (p["paid_principal"], p["paid_penalty"]) == (60, 40)


def test_nonaccrual_and_buckets():
    t = terms(nonaccrual_after=10, buckets=(1, 31))
    p = on(t, "2025-02-11")
    assert (p["days_past_due"], p["bucket"], p["nonaccrual"]) == (10, 1, True)
    assert on(t, "2025-02-10")["nonaccrual"] is False
    assert on(t, "2025-03-04")["bucket"] == 2
    assert on(t, "2025-02-12", ("paid", "2025-02-12", 10_000))["nonaccrual"] is False
