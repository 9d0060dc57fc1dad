"""The lending cases: small calculations, each answered by the engine's own functions.

A case says what it wants in `expected`; the first topic that a table below knows chooses the calculation. Loans go through the fold
wherever it can live them; figures beside it come from `interest`, `booking` and `classification`.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from forbear.engine.batch import Batch, fold, instalments
from forbear.engine.booking import Booking, booking_days
from forbear.engine.classification import ClassTable, FirstDay, classify, days_past_due
from forbear.engine.cost.loan import paid_as_planned
from forbear.engine.interest import interest, interest_by_entry, percent_of, spread_over
from forbear.engine.layout import ENTRY, PLAN
from forbear.engine.plan import Unit, due_date
from forbear.engine.quote import level_instalment_of
from forbear.engine.terms import LOAN_TERMS, Product, compile_batch
from forbear.engine.vocabulary import (
    INTEREST,
    NEVER,
    PRINCIPAL,
    Amortisation,
    Component,
    EntryKind,
    InterestMethod,
    OverdueInterest,
    PenaltyBase,
)
from forbear.kernel.daycounts import ACT_365F, DayCount
from forbear.kernel.days import to_date, to_day
from forbear.kernel.rates import RATE_SCALE
from forbear.kernel.rounding import HALF_UP, Rounding
from tests.conformance.actus import NotExpressible, Result

Given = Mapping[str, Any]
"""A case's `given`."""
FAMILIES = ("lending",)
MANY = 480
"""Planned rows of a loan whose instalment, not its count, is agreed: more than it can need. Those not needed ask for nothing."""
BOOKINGS = {"daily": Booking.DAILY, "weekly": Booking.WEEKLY, "monthly": Booking.MONTHLY}


def day(text: str) -> int:
    return to_day(date.fromisoformat(text))


def iso(number: int) -> str:
    return to_date(number).isoformat()


def minor(text: str) -> int:
    value = Fraction(text) * 100
    assert value.denominator == 1, text
    return int(value)


def rate_of(percent: str) -> int:
    value = Fraction(percent) / 100 * RATE_SCALE
    assert value.denominator == 1, percent
    return int(value)


def major(amount: int) -> str:
    return str(Decimal(amount) / 100)


def product_of(given: Given, **options: Any) -> Product:
    """Terms common to these cases: level instalments, interest by actual days over 365, rounded to a cent per period."""
    chosen: dict[str, Any] = {
        "amortisation": Amortisation.EQUAL_INSTALMENT,
        "interest_method": InterestMethod.DAILY_BALANCE,
        "day_count": DayCount.ACT_365F,
        "order": (Component.INTEREST, Component.PRINCIPAL, Component.FEE, Component.PENALTY),
        "overdue_interest": OverdueInterest.CONTINUES,
        "penalty_base": PenaltyBase.NONE,
    }
    unknown = {
        "method": "declining_balance",
        "frequency": "monthly",
        "interest_day_count": "actual/365 fixed",
    }
    for name, only in unknown.items():
        if given.get(name, only) != only:
            raise NotExpressible(f"{name} = {given[name]}")
    return Product(code="lending", currency="INR", **(chosen | options))


def instalment_of(given: Given) -> int:
    """The level amount in minor units: agreed, or that of equal months at a twelfth of the rate, up to the next whole unit."""
    if given.get("fixed_instalment"):
        return minor(given["fixed_instalment"])
    return level_instalment_of(
        minor(given["principal"]),
        rate_of(given["annual_rate_percent"]),
        12,
        int(given["periods"]),
        100,
        Rounding.CEILING,
    )


def loan_of(given: Given, product: Product, started_on: int, *, penalty_rate: int = 0) -> Batch:
    """One loan, disbursed in full on `started_on`."""
    terms = np.zeros(1, LOAN_TERMS)
    terms["loan"] = 1
    terms["rate"] = rate_of(given["annual_rate_percent"])
    terms["penalty_rate"] = penalty_rate
    terms["first_due_on"] = day(given["first_due_on"])
    terms["count"] = given.get("periods") or MANY
    terms["instalment"] = instalment_of(given)
    entries = entries_of([(EntryKind.DISBURSED, started_on, 0, minor(given["principal"]))])
    return compile_batch([product], terms, entries, np.array([0, len(entries)]))


def entries_of(rows: list[tuple[EntryKind, int, int, int]]) -> np.ndarray:
    """Journal entries from (kind, day, component, amount), in order."""
    entries = np.zeros(len(rows), ENTRY)
    for place, (kind, on, component, amount) in enumerate(rows):
        entries[place] = (place + 1, kind, on, component, amount, 0, place + 1, 0, 0, 0)
    return entries


