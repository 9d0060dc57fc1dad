"""The chain of a loan's journal: each entry's digest covers the entry and the digest before it.

An altered, removed, inserted or exchanged entry changes every later digest of its loan, so the last digests vouch for all.
This module is the one definition; `entry_digest` says it in plain Python, `check` does the same for arrays.

    digest = BLAKE2b, 16 bytes, of
        previous digest of the loan (16 bytes; zeros before its first entry)
        loan, amount                                    2 x int64
        effective_on (days since 1970-01-01), sequence,
        target, recording                               4 x int32
        kind, component                                 2 x int16
        length of key, length of details (-1: none)     int32, int64
        until, rate, count                              3 x int64, for kinds that change the terms (from 10 on), and where
                                                        there is an `until` (a charge of a live loan, due later)
        key, details                                    UTF-8
    all integers little-endian.

The moment of recording, its actor and reason are covered through the number of the recording, a table of its own.
"""

import hashlib
import struct
from collections.abc import Mapping
from typing import Final

import numpy as np

from forbear.engine.vocabulary import RATE_CHANGED
from forbear.kernel.compiled import compiled
from forbear.store.blake2 import DIGEST, absorb, begin, finish

NO_DIGEST: Final = bytes(DIGEST)
"""What stands before the first entry of a loan."""

TIE_BITS: Final = 62
_FRAME: Final = struct.Struct("<16sqqiiiihhiq")
FRAME_BYTES: Final = _FRAME.size
_CHANGE: Final = struct.Struct("<qqq")
CHANGE_BYTES: Final = _CHANGE.size
_32 = np.uint64(32)
_16 = np.uint64(16)
_LOW = np.uint64(0xFFFFFFFF)
_LOW16 = np.uint64(0xFFFF)


def tie(key: str) -> int:
    """The entry's place among those of its day and kind: the first 62 bits of a digest of its key, so of content alone."""
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=DIGEST).digest()[:8], "big") >> (
        64 - TIE_BITS
    )


def entry_digest(
    previous: bytes,
    *,
    loan: int,
    sequence: int,
    kind: int,
    component: int,
    effective_on: int,
    amount: int,
    target: int,
    recording: int,
    key: str,
    details: str | None,
    until: int = 0,
    rate: int = 0,
    count: int = 0,
) -> bytes:
    """The digest of one entry, 16 bytes; `previous` is that of the loan's entry before it, `NO_DIGEST` for the first.

    Amount in minor units, `effective_on` and `until` as day numbers, `details` exactly as stored.
    """
    name, rest = key.encode(), (details or "").encode()
    frame = _FRAME.pack(
        previous,
        loan,
        amount,
        effective_on,
        sequence,
        target,
        recording,
        kind,
        component,
        len(name),
        -1 if details is None else len(rest),
    )
    if kind >= RATE_CHANGED or until != 0:
        frame += _CHANGE.pack(until, rate, count)
    return hashlib.blake2b(frame + name + rest, digest_size=DIGEST).digest()


@compiled
def hash_key(key: np.ndarray, state: np.ndarray, block: np.ndarray, octets: np.ndarray) -> int:
    """`tie` of a key given as bytes."""
    begin(state)
    finish(state, block, octets, absorb(state, block, octets, 0, key))
    word, swapped = np.int64(state[0]), np.int64(0)
    for _ in range(8):
        swapped = (swapped << 8) | (word & 255)
        word >>= 8
    return (swapped >> (64 - TIE_BITS)) & ((1 << TIE_BITS) - 1)  # type: ignore[return-value]


