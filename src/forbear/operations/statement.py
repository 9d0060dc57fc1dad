"""One loan, told in full: its position on any day, and how each day of its journal led there.

The lines are differences of positions, so they say exactly what the fold did, and nothing is computed twice.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import numpy as np

from forbear.engine.batch import Batch, fold, instalments, rows_to_come
from forbear.engine.corrections import Correction, correction, event_days, history
from forbear.engine.layout import POSITION
from forbear.engine.movements import COMPONENT_NAMES, MovementKind
from forbear.engine.terms import compile_batch
from forbear.engine.vocabulary import NEVER, Amortisation, Component, EntryKind, Status
from forbear.engine.words import rate_text
from forbear.formats.schema import COMPANY
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
    plan has for each, none if it is computed when it falls due; of a live schedule, what each row to come asks and has unpaid.
    """

    reference: str
    product: str
    currency: str
    as_of: date
    position: dict[str, Any]
    instalments: tuple[dict[str, Any], ...]
    planned: tuple[dict[str, Any], ...]
    lines: tuple[Line, ...]
    known_at: datetime | None = None
    learned: tuple["Learned", ...] = ()


@dataclass(frozen=True, slots=True)
class Learned:
    """One thing that was believed at `known_at` and is known to be otherwise now; `on` is the day it is about."""

    on: date
    what: str
    component: str
    believed: Any
    known: Any


def load_batch(
    connection: Connection, loan: int, proposed: np.ndarray | None = None
) -> tuple[Batch, np.ndarray, np.ndarray]:
    """One loan as a batch of one, with its journal (ENTRY) as recorded and the number of each entry's recording.

    `proposed` (ENTRY) are entries that the batch has beyond those recorded.
    """
    with connection.cursor() as cursor:
        products = Products(*book.read_products(cursor))
        these = book.only(loan)
        loans, _ = book.read_loans(cursor, products.ids, these)
        entries, bounds, wire = book.read_journal(
            cursor, np.array([loan], np.int64), until_recording=2**31 - 1, these=these
        )
        own_plan = book.read_instalments(cursor, products.terms, these)
        versions = book.read_versions(cursor, products.ids, loans["loan"], these)
    folded = entries if proposed is None else np.concatenate((entries, proposed))
    ends = bounds if proposed is None else np.array([0, len(folded)], np.int64)
    return (
        compile_batch(products.terms, loans, folded, ends, own_plan, versions),
        entries,
        wire["recording_id"].astype(np.int64),
    )


def find_loan(connection: Connection, reference: str) -> tuple[int, str, str] | None:
    """Number, product code and currency of a loan by the lender's reference."""
    return connection.execute(
        "SELECT loan.id, product.code, product.currency FROM loan JOIN product ON product.id = product_id "
        "WHERE reference = %s",
        (reference,),
    ).fetchone()


def recorded_by(connection: Connection, recordings: np.ndarray, moment: datetime) -> np.ndarray:
    """Which of these recordings, by number, had been made at a moment (bool)."""
    query = "SELECT id FROM recording WHERE recorded_at <= %s AND id = ANY(%s)"
    rows = connection.execute(query, (moment, recordings.tolist())).fetchall()
    return np.isin(recordings, [row[0] for row in rows])


def only_entries(batch: Batch, kept: np.ndarray) -> Batch:
    """A batch of one loan with only those of its entries for which `kept` (bool) is true."""
    return replace(batch, entries=batch.entries[kept], entry_bounds=np.array([0, kept.sum()], np.int64))


