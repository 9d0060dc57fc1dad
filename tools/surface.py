"""What Forbear shows to the outside: commands, settings, kinds of journal entry, tables.

Read from the code, so that the reference pages and the test that guards them can't disagree with it.
"""

import ast
import importlib
import pathlib
import re
from collections.abc import Iterator

import click

PACKAGE = pathlib.Path(__file__).resolve().parents[1] / "src" / "forbear"
SETTING = re.compile(r"FORBEAR_[A-Z][A-Z0-9_]*|DATABASE_URL|DJANGO_SETTINGS_MODULE")
ENTRY_KINDS = {"EntryKind", "JournalKind", "Kind"}


def sources(*floors: str) -> Iterator[tuple[pathlib.Path, ast.Module]]:
    """Each module of the package, or of some of its floors, with its syntax tree."""
    for folder in [PACKAGE / floor for floor in floors] or [PACKAGE]:
        for path in sorted(folder.rglob("*.py")):
            if "migrations" not in path.parts:
                yield path, ast.parse(path.read_text(encoding="utf-8"))


def command_line() -> click.Command | None:
    """The root of the command line, or None while there is none."""
    if not (PACKAGE / "cli" / "main.py").exists():
        return None
    main = importlib.import_module("forbear.cli.main").main
    if not isinstance(main, click.Command):
        raise TypeError(f"forbear.cli.main:main is a {type(main).__name__}; a click command was expected")
    return main


def commands(command: click.Command, path: str = "forbear") -> Iterator[tuple[str, click.Command]]:
    """Each command below and including `command` with the words that call it; hidden ones left out."""
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=path)
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            if child is not None and not child.hidden:
                yield from commands(child, f"{path} {name}")


def settings() -> set[str]:
    """Every environment variable that the package names."""
    return {
        node.value
        for _, module in sources()
        for node in ast.walk(module)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SETTING.fullmatch(node.value)
    }


def entry_kinds() -> set[str]:
    """Every kind of journal entry, in lower case: the members of the enumeration of kinds."""
    found = set()
    for _, module in sources("kernel", "engine", "store"):
        for node in module.body:
            if isinstance(node, ast.ClassDef) and node.name in ENTRY_KINDS:
                found |= set(_members(node))
    return found


def _members(node: ast.ClassDef) -> Iterator[str]:
    for line in node.body:
        if isinstance(line, ast.Assign):
            yield from (target.id.lower() for target in line.targets if isinstance(target, ast.Name))


def tables() -> set[str]:
    """Every table that a model of the store names in its Meta."""
    return {
        line.value.value
        for _, module in sources("store")
        for node in ast.walk(module)
        if isinstance(node, ast.ClassDef) and node.name == "Meta"
        for line in node.body
        if isinstance(line, ast.Assign)
        and isinstance(line.value, ast.Constant)
        and isinstance(line.value.value, str)
        and any(isinstance(target, ast.Name) and target.id == "db_table" for target in line.targets)
    }
