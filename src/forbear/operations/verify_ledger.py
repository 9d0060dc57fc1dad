"""Proving the ledger: days against their postings, movements against postings and positions, accruals against lines.

All of it is asked of the database as a whole, so memory does not depend on the number of loans.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from forbear.engine.movements import (
    COMPONENT_NAMES,
    TOTALS,
    Account,
    AccrualKey,
    AccrualSum,
    MovementKind,
)
from forbear.operations.findings import MOST_FINDINGS, VerifyReport
from forbear.operations.ledger import differences
from forbear.operations.partition import Connection, read_accruals
from forbear.operations.totals import CARRIED, Totals, add_up

Balances = dict[tuple[str, str], int]
"""Debit-positive amounts by product and account."""

SHARED = (int(MovementKind.ACCRUED), int(MovementKind.SUSPENDED))
"""Kinds that are booked for whole products, at least in part: postings have more of them than movements."""


def check_ledger(connection: Connection, days: list[tuple[Any, ...]], report: VerifyReport) -> None:
    """Each day's balances against the day's before and its postings; trial balance and control totals of each day."""
    posted: dict[Any, Balances] = {}
    for date, product, debit, credit, amount in connection.execute(
        "SELECT business_date, product_id, debit, credit, amount FROM posting"
    ):
        accounts = posted.setdefault(date, {})
        for account, signed in ((debit, amount), (credit, -amount)):
            place = (str(product), Account(account).name.lower())
            accounts[place] = accounts.get(place, 0) + signed
    before: Balances = {}
    for date, _, totals, _ in days:
        now = {(product, name): n for product, row in totals["ledger"].items() for name, n in row.items()}
        today = posted.pop(date, {})
        for place in sorted({*now, *before, *today}):
            grown = now.get(place, 0) - before.get(place, 0)
            if grown != today.get(place, 0):
                what = f"grew by {grown}, its postings are {today.get(place, 0)}"
                report.add("ledger", f"{date.isoformat()}, product {' '.join(place)}", what)
        for text in differences(totals["ledger"], totals["products"], totals["accrued"]):
            report.add("ledger", date.isoformat(), text)
        before = now
    for date in sorted(posted):
        report.add("ledger", date.isoformat(), "has postings, but is no closed day")


def check_movements(connection: Connection, report: VerifyReport) -> None:
    """The loans' movements of each day and product against the postings, both ways."""
    split = ", ".join(f"({place}, {name})" for place, name in enumerate(COMPONENT_NAMES))
    query = f"""
        WITH moved AS (
            SELECT business_date, product_id, kind, place AS component, sum(part)::bigint AS amount
            FROM movement CROSS JOIN LATERAL (VALUES {split}) AS parts (place, part) WHERE part <> 0 GROUP BY 1, 2, 3, 4
        ), booked AS (
            SELECT business_date, product_id, kind, component, sum(amount)::bigint AS amount
            FROM posting GROUP BY 1, 2, 3, 4
        )
        SELECT business_date, product_id, kind, component, coalesce(moved.amount, 0), coalesce(booked.amount, 0)
        FROM moved FULL JOIN booked USING (business_date, product_id, kind, component)
        WHERE coalesce(moved.amount, 0) <> coalesce(booked.amount, 0) AND kind <> ALL (%s)
            AND business_date IN (SELECT date FROM business_day WHERE closed_at IS NOT NULL)
        ORDER BY 1, 2, 3, 4 LIMIT {MOST_FINDINGS}"""  # noqa: S608  # names from a constant
    for date, product, kind, component, moved, posted in connection.execute(query, (list(SHARED),)):
        name = f"{MovementKind(kind).name.lower()} {COMPONENT_NAMES[component]}"
        where = f"{date.isoformat()}, product {product}, {name}"
        report.add("movement", where, f"the loans' movements are {moved}, the postings {posted}")


