"""The dated values of a rule, and the sources they come from."""

import re
from collections.abc import Mapping
from itertools import combinations
from typing import Any, Final

from forbear.law.reading import Place, Table
from forbear.law.schema import CONFIDENCES, FORCES, SEEN, STATUSES, Date, Source, Value
from forbear.law.vocabulary import NUMBER, Words, parse_date, words_of

VALUE_KEYS: Final = (
    "from", "until", "known_from", "reviewed", "status", "confidence", "verify", "seen", "value", "source", "pinpoint", "note",
)  # fmt: skip
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LENGTH_UNITS: Final = ("days", "business_days", "months", "years", "hours")
# "1006.14(b)(2)(i)(A), (ii)", "15 USC 1681s-2(a)", "5.3.2.1": numbers as the law writes them, with no word of a language.
_NUMBER_OF_LAW: Final = re.compile(
    r"[A-Z0-9](?:[A-Z0-9.\-/]|[a-z](?![a-z.])|\([A-Za-z0-9]+\)|[,;]? )*", re.ASCII
)
_TIME: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d|24:00")


def read_sources(table: Table) -> dict[str, Source]:
    """sources.yaml of an instrument. Raises PackError."""
    found = {}
    for key in table:
        item = table.table(key)
        item.only("cite", "title", "url", "force", "published", "retrieved", "seen")
        found[key] = Source(
            key=key,
            cite=words_of(item, "cite"),
            title=words_of(item, "title"),
            url=item.text("url") if item.get("url") else None,
            force=_one_of(item, "force", FORCES),
            published=date_of(item, "published"),
            retrieved=date_of(item, "retrieved", needed=True) or Date.min,
            seen=_one_of(item, "seen", SEEN),
        )
    return found


def read_values(table: Table, form: str, sources: Mapping[str, Source]) -> tuple[Value, ...]:
    """The values of a rule, by `from`. Raises PackError, also for two that hold at once."""
    found = []
    for item in table.tables("values"):
        item.only(*VALUE_KEYS)
        found.append((_value(item, form, sources, str(table.get("kind") or "")), item))
    if not found:
        raise table.at("values").refuse(
            "a rule without values", "add one value with 'from', 'source' and 'pinpoint'"
        )
    for (one, where), (other, _) in combinations(sorted(found, key=lambda pair: pair[0].start), 2):
        comparable = (one.status == "draft") == (
            other.status == "draft"
        ) and one.known_from == other.known_from
        if comparable and (one.until is None or other.start < one.until):
            raise where.at("until").refuse(
                f"the values from {one.start} and from {other.start} overlap",
                f"end the first one with 'until: {other.start}', or give the later knowledge its own known_from",
            )
    return tuple(sorted((value for value, _ in found), key=lambda value: (value.start, value.known_from)))


def _value(item: Table, form: str, sources: Mapping[str, Source], kind: str) -> Value:
    key = item.text("source", "")
    if key not in sources:
        raise item.at("source").refuse(
            f"a value without a known source ({key or 'none given'})",
            f"name one of sources.yaml: {', '.join(sources) or 'it is empty'}",
        )
    source = sources[key]
    start, until = date_of(item, "from", needed=True), date_of(item, "until")
    assert start is not None, "needed"
    if until is not None and until <= start:
        raise item.at("until").refuse(
            f"until {until} is not after from {start}", "the first day after, or null"
        )
    status = _one_of(item, "status", STATUSES, "in_force")
    if status == "expired" and until is None:
        raise item.at("status").refuse(
            "expired without an end", "give 'until', the first day it no longer held"
        )
    if (source.force == "draft") != (status == "draft"):
        raise item.at("status").refuse(
            f"status {status} of a source with force {source.force}", "a draft is draft in both places"
        )
    seen = _one_of(item, "seen", SEEN, source.seen)
    verify = _one_of(item, "verify", ("true", "false", "yes", "no"), "false") in ("true", "yes")
    if seen == "recalled" and not verify:
        raise item.at("verify").refuse("a recalled value that nobody is asked to check", "add 'verify: true'")
    note = words_of(item, "note") if item.get("note") is not None else None
    return Value(
        start=start,
        until=until,
        known_from=date_of(item, "known_from") or source.published or start,
        reviewed=date_of(item, "reviewed") or source.retrieved,
        status=status,
        confidence=_one_of(item, "confidence", CONFIDENCES),
        verify=verify,
        seen=seen,
        value=_content(item, form, kind),
        source=source,
        pinpoint=_pinpoint(item),
        note=note,
    )


