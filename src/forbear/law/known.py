"""Conditions over facts outside the gate: for parameters and clocks, where no record of contacts is at hand."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from forbear.kernel.days import to_day
from forbear.law import kleene
from forbear.law.act import Said
from forbear.law.program import COMPARISON
from forbear.law.schema import Date, Junction, Predicate, Test
from forbear.law.vocabulary import UNKNOWN, Vocabulary, unknown_fact


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known on a day, as numbers of the vocabulary's columns, defaults filled in."""

    words: Vocabulary
    numbers: Mapping[str, int]
    on: Date

    @classmethod
    def of(cls, words: Vocabulary, said: Mapping[str, Said], on: Date) -> "Facts":
        """From words. Raises ValueError "what; how to mend"."""
        numbers = dict(words.defaults)
        for name, value in said.items():
            if name not in words.columns:
                raise ValueError(unknown_fact(name, words.columns))
            told = words.columns[name].number_of(value)
            if told != UNKNOWN:
                numbers[name] = told
        return cls(words, numbers, on)


def holds(
    condition: Predicate | None, known: Facts, value: Any = None, *, absent: bool = True
) -> bool | None:
    """True, False, or None where it cannot be told. `value` is that of the rule; `absent` the answer where there is no
    condition. The past is not asked here.
    """
    if condition is None:
        return absent
    if isinstance(condition, Junction):
        parts = [holds(part, known, value) for part in condition.parts]
        if condition.kind == "not":
            return None if parts[0] is None else not parts[0]
        decisive = condition.kind == "any"
        return decisive if decisive in parts else None if None in parts else not decisive
    return _test(condition, known, value) if isinstance(condition, Test) else None


def undecided(condition: Predicate | None, known: Facts, value: Any = None) -> Iterator[str]:
    """The facts for want of which a condition cannot be told; "history" where it asks for the past."""
    if condition is None or holds(condition, known, value) is not None:
        return
    if isinstance(condition, Junction):
        for part in condition.parts:
            yield from undecided(part, known, value)
    elif isinstance(condition, Test):
        names = [condition.column, condition.operand]
        yield from (name for name in names if isinstance(name, str) and known.numbers.get(name) == UNKNOWN)
    else:
        yield "history"


def _test(test: Test, known: Facts, value: Any) -> bool | None:
    left = known.numbers[test.column]
    if test.op == "known":
        return left != UNKNOWN
    if left == UNKNOWN:
        return None
    if test.op == "is":
        return bool(test.operand >> left & 1)
    if test.op == "since":
        unit, how, count = test.operand
        return bool(kleene.since(left, int(unit == "months"), COMPARISON[how], count, to_day(known.on)))
    right = test.operand
    if right == "value":
        right = known.words.columns[test.column].parse(str(value))
    elif isinstance(right, str):
        right = known.numbers[right]
    return None if right == UNKNOWN else bool(kleene.compare(left, COMPARISON[test.op], right))
