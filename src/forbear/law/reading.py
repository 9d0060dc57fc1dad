"""Strict YAML: text in, nested tables of strings out, every one of them with its line.

Law must not depend on what YAML makes of an unquoted 1.10, 08:00 or no. So a scalar stays the text that was written,
`null` alone means nothing, and an unquoted number is refused: whoever reads the file then sees what the program sees.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml

_Loader: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NUMBERS: Final = {"tag:yaml.org,2002:float": "a float", "tag:yaml.org,2002:int": "an unquoted number"}
_NULL: Final = "tag:yaml.org,2002:null"
_PLAIN: Final = frozenset(f"tag:yaml.org,2002:{name}" for name in ("str", "bool", "timestamp", "map", "seq"))
_EXPONENT: Final = re.compile(r"[-+]?[0-9][0-9_.]*[eE][-+]?[0-9]+")  # YAML 1.1 takes 1e3 for a word


class PackError(ValueError):
    """A pack is malformed. The message names the file, the line, what is wrong and how to mend it."""

    def __init__(self, file: str, line: int, what: str, mend: str) -> None:
        """`line` counts from 1; 0 where no line is meant."""
        self.file, self.line, self.what, self.mend = file, line, what, mend
        super().__init__(f"{file}:{line}: {what}; {mend}" if line else f"{file}: {what}; {mend}")


class PacksError(ValueError):
    """All that is wrong with the packs, one message a line."""

    def __init__(self, errors: list[PackError]) -> None:
        """`errors` in the order of files and lines."""
        self.errors = tuple(sorted(errors, key=lambda error: (error.file, error.line)))
        super().__init__("\n".join(str(error) for error in self.errors))


class Place(NamedTuple):
    """Where a value was written."""

    file: str
    line: int

    def refuse(self, what: str, mend: str) -> PackError:
        """The error to raise."""
        return PackError(self.file, self.line, what, mend)


class Table(dict[str, Any]):
    """A mapping that remembers its file and the line of each key."""

    def __init__(self, file: str, line: int) -> None:
        """Empty, at its place."""
        super().__init__()
        self.file, self.line = file, line
        self.lines: dict[str, int] = {}

    def at(self, key: str | None = None) -> Place:
        """The place of a key, or of the table itself."""
        return Place(self.file, self.lines.get(key, self.line) if key else self.line)

    def only(self, *allowed: str) -> None:
        """Refuse any key that is not among these."""
        for key in self:
            if key not in allowed:
                raise self.at(key).refuse(f"unknown key {key!r}", f"use {', '.join(allowed)}, or remove it")

    def need(self, *keys: str) -> None:
        """Refuse the table if one of these is missing or empty."""
        for key in keys:
            if self.get(key) is None:
                raise self.at(key).refuse(f"{key!r} is missing", f"add '{key}: ...'")

    def text(self, key: str, default: str | None = None) -> str:
        """The value as text; `default` where it is missing or null. Refuses a table or list."""
        value = self.get(key)
        if value is None:
            if default is None:
                raise self.at(key).refuse(f"{key!r} is missing", f"add '{key}: ...'")
            return default
        if not isinstance(value, str):
            raise self.at(key).refuse(f"{key!r} is not one word or text", "write a single value")
        return value

    def table(self, key: str) -> "Table":
        """The value as a table."""
        value = self.get(key)
        if not isinstance(value, Table):
            raise self.at(key).refuse(
                f"{key!r} is not a table", f"write '{key}:' with indented 'key: value' lines"
            )
        return value

    def items_of(self, key: str) -> list[Any]:
        """The value as a list; a single value counts as a list of one, a missing one as empty."""
        value = self.get(key)
        if value is None:
            return []
        return value if isinstance(value, list) else [value]

    def tables(self, key: str) -> Iterator["Table"]:
        """The value as a list of tables."""
        for item in self.items_of(key):
            if not isinstance(item, Table):
                raise self.at(key).refuse(
                    f"{key!r} holds {item!r}, not a table", "write '- key: value' lines"
                )
            yield item


def text_of(path: Path, file: str) -> str:
    """The text of a file, known as `file`. Raises PackError where it is not UTF-8."""
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise PackError(
            file, line, f"the byte {data[error.start]:#04x} is not UTF-8", "save the file as UTF-8"
        ) from None


def read(text: str, file: str) -> Any:
    """The document as Table, list, str and None.

    Raises PackError for broken YAML, duplicate keys, unquoted numbers, aliases, merges and tags.
    """
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 0
        raise PackError(
            file, line, f"not YAML: {error.problem}", "correct the line or quote the text"
        ) from None
    except yaml.YAMLError as error:  # a character that YAML does not know has no mark
        raise PackError(file, 0, f"not YAML: {error}", "remove the character") from None
    if node is None:
        raise PackError(file, 1, "the file is empty", "write the rule, or remove the file")
    return _value(node, file, set())


def read_table(text: str, file: str) -> Table:
    """As `read`, for a document that has to be a table."""
    found = read(text, file)
    if not isinstance(found, Table):
        raise PackError(file, 1, "the file is not a table", "write 'key: value' lines")
    return found


def _value(node: Any, file: str, read_before: set[int]) -> Any:
    line = node.start_mark.line + 1
    if id(node) in read_before:
        raise PackError(file, line, "an alias of what stands on this line", "write it out in each place")
    read_before.add(id(node))
    if isinstance(node, yaml.ScalarNode):
        if node.tag == _NULL:
            return None
        if node.tag in _NUMBERS or (not node.style and _EXPONENT.fullmatch(node.value)):
            kind = _NUMBERS.get(node.tag, "a float")
            raise PackError(file, line, f"{node.value} is {kind}", f'quote it: "{node.value}"')
    if node.tag not in _PLAIN:
        raise PackError(file, line, f"the tag {node.tag}", "remove it: packs are plain text")
    if isinstance(node, yaml.ScalarNode):
        return node.value
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, file, read_before) for item in node.value]
    table = Table(file, line)
    for key, value in node.value:
        where = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode) or key.tag in _NUMBERS:
            raise PackError(file, where, "a key that is not a word", "quote a number that is a key")
        if key.value in table:
            raise PackError(file, where, f"the key {key.value!r} is given twice", "remove one of the two")
        table.lines[key.value] = where
        table[key.value] = _value(value, file, read_before)
    return table