def _pinpoint(item: Table) -> Words:
    """Where in the source it stands, in both languages; a bare number of the law is the same in both."""
    if isinstance(item.get("pinpoint"), Table):
        return words_of(item, "pinpoint")
    said = item.text("pinpoint")
    if not _NUMBER_OF_LAW.fullmatch(said):
        raise item.at("pinpoint").refuse(
            f"the pinpoint {said!r} has words in it",
            f'write it in both languages: pinpoint: {{en: "{said}", zh: "第…条"}}',
        )
    return Words(said, said)


def _content(item: Table, form: str, kind: str) -> Any:
    said, place = item.get("value"), item.at("value")
    if form == "window":
        return tuple(_opening(each) for each in item.tables("value")) or _missing(place)
    if form in ("count", "spacing"):
        return _whole(said, place)
    if form == "clock":
        return _lengths(item.table("value"))
    if form == "parameter":
        return _parameter(said, kind, place)
    return None if said is None else _decimal(said, place)


def _opening(item: Table) -> dict[str, Any]:
    """One stretch of a day: opens, closes, and whether those very moments belong to it."""
    item.only("opens", "closes", "opens_at", "closes_at", "days")
    opens, closes = (_clock_time(item, key) for key in ("opens", "closes"))
    if closes <= opens:
        raise item.at("closes").refuse("it closes before it opens", "write two stretches, one for each day")
    days = [str(day) for day in item.items_of("days")] or list(DAYS)
    for day in days:
        if day not in DAYS:
            raise item.at("days").refuse(f"the day {day!r}", f"use {', '.join(DAYS)}")
    ends = {key: _one_of(item, key, ("included", "excluded")) for key in ("opens_at", "closes_at")}
    return {"opens": opens, "closes": closes, "days": tuple(days), **ends}


def _clock_time(item: Table, key: str) -> int:
    text = item.text(key)
    if not _TIME.fullmatch(text):
        raise item.at(key).refuse(f"{text!r} is no time of day", 'write "08:00", at most "24:00"')
    hours, minutes = text.split(":")
    return int(hours) * 3600 + int(minutes) * 60


def _lengths(item: Table) -> dict[str, str]:
    unit = _one_of(item, "unit", LENGTH_UNITS)
    item.need("length")
    return {"unit": unit, **{key: _whole(item[key], item.at(key)) for key in item if key != "unit"}}


def _parameter(said: Any, kind: str, place: Place) -> Any:
    if kind == "number":
        return _decimal(said, place)
    if kind == "order" and isinstance(said, list) and said:
        return tuple(str(each) for each in said)
    if kind == "table" and isinstance(said, Table) and said:
        return dict(said)
    if kind == "product" and isinstance(said, Table):
        said.only("times", "of")
        return {"times": _decimal(said.get("times"), said.at("times")), "of": said.text("of")}
    raise place.refuse(
        f"a parameter of kind {kind!r} with {type(said).__name__}",
        "number: a quoted number; order: a list; table: 'key: value' lines; product: {times: ..., of: rule id}",
    )


def _whole(said: Any, place: Place) -> str:
    if not isinstance(said, str) or not (said.isascii() and said.isdecimal()) or len(said) > 9:
        raise place.refuse(f"{said!r} is not a whole number", "write digits in quotes")
    return said


def _decimal(said: Any, place: Place) -> str:
    if isinstance(said, str) and NUMBER.fullmatch(said):
        return said
    raise place.refuse(f"{said!r} is not a decimal number", "write digits in quotes")


def _missing(place: Place) -> Any:
    raise place.refuse("'value' is missing", "add 'value: ...'")


def date_of(item: Table, key: str, *, needed: bool = False) -> Date | None:
    """The date of a key; None where it is missing. Raises PackError."""
    if item.get(key) is None:
        if needed:
            raise item.at(key).refuse(f"{key!r} is missing", f"add '{key}: 2026-10-01'")
        return None
    try:
        return parse_date(item.text(key))
    except ValueError as error:
        raise item.at(key).refuse(*str(error).split("; ", 1)) from None


def _one_of(item: Table, key: str, allowed: tuple[str, ...], default: str | None = None) -> str:
    said = item.text(key, default)
    if said not in allowed:
        raise item.at(key).refuse(f"{key} {said!r}", f"use one of {', '.join(allowed)}")
    return said
