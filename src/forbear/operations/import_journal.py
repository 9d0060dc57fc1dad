"""The journal of an import: second reading, in which every entry is checked, numbered, chained and written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from forbear.engine.terms import MAX_INSTALMENTS
from forbear.engine.vocabulary import (
    DISBURSED,
    INTEREST,
    NEVER,
    PAID_TO_INSTALMENT,
    PENALTY,
    RATE_CHANGED,
)
from forbear.formats.columns import Columns
from forbear.formats.references import Text
from forbear.formats.schema import (
    COMPANY,
    COMPONENT_WORDS,
    KINDS,
    LIVE_COMPANY,
    PLANNED,
    Takes,
)
from forbear.formats.tabular import Frame
from forbear.kernel.compiled import compiled
from forbear.kernel.days import to_date
from forbear.kernel.money import MAX_AMOUNT
from forbear.operations.import_keys import Scan
from forbear.operations.import_known import Repeats, drop_known
from forbear.operations.import_live import check_live_entries, check_live_kinds
from forbear.operations.import_loans import FRESH, Loans, loan_places, read_state
from forbear.operations.import_products import CURRENCIES
from forbear.operations.import_run import Run
from forbear.operations.import_targets import book_targets, settle_targets
from forbear.operations.import_versions import check_restructured
from forbear.operations.import_writer import Writer
from forbear.store.journal_wire import DETAILS, JOURNAL_COLUMNS, NEW_ENTRY, encode_entries
from forbear.store.loading import copying, filling

LOOSE_DECIMALS = 4
"""Decimals allowed where the currency is not known because the loan is not: as many as any currency has."""


def take_journal(run: Run, loans: Loans, scan: Scan) -> None:
    """Read the entries of the files, check them against each other, the loans and the book, and write the new ones."""
    checker = JournalChecker(run, loans, scan)
    if not run.files.journal:
        return
    if not run.may_write:
        _check_all(run, checker, scan, None)
        return
    with filling(run.cursor, "journal") as fresh:
        with copying(run.cursor, "journal", JOURNAL_COLUMNS, freeze=fresh) as copy, Writer(copy) as writer:
            _check_all(run, checker, scan, writer)
        run.progress("indexes", 0, 1)
    run.progress("indexes", 1, 1)


def _check_all(run: Run, checker: "JournalChecker", scan: Scan, writer: Writer | None) -> None:
    done = 0
    for frame in run.frames("journal", stage=""):
        block = checker.take(frame, encode=writer is not None and not run.problems)
        if writer is not None and block is not None:
            writer.write(block)
        done += len(frame)
        run.progress("journal", done, max(scan.rows, done))
    checker.finish()


@dataclass(slots=True)
class JournalChecker:
    """Checks frames of the journal one after the other, and turns them into rows to write."""

    run: Run
    loans: Loans
    scan: Scan
    files: list[str] = field(default_factory=list)
    decimals: np.ndarray = field(init=False)
    currencies: np.ndarray = field(init=False)
    regimes: np.ndarray = field(init=False)
    targets: Any = field(init=False)
    repeats: Repeats = field(init=False)

    def __post_init__(self) -> None:
        shelf = self.loans.shelf
        self.decimals = np.append(shelf.decimals(), LOOSE_DECIMALS)
        self.currencies = np.append(shelf.currencies(), -1)
        self.regimes = np.append(shelf.regimes(), PLANNED)
        self.targets = book_targets(self.run, self.scan.targets)
        self.repeats = Repeats(self.scan.repeated)

    def take(self, frame: Frame, *, encode: bool) -> memoryview | None:
        """Check a frame. Returns its new entries as COPY rows, or None if there are none or nothing is to be written."""
        if frame.file not in self.files:
            self.files.append(frame.file)
        columns = Columns("journal", frame, self.run.problems)
        key = columns.checked_text("key", required=True)
        places = self._loan_places(columns)
        rows = self._parse(columns, places)
        for name in DETAILS:
            columns.checked_text(name)
        check_restructured(self.run, self.loans, columns, rows, places >= 0)
        usable = ~columns.bad & (places >= 0)
        new = drop_known(self.run, self.targets, self.repeats, columns, rows, usable)
        read_state(self.run, self.loans, places[new])
        tally = self.run.count("journal")
        tally.new += int(new.sum())
        tally.known += int(usable.sum() - new.sum())
        state = self.loans.state
        order = np.flatnonzero(new)
        file = self.files.index(frame.file)
        number(rows.view(np.recarray), order, places, frame.rows, file, state.view(np.recarray))
        settle_targets(self.targets, columns, self.loans, places, rows, new)
        if not encode or self.run.problems or not len(order):
            return None
        details: list[Text] = [columns.text(name) for name in DETAILS]
        if len(order) < len(rows):
            rows, key, details = rows[order], key.take(order), [text.take(order) for text in details]
        return encode_entries(rows, key, details, recording=self.run.recording, heads=self.loans.heads)

    def _loan_places(self, columns: Columns) -> np.ndarray:
        """The place of each row's loan; -1 after a complaint that there is none, or where its own row was wrong."""
        places = loan_places(self.run, self.loans, columns)
        unusable = places >= 0
        unusable[unusable] = self.loans.state["product"][places[unusable]] == FRESH
        return np.where(unusable, -1, places)

    def _parse(self, columns: Columns, places: np.ndarray) -> np.ndarray:
        """The rows as NEW_ENTRY, without sequence and target."""
        rows = np.zeros(columns.rows, NEW_ENTRY)
        state = self.loans.state
        product = np.full(columns.rows, -1, np.int64)
        on_loan = np.flatnonzero(places >= 0)
        product[on_loan] = state["product"][places[on_loan]]
        rows["loan"][on_loan] = state["id"][places[on_loan]]
        rows["place"] = places
        kind = columns.words("kind", KINDS)
        rows["kind"] = np.maximum(kind, 0)
        rows["effective_on"] = columns.dates("effective_on")
        rows["amount"] = columns.amounts("amount", self.decimals[product], required=False)
        self._check_currency(columns, product)
        regime = self.regimes[product]
        check_live_kinds(columns, kind, regime)
        _check_company(columns, kind, COMPANY, regime <= PLANNED)
        _check_company(columns, kind, LIVE_COMPANY, regime > PLANNED)
        rows["component"] = np.maximum(columns.words("component", COMPONENT_WORDS, required=False), 0)
        rows["until"] = columns.dates("until", required=False)
        rows["rate"] = columns.rates("rate", required=False)
        rows["count"] = columns.wholes("count", largest=MAX_INSTALMENTS, required=False)
        _check_changes(columns, rows)
        check_live_entries(columns, rows, regime)
        return rows

    def _check_currency(self, columns: Columns, product: np.ndarray) -> None:
        if "currency" not in columns.frame.columns:
            return
        found = columns.words("currency", CURRENCIES, required=False, mend="write CNY, USD, ... (ISO 4217)")
        mine = self.currencies[product]
        for place in np.flatnonzero((found >= 0) & (mine >= 0) & (found != mine)):
            columns.complain(
                int(place),
                "currency",
                f"is not the currency of the loan's product, {list(CURRENCIES)[mine[place]]}",
                "correct it, or the loan; amounts of different currencies are not added",
            )

    def finish(self) -> None:
        """What can only be said when all entries have been seen."""
        state, loans = self.loans.state, self.loans
        early = (state["earliest_other"] < NEVER) & (state["earliest_other"] < state["first_disbursed"])
        for place in np.flatnonzero(early).tolist():
            first = int(state["first_disbursed"][place])
            known = f"it is disbursed on {to_date(first)}" if first < NEVER else "it is never disbursed"
            self.run.problems.add(
                self.files[state["earliest_file"][place]],
                f"is before its loan's disbursement ({loans.references.texts(place).at(0)}: {known})",
                "add the disbursed entry, or correct the date",
                row=int(state["earliest_row"][place]),
                column="effective_on",
                value=to_date(int(state["earliest_other"][place])).isoformat(),
            )
        for place in np.flatnonzero((state["disbursed"] > MAX_AMOUNT) & (state["last_row"] > 0)).tolist():
            self.run.problems.add(
                self.files[state["last_file"][place]],
                f"brings the sum paid out on loan {loans.references.texts(place).at(0)} above {MAX_AMOUNT:,} minor units",
                "check the unit of the figures",
                row=int(state["last_row"][place]),
                column="amount",
            )


