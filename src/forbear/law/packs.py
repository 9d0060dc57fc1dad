"""Reading all packs: the folders are the tree of authorities, packs/<jurisdiction>/<authority>/<instrument>/<rule>.yaml."""

import functools
import hashlib
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Final

from forbear.kernel.calendars import calendar_names
from forbear.law.reading import PackError, PacksError, Table, read_table, text_of
from forbear.law.rules import read_rule
from forbear.law.schema import Jurisdiction, Packs, Rule, Source
from forbear.law.values import read_sources
from forbear.law.vocabulary import Vocabulary, build_vocabulary, words_of
from forbear.law.zones import zone

NOT_LAW: Final = ("calendars",)
CASES: Final = ".cases.yaml"
OF_A_PLACE: Final = ("jurisdiction.yaml", "facts.yaml")
_FOLDER: Final = re.compile(r"[a-z][a-z0-9_-]*")


def packaged() -> Path:
    """The folder of the packs that come with Forbear."""
    return Path(str(files("forbear").joinpath("packs")))


@functools.cache
def load(folder: Path | None = None) -> Packs:
    """All packs of a folder, by default those that come with Forbear. Raises PacksError with everything that is wrong."""
    return load_packs(packaged() if folder is None else folder)


def load_packs(folder: Path) -> Packs:
    """As `load`, reading again."""
    errors: list[PackError] = []
    texts: dict[str, str] = {}
    for path in sorted(folder.rglob("*.y*ml")):
        name = path.relative_to(folder).as_posix()
        if name.endswith(CASES) or name.split("/")[0] in NOT_LAW:
            continue
        try:
            if path.suffix != ".yaml":
                raise PackError(
                    name, 0, f"a file that ends in {path.suffix} is not read", "let it end in .yaml"
                )
            texts[name] = text_of(path, name)
        except PackError as error:
            errors.append(error)
    if errors:
        raise PacksError(errors)
    return build(texts)


def build(texts: dict[str, str]) -> Packs:
    """The packs from the text of each file, by its path below packs/. Raises PacksError."""
    errors: list[PackError] = []
    tables: dict[str, Table] = {}
    for name, text in sorted(texts.items()):
        try:
            tables[name] = read_table(text, name)
        except PackError as error:
            errors.append(error)
    try:
        words = _vocabulary(tables)
        places = _jurisdictions(tables)
    except PackError as error:
        raise PacksError([*errors, error]) from None
    sources, told = _sources(tables)
    errors += told
    rules, told = _rules(tables, places, sources, words)
    errors += told
    if not errors:
        errors += [*_unused(tables, rules, sources), *_unknown_rules(rules)]
    if errors:
        raise PacksError(errors)
    return Packs(words, places, sources, rules, digest(texts))


def digest(texts: dict[str, str]) -> str:
    """A name for the content of all files."""
    found = hashlib.sha256()
    for name in sorted(texts):
        found.update(f"{name} {len(texts[name])}\n{texts[name]}".encode())
    return found.hexdigest()


def _vocabulary(tables: dict[str, Table]) -> Vocabulary:
    if "vocabulary.yaml" not in tables:
        raise PackError("vocabulary.yaml", 0, "the vocabulary is missing", "copy it from Forbear's own packs")
    return build_vocabulary(
        tables["vocabulary.yaml"],
        [table for name, table in tables.items() if re.fullmatch(r"[^/]+/facts\.yaml", name)],
    )


