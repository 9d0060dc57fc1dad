"""The cost of a loan of the book: the flows of its contract as agreed, and of its history so far."""

from dataclasses import replace

import numpy as np

from forbear.engine.batch import Batch, fold, kept_back, rows_to_come
from forbear.engine.cost.conventions import DatedFlow
from forbear.engine.layout import ENTRY
from forbear.engine.vocabulary import COMPONENTS, EntryKind

PAID_OUT = (EntryKind.DISBURSED, EntryKind.REFUNDED, EntryKind.CHARGED_BACK)
RECEIVED = (
    *(EntryKind.PAID, EntryKind.RECOVERED, EntryKind.PAID_TO_COMPONENT, EntryKind.PAID_TO_INSTALMENT),
    EntryKind.MERCHANT_REFUNDED,
)
"""What the borrower or a merchant paid; the lender's own credits are no flow of money."""
DUE = tuple(f"due_{component}" for component in ("principal", "interest", "fee", "penalty"))
assert len(DUE) == COMPONENTS


def live_entries(batch: Batch) -> np.ndarray:
    """The entries of a batch of one that count: no reversals, and nothing reversed."""
    entries = batch.entries
    annulled = set(entries["target"][entries["kind"] == EntryKind.REVERSED].tolist())
    counts = [e["kind"] != EntryKind.REVERSED and int(e["sequence"]) not in annulled for e in entries]
    return np.array(entries[np.array(counts, bool)])


def with_journal(batch: Batch, entries: np.ndarray) -> Batch:
    """The batch of one with another journal."""
    return replace(batch, entries=entries, entry_bounds=np.array([0, len(entries)], np.int64))


def paid_as_planned(batch: Batch) -> Batch:
    """The loan as it would be if nothing but its pay-outs had happened, with fees charged on a day of pay-out, and all that
    falls due were paid on the day.
    """
    entries = live_entries(batch)
    paid_out = entries[entries["kind"] == EntryKind.DISBURSED]
    at_once = np.isin(entries["effective_on"], paid_out["effective_on"])
    agreed = (entries["kind"] == EntryKind.DISBURSED) | ((entries["kind"] == EntryKind.FEE_CHARGED) & at_once)
    planned = with_journal(batch, entries[agreed])
    to_come = rows_to_come(planned, int(planned.entries["effective_on"].max(initial=0)))
    due_on = {*batch.plan["due_on"].tolist(), *to_come["due_on"].tolist()}
    for day in sorted({*planned.entries["effective_on"].tolist(), *due_on}):
        position = fold(planned, int(day))[0]
        due = sum(int(position[name]) for name in DUE)
        if due > 0:
            payment = np.zeros(1, ENTRY)
            sequence = int(planned.entries["sequence"].max()) + 1
            payment["sequence"] = payment["order"] = sequence
            payment["kind"], payment["effective_on"], payment["amount"] = EntryKind.PAID, day, due
            planned = with_journal(planned, np.concatenate((planned.entries, payment)))
    return planned


def agreed_flows(batch: Batch) -> list[DatedFlow]:
    """The flows of the contract as agreed, from the lender's side."""
    return _journal_flows(paid_as_planned(batch), until=None)


def history_flows(batch: Batch, as_of: int) -> list[DatedFlow]:
    """What has passed between lender and borrower up to `as_of`, and what would settle the loan on that day."""
    position = fold(batch, as_of)[0]
    settles = int(position["payoff"]) or -int(position["credit"])
    flows = _journal_flows(batch, until=as_of)
    return [*flows, DatedFlow(as_of, settles)] if settles else flows


def _journal_flows(batch: Batch, until: int | None) -> list[DatedFlow]:
    signs = dict.fromkeys(PAID_OUT, -1) | dict.fromkeys(RECEIVED, 1)
    last = int(batch.entries["effective_on"].max(initial=0)) if until is None else until
    fees = [DatedFlow(day, amount) for day, amount in kept_back(batch, last)]
    return fees + [
        DatedFlow(int(entry["effective_on"]), signs[EntryKind(int(entry["kind"]))] * int(entry["amount"]))
        for entry in live_entries(batch)
        if int(entry["kind"]) in signs and (until is None or entry["effective_on"] <= until)
    ]
