"""Exporting a book: positions, movements, the journal, or the whole book as files that can be imported again.

Rows stream from COPY to the file, so memory does not depend on the size of the book. All files of one export are of one
moment, and appear under their names only when they are whole. docs/reference/export.md has the columns.
"""

import contextlib
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.csv as arrow_csv
from psycopg import sql
from pyarrow import parquet

from forbear.engine.batch import read_off_at
from forbear.engine.layout import POSITION
from forbear.engine.vocabulary import NEVER, Status
from forbear.kernel.days import to_day
from forbear.operations.export_queries import BOOK, JOURNAL, LOGICAL, MOVEMENTS, POSITION_LABELS, RANGE, Query
from forbear.store.book import POSITION_COLUMNS, POSITION_DATES
from forbear.store.connect import connect
from forbear.store.copy import copy_out, native

Progress = Callable[[str, int, int], None]
Cursor = psycopg.Cursor[Any]

FORMS: Final = ("parquet", "csv")
WHAT: Final = ("positions", "movements", "journal", "book", "logical")
LOANS_AT_ONCE: Final = 1 << 16
QUERIES: Final = {"movements": (MOVEMENTS,), "journal": (JOURNAL,), "book": BOOK, "logical": LOGICAL}


def export_book(
    url: str, what: str, form: str, folder: Path, *, progress: Progress = lambda *_: None
) -> list[Path]:
    """Write files into `folder` (made if need be) and return them.

    Args:
        url: of the book.
        what: one of `WHAT`; "book" can be imported again, "logical" is for comparing two books byte by byte.
        form: "parquet" or "csv"; "logical" is always CSV.
        folder: where to write; a file of the same name is replaced when the new one is whole.
        progress: told (file, rows or loans done, total; 0 if not known).

    Raises:
        ValueError: `what` or `form` is none of those.
        OSError: the folder cannot be written, or the disk is full; files that were not finished are removed.
    """
    if what not in WHAT or form not in FORMS:
        raise ValueError(
            f'there is no export "{what}" as "{form}"; use one of {", ".join(WHAT)} as {" or ".join(FORMS)}'
        )
    form = "csv" if what == "logical" else form
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    with connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        if what == "positions":
            written.append(_positions(cursor, form, folder, progress))
        for query in QUERIES.get(what, ()):
            path = folder / f"{query.name}.{form}"
            write = _copy_to_csv if form == "csv" else _copy_to_parquet
            with _whole(path) as draft:
                write(cursor, query, draft, progress)
            written.append(path)
    return written


@contextlib.contextmanager
def _whole(path: Path) -> Iterator[Path]:
    """A draft that takes the name `path` when it is whole, and is removed if it never is."""
    draft = path.with_name(f".{path.name}.part")
    try:
        yield draft
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _statements(
    cursor: Cursor, query: Query, progress: Progress, *, header: bool = False
) -> Iterator[sql.Composed]:
    """The COPYs that give the rows of a query, in order; the first one has the header, if one is wanted."""
    shape = "COPY ({}) TO STDOUT (FORMAT csv, HEADER {}, ENCODING 'UTF8')"
    ranges = [(0, 0)]
    if query.by_loans:
        found = cursor.execute("SELECT coalesce(min(id), 0), coalesce(max(id), 0) FROM loan").fetchone()
        assert found is not None
        ranges = [(start, start + LOANS_AT_ONCE) for start in range(found[0], found[1] + 1, LOANS_AT_ONCE)]
    for number, (first, end) in enumerate(ranges):
        asked = query.sql.replace(RANGE, f"journal.loan_id >= {first} AND journal.loan_id < {end}")
        yield sql.SQL(shape).format(sql.SQL(asked), sql.SQL("true" if header and not number else "false"))
        progress(query.name, number + 1, len(ranges))


def _copy_to_csv(cursor: Cursor, query: Query, draft: Path, progress: Progress) -> None:
    with draft.open("wb") as file:
        for statement in _statements(cursor, query, progress, header=True):
            with cursor.copy(statement) as copy:
                for part in copy:
                    file.write(part)


