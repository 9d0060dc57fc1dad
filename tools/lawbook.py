"""What is written from the packs: docs/lawbook, docs/reference/law-words.md and the schema of `forbear law judge`."""

import json
import pathlib

from forbear.law.book import pages
from forbear.law.cases import read_cases, run
from forbear.law.packs import load, packaged
from forbear.law.vocabulary import UNKNOWN, Column, Vocabulary
from forbear.law.wire import schema

DOCS = pathlib.Path(__file__).resolve().parents[1] / "docs"
BOOK = DOCS / "lawbook"
WORDS_OPENING = """# The words of the law packs

Written by `make docs` from `packs/vocabulary.yaml` and each `facts.yaml`. `silence` is what is taken where nobody said anything:
`careful` means that each rule then takes the side that protects the borrower, and the verdict names the fact as missing.
"""


def written() -> dict[pathlib.Path, str]:
    """Every generated file with its content."""
    packs = load()
    book = pages(packs, [run(case, packs) for case in read_cases(packaged(), packs)])
    found = {BOOK / path: content for path, content in book.items()}
    found[DOCS / "reference" / "law-words.md"] = words_page(packs.vocabulary)
    told = json.dumps(schema(packs.vocabulary), ensure_ascii=False, indent=1)
    found[DOCS / "reference" / "law-judge.schema.json"] = told + "\n"
    return found


def stale() -> list[pathlib.Path]:
    """Pages of the book whose rule is gone."""
    now = set(written())
    return sorted(path for path in BOOK.rglob("*.md") if path not in now)


def write() -> None:
    """Write all of it, and remove what is stale."""
    for path in stale():
        path.unlink()
    for path, content in written().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")


def words_page(words: Vocabulary) -> str:
    """The vocabulary as tables."""
    lines = [WORDS_OPENING, "## Acts · 行为", "", "| act | meaning | 含义 |", "|---|---|---|"]
    lines += [f"| `{name}` | {told.en} | {told.zh} |" for name, told in words.acts.items()]
    lines += ["", "## What describes an act · 行为的要素", ""]
    for name in words.fields:
        if name != "act":
            lines += _choices(words.columns[name], 3)
    lines += ["## A past contact · 过往联系", ""]
    for column in words.history.values():
        lines += _choices(column, 3)
    lines += ["## Facts · 事实", "", "| fact | type | silence | meaning | 含义 |", "|---|---|---|---|---|"]
    facts = [column for name, column in words.columns.items() if name not in words.fields]
    lines += [
        f"| `{each.name}` | {_type(each)} | {_silence(each)} | {each.words.en} | {each.words.zh} |"
        for each in facts
    ]
    return "\n".join([*lines, ""])


def _choices(column: Column, depth: int) -> list[str]:
    found = [
        f"{'#' * depth} {column.name}",
        "",
        f"{column.words.en} · {column.words.zh}; {column.type}; silence: {_silence(column)}",
        "",
    ]
    if column.choices:
        found += ["| word | meaning | 含义 |", "|---|---|---|"]
        found += [f"| `{word}` | {told.en} | {told.zh} |" for word, told in column.choices.items()]
        found.append("")
    return found


def _type(column: Column) -> str:
    return f"one of {', '.join(f'`{word}`' for word in column.choices)}" if column.choices else column.type


def _silence(column: Column) -> str:
    told = "careful" if column.unknown == UNKNOWN else f"`{column.text(column.unknown)}`"
    return told + (", by what else the contact says: see the vocabulary" if column.silence else "")
