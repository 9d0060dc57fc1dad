"""One entry: what it would change, and its recording. `forbear preview`, `forbear record`.

Both load the loan, ask the rules of its life, and fold it with and without the entry; the second one writes, in one transaction
under the lock of whoever records, so that nothing can come between the answer of the rules and the entry.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

import numpy as np

from forbear.engine.batch import Batch, fold, instalments, rows_to_come
from forbear.engine.corrections import correction
from forbear.engine.life import judge
from forbear.engine.refusals import sentences
from forbear.engine.standing import entries_of, standing
from forbear.engine.vocabulary import NEVER, Component
from forbear.formats.schema import regime_of
from forbear.kernel.days import to_date
from forbear.operations.partition import Connection
from forbear.operations.proposal import NotRecorded, Proposal, entry_row, unfit
from forbear.operations.statement import (
    Learned,
    UnknownLoan,
    learned_of,
    load_batch,
    only_entries,
    position_words,
)
from forbear.store import book
from forbear.store.connect import connect
from forbear.store.journal_wire import DETAILS, JOURNAL_COLUMNS, NEW_ENTRY, encode_entries
from forbear.store.loading import copying, next_number, packed

SOURCE: Final = "forbear record"


@dataclass(frozen=True, slots=True)
class Row:
    """An instalment: what it asks, by component, in minor units."""

    due_on: date
    claimed: dict[str, int]


@dataclass(frozen=True, slots=True)
class Changed:
    """What an entry changes on a loan, from two folds, as of a day. Amounts are minor units of `currency`.

    `rows_before` and `rows_after` are the instalments so far and to come, as they are asked for if nothing more is paid.
    `corrected` is what is known otherwise than without the entry. `sequence` numbers the entry; `recording` is None if nothing
    was written, and `known` tells that the book had the entry already.
    """

    reference: str
    currency: str
    kind: str
    on: date
    as_of: date
    sequence: int
    key: str
    before: dict[str, Any]
    after: dict[str, Any]
    rows_before: tuple[Row, ...]
    rows_after: tuple[Row, ...]
    corrected: tuple[Learned, ...]
    recording: int | None = None
    known: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorder:
    """Who records, when, and why; `key` names the entry, made from its content if empty."""

    actor: str
    reason: str
    recorded_at: datetime
    key: str = ""


Answer = Changed | NotRecorded | UnknownLoan


def preview(url: str, proposal: Proposal, *, as_of: int, today: int, language: str = "en") -> Answer:
    """What the proposed entry would change as of a day, or why it is refused. Nothing is written."""
    with connect(url) as connection:
        found = _propose(connection, proposal, "", as_of, today, language)
        connection.rollback()
    return found[0] if isinstance(found, tuple) else found


def record(
    url: str, proposal: Proposal, by: Recorder, *, as_of: int, today: int, language: str = "en"
) -> Answer:
    """Record the proposed entry, and tell what it changed; or tell why it is refused, with nothing written.

    The same key with the same content is recorded once. Raises ValueError if `by.recorded_at` has no time zone.
    """
    if by.recorded_at.tzinfo is None:
        raise ValueError("recorded_at has no time zone; pass an aware datetime")
    with connect(url) as connection, connection.transaction():
        connection.execute("LOCK TABLE recording IN SHARE ROW EXCLUSIVE MODE")
        found = _propose(connection, proposal, by.key, as_of, today, language)
        if not isinstance(found, tuple):
            return found
        changed, loan, row = found
        if changed.known:
            return changed
        return replace(changed, recording=_write(connection, loan, row, changed.key, by))


def _propose(
    connection: Connection, proposal: Proposal, key: str, as_of: int, today: int, language: str
) -> tuple[Changed, int, np.ndarray] | NotRecorded | UnknownLoan:
    """What the entry changes, the loan's number and the entry (ENTRY); or the refusal."""
    found = connection.execute(
        "SELECT loan.id, product_id, currency, principal FROM loan JOIN product ON product.id = product_id "
        "WHERE reference = %s",
        (proposal.loan,),
    ).fetchone()
    if found is None:
        return UnknownLoan(proposal.loan)
    loan, product_id, currency, agreed = found
    with connection.cursor() as cursor:
        products, ids = book.read_products(cursor)
    refused = unfit(proposal, currency, regime_of(products[int(np.searchsorted(ids, product_id))]), language)
    if refused:
        return refused
    key = key or proposal.key()
    batch, journal, _ = load_batch(connection, loan)
    row = entry_row(proposal, int(journal["sequence"].max(initial=0)) + 1, key, currency)
    known = connection.execute("SELECT loan_id, sequence FROM journal WHERE key = %s", (key,)).fetchone()
    if known:
        return _known(known, loan, journal, row, batch, proposal, key, currency, as_of, language)
    entry = replace(entries_of(row)[0], sequence=0)
    against = judge(standing(batch, journal, agreed, proposal.on, today), entry, today)
    if against:
        return NotRecorded(against.rule, against.where, *sentences(against, currency, language))
    after, _, _ = load_batch(connection, loan, row)
    return _changed(proposal, currency, key, row, batch, after, as_of), loan, row


