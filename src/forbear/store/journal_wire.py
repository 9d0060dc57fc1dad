"""Journal entries from arrays to COPY's binary form, digests included: one compiled pass, no Python per entry.

`forbear.store.copy` does rows of fixed width. A journal row ends in two texts, `key` and `details`, so it is written byte by
byte here: https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format".
"""

import json
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from forbear.kernel.compiled import compiled
from forbear.store.chain import hash_entry, hash_key
from forbear.store.copy import EPOCH_SHIFT

JOURNAL_COLUMNS: Final = (
    "loan_id",
    "sequence",
    "kind",
    "effective_on",
    "component",
    "amount",
    "target",
    "until",
    "rate",
    "count",
    "tie",
    "recording_id",
    "digest",
    "key",
    "details",
)
DETAILS: Final = ("channel", "payer", "external_reference", "reason")
"""What may stand in `details`, in this order."""

NEW_ENTRY: Final = np.dtype(
    [
        (name, "<i8")
        for name in (
            *("loan", "place", "sequence", "kind", "effective_on", "component", "amount", "target"),
            *("until", "rate", "count"),
        )
    ]
)
"""An entry to be written. `place` is the row of the loan's head in the array of heads; the rest is as stored."""

COLUMNS: Final = len(JOURNAL_COLUMNS)
FIXED_BYTES: Final = 2 + 4 * len(JOURNAL_COLUMNS) + 8 + 4 + 2 + 4 + 2 + 8 + 4 + 4 + 8 + 2 + 8 + 4 + 16
_TITLES: Final = tuple(
    np.frombuffer(f'"{name}":"'.encode(), np.uint8) for name in DETAILS
)  # what precedes each value
_TITLE_0, _TITLE_1, _TITLE_2, _TITLE_3 = _TITLES
_HEX: Final = np.frombuffer(b"0123456789abcdef", np.uint8)
_LONGEST_ESCAPE: Final = 6
QUOTE, BACKSLASH, COMMA, OPEN, CLOSE = (ord(c) for c in '"\\,{}')


Pair = tuple[np.ndarray, np.ndarray]
"""A column of texts: offsets, one more than rows, into UTF-8 bytes; an empty one stands for none."""


def details_text(values: Mapping[str, str]) -> str | None:
    """`details` as stored: JSON of the values that are not empty, in the order of `DETAILS`; None if there is none."""
    kept = {name: values[name] for name in DETAILS if values.get(name)}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":")) if kept else None


@compiled
def _put(out: np.ndarray, at: int, value: int, width: int) -> int:
    """A big-endian integer of `width` bytes with its length before it, as a field of COPY; returns where it ends."""
    out[at], out[at + 1], out[at + 2], out[at + 3] = 0, 0, 0, width
    for i in range(width):
        out[at + 3 + width - i] = value & 255
        value >>= 8
    return at + 4 + width


@compiled
def _put_bytes(out: np.ndarray, at: int, part: np.ndarray) -> int:
    """A field of COPY whose bytes are given."""
    length = part.shape[0]
    for i in range(4):
        out[at + 3 - i] = length & 255
        length >>= 8
    at += 4
    for i in range(part.shape[0]):
        out[at + i] = part[i]
    return at + part.shape[0]


@compiled
def _escape(out: np.ndarray, at: int, part: np.ndarray) -> int:
    """The inside of a JSON string, as `json.dumps` with ensure_ascii=False writes it."""
    for i in range(part.shape[0]):
        byte = part[i]
        if byte in (QUOTE, BACKSLASH):
            out[at], out[at + 1] = BACKSLASH, byte
            at += 2
        elif byte >= 32:
            out[at] = byte
            at += 1
        else:
            short = 0
            if byte == 8:
                short = 98  # \b
            elif byte == 9:
                short = 116  # \t
            elif byte == 10:
                short = 110  # \n
            elif byte == 12:
                short = 102  # \f
            elif byte == 13:
                short = 114  # \r
            out[at] = BACKSLASH
            if short:
                out[at + 1] = short
                at += 2
            else:
                out[at + 1], out[at + 2], out[at + 3] = 117, 48, 48  # \u00
                out[at + 4], out[at + 5] = _HEX[byte >> 4], _HEX[byte & 15]
                at += 6
    return at


@compiled
def _member(out: np.ndarray, at: int, title: np.ndarray, value: np.ndarray) -> int:
    """One member of the JSON object, unless its value is empty."""
    if value.shape[0] == 0:
        return at
    if at == 0:
        out[0] = OPEN
        at = 1
    else:
        out[at] = COMMA
        at += 1
    for i in range(title.shape[0]):
        out[at + i] = title[i]
    at = _escape(out, at + title.shape[0], value)
    out[at] = QUOTE
    return at + 1


