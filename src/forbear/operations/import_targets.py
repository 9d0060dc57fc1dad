"""Reversals and charge-backs: whether the entry they name may still be reversed or charged back."""

from dataclasses import dataclass, field

import numpy as np

from forbear.engine.vocabulary import (
    CHARGED_BACK,
    DISBURSED,
    PAID,
    PAID_TO_COMPONENT,
    PAID_TO_INSTALMENT,
    RECOVERED,
    REVERSED,
)
from forbear.formats.columns import Columns
from forbear.formats.references import References, Text
from forbear.operations.import_loans import Loans
from forbear.operations.import_run import Run


@dataclass(slots=True)
class Entry:
    """An entry that others name, and what they have done to it."""

    loan: int  # id
    sequence: int
    kind: int
    amount: int
    reversed: bool = False
    charged_back: int = 0
    target: int = 0


@dataclass(slots=True)
class Targets:
    """The entries that this import names as targets, as far as they have been recorded."""

    keys: References
    entries: dict[int, Entry] = field(default_factory=dict)
    _by_sequence: dict[tuple[int, int], Entry] = field(default_factory=dict)

    def put(self, place: int, entry: Entry) -> None:
        """An entry is recorded whose key is at `place` of `keys`."""
        self.entries[place] = entry
        self._by_sequence[entry.loan, entry.sequence] = entry

    def resolve(
        self, columns: Columns, row: int, place: int, loan: int, kind: int, amount: int
    ) -> tuple[int, Entry | None]:
        """The sequence of the entry that a reversal or charge-back names; 0 after a complaint.

        The second value is the entry that a reversal has just annulled.
        """
        entry = self.entries.get(place)
        wrong = _wrong(entry, loan, kind, amount)
        if wrong or entry is None:
            columns.complain(row, "target", *(wrong or _UNKNOWN))
            return 0, None
        if kind == CHARGED_BACK:
            entry.charged_back += amount
            return entry.sequence, None
        entry.reversed = True
        if entry.kind == CHARGED_BACK:  # the payment stands again
            paid = self._by_sequence.get((loan, entry.target))
            if paid:
                paid.charged_back -= entry.amount
        return entry.sequence, entry


PAYMENTS = (PAID, RECOVERED, PAID_TO_COMPONENT, PAID_TO_INSTALMENT)
"""Kinds that may be charged back."""

_UNKNOWN = (
    "names no entry recorded before it",
    "check the key; an entry comes before what reverses it, in the file too",
)


def _wrong(entry: Entry | None, loan: int, kind: int, amount: int) -> tuple[str, str] | None:
    """What forbids it, and how to mend that; None if nothing does."""
    if entry is None:
        return _UNKNOWN
    if entry.loan != loan:
        return "names an entry of another loan", "check the loan and the key"
    if entry.kind == REVERSED:
        return "names a reversal, which cannot be reversed", "record the entry anew, under a key of its own"
    if entry.reversed:
        return "names an entry that has been reversed already", "leave the row out"
    if kind == REVERSED:
        if entry.charged_back:
            return "names a payment that has been charged back", "reverse the charge-back first"
        return None
    if entry.kind not in PAYMENTS:
        return "names an entry that is no payment", "only what was paid is charged back"
    if entry.charged_back + amount > entry.amount:
        left = entry.amount - entry.charged_back
        return f"names a payment of which only {left} minor units are left", "check the amount and the key"
    return None


def book_targets(run: Run, keys: References) -> Targets:
    """The targets among the entries of the book."""
    targets = Targets(keys)
    if not len(keys) or "journal" not in run.full:
        return targets
    texts = keys.texts()
    places = {texts.at(place): place for place in range(len(keys))}
    run.lookup.execute(
        "SELECT e.key, e.loan_id, e.sequence, e.kind, e.amount, e.target, "
        "EXISTS (SELECT FROM journal r WHERE r.loan_id = e.loan_id AND r.kind = %(reversed)s AND r.target = e.sequence), "
        "(SELECT coalesce(sum(c.amount), 0) FROM journal c WHERE c.loan_id = e.loan_id AND c.kind = %(back)s "
        "AND c.target = e.sequence AND NOT EXISTS (SELECT FROM journal r "
        "WHERE r.loan_id = c.loan_id AND r.kind = %(reversed)s AND r.target = c.sequence)) "
        "FROM journal e WHERE e.key = ANY(%(keys)s)",
        {"reversed": REVERSED, "back": CHARGED_BACK, "keys": list(places)},
    )
    for key, loan, sequence, kind, amount, target, is_reversed, back in run.lookup.fetchall():
        targets.put(places[key], Entry(loan, sequence, kind, amount, is_reversed, int(back), target))
    return targets


def settle_targets(
    targets: Targets, columns: Columns, loans: Loans, places: np.ndarray, rows: np.ndarray, new: np.ndarray
) -> None:
    """Fill in `target` of the reversals and charge-backs among `rows`, in order, while entries become known as targets.

    `rows` are NEW_ENTRY, `places` those of their loans, `new` marks rows that are valid and not in the book yet.
    """
    if not len(targets.keys):
        return
    target_text = columns.text("target")
    as_target = targets.keys.find(columns.text("key"))
    names = (rows["kind"] == REVERSED) | (rows["kind"] == CHARGED_BACK)
    named = _named(targets, target_text, names)
    for row in np.flatnonzero(new & (names | (as_target >= 0))).tolist():
        record = rows[row]
        loan, kind, amount = int(record["loan"]), int(record["kind"]), int(record["amount"])
        if names[row]:
            sequence, annulled = targets.resolve(columns, row, int(named[row]), loan, kind, amount)
            rows["target"][row] = sequence
            if annulled and annulled.kind == DISBURSED:
                loans.state["disbursed"][places[row]] -= annulled.amount
        if as_target[row] >= 0:
            targets.put(
                int(as_target[row]),
                Entry(loan, int(record["sequence"]), kind, amount, target=int(rows["target"][row])),
            )


def _named(targets: Targets, text: Text, names: np.ndarray) -> np.ndarray:
    named = np.full(len(names), -1, np.int64)
    which = np.flatnonzero(names)
    named[which] = targets.keys.find(text.take(which))
    return named
