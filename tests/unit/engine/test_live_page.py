"""The worked tables of docs/algorithms/live-schedule.md, computed again by the oracle and by the engine."""

import dataclasses
import datetime as dt
import pathlib
import re
from decimal import Decimal

import pytest

from forbear.engine.batch import fold
from forbear.engine.live.door import fold_live
from forbear.engine.live.presets import preset
from forbear.engine.live.product import STARTING_VALUES, LiveProduct
from forbear.engine.live.terms import LiveEntry, LiveTerms, Rule
from forbear.engine.live.vocabulary import Allocation, InterestOn, Kind, Recalculation, Schedule, Spread
from forbear.engine.plan import Unit
from forbear.engine.vocabulary import EntryKind
from forbear.kernel.days import to_date, to_day
from tests.support.live import recalculated
from tests.support.live.book import LiveCase, Said
from tests.support.live.fold import Loan
from tests.support.live.position import NAMES, position

PAGE = pathlib.Path(__file__).resolve().parents[3] / "docs" / "algorithms" / "live-schedule.md"
TERMS = preset("fineract-progressive", rate=700_000_000, count=6, every=1, unit=Unit.MONTH)


def day(text):
    return to_day(dt.date.fromisoformat(text))


DRAW = LiveEntry(
    sequence=1, kind=Kind.DISBURSED, on=day("2024-01-01"), recorded_on=day("2024-01-01"), amount=10_000
)
SECOND_DRAW = LiveEntry(
    sequence=2, kind=Kind.DISBURSED, on=day("2024-02-01"), recorded_on=day("2024-02-01"), amount=10_000
)
PAUSE = LiveEntry(
    sequence=2,
    kind=Kind.INTEREST_PAUSED,
    on=day("2024-02-05"),
    recorded_on=day("2024-01-01"),
    until=day("2024-02-10"),
)
FIRST_PAID = LiveEntry(
    sequence=2,
    kind=Kind.PAID,
    on=day("2024-02-01"),
    recorded_on=day("2024-02-01"),
    amount=17_01,
    payment=1,
)


ENDED = LiveEntry(sequence=3, kind=Kind.ACCELERATED, on=day("2024-03-31"), recorded_on=day("2024-03-31"))


def reaged(spread):
    """Three rows from April on."""
    on, until = day("2024-03-15"), day("2024-04-01")
    made = {"until": until, "count": 3, "every": 1, "unit": Unit.MONTH, "spread": spread}
    return LiveEntry(sequence=3, kind=Kind.REAGED, on=on, recorded_on=on, **made)


def reamortised(spread):
    """Past due rows, moved to those to come."""
    on = day("2024-03-15")
    return LiveEntry(sequence=3, kind=Kind.REAMORTISED, on=on, recorded_on=on, spread=spread)


def waived(sequence, component, amount):
    """Up to an amount of a component, on 15 March."""
    on = day("2024-03-15")
    said = {"component": component, "amount": amount}
    return LiveEntry(sequence=sequence, kind=Kind.WAIVED, on=on, recorded_on=on, **said)


PAID_EARLY = LiveEntry(
    sequence=2, kind=Kind.PAID, on=day("2024-01-20"), recorded_on=day("2024-01-20"), amount=30_00, payment=1
)
AGAIN = LiveTerms(
    schedule=Schedule.FIXED,
    progressive=False,
    rate=700_000_000,
    count=6,
    every=1,
    unit=Unit.MONTH,
    rules=(Rule(0, (3, 2, 1, 0) * 2),),
    allocation=Allocation.ROW_BY_ROW,
    recalculation=Recalculation.LOWER_LEVEL,
)

CASES = {
    "early money": ([DRAW, PAID_EARLY], "2024-02-10"),
    "nothing paid": ([DRAW], "2024-02-10"),
    "level": ([DRAW], "2024-01-01"),
    "full term": ([DRAW, SECOND_DRAW], "2024-02-01"),
    "overdue": ([DRAW], "2024-03-10"),
    "paused": ([DRAW, PAUSE], "2024-01-01"),
    "ended": ([DRAW, FIRST_PAID, ENDED], "2024-03-31"),
    "re-aged": ([DRAW, FIRST_PAID, reaged(Spread.BY_BALANCE)], "2024-03-15"),
    "re-aged in parts": ([DRAW, FIRST_PAID, reaged(Spread.EARNED_INTEREST)], "2024-03-15"),
    "re-amortised": ([DRAW, FIRST_PAID, reamortised(Spread.BY_BALANCE)], "2024-03-15"),
    "re-amortised in parts": ([DRAW, FIRST_PAID, reamortised(Spread.OVERDUE_INTEREST)], "2024-03-15"),
    "waived": ([DRAW, FIRST_PAID, waived(3, 1, 60), waived(4, 0, 30_00)], "2024-03-15"),
}


def terms_of(name):
    """The terms of a table of the page."""
    if name in ("early money", "nothing paid"):
        return AGAIN
    return dataclasses.replace(TERMS, full_term_per_draw=name == "full term")


def draws(entries):
    """(day, amount) of each."""
    return [(e.on, e.amount) for e in entries if e.kind == Kind.DISBURSED]


def told(name):
    """The rows of a table of the page."""
    block = PAGE.read_text(encoding="utf-8").split(f"<!-- table: {name} -->")[1].split("\n\n")[0]
    lines = [re.split(r"\s*\|\s*", line.strip("| ")) for line in block.strip().splitlines()[2:]]
    return [(due, *(int(Decimal(amount) * 100) for amount in amounts)) for due, *amounts in lines]


