"""Mutation testing of kernel and engine by mutmut, whole or on a random sample, and the score by module.

Called by `make mutate ARGS="kernel/rounding"`. Mutants run in a copy of the checkout in `build/mutate`, so no change of the
checkout can be lost. In the copy the marks `@compiled` and `@inlined` are struck out: mutmut leaves decorated functions alone,
and with NUMBA_DISABLE_JIT=1 the marks do nothing. docs/howto/mutation.md says what the score means.
"""

import argparse
import collections
import fnmatch
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
COPY = ROOT / "build" / "mutate"
MARK = re.compile(r"^@(compiled|inlined)\n", re.MULTILINE)
ANY = "forbear.kernel.rounding.x__sign__mutmut_1"
KILLED = {1, 3, 24, -24, 36, 152, 255}  # a test failed, pytest broke, or time was up
UNTESTED = {5, 33}  # no test came by
ENVIRONMENT = {"NUMBA_DISABLE_JIT": "1", "HYPOTHESIS_PROFILE": "few"}


def copy() -> None:
    """Bring the copy up to date; files that have not changed keep their time, so that mutmut keeps their mutants."""
    for name in ("src", "tests", "docs", "tools", "pyproject.toml"):
        for source in (p for p in (ROOT / name, *(ROOT / name).rglob("*")) if p.is_file()):
            place = COPY / source.relative_to(ROOT)
            if source.suffix == ".pyc" or (place.exists() and place.stat().st_mtime > source.stat().st_mtime):
                continue
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, place)
            if source.suffix == ".py" and source.is_relative_to(ROOT / "src"):
                place.write_text(MARK.sub("", source.read_text(encoding="utf-8")), encoding="utf-8")
        for base in (COPY, COPY / "mutants"):  # what the checkout no longer has
            for gone in (base / name).rglob("*.py"):
                if not (ROOT / gone.relative_to(base)).exists():
                    gone.unlink()


def mutmut(*arguments: str) -> None:
    """Run a command of mutmut in the copy; what it says is in `mutmut.log` there."""
    command = [str(pathlib.Path(sys.executable).parent / "mutmut"), *arguments]
    with (COPY / "mutmut.log").open("w") as log:
        subprocess.run(command, cwd=COPY, env=os.environ | ENVIRONMENT, check=True, stdout=log, stderr=log)


def outcomes() -> dict[str, int | None]:
    """What came of each mutant, by its full name; None where it has not been tried."""
    found: dict[str, int | None] = {}
    for path in sorted((COPY / "mutants" / "src").rglob("*.meta")):
        found |= json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"]
    return found


def module_of(mutant: str) -> str:
    """The module of a mutant, as `kernel/rounding`."""
    return mutant.rpartition(".")[0].removeprefix("forbear.").replace(".", "/")


def chosen(modules: list[str]) -> list[str]:
    """The mutants of these modules (wildcards allowed), or all."""
    return [
        m for m in outcomes() if any(fnmatch.fnmatch(module_of(m), wanted) for wanted in modules or ["*"])
    ]


def report(mutants: list[str]) -> None:
    """The score of each module over those of these mutants that have been tried, then what survived."""
    found = outcomes()
    tried = [m for m in mutants if found[m] is not None]
    total, killed = (
        collections.Counter(map(module_of, those))
        for those in (mutants, [m for m in tried if found[m] in KILLED])
    )
    of = collections.Counter(map(module_of, tried))
    print(f"{'module':<28}{'killed':>8}{'tried':>8}{'all':>8}{'score':>8}")
    for module in sorted(of):
        print(
            f"{module:<28}{killed[module]:>8}{of[module]:>8}{total[module]:>8}{killed[module] / of[module]:>8.1%}"
        )
    share = killed.total() / max(len(tried), 1)
    print(f"{'all':<28}{killed.total():>8}{len(tried):>8}{len(mutants):>8}{share:>8.1%}")
    for mutant in tried:
        if found[mutant] not in KILLED:
            print("untested" if found[mutant] in UNTESTED else "survived", mutant)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "modules", nargs="*", help="as kernel/rounding or engine/live/*; all where none is named"
    )
    parser.add_argument("--sample", type=int, help="try as many, drawn at random from all of the modules")
    parser.add_argument("--seed", type=int, default=1, help="of the draw")
    parser.add_argument("--children", type=int, default=1, help="processes at a time")
    parser.add_argument(
        "--report", action="store_true", help="only tell again what came of those tried before"
    )
    told = parser.parse_args()
    if not told.report:
        copy()
        mutmut(
            "run", "--max-children", "1", ANY
        )  # makes all mutants on the way, and notes which tests come by each
    mutants = chosen(told.modules)
    if told.sample and told.sample < len(mutants):
        mutants = sorted(random.Random(told.seed).sample(mutants, told.sample))
    if not told.report:
        mutmut("run", "--max-children", str(told.children), *mutants)
    report(mutants)


if __name__ == "__main__":
    main()
