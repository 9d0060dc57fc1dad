"""The gate: may this be done, now? `judge` for one act, with reasons; `judge_batch` for many, with numbers.

Both run the same compiled evaluator over the same tables, so they cannot differ.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np

from forbear.law import evaluate
from forbear.law.act import Act, Contact, Moment, Said
from forbear.law.contacts import NEVER
from forbear.law.evaluate import BROKEN, BROKEN_UNSURE, GRANTED, HELD, PRESUMED, UNGRANTED_UNSURE
from forbear.law.known import Facts, holds, undecided
from forbear.law.record import EPOCH, Record, seconds
from forbear.law.resolver import RuleSet, Standing
from forbear.law.schema import Outcome, Rule, Value
from forbear.law.vocabulary import UNKNOWN, unknown_fact
from forbear.law.zones import Ints, check_moment, zone_table


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule and what it says about the act: `effect` is broken, held, presumed, granted, ungranted."""

    standing: Standing
    effect: str
    outcome: Outcome
    unsure: bool


class Asked(NamedTuple):
    """What the evaluator was given: one row, the contacts, and the zones with their names."""

    row: Ints
    record: Record
    zones: Ints
    zone_names: tuple[str, ...]


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
    asked: Asked

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
    def unmet(self) -> tuple[Finding, ...]:
        """Where it has no ground: those for acts of this kind, whose conditions are not met."""
        return () if self.grounded else tuple(each for each in self.findings if each.effect == "ungranted")

    @cached_property
    def lapsed(self) -> tuple[tuple[Rule, Value], ...]:
        """Where it has no ground: those that have ended, each with its last value."""
        return self._others(self.rules.ended, -1)

    @cached_property
    def coming(self) -> tuple[tuple[Rule, Value], ...]:
        """Where it has no ground: those that did not hold yet on its day or were not known yet, each with its first value."""
        return self._others(self.rules.coming, 0)

    def _others(self, rules: Sequence[Rule], place: int) -> tuple[tuple[Rule, Value], ...]:
        if self.grounded:
            return ()
        known = Facts(self.rules.packs.vocabulary, self.known, self.at.date())
        return tuple(
            (rule, rule.values[place])
            for rule in rules
            if rule.acts >> self.known["act"] & 1
            if holds(rule.applies, known, rule.values[place].value) is not False
        )

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
        known = Facts(self.rules.packs.vocabulary, self.known, self.at.date())
        for standing, code in zip(self.rules.gate, self.codes, strict=True):
            wanted = code == BROKEN_UNSURE or (code == UNGRANTED_UNSURE and not self.grounded)
            if standing.draft or not wanted:
                continue
            rule = standing.rule
            for condition in (rule.applies, rule.unless, rule.when):
                found.update(dict.fromkeys(undecided(condition, known, standing.value.value)))
            if rule.form == "window" and not self.act.zones and rule.zone == "debtor":
                found["zones"] = None
            if rule.counter is not None:
                found["history"] = None
        return tuple(found)


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

    Where several acts are asked about, give the same `Record` each time. Facts that are left out are unknown.

    Raises ValueError "what; how to mend" for words that the vocabulary does not know and for a moment without zone or
    out of the reach of the tables of zones.
    """
    check_moment(at)
    known = _known(act, facts, rules)
    record = history if isinstance(history, Record) else Record.of(history, rules.packs.vocabulary)
    references = [record.number(each) for each in (act.debt, act.person, act.contact_point)]
    zones, names, table = _zones(act, rules)
    row = [seconds(at), *references, known["act"], *zones, 0, len(record.rows)]
    row += [known[name] for name in rules.program.facts]
    codes = np.zeros((2, len(rules.gate)), dtype=np.int64)
    outcomes = np.zeros((1, 4), dtype=np.int64)
    asked = Asked(np.array([row], dtype=np.int64), record, table, names)
    evaluate.run(rules.program.code, asked.row, record.rows, table, codes, outcomes)
    outcome, _, _, first = outcomes[0].tolist()
    earliest = None if first >= NEVER else (EPOCH + dt.timedelta(seconds=first)).astimezone(at.tzinfo)
    return Verdict(Outcome(outcome), at, earliest, act, rules, tuple(codes[0].tolist()), known, asked)


def _known(act: Act, facts: Mapping[str, Said], rules: RuleSet) -> dict[str, int]:
    """Every column of the vocabulary: what was said, else what silence means."""
    columns = rules.packs.vocabulary.columns
    known = dict(rules.packs.vocabulary.defaults)
    said = {"product": rules.product, "role": rules.role, "act": act.kind}
    for given in (facts, act.fields, said):
        for name, value in given.items():
            if name not in columns:
                where = "the act has an " if given is act.fields else ""
                raise ValueError(where + unknown_fact(name, columns))
            if name in said and given is not said:
                raise ValueError(f"{name!r} is no fact: the question itself names it; leave it out here")
            told = columns[name].number_of(value)
            if told != UNKNOWN:
                known[name] = told
    return known


def _zones(act: Act, rules: RuleSet) -> tuple[tuple[int, int], tuple[str, ...], Ints]:
    """((the act's zones as bits, its first one or -1), all names, the table of zones)."""
    names, table = rules.zone_names, rules.zones
    if not act.zones:
        return (0, -1), names, table
    if not set(act.zones) <= set(names):
        names = tuple(dict.fromkeys((*names, *act.zones)))
        table = zone_table(names)
    numbers = [names.index(name) for name in act.zones]
    return (sum(1 << number for number in set(numbers)), numbers[0]), names, table
