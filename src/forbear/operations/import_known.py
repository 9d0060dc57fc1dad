"""Entries that need not be recorded again: the same key with the same content, in the book or in a row before."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from forbear.formats.columns import Columns
from forbear.formats.schema import SCHEMA
from forbear.kernel.days import to_day
from forbear.operations.import_run import Run
from forbear.operations.import_targets import Targets
from forbear.store.journal_wire import DETAILS, details_text

KEYS_AT_ONCE = 1 << 13
FIELDS = ("loan", "kind", "effective_on", "component", "amount", "until", "rate", "count")
TITLES = (*FIELDS, "target", "details")
CONTENT = tuple(column.name for column in SCHEMA["journal"] if column.name not in ("key", "currency"))


@dataclass(slots=True)
class Repeats:
    """Rows whose key comes more than once in the files; `hashes` of such keys, ascending."""

    hashes: np.ndarray
    seen: dict[str, tuple[str, int, tuple[str, ...]]] = field(default_factory=dict)

    def drop(self, columns: Columns, new: np.ndarray) -> None:
        """Unmark rows that repeat a row before; complain of a key that comes back with other content."""
        if not len(self.hashes):
            return
        key = columns.text("key")
        hashes = key.hashes()
        at = np.minimum(np.searchsorted(self.hashes, hashes), len(self.hashes) - 1)
        for row in np.flatnonzero(new & (self.hashes[at] == hashes)).tolist():
            name = key.at(row)
            content = tuple(columns.text(column).at(row) for column in CONTENT)
            first = self.seen.get(name)
            if first is None:
                self.seen[name] = (columns.frame.file, int(columns.frame.rows[row]), content)
                continue
            new[row] = False
            if first[2] != content:
                columns.complain(
                    row,
                    "key",
                    f"has other content in {first[0]}, row {first[1]}",
                    "give each entry a key of its own",
                )


def drop_known(
    run: Run, targets: Targets, repeats: Repeats, columns: Columns, rows: np.ndarray, usable: np.ndarray
) -> np.ndarray:
    """Marks the rows that are usable and new."""
    new = usable.copy()
    repeats.drop(columns, new)
    if "journal" in run.full:
        candidates = np.flatnonzero(new)
        for first in range(0, len(candidates), KEYS_AT_ONCE):
            _drop_recorded(run, targets, columns, rows, candidates[first : first + KEYS_AT_ONCE], new)
    return new


def _drop_recorded(
    run: Run, targets: Targets, columns: Columns, rows: np.ndarray, places: np.ndarray, new: np.ndarray
) -> None:
    names = columns.text("key").take(places).strings()
    run.lookup.execute(
        "SELECT key, loan_id, kind, effective_on, component, amount, until, rate, count, target, details "
        "FROM journal WHERE key = ANY(%s)",
        (names,),
    )
    recorded = {key: (loan, kind, to_day(day), *rest) for key, loan, kind, day, *rest in run.lookup}
    if not recorded:
        return
    contents = _contents(targets, columns, rows, places)
    for place, name, ours in zip(places.tolist(), names, contents, strict=True):
        theirs = recorded.get(name)
        if theirs is None:
            continue
        new[place] = False
        if ours != theirs:
            differing = [title for title, a, b in zip(TITLES, ours, theirs, strict=True) if a != b]
            columns.complain(
                place,
                "key",
                f"is in the book with other content ({', '.join(differing)})",
                "give a new entry a new key; correct an old one by reversing it",
            )


def _contents(
    targets: Targets, columns: Columns, rows: np.ndarray, places: np.ndarray
) -> Iterator[tuple[Any, ...]]:
    """What each of these entries says, as the book would hold it: a tuple of `TITLES`."""
    named = targets.keys.find(columns.text("target").take(places)).tolist()
    texts = [columns.text(name).take(places).strings() for name in DETAILS]
    values = [rows[name][places].tolist() for name in FIELDS]
    for *content, target, details in zip(*values, named, zip(*texts, strict=True), strict=True):
        entry = targets.entries.get(target)
        sequence = entry.sequence if entry else 0
        yield (*content, sequence, details_text(dict(zip(DETAILS, details, strict=True))))
