"""Mappings: how a lender's own columns, units and codes become the schema's.

A mapping is a small YAML file, described with examples in `docs/reference/import.md`. Reading it is strict: what is not
understood is refused with its line. `forbear.formats.rewriting` applies it.
"""

import fnmatch
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from string import Formatter
from types import MappingProxyType
from typing import Any, Final

import yaml

from forbear.formats.problems import Problem, Problems, TooManyProblemsError
from forbear.formats.schema import FILES, SCHEMA, Form
from forbear.formats.tabular import CsvStyle

AMOUNT_UNITS: Final = MappingProxyType(
    {"major": 0, "thousand": 3, "ten_thousand": 4, "million": 6, "minor": None}
)
"""Power of ten above the major unit; `minor` (cents, 分) has its own meaning whatever the currency."""
RATE_UNITS: Final = MappingProxyType({"ratio": 0, "percent": 2, "per_mille": 3, "basis_points": 4})
SECTION_KEYS: Final = ("files", "columns", "where", "skip", "csv")
COLUMN_KEYS: Final = ("from", "value", "text", "unit", "codes", "otherwise", "date", "trim", "remove")
SOURCES: Final = ("from", "value", "text")


@dataclass(frozen=True, slots=True)
class ColumnRule:
    """How one column of the schema is made.

    Exactly one of `source` (a column), `value` (the same in every row) and `parts` (text around columns) is not None.

    Attributes:
        codes: what each value stands for; None: values are taken as they are.
        otherwise: what a value without a code stands for; None: it is refused.
        date: the form of dates, as Python's `strptime` has it; None: YYYY-MM-DD.
        trim: drop spaces around values.
        remove: characters that count for nothing, such as "$,".
        unit: of amounts and rates.
    """

    name: str
    line: int
    source: str | None = None
    value: str | None = None
    parts: tuple[tuple[str, str | None], ...] | None = None
    codes: tuple[tuple[str, str], ...] | None = None
    otherwise: str | None = None
    date: str | None = None
    trim: bool = False
    remove: str = ""
    unit: str | None = None

    def sources(self) -> tuple[str, ...]:
        """The columns of the file that it takes."""
        if self.source is not None:
            return (self.source,)
        return tuple(name for _, name in self.parts or () if name)


@dataclass(frozen=True, slots=True)
class FileMapping:
    """One way to read a file: which rows, and how each column is made.

    `place` names it in messages; `files` are patterns of names, such as "accepted_*.csv".
    """

    place: str
    columns: tuple[ColumnRule, ...]
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    skip: tuple[tuple[str, tuple[str, ...]], ...] = ()
    style: CsvStyle = field(default_factory=CsvStyle)
    files: tuple[str, ...] = ()

    def reads(self, name: str) -> bool:
        """Whether it is meant for a file of this name; without patterns it is for all."""
        return not self.files or any(fnmatch.fnmatch(name, pattern) for pattern in self.files)

    def chosen(self, only: Sequence[str] | None = None) -> tuple[ColumnRule, ...]:
        """The rules of the columns wanted."""
        return tuple(rule for rule in self.columns if only is None or rule.name in only)

    def sources(self, only: Sequence[str] | None = None) -> list[str]:
        """The file's columns that are needed."""
        names = [name for rule in self.chosen(only) for name in rule.sources()]
        names += [name for name, _ in (*self.where, *self.skip)]
        return list(dict.fromkeys(names))


