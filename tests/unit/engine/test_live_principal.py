"""Rows of a live schedule ask all that was drawn, and no more, whatever varies them. By the engine and by the oracle."""

import dataclasses

import pytest

from forbear.engine.live.door import fold_live
from forbear.engine.live.presets import preset
from forbear.engine.live.terms import LiveEntry, Rule
from forbear.engine.live.vocabulary import NEXT_DUE, Allocation, ChargeOff, InterestOn, Kind, Schedule, Spread
from forbear.engine.plan import Unit
from tests.support.live.cases import FIRST
from tests.support.live.dates import plus
from tests.support.live.fold import Loan

TERMS = preset("fineract-progressive", rate=700_000_000, count=6, every=1, unit=Unit.MONTH)
WRITTEN = dataclasses.replace(
    TERMS,
    schedule=Schedule.FIXED,
    progressive=False,
    count=3,
    allocation=Allocation.ROW_BY_ROW,
    rules=(Rule(0, (0, 1, 2, 3, 0, 1, 2, 3)),),
)
DUE = [plus(FIRST, k, Unit.MONTH) for k in range(7)]
LATE = DUE[2] + 10


def entry(sequence, kind, on, **fields):
    return LiveEntry(sequence=sequence, kind=kind, on=on, **{"recorded_on": on, **fields})


DRAW = entry(1, Kind.DISBURSED, FIRST, amount=10_000)
CHARGED_OFF = entry(2, Kind.CHARGED_OFF, LATE)


def by_engine(terms, entries, as_of):
    """(due date, claimed) of every row."""
    return [(int(row["due"]), row["claimed"].tolist()) for row in fold_live(terms, entries, as_of).rows]


def by_oracle(terms, entries, as_of):
    """The same, from exact fractions."""
    return [(row.due, row.claimed) for row in Loan(terms, entries).run(as_of).rows]


@pytest.fixture(params=[by_engine, by_oracle])
def fold(request):
    return request.param


def principal(rows):
    return sum(claimed[0] for _, claimed in rows)


@pytest.mark.parametrize("spread", list(Spread)[:3])
@pytest.mark.parametrize("on", [DUE[0], LATE, DUE[6] + 9], ids=["of the draw", "running", "after the last"])
@pytest.mark.parametrize("rate", [0, 700_000_000])
def test_a_re_ageing_spreads_an_open_down_payment_too(fold, spread, on, rate):
    terms = dataclasses.replace(TERMS, down_payment=25 * 10**8, rate=rate)
    aged = entry(2, Kind.REAGED, on, until=on + 20, count=3, every=1, unit=Unit.MONTH, spread=spread)
    rows = fold(terms, [DRAW, aged], on)
    assert principal(rows) == principal(rows[-3:]) == 10_000
    more = entry(3, Kind.DISBURSED, on + 5, amount=5_000)
    assert principal(fold(terms, [DRAW, aged, more], on + 5)) == 15_000


@pytest.mark.parametrize("on", [DUE[4], NEXT_DUE], ids=["a date", "the next date"])
@pytest.mark.parametrize("how", list(ChargeOff))
@pytest.mark.parametrize("schedule", list(Schedule))
def test_after_a_charge_off_a_due_date_that_moves_moves_dates_alone(fold, on, how, schedule):
    terms = dataclasses.replace(TERMS, charge_off=how, schedule=schedule)
    moved = entry(3, Kind.DUE_DATE_MOVED, on, recorded_on=LATE + 5, until=DUE[4] + 10)
    before = fold(terms, [DRAW, CHARGED_OFF], LATE + 5)
    after = fold(terms, [DRAW, CHARGED_OFF, moved], LATE + 5)
    assert [claimed for _, claimed in after] == [claimed for _, claimed in before]
    place = 2 if on == NEXT_DUE else 3
    assert [due for due, _ in after[:place]] == [due for due, _ in before[:place]]
    assert (after == before) == (how == ChargeOff.ACCELERATE)


@pytest.mark.parametrize(
    "varied",
    [
        entry(3, Kind.RATE_CHANGED, LATE + 5, rate=10**9),
        entry(3, Kind.INTEREST_PAUSED, LATE + 5, until=LATE + 40),
        entry(3, Kind.EXTENDED, LATE + 5, count=2),
    ],
    ids=lambda varied: varied.kind.name,
)
@pytest.mark.parametrize("how", list(ChargeOff))
def test_after_a_charge_off_nothing_else_varies(fold, varied, how):
    terms = dataclasses.replace(TERMS, charge_off=how)
    paid = entry(4, Kind.PAID, LATE + 3, amount=3_000)
    journal = [DRAW, CHARGED_OFF, paid]
    assert fold(terms, [*journal, varied], LATE + 5) == fold(terms, journal, LATE + 5)
    assert fold(terms, [DRAW, paid, varied], LATE + 5) != fold(terms, [DRAW, paid], LATE + 5)


@pytest.mark.parametrize("grace", range(7))
@pytest.mark.parametrize("schedule", list(Schedule))
def test_flat_interest_that_is_not_asked_becomes_no_principal(fold, grace, schedule):
    terms = dataclasses.replace(
        TERMS, interest_on=InterestOn.FLAT, interest_grace=grace, schedule=schedule, multiple=0
    )
    rows = fold(terms, [DRAW], FIRST)
    assert principal(rows) == 10_000
    assert all(claimed[1] == 0 for _, claimed in rows[:grace])
    assert sum(claimed[1] for _, claimed in rows) == (0 if grace == 6 else 348)


def test_a_row_added_later_does_not_move_but_follows(fold):
    added = entry(3, Kind.EXTENDED, DUE[3] + 10, count=2)
    after = entry(2, Kind.DUE_DATE_MOVED, NEXT_DUE, recorded_on=DUE[3] + 5, until=DUE[3] + 20)
    before = entry(2, Kind.DUE_DATE_MOVED, NEXT_DUE, recorded_on=DUE[3] - 5, until=DUE[3] + 20)
    as_of = DUE[3] + 12
    assert fold(WRITTEN, [DRAW, after, added], as_of) == fold(WRITTEN, [DRAW, added], as_of)
    dates = [due for due, _ in fold(WRITTEN, [DRAW, before, added], as_of)]
    assert dates[2:] == [plus(DUE[3] + 20, k, Unit.MONTH) for k in range(3)]


@pytest.mark.parametrize(("days", "beyond"), [(5, False), (45, True)], ids=["of the new row", "after it"])
def test_a_row_added_later_comes_before_a_fee_that_waits_after_the_last(fold, days, beyond):
    """A fee that the new row holds goes to it; another waits after it, in a row that claims nothing else."""
    fee = entry(2, Kind.FEE_CHARGED, DUE[6] + days, recorded_on=FIRST, amount=5_00, component=2)
    rows = fold(TERMS, [DRAW, fee, entry(3, Kind.EXTENDED, DUE[1] + 5, count=1)], DUE[4] + 3)
    assert principal(rows) == 10_000
    assert [claimed[2] for _, claimed in rows] == [0, 0, 0, 0, 0, 0, *([0, 500] if beyond else [500])]
    assert [due for due, _ in rows] == sorted(due for due, _ in rows)
    assert not beyond or rows[-1] == (DUE[6] + 45, [0, 0, 500, 0])
