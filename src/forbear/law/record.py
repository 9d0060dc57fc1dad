"""The record of past contacts as rows of numbers."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Final

import numpy as np

from forbear.kernel.days import to_day
from forbear.law.act import Contact, Moment
from forbear.law.contacts import NOBODY, WIDTH
from forbear.law.silence import settled
from forbear.law.vocabulary import UNKNOWN, Vocabulary
from forbear.law.zones import Ints

EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_ROOM: Final = 4096  # descriptions of contacts are few: the same words come again and again


@dataclass(frozen=True, slots=True)
class Record:
    """Contacts ready to be counted: `rows` ordered by time, with the columns of `contacts`; `names` numbers the debts,
    persons and contact points.
    """

    rows: Ints
    names: Mapping[str, int]

    @classmethod
    def of(cls, history: Sequence[Contact], words: Vocabulary) -> "Record":
        """The record of these contacts, in any order; those of the same moment stay in theirs.

        Raises ValueError "which contact: what; how to mend" for words that the vocabulary does not know and moments
        without zone.
        """
        names: dict[str, int] = {}

        def number(name: str | None) -> int:
            return NOBODY if name is None else names.setdefault(name, len(names))

        rows = []
        for each in history:
            lasted = UNKNOWN if each.lasted is None else each.lasted
            until = UNKNOWN if each.consent_until is None else to_day(each.consent_until)
            references = (number(each.debt), number(each.person), number(each.contact_point))
            try:
                rows.append((seconds(each.at), *references, packed(each, words), lasted, until))
            except ValueError as error:
                raise ValueError(f"past contact {len(rows) + 1}, of {each.at}: {error}") from None
        rows.sort(key=itemgetter(0))
        return cls(np.array(rows, dtype=np.int64).reshape(len(rows), WIDTH), names)

    def number(self, name: str | None) -> int:
        """The number of a reference; one that no contact has where it is new."""
        return NOBODY if name is None else self.names.get(name, len(self.names) + 1)


def seconds(at: Moment) -> int:
    """Seconds of UTC since 1970. Raises ValueError for a moment that does not know its zone."""
    if at.tzinfo is None:
        raise ValueError(f"{at} does not say in which time zone; add an offset such as +08:00")
    return int(at.timestamp() // 1)


def packed(each: Contact, words: Vocabulary) -> int:
    """The fields of a contact in one integer. Raises ValueError "what; how to mend"."""
    lasted = UNKNOWN if each.lasted is None else min(each.lasted, words.longest)
    key = (each.kind, lasted, *each.fields.items())
    found = words.packed.get(key)
    if found is None:
        found = int(settled(np.array([_pack(each, words)]), np.array([lasted]), words)[0])
        if len(words.packed) >= _ROOM:
            words.packed.clear()
        words.packed[key] = found
    return found


def _pack(each: Contact, words: Vocabulary) -> int:
    bits = words.unsaid
    for name, said in (("kind", each.kind), *each.fields.items()):
        if name not in words.packing:
            raise ValueError(f"a contact has no {name!r}; it has {', '.join(words.packing)}")
        shift, full = words.packing[name]
        value = words.history[name].number_of(said)
        if value != UNKNOWN:
            bits = bits & ~(full << shift) | value << shift
    return bits
