"""Later versions of loans' terms in an import, and the entries that put them in force."""

from typing import Any, Final

import numpy as np

from forbear.engine.vocabulary import RESTRUCTURED
from forbear.formats.columns import Columns
from forbear.formats.schema import COMPONENT_WORDS, PLANNED
from forbear.kernel.days import to_date
from forbear.operations.import_loans import FRESH, Loans, loan_places
from forbear.operations.import_run import Run
from forbear.operations.import_terms import agreed_terms, check_last_due, penalty_rates
from forbear.store.book import VERSION_COLUMNS
from forbear.store.copy import copy_in, copy_out, native
from forbear.store.loading import filling

COLUMNS: Final = {**VERSION_COLUMNS, "recording_id": "integer"}
MOST_VERSIONS: Final = 1000
CAPITALISED: Final = ("interest", "fee", "penalty")

Row = dict[str, int]
"""A version: its columns of the table but for the recording."""


def take_versions(run: Run, loans: Loans) -> None:
    """Read the versions of the files, hold them against loans, products and book, and write the new ones."""
    found: dict[tuple[int, int], Row] = {}
    for frame in run.frames("versions"):
        columns = Columns("versions", frame, run.problems)
        data = _read(run, loans, columns)
        rows = [{name: int(data[name][row]) for name in VERSION_COLUMNS} for row in range(columns.rows)]
        _compare(run, columns, rows, found)
        loans.versions |= {name: row["first_due_on"] for name, row in found.items()}
    known = _of_book(run, [loan for loan, _ in found])
    new = [row for name, row in sorted(found.items()) if name not in known]
    tally = run.count("versions")
    tally.new += len(new)
    tally.known += len(found) - len(new)
    if run.may_write and new:
        values: dict[str, Any] = {name: np.array([row[name] for row in new], np.int64) for name in new[0]}
        values["recording_id"] = np.full(len(new), run.recording, np.int64)
        with filling(run.cursor, "version"):
            copy_in(run.cursor, "version", COLUMNS, values, len(new))


def _read(run: Run, loans: Loans, columns: Columns) -> dict[str, np.ndarray]:
    """The columns of the table; rows that are wrong are marked bad."""
    shelf = loans.shelf
    places = loan_places(run, loans, columns)
    columns.checked_text("product", required=True)
    product = columns.words(
        "product", shelf.places, required=False, mend="add it to the products, or correct the code"
    )
    data = agreed_terms(columns, product, shelf)
    check_last_due(columns, data, shelf, own_plans=False)
    data["penalty_rate"] = penalty_rates(columns, data, shelf)
    data["number"] = columns.wholes("version", largest=MOST_VERSIONS)
    columns.complain_all(
        (data["number"] < 2) & ~columns.bad,
        "version",
        "is not a later one",
        "count from 2: the contract is 1",
    )
    data["capitalised"] = _capitalised(columns)
    data["loan_id"] = np.append(loans.state["id"], 0)[places]
    contract = np.append(loans.state["product"], FRESH)[places]
    both = (contract != FRESH) & (product >= 0) & ~columns.bad
    currencies, regimes = np.append(shelf.currencies(), -1), np.append(shelf.regimes(), PLANNED)
    columns.complain_all(
        both & (currencies[contract] != currencies[product]),
        "product",
        "has another currency than the loan",
        "name a product of the loan's currency",
    )
    columns.complain_all(
        both & ((regimes[contract] > PLANNED) | (regimes[product] > PLANNED)),
        "product",
        "or that of the loan has a live schedule, which no later version of terms has",
        "change a live loan by entries of its own",
    )
    return data


def _capitalised(columns: Columns) -> np.ndarray:
    """The components that become principal, bit 1 << component of each."""
    text, bits = columns.checked_text("capitalise"), np.zeros(columns.rows, np.int64)
    for row in np.flatnonzero(text.lengths() > 0).tolist():
        for word in text.at(row).split():
            if word not in CAPITALISED:
                columns.complain(
                    row, "capitalise", "names something else", f"write of: {' '.join(CAPITALISED)}"
                )
            else:
                bits[row] |= 1 << COMPONENT_WORDS[word]
    return bits


def _compare(run: Run, columns: Columns, rows: list[Row], found: dict[tuple[int, int], Row]) -> None:
    """Take the good rows into `found`; one that is there, or in the book, with other content is a problem."""
    good = np.flatnonzero(~columns.bad).tolist()
    known = _of_book(run, [rows[row]["loan_id"] for row in good])
    for row in good:
        name = rows[row]["loan_id"], rows[row]["number"]
        other = found.get(name) or known.get(name)
        if other is not None and other != rows[row]:
            columns.complain(
                row,
                "version",
                "is there already, with other terms",
                "leave the row out: agree a version of its own, with the next number",
            )
        else:
            found[name] = rows[row]


def _of_book(run: Run, numbers: list[int]) -> dict[tuple[int, int], Row]:
    """Versions of these loans that the book has."""
    if not numbers or "version" not in run.full:
        return {}
    names = ", ".join(f'"{name}"' for name in VERSION_COLUMNS)
    query = f"SELECT {names} FROM version WHERE loan_id = ANY(%s)"  # noqa: S608  names of our own columns
    wire = copy_out(run.lookup, query, VERSION_COLUMNS, (numbers,))
    stored = dict(native(VERSION_COLUMNS, wire))
    rows = [{name: int(stored[name][row]) for name in VERSION_COLUMNS} for row in range(len(wire))]
    return {(row["loan_id"], row["number"]): row for row in rows}


def check_restructured(
    run: Run, loans: Loans, columns: Columns, rows: np.ndarray, on_loan: np.ndarray
) -> None:
    """Complain of an entry `restructured` whose version is not known, or begins no later than the entry.

    `rows`: NEW_ENTRY; `on_loan` (bool): those whose loan is known.
    """
    mine = np.flatnonzero(on_loan & ~columns.bad & (rows["kind"] == RESTRUCTURED)).tolist()
    if not mine:
        return
    stored = _of_book(run, rows["loan"][mine].tolist())
    first = loans.versions | {name: row["first_due_on"] for name, row in stored.items()}
    for row in mine:
        on = first.get((int(rows["loan"][row]), int(rows["count"][row])))
        if on is None:
            columns.complain(
                row, "count", "is no version of this loan's terms", "add it to a file of versions"
            )
        elif on <= rows["effective_on"][row]:
            columns.complain(
                row,
                "effective_on",
                f"is not before {to_date(on)}, the first due date of the version",
                "correct one of them",
            )
