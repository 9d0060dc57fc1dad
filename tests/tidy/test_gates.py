"""The gates of `make lint` must be able to fail: plant a violation, see it refused; take it away, see it pass."""

import os
import pathlib
import shutil
import subprocess
import sys

import pytest

from tests.tidy.tree import ROOT

FLOORS = (
    "portal", "console", "api", "cli", "operations", "store", "scale", "formats", "channels", "servicing", "risk",
    "simulate", "engine", "law", "kernel",
)  # fmt: skip
HONEST = {
    "cli/main.py": "import forbear.operations.loans\n",
    "operations/loans.py": "import forbear.store.loans\nimport forbear.servicing.relief\n",
    "store/loans.py": "import django\nimport forbear.kernel.money\n",
    "servicing/relief.py": "import forbear.engine.fold\nimport forbear.law.gate\n",
    "engine/fold.py": "import forbear.kernel.money\n",
    "law/gate.py": "import forbear.kernel.money\nimport yaml\n",
    "kernel/money.py": "",
    "packs/__init__.py": "",
    "__main__.py": "import forbear.cli.main\n",
}


@pytest.fixture
def skeleton(tmp_path: pathlib.Path) -> pathlib.Path:
    """A package with every floor and only honest imports, under the project's own configuration."""
    (tmp_path / "pyproject.toml").write_text(
        (ROOT / "pyproject.toml").read_text(encoding="utf-8"), encoding="utf-8"
    )
    for floor in FLOORS:
        plant(tmp_path, f"{floor}/__init__.py", "")
    plant(tmp_path, "__init__.py", "")
    for path, code in HONEST.items():
        plant(tmp_path, path, code)
    return tmp_path


def plant(skeleton: pathlib.Path, path: str, code: str) -> None:
    """Write `code` to src/forbear/`path`."""
    target = skeleton / "src" / "forbear" / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(code, encoding="utf-8")


def contracts(skeleton: pathlib.Path) -> dict[str, bool]:
    """Ask import-linter: each contract's name, and whether it is kept."""
    done = subprocess.run(
        [pathlib.Path(sys.executable).with_name("lint-imports"), "--no-cache", "--config", "pyproject.toml"],
        cwd=skeleton,
        env={**os.environ, "PYTHONPATH": "src", "COLUMNS": "200", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line.strip() for line in done.stdout.splitlines()]
    found = {
        line.rsplit(" ", 1)[0].strip(): line.endswith("KEPT")
        for line in lines
        if line.endswith(("KEPT", "BROKEN"))
    }
    assert found, done.stdout + done.stderr
    return found


def test_honest_floors_pass(skeleton):
    assert contracts(skeleton) == {
        "Imports only go down, and never sideways": True,
        "The pure floors know no framework, database or network": True,
        "Kernel and engine know numbers and nothing else": True,
        "Only operations open the store": True,
        "No package goes round in a circle": True,
    }


def test_floors_not_built_yet_are_no_violation(skeleton):
    for floor in set(FLOORS) - {"kernel", "engine", "store"}:
        shutil.rmtree(skeleton / "src" / "forbear" / floor)
    (skeleton / "src" / "forbear" / "__main__.py").unlink()
    assert all(contracts(skeleton).values())


@pytest.mark.parametrize(
    ("path", "code", "contract"),
    [
        ("kernel/money.py", "import forbear.engine.fold", "Imports only go down"),
        ("engine/fold.py", "import forbear.law.gate", "Imports only go down"),
        ("portal/home.py", "import forbear.console", "Imports only go down"),
        ("risk/score.py", "import forbear.servicing.relief", "Imports only go down"),
        ("misc/__init__.py", "", "Imports only go down"),
        ("helpers.py", "", "Imports only go down"),
        ("engine/fold.py", "import django.db", "The pure floors"),
        ("law/gate.py", "import requests", "The pure floors"),
        ("simulate/days.py", "import psycopg", "The pure floors"),
        ("formats/metro.py", "import pandas", "The pure floors"),
        ("kernel/money.py", "import yaml", "Kernel and engine"),
        ("engine/fold.py", "import pyarrow", "Kernel and engine"),
        ("cli/main.py", "import forbear.store.loans", "Only operations"),
        ("console/loans.py", "from forbear.store import loans", "Only operations"),
    ],
)
def test_a_planted_import_breaks_its_contract(skeleton, path, code, contract):
    plant(skeleton, path, code)
    [kept] = [kept for found, kept in contracts(skeleton).items() if found.startswith(contract)]
    assert not kept


def test_a_circle_between_modules_is_seen(skeleton):
    plant(skeleton, "risk/score.py", "import forbear.risk.vintage")
    plant(skeleton, "risk/vintage.py", "import forbear.risk.score")
    assert not contracts(skeleton)["No package goes round in a circle"]


def ruff(path: str, code: str) -> set[str]:
    """The rules that ruff finds broken in `code`, were it at `path`."""
    done = subprocess.run(
        [
            pathlib.Path(sys.executable).with_name("ruff"),
            "check",
            "--no-cache",
            "--output-format=concise",
            "--stdin-filename",
            path,
            "-",
        ],
        cwd=ROOT,
        input=code,
        capture_output=True,
        text=True,
        check=False,
    )
    return {word for line in done.stdout.splitlines() for word in line.split()[1:2]}


@pytest.mark.parametrize(
    "code",
    [
        "import datetime\n\nprint(datetime.date.today())\n",
        "import datetime\n\nprint(datetime.datetime.now(tz=datetime.UTC))\n",
        "import time\n\nprint(time.time())\n",
        "import random\n\nprint(random.random())\n",
        "import numpy as np\n\nprint(np.random.default_rng(1))\n",
    ],
)
def test_clock_and_chance_are_banned_below_the_entry_points(code):
    for floor in ("kernel", "engine", "operations", "store"):
        assert "TID251" in ruff(f"src/forbear/{floor}/planted.py", code)
    assert "TID251" not in ruff("src/forbear/cli/planted.py", code)
    assert "TID251" not in ruff("tests/unit/test_planted.py", code)


def test_chance_is_open_to_simulations():
    assert "TID251" not in ruff(
        "src/forbear/simulate/planted.py", "import random\n\nDICE = random.Random(7)\n"
    )
