"""Borrowers of an import, and their personal data, which is sealed before it leaves this process."""

from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from forbear.formats.columns import Columns
from forbear.formats.references import References, Text, empty_text, text_of
from forbear.operations.import_run import Run
from forbear.store.loading import copying, encode_rows, filling, next_number, packed

PERSONAL: Final = ("name", "id_number", "phone", "email", "address")
LOOKED_UP: Final = ("id_number", "phone")


@dataclass(slots=True)
class Borrowers:
    """Borrowers by place, with their ids in the book. `implied` if there was no file: loans name them into being."""

    implied: bool
    references: References = field(default_factory=References)
    numbers: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    next_number: int = 1

    def append(self, numbers: np.ndarray) -> None:
        """The ids of the references added last."""
        self.numbers = np.concatenate((self.numbers, numbers))


def take_borrowers(run: Run) -> Borrowers:
    """Read the borrowers of the files and write the new ones."""
    borrowers = Borrowers(implied=not run.files.borrowers, next_number=next_number(run.cursor, "borrower"))
    with (
        filling(run.cursor, "personal_data")
        if run.may_write and run.files.borrowers
        else nullcontext(False) as fresh
    ):
        for frame in run.frames("borrowers"):
            columns = Columns("borrowers", frame, run.problems)
            names = columns.checked_text("borrower", required=True)
            for name in PERSONAL:
                columns.checked_text(name)
            size = len(borrowers.references)
            places = borrowers.references.add(names)
            first = np.zeros(len(places), np.bool_)
            first[np.unique(places, return_index=True)[1]] = True
            columns.complain_all(
                (~first | (places < size)) & ~columns.bad,
                "borrower",
                "is there already, in a row before",
                "give each borrower one row",
            )
            known = find_numbers(run, borrowers, size)
            new = first & (places >= size) & ~known[np.maximum(places - size, 0)]
            _seal(run, columns, borrowers.numbers[places], np.flatnonzero(new), freeze=bool(fresh))
    return borrowers


def find_numbers(run: Run, borrowers: Borrowers, size: int) -> np.ndarray:
    """Give ids to the references from place `size` on: the book's, or new ones that are written. True where the book's."""
    added = borrowers.references.texts(size)
    count = len(added.offsets) - 1
    known = np.zeros(count, np.bool_)
    numbers = np.zeros(count, np.int64)
    if "borrower" in run.full and count:
        book, ids = book_borrowers(run, added)
        at = book.find(added)
        known = at >= 0
        numbers[known] = ids[at[known]]
    new = np.flatnonzero(~known)
    numbers[new] = borrowers.next_number + np.arange(len(new))
    borrowers.next_number += len(new)
    borrowers.append(numbers)
    tally = run.count("borrowers")
    tally.new += len(new)
    tally.known += count - len(new)
    if run.may_write and len(new):
        texts = added.take(new)
        with copying(run.cursor, "borrower", ("id", "reference")) as copy:
            copy.write(encode_rows({"id": "bigint"}, {"id": numbers[new]}, [texts], len(new)).data)
    return known


def book_borrowers(run: Run, names: Text) -> tuple[References, np.ndarray]:
    """Those of the borrowers with these references that the book has, and their ids."""
    query = "SELECT reference, id FROM borrower WHERE reference = ANY(string_to_array(%s, E'\\n'))"
    rows = run.lookup.execute(query, (names.lines(),)).fetchall()
    book = References()
    book.add(text_of([reference for reference, _ in rows]))
    return book, np.array([number for _, number in rows], np.int64)


def _seal(run: Run, columns: Columns, numbers: np.ndarray, new: np.ndarray, *, freeze: bool) -> None:
    """Write the personal data of the new borrowers among these rows."""
    given = {name: columns.text(name) for name in PERSONAL}
    some = np.zeros(columns.rows, np.bool_)
    for text in given.values():
        some |= text.lengths() > 0
    rows = new[some[new]]
    if not len(rows) or not run.may_write:
        return
    vault = run.vault()
    ids = numbers[rows].tolist()
    nothing = empty_text(len(rows))
    sealed, indexes = [], []
    for name, text in given.items():
        absent = name not in columns.frame.columns
        values: list[str | None] = [] if absent else [value or None for value in text.take(rows).strings()]
        pairs = zip(ids, values, strict=not absent)
        sealed.append(nothing if absent else packed(vault.seal_many(name, pairs)))
        if name in LOOKED_UP:
            indexes.append(
                nothing if absent else packed([vault.blind_index(value, name) for value in values])
            )
    titles = ("borrower_id", *PERSONAL, *(f"{name}_index" for name in LOOKED_UP))
    with copying(run.cursor, "personal_data", titles, freeze=freeze) as copy:
        fixed = {"borrower_id": np.array(ids, np.int64)}
        copy.write(
            encode_rows({"borrower_id": "bigint"}, fixed, [*sealed, *indexes], len(rows), nulls=True).data
        )
