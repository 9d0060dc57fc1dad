"""Moving what is open to other rows keeps what settles a live loan on that day: re-ageing and re-amortising.

Left out of the terms are what moves a payoff by itself: charges of every row, which go with rows that go, payoffs to a due date,
which moves, and flat interest. Left out of the journals: schedules that were extended, ended or moved before, and interest paid
before it was earned.
"""

import random
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from forbear.engine.batch import fold, instalments, rows_to_come
from forbear.engine.live.product import LiveProduct
from forbear.engine.live.vocabulary import InterestOn, Schedule, Spread
from forbear.engine.vocabulary import INTEREST, PRINCIPAL, EntryKind
from tests.support.live.book import MONEY, Said, some_case
from tests.support.live.model import half_even

LOANS = 500
OTHERS = (
    *(EntryKind.EXTENDED, EntryKind.REAGED, EntryKind.REAMORTISED),
    *(EntryKind.CHARGED_OFF, EntryKind.WRITTEN_OFF, EntryKind.ACCELERATED),
)
PLAIN = {
    "interest_on": InterestOn.DECLINING,
    "row_fee_flat": 0,
    "row_fee_rate": 0,
    "payoff_to_due_date": False,
    "rest_at_due_date": False,
}


@dataclass(frozen=True)
class Moved:
    """A loan on the day on which the entry is recorded: its journal and its rows before, and its payoffs."""

    seed: int
    product: LiveProduct
    said: tuple[Said, ...]
    rows: np.ndarray
    day: int
    before: int
    after: int


def loans(kind, term, spread):
    """Progressive loans at random, each on some day with an entry of the kind and without."""
    for seed in range(LOANS):
        rng = random.Random(seed)
        case = some_case(rng)
        day = rng.randint(case.entries[0].on, max(e.on for e in case.entries) + 60)
        said = tuple(e for e in case.entries if e.on <= day)
        if not case.product.progressive or any(e.kind in OTHERS for e in said):
            continue
        case = replace(case, product=replace(case.product, **PLAIN, **{term: spread}))
        until, count = day + rng.randint(1, 40), rng.randint(1, 5)
        entry = Said(99, kind, day, tie=10**6)
        if kind == EntryKind.REAGED:
            entry = replace(entry, until=until, count=count)
        batch = replace(case, entries=said).batch()
        rows = np.concatenate((instalments(batch, day), rows_to_come(batch, day)))
        before, after = fold(batch, day)[0], fold(replace(case, entries=(*said, entry)).batch(), day)[0]
        if before["accrued_interest"] >= 0 and (rows["unpaid"] >= 0).all():
            yield Moved(seed, case.product, said, rows, day, int(before["payoff"]), int(after["payoff"]))


def kept(found, least, more=lambda _loan: 0):
    """The payoff is what it was, and what `more` says; of enough loans."""
    differ = [(each.seed, each.after - each.before, more(each)) for each in found]
    assert len(differ) >= least, len(differ)
    assert not [told for told in differ if told[1] != told[2]]


def test_a_re_ageing_in_equal_parts_keeps_the_payoff():
    kept(loans(EntryKind.REAGED, "reage_spread", Spread.EARNED_INTEREST), 250)


def test_a_re_ageing_by_instalments_keeps_the_payoff_where_a_day_weighs_the_same_in_every_period():
    """The row that holds the day is cut there: its days must not weigh more for that, nor days after the last due date count."""

    def weighs_the_same(loan):
        product = loan.product
        if product.schedule == Schedule.FIXED:
            return True
        by_days = product.year_days and not product.month_thirty and not product.by_period
        return by_days and loan.day <= loan.rows["due_on"].max()

    found = loans(EntryKind.REAGED, "reage_spread", Spread.BY_BALANCE)
    kept((loan for loan in found if weighs_the_same(loan)), 120)


def test_re_amortising_by_the_balance_keeps_the_payoff_where_what_is_past_due_earns():
    found = loans(EntryKind.REAMORTISED, "reamortise_spread", Spread.BY_BALANCE)
    kept((loan for loan in found if loan.product.past_due_earns), 250)


def rounded(loan):
    """What equal parts of overdue interest, the same on every row to come, ask too much; less than nothing if too little."""
    past, planned = loan.rows["due_on"] <= loan.day, loan.rows["planned"] != 0
    unpaid, coming = loan.rows["unpaid"][past & planned], loan.rows["unpaid"][~past & planned]
    if loan.product.schedule == Schedule.FIXED or unpaid[:, PRINCIPAL].sum() <= 0 or not coming.any():
        return 0
    interest = int(unpaid[:, INTEREST].sum())
    return half_even(Fraction(interest, len(coming))) * len(coming) - interest


def test_re_amortising_overdue_interest_keeps_the_payoff_but_for_the_rounding_of_its_parts():
    """Of loans on which nothing was settled early, which leaves interest without a place in its own row."""

    def fits(loan):
        early = any(e.kind in MONEY or e.kind == EntryKind.WAIVED for e in loan.said)
        return loan.product.past_due_earns and not loan.product.interest_grace and not early

    found = [
        loan
        for loan in loans(EntryKind.REAMORTISED, "reamortise_spread", Spread.OVERDUE_INTEREST)
        if fits(loan)
    ]
    assert any(rounded(loan) for loan in found)
    kept(found, 80, rounded)