def check_booked(connection: Connection, report: VerifyReport) -> None:
    """Each loan's movements, summed over all days, against the totals of its position (ADR 0004)."""
    wanted = [
        (kind, name, amount)
        for kind, amounts in _held()
        for name, amount in zip(COMPONENT_NAMES, amounts, strict=True)
        if amount
    ]
    sums = ", ".join(
        f"coalesce(sum({name}) FILTER (WHERE kind = {int(kind)}), 0) AS s{place}"
        for place, (kind, name, _) in enumerate(wanted)
    )
    pairs = ", ".join(
        f"(coalesce(s{place}, 0), coalesce({amount}, 0))" for place, (_, _, amount) in enumerate(wanted)
    )
    differ = " OR ".join(
        f"coalesce(s{place}, 0) <> coalesce({amount}, 0)" for place, (_, _, amount) in enumerate(wanted)
    )
    query = f"""
        SELECT coalesce(moved.loan_id, position.loan_id), ARRAY(SELECT ARRAY[a, b] FROM (VALUES {pairs}) AS pair (a, b))
        FROM position FULL JOIN (SELECT loan_id, {sums} FROM movement GROUP BY 1) AS moved USING (loan_id)
        WHERE {differ} ORDER BY 1 LIMIT {MOST_FINDINGS}"""  # noqa: S608  # names from a constant
    for loan, found in connection.execute(query):
        for (kind, name, _), (moved, held) in zip(wanted, found, strict=True):
            if moved != held:
                what = f"its movements are {moved}, its position says {held}"
                report.add("movement", f"loan {loan}, {kind.name.lower()} {name}", what)


def check_products(connection: Connection, report: VerifyReport) -> None:
    """Each position is kept under its loan's product."""
    query = (
        "SELECT loan_id, position.product_id, loan.product_id FROM position JOIN loan ON loan.id = loan_id "
        "WHERE position.product_id <> loan.product_id ORDER BY 1 LIMIT %s"
    )
    for loan, stored, wanted in connection.execute(query, (MOST_FINDINGS,)):
        report.add("position", f"loan {loan}", f"is stored under product {stored}, the loan has {wanted}")


def _held() -> Iterator[tuple[MovementKind, tuple[str | None, ...]]]:
    """For each kind, what of a position its movements add up to, by component, as SQL."""
    yield from TOTALS
    gone = "paid_principal + waived_principal + written_off_principal"
    capitalised = "capitalised_interest + capitalised_fee + capitalised_penalty"
    again = f"principal + {gone} - disbursed - ({capitalised})"
    yield MovementKind.OWED_AGAIN, (again, None, None, None, None)
    held = [f"(due_{name} + deferred_{name}) * nonaccrual" for name in ("interest", "penalty")]
    yield MovementKind.SUSPENDED, (None, held[0], None, held[1], None)


def check_accruals(
    connection: Connection, lines: Mapping[AccrualKey, AccrualSum], report: VerifyReport
) -> None:
    """The products' accruals against the sums of the stored positions' lines, exactly."""
    with connection.cursor() as cursor:
        stored = read_accruals(cursor)
    for key in sorted({*stored, *lines}):
        if _exact(stored.get(key), key) != _exact(lines.get(key), key):
            line = f"{COMPONENT_NAMES[key.line]}{' not recognised' if key.nonaccrual else ''}"
            report.add(
                "accrual", f"product {key.product_id}, {line}", "is not the sum of what its loans accrue"
            )


def _exact(amount: AccrualSum | None, key: AccrualKey) -> tuple[int, int]:
    """Intercept and slope in units of one part in `denominator`: one number each, however it was added up."""
    if amount is None:
        return 0, 0
    scale = max(key.denominator, 1)
    return amount.whole * scale + amount.remainder, amount.slope * scale + amount.slope_remainder


def check_control(connection: Connection, last: Totals, sums: Totals, report: VerifyReport) -> None:
    """Standing totals of the last closed day, and what an open day has done since, against the sums of the positions."""
    since = add_up(
        row[0].get("products", {})
        for row in connection.execute(
            "SELECT checkpoint.totals FROM checkpoint JOIN business_day ON date = business_date WHERE closed_at IS NULL"
        )
    )
    wanted = add_up([last["products"], since])
    for product in sorted({*wanted, *sums}, key=int):
        for name in CARRIED:
            told, found = (_plain(totals.get(product, {}).get(name, {})) for totals in (wanted, sums))
            for what in sorted({*told, *found}):
                if told.get(what) != found.get(what):
                    where = f"product {product}, {name} {what}"
                    said = f"positions sum to {found.get(what, 0)}, the day says {told.get(what, 0)}"
                    report.add("control", where, said)


def _plain(totals: Mapping[str, Any]) -> dict[str, Any]:
    """Totals without the lines that are nothing."""
    return {
        name: value for name, value in totals.items() if (any(value) if isinstance(value, list) else value)
    }
