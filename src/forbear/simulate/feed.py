"""A lender's files: its book on the opening day, then what arrives on each day.

::

    opening/  products, borrowers, loans, journal   everything known before the first day
    2026-05-01/  borrowers, loans, journal          what became known on that day
    2026-05-02/  ...
"""

import contextlib
import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from forbear.kernel.days import to_date
from forbear.simulate.bank import Bank, Chunk, chunks
from forbear.simulate.tables import borrower_table, journal_table, loan_table, product_table

FILES: Final = ("borrowers", "loans", "journal")
REDELIVERED: Final = 400
"""One entry in so many is delivered a second time, on the day after, as feeds do; its key says that it is known."""

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: how many loans and entries, the opening folder, and each day with its folder."""

    loans: int
    entries: int
    opening: Path
    days: tuple[tuple[dt.date, Path], ...]


def write_bank(
    bank: Bank,
    folder: Path,
    *,
    threads: int = 1,
    redeliver: bool = True,
    progress: Progress = lambda *_: None,
) -> Written:
    """Write the lender's files below `folder`: the opening as Parquet, the days as CSV."""
    opening = folder / "opening"
    opening.mkdir(parents=True, exist_ok=True)
    pyarrow.parquet.write_table(product_table(), opening / "products.parquet")
    later: dict[int, list[dict[str, pa.Table]]] = {}
    loans = entries = 0
    with contextlib.ExitStack() as stack:
        writers: dict[str, pyarrow.parquet.ParquetWriter] = {}
        for chunk in chunks(bank, threads=threads):
            for name, table in opening_tables(chunk, bank.opens_on).items():
                if name not in writers:
                    path = opening / f"{name}.parquet"
                    writers[name] = stack.enter_context(pyarrow.parquet.ParquetWriter(path, table.schema))
                writers[name].write_table(table)
            for day, tables in daily_tables(chunk, bank, redeliver):
                later.setdefault(day, []).append(tables)
            loans += len(chunk.terms)
            entries += len(chunk.entries)
            progress("simulate", loans, bank.loans)
    return Written(loans, entries, opening, tuple(_write_days(bank, folder, later)))


def opening_tables(chunk: Chunk, opens_on: int) -> dict[str, pa.Table]:
    """What is known of a chunk before the opening day."""
    return {
        "borrowers": borrower_table(_new_borrowers(chunk, chunk.known_from < opens_on)),
        "loans": loan_table(chunk, np.flatnonzero(chunk.drawn_on < opens_on)),
        "journal": journal_table(chunk, np.flatnonzero(chunk.arrives < opens_on)),
    }


def daily_tables(chunk: Chunk, bank: Bank, redeliver: bool) -> Iterator[tuple[int, dict[str, pa.Table]]]:
    """What becomes known of a chunk on each day from the opening on."""
    again = (chunk.owner * 31 + chunk.entries["sequence"]) % REDELIVERED == 0 if redeliver else False
    for day in range(bank.opens_on, bank.until + 1):
        yield (
            day,
            {
                "borrowers": borrower_table(_new_borrowers(chunk, chunk.known_from == day)),
                "loans": loan_table(chunk, np.flatnonzero(chunk.drawn_on == day)),
                "journal": journal_table(
                    chunk, np.flatnonzero((chunk.arrives == day) | ((chunk.arrives == day - 1) & again))
                ),
            },
        )


def _new_borrowers(chunk: Chunk, when: np.ndarray) -> np.ndarray:
    """Each borrower once, though some have two loans."""
    return np.unique(chunk.borrower[when])


def _write_days(
    bank: Bank, folder: Path, later: dict[int, list[dict[str, pa.Table]]]
) -> Iterator[tuple[dt.date, Path]]:
    for day in range(bank.opens_on, bank.until + 1):
        date = to_date(day)
        place = folder / date.isoformat()
        place.mkdir(exist_ok=True)
        for name in FILES:
            table = pa.concat_tables([tables[name] for tables in later.get(day, [])])
            if table.num_rows:
                pyarrow.csv.write_csv(table, place / f"{name}.csv")
        yield date, place
