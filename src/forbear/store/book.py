"""Reading and writing the book in bulk: loans, journal, positions.

Everything here moves arrays; what they mean is the engine's business.
"""

from typing import Any

import numpy as np
import psycopg
from psycopg import sql

from forbear.engine.batch import Folded
from forbear.engine.kept import Kept
from forbear.engine.layout import ENTRY, PLAN, POSITION
from forbear.engine.movements import MOVEMENT
from forbear.engine.terms import LOAN_TERMS, NO_PLAN, VERSION_TERMS, AnyProduct, shared_terms
from forbear.engine.vocabulary import NEVER, Amortisation
from forbear.engine.words import from_words
from forbear.store.copy import BLOCK_ROWS, as_words, copy_in, copy_out, copy_out_with_bytes, native
from forbear.store.kept import stamps
from forbear.store.loading import copying, encode_rows

POSITION_DATES = frozenset({"as_of", "next_event_on", "oldest_due_on", "next_due_on", "period_start"})

_NAMES = POSITION.names or ()
POSITION_COLUMNS = {
    "loan_id": "bigint",
    "product_id": "smallint",
    **{name: "date" if name in POSITION_DATES else "bigint" for name in _NAMES if name != "loan"},
}

LOAN_COLUMNS = {
    "id": "bigint",
    "product_id": "smallint",
    "rate": "bigint",
    "penalty_rate": "bigint",
    "first_due_on": "date",
    "count": "smallint",
    "due_day": "smallint",
    "instalment": "bigint",
    "interest_free_until": "date",
}

VERSION_COLUMNS = {
    "loan_id": "bigint",
    "number": "smallint",
    "product_id": "smallint",
    "rate": "bigint",
    "penalty_rate": "bigint",
    "first_due_on": "date",
    "count": "smallint",
    "due_day": "smallint",
    "instalment": "bigint",
    "capitalised": "smallint",
}

INSTALMENT_COLUMNS = {"loan_id": "bigint", "due_on": "date", "principal": "bigint"}

JOURNAL_COLUMNS = {
    "loan_id": "bigint",
    "sequence": "integer",
    "kind": "smallint",
    "effective_on": "date",
    "component": "smallint",
    "amount": "bigint",
    "target": "integer",
    "until": "integer",
    "rate": "bigint",
    "count": "smallint",
    "tie": "bigint",
    "recording_id": "integer",
    "digest": "digest",
}

MOVEMENT_COLUMNS = {
    "business_date": "date",
    "loan_id": "bigint",
    "kind": "smallint",
    "product_id": "smallint",
    "correction": "smallint",
    **dict.fromkeys(("principal", "interest", "fee", "penalty", "credit"), "bigint"),
}

Cursor = psycopg.Cursor[Any]


def touch(cursor: Cursor, loans: np.ndarray, table: str = "touched") -> None:
    """Make `loans` the touched loans of this transaction: the temporary table the reads below join with."""
    name = sql.Identifier(table)
    make = "CREATE TEMPORARY TABLE IF NOT EXISTS {} (loan_id bigint PRIMARY KEY) ON COMMIT DELETE ROWS"
    cursor.execute(sql.SQL(make).format(name))
    cursor.execute(sql.SQL("DELETE FROM {}").format(name))
    copy_in(cursor, table, {"loan_id": "bigint"}, {"loan_id": loans}, len(loans))
    cursor.execute(sql.SQL("ANALYZE {}").format(name))


TOUCHED: sql.Composable = sql.SQL("touched")
REFOLDED: sql.Composable = sql.SQL("refolded AS touched")
"""Those of the touched loans whose whole journal is read: `touch(..., "refolded")`."""


def only(loan: int) -> sql.Composable:
    """One loan in the place of the touched ones, for a question that should not need a temporary table."""
    return sql.SQL("(VALUES ({}::bigint)) AS touched (loan_id)").format(sql.Literal(loan))


def _select(columns: dict[str, str], table: str, these: sql.Composable, rest: str) -> sql.Composed:
    """SELECT of a table's columns; `rest` joins it with the loans of `these`."""
    names = sql.SQL(", ").join(sql.Identifier(table, name) for name in columns)
    return sql.SQL("SELECT {} FROM {} ").format(names, these) + sql.SQL(rest)


