"""Closing business days: the main job.

A day-end touches the loans with new entries and those whose `next_event_on` has come, partition by partition, each in one
transaction with its checkpoint; the day is closed when the control totals tie. Killed anywhere it resumes; repeated it does
nothing; missed days are caught up in order.
"""

import contextlib
import hashlib
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import psycopg
from psycopg.types.json import Jsonb

from forbear.kernel.days import to_date, to_day
from forbear.operations.ledger import accrued, balances, differences, postings
from forbear.operations.partition import (
    LOANS_PER_PARTITION,
    Connection,
    Day,
    Products,
    close_partition,
    read_accruals,
)
from forbear.operations.totals import CARRIED, Totals, add_up
from forbear.store import book
from forbear.store.connect import connect
from forbear.store.copy import copy_out

CLOSER = 0x466F7262  # the advisory lock of whoever closes days; there is one at a time
HELPER = CLOSER + 1  # shared by the connections that help; whoever begins waits until there are none

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A day-end that cannot be done, and why: a value, not an error."""

    reason: str
    mend: str


@dataclass(frozen=True, slots=True)
class DaySummary:
    """A closed day: its date (day number), whether this call closed it, and its totals as stored."""

    date: int
    closed_now: bool
    totals: Totals


class TotalsDoNotTieError(RuntimeError):
    """The ledger disagrees with the positions: a broken invariant. Nothing of the day's closing is kept."""


def close_days(
    url: str, until: int, *, now: datetime, progress: Progress = lambda *_: None
) -> list[DaySummary] | Refusal:
    """Close every day from the day after the last closed one to `until` (a day number), in order.

    The first day ever closed is `until` itself. `now` is stamped on the days. Raises TotalsDoNotTieError when control totals
    disagree, and psycopg.Error when the database goes away; what was committed before stays, and the next call goes on.
    """
    with connect(url) as connection, _only_closer(connection) as alone:
        if not alone:
            return Refusal("another day-end is running", "wait for it, or look with: forbear status")
        last = _last_closed(connection)
        opened = _open_day(connection)
        if last is not None and until <= last.date and opened is None:
            return [_summary(connection, min(until, last.date))]
        first = until if last is None else last.date + 1
        if opened is not None:
            first = opened.date
        summaries = []
        for date in range(first, max(until, first) + 1):
            day = opened if opened is not None and opened.date == date else _start(connection, date, now)
            summaries.append(_close(url, connection, day, now, progress))
        return summaries


@contextlib.contextmanager
def _only_closer(connection: Connection) -> Iterator[bool]:
    """Be the one who closes days, if nobody else does: whether it is so."""
    row = connection.execute("SELECT pg_try_advisory_lock(%s)", (CLOSER,)).fetchone()
    if row is None or not row[0]:
        yield False
        return
    # Nobody closes; but the helper of one who was killed may be at its last partition still. Wait for it.
    connection.execute("SELECT pg_advisory_lock(%s)", (HELPER,))
    connection.execute("SELECT pg_advisory_unlock(%s)", (HELPER,))
    try:
        yield True
    finally:
        # The server would free it too, but some moments after the connection has ended; the next closer may be there by then.
        with contextlib.suppress(psycopg.Error):
            connection.rollback()
            connection.execute("SELECT pg_advisory_unlock(%s)", (CLOSER,))


def _last_closed(connection: Connection) -> Day | None:
    row = connection.execute(
        "SELECT date, recordings FROM business_day WHERE closed_at IS NOT NULL ORDER BY date DESC LIMIT 1"
    ).fetchone()
    return None if row is None else Day(to_day(row[0]), 0, row[1], 0)


def _open_day(connection: Connection) -> Day | None:
    row = connection.execute("SELECT date, recordings FROM business_day WHERE closed_at IS NULL").fetchone()
    if row is None:
        return None
    last = _last_closed(connection)
    return Day(to_day(row[0]), last.date if last else 0, row[1], last.recordings if last else 0)


