"""Books on a real server: a made-up lender's files, imported, in a scratch home of their own."""

import datetime as dt
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.parquet
from psycopg import sql

from benchmarks.measure import Processes, Run, Sampler, run_once
from forbear.engine.layout import ENTRY
from forbear.engine.vocabulary import PAID
from forbear.kernel.days import to_date, to_day
from forbear.operations.database import anew
from forbear.operations.import_book import ImportRefusal, import_book
from forbear.operations.import_run import ImportFiles
from forbear.simulate.bank import CHUNK, Bank, Chunk, make_chunk
from forbear.simulate.feed import opening_tables
from forbear.simulate.tables import journal_table, product_table
from forbear.store.crypto import Vault
from forbear.store.postgres import EmbeddedServer

SEED = 20
OPENS_ON = to_day(dt.date(2026, 6, 3))
"""No due date of the lender's, and no bound of a bucket: what is touched is what was paid, and can be set."""
DAY = to_date(OPENS_ON).isoformat()
PAYING = 50
"""Of a thousand loans, how many pay on OPENS_ON. Nothing else happens that day, so one in twenty is touched."""
OLDER = 1461
"""Four years: the calendar repeats itself, and every contract of at most 36 months has run out."""
NOW = dt.datetime(2026, 6, 4, tzinfo=dt.UTC)


class Lives(NamedTuple):
    """How long the loans of a book have lived: days of the lender's history, and the least number of entries of each."""

    days: int
    least_entries: int
    suffix: str


LONG = Lives(1000, 15, "")
"""About twenty entries a loan."""
SHORT = Lives(90, 2, "_short")
"""About four: a day-end that goes on from kept states reads no journal, and ten million loans can be made in an hour."""


@dataclass(frozen=True, slots=True)
class Book:
    """A database with a book in it, imported up to the day before OPENS_ON.

    Attributes:
        name, url: of the database.
        folder: the lender's files; `folder / "2026-06-03"` is the next day's arrivals.
        facts: loans, entries, and what the import took.
    """

    name: str
    url: str
    folder: Path
    facts: dict[str, Any]


def write_files(folder: Path, loans: int, *, quiet: int = 0, lives: Lives = LONG) -> dict[str, Any]:
    """The lender's files: the opening book as Parquet, and what arrives on OPENS_ON.

    `quiet` more loans have the same lives four years earlier: nothing happens to them any more.
    """
    opening, day = folder / "opening", folder / DAY
    opening.mkdir(parents=True, exist_ok=True)
    day.mkdir(exist_ok=True)
    pyarrow.parquet.write_table(product_table(), opening / "products.parquet")
    arriving: list[pa.Table] = []
    entries = _write(opening, "", long_lived(loans, lives), arriving)
    entries += _write(opening, "-quiet", (_older(chunk) for chunk in long_lived(quiet, lives, loans)), [])
    arrivals = pa.concat_tables(arriving)
    pyarrow.parquet.write_table(arrivals, day / "journal.parquet")
    return {"loans": loans + quiet, "quiet": quiet, "entries": entries, "arrivals": arrivals.num_rows}


def long_lived(loans: int, lives: Lives, offset: int = 0) -> Iterator[Chunk]:
    """So many loans with at least so many entries known before OPENS_ON.

    Drawn from the simulated lender, whose loans of few instalments would make the book look easier than it is.
    """
    made = 0
    for chunk in _chunks(lives.days):
        if made >= loans:
            return
        place = chunk.owner - chunk.terms["loan"][0]
        entries = np.bincount(place, minlength=CHUNK)
        kept = np.flatnonzero(entries >= lives.least_entries)[: loans - made]
        new = np.zeros(CHUNK, np.int64)
        new[kept] = offset + made + 1 + np.arange(len(kept))
        mine = new[place] > 0
        terms = chunk.terms[kept]
        terms["loan"] = new[kept]
        yield Chunk(
            terms, chunk.drawn_on[kept], chunk.principal[kept], new[kept], chunk.drawn_on[kept],
            chunk.entries[mine], new[place][mine], chunk.arrives[mine],
        )  # fmt: skip
        made += len(kept)


def _chunks(days: int) -> Iterator[Chunk]:
    """The simulated lender's loans without end, two chunks at a time."""
    bank = Bank(SEED, 1 << 40, OPENS_ON, OPENS_ON - 1, days)
    with ThreadPoolExecutor(2) as pool:
        for number in count(0, 2):
            yield from pool.map(lambda one: make_chunk(bank, one, CHUNK), (number, number + 1))


