"""The whole day-end on PostgreSQL, durable: what `forbear close-day` takes on books of several sizes.

A book is imported and its opening day closed once. Each run then gets a copy of that database, in which a day's arrivals are
recorded and the day is closed, so a run can be repeated, and with `--keep` measured again after a change of the code. The
server's settings are Forbear's own, fsync included.
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from benchmarks.book import DAY, LONG, OPENS_ON, Book, Lives, build, keep_facts, processes_with, take_in, told
from benchmarks.measure import Sampler, run_once
from forbear.engine.batch import fold
from forbear.operations.statement import load_batch
from forbear.store.kept import CODE
from forbear.store.postgres import EmbeddedServer
from forbear.store.schema import migrate

ROUNDS = 2
LARGEST_COPY = 3_000_000
"""Loans of a book that is copied for each run; a larger one is measured once, in place."""
HELP_RUNS = 5
READS = 50


def measure(
    server: EmbeddedServer,
    home: Path,
    loans: int,
    *,
    quiet: int = 0,
    rounds: int = ROUNDS,
    lives: Lives = LONG,
) -> dict[str, Any]:
    """Import a book and close its opening day, unless that is kept; then measure the next day, `rounds` times."""
    name = f"bench_{loans + quiet}" + ("_quiet" if quiet else "") + lives.suffix
    book = build(server, home, name, loans, quiet=quiet, lives=lives)
    if book.facts.get("stamp") != CODE:  # other code wrote its states: an upgrade would be measured
        open_again(book)
    if "opening" not in book.facts:
        book.facts.update(opening=close(server, book, OPENS_ON - 1), stamp=CODE)
        with psycopg.connect(book.url, autocommit=True) as connection:
            connection.execute("VACUUM (ANALYZE)")  # what autovacuum does in the night between
        keep_facts(book)
    copies = loans + quiet <= LARGEST_COPY
    days = []
    for _ in range(rounds if copies else 1):
        if copies:
            with copied(server, book) as copy:
                days.append(one_day(server, home, copy))
        else:
            days.append(one_day(server, home, book))
            (book.folder / "facts.json").unlink()  # its day is closed now: the next run builds it anew
    best = min(days, key=lambda day: (not day["close_day"]["quiet"], day["close_day"]["wall"]))
    return {**book.facts, **best, "runs": [day["close_day"] for day in days]}


def open_again(book: Book) -> None:
    """Take back the closing of the opening day."""
    migrate(book.url)
    with psycopg.connect(book.url) as connection:
        for table in ("movement", "posting"):
            connection.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(sql.Identifier(table)))
        connection.execute("TRUNCATE position, movement, posting, accrual, checkpoint, business_day")
        for table in ("movement", "posting"):
            connection.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(sql.Identifier(table)))
    book.facts.pop("opening", None)


def one_day(server: EmbeddedServer, home: Path, book: Book) -> dict[str, Any]:
    """Record a day's arrivals, close the day, close it again, and read one loan."""
    facts: dict[str, Any] = {"durable": settings(book.url)}
    clock = time.perf_counter()
    take_in(book.url, home, book.folder / DAY, "the day's arrivals")
    facts["arrivals_seconds"] = time.perf_counter() - clock
    facts["close_day"] = close(server, book, OPENS_ON)
    facts["repeated"] = close(server, book, OPENS_ON)
    facts["reading"] = reading(book)
    return facts


@contextmanager
def copied(server: EmbeddedServer, book: Book) -> Iterator[Book]:
    """A copy of the book's database, for one run."""
    name = f"{book.name}_run"
    drop = sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name))
    make = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
        sql.Identifier(name), sql.Identifier(book.name)
    )
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(drop)
        connection.execute(make)
        yield replace(book, name=name, url=server.url.replace("/forbear?", f"/{name}?"))
        connection.execute(drop)


def settings(url: str) -> dict[str, str]:
    """What makes a commit durable, as the server says."""
    with psycopg.connect(url) as connection:
        return {
            name: str(connection.execute(f"SHOW {name}").fetchone()[0])  # type: ignore[index]
            for name in (
                "fsync",
                "synchronous_commit",
                "full_page_writes",
                "wal_sync_method",
                "server_version",
            )
        }


def close(server: EmbeddedServer, book: Book, day: int) -> dict[str, Any]:
    """Close days in a process of its own; the clock runs from its start to its end."""
    said: list[str] = []

    def work() -> None:
        command = [sys.executable, "-m", "benchmarks.closing", book.url, str(day)]
        said.append(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    processes = processes_with(server)
    watched = processes_with(server, own=False)
    with Sampler(watched) as sampler, _Children(watched):
        run = run_once(work, processes)
    return {**told(run, sampler.peak), **{f"inside_{k}": v for k, v in json.loads(said[0]).items()}}


class _Children:
    """Lets a sampler see the processes that this one starts, but not this one: its memory is the benchmark's."""

    def __init__(self, watched: Any) -> None:
        self.watched, self.all = watched, watched.all

    def __enter__(self) -> None:
        import psutil

        me = psutil.Process()
        self.watched.all = lambda: [*self.all(), *me.children(recursive=True)]

    def __exit__(self, *_: object) -> None:
        self.watched.all = self.all


def reading(book: Book) -> dict[str, Any]:
    """One loan's position through the store, at its day 1 and its day 700: median of READS, in milliseconds."""
    with psycopg.connect(book.url) as connection:
        row = connection.execute(
            "SELECT j.loan_id, min(effective_on) - '1970-01-01'::date, count(*) FROM journal j "
            "WHERE j.loan_id IN (SELECT loan_id FROM position WHERE loan_id <= 20000) "
            "GROUP BY 1 HAVING %s - (min(effective_on) - '1970-01-01'::date) >= 700 ORDER BY 3 DESC LIMIT 1",
            (OPENS_ON,),
        ).fetchone()
        if row is None:
            return {}
        loan, first, entries = row
        found: dict[str, Any] = {"entries": entries}
        for day in (1, 700):
            taken = []
            for _ in range(READS):
                clock = time.perf_counter()
                _position(connection, loan, first + day)
                taken.append((time.perf_counter() - clock) * 1000)
            found[f"day_{day}_ms"] = statistics.median(taken)
    return found


def _position(connection: psycopg.Connection[Any], loan: int, as_of: int) -> Any:
    batch = load_batch(connection, loan)[0]
    position = fold(batch, as_of)[0]
    connection.rollback()
    return position


def command_line() -> dict[str, float]:
    """`forbear --help`, from start to end: best and median in seconds."""
    taken = []
    for _ in range(HELP_RUNS):
        clock = time.perf_counter()
        subprocess.run([sys.executable, "-m", "forbear.cli.main", "--help"], check=True, capture_output=True)
        taken.append(time.perf_counter() - clock)
    return {"best": min(taken), "median": statistics.median(taken)}
