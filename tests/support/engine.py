"""Cases in the engine's arrays, and the engine's positions in the oracle's words."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from forbear.engine.batch import NO_LATER, Batch, columns_of, desk_for
from forbear.engine.fold import advance, start
from forbear.engine.layout import ENTRY, PLAN, POSITION, RATE, TERMS, VERSION
from forbear.engine.position import write_position
from forbear.engine.sweep import Columns, Desk, LaterTerms, arrange, copy_plan, fold_range, lay_out_versions
from forbear.engine.vocabulary import NEVER, Component, EntryKind, Status
from forbear.engine.work import Work
from forbear.kernel.compiled import compiled
from forbear.kernel.daycounts import DayCount, denominator
from forbear.kernel.days import MonthEnd
from forbear.kernel.rates import RATE_SCALE
from forbear.kernel.rounding import Rounding
from tests.support.cases import Case, Entry, Terms

AMORTISATION = {"equal_instalment": 0, "equal_principal": 1, "interest_only": 2, "bullet": 3, "custom": 4}
METHOD = {"daily": 0, "period": 1, "flat": 2}
DAY_COUNT = {
    "act_365f": DayCount.ACT_365F,
    "act_360": DayCount.ACT_360,
    "act_act": DayCount.ACT_ACT_ISDA,
    "30_360_us": DayCount.THIRTY_360_US,
    "30e_360": DayCount.THIRTY_E_360,
    "daily": DayCount.ACT_365F,
}
PENALTY_BASE = {"none": 0, "principal": 1, "principal_and_interest": 2}
PREPAYMENT = {"next": 0, "shorten": 1, "lower": 2}
AMOUNTS = ("principal", "interest", "fee", "penalty")
SAME = (
    "principal",
    *(f"{kind}_{c}" for kind in ("due", "overdue", "paid", "waived", "written_off") for c in AMOUNTS),
    *(f"charged_{c}" for c in AMOUNTS[1:]),
    *("accrued_interest", "days_past_due", "bucket", "next_due_amount", "payoff", "credit", "disbursed"),
    *("received", "recovered", "refunded", "charged_back", "forgone", "credited", "proceeds"),
    *("deferred_interest", "deferred_fee", "deferred_penalty", "paused_days"),
    *("capitalised_interest", "capitalised_fee", "capitalised_penalty"),
)
"""Fields that the engine's positions and the oracle's have under one name."""


def _digits(order: Sequence[str]) -> int:
    return sum(int(Component[name.upper()]) * 4**place for place, name in enumerate(order))


def _scaled(value, factor: int = RATE_SCALE) -> int:
    whole, rest = divmod(value * factor, 1)
    assert rest == 0, f"{value} has more than ten decimals"
    return int(whole)


def _fill_terms(record: np.void, terms: Terms, place: int) -> None:
    record["loan"] = place + 1
    record["amortisation"] = AMORTISATION[terms.kind]
    record["interest_method"] = METHOD[terms.interest]
    record["day_count"] = DAY_COUNT[terms.day_count]
    record["denominator"] = RATE_SCALE * denominator(int(DAY_COUNT[terms.day_count]))
    record["period_denominator"] = RATE_SCALE * terms.period_fraction.denominator
    record["instalment_rounding"] = Rounding[terms.instalment_rounding.upper()]
    record["interest_rounding"] = Rounding[terms.interest_rounding.upper()]
    record["interest_residue"] = terms.interest_residue == "carried"
    record["overdue_interest"] = terms.overdue_interest == "replaced"
    record["penalty_base"] = PENALTY_BASE[terms.penalty_base]
    record["late_numerator"], record["late_denominator"] = (
        terms.late_rate.numerator,
        terms.late_rate.denominator,
    )
    record["order"], record["order_after"] = _digits(terms.order), _digits(terms.order_after)
    record["prepayment"] = PREPAYMENT[terms.prepayment]
    record["cost_cap"] = _scaled(terms.cost_cap * _yearly(terms))
    record["bucket_set"] = place
    record["period_numerator"] = terms.period_fraction.numerator
    record["unit"] = {"day": 0, "week": 1, "month": 2}[terms.unit]
    record["month_end"] = MonthEnd[terms.month_end.upper()]
    record["repricing"] = terms.repricing == "keep"
    record["charge_off"] = ("regular", "zero_interest", "accelerate").index(terms.charge_off)
    record["part_denominator"] = RATE_SCALE
    record["rate_factor"] = _yearly(terms)
    record["down_numerator"] = _scaled(terms.down_payment)
    record["draw_fee_numerator"] = _scaled(terms.draw_fee_rate)
    record["row_fee_numerator"] = _scaled(terms.row_fee_rate)
    for name in (
        *("instalment", "multiple", "penalty_grace", "penalty_retroactive", "tolerance", "late_flat"),
        *("late_most", "late_grace", "vertical", "order_after_days", "nonaccrual_after", "every", "due_day"),
        *("principal_grace", "interest_grace", "draw_fee_flat", "row_fee_flat"),
    ):
        record[name] = getattr(terms, name)


def _yearly(terms: Terms) -> int:
    return 365 if terms.day_count == "daily" else 1


def _rates(terms: Terms) -> list[tuple[int, int, int, int]]:
    year = _yearly(terms)
    most = terms.cost_cap or 10**6
    return [
        (
            start or 0,
            _scaled(min(interest, most) * year),
            _scaled(penalty * year),
            _scaled(min(interest, most)) * terms.period_fraction.numerator,
        )
        for start, interest, penalty in terms.rates
    ]


def _entries(entries: Sequence[Entry]) -> list[tuple[int, ...]]:
    places = {entry.key: place + 1 for place, entry in enumerate(entries)}
    return [
        (
            place + 1,
            int(EntryKind[entry.kind.upper()]),
            entry.effective_on,
            int(Component[entry.component.upper()]) if entry.component else 0,
            entry.amount,
            places[entry.target] if entry.kind == "reversed" else 0,
            entry.order,
            entry.until,
            _scaled(entry.rate),
            entry.count,
        )
        for place, entry in enumerate(entries)
    ]


def _bounds(parts: Sequence[Sequence[object]]) -> np.ndarray:
    return np.concatenate(([0], np.cumsum([len(part) for part in parts]))).astype(np.int64)


def _joined(parts: Sequence[Sequence[object]], dtype: np.dtype) -> np.ndarray:
    return np.array([row for part in parts for row in part], dtype)


def batch_of(cases: Sequence[Case]) -> Batch:
    """All cases as one batch."""
    terms = np.zeros(len(cases), TERMS)
    for place, case in enumerate(cases):
        _fill_terms(terms[place], case.terms, place)
    rates = [_rates(case.terms) for case in cases]
    plans = [[tuple(row) for row in case.terms.plan] for case in cases]
    entries = [_entries(case.entries) for case in cases]
    later = [version for case in cases for version in case.terms.versions]
    sets = [case.terms.buckets for case in cases] + [version.terms.buckets for version in later]
    buckets = np.full((len(sets), max(map(len, sets)) + 1), NEVER, np.int64)
    for row, bounds in zip(buckets, sets, strict=True):
        row[: len(bounds)] = bounds
    return Batch(
        terms,
        _joined(rates, RATE),
        _bounds(rates),
        _joined(plans, PLAN),
        _bounds(plans),
        _joined(entries, ENTRY),
        _bounds(entries),
        buckets,
        later=_later(cases) if later else NO_LATER,
    )


def _later(cases: Sequence[Case]) -> LaterTerms:
    """The later versions of the cases' terms."""
    versions = [case.terms.versions for case in cases]
    flat = [version for mine in versions for version in mine]
    terms, opens = np.zeros(len(flat), TERMS), np.zeros(len(flat), VERSION)
    for place, version in enumerate(flat):
        _fill_terms(terms[place], version.terms, len(cases) + place)
        ((_, interest, penalty, per_period),) = _rates(version.terms)
        bits = sum(1 << int(Component[name.upper()]) for name in version.capitalise)
        opens[place] = (
            version.number,
            version.first_due_on,
            version.count,
            bits,
            interest,
            penalty,
            per_period,
        )
    bounds = _bounds(versions)
    terms["loan"] = np.repeat(np.arange(len(cases)) + 1, np.diff(bounds))
    return LaterTerms(terms, opens, bounds)