def _write(folder: Path, suffix: str, found: Iterator[Chunk], arriving: list[pa.Table]) -> int:
    """Write the opening's files chunk by chunk, and gather the day's arrivals; returns how many entries there are."""
    entries = 0
    with ExitStack() as stack:
        writers: dict[str, Any] = {}
        for chunk in found:
            for name, table in opening_tables(chunk, OPENS_ON).items():
                if name not in writers:
                    path = folder / f"{name}{suffix}.parquet"
                    writers[name] = stack.enter_context(pyarrow.parquet.ParquetWriter(path, table.schema))
                writers[name].write_table(table)
            arriving.append(_arrivals(chunk))
            entries += len(chunk.entries)
    return entries


def _arrivals(chunk: Chunk) -> pa.Table:
    """Payments of the day by PAYING of a thousand loans, scattered over the book."""
    which = chunk.terms["loan"] * 7919 % 1000 < PAYING
    entries = np.zeros(int(which.sum()), ENTRY)
    entries["sequence"], entries["kind"], entries["effective_on"] = 900, PAID, OPENS_ON
    entries["amount"] = np.maximum(chunk.principal[which] // chunk.terms["count"][which] // 100 * 100, 100)
    owner = chunk.terms["loan"][which]
    days = replace(chunk, entries=entries, owner=owner, arrives=np.full(len(owner), OPENS_ON))
    return journal_table(days, np.arange(len(owner)))


def _older(chunk: Chunk) -> Chunk:
    """The same loans four years earlier."""
    chunk.terms["first_due_on"] -= OLDER
    free = chunk.terms["interest_free_until"]
    free[free > 0] -= OLDER
    chunk.entries["effective_on"] -= OLDER
    return replace(
        chunk,
        drawn_on=chunk.drawn_on - OLDER,
        known_from=chunk.known_from - OLDER,
        arrives=chunk.arrives - OLDER,
    )


def take_in(url: str, home: Path, folder: Path, reason: str) -> Any:
    """Import the files of a folder. Raises SystemExit with the first problems if that is refused."""
    found = import_book(
        url,
        ImportFiles.in_folder(folder),
        actor="benchmark",
        reason=reason,
        recorded_at=NOW,
        vault=lambda: Vault.open(home),
    )
    if isinstance(found, ImportRefusal):
        raise SystemExit(f"the import of {folder.name} was refused: {found.problems[:3]}")
    return found


def build(
    server: EmbeddedServer, home: Path, name: str, loans: int, *, quiet: int = 0, lives: Lives = LONG
) -> Book:
    """The book called `name`: made and imported, unless it is there from an earlier run (`--keep`)."""
    folder = home / name
    marker = folder / "facts.json"
    url = server.url.replace("/forbear?", f"/{name}?")
    if marker.exists():
        return Book(name, url, folder, json.loads(marker.read_text()))
    clock = time.perf_counter()
    facts = write_files(folder, loans, quiet=quiet, lives=lives)
    facts["simulated"] = time.perf_counter() - clock
    make_database(server, name)
    processes = processes_with(server)
    with Sampler(processes) as sampler:
        run = run_once(lambda: take_in(url, home, folder / "opening", "the opening book"), processes)
    facts["import"] = told(run, sampler.peak)
    book = Book(name, url, folder, facts)
    keep_facts(book)
    return book


def keep_facts(book: Book) -> None:
    """Write down what the book's making took, which is also the sign that it is made."""
    (book.folder / "facts.json").write_text(json.dumps(book.facts))


def make_database(server: EmbeddedServer, name: str) -> str:
    """A new migrated database of our own on the server, durable as a lender's would be."""
    url = anew(server.url, name)
    with psycopg.connect(server.url, autocommit=True) as connection:  # a demo's database may be less careful
        connection.execute(sql.SQL("ALTER DATABASE {} RESET ALL").format(sql.Identifier(name)))
    with psycopg.connect(url) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            row = connection.execute(sql.SQL("SHOW {}").format(sql.Identifier(setting))).fetchone()
            assert row == ("on",), f"{setting} is {row}: what is measured here has to be durable"
    return url


def processes_with(server: EmbeddedServer, *, own: bool = True) -> Processes:
    """Our processes and the server's."""
    pid = server.status().pid
    assert pid is not None, "the server runs"
    return Processes([pid], own=own)


def told(run: Run, peak: int) -> dict[str, Any]:
    """A run in the results."""
    return {
        "wall": run.wall,
        "cpu": run.cpu,
        "foreign": run.foreign,
        "quiet": run.quiet,
        "peak_mib": peak >> 20,
    }
