"""The rules of the house, as a test. Each message says what was found, where, and what to do instead."""

import ast
import pathlib
import re
from collections.abc import Iterator

import pytest

from tests.tidy import ratchet
from tests.tidy.tree import (
    PACKAGE,
    ROOT,
    dotted,
    files,
    functions,
    imported_names,
    name,
    python_files,
    text,
    tree,
)

EXACT_FLOORS = ("src/forbear/kernel", "src/forbear/engine")
ENTRY_POINTS = ("cli", "portal", "console", "api")
CLOCKS = {
    "datetime.date.today",
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
    "django.utils.timezone.localdate",
    "django.utils.timezone.localtime",
    "django.utils.timezone.now",
    "time.localtime",
    "time.time",
    "time.time_ns",
}
SEEDED = {
    "random.Random",
    "numpy.random.Generator",
    "numpy.random.PCG64",
    "numpy.random.SeedSequence",
    "numpy.random.default_rng",
}


def inexact(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Each place where a number stops being exact: (line, what it is)."""
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, float | complex):
            yield node.lineno, f"the literal {node.value!r}"
        elif isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div):
            yield node.lineno, "a division by /"
        elif isinstance(node, ast.Name) and node.id == "float":
            yield node.lineno, "the name float"
        elif isinstance(node, ast.Attribute) and re.fullmatch(
            r"float(16|32|64|128|_)|true_?div(ide)?|divide", node.attr
        ):
            yield node.lineno, f"the name {node.attr}"


def clock_reads(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Each place that asks the machine for the time, or lets a model do so: (line, name)."""
    names = imported_names(module)
    for node in ast.walk(module):
        if isinstance(node, ast.Attribute | ast.Name) and (found := dotted(node, names)) in CLOCKS:
            yield node.lineno, found
        elif isinstance(node, ast.keyword) and node.arg in {"auto_now", "auto_now_add"}:
            yield node.value.lineno, node.arg


def unseeded_chance(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Each call into random or numpy.random that has no seed: (line, name)."""
    names = imported_names(module)
    for node in ast.walk(module):
        if not isinstance(node, ast.Call):
            continue
        found = dotted(node.func, names) or ""
        seeded = found in SEEDED and bool(node.args or node.keywords)
        if found.startswith(("random.", "numpy.random.")) and not seeded:
            yield node.lineno, found


def undocumented(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Each public function or class of a module without a docstring: (line, name)."""
    for node in module.body:
        kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
        if isinstance(node, kinds) and not node.name.startswith("_") and not ast.get_docstring(node):
            yield node.lineno, node.name


def is_test(node: ast.stmt) -> bool:
    """Would pytest collect this, if it looked into the file?"""
    if isinstance(node, ast.ClassDef):
        return node.name.startswith("Test")
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")


def complaints(rule: object, paths: list[pathlib.Path]) -> str:
    """One line for each thing that `rule` finds in `paths`."""
    return "\n".join(f"{name(path)}:{line}: {what}" for path in paths for line, what in rule(tree(path)))  # type: ignore[operator]


class TestNumbers:
    def test_kernel_and_engine_are_exact(self):
        found = complaints(inexact, python_files(*EXACT_FLOORS))
        assert not found, (
            f"Money and rates are integers here; name the division and its rounding (mul_div):\n{found}"
        )

    @pytest.mark.parametrize(
        "planted", ["x = 0.5", "x = a / b", "x /= 2", "x = float(a)", "x = np.float64(a)", "x = 1e3"]
    )
    def test_what_is_inexact_is_seen(self, planted):
        assert list(inexact(ast.parse(planted)))

    @pytest.mark.parametrize("planted", ["x = a // b", "x = '0.5'", "x = 1_000", "p = a % b"])
    def test_what_is_exact_passes(self, planted):
        assert not list(inexact(ast.parse(planted)))


class TestClock:
    def test_only_entry_points_read_the_clock(self):
        below = [
            path for path in python_files("src") if path.relative_to(PACKAGE).parts[0] not in ENTRY_POINTS
        ]
        found = complaints(clock_reads, below)
        assert not found, f"Pass as_of in; only entry points read the clock:\n{found}"

    @pytest.mark.parametrize(
        "planted",
        [
            "import datetime as dt\ndt.date.today()",
            "from datetime import date\nx = date.today",
            "from datetime import datetime\ndatetime.now(tz=None)",
            "import time\ntime.time()",
            "from time import time\ntime()",
            "from django.utils import timezone\ndefault = timezone.now",
            "Field(auto_now_add=True)",
        ],
    )
    def test_each_way_to_read_it_is_seen(self, planted):
        assert list(clock_reads(ast.parse(planted)))

    @pytest.mark.parametrize(
        "planted",
        ["import time\ntime.monotonic()", "self.now()", "import datetime\ndatetime.date(2026, 3, 1)"],
    )
    def test_durations_and_given_dates_pass(self, planted):
        assert not list(clock_reads(ast.parse(planted)))

    def test_chance_has_a_seed(self):
        found = complaints(unseeded_chance, python_files("src"))
        assert not found, f"Give the generator a seed, so that what it found can be found again:\n{found}"

    @pytest.mark.parametrize(
        ("planted", "seen"),
        [
            ("import random\nrandom.random()", True),
            ("import random\nrandom.Random()", True),
            ("import random\nrandom.Random(7)", False),
            ("import numpy as np\nnp.random.default_rng()", True),
            ("import numpy as np\nnp.random.default_rng(seed)", False),
            ("import numpy as np\nnp.random.normal(0, 1)", True),
        ],
    )
    def test_what_chance_is_seen(self, planted, seen):
        assert bool(list(unseeded_chance(ast.parse(planted)))) is seen


class TestSizes:
    def test_functions_fit_on_a_page(self):
        sizes = {
            f"{name(path)}::{function}": (node.end_lineno or node.lineno) - node.lineno + 1
            for path in python_files()
            for function, node in functions(tree(path))
        }
        self.check(sizes, ratchet.FUNCTION_LINES, ratchet.LONG_FUNCTIONS, "LONG_FUNCTIONS")

    def test_files_can_be_read_in_one_sitting(self):
        sizes = {name(path): path.read_text(encoding="utf-8").count("\n") for path in python_files()}
        self.check(sizes, ratchet.FILE_LINES, ratchet.LONG_FILES, "LONG_FILES")

    def check(self, sizes, limit, exempt, where):
        told = []
        for key, size in sizes.items():
            allowed, _ = exempt.get(key, (limit, ""))
            if size > max(limit, allowed):
                told.append(
                    f"{key} has {size} lines, allowed are {max(limit, allowed)}: split it where it changes subject"
                )
        for key, (_, reason) in exempt.items():
            if sizes.get(key, 0) <= limit:
                told.append(f"{key} no longer needs its line in tests/tidy/ratchet.py {where}: remove it")
            if len(reason.split()) < 3:
                told.append(f"{key} is exempt in tests/tidy/ratchet.py {where} without a reason")
        assert not told, "\n".join(told)

    def test_the_ratchet_complains_when_it_should(self):
        with pytest.raises(AssertionError, match="has 61 lines"):
            self.check({"a": 61}, 60, {}, "X")
        with pytest.raises(AssertionError, match="has 71 lines, allowed are 70"):
            self.check({"a": 71}, 60, {"a": (70, "a table of cases")}, "X")
        with pytest.raises(AssertionError, match="no longer needs"):
            self.check({"a": 60}, 60, {"a": (70, "a table of cases")}, "X")
        with pytest.raises(AssertionError, match="no longer needs"):
            self.check({}, 60, {"gone": (70, "a table of cases")}, "X")
        with pytest.raises(AssertionError, match="without a reason"):
            self.check({"a": 65}, 60, {"a": (70, "")}, "X")
        self.check({"a": 60, "b": 65}, 60, {"b": (70, "a table of cases")}, "X")


class TestDocstrings:
    def test_kernel_and_engine_explain_themselves(self):
        found = complaints(undocumented, python_files(*EXACT_FLOORS))
        assert not found, f"Say what it does, with units and rounding:\n{found}"


class TestChecksRun:
    def test_every_check_is_in_a_file_that_pytest_reads(self):
        missed = [
            name(path)
            for path in python_files("tests")
            if not path.name.startswith("test_") and any(is_test(node) for node in tree(path).body)
        ]
        assert not missed, f"These hold tests that never run; name them test_*.py: {missed}"

    def test_every_test_file_holds_a_check(self):
        empty = [
            name(path)
            for path in python_files("tests")
            if path.name.startswith("test_") and not any(is_test(node) for node in ast.walk(tree(path)))
        ]
        assert not empty, f"These look like tests and check nothing: {empty}"


class TestPlaces:
    """Nothing in the repository knows whose machine it was on."""

    # Written as patterns, so that this file does not find itself.
    HOMES = "home|Users|root|mnt"
    HOSTS = r"(pypi|pythonhosted)\.(org|io)|npmjs\.(org|com)|tuna\.tsinghua|mirrors\.aliyun"

    def rules(self):
        yield re.compile(rf"(?<![\w.~*:/)\]}}])/({self.HOMES})/[\w.]"), "a path of a machine"
        yield re.compile(rf"\b({self.HOSTS})\b"), "the host of a registry"
        yield (
            re.compile("--" + "(extra-)?index-url|^registry *=", re.MULTILINE),
            "an address to download from",
        )
        if len(ROOT.parent.as_posix()) > 2:
            yield re.compile(rf"(?<![\w.]){re.escape(ROOT.parent.as_posix())}/"), "the path of this machine"

    def find(self, content):
        return [f"{what}: {found.group()}" for rule, what in self.rules() for found in rule.finditer(content)]

    def test_no_file_names_one(self):
        told = [f"{name(path)}: {what}" for path in files() for what in self.find(text(path) or "")]
        assert not told, "\n".join(told)

    @pytest.mark.parametrize(
        "planted",
        [
            "cd /" + "home/ann/forbear",
            "--" + "index-url x",
            "https://pypi" + ".org/simple",
            f"see {ROOT.parent.as_posix()}/notes",
        ],
    )
    def test_what_names_one_is_seen(self, planted):
        assert self.find(planted)

    def test_web_paths_and_options_pass(self):
        assert not self.find("GET /loans/home/plans, docs/home/index.md, uv --no-emit-index-url")

    def test_no_lock_records_addresses(self):
        locks = {"uv.lock", "pylock.toml", "poetry.lock", "Pipfile.lock", "package-lock.json", "yarn.lock"}
        assert not [name(path) for path in files() if path.name in locks], (
            "Commit requirements/*.txt instead (make lock)."
        )

    def test_large_data_stays_outside(self):
        large = [
            name(path)
            for path in files()
            if path.suffix in {".csv", ".jsonl", ".parquet", ".arrow"} and path.stat().st_size > 400_000
        ]
        assert not large, f"Generate it, or keep a small part of it: {large}"