class _Stream(io.RawIOBase):
    """What COPY sends, as a file that Arrow can read."""

    def __init__(self, parts: Iterator[Any]) -> None:
        self._parts = parts
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer as far as the next parts go; 0 at the end."""
        filled = 0
        while filled < len(buffer):
            if not self._rest:
                part = next(self._parts, None)
                if part is None:
                    break
                self._rest = memoryview(part)
            taken = self._rest[: len(buffer) - filled]
            buffer[filled : filled + len(taken)] = taken
            self._rest = self._rest[len(taken) :]
            filled += len(taken)
        return filled


def _copy_to_parquet(cursor: Cursor, query: Query, draft: Path, progress: Progress) -> None:
    schema = pa.schema([(name, query.types.get(name, pa.string())) for name in _columns(cursor, query)])
    with parquet.ParquetWriter(draft, schema, compression="zstd") as writer:
        for statement in _statements(cursor, query, progress):
            with cursor.copy(statement) as copy:
                for batch in _batches(copy, schema):
                    writer.write_batch(batch)


def _batches(copy: Any, schema: Any) -> Iterator[Any]:
    """What one COPY sends, as record batches; none if it sends no row."""
    stream = io.BufferedReader(_Stream(iter(copy)), 1 << 20)
    if not stream.peek(1):
        return
    yield from arrow_csv.open_csv(
        stream,
        read_options=arrow_csv.ReadOptions(block_size=8 << 20, use_threads=False, column_names=schema.names),
        parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict(zip(schema.names, schema.types, strict=True)),
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            null_values=[""],
        ),
    )


def _columns(cursor: Cursor, query: Query) -> list[str]:
    none = query.sql.replace(RANGE, "false")
    cursor.execute(sql.SQL("SELECT * FROM ({}) AS asked LIMIT 0").format(sql.SQL(none)))
    return [column.name for column in cursor.description or ()]


def _positions(cursor: Cursor, form: str, folder: Path, progress: Progress) -> Path:
    """Every position, read off for the last closed day; without one as of each loan's last event."""
    row = cursor.execute("SELECT max(date) FROM business_day WHERE closed_at IS NOT NULL").fetchone()
    day = None if row is None or row[0] is None else to_day(row[0])
    bounds = cursor.execute(
        "SELECT coalesce(min(loan_id), 0), coalesce(max(loan_id), -1) + 1 FROM position"
    ).fetchone()
    assert bounds is not None
    first, end = bounds
    path = folder / f"positions.{form}"
    with _whole(path) as draft, _writer(draft, form, _position_schema()) as writer:
        for start in range(first, end, LOANS_AT_ONCE):
            writer.write_table(_position_table(cursor, start, min(start + LOANS_AT_ONCE, end), day))
            progress("positions", min(start + LOANS_AT_ONCE, end) - first, end - first)
    return path


def _position_schema() -> Any:
    labels = [(name, pa.string()) for name in ("loan", "borrower", "product", "currency", "status")]
    fields = [
        (name, pa.date32() if name in POSITION_DATES else pa.int64())
        for name in POSITION.names or ()
        if name not in ("loan", "status")
    ]
    return pa.schema(labels + fields)


def _writer(draft: Path, form: str, schema: Any) -> Any:
    if form == "csv":
        return arrow_csv.CSVWriter(
            draft, schema, write_options=arrow_csv.WriteOptions(quoting_style="needed")
        )
    return parquet.ParquetWriter(draft, schema, compression="zstd")


def _position_table(cursor: Cursor, first: int, end: int, day: int | None) -> Any:
    named = ", ".join(f'"{name}"' for name in POSITION_COLUMNS)
    query = f"SELECT {named} FROM position WHERE loan_id >= %s AND loan_id < %s ORDER BY loan_id"  # noqa: S608
    wire = copy_out(cursor, query, POSITION_COLUMNS, (first, end))
    positions = np.zeros(len(wire), POSITION)
    for name, values in native(POSITION_COLUMNS, wire):
        if name != "product_id":
            positions["loan" if name == "loan_id" else name] = values
    if day is not None:
        positions = read_off_at(positions, day)
    labels = cursor.execute(POSITION_LABELS, (first, end)).fetchall()
    texts = (
        [pa.array(values, pa.string()) for values in zip(*labels, strict=True)]
        if labels
        else [pa.array([], pa.string()) for _ in range(4)]
    )
    words = pa.array([status.name.lower() for status in Status])
    arrays = [*texts, words.take(pa.array(positions["status"]))]
    for field in list(_position_schema())[len(arrays) :]:
        values = np.ascontiguousarray(positions[field.name])
        if field.name in POSITION_DATES:
            absent = (values >= NEVER) | (values == 0)
            arrays.append(
                pa.array(np.where(absent, 0, values).astype(np.int32), pa.int32(), mask=absent).cast(
                    pa.date32()
                )
            )
        else:
            arrays.append(pa.array(values))
    return pa.Table.from_arrays(arrays, schema=_position_schema())
