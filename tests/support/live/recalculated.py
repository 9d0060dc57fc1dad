"""A cumulative schedule whose interest follows what was paid, in exact fractions.

Written from docs/algorithms/live-schedule.md, section 17.
"""

from fractions import Fraction

from tests.support.live.cumulative import level_for, period_share
from tests.support.live.model import RATE_SCALE, half_even

DISBURSED, FEE_CHARGED, PAID, EXTENDED = 1, 2, 5, 18
LOWER_LEVEL, NEXT_ROWS = 1, 3


class Money:
    """What was received, day by day, and what of it is for the rows."""

    def __init__(self, loan, bounds):
        self.loan, self.terms, self.bounds = loan, loan.terms, bounds
        order = next(rule for rule in loan.terms.rules if rule.payment == 0).order
        self.interest_first = order.index(1) < order.index(0)

    def changes(self):
        """(day, amount): payments, less down payments and flat charges by when they are due."""
        for e in self.loan.entries:
            if e.kind == PAID:
                yield e.on, e.amount
            elif e.kind == DISBURSED:
                yield e.on, -self.loan.down_part(e.amount)
            elif e.kind == FEE_CHARGED and e.share_of == 0 and e.when == 0:
                yield e.on, -e.amount
            elif e.kind == FEE_CHARGED and e.share_of == 0 and e.when == 1:
                yield from ((due, -e.amount) for _, due in self.bounds)

    def by(self, day):
        """All of it up to a day."""
        return sum(amount for on, amount in self.changes() if on <= day)

    def early(self, rows, day):
        """What was received by a day beyond what these rows ask."""
        return max(0, self.by(day) - sum(p + i for p, i in rows))

    def overdue(self, rows, day):
        """Principal of these rows that what was received by a day has not paid, the oldest row first."""
        left, total = max(0, self.by(day)), 0
        for principal, interest in rows:
            placed = min(left, principal + interest)
            left -= placed
            of_principal = max(0, placed - interest) if self.interest_first else min(placed, principal)
            total += principal - of_principal
        return total


def interest(money, rows, bounds, balance, till, looked_on):
    """Interest of the row after `rows` up to a day of it: each day's balance, rounded once."""
    terms, (start, due) = money.terms, bounds
    if till <= start or due <= start:
        return 0
    weighed = 0
    for day in range(start, till):
        seen = start if terms.rest_at_due_date else day
        early = 0 if terms.rest_at_due_date else money.early(rows, day)
        weighed += max(0, balance - early)
        counts = looked_on > start if terms.rest_at_due_date else looked_on > day
        if terms.past_due_earns and counts:
            weighed += money.overdue(rows, seen)
    share = period_share(terms, start, due) * Fraction(1, due - start)
    return half_even(weighed * Fraction(terms.rate, RATE_SCALE) * share)


def looked_on(loan, bounds, as_of):
    """The last day on which a row was written."""
    start, due = bounds
    if loan.terms.overdue_daily:
        return min(as_of, due)
    known = [e.recorded_on for e in loan.entries if e.kind in (PAID, DISBURSED) and e.recorded_on <= due]
    return max([start, *known])


def wanted_from(terms, period, count, balance):
    """What each of so many rows asks: a part of principal, or a level amount that is set in this period."""
    if terms.equal_principal:
        return half_even(Fraction(balance, count))
    return terms.level or level_for(terms, period, count, balance)


def write(loan, bounds, planned, amount, as_of):
    """(principal, interest) of each row that there still is."""
    terms, money = loan.terms, Money(loan, bounds)
    again = {
        next((k for k, b in enumerate(bounds) if b[1] >= e.on), 0) for e in loan.entries if e.kind == EXTENDED
    }
    rows, left, carried = [], amount, 0
    wanted = wanted_from(terms, bounds[0], planned, amount)
    for k, b in enumerate(bounds):
        if left == 0 and k > 0:
            break
        if k in again:
            wanted = wanted_from(terms, b, len(bounds) - k, left)
        asks = interest(money, rows, b, left, b[1], looked_on(loan, b, as_of))
        base = min(max(wanted if terms.equal_principal else wanted - asks, 0), left)
        less = min(carried, base)
        base, carried = base - less, carried - less
        base = left if k == len(bounds) - 1 else base
        principal = max(base, money.early(rows, b[1] - 1))
        principal = min(left, max(min(left, principal), money.early(rows, b[1]) - asks))
        rows.append((principal, asks))
        left -= principal
        if principal > base and k < len(bounds) - 1:
            if terms.recalculation == LOWER_LEVEL:
                wanted = wanted_from(terms, b, len(bounds) - k - 1, left)
            elif terms.recalculation == NEXT_ROWS:
                carried += principal - base
    return rows


def payoff(loan, on):
    """What pays off the loan on a day: interest as far as the day, or to the due date."""
    planned = [row for row in loan.rows if not row.down and not row.extra]
    bounds = [(row.start, row.due) for row in planned]
    total = sum(row.unpaid for row in loan.rows)
    total -= sum(row.open(1) for row in planned if row.due > on)
    for k, row in enumerate(planned):
        if row.start <= on < row.due:
            left = sum(r.claimed[0] for r in planned[k:])
            before = [(r.claimed[0], r.claimed[1]) for r in planned[:k]]
            till = row.due if loan.terms.payoff_to_due_date else on
            settled = row.paid[1] + row.waived[1] + row.written[1]
            total += interest(Money(loan, bounds), before, bounds[k], left, till, on) - settled
            break
    return total
