"""What silence about one field of a past contact means, where its other fields say it: `silence` in the vocabulary."""

from typing import Any

import numpy as np

from forbear.law.vocabulary import Silence, Vocabulary


def settled(bits: Any, lasted: Any, words: Vocabulary) -> Any:
    """Packed contacts in which silence has become what it means. `bits` and `lasted` are arrays; the first line that fits
    decides, and where none does the column's `unknown`. The one place for both forms of the gate.
    """
    for name, column in words.history.items():
        if not column.silence:
            continue
        shift, full = words.packing[name]
        silent = bits >> shift & full == full
        if not silent.any():
            continue
        found = np.full(bits.shape, words.silence >> shift & full, dtype=np.int64)
        for line in reversed(column.silence):
            found = np.where(
                _fits(line, bits, lasted, words), full if line.means is None else line.means, found
            )
        bits = np.where(silent, bits & ~(full << shift) | found << shift, bits)
    return bits


def _fits(line: Silence, bits: Any, lasted: Any, words: Vocabulary) -> Any:
    fits = np.ones(bits.shape, dtype=bool) if line.lasting is None else lasted >= line.lasting
    for name, mask in line.masks.items():
        shift, full = words.packing[name]
        fits = fits & (mask >> (bits >> shift & full) & 1 == 1)
    return fits
