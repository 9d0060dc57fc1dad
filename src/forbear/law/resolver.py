"""From all packs to the frozen rule set of one place, product and actor on one day, as known on another."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from forbear.law.program import Builder, Program
from forbear.law.schema import GATE_FORMS, Date, Jurisdiction, Packs, Rule, Value
from forbear.law.zones import Ints, zone_table

_SETS: Final[dict[tuple[Any, ...], "RuleSet"]] = {}
_ROOM: Final = 512


@dataclass(frozen=True, slots=True)
class Standing:
    """A rule with the value that it has in the set. A draft is shown, and decides nothing."""

    rule: Rule
    value: Value
    draft: bool


@dataclass(frozen=True)
class RuleSet:
    """The rules that hold together. `gate` is in the order of the compiled program; `others` are parameters and clocks."""

    packs: Packs
    jurisdictions: tuple[str, ...]
    product: str
    role: str
    on: Date
    known_on: Date
    gate: tuple[Standing, ...]
    others: tuple[Standing, ...]
    places: tuple[Jurisdiction, ...] = field(repr=False)

    @cached_property
    def ended(self) -> tuple[Rule, ...]:
        """The grounds of its places, for its product and actor, that held once and do no longer."""
        return self._grounds(lambda value: value.until is not None and value.until <= self.on)

    @cached_property
    def coming(self) -> tuple[Rule, ...]:
        """Those that do not hold yet, or were not known yet."""
        return self._grounds(lambda value: value.start > self.on or value.known_from > self.known_on)

    def _grounds(self, each: Callable[[Value], bool]) -> tuple[Rule, ...]:
        bits = {name: 1 << _number(self.packs, name, getattr(self, name)) for name in ("product", "role")}
        keys = {place.key for place in self.places}
        return tuple(
            rule
            for rule in self.packs.rules.values()
            if rule.form == "permits" and rule.jurisdiction in keys
            if rule.products & bits["product"] and rule.roles & bits["role"]
            if all(each(value) for value in rule.values if value.status != "draft")
        )

    @cached_property
    def zone_names(self) -> tuple[str, ...]:
        """The zones of its places; an act may know others."""
        return tuple(dict.fromkeys(zone for place in self.places for zone in place.zones))

    @cached_property
    def zones(self) -> Ints:
        """The table of `zone_names`."""
        return zone_table(self.zone_names)

    @cached_property
    def program(self) -> Program:
        """The gate's rules as tables of numbers."""
        builder = Builder(
            self.packs.vocabulary, {name: number for number, name in enumerate(self.zone_names)}
        )
        places = {place.key: place for place in self.places}
        roots = {key: self.packs.lineage(key)[-1] for key in places}
        topmost = list(dict.fromkeys(roots.values()))
        for each in self.gate:
            place = places[each.rule.jurisdiction]
            builder.add(
                each.rule, each.value, place=place, root=topmost.index(roots[place.key]), draft=each.draft
            )
        return builder.program((1 << len(topmost)) - 1)


def resolve(
    packs: Packs,
    *,
    jurisdictions: Sequence[str],
    product: str,
    role: str,
    on: Date,
    known_on: Date | None = None,
) -> RuleSet:
    """The rule set of these places, and of those above them, for a product and an actor.

    `on` is the day asked about, `known_on` the day whose knowledge counts (by default the same). Frozen and kept: the
    same question gives the same object. Raises LookupError for a place, product or role that there is not.
    """
    key = (packs.digest, tuple(jurisdictions), product, role, on, known_on)
    if key not in _SETS:
        if len(_SETS) >= _ROOM:
            _SETS.clear()
        _SETS[key] = _resolve(packs, tuple(jurisdictions), product, role, on, known_on or on)
    return _SETS[key]


def _resolve(
    packs: Packs, jurisdictions: tuple[str, ...], product: str, role: str, on: Date, known_on: Date
) -> RuleSet:
    if not jurisdictions:
        raise LookupError(f"no jurisdiction named; there are {', '.join(packs.jurisdictions)}")
    keys = dict.fromkeys(each for key in jurisdictions for each in packs.lineage(key))
    bits = {name: 1 << _number(packs, name, word) for name, word in (("product", product), ("role", role))}
    gate: list[Standing] = []
    others: list[Standing] = []
    for rule in packs.rules.values():
        if (
            rule.jurisdiction not in keys
            or not rule.products & bits["product"]
            or not rule.roles & bits["role"]
        ):
            continue
        into = gate if rule.form in GATE_FORMS else others
        for value, draft in ((rule.value_on(on, known_on), False), (rule.draft_on(on, known_on), True)):
            if value is not None:
                into.append(Standing(rule, value, draft))
    places = tuple(packs.jurisdictions[key] for key in keys)
    return RuleSet(packs, jurisdictions, product, role, on, known_on, tuple(gate), tuple(others), places)


def _number(packs: Packs, column: str, word: str) -> int:
    try:
        return packs.vocabulary.columns[column].parse(word)
    except ValueError as error:
        raise LookupError(str(error)) from None
