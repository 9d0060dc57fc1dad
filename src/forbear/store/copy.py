"""Bulk transfer between NumPy arrays and PostgreSQL, in COPY's binary form.

Rows of fixed-width, non-null columns have a constant layout, so a whole block of them is one NumPy array with big-endian
fields and needs no work per row. https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format".
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import psycopg
from psycopg import sql

from forbear.engine.vocabulary import NEVER
from forbear.kernel.compiled import compiled

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"
EPOCH_SHIFT = 10957
"""PostgreSQL counts days from 2000-01-01, Forbear from 1970-01-01."""
INFINITY = 2**31 - 1
BLOCK_ROWS = 65536

WIDTHS = {"bigint": ">i8", "integer": ">i4", "smallint": ">i2", "date": ">i4", "digest": "V16"}


def row_type(columns: Mapping[str, str]) -> np.dtype[np.void]:
    """The wire layout of a row with these columns (name to type, of `WIDTHS`)."""
    fields: list[tuple[str, str]] = [("fields", ">i2")]
    for name, kind in columns.items():
        fields += [(f"{name}?", ">i4"), (name, WIDTHS[kind])]
    return np.dtype(fields)


def _to_wire(kind: str, values: Any) -> Any:
    if kind != "date":
        return values
    days = np.asarray(values)
    return np.where(days >= NEVER, INFINITY, days - EPOCH_SHIFT)


def encode(columns: Mapping[str, str], data: Mapping[str, Any], rows: int) -> bytes:
    """Rows of COPY, without header and trailer. `data` gives an array (or a scalar) for each column."""
    layout = row_type(columns)
    wire = np.zeros(rows, layout)
    wire["fields"] = len(columns)
    for name, kind in columns.items():
        wire[f"{name}?"] = np.dtype(WIDTHS[kind]).itemsize
        wire[name] = _to_wire(kind, data[name])
    return wire.tobytes()


def copy_in(
    cursor: psycopg.Cursor[Any], table: str, columns: Mapping[str, str], data: Mapping[str, Any], rows: int
) -> None:
    """COPY arrays of `rows` values into `table`, in blocks of bounded size."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with cursor.copy(statement) as copy:
        copy.write(HEADER)
        for first in range(0, rows, BLOCK_ROWS):
            end = min(first + BLOCK_ROWS, rows)
            block = {
                name: data[name][first:end] if isinstance(data[name], np.ndarray) else data[name]
                for name in columns
            }
            copy.write(encode(columns, block, end - first))
        copy.write(TRAILER)


def copy_out(
    cursor: psycopg.Cursor[Any], query: sql.Composable | str, columns: Mapping[str, str], params: Any = None
) -> np.ndarray:
    """The rows of a query whose columns are `columns`, as a structured array in the wire layout (big-endian)."""
    if isinstance(query, str):
        query = sql.SQL(query)
    statement = sql.SQL("COPY ({}) TO STDOUT (FORMAT binary)").format(query)
    with cursor.copy(statement, params) as copy:
        received = b"".join(copy)
    return decode(columns, received)


def decode(columns: Mapping[str, str], received: bytes) -> np.ndarray:
    """Parse what COPY TO sent. Raises ValueError if it does not have the expected fixed layout."""
    layout = row_type(columns)
    body = len(received) - len(HEADER) - len(TRAILER)
    if body % layout.itemsize:
        raise ValueError(
            f"COPY sent {body} bytes, no multiple of a row's {layout.itemsize}: a column is null or of another type than "
            f"expected ({', '.join(f'{name} {kind}' for name, kind in columns.items())})"
        )
    return np.frombuffer(received, layout, body // layout.itemsize, len(HEADER))


@compiled
def _split(
    received: np.ndarray, width: int, fixed: np.ndarray, bounds: np.ndarray, octets: np.ndarray
) -> int:
    """Part rows of `width` octets and one column of bytes; returns how many there are. `bounds` empty: only count them."""
    rows, at, end = 0, 0, 0
    while at + width + 4 <= received.shape[0]:
        size = 0
        for j in range(4):
            size = (size << 8) | received[at + width + j]
        if bounds.shape[0] > 0:
            for j in range(width):
                fixed[rows * width + j] = received[at + j]
            for j in range(size):
                octets[end + j] = received[at + width + 4 + j]
            end += size
            bounds[rows + 1] = end
        rows += 1
        at += width + 4 + size
    return rows


def copy_out_with_bytes(
    cursor: psycopg.Cursor[Any], query: sql.Composable, columns: Mapping[str, str], params: Any = None
) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """As `copy_out`, for a query with one more column, of bytes: the rows, and bounds and octets of that column."""
    statement = sql.SQL("COPY ({}) TO STDOUT (FORMAT binary)").format(query)
    with cursor.copy(statement, params) as copy:
        joined = b"".join(bytes(part) for part in copy)
    received = np.frombuffer(joined, np.uint8, len(joined) - len(HEADER) - len(TRAILER), len(HEADER))
    layout = row_type(columns)
    nothing = np.zeros(0, np.int64)
    none = np.zeros(0, np.uint8)
    rows = _split(received, layout.itemsize, none, nothing, none)
    fixed, bounds = np.empty(rows * layout.itemsize, np.uint8), np.zeros(rows + 1, np.int64)
    octets = np.empty(len(received) - rows * (layout.itemsize + 4), np.uint8)
    _split(received, layout.itemsize, fixed, bounds, octets)
    return fixed.view(layout), (bounds, octets)


@compiled
def _read_words(
    rows: np.ndarray, width: int, at: np.ndarray, sizes: np.ndarray, dates: np.ndarray, words: np.ndarray
) -> None:
    for i in range(words.shape[0]):
        for column in range(at.shape[0]):
            place = i * width + at[column]
            word: int = np.int64(rows[place])  # type: ignore[assignment]  # int() would make it unsigned
            if word > 127:
                word -= 256
            for j in range(1, sizes[column]):
                word = (word << 8) | rows[place + j]
            if dates[column]:
                word = NEVER if word == INFINITY else word + EPOCH_SHIFT
            words[i, column] = word


def as_words(columns: Mapping[str, str], wire: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """Some columns of wire rows side by side, rows x names of int64: dates as day numbers, `infinity` as `NEVER`.

    Raises ValueError if the rows are not in the layout of the wire.
    """
    fields = wire.dtype.fields or {}
    turned = [name for name in names if fields[name][0] != np.dtype(WIDTHS[columns[name]])]
    if turned:
        raise ValueError(f"not as they came over the wire (big-endian): {', '.join(turned)}")
    words = np.empty((len(wire), len(names)), np.int64)
    octets = np.ascontiguousarray(wire).view(np.uint8)
    octets.flags.writeable = False  # as most come: one type, compiled once
    _read_words(
        octets,
        wire.dtype.itemsize,
        np.array([fields[name][1] for name in names], np.int64),
        np.array([fields[name][0].itemsize for name in names], np.int64),
        np.array([columns[name] == "date" for name in names]),
        words,
    )
    return words


def days(wire: np.ndarray) -> np.ndarray:
    """Dates from the wire as day numbers, `infinity` as `NEVER`."""
    values = wire.astype(np.int64)
    return np.where(values == INFINITY, NEVER, values + EPOCH_SHIFT)


def native(columns: Mapping[str, str], wire: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """The columns of a wire array as native arrays: int64, dates as day numbers, digests as they are."""
    for name, kind in columns.items():
        if kind == "date":
            yield name, days(wire[name])
        elif kind == "digest":
            yield name, wire[name]
        else:
            yield name, wire[name].astype(np.int64)
