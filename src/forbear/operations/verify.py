"""Proving a book: everything is folded again from terms and journal and compared with what is stored.

Proofs, each of which can fail: positions equal the fold; a fold taken further from its kept state equals the whole one in
every byte; the journal's chains and the days' digests are whole; each day's
ledger is the one before and its postings, and ties with its totals; each loan's movements add up to its position, and all
of them to the postings; the products' accruals are the sums of their loans' lines; the totals of the last day are those of
the positions.
"""

import hashlib
from collections.abc import Callable, Iterator
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
from forbear.operations.verify_ledger import (
    check_accruals,
    check_booked,
    check_control,
    check_ledger,
    check_movements,
    check_products,
)
from forbear.store import book
from forbear.store.chain import NO_DIGEST, entry_digest
from forbear.store.connect import connect
from forbear.store.copy import copy_out
from forbear.store.kept import stamps

__all__ = ["Finding", "VerifyReport", "verify"]

Progress = Callable[[str, int, int], None]

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
    lines: dict[AccrualKey, AccrualSum] = field(default_factory=dict)
    sums: Totals = field(default_factory=dict)


def verify(url: str, *, progress: Progress = lambda *_: None) -> VerifyReport:
    """Check the whole book as of its last closed day, in one consistent snapshot; changes nothing.

    What an open day has done already is checked as of that day. Memory is bounded by a partition. Raises psycopg.Error when
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
        proof = _Proof(connection, products, days, opened, report)
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


def _partitions(connection: Connection) -> list[int]:
    rows = connection.execute(
        "SELECT DISTINCT id / %s FROM loan ORDER BY 1", (LOANS_PER_PARTITION,)
    ).fetchall()
    return [row[0] for row in rows]


def _check_loans(proof: _Proof, progress: Progress) -> None:
    """Positions against the fold and journals against their chains, partition by partition."""
    days, report = proof.days, proof.report
    partitions = _partitions(proof.connection)
    digests: list[dict[int, str]] = [{} for _ in days]
    for done, partition in enumerate(partitions):
        progress("verify", done, len(partitions))
        _check_positions(proof, partition)
        _check_chains(proof.connection, partition, days, digests, report)
    progress("verify", len(partitions), len(partitions))
    digest = b""
    for day, parts in zip(days, digests, strict=True):
        for _, part in sorted(parts.items()):
            digest = hashlib.sha256(digest + bytes.fromhex(part)).digest()
        if digest != bytes(day[3]):
            report.add(
                "digest", day[0].isoformat(), "the journal is not the one that this day was closed with"
            )
    report.journal_digest = digest.hex()


def _check_positions(proof: _Proof, partition: int) -> None:
    first = partition * LOANS_PER_PARTITION
    with proof.connection.cursor() as cursor:
        wire = copy_out(
            cursor,
            "SELECT id FROM loan WHERE id >= %s AND id < %s ORDER BY id",
            {"loan_id": "bigint"},
            (first, first + LOANS_PER_PARTITION),
        )
        numbers = wire["loan_id"].astype(np.int64)
        book.touch(cursor, numbers)
        stored, holds = book.read_folded(cursor, numbers)
        closed = proof.days[-1] if proof.days else None
        ahead = stored.positions["as_of"] > (to_day(closed[0]) if closed else 0)
        for day, mine in ((closed, ~ahead), (proof.opened, ahead)):
            if mine.any() and day is not None:
                book.touch(cursor, numbers[mine])
                _check_fold(proof, cursor, numbers[mine], stored.of(mine), holds[mine], day)
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
    day: tuple[Any, ...],
) -> None:
    """The stored positions of the touched loans against their fold as of `day`, and their part of the sums."""
    report, date, stored = proof.report, to_day(day[0]), kept.positions
    loans, product_id = book.read_loans(cursor, proof.products.ids)
    entries, bounds, _ = book.read_journal(cursor, numbers, until_recording=day[1])
    batch = compile_batch(proof.products.terms, loans, entries, bounds)
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


def _check_chains(
    connection: Connection,
    partition: int,
    days: list[tuple[Any, ...]],
    digests: list[dict[int, str]],
    report: VerifyReport,
) -> None:
    """Recompute every entry's digest, and what each day's closing took of this partition's."""
    hashes = [hashlib.sha256() for _ in days]
    counts = [0] * len(days)
    recordings = np.array([day[1] for day in days], np.int64)
    previous, loan, sequence = NO_DIGEST, -1, 0
    for row in _entries(connection, partition):
        report.entries += 1
        if row[0] != loan:
            previous, loan, sequence = NO_DIGEST, row[0], 0
        sequence += 1
        wanted = _digest(previous, row)
        if row[1] != sequence or bytes(row[8]) != wanted:
            report.add(
                "chain",
                f"loan {loan}, entry {row[1]}",
                "was altered, or one before it was altered or removed",
            )
            sequence = row[1]
        previous = bytes(row[8])
        place = int(np.searchsorted(recordings, row[7]))
        if place < len(days):
            hashes[place].update(previous)
            counts[place] += 1
    for place, count in enumerate(counts):
        if count or _had_checkpoint(connection, days[place][0], partition):
            digests[place][partition] = hashes[place].hexdigest()


def _had_checkpoint(connection: Connection, date: Any, partition: int) -> bool:
    query = "SELECT 1 FROM checkpoint WHERE business_date = %s AND partition = %s"
    return connection.execute(query, (date, partition)).fetchone() is not None


def _entries(connection: Connection, partition: int) -> Iterator[tuple[Any, ...]]:
    first = partition * LOANS_PER_PARTITION
    with connection.cursor("verify") as cursor:
        cursor.itersize = 20_000
        cursor.execute(
            "SELECT loan_id, sequence, kind, component, effective_on - '1970-01-01'::date, amount, target, recording_id, "
            "digest, key, details, until, rate, count FROM journal WHERE loan_id >= %s AND loan_id < %s ORDER BY loan_id, sequence",
            (first, first + LOANS_PER_PARTITION),
        )
        yield from cursor


def _digest(previous: bytes, row: tuple[Any, ...]) -> bytes:
    return entry_digest(
        previous,
        loan=row[0],
        sequence=row[1],
        kind=row[2],
        component=row[3],
        effective_on=row[4],
        amount=row[5],
        target=row[6],
        recording=row[7],
        key=row[9],
        details=row[10],
        until=row[11],
        rate=row[12],
        count=row[13],
    )