def shown(rows, drawn):
    """Rows as the page shows them; the balance holds each draw from its day on."""
    rows, found = list(rows), []
    for due, principal, interest in rows:
        drawn_by = sum(amount for on, amount in drawn if on < due)
        left = drawn_by - sum(paid for day_due, paid, _ in rows if day_due <= due)
        found.append((to_date(due).isoformat(), principal, interest, left))
    return found


@pytest.mark.parametrize("name", CASES)
def test_the_oracle_gives_the_table(name):
    entries, as_of = CASES[name]
    rows = Loan(terms_of(name), entries).run(day(as_of)).rows
    claims = [(row.due, row.claimed[0], row.claimed[1]) for row in rows]
    assert shown(claims, draws(entries)) == told(name)


@pytest.mark.parametrize("name", CASES)
def test_the_engine_gives_the_table(name):
    entries, as_of = CASES[name]
    rows = fold_live(terms_of(name), entries, day(as_of)).rows
    claims = [(int(r["due"]), int(r["claimed"][0]), int(r["claimed"][1])) for r in rows]
    assert shown(claims, draws(entries)) == told(name)


BOOK = (
    Said(1, EntryKind.DISBURSED, day("2024-01-01"), 10_000),
    Said(2, EntryKind.PAID, day("2024-02-01"), 17_01),
    Said(3, EntryKind.PAID, day("2024-02-20"), 30_00),
)
PRODUCT = LiveProduct(code="L", currency="CNY", **STARTING_VALUES["fineract-progressive"])
LOAN = LiveCase(PRODUCT, 700_000_000, 6, 0, day("2024-02-01"), 0, BOOK)
AMOUNTS = ("principal", "payoff", "next_due_amount")


def positions():
    """The rows of the table of positions: the day, and what is told of it."""
    block = PAGE.read_text(encoding="utf-8").split("<!-- table: position -->")[1].split("\n\n")[0]
    for line in block.strip().splitlines()[2:]:
        on, due, accrued, principal, payoff, late, next_due, amount, event = re.split(
            r"\s*\|\s*", line.strip("| ")
        )
        cents = [int(Decimal(text) * 100) for text in (due, accrued, principal, payoff, amount)]
        yield on, cents, int(late), next_due, event


def shown_position(found):
    """A position as the page shows it."""
    due = sum(int(found[f"due_{name}"]) for name in NAMES)
    amounts = [due, *(int(found[name]) for name in ("accrued_interest", *AMOUNTS))]
    next_due = found["next_due_on"]
    return amounts, int(found["days_past_due"]), to_date(int(next_due)).isoformat()


def test_the_oracle_gives_the_positions():
    for on, amounts, late, next_due, _ in positions():
        assert shown_position(position(LOAN, day(on))) == (amounts, late, next_due), on


def test_the_engine_gives_the_positions_and_their_events():
    for on, amounts, late, next_due, event in positions():
        found = fold(LOAN.batch(), day(on))[0]
        assert shown_position(found) == (amounts, late, next_due), on
        assert to_date(int(found["next_event_on"])).isoformat() == event, on


def test_a_charge_after_the_last_row_goes_to_the_row_that_a_draw_adds():
    charge = LiveEntry(
        sequence=3,
        kind=Kind.FEE_CHARGED,
        on=day("2024-07-15"),
        recorded_on=day("2024-01-10"),
        amount=5_00,
        component=2,
    )
    terms, as_of = terms_of("full term"), day("2024-02-01")
    entries = [DRAW, SECOND_DRAW, charge]
    alone = [
        (to_date(int(r["due"])).isoformat(), int(r["extra"]))
        for r in fold_live(terms, [DRAW, charge], as_of).rows
    ]
    assert alone[-1] == ("2024-07-15", 1)
    rows = fold_live(terms, entries, as_of).rows
    assert [(int(r["claimed"][2]), int(r["extra"])) for r in rows] == [(0, 0)] * 6 + [(500, 0)]
    assert [r.claimed[2] for r in Loan(terms, entries).run(as_of).rows] == [0] * 6 + [500]


def test_a_payoff_of_a_schedule_that_follows_payments_asks_interest_to_the_day():
    for entries, wanted in (([DRAW], 100_76), ([DRAW, PAID_EARLY], 70_65)):
        assert fold_live(AGAIN, entries, day("2024-02-10")).payoff(day("2024-02-10")) == wanted
        loan = Loan(AGAIN, entries).run(day("2024-02-10"))
        assert recalculated.payoff(loan, day("2024-02-10")) == wanted


@pytest.mark.parametrize(
    ("how", "rows"),
    [(Recalculation.FEWER_ROWS, 5), (Recalculation.NEXT_ROWS, 6), (Recalculation.LOWER_LEVEL, 6)],
)
def test_what_early_money_makes_less(how, rows):
    terms = dataclasses.replace(AGAIN, recalculation=how)
    paid = dataclasses.replace(PAID_EARLY, amount=40_00)
    claims = [int(r["claimed"][0]) for r in fold_live(terms, [DRAW, paid], day("2024-01-20")).rows]
    assert len(claims) == rows
    assert sum(claims) == 100_00
    assert (claims[1] < 10_00) == (how == Recalculation.NEXT_ROWS)


def test_only_a_cumulative_schedule_on_the_declining_balance_is_written_again():
    assert not AGAIN.problems()
    assert dataclasses.replace(AGAIN, interest_on=InterestOn.FLAT).problems()
    assert dataclasses.replace(TERMS, recalculation=Recalculation.FEWER_ROWS).problems()


def test_a_full_term_per_draw_needs_a_declining_balance():
    flat = dataclasses.replace(terms_of("full term"), interest_on=InterestOn.FLAT)
    assert flat.problems()
    assert not terms_of("full term").problems()
