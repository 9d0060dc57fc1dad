"""What commands print: tables, progress and JSON. Colour only on a terminal that wants it (NO_COLOR is heard)."""

import contextlib
import dataclasses
import datetime as dt
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from forbear.kernel.money import format_minor

if TYPE_CHECKING:
    from rich.console import Console

Progress = Callable[[str, int, int], None]


def console(*, err: bool = False) -> "Console":
    """Where to print. Without a terminal it is as wide as the text, so that no line is cut."""
    from rich.console import Console

    stream = sys.stderr if err else sys.stdout
    return Console(file=stream, highlight=False, width=None if stream.isatty() else 160)


def as_json(value: Any) -> str:
    """Dataclasses, dates and the like as JSON; amounts stay whole numbers of minor units."""
    return json.dumps(_plain(value), ensure_ascii=False, indent=2)


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    if isinstance(value, str | int | float | None):
        return value
    return str(value)


def table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], *, words: int = 1) -> None:
    """Print a table; the first `words` columns are text, the others numbers, set to the right."""
    from rich import box
    from rich.table import Table

    drawn = Table(
        title=title, title_justify="left", box=box.SIMPLE_HEAD, title_style="bold", show_header=any(heads)
    )
    for place, head in enumerate(heads):
        drawn.add_column(head, justify="left" if place < words else "right", no_wrap=place >= words)
    for row in rows:
        drawn.add_row(*row)
    console().print(drawn)


def amount(minor: int, currency: str = "CNY") -> str:
    """Minor units for people: 1,234.56."""
    return format_minor(minor, currency)


@contextlib.contextmanager
def progress(quiet: bool = False) -> Iterator[Progress]:
    """A bar on standard error while something runs; nothing where nobody watches."""
    if quiet or not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console(err=True), transient=True) as bar:
        tasks: dict[str, Any] = {}

        def tell(label: str, done: int, total: int) -> None:
            if label not in tasks:
                for task in tasks.values():
                    bar.remove_task(task)
                tasks.clear()
                tasks[label] = bar.add_task(label, total=total)
            bar.update(tasks[label], completed=done, total=total)

        yield tell


def language(environ: Mapping[str, str] = os.environ) -> str:
    """The language that the user of this machine reads: zh or en."""
    wanted = next((environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name)), "")
    return "zh" if wanted.lower().startswith("zh") else "en"


def refuse(heading: str, lines: Sequence[str]) -> None:
    """Say on standard error why something is not done, one line for each reason."""
    click.echo(click.style(heading, fg="red", bold=True), err=True)
    for line in lines:
        click.echo(f"  {line}", err=True)
