"""One loan, told in full: its position on any day, and how each day of its journal led there.

The lines are differences of positions, so they say exactly what the fold did, and nothing is computed twice.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from forbear.engine.batch import fold, instalments
from forbear.engine.layout import POSITION
from forbear.engine.movements import COMPONENT_NAMES, MovementKind, movements
from forbear.engine.terms import compile_batch
from forbear.engine.vocabulary import NEVER, Amortisation, Component, EntryKind, Status
from forbear.kernel.days import to_date
from forbear.kernel.money import format_minor
from forbear.operations.partition import Connection, Products
from forbear.store import book
from forbear.store.connect import connect


@dataclass(frozen=True, slots=True)
class UnknownLoan:
    """There is no such loan: a business refusal."""

    reference: str


@dataclass(frozen=True, slots=True)
class Line:
    """What happened on one day: the entries of that day, and the movements they and the day brought (minor units)."""

    on: date
    entries: tuple[str, ...]
    movements: tuple[tuple[str, dict[str, int]], ...]
    principal: int
    payoff: int


@dataclass(frozen=True, slots=True)
class Statement:
    """A loan's statement as of a day. Amounts are minor units of `currency`; days that do not come are None.

    `instalments` are those that have fallen due; `planned` are the due dates to come with the principal that the loan's own
    plan has for each, none if it is computed when it falls due.
    """

    reference: str
    product: str
    currency: str
    as_of: date
    position: dict[str, Any]
    instalments: tuple[dict[str, Any], ...]
    planned: tuple[dict[str, Any], ...]
    lines: tuple[Line, ...]


def load_batch(connection: Connection, loan: int) -> tuple[Any, np.ndarray, Products]:
    """One loan as a batch of one, with the wire rows of its journal."""
    with connection.cursor() as cursor:
        products = Products(*book.read_products(cursor))
        these = book.only(loan)
        loans, _ = book.read_loans(cursor, products.ids, these)
        entries, bounds, _ = book.read_journal(
            cursor, np.array([loan], np.int64), until_recording=2**31 - 1, these=these
        )
        own_plan = book.read_instalments(cursor, products.terms, these)
    return compile_batch(products.terms, loans, entries, bounds, own_plan), entries, products


def find_loan(connection: Connection, reference: str) -> tuple[int, str, str] | None:
    """Number, product code and currency of a loan by the lender's reference."""
    return connection.execute(
        "SELECT loan.id, product.code, product.currency FROM loan JOIN product ON product.id = product_id "
        "WHERE reference = %s",
        (reference,),
    ).fetchone()


def statement(url: str, reference: str, as_of: int) -> Statement | UnknownLoan:
    """The statement of the loan called `reference` as of a day number, from all that is recorded by now."""
    with connect(url) as connection:
        found = find_loan(connection, reference)
        if found is None:
            return UnknownLoan(reference)
        number, product, currency = found
        batch, entries, _ = load_batch(connection, number)
        connection.rollback()
    position = fold(batch, as_of)[0]
    return Statement(
        reference=reference,
        product=product,
        currency=currency,
        as_of=to_date(as_of),
        position=_words(position),
        instalments=tuple(_instalment(row) for row in instalments(batch, as_of)),
        planned=tuple(_planned(batch, as_of)),
        lines=tuple(_lines(batch, entries, as_of, currency)),
    )


def _words(position: np.void) -> dict[str, Any]:
    """The fields people read, with dates as dates."""
    hidden = ("interest_", "penalty_", "cap_", "period_start", "day_count", "loan", "undue")
    words: dict[str, Any] = {}
    for name in POSITION.names or ():
        if name.startswith(hidden):
            continue
        value = int(position[name])
        if name.endswith("_on") or name == "as_of":
            words[name] = None if value >= NEVER else to_date(value)
        else:
            words[name] = value
    words["status"] = Status(words["status"]).name.lower()
    words["bucket"] = f"M{words['bucket']}" if words["bucket"] else "current"
    return words


def _instalment(row: np.void) -> dict[str, Any]:
    found: dict[str, Any] = {"due_on": to_date(int(row["due_on"])), "planned": bool(row["planned"])}
    for part in ("claimed", "paid", "waived", "written_off", "unpaid"):
        found[part] = {c.name.lower(): int(row[part][c]) for c in Component}
    return found


def _planned(batch: Any, as_of: int) -> list[dict[str, Any]]:
    if batch.terms["amortisation"][0] != Amortisation.CUSTOM:
        return []
    to_come = batch.plan[batch.plan["due_on"] > as_of]
    return [{"due_on": to_date(int(row["due_on"])), "principal": int(row["principal"])} for row in to_come]


def _lines(batch: Any, entries: np.ndarray, as_of: int, currency: str) -> list[Line]:
    """A line for each day on which something happened up to `as_of`."""
    annulled = set(entries["target"][entries["kind"] == EntryKind.REVERSED].tolist())
    dates = sorted({int(day) for day in entries["effective_on"] if day <= as_of} | _own_days(batch, as_of))
    before = np.zeros(1, POSITION)
    lines = []
    for day in dates:
        now = fold(batch, day)
        moved = movements(before, now, np.zeros(1, np.int64), np.zeros(1, np.int64))
        said = tuple(_entry_words(e, annulled, currency) for e in entries[entries["effective_on"] == day])
        if said or len(moved):
            lines.append(
                Line(
                    on=to_date(day),
                    entries=said,
                    movements=tuple(_movement_words(row) for row in moved),
                    principal=int(now["principal"][0]),
                    payoff=int(now["payoff"][0]),
                )
            )
        before = now
    return lines


def _own_days(batch: Any, as_of: int) -> set[int]:
    """Days on which the loan changes by itself, found by asking each position for the next."""
    days: set[int] = set()
    day = int(batch.entries["effective_on"].min(initial=NEVER))
    while day <= as_of:
        days.add(day)
        day = int(fold(batch, day)["next_event_on"][0])
    return days


def _entry_words(entry: np.void, annulled: set[int], currency: str) -> str:
    words = EntryKind(int(entry["kind"])).name.lower()
    if entry["kind"] == EntryKind.WAIVED:
        words += f" {Component(int(entry['component'])).name.lower()}"
    if entry["amount"]:
        words += f" {format_minor(int(entry['amount']), currency)}"
    return words + (" (reversed)" if int(entry["sequence"]) in annulled else "")


def _movement_words(row: np.void) -> tuple[str, dict[str, int]]:
    amounts = {name: int(row[name]) for name in COMPONENT_NAMES if row[name]}
    return MovementKind(int(row["kind"])).name.lower(), amounts
