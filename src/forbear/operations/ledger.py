"""The general ledger of a day: postings per product, balances, and the proof that they tie with the positions."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from forbear.engine.movements import (
    CHART,
    COMPONENT_NAMES,
    INTEREST,
    PENALTY,
    Account,
    AccrualKey,
    AccrualSum,
    MovementKind,
)


class Posting(NamedTuple):
    """One double entry of a product's day: debit and credit of `amount` minor units, negative for a red entry (红字)."""

    product_id: int
    kind: int
    component: int
    debit: int
    credit: int
    amount: int


def accrued(sums: Mapping[AccrualKey, AccrualSum], day: int) -> dict[str, dict[str, int]]:
    """What each product has accrued and not charged by `day`: {product: {"interest": n, ..., "penalty_nonaccrual": n}}.

    Exact per group, summed, and rounded down once per product, line and accrual status.
    """
    exact: dict[tuple[str, str], Fraction] = {}
    for key, total in sums.items():
        name = COMPONENT_NAMES[key.line] + ("_nonaccrual" if key.nonaccrual else "")
        place = (str(key.product_id), name)
        exact[place] = exact.get(place, Fraction(0)) + total.at(key, day)
    found: dict[str, dict[str, int]] = {}
    for (product, name), amount in exact.items():
        found.setdefault(product, {})[name] = amount.numerator // amount.denominator
    return found


def postings(
    products: Mapping[str, Mapping[str, Any]],
    before: Mapping[str, Mapping[str, int]],
    now: Mapping[str, Mapping[str, int]],
) -> list[Posting]:
    """The day's postings: the loans' movements summed, and the accruals of whole products.

    `products` has each product's movements by kind; `before` and `now` what was accrued on the day before and is today.
    """
    found = []
    for product in sorted({*products, *before, *now}, key=int):
        moved = products.get(product, {}).get("moved", {})
        for kind, component, amount in _amounts(moved):
            debit, credit = CHART[kind, component]
            found.append(Posting(int(product), kind, component, debit, credit, amount))
        old, new = before.get(product, {}), now.get(product, {})
        charged = moved.get("charged", [0] * len(COMPONENT_NAMES))
        for line in (INTEREST, PENALTY):
            for kind, amount in _accrual(COMPONENT_NAMES[line], old, new, charged[line]):
                if amount:
                    debit, credit = CHART[kind, line]
                    found.append(Posting(int(product), kind, line, debit, credit, amount))
    return _merged(found)


def _amounts(moved: Mapping[str, list[int]]) -> Iterator[tuple[MovementKind, int, int]]:
    for name, amounts in moved.items():
        for component, amount in enumerate(amounts):
            if amount:
                yield MovementKind[name.upper()], component, amount


def _accrual(
    name: str, old: Mapping[str, int], new: Mapping[str, int], charged: int
) -> Iterator[tuple[MovementKind, int]]:
    """Income of the day by accrual, and the part of it that is held back because its loans are non-accrual."""
    held = f"{name}_nonaccrual"
    growth = new.get(name, 0) + new.get(held, 0) - old.get(name, 0) - old.get(held, 0)
    yield MovementKind.ACCRUED, growth + charged
    yield MovementKind.SUSPENDED, new.get(held, 0) - old.get(held, 0)


def _merged(found: list[Posting]) -> list[Posting]:
    sums: dict[tuple[int, int, int, int, int], int] = {}
    for *key, amount in found:
        place = (key[0], key[1], key[2], key[3], key[4])
        sums[place] = sums.get(place, 0) + amount
    return [Posting(*key, amount) for key, amount in sorted(sums.items()) if amount]


def balances(before: Mapping[str, Mapping[str, int]], day: list[Posting]) -> dict[str, dict[str, int]]:
    """Balances by product and account after the day's postings; debit positive."""
    found = {product: dict(accounts) for product, accounts in before.items()}
    for posting in day:
        accounts = found.setdefault(str(posting.product_id), {})
        for account, amount in ((posting.debit, posting.amount), (posting.credit, -posting.amount)):
            name = Account(account).name.lower()
            accounts[name] = accounts.get(name, 0) + amount
    return found


def differences(
    ledger: Mapping[str, Mapping[str, int]],
    control: Mapping[str, Mapping[str, Any]],
    accrued_now: Mapping[str, Mapping[str, int]],
) -> list[str]:
    """Where the ledger does not agree with the positions, in words; empty when everything ties.

    For each product: the trial balance is zero, and loans, dues, accruals and customers' credit equal the sums of positions.
    """
    found = []
    for product, accounts in ledger.items():
        total = sum(accounts.values())
        if total:
            found.append(f"product {product}: the trial balance is {total}, not 0")
        mine = control.get(product, {}).get("control", {})
        accrual = accrued_now.get(product, {})
        wanted = {
            "loans": mine.get("principal", 0),
            "interest_due": mine.get("due_interest", 0) + mine.get("deferred_interest", 0),
            "fees_due": mine.get("due_fee", 0) + mine.get("deferred_fee", 0),
            "penalty_due": mine.get("due_penalty", 0) + mine.get("deferred_penalty", 0),
            "customer_credit": -mine.get("credit", 0),
            "accrued_interest": accrual.get("interest", 0) + accrual.get("interest_nonaccrual", 0),
            "accrued_penalty": accrual.get("penalty", 0) + accrual.get("penalty_nonaccrual", 0),
        }
        for name, amount in wanted.items():
            booked = accounts.get(name, 0)
            if booked != amount:
                found.append(f"product {product}: account {name} has {booked}, the positions say {amount}")
    return found
