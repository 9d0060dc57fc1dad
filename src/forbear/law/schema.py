"""What a pack says, as frozen values. `docs/reference/packs.md` explains every part with an example."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Final

from forbear.law.vocabulary import Vocabulary, Words

Date = dt.date

FORCES: Final = ("law", "regulation", "standard", "self_regulation", "guidance", "draft")
SEEN: Final = ("text", "quoted", "recalled")
STATUSES: Final = ("in_force", "draft", "expired")
CONFIDENCES: Final = ("high", "medium", "low")
GATE_FORMS: Final = ("window", "count", "spacing", "requires", "forbids", "permits", "presumes")
FORMS: Final = (*GATE_FORMS, "parameter", "clock")


class Outcome(IntEnum):
    """What the gate answers, from the mildest to the strictest.

    ALLOWED             nothing stands against it, and it has a ground
    PRESUMED_COMPLIANT  as ALLOWED, and a presumption that can be rebutted speaks for it
    PRESUMED_VIOLATION  a presumption that can be rebutted speaks against it, or it is normally not done
    PROHIBITED          it must not or should not be done, or nothing permits it
    """

    ALLOWED = 0
    PRESUMED_COMPLIANT = 1
    PRESUMED_VIOLATION = 2
    PROHIBITED = 3


# What breaking a rule means, by the words of the law; a rule may say otherwise in `breach`.
MODALITIES: Final = {
    "must": Outcome.PROHIBITED,
    "must_not": Outcome.PROHIBITED,
    "should": Outcome.PROHIBITED,
    "should_not": Outcome.PROHIBITED,
    "preferably": Outcome.PRESUMED_VIOLATION,
    "preferably_not": Outcome.PRESUMED_VIOLATION,
    "may": Outcome.ALLOWED,
}
MODALITY_WORDS: Final = {
    "must": Words("must", "应当、必须"),
    "must_not": Words("must not", "不得、严禁"),
    "should": Words("should", "应"),
    "should_not": Words("should not", "不应"),
    "preferably": Words("preferably", "宜"),
    "preferably_not": Words("preferably not", "不宜"),
    "may": Words("may", "可以"),
}


@dataclass(frozen=True, slots=True)
class Source:
    """A text of law, and how it was read. `force` is one of FORCES, `seen` one of SEEN."""

    key: str
    cite: Words
    title: Words
    url: str | None
    force: str
    published: Date | None
    retrieved: Date
    seen: str


@dataclass(frozen=True, slots=True)
class Value:
    """What a rule says from one day on, and since when we have known.

    In force from `start`, included, until `until`, excluded (None: open); `known_from` is the second time axis;
    `reviewed` is the last day for which somebody confirmed it. `value`
    is None where the rule holds no number, else a decimal string, a table or a list, as its form demands.
    """

    start: Date
    until: Date | None
    known_from: Date
    reviewed: Date
    status: str
    confidence: str
    verify: bool
    seen: str
    value: Any
    source: Source
    pinpoint: Words
    note: Words | None

    def cited(self, language: str) -> str:
        """The source and the place in it, as the language writes them: "Civil Code, art. 1161", 民法典第1161条."""
        cite, place = self.source.cite.of(language), self.pinpoint.of(language)
        if language != "zh":
            return f"{cite}, {place}"
        if not (place[:1] == "第" and place[1:2].isdecimal()):
            return f"{cite}，{place}"
        return f"{cite} {place}" if cite[-1].isascii() else f"{cite}{place}"

    def in_force(self, on: Date, known_on: Date) -> bool:
        """Whether this was the law on a day, as known on another."""
        return self.known_from <= known_on and self.start <= on and (self.until is None or on < self.until)


@dataclass(frozen=True, slots=True)
class Test:
    """A comparison of one column: `op` is one of is, more_than, less_than, at_least, at_most, before, since, known.

    `operand`: for `is` the bits of the words or numbers accepted; for `since` (unit, op, number); else a number, the
    name of a column, or "value" for the number that the rule holds on the day.
    """

    column: str
    op: str
    operand: Any


@dataclass(frozen=True, slots=True)
class Junction:
    """`kind` is all, any or not."""

    kind: str
    parts: tuple["Predicate", ...]


@dataclass(frozen=True, slots=True)
class Selector:
    """Which items of the record of contacts are meant.

    `masks` maps a field of an item to the bits of the values that match; a field that is not named matches always.
    `lasting` is the least duration in seconds; an unknown duration matches, as more contacts is the careful side.
    """

    masks: Mapping[str, int]
    lasting: int = 0


@dataclass(frozen=True, slots=True)
class Counter:
    """How many of the selected items lie within a span that ends with the act.

    `span` is one of days (N local days, today included), hours (N times 3,600 seconds), day, week, month, year (the
    local calendar's), always. `per` names what has to be the same, of debt, person, contact_point; or lender: nothing has to.
    `consent_days` > 0 leaves out items within so many days of a consent (its day is day 1), unless a conversation or a
    withdrawal ended it; with `consent_for_act_only` it leaves out the act itself and no items.
    """

    selector: Selector
    per: tuple[str, ...]
    span: str
    length: int
    consent_days: int = 0
    consent_for_act_only: bool = False


@dataclass(frozen=True, slots=True)
class Past:
    """A comparison of a counter: op is at_least or less_than, `number` an int or "value"."""

    counter: Counter
    op: str
    number: Any


Predicate = Test | Junction | Past


@dataclass(frozen=True, slots=True)
class Extension:
    """A clock's other length, named in its value, where the predicate holds."""

    when: Predicate
    length: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of one instrument. What a form does not use is None or empty."""

    id: str
    file: str
    form: str
    jurisdiction: str
    title: Words
    summary: Words
    modality: str
    breach: Outcome
    acts: int
    applies: Predicate | None
    unless: Predicate | None
    roles: int
    products: int
    values: tuple[Value, ...]
    term: str | None = None
    when: Predicate | None = None
    counter: Counter | None = None
    unit: str | None = None
    zone: str = "debtor"
    compliance: Outcome = Outcome.ALLOWED
    factors: tuple[Words, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)

    def value_on(self, on: Date, known_on: Date) -> Value | None:
        """What the rule said on a day, as known on another; what was known later goes before. Drafts never count."""
        found = [v for v in self.values if v.status != "draft" and v.in_force(on, known_on)]
        return max(found, key=lambda value: value.known_from) if found else None

    def draft_on(self, on: Date, known_on: Date) -> Value | None:
        """What a draft would make the rule say."""
        found = [v for v in self.values if v.status == "draft" and v.in_force(on, known_on)]
        return max(found, key=lambda value: value.known_from) if found else None


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """A place whose law is packed: `zones` are all its time zones, the first one is that of its day boundaries."""

    key: str
    name: Words
    parent: str | None
    zones: tuple[str, ...]
    calendar: str | None


@dataclass(frozen=True, slots=True)
class Packs:
    """Everything that was read. `digest` names the content."""

    vocabulary: Vocabulary
    jurisdictions: Mapping[str, Jurisdiction]
    sources: Mapping[str, Mapping[str, Source]]
    rules: Mapping[str, Rule]
    digest: str

    def lineage(self, key: str) -> tuple[str, ...]:
        """The jurisdiction and those above it. Raises LookupError, with those there are, for an unknown one."""
        found: list[str] = []
        at: str | None = key
        while at is not None:
            if at not in self.jurisdictions:
                raise LookupError(f"no jurisdiction {at!r}; there are {', '.join(self.jurisdictions)}")
            found.append(at)
            at = self.jurisdictions[at].parent
        return tuple(found)