@dataclass(frozen=True, slots=True)
class Mapping:
    """Rules for each kind of file; a kind without rules has the schema's own columns."""

    files: MappingProxyType[str, tuple[FileMapping, ...]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    style: CsvStyle = field(default_factory=CsvStyle)

    def rules(self, kind: str) -> Sequence[FileMapping | None]:
        """How to read the files of a kind: each file once for each rule; None: as the schema has it."""
        return self.files.get(kind) or (None,)

    def kinds_of(self, name: str) -> tuple[str, ...]:
        """What a file of this name holds, by the patterns of the mapping; several kinds if several rules read it."""
        return tuple(
            kind
            for kind, rules in self.files.items()
            if any(rule.files and rule.reads(name) for rule in rules)
        )


NO_MAPPING: Final = Mapping()


def read_mapping(path: Path) -> Mapping | tuple[Problem, ...]:
    """The mapping of a YAML file, or what is wrong with it."""
    problems = Problems()
    reader = _Reader(path.name, problems)
    try:
        with path.open(encoding="utf-8") as file:
            mapping = reader.mapping(yaml.compose(file, yaml.SafeLoader))
    except TooManyProblemsError:
        return tuple(problems)
    except (OSError, UnicodeError, yaml.YAMLError) as error:
        mark = getattr(error, "problem_mark", None)
        told = " ".join(str(getattr(error, "problem", None) or error).split())
        problems.add(
            path.name,
            f"cannot be read as YAML ({told})",
            "mend it there",
            row=mark.line + 1 if mark else None,
        )
        return tuple(problems)
    return tuple(problems) if problems else mapping


class _Reader:
    """Walks the nodes of the YAML file, so that every complaint has its line."""

    def __init__(self, label: str, problems: Problems) -> None:
        self.label = label
        self.problems = problems

    def complain(self, node: Any, message: str, mend: str, *, value: object = None) -> None:
        self.problems.add(self.label, message, mend, row=node.start_mark.line + 1, value=value)

    def items(self, node: Any, known: Sequence[str] | None, what: str) -> Iterator[tuple[str, Any]]:
        """Keys and values of a YAML mapping; complains of keys that are unknown or come twice."""
        if not isinstance(node, yaml.MappingNode):
            self.complain(node, f"{what} is not a mapping", "write `key: value` lines below it")
            return
        seen = set()
        for key, value in node.value:
            name = str(key.value)
            if name in seen:
                self.complain(key, f"comes twice in {what}", "keep one of them", value=name)
            elif known is not None and name not in known:
                self.complain(key, f"is not known in {what}", "use " + ", ".join(known), value=name)
            else:
                yield name, value
            seen.add(name)

    def text(self, node: Any, what: str) -> str:
        if isinstance(node, yaml.ScalarNode):
            return str(node.value)
        self.complain(node, f"{what} is not a single value", "write one value")
        return ""

    def texts(self, node: Any, what: str) -> tuple[str, ...]:
        """A value, or a list of them."""
        if isinstance(node, yaml.SequenceNode):
            return tuple(self.text(item, what) for item in node.value)
        return (self.text(node, what),)

    def pairs(self, node: Any, what: str, read: Callable[[Any, str], Any]) -> tuple[tuple[str, Any], ...]:
        return tuple((name, read(value, what)) for name, value in self.items(node, None, what))

    def mapping(self, root: Any) -> Mapping:
        if root is None:
            self.problems.add(
                self.label,
                "the mapping is empty",
                "describe products, borrowers, loans, instalments, versions or journal",
            )
            return NO_MAPPING
        style, sections = CsvStyle(), []
        for kind, node in self.items(root, (*FILES, "csv"), "the mapping"):
            if kind == "csv":
                style = self.style(node, style)
            else:
                sections.append((kind, node))
        files = {}
        for kind, node in sections:
            parts = node.value if isinstance(node, yaml.SequenceNode) else [node]
            files[kind] = tuple(self.section(kind, part, style) for part in parts)
        return Mapping(MappingProxyType(files), style)

    def style(self, node: Any, default: CsvStyle) -> CsvStyle:
        found = dict(self.pairs_of(node, ("encoding", "delimiter"), "csv"))
        delimiter = found.get("delimiter", default.delimiter)
        if len(delimiter) != 1:
            self.complain(node, "the delimiter is not one character", 'write ";" or "\\t"', value=delimiter)
            delimiter = ","
        return CsvStyle(found.get("encoding", default.encoding), delimiter)

    def pairs_of(self, node: Any, known: Sequence[str], what: str) -> Iterator[tuple[str, str]]:
        return ((name, self.text(value, what)) for name, value in self.items(node, known, what))

    def section(self, kind: str, node: Any, style: CsvStyle) -> FileMapping:
        rules: list[ColumnRule] = []
        where: tuple[tuple[str, Any], ...] = ()
        skip: tuple[tuple[str, Any], ...] = ()
        files: tuple[str, ...] = ()
        known = {column.name: column for column in SCHEMA[kind]}
        for key, value in self.items(node, SECTION_KEYS, kind):
            if key == "columns":
                columns = self.items(value, tuple(known), f"the columns of {kind}")
                rules = [self.column(kind, known[name].form, name, rule) for name, rule in columns]
            elif key == "csv":
                style = self.style(value, style)
            elif key == "files":
                files = self.texts(value, "files")
            elif key == "where":
                where = self.pairs(value, "where", self.texts)
            else:
                skip = self.pairs(value, "skip", self.texts)
        missing = [
            name for name, column in known.items() if column.required and name not in {r.name for r in rules}
        ]
        if missing:
            self.complain(
                node, f"{kind} need the columns {', '.join(missing)}", "say how each of them is made"
            )
        return FileMapping(
            f"{self.label}, line {node.start_mark.line + 1},", tuple(rules), where, skip, style, files
        )

    def column(self, kind: str, form: Form, name: str, node: Any) -> ColumnRule:
        line = node.start_mark.line + 1
        if isinstance(node, yaml.ScalarNode):
            return ColumnRule(name, line, source=self.text(node, name))
        found: dict[str, Any] = {}
        for key, value in self.items(node, COLUMN_KEYS, name):
            found[key] = self.pairs(value, "codes", self.text) if key == "codes" else self.text(value, name)
        if sum(key in found for key in SOURCES) != 1:
            self.complain(
                node, f"{name} is not made of exactly one thing", "give one of from, value and text"
            )
        self.check_unit(kind, form, node, found.get("unit"))
        if "date" in found and form != Form.DATE:
            self.complain(node, f"{name} is not a date", "leave `date` out")
        if found.get("trim", "true") not in ("true", "false"):
            self.complain(node, "trim is neither true nor false", "write true or false", value=found["trim"])
        return ColumnRule(
            name,
            line,
            source=found.get("from"),
            value=found.get("value"),
            parts=self.template(node, found["text"]) if "text" in found else None,
            codes=found.get("codes"),
            otherwise=found.get("otherwise"),
            date=found.get("date"),
            trim=found.get("trim") == "true",
            remove=found.get("remove", ""),
            unit=found.get("unit"),
        )

    def check_unit(self, kind: str, form: Form, node: Any, unit: str | None) -> None:
        if unit is None:
            return
        units = {Form.AMOUNT: AMOUNT_UNITS, Form.RATE: RATE_UNITS}.get(form)
        if units is None or kind == "products":
            self.complain(
                node,
                "has a unit",
                "units are for amounts and rates of loans, instalments, versions and journal",
                value=unit,
            )
        elif unit not in units:
            self.complain(node, "is no unit that is known here", "use " + ", ".join(units), value=unit)

    def template(self, node: Any, text: str) -> tuple[tuple[str, str | None], ...]:
        try:
            return tuple((literal, name) for literal, name, _, _ in Formatter().parse(text))
        except ValueError as error:
            self.complain(node, f"is not a template ({error})", 'write "LC-{id}"', value=text)
            return ()
