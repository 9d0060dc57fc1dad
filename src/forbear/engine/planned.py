"""The planned rows of many loans as they are agreed, before anything has happened to them: the schedule of a contract.

What the fold would claim if each instalment were paid on its due date (a law: `tests/properties/test_planned.py`), without
folding. For quotes, disclosures and costs of whole books. docs/algorithms/fold.md, section 5. For speed it says again, without a
desk, what `schedule.principal_of_row`, `amortise` and the draws of flat loans say; that test holds them equal.
"""

from typing import Final

import numpy as np

from forbear.engine.annuity import level_instalment
from forbear.engine.batch import Batch
from forbear.engine.layout import Record, Records
from forbear.engine.planned_even import Block, block_for, fits, flush, is_even, put
from forbear.engine.vocabulary import (
    CARRIED,
    CUSTOM,
    DISBURSED,
    EQUAL_INSTALMENT,
    EQUAL_PRINCIPAL,
    FLAT,
    PERIOD_RATE,
)
from forbear.kernel.compiled import compiled, inlined
from forbear.kernel.daycounts import weight
from forbear.kernel.rounding import round_fraction, round_to_multiple
from forbear.kernel.wide import WORD_BITS, mul_divmod, mul_wide

PLACES: Final = 61
REFUSALS: Final = (
    "",
    "a loan has a cost cap, which may clip its interest",
    "a loan has a grace, a down payment or fees with its rows",
    "a loan's first due date does not lie after its draw",
)

SMALL: Final = 1 << 44
"""Amounts below this, which all are, leave room for 2**17 units of a day count in one period."""


@inlined
def _refusal(terms: Record, plan: Records, drawn_on: int) -> int:
    """Which of REFUSALS is true of a loan; 0: none."""
    if terms.cost_cap > 0:
        return 1
    if terms.principal_grace > 0 or terms.interest_grace > 0 or terms.down_numerator > 0:
        return 2
    if terms.draw_fee_flat > 0 or terms.draw_fee_numerator > 0:
        return 2
    if terms.row_fee_flat > 0 or terms.row_fee_numerator > 0:
        return 2
    return 3 if plan.shape[0] == 0 or plan[0].due_on <= drawn_on else 0


@compiled
def _level(terms: Record, rates: Records, plan: Records, principal: int, start: int) -> int:
    """The level instalment, or the equal part of principal; 0 where there is neither."""
    rows = plan.shape[0]
    if terms.amortisation == EQUAL_PRINCIPAL:
        return round_to_multiple(
            principal // rows, principal % rows, rows, terms.multiple, terms.instalment_rounding
        )
    if terms.amortisation != EQUAL_INSTALMENT:
        return 0
    if terms.instalment > 0:
        return terms.instalment
    step = 0
    while step + 1 < rates.shape[0] and rates[step + 1].from_day <= start:
        step += 1
    return level_instalment(
        terms,
        rates,
        plan,
        0,
        rows,
        principal,
        start,
        start,
        step,
        rates[step].interest,
        rates[step].per_period,
    )


@inlined
def _units(terms: Record, rates: Records, step: int, start: int, end: int) -> tuple[int, int]:
    """Rate times weight of the period [start, end), summed over its rate steps; and the step at its end."""
    units, since = 0, start
    while step + 1 < rates.shape[0] and rates[step + 1].from_day < end:
        change = max(rates[step + 1].from_day, start)
        units += rates[step].interest * weight(terms.day_count, start, since, change)
        step, since = step + 1, change
    return units + rates[step].interest * weight(terms.day_count, start, since, end), step


@inlined
def _principal(terms: Record, plan: Records, place: int, level: int, interest: int, left: int) -> int:
    kind = terms.amortisation
    if place + 1 == plan.shape[0]:
        return left
    if kind == EQUAL_INSTALMENT:
        return min(max(level - interest, 0), left)
    if kind == EQUAL_PRINCIPAL:
        return min(level, left)
    return min(plan[place].principal, left) if kind == CUSTOM else 0


@inlined
def _settled(amount: int, whole: int, units: int, denominator: int) -> tuple[int, int]:
    """Quotient and remainder of amount * units / denominator, from a quotient that is right or one too small.

    The remainder fits a word, so the products that it is the difference of may wrap.
    """
    rest = amount * units - whole * denominator
    if rest >= denominator:
        return whole + 1, rest - denominator
    return whole, rest