def statement(
    url: str, reference: str, as_of: int, *, known_at: datetime | None = None
) -> Statement | UnknownLoan:
    """The statement of the loan called `reference` as of a day number, from all that was recorded by `known_at`.

    Without `known_at`: from all that is recorded by now. With it, `learned` says what is known to be otherwise since.
    """
    with connect(url) as connection:
        found = find_loan(connection, reference)
        if found is None:
            return UnknownLoan(reference)
        number, product, currency = found
        batch, entries, recordings = load_batch(connection, number)
        learned: tuple[Learned, ...] = ()
        if known_at is not None:
            kept = recorded_by(connection, recordings, known_at)
            believed = only_entries(batch, kept)
            learned = tuple(learned_of(correction(believed, batch, as_of)))
            batch, entries = believed, entries[kept]
        connection.rollback()
    position = fold(batch, as_of)[0]
    return Statement(
        reference=reference,
        product=product,
        currency=currency,
        as_of=to_date(as_of),
        position=position_words(position),
        instalments=tuple(_instalment(row) for row in instalments(batch, as_of)),
        planned=tuple(_planned(batch, as_of)),
        lines=tuple(_lines(batch, entries, as_of, currency)),
        known_at=known_at,
        learned=learned,
    )


def learned_of(found: Correction) -> Iterator[Learned]:
    """A correction in words: what moved otherwise on which day, and the facts of the day asked about."""
    for change in found.changes:
        kind = change.kind.name.lower()
        yield Learned(to_date(change.on), kind, change.component, change.believed, change.known)
    for name, believed, known in found.facts:
        told = (_fact(name, believed), _fact(name, known))
        yield Learned(to_date(found.as_of), name, "", *told)


def _fact(name: str, value: int) -> Any:
    """A field of a position as people read it."""
    if name.endswith("_on") or name == "as_of":
        return None if value >= NEVER else to_date(value)
    if name == "status":
        return Status(value).name.lower()
    if name == "bucket":
        return f"M{value}" if value else "current"
    return value


def position_words(position: np.void) -> dict[str, Any]:
    """The fields people read, with dates as dates."""
    hidden = ("interest_", "penalty_", "cap_", "period_start", "day_count", "loan", "undue")
    words: dict[str, Any] = {}
    for name in POSITION.names or ():
        if name.startswith(hidden):
            continue
        words[name] = _fact(name, int(position[name]))
    return words


def _instalment(row: np.void) -> dict[str, Any]:
    found: dict[str, Any] = {"due_on": to_date(int(row["due_on"])), "planned": bool(row["planned"])}
    for part in ("claimed", "paid", "waived", "written_off", "unpaid"):
        found[part] = {c.name.lower(): int(row[part][c]) for c in Component}
    return found


def _planned(batch: Batch, as_of: int) -> list[dict[str, Any]]:
    if batch.live is not None:
        found = rows_to_come(batch, as_of)
        return [
            {"due_on": to_date(int(row["due_on"]))}
            | {c.name.lower(): int(row["unpaid"][c]) for c in Component}
            for row in found
        ]
    if batch.terms["amortisation"][0] != Amortisation.CUSTOM:
        return []
    to_come = batch.plan[batch.plan["due_on"] > as_of]
    return [{"due_on": to_date(int(row["due_on"])), "principal": int(row["principal"])} for row in to_come]


def _lines(batch: Any, entries: np.ndarray, as_of: int, currency: str) -> list[Line]:
    """A line for each day on which something happened up to `as_of`."""
    annulled = set(entries["target"][entries["kind"] == EntryKind.REVERSED].tolist())
    lines = []
    for day, now, moved in history(batch, sorted(event_days(batch, as_of))):
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
    return lines


def _entry_words(entry: np.void, annulled: set[int], currency: str) -> str:
    kind = EntryKind(int(entry["kind"]))
    words = kind.name.lower()
    if kind in COMPANY["component"].needed or entry["component"]:
        words += f" {Component(int(entry['component'])).name.lower()}"
    if entry["amount"]:
        words += f" {format_minor(int(entry['amount']), currency)}"
    if entry["rate"]:
        words += f" {rate_text(int(entry['rate']))}"
    if entry["count"]:
        words += f" x {int(entry['count'])}"
    if entry["until"]:
        words += f" until {to_date(int(entry['until']))}"
    return words + (" (reversed)" if int(entry["sequence"]) in annulled else "")


def _movement_words(row: np.void) -> tuple[str, dict[str, int]]:
    amounts = {name: int(row[name]) for name in COMPONENT_NAMES if row[name]}
    return MovementKind(int(row["kind"])).name.lower(), amounts
