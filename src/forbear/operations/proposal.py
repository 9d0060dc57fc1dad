"""One entry that somebody wants to record: what it would change, or why not; and recording it.

An entry goes through the same door as an import of one row, so what it must look like is checked there; whether the life of
the loan allows it, the engine says (`forbear.engine.life`). A preview writes nothing.
"""

import csv
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import numpy as np

from forbear.engine.batch import Batch, fold
from forbear.engine.corrections import correction
from forbear.engine.layout import ENTRY
from forbear.engine.life import Refusal, facts_of, refusal, with_entry
from forbear.engine.to_come import paid_on_time
from forbear.engine.words import scaled_rate
from forbear.formats.schema import COMPONENT_WORDS, KINDS
from forbear.kernel.days import to_date
from forbear.kernel.money import parse_minor
from forbear.operations.import_book import ImportRefusal, ImportReport, import_book
from forbear.operations.import_run import ImportFiles
from forbear.operations.statement import (
    Learned,
    UnknownLoan,
    find_loan,
    learned_from,
    load_batch,
    position_words,
)
from forbear.store.chain import tie
from forbear.store.connect import connect

TERMS: Final = ("amount", "component", "target", "until", "rate", "count")
DETAILS: Final = ("channel", "payer", "external_reference", "reason")


@dataclass(frozen=True, slots=True)
class Proposal:
    """An entry in words, as a row of an import has it; what it does not say is empty. `key` names it, once in the book."""

    key: str
    loan: str
    kind: str
    effective_on: int
    amount: str = ""
    component: str = ""
    target: str = ""
    until: int | None = None
    rate: str = ""
    count: int | None = None
    channel: str = ""
    payer: str = ""
    external_reference: str = ""
    reason: str = ""

    def row(self) -> dict[str, str]:
        """The row of the journal file."""
        found = {"key": self.key, "loan": self.loan, "kind": self.kind}
        found["effective_on"] = to_date(self.effective_on).isoformat()
        for name in (*TERMS, *DETAILS):
            value = getattr(self, name)
            if value is not None:
                found[name] = to_date(value).isoformat() if name == "until" else str(value)
        return found


@dataclass(frozen=True, slots=True)
class Preview:
    """What an entry would change, or has changed.

    `before` and `after`: the position of `as_of` without and with it; `planned_before` and `planned_after`: the instalments
    from that day on, each paid when it is due; `changes`: what moves otherwise, on which day. Amounts in minor units.
    """

    reference: str
    currency: str
    as_of: str
    before: dict[str, Any]
    after: dict[str, Any]
    planned_before: tuple[dict[str, Any], ...]
    planned_after: tuple[dict[str, Any], ...]
    changes: tuple[Learned, ...]
    recorded: bool = False
    known: bool = False


Outcome = Preview | UnknownLoan | ImportRefusal | Refusal


def preview(url: str, said: Proposal, as_of: int, *, today: int, now: datetime, actor: str) -> Outcome:
    """What an entry would change in the position of the day `as_of`; a refusal if it could not be recorded today."""
    tried = _take_in(url, said, now, actor, dry_run=True)
    if isinstance(tried, ImportRefusal):
        with connect(url) as connection:
            known = find_loan(connection, said.loan)
        return tried if known is not None else UnknownLoan(said.loan)
    with connect(url) as connection:
        number, _, currency = _found(connection, said.loan)
        batch, _, _ = load_batch(connection, number)
        [(agreed,)] = connection.execute("SELECT principal FROM loan WHERE id = %s", (number,)).fetchall()
        target = _sequence(connection, number, said.target)
        connection.rollback()
    if tried.nothing_new:
        return replace(_compared(said, batch, batch, as_of, currency), known=True)
    entry = _record(said, batch, currency, target)
    refused = refusal(facts_of(batch, entry, today, agreed=agreed))
    return refused or _compared(said, batch, with_entry(batch, entry), as_of, currency)


def record(url: str, said: Proposal, as_of: int, *, today: int, now: datetime, actor: str) -> Outcome:
    """Record an entry if the life of its loan allows it; what it changed in the position of `as_of`.

    The same entry a second time changes nothing, and says so (`known`).
    """
    found = preview(url, said, as_of, today=today, now=now, actor=actor)
    if not isinstance(found, Preview) or found.known:
        return found
    done = _take_in(url, said, now, actor, dry_run=False)
    return done if isinstance(done, ImportRefusal) else replace(found, recorded=True)


def _take_in(
    url: str, said: Proposal, now: datetime, actor: str, *, dry_run: bool
) -> ImportReport | ImportRefusal:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal.csv"
        row = said.row()
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, row)
            writer.writeheader()
            writer.writerow(row)
        reason = said.reason or f"{said.kind} of {said.loan}"
        files = ImportFiles(journal=(path,))
        return import_book(url, files, actor=actor, reason=reason, recorded_at=now, dry_run=dry_run)


def _found(connection: Any, reference: str) -> tuple[int, str, str]:
    found = find_loan(connection, reference)
    assert found is not None, "the import has found it"
    return found


def _sequence(connection: Any, loan: int, key: str) -> int:
    """The sequence of the entry with this key in the loan's journal, 0 if there is none."""
    row = connection.execute(
        "SELECT sequence FROM journal WHERE loan_id = %s AND key = %s", (loan, key)
    ).fetchone()
    return row[0] if row else 0


def _record(said: Proposal, batch: Batch, currency: str, target: int) -> np.void:
    """The entry as the engine takes it. The words were checked by the import."""
    entry: np.void = np.zeros(1, ENTRY)[0]
    entry["sequence"] = int(batch.entries["sequence"].max(initial=0)) + 1
    entry["order"] = tie(said.key)
    entry["kind"], entry["effective_on"], entry["target"] = KINDS[said.kind], said.effective_on, target
    entry["amount"] = parse_minor(said.amount, currency) if said.amount else 0
    entry["component"] = COMPONENT_WORDS[said.component] if said.component else 0
    entry["until"], entry["count"] = said.until or 0, said.count or 0
    entry["rate"] = scaled_rate(said.rate) if said.rate else 0
    return entry


def _compared(said: Proposal, before: Batch, after: Batch, as_of: int, currency: str) -> Preview:
    return Preview(
        reference=said.loan,
        currency=currency,
        as_of=to_date(as_of).isoformat(),
        before=position_words(fold(before, as_of)[0]),
        after=position_words(fold(after, as_of)[0]),
        planned_before=tuple(_in_dates(before, as_of)),
        planned_after=tuple(_in_dates(after, as_of)),
        changes=tuple(learned_from(correction(before, after, as_of))),
    )


def _in_dates(batch: Batch, as_of: int) -> Iterator[dict[str, Any]]:
    """The instalments to come, as people read them."""
    for row in paid_on_time(batch, as_of):
        yield {**asdict(row), "due_on": to_date(row.due_on), "total": row.total}
