"""The gate for many acts at once: arrays in, arrays out, by the same compiled evaluator as `judge`."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from forbear.law import evaluate
from forbear.law.contacts import FACTS, NEVER, NOBODY, WIDTH
from forbear.law.resolver import RuleSet
from forbear.law.silence import settled
from forbear.law.vocabulary import UNKNOWN, Vocabulary, unknown_fact
from forbear.law.zones import Ints, zone_table

CHUNK = 4_096  # acts whose facts are laid side by side at a time


@dataclass(frozen=True, slots=True)
class Acts:
    """Acts as arrays of int64, one element an act.

    at           seconds of UTC since 1970
    kind         position among the vocabulary's acts
    debt, person, point   references; NOBODY where unknown
    zones        a matrix: each row holds the positions in `zone_names` of the zones indicated for the person, -1 for none;
                 the first one bounds the days
    """

    at: Ints
    kind: Ints
    debt: Ints
    person: Ints
    point: Ints
    zones: Ints
    zone_names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Histories:
    """The contacts of all acts, in compressed rows: act a has contacts[start[a]:start[a + 1]], ordered by time.

    `contacts` is what `contact_matrix` makes: int64, one row a contact.
    """

    start: Ints
    contacts: Ints


@dataclass(frozen=True, slots=True)
class Verdicts:
    """One element an act.

    outcome   value of `Outcome`
    decisive  position in `rules.gate` of the strictest rule that is broken, -1 where none is
    unsure    1 where an unknown fact made the answer stricter
    earliest  the first lawful moment in seconds of UTC; UNKNOWN where time does not cure
    """

    outcome: Ints
    decisive: Ints
    unsure: Ints
    earliest: Ints


def contact_matrix(
    words: Vocabulary,
    at: Ints,
    fields: Mapping[str, Ints],
    *,
    debt: Ints | int = NOBODY,
    person: Ints | int = NOBODY,
    point: Ints | int = NOBODY,
    lasted: Ints | int = UNKNOWN,
    consent_until: Ints | int = UNKNOWN,
) -> Ints:
    """Contacts as one matrix. `fields` holds, by the names of the vocabulary's history, positions of words or UNKNOWN;
    a field left out means what the vocabulary says of silence. Raises ValueError for a name that there is not.
    """
    places = words.packing
    for name in fields:
        if name not in places:
            raise ValueError(f"a contact has no {name!r}; it has {', '.join(places)}")
    bits = np.zeros(len(at), dtype=np.int64)
    for name, (shift, full) in places.items():
        default = words.unsaid >> shift & full
        said = fields.get(name)
        bits |= (
            np.full(len(at), default) if said is None else np.where(said == UNKNOWN, default, said)
        ) << shift
    bits = settled(bits, np.broadcast_to(lasted, bits.shape), words)
    found = np.empty((len(at), WIDTH), dtype=np.int64)
    for column, values in enumerate((at, debt, person, point, bits, lasted, consent_until)):
        found[:, column] = values
    return found


def judge_batch(
    acts: Acts, histories: Histories, facts: Mapping[str, Ints | int], rules: RuleSet
) -> Verdicts:
    """Judge all acts by one rule set; equal to `judge` on each.

    `facts` holds arrays, or one number for all, by the names of the vocabulary's columns: the numbers that
    `Column.number_of` gives, or UNKNOWN. Product and role are those of the rule set. Raises ValueError for an unknown
    name and for arrays of another length.
    """
    count = len(acts.at)
    columns = _columns(acts, facts, rules)
    zones, first_zone, table = _zones(acts, rules)
    outcomes = np.empty((count, 4), dtype=np.int64)
    codes = np.zeros((2, len(rules.gate)), dtype=np.int64)
    program = rules.program
    for first in range(0, count, CHUNK):
        part = slice(first, min(first + CHUNK, count))
        ends = (histories.start[part], histories.start[first + 1 : part.stop + 1])
        own = (acts.at, acts.debt, acts.person, acts.point, acts.kind, zones, first_zone)
        rows = np.empty((part.stop - first, FACTS + len(program.facts)), dtype=np.int64)
        for place, values in enumerate((*(each[part] for each in own), *ends)):
            rows[:, place] = values
        for place, name in enumerate(program.facts, FACTS):
            given = columns.get(name, UNKNOWN)
            said = given if isinstance(given, int) else given[part]
            rows[:, place] = np.where(said == UNKNOWN, rules.packs.vocabulary.defaults[name], said)
        evaluate.run(program.code, rows, histories.contacts, table, codes, outcomes[part])
    outcome, decisive, unsure, earliest = outcomes.T
    return Verdicts(outcome, decisive, unsure, np.where(earliest >= NEVER, UNKNOWN, earliest))


def _columns(acts: Acts, facts: Mapping[str, Ints | int], rules: RuleSet) -> dict[str, Ints | int]:
    known = rules.packs.vocabulary.columns
    for name, values in facts.items():
        if name not in known:
            raise ValueError(unknown_fact(name, known))
        if not isinstance(values, int) and len(values) != len(acts.at):
            raise ValueError(
                f"{name} has {len(values)} elements for {len(acts.at)} acts; give one for each act"
            )
        if name in ("act", "product", "role"):
            raise ValueError(f"{name!r} is no fact: acts and rule set name it; leave it out here")
    own = {"product": known["product"].parse(rules.product), "role": known["role"].parse(rules.role)}
    return {**facts, **own, "act": acts.kind}


def _zones(acts: Acts, rules: RuleSet) -> tuple[Ints, Ints, Ints]:
    """(each act's zones as bits, its first zone or -1, the table of zones)."""
    names = tuple(dict.fromkeys((*rules.zone_names, *acts.zone_names)))
    numbers = np.array([*(names.index(name) for name in acts.zone_names), -1], dtype=np.int64)[acts.zones]
    bits = np.where(numbers < 0, 0, np.int64(1) << np.maximum(numbers, 0))
    table = rules.zones if names == rules.zone_names else zone_table(names)
    return np.bitwise_or.reduce(bits, axis=1), numbers[:, 0], table
