"""The closed vocabulary: acts, the fields that describe them, the record of contacts, and facts.

Every name that a rule may use is a column of whole numbers: a bool is 0 or 1, a choice the position of its word, a
date its day number, money minor units, a rate millionths. `UNKNOWN` is a value of every column.
"""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from typing import Final

from forbear.kernel.days import to_date, to_day
from forbear.law.reading import Place, Table

UNKNOWN: Final = -(2**63)
CAREFUL: Final = "careful"
TYPES: Final = ("bool", "choice", "int", "money", "rate", "date")
_TYPES: Final = {
    "bool": bool,
    "int": int,
    "money": int,
    "date": dt.date,
}  # a choice and a rate are said in text
MAX_CHOICES: Final = 62  # a set of choices is the bits of one signed integer

_YES_NO: Final = {"no": 0, "false": 0, "yes": 1, "true": 1}
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
NUMBER: Final = re.compile(
    r"(-?[0-9]+)(?:\.([0-9]+))?"
)  # not what Decimal takes: 1e3, 1_0, Arabic or full-width digits
_FITS: Final = 2**62
_MENDS: Final = {  # of a number that does not fit
    "int": "write a whole number below 2 to the 62nd",
    "money": "write whole minor units, 1250 for 12.50",
    "rate": "write a fraction with six decimals at most, 0.24 for 24%",
}


