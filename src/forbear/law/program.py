"""A rule set as tables of whole numbers, for the compiled gate. Built once for a rule set, then only read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

import numpy as np

from forbear.law.schema import (
    GATE_FORMS,
    Counter,
    Junction,
    Jurisdiction,
    Outcome,
    Past,
    Predicate,
    Rule,
    Test,
    Value,
)
from forbear.law.values import DAYS
from forbear.law.vocabulary import Vocabulary
from forbear.law.zones import Ints

FORM: Final = {name: number for number, name in enumerate(GATE_FORMS)}
WINDOW, COUNT, SPACING, REQUIRES, FORBIDS, PERMITS, PRESUMES = range(7)


class R(IntEnum):
    """The columns of a rule."""

    FORM = 0
    ACTS = 1
    BREACH = 2
    COMPLIANCE = 3
    APPLIES = 4  # first node; one after the last is in the next column
    APPLIES_END = 5
    UNLESS = 6
    UNLESS_END = 7
    WHEN = 8
    WHEN_END = 9
    COUNTER = 10
    VALUE = 11
    OPENINGS = 12
    OPENINGS_END = 13
    OWN_ZONE = 14  # 1: the zone of the jurisdiction counts, 0: those of the debtor
    ZONES = 15  # bits of the zones of the jurisdiction
    DAY_ZONE = 16  # its first zone
    ROOT = 17  # bit of the topmost jurisdiction
    DRAFT = 18
    IN_HOURS = 19


class Op(IntEnum):
    """The kinds of node; conditions are in postfix order."""

    IN = 0  # fact, bits
    KNOWN = 1  # fact
    COMPARE = 2  # fact, comparison, number, other fact or -1
    SINCE = 3  # fact, unit (0 days, 1 months), comparison, number
    PAST = 4  # counter, comparison, number
    ALL = 5  # how many
    ANY = 6  # how many
    NOT = 7


COMPARISON: Final = {
    "more_than": 0, "less_than": 1, "at_least": 2, "at_most": 3, "before": 1, "on_or_after": 2,
}  # fmt: skip
PER: Final = {"debt": 1, "person": 2, "contact_point": 4, "lender": 0}
SPAN: Final = {
    name: number for number, name in enumerate(("days", "hours", "day", "week", "month", "year", "always"))
}
JUNCTION: Final = {"all": Op.ALL, "any": Op.ANY, "not": Op.NOT}


FLAGS: Final = ("conversation", "shared", "consent", "consent_withdrawn")


class Header(IntEnum):
    """Where a program says how many rules it has, what each of its tables begins at, and which grounds are needed."""

    COUNT = 0
    RULES = 1
    NODES = 2  # (op, a, b, c, d), conditions in postfix order
    OPENINGS = 3  # (weekday bits, first second in, first second out)
    COUNTERS = 4  # (per, span, length, consent days, 1 where only the act is
    # excused by a consent, lasting, first select, one after the last)
    SELECTS = 5  # (shift, bits of the field, set of values)
    FLAGS = 6  # bits and value of yes, for each of FLAGS
    ROOTS = 7  # bits of the topmost jurisdictions


@dataclass(frozen=True, slots=True)
class Program:
    """A rule set compiled: `code` holds the tables, one after the other, behind the header; `facts` are the columns of the
    vocabulary that it asks for, in the order in which it wants them.

    One array, as handing an array to a compiled function costs more than reading from it.
    """

    code: Ints
    facts: tuple[str, ...]


class Builder:
    """Fills the tables, one rule after the other."""

    def __init__(self, words: Vocabulary, zones: Mapping[str, int]) -> None:
        """Empty tables over a vocabulary and numbered zones."""
        self.words, self.zones = words, zones
        self.facts: dict[str, int] = {}
        self.fields = words.packing
        self.nodes: list[tuple[int, ...]] = []
        self.openings: list[tuple[int, ...]] = []
        self.counters: list[tuple[int, ...]] = []
        self.selects: list[tuple[int, ...]] = []
        self.rules: list[list[int]] = []

    def add(self, rule: Rule, value: Value, *, place: Jurisdiction, root: int, draft: bool) -> None:
        """One more rule, as it stands with this value."""
        row = [0] * len(R)
        row[R.FORM], row[R.ACTS] = FORM[rule.form], rule.acts
        row[R.BREACH], row[R.COMPLIANCE] = rule.breach, rule.compliance
        if rule.form == "presumes":
            presumption = rule.details["presumption"]
            violation = presumption == Outcome.PRESUMED_VIOLATION
            row[R.BREACH] = presumption if violation else Outcome.ALLOWED
            row[R.COMPLIANCE] = Outcome.ALLOWED if violation else presumption
        for column, condition in ((R.APPLIES, rule.applies), (R.UNLESS, rule.unless), (R.WHEN, rule.when)):
            row[column] = len(self.nodes)
            if condition is not None:
                self._condition(condition, value)
            row[column + 1] = len(self.nodes)
        if rule.counter is not None:
            row[R.COUNTER], row[R.VALUE] = self._counter(rule.counter), int(value.value)
        row[R.OPENINGS] = len(self.openings)
        if rule.form == "window":
            self.openings += [_opening(each) for each in value.value]
        row[R.OPENINGS_END] = len(self.openings)
        row[R.OWN_ZONE], row[R.DAY_ZONE] = rule.zone == "jurisdiction", self.zones[place.zones[0]]
        row[R.ZONES] = sum(1 << self.zones[name] for name in place.zones[: 1 if row[R.OWN_ZONE] else None])
        row[R.ROOT], row[R.DRAFT], row[R.IN_HOURS] = 1 << root, draft, rule.unit == "hours"
        self.rules.append(row)

    def program(self, roots: int) -> Program:
        """The finished tables; `roots` are the bits of the topmost jurisdictions."""
        flags = [self._flag(name) for name in FLAGS]
        tables: list[Sequence[Sequence[int]]] = [
            self.rules,
            self.nodes,
            self.openings,
            self.counters,
            self.selects,
            flags,
        ]
        flat = [[number for row in table for number in row] for table in tables]
        starts = np.cumsum([len(Header), *map(len, flat[:-1])])
        header = [len(self.rules), *starts.tolist(), roots]
        return Program(
            np.array([*header, *(n for table in flat for n in table)], dtype=np.int64), tuple(self.facts)
        )

    def _flag(self, name: str) -> tuple[int, int]:
        shift, full = self.fields[name]
        return full << shift, 1 << shift

    def _fact(self, name: str) -> int:
        return self.facts.setdefault(name, len(self.facts))

    def _condition(self, condition: Predicate, value: Value) -> None:
        if isinstance(condition, Junction):
            for part in condition.parts:
                self._condition(part, value)
            self._node(JUNCTION[condition.kind], len(condition.parts))
        elif isinstance(condition, Past):
            number = int(value.value) if condition.number == "value" else condition.number
            self._node(Op.PAST, self._counter(condition.counter), COMPARISON[condition.op], number)
        else:
            self._test(condition, value)

    def _test(self, test: Test, value: Value) -> None:
        fact = self._fact(test.column)
        if test.op == "is":
            self._node(Op.IN, fact, test.operand)
        elif test.op == "known":
            self._node(Op.KNOWN, fact)
        elif test.op == "since":
            unit, bound, number = test.operand
            self._node(Op.SINCE, fact, unit == "months", COMPARISON[bound], number)
        elif isinstance(test.operand, str) and test.operand != "value":
            self._node(Op.COMPARE, fact, COMPARISON[test.op], 0, self._fact(test.operand))
        else:
            number = test.operand
            if number == "value":
                number = self.words.columns[test.column].parse(str(value.value))
            self._node(Op.COMPARE, fact, COMPARISON[test.op], number, -1)

    def _node(self, op: Op, *operands: int) -> None:
        self.nodes.append((int(op), *(int(each) for each in operands), *[0] * (4 - len(operands))))

    def _counter(self, counter: Counter) -> int:
        first = len(self.selects)
        self.selects += [(*self.fields[name], bits) for name, bits in counter.selector.masks.items()]
        self.counters.append(
            (
                sum(PER[each] for each in counter.per),
                SPAN[counter.span],
                counter.length,
                counter.consent_days,
                counter.consent_for_act_only,
                counter.selector.lasting,
                first,
                len(self.selects),
            )
        )
        return len(self.counters) - 1


def _opening(opening: Mapping[str, Any]) -> tuple[int, int, int]:
    """(weekday bits, first second of the day that is in, first one that is out)."""
    days = sum(1 << DAYS.index(day) for day in opening["days"])
    first = opening["opens"] + (opening["opens_at"] == "excluded")
    return days, first, opening["closes"] + (opening["closes_at"] == "included")
