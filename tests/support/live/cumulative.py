"""The fixed schedule of a cumulative loan: written from the draws and their dates alone.

docs/algorithms/live-schedule.md, section 10.
"""

from fractions import Fraction

from tests.support.live.dates import share_of_year
from tests.support.live.levels import to_multiple
from tests.support.live.model import RATE_SCALE, half_even


def period_share(terms, start, due):
    """The share of a year of a period, or of a part of one; a year of actual days has 365 here."""
    if (not terms.by_period or terms.unit == 0) and not terms.month_thirty:
        return Fraction(due - start, terms.year_days or 365)
    return share_of_year(terms, start, due, start, due, start, True)


def table(terms, bounds, draws, bearing=None):
    """(principal, interest) of each period; `draws` are (day, amount) to be spread over the periods.

    `bearing`: what flat interest is on, where more is drawn than spread.
    """
    if terms.interest_on == 1:
        return flat(terms, bounds, draws, bearing)
    return declining(terms, bounds, draws)


def flat(terms, bounds, draws, bearing):
    """Interest on all that was drawn, in equal parts; of what was drawn before its due date an equal part; the rest on the last."""
    amount = sum(a for _, a in draws)
    n = len(bounds)
    rate = Fraction(terms.rate, RATE_SCALE)
    if terms.by_period:
        share = sum((Fraction(terms.every, {0: 365, 1: 52, 2: 12}[terms.unit]) for _ in bounds), Fraction(0))
    else:
        share = sum((period_share(terms, *b) for b in bounds), Fraction(0))
    interest = (amount if bearing is None else bearing) * rate * share
    each = half_even(interest / n)
    rows = []
    left, left_interest = amount, half_even(interest)
    for k in range(n):
        i = each if k < n - 1 else left_interest
        drawn = sum(a for day, a in draws if day < bounds[k][1])
        part = to_multiple(Fraction(drawn, n), terms.multiple)
        level = to_multiple(Fraction(drawn + half_even(interest), n), terms.multiple)
        p = level - each if terms.multiple and terms.rate else part
        p = min(max(p, 0), left) if k < n - 1 else left
        rows.append((p, i))
        left -= p
        left_interest -= i
    return rows


def level_for(terms, period, count, amount):
    """The level amount that repays `amount` in so many periods, all as long as this one."""
    grown, worth = Fraction(1), Fraction(0)
    for _ in range(count):
        grown /= 1 + Fraction(terms.rate, RATE_SCALE) * period_share(terms, *period)
        worth += grown
    return to_multiple(amount / worth, terms.multiple)


def declining(terms, bounds, draws):
    """Interest on what is left; a level amount, or equal parts of principal; the rest on the last."""
    amount = sum(a for _, a in draws)
    n = len(bounds)
    rate = Fraction(terms.rate, RATE_SCALE)
    level = terms.level or level_for(terms, bounds[0], n, amount)
    part = half_even(Fraction(amount, n))
    rows, left = [], amount
    for k, b in enumerate(bounds):
        i = half_even(left * rate * period_share(terms, *b))
        p = part if terms.equal_principal else level - i
        p = left if k == n - 1 else min(max(p, 0), left)
        rows.append((p, i))
        left -= p
    return rows


def with_more_rows(terms, bounds, parts, drawn, added):
    """The table; the rows of `added` entries spread what is left before the row from which each counts."""
    count = len(bounds) - sum(e.count for e in added)
    written = table(terms, bounds[:count], parts, drawn)
    for e in added:
        place = next((k for k, b in enumerate(bounds[:count]) if b[1] >= e.on), 0)
        count += e.count
        left = sum(principal for principal, _ in written[place:])
        written[place:] = table(terms, bounds[place:count], [(bounds[place][0], left)])
    return written
