"""The demo: a made-up lender lives through half a year in a database of its own, and its last day is shown.

Nothing here is special: files are written as a lender's systems would write them, taken in as any import is, and each day is
closed as any day is.
"""

import datetime as dt
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from urllib.parse import urlsplit, urlunsplit

from forbear.kernel.days import to_day
from forbear.operations.close_day import Refusal, close_days
from forbear.operations.database import anew
from forbear.operations.import_book import ImportRefusal, import_book
from forbear.operations.import_run import ImportFiles
from forbear.operations.report import write_report
from forbear.simulate.bank import Bank
from forbear.simulate.feed import Written, write_bank

NAME = "forbear_demo"
ACTOR = "demo"
SHANGHAI = dt.timezone(dt.timedelta(hours=8))
NIGHTFALL = dt.time(23, 30, tzinfo=SHANGHAI)

Progress = Callable[[str, int, int], None]


@dataclass(slots=True)
class DemoOutcome:
    """What was made, how long each part took, and where the report is. `refused` tells why the demo stopped, if it did."""

    loans: int = 0
    entries: int = 0
    days: int = 0
    last_day: dt.date | None = None
    report: Path = field(default_factory=Path)
    example: str = ""
    seconds: dict[str, float] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)

    def took(self, what: str, since: float) -> float:
        """Add the time since `since` to a part's; returns now."""
        now = perf_counter()
        self.seconds[what] = self.seconds.get(what, 0) + now - since
        return now


def demo_url(server_url: str) -> str:
    """The URL of the demo's database on that server."""
    return urlunsplit(urlsplit(server_url)._replace(path=f"/{NAME}"))


def demo(
    server_url: str,
    *,
    loans: int,
    days: int,
    seed: int,
    until: int,
    out: Path | None,
    language: str = "zh",
    progress: Progress = lambda *_: None,
) -> DemoOutcome:
    """Make the lender anew on the server of `server_url` and live with it for `days` days up to `until` (a day number).

    Only the database called `forbear_demo` is touched. `out` is where the report goes, by default the temporary folder.
    """
    outcome = DemoOutcome()
    clock = perf_counter()
    url = anew(server_url, NAME)
    clock = outcome.took("database", clock)
    bank = Bank(seed=seed, loans=loans, opens_on=until - days + 1, until=until)
    with tempfile.TemporaryDirectory(prefix="forbear-demo-") as folder:
        written = write_bank(bank, Path(folder), threads=2, progress=progress)
        outcome.loans, outcome.entries, outcome.days = written.loans, written.entries, len(written.days)
        outcome.took("simulation", clock)
        _live(url, written, outcome, progress)
    if outcome.refused:
        return outcome
    clock = perf_counter()
    outcome.report = (out or Path(tempfile.gettempdir()) / "forbear-demo.html").absolute()
    outcome.last_day = write_report(url, None, outcome.report, language=language)
    outcome.took("report", clock)
    outcome.example = "L000000042"
    return outcome


def _live(url: str, written: Written, outcome: DemoOutcome, progress: Progress) -> None:
    """The opening import, then for each day its feed and its day-end. Stops at the first refusal."""
    first = written.days[0][0]
    clock = perf_counter()
    if not _take_in(url, written.opening, first - dt.timedelta(days=1), "opening book", outcome):
        return
    clock = outcome.took("opening import", clock)
    for done, (date, folder) in enumerate(written.days):
        progress("days", done, len(written.days))
        if any(folder.iterdir()) and not _take_in(url, folder, date, "daily feed", outcome):
            return
        clock = outcome.took("daily imports", clock)
        closed = close_days(url, to_day(date), now=dt.datetime.combine(date, NIGHTFALL))
        if isinstance(closed, Refusal):
            outcome.refused = [f"{date}: {closed.reason}; {closed.mend}"]
            return
        clock = outcome.took("day-ends", clock)
    progress("days", len(written.days), len(written.days))


def _take_in(url: str, folder: Path, date: dt.date, reason: str, outcome: DemoOutcome) -> bool:
    found = import_book(
        url,
        ImportFiles.in_folder(folder),
        actor=ACTOR,
        reason=reason,
        recorded_at=dt.datetime.combine(date, NIGHTFALL),
    )
    if isinstance(found, ImportRefusal):
        outcome.refused = [f"{date}: {problem}" for problem in list(found.problems)[:10]]
        return False
    return True