def in_words(position: np.void) -> dict[str, object]:
    """A position of the engine as the oracle would put it."""
    told = dict(zip(POSITION.names or (), position.item(), strict=True))
    found: dict[str, object] = {name: told[name] for name in SAME}
    for kind in ("due", "overdue"):
        found[f"{kind}_penalty"] = told[f"{kind}_penalty"] + told["accrued_penalty"]
    found["status"] = Status(told["status"]).name.lower()
    found["ageing_paused"] = bool(told["ageing_paused"])
    found["nonaccrual"] = bool(told["nonaccrual"])
    for name in ("oldest_due_on", "next_due_on", "next_event_on"):
        found[name] = None if told[name] >= NEVER else told[name]
    return found


class _Asked:
    """The loan asked about last: laws ask about one on many days, and most of the time went into making its arrays."""

    def __init__(self) -> None:
        self.terms: Terms | None = None
        self.entries: tuple[Entry, ...] = ()
        self.batch: Batch | None = None
        self.found = np.zeros(1, POSITION)
        self.out = self.found.view(np.recarray)

    def position(self, terms: Terms, entries: tuple[Entry, ...], as_of: int) -> np.void:
        """The engine's position; it holds until the next question."""
        if self.batch is None or terms is not self.terms or entries != self.entries:
            if self.batch is None or terms is not self.terms:
                self.batch = batch_of([Case(terms, entries, 0)])
            else:
                rows = [_entries(entries)]
                self.batch = replace(self.batch, entries=_joined(rows, ENTRY), entry_bounds=_bounds(rows))
            self.columns, self.desk = columns_of(self.batch), desk_for(self.batch)
            self.terms, self.entries = terms, entries
        fold_range(self.columns, self.desk, 0, 1, as_of, self.out)
        return self.found[0]


