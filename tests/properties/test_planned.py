"""The planned rows are what the fold claims when every instalment is paid on its due date."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forbear.engine.batch import Batch, instalments
from forbear.engine.cost.loan import paid_as_planned
from forbear.engine.layout import ENTRY
from forbear.engine.plan import Unit, due_date, plan_dates
from forbear.engine.planned import draws_of, planned_rows
from forbear.engine.terms import LOAN_TERMS, Product, compile_batch
from forbear.engine.vocabulary import INTEREST, PRINCIPAL, Amortisation, EntryKind, InterestMethod, Residue
from forbear.kernel.daycounts import DayCount
from forbear.kernel.days import MonthEnd, day_number
from forbear.kernel.rounding import Rounding


@st.composite
def products(draw) -> Product:
    method = draw(st.sampled_from(InterestMethod))
    kinds = [k for k in Amortisation if k != Amortisation.EQUAL_INSTALMENT or method != InterestMethod.FLAT]
    counts = [d for d in DayCount if d != DayCount.DAILY or method == InterestMethod.DAILY_BALANCE]
    residues = list(Residue) if method == InterestMethod.DAILY_BALANCE else [Residue.DROPPED]
    return Product(
        code="planned",
        currency="CNY",
        amortisation=draw(st.sampled_from(kinds)),
        interest_method=method,
        day_count=draw(st.sampled_from(counts)),
        interest_residue=draw(st.sampled_from(residues)),
        multiple=draw(st.sampled_from((1, 10, 100))),
        interest_rounding=draw(st.sampled_from(Rounding)),
        instalment_rounding=draw(st.sampled_from(Rounding)),
        unit=draw(st.sampled_from(Unit)),
        every=draw(st.sampled_from((1, 2))),
    )


@st.composite
def loans(draw) -> Batch:
    """A batch of one: a product, a draw, perhaps some days free of interest, perhaps an agreed instalment."""
    product = draw(products())
    start, count = draw(st.integers(19_000, 21_000)), draw(st.integers(1, 24))
    principal = draw(st.integers(1, 10 ** draw(st.sampled_from((6, 8, 10, 11)))))
    daily = product.day_count == DayCount.DAILY
    terms = np.zeros(1, LOAN_TERMS)
    terms["loan"], terms["count"] = 1, count
    terms["rate"] = draw(st.integers(0, 10**7 if daily else 4 * 10**9))
    terms["first_due_on"] = start + draw(st.integers(1, 60))
    terms["interest_free_until"] = draw(st.sampled_from((0, 0, start + draw(st.integers(1, 100)))))
    terms["instalment"] = draw(st.sampled_from((0, 0, draw(st.integers(1, principal)))))
    entries = np.zeros(1, ENTRY)
    entries[0] = (1, EntryKind.DISBURSED, start, 0, principal, 0, 1, 0, 0, 0)
    if product.amortisation != Amortisation.CUSTOM:
        return compile_batch([product], terms, entries, np.array([0, 1]))
    by_dates = replace(product, amortisation=Amortisation.BULLET)
    own_plan = compile_batch([by_dates], terms, entries, np.array([0, 1])).plan
    most = principal // count
    own_plan["principal"] = draw(st.lists(st.integers(0, most), min_size=count, max_size=count))
    return compile_batch([product], terms, entries, np.array([0, 1]), own_plan)


@pytest.mark.filterwarnings("ignore:overflow encountered")  # uncompiled, products that may wrap warn
@given(loans())
def test_planned_rows_are_the_fold_s(batch):
    interest, principal = planned_rows(batch, *draws_of(batch))
    ours = {
        int(day): (int(i), int(p))
        for day, i, p in zip(batch.plan["due_on"], interest, principal, strict=True)
        if i or p
    }
    rows = instalments(paid_as_planned(batch), int(batch.plan["due_on"][-1]))
    theirs = {int(r["due_on"]): (int(r["claimed"][INTEREST]), int(r["claimed"][PRINCIPAL])) for r in rows}
    assert ours == {day: claimed for day, claimed in theirs.items() if any(claimed)}
    assert principal.sum() == batch.entries["amount"][0]


def test_what_only_the_fold_can_say_is_refused():
    terms = np.zeros(1, LOAN_TERMS)
    terms["loan"], terms["first_due_on"], terms["count"] = 1, 1, 1
    batch = compile_batch(
        [Product(code="capped", currency="CNY", amortisation=Amortisation.BULLET, cost_cap=10**9)],
        terms,
        np.zeros(0, ENTRY),
        np.zeros(2, np.int64),
    )
    with pytest.raises(ValueError, match="cost cap"):
        planned_rows(batch, np.array([1]), np.array([0]))
    batch.terms["cost_cap"] = 0
    with pytest.raises(ValueError, match="first due date"):
        planned_rows(batch, np.array([1]), np.array([1]))
    with pytest.raises(ValueError, match="exactly one draw"):
        draws_of(batch)


@pytest.mark.filterwarnings("ignore:overflow encountered")  # uncompiled, products that may wrap warn
def test_loans_planned_together_are_those_planned_alone():
    """Blocks of like loans: filled, broken off by another count, unit or product, and left half full at the end."""
    even = Product(
        code="even",
        currency="CNY",
        amortisation=Amortisation.EQUAL_INSTALMENT,
        interest_method=InterestMethod.PERIOD_RATE,
        day_count=DayCount.THIRTY_E_360,
    )
    offered = [
        even,
        replace(even, code="weekly", unit=Unit.WEEK, multiple=100),
        replace(even, code="up", interest_rounding=Rounding.UP),
        replace(even, code="flat", amortisation=Amortisation.BULLET, interest_method=InterestMethod.FLAT),
    ]
    dice, many = np.random.default_rng(11), 600
    terms = np.zeros(many, LOAN_TERMS)
    terms["loan"], terms["first_due_on"] = np.arange(many), 20_500
    terms["product"] = dice.choice(4, many, p=[0.9, 0.06, 0.02, 0.02])
    terms["count"] = np.where(np.arange(many) < 300, 36, dice.choice((1, 2, 12), many))
    terms["rate"] = dice.choice((0, 1, 5 * 10**8, 10**10), many)
    terms["instalment"] = dice.choice((0, 0, 0, 1, 10**5), many)
    amounts = np.where(
        dice.random(many) < 0.02, 1 << 33, dice.choice((1, 99, 10**7, (1 << 31) - 1, 1 << 31), many)
    )
    drawn_on = np.full(many, 20_470)

    def planned(which: slice) -> tuple[np.ndarray, np.ndarray]:
        some = terms[which]
        batch = compile_batch(offered, some, np.zeros(0, ENTRY), np.zeros(len(some) + 1, np.int64))
        return planned_rows(batch, amounts[which], drawn_on[which])

    together = np.stack(planned(slice(None)))
    alone = np.concatenate([np.stack(planned(slice(at, at + 1))) for at in range(many)], axis=1)
    assert (together == alone).all()


@pytest.mark.parametrize("month_end", MonthEnd)
@pytest.mark.parametrize("every", [1, 3])
@pytest.mark.parametrize("year", [1890, 1899, 2026, 2290, 2299])
def test_due_dates_looked_up_are_those_counted(year, every, month_end):
    first, wanted = day_number(year, 1, 31), np.array([0, 29, 31])
    columns = (np.full(3, value) for value in (first, 40))
    plan, _ = plan_dates(*columns, wanted, np.full(3, every), np.full(3, Unit.MONTH), np.full(3, month_end))
    counted = [
        due_date(first, place, every, Unit.MONTH, day, month_end) for day in wanted for place in range(40)
    ]
    assert plan["due_on"].tolist() == counted
