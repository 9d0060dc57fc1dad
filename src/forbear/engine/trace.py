"""Notes taken while a fold runs: which days accrued what, what became money, who claimed and who paid.

The fold is the one and only (`forbear.engine.fold`), in its Python form, with notes taken around some of its functions.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import wraps
from typing import Any

import numpy as np

from forbear.engine.batch import Batch, columns_of, desk_for
from forbear.engine.layout import POSITION
from forbear.engine.sweep import fold_range
from forbear.engine.vocabulary import COMPONENTS, Component
from forbear.kernel.compiled import uncompiled


@dataclass(frozen=True, slots=True)
class Segment:
    """Days [start, end) of one accrual: `amount` exact minor units. `base` and `numerator / denominator` say where it came
    from, `units` of the index the days weigh; base None: the slope was set otherwise (a period's or a flat interest).
    """

    start: int
    end: int
    units: int
    base: int | None
    numerator: int
    denominator: int
    amount: Fraction


@dataclass(frozen=True, slots=True)
class Charge:
    """An accrual, or a fee, that became money: what the segments came to, what of it was charged before, and what the cap left."""

    component: Component
    segments: tuple[Segment, ...]
    exact: Fraction
    before: int
    wanted: int
    granted: int


@dataclass(frozen=True, slots=True)
class Step:
    """Something that befell a row: `kind` is claimed, paid, waived, written_off or deferred; minor units."""

    kind: str
    on: int
    entry: int  # sequence of the entry that was being folded; 0: the day itself
    place: int
    component: Component
    amount: int
    charge: Charge | None = None


@dataclass(slots=True)
class Trace:
    """All notes of one fold, and its position."""

    position: np.void
    steps: list[Step] = field(default_factory=list)
    running: dict[str, list[Segment]] = field(default_factory=lambda: {"interest": [], "penalty": []})
    due_on: dict[int, int] = field(default_factory=dict)
    work: Any = None
    day: int = 0
    until: int = 0
    entry: int = 0
    settled: bool = False  # what is being added to a line was accounted for: by its slope, or as balance-days
    charges: dict[int, Charge] = field(default_factory=dict)

    def line(self, record: Any) -> str:
        """The name of a line of the desk; empty for that of the cap."""
        return {id(self.work.interest): "interest", id(self.work.penalty): "penalty"}.get(id(record), "")


Noted = Callable[["Trace", Callable[..., Any], tuple[Any, ...]], Any]


def _day(trace: Trace, call: Callable[..., Any], given: tuple[Any, ...]) -> Any:
    trace.day, trace.entry = int(given[2]), 0
    return call(*given)


def _start(trace: Trace, call: Callable[..., Any], given: tuple[Any, ...]) -> Any:
    trace.work = given[0]
    return call(*given)


def _take_entry(trace: Trace, call: Callable[..., Any], given: tuple[Any, ...]) -> Any:
    trace.entry = int(given[1].sequence)
    return call(*given)


def _accrue(trace: Trace, call: Callable[..., Any], given: tuple[Any, ...]) -> Any:
    trace.until = int(given[1])
    return call(*given)


def _advance(trace: Trace, call: Callable[..., Any], given: tuple[Any, ...]) -> Any:
    line, units = given
    base, numerator = (int(line.balance), int(line.rate)) if line.rate >= 0 else (None, 0)
    before = _sum(line)
    _add_pending(trace, call, given)
    name, grown = trace.line(line), _sum(line) - before
    if name and grown:
        start = int(trace.work.loan.today)
        segment = Segment(start, trace.until, int(units), base, numerator, int(line.denominator), grown)
        trace.running[name].append(segment)


def _add_pending(trace: Trace, call: Callable[..., Any], given: tuple[Any, ...]) -> Any:
    """Balance-days become part of the sum, which had counted them already."""
    outer, trace.settled = trace.settled, True
    call(*given)
    trace.settled = outer


def _joined(trace: Trace, call: Callable[..., Any], given: tuple[Any, ...]) -> Any:
    """Sums that join a line other than by its slope: the penalty of a missed grace, flat interest of days gone by."""
    line = given[0]
    before = _sum(line)
    call(*given)
    name = "" if trace.settled else trace.line(line)
    if name and _sum(line) != before:
        part = Segment(trace.day, trace.day, 0, None, 0, int(line.denominator), _sum(line) - before)
        trace.running[name].append(part)


def _restart(trace: Trace, call: Callable[..., Any], given: tuple[Any, ...]) -> Any:
    name = trace.line(given[0]) if trace.work is not None else ""
    if name:
        trace.running[name] = []
    return call(*given)


def _charge(trace: Trace, call: Callable[..., Any], given: tuple[Any, ...]) -> Any:
    work, component, wanted = given[0], Component(int(given[1])), int(given[2])
    granted = int(call(*given))
    line = {Component.INTEREST: work.interest, Component.PENALTY: work.penalty}.get(component)
    if line is None:
        trace.charges[component] = Charge(component, (), Fraction(wanted), 0, wanted, granted)
    else:
        segments = tuple(trace.running[component.name.lower()])
        before = int(line.charged) - wanted
        trace.charges[component] = Charge(component, segments, _sum(line), before, wanted, granted)
    return granted


def _claim(trace: Trace, call: Callable[..., Any], given: tuple[Any, ...]) -> Any:
    work, place, component, amount = given[0], int(given[1]), Component(int(given[2])), int(given[3])
    call(*given)
    trace.due_on[place] = int(work.rows[place].due_on)
    if amount:
        charge = trace.charges.pop(component, None)
        if charge is not None and charge.granted != amount:
            charge = None
        trace.steps.append(Step("claimed", trace.day, trace.entry, place, component, amount, charge))


def _reducing(kind: str) -> Noted:
    """Notes what a function takes off the rows, whatever its way to do it."""

    def noted(trace: Trace, call: Callable[..., Any], given: tuple[Any, ...]) -> Any:
        rows, count = trace.work.rows, int(trace.work.loan.rows)
        before = [[int(rows[place].unpaid[c]) for c in range(COMPONENTS)] for place in range(count)]
        result = call(*given)
        for place, unpaid in enumerate(before):
            for component, was in enumerate(unpaid):
                less = was - int(rows[place].unpaid[component])
                if less:
                    step = Step(kind, trace.day, trace.entry, place, Component(component), less)
                    trace.steps.append(step)
        return result

    return noted


NOTED: dict[str, Noted] = {
    "fold.start": _start,
    "fold._take_day": _day,
    "fold._take_entry": _take_entry,
    "accrual.accrue": _accrue,
    "accrual.charge": _charge,
    "linear.advance": _advance,
    "linear._add_pending": _add_pending,
    "linear.add": _joined,
    "linear.restart": _restart,
    "rows.claim": _claim,
    "rows.pay": _reducing("paid"),
    "rows.waive": _reducing("waived"),
    "rows.write_off_rows": _reducing("written_off"),
    "reschedule.defer": _reducing("deferred"),
}


def _sum(line: Any) -> Fraction:
    """What a line has come to, with the balance-days that have not been divided yet."""
    parts = int(line.remainder) + int(line.pending) * max(0, int(line.rate))
    return int(line.whole) + Fraction(parts, int(line.denominator))


def trace(batch: Batch, as_of: int) -> Trace:
    """Fold the one loan of a batch to the end of `as_of` in Python, with notes. About a thousand times slower than `fold`.

    Raises ValueError for a batch of another size.
    """
    if len(batch) != 1:
        raise ValueError(f"a trace is that of one loan; the batch has {len(batch)}")
    out = np.zeros(1, POSITION)
    notes = Trace(out[0])

    def watch(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        noted = NOTED.get(name)
        if noted is None:
            return function

        @wraps(function)
        def around(*given: Any) -> Any:
            return noted(notes, function, given)

        return around

    run = uncompiled(fold_range, watch)
    desk = desk_for(batch)
    run(columns_of(batch), desk, 0, 1, as_of, out.view(np.recarray))
    notes.position = out[0]
    return notes