@compiled
def _plan_one(
    terms: Record,
    rates: Records,
    plan: Records,
    left: int,
    start: int,
    interest: np.ndarray,
    principal: np.ndarray,
) -> None:
    """Interest and principal of each planned row of a loan with one draw of `left` on `start`."""
    level = _level(terms, rates, plan, left, start)
    by_period = terms.interest_method == PERIOD_RATE
    denominator = terms.period_denominator if by_period else terms.denominator
    rate = rates[0].per_period if by_period else rates[0].interest
    quick = rates.shape[0] == 1 and left < SMALL and rate < denominator
    factor = mul_divmod(1 << PLACES, rate, denominator)[0] if quick else 0
    longest = min(1 << 17, (1 << PLACES) // max(factor, 1))
    step, sum_whole, sum_rest, sum_charged = 0, 0, 0, 0
    for place in range(plan.shape[0]):
        if left == 0:  # repaid before the end: nothing accrues any more, and what was carried is forgotten
            break
        end = plan[place].due_on
        periods = 1 if by_period else weight(terms.day_count, start, start, end)
        if quick and periods <= longest:
            # `factor` is rate / denominator in binary places from below, 2**17 of its last place at most over all periods:
            # with an amount below 2**44 the quotient is at most one too small.
            high, low = mul_wide(left, factor * periods)
            whole = (high << (WORD_BITS - PLACES)) + (low >> PLACES)
            whole, rest = _settled(left, whole, rate * periods, denominator)
        else:
            if by_period:
                while step + 1 < rates.shape[0] and rates[step + 1].from_day <= start:
                    step += 1
                units = rates[step].per_period
            else:
                units, step = _units(terms, rates, step, start, end)
            whole, rest = mul_divmod(left, units, denominator)
        whole, rest = whole + sum_whole, rest + sum_rest
        if rest >= denominator:
            whole, rest = whole + 1, rest - denominator
        charged = round_fraction(whole, rest, denominator, terms.interest_rounding) - sum_charged
        if terms.interest_residue == CARRIED:  # the sum so far is rounded, not each period's part of it
            sum_whole, sum_rest, sum_charged = whole, rest, sum_charged + charged
        interest[place] = charged
        principal[place] = _principal(terms, plan, place, level, charged, left)
        left -= principal[place]
        start = end


@compiled
def _flat(
    terms: Record,
    rates: Records,
    plan: Records,
    left: int,
    start: int,
    interest: np.ndarray,
    principal: np.ndarray,
) -> None:
    """As `_plan_one`, for interest on the amount drawn, in equal whole parts with the residue on the last row."""
    rows = plan.shape[0]
    level = _level(terms, rates, plan, left, start)
    step = 0
    while step + 1 < rates.shape[0] and rates[step + 1].from_day <= start:
        step += 1
    whole, rest = mul_divmod(left, rates[step].per_period * rows, terms.period_denominator)
    share, residue = divmod(
        round_fraction(whole, rest, terms.period_denominator, terms.interest_rounding), rows
    )
    for place in range(rows):
        if left == 0:
            break
        interest[place] = share + (residue if place + 1 == rows else 0)
        principal[place] = _principal(terms, plan, place, level, interest[place], left)
        left -= principal[place]


@compiled
def _plan_all(
    terms: Records,
    rates: Records,
    rate_bounds: np.ndarray,
    plan: Records,
    plan_bounds: np.ndarray,
    drawn: np.ndarray,
    drawn_on: np.ndarray,
    block: Block,
    interest: np.ndarray,
    principal: np.ndarray,
) -> int:
    """Plan all loans, up to one that is refused; which of REFUSALS is true of that one, or 0."""
    for i in range(terms.shape[0]):
        first, end = plan_bounds[i], plan_bounds[i + 1]
        why = _refusal(terms[i], plan[first:end], drawn_on[i])
        if why != 0:
            return why
        steps = rates[rate_bounds[i] : rate_bounds[i + 1]]
        if is_even(terms[i], steps, drawn[i]):
            if not fits(block, terms[i], end - first):
                flush(block, terms, plan_bounds, interest, principal)
            put(block, i, end - first, terms[i], steps[0].per_period, drawn[i])
        elif terms[i].interest_method == FLAT:
            _flat(
                terms[i],
                steps,
                plan[first:end],
                drawn[i],
                drawn_on[i],
                interest[first:end],
                principal[first:end],
            )
        else:
            _plan_one(
                terms[i],
                steps,
                plan[first:end],
                drawn[i],
                drawn_on[i],
                interest[first:end],
                principal[first:end],
            )
    flush(block, terms, plan_bounds, interest, principal)
    return 0


def planned_rows(batch: Batch, drawn: np.ndarray, drawn_on: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Interest and principal, in minor units, of every planned row of a batch: two arrays beside `batch.plan`.

    Loan i is drawn at once, `drawn[i]` minor units on the day `drawn_on[i]`; the batch's journal is not looked at. Raises ValueError for
    a loan with a cost cap (the fold alone knows what may be charged), with a grace, a down payment or fees with its rows, or one whose first due date is not after its draw.
    """
    drawn, drawn_on = np.ascontiguousarray(drawn, np.int64), np.ascontiguousarray(drawn_on, np.int64)
    terms, plan = batch.terms.view(np.recarray), batch.plan.view(np.recarray)
    interest = np.zeros(len(batch.plan), np.int64)
    principal = np.zeros(len(batch.plan), np.int64)
    why = _plan_all(
        terms,
        batch.rates.view(np.recarray),
        batch.rate_bounds,
        plan,
        batch.plan_bounds,
        drawn,
        drawn_on,
        block_for(int(np.diff(batch.plan_bounds).max(initial=0))),
        interest,
        principal,
    )
    if why:
        raise ValueError(f"{REFUSALS[why]}: fold it instead")
    return interest, principal


def draws_of(batch: Batch) -> tuple[np.ndarray, np.ndarray]:
    """Amount and day of the one draw of each loan of a batch. Raises ValueError if a loan has none, or several."""
    draws = batch.entries["kind"] == DISBURSED
    before = np.concatenate(([0], np.cumsum(draws)))
    if (np.diff(before[batch.entry_bounds]) != 1).any():
        raise ValueError("planned rows are those of loans with exactly one draw: fold the others")
    return batch.entries["amount"][draws], batch.entries["effective_on"][draws]
