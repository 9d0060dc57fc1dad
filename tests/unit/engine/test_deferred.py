"""Deferred income: the worked tables of docs/algorithms/deferred-income.md, and what an entry of it does to the rows."""

import dataclasses
import datetime as dt
import pathlib
import re
from decimal import Decimal

import pytest

from forbear.engine.live.deferred import deferred, recognised
from forbear.engine.live.door import fold_live
from forbear.engine.live.presets import preset
from forbear.engine.live.terms import LiveEntry, Rule
from forbear.engine.live.vocabulary import Kind
from forbear.engine.plan import Unit
from forbear.kernel.days import to_day
from tests.support.live import income
from tests.support.live.fold import Loan

PAGE = pathlib.Path(__file__).resolve().parents[3] / "docs" / "algorithms" / "deferred-income.md"
TERMS = preset("fineract-progressive", rate=700_000_000, count=3, every=1, unit=Unit.MONTH)


def day(text):
    return to_day(dt.date.fromisoformat(text))


FIRST, LAST = day("2024-01-01"), day("2024-04-01")


def said(sequence, kind, on, amount, **more):
    return LiveEntry(sequence=sequence, kind=kind, on=day(on), recorded_on=day(on), amount=amount, **more)


DRAW = said(1, Kind.DISBURSED, "2024-01-01", 100_00)
INCOME = said(2, Kind.INCOME_CAPITALISED, "2024-01-01", 60_00)
WORKED = {
    "recognised": [INCOME, said(3, Kind.INCOME_ADJUSTED, "2024-01-10", 55_00, target=2)],
    "given back": [INCOME, said(3, Kind.INCOME_ADJUSTED, "2024-01-10", 40_00, target=2)],
}


def told(name):
    """The lines of a worked table: day and minor units."""
    text = PAGE.read_text(encoding="utf-8").split(f"<!-- table: {name} -->\n")[1].split("\n\n")[0]
    cells = re.findall(r"^\| (\d{4}-\d\d-\d\d) \| ([\d.]+) \|$", text, re.MULTILINE)
    return {day(on): int(Decimal(amount) * 100) for on, amount in cells}


@pytest.mark.parametrize("name", WORKED)
def test_the_page(name):
    (item,) = deferred(WORKED[name])
    table = told(name)
    assert len(table) >= 4
    for on, amount in table.items():
        assert recognised(item, LAST, on) == amount
        assert income.recognised(WORKED[name], LAST, on) == {2: amount}


def rows(entries, as_of=FIRST, terms=TERMS):
    """Principal and interest of the rows, by the engine, equal to the oracle."""
    found = [tuple(int(r["claimed"][c]) for c in (0, 1)) for r in fold_live(terms, entries, as_of).rows]
    assert found == [tuple(r.claimed[:2]) for r in Loan(terms, entries).run(as_of).rows]
    return found


def test_capitalised_income_is_repaid_as_a_draw_is():
    drawn = dataclasses.replace(INCOME, kind=Kind.DISBURSED)
    assert rows([DRAW, INCOME]) == rows([DRAW, drawn])


def test_capitalised_income_has_no_down_payment_and_no_term_of_its_own():
    later = said(2, Kind.INCOME_CAPITALISED, "2024-02-01", 60_00)
    terms = dataclasses.replace(TERMS, down_payment=25 * 10**8)
    downs = [r["down"] for r in fold_live(terms, [DRAW, later], FIRST).rows]
    assert sum(downs) == 1
    whole = dataclasses.replace(TERMS, full_term_per_draw=True)
    assert len(rows([DRAW, later], terms=whole)) == 3
    assert len(rows([DRAW, dataclasses.replace(later, kind=Kind.DISBURSED)], terms=whole)) == 4


def test_a_charge_of_the_second_tranche_waits_for_a_draw():
    charge = said(3, Kind.FEE_CHARGED, "2024-01-01", 5_00, when=2, count=2, component=2)
    draw = said(4, Kind.DISBURSED, "2024-02-01", 10_00)
    for entries, fees in (([DRAW, charge, INCOME], 0), ([DRAW, charge, INCOME, draw], 5_00)):
        loan = fold_live(TERMS, entries, FIRST)
        assert sum(int(out["fees"]) for out in loan.desk.outcomes) == fees
        assert sum(out.fees for out in Loan(TERMS, entries).run(FIRST).outcomes.values()) == fees


def test_income_before_a_draw_or_on_a_schedule_written_at_once_has_no_effect():
    early = said(2, Kind.INCOME_CAPITALISED, "2023-12-31", 60_00)
    assert rows([DRAW, early]) == rows([DRAW])
    at_once = dataclasses.replace(TERMS, schedule=0, progressive=False)
    assert rows([DRAW, INCOME], terms=at_once) == rows([DRAW], terms=at_once)


def test_what_is_given_back_pays_by_its_own_rule():
    principal_first = tuple(timing * 4 + c for timing in (2, 1, 0) for c in (0, 1, 2, 3))
    terms = dataclasses.replace(TERMS, rules=(*TERMS.rules, Rule(11, principal_first)))
    back = said(3, Kind.INCOME_ADJUSTED, "2024-02-15", 30_00, target=2)
    loan = fold_live(terms, [DRAW, INCOME, back], day("2024-02-15"))
    assert [int(part) for part in loan.desk.outcomes[2].portions][:2] == [30_00, 0]
    assert rows([DRAW, INCOME, back], day("2024-02-15"), terms)
    plain = fold_live(TERMS, [DRAW, INCOME, back], day("2024-02-15"))
    assert int(plain.desk.outcomes[2].portions[1]) > 0


def test_a_buy_down_fee_changes_no_row():
    fee = said(2, Kind.BOUGHT_DOWN, "2024-02-20", 60_00)
    back = said(3, Kind.BUY_DOWN_ADJUSTED, "2024-03-20", 10_00, target=2)
    as_of = day("2024-03-25")
    assert rows([DRAW, fee, back], as_of) == rows([DRAW], as_of)
    (item,) = deferred([DRAW, fee, back])
    assert item.net == 50_00


def test_reversed_income_is_none_and_a_reversed_adjustment_is_whole_again():
    back = said(3, Kind.INCOME_ADJUSTED, "2024-01-10", 55_00, target=2)
    undo = said(4, Kind.REVERSED, "2024-01-12", 0, target=3)
    (item,) = deferred([DRAW, INCOME, back, undo])
    assert recognised(item, LAST, day("2024-01-11")) == 7_25
    gone = said(5, Kind.REVERSED, "2024-01-12", 0, target=2)
    assert deferred([DRAW, INCOME, back, undo, gone]) == ()


def test_income_of_the_last_day_is_recognised_at_once():
    late = said(2, Kind.BOUGHT_DOWN, "2024-04-01", 60_00)
    (item,) = deferred([DRAW, late])
    assert [recognised(item, LAST, on) for on in (LAST - 1, LAST, LAST + 9)] == [0, 60_00, 60_00]