def read_products(cursor: Cursor) -> tuple[list[AnyProduct], np.ndarray]:
    """All products in the order of their numbers, and those numbers."""
    cursor.execute("SELECT id, code, name, currency, terms FROM product ORDER BY id")
    rows = cursor.fetchall()
    return [from_words(code, currency, terms, name) for _, code, name, currency, terms in rows], np.array(
        [row[0] for row in rows], np.int64
    )


def read_loans(
    cursor: Cursor, product_ids: np.ndarray, these: sql.Composable = TOUCHED
) -> tuple[np.ndarray, np.ndarray]:
    """Terms of the touched loans in order of their numbers (LOAN_TERMS), and their product numbers."""
    wire = copy_out(
        cursor,
        _select(LOAN_COLUMNS, "loan", these, "JOIN loan ON loan.id = touched.loan_id ORDER BY loan.id"),
        LOAN_COLUMNS,
    )
    columns = dict(native(LOAN_COLUMNS, wire))
    loans = np.zeros(len(wire), LOAN_TERMS)
    loans["loan"] = columns["id"]
    loans["product"] = np.searchsorted(product_ids, columns["product_id"])
    for name in ("rate", "penalty_rate", "first_due_on", "count", "due_day", "instalment"):
        loans[name] = columns[name]
    free = columns["interest_free_until"]
    loans["interest_free_until"] = np.where(free == NEVER, 0, free)
    return loans, columns["product_id"]


def read_instalments(
    cursor: Cursor, products: list[AnyProduct], these: sql.Composable = TOUCHED
) -> np.ndarray:
    """PLAN rows of the touched loans that have a plan of their own, by loan and due date."""
    if all(shared_terms(product).amortisation != Amortisation.CUSTOM for product in products):
        return NO_PLAN
    joined = "JOIN instalment USING (loan_id) ORDER BY loan_id, due_on"
    wire = copy_out(cursor, _select(INSTALMENT_COLUMNS, "instalment", these, joined), INSTALMENT_COLUMNS)
    columns, plan = dict(native(INSTALMENT_COLUMNS, wire)), np.zeros(len(wire), PLAN)
    plan["due_on"], plan["principal"] = columns["due_on"], columns["principal"]
    return plan


def read_versions(
    cursor: Cursor, product_ids: np.ndarray, loans: np.ndarray, these: sql.Composable = TOUCHED
) -> tuple[np.ndarray, np.ndarray]:
    """Later versions of the terms of the touched loans (VERSION_TERMS), and the bounds of each; `loans`: their numbers, ascending."""
    joined = "JOIN version USING (loan_id) ORDER BY loan_id, number"
    wire = copy_out(cursor, _select(VERSION_COLUMNS, "version", these, joined), VERSION_COLUMNS)
    columns, versions = dict(native(VERSION_COLUMNS, wire)), np.zeros(len(wire), VERSION_TERMS)
    versions["loan"] = columns["loan_id"]
    versions["product"] = np.searchsorted(product_ids, columns["product_id"])
    for name in set(VERSION_COLUMNS) & set(VERSION_TERMS.names or ()):
        versions[name] = columns[name]
    return versions, np.searchsorted(versions["loan"], np.append(loans, np.iinfo(np.int64).max))


