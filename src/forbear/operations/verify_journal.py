"""Proving the journal: every entry against its chain, and what each day was closed with against its digest."""

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from forbear.operations.findings import MOST_FINDINGS, VerifyReport
from forbear.operations.partition import Connection
from forbear.store import chain
from forbear.store.book import JOURNAL_COLUMNS
from forbear.store.copy import native
from forbear.store.journal_read import StoredEntries

ENTRY_NAMES = {"loan_id": "loan", "recording_id": "recording"}
"""Columns of the journal that the chain knows under another name."""


def check_chains(stored: StoredEntries, report: VerifyReport) -> None:
    """Recompute every entry's digest from the entry and the digest before it, and its place in the day from its key."""
    columns = {ENTRY_NAMES.get(name, name): values for name, values in native(JOURNAL_COLUMNS, stored.rows)}
    wrong = chain.check(columns, stored.keys, stored.details, stored.has_details, columns["digest"])
    loan, sequence = columns["loan"], columns["sequence"]
    wanted = np.ones(len(loan), np.int64)
    again = loan[1:] == loan[:-1]
    wanted[1:][again] = sequence[:-1][again] + 1
    report.entries += len(loan)
    for what, which in (
        (
            "was altered, or one before it was altered or removed",
            (wrong & chain.WRONG_DIGEST != 0) | (sequence != wanted),
        ),
        (
            "has a place among the entries of its day that does not follow from its key",
            wrong & chain.WRONG_TIE != 0,
        ),
    ):
        for place in np.flatnonzero(which)[:MOST_FINDINGS].tolist():
            report.add("chain", f"loan {loan[place]}, entry {sequence[place]}", what)


@dataclass(slots=True)
class DayDigests:
    """What each closed day's digest must be, gathered while the journal goes by in the order of loans.

    A day-end hashes the digests of its entries partition by partition, and the partitions' hashes one after the other.
    """

    recordings: np.ndarray
    checkpoints: set[tuple[Any, int]]
    dates: list[Any]
    parts: list[list[str]] = field(default_factory=list)
    _hashes: dict[int, Any] = field(default_factory=lambda: defaultdict(hashlib.sha256))

    @classmethod
    def of(cls, connection: Connection, closed: list[tuple[Any, ...]]) -> Self:
        """For the closed days, in order: (date, recordings, ...)."""
        query = "SELECT business_date, partition FROM checkpoint"
        checkpoints = set(connection.execute(query).fetchall())
        recordings = np.array([day[1] for day in closed], np.int64)
        return cls(recordings, checkpoints, [day[0] for day in closed], [[] for _ in closed])

    def add(self, rows: np.ndarray) -> None:
        """More entries of the partition that is going by."""
        place = np.searchsorted(self.recordings, rows["recording_id"].astype(np.int64))
        order = np.argsort(place, kind="stable")
        digests = rows["digest"][order]
        bounds = np.searchsorted(place[order], np.arange(len(self.dates) + 1))
        for day in np.flatnonzero(np.diff(bounds)).tolist():
            self._hashes[day].update(digests[bounds[day] : bounds[day + 1]].tobytes())

    def end_partition(self, partition: int) -> None:
        """The next entries are of another partition."""
        for day, date in enumerate(self.dates):
            if day in self._hashes or (date, partition) in self.checkpoints:
                self.parts[day].append(self._hashes[day].hexdigest())
        self._hashes.clear()

    def compare(self, closed: list[tuple[Any, ...]], report: VerifyReport) -> None:
        """The days' digests, each of which goes on from the one before, against those they were closed with."""
        digest = b""
        for (date, _, _, stored), parts in zip(closed, self.parts, strict=True):
            for part in parts:
                digest = hashlib.sha256(digest + bytes.fromhex(part)).digest()
            if digest != bytes(stored):
                report.add(
                    "digest", date.isoformat(), "the journal is not the one that this day was closed with"
                )
        report.journal_digest = digest.hex()
