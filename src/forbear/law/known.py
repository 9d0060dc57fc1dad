"""Conditions over facts outside the gate: for parameters and clocks, where no record of contacts is at hand."""

from collections.abc import Mapping
from dataclasses import dataclass

from forbear.kernel.days import to_day
from forbear.law import evaluate
from forbear.law.act import Said
from forbear.law.program import COMPARISON
from forbear.law.schema import Date, Junction, Predicate, Test
from forbear.law.vocabulary import UNKNOWN, Vocabulary


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known, as numbers of the vocabulary's columns, defaults filled in."""

    numbers: Mapping[str, int]

    @classmethod
    def of(cls, words: Vocabulary, said: Mapping[str, Said]) -> "Facts":
        """From words. Raises ValueError "what; how to mend"."""
        numbers = {name: column.unknown for name, column in words.columns.items()}
        for name, value in said.items():
            if name not in words.columns:
                raise ValueError(f"unknown fact {name!r}; see packs/vocabulary.yaml")
            told = words.columns[name].number_of(value)
            if told != UNKNOWN:
                numbers[name] = told
        return cls(numbers)


def holds(condition: Predicate | None, known: Facts, on: Date, *, absent: bool = True) -> bool | None:
    """True, False, or None where it cannot be told. `absent` is the answer where there is no condition."""
    if condition is None:
        return absent
    if isinstance(condition, Junction):
        parts = [holds(part, known, on) for part in condition.parts]
        if condition.kind == "not":
            return None if parts[0] is None else not parts[0]
        decisive = condition.kind == "any"
        return decisive if decisive in parts else None if None in parts else not decisive
    if not isinstance(condition, Test):
        return None  # the past is not asked here
    return _test(condition, known, on)


def _test(test: Test, known: Facts, on: Date) -> bool | None:
    value = known.numbers[test.column]
    if test.op == "known":
        return value != UNKNOWN
    if value == UNKNOWN:
        return None
    if test.op == "is":
        return bool(test.operand >> value & 1)
    if test.op == "since":
        unit, how, count = test.operand
        return bool(evaluate.since(value, int(unit == "months"), COMPARISON[how], count, to_day(on)))
    right = known.numbers[test.operand] if isinstance(test.operand, str) else test.operand
    return None if right == UNKNOWN else bool(evaluate.compare(value, COMPARISON[test.op], right))
