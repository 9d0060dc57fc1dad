"""The fixed schedule of a cumulative loan: written from all draws and their dates alone.

docs/algorithms/live-schedule.md, section 10.
"""

from forbear.engine.layout import Record
from forbear.engine.live.layout import Desk
from forbear.engine.live.level import MILLIONTH, half_even_ratio, to_multiple
from forbear.engine.live.vocabulary import DISBURSED, EXTENDED, FLAT, INTEREST, PRINCIPAL
from forbear.engine.live.year import gcd, share_of_year
from forbear.engine.plan import Unit
from forbear.kernel.compiled import compiled
from forbear.kernel.rates import RATE_SCALE
from forbear.kernel.rounding import HALF_EVEN, round_fraction
from forbear.kernel.wide import mul_div, mul_divmod, mul_shift

DAY = int(Unit.DAY)
PERIODS_PER_YEAR = tuple(unit.per_year for unit in Unit)


@compiled
def share_in(terms: Record, start: int, due: int) -> tuple[int, int]:
    """The share of a year of a period; a year of actual days has 365 here."""
    days = terms.by_period == 0 or terms.unit == DAY
    if days and terms.month_thirty == 0:
        return due - start, terms.year_days if terms.year_days > 0 else 365
    return share_of_year(terms, start, start, due, start, due, True)


@compiled
def _flat_share(desk: Desk, first: int, count: int) -> tuple[int, int]:
    """The share of a year of all periods together."""
    terms = desk.terms
    if terms.by_period == 1:
        return count * terms.every, PERIODS_PER_YEAR[terms.unit]
    number, parts = 0, 1
    for k in range(first, first + count):
        n, p = share_in(terms, desk.rows[k].start, desk.rows[k].due)
        number, parts = number * p + n * parts, parts * p
        common = gcd(number, parts)
        number, parts = number // common, parts // common
    return number, parts


@compiled
def down_part(terms: Record, amount: int) -> int:
    """The down payment on an amount."""
    return to_multiple(mul_div(amount, terms.down_payment, RATE_SCALE, HALF_EVEN), terms.multiple, 0)


@compiled
def drawn_before(desk: Desk, day: int) -> int:
    """What the draws before a day leave after their down payments."""
    total = 0
    for k in range(desk.entries.shape[0]):
        entry = desk.entries[k]
        if entry.kind == DISBURSED and entry.on < day:
            total += entry.amount - down_part(desk.terms, entry.amount)
    return total


@compiled
def all_drawn(desk: Desk) -> int:
    """All draws, with what is paid down on them."""
    total = 0
    for k in range(desk.entries.shape[0]):
        if desk.entries[k].kind == DISBURSED:
            total += desk.entries[k].amount
    return total


@compiled
def _write_flat(desk: Desk, first: int, count: int, amount: int, planned: bool) -> None:
    """Interest on all that was drawn, in equal parts; of what was drawn before its due date an equal part; the rest on the last."""
    terms = desk.terms
    number, parts = _flat_share(desk, first, count)
    bearing = all_drawn(desk) if planned else amount
    interest = mul_div(bearing, terms.rate * number, RATE_SCALE * parts, HALF_EVEN)
    each = mul_div(bearing, terms.rate * number, RATE_SCALE * parts * count, HALF_EVEN)
    left, left_interest = amount, interest
    for k in range(first, first + count):
        row = desk.rows[k]
        last = k == first + count - 1
        row.claimed[INTEREST] = left_interest if last else each
        drawn = drawn_before(desk, row.due) if planned else amount
        if terms.multiple > 0 and terms.rate > 0:
            wanted = to_multiple(half_even_ratio(drawn + interest, count), terms.multiple, 0) - each
        else:
            wanted = to_multiple(half_even_ratio(drawn, count), terms.multiple, 0)
        row.claimed[PRINCIPAL] = left if last else min(max(wanted, 0), left)
        left -= row.claimed[PRINCIPAL]
        left_interest -= each


@compiled
def level_of(desk: Desk, of: int, count: int, amount: int) -> int:
    """The level amount that repays `amount` in so many periods, all as long as that of row `of`."""
    bits, rows = 60, count
    while rows > 0:
        rows >>= 1
        bits -= 1
    one = 1 << bits
    factor, factors, less = one, 0, one
    number, parts = share_in(desk.terms, desk.rows[of].start, desk.rows[of].due)
    growth = mul_divmod(one, desk.terms.rate * number, RATE_SCALE * parts)[0]
    if growth > 0:
        less = mul_divmod(one, one, one + growth)[0]
    for _ in range(count):
        if growth > 0:
            factor = mul_shift(factor, less, bits)
        factors += factor
    fine, rest = mul_divmod(amount * MILLIONTH, one, factors)
    if rest >= factors - rest:
        fine += 1
    whole, part = divmod(fine, MILLIONTH)
    return to_multiple(round_fraction(whole, part, MILLIONTH, HALF_EVEN), desk.terms.multiple, 0)


@compiled
def _write_declining(desk: Desk, first: int, count: int, amount: int) -> None:
    """Interest on what is left; a level amount, or equal parts of principal; the rest on the last."""
    terms = desk.terms
    level = terms.level if terms.level > 0 else level_of(desk, first, count, amount)
    part, left = half_even_ratio(amount, count), amount
    for k in range(first, first + count):
        row = desk.rows[k]
        number, parts = share_in(terms, row.start, row.due)
        interest = mul_div(left, terms.rate * number, RATE_SCALE * parts, HALF_EVEN)
        wanted = part if terms.equal_principal == 1 else level - interest
        principal = left if k == first + count - 1 else min(max(wanted, 0), left)
        row.claimed[PRINCIPAL], row.claimed[INTEREST] = principal, interest
        left -= principal


@compiled
def _write(desk: Desk, first: int, count: int, amount: int, planned: bool) -> None:
    if desk.terms.interest_on == FLAT:
        _write_flat(desk, first, count, amount, planned)
    else:
        _write_declining(desk, first, count, amount)


@compiled
def write_schedule(desk: Desk, planned: int, amount: int) -> None:
    """Principal and interest of the rows; `planned` of them were agreed, those added spread what is left before them."""
    _write(desk, 0, planned, amount, True)
    count = planned
    for k in range(desk.entries.shape[0]):
        entry = desk.entries[k]
        if entry.kind != EXTENDED:
            continue
        place = 0
        while place < count and desk.rows[place].due < entry.on:
            place += 1
        if place == count:
            place = 0
        left = 0
        for j in range(place, count):
            left += desk.rows[j].claimed[PRINCIPAL]
        count += entry.count
        _write(desk, place, count - place, left, False)
