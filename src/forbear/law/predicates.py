"""Conditions, selectors and counters: from tables of a pack to frozen values. No free code: the set of tests is closed."""

from collections.abc import Iterator
from typing import Any, Final

from forbear.law.reading import Place, Table
from forbear.law.schema import Counter, Junction, Past, Predicate, Selector, Test
from forbear.law.vocabulary import Column, Vocabulary

COMPARISONS: Final = ("more_than", "less_than", "at_least", "at_most", "before", "on_or_after")
SINCE: Final = {"days_since": "days", "months_since": "months"}
MAX_DEPTH: Final = 30  # the compiled gate keeps the stack of a condition in one integer, two bits a value
PERS: Final = ("debt", "person", "contact_point", "lender")
SPANS: Final = ("days", "hours", "day", "week", "month", "year", "always")
OUTBOUND: Final = ("lender", "agency")


def predicate(item: Any, words: Vocabulary, place: Place) -> Predicate:
    """The condition that a table states. Raises PackError."""
    if not isinstance(item, Table):
        raise place.refuse(
            f"a condition is a table, not {item!r}", "write {fact: ..., is: ...} or all/any/not"
        )
    here = item.at()
    if "history" in item:
        return _past(item, words)
    if "fact" in item:
        return _test(item, words)
    kinds = [kind for kind in ("all", "any", "not") if kind in item]
    if len(kinds) != 1 or len(item) != 1:
        raise here.refuse(
            "a condition with none or several of all, any, not, fact, history", "use exactly one"
        )
    kind = kinds[0]
    parts = tuple(predicate(part, words, item.at(kind)) for part in item.items_of(kind))
    if not parts or (kind == "not" and len(parts) != 1):
        raise here.refuse(
            f"{kind!r} with {len(parts)} parts", "give it the conditions that it joins ('not' takes one)"
        )
    return Junction(kind, parts)


def _test(item: Table, words: Vocabulary) -> Predicate:
    column = words.column(item.text("fact"), item.at("fact"))
    ops = [key for key in item if key != "fact"]
    known_ops = ("is", "known", *SINCE, *COMPARISONS)
    item.only("fact", *known_ops)
    if len(ops) != 1:
        raise item.at().refuse(f"{len(ops)} tests of one fact", "give one test, and join several with 'all'")
    op, place = ops[0], item.at(ops[0])
    if op == "is":
        return in_set(column, item[op], place)
    if op == "known":
        known = Test(column.name, "known", 0)
        return known if item.text(op) == "yes" else Junction("not", (known,))
    if op in SINCE:
        if column.type != "date":
            raise place.refuse(f"{op} of {column.name}, which is no date", "name a fact of type date")
        inner = item.table(op)
        inner.only("at_least", "at_most", "more_than", "less_than")
        if len(inner) != 1:
            raise place.refuse("several bounds", "give one of at_least, at_most, more_than, less_than")
        bound = next(iter(inner))
        return Test(column.name, "since", (SINCE[op], bound, whole(inner.text(bound), inner.at(bound))))
    if column.type in ("bool", "choice"):
        raise place.refuse(f"{op} of {column.name}, which has no order", "use 'is'")
    return Test(column.name, op, _operand(item[op], column, words, place))


def _operand(said: Any, column: Column, words: Vocabulary, place: Place) -> Any:
    if isinstance(said, Table):
        said.only("fact")
        other = words.column(said.text("fact"), said.at("fact"))
        if other.type != column.type:
            raise place.refuse(
                f"{column.name} ({column.type}) against {other.name} ({other.type})", "compare like with like"
            )
        return other.name
    if said == "value":
        return "value"
    if not isinstance(said, str):
        raise place.refuse(f"{said!r} is no number", "write a quoted number, a date, value or {fact: ...}")
    return column.number(said, place)


def in_set(column: Column, said: Any, place: Place) -> Predicate:
    """The test that a column has one of the values said: one word, a list of words, or {not: ...}."""
    if isinstance(said, Table):
        said.only("not")
        return Junction("not", (in_set(column, said.get("not"), said.at("not")),))
    if column.type not in ("bool", "choice"):
        raise place.refuse(
            f"'is' of {column.name}, a number", "use at_least, at_most, more_than, less_than, before"
        )
    return Test(column.name, "is", bits(column, said, place))


