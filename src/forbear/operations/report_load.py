"""A day's report read from the book: from the totals of business days, and the movements of corrected loans."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import psycopg

from forbear.engine.movements import COMPONENT_NAMES, Account, MovementKind
from forbear.operations.report_model import (
    BUCKETS,
    PAID_OFF,
    WRITTEN_OFF,
    BalanceRow,
    ControlRow,
    CorrectionRow,
    DayReport,
    Heap,
    MovementRow,
    Point,
    ProductRow,
)
from forbear.operations.totals import Totals, add_up

HISTORY = 180
FLOW_DAYS = 30
MOST_CORRECTIONS = 12
CORRECTION_DAYS = 7
OUT = {"closed": PAID_OFF, "written_off": WRITTEN_OFF}
CONTROLS = {
    "loans": "principal",
    "interest_due": "due_interest",
    "fees_due": "due_fee",
    "penalty_due": "due_penalty",
    "customer_credit": "credit",
}
"""Accounts and the sums of positions that they must equal; customers' credit stands on the other side."""

Connection = psycopg.Connection[Any]


def load_report(connection: Connection, date: dt.date | None) -> DayReport | None:
    """The report of a closed day, by default the last; None if that day is not closed.

    Amounts of several currencies do not add up: the report is of the currency with the most loans.
    """
    days = connection.execute(
        "SELECT date, totals, journal_digest FROM business_day "
        "WHERE closed_at IS NOT NULL AND date <= coalesce(%s, date) ORDER BY date DESC LIMIT %s",
        (date, HISTORY),
    ).fetchall()[::-1]
    if not days or (date is not None and days[-1][0] != date):
        return None
    products = {
        str(row[0]): row[1:] for row in connection.execute("SELECT id, code, name, currency FROM product")
    }
    currency = _main_currency(days[-1][1], products)
    mine = {key: row for key, row in products.items() if row[2] == currency}
    today: Totals = days[-1][1]
    return DayReport(
        date=days[-1][0],
        currency=currency,
        entries=today.get("entries", 0),
        touched=today.get("touched", 0),
        corrected=today.get("corrections", 0),
        digest=bytes(days[-1][2] or b"").hex(),
        history=tuple(_point(day, totals, mine) for day, totals, _ in days),
        products=tuple(
            ProductRow(code, name or code, _heaps(today["products"].get(key, {}).get("buckets", {})))
            for key, (code, name, _) in sorted(mine.items(), key=lambda item: int(item[0]))
        ),
        flows=_flows(totals for _, totals, _ in days[-FLOW_DAYS:]),
        flow_days=min(FLOW_DAYS, len(days)),
        movements=_movements(_sum(today, mine, "moved")),
        corrections=_corrections(connection, days[-1][0]),
        balances=_balances(today, mine),
        controls=_controls(today, mine),
    )


def _main_currency(totals: Totals, products: Mapping[str, Any]) -> str:
    counts: dict[str, int] = {}
    for key, product in totals.get("products", {}).items():
        currency = products[key][2]
        counts[currency] = counts.get(currency, 0) + sum(
            heap[0] for heap in product.get("buckets", {}).values()
        )
    return max(counts, key=lambda name: counts[name]) if counts else "CNY"


def _sum(totals: Totals, products: Mapping[str, Any], part: str) -> Totals:
    """One part of the totals, over these products."""
    return add_up(
        product.get(part, {}) for key, product in totals.get("products", {}).items() if key in products
    )


def _heaps(buckets: Mapping[str, list[int]]) -> tuple[Heap, ...]:
    """By bucket; whatever lies beyond the last one of ours is in it."""
    found = [Heap()] * BUCKETS
    for bucket, numbers in buckets.items():
        place = min(int(bucket), BUCKETS - 1)
        found[place] += Heap(*numbers)
    return tuple(found)


def _point(day: dt.date, totals: Totals, products: Mapping[str, Any]) -> Point:
    moved = _sum(totals, products, "moved")
    return Point(
        date=day,
        buckets=_heaps(_sum(totals, products, "buckets")),
        disbursed=sum(moved.get("disbursed", [])),
        received=sum(moved.get("received", [])),
        corrections=totals.get("corrections", 0),
    )


def _flows(days: Iterable[Totals]) -> dict[tuple[int, int], tuple[int, int]]:
    """Loans and principal that went from bucket to bucket, over some days and all products."""
    total = add_up(
        product.get("flows", {}) for totals in days for product in totals.get("products", {}).values()
    )
    found = {}
    for name, (loans, principal) in total.items():
        before, _, after = name.partition(">")
        if before not in OUT:  # a closed or written-off loan that came back was in no bucket
            found[int(before), OUT.get(after) or int(after)] = (loans, principal)
    return found


def _movements(moved: Mapping[str, list[int]]) -> tuple[MovementRow, ...]:
    kinds = [kind.name.lower() for kind in MovementKind]
    return tuple(MovementRow(kind, tuple(moved[kind])) for kind in kinds if any(moved.get(kind, [])))


def _corrections(connection: Connection, date: dt.date) -> tuple[CorrectionRow, ...]:
    """The largest corrections of the last days, the latest day first."""
    amounts = ", ".join(f"movement.{name}" for name in COMPONENT_NAMES)
    size = " + ".join(f"abs({name})" for name in COMPONENT_NAMES)
    rows = connection.execute(
        f"WITH largest AS (SELECT business_date, loan_id, sum({size}) AS size FROM movement "  # noqa: S608  # constants
        "WHERE business_date > %(since)s AND business_date <= %(date)s AND correction = 1 "
        "GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT %(most)s) "
        f"SELECT business_date, loan.reference, product.code, movement.kind, {amounts} FROM largest "
        "JOIN movement USING (business_date, loan_id) JOIN loan ON loan.id = loan_id "
        "JOIN product ON product.id = loan.product_id ORDER BY business_date DESC, size DESC, loan_id, kind",
        {"date": date, "since": date - dt.timedelta(days=CORRECTION_DAYS), "most": MOST_CORRECTIONS},
    ).fetchall()
    found: dict[tuple[dt.date, str, str], list[MovementRow]] = {}
    for day, reference, product, kind, *numbers in rows:
        row = MovementRow(MovementKind(kind).name.lower(), tuple(numbers))
        found.setdefault((day, reference, product), []).append(row)
    return tuple(CorrectionRow(*place, tuple(moved)) for place, moved in found.items())


def _ledger(totals: Totals, products: Mapping[str, Any]) -> Totals:
    return add_up(accounts for key, accounts in totals.get("ledger", {}).items() if key in products)


def _balances(totals: Totals, products: Mapping[str, Any]) -> tuple[BalanceRow, ...]:
    ledger = _ledger(totals, products)
    return tuple(
        BalanceRow(int(account), account.name.lower(), ledger[account.name.lower()])
        for account in Account
        if ledger.get(account.name.lower())
    )


def _controls(totals: Totals, products: Mapping[str, Any]) -> tuple[ControlRow, ...]:
    ledger, control = _ledger(totals, products), _sum(totals, products, "control")
    rows = [
        ControlRow(account, ledger.get(account, 0), control.get(name, 0) * (-1 if name == "credit" else 1))
        for account, name in CONTROLS.items()
    ]
    accrued = add_up(parts for key, parts in totals.get("accrued", {}).items() if key in products)
    for name in ("interest", "penalty"):
        positions = accrued.get(name, 0) + accrued.get(f"{name}_nonaccrual", 0)
        rows.append(ControlRow(f"accrued_{name}", ledger.get(f"accrued_{name}", 0), positions))
    return tuple(rows)
