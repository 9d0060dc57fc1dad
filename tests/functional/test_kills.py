"""Killed at any moment, a run is simply run again: the book becomes the same, byte for byte.

The moments are drawn evenly over the time that an uninterrupted run takes, from a seed that is printed; FORBEAR_KILL_SEED
chooses another. Each kill is SIGKILL: nothing can be tidied up.
"""

import os
import random
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from forbear.kernel.days import to_date
from forbear.operations import verify
from forbear.simulate.bank import Bank
from forbear.simulate.feed import write_bank
from forbear.store.connect import connect
from tests.support.books import day
from tests.support.database import copied, fresh
from tests.support.digests import fingerprints

pytestmark = pytest.mark.database

SEED = int(os.environ.get("FORBEAR_KILL_SEED", "20260501"))
ROOT = Path(__file__).parents[2]
OPENS_ON = day("2026-05-01")
LONGEST = 120


@dataclass(slots=True)
class Lender:
    """A lender's files, what an uninterrupted run makes of them, and how long it takes (seconds, from "ready" on)."""

    server: str
    folder: Path
    partition: int
    imported: dict[str, str]
    closed: dict[str, str]
    seconds: dict[str, float]
    opened: str

    def run(self, task: str, url: str, *, kill_after: float | None = None) -> bool:
        """Run a task; True if it came to its end, False if it was killed."""
        command = [sys.executable, "-m", "tests.support.kill_worker", task, url, str(self.folder)]
        worker = subprocess.Popen(
            [*command, str(self.partition)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        with worker:
            assert worker.stdout is not None
            assert worker.stderr is not None
            if worker.stdout.readline() == "ready\n":
                begun = time.monotonic()
                select.select([worker.stdout], [], [], LONGEST if kill_after is None else kill_after)
                if kill_after is None:  # the quickest counts: the first one may have to compile
                    self.seconds[task] = min(self.seconds.get(task, LONGEST), time.monotonic() - begun)
            if kill_after is not None:
                worker.send_signal(signal.SIGKILL)
            said, complaint = worker.communicate(timeout=LONGEST)
        assert worker.returncode in {0, -signal.SIGKILL}, complaint
        assert kill_after is not None or said == "done\n", complaint
        return said == "done\n"


def write_lender(server: str, folder: Path, loans: int, days: int) -> Lender:
    """Write the files, and run everything without interruption."""
    write_bank(Bank(SEED, loans, OPENS_ON, OPENS_ON + days - 1), folder)
    lender = Lender(server, folder, max(loans // 6, 1), {}, {}, {}, "")
    with fresh(server) as url:
        lender.run("import", url)
        lender.imported = fingerprints(url)
        lender.run("days", url)
        lender.closed = fingerprints(url)
    return lender


def settle(url: str) -> None:
    """Wait until the server has noticed that the killed one is gone."""
    query = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    deadline = time.monotonic() + LONGEST
    while True:
        with connect(url) as connection:
            if connection.execute(query).fetchone() == (0,):
                return
        assert time.monotonic() < deadline
        time.sleep(1 / 50)


def kill_imports(lender: Lender, kills: int, dice: random.Random) -> dict[str, int]:
    """Kill an import so many times: after each the book is as it was, or whole."""
    seen = {"killed": 0, "whole": 0, "done": 0}
    while seen["killed"] < kills:
        with fresh(lender.server) as url:
            empty = fingerprints(url)
            while seen["killed"] < kills:
                finished = lender.run("import", url, kill_after=dice.uniform(0, lender.seconds["import"]))
                settle(url)
                seen["done" if finished else "killed"] += 1
                found = fingerprints(url)
                if found != empty:
                    assert found == lender.imported
                    seen["whole"] += 1
                    break
            lender.run("import", url)
            assert fingerprints(url) == lender.imported
    return seen


def kill_days(lender: Lender, kills: int, dice: random.Random) -> dict[str, int]:
    """Kill the days so many times: after each the book is sound, and at the end the same as ever."""
    seen = {"killed": 0, "half done": 0, "done": 0}
    while seen["killed"] < kills:
        with copied(lender.server, lender.opened) as url:
            finished = False
            while seen["killed"] < kills and not finished:
                finished = lender.run("days", url, kill_after=dice.uniform(0, lender.seconds["days"]))
                seen["done" if finished else "killed"] += 1
                if dice.random() < 1 / 3:
                    continue  # the next run begins while the server may still be busy for the dead one
                settle(url)
                report = verify.verify(url)
                assert report.sound, (to_date(report.date or 0), report.findings[:5])
                with connect(url) as connection:
                    opened = connection.execute(
                        "SELECT 1 FROM business_day WHERE closed_at IS NULL"
                    ).fetchone()
                seen["half done"] += opened is not None
            lender.run("days", url)
            assert fingerprints(url) == lender.closed
    return seen


@pytest.fixture
def opened(database_server: str) -> Iterator[str]:
    """A database for the opening book, to copy from."""
    with fresh(database_server) as url:
        yield url


def kill_all(
    server: str, opened: str, folder: Path, loans: int, days: int, kills: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    lender = write_lender(server, folder, loans, days)
    monkeypatch.setattr(verify, "LOANS_PER_PARTITION", lender.partition)
    lender.opened = opened
    lender.run("import", opened)
    settle(opened)
    took = {task: f"{seconds:.2f} s" for task, seconds in lender.seconds.items()}
    print(f"seed {SEED}, {loans} loans, {days} days, uninterrupted {took}")
    print("imports", kill_imports(lender, kills, random.Random(SEED)))
    print("days", kill_days(lender, kills, random.Random(SEED + 1)))


class TestKills:
    def test_a_few_leave_the_same_book(
        self, database_server: str, opened: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        kill_all(database_server, opened, tmp_path, 200, 4, 3, monkeypatch)

    @pytest.mark.long
    def test_a_hundred_of_each_leave_the_same_book(
        self, database_server: str, opened: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        kill_all(database_server, opened, tmp_path, 3_000, 10, 100, monkeypatch)
