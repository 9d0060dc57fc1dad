"""Live loans of a batch: arrays of their terms, and their fold to positions, one loan after the other on one desk.

A live loan is folded whole each time (docs/adr/0009-live-products.md).
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from forbear.engine.layout import I8, POSITION, ROW, Record, Records
from forbear.engine.live.allocation import give_up
from forbear.engine.live.door import LiveLoan, rule_records, terms_record
from forbear.engine.live.fold import fold_loan
from forbear.engine.live.journal import ADDED, journals
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
from forbear.engine.live.position import write_live_position
from forbear.engine.live.product import LiveProduct
from forbear.engine.live.vocabulary import EXTENDED, REAGED
from forbear.engine.live.year import plus
from forbear.engine.plan import MONTH
from forbear.engine.vocabulary import COMPONENTS
from forbear.kernel.compiled import compiled
from forbear.kernel.days import civil, day_number, days_in_month
from forbear.kernel.money import MAX_AMOUNT


class LiveLoans(NamedTuple):
    """The live loans of a batch: `places` in it, and of each a record of terms (LIVE_TERMS), of what they add (ADDED), and its rules.

    The rules (RULE) of loan i are rules[rule_bounds[i, 0] : rule_bounds[i, 1]].
    """

    places: np.ndarray
    terms: np.ndarray
    added: np.ndarray
    rules: np.ndarray
    rule_bounds: np.ndarray


class Room(NamedTuple):
    """Scratch space in which any of the loans can be folded."""

    state: Records
    periods: Records
    segments: Records
    steps: np.ndarray
    entries: Records
    order: np.ndarray
    rows: Records
    charges: Records
    parts: np.ndarray
    outcomes: Records


@compiled
def first_day(first_due_on: int, due_day: int, every: int, unit: int) -> int:
    """The day from which due dates are counted, so that the first of them is `first_due_on`.

    `due_day`: wanted day of the month, for months that have it; 0: that of `first_due_on`.
    """
    if unit != MONTH or due_day == 0:
        return plus(first_due_on, -every, unit)
    year, month, _ = civil(first_due_on)
    year, month = divmod(12 * year + month - 1 - every, 12)
    return day_number(year, month + 1, min(due_day, days_in_month(year, month + 1)))


@compiled
def _count_from(loans: Records, every: int, unit: int, out: np.ndarray) -> None:
    for i in range(loans.shape[0]):
        out[i] = first_day(loans[i].first_due_on, loans[i].due_day, every, unit)


def live_loans(
    products: Mapping[int, LiveProduct], which: Sequence[int] | np.ndarray, loans: np.ndarray
) -> LiveLoans:
    """The arrays of the live loans among `loans` (LOAN_TERMS), given their places; `products` by place.

    Raises ValueError if a product has `problems()`.
    """
    mine = loans[which]
    terms, added = np.zeros(len(mine), LIVE_TERMS), np.zeros(len(mine), ADDED)
    rules, bounds = np.zeros(0, RULE), np.zeros((len(mine), 2), np.int64)
    for product in np.unique(mine["product"]).tolist():
        told, here = products[product], np.flatnonzero(mine["product"] == product)
        if problems := told.problems():
            raise ValueError(f"product {told.code}: " + "; ".join(problems))
        bare = told.terms(rate=0, count=told.principal_grace + 1)
        more = rule_records(bare)
        bounds[here] = len(rules), len(rules) + len(more)
        rules = np.concatenate((rules, more))
        terms[here] = terms_record(bare)
        first_days = np.zeros(len(here), np.int64)
        _count_from(mine[here].view(np.recarray), told.every, int(told.unit), first_days)
        terms["counted_from"][here] = first_days
        added[here] = (
            *(told.draw_fee_flat, told.draw_fee_rate, told.row_fee_flat, told.row_fee_rate),
            *(int(told.row_fee_of), int(told.reage_spread), int(told.reamortise_spread)),
        )
    terms["rate"], terms["count"], terms["level"] = mine["rate"], mine["count"], mine["instalment"]
    return LiveLoans(np.asarray(which, I8), terms, added, rules, bounds)


def room_for(terms: np.ndarray, entries: np.ndarray, bounds: np.ndarray) -> Room:
    """Room for the longest schedule and the longest journal of these loans."""
    count = int(np.diff(bounds).max(initial=0)) + 1
    added = np.where(np.isin(entries["kind"], (EXTENDED, REAGED)), entries["count"], 0)
    more = np.diff(np.concatenate(([0], np.cumsum(added)))[bounds])
    periods = int((terms["count"] + more).max(initial=0)) + 1
    rows, segments = periods + 2 * count, 2 * periods + 6 * count * (periods + 1) + 4
    return Room(
        np.zeros(1, STATE).view(np.recarray),
        np.zeros((VIEWS, periods), PERIOD).view(np.recarray),
        np.zeros((VIEWS, segments), SEGMENT).view(np.recarray),
        np.zeros((count, 4), np.int64),
        np.zeros(count, LIVE_ENTRY).view(np.recarray),
        np.zeros(count, np.int64),
        np.zeros(rows, LIVE_ROW).view(np.recarray),
        np.zeros(count, CHARGE).view(np.recarray),
        np.zeros((2, count, rows), np.int64),
        np.zeros(count, OUTCOME).view(np.recarray),
    )


@compiled
def lay_out(room: Room, terms: Record, journal: Records) -> None:
    """Put the journal of one loan on its desk, in folding order."""
    arrange(terms, journal, room.order)
    for slot in range(journal.shape[0]):
        room.entries[slot] = journal[room.order[slot]]


@compiled
def _fold_all(
    terms: Records,
    rules: Records,
    rule_bounds: np.ndarray,
    journal: Records,
    bounds: np.ndarray,
    next_on: np.ndarray,
    common: Records,
    buckets: np.ndarray,
    room: Room,
    as_of: int,
    out: Records,
) -> None:
    for i in range(terms.shape[0]):
        lay_out(room, terms[i], journal[bounds[i] : bounds[i + 1]])
        count = bounds[i + 1] - bounds[i]
        desk = Desk(
            terms[i],
            room.state[0],
            Model(terms[i], room.state[0], room.periods, room.segments, room.steps),
            rules[rule_bounds[i, 0] : rule_bounds[i, 1]],
            room.entries[:count],
            room.rows,
            room.charges,
            room.parts,
            room.outcomes[:count],
        )
        fold_loan(desk, as_of)
        write_live_position(desk, common[i], buckets[common[i].bucket_set], as_of, next_on[i], out[i])


def fold_live_loans(
    live: LiveLoans,
    common: np.ndarray,
    entries: np.ndarray,
    bounds: np.ndarray,
    buckets: np.ndarray,
    as_of: int,
) -> np.ndarray:
    """Positions (POSITION) of the live loans at the end of the day `as_of`.

    `common` (TERMS) has what all regimes share, a record of each; `entries` (ENTRY) and `bounds` are their journals.
    """
    out = np.zeros(len(live.terms), POSITION)
    journal, starts, next_on, _ = journals(live.terms, live.added, entries, bounds, as_of)
    _fold_all(
        live.terms.view(np.recarray),
        live.rules.view(np.recarray),
        live.rule_bounds,
        journal.view(np.recarray),
        starts,
        next_on,
        common.view(np.recarray),
        buckets,
        room_for(live.terms, journal, starts),
        as_of,
        out.view(np.recarray),
    )
    return out


def one_desk(live: LiveLoans, journal: np.ndarray, as_of: int) -> tuple[Desk, dict[int, int]]:
    """The desk of the one live loan of a batch, not yet folded; and which entry of the book each of its entries is (0: none).

    Raises ValueError for a batch of another size.
    """
    if len(live.terms) != 1:
        raise ValueError(f"rows are those of one loan; the batch has {len(live.terms)} live ones")
    told = journals(live.terms, live.added, journal, np.array([0, len(journal)]), as_of)
    room = room_for(live.terms, told.entries, told.bounds)
    terms, state = live.terms.view(np.recarray)[0], room.state[0]
    lay_out(room, terms, told.entries.view(np.recarray))
    model = Model(terms, state, room.periods, room.segments, room.steps)
    rules, entries = live.rules.view(np.recarray), room.entries[: len(told.entries)]
    outcomes = room.outcomes[: len(entries)]
    desk = Desk(terms, state, model, rules, entries, room.rows, room.charges, room.parts, outcomes)
    return desk, dict(zip(told.entries["sequence"].tolist(), told.was.tolist(), strict=True))


def live_rows(live: LiveLoans, entries: np.ndarray, as_of: int) -> np.ndarray:
    """All rows (ROW) of the one live loan of a batch, those to come as well, as they stand on `as_of`."""
    desk, _ = one_desk(live, entries, as_of)
    fold_loan(desk, as_of)
    return as_rows(LiveLoan(desk).rows)


@compiled
def _most_given_up(desk: Desk, day: int, component: int) -> int:
    fold_loan(desk, day)
    give_up(desk, day, component, MAX_AMOUNT)
    return int(desk.state.portions[component])


def open_amounts(live: LiveLoans, entries: np.ndarray, as_of: int) -> tuple[int, int, int, int]:
    """The most that a waiver on `as_of` could give up of each component of the one live loan of a batch, in minor units."""
    desk, _ = one_desk(live, entries, as_of)
    principal, interest, fee, penalty = (_most_given_up(desk, as_of, c) for c in range(COMPONENTS))
    return principal, interest, fee, penalty


def as_rows(found: np.ndarray) -> np.ndarray:
    """Rows of a live schedule (LIVE_ROW) as rows of any loan (ROW), by due date."""
    rows = np.zeros(len(found), ROW)
    rows["due_on"], rows["planned"] = found["due"], found["extra"] == 0
    for name, told in (
        ("claimed", "claimed"),
        ("paid", "paid"),
        ("waived", "waived"),
        ("written_off", "written"),
    ):
        rows[name] = found[told]
    for component in range(COMPONENTS):
        gone = sum(rows[name][:, component] for name in ("paid", "waived", "written_off"))
        rows["unpaid"][:, component] = rows["claimed"][:, component] - gone
    return rows[np.argsort(rows["due_on"], kind="stable")]


def draw_fees(live: LiveLoans, entries: np.ndarray, as_of: int) -> list[tuple[int, int]]:
    """What was kept back from each draw of the one live loan of a batch by `as_of`: (day, minor units)."""
    desk, _ = one_desk(live, entries, as_of)
    fold_loan(desk, as_of)
    kept = zip(desk.entries["on"].tolist(), desk.outcomes["fees"].tolist(), strict=True)
    return [(day, fees) for day, fees in kept if fees]
