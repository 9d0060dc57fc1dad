"""The worked examples of a page of docs/algorithms: terms, journal and positions, read from its tables."""

import re
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from pathlib import Path

from tests.support.cases import Entry, Terms, Version
from tests.support.oracle_dates import civil, day_of

DOCS = Path(__file__).parents[2] / "docs" / "algorithms"
PLAIN = Terms(
    kind="bullet",
    interest="daily",
    day_count="act_365f",
    rates=((None, Fraction(0), Fraction(0)),),
    period_fraction=Fraction(1, 12),
    plan=(),
)
FRACTIONS = {f.name for f in fields(Terms) if f.type == "Fraction" or f.type is Fraction}


@dataclass(frozen=True)
class Example:
    """A worked example: what a page says that the position is on some days."""

    name: str
    terms: Terms
    entries: tuple[Entry, ...]
    told: tuple[tuple[int, dict[str, object]], ...]


def value(text: str) -> object:
    """A cell: money with two decimals, a date, a whole number, true or false, a word; `-` and nothing are None."""
    if text in {"", "-"}:
        return None
    if re.fullmatch(r"-?\d+\.\d\d", text):
        return int(text.replace(".", ""))
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return day_of(text)
    if text in {"true", "false"}:
        return text == "true"
    return int(text) if re.fullmatch(r"\d+", text) else text


def tables(section: str) -> list[list[dict[str, str]]]:
    """The tables of a section, a dict for each row."""
    found = []
    for block in re.findall(r"(?:^\|.*\|\n)+", section, re.MULTILINE):
        head, _, *rows = [
            [cell.strip() for cell in line.strip("|").split("|")] for line in block.splitlines()
        ]
        found.append([dict(zip(head, row, strict=True)) for row in rows])
    return found


def terms_of(rows: list[dict[str, str]]) -> Terms:
    """The terms of a table of terms and values."""
    told = {row["term"]: row["value"] for row in rows}
    dates = [day_of(text) for text in told.pop("plan").split()]
    rates = ((None, Fraction(told.pop("rate", "0")), Fraction(told.pop("penalty_rate", "0"))),)
    given: dict[str, object] = {}
    for term, text in told.items():
        if term == "buckets":
            given[term] = tuple(int(part) for part in text.split())
        else:
            given[term] = Fraction(text) if term in FRACTIONS else value(text)
    return replace(PLAIN, plan=tuple((day, 0) for day in dates), rates=rates, **given)


def versions_of(rows: list[dict[str, str]]) -> tuple[Version, ...]:
    """The later versions of a table: their number and how they begin, and terms of their own."""
    found = []
    for row in rows:
        number, first, count = int(row.pop("version")), day_of(row.pop("first_due_on")), int(row.pop("count"))
        parts = tuple(row.pop("capitalise").split())
        terms = terms_of([{"term": term, "value": text} for term, text in {**row, "plan": ""}.items()])
        terms = replace(terms, due_day=civil(first)[2])
        found.append(Version(number, terms, first, count, parts))
    return tuple(found)


def entries_of(rows: list[dict[str, str]]) -> tuple[Entry, ...]:
    """The journal of a table of entries."""
    return tuple(
        Entry(
            row["entry"],
            day_of(row["day"]),
            value(row["amount"]) or 0,
            row["component"] or None,
            place,
            f"k{place}",
            until=value(row["until"]) or 0,
            rate=Fraction(row["rate"] or 0),
            count=int(row["count"] or 0),
        )
        for place, row in enumerate(rows)
    )


def examples(page: str) -> list[Example]:
    """All worked examples of a page."""
    sections = (DOCS / page).read_text(encoding="utf-8").split("\n### ")[1:]
    found = []
    for section in sections:
        told_terms, *later, journal, positions = tables(section)
        terms = replace(terms_of(told_terms), versions=versions_of(later[0]) if later else ())
        told = tuple(
            (day_of(row["day"]), {k: value(v) for k, v in row.items() if k != "day"}) for row in positions
        )
        found.append(Example(section.splitlines()[0], terms, entries_of(journal), told))
    return found