@compiled
def _details(texts: tuple[tuple[np.ndarray, np.ndarray], ...], ends: np.ndarray, out: np.ndarray) -> None:
    (at0, data0), (at1, data1), (at2, data2), (at3, data3) = texts
    for i in range(ends.shape[0] - 1):
        room = out[ends[i] :]
        size = _member(room, 0, _TITLE_0, data0[at0[i] : at0[i + 1]])
        size = _member(room, size, _TITLE_1, data1[at1[i] : at1[i + 1]])
        size = _member(room, size, _TITLE_2, data2[at2[i] : at2[i + 1]])
        size = _member(room, size, _TITLE_3, data3[at3[i] : at3[i + 1]])
        if size:
            room[size] = CLOSE
            size += 1
        ends[i + 1] = ends[i] + size


def details_column(details: Sequence[Pair]) -> Pair:
    """`details_text` of each row, given a column for each name of `DETAILS`; empty where there is none."""
    ends = np.zeros(len(details[0][0]), np.int64)
    out = np.empty(_most_details(details) + 2 * len(ends), np.uint8)
    _details(tuple((text[0], text[1]) for text in details), ends, out)
    return ends, out[: ends[-1]]


def _most_details(details: Sequence[Pair]) -> int:
    """Bytes that the members of `details` take at most, all rows together: every character escaped, titles, commas."""
    inside = sum(int(text[0][-1] - text[0][0]) for text in details) * _LONGEST_ESCAPE
    titles = sum(
        (len(name) + 6) * int(np.count_nonzero(np.diff(text[0])))
        for name, text in zip(DETAILS, details, strict=True)
    )
    return inside + titles


@compiled
def _encode(
    rows: np.recarray,
    recording: int,
    heads: np.ndarray,
    keys: tuple[np.ndarray, np.ndarray],
    texts: tuple[tuple[np.ndarray, np.ndarray], ...],
    desk: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    out: np.ndarray,
) -> int:
    key_at, key_data = keys
    (at0, data0), (at1, data1), (at2, data2), (at3, data3) = texts
    state, block, octets, scratch = desk
    end = 0
    for i in range(rows.shape[0]):
        row = rows[i]
        key = key_data[key_at[i] : key_at[i + 1]]
        size = _member(scratch, 0, _TITLE_0, data0[at0[i] : at0[i + 1]])
        size = _member(scratch, size, _TITLE_1, data1[at1[i] : at1[i + 1]])
        size = _member(scratch, size, _TITLE_2, data2[at2[i] : at2[i + 1]])
        size = _member(scratch, size, _TITLE_3, data3[at3[i] : at3[i + 1]])
        if size:
            scratch[size] = CLOSE
            size += 1
        head = heads[row.place]
        tie = hash_key(key, state, block, octets)
        hash_entry(row, head, recording, key, scratch[:size], size > 0, state, block, octets)
        out[end], out[end + 1] = 0, COLUMNS
        end = _put(out, end + 2, row.loan, 8)
        end = _put(out, end, row.sequence, 4)
        end = _put(out, end, row.kind, 2)
        end = _put(out, end, row.effective_on - EPOCH_SHIFT, 4)
        end = _put(out, end, row.component, 2)
        end = _put(out, end, row.amount, 8)
        end = _put(out, end, row.target, 4)
        end = _put(out, end, row.until, 4)
        end = _put(out, end, row.rate, 8)
        end = _put(out, end, row.count, 2)
        end = _put(out, end, tie, 8)
        end = _put(out, end, recording, 4)
        block[0], block[1] = head[0], head[1]
        end = _put_bytes(out, end, octets[:16])
        end = _put_bytes(out, end, key)
        if size:
            end = _put_bytes(out, end, scratch[:size])
        else:
            out[end : end + 4] = 255
            end += 4
    return end


def encode_entries(
    rows: np.ndarray, keys: Pair, details: Sequence[Pair], *, recording: int, heads: np.ndarray
) -> memoryview:
    """COPY rows of `journal`, without header and trailer, for entries in the order of their recording.

    Args:
        rows: NEW_ENTRY; sequences go on from the loan's last one.
        keys: idempotency keys, none empty.
        details: a column for each name of `DETAILS`.
        recording: the number of the recording they belong to.
        heads: the last digest of each loan as two uint64; moved on to the last of these entries.
    """
    lengths = [np.diff(text[0]).max(initial=0) for text in details]
    scratch = np.empty(int(sum(lengths)) * _LONGEST_ESCAPE + 128, np.uint8)
    size = len(rows) * (FIXED_BYTES + 2) + int(keys[0][-1] - keys[0][0]) + _most_details(details)
    out = np.empty(size, np.uint8)
    block = np.zeros(16, np.uint64)
    desk = (np.zeros(8, np.uint64), block, block.view(np.uint8), scratch)
    texts = tuple((text[0], text[1]) for text in details)
    end = _encode(rows.view(np.recarray), recording, heads, (keys[0], keys[1]), texts, desk, out)
    return out[:end].data