@dataclass(frozen=True, slots=True)
class Words:
    """The same in English and in Chinese."""

    en: str
    zh: str

    def of(self, language: str) -> str:
        """The text in "en" or "zh"."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Silence:
    """One line of `silence`: contacts whose fields lie in `masks` and that lasted `lasting` seconds or more. `means` is the
    number taken then; None where nobody knows.
    """

    masks: Mapping[str, int]
    lasting: int | None
    means: int | None


@dataclass(frozen=True, slots=True)
class Column:
    """One thing that can be known: its type, its choices, and what silence about it means.

    `unknown` is the number taken when nothing was said; UNKNOWN means that each rule takes its careful side. `silence` says
    where, for a field of a past contact, the rest of the contact tells more.
    """

    name: str
    type: str
    words: Words
    unknown: int
    choices: Mapping[str, Words]
    silence: tuple[Silence, ...] = ()
    positions: Mapping[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        words = dict(zip(self.choices, range(len(self.choices)), strict=True)) if self.choices else _YES_NO
        object.__setattr__(self, "positions", words if self.type in ("bool", "choice") else {})

    def number(self, text: str, place: Place) -> int:
        """The number that stands for a text. Raises PackError."""
        try:
            return self.parse(text)
        except ValueError as error:
            raise place.refuse(*str(error).split("; ", 1)) from None

    def parse(self, text: str) -> int:
        """The number that stands for a text. Raises ValueError "what; how to mend"."""
        if self.positions:
            if text in self.positions:
                return self.positions[text]
            choices = ", ".join(self.choices) or "yes, no"
            raise ValueError(f"{self.name} knows no {text!r}; use one of {choices}")
        if self.type == "date":
            try:
                return to_day(parse_date(text))
            except ValueError as error:
                raise ValueError(f"{self.name}: {error}") from None
        match = NUMBER.fullmatch(text)
        if match is None:
            raise ValueError(f"{self.name} is a number, not {text[:40]!r}; write digits in quotes")
        places = 6 if self.type == "rate" else 0
        whole, fraction = match[1], (match[2] or "").rstrip("0")
        number = int(whole + fraction.ljust(places, "0")) if len(whole) <= 20 else _FITS
        if len(fraction) > places or abs(number) >= _FITS:
            raise ValueError(f"{self.name} cannot hold {text[:40]!r}; {_MENDS[self.type]}")
        return number

    def number_of(self, said: "str | int | bool | dt.date | None") -> int:
        """The number for what was said, a word or a value of the type. Raises ValueError "what; how to mend"."""
        if said is None:
            return UNKNOWN
        if isinstance(said, str):
            return self.parse(said)
        if type(said) is not _TYPES.get(self.type):
            raise ValueError(
                f"{self.name} is a {self.type}, not {said!r}; see `forbear law words {self.name}`"
            )
        if isinstance(said, dt.date):
            return to_day(said)
        if abs(said) >= _FITS:
            raise ValueError(f"{self.name} cannot hold {said}; write a number below 2 to the 62nd")
        return int(said)

    def text(self, number: int) -> str:
        """The word that a number stands for; "unknown" for UNKNOWN."""
        if number == UNKNOWN:
            return "unknown"
        if self.type == "choice":
            return list(self.choices)[number]
        if self.type == "bool":
            return "yes" if number else "no"
        if self.type == "date":
            return to_date(number).isoformat()
        if self.type == "rate":
            return f"{Decimal(number).scaleb(-6).normalize():f}"
        return str(number)


@dataclass(frozen=True)
class Vocabulary:
    """All words that the packs may use. `columns` holds the act's kind ("act"), its fields and the facts."""

    columns: Mapping[str, Column]
    history: Mapping[str, Column]
    fields: tuple[str, ...]
    defaults: Mapping[str, int]
    packed: dict[tuple[object, ...], int] = field(
        default_factory=dict, repr=False, compare=False
    )  # by `record`

    @cached_property
    def packing(self) -> Mapping[str, tuple[int, int]]:
        """Where each field of a contact lies in one integer: (shift, its bits); all bits set is unknown."""
        found, shift = {}, 0
        for name, column in self.history.items():
            width = (len(column.choices) or 2).bit_length()
            found[name] = (shift, (1 << width) - 1)
            shift += width
        assert shift <= 62, "the fields of a contact have outgrown one integer: use two"
        return found

    @cached_property
    def silence(self) -> int:
        """What is taken, in the packed fields of a contact, for each field of which nothing was said."""
        found = 0
        for name, (shift, full) in self.packing.items():
            unknown = self.history[name].unknown
            found |= (full if unknown == UNKNOWN else unknown) << shift
        return found

    @cached_property
    def unsaid(self) -> int:
        """As `silence`, with the fields left open that `silence.settled` has still to fill in."""
        found = self.silence
        for name, (shift, full) in self.packing.items():
            if self.history[name].silence:
                found |= full << shift
        return found

    @cached_property
    def longest(self) -> int:
        """The longest duration that a silence asks about."""
        lines = (line for column in self.history.values() for line in column.silence)
        return max((line.lasting or 0 for line in lines), default=0)

    @property
    def acts(self) -> Mapping[str, Words]:
        """The kinds of act."""
        return self.columns["act"].choices

    def column(self, name: str, place: Place) -> Column:
        """The column of that name; PackError with the nearest names for another."""
        if name not in self.columns:
            what, mend = unknown_fact(name, self.columns).split("; ", 1)
            raise place.refuse(what, f"{mend}, or declare it in the jurisdiction's facts.yaml")
        return self.columns[name]


def unknown_fact(name: str, columns: Iterable[str]) -> str:
    """What to say of a name that no column has: "what; how to mend"."""
    import difflib

    near = difflib.get_close_matches(name, columns, 3)
    hint = f"did you mean {' or '.join(near)}?" if near else "`forbear law words` lists all"
    return f"unknown fact {name!r}; {hint}"


def parse_date(text: str) -> dt.date:
    """A date written as 2026-10-01. Raises ValueError "what; how to mend"."""
    try:
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            raise ValueError
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a date; write it as 2026-10-01") from None


