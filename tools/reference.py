"""Write what the documentation takes from the code: docs/reference/commands.md and, from the packs, the law book."""

import inspect
import pathlib
import sys
import textwrap

import click

from tools import lawbook, surface

PAGE = pathlib.Path(__file__).resolve().parents[1] / "docs" / "reference" / "commands.md"
OPENING = """# Commands

Written by `make docs` from the commands themselves. `forbear COMMAND --help` says the same at the terminal.
"""


def page(root: click.Command) -> str:
    """The whole page: one section for each command, in the order of the command line."""
    return "\n".join([OPENING, *(section(path, command) for path, command in surface.commands(root))])


def section(path: str, command: click.Command) -> str:
    """A heading, how to call it, what it does, and its options in a table."""
    context = click.Context(command, info_name=path)
    parts = [f"## `{path}`\n", f"    {' '.join([path, *command.collect_usage_pieces(context)])}\n"]
    if told := prose(command.help or command.short_help or ""):
        parts.append(told + "\n")
    records = [record for param in command.get_params(context) if (record := param.get_help_record(context))]
    rows = [f"| `{cell(flags)}` | {cell(text)} |" for flags, text in records if "--help" not in flags]
    if rows:
        parts.append("\n".join(["| option | meaning |", "|---|---|", *rows]) + "\n")
    return "\n".join(parts)


def prose(help_text: str) -> str:
    """Help as Markdown: paragraphs, and what follows click's mark for fixed lines as a block of code."""
    found = []
    for paragraph in inspect.cleandoc(help_text).split("\f")[0].strip().split("\n\n"):
        mark, _, fixed = paragraph.partition("\n")
        if mark != "\b":
            found.append(paragraph)
            continue
        heading, _, lines = fixed.partition("\n")
        found += [heading, textwrap.indent(textwrap.dedent(lines), "    ")]
    return "\n\n".join(found)


def cell(text: str) -> str:
    """`text` on one line, safe inside a table."""
    return " ".join(text.split()).replace("|", "\\|")


def main() -> int:
    """Write all pages; 1 when there is no command line to read."""
    root = surface.command_line()
    if root is None:
        print(
            "forbear.cli.main does not exist yet; docs/reference/commands.md is left as it is.",
            file=sys.stderr,
        )
        return 1
    PAGE.write_text(page(root), encoding="utf-8")
    lawbook.write()
    print(f"Wrote {PAGE.name} and the law book.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
