"""Columns of strings made of digits, without a Python object per row."""

import numpy as np
import pyarrow as pa

ZERO = ord("0")


def digits(numbers: np.ndarray, width: int) -> np.ndarray:
    """Each number in `width` decimal digits with leading zeros: an array of bytes, a row per number."""
    rest = np.asarray(numbers, np.int64).copy()
    out = np.empty((len(rest), width), np.uint8)
    for place in range(width - 1, -1, -1):
        rest, out[:, place] = np.divmod(rest, 10)
    return out + np.uint8(ZERO)


def strings(letters: np.ndarray) -> pa.Array:
    """Rows of bytes of one width as an Arrow column of strings."""
    rows, width = letters.shape
    offsets = np.arange(rows + 1, dtype=np.int32) * width
    return pa.StringArray.from_buffers(
        rows, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(letters))
    )


def labels(letter: str, numbers: np.ndarray, width: int) -> pa.Array:
    """A letter before each number of `width` digits: L000000042."""
    body = digits(numbers, width)
    return strings(np.hstack([np.full((len(body), 1), ord(letter), np.uint8), body]))


def entry_keys(loans: np.ndarray, sequences: np.ndarray) -> pa.Array:
    """The idempotency key of each entry: loan and place in its life, L000000042-007."""
    count = len(loans)
    return strings(
        np.hstack(
            [
                np.full((count, 1), ord("L"), np.uint8),
                digits(loans, 9),
                np.full((count, 1), ord("-"), np.uint8),
                digits(sequences, 3),
            ]
        )
    )