def _start(connection: Connection, date: int, now: datetime) -> Day:
    """Open the day; from here on its recordings are fixed, and entries recorded later belong to the next."""
    connection.execute(
        "INSERT INTO business_day (date, recordings, started_at) "
        "SELECT %s, coalesce(max(id), 0), %s FROM recording",
        (to_date(date), now.astimezone(UTC)),
    )
    connection.commit()
    day = _open_day(connection)
    assert day is not None, "the day was opened a moment ago, under the lock"
    return day


RECORDED_AT_ONCE = 1 << 21
"""Entries that are held in memory while a day is closed (80 octets each); of more, each partition reads its own."""


def recorded_on(connection: Connection, day: Day) -> np.ndarray | None:
    """The entries that belong to this day and to none before (wire rows, by loan and sequence); None if they are too many."""
    if day.booked == 0:
        return None
    query = "SELECT coalesce(sum(entries), 0) FROM recording WHERE id > %s AND id <= %s"
    row = connection.execute(query, (day.booked, day.recordings)).fetchone()
    if row is None or row[0] > RECORDED_AT_ONCE:
        return None
    with connection.cursor() as cursor:
        return book.read_recorded(cursor, day.booked, day.recordings)


def touched_loans(connection: Connection, day: Day, recorded: np.ndarray | None) -> np.ndarray:
    """Numbers of the loans on which something happens: new entries, or an event of their own. Ascending."""
    if day.booked == 0:
        query = "SELECT id FROM loan WHERE recording_id <= %s"
        params: tuple[Any, ...] = (day.recordings,)
    else:
        query, params = "SELECT loan_id FROM position WHERE next_event_on <= %s", (to_date(day.date),)
        if recorded is None:
            query += " UNION SELECT loan_id FROM journal WHERE recording_id > %s AND recording_id <= %s"
            params = (*params, day.booked, day.recordings)
    with connection.cursor() as cursor:
        wire = copy_out(cursor, query, {"loan_id": "bigint"}, params)
    named = [wire["loan_id"].astype(np.int64)]
    if recorded is not None:
        named.append(recorded["loan_id"].astype(np.int64))
    return np.unique(np.concatenate(named))


def _close(url: str, connection: Connection, day: Day, now: datetime, progress: Progress) -> DaySummary:
    recorded = recorded_on(connection, day)
    touched = touched_loans(connection, day, recorded)
    with connection.cursor() as cursor:
        products = Products(*book.read_products(cursor))
    done = {
        row[0]
        for row in connection.execute(
            "SELECT partition FROM checkpoint WHERE business_date = %s", (to_date(day.date),)
        )
    }
    connection.commit()
    parts = _by_partition(touched, recorded, done)
    label = to_date(day.date).isoformat()
    finished = len(touched) - sum(len(loans) for loans, _ in parts.values())
    progress(label, finished, len(touched))

    def one(own: Connection, number: int) -> None:
        close_partition(own, day, products, number, *parts[number])

    with contextlib.closing(_side_by_side(url, connection, list(parts), one)) as closed:
        for number in closed:
            finished += len(parts[number][0])
            progress(label, finished, len(touched))
    return _finish(connection, day, now)


