"""Explanations of a live loan: the rows, what each asks, and which entries paid it.

What a row asks is the schedule's; how its interest came about is not told yet (`accrued_interest` is a figure without lines).
"""

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from forbear.engine.batch import Batch
from forbear.engine.live.trace import LiveTrace
from forbear.engine.nodes import Node, entry_words, node
from forbear.engine.vocabulary import NEVER, Component, Status

Explains = Callable[[LiveTrace, Any, Batch], Node]
CHARGES: Final = (Component.FEE, Component.PENALTY)


def _row(notes: LiveTrace, batch: Batch, place: int, components: tuple[Component, ...]) -> Node | None:
    """A row on which something of these components is open, with what it asks and what became of that; None if nothing is."""
    row = notes.rows[place]
    due, parts, left = int(row["due"]), [], 0
    for component in components:
        name = component.name.lower()
        asked = int(row["claimed"][component])
        if asked:
            parts.append(node("asked", asked, component=name))
        paid = 0
        for payment in notes.payments:
            if payment.key == row["key"] and payment.component == component:
                says = {"on": payment.on, "component": name, **entry_words(batch, payment.entry)}
                parts.append(node("paid", -payment.amount, **says))
                paid += payment.amount
        if moved := int(row["paid"][component]) - paid:
            parts.append(node("moved", -moved, component=name))
        for what, field in (("given_up", "waived"), ("lost", "written")):
            if row[field][component]:
                parts.append(node(what, -int(row[field][component]), component=name))
        left += asked - sum(int(row[field][component]) for field in ("paid", "waived", "written"))
    return node("row", left, parts, due_on=due, number=place + 1) if left else None


def _rows(name: str, components: tuple[Component, ...], *, due: bool) -> Explains:
    def explain_rows(notes: LiveTrace, position: Any, batch: Batch) -> Node:
        """The rows, due or to come, on which something of some components is open."""
        mine = (notes.rows["due"] <= position["as_of"]) == due
        found = (_row(notes, batch, place, components) for place in np.flatnonzero(mine).tolist())
        return node(name, int(position[name]), [row for row in found if row is not None])

    return explain_rows


def _plain(name: str) -> Explains:
    return lambda _notes, position, _batch: node(name, int(position[name]))


def _ahead_interest(notes: LiveTrace, position: Any, batch: Batch) -> Node:
    """Interest of rows to come that a payoff asks: the rows of a schedule that was written at once, else told as it is."""
    told = _rows("ahead_interest", (Component.INTEREST,), due=False)(notes, position, batch)
    if sum(row.amount for row in told.children) == told.amount:
        return told
    return node("ahead_interest", int(position["ahead_interest"]))


def _credit(_notes: LiveTrace, position: Any, _batch: Batch) -> Node:
    """The credit: money that came, less what was allocated, recovered, and paid back."""
    parts = [node("received", int(position["received"])), node("credited", int(position["credited"]))]
    for component in Component:
        name = component.name.lower()
        parts.append(node("allocated", -int(position[f"paid_{name}"]), component=name))
    parts.append(node("recovered", -int(position["recovered"])))
    out = int(position["credit"]) - sum(int(part.amount) for part in parts)
    parts.append(node("paid_out", out))
    return node("credit", int(position["credit"]), [part for part in parts if part.amount])


def _days_past_due(_notes: LiveTrace, position: Any, _batch: Batch) -> Node:
    """Days from the due date of the oldest late row."""
    if position["oldest_due_on"] >= NEVER:
        return node("days_past_due", 0)
    days, since = int(position["days_past_due"]), int(position["oldest_due_on"])
    return node("days_past_due", days, [node("days_since", days, due_on=since)])


def _principal(notes: LiveTrace, position: Any, batch: Batch) -> Node:
    parts = [LIVE_FIGURES[name](notes, position, batch) for name in ("due_principal", "undue")]
    return node("principal", int(position["principal"]), [part for part in parts if part.amount])


def _payoff(notes: LiveTrace, position: Any, batch: Batch) -> Node:
    """The payoff: what is due and not yet due, charges of rows to come, and the interest of the running one or of all."""
    names = [*(f"due_{c.name.lower()}" for c in Component), "undue", "ahead_charges"]
    parts = [LIVE_FIGURES[name](notes, position, batch) for name in names]
    if position["ahead_interest"] > position["accrued_interest"]:
        parts.append(_ahead_interest(notes, position, batch))
    else:
        parts.append(node("accrued_interest", int(position["accrued_interest"])))
    written = sum(int(position[f"written_off_{c.name.lower()}"]) for c in Component)
    if written and position["status"] != Status.SOLD:
        parts.append(node("written_off_still_owed", written - int(position["recovered"])))
    if position["credit"]:
        less = (
            node(part.what, -part.amount, **part.says) for part in _credit(notes, position, batch).children
        )
        parts.append(node("less_credit", -int(position["credit"]), less))
    owed = sum(part.amount for part in parts)
    if owed < 0:  # the credit is more than all of it
        parts.append(node("credit_left", -owed))
    return node("payoff", int(position["payoff"]), [part for part in parts if part.amount])


LIVE_FIGURES: Final[dict[str, Explains]] = {
    "payoff": _payoff,
    "principal": _principal,
    **{
        f"due_{component.name.lower()}": _rows(f"due_{component.name.lower()}", (component,), due=True)
        for component in Component
    },
    "undue": _rows("undue", (Component.PRINCIPAL,), due=False),
    "ahead_interest": _ahead_interest,
    "ahead_charges": _rows("ahead_charges", CHARGES, due=False),
    "credit": _credit,
    "days_past_due": _days_past_due,
}
"""What can be explained of a live loan. Interest that runs, and what is deferred, are not yet."""
