"""BLAKE2b (RFC 7693) for compiled code: sixteen-byte digests of journal entries, tens of millions at a time.

`hashlib` is the reference and the tests compare with it; this form exists because calling `hashlib` once per entry costs
more than everything else an import does with it. Words are uint64 throughout: they never meet an int64 in an expression,
which Numba would turn into a float.
"""

from typing import Final

import numpy as np

from forbear.kernel.compiled import compiled

BLOCK: Final = 128
DIGEST: Final = 16

U64 = np.uint64
_IV: Final = tuple(
    U64(word)
    for word in (
        0x6A09E667F3BCC908,
        0xBB67AE8584CAA73B,
        0x3C6EF372FE94F82B,
        0xA54FF53A5F1D36F1,
        0x510E527FADE682D1,
        0x9B05688C2B3E6C1F,
        0x1F83D9ABFB41BD6B,
        0x5BE0CD19137E2179,
    )
)
IV0, IV1, IV2, IV3, IV4, IV5, IV6, IV7 = _IV
START: Final = U64(0x6A09E667F3BCC908 ^ 0x01010000 ^ DIGEST)
"""First word of a fresh state: no key, sequential, sixteen bytes of digest."""
ALL_ONES: Final = U64(0xFFFFFFFFFFFFFFFF)
ZERO: Final = U64(0)
R16, R24, R32, R40, R48, R63, R1 = (U64(n) for n in (16, 24, 32, 40, 48, 63, 1))


@compiled
def _mix(
    a: np.uint64, b: np.uint64, c: np.uint64, d: np.uint64, x: np.uint64, y: np.uint64
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    """The quarter round G of RFC 7693, 3.1."""
    a = a + b + x
    d ^= a
    d = (d >> R32) | (d << R32)
    c = c + d
    b ^= c
    b = (b >> R24) | (b << R40)
    a = a + b + y
    d ^= a
    d = (d >> R16) | (d << R48)
    c = c + d
    b ^= c
    b = (b >> R63) | (b << R1)
    return a, b, c, d


@compiled
def _round(v, x0, x1, x2, x3, x4, x5, x6, x7, x8, x9, x10, x11, x12, x13, x14, x15):
    """One round over the sixteen words `v`, taking the message words in the order given."""
    v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15 = v
    v0, v4, v8, v12 = _mix(v0, v4, v8, v12, x0, x1)
    v1, v5, v9, v13 = _mix(v1, v5, v9, v13, x2, x3)
    v2, v6, v10, v14 = _mix(v2, v6, v10, v14, x4, x5)
    v3, v7, v11, v15 = _mix(v3, v7, v11, v15, x6, x7)
    v0, v5, v10, v15 = _mix(v0, v5, v10, v15, x8, x9)
    v1, v6, v11, v12 = _mix(v1, v6, v11, v12, x10, x11)
    v2, v7, v8, v13 = _mix(v2, v7, v8, v13, x12, x13)
    v3, v4, v9, v14 = _mix(v3, v4, v9, v14, x14, x15)
    return v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12, v13, v14, v15


@compiled
def compress(state: np.ndarray, block: np.ndarray, length: int, last: bool) -> None:
    """Take one block of sixteen little-endian words into the state of eight.

    `length` is the number of message bytes up to and including this block, `last` whether it is the final one.
    """
    m0, m1, m2, m3 = block[0], block[1], block[2], block[3]
    m4, m5, m6, m7 = block[4], block[5], block[6], block[7]
    m8, m9, m10, m11 = block[8], block[9], block[10], block[11]
    m12, m13, m14, m15 = block[12], block[13], block[14], block[15]
    v = (
        state[0],
        state[1],
        state[2],
        state[3],
        state[4],
        state[5],
        state[6],
        state[7],
        IV0,
        IV1,
        IV2,
        IV3,
        IV4 ^ U64(length),
        IV5,
        IV6 ^ (ALL_ONES if last else ZERO),
        IV7,
    )
    v = _round(v, m0, m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15)
    v = _round(v, m14, m10, m4, m8, m9, m15, m13, m6, m1, m12, m0, m2, m11, m7, m5, m3)
    v = _round(v, m11, m8, m12, m0, m5, m2, m15, m13, m10, m14, m3, m6, m7, m1, m9, m4)
    v = _round(v, m7, m9, m3, m1, m13, m12, m11, m14, m2, m6, m5, m10, m4, m0, m15, m8)
    v = _round(v, m9, m0, m5, m7, m2, m4, m10, m15, m14, m1, m11, m12, m6, m8, m3, m13)
    v = _round(v, m2, m12, m6, m10, m0, m11, m8, m3, m4, m13, m7, m5, m15, m14, m1, m9)
    v = _round(v, m12, m5, m1, m15, m14, m13, m4, m10, m0, m7, m6, m3, m9, m2, m8, m11)
    v = _round(v, m13, m11, m7, m14, m12, m1, m3, m9, m5, m0, m15, m4, m8, m6, m2, m10)
    v = _round(v, m6, m15, m14, m9, m11, m3, m0, m8, m12, m2, m13, m7, m1, m4, m10, m5)
    v = _round(v, m10, m2, m8, m4, m7, m6, m1, m5, m15, m11, m9, m14, m3, m12, m13, m0)
    v = _round(v, m0, m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15)
    v = _round(v, m14, m10, m4, m8, m9, m15, m13, m6, m1, m12, m0, m2, m11, m7, m5, m3)
    for i in range(8):
        state[i] ^= v[i] ^ v[i + 8]


@compiled
def begin(state: np.ndarray) -> None:
    """Make `state` (eight uint64) that of an empty message."""
    state[0] = START
    state[1], state[2], state[3] = IV1, IV2, IV3
    state[4], state[5], state[6], state[7] = IV4, IV5, IV6, IV7


@compiled
def absorb(state: np.ndarray, block: np.ndarray, octets: np.ndarray, length: int, part: np.ndarray) -> int:
    """Take bytes into a message that has `length` so far; returns its new length.

    `octets` is `block` seen as 128 bytes. A full block waits until it is known whether it is the last.
    """
    filled = (length - 1) % BLOCK + 1 if length > 0 else 0
    for i in range(part.shape[0]):
        if filled == BLOCK:
            compress(state, block, length + i, False)
            filled = 0
        octets[filled] = part[i]
        filled += 1
    return length + part.shape[0]


@compiled
def finish(state: np.ndarray, block: np.ndarray, octets: np.ndarray, length: int) -> None:
    """End the message: its digest is then the first two words of `state`."""
    filled = (length - 1) % BLOCK + 1 if length > 0 else 0
    octets[filled:] = 0
    compress(state, block, length, True)
