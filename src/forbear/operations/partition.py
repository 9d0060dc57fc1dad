"""One partition of a day-end: the touched loans of a range of loan numbers, in one transaction.

load -> fold on -> movements and accruals -> write -> checkpoint. A fold goes on from its kept state where that may be
(docs/algorithms/kept-state.md), and from the beginning where it may not. The checkpoint is written with the work it stands for, so a
killed day-end finds what is done by looking.
"""

import hashlib
from typing import Any, NamedTuple

import numpy as np
import psycopg
from psycopg.types.json import Jsonb

from forbear.engine.batch import Folded, fold_on
from forbear.engine.kept import resumable
from forbear.engine.movements import NO_ACCRUAL, AccrualKey, AccrualSum, accrual_sums, movements
from forbear.engine.terms import AnyProduct, compile_batch
from forbear.engine.vocabulary import EntryKind
from forbear.operations.totals import day_totals
from forbear.store import book

LOANS_PER_PARTITION = 1 << 16

Connection = psycopg.Connection[Any]


class Day(NamedTuple):
    """A business day being closed.

    Attributes:
        date: the day, as a day number.
        previous: the business day before it, 0 if this is the first.
        recordings: recordings up to this number belong to the day; up to `booked` they belong to earlier ones.
    """

    date: int
    previous: int
    recordings: int
    booked: int


class Products(NamedTuple):
    """The products in the order of their numbers."""

    terms: list[AnyProduct]
    ids: np.ndarray


def close_partition(
    connection: Connection,
    day: Day,
    products: Products,
    partition: int,
    touched: np.ndarray,
    recorded: np.ndarray | None,
) -> dict[str, Any]:
    """Close `day` for the touched loans of one partition (ascending loan numbers); returns the checkpoint's totals.

    `recorded` are the entries that are new on this day (wire rows of the journal, by loan and sequence): with them a fold
    goes on from its kept state, and no journal is read. None: they are too many to be at hand, so all journals are read.
    Everything is written in one transaction, or nothing is.
    """
    with connection.transaction(), connection.cursor() as cursor:
        book.touch(cursor, touched)
        loans, product_id = book.read_loans(cursor, products.ids)
        old, holds = book.read_folded(cursor, touched)
        resumes = np.zeros(len(touched), np.bool_)
        if recorded is not None:
            resumes = holds & resumable(*old, *book.as_entries(recorded, touched))
        wire = _entries(cursor, day, touched, resumes, recorded)
        entries, bounds = book.as_entries(wire, touched)
        own_plans = book.read_instalments(cursor, products.terms)
        versions = book.read_versions(cursor, products.ids, touched)
        batch = compile_batch(products.terms, loans, entries, bounds, own_plans, versions)
        new = fold_on(batch, Folded(old.positions, old.kept.only(resumes)), day.date)
        fresh = wire["recording_id"] > day.booked
        correction = _corrected(entries, bounds, fresh, day.previous)
        moved = movements(old.positions, new.positions, product_id, correction)
        known = resumes | (bounds[1:] > bounds[:-1])  # a loan with no entry yet has no position
        book.write_folded(cursor, new.of(known), product_id[known])
        book.write_movements(cursor, day.date, moved)
        totals = day_totals(old.positions[known], new.positions[known], product_id[known], moved)
        totals["entries"] = int(fresh.sum())
        totals["journal"] = hashlib.sha256(wire["digest"][fresh].tobytes()).hexdigest()
        cursor.execute(
            "INSERT INTO checkpoint (business_date, partition, totals) VALUES ('1970-01-01'::date + %s, %s, %s)",
            (day.date, partition, Jsonb(totals)),
        )
        # Last: its rows are shared with the other partitions.
        _book_accruals(cursor, old.positions, new.positions, product_id)
    return totals


def _entries(
    cursor: psycopg.Cursor[Any],
    day: Day,
    touched: np.ndarray,
    resumes: np.ndarray,
    recorded: np.ndarray | None,
) -> np.ndarray:
    """What each touched loan is fed: who resumes, its new entries; who does not, its whole journal. By loan and sequence."""
    whole = touched[~resumes]
    parts = []
    if recorded is not None:
        parts.append(recorded[~np.isin(recorded["loan_id"].astype(np.int64), whole)])
    if len(whole) or recorded is None:
        book.touch(cursor, whole, "refolded")
        parts.append(book.journal_rows(cursor, until_recording=day.recordings, these=book.REFOLDED))
    if len(parts) == 1:
        return parts[0]
    wire = np.concatenate(parts, dtype=parts[0].dtype)  # or NumPy would turn the octets round
    return wire[np.argsort(wire["loan_id"], kind="stable")]


def _corrected(entries: np.ndarray, bounds: np.ndarray, fresh: np.ndarray, previous: int) -> np.ndarray:
    """1 for each loan with a new entry that reaches back to a day already closed; a reversal reaches to its target's."""
    reaches = entries["effective_on"].copy()
    first = np.repeat(bounds[:-1], np.diff(bounds))  # each entry's loan begins here, with sequence 1
    reversals = entries["kind"] == EntryKind.REVERSED
    targets = first[reversals] + entries["target"][reversals] - 1
    reaches[reversals] = entries["effective_on"][targets]
    late = np.concatenate(([0], np.cumsum(fresh & (reaches <= previous))))
    return (late[bounds[1:]] > late[bounds[:-1]]).astype(np.int64)


def _book_accruals(
    cursor: psycopg.Cursor[Any], old: np.ndarray, new: np.ndarray, product_id: np.ndarray
) -> None:
    """Move the products' accrual sums by what these loans' lines have changed."""
    had = old["as_of"] > 0
    change = accrual_sums(new, product_id)
    for key, booked in accrual_sums(old[had], product_id[had]).items():
        change[key] = change.get(key, NO_ACCRUAL).plus(booked, -1)
    rows = [(*key, *amount) for key, amount in sorted(change.items()) if any(amount)]
    cursor.executemany(
        'INSERT INTO accrual (product_id, line, nonaccrual, "index", denominator, whole, remainder, slope, slope_remainder) '
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) "
        'ON CONFLICT (product_id, line, nonaccrual, "index", denominator) DO UPDATE SET '
        "whole = accrual.whole + excluded.whole, remainder = accrual.remainder + excluded.remainder, "
        "slope = accrual.slope + excluded.slope, slope_remainder = accrual.slope_remainder + excluded.slope_remainder",
        rows,
    )


def read_accruals(cursor: psycopg.Cursor[Any]) -> dict[AccrualKey, AccrualSum]:
    """The accrual sums of the whole book."""
    cursor.execute(
        'SELECT product_id, line, nonaccrual, "index", denominator, whole, remainder, slope, slope_remainder FROM accrual'
    )
    return {AccrualKey(*row[:5]): AccrualSum(*(int(value) for value in row[5:])) for row in cursor.fetchall()}