def _check_company(
    columns: Columns, kind: np.ndarray, company: Mapping[str, Takes], mine: np.ndarray
) -> None:
    """Some columns have to be there for some kinds of entry, may be for others, and mean nothing for the rest.

    `mine` (bool) are the rows that this is about.
    """
    if not mine.any():
        return
    for name, takes in company.items():
        wanted = np.isin(kind, [int(k) for k in takes.needed]) & mine
        allowed = wanted | np.isin(kind, [int(k) for k in takes.allowed])
        lengths = columns.text(name).lengths()
        columns.complain_all(wanted & (lengths == 0), name, "is empty", "this kind of entry needs it")
        columns.complain_all(
            (kind > 0) & mine & ~allowed & (lengths > 0),
            name,
            "is not wanted for this kind of entry",
            f"leave it empty: {takes.whose}",
        )


def _check_changes(columns: Columns, rows: np.ndarray) -> None:
    """A date that an entry names lies after it, a count counts something, and a rate is that of interest or penalty."""
    kind = rows["kind"]
    early = (rows["until"] != 0) & (rows["until"] <= rows["effective_on"]) & (kind != PAID_TO_INSTALMENT)
    columns.complain_all(
        early, "until", "is not after effective_on", "give the first day after it, or the new date"
    )
    none = np.isin(kind, [int(k) for k in COMPANY["count"].needed]) & (rows["count"] == 0)
    columns.complain_all(
        none & (columns.text("count").lengths() > 0), "count", "is nothing", "give a number from 1 up"
    )
    wrong = (kind == RATE_CHANGED) & (rows["component"] != INTEREST) & (rows["component"] != PENALTY)
    named = columns.text("component").lengths() > 0
    columns.complain_all(wrong & named, "component", "has no rate", "write interest or penalty")


@compiled
def number(
    rows: np.recarray,
    order: np.ndarray,
    places: np.ndarray,
    numbers: np.ndarray,
    file: int,
    state: np.recarray,
) -> None:
    """Give the entries their sequence, and note what the last checks of each loan need."""
    for i in order:
        loan, row = state[places[i]], rows[i]
        loan.sequence += 1
        row.sequence = loan.sequence
        if row.kind == DISBURSED:
            loan.disbursed += row.amount
            loan.first_disbursed = min(loan.first_disbursed, row.effective_on)
            loan.last_row, loan.last_file = numbers[i], file
        elif row.effective_on < loan.earliest_other:
            loan.earliest_other = row.effective_on
            loan.earliest_row, loan.earliest_file = numbers[i], file
