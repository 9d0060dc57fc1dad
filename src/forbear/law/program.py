"""A rule set as tables of whole numbers, for the compiled gate. Built once for a rule set, then only read."""

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any, Final, NamedTuple

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
    OWN_ZONE = 14  # 1: the jurisdiction's zone counts, 0: the debtor's zones
    PLACE = 15
    ROOT = 16  # bit of the topmost jurisdiction
    DRAFT = 17
    IN_HOURS = 18


class Op(IntEnum):
    """The kinds of node; conditions are in postfix order."""

    IN = 0  # column, bits
    KNOWN = 1  # column
    COMPARE = 2  # column, comparison, number, other column or -1
    SINCE = 3  # column, unit (0 days, 1 months), comparison, number
    PAST = 4  # counter, comparison, number
    ALL = 5  # how many
    ANY = 6  # how many
    NOT = 7


COMPARISON: Final = {
    "more_than": 0, "less_than": 1, "at_least": 2, "at_most": 3, "before": 1, "on_or_after": 2,
}  # fmt: skip
PER: Final = {"debt": 0, "person": 1, "contact_point": 2, "lender": 3}
SPAN: Final = {
    name: number for number, name in enumerate(("days", "hours", "day", "week", "month", "year", "always"))
}
JUNCTION: Final = {"all": Op.ALL, "any": Op.ANY, "not": Op.NOT}


class Program(NamedTuple):
    """The tables. nodes[n] is (op, a, b, c, d); openings (weekday bits, first second in, first second out);
    counters (per, span, length, consent days, lasting, first select, one after the last); selects (field, bits);
    place p has zones place_zones[place_start[p]:place_start[p + 1]].
    """

    rules: Ints
    nodes: Ints
    openings: Ints
    counters: Ints
    selects: Ints
    place_start: Ints
    place_zones: Ints
    defaults: Ints
    roots: int


class Builder:
    """Fills the tables, one rule after the other."""

    def __init__(self, words: Vocabulary) -> None:
        """Empty tables over a vocabulary."""
        self.words = words
        self.columns = {name: number for number, name in enumerate(words.columns)}
        self.fields = {name: number for number, name in enumerate(words.history)}
        self.nodes: list[tuple[int, ...]] = []
        self.openings: list[tuple[int, ...]] = []
        self.counters: list[tuple[int, ...]] = []
        self.selects: list[tuple[int, ...]] = []
        self.rules: list[list[int]] = []

    def add(self, rule: Rule, value: Value, *, place: int, root: int, draft: bool) -> None:
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
        row[R.OWN_ZONE], row[R.PLACE], row[R.ROOT] = rule.zone == "jurisdiction", place, 1 << root
        row[R.DRAFT], row[R.IN_HOURS] = draft, rule.unit == "hours"
        self.rules.append(row)

    def program(self, places: Sequence[Jurisdiction], zones: Mapping[str, int], roots: int) -> Program:
        """The finished tables."""
        lists = [[zones[name] for name in place.zones] for place in places]
        return Program(
            rules=_matrix(self.rules, len(R)),
            nodes=_matrix(self.nodes, 5),
            openings=_matrix(self.openings, 3),
            counters=_matrix(self.counters, 7),
            selects=_matrix(self.selects, 2),
            place_start=np.cumsum([0, *map(len, lists)], dtype=np.int64),
            place_zones=np.array([z for each in lists for z in each], dtype=np.int64),
            defaults=np.array([column.unknown for column in self.words.columns.values()], dtype=np.int64),
            roots=roots,
        )

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
        column = self.columns[test.column]
        if test.op == "is":
            self._node(Op.IN, column, test.operand)
        elif test.op == "known":
            self._node(Op.KNOWN, column)
        elif test.op == "since":
            unit, bound, number = test.operand
            self._node(Op.SINCE, column, unit == "months", COMPARISON[bound], number)
        elif isinstance(test.operand, str) and test.operand != "value":
            self._node(Op.COMPARE, column, COMPARISON[test.op], 0, self.columns[test.operand])
        else:
            number = test.operand
            if number == "value":
                number = self.words.columns[test.column].parse(str(value.value))
            self._node(Op.COMPARE, column, COMPARISON[test.op], number, -1)

    def _node(self, op: Op, *operands: int) -> None:
        self.nodes.append((int(op), *(int(each) for each in operands), *[0] * (4 - len(operands))))

    def _counter(self, counter: Counter) -> int:
        first = len(self.selects)
        self.selects += [(self.fields[name], bits) for name, bits in counter.selector.masks.items()]
        self.counters.append(
            (
                PER[counter.per],
                SPAN[counter.span],
                counter.length,
                counter.consent_days,
                counter.selector.lasting,
                first,
                len(self.selects),
            )  # fmt: skip
        )
        return len(self.counters) - 1


def _opening(opening: Mapping[str, Any]) -> tuple[int, int, int]:
    """(weekday bits, first second of the day that is in, first one that is out)."""
    days = sum(1 << DAYS.index(day) for day in opening["days"])
    first = opening["opens"] + (opening["opens_at"] == "excluded")
    return days, first, opening["closes"] + (opening["closes_at"] == "included")


def _matrix(rows: Sequence[Sequence[int]], width: int) -> Ints:
    return np.array([list(row) for row in rows], dtype=np.int64).reshape(len(rows), width)
