"""Whole journals from the database to arrays, keys and details included: no Python per entry.

COPY sends a message for each row, which costs more than all that is done with an entry. So a loan's entries come as one row:
an array of records, in the binary form of `array_send` and `record_send`.
"""

from typing import Any, Final, NamedTuple

import numpy as np
import psycopg
from psycopg import sql

from forbear.kernel.compiled import compiled
from forbear.store.book import JOURNAL_COLUMNS
from forbear.store.copy import HEADER, TRAILER, WIDTHS
from forbear.store.journal_wire import Pair


def _record_type() -> np.dtype[np.void]:
    """The beginning of a record as sent: its length, its number of fields, then type, length and value of each."""
    fields = [("bytes", ">i4"), ("fields", ">i4")]
    for name, kind in JOURNAL_COLUMNS.items():
        fields += [(f"{name}:", ">i4"), (f"{name}?", ">i4"), (name, WIDTHS[kind])]
    return np.dtype(fields)


RECORD: Final = _record_type()
BEFORE_COUNT: Final = 2 + 4 + 3 * 4
"""Of a row: its number of fields, the length of the only one; of the array: dimensions, flags, type. Then: how many."""
BEFORE_RECORDS: Final = BEFORE_COUNT + 4 + 4
NULL: Final = 0xFFFFFFFF


class StoredEntries(NamedTuple):
    """Entries as stored: rows of RECORD (big-endian), their keys, and their details where they have some."""

    rows: np.ndarray
    keys: Pair
    details: Pair
    has_details: np.ndarray


@compiled
def _integer(data: np.ndarray, at: int) -> int:
    """Four bytes as a number; -1 for a length that says null."""
    value = 0
    for i in range(4):
        value = value * 256 + data[at + i]
    return -1 if value == NULL else value


@compiled
def _count(data: np.ndarray, at: int, end: int) -> int:
    """How many entries the rows at `at` to `end` hold."""
    count = 0
    while at < end:
        count += _integer(data, at + BEFORE_COUNT)
        at += 6 + _integer(data, at + 2)
    return count


@compiled
def _decode(
    data: np.ndarray,
    at: int,
    fixed: np.ndarray,
    keys: tuple[np.ndarray, np.ndarray],
    details: tuple[np.ndarray, np.ndarray],
    has_details: np.ndarray,
) -> None:
    key_at, key_data = keys
    text_at, text_data = details
    left = 0
    for i in range(fixed.shape[0]):
        if left == 0:
            left = _integer(data, at + BEFORE_COUNT)
            at += BEFORE_RECORDS
        left -= 1
        for j in range(fixed.shape[1]):
            fixed[i, j] = data[at + j]
        at += fixed.shape[1]
        length, first = _integer(data, at + 4), key_at[i]
        at += 8
        for j in range(length):
            key_data[first + j] = data[at + j]
        key_at[i + 1] = first + length
        at += length
        length, first = _integer(data, at + 4), text_at[i]
        has_details[i] = length >= 0
        at += 8
        length = max(0, length)
        for j in range(length):
            text_data[first + j] = data[at + j]
        text_at[i + 1] = first + length
        at += length


def decode_entries(received: bytes) -> StoredEntries:
    """Take apart what COPY sent of arrays of records, header and trailer included."""
    data, first = np.frombuffer(received, np.uint8), len(HEADER)
    end = len(received) - len(TRAILER)
    count = _count(data, first, end)
    texts = end - first - count * (RECORD.itemsize + 16)
    fixed = np.empty((count, RECORD.itemsize), np.uint8)
    keys = np.zeros(count + 1, np.int64), np.empty(max(texts, 0), np.uint8)
    details = np.zeros(count + 1, np.int64), np.empty(max(texts, 0), np.uint8)
    has_details = np.zeros(count, np.bool_)
    _decode(data, first, fixed, keys, details, has_details)
    return StoredEntries(fixed.view(RECORD).reshape(count), keys, details, has_details)


def read_entries(cursor: psycopg.Cursor[Any], first: int, end: int) -> StoredEntries:
    """The entries of loans number `first` up to `end`, excluded, ordered by loan and sequence."""
    which = sql.SQL("loan_id >= {} AND loan_id < {}").format(sql.Literal(first), sql.Literal(end))
    return _read(cursor, which)


def read_named(cursor: psycopg.Cursor[Any], keys: str) -> StoredEntries:
    """The entries with these idempotency keys (a line each), as far as there are any, ordered by loan and sequence."""
    which = sql.SQL("key = ANY (string_to_array({}, E'\\n'))").format(sql.Literal(keys))
    return _read(cursor, which)


def _read(cursor: psycopg.Cursor[Any], which: sql.Composable) -> StoredEntries:
    query = sql.SQL(
        "COPY (SELECT array_agg(ROW({}) ORDER BY sequence) FROM journal WHERE {} GROUP BY loan_id ORDER BY loan_id) "
        "TO STDOUT (FORMAT binary)"
    ).format(sql.SQL(", ").join(map(sql.Identifier, (*JOURNAL_COLUMNS, "key", "details"))), which)
    with cursor.copy(query) as copy:
        return decode_entries(b"".join(copy))
