"""What the steps of an import share: the connections, the problems, and whom to tell."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg

from forbear.formats.mapping import NO_MAPPING, Mapping
from forbear.formats.problems import Problems
from forbear.formats.schema import FILES
from forbear.formats.source import frames
from forbear.formats.tabular import Frame
from forbear.store.crypto import Vault

SUFFIXES = (".csv", ".parquet", ".pq")

Progress = Callable[[str, int, int], None]
"""Told what is being done, and how far: (stage, done, total)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportFiles:
    """The files of an import, each kind in the order in which they are to be read. Any kind may be left out."""

    products: tuple[Path, ...] = ()
    borrowers: tuple[Path, ...] = ()
    loans: tuple[Path, ...] = ()
    instalments: tuple[Path, ...] = ()
    versions: tuple[Path, ...] = ()
    journal: tuple[Path, ...] = ()

    @classmethod
    def in_folder(cls, folder: Path) -> "ImportFiles":
        """The files of a folder by their names: products.csv, loans.parquet, journal-2024.csv, journal-2025.csv, ..."""
        return cls.named([folder], NO_MAPPING, Problems())

    @classmethod
    def named(cls, paths: Sequence[Path], mapping: Mapping, problems: Problems) -> "ImportFiles":
        """Files and folders by their names, or by the `files` patterns of the mapping; a pattern goes before the name.

        A file that is named in `paths` and says in neither way what it holds is a problem; one in a folder is left alone.
        """
        found: dict[str, list[Path]] = {kind: [] for kind in FILES}
        for given in paths:
            for path in sorted(given.iterdir()) if given.is_dir() else [given]:
                if given.is_dir() and path.suffix.lower() not in SUFFIXES:
                    continue
                kinds = mapping.kinds_of(path.name) or _kinds_by_name(path)
                for kind in kinds:
                    found[kind].append(path)
                if not kinds and path is given:
                    problems.add(
                        path.name,
                        "the name does not say what the file holds",
                        f"begin it with {', '.join(FILES)}, as in loans-2026.csv, or give `files` in a mapping",
                    )
        if not problems and not any(found.values()):
            where = ", ".join(path.name for path in paths)
            problems.add(
                where, "there is no file to import", "name products.csv, loans.csv, journal.csv, ..."
            )
        return cls(**{kind: tuple(listed) for kind, listed in found.items()})

    def all(self) -> tuple[Path, ...]:
        """Every file, in the order in which they are read."""
        return tuple(path for kind in FILES for path in getattr(self, kind))


@dataclass(slots=True)
class Count:
    """Rows of one kind: how many were new, and how many the book (or an earlier row) had with the same content."""

    new: int = 0
    known: int = 0


@dataclass(frozen=True, slots=True)
class Signature:
    """Who records, why, and when."""

    actor: str
    reason: str
    recorded_at: datetime


@dataclass(slots=True)
class Run:
    """An import under way.

    Attributes:
        cursor: of the transaction that holds the whole import.
        lookup: of another connection, for reading the book while `cursor` is busy with a COPY. It sees what was committed,
            which cannot change meanwhile: whoever records waits for our lock on `recording`.
        full: tables that had rows when the import began. The others may be locked: `lookup` must not ask them.
        writing: False for a dry run.
    """

    cursor: psycopg.Cursor[Any]
    lookup: psycopg.Cursor[Any]
    files: ImportFiles
    mapping: Mapping
    problems: Problems
    progress: Progress
    writing: bool
    recording: int
    full: frozenset[str]
    vault: Callable[[], Vault]
    signature: Signature
    counts: dict[str, Count] = field(default_factory=dict)

    @property
    def may_write(self) -> bool:
        """Whether it still makes sense to write: after the first problem nothing will be kept."""
        return self.writing and not self.problems

    def frames(
        self,
        kind: str,
        *,
        stage: str | None = None,
        only: tuple[str, ...] | None = None,
        problems: Problems | None = None,
    ) -> Iterator[Frame]:
        """The frames of one kind of file; progress is told under `stage`, or not at all if that is empty."""
        label = kind if stage is None else stage

        def tell(done: int, total: int) -> None:
            if label:
                self.progress(label, done, total)

        told = self.problems if problems is None else problems
        return frames(kind, getattr(self.files, kind), self.mapping, told, only=only, progress=tell)

    def count(self, kind: str) -> Count:
        """The count of a kind, made when first asked for."""
        return self.counts.setdefault(kind, Count())


def _kinds_by_name(path: Path) -> tuple[str, ...]:
    """What a file holds, by the beginning of its name."""
    return tuple(
        kind
        for kind in FILES
        if path.stem == kind or path.stem.startswith((f"{kind}-", f"{kind}_", f"{kind}."))
    )
