"""The numbers of a kept state, as docs/algorithms/kept-state.md writes them, and who may go on from one."""

import re
from pathlib import Path

import numpy as np
import pytest

from forbear.engine.kept import LONGEST, Kept, _put, _take, resumable
from forbear.engine.layout import ENTRY, POSITION
from forbear.engine.vocabulary import NEVER, PAID, REVERSED

PAGE = Path(__file__).parents[3] / "docs" / "algorithms" / "kept-state.md"
TABLE = [
    (int(number.replace(",", "")), bytes.fromhex(octets))
    for number, octets in re.findall(
        r"^\| (-?[\d,]+)[^|]* \| `([0-9a-f ]+)` \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE
    )
]


def written(number: int) -> bytes:
    octets = np.zeros(LONGEST, np.uint8)
    return octets[: _put(octets, 0, number)].tobytes()


class TestNumbers:
    @pytest.mark.parametrize(("number", "octets"), TABLE)
    def test_the_table(self, number: int, octets: bytes) -> None:
        assert written(number) == octets

    def test_the_table_has_rows(self) -> None:
        assert len(TABLE) >= 5

    @pytest.mark.parametrize("number", [0, 1, -1, 127, -128, NEVER, 2**62 - 1, -(2**62), 2**63 - 1, -(2**63)])
    def test_what_is_written_is_read(self, number: int) -> None:
        octets = np.frombuffer(written(number) + b"\xff", np.uint8)
        assert _take(octets, 0) == (number, len(octets) - 1)


class TestResumable:
    """A loan whose position is of day 100, with a state that knows of no waiting entry."""

    @pytest.mark.parametrize(
        ("state", "entries", "may"),
        [
            (b"\x00", [], True),
            (b"\x00", [(PAID, 101), (PAID, 150)], True),
            (b"\x00", [(PAID, 100)], False),
            (b"\x00", [(PAID, 101), (PAID, 99)], False),
            (b"\x00", [(REVERSED, 101)], False),
            (b"\x02", [], False),
            (b"", [(PAID, 101)], False),
        ],
        ids=["nothing new", "ahead", "the same day", "backdated", "reversal", "one waits", "no state"],
    )
    def test_one(self, state: bytes, entries: list[tuple[int, int]], may: bool) -> None:
        position = np.zeros(1, POSITION)
        position["as_of"] = 100
        rows = np.zeros(len(entries), ENTRY)
        for row, (kind, day) in zip(rows, entries, strict=True):
            row["kind"], row["effective_on"] = kind, day
        kept = Kept(np.zeros(1, np.int64), np.array([len(state)]), np.frombuffer(state, np.uint8))
        assert resumable(position, kept, rows, np.array([0, len(rows)])).tolist() == [may]
