"""What comes along when a floor is imported, seen from a Python of its own."""

import json
import subprocess
import sys

import pytest

from tests.tidy.tree import PACKAGE, floors

FRAMEWORKS = {"django", "psycopg", "pyspark", "pandas", "requests", "httpx"}
WEIGHTS = {"django", "numba", "numpy", "psycopg", "pyarrow"}
# Numba itself loads yaml where it finds it; that kernel and engine do not is import-linter's to see.
NOT_BELOW = {
    "kernel": FRAMEWORKS | {"pydantic", "pyarrow"},
    "engine": FRAMEWORKS | {"pydantic", "pyarrow"},
    "law": FRAMEWORKS,
    "servicing": FRAMEWORKS,
    "risk": FRAMEWORKS,
    "simulate": FRAMEWORKS,
    "formats": FRAMEWORKS,
}
IMPORT_ALL = """
import importlib, json, pkgutil, sys
package = importlib.import_module(sys.argv[1])
for found in pkgutil.walk_packages(getattr(package, "__path__", []), package.__name__ + "."):
    if not found.name.endswith("__main__"):
        importlib.import_module(found.name)
print(json.dumps(sorted({module.split(".")[0] for module in sys.modules})))
"""
IMPORT_ONE = "import importlib, json, sys; importlib.import_module(sys.argv[1]); print(json.dumps(sorted(sys.modules)))"


def modules_after(code: str, module: str) -> set[str]:
    """The modules a fresh Python holds once it has run `code` for `module`."""
    done = subprocess.run([sys.executable, "-c", code, module], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{module} can't be imported by itself:\n{done.stderr}"
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("floor", sorted(NOT_BELOW))
def test_a_pure_floor_brings_no_framework(floor):
    if floor not in floors():
        pytest.skip(f"forbear.{floor} does not exist yet")
    came_along = modules_after(IMPORT_ALL, f"forbear.{floor}") & NOT_BELOW[floor]
    assert not came_along, (
        f"forbear.{floor} brought {sorted(came_along)} along; see docs/explanation/architecture.md"
    )


def test_what_is_watched_can_be_seen():
    assert "django" in modules_after(IMPORT_ALL, "django.utils.functional")


def test_the_command_line_starts_light():
    if not (PACKAGE / "cli" / "main.py").exists():
        pytest.skip("forbear.cli.main does not exist yet")
    came_along = modules_after(IMPORT_ONE, "forbear.cli.main") & WEIGHTS
    assert not came_along, f"`forbear --help` should be instant, but importing it loads {sorted(came_along)}"
