"""Questions to the gate as JSON lines, and the schema that describes them."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from forbear.law.act import Act, Contact, Said
from forbear.law.gate import Verdict, judge
from forbear.law.resolver import resolve
from forbear.law.schema import Date, Packs
from forbear.law.vocabulary import Column, Vocabulary, parse_date
from forbear.law.zones import check_moment, zone

NEEDED: Final = ("jurisdictions", "product", "role", "at", "act")
KEYS: Final = ("id", *NEEDED, "known_on", "facts", "history")
ACT_KEYS: Final = ("kind", "debt", "person", "contact_point", "zones")
CONTACT_KEYS: Final = ("at", "kind", "debt", "person", "contact_point", "lasted", "consent_until")


@dataclass(frozen=True, slots=True)
class Question:
    """One line: an act, its history and facts, and whose law is asked for."""

    id: str | None
    jurisdictions: tuple[str, ...]
    product: str
    role: str
    at: dt.datetime
    known_on: Date | None
    act: Act
    facts: Mapping[str, Said]
    history: tuple[Contact, ...]


def line_text(line: bytes) -> str:
    """A line of a file as text; the mark with which some programs begin a file is no part of it. Raises ValueError."""
    try:
        return line.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"byte {error.start + 1} of the line is not UTF-8; save the file as UTF-8") from None


def read_question(line: str) -> Question:
    """The question of a line. Raises ValueError "what; how to mend"."""
    try:
        said = json.loads(
            line, parse_float=_no_float, parse_constant=_no_float, parse_int=_whole, object_pairs_hook=_once
        )
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error.msg} at column {error.colno}; write one object a line") from None
    except RecursionError:
        raise ValueError("not a question: too many brackets; write one object a line") from None
    table = _object(said, "the line", KEYS)
    for key in NEEDED:
        if key not in table:
            raise ValueError(f"{key!r} is missing; add it, see docs/reference/law-judge.md")
    act = dict(_object(table["act"], "act"))
    return Question(
        id=_reference(table.get("id"), "id"),
        jurisdictions=tuple(_texts(table["jurisdictions"], "jurisdictions")),
        product=_text(table["product"], "product"),
        role=_text(table["role"], "role"),
        at=moment(table["at"], "at"),
        known_on=_date(table.get("known_on"), "known_on"),
        act=Act(
            kind=_text(act.pop("kind", None), "act.kind"),
            debt=_reference(act.pop("debt", None), "act.debt"),
            person=_reference(act.pop("person", None), "act.person"),
            contact_point=_reference(act.pop("contact_point", None), "act.contact_point"),
            zones=tuple(_texts(act.pop("zones", []), "act.zones")),
            fields=_plain(act, "act"),
        ),
        facts=_plain(_object(table.get("facts", {}), "facts"), "facts"),
        history=tuple(
            _contact(each, f"history[{place}]")
            for place, each in enumerate(_list(table.get("history", []), "history"))
        ),
    )


def answer(question: Question, packs: Packs) -> Verdict:
    """The gate's verdict, by the law of the day of the act. Raises ValueError and LookupError "what; how to mend"."""
    place = (
        packs.jurisdictions[packs.lineage(question.jurisdictions[0])[0]] if question.jurisdictions else None
    )
    check_moment(question.at)
    home = (question.act.zones or (place.zones if place else ()))[:1]
    on = question.at.astimezone(zone(home[0])).date() if home else question.at.date()
    rules = resolve(
        packs,
        jurisdictions=question.jurisdictions,
        product=question.product,
        role=question.role,
        on=on,
        known_on=question.known_on,
    )
    return judge(question.act, question.history, question.facts, rules, question.at)


def moment(said: Any, what: str) -> dt.datetime:
    """A moment with its offset from UTC. Raises ValueError."""
    try:
        found = dt.datetime.fromisoformat(_text(said, what))
    except ValueError:
        raise ValueError(f"{what} is {said!r}, no moment; write 2026-11-20T21:58:00+08:00") from None
    if found.tzinfo is None:
        raise ValueError(f"{what} is {said!r} and does not say in which zone; add an offset such as +08:00")
    return found


def _contact(said: Any, what: str) -> Contact:
    table = dict(_object(said, what))
    at = moment(table.pop("at", None), f"{what}.at")
    lasted, until = table.pop("lasted", None), table.pop("consent_until", None)
    if lasted is not None and (not isinstance(lasted, int) or isinstance(lasted, bool) or lasted < 0):
        raise ValueError(f"{what}.lasted is {lasted!r}; write whole seconds")
    return Contact(
        at=at,
        kind=_text(table.pop("kind", None), f"{what}.kind"),
        debt=_reference(table.pop("debt", None), f"{what}.debt"),
        person=_reference(table.pop("person", None), f"{what}.person"),
        contact_point=_reference(table.pop("contact_point", None), f"{what}.contact_point"),
        lasted=lasted,
        consent_until=_date(until, f"{what}.consent_until"),
        fields=_plain(table, what),
    )


