"""The lines of an explanation: a tree in which the children of a line come to its amount."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from forbear.engine.batch import Batch
from forbear.engine.vocabulary import EntryKind


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
