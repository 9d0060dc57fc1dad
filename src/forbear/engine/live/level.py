"""The level amount: computing it, smoothing it, and letting the last open period take the rest.

docs/algorithms/live-schedule.md, section 5. `d` is the model that changes; a view of it is made at `d + 1`.
"""

from forbear.engine.live.layout import Desk
from forbear.engine.live.model import (
    asked,
    balance,
    copy,
    derive,
    done,
    drawn,
    left_after,
    open_principal,
    owed_principal,
    paid,
    rate_on,
    taken,
    total_interest,
    total_paid,
    total_taken,
)
from forbear.engine.live.year import gcd, share_of_year
from forbear.engine.terms import RATE_SCALE
from forbear.kernel.compiled import compiled
from forbear.kernel.rounding import HALF_EVEN, round_fraction
from forbear.kernel.wide import mul_divmod, mul_shift

MILLIONTH = 1_000_000
UNBOUNDED = 10**15
NONE = -1


@compiled
def half_even_ratio(a: int, b: int) -> int:
    """a / b to a whole number, a tie to the even one; b > 0."""
    q, r = divmod(a, b)
    return round_fraction(q, r, b, HALF_EVEN)


@compiled
def to_multiple(amount: int, multiple: int, least: int) -> int:
    """The nearest multiple of an amount, a tie to the even one; `least` is what one becomes that would vanish."""
    if multiple == 0:
        return amount
    rounded = half_even_ratio(amount, multiple) * multiple
    return rounded if rounded != 0 or amount <= 0 else least


@compiled
def locate(desk: Desk, d: int, day: int) -> int:
    """The period that holds a day: after its start, not after its end; the first one holds its start too."""
    for k in range(desk.models[d].periods):
        period = desk.periods[d, k]
        if period.start < day <= period.end or (k == 0 and day == period.start):
            return k
    return NONE


@compiled
def segment_at(desk: Desk, d: int, k: int, day: int) -> int:
    """The last segment of a period that holds a day, among all segments."""
    found = NONE
    period = desk.periods[d, k]
    for s in range(period.first, period.first + period.segments):
        segment = desk.segments[d, s]
        if segment.start < day <= segment.end or (k == 0 and s == period.first and day == segment.start):
            found = s
    return found


@compiled
def silence_after(desk: Desk, d: int, day: int) -> int:
    """A view in which nothing is earned after a day."""
    e = copy(desk, d)
    k = locate(desk, e, day)
    if k != NONE:
        s = segment_at(desk, e, k, day)
        if s != NONE:
            desk.segments[e, s].end = day
    desk.models[e].silent_after = day
    derive(desk, e)
    return e


@compiled
def defer(desk: Desk, d: int, k: int, till: int) -> None:
    """Interest that finds no place after period `k`, as far as earned by `till`, is brought forward to it."""
    e = silence_after(desk, d, till)
    end = desk.periods[d, k].end
    for j in range(desk.models[e].periods - 1, -1, -1):
        if desk.periods[e, j].unplaced > 0 and desk.periods[e, j].end > end:
            desk.periods[d, k].brought_forward = desk.periods[e, j].unplaced
            for later in range(desk.models[d].periods):
                if desk.periods[d, later].end > end:
                    desk.periods[d, later].moved_up = 1
            break
    derive(desk, d)


@compiled
def _cap_by_what_is_owed(desk: Desk, d: int) -> None:
    """No period asks more principal than the loan still owes."""
    left = owed_principal(desk, d) - total_paid(desk, d)[0]
    for k in range(desk.models[d].periods):
        period = desk.periods[d, k]
        more = open_principal(period) - left
        if more > 0:
            period.level = max(period.level - more, max(0, paid(period) - taken(period)))
    derive(desk, d)


@compiled
def _last_open(desk: Desk, d: int) -> int:
    """The last period that is not done; before any payment the last one that has a balance."""
    last = desk.models[d].periods - 1
    for k in range(last, -1, -1):
        if not done(desk.periods[d, k]):
            return k
    if total_paid(desk, d)[0] == 0 and desk.periods[d, last].segments > 0 and left_after(desk, d, last) > 0:
        return last
    return NONE


@compiled
def settle(desk: Desk, d: int, till: int) -> None:
    """The last open period takes what is left of the principal, and interest earned later is brought forward to it.

    If it cannot, because more was paid on it, the one before it does; what that leaves is deferred, the earliest first.
    """
    while True:
        _cap_by_what_is_owed(desk, d)
        k = _last_open(desk, d)
        if k == NONE:
            break
        period = desk.periods[d, k]
        period.brought_forward = 0
        total = 0
        for j in range(desk.models[d].periods):
            desk.periods[d, j].moved_up = 0
        derive(desk, d)
        for j in range(desk.models[d].periods):
            total += asked(desk.periods[d, j])
        period.level += drawn(desk, d) + total_taken(desk, d) + total_interest(desk, d) - total
        least = paid(period) - taken(period)
        if period.level >= least:
            derive(desk, d)
            defer(desk, d, k, till)
            break
        period.level = least
        period.clamped = 1
        derive(desk, d)
    for k in range(desk.models[d].periods):
        if desk.periods[d, k].clamped == 1:
            desk.periods[d, k].clamped = 0
            defer(desk, d, k, till)


