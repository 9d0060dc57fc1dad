"""Parameters: numbers, tables and orders of the law on a day, to be handed to those who compute with them."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from forbear.law.act import Said
from forbear.law.known import Facts, holds, undecided
from forbear.law.resolver import RuleSet, Standing
from forbear.law.schema import Date, Packs, Rule, Value
from forbear.law.vocabulary import Column


@dataclass(frozen=True, slots=True)
class Resolved:
    """A parameter with its number, table or order, and the rule and value it came from."""

    rule: Rule
    value: Value
    content: Any


def value_of(packs: Packs, rule: Rule, *, on: Date, known_on: Date) -> Resolved:
    """The parameter on a day. A product is worked out to a Decimal.

    Raises LookupError where the rule says nothing for the day.
    """
    value = rule.value_on(on, known_on)
    if value is None:
        raise LookupError(
            f"{rule.id} says nothing for {on} (as known on {known_on}); ask for a day on which it holds, from "
            f"{rule.values[0].start} (known from {rule.values[0].known_from}), or add a value to {rule.file}"
        )
    kind = rule.details["kind"]
    if kind == "number":
        return Resolved(rule, value, Decimal(value.value))
    if kind == "product":
        factor = value_of(packs, packs.rules[value.value["of"]], on=on, known_on=known_on)
        return Resolved(rule, value, Decimal(value.value["times"]) * factor.content)
    return Resolved(rule, value, value.value)


def applying(rules: RuleSet, term: str, facts: Mapping[str, Said]) -> tuple[Standing, ...]:
    """The parameters of that term that apply; where that cannot be told for want of a fact, it counts as applying."""
    known = Facts.of(
        rules.packs.vocabulary, {**facts, "product": rules.product, "role": rules.role}, rules.on
    )
    found = []
    for standing in rules.others:
        rule = standing.rule
        if rule.term != term or rule.form != "parameter" or standing.draft:
            continue
        if holds(rule.applies, known) is False or holds(rule.unless, known, absent=False) is True:
            continue
        found.append(standing)
    return tuple(found)


def parameter(rules: RuleSet, term: str, facts: Mapping[str, Said] | None = None) -> Resolved | None:
    """The parameter of that term that binds: of several the stricter one, as each says which side that is.

    None where no rule of the set has one. Raises ValueError "what, where; how to mend" where several apply, or may for want
    of a fact, and they do not say which is stricter.
    """
    found = [
        value_of(rules.packs, standing.rule, on=rules.on, known_on=rules.known_on)
        for standing in applying(rules, term, facts or {})
    ]
    if len(found) < 2:
        return found[0] if found else None
    sides = {each.rule.details["stricter"] for each in found}
    if len(sides) != 1 or sides == {"only"}:
        raise ValueError(_several(rules, term, facts or {}, [each.rule for each in found]))
    pick = min if sides == {"lower"} else max
    return pick(found, key=lambda each: each.content)


def _several(rules: RuleSet, term: str, facts: Mapping[str, Said], found: list[Rule]) -> str:
    """What to say where one of several rules would have to be picked: the facts that would, else the rules to correct."""
    columns = rules.packs.vocabulary.columns
    known = Facts.of(
        rules.packs.vocabulary, {**facts, "product": rules.product, "role": rules.role}, rules.on
    )
    missing = dict.fromkeys(
        name for rule in found for part in (rule.applies, rule.unless) for name in undecided(part, known)
    )
    names = ", ".join(rule.id for rule in found)
    where = f"as {term!r} on {rules.on} in {', '.join(rules.jurisdictions)}"
    if not missing:
        files = ", ".join(rule.file for rule in found)
        return f"{names} all apply {where}; say in each file whether the lower or the higher is stricter: {files}"
    told = "; ".join(f"{name} ({columns[name].words.en}): {_choices(columns[name])}" for name in missing)
    return f"{names} may all apply {where}, as nobody said {', '.join(missing)}; give it. {told}"


def _choices(column: Column) -> str:
    return ", ".join(column.choices) or ("yes, no" if column.type == "bool" else f"a {column.type}")


def step(table: Mapping[str, str], number: int) -> str | None:
    """The name in a table of first numbers that holds for a number: of those reached, the one that begins last.

    {"substandard": "91", "doubtful": "271"} gives substandard for 91 to 270, and None below.
    """
    reached = [(Decimal(first), name) for name, first in table.items() if Decimal(first) <= number]
    return max(reached)[1] if reached else None
