"""Loans of an import: terms checked and written, and for each loan the little that its journal needs to be checked by."""

from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import numpy as np

from forbear.engine.vocabulary import DISBURSED, NEVER, REVERSED
from forbear.formats.columns import Columns
from forbear.formats.references import References, Text, text_of
from forbear.operations.import_borrowers import Borrowers, book_borrowers, find_numbers
from forbear.operations.import_live import check_live_loans
from forbear.operations.import_products import Shelf
from forbear.operations.import_run import Run
from forbear.operations.import_terms import agreed_terms, check_last_due, decimals_of, penalty_rates
from forbear.store.loading import copying, encode_rows, filling, next_number

COLUMNS: Final = {
    "id": "bigint",
    "product_id": "smallint",
    "borrower_id": "bigint",
    "principal": "bigint",
    "rate": "bigint",
    "penalty_rate": "bigint",
    "first_due_on": "date",
    "count": "smallint",
    "due_day": "smallint",
    "instalment": "bigint",
    "interest_free_until": "date",
    "recording_id": "integer",
}
TERMS: Final = tuple(name for name in COLUMNS if name not in ("id", "recording_id"))
FRESH: Final = -1
"""The place of the product of a loan that is not usable; entries on it are not checked further."""

UNREAD: Final = -1
"""The sequence of a loan of the book whose journal has not been looked at: only those with new entries need it."""

