"""One rule file: from its table to a frozen `Rule`, or a refusal that says how to mend it."""

import re
from collections.abc import Mapping
from typing import Any, Final, cast

from forbear.kernel.calendars import calendar_names
from forbear.law.predicates import (
    MAX_DEPTH,
    columns_against_value,
    counter,
    in_set,
    predicate,
    stack_depth,
    whole,
)
from forbear.law.reading import Place, Table
from forbear.law.schema import (
    FORMS,
    GATE_FORMS,
    MODALITIES,
    Extension,
    Junction,
    Jurisdiction,
    Outcome,
    Predicate,
    Rule,
    Source,
    Value,
)
from forbear.law.values import read_values
from forbear.law.vocabulary import Vocabulary, read_words, words_of

COMMON: Final = ("form", "title", "summary", "term", "modality", "applies", "unless", "values")
OWN: Final = {
    "window": ("breach", "zone"),
    "count": ("breach", "counts", "per", "within", "except_consent_days", "compliance", "factors"),
    "spacing": ("breach", "since", "per", "unit", "except_consent_days", "compliance", "factors"),
    "requires": ("breach", "when", "compliance", "factors"),
    "forbids": ("breach", "when", "factors"),
    "permits": ("when",),
    "presumes": ("when", "presumption", "factors"),
    "parameter": ("unit", "kind", "stricter", "fresh_days"),
    "clock": (
        "starts",
        "counting",
        "calendar",
        "roll",
        "extensions",
        "at_end",
        "interrupted_by",
        "suspended_by",
    ),
}
NEEDED: Final = {
    "count": ("counts", "per", "within"),
    "spacing": ("since", "per"),
    "requires": ("when",),
    "forbids": (),
    "permits": (),
    "presumes": ("when", "presumption"),
    "parameter": ("unit", "kind"),
    "clock": ("starts", "counting", "at_end"),
}
ZONES: Final = ("debtor", "jurisdiction")
SPACING_UNITS: Final = ("days", "hours")
CLOCK_COUNTINGS: Final = ("next_day", "day_one", "moment")
ROLLS: Final = ("none", "following", "preceding")
PARAMETER_KINDS: Final = ("number", "table", "order", "product")
STRICTER: Final = ("lower", "higher", "only")
_TERM: Final = re.compile(r"[a-z][a-z0-9_]*")


def read_rule(
    table: Table, rule_id: str, jurisdiction: Jurisdiction, sources: Mapping[str, Source], words: Vocabulary
) -> Rule:
    """The rule of a file. Raises PackError."""
    form = _choice(table, "form", FORMS)
    table.only(*COMMON, *OWN[form])
    table.need("title", "summary", "modality", "values", *NEEDED.get(form, ()))
    modality = _choice(table, "modality", tuple(MODALITIES))
    if (form == "permits") != (modality == "may") and form in GATE_FORMS:
        raise table.at("modality").refuse(
            f"the form {form} with modality {modality}",
            "permits says 'may', and no other form of the gate does",
        )
    term = table.get("term")
    if term is not None and not _TERM.fullmatch(table.text("term")):
        raise table.at("term").refuse(f"the term {term!r}", "use small letters, digits and _")
    acts, roles, products, applies = _applies(table, form, words)
    rule_values = read_values(table, form, sources)
    conditions = {key: _optional(table, key, words) for key in ("unless", "when")}
    for key, each in (("applies", applies), *conditions.items()):
        _fits(each, rule_values, table.at(key), words)
    return Rule(
        id=rule_id,
        file=table.file,
        form=form,
        jurisdiction=jurisdiction.key,
        title=words_of(table, "title"),
        summary=words_of(table, "summary"),
        modality=modality,
        breach=_breach(table, modality),
        acts=acts,
        roles=roles,
        products=products,
        applies=applies,
        unless=conditions["unless"],
        values=rule_values,
        term=term,
        when=conditions["when"],
        counter=_counter(table, form, words),
        unit=_unit(table, form),
        zone=_choice(table, "zone", ZONES, "debtor"),
        compliance=_outcome(table, "compliance", Outcome.ALLOWED, (Outcome.PRESUMED_COMPLIANT,)),
        factors=tuple(read_words(item) for item in table.tables("factors")),
        details=_details(table, form, words),
    )


def _applies(table: Table, form: str, words: Vocabulary) -> tuple[int, int, int, Predicate | None]:
    """(acts, roles, products, the rest as a condition); sets are bits, and no word means all."""
    everything = {name: (1 << len(words.columns[name].choices)) - 1 for name in ("act", "role", "product")}
    if table.get("applies") is None:
        if form in GATE_FORMS:
            raise table.at("applies").refuse(
                "'applies' is missing", "say at least to which acts: 'applies: {act: call}'"
            )
        return everything["act"], everything["role"], everything["product"], None
    applies = table.table("applies")
    applies.only(*words.fields, "where")
    if form in GATE_FORMS:
        applies.need("act")
    parts: list[Predicate] = []
    for name in applies:
        place = applies.at(name)
        if name == "where":
            parts.append(predicate(applies[name], words, place))
            continue
        column = words.columns[name]
        test = in_set(column, applies[name], place)
        if name in everything:
            everything[name] = _bits_of(test, everything[name])
        else:
            parts.append(test)
    condition = parts[0] if len(parts) == 1 else Junction("all", tuple(parts)) if parts else None
    return everything["act"], everything["role"], everything["product"], condition