def bits(column: Column, said: Any, place: Place) -> int:
    """The set of a column's values as bits, from one word, a list of words, or {not: ...}."""
    if isinstance(said, Table):
        said.only("not")
        return (1 << len(column.choices or "01")) - 1 & ~bits(column, said.get("not"), said.at("not"))
    found = 0
    for word in said if isinstance(said, list) else [said]:
        if not isinstance(word, str):
            raise place.refuse(f"{word!r} is no word", f"use one of {', '.join(column.choices) or 'yes, no'}")
        found |= 1 << column.number(word, place)
    if not found:
        raise place.refuse("an empty list", "name what is meant, or remove the line")
    return found


def selector(item: Table, words: Vocabulary) -> Selector:
    """Which contacts are meant. Without `sender`, those of the lender and its agencies."""
    masks: dict[str, int] = {}
    item.only(*words.history, "lasting")
    for name, column in words.history.items():
        if name in item:
            masks[name] = bits(column, item[name], item.at(name))
    if "sender" not in masks and "kind" in masks and not masks["kind"] & _inbound(words):
        column = words.history["sender"]
        masks["sender"] = sum(1 << column.parse(sender) for sender in OUTBOUND)
    lasting = whole(item.text("lasting", "0"), item.at("lasting"))
    return Selector(masks, lasting)


def _inbound(words: Vocabulary) -> int:
    return 1 << words.history["kind"].parse("inbound")


def counter(item: Table, key: str, words: Vocabulary) -> Counter:
    """A counter from a table that holds the selector under `key`, `per`, `within` and perhaps `except_consent_days`."""
    per = tuple(str(each) for each in item.items_of("per"))
    if not per or not set(per) <= set(PERS) or ("lender" in per and len(per) > 1):
        raise item.at("per").refuse(
            f"per {', '.join(per)}", f"use {', '.join(PERS)} or a list; 'lender' stands alone"
        )
    span, length = _span(item)
    consent = whole(item.text("except_consent_days", "0"), item.at("except_consent_days"))
    return Counter(selector(item.table(key), words), per, span, length, consent, key == "since")


def _span(item: Table) -> tuple[str, int]:
    said = item.get("within")
    place = item.at("within")
    mend = 'write within: {days: "7"}, {hours: "24"}, {calendar: day|week|month|year} or always'
    if said == "always":
        return "always", 0
    if not isinstance(said, Table) or len(said) != 1:
        raise place.refuse(f"within {said!r}", mend)
    unit = next(iter(said))
    if unit == "calendar" and said.text(unit) in ("day", "week", "month", "year"):
        return said.text(unit), 1
    if unit in ("days", "hours"):
        length = whole(said.text(unit), said.at(unit))
        if length < 1:
            raise said.at(unit).refuse("a span of nothing", "count at least one day or hour")
        return unit, length
    raise place.refuse(f"within {unit}", mend)


def _past(item: Table, words: Vocabulary) -> Predicate:
    item.only("history", "per", "within", "except_consent_days", "at_least", "less_than")
    ops = [op for op in ("at_least", "less_than") if op in item]
    if len(ops) != 1:
        raise item.at().refuse("a count of the past without a bound", "give at_least or less_than")
    said = item.text(ops[0])
    number = said if said == "value" else whole(said, item.at(ops[0]))
    return Past(counter(item, "history", words), ops[0], number)


def whole(text: str, place: Place) -> int:
    """A whole number written in digits. Raises PackError."""
    if not (text.isascii() and text.isdecimal()) or len(text) > 9:
        raise place.refuse(f"{text!r} is not a whole number", "write digits in quotes")
    return int(text)


def stack_depth(said: Predicate) -> int:
    """The most values that are waiting while a condition is worked out."""
    if isinstance(said, Junction):
        return max(number + stack_depth(part) for number, part in enumerate(said.parts))
    return 1


def columns_against_value(said: Predicate) -> Iterator[str | None]:
    """The columns that are compared with the rule's own value; None for a count of the past."""
    if isinstance(said, Junction):
        for part in said.parts:
            yield from columns_against_value(part)
    elif isinstance(said, Past):
        if said.number == "value":
            yield None
    elif said.operand == "value":
        yield said.column