@compiled
def hash_entry(
    row: np.record,
    head: np.ndarray,
    recording: int,
    key: np.ndarray,
    details: np.ndarray,
    has_details: bool,
    state: np.ndarray,
    block: np.ndarray,
    octets: np.ndarray,
) -> None:
    """Chain one entry: `head`, two words, is the loan's digest so far and becomes this entry's."""
    begin(state)
    block[0], block[1] = head[0], head[1]
    block[2], block[3] = np.uint64(row.loan), np.uint64(row.amount)
    block[4] = (np.uint64(row.effective_on) & _LOW) | (np.uint64(row.sequence) << _32)
    block[5] = (np.uint64(row.target) & _LOW) | (np.uint64(recording) << _32)
    words = (np.uint64(row.kind) & _LOW16) | ((np.uint64(row.component) & _LOW16) << _16)
    block[6] = words | (np.uint64(key.shape[0]) << _32)
    block[7] = np.uint64(details.shape[0] if has_details else -1)
    size = FRAME_BYTES
    if row.kind >= RATE_CHANGED or row.until != 0:
        block[8], block[9], block[10] = np.uint64(row.until), np.uint64(row.rate), np.uint64(row.count)
        size += CHANGE_BYTES
    length = absorb(state, block, octets, size, key)
    finish(state, block, octets, absorb(state, block, octets, length, details))
    head[0], head[1] = state[0], state[1]


ENTRY_FIELDS: Final = (
    "loan",
    "sequence",
    "kind",
    "component",
    "effective_on",
    "amount",
    "target",
    "until",
    "rate",
    "count",
    "recording",
    "tie",
)
_LINK: Final = np.dtype([(name, "<i8") for name in ENTRY_FIELDS])
WRONG_DIGEST: Final = 1
WRONG_TIE: Final = 2


@compiled
def _check(
    rows: np.recarray,
    keys: tuple[np.ndarray, np.ndarray],
    details: tuple[np.ndarray, np.ndarray],
    has_details: np.ndarray,
    digests: np.ndarray,
    desk: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    wrong: np.ndarray,
) -> None:
    key_at, key_data = keys
    text_at, text_data = details
    state, block, octets, head = desk
    for i in range(rows.shape[0]):
        row = rows[i]
        head[0], head[1] = np.uint64(0), np.uint64(0)
        if i > 0 and row.loan == rows[i - 1].loan:
            head[0], head[1] = digests[i - 1, 0], digests[i - 1, 1]
        key = key_data[key_at[i] : key_at[i + 1]]
        text = text_data[text_at[i] : text_at[i + 1]]
        hash_entry(row, head, row.recording, key, text, has_details[i], state, block, octets)
        if head[0] != digests[i, 0] or head[1] != digests[i, 1]:
            wrong[i] = WRONG_DIGEST
        if hash_key(key, state, block, octets) != row.tie:
            wrong[i] += WRONG_TIE


def check(
    entries: Mapping[str, np.ndarray],
    keys: tuple[np.ndarray, np.ndarray],
    details: tuple[np.ndarray, np.ndarray],
    has_details: np.ndarray,
    digests: np.ndarray,
) -> np.ndarray:
    """What is wrong with the entries of whole journals, ordered by loan and sequence, each loan's from its first one on.

    Each entry is held against the digest that is stored with the one before it, so what is found is found in its place.

    Args:
        entries: an array for each of `ENTRY_FIELDS`, days as day numbers.
        keys: offsets, one more than entries, into UTF-8 bytes.
        details: likewise, as stored.
        has_details: False where `details` is null.
        digests: as stored, N of 16 bytes (dtype V16).

    Returns:
        For each entry 0, or WRONG_DIGEST, or WRONG_TIE, or the sum of both.
    """
    count = len(has_details)
    rows = np.zeros(count, _LINK)
    for name in ENTRY_FIELDS:
        rows[name] = entries[name]
    wrong = np.zeros(count, np.int8)
    block = np.zeros(16, np.uint64)
    desk = (np.zeros(8, np.uint64), block, block.view(np.uint8), np.zeros(2, np.uint64))
    flags = np.ascontiguousarray(has_details, np.bool_)
    words = np.ascontiguousarray(digests).view(np.uint64).reshape(count, 2)
    _check(rows.view(np.recarray), keys, details, flags, words, desk, wrong)
    return wrong
