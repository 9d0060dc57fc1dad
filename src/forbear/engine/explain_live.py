"""Explanations of a live loan: the rows, what each asks and why, and which entries paid it."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any, Final

import numpy as np

from forbear.engine.batch import Batch
from forbear.engine.live.allocation import is_live
from forbear.engine.live.door import LiveLoan
from forbear.engine.live.interest_notes import Days, PeriodInterest, interest_by, interest_of_row
from forbear.engine.live.layout import SHARE
from forbear.engine.live.trace import LiveTrace
from forbear.engine.live.vocabulary import PER_ROW
from forbear.engine.nodes import Node, credit_node, days_past_due_node, entry_words, less_credit, node
from forbear.engine.vocabulary import Component, Status
from forbear.kernel.compiled import python_form

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
            parts.append(node("asked", asked, _why(notes, batch, row, component), component=name))
        told = {"paid": 0, "waived": 0, "written": 0}
        for payment in notes.payments:
            if payment.key == row["key"] and payment.component == component:
                says = {"on": payment.on, "component": name, **entry_words(batch, payment.entry)}
                parts.append(node(payment.what, -payment.amount, **says))
                told[payment.what] += payment.amount
        for what, field in (("moved", "paid"), ("given_up", "waived"), ("lost", "written")):
            if rest := int(row[field][component]) - told[field]:
                parts.append(node(what, -rest, component=name))
        left += asked - sum(int(row[field][component]) for field in ("paid", "waived", "written"))
    return node("row", left, parts, due_on=due, number=place + 1) if left else None


def _if_all(amount: int, parts: list[Node]) -> list[Node]:
    """The lines, if they are all there is to the amount; else none: a row that events have cut or filled asks what it asks."""
    return parts if sum(part.amount for part in parts) == amount else []


def _why(notes: LiveTrace, batch: Batch, row: Any, component: Component) -> list[Node]:
    """Why a row asks what it asks of a component, down to days and entries."""
    asked = int(row["claimed"][component])
    if component in CHARGES:
        return _if_all(asked, [*_charges(notes, batch, row, component)])
    if component != Component.INTEREST or row["down"] or row["extra"]:
        return []
    if notes.desk.terms.progressive:
        found = interest_of_row(notes.desk, int(row["due"]))
        return _if_all(asked, _interest(found)) if found is not None else []
    if (int(row["start"]), int(row["due"])) not in notes.written:
        return []
    days, count = notes.written[int(row["start"]), int(row["due"])]
    lines = (
        [_days(days)]
        if count == 1
        else [node("in_parts", days.amount * Fraction(1, count), [], **_says(days), count=count)]
    )
    return _rounded(asked, lines)


def _charges(notes: LiveTrace, batch: Batch, row: Any, component: Component) -> Iterator[Node]:
    """The charges that a row holds."""
    desk = notes.desk
    for charge in LiveLoan(desk).charges:
        entry = desk.entries[int(charge["entry"])]
        if entry.component != component:
            continue
        amount = int(charge["amount"])
        if entry.when == PER_ROW:
            amount = int(desk.parts[SHARE, int(charge["entry"]), int(row["key"])])
        elif not (row["start"] < entry.on <= row["due"] or row["start"] == entry.on == desk.state.started_on):
            continue
        if amount > 0:
            says = {"on": int(entry.on), **entry_words(batch, notes.was[int(entry.sequence)])}
            yield node("charged", amount, component=component.name.lower(), **says)


def _says(days: Days) -> dict[str, Any]:
    weight = f"{days.share.numerator}/{days.share.denominator}"
    return {"start": days.start, "end": days.end, "base": days.base, "rate": days.rate, "weight": weight}


def _days(days: Days) -> Node:
    return node("days", days.amount, [], **_says(days))


def _rounded(amount: int, parts: list[Node]) -> list[Node]:
    """The lines, with the rounding that makes them the amount."""
    exact = sum((part.amount for part in parts), Fraction(0))
    return parts if exact == amount else [*parts, node("rounding", amount - exact)]


def _interest(found: PeriodInterest) -> list[Node]:
    """Interest of a period, from its days to what it asks."""
    parts = [_days(days) for days in found.days]
    if found.taken:
        parts.append(node("taken_back", found.taken))
    parts = _rounded(found.earned, parts)
    later = found.asked - found.earned + found.moved_up - found.unplaced - found.brought_forward
    for what, amount in (
        ("moved_up", -found.moved_up),
        ("from_before", found.unplaced),
        ("brought_forward", found.brought_forward),
        ("left_for_later", later),
    ):
        if amount:
            parts.append(node(what, amount))
    return parts


def _accrued(notes: LiveTrace, position: Any, _batch: Batch) -> Node:
    """Interest earned and not yet due: that of the running row, less what is settled of it, and what is left elsewhere."""
    amount, day, desk = int(position["accrued_interest"]), int(position["as_of"]), notes.desk
    ahead = notes.rows[notes.rows["due"] > day]
    settled = sum(int(ahead[name][:, Component.INTEREST].sum()) for name in ("paid", "waived", "written"))
    parts: list[Node] = []
    if amount == 0 and position["status"] == Status.CLOSED:
        return node("accrued_interest", 0)
    if python_form(is_live)(desk):
        found = interest_by(desk, day)
        if found is not None:
            parts = _interest(found)
    else:
        for row in ahead[(ahead["start"] <= day) & (ahead["down"] == 0) & (ahead["extra"] == 0)]:
            start, claimed = int(row["start"]), int(row["claimed"][Component.INTEREST])
            earned = Fraction(claimed * (day - start), int(row["due"]) - start)
            parts = _rounded(round(earned), [node("evenly", earned, start=start, end=day)])
    if settled:
        parts.append(node("settled_ahead", -settled))
    rest = amount - sum((part.amount for part in parts), Fraction(0))
    if rest:
        parts.append(node("elsewhere", rest))
    return node("accrued_interest", amount, [part for part in parts if part.amount])


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
        parts.append(_accrued(notes, position, batch))
    written = sum(int(position[f"written_off_{c.name.lower()}"]) for c in Component)
    if written and position["status"] != Status.SOLD:
        parts.append(node("written_off_still_owed", written - int(position["recovered"])))
    if position["credit"]:
        parts.append(less_credit(position))
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
    "accrued_interest": _accrued,
    **{
        name: _plain(name)
        for name in ("accrued_penalty", "deferred_interest", "deferred_fee", "deferred_penalty")
    },
    "undue": _rows("undue", (Component.PRINCIPAL,), due=False),
    "ahead_interest": _ahead_interest,
    "ahead_charges": _rows("ahead_charges", CHARGES, due=False),
    "credit": lambda _notes, position, _batch: credit_node(position),
    "days_past_due": lambda _notes, position, _batch: days_past_due_node(position),
}
"""How each figure of a live loan is explained. Nothing accrues penalty on it, and nothing is deferred."""