def with_entries(batch: Batch, rows: list[tuple[EntryKind, int, int, int]]) -> Batch:
    """The loan with more in its journal."""
    known = [
        (EntryKind(e["kind"]), int(e["effective_on"]), int(e["component"]), int(e["amount"]))
        for e in batch.entries
    ]
    entries = entries_of(known + rows)
    return Batch(
        batch.terms, batch.rates, batch.rate_bounds, batch.plan, batch.plan_bounds,
        entries, np.array([0, len(entries)]), batch.buckets,
    )  # fmt: skip


# ----------------------------------------------------------------------------------------------------------------------
# What each kind of case asks


def accrual(given: Given, expected: Given) -> Iterator[tuple[str, Any, Any]]:
    """On which days interest is booked."""
    booking = BOOKINGS[given["accrual_frequency"].split()[0]]
    if "draws" in given:
        for draw in given["draws"]:
            booked = booking_days(booking, day(draw["on"]), day(given["accrued_to"]) + 1)
            want = expected["entries"][draw["id"]]
            yield f"{draw['id']} count", len(booked), want["count"]
            yield f"{draw['id']} first", iso(booked[0]), want["first"]
        return
    first = day(given["first_due_on"])
    due_on = [due_date(first, place, 1, Unit.MONTH, 0, 0) for place in range(int(given["periods"]))]
    start = (
        day(given["already_accrued_to"]) + 1 if "already_accrued_to" in given else day(given["disbursed_on"])
    )
    booked = booking_days(booking, start, day(given["accrued_to"]) + 1, due_on)
    first_asked, last_asked = (day(text) for text in expected["accrual_dates"]["window"])
    yield (
        "dates",
        [iso(d) for d in booked if first_asked <= d <= last_asked],
        expected["accrual_dates"]["dates"],
    )


def freeze(given: Given, expected: Given) -> Iterator[tuple[str, Any, Any]]:
    """Nothing is booked after an account is frozen."""
    booked = booking_days(
        Booking.DAILY,
        day(given["disbursed_on"]),
        day(given["accrued_to"]) + 1,
        frozen_on=day(given["freeze_on"]),
    )
    yield "last_accrual_date", iso(booked[-1]), expected["last_accrual_date"]


def broken_period(given: Given, expected: Given) -> Iterator[tuple[str, Any, Any]]:
    """Days before the first regular period bring interest of their own, recovered in one of three ways."""
    broken = given["broken_period"]
    regular_from = due_date(day(given["first_due_on"]), -1, 1, Unit.MONTH, 0, 0)
    brought = interest(
        minor(given["principal"]),
        rate_of(given["annual_rate_percent"]),
        ACT_365F,
        day(broken["from"]),
        regular_from,
        HALF_UP,
    )
    yield "broken-period interest", major(brought), broken["interest"]
    if broken["recovery"].startswith("deducted"):
        yield "row 1", major(brought), expected["interest_rows"]["1"]
        return
    batch = paid_as_planned(loan_of(given, product_of(given), regular_from))
    rows = instalments(batch, int(batch.plan["due_on"][-1]))
    interests = [int(row["claimed"][INTEREST]) for row in rows]
    if broken["recovery"].startswith("added"):
        interests[0] += brought
    else:
        parts = spread_over(brought, len(interests), HALF_UP)
        interests = [a + b for a, b in zip(interests, parts, strict=True)]
    for place, want in expected["interest_rows"].items():
        yield f"row {place}", major(interests[int(place) - 1]), want


def charges(given: Given, expected: Given) -> Iterator[tuple[str, Any, Any]]:
    """Charges: a percentage of what is outstanding, and what payments to them leave."""
    if "charge" in given:
        charged = percent_of(
            minor(given["outstanding_principal"]), rate_of(given["charge"]["percent"]), HALF_UP
        )
        yield "charges_payable", major(charged), expected["charges_payable"]
        return
    start = min(day(charge["on"]) for charge in given["charges"])
    frame = {
        "principal": "1000",
        "annual_rate_percent": "0",
        "periods": 12,
        "first_due_on": iso(start + 31),
        "fixed_instalment": "100",
    }
    fee_first = (Component.FEE, Component.INTEREST, Component.PRINCIPAL, Component.PENALTY)
    batch = loan_of(frame, product_of(given, order=fee_first), start)
    charged = [
        (EntryKind.FEE_CHARGED, day(c["on"]), int(Component.FEE), minor(c["amount"]))
        for c in given["charges"]
    ]
    batch = with_entries(batch, charged)
    before = 0
    for place, payment in enumerate(given["payments"]):
        batch = with_entries(batch, [(EntryKind.PAID, day(payment["date"]), 0, minor(payment["amount"]))])
        position = fold(batch, day(payment["date"]))[0]
        yield (
            f"payment {place + 1}",
            major(int(position["paid_fee"]) - before),
            expected["charges_paid_by_payment"][place],
        )
        before = int(position["paid_fee"])
    yield "outstanding", major(int(fold(batch, start)[0]["due_fee"])), expected["charges_outstanding"]