def build_vocabulary(base: Table, added: list[Table]) -> Vocabulary:
    """The vocabulary from packs/vocabulary.yaml and the facts.yaml of each jurisdiction. Raises PackError."""
    base.only("acts", "fields", "history", "facts")
    base.need("acts", "fields", "history", "facts")
    acts = {name: words_of(base.table("acts"), name) for name in base.table("acts")}
    columns = {"act": Column("act", "choice", Words("act", "行为"), UNKNOWN, acts)}
    for name in base.table("fields"):
        columns[name] = _column(base.table("fields"), name)
    fields = tuple(columns)
    for table in [base.table("facts"), *added]:
        for name in table:
            if name in columns:
                raise table.at(name).refuse(
                    f"the fact {name!r} is declared twice", "remove one, or rename it"
                )
            columns[name] = _column(table, name)
    defaults = {name: column.unknown for name, column in columns.items()}
    return Vocabulary(columns, _history(base.table("history"), columns), fields, defaults)


def words_of(table: Table, key: str) -> Words:
    """The {en, zh} of a key. Raises PackError if one is missing, or if there is something else beside them."""
    return read_words(table.table(key))


def read_words(inner: Table) -> Words:
    """A table of `en` and `zh`, and of nothing else. Raises PackError."""
    inner.only("en", "zh")
    return Words(inner.text("en"), inner.text("zh"))


def _history(table: Table, columns: Mapping[str, Column]) -> dict[str, Column]:
    found = {}
    for name in table:
        inner = table.table(name)
        if inner.text("type") == "same":
            inner.only("type", "unknown")
            like = columns[name]
            found[name] = Column(name, like.type, like.words, UNKNOWN, like.choices)
        else:
            found[name] = _column(table, name, "silence")
        if found[name].type == "choice" and name == "kind":
            choices = {**columns["act"].choices, **found[name].choices}
            found[name] = Column(name, "choice", found[name].words, UNKNOWN, choices)
        if "unknown" in inner:
            found[name] = _with_unknown(found[name], inner)
    for name, column in found.items():
        lines = _silence(table.table(name), column, found)
        found[name] = replace(column, silence=lines)
    return found


def _silence(inner: Table, column: Column, history: Mapping[str, Column]) -> tuple[Silence, ...]:
    """The lines of `silence` of a column. Raises PackError."""
    found = []
    for line in inner.tables("silence"):
        line.only("means", "lasting", *history)
        line.need("means")
        masks = {}
        for name in line:
            if name in history:
                words = [str(word) for word in line.items_of(name)]
                masks[name] = sum({1 << history[name].number(word, line.at(name)) for word in words})
        lasting, means = line.text("lasting", ""), line.text("means")
        if not masks and not lasting:
            raise line.at().refuse("a silence without a condition", "name a field, or say it in 'unknown'")
        if lasting and not (lasting.isascii() and lasting.isdecimal() and len(lasting) <= 9):
            raise line.at("lasting").refuse(f"lasting {lasting!r}", "write whole seconds in quotes")
        number = None if means == "careful" else column.number(means, line.at("means"))
        found.append(Silence(masks, int(lasting) if lasting else None, number))
    return tuple(found)


def _column(table: Table, name: str, *more: str) -> Column:
    inner, place = table.table(name), table.at(name)
    inner.only("type", "unknown", "en", "zh", "choices", *more)
    if not _NAME.fullmatch(name):
        raise place.refuse(f"the name {name!r}", "use small letters, digits and _")
    kind = inner.text("type")
    if kind not in TYPES:
        raise inner.at("type").refuse(f"unknown type {kind!r}", f"use {', '.join(TYPES)}")
    choices = {}
    if kind == "choice":
        choices = {word: words_of(inner.table("choices"), word) for word in inner.table("choices")}
        if len(choices) > MAX_CHOICES:
            raise place.refuse(f"{len(choices)} choices", f"keep to {MAX_CHOICES}, or split the fact in two")
    return _with_unknown(
        Column(name, kind, Words(inner.text("en"), inner.text("zh")), UNKNOWN, choices), inner
    )


def _with_unknown(column: Column, inner: Table) -> Column:
    said = inner.text("unknown", CAREFUL)
    number = UNKNOWN if said == CAREFUL else column.number(said, inner.at("unknown"))
    return replace(column, unknown=number)
