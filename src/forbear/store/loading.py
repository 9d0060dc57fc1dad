"""Filling tables in bulk, within one transaction that ends with everything or nothing.

An empty table is filled without its indexes, which are built afterwards, and (where `wal_level` is minimal) without the
log, since it is truncated in the same transaction. A trigger refuses TRUNCATE of the append-only tables, rightly; here it is
lifted for that one statement, under an exclusive lock, after the table has been seen to be empty. The lock lasts to the end
of the transaction and DDL is transactional, so nobody sees the table without its guard, and a killed import leaves it as it
was.
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import psycopg
from psycopg import sql

from forbear.kernel.compiled import compiled
from forbear.store.copy import HEADER, TRAILER, encode

Cursor = psycopg.Cursor[Any]
Pair = tuple[np.ndarray, np.ndarray]
"""A column of texts: offsets, one more than rows, into bytes."""

BLOCK_ROWS: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class _Index:
    name: str
    is_constraint: bool
    definition: str


@compiled
def _join(
    fixed: np.ndarray, offsets: np.ndarray, data: np.ndarray, nulls: bool, ends: np.ndarray, out: np.ndarray
) -> None:
    """Append one field to each row: row i of `fixed` is ends[i]:ends[i + 1] before, and its field follows it in `out`."""
    at = 0
    for i in range(offsets.shape[0] - 1):
        for j in range(ends[i], ends[i + 1]):
            out[at] = fixed[j]
            at += 1
        length = offsets[i + 1] - offsets[i]
        if length == 0 and nulls:
            out[at : at + 4] = 255
            at += 4
            continue
        rest = length
        for j in range(4):
            out[at + 3 - j] = rest & 255
            rest >>= 8
        at += 4
        for j in range(offsets[i], offsets[i + 1]):
            out[at] = data[j]
            at += 1


def encode_rows(
    columns: Mapping[str, str],
    data: Mapping[str, Any],
    texts: Sequence[Pair],
    rows: int,
    *,
    nulls: bool = False,
) -> np.ndarray:
    """COPY rows of fixed columns followed by columns of text or bytes; an empty one is null if `nulls`."""
    fixed = encode(columns, data, rows)
    width = len(fixed) // max(rows, 1)
    body = np.frombuffer(fixed, np.uint8).copy()
    count = len(columns) + len(texts)
    body.reshape(rows, width)[:, :2] = (count >> 8, count & 255)
    ends = np.arange(rows + 1, dtype=np.int64) * width
    for offsets, octets in texts:
        lengths = np.diff(offsets)
        longer = np.concatenate(([0], np.cumsum(lengths + 4)))
        out = np.empty(len(body) + int(longer[-1]), np.uint8)
        read = octets.view()
        read.flags.writeable = False  # whoever made them: one type, so compiled once
        _join(body, np.ascontiguousarray(offsets, np.int64), read, nulls, ends, out)
        body, ends = out, ends + longer
    return body


def packed(values: Sequence[bytes | None]) -> Pair:
    """Byte strings as a column; None is empty."""
    lengths = np.fromiter((len(value) if value else 0 for value in values), np.int64, len(values))
    joined = b"".join(value for value in values if value)
    return np.concatenate(([0], np.cumsum(lengths))), np.frombuffer(joined, np.uint8)


@contextlib.contextmanager
def copying(cursor: Cursor, table: str, columns: Sequence[str], *, freeze: bool = False) -> Iterator[Any]:
    """A COPY into `table`; write rows without header and trailer to what this yields. An error inside undoes it."""
    options = sql.SQL("FORMAT binary, FREEZE true" if freeze else "FORMAT binary")
    statement = sql.SQL("COPY {} ({}) FROM STDIN ({})").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns)), options
    )
    with cursor.copy(statement) as copy:
        copy.write(HEADER)
        yield copy
        copy.write(TRAILER)


@contextlib.contextmanager
def filling(cursor: Cursor, table: str) -> Iterator[bool]:
    """Fill a table: if it is empty and ours, without indexes and log; yields whether it is, for `copying(freeze=...)`.

    The indexes are there again, and checked, when the block ends; raises psycopg.errors.UniqueViolation if they cannot be.
    """
    if not _may_rebuild(cursor, table):
        yield False
        return
    name = sql.Identifier(table)
    indexes = _indexes(cursor, table)
    cursor.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(name))
    cursor.execute(sql.SQL("TRUNCATE {}").format(name))
    cursor.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(name))
    for index in reversed(indexes):
        drop = "ALTER TABLE {} DROP CONSTRAINT {}" if index.is_constraint else "DROP INDEX {1}"
        cursor.execute(sql.SQL(drop).format(name, sql.Identifier(index.name)))
    yield True
    for index in indexes:
        if index.is_constraint:
            add = sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} ").format(name, sql.Identifier(index.name))
            cursor.execute(add + sql.SQL(index.definition))  # as PostgreSQL wrote it
        else:
            cursor.execute(index.definition)


def _may_rebuild(cursor: Cursor, table: str) -> bool:
    """Whether the table is empty, now and until the transaction ends, and its owner's role is ours."""
    cursor.execute("SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = %s::regclass", (table,))
    row = cursor.fetchone()
    if row is None or not row[0] or not is_empty(cursor, table):
        return False
    cursor.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(sql.Identifier(table)))
    return is_empty(cursor, table)


def is_empty(cursor: Cursor, table: str) -> bool:
    """Whether the table has no row."""
    cursor.execute(sql.SQL("SELECT NOT EXISTS (SELECT FROM {})").format(sql.Identifier(table)))
    row = cursor.fetchone()
    return bool(row and row[0])


def _indexes(cursor: Cursor, table: str) -> list[_Index]:
    """What slows down filling: primary and unique keys, foreign keys, and plain indexes, in the order to make them."""
    constraints = cursor.execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE conrelid = %s::regclass AND contype IN ('p', 'u', 'f') ORDER BY contype = 'f', contype, conname",
        (table,),
    ).fetchall()
    plain = cursor.execute(
        "SELECT relname, pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid "
        "WHERE indrelid = %s::regclass "
        "AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND conrelid = indrelid) ORDER BY 1",
        (table,),
    ).fetchall()
    return [_Index(name, True, text) for name, text in constraints] + [
        _Index(name, False, text) for name, text in plain
    ]


def next_number(cursor: Cursor, table: str) -> int:
    """One more than the greatest id of a table; 1 if it is empty."""
    cursor.execute(sql.SQL("SELECT coalesce(max(id), 0) + 1 FROM {}").format(sql.Identifier(table)))
    row = cursor.fetchone()
    assert row is not None
    return int(row[0])
