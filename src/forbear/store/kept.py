"""Stamps of kept states: what tells whether a stored position and its state may be gone on from.

A stamp is a number made of the position, the state, and the version of the code that wrote both. If it does not hold,
because the code has changed since or because a row was changed by hand, the loan is folded whole from its journal. It guards
against mistakes, not against somebody who computes stamps; `forbear verify` does not rely on it.

It is the sum of each word times an odd weight of its place, modulo 2**64 (the multilinear hash of Carter and Wegman, 1979):
a change of a single word always changes the sum.
"""

import functools
import hashlib
from typing import Final

import numpy as np

from forbear.engine import terms
from forbear.engine.kept import Kept
from forbear.engine.layout import POSITION
from forbear.kernel.compiled import compiled, sources

CODE: Final = sources(terms.__name__)
"""Tells states apart that different code wrote: the sources of what compiles terms, of the fold, and of all they call."""

WORDS: Final = POSITION.itemsize // 8
WEIGHTS: Final = 1 << 12
"""So many places of a state have weights of their own; from there on they are used again."""

U64 = np.uint64


@functools.cache
def _weights() -> np.ndarray:
    """Odd weights for the words of a position and then for the octets of a state, drawn from the code's own stamp."""
    drawn = hashlib.shake_128(CODE.encode()).digest(8 * (WORDS + WEIGHTS))
    return np.frombuffer(drawn, U64) | U64(1)


@compiled
def _add_up(words: np.ndarray, kept: Kept, weights: np.ndarray, stamps: np.ndarray) -> None:
    for i in range(stamps.shape[0]):
        total = U64(0)
        for place in range(WORDS):
            total += words[i, place] * weights[place]
        for place in range(kept.starts[i], kept.ends[i]):
            total += U64(kept.octets[place]) * weights[WORDS + (place - kept.starts[i]) % WEIGHTS]
        stamps[i] = total


def stamps(positions: np.ndarray, kept: Kept) -> np.ndarray:
    """The stamp of each of N positions (POSITION) with its state, as int64, never 0: a row with stamp 0 has no state."""
    words = np.ascontiguousarray(positions).view(U64).reshape(len(positions), WORDS)
    found = np.zeros(len(positions), U64)
    _add_up(words, kept, _weights(), found)
    found[found == 0] = 1
    return found.view(np.int64)
