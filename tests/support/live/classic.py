"""The fixed schedule of a cumulative loan: written from the draws and their dates alone.

docs/algorithms/live-schedule.md, section 10.
"""

from fractions import Fraction

from tests.support.live.dates import share_of_year
from tests.support.live.levels import to_multiple
from tests.support.live.model import RATE_SCALE, half_even


def period_share(terms, start, due):
    """The share of a year of a period, or of a part of one; a year of actual days has 365 here."""
    if not terms.by_period and not terms.month_thirty:
        return Fraction(due - start, terms.year_days or 365)
    return share_of_year(terms, start, due, start, due, start, True)


def table(terms, bounds, draws):
    """(principal, interest) of each period; `draws` are (day, amount) to be spread over the periods."""
    if terms.interest_on == 1:
        return flat(terms, bounds, draws)
    return declining(terms, bounds, draws)


def flat(terms, bounds, draws):
    """Interest on what was drawn, in equal parts; principal in equal parts; the rest on the last."""
    amount = sum(a for _, a in draws)
    n = len(bounds)
    rate = Fraction(terms.rate, RATE_SCALE)
    if terms.by_period:
        share = sum((Fraction(terms.every, {0: 365, 1: 52, 2: 12}[terms.unit]) for _ in bounds), Fraction(0))
    else:
        share = sum((period_share(terms, *b) for b in bounds), Fraction(0))
    interest = amount * rate * share
    each = half_even(interest / n)
    part = to_multiple(Fraction(amount, n), terms.multiple)
    level = to_multiple(Fraction(amount + half_even(interest), n), terms.multiple) if terms.rate else part
    rows = []
    left, left_interest = amount, half_even(interest)
    for k in range(n):
        i = each if k < n - 1 else left_interest
        p = level - i if terms.multiple and terms.rate else part
        p = min(p, left) if k < n - 1 else left
        rows.append((p, i))
        left -= p
        left_interest -= i
    return rows


def declining(terms, bounds, draws):
    """Interest on what is left; a level amount, or equal parts of principal; the rest on the last."""
    amount = sum(a for _, a in draws)
    n = len(bounds)
    rate = Fraction(terms.rate, RATE_SCALE)
    grown, worth = Fraction(1), Fraction(0)
    for b in bounds:
        grown /= 1 + rate * period_share(terms, *b)
        worth += grown
    level = terms.level or to_multiple(amount / worth, terms.multiple)
    part = half_even(Fraction(amount, n))
    rows, left = [], amount
    for k, b in enumerate(bounds):
        i = half_even(left * rate * period_share(terms, *b))
        p = part if terms.equal_principal else level - i
        p = left if k == n - 1 else min(max(p, 0), left)
        rows.append((p, i))
        left -= p
    return rows
