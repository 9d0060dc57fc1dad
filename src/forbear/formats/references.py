"""Places of texts: a hash table over bytes, for a million references looked up twenty million times."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np

from forbear.kernel.compiled import compiled

START_SLOTS: Final = 1 << 10
FNV_START: Final = -3750763034362895579  # 0xCBF29CE484222325 as int64
FNV_PRIME: Final = 0x100000001B3
SPREAD: Final = -7046029254386353131  # 0x9E3779B97F4A7C15 as int64
LOW: Final = (1 << 32) - 1


class Text(NamedTuple):
    """A column of texts: the i-th is data[offsets[i]:offsets[i + 1]], UTF-8; an empty one stands for none.

    `data` is read-only, whatever it was made of: compiled code takes an array that may be written for another type, and
    would be compiled for both.
    """

    offsets: np.ndarray
    data: np.ndarray

    def raw(self, place: int) -> bytes:
        """The text at `place` as bytes."""
        return self.data[self.offsets[place] : self.offsets[place + 1]].tobytes()

    def at(self, place: int) -> str:
        """The text at `place`; what is not UTF-8 shows as escapes."""
        return self.raw(place).decode("utf-8", "backslashreplace")

    def strings(self) -> list[str]:
        """All of them; what is not UTF-8 shows as escapes."""
        ends = self.offsets.tolist()
        data = self.data[ends[0] : ends[-1]].tobytes()
        first = ends[0]
        return [data[a - first : b - first].decode("utf-8", "backslashreplace") for a, b in pairwise(ends)]

    def lengths(self) -> np.ndarray:
        """Bytes in each text."""
        return np.diff(self.offsets)

    def hashes(self) -> np.ndarray:
        """A 64-bit hash of each text, equal for equal texts; not to be stored."""
        out = np.empty(len(self.offsets) - 1, np.int64)
        hash_all(self.offsets, self.data, out)
        return out

    def take(self, places: np.ndarray) -> "Text":
        """The texts at these places."""
        offsets = np.concatenate(([0], np.cumsum(self.lengths()[places])))
        data = np.empty(int(offsets[-1]), np.uint8)
        _gather(self.offsets, self.data, places, data)
        return Text(offsets, read_only(data))

    def lines(self) -> str:
        """All of them, with a line break between two, to ask a database about.

        What no database holds, bytes that are not UTF-8 and U+0000, is replaced, and so asks about something else.
        """
        ends = self.offsets - self.offsets[0] + np.arange(len(self.offsets))
        out = np.full(max(int(ends[-1]) - 1, 0), ord("\n"), np.uint8)
        _spread(self.offsets, self.data, ends, out)
        return out.tobytes().decode("utf-8", "replace").replace("\0", "\ufffd")

    def equals(self, other: "Text") -> np.ndarray:
        """Which texts are equal to those of another column of the same length."""
        out = np.empty(len(self.offsets) - 1, np.bool_)
        _compare(self.offsets, self.data, other.offsets, other.data, out)
        return out


def read_only(data: np.ndarray) -> np.ndarray:
    """A view that cannot be written."""
    view = data.view()
    view.flags.writeable = False
    return view


NO_TEXT: Final = read_only(np.zeros(0, np.uint8))


def text_of(values: Sequence[str]) -> Text:
    """Strings as a column."""
    encoded = [value.encode() for value in values]
    ends = np.concatenate(([0], np.cumsum([len(value) for value in encoded], dtype=np.int64)))
    return Text(ends.astype(np.int64), np.frombuffer(b"".join(encoded), np.uint8))


def empty_text(rows: int) -> Text:
    """A column of `rows` empty texts."""
    return Text(np.zeros(rows + 1, np.int64), NO_TEXT)


@compiled
def _gather(offsets: np.ndarray, data: np.ndarray, places: np.ndarray, out: np.ndarray) -> None:
    at = 0
    for place in places:
        for j in range(offsets[place], offsets[place + 1]):
            out[at] = data[j]
            at += 1


@compiled
def _spread(offsets: np.ndarray, data: np.ndarray, ends: np.ndarray, out: np.ndarray) -> None:
    for i in range(offsets.shape[0] - 1):
        for j in range(offsets[i + 1] - offsets[i]):
            out[ends[i] + j] = data[offsets[i] + j]


@compiled
def _compare(
    offsets: np.ndarray, data: np.ndarray, others: np.ndarray, other_data: np.ndarray, out: np.ndarray
) -> None:
    for i in range(out.shape[0]):
        length = offsets[i + 1] - offsets[i]
        equal = length == others[i + 1] - others[i]
        for j in range(length):
            if not equal:
                break
            equal = data[offsets[i] + j] == other_data[others[i] + j]
        out[i] = equal


@compiled
def hash_bytes(data: np.ndarray, first: int, end: int) -> int:
    """FNV-1a with its bits spread; for tables in memory only, never stored. The arithmetic wraps on purpose."""
    value = FNV_START
    for i in range(first, end):
        value = (value ^ data[i]) * FNV_PRIME
    value = (value ^ ((value >> 32) & LOW)) * SPREAD
    return value ^ ((value >> 29) & LOW)


@compiled
def hash_all(offsets: np.ndarray, data: np.ndarray, out: np.ndarray) -> None:
    """The hash of each text of a column."""
    for i in range(out.shape[0]):
        out[i] = hash_bytes(data, offsets[i], offsets[i + 1])


@compiled
def _probe(
    slots: np.ndarray,
    hashes: np.ndarray,
    ends: np.ndarray,
    kept: np.ndarray,
    data: np.ndarray,
    first: int,
    end: int,
    value: int,
) -> int:
    """The slot of a text, or the empty slot where it belongs."""
    mask = slots.shape[0] - 1
    slot = value & mask
    while slots[slot] >= 0:
        place = slots[slot]
        start = ends[place]
        if hashes[place] == value and ends[place + 1] - start == end - first:
            same = True
            for i in range(end - first):
                if kept[start + i] != data[first + i]:
                    same = False
                    break
            if same:
                return slot
        slot = (slot + 1) & mask
    return slot


@compiled
def _find(slots, hashes, ends, kept, offsets, data, out):
    for i in range(out.shape[0]):
        first, end = offsets[i], offsets[i + 1]
        if i > 0 and end - first == offsets[i] - offsets[i - 1] and out[i - 1] >= 0:
            same = True  # journals often lie in order of loans: the one before is the likeliest
            back = offsets[i - 1]
            for j in range(end - first):
                if data[first + j] != data[back + j]:
                    same = False
                    break
            if same:
                out[i] = out[i - 1]
                continue
        value = hash_bytes(data, first, end)
        out[i] = slots[_probe(slots, hashes, ends, kept, data, first, end, value)]


@compiled
def _add(slots, hashes, ends, kept, size, offsets, data, out):
    for i in range(out.shape[0]):
        first, end = offsets[i], offsets[i + 1]
        value = hash_bytes(data, first, end)
        slot = _probe(slots, hashes, ends, kept, data, first, end, value)
        if slots[slot] < 0:
            start = ends[size]
            for j in range(end - first):
                kept[start + j] = data[first + j]
            ends[size + 1] = start + end - first
            hashes[size] = value
            slots[slot] = size
            size += 1
        out[i] = slots[slot]
    return size


@compiled
def _place_again(slots: np.ndarray, hashes: np.ndarray, size: int) -> None:
    mask = slots.shape[0] - 1
    for place in range(size):
        slot = hashes[place] & mask
        while slots[slot] >= 0:
            slot = (slot + 1) & mask
        slots[slot] = place


class References:
    """Texts with their places 0, 1, 2, ... in the order in which they were first added."""

    def __init__(self) -> None:
        self.size = 0
        self._slots = np.full(START_SLOTS, -1, np.int32)
        self._hashes = np.zeros(START_SLOTS // 2, np.int64)
        self._ends = np.zeros(START_SLOTS // 2 + 1, np.int64)
        self._kept = np.zeros(16 * START_SLOTS, np.uint8)

    def __len__(self) -> int:
        return self.size

    def find(self, texts: Text) -> np.ndarray:
        """The place of each text, -1 for one that is not here."""
        out = np.empty(len(texts.offsets) - 1, np.int64)
        if self.size:
            _find(self._slots, self._hashes, self._ends, self._kept, texts.offsets, texts.data, out)
        else:
            out.fill(-1)
        return out

    def add(self, texts: Text) -> np.ndarray:
        """The place of each text; new ones get the next places, so a text is new the first time its place is shown."""
        out = np.empty(len(texts.offsets) - 1, np.int64)
        self._make_room(len(out), int(texts.offsets[-1] - texts.offsets[0]))
        self.size = _add(
            self._slots, self._hashes, self._ends, self._kept, self.size, texts.offsets, texts.data, out
        )
        return out

    def texts(self, first: int = 0) -> Text:
        """The texts from place `first` on, as a column."""
        return Text(self._ends[first : self.size + 1].copy(), read_only(self._kept))

    def _make_room(self, rows: int, octets: int) -> None:
        wanted = self.size + rows
        if wanted > len(self._hashes):
            places = 1 << max(wanted - 1, 1).bit_length()
            self._hashes = np.concatenate((self._hashes, np.zeros(places - len(self._hashes), np.int64)))
            self._ends = np.concatenate((self._ends, np.zeros(places + 1 - len(self._ends), np.int64)))
            self._slots = np.full(2 * places, -1, np.int32)
            _place_again(self._slots, self._hashes, self.size)
        bytes_wanted = int(self._ends[self.size]) + octets
        if bytes_wanted > len(self._kept):
            longer = np.zeros(1 << bytes_wanted.bit_length(), np.uint8)
            longer[: len(self._kept)] = self._kept
            self._kept = longer
