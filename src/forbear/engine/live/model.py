"""The interest of a live schedule, from the day-by-day balance. docs/algorithms/live-schedule.md, sections 3 and 4.

Models lie beside each other on the desk: 0 is the loan's own, the others are views of it. What is earned is summed to
sixty binary places; a sum that a tie could have given is taken as one.
"""

from forbear.engine.layout import Record
from forbear.engine.live.layout import NOT_YET, RATE, RATE_FROM, Model
from forbear.engine.live.vocabulary import FLAT
from forbear.engine.live.year import gcd, share_of_year
from forbear.engine.vocabulary import NEVER
from forbear.kernel.compiled import compiled
from forbear.kernel.rates import RATE_SCALE
from forbear.kernel.wide import mul_divmod

ONE = 1 << 60
FIRST_PLACES, LAST_PLACES = 10**9, 10**10
"""Together nineteen decimal places, which are more than a word of 62 bits holds."""
FINENESS = 1 << 16
"""Into how many parts a last place is divided to weigh segments against each other."""


@compiled
def seed_of(model: Model) -> int:
    """The day from which due dates are counted."""
    return model.terms.counted_from if model.terms.counted_from > 0 else model.periods[0, 0].start


@compiled
def rate_on(model: Model, day: int) -> int:
    """Yearly rate in 10**-10: the last change of those that begin latest."""
    rate, since = model.terms.rate, -NEVER
    for k in range(model.state.rates):
        if since <= model.steps[k, RATE_FROM] <= day:
            since, rate = model.steps[k, RATE_FROM], model.steps[k, RATE]
    return rate


@compiled
def taken(period: Record) -> int:
    """Principal and interest taken back in a period."""
    return period.taken_principal + period.taken_interest


@compiled
def asked(period: Record) -> int:
    """All that a period asks."""
    return period.level + taken(period) + period.brought_forward


@compiled
def paid(period: Record) -> int:
    """All that was paid on a period."""
    return period.paid_principal + period.paid_interest


@compiled
def done(period: Record) -> bool:
    """Nothing is missing and nothing too much."""
    return asked(period) == paid(period)


@compiled
def open_principal(period: Record) -> int:
    """Principal of a period not yet paid."""
    return max(0, period.principal - period.paid_principal)


@compiled
def left_after(model: Model, d: int, k: int) -> int:
    """The balance with which the period after `k` starts."""
    period = model.periods[d, k]
    last = model.segments[d, period.first + period.segments - 1]
    return max(0, last.balance + last.correction + last.drawn + period.paid_principal - period.principal)


@compiled
def drawn(model: Model, d: int) -> int:
    """All that was drawn and spread over the periods."""
    total = 0
    for s in range(model.state.view_segments[d]):
        total += model.segments[d, s].drawn
    return total


@compiled
def owed_principal(model: Model, d: int) -> int:
    """Drawn and taken back."""
    total = 0
    for k in range(model.state.view_periods[d]):
        period = model.periods[d, k]
        for s in range(period.first, period.first + period.segments):
            total += model.segments[d, s].drawn + model.segments[d, s].taken_principal
    return max(0, total)


@compiled
def total_taken(model: Model, d: int) -> int:
    """Principal taken back in all periods."""
    total = 0
    for k in range(model.state.view_periods[d]):
        total += model.periods[d, k].taken_principal
    return total


@compiled
def total_paid(model: Model, d: int) -> tuple[int, int]:
    """Principal and interest paid in all periods."""
    principal, interest = 0, 0
    for k in range(model.state.view_periods[d]):
        principal += model.periods[d, k].paid_principal
        interest += model.periods[d, k].paid_interest
    return principal, interest


@compiled
def total_interest(model: Model, d: int) -> int:
    """Interest asked in all periods."""
    total = 0
    for k in range(model.state.view_periods[d]):
        total += model.periods[d, k].interest
    return total


@compiled
def not_done(model: Model, d: int) -> int:
    """How many periods are not done."""
    count = 0
    for k in range(model.state.view_periods[d]):
        if not done(model.periods[d, k]):
            count += 1
    return count


@compiled
def _base(model: Model, d: int, place: int) -> int:
    """What a segment's interest is on."""
    if model.terms.interest_on != FLAT:
        return model.segments[d, place].balance
    total = 0
    for s in range(place):
        total += model.segments[d, s].drawn
    return total