def _jurisdictions(tables: dict[str, Table]) -> dict[str, Jurisdiction]:
    found = {}
    for name, table in tables.items():
        key, _, rest = name.partition("/")
        if rest != "jurisdiction.yaml":
            continue
        table.only("name", "parent", "zones", "calendar")
        zones = tuple(str(zone) for zone in table.items_of("zones"))
        parent = table.text("parent") if table.get("parent") else None
        calendar = table.text("calendar") if table.get("calendar") else None
        found[key] = Jurisdiction(key, words_of(table, "name"), parent, zones, calendar)
        if not zones:
            raise table.at("zones").refuse(
                "no time zone", "list all its zones, that of its day boundaries first"
            )
        for name_of_zone in zones:
            try:
                zone(name_of_zone)
            except LookupError as error:
                raise table.at("zones").refuse(*str(error).split("; ", 1)) from None
        if calendar is not None and calendar not in calendar_names():
            raise table.at("calendar").refuse(
                f"no calendar {calendar!r}", f"use one of {', '.join(calendar_names())}"
            )
        if parent is not None and f"{parent}/jurisdiction.yaml" not in tables:
            raise table.at("parent").refuse(
                f"no jurisdiction {parent!r}", "name a folder below packs/, or null"
            )
    for key in found:
        _no_circle(key, found, tables)
    for name, table in tables.items():
        key = name.partition("/")[0]
        if "/" in name and key not in found:
            raise table.at().refuse(f"{key} has no jurisdiction.yaml", f"add packs/{key}/jurisdiction.yaml")
    return found


def _no_circle(key: str, places: dict[str, Jurisdiction], tables: dict[str, Table]) -> None:
    passed, above = {key}, places[key].parent
    while above is not None:
        if above in passed:
            place = tables[f"{above}/jurisdiction.yaml"].at("parent")
            raise place.refuse(f"{above} lies within itself", "name the jurisdiction above it, or null")
        passed.add(above)
        above = places[above].parent


def _sources(tables: dict[str, Table]) -> tuple[dict[str, dict[str, Source]], list[PackError]]:
    found, errors = {}, []
    for name, table in tables.items():
        if name.endswith("/sources.yaml"):
            try:
                found[name.rpartition("/")[0]] = read_sources(table)
            except PackError as error:
                errors.append(error)
    return found, errors


def _rule_tables(tables: dict[str, Table]) -> Iterator[tuple[str, Table]]:
    for name, table in tables.items():
        folders, file = name.count("/"), name.rpartition("/")[2]
        if file == "sources.yaml" or (folders == 1 and file in OF_A_PLACE) or name == "vocabulary.yaml":
            continue
        yield name, table


def _rules(
    tables: dict[str, Table],
    places: dict[str, Jurisdiction],
    sources: dict[str, dict[str, Source]],
    words: Vocabulary,
) -> tuple[dict[str, Rule], list[PackError]]:
    found, errors = {}, []
    for name, table in _rule_tables(tables):
        folder, _, file = name.rpartition("/")
        parts = [*folder.split("/"), file.removesuffix(".yaml")]
        try:
            if len(parts) != 4 or not all(_FOLDER.fullmatch(part) for part in parts):
                raise PackError(
                    name,
                    0,
                    "a rule in the wrong place",
                    "keep to packs/<jurisdiction>/<authority>/<instrument>/<rule>.yaml",
                )
            if folder not in sources:
                if f"{folder}/sources.yaml" in tables:
                    continue  # refused already
                raise PackError(name, 0, "an instrument without sources", f"add {folder}/sources.yaml")
            rule = read_rule(table, ".".join(parts), places[parts[0]], sources.get(folder, {}), words)
            found[rule.id] = rule
        except PackError as error:
            errors.append(error)
    return found, errors


def _unused(
    tables: dict[str, Table], rules: dict[str, Rule], sources: dict[str, dict[str, Source]]
) -> Iterator[PackError]:
    used = {
        (rule.file.rpartition("/")[0], value.source.key) for rule in rules.values() for value in rule.values
    }
    for folder, known in sources.items():
        for key in known:
            if (folder, key) not in used:
                table = tables[f"{folder}/sources.yaml"]
                yield table.at(key).refuse(f"no value uses the source {key!r}", "remove it, or cite it")


def _unknown_rules(rules: dict[str, Rule]) -> Iterator[PackError]:
    for rule in rules.values():
        if rule.form == "parameter" and rule.details["kind"] == "product":
            for value in rule.values:
                factor = rules.get(value.value["of"])
                if factor is None or factor.form != "parameter" or factor.details["kind"] != "number":
                    yield PackError(
                        rule.file,
                        0,
                        f"it multiplies {value.value['of']!r}",
                        "name the id of a parameter of kind number",
                    )