def _bits_of(test: Predicate, everything: int) -> int:
    if isinstance(test, Junction):  # not
        return everything & ~_bits_of(test.parts[0], everything)
    return int(cast(Any, test).operand)


def _breach(table: Table, modality: str) -> Outcome:
    allowed = (Outcome.PROHIBITED, Outcome.PRESUMED_VIOLATION)
    return _outcome(table, "breach", MODALITIES[modality], allowed)


def _outcome(table: Table, key: str, default: Outcome, allowed: tuple[Outcome, ...]) -> Outcome:
    if table.get(key) is None:
        return default
    return Outcome[_choice(table, key, tuple(each.name.lower() for each in allowed)).upper()]


def _optional(table: Table, key: str, words: Vocabulary) -> Predicate | None:
    return predicate(table[key], words, table.at(key)) if table.get(key) is not None else None


def _fits(said: Predicate | None, values: tuple[Value, ...], place: Place, words: Vocabulary) -> None:
    """Refuse a condition that nests too deep, or that asks for a value where there is none of its type."""
    if said is None:
        return
    if stack_depth(said) > MAX_DEPTH:
        raise place.refuse("a condition that nests too deep", "write it flatter, or as two rules")
    for name in columns_against_value(said):
        for value in values:
            try:
                words.columns[name].parse(str(value.value or "")) if name else int(value.value or "")
            except ValueError:
                raise place.refuse(
                    f"it compares {name or 'a count'} with the value from {value.start}, {value.value!r}",
                    "give each value a number of that type",
                ) from None


def _counter(table: Table, form: str, words: Vocabulary) -> Any:
    if form == "count":
        return counter(table, "counts", words)
    if form == "spacing":
        shaped = Table(table.file, table.line)
        shaped.update({key: table.get(key) for key in ("since", "per", "except_consent_days")})
        shaped.lines.update(table.lines)
        shaped["within"] = "always"
        return counter(shaped, "since", words)
    return None


def _unit(table: Table, form: str) -> str | None:
    if form == "spacing":
        return _choice(table, "unit", SPACING_UNITS, "days")
    return table.text("unit") if form == "parameter" else None


def _details(table: Table, form: str, words: Vocabulary) -> dict[str, Any]:
    if form == "presumes":
        allowed = (Outcome.PRESUMED_COMPLIANT, Outcome.PRESUMED_VIOLATION)
        return {"presumption": _outcome(table, "presumption", Outcome.ALLOWED, allowed)}
    if form == "parameter":
        kind = _choice(table, "kind", PARAMETER_KINDS)
        fresh = table.text("fresh_days", "0")
        stricter = _choice(table, "stricter", STRICTER, "only")
        return {
            "kind": kind,
            "stricter": stricter,
            "fresh_days": whole(fresh, table.at("fresh_days")) or None,
        }
    if form == "clock":
        return _clock(table, words)
    return {}


def _clock(table: Table, words: Vocabulary) -> dict[str, Any]:
    if table.get("calendar") is not None and table.text("calendar") not in calendar_names():
        raise table.at("calendar").refuse(
            f"no calendar {table['calendar']!r}", f"use one of {', '.join(calendar_names())}"
        )
    extensions = []
    for item in table.tables("extensions"):
        item.only("when", "length")
        item.need("when", "length")
        extensions.append(Extension(predicate(item["when"], words, item.at("when")), item.text("length")))
    for value in table.tables("values"):
        for extension in extensions:
            if not isinstance(value.get("value"), Table) or extension.length not in value.table("value"):
                raise value.at("value").refuse(
                    f"the length {extension.length!r} of an extension is missing", "name it beside 'length'"
                )
    return {
        "starts": table.text("starts"),
        "counting": _choice(table, "counting", CLOCK_COUNTINGS),
        "calendar": table.get("calendar"),
        "roll": _choice(table, "roll", ROLLS, "none"),
        "extensions": tuple(extensions),
        "at_end": words_of(table, "at_end"),
        "interrupted_by": tuple(str(each) for each in table.items_of("interrupted_by")),
        "suspended_by": tuple(str(each) for each in table.items_of("suspended_by")),
    }


def _choice(table: Table, key: str, allowed: tuple[str, ...], default: str | None = None) -> str:
    said = table.text(key, default)
    if said not in allowed:
        raise table.at(key).refuse(f"{key} {said!r}", f"use one of {', '.join(allowed)}")
    return said