@compiled
def _growth(desk: Desk, d: int, k: int, one: int) -> int:
    """Interest of a period per unit of balance, in parts of `one`."""
    period = desk.periods[d, k]
    if period.interest_grace == 1:
        return 0
    total = 0
    for s in range(period.first, period.first + period.segments):
        segment = desk.segments[d, s]
        rate = rate_on(desk, segment.start)
        if rate == 0:
            continue
        seed = desk.periods[d, 0].start
        number, parts = share_of_year(
            desk.terms, seed, period.start, period.end, segment.start, segment.end, True
        )
        common = gcd(rate, parts)
        total += mul_divmod(one, number * (rate // common), (parts // common) * RATE_SCALE)[0]
    return total


@compiled
def _annuity(desk: Desk, d: int, first: int, principal: int) -> int:
    """The amount that repays `principal` in the countable periods from `first` on, to a millionth and then to a unit."""
    last = desk.models[d].periods
    bits, rows = 60, last - first
    while rows > 0:
        rows >>= 1
        bits -= 1
    one = 1 << bits
    factor, factors = one, 0
    for k in range(first, last):
        if desk.periods[d, k].principal_grace == 1:
            continue
        growth = _growth(desk, d, k, one)
        if growth > 0:
            factor = mul_shift(factor, mul_divmod(one, one, one + growth)[0], bits)
        factors += factor
    fine, rest = mul_divmod(principal * MILLIONTH, one, factors)
    if rest >= factors - rest:
        fine += 1
    whole, part = divmod(fine, MILLIONTH)
    return round_fraction(whole, part, MILLIONTH, HALF_EVEN)


@compiled
def set_level(desk: Desk, d: int, first: int) -> None:
    """One level amount for the periods from `first` on that repay principal, from what is left before them."""
    while first < desk.models[d].periods and desk.periods[d, first].principal_grace == 1:
        first += 1
    if first == desk.models[d].periods:
        return
    principal = 0
    period = desk.periods[d, first]
    for s in range(period.first, period.first + period.segments):
        principal += desk.segments[d, s].drawn
    if first > 0:
        principal += left_after(desk, d, first - 1)
    multiple = desk.terms.multiple
    if desk.terms.interest_on == 1:
        _set_flat_level(desk, d, first, principal)
        return
    level = to_multiple(_annuity(desk, d, first, principal), multiple, multiple)
    if desk.terms.level > 0:
        level = desk.terms.level
    for k in range(first, desk.models[d].periods):
        period = desk.periods[d, k]
        if period.principal_grace == 0 and level >= paid(period):
            period.level, period.first_level = level, level
    derive(desk, d)


@compiled
def _set_flat_level(desk: Desk, d: int, first: int, principal: int) -> None:
    """Principal and flat interest in equal parts, the rounding on the last."""
    last = desk.models[d].periods
    for k in range(first, last):
        desk.periods[d, k].level = UNBOUNDED
    derive(desk, d)
    total = principal
    for k in range(first, last):
        total += desk.periods[d, k].earned
    multiple = desk.terms.multiple
    level = to_multiple(half_even_ratio(total, last - first), multiple, multiple)
    for k in range(first, last):
        part = level if k < last - 1 else total - level * (last - 1 - first)
        desk.periods[d, k].level, desk.periods[d, k].first_level = part, part
    balance(desk, d)


@compiled
def _gap(desk: Desk, d: int, first: int) -> tuple[int, int, int]:
    """The last two open periods' level from `first` on: level of the one before, difference, periods that count."""
    last = desk.models[d].periods
    for k in range(last - 1, first, -1):
        after, before = desk.periods[d, k], desk.periods[d, k - 1]
        if after.principal_grace == 1 or before.principal_grace == 1 or done(after) or done(before):
            continue
        counted = 0
        for j in range(first, last):
            if desk.periods[d, j].principal_grace == 0 and before.level >= paid(desk.periods[d, j]):
                counted += 1
        return before.level, after.level - before.level, counted
    return desk.periods[d, first].level, 0, last - first


@compiled
def smooth(desk: Desk, d: int, first: int) -> None:
    """At most three times: move the level by what the last differs, over all, if that makes the difference smaller."""
    e = d + 1
    last = desk.models[d].periods
    for turn in range(3):
        level, difference, counted = _gap(desk, d, first)
        if abs(difference) <= counted // 2:
            return
        step = half_even_ratio(difference, max(1, counted))
        moved = to_multiple(level + step, desk.terms.multiple, 0)
        if moved == level:
            return
        if turn == 0:
            copy(desk, d)
        for k in range(first, last):
            period = desk.periods[e, k]
            if moved >= paid(period) and period.principal_grace == 0:
                period.level, period.first_level = moved, moved
        balance(desk, e)
        settle(desk, e, desk.periods[d, first].end)
        if abs(_gap(desk, e, 0)[1]) >= abs(difference):
            return
        for k in range(first, last):
            if desk.periods[d, k].principal_grace == 0:
                desk.periods[d, k].level = desk.periods[e, k].level
                desk.periods[d, k].first_level = desk.periods[e, k].level
        balance(desk, d)
