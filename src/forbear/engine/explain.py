"""Explanations: a figure of a position as a tree, down to days, rates, roundings, allocations and journal entries.

Every number comes from the notes of the fold itself (`forbear.engine.trace`); nothing is computed a second time. What the
children of a node come to is the node's own amount, which a test holds for generated loans.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import Any, Final

from forbear.engine.batch import Batch, fold
from forbear.engine.explain_live import LIVE_FIGURES
from forbear.engine.live.trace import trace_live
from forbear.engine.nodes import Node, credit_node, days_past_due_node, entry_words, less_credit, node
from forbear.engine.trace import Charge, Segment, Step, Trace, trace
from forbear.engine.vocabulary import Component, Status
from forbear.kernel.rates import RATE_SCALE


def _segment(segment: Segment) -> Node:
    says: dict[str, Any] = {"start": segment.start, "end": segment.end}
    if segment.end == segment.start:
        return node("joined", segment.amount, **says)
    if segment.base is None:
        return node("evenly", segment.amount, **says)
    weight = f"{segment.units}/{segment.denominator // RATE_SCALE}"
    return node("days", segment.amount, base=segment.base, rate=segment.numerator, weight=weight, **says)


def _charge(charge: Charge) -> list[Node]:
    """How an accrual became money: the days, what was charged of them before, the rounding, and what the cap kept back."""
    parts = [_segment(segment) for segment in charge.segments]
    if charge.before:
        parts.append(node("charged_before", -charge.before))
    if charge.segments and charge.wanted + charge.before != charge.exact:
        parts.append(node("rounding", charge.wanted + charge.before - charge.exact))
    if charge.granted != charge.wanted:
        parts.append(node("kept_back", charge.granted - charge.wanted))
    return parts


def _step(batch: Batch, step: Step) -> Node:
    sign = 1 if step.kind == "claimed" else -1
    children = _charge(step.charge) if step.charge is not None and step.charge.segments else []
    says = {"on": step.on, "component": step.component.name.lower(), **entry_words(batch, step.entry)}
    return node(step.kind, sign * step.amount, children, **says)


def _due(component: Component) -> Callable[[Trace, Batch], Node]:
    def explain_due(notes: Trace, batch: Batch) -> Node:
        """What is due and unpaid of a component: the rows on which something is left, each with what befell it."""
        rows: dict[int, list[Step]] = {}
        for step in notes.steps:
            if step.component == component:
                rows.setdefault(step.place, []).append(step)
        children = []
        for place, steps in sorted(rows.items()):
            left = sum(step.amount if step.kind == "claimed" else -step.amount for step in steps)
            if left:
                parts = (_step(batch, step) for step in steps)
                children.append(node("row", left, parts, due_on=notes.due_on[place], number=place + 1))
        name = f"due_{component.name.lower()}"
        return node(name, int(notes.position[name]), children)

    return explain_due


def _accrued(component: Component) -> Callable[[Trace, Batch], Node]:
    def explain_accrued(notes: Trace, _batch: Batch) -> Node:
        """What has accrued and is not yet money: the days, what was charged of them, and the rounding."""
        name = component.name.lower()
        amount = int(notes.position[f"accrued_{name}"])
        segments = notes.running[name]
        charged = int(notes.position[f"{name}_charged"])
        parts = [_segment(segment) for segment in segments]
        if charged:
            parts.append(node("charged_before", -charged))
        exact = sum((segment.amount for segment in segments), Fraction(0)) - charged
        if exact != amount:
            parts.append(node("rounding", amount - exact))
        return node(f"accrued_{name}", amount, parts)

    return explain_accrued


def _undue(notes: Trace, _batch: Batch) -> Node:
    """Principal not yet due: what was drawn, less what has fallen due, with what was deferred again."""
    drawn = int(notes.position["disbursed"])
    parts = [node("drawn", drawn)] if drawn else []
    moved = [step for step in notes.steps if step.component == Component.PRINCIPAL]
    fallen = sum(step.amount for step in moved if step.kind == "claimed")
    deferred = sum(step.amount for step in moved if step.kind == "deferred")
    capitalised = sum(int(notes.position[f"capitalised_{name}"]) for name in ("interest", "fee", "penalty"))
    owed_again = int(notes.position["undue"]) - drawn + fallen - deferred - capitalised
    if fallen:
        parts.append(node("fallen_due", -fallen))
    if owed_again:
        parts.append(node("owed_again", owed_again))
    if deferred:
        parts.append(node("deferred_again", deferred))
    if capitalised:
        parts.append(node("capitalised", capitalised))
    return node("undue", int(notes.position["undue"]), parts)


def _plain(name: str) -> Callable[[Trace, Batch], Node]:
    return lambda notes, _batch: node(name, int(notes.position[name]))


def _payoff(notes: Trace, batch: Batch) -> Node:
    """The payoff: all that is due, not yet due and accrued, less the credit."""
    position = notes.position
    names = [*(f"due_{c.name.lower()}" for c in Component), "undue", "accrued_interest", "accrued_penalty"]
    names += [f"deferred_{name}" for name in ("interest", "fee", "penalty")]
    parts = [part for name in names if (part := FIGURES[name](notes, batch)).amount]
    if position["credit"]:
        parts.append(less_credit(position))
    written = sum(int(position[f"written_off_{c.name.lower()}"]) for c in Component)
    if written and position["status"] != Status.SOLD:
        parts.append(node("written_off_still_owed", written - int(position["recovered"])))
    rest = int(position["payoff"]) - sum(part.amount for part in parts)
    if rest:
        parts.append(node("kept_back", rest))
    return node("payoff", int(position["payoff"]), parts)


def _principal(notes: Trace, batch: Batch) -> Node:
    parts = [part for name in ("due_principal", "undue") if (part := FIGURES[name](notes, batch)).amount]
    return node("principal", int(notes.position["principal"]), parts)


FIGURES: Final[dict[str, Callable[[Trace, Batch], Node]]] = {
    "payoff": _payoff,
    "principal": _principal,
    **{f"due_{c.name.lower()}": _due(c) for c in Component},
    "undue": _undue,
    "accrued_interest": _accrued(Component.INTEREST),
    "accrued_penalty": _accrued(Component.PENALTY),
    **{f"deferred_{name}": _plain(f"deferred_{name}") for name in ("interest", "fee", "penalty")},
    **{f"ahead_{name}": _plain(f"ahead_{name}") for name in ("interest", "charges")},
    "credit": lambda notes, _batch: credit_node(notes.position),
    "days_past_due": lambda notes, _batch: days_past_due_node(notes.position),
}
"""How each figure of a planned loan is explained. A stored figure that no sum leads to (`deferred_*`) is told as it is."""


def explain(batch: Batch, as_of: int, figure: str = "payoff") -> Node:
    """The explanation of one figure of the one loan of a batch, at the end of the day `as_of`.

    Raises KeyError for a figure that is not one of `FIGURES`.
    """
    if batch.live is not None:
        return LIVE_FIGURES[figure](
            trace_live(batch.live, batch.entries, as_of), fold(batch, as_of)[0], batch
        )
    return FIGURES[figure](trace(batch, as_of), batch)
