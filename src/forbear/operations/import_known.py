"""Entries that need not be recorded again: the same key with the same content, in the book or in a row before."""

from dataclasses import dataclass, field

import numpy as np

from forbear.formats.columns import Columns
from forbear.formats.references import References, Text, read_only
from forbear.formats.schema import SCHEMA
from forbear.operations.import_run import Run
from forbear.operations.import_targets import Targets
from forbear.store.book import JOURNAL_COLUMNS
from forbear.store.copy import native
from forbear.store.journal_read import StoredEntries, read_named
from forbear.store.journal_wire import DETAILS, details_column

KEYS_AT_ONCE = 1 << 16
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
    """Unmark those of the rows at `places` whose key the book has; complain where it has it with other content."""
    keys = columns.text("key").take(places)
    recorded = read_named(run.lookup, keys.lines())
    if not len(recorded.rows):
        return
    book = References()
    book.add(Text(recorded.keys[0], read_only(recorded.keys[1])))
    at = book.find(keys)
    mine, theirs = places[at >= 0], at[at >= 0]
    new[mine] = False
    differs = _differences(targets, columns, rows, mine, recorded, theirs)
    for place in np.flatnonzero(np.logical_or.reduce(list(differs.values()))).tolist():
        columns.complain(
            int(mine[place]),
            "key",
            f"is in the book with other content ({', '.join(name for name, which in differs.items() if which[place])})",
            "give a new entry a new key; correct an old one by reversing it",
        )


def _differences(
    targets: Targets,
    columns: Columns,
    rows: np.ndarray,
    mine: np.ndarray,
    recorded: StoredEntries,
    theirs: np.ndarray,
) -> dict[str, np.ndarray]:
    """For each thing that an entry says: where the rows at `mine` and the recorded entries at `theirs` say it differently."""
    stored = dict(native(JOURNAL_COLUMNS, recorded.rows[theirs]))
    differs = {
        name: rows[name][mine] != stored[column]
        for name, column in (
            ("loan", "loan_id"),
            *(
                (name, name)
                for name in ("kind", "effective_on", "component", "amount", "until", "rate", "count")
            ),
        )
    }
    named = targets.keys.find(columns.text("target").take(mine))
    sequences = np.zeros(len(mine), np.int64)
    for place in np.flatnonzero(named >= 0).tolist():
        entry = targets.entries.get(int(named[place]))
        sequences[place] = entry.sequence if entry else 0
    differs["target"] = sequences != stored["target"]
    ends, data = details_column([columns.text(name).take(mine) for name in DETAILS])
    ours = Text(ends, read_only(data))
    kept = Text(recorded.details[0], read_only(recorded.details[1])).take(theirs)
    differs["details"] = ~ours.equals(kept) | ((ours.lengths() > 0) != recorded.has_details[theirs])
    return differs