def classification(given: Given, expected: Given) -> Iterator[tuple[str, Any, Any]]:
    """Classes from ranges of days past due."""
    ranges = given["ranges"]
    table = ClassTable(tuple(r["label"] for r in ranges), tuple(int(r["from_dpd"]) for r in ranges[1:]))
    for days, want in expected["class_by_dpd"].items():
        yield f"{days} days", table.classes[int(classify(table, np.array([int(days)]))[0])], want


def dpd(given: Given, expected: Given) -> Iterator[tuple[str, Any, Any]]:
    """Days past due where the due date itself is day 1, from the fold of demands and payments."""
    demands = given["demands"]
    total = sum(minor(demand["amount"]) for demand in demands)
    start = day(demands[0]["due_on"]) - 31
    terms = np.zeros(1, LOAN_TERMS)
    terms["loan"], terms["first_due_on"], terms["count"] = 1, day(demands[0]["due_on"]), len(demands)
    rows = [(EntryKind.DISBURSED, start, 0, total)]
    rows += [(EntryKind.PAID, day(p["date"]), 0, minor(p["amount"])) for p in given["payments"]]
    plan = np.zeros(len(demands), PLAN)
    plan["due_on"] = [day(demand["due_on"]) for demand in demands]
    plan["principal"] = [minor(demand["amount"]) for demand in demands]
    product = product_of({}, amortisation=Amortisation.CUSTOM)
    batch = compile_batch([product], terms, entries_of(rows), np.array([0, len(rows)]), plan)
    for on, want in expected["dpd"].items():
        late = [int(row["due_on"]) for row in instalments(batch, day(on)) if row["unpaid"].sum() > 0]
        oldest = np.array([min(late, default=NEVER)])
        yield on, int(days_past_due(oldest, day(on), FirstDay.DUE_DATE)[0]), want


def payoff(given: Given, expected: Given) -> Iterator[tuple[str, Any, Any]]:
    """Interest from the last booked day to a quoted closure."""
    found = interest(
        minor(given["principal"]), rate_of(given["annual_rate_percent"]), ACT_365F,
        day(given["accrued_to"]), day(given["closure_quote_on"]), HALF_UP,
    )  # fmt: skip
    yield "unaccrued_interest", major(found), expected["unaccrued_interest"]


def prepayment(given: Given, expected: Given) -> Iterator[tuple[str, Any, Any]]:
    """A prepayment takes the interest booked so far, entry by entry, then principal."""
    principal, rate = minor(given["principal"]), rate_of(given["annual_rate_percent"])
    on, amount = day(given["prepayment"]["date"]), minor(given["prepayment"]["amount"])
    booked = interest_by_entry(
        principal, rate, ACT_365F, day(given["disbursed_on"]), day(given["accrued_to"]) + 1, HALF_UP
    )
    yield "interest_paid_by_prepayment", major(min(booked, amount)), expected["interest_paid_by_prepayment"]
    daily = interest(principal - (amount - booked), rate, ACT_365F, on, on + 1, HALF_UP)
    yield "daily interest", major(daily), expected[f"daily_interest_on_{given['prepayment']['date']}"]


def penalty(given: Given, expected: Given) -> Iterator[tuple[str, Any, Any]]:
    """Penalty on instalments that stay unpaid."""
    product = product_of(given, penalty_base=PenaltyBase.PRINCIPAL_AND_INTEREST)
    yield "instalment", major(instalment_of(given)), given["instalment"]
    regular_from = due_date(day(given["first_due_on"]), -1, 1, Unit.MONTH, 0, 0)
    batch = loan_of(given, product, regular_from, penalty_rate=rate_of(given["penalty_rate_percent"]))
    position = fold(batch, day(given["quoted_on"]))[0]
    found = int(position["accrued_penalty"]) + int(
        position["due_penalty"] if not position["accrued_penalty"] else 0
    )
    yield "penalty", major(found), expected["penalty"]


