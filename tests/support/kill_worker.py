"""What the kill tests kill: takes files in and closes days. Says "ready" as it begins and "done" when it is.

    python -m tests.support.kill_worker import URL FOLDER PARTITION
    python -m tests.support.kill_worker days URL FOLDER PARTITION

`import` takes in the opening book; `days` takes in each day's files and closes it. Both may be run again and again.
"""

import datetime as dt
import sys
import time
from pathlib import Path

from forbear.engine.warm import warm
from forbear.kernel.days import to_day
from forbear.operations import close_day
from forbear.operations.close_day import Refusal, close_days
from forbear.operations.import_book import ImportFiles, ImportReport, import_book
from tests.support.book_files import VAULT

NOW = dt.datetime(2026, 6, 30, 12, tzinfo=dt.UTC)
PATIENCE = 30
"""Seconds that a server may need to notice that whoever held the lock is dead."""


def take_in(url: str, folder: Path) -> None:
    """Import a folder; a folder without files is a day on which nothing arrived."""
    files = ImportFiles.in_folder(folder)
    if files.all():
        told = import_book(url, files, actor="test", reason="kills", recorded_at=NOW, vault=lambda: VAULT)
        assert isinstance(told, ImportReport), told


def close(url: str, until: dt.date) -> None:
    """Close a day, waiting for the lock of a closer who was killed."""
    deadline = time.monotonic() + PATIENCE
    while isinstance(refused := close_days(url, to_day(until), now=NOW), Refusal):
        assert time.monotonic() < deadline, refused
        time.sleep(1 / 20)


def main(task: str, url: str, folder: str, partition: str) -> None:
    """Do the task to its end."""
    close_day.LOANS_PER_PARTITION = int(partition)
    warm()
    print("ready", flush=True)
    if task == "import":
        take_in(url, Path(folder) / "opening")
    else:
        for place in sorted(Path(folder).glob("20*")):
            take_in(url, place)
            close(url, dt.date.fromisoformat(place.name))
    print("done", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