_asked = _Asked()


def engine_position(terms: Terms, entries: Sequence[Entry], as_of: int) -> dict[str, object]:
    """One position by the engine, in the form of `tests.support.oracle.position`."""
    return in_words(_asked.position(terms, tuple(entries), as_of))


@compiled
def _advance_in_steps(columns: Columns, desk: Desk, steps: np.ndarray, out: np.recarray) -> None:
    plan = desk.plan if copy_plan(columns.plan, columns.entries, desk.plan) else columns.plan
    terms = desk.versions.terms[0] if lay_out_versions(columns, 0, desk.versions) else columns.terms[0]
    work = Work(
        terms,
        columns.rates,
        plan,
        desk.loans[0],
        desk.rows,
        desk.lines[0],
        desk.lines[1],
        desk.lines[2],
        desk.versions,
    )
    start(work, columns.plan_bounds[1])
    arrange(columns.entries, columns.ranks, desk.order, desk.feed)
    for step in range(steps.shape[0]):
        advance(work, desk.feed, steps[step])
    write_position(work, columns.buckets, desk.feed[work.loan.next_entry].effective_on, out[0])


def advance_in_steps(case: Case, steps: Sequence[int]) -> np.ndarray:
    """The position at the last step of a fold that halts at every step."""
    batch = batch_of([case])
    out = np.zeros(1, POSITION)
    _advance_in_steps(columns_of(batch), desk_for(batch), np.array(steps, np.int64), out.view(np.recarray))
    return out
