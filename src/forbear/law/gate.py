"""The gate: may this be done, now? `judge` for one act, with reasons; `judge_batch` for many, with numbers.

Both run the same compiled evaluator over the same tables, so they cannot differ.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np

from forbear.kernel.days import to_day
from forbear.law import evaluate
from forbear.law.act import Act, Contact, Moment, Said
from forbear.law.contacts import FIELDS, NEVER, NOBODY, Batch
from forbear.law.evaluate import BROKEN, BROKEN_UNSURE, GRANTED, HELD, MAX_DEPTH, PRESUMED, UNGRANTED_UNSURE
from forbear.law.resolver import RuleSet, Standing
from forbear.law.schema import Junction, Outcome, Past, Predicate
from forbear.law.vocabulary import UNKNOWN, Vocabulary
from forbear.law.zones import Ints, zone_table

EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
SPECIAL: Final = ("sender", "conversation", "consent", "shared")


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule and what it says about the act: `effect` is broken, held, presumed, granted, ungranted."""

    standing: Standing
    effect: str
    outcome: Outcome
    unsure: bool


@dataclass(frozen=True)
class Verdict:
    """The gate's answer. What is costly to say is worked out when it is asked for.

    `earliest` is the act's own moment when nothing stands against it, the first lawful moment when time cures it, else
    None. `grounded` is False where no rule permits the act at all: default deny.
    """

    outcome: Outcome
    at: Moment
    earliest: Moment | None
    act: Act
    rules: RuleSet
    codes: tuple[int, ...]
    known: Mapping[str, int]

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """Every rule that has something to say, drafts left out."""
        return tuple(
            _finding(s, c)
            for s, c in zip(self.rules.gate, self.codes, strict=True)
            if c >= HELD and not s.draft
        )

    @cached_property
    def broken(self) -> tuple[Finding, ...]:
        """The rules against it, the strictest first."""
        found = [each for each in self.findings if each.effect == "broken"]
        return tuple(sorted(found, key=lambda each: -each.outcome))

    @cached_property
    def grounds(self) -> tuple[Finding, ...]:
        """The rules that permit it."""
        return tuple(each for each in self.findings if each.effect == "granted")

    @cached_property
    def grounded(self) -> bool:
        """Whether each topmost jurisdiction has a rule that permits it."""
        roots = {self.rules.packs.lineage(place.key)[-1] for place in self.rules.places}
        found = {self.rules.packs.lineage(each.standing.rule.jurisdiction)[-1] for each in self.grounds}
        return roots <= found

    @cached_property
    def deciding(self) -> tuple[Finding, ...]:
        """The rules that decide: those against it; without any, the presumptions and the grounds for it."""
        if self.outcome >= Outcome.PRESUMED_VIOLATION:
            return self.broken
        return (*(each for each in self.findings if each.effect == "presumed"), *self.grounds)

    @cached_property
    def drafts(self) -> tuple[Finding, ...]:
        """Drafts that would stand against it."""
        gate = zip(self.rules.gate, self.codes, strict=True)
        return tuple(_finding(standing, code) for standing, code in gate if standing.draft and code >= BROKEN)

    @cached_property
    def missing(self) -> tuple[str, ...]:
        """The facts that nobody gave and on which the answer turned; "zones" for an unknown place of the debtor."""
        found: dict[str, None] = {}
        for standing, code in zip(self.rules.gate, self.codes, strict=True):
            wanted = code == BROKEN_UNSURE or (code == UNGRANTED_UNSURE and not self.grounded)
            if standing.draft or not wanted:
                continue
            rule = standing.rule
            found.update(dict.fromkeys(self._unknown(rule.applies, rule.unless, rule.when)))
            if rule.form == "window" and not self.act.zones and rule.zone == "debtor":
                found["zones"] = None
            if rule.counter is not None:
                found["history"] = None
        return tuple(found)

    def _unknown(self, *conditions: Predicate | None) -> list[str]:
        found: list[str] = []
        for each in conditions:
            if isinstance(each, Junction):
                found += self._unknown(*each.parts)
            elif isinstance(each, Past):
                found.append("history")
            elif each is not None and each.op != "known":
                names = [each.column, each.operand] if isinstance(each.operand, str) else [each.column]
                found += [
                    name for name in names if name != "value" and self.known.get(name, UNKNOWN) == UNKNOWN
                ]
        return found


EFFECTS: Final = {
    HELD: "held",
    PRESUMED: "presumed",
    GRANTED: "granted",
    BROKEN: "broken",
    BROKEN_UNSURE: "broken",
}


def _finding(standing: Standing, code: int) -> Finding:
    effect, rule = EFFECTS.get(code, "ungranted"), standing.rule
    outcome = Outcome.ALLOWED
    if effect == "broken":
        outcome = rule.details["presumption"] if rule.form == "presumes" else rule.breach
    elif effect == "presumed":
        outcome = Outcome.PRESUMED_COMPLIANT
    return Finding(standing, effect, outcome, code in (BROKEN_UNSURE, UNGRANTED_UNSURE))


