"""The level amount: computing it, smoothing it, and letting the last open period take the rest.

docs/algorithms/live-schedule.md, section 5. `d` is the model that changes; a view of it is made at `d + 1`.
"""

from forbear.engine.live.layout import Model
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
    seed_of,
    taken,
    total_interest,
    total_paid,
    total_taken,
)
from forbear.engine.live.vocabulary import FLAT
from forbear.engine.live.year import gcd, share_of_year
from forbear.kernel.compiled import compiled
from forbear.kernel.rates import RATE_SCALE
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
def locate(model: Model, d: int, day: int) -> int:
    """The period that holds a day: after its start, not after its end; the first one holds its start too."""
    for k in range(model.state.view_periods[d]):
        period = model.periods[d, k]
        if period.start < day <= period.end or (k == 0 and day == period.start):
            return k
    return NONE


@compiled
def segment_at(model: Model, d: int, k: int, day: int) -> int:
    """The last segment of a period that holds a day, among all segments."""
    found = NONE
    period = model.periods[d, k]
    for s in range(period.first, period.first + period.segments):
        segment = model.segments[d, s]
        if segment.start < day <= segment.end or (k == 0 and s == period.first and day == segment.start):
            found = s
    return found


@compiled
def silence_after(model: Model, d: int, day: int) -> int:
    """A view in which nothing is earned after a day."""
    e = copy(model, d)
    k = locate(model, e, day)
    if k != NONE:
        s = segment_at(model, e, k, day)
        if s != NONE:
            model.segments[e, s].end = day
    model.state.silent_after[e] = day
    derive(model, e)
    return e


@compiled
def defer(model: Model, d: int, k: int, till: int) -> None:
    """Interest that finds no place after period `k`, as far as earned by `till`, is brought forward to it."""
    e = silence_after(model, d, till)
    end = model.periods[d, k].end
    for j in range(model.state.view_periods[e] - 1, -1, -1):
        if model.periods[e, j].unplaced > 0 and model.periods[e, j].end > end:
            model.periods[d, k].brought_forward = model.periods[e, j].unplaced
            for later in range(model.state.view_periods[d]):
                if model.periods[d, later].end > end:
                    model.periods[d, later].moved_up = 1
            break
    derive(model, d)


@compiled
def _cap_by_what_is_owed(model: Model, d: int) -> None:
    """No period asks more principal than the loan still owes."""
    left = owed_principal(model, d) - total_paid(model, d)[0]
    for k in range(model.state.view_periods[d]):
        period = model.periods[d, k]
        more = open_principal(period) - left
        if more > 0:
            period.level = max(period.level - more, 0, paid(period) - taken(period))
    derive(model, d)


@compiled
def _last_open(model: Model, d: int) -> int:
    """The last period that is not done and can take something; before any payment the last one that has a balance."""
    last = model.state.view_periods[d] - 1
    for k in range(last, -1, -1):
        if not done(model.periods[d, k]) and model.periods[d, k].clamped == 0:
            return k
    if (
        total_paid(model, d)[0] == 0
        and model.periods[d, last].segments > 0
        and left_after(model, d, last) > 0
    ):
        return last
    return NONE


@compiled
def settle(model: Model, d: int, till: int) -> None:
    """The last open period takes what is left of the principal, and interest earned later is brought forward to it.

    If it cannot, because more was paid on it or given to it, the one before it does; what that leaves is deferred, the earliest
    first.
    """
    while True:
        _cap_by_what_is_owed(model, d)
        k = _last_open(model, d)
        if k == NONE:
            break
        period = model.periods[d, k]
        period.brought_forward = 0
        total = 0
        for j in range(model.state.view_periods[d]):
            model.periods[d, j].moved_up = 0
        derive(model, d)
        for j in range(model.state.view_periods[d]):
            total += asked(model.periods[d, j])
        period.level += drawn(model, d) + total_taken(model, d) + total_interest(model, d) - total
        least = paid(period) - taken(period)
        if period.fixed_interest > 0:
            least = max(least, period.paid_principal + period.fixed_interest)
        if period.level >= least:
            derive(model, d)
            defer(model, d, k, till)
            break
        period.level = least
        period.clamped = 1
        derive(model, d)
    for k in range(model.state.view_periods[d]):
        if model.periods[d, k].clamped == 1:
            model.periods[d, k].clamped = 0
            defer(model, d, k, till)