def _object(said: Any, what: str, only: tuple[str, ...] = ()) -> dict[str, Any]:
    if not isinstance(said, dict):
        raise ValueError(f"{what} is {said!r}; write an object {{...}}")  # noqa: TRY004  every refusal of a line is one kind
    for key in said:
        if only and key not in only:
            raise ValueError(f"{what} has an unknown key {key!r}; use {', '.join(only)}")
    return said


def _text(said: Any, what: str) -> str:
    if not isinstance(said, str) or not said:
        raise ValueError(f"{what} is {said!r}; write a text")
    return said


def _list(said: Any, what: str) -> list[Any]:
    if not isinstance(said, list):
        raise ValueError(f"{what} is {said!r}; write a list [...]")  # noqa: TRY004  as in _object
    return said


def _plain(said: dict[str, Any], what: str) -> dict[str, Any]:
    """A table of single words, numbers, yes, no and null."""
    for key, value in said.items():
        if isinstance(value, (dict, list)):
            raise ValueError(f"{what}.{key} is {value!r}; write a single value")  # noqa: TRY004  as in _object
    return said


def _date(said: Any, what: str) -> Date | None:
    return None if said is None else parse_date(_text(said, what))


def _texts(said: Any, what: str) -> list[str]:
    if not isinstance(said, list) or not all(isinstance(each, str) for each in said):
        raise ValueError(f"{what} is {said!r}; write a list of texts")
    return said


def _reference(said: Any, what: str) -> str | None:
    if said is not None and type(said) not in (str, int):
        raise ValueError(f"{what} is {said!r}; write a text or a whole number")
    if isinstance(said, str) and not said.isascii() and any("\ud800" <= each <= "\udfff" for each in said):
        raise ValueError(f"{what} is {said!r}, with half a character in it; write whole ones")
    return None if said is None else str(said)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON in which each key stands once; which of two was meant nobody knows."""
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {twice!r} is given twice; remove one of the two")
    return found


def _whole(text: str) -> int:
    if len(text) > 19:
        raise ValueError(f"the number {text[:10]}... has {len(text)} digits; write at most 18")
    return int(text)


def _no_float(text: str) -> Any:
    raise ValueError(f"the number {text} has a fraction; write it as text in quotes, or whole minor units")


def schema(words: Vocabulary) -> dict[str, Any]:
    """The JSON Schema (2020-12) of one line, from the vocabulary."""
    text, reference = {"type": "string"}, {"type": ["string", "integer"]}
    at = {"type": "string", "format": "date-time", "description": "with an offset: 2026-11-20T21:58:00+08:00"}
    fields = {
        name: _column(words.columns[name]) for name in words.fields if name not in ("act", "role", "product")
    }
    facts = {name: _column(column) for name, column in words.columns.items() if name not in words.fields}
    same = {"debt": reference, "person": reference, "contact_point": reference}
    kinds = words.history["kind"]
    contact = {
        "at": at,
        "kind": {"enum": list(kinds.choices)},
        **same,
        "lasted": {"type": "integer", "minimum": 0, "description": "seconds"},
        "consent_until": {"type": "string", "format": "date"},
        **{name: _column(column) for name, column in words.history.items() if name != "kind"},
    }
    act = {"kind": {"enum": list(words.acts)}, **same, "zones": {"type": "array", "items": text}, **fields}
    top = {
        "id": {"type": ["string", "integer"], "description": "comes back with the verdict"},
        "jurisdictions": {"type": "array", "items": text, "minItems": 1},
        "product": _column(words.columns["product"]),
        "role": _column(words.columns["role"]),
        "at": at,
        "known_on": {
            "type": "string",
            "format": "date",
            "description": "the law as it was known on this day",
        },
        "act": _table(act, ["kind"]),
        "facts": _table(facts, []),
        "history": {"type": "array", "items": _table(contact, ["at", "kind"])},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A question to the gate",
        **_table(top, list(NEEDED)),
    }


def _table(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _column(column: Column) -> dict[str, Any]:
    told = {"description": f"{column.words.en} / {column.words.zh}"}
    if column.type == "choice":
        return {**told, "enum": [*column.choices, None]}
    if column.type == "bool":
        return {**told, "enum": [True, False, "yes", "no", None]}
    if column.type == "date":
        return {**told, "type": ["string", "null"], "format": "date"}
    if column.type == "rate":
        return {**told, "type": ["string", "null"], "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}
    return {**told, "type": ["integer", "string", "null"], "pattern": r"^-?[0-9]+$"}