def judge(
    act: Act, history: Sequence[Contact], facts: Mapping[str, Said], rules: RuleSet, at: Moment
) -> Verdict:
    """May the act be done at `at`, given the record of contacts and what is known?

    Raises ValueError "what; how to mend" for words that the vocabulary does not know and for a moment without zone.
    """
    batch, known = _one(act, history, facts, rules, at)
    codes, room = np.zeros((2, len(rules.gate)), dtype=np.int64)
    outcomes = np.zeros((4, 1), dtype=np.int64)
    stack = np.zeros(MAX_DEPTH, dtype=np.int64)
    evaluate.run(rules.program, batch, 0, 1, stack, codes, room, *outcomes)
    first = int(outcomes[3, 0])
    earliest = None if first >= NEVER else (EPOCH + dt.timedelta(seconds=first)).astimezone(at.tzinfo)
    outcome = Outcome(int(outcomes[0, 0]))
    return Verdict(outcome, at, earliest, act, rules, tuple(codes.tolist()), known)


def seconds(at: Moment) -> int:
    """Seconds of UTC since 1970. Raises ValueError for a moment that does not know its zone."""
    if at.tzinfo is None:
        raise ValueError(f"{at} does not say in which time zone; add an offset such as +08:00")
    whole = at - EPOCH
    return whole.days * 86_400 + whole.seconds


def _known(act: Act, facts: Mapping[str, Said], rules: RuleSet) -> dict[str, int]:
    columns = rules.packs.vocabulary.columns
    said = {**facts, **act.fields, "act": act.kind, "product": rules.product, "role": rules.role}
    known = {}
    for name, value in said.items():
        if name not in columns:
            raise ValueError(f"unknown fact {name!r}; see packs/vocabulary.yaml")
        known[name] = columns[name].number_of(value)
    return known


def _one(
    act: Act, history: Sequence[Contact], facts: Mapping[str, Said], rules: RuleSet, at: Moment
) -> tuple[Batch, dict[str, int]]:
    words = rules.packs.vocabulary
    known = _known(act, facts, rules)
    where = np.full(len(words.columns), -1, dtype=np.int64)
    positions = {name: place for place, name in enumerate(words.columns)}
    for place, name in enumerate(known):
        where[positions[name]] = place
    names: dict[str | None, int] = {None: NOBODY}
    for each in (act.debt, act.person, act.contact_point):
        names.setdefault(each, len(names))
    contacts = contact_rows(history, words, names)
    unknown_zones = [name for name in act.zones if name not in rules.zone_names]
    table = zone_table((*rules.zone_names, *unknown_zones)) if unknown_zones else rules.zones
    all_names = (*rules.zone_names, *unknown_zones)
    batch = Batch(
        at=_row(seconds(at)),
        kind=_row(known["act"]),
        debt=_row(names[act.debt]),
        person=_row(names[act.person]),
        point=_row(names[act.contact_point]),
        data=np.array([list(known.values())], dtype=np.int64),
        where=where,
        zone_start=_row(0, len(act.zones)),
        zones=_row(*[all_names.index(name) for name in act.zones]),
        start=_row(0, len(contacts)),
        contacts=contacts,
        special=special(words),
        table=table,
    )
    full = {name: column.unknown for name, column in words.columns.items()}
    full.update({name: value for name, value in known.items() if value != UNKNOWN})
    return batch, full


def special(words: Vocabulary) -> Ints:
    """Where the columns stand that the counting itself looks at."""
    fields = list(words.history)
    return _row(*[fields.index(name) for name in SPECIAL])


def contact_rows(history: Sequence[Contact], words: Vocabulary, names: dict[str | None, int]) -> Ints:
    """The contacts as rows of numbers, ordered by time; `names` numbers the references and is added to."""
    rows: list[list[Any]] = []
    for each in history:
        references = [
            names.setdefault(name, len(names)) for name in (each.debt, each.person, each.contact_point)
        ]
        lasted = UNKNOWN if each.lasted is None else each.lasted
        until = UNKNOWN if each.consent_until is None else to_day(each.consent_until)
        rows.append([seconds(each.at), *references, lasted, until, *_contact_fields(each, words)])
    rows.sort(key=lambda row: row[0])  # stable: what was recorded first at a moment stays first
    return np.array(rows, dtype=np.int64).reshape(len(rows), FIELDS + len(words.history))


def _contact_fields(each: Contact, words: Vocabulary) -> list[int]:
    for name in each.fields:
        if name not in words.history:
            raise ValueError(f"a contact has no {name!r}; it has {', '.join(words.history)}")
    said = {**each.fields, "kind": each.kind}
    found = []
    for name, column in words.history.items():
        value = column.number_of(said.get(name))
        found.append(column.unknown if value == UNKNOWN else value)
    return found


def _row(*values: int) -> Ints:
    return np.array(values, dtype=np.int64)
