"""The files of an import as frames of the schema's columns."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from forbear.formats.mapping import FileMapping, Mapping
from forbear.formats.problems import Problems
from forbear.formats.rewriting import rewrite
from forbear.formats.schema import column_names, required_names
from forbear.formats.tabular import Frame, TableFile, open_table

Progress = Callable[[int, int], None]


def frames(
    kind: str,
    paths: Sequence[Path],
    mapping: Mapping,
    problems: Problems,
    *,
    only: Sequence[str] | None = None,
    progress: Progress = lambda *_: None,
) -> Iterator[Frame]:
    """The rows of the files of one kind (one of `FILES`), in order.

    Without a mapping a file has the schema's own columns; `only` reads some of them. What is wrong with a file as a whole
    becomes a problem, and its rows are left out. Progress is told over all files, as if they were equally long.
    """
    readings = [
        (path, rule)
        for path in paths
        for rule in mapping.rules(kind)
        if rule is None or rule.reads(path.name)
    ]
    for number, (path, rule) in enumerate(readings):

        def tell(done: int, total: int, number: int = number) -> None:
            progress(number * total + done, len(readings) * total)

        table = open_table(path, problems, rule.style if rule else mapping.style)
        if table is not None:
            yield from _file_frames(kind, table, rule, problems, only, tell)


def _file_frames(
    kind: str,
    table: TableFile,
    rule: FileMapping | None,
    problems: Problems,
    only: Sequence[str] | None,
    progress: Progress,
) -> Iterator[Frame]:
    if rule is None:
        if _fits(kind, table.names, table.label, problems):
            wanted = [name for name in table.names if only is None or name in only]
            yield from table.frames(wanted, problems, progress)
        return
    missing = [name for name in rule.sources() if name not in table.names]
    for name in missing:
        problems.add(
            table.label,
            f"the file has no such column, which {rule.place} names",
            "its columns are " + ", ".join(table.names),
            column=name,
            gap=True,
        )
    if not missing:
        for frame in table.frames(rule.sources(only), problems, progress):
            yield rewrite(rule, frame, problems, only)


def _fits(kind: str, names: Sequence[str], label: str, problems: Problems) -> bool:
    """Whether the columns are those of the schema; complains of each that is missing or not known."""
    known: Any = column_names(kind)
    if len(names) == 1 and (found := next((mark for mark in ";\t|" if mark in names[0]), None)):
        problems.add(
            label,
            f"the columns are separated by {found!r}, not by commas",
            f"say so in a mapping (csv: delimiter: {found!r}), or save the file with commas",
            gap=True,
        )
        return False
    before = len(problems)
    for name in required_names(kind):
        if name not in names:
            problems.add(
                label, f"{kind} need this column", "add it, or map another one to it", column=name, gap=True
            )
    for name in names:
        if not name:
            problems.add(
                label, "a column has no name", "is there a comma at the end of each row? Remove it", gap=True
            )
        elif name not in known:
            near = name.strip().lower()
            problems.add(
                label,
                f"{kind} have no such column",
                f"rename it to {near}"
                if near in known
                else f"rename or remove it, or use a mapping; the columns are {', '.join(known)}",
                column=name,
                gap=True,
            )
    return len(problems) == before