STATE: Final = np.dtype(
    [
        (name, "<i8")
        for name in (
            "id",
            "product",  # place on the shelf
            "sequence",  # of the last entry; UNREAD: not known yet, nor are the next two
            "disbursed",  # sum, minor units
            "first_disbursed",  # day, NEVER before
            "earliest_other",  # day of the earliest other entry of this import, its row and its file's place
            "earliest_row",
            "earliest_file",
            "last_row",  # row and file of the last disbursement of this import
            "last_file",
        )
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
    """What a new loan whose product leaves the plan to it says of its instalments, and in which row it says so."""

    place: int
    count: int
    first_due_on: int
    principal: int
    file: str
    row: int


@dataclass(slots=True)
class Loans:
    """Loans by place: those of the files, and those of the book that the journal names.

    `versions`: first due date of each later version of terms that this import has read, by loan id and number.
    """

    shelf: Shelf
    references: References = field(default_factory=References)
    state: np.ndarray = field(default_factory=lambda: np.zeros(0, STATE))
    promised: list[Promised] = field(default_factory=list)
    versions: dict[tuple[int, int], int] = field(default_factory=dict)
    heads: np.ndarray = field(default_factory=lambda: np.zeros((0, 2), np.uint64))

    def append(self, state: np.ndarray) -> None:
        """The state of the references added last."""
        self.state = np.concatenate((self.state, state))
        self.heads = np.concatenate((self.heads, np.zeros((len(state), 2), np.uint64)))


def blank_state(count: int) -> np.ndarray:
    """The state of `count` loans with no entry."""
    state = np.zeros(count, STATE)
    state["first_disbursed"] = NEVER
    state["earliest_other"] = NEVER
    return state


def take_loans(run: Run, shelf: Shelf, borrowers: Borrowers) -> Loans:
    """Read the loans of the files and write the new ones."""
    loans = Loans(shelf)
    number = next_number(run.cursor, "loan")
    tally = run.count("loans")
    with filling(run.cursor, "loan") if run.may_write and run.files.loans else nullcontext(False) as fresh:
        for frame in run.frames("loans"):
            reader = _LoanReader(run, frame, shelf, borrowers)
            data = reader.read()
            columns, names = reader.columns, reader.columns.text("loan")
            size = len(loans.references)
            places = loans.references.add(names)
            first = np.zeros(len(places), np.bool_)
            first[np.unique(places, return_index=True)[1]] = True
            again = ~first | (places < size)
            columns.complain_all(
                again & ~columns.bad, "loan", "is there already, in a row before", "give each loan one row"
            )
            rows = np.flatnonzero(first & (places >= size))
            state = blank_state(len(rows))
            state["product"] = np.where(columns.bad[rows], FRESH, data["product"][rows])
            known = _known(run, loans, columns, data, names.take(rows), rows, state)
            new = np.flatnonzero(~known)
            state["id"][new] = number + np.arange(len(new))
            number += len(new)
            loans.append(state)
            loans.promised += _promises(columns, data, shelf, rows[new], size + new)
            tally.new += len(new)
            tally.known += len(rows) - len(new)
            if run.may_write and len(new):
                _write(run, data, names, rows[new], state["id"][new], freeze=bool(fresh))
    return loans


def _promises(
    columns: Columns, data: dict[str, np.ndarray], shelf: Shelf, rows: np.ndarray, places: np.ndarray
) -> list[Promised]:
    """Those of the rows, new loans at these places, that plan their instalments themselves."""
    good = ~columns.bad[rows]
    own = np.append(shelf.custom(), False)[data["product"][rows]] & good
    return [
        Promised(
            place=place,
            **{name: int(data[name][row]) for name in ("count", "first_due_on", "principal")},
            file=columns.frame.file,
            row=int(columns.frame.rows[row]),
        )
        for row, place in zip(rows[own].tolist(), places[own].tolist(), strict=True)
    ]


def _write(
    run: Run, data: dict[str, np.ndarray], names: Text, rows: np.ndarray, ids: np.ndarray, *, freeze: bool
) -> None:
    values: dict[str, Any] = {name: data[name][rows] for name in TERMS}
    values |= {"id": ids, "recording_id": run.recording}
    body = encode_rows(COLUMNS, values, [names.take(rows)], len(rows))
    with copying(run.cursor, "loan", (*COLUMNS, "reference"), freeze=freeze) as copy:
        copy.write(body.data)


class _LoanReader:
    """The terms in one frame of a file of loans."""

    def __init__(self, run: Run, frame: Any, shelf: Shelf, borrowers: Borrowers) -> None:
        self.run = run
        self.shelf = shelf
        self.borrowers = borrowers
        self.columns = Columns("loans", frame, run.problems)

    def read(self) -> dict[str, np.ndarray]:
        """The columns of the table, and `product`, the place on the shelf; rows that are wrong are marked bad."""
        columns = self.columns
        for name in ("loan", "borrower", "product"):
            columns.checked_text(name, required=True)
        product = columns.words(
            "product",
            self.shelf.places,
            required=False,
            mend="add it to the products, or correct the code",
        )
        data = agreed_terms(columns, product, self.shelf)
        data |= {
            "borrower_id": self._borrower_ids(),
            "principal": columns.amounts("principal", decimals_of(product, self.shelf)),
        }
        none = columns.text("interest_free_until").lengths() == 0
        data["interest_free_until"] = np.where(
            none, NEVER, columns.dates("interest_free_until", required=False)
        )
        self._check_free_interval(data)
        check_last_due(columns, data, self.shelf)
        data["penalty_rate"] = penalty_rates(columns, data, self.shelf)
        check_live_loans(columns, data, self.shelf)
        return data

    def _borrower_ids(self) -> np.ndarray:
        names, borrowers = self.columns.text("borrower"), self.borrowers
        if borrowers.implied:
            size = len(borrowers.references)
            places = borrowers.references.add(names)
            find_numbers(self.run, borrowers, size)
            return borrowers.numbers[places]
        places = borrowers.references.find(names)
        ids = np.append(borrowers.numbers, 0)[places]
        missing = np.flatnonzero((places < 0) & (names.lengths() > 0))
        if len(missing) and "borrower" in self.run.full:
            book, numbers = book_borrowers(self.run, names.take(missing))
            ids[missing] = np.append(numbers, 0)[book.find(names.take(missing))]
        self.columns.complain_all(
            (ids == 0) & (names.lengths() > 0),
            "borrower",
            "is no borrower of the files or the book",
            "add the borrower, or leave the file of borrowers out altogether",
        )
        return ids

    def _check_free_interval(self, data: dict[str, np.ndarray]) -> None:
        columns = self.columns
        free = data["interest_free_until"]
        columns.complain_all(
            (free <= 0) & ~columns.bad,
            "interest_free_until",
            "is before 1970-01-02",
            "leave it empty: no interval",
        )


def _known(
    run: Run,
    loans: Loans,
    columns: Columns,
    data: dict[str, np.ndarray],
    names: Text,
    rows: np.ndarray,
    state: np.ndarray,
) -> np.ndarray:
    """Which of these loans the book has; their state is filled in, and complained of if their terms differ."""
    if "loan" not in run.full:
        return np.zeros(len(rows), np.bool_)
    book = book_loans(run, names, loans.shelf)
    at = book.references.find(names)
    known = at >= 0
    state[known] = book.state[at[known]]
    mine, numbers = rows[known], state["id"][known]
    terms = _book_terms(run, numbers)
    differs = {term: data[term][mine] != terms[term] for term in TERMS}
    for place in np.flatnonzero(np.logical_or.reduce(list(differs.values())) & ~columns.bad[mine]).tolist():
        columns.complain(
            int(mine[place]),
            "loan",
            f"is in the book with other terms ({', '.join(term for term, which in differs.items() if which[place])})",
            "leave the row out: a loan's terms are changed by an entry, not by an import",
        )
    return known


def _book_terms(run: Run, numbers: np.ndarray) -> dict[str, np.ndarray]:
    """The terms of these loans of the book, each of which it has, as `TERMS` has them."""
    dates = ("first_due_on", "interest_free_until")
    listed = ", ".join(
        f"CASE WHEN isfinite({name}) THEN {name} - '1970-01-01'::date ELSE {NEVER} END"
        if name in dates
        else f'"{name}"'
        for name in TERMS
    )
    query: Any = f"SELECT {listed} FROM loan WHERE id = ANY(%s) ORDER BY id"  # noqa: S608  names of our own columns
    found = run.lookup.execute(query, (numbers.tolist(),)).fetchall()
    place = np.argsort(np.argsort(numbers))
    values = np.array(found, np.int64).reshape(len(numbers), len(TERMS))[place]
    return {term: values[:, column] for column, term in enumerate(TERMS)}


class BookLoans(NamedTuple):
    """Loans of the book: their references, and at each one's place its state, of which the journal is not read yet."""

    references: References
    state: np.ndarray


def book_loans(run: Run, names: Text, shelf: Shelf) -> BookLoans:
    """Those of the loans with these references that the book has."""
    query = "SELECT reference, id, product_id FROM loan WHERE reference = ANY(string_to_array(%s, E'\\n'))"
    rows = run.lookup.execute(query, (names.lines(),)).fetchall()
    state, references, places = blank_state(len(rows)), References(), shelf.place_of_number()
    references.add(text_of([reference for reference, _, _ in rows]))
    state["id"] = [number for _, number, _ in rows]
    state["product"] = [places[product] for _, _, product in rows]
    state["sequence"] = UNREAD if "journal" in run.full else 0
    return BookLoans(references, state)


def loan_places(run: Run, loans: Loans, columns: Columns) -> np.ndarray:
    """The place of each row's loan; -1 after a complaint that there is none. Loans of the book are taken in among ours."""
    names = columns.checked_text("loan", required=True)
    places = loans.references.find(names)
    if (places < 0).any() and "loan" in run.full:
        unknown = References()
        unknown.add(names.take(np.flatnonzero(places < 0)))
        book = book_loans(run, unknown.texts(), loans.shelf)
        loans.references.add(book.references.texts())
        loans.append(book.state)
        places = loans.references.find(names)
    columns.complain_all(
        (places < 0) & (names.lengths() > 0),
        "loan",
        "is no loan of the files or the book",
        "add the loan, or correct its reference",
    )
    return places


def read_state(run: Run, loans: Loans, places: np.ndarray) -> None:
    """See to it that the state of the loans at these places holds what the journal of the book says."""
    unread = np.unique(places[loans.state["sequence"][places] == UNREAD])
    if not len(unread):
        return
    query = (
        "SELECT loan_id, max(sequence), (array_agg(digest ORDER BY sequence DESC))[1], "
        "min(effective_on) FILTER (WHERE kind = %(disbursed)s) - '1970-01-01'::date, "
        "coalesce(sum(amount) FILTER (WHERE kind = %(disbursed)s AND NOT EXISTS (SELECT FROM journal AS reversal "
        "WHERE reversal.loan_id = journal.loan_id AND reversal.target = journal.sequence AND reversal.kind = %(reversed)s)), "
        "0)::bigint FROM journal WHERE loan_id = ANY(%(loans)s) GROUP BY loan_id"
    )
    numbers = loans.state["id"][unread]
    loans.state["sequence"][unread] = 0
    run.lookup.execute(query, {"loans": numbers.tolist(), "disbursed": DISBURSED, "reversed": REVERSED})
    rows = run.lookup.fetchall()
    if not rows:
        return
    number, last, digest, first, total = zip(*rows, strict=True)
    order = np.argsort(numbers)
    found = unread[order][np.searchsorted(numbers[order], number)]
    loans.state["sequence"][found], loans.state["disbursed"][found] = last, total
    loans.state["first_disbursed"][found] = [NEVER if day is None else day for day in first]
    loans.heads[found] = np.frombuffer(b"".join(digest), np.uint64).reshape(len(rows), 2)
