"""The lines of an explanation: a tree in which the children of a line come to its amount."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from forbear.engine.batch import Batch
from forbear.engine.vocabulary import NEVER, Component, EntryKind


@dataclass(frozen=True, slots=True)
class Node:
    """One line of an explanation: `what` names the sentence, `says` fills it, `amount` is exact (minor units or days)."""

    what: str
    amount: Fraction
    says: Mapping[str, Any]
    children: tuple["Node", ...] = ()


def node(what: str, amount: int | Fraction, children: Iterable[Node] = (), /, **says: Any) -> Node:
    """A line with what it says and its children."""
    return Node(what, Fraction(amount), MappingProxyType(says), tuple(children))


def entry_words(batch: Batch, sequence: int) -> dict[str, Any]:
    """What an entry says, for a sentence; an empty one for the day itself."""
    for entry in batch.entries:
        if int(entry["sequence"]) == sequence:
            return {
                "entry": EntryKind(int(entry["kind"])).name.lower(),
                "sequence": sequence,
                "effective_on": int(entry["effective_on"]),
                "said": int(entry["amount"]),
            }
    return {"entry": "", "sequence": 0}


def credit_node(position: Any) -> Node:
    """The credit: money that came, less what was allocated, recovered, and paid back."""
    parts = [node("received", int(position["received"])), node("credited", int(position["credited"]))]
    for component in Component:
        name = component.name.lower()
        parts.append(node("allocated", -int(position[f"paid_{name}"]), component=name))
    parts.append(node("recovered", -int(position["recovered"])))
    out = int(position["credit"]) - sum(int(part.amount) for part in parts)
    parts.append(node("paid_out", out))
    return node("credit", int(position["credit"]), [part for part in parts if part.amount])


def less_credit(position: Any) -> Node:
    """The credit as what a payoff is less by."""
    less = (node(part.what, -part.amount, **part.says) for part in credit_node(position).children)
    return node("less_credit", -int(position["credit"]), less)


def days_past_due_node(position: Any) -> Node:
    """Days from the due date of the oldest late row, less those of pauses."""
    if position["oldest_due_on"] >= NEVER:
        return node("days_past_due", 0)
    days = int(position["days_past_due"])
    paused = int(position["paused_days"])
    parts = [node("days_since", days + paused, due_on=int(position["oldest_due_on"]))]
    if paused:
        parts.append(node("paused", -paused))
    return node("days_past_due", days, parts)