def _by_partition(
    touched: np.ndarray, recorded: np.ndarray | None, done: set[int]
) -> dict[int, tuple[np.ndarray, np.ndarray | None]]:
    """The touched loans of each partition that is not done, and their new entries."""
    found: dict[int, tuple[np.ndarray, np.ndarray | None]] = {}
    owners = None if recorded is None else recorded["loan_id"].astype(np.int64)
    for number in np.unique(touched // LOANS_PER_PARTITION).tolist():
        ends = (number * LOANS_PER_PARTITION, (number + 1) * LOANS_PER_PARTITION)
        if number not in done:
            entries = None
            if recorded is not None and owners is not None:
                entries = recorded[slice(*np.searchsorted(owners, ends))]
            found[number] = (touched[slice(*np.searchsorted(touched, ends))], entries)
    return found


def _side_by_side(
    url: str, connection: Connection, numbers: list[int], work: Callable[[Connection, int], None]
) -> Generator[int, None, None]:
    """Do `work` for each partition, two at a time, and yield its number when it is done.

    While one waits for the database the other folds; more would only queue for the two. A failure stops both after the
    partitions they are at.
    """
    if len(numbers) < 2:
        for number in numbers:
            work(connection, number)
            yield number
        return
    with connect(url) as other, ThreadPoolExecutor(2) as pool:
        other.execute("SELECT pg_advisory_lock_shared(%s)", (HELPER,))
        other.commit()  # the lock stays until the connection ends
        waiting = list(reversed(numbers))
        free = [connection, other]
        running: dict[Future[None], tuple[Connection, int]] = {}
        while waiting or running:
            while free and waiting:
                own, number = free.pop(), waiting.pop()
                running[pool.submit(work, own, number)] = (own, number)
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                own, number = running.pop(future)
                future.result()
                free.append(own)
                yield number


def _finish(connection: Connection, day: Day, now: datetime) -> DaySummary:
    """Tie the day: add up its checkpoints, book the postings, compare, and move the business date."""
    with connection.transaction(), connection.cursor() as cursor:
        parts = cursor.execute(
            "SELECT partition, totals FROM checkpoint WHERE business_date = %s ORDER BY partition",
            (to_date(day.date),),
        ).fetchall()
        before, digest = _previous(cursor, day)
        of_day = add_up(totals for _, totals in parts)
        products = _carried_products(before.get("products", {}), of_day.get("products", {}))
        now_accrued = accrued(read_accruals(cursor), day.date)
        booked = postings(of_day.get("products", {}), before.get("accrued", {}), now_accrued)
        ledger = balances(before.get("ledger", {}), booked)
        wrong = differences(ledger, products, now_accrued)
        if wrong:
            raise TotalsDoNotTieError(
                f"{to_date(day.date)} is not closed: " + "; ".join(wrong[:5]) + ". Run: forbear verify"
            )
        totals = {
            **{name: of_day.get(name, 0) for name in ("touched", "corrections", "movements", "entries")},
            "products": products,
            "accrued": now_accrued,
            "ledger": ledger,
        }
        for _, part in parts:
            digest = hashlib.sha256(digest + bytes.fromhex(part["journal"])).digest()
        _write_day(cursor, day, booked, totals, digest, now)
    return DaySummary(day.date, True, totals)


def _previous(cursor: psycopg.Cursor[Any], day: Day) -> tuple[Totals, bytes]:
    row = cursor.execute(
        "SELECT totals, journal_digest FROM business_day WHERE date < %s ORDER BY date DESC LIMIT 1",
        (to_date(day.date),),
    ).fetchone()
    return (row[0], bytes(row[1])) if row else ({}, b"")


def _carried_products(before: Totals, of_day: Totals) -> Totals:
    """Each product's standing totals brought forward, beside what is of this day alone."""
    found = {}
    for product in sorted({*before, *of_day}, key=int):
        old, new = before.get(product, {}), of_day.get(product, {})
        standing = {name: add_up([old.get(name, {}), new.get(name, {})]) for name in CARRIED}
        found[product] = {**standing, "flows": new.get("flows", {}), "moved": new.get("moved", {})}
    return found


def _write_day(
    cursor: psycopg.Cursor[Any], day: Day, booked: list[Any], totals: Totals, digest: bytes, now: datetime
) -> None:
    cursor.executemany(
        "INSERT INTO posting (business_date, product_id, kind, component, debit, credit, amount) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s)",
        [(to_date(day.date), *posting) for posting in booked],
    )
    cursor.execute(
        "UPDATE business_day SET closed_at = %s, totals = %s, journal_digest = %s WHERE date = %s",
        (now.astimezone(UTC), Jsonb(totals), digest, to_date(day.date)),
    )


def _summary(connection: Connection, date: int) -> DaySummary:
    row = connection.execute(
        "SELECT date, totals FROM business_day WHERE date <= %s AND closed_at IS NOT NULL ORDER BY date DESC LIMIT 1",
        (to_date(date),),
    ).fetchone()
    return DaySummary(date, False, {}) if row is None else DaySummary(to_day(row[0]), False, row[1])
