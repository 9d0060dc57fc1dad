"""Proving a book: everything is folded again from terms and journal and compared with what is stored.

Proofs, each of which can fail: positions equal the fold; a fold taken further from its kept state equals the whole one in
every byte; the journal's chains and the days' digests are whole; each day's ledger is the one before and its postings, and
ties with its totals; each loan's movements add up to its position, and all
of them to the postings; the products' accruals are the sums of their loans' lines; the totals of the last day are those of
the positions.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import psycopg

from forbear.engine.batch import Batch, Folded, fold_on, read_off_at
from forbear.engine.layout import POSITION
from forbear.engine.movements import MOVEMENT, NO_ACCRUAL, AccrualKey, AccrualSum, accrual_sums
from forbear.engine.terms import compile_batch
from forbear.engine.vocabulary import REVERSED
from forbear.kernel.days import to_day
from forbear.operations.findings import MOST_FINDINGS, Finding, VerifyReport
from forbear.operations.partition import LOANS_PER_PARTITION, Connection, Products
from forbear.operations.totals import Totals, add_up, day_totals
from forbear.operations.verify_journal import DayDigests, check_chains
from forbear.operations.verify_ledger import (
    check_accruals,
    check_booked,
    check_control,
    check_ledger,
    check_movements,
    check_products,
)
from forbear.store import book
from forbear.store.connect import connect
from forbear.store.copy import copy_out
from forbear.store.journal_read import read_entries
from forbear.store.kept import stamps

__all__ = ["Finding", "VerifyReport", "verify"]

Progress = Callable[[str, int, int], None]

LOANS_AT_ONCE = 1 << 14
"""Loans whose journals are held in memory together: some hundred thousand entries."""

LINES = ("interest", "penalty", "cap")
MOVING = {f"{line}_{part}" for line in LINES for part in ("whole", "remainder")} | {"as_of"}
"""Fields that a stored position holds as of its last event; what they amount to today is read off and compared."""

COMPARED = tuple(name for name in POSITION.names or () if name not in MOVING)


@dataclass(slots=True)
class _Proof:
    """What the proofs share: the closed days (date, recordings, totals, digest), an open one, and sums over positions."""

    connection: Connection
    products: Products
    days: list[tuple[Any, ...]]
    opened: tuple[Any, ...] | None
    report: VerifyReport
    journal: DayDigests
    lines: dict[AccrualKey, AccrualSum] = field(default_factory=dict)
    sums: Totals = field(default_factory=dict)


def verify(url: str, *, progress: Progress = lambda *_: None) -> VerifyReport:
    """Check the whole book as of its last closed day, in one consistent snapshot; changes nothing.

    What an open day has done already is checked as of that day. Memory is bounded by `LOANS_AT_ONCE` loans. Raises psycopg.Error when
    the database goes away.
    """
    report = VerifyReport()
    with connect(url) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        query = "SELECT date, recordings, totals, journal_digest FROM business_day WHERE closed_at IS {} NULL ORDER BY date"
        days = connection.execute(query.format("NOT")).fetchall()
        opened = connection.execute(query.format("")).fetchone()
        with connection.cursor() as cursor:
            products = Products(*book.read_products(cursor))
        proof = _Proof(connection, products, days, opened, report, DayDigests.of(connection, days))
        if days:
            report.date = to_day(days[-1][0])
        _check_loans(proof, progress)
        check_products(connection, report)
        check_booked(connection, report)
        check_accruals(connection, proof.lines, report)
        if days:
            check_ledger(connection, days, report)
            check_movements(connection, report)
            check_control(connection, days[-1][2], proof.sums, report)
        connection.rollback()
    return report


def _check_loans(proof: _Proof, progress: Progress) -> None:
    """Positions against the fold and journals against their chains, some loans at a time."""
    rows = proof.connection.execute(
        "SELECT DISTINCT id / %s FROM loan ORDER BY 1", (LOANS_PER_PARTITION,)
    ).fetchall()
    for done, (partition,) in enumerate(rows):
        progress("verify", done, len(rows))
        first, end = partition * LOANS_PER_PARTITION, (partition + 1) * LOANS_PER_PARTITION
        for start in range(first, end, LOANS_AT_ONCE):
            with proof.connection.cursor() as cursor:
                _check_range(proof, cursor, start, min(start + LOANS_AT_ONCE, end))
        proof.journal.end_partition(partition)
    progress("verify", len(rows), len(rows))
    proof.journal.compare(proof.days, proof.report)


def _check_range(proof: _Proof, cursor: psycopg.Cursor[Any], first: int, end: int) -> None:
    """Loans number `first` up to `end`, excluded: one reading of their journals serves both proofs."""
    wire = copy_out(
        cursor,
        "SELECT id FROM loan WHERE id >= %s AND id < %s ORDER BY id",
        {"loan_id": "bigint"},
        (first, end),
    )
    numbers = wire["loan_id"].astype(np.int64)
    stored = read_entries(cursor, first, end)
    check_chains(stored, proof.report)
    proof.journal.add(stored.rows)
    _check_positions(proof, cursor, numbers, stored.rows)


def _check_positions(
    proof: _Proof, cursor: psycopg.Cursor[Any], numbers: np.ndarray, journal: np.ndarray
) -> None:
    book.touch(cursor, numbers)
    stored, holds = book.read_folded(cursor, numbers)
    closed = proof.days[-1] if proof.days else None
    ahead = stored.positions["as_of"] > (to_day(closed[0]) if closed else 0)
    for day, mine in ((closed, ~ahead), (proof.opened, ahead)):
        if mine.any() and day is not None:
            book.touch(cursor, numbers[mine])
            _check_fold(proof, cursor, numbers[mine], stored.of(mine), holds[mine], journal, day)
    if proof.opened is None:
        for number in numbers[ahead].tolist():
            proof.report.add("position", f"loan {number}", "is stored as of a day that is not closed")
    proof.report.loans += len(numbers)


def _check_fold(
    proof: _Proof,
    cursor: psycopg.Cursor[Any],
    numbers: np.ndarray,
    kept: Folded,
    holds: np.ndarray,
    journal: np.ndarray,
    day: tuple[Any, ...],
) -> None:
    """The stored positions of the touched loans against their fold as of `day`, and their part of the sums."""
    report, date, stored = proof.report, to_day(day[0]), kept.positions
    loans, product_id = book.read_loans(cursor, proof.products.ids)
    mine = (journal["recording_id"] <= day[1]) & np.isin(journal["loan_id"].astype(np.int64), numbers)
    entries, bounds = book.as_entries(journal[mine], numbers)
    own_plans = book.read_instalments(cursor, proof.products.terms)
    versions = book.read_versions(cursor, proof.products.ids, numbers)
    batch = compile_batch(proof.products.terms, loans, entries, bounds, own_plans, versions)
    folded = fold_on(batch, None, date)
    known, have = bounds[1:] > bounds[:-1], stored["as_of"] > 0
    for number in numbers[known & ~have].tolist():
        report.add("position", f"loan {number}", "has entries but no stored position")
    for number in numbers[have & ~known].tolist():
        report.add("position", f"loan {number}", "has a stored position but no entries")
    both = known & have
    _compare(read_off_at(stored[both], date), folded.positions[both], report)
    _compare_resumed(batch, kept, both & holds, folded, date, report)
    for key, amount in accrual_sums(stored[have], product_id[have]).items():
        proof.lines[key] = proof.lines.get(key, NO_ACCRUAL).plus(amount)
    nothing = np.zeros(int(have.sum()), POSITION)
    totals = day_totals(nothing, stored[have], product_id[have], np.zeros(0, MOVEMENT))
    proof.sums = add_up([proof.sums, totals["products"]])


def _compare_resumed(
    batch: Batch, kept: Folded, holds: np.ndarray, folded: Folded, date: int, report: VerifyReport
) -> None:
    """Each stored position and state whose stamp holds, taken on to `date`, against the whole fold: all of both.

    Fed is what lies after the position, and every reversal, which annuls only what is there.
    """
    owner = np.repeat(np.arange(len(batch)), np.diff(batch.entry_bounds))
    later = batch.entries["effective_on"] > kept.positions["as_of"][owner]
    fed = holds[owner] & (later | (batch.entries["kind"] == REVERSED))
    bounds = np.searchsorted(owner[fed], np.arange(len(batch) + 1))
    rest = replace(batch, entries=batch.entries[fed], entry_bounds=bounds.astype(np.int64))
    resumed = fold_on(rest, Folded(kept.positions, kept.kept.only(holds)), date)
    for place in np.flatnonzero(holds & (stamps(*resumed) != stamps(*folded))).tolist():
        number = int(folded.positions["loan"][place])
        report.add("state", f"loan {number}", "gone on from its kept state, the fold is not the whole one")


def _compare(stored: np.ndarray, folded: np.ndarray, report: VerifyReport) -> None:
    for name in COMPARED:
        for place in np.flatnonzero(stored[name] != folded[name])[:MOST_FINDINGS].tolist():
            report.add(
                "position",
                f"loan {stored['loan'][place]}",
                f"{name} is stored as {stored[name][place]}, the fold gives {folded[name][place]}",
            )
