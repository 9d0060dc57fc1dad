"""First reading of a journal: which keys come twice, and which entries are named by others. Memory does not grow with it.

The keys of a large journal are too many to be held. Their 64-bit hashes go to temporary files, a part of the range each, and
equal neighbours show after sorting a part. Only suspects are compared in full, in the second reading.
"""

import tempfile
from dataclasses import dataclass, field
from types import TracebackType
from typing import IO, Final, Self

import numpy as np

from forbear.formats.columns import Columns
from forbear.formats.problems import Problems
from forbear.formats.references import References
from forbear.operations.import_run import Run

PARTS: Final = 64
HELD: Final = 1 << 20
"""So many are held in memory, 8 MB: the day's feed of most lenders needs no file."""
_SHIFT: Final = 58  # leaves six bits, the number of the part


class Spill:
    """Hashes, split by their highest bits: in memory while they are few, then on disk."""

    def __init__(self) -> None:
        self._held: list[np.ndarray] = []
        self._held_count = 0
        self._files: list[IO[bytes]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in self._files:
            file.close()

    def add(self, hashes: np.ndarray) -> None:
        """Keep more hashes."""
        self._held.append(hashes)
        self._held_count += len(hashes)
        if self._held_count > HELD:
            self._spill()

    def repeated(self) -> np.ndarray:
        """The hashes that were added more than once, ascending."""
        if not self._files:
            return _repeated(np.concatenate(self._held)) if self._held else np.zeros(0, np.int64)
        self._spill()
        found = []
        for file in self._files:
            file.seek(0)
            found.append(_repeated(np.fromfile(file, np.int64)))
        return np.sort(np.concatenate(found))

    def _spill(self) -> None:
        """Move what is held to the files."""
        if not self._files:
            self._files = [tempfile.TemporaryFile(buffering=0) for _ in range(PARTS)]  # noqa: SIM115  see __exit__
        for hashes in self._held:
            parts = ((hashes >> _SHIFT) & (PARTS - 1)).astype(np.uint8)
            order = np.argsort(parts, kind="stable")
            ends = np.searchsorted(parts[order], np.arange(PARTS + 1))
            ordered = hashes[order]
            for part, file in enumerate(self._files):
                _write(file, ordered[ends[part] : ends[part + 1]].tobytes())
        self._held, self._held_count = [], 0


def _write(file: IO[bytes], octets: bytes) -> None:
    """Write all of it. (NumPy's `tofile` does not say why when a disk is full.)"""
    left = memoryview(octets)
    while left:
        left = left[file.write(left) :]


def _repeated(hashes: np.ndarray) -> np.ndarray:
    """Those that come more than once, ascending."""
    values = np.sort(hashes)
    return np.unique(values[1:][values[1:] == values[:-1]])


@dataclass(slots=True)
class Scan:
    """What the first reading found.

    Attributes:
        rows: entries in all files.
        targets: keys that an entry names as its target.
        repeated: hashes of keys that come, or may come, more than once; ascending.
    """

    rows: int = 0
    targets: References = field(default_factory=References)
    repeated: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))


def scan_journal(run: Run) -> Scan:
    """Read the columns `key` and `target` of the journal once."""
    scan = Scan()
    quiet = Problems(limit=1 << 60)  # the second reading tells them
    with Spill() as spill:
        for frame in run.frames("journal", stage="journal keys", only=("key", "target"), problems=quiet):
            columns = Columns("journal", frame, quiet)
            spill.add(columns.text("key").hashes())
            target = columns.text("target")
            named = np.flatnonzero(target.lengths())
            if len(named):
                scan.targets.add(target.take(named))
            scan.rows += columns.rows
        scan.repeated = spill.repeated()
    return scan
