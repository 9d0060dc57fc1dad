"""First reading of a journal: which keys come twice, and which entries are named by others. Memory does not grow with it.

Keys are too many to be held. Their 64-bit hashes go to temporary files, a part of the range each, and equal neighbours show
after sorting a part. Only suspects are compared in full, in the second reading.
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
_SHIFT: Final = 58  # leaves six bits, the number of the part


class Spill:
    """Hashes on disk, split by their highest bits."""

    def __init__(self) -> None:
        self._files: list[IO[bytes]] = [tempfile.TemporaryFile() for _ in range(PARTS)]  # noqa: SIM115  closed in __exit__

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in self._files:
            file.close()

    def add(self, hashes: np.ndarray) -> None:
        """Keep more hashes."""
        parts = ((hashes >> _SHIFT) & (PARTS - 1)).astype(np.uint8)
        order = np.argsort(parts, kind="stable")
        ends = np.searchsorted(parts[order], np.arange(PARTS + 1))
        ordered = hashes[order]
        for part, file in enumerate(self._files):
            ordered[ends[part] : ends[part + 1]].tofile(file)

    def repeated(self) -> np.ndarray:
        """The hashes that were added more than once, ascending."""
        found = []
        for file in self._files:
            file.seek(0)
            values = np.sort(np.fromfile(file, np.int64))
            found.append(np.unique(values[1:][values[1:] == values[:-1]]))
        return np.sort(np.concatenate(found))


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
