"""`python -m benchmarks`: measure everything, print it, and write benchmarks/out/results.json and a picture."""

import argparse
import datetime as dt
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks import day_end, kernel, law, orm, report
from benchmarks.book import LONG, SHORT, make_database
from benchmarks.measure import KEEPING_MEMORY, machine
from forbear.store.postgres import EmbeddedServer, open_home

OUT = Path(__file__).resolve().parent / "out"
SIZES = {"20k": 20_000, "100k": 100_000, "1m": 1_000_000, "10m": 10_000_000}
SHORT_SIZES = {"10m-short": 10_000_000}
"""Books of loans with a short history: what a day-end costs does not depend on it, what an import costs does."""
TWICE = {"100k", "1m"}
"""Books that are also measured with as many quiet loans again."""
PARTS = ("kernel", "schedules", "law", "books", "orm")


def arguments() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes, one round: under two minutes")
    parser.add_argument(
        "--sizes", default="100k,1m", help="books for the day-end, of: " + ", ".join((*SIZES, *SHORT_SIZES))
    )
    parser.add_argument("--only", choices=PARTS, action="append", help="leave out the other parts")
    parser.add_argument("--kernel-loans", type=int, default=200_000, help="loans of the contest in memory")
    parser.add_argument(
        "--keep", type=Path, help="keep server and books in this folder, and use what is there"
    )
    parser.add_argument("--json", type=Path, default=OUT / "results.json", help="where the results go")
    parser.add_argument(
        "--join",
        type=Path,
        metavar="JSON",
        help="take in the books of an earlier run's results, not measured again",
    )
    parser.add_argument("--docs", action="store_true", help="write docs/reference/benchmarks.md")
    return parser.parse_args()


@contextmanager
def server_in(keep: Path | None) -> Iterator[tuple[EmbeddedServer, Path]]:
    """Forbear's own server with Forbear's own settings, in a scratch home or in the one to keep."""
    with tempfile.TemporaryDirectory(prefix="forbear-bench-", dir=None if keep else _scratch()) as scratch:
        home = (keep or Path(scratch)).resolve()
        home.mkdir(parents=True, exist_ok=True)
        home.chmod(0o711)  # the server's account passes through
        os.environ["FORBEAR_HOME"] = str(home)
        open_home()
        with EmbeddedServer.at(home / "postgres") as server:
            yield server, home


def _scratch() -> str:
    """A folder on a disk: where temporary files are kept in memory, nothing would be durable."""
    return "/var/tmp" if Path("/var/tmp").is_dir() else tempfile.gettempdir()  # noqa: S108  a folder of our own is made in it


def kernels(loans: int, *, quick: bool) -> list[dict[str, Any]]:
    """Both contests, on one thread, and on two where there are two cores; a quick run has one of all."""
    found = []
    for threads in range(1, 2 if quick else min(2, os.cpu_count() or 1) + 1):
        command, environment = kernel.command(loans, threads, 1 if quick else kernel.ROUNDS)
        said = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout
        found.append(json.loads(said.splitlines()[-1]))
    return found


def refold(*, quick: bool) -> dict[str, Any]:
    """A correction of one loan, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.refold", "1" if quick else "3"]
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    found: dict[str, Any] = json.loads(said.splitlines()[-1])
    return found


def schedules(*, quick: bool) -> dict[str, Any]:
    """36-month schedules, in a process of its own."""
    command = [
        sys.executable,
        "-m",
        "benchmarks.schedules",
        "5000" if quick else "50000",
        "1" if quick else "3",
    ]
    environment = os.environ | KEEPING_MEMORY | {"JAX_PLATFORMS": "cpu"}
    said = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout
    found: dict[str, Any] = json.loads(said.splitlines()[-1])
    return found


def books(options: argparse.Namespace, sizes: list[str], results: dict[str, Any]) -> None:
    """The day-end of each book, and the baseline on the same server."""
    with server_in(options.keep) as (server, home):
        if "orm" in options.only:
            told("the ORM baseline")
            results["orm"] = orm.measure(
                make_database(server, "bench_orm"), 200 if options.quick else orm.SAMPLE
            )
        if "books" in options.only:
            told("nothing yet: compiling what import and day-end need")
            day_end.measure(server, home, 1000, rounds=1)
        for name in sizes if "books" in options.only else []:
            told(f"a book of {name}")
            results["books"][name] = day_end.measure(
                server,
                home,
                SHORT_SIZES.get(name) or SIZES[name],
                rounds=1 if options.quick else day_end.ROUNDS,
                lives=SHORT if name in SHORT_SIZES else LONG,
            )
            if name in TWICE:
                told(f"a book of {name}, and as many quiet loans")
                results["books"][f"{name}+quiet"] = day_end.measure(
                    server, home, SIZES[name], quiet=SIZES[name]
                )


def told(what: str) -> None:
    """Say what is being measured."""
    print(f"measuring {what} ...", file=sys.stderr, flush=True)


def main() -> int:
    """Measure, print, write."""
    options = arguments()
    options.only = options.only or list(PARTS)
    sizes = ["20k"] if options.quick else options.sizes.split(",")
    today = dt.date.today().isoformat()  # noqa: DTZ011  the reader's own calendar
    results: dict[str, Any] = {"date": today, "machine": machine(), "books": {}, "quick": options.quick}
    results["command_line"] = day_end.command_line()
    if "kernel" in options.only:
        told("the kernel")
        results["kernel"] = kernels(10_000 if options.quick else options.kernel_loans, quick=options.quick)
        told("a correction")
        results["refold"] = refold(quick=options.quick)
    if "law" in options.only:
        told("the law")
        results["law"] = law.measure(20_000 if options.quick else 1_000_000)
    if "schedules" in options.only:
        told("schedules")
        results["schedules"] = schedules(quick=options.quick)
    if {"books", "orm"} & set(options.only):
        books(options, sizes, results)
    if options.join:
        results["books"] |= json.loads(options.join.read_text())["books"]
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(results, indent=1))
    report.picture(results, options.json.with_suffix(".png"))
    report.show(results)
    if options.docs:
        report.PAGE.write_text(report.page(results), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
