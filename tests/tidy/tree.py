"""Reading the repository: which files there are, and what they say."""

import ast
import functools
import pathlib
import subprocess
from collections.abc import Iterator

ROOT = pathlib.Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "forbear"
CODE_FOLDERS = ("src", "tests", "benchmarks", "tools", "examples")
NOT_OURS = {".git", ".venv", "build", "dist", "site", ".forbear", "__pycache__"}


@functools.cache
def files() -> tuple[pathlib.Path, ...]:
    """Every file of the repository that is tracked or could be, sorted."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0 and listed.stdout:
        found = (ROOT / name.decode() for name in listed.stdout.split(b"\0") if name)
    else:  # an unpacked archive, or a folder that git does not trust
        found = (path for path in ROOT.rglob("*") if not NOT_OURS & set(path.relative_to(ROOT).parts))
    return tuple(sorted(path for path in found if path.is_file() and "__pycache__" not in path.parts))


def name(path: pathlib.Path) -> str:
    """The path as it is written in messages and exemptions."""
    return path.relative_to(ROOT).as_posix()


def python_files(*folders: str) -> list[pathlib.Path]:
    """The Python files below `folders` (all code folders by default), generated migrations left out."""
    tops = folders or CODE_FOLDERS
    return [
        path
        for path in files()
        if path.suffix == ".py" and name(path).startswith(tuple(f"{top}/" for top in tops))
        if "migrations" not in path.parts
    ]


def text(path: pathlib.Path) -> str | None:
    """The file's text, or None when it is not text."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


@functools.cache
def tree(path: pathlib.Path) -> ast.Module:
    """The file's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def floors() -> list[str]:
    """The packages inside forbear that hold code by now."""
    return sorted(
        {
            path.relative_to(PACKAGE).parts[0]
            for path in python_files("src")
            if len(path.relative_to(ROOT).parts) > 3
        }
    )


def functions(module: ast.Module) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Each function with its dotted name, methods and inner functions too."""

    def walk(node: ast.AST, prefix: str) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                yield prefix + child.name, child
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                yield from walk(child, f"{prefix}{child.name}.")
            else:
                yield from walk(child, prefix)

    yield from walk(module, "")


def imported_names(module: ast.Module) -> dict[str, str]:
    """What each imported name stands for: {"dt": "datetime", "now": "django.utils.timezone.now"}."""
    names = {}
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            for alias in node.names:
                names[alias.asname or alias.name.split(".")[0]] = (
                    alias.name if alias.asname else alias.name.split(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return names


def dotted(node: ast.expr, names: dict[str, str]) -> str | None:
    """The full name of `a.b.c`, with `a` looked up among the imports; None when it is not such a chain."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name) or node.id not in names:
        return None
    return ".".join([names[node.id], *reversed(parts)])