def quote(given: Given, expected: Given) -> Iterator[tuple[str, Any, Any]]:
    """A quote in whole units: instalment up, each month's interest to the nearest unit."""
    terms = np.zeros(1, LOAN_TERMS)
    principal, count = int(given["principal"]), int(given["periods"])
    rate = rate_of(given["annual_rate_percent"])
    level = level_instalment_of(principal, rate, 12, count, 1, Rounding.CEILING)
    terms["loan"], terms["rate"], terms["count"], terms["instalment"] = 1, rate, count, level
    terms["first_due_on"] = day("2024-02-01")
    entries = entries_of([(EntryKind.DISBURSED, day("2024-01-01"), 0, principal)])
    product = product_of({}, interest_method=InterestMethod.PERIOD_RATE)
    batch = paid_as_planned(compile_batch([product], terms, entries, np.array([0, 1])))
    rows = instalments(batch, int(batch.plan["due_on"][-1]))
    total_interest = sum(int(row["claimed"][INTEREST]) for row in rows)
    yield "instalment", str(level), expected["instalment"]
    yield "total_interest", str(total_interest), expected["total_interest"]
    yield "total_payment", str(principal + total_interest), expected["total_payment"]


def fixed_instalment(given: Given, expected: Given) -> Iterator[tuple[str, Any, Any]]:
    """The number of rows follows from the amount."""
    batch = paid_as_planned(loan_of(given, product_of(given), day(given["disbursed_on"])))
    rows = instalments(batch, int(batch.plan["due_on"][-1]))
    paid = [int(row["claimed"][PRINCIPAL]) + int(row["claimed"][INTEREST]) for row in rows]
    total_interest = sum(int(row["claimed"][INTEREST]) for row in rows)
    yield "rows", sum(1 for amount in paid if amount), expected["rows"]
    yield "total interest", f"{Decimal(total_interest) / 100:.0f}", expected["total_interest_rounded_0"]
    yield "total payment", f"{Decimal(sum(paid)) / 100:.0f}", expected["total_payment_rounded_0"]


def allocation(given: Given, expected: Given) -> Iterator[tuple[str, Any, Any]]:
    """What exceeds the instalment reduces principal.

    The fold keeps it as credit, which bears down on the balance from that day (docs/adr/0005): the interest that follows must
    be that of the smaller principal.
    """
    yield "instalment", major(instalment_of(given)), given["instalment"]
    batch = loan_of(given, product_of(given), day(given["disbursed_on"]))
    on, amount = day(given["payment"]["date"]), minor(given["payment"]["amount"])
    batch = with_entries(batch, [(EntryKind.PAID, on, 0, amount)])
    position = fold(batch, on)[0]
    reduced = int(position["paid_principal"]) + int(position["credit"])
    yield "interest_paid", major(int(position["paid_interest"])), expected["interest_paid"]
    yield "principal_paid", major(reduced), expected["principal_paid"]
    left, later = minor(given["principal"]) - reduced, on + 20
    next_interest = interest(left, rate_of(given["annual_rate_percent"]), ACT_365F, on, later, HALF_UP)
    yield "interest that follows", int(fold(batch, later)[0]["accrued_interest"]), next_interest


ASKS: tuple[tuple[str, Callable[[Given, Given], Iterator[tuple[str, Any, Any]]]], ...] = (
    ("freeze", freeze),
    ("broken_period", broken_period),
    ("charges", charges),
    ("classification", classification),
    ("payoff", payoff),
    ("dpd", dpd),
    ("prepayment", prepayment),
    ("penalty", penalty),
    ("quote", quote),
    ("fixed_instalment", fixed_instalment),
    ("allocation", allocation),
    ("accrual", accrual),
)
"""Topics and their calculation; the first one that a case has counts."""


def agrees(found: Any, wanted: Any, tolerance: str | None) -> bool:
    if isinstance(found, str) and isinstance(wanted, str):
        try:
            return abs(Decimal(found) - Decimal(wanted)) <= Decimal(tolerance or 0)
        except ArithmeticError:
            return found == wanted
    return bool(found == wanted)


def run(case: Mapping[str, Any]) -> Result:
    """Run one case."""
    name, feature = case["id"], case["feature"]
    ask = next((ask for topic, ask in ASKS if topic in case["topics"]), None)
    if ask is None:
        return Result(name, feature, "not expressible", f"topics {case['topics']}")
    try:
        told = [
            f"{what}: {found}, expected {wanted}"
            for what, found, wanted in ask(case["given"], case["expected"])
            if not agrees(found, wanted, case.get("tolerance"))
        ]
    except (NotExpressible, KeyError) as error:
        return Result(name, feature, "not expressible", f"{type(error).__name__}: {error}")
    return Result(name, feature, "failed", told[0]) if told else Result(name, feature, "passed")
