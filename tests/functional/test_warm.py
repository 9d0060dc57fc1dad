"""Nothing is compiled in a user's first request: `make warm` has done it all."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet
import pytest

from forbear.simulate.bank import Bank
from forbear.simulate.feed import write_bank

pytestmark = pytest.mark.database

ROOT = Path(__file__).resolve().parents[2]
UNTIL = 20_500  # 2026-02-16
COMMANDS = ("forbear.simulate.warm", "forbear.operations.warm")
REST = ("forbear.engine.warm",)
NOBODY_ASKS = {"forbear.kernel.days.weekday", "forbear.kernel.wide.mul_div"}
"""Arithmetic that is there for whoever writes a program of their own; no command comes to it."""

RUN = """
import json, sys
from click.testing import CliRunner
from numba.core import event
from forbear.cli.main import main

compiled = []

class Listener(event.Listener):
    def on_start(self, told):
        function = told.data["dispatcher"].py_func
        compiled.append(f"{function.__module__}.{function.__qualname__} {told.data['args']}")
    def on_end(self, told):
        pass

event.register("numba:compile", Listener())
for arguments in json.load(sys.stdin):
    before = len(compiled)
    done = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    print(json.dumps([arguments, compiled[before:]]))
"""

INDEXES = """
import importlib, json, pkgutil
import forbear
from numba.core.registry import CPUDispatcher

never = {}
for floor in ("kernel", "engine", "law", "simulate", "formats", "store", "operations"):
    package = importlib.import_module(f"forbear.{floor}")
    for module in pkgutil.walk_packages(package.__path__, f"forbear.{floor}."):
        if module.name.startswith(("forbear.store.models", "forbear.store.migrations")):
            continue  # tables, which want Django set up
        for value in vars(importlib.import_module(module.name)).values():
            if type(value) is CPUDispatcher:
                function = value.py_func
                never[f"{function.__module__}.{function.__name__}"] = not value._cache._cache_file._load_index()
print(json.dumps(sorted(name for name, empty in never.items() if empty)))
"""


@pytest.fixture(scope="module", params=["as set up", pytest.param("anew", marks=pytest.mark.long)])
def environment(request, tmp_path_factory):
    """The cache that `make setup` left, to which other tests may have added; or a new one, filled as it fills it."""
    environ = os.environ | {
        "FORBEAR_HOME": str(tmp_path_factory.mktemp("home")),
        "PYTHONPATH": str(ROOT / "src"),
    }
    if request.param == "anew":
        environ["NUMBA_CACHE_DIR"] = str(tmp_path_factory.mktemp("cache"))
        for module in COMMANDS:
            subprocess.run([sys.executable, "-m", module], env=environ, check=True, capture_output=True)
    return environ


def answer(code, environ, given=None):
    done = subprocess.run(
        [sys.executable, "-c", code], env=environ, input=given, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def mapped(folder):
    """A lender's own file of a payment, with a mapping."""
    (folder / "ours.csv").write_text("nr;contract;day;sum\nx1;L000000001;16.02.2026;1234.50\n")
    (folder / "ours.yaml").write_text(
        "journal:\n  files: ours*.csv\n  csv: {delimiter: ;}\n  columns:\n    key: {text: 'bank-{nr}'}\n"
        "    loan: contract\n    kind: {value: paid}\n    effective_on: {from: day, date: '%d.%m.%Y'}\n    amount: sum\n"
    )
    return ["import", str(folder / "ours.csv"), "--mapping", str(folder / "ours.yaml")]


def as_parquet(opening, folder):
    """The opening book with entries and loans as texts, as numbers, and in pieces: as Arrow has them."""
    folder.mkdir()
    for path in opening.iterdir():
        pyarrow.parquet.write_table(pyarrow.parquet.read_table(path), folder / path.name, row_group_size=100)
    return folder


@pytest.mark.parametrize("loans", [5, 700])
def test_no_command_compiles_anything(environment, fresh_database, tmp_path, loans):
    written = write_bank(Bank(seed=3, loans=loans, opens_on=UNTIL - 2, until=UNTIL), tmp_path / "bank")
    opening = as_parquet(written.opening, tmp_path / "parquet")
    days = [
        command
        for date, folder in written.days
        for command in (
            ["import", str(folder)] if any(folder.iterdir()) else ["status"],
            ["close-day", date.isoformat()],
        )
    ]
    commands = [
        ["import", str(written.opening)],
        ["import", str(opening)],
        *days,
        mapped(tmp_path),
        mapped(tmp_path),
        ["statement", "L000000001"],
        ["statement", "L000000001", "--as-of", "2026-03-01", "--json"],
        ["explain", "L000000001", "payoff"],
        ["preview", "L000000001", "paid", "--amount", "1.00"],
        ["record", "L000000001", "paid", "--amount", "1.00", "--reason", "by hand"],
        ["cost", "L000000001"],
        [
            "law",
            "ask",
            "--in",
            "cn",
            "--act",
            "voice_robot",
            "--at",
            "2026-02-16 21:58",
            "--past",
            "09:00 connected=yes",
        ],
        [
            "law",
            "ask",
            "--in",
            "us",
            "--act",
            "call",
            "--at",
            "2026-02-16 12:00",
            "--zone",
            "America/New_York",
        ],
        ["report", "--out", str(tmp_path / "report.html")],
        ["verify"],
        ["status"],
        *(
            ["export", what, "--format", form, "--out", str(tmp_path / what)]
            for what in ("positions", "movements", "journal", "book")
            for form in ("parquet", "csv")
        ),
    ]
    told = answer(RUN, environment | {"DATABASE_URL": fresh_database}, json.dumps(commands))
    assert len(told) == len(commands)
    assert [one for one in told if one[1]] == []


def test_every_function_is_in_the_cache(environment):
    """So none waits for a case that the commands above do not come to; with what `make setup` compiles besides."""
    if "NUMBA_CACHE_DIR" in environment:
        for module in REST:
            subprocess.run([sys.executable, "-m", module], env=environment, check=True, capture_output=True)
    [never] = answer(INDEXES, environment)
    assert set(never) <= NOBODY_ASKS  # other tests may have asked
