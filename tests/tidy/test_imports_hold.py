"""What benchmarks, examples and tools take from Forbear is there: no other test imports all of them."""

import ast
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(
    file.relative_to(ROOT).as_posix()
    for folder in ("benchmarks", "examples", "tools")
    for file in (ROOT / folder).rglob("*.py")
)


def taken(source: str) -> list[tuple[str, str]]:
    """(module, name) of every `from forbear... import name`."""
    return [
        (node.module, alias.name)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "forbear"
        for alias in node.names
    ]


def missing(source: str) -> list[str]:
    """Those that are not there."""
    return [f"{module}.{name}" for module, name in taken(source) if not is_there(module, name)]


def is_there(module: str, name: str) -> bool:
    """Whether a module has the name, as one of its own or as a module below it."""
    if hasattr(importlib.import_module(module), name):
        return True
    try:
        importlib.import_module(f"{module}.{name}")
    except ModuleNotFoundError:
        return False
    return True


@pytest.mark.parametrize("file", FILES)
def test_what_is_imported_is_there(file):
    assert missing((ROOT / file).read_text(encoding="utf-8")) == []


def test_a_name_that_is_gone_is_found():
    assert missing("from forbear.engine.kept import Kept, STAMPED") == ["forbear.engine.kept.STAMPED"]
