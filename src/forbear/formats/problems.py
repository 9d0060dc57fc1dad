"""What is wrong with a file, as values: where it is, what it says, and how to mend it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

LIMIT: Final = 100
"""So many problems are told at once; a file with more has one cause, seen among these."""
SHOWN: Final = 80


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend. `row` counts as an editor does: the header of a CSV file is row 1; a Parquet file starts at 1.

    `row` or `column` is None where the file as a whole, or the whole row, is meant; `value` is None where there is none or
    it is somebody's personal data.
    """

    file: str
    row: int | None
    column: str | None
    value: str | None
    message: str
    mend: str

    def __str__(self) -> str:
        place = self.file
        place += f", row {self.row}" if self.row is not None else ""
        place += f", column {self.column}" if self.column else ""
        value = f" {self.value!r}" if self.value is not None else ""
        return f"{place}:{value} {self.message}; {self.mend}"


class TooManyProblemsError(Exception):
    """The limit is reached: reading on would tell nothing new. Caught where the reading began."""


@dataclass(slots=True)
class Problems:
    """Problems as they are found, up to a limit.

    `gaps` tells that a file, or some row of it, could not be read at all: what other files say of it cannot be judged.
    """

    limit: int = LIMIT
    found: list[Problem] = field(default_factory=list)
    gaps: bool = False

    def add(
        self,
        file: str,
        message: str,
        mend: str,
        *,
        row: int | None = None,
        column: str | None = None,
        value: object = None,
        gap: bool = False,
    ) -> None:
        """Note one problem. Raises TooManyProblemsError with the last one that there is room for."""
        self.gaps |= gap
        text = None if value is None else str(value)
        if text is not None and len(text) > SHOWN:
            text = text[: SHOWN - 1] + "…"
        self.found.append(Problem(file, None if row is None else int(row), column, text, message, mend))
        if len(self.found) >= self.limit:
            raise TooManyProblemsError

    def __bool__(self) -> bool:
        return bool(self.found)

    def __len__(self) -> int:
        return len(self.found)

    def __iter__(self) -> Iterator[Problem]:
        return iter(self.found)