def _known(
    known: tuple[int, int],
    loan: int,
    journal: np.ndarray,
    row: np.ndarray,
    batch: Batch,
    proposal: Proposal,
    key: str,
    currency: str,
    as_of: int,
    language: str,
) -> tuple[Changed, int, np.ndarray] | NotRecorded:
    """The entry is in the book already under this key, with this content; or the key means another entry."""
    row["sequence"] = known[1]
    if known[0] != loan or not (journal[journal["sequence"] == known[1]] == row).all():
        told = {
            "en": ("is in the book with other content", "give a new entry a new key"),
            "zh": ("该键已用于其他分录", "请为新分录另取一个键"),
        }
        return NotRecorded("key_in_use", "key", *told[language])
    changed = _changed(proposal, currency, key, row, batch, batch, as_of)
    return replace(changed, known=True), loan, row


def _changed(
    proposal: Proposal, currency: str, key: str, row: np.ndarray, before: Batch, after: Batch, as_of: int
) -> Changed:
    return Changed(
        reference=proposal.loan,
        currency=currency,
        kind=proposal.kind.name.lower(),
        on=to_date(proposal.on),
        as_of=to_date(as_of),
        sequence=int(row["sequence"][0]),
        key=key,
        before=position_words(fold(before, as_of)[0]),
        after=position_words(fold(after, as_of)[0]),
        rows_before=_rows(before, as_of),
        rows_after=_rows(after, as_of),
        corrected=tuple(learned_of(correction(before, after, as_of))),
    )


def _rows(batch: Batch, as_of: int) -> tuple[Row, ...]:
    """The instalments of a loan as its journal by `as_of` has them: due so far and to come."""
    known = only_entries(batch, batch.entries["effective_on"] <= as_of)
    if batch.live is not None:
        found = np.concatenate((instalments(known, as_of), rows_to_come(known, as_of)))
    else:
        last = as_of
        while (due := int(fold(known, last)["next_due_on"][0])) < NEVER:
            last = due
        found = instalments(known, last)
    return tuple(
        Row(to_date(int(each["due_on"])), {c.name.lower(): int(each["claimed"][c]) for c in Component})
        for each in found
    )


def _write(connection: Connection, loan: int, row: np.ndarray, key: str, by: Recorder) -> int:
    """Chain and write the entry under a recording of its own; returns its number."""
    new = np.zeros(1, NEW_ENTRY)
    new["loan"] = loan
    for name in NEW_ENTRY.names or ():
        if name in (row.dtype.names or ()):
            new[name] = row[name]
    last = connection.execute(
        "SELECT digest FROM journal WHERE loan_id = %s ORDER BY sequence DESC LIMIT 1", (loan,)
    ).fetchone()
    heads = np.zeros((1, 2), np.uint64)
    if last:
        heads[0] = np.frombuffer(last[0], np.uint64)
    details = [packed([by.reason.encode() if name == "reason" else b""]) for name in DETAILS]
    with connection.cursor() as cursor:
        number = next_number(cursor, "recording")
        rows = encode_entries(new, packed([key.encode()]), details, recording=number, heads=heads)
        with copying(cursor, "journal", JOURNAL_COLUMNS) as copy:
            copy.write(rows)
        cursor.execute(
            "INSERT INTO recording (id, recorded_at, actor, reason, source, entries) VALUES (%s, %s, %s, %s, %s, 1)",
            (number, by.recorded_at, by.actor, by.reason, SOURCE),
        )
    return number
