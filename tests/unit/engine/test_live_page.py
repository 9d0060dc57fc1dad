"""The worked tables of docs/algorithms/live-schedule.md, computed again by the oracle and by the engine."""

import datetime as dt
import pathlib
import re
from decimal import Decimal

import pytest

from forbear.engine.live.door import fold_live
from forbear.engine.live.presets import preset
from forbear.engine.live.terms import LiveEntry
from forbear.engine.live.vocabulary import Kind
from forbear.engine.plan import Unit
from forbear.kernel.days import to_date, to_day
from tests.support.live.fold import Loan

PAGE = pathlib.Path(__file__).resolve().parents[3] / "docs" / "algorithms" / "live-schedule.md"
TERMS = preset("fineract-progressive", rate=700_000_000, count=6, every=1, unit=Unit.MONTH)


def day(text):
    return to_day(dt.date.fromisoformat(text))


DRAW = LiveEntry(
    sequence=1, kind=Kind.DISBURSED, on=day("2024-01-01"), recorded_on=day("2024-01-01"), amount=10_000
)
PAUSE = LiveEntry(
    sequence=2,
    kind=Kind.INTEREST_PAUSED,
    on=day("2024-02-05"),
    recorded_on=day("2024-01-01"),
    until=day("2024-02-10"),
)
CASES = {
    "level": ([DRAW], "2024-01-01"),
    "overdue": ([DRAW], "2024-03-10"),
    "paused": ([DRAW, PAUSE], "2024-01-01"),
}


def told(name):
    """The rows of a table of the page."""
    block = PAGE.read_text(encoding="utf-8").split(f"<!-- table: {name} -->")[1].split("\n\n")[0]
    lines = [re.split(r"\s*\|\s*", line.strip("| ")) for line in block.strip().splitlines()[2:]]
    return [(due, *(int(Decimal(amount) * 100) for amount in amounts)) for due, *amounts in lines]


def shown(rows):
    """Rows as the page shows them."""
    left, found = 10_000, []
    for due, principal, interest in rows:
        left -= principal
        found.append((to_date(due).isoformat(), principal, interest, left))
    return found


@pytest.mark.parametrize("name", CASES)
def test_the_oracle_gives_the_table(name):
    entries, as_of = CASES[name]
    rows = Loan(TERMS, entries).run(day(as_of)).rows
    assert shown((row.due, row.claimed[0], row.claimed[1]) for row in rows) == told(name)


@pytest.mark.parametrize("name", CASES)
def test_the_engine_gives_the_table(name):
    entries, as_of = CASES[name]
    rows = fold_live(TERMS, entries, day(as_of)).rows
    claims = ((int(r["due"]), int(r["claimed"][0]), int(r["claimed"][1])) for r in rows)
    assert shown(claims) == told(name)