def read_journal(
    cursor: Cursor, loans: np.ndarray, *, until_recording: int, these: sql.Composable = TOUCHED
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Entries of the touched loans recorded up to a recording: (ENTRY rows by loan, their bounds, the wire rows).

    `loans` are the loans' numbers in ascending order; entries of loan i lie at bounds[i]:bounds[i + 1].
    """
    wire = journal_rows(cursor, until_recording=until_recording, these=these)
    return *as_entries(wire, loans), wire


def journal_rows(cursor: Cursor, *, until_recording: int, these: sql.Composable) -> np.ndarray:
    """Entries of the touched loans recorded up to a recording: wire rows, by loan and sequence."""
    query = "JOIN journal USING (loan_id) WHERE recording_id <= %s ORDER BY loan_id, sequence"
    return copy_out(
        cursor, _select(JOURNAL_COLUMNS, "journal", these, query), JOURNAL_COLUMNS, (until_recording,)
    )


def read_recorded(cursor: Cursor, after: int, until: int) -> np.ndarray:
    """Entries of all loans whose recording is after the one and not after the other: wire rows, by loan and sequence."""
    where = sql.SQL("WHERE recording_id > %s AND recording_id <= %s")
    names = sql.SQL(", ").join(map(sql.Identifier, JOURNAL_COLUMNS))
    query = sql.SQL("SELECT {} FROM journal ").format(names) + where
    wire = copy_out(cursor, query, JOURNAL_COLUMNS, (after, until))
    return wire[np.lexsort((wire["sequence"], wire["loan_id"]))]


ENTRY_FIELDS = tuple("tie" if name == "order" else name for name in ENTRY.names or ())
"""Columns of the journal in the order of the fields of ENTRY."""


def as_entries(wire: np.ndarray, loans: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Wire rows of a journal, by loan and sequence, as ENTRY rows, and the bounds of each loan's."""
    columns = as_words(JOURNAL_COLUMNS, wire, ("loan_id", *ENTRY_FIELDS))
    entries = np.ascontiguousarray(columns[:, 1:]).view(ENTRY).reshape(-1)
    return entries, np.searchsorted(columns[:, 0], np.append(loans, np.iinfo(np.int64).max))


def read_positions(cursor: Cursor, loans: np.ndarray) -> np.ndarray:
    """Stored positions of `loans` (ascending, the touched ones); zeros where a loan has none yet."""
    wire = copy_out(
        cursor,
        _select(POSITION_COLUMNS, "position", TOUCHED, "JOIN position USING (loan_id) ORDER BY loan_id"),
        POSITION_COLUMNS,
    )
    return _as_positions(wire, np.searchsorted(loans, wire["loan_id"].astype(np.int64)), len(loans))


def _as_positions(wire: np.ndarray, places: np.ndarray, loans: int) -> np.ndarray:
    positions = np.zeros(loans, POSITION)
    names = tuple("loan_id" if name == "loan" else name for name in _NAMES)
    positions[places] = as_words(POSITION_COLUMNS, wire, names).view(POSITION).reshape(-1)
    return positions


def read_folded(cursor: Cursor, loans: np.ndarray) -> tuple[Folded, np.ndarray]:
    """As `read_positions`, with the kept states, and whether the stamp of each holds: (folded, bool per loan)."""
    columns = {**POSITION_COLUMNS, "stamp": "bigint"}
    query = _select(
        {**columns, "state": "bytea"}, "position", TOUCHED, "JOIN position USING (loan_id) ORDER BY loan_id"
    )
    wire, (bounds, octets) = copy_out_with_bytes(cursor, query, columns)
    places = np.searchsorted(loans, wire["loan_id"].astype(np.int64))
    starts, ends, stored = (np.zeros(len(loans), np.int64) for _ in range(3))
    starts[places], ends[places], stored[places] = bounds[:-1], bounds[1:], wire["stamp"]
    folded = Folded(_as_positions(wire, places, len(loans)), Kept(starts, ends, octets))
    return folded, (stored == stamps(*folded)) & (ends > starts)


def write_folded(cursor: Cursor, folded: Folded, product_id: np.ndarray) -> None:
    """Replace the stored positions of the touched loans, and their states."""
    cursor.execute("DELETE FROM position USING touched WHERE position.loan_id = touched.loan_id")
    positions, kept = folded
    columns = {**POSITION_COLUMNS, "stamp": "bigint"}
    data: dict[str, Any] = {name: positions[name] for name in _NAMES if name != "loan"}
    data |= {"loan_id": positions["loan"], "product_id": product_id, "stamp": stamps(positions, kept)}
    bounds, octets = kept.packed()
    with copying(cursor, "position", (*columns, "state")) as copy:
        for first in range(0, len(positions), BLOCK_ROWS):
            rows = slice(first, first + BLOCK_ROWS)
            block = {name: values[rows] for name, values in data.items()}
            states = (bounds[first : first + BLOCK_ROWS + 1], octets)
            copy.write(encode_rows(columns, block, [states], len(block["stamp"])).data)


def write_movements(cursor: Cursor, business_date: int, movements: np.ndarray) -> None:
    """Append movements of a day."""
    data: dict[str, Any] = {name: movements[name] for name in (MOVEMENT.names or ()) if name != "loan"}
    data |= {"loan_id": movements["loan"], "business_date": business_date}
    copy_in(cursor, "movement", MOVEMENT_COLUMNS, data, len(movements))