@compiled
def _share_to_end(model: Model, d: int, period: Record, place: int) -> tuple[int, int]:
    """The share of a year from a segment's first day to the end of its period."""
    start = model.segments[d, place].start
    return share_of_year(model.terms, seed_of(model), period.start, period.end, start, period.end, False)


@compiled
def _factor_error(model: Model, d: int, period: Record, place: int) -> tuple[int, int]:
    """By how much a segment's factor changes if it is rounded half to even to `factor_places`: as a share of the last place."""
    number, parts = _share_to_end(model, d, period, place)
    rate = rate_on(model, model.segments[d, place].start)
    common = gcd(rate, RATE_SCALE)
    rate, scale = rate // common, RATE_SCALE // common
    common = gcd(number, scale)
    number, scale = number // common, scale // common
    common = gcd(rate, parts)
    number, parts = number * (rate // common), (parts // common) * scale
    rest = mul_divmod(number % parts, FIRST_PLACES, parts)[1]
    last, rest = mul_divmod(rest, LAST_PLACES, parts)
    up = 2 * rest > parts or (2 * rest == parts and last % 2 == 1)
    return (parts - rest if up else -rest), parts


@compiled
def _beside_tie(model: Model, d: int, k: int) -> int:
    """On which side of a tie a period's interest lies once its factors are rounded: below 0, above 0, or on it."""
    period, total = model.periods[d, k], 0
    for place in range(period.first, period.first + period.segments):
        segment = model.segments[d, place]
        days, silent = segment.end - segment.start, model.state.silent_after[d]
        if segment.paused == 1 or days == 0 or (silent != NOT_YET and segment.end > silent):
            continue
        error, parts = _factor_error(model, d, period, place)
        if error == 0:
            continue
        fine = 1 + mul_divmod(abs(error), FINENESS, parts)[0]
        weight = mul_divmod(_base(model, d, place) * days, fine, period.end - segment.start)[0]
        total += weight if error > 0 else -weight
    return total


@compiled
def interest_of(model: Model, d: int, period: Record, place: int, days: int) -> tuple[int, int]:
    """What a segment earns in so many of its days: whole minor units, and a fraction of ONE."""
    segment = model.segments[d, place]
    length = period.end - segment.start
    rate, base = rate_on(model, segment.start), _base(model, d, place)
    if rate == 0 or base == 0 or length == 0 or segment.paused == 1:
        return 0, 0
    number, parts = _share_to_end(model, d, period, place)
    common = gcd(days * number, length * parts)
    number, parts = days * number // common, length * parts // common
    common = gcd(rate, RATE_SCALE)
    rate, scale = rate // common, RATE_SCALE // common
    common = gcd(number, scale)
    number, scale = number // common, scale // common
    common = gcd(rate, parts)
    number, parts = number * (rate // common), (parts // common) * scale
    whole, rest = mul_divmod(base, number, parts)
    return whole, mul_divmod(rest, ONE, parts)[0]


@compiled
def _earning(model: Model, d: int, period: Record, place: int) -> tuple[int, int]:
    """Interest of a segment: whole minor units, and a fraction of ONE."""
    segment = model.segments[d, place]
    silent = model.state.silent_after[d]
    if segment.paused == 1:
        return segment.taken_interest, 0
    days = segment.end - segment.start
    if days == 0 or (silent != NOT_YET and segment.end > silent):
        return max(0, segment.taken_interest), 0
    whole, fraction = interest_of(model, d, period, place, days)
    if whole == 0 and fraction == 0:
        return max(0, segment.taken_interest), 0
    return segment.taken_interest + whole, fraction


@compiled
def earned_exactly(model: Model, d: int, k: int) -> tuple[int, int]:
    """Interest of a period before it is rounded; each segment's fraction is cut off below 2**-60."""
    period = model.periods[d, k]
    whole, part = 0, 0
    for place in range(period.first, period.first + period.segments):
        units, fraction = _earning(model, d, period, place)
        whole += units
        part += fraction
        if part >= ONE:
            whole += 1
            part -= ONE
    return whole, part


@compiled
def earned_in(model: Model, d: int, k: int) -> int:
    """Interest of a period, rounded half to even; a tie falls to the side on which factors of so many places put it."""
    period = model.periods[d, k]
    whole, part = earned_exactly(model, d, k)
    half = ONE >> 1
    if part > half or part + period.segments > ONE:
        return whole + 1
    if part + period.segments > half:
        side = _beside_tie(model, d, k) if model.terms.factor_places > 0 else 0
        if side != 0:
            return whole + (1 if side > 0 else 0)
        return whole + (whole & 1)
    return whole


@compiled
def derive_one(model: Model, d: int, k: int, unplaced: int) -> int:
    """Interest and principal of a period, given what the one before could not place; returns what this one could not."""
    period = model.periods[d, k]
    principal, interest = 0, 0
    for s in range(period.first, period.first + period.segments):
        principal += model.segments[d, s].taken_principal
        interest += model.segments[d, s].taken_interest
    period.taken_principal, period.taken_interest = max(0, principal), max(0, interest)
    earned = 0 if period.moved_up == 1 or period.moved_down == 1 else earned_in(model, d, k)
    period.earned = max(0, earned + period.fixed_interest + period.brought_forward + unplaced)
    total = asked(period)
    if period.interest_grace == 1 or period.paid_principal > max(0, total - period.earned):
        period.interest = period.paid_interest
    else:
        period.interest = max(min(period.earned, total), period.paid_interest)
    period.principal = max(total - period.interest, period.paid_principal, 0)
    period.unplaced = max(0, period.earned - period.interest)
    return period.unplaced


@compiled
def derive(model: Model, d: int) -> None:
    """Interest, principal and what finds no place, from the left to the right."""
    unplaced = 0
    for k in range(model.state.view_periods[d]):
        unplaced = derive_one(model, d, k, unplaced)


@compiled
def balance(model: Model, d: int) -> None:
    """Carry the balance through all segments, then derive."""
    unplaced, before = 0, -1
    for k in range(model.state.view_periods[d]):
        period = model.periods[d, k]
        for s in range(period.first, period.first + period.segments):
            if s > period.first:
                prior = model.segments[d, s - 1]
                model.segments[d, s].balance = max(0, prior.balance + prior.correction + prior.drawn)
            elif before >= 0:
                model.segments[d, s].balance = left_after(model, d, before)
        unplaced = derive_one(model, d, k, unplaced)
        if period.segments > 0:
            before = k


@compiled
def copy(model: Model, d: int) -> int:
    """A view of model `d`, beside it; returns its place."""
    e = d + 1
    model.state.view_periods[e] = model.state.view_periods[d]
    model.state.view_segments[e] = model.state.view_segments[d]
    model.state.silent_after[e] = model.state.silent_after[d]
    for k in range(model.state.view_periods[d]):
        model.periods[e, k] = model.periods[d, k]
    for s in range(model.state.view_segments[d]):
        model.segments[e, s] = model.segments[d, s]
    return e


@compiled
def insert_segment(model: Model, d: int, k: int, place: int, start: int, end: int, paused: int) -> None:
    """A new segment of period `k`, at `place` of all segments."""
    for s in range(model.state.view_segments[d], place, -1):
        model.segments[d, s] = model.segments[d, s - 1]
    model.state.view_segments[d] += 1
    model.periods[d, k].segments += 1
    for later in range(k + 1, model.state.view_periods[d]):
        model.periods[d, later].first += 1
    segment = model.segments[d, place]
    segment.start, segment.end, segment.paused = start, end, paused
    segment.drawn, segment.correction, segment.balance = 0, 0, 0
    segment.taken_principal, segment.taken_interest = 0, 0


@compiled
def add_period(model: Model, d: int, start: int, end: int) -> None:
    """A new period at the end, with one segment."""
    k, s = model.state.view_periods[d], model.state.view_segments[d]
    model.state.view_periods[d] += 1
    model.state.view_segments[d] += 1
    period, segment = model.periods[d, k], model.segments[d, s]
    period.start, period.end, period.first, period.segments = start, end, s, 1
    period.level, period.first_level, period.paid_principal, period.paid_interest = 0, 0, 0, 0
    period.brought_forward, period.moved_up, period.interest_grace, period.principal_grace = 0, 0, 0, 0
    period.moved_down, period.fixed_interest, period.lapses = 0, 0, 0
    period.earned, period.interest, period.principal, period.unplaced = 0, 0, 0, 0
    period.taken_principal, period.taken_interest, period.clamped = 0, 0, 0
    segment.start, segment.end, segment.paused = start, end, 0
    segment.drawn, segment.correction, segment.balance = 0, 0, 0
    segment.taken_principal, segment.taken_interest = 0, 0