@compiled
def _growth(model: Model, d: int, k: int, one: int) -> int:
    """Interest of a period per unit of balance, in parts of `one`."""
    period = model.periods[d, k]
    if period.interest_grace == 1:
        return 0
    total = 0
    for s in range(period.first, period.first + period.segments):
        segment = model.segments[d, s]
        rate = rate_on(model, segment.start)
        if rate == 0:
            continue
        seed = seed_of(model)
        number, parts = share_of_year(
            model.terms, seed, period.start, period.end, segment.start, segment.end, True
        )
        common = gcd(rate, parts)
        total += mul_divmod(one, number * (rate // common), (parts // common) * RATE_SCALE)[0]
    return total


@compiled
def _annuity(model: Model, d: int, first: int, principal: int) -> int:
    """The amount that repays `principal` in the countable periods from `first` on, to a millionth and then to a unit."""
    last = model.state.view_periods[d]
    bits, rows = 60, last - first
    while rows > 0:
        rows >>= 1
        bits -= 1
    one = 1 << bits
    factor, factors = one, 0
    for k in range(first, last):
        if model.periods[d, k].principal_grace == 1:
            continue
        growth = _growth(model, d, k, one)
        if growth > 0:
            factor = mul_shift(factor, mul_divmod(one, one, one + growth)[0], bits)
        factors += factor
    fine, rest = mul_divmod(principal * MILLIONTH, one, factors)
    if rest >= factors - rest:
        fine += 1
    whole, part = divmod(fine, MILLIONTH)
    return round_fraction(whole, part, MILLIONTH, HALF_EVEN)


@compiled
def _mean_fixed(model: Model, d: int, first: int) -> int:
    """What a re-ageing has spread over the periods from `first` on, as far as they repay principal, on each of them."""
    total, count = 0, 0
    for k in range(first, model.state.view_periods[d]):
        if model.periods[d, k].principal_grace == 0:
            total += model.periods[d, k].fixed_interest
            count += 1
    return half_even_ratio(total, count)


@compiled
def set_level(model: Model, d: int, first: int) -> None:
    """One level amount for the periods from `first` on that repay principal, from what is left before them."""
    while first < model.state.view_periods[d] and model.periods[d, first].principal_grace == 1:
        first += 1
    if first == model.state.view_periods[d]:
        return
    principal = 0
    period = model.periods[d, first]
    for s in range(period.first, period.first + period.segments):
        principal += model.segments[d, s].drawn
    if first > 0:
        principal += left_after(model, d, first - 1)
    multiple = model.terms.multiple
    if model.terms.interest_on == FLAT:
        _set_flat_level(model, d, first, principal)
        return
    level = to_multiple(
        _annuity(model, d, first, principal) + _mean_fixed(model, d, first), multiple, multiple
    )
    if model.terms.level > 0:
        level = model.terms.level
    for k in range(first, model.state.view_periods[d]):
        period = model.periods[d, k]
        if period.principal_grace == 0 and level >= paid(period):
            period.level, period.first_level = level, level
    derive(model, d)


@compiled
def _set_flat_level(model: Model, d: int, first: int, principal: int) -> None:
    """Principal and flat interest in equal parts, the rounding on the last."""
    last = model.state.view_periods[d]
    for k in range(first, last):
        model.periods[d, k].level = UNBOUNDED
    derive(model, d)
    total = principal
    for k in range(first, last):
        total += model.periods[d, k].interest
    multiple = model.terms.multiple
    level = to_multiple(half_even_ratio(total, last - first), multiple, multiple)
    for k in range(first, last):
        part = level if k < last - 1 else total - level * (last - 1 - first)
        model.periods[d, k].level, model.periods[d, k].first_level = part, part
    balance(model, d)


@compiled
def _gap(model: Model, d: int, first: int) -> tuple[int, int, int]:
    """The last two open periods' level from `first` on: level of the one before, difference, periods that count."""
    last = model.state.view_periods[d]
    for k in range(last - 1, first, -1):
        after, before = model.periods[d, k], model.periods[d, k - 1]
        if after.principal_grace == 1 or before.principal_grace == 1 or done(after) or done(before):
            continue
        counted = 0
        for j in range(first, last):
            if model.periods[d, j].principal_grace == 0 and before.level >= paid(model.periods[d, j]):
                counted += 1
        return before.level, after.level - before.level, counted
    return model.periods[d, first].level, 0, last - first


@compiled
def smooth(model: Model, d: int, first: int) -> None:
    """At most three times: move the level by what the last differs, over all, if that makes the difference smaller."""
    e = d + 1
    last = model.state.view_periods[d]
    for turn in range(3):
        level, difference, counted = _gap(model, d, first)
        if abs(difference) <= counted // 2:
            return
        step = half_even_ratio(difference, max(1, counted))
        moved = to_multiple(level + step, model.terms.multiple, 0)
        if moved == level:
            return
        if turn == 0:
            copy(model, d)
        for k in range(first, last):
            period = model.periods[e, k]
            if moved >= paid(period) and period.principal_grace == 0:
                period.level, period.first_level = moved, moved
        balance(model, e)
        settle(model, e, model.periods[d, first].end)
        if abs(_gap(model, e, 0)[1]) >= abs(difference):
            return
        for k in range(first, last):
            if model.periods[d, k].principal_grace == 0:
                model.periods[d, k].level = model.periods[e, k].level
                model.periods[d, k].first_level = model.periods[e, k].level
        balance(model, d)
