"""Instalments of an import: the plans of loans whose product (amortisation `custom`) leaves it to each of them."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from forbear.engine.terms import MAX_INSTALMENTS
from forbear.formats.columns import Columns
from forbear.formats.tabular import Frame
from forbear.kernel.days import to_date
from forbear.operations.import_loans import FRESH, Loans, Promised, loan_places
from forbear.operations.import_run import Run
from forbear.store.copy import copy_in, copy_out, native
from forbear.store.loading import filling

COLUMNS: Final = {"loan_id": "bigint", "due_on": "date", "principal": "bigint"}
ROW: Final = np.dtype([(name, "<i8") for name in ("place", "due_on", "principal", "row", "file")])
"""A planned instalment as read: of the loan at `place`, in that row of the so-manieth file."""
LOOSE_DECIMALS: Final = 4


@dataclass(slots=True)
class _Plans:
    """The rows read so far, and the files they are from."""

    files: list[str] = field(default_factory=list)
    parts: list[np.ndarray] = field(default_factory=lambda: [np.zeros(0, ROW)])


def take_instalments(run: Run, loans: Loans) -> None:
    """Read the instalments of the files, hold them against their loans and the book, and write the new ones."""
    if not run.files.instalments and not loans.promised:
        return
    plans = _Plans()
    for frame in run.frames("instalments"):
        plans.parts.append(_read(run, loans, plans, frame))
    if run.problems.gaps:
        return
    rows = np.concatenate(plans.parts)
    rows = rows[np.argsort(rows["place"], kind="stable")]
    new = _is_new(run, loans, rows, plans)
    _check_order(run, loans, rows, plans)
    _check_promises(run, loans, rows)
    tally = run.count("instalments")
    tally.new += int(new.sum())
    tally.known += len(rows) - int(new.sum())
    if not run.may_write or not new.any():
        return
    with filling(run.cursor, "instalment"):
        mine = rows[new]
        data = {name: mine[name] for name in ("due_on", "principal")}
        data["loan_id"] = loans.state["id"][mine["place"]]
        copy_in(run.cursor, "instalment", COLUMNS, data, len(mine))


def _read(run: Run, loans: Loans, plans: _Plans, frame: Frame) -> np.ndarray:
    """The rows of a frame whose values are what they have to be, and whose loan has a plan of its own."""
    columns, shelf = Columns("instalments", frame, run.problems), loans.shelf
    places = loan_places(run, loans, columns)
    product = np.append(loans.state["product"], FRESH)[places]
    columns.complain_all(
        (product != FRESH) & ~np.append(shelf.custom(), True)[product],
        "loan",
        "is of a product that plans the instalments itself",
        "leave the row out, or give the loan a product with amortisation custom",
    )
    rows = np.zeros(columns.rows, ROW)
    rows["due_on"] = columns.dates("due_on")
    rows["principal"] = columns.amounts(
        "principal", np.append(shelf.decimals(), LOOSE_DECIMALS)[product], zero=True
    )
    if frame.file not in plans.files:
        plans.files.append(frame.file)
    rows["place"], rows["row"], rows["file"] = places, frame.rows, plans.files.index(frame.file)
    return rows[~columns.bad & (product != FRESH)]


def _is_new(run: Run, loans: Loans, rows: np.ndarray, plans: _Plans) -> np.ndarray:
    """Which rows are of loans that the book has not; those of the others have to be what it has."""
    promised = np.array([one.place for one in loans.promised], np.int64)
    new = np.isin(rows["place"], promised)
    known = np.unique(rows["place"][~new])
    if not len(known):
        return new
    wire = copy_out(
        run.lookup,
        "SELECT loan_id, due_on, principal FROM instalment WHERE loan_id = ANY(%s) ORDER BY loan_id, due_on",
        COLUMNS,
        (loans.state["id"][known].tolist(),),
    )
    stored = dict(native(COLUMNS, wire))
    for place in known.tolist():
        mine = rows[slice(*np.searchsorted(rows["place"], (place, place + 1)))]
        number = loans.state["id"][place]
        theirs = slice(*np.searchsorted(stored["loan_id"], (number, number + 1)))
        if any(not np.array_equal(mine[name], stored[name][theirs]) for name in ("due_on", "principal")):
            _complain(
                run,
                plans,
                mine[0],
                "loan",
                loans.references.texts(place).at(0),
                "has other instalments in the book",
                "leave its rows out: a loan's terms are changed by an entry, not by an import",
            )
    return new


def _complain(
    run: Run, plans: _Plans, row: np.void, column: str, value: str, message: str, mend: str
) -> None:
    run.problems.add(plans.files[row["file"]], message, mend, row=row["row"], column=column, value=value)


def _check_order(run: Run, loans: Loans, rows: np.ndarray, plans: _Plans) -> None:
    """Each loan's due dates go on and on."""
    same = rows["place"][1:] == rows["place"][:-1]
    for at in np.flatnonzero(same & (rows["due_on"][1:] <= rows["due_on"][:-1])).tolist():
        before, row = rows[at], rows[at + 1]
        _complain(
            run,
            plans,
            row,
            "due_on",
            to_date(int(row["due_on"])).isoformat(),
            f"is not after {to_date(int(before['due_on']))}, the due date of loan "
            f"{loans.references.texts(int(row['place'])).at(0)} in row {before['row']}",
            "put the rows of each loan in the order of their dates, one for each date",
        )


def _check_promises(run: Run, loans: Loans, rows: np.ndarray) -> None:
    """What a loan's own row says of its instalments is what they are."""
    starts = np.searchsorted(rows["place"], [one.place for one in loans.promised])
    ends = np.searchsorted(rows["place"], [one.place + 1 for one in loans.promised])
    for promised, first, end in zip(loans.promised, starts.tolist(), ends.tolist(), strict=True):
        if told := _broken_promise(promised, rows[first:end]):
            column, message, mend = told
            reference = loans.references.texts(promised.place).at(0)
            run.problems.add(
                promised.file, f"{message} (loan {reference})", mend, row=promised.row, column=column
            )


def _broken_promise(promised: Promised, plan: np.ndarray) -> tuple[str, str, str] | None:
    """Column, message and mend for what does not agree with the loan's instalments; None if all does."""
    if not len(plan):
        return (
            "product",
            "leaves the instalments to the loan, and there are none",
            "add a row for each to a file of instalments",
        )
    if promised.count != len(plan):
        return (
            "count",
            f"says {promised.count}, the file of instalments has {len(plan)}",
            f"correct one of them; there may be 1 to {MAX_INSTALMENTS}",
        )
    if promised.first_due_on != plan["due_on"][0]:
        said, first = to_date(promised.first_due_on), to_date(int(plan["due_on"][0]))
        return "first_due_on", f"says {said}, the first instalment {first}", "correct one of them"
    total = int(plan["principal"].sum())
    if promised.principal != total:
        return (
            "principal",
            f"is {promised.principal} minor units, that of the instalments {total} in sum",
            "correct one of them: an agreed plan pays back what was agreed",
        )
    return None
