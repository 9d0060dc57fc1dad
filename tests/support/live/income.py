"""Deferred income by the oracle: docs/algorithms/deferred-income.md, in exact fractions."""

from fractions import Fraction

from tests.support.live import moves
from tests.support.live.model import half_even

REVERSED, INCOME_CAPITALISED, INCOME_ADJUSTED, BOUGHT_DOWN, BUY_DOWN_ADJUSTED = 9, 31, 32, 33, 34
ADJUSTMENT_OF = {INCOME_CAPITALISED: INCOME_ADJUSTED, BOUGHT_DOWN: BUY_DOWN_ADJUSTED}


def capitalise(loan, entry, out):
    """Income becomes principal of the rows to come."""
    if not loan.draws or not loan.terms.progressive:
        out.amount = 0
        return
    loan.draws.append((entry.on, entry.amount))
    moves.draw(loan.model, entry.on, entry.amount, False)
    loan.rows_after_draw(entry.amount, entry.on)
    loan.charge_rows_again()
    out.portions = [entry.amount, 0, 0, 0]
    loan.use_overpayment(entry, out)


def recognised(entries, last_due, day):
    """What is income by the end of a day, of each standing entry that defers some: {sequence: minor units}."""
    gone = {e.target for e in entries if e.kind == REVERSED}
    stands = [e for e in entries if e.sequence not in gone and e.on <= day]
    found = {}
    for item in (e for e in stands if e.kind in ADJUSTMENT_OF):
        left, done = Fraction(item.amount), Fraction(0)
        for today in range(item.on, day + 1):
            for e in stands:
                gives_back = e.kind == ADJUSTMENT_OF[item.kind] and e.target == item.sequence
                if gives_back and max(e.on, item.on) == today:
                    left -= e.amount
            if left < 0:
                done, left = done + left, Fraction(0)
            part = left if today + 1 >= last_due else left / (last_due - today)
            done, left = done + part, left - part
        found[item.sequence] = half_even(done)
    return found
