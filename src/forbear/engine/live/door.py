"""The door of the live schedule: terms and a journal in, rows, outcomes and charges out.

One loan at a time, from Python: its arrays are as long as its schedule and its journal ask. The loans of a book go through `many`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forbear.engine.live import quotes
from forbear.engine.live.fold import fold_loan
from forbear.engine.live.layout import (
    CHARGE,
    LIVE_ENTRY,
    LIVE_ROW,
    LIVE_TERMS,
    OUTCOME,
    PERIOD,
    RULE,
    SEGMENT,
    STATE,
    VIEWS,
    Desk,
    Model,
)
from forbear.engine.live.opening import arrange
from forbear.engine.live.terms import LiveEntry, LiveTerms
from forbear.engine.live.vocabulary import DISBURSED, REVERSED
from forbear.engine.vocabulary import COMPONENTS

NAMED = tuple(name for name in LIVE_TERMS.names or () if name not in ("credited", "credit_order"))


def terms_record(terms: LiveTerms) -> np.ndarray:
    """A LIVE_TERMS record: an array of one. Raises ValueError if the terms have `problems()`."""
    problems = terms.problems()
    if problems:
        raise ValueError("; ".join(problems))
    record = np.zeros(1, LIVE_TERMS)
    for name in NAMED:
        record[name] = int(getattr(terms, name))
    record["credited"] = len(terms.credit_order) > 0
    record["credit_order"][0, : len(terms.credit_order)] = terms.credit_order
    return record


def rule_records(terms: LiveTerms) -> np.ndarray:
    """RULE records, in the order of the terms."""
    records = np.zeros(len(terms.rules), RULE)
    for record, rule in zip(records, terms.rules, strict=True):
        record["payment"], record["advance"] = rule.payment, int(rule.advance)
        record["order"][: len(rule.order)] = rule.order
    return records


def entry_records(terms: np.ndarray, entries: Sequence[LiveEntry]) -> np.ndarray:
    """LIVE_ENTRY records of the entries that stand, in folding order."""
    gone = {entry.target for entry in entries if entry.kind == REVERSED}
    standing = [entry for entry in entries if entry.kind != REVERSED and entry.sequence not in gone]
    records = np.zeros(len(standing), LIVE_ENTRY)
    for name in LIVE_ENTRY.names or ():
        records[name] = [int(getattr(entry, name)) for entry in standing]
    order = np.zeros(len(standing), np.int64)
    arrange(terms.view(np.recarray)[0], records.view(np.recarray), order)
    return records[order]


def desk_for(terms: LiveTerms, entries: Sequence[LiveEntry]) -> Desk:
    """A desk large enough for the loan, with its entries in folding order."""
    record = terms_record(terms)
    journal = entry_records(record, entries)
    count = len(journal) + 1
    periods = terms.count + int(sum(max(0, entry.count) + 1 for entry in entries)) + 1
    if terms.full_term_per_draw:
        periods += terms.count * sum(entry.kind == DISBURSED for entry in entries)
    rows, segments = periods + 2 * count, 2 * periods + 6 * count * (periods + 1) + 4
    shared = record.view(np.recarray)[0], np.zeros(1, STATE).view(np.recarray)[0]
    model = Model(
        *shared,
        np.zeros((VIEWS, periods), PERIOD).view(np.recarray),
        np.zeros((VIEWS, segments), SEGMENT).view(np.recarray),
        np.zeros((count, 4), np.int64),
    )
    return Desk(
        *shared,
        model,
        rule_records(terms).view(np.recarray),
        journal.view(np.recarray),
        np.zeros(rows, LIVE_ROW).view(np.recarray),
        np.zeros(count, CHARGE).view(np.recarray),
        np.zeros((2, count, rows), np.int64),
        np.zeros(count, OUTCOME).view(np.recarray),
    )


@dataclass(frozen=True, slots=True)
class LiveLoan:
    """A folded loan. `rows`: LIVE_ROW, `outcomes`: OUTCOME by place of the entry, `charges`: CHARGE."""

    desk: Desk

    @property
    def rows(self) -> np.ndarray:
        """The rows that there are, in their order."""
        return np.asarray(self.desk.rows[: int(self.desk.state.rows)])

    @property
    def charges(self) -> np.ndarray:
        """The charges that have been noted."""
        return np.asarray(self.desk.charges[: int(self.desk.state.charges)])

    @property
    def over(self) -> int:
        """Money received that nothing is owed for."""
        return int(self.desk.state.over)

    def payoff(self, on: int) -> int:
        """What pays off the loan on a day, in minor units."""
        return int(quotes.payoff(self.desk, on))

    def due_interest(self, on: int) -> int:
        """Interest due by a day over all periods, in minor units."""
        return int(quotes.due_interest(self.desk, on))

    def past_interest(self, on: int) -> int:
        """Interest claimed by rows due before a day, in minor units."""
        return int(quotes.past_interest(self.desk, on))

    def running(self, on: int, *, open_only: bool = False) -> tuple[int, int, int]:
        """Interest of the row that runs, fees and penalties due, each earned by a day, in minor units."""
        total = np.zeros(COMPONENTS, np.int64)
        quotes.earned_charges(self.desk, on, total)
        return int(quotes.running_interest(self.desk, on, open_only)), int(total[2]), int(total[3])


def fold_live(terms: LiveTerms, entries: Sequence[LiveEntry], as_of: int) -> LiveLoan:
    """Fold a loan's journal; interest on what is past due is counted up to `as_of`.

    Raises ValueError if the terms are impossible.
    """
    desk = desk_for(terms, entries)
    fold_loan(desk, as_of)
    return LiveLoan(desk)
