"""The level amount: computing it, smoothing it, and letting the last open period take the rest.

docs/algorithms/live-schedule.md, section 5.
"""

from fractions import Fraction

from tests.support.live.model import half_even


def to_multiple(value, multiple, least=0):
    """To a whole minor unit, then to the nearest multiple; `least` is what an amount becomes that would vanish."""
    amount = half_even(value)
    if not multiple:
        return amount
    rounded = half_even(Fraction(amount, multiple)) * multiple
    return rounded if rounded or value <= 0 else least


def locate(model, day, first=None):
    """The period that holds a day: after its start, not after its end; the first one holds its start too."""
    for place, p in enumerate(model.periods):
        if p.start < day <= p.end or (place == 0 and day == p.start):
            return p
    return None


def segment_at(model, period, day):
    """The last segment of a period that holds a day."""
    found = None
    for place, s in enumerate(period.segments):
        first = period is model.periods[0] and place == 0
        if s.start < day <= s.end or (first and day == s.start):
            found = s
    return found


def silence_after(model, day):
    """A view in which nothing is earned after a day."""
    view = model.copy()
    period = locate(view, day)
    segment = period and segment_at(view, period, day)
    if segment:
        segment.end = day
    view.silent_after = day
    view.derive()
    return view


def defer(model, period, till):
    """Interest that finds no place after the last open period, as far as earned by `till`, is brought forward to it."""
    view = silence_after(model, till)
    for p in reversed(view.periods):
        if p.unplaced > 0 and p.end > period.end:
            period.brought_forward = p.unplaced
            for later in model.periods:
                if later.end > period.end:
                    later.moved_up = True
            break
    model.derive()


def cap_by_what_is_owed(model):
    """No period asks more principal than the loan still owes."""
    left = model.owed_principal - model.total("paid_principal")
    for p in model.periods:
        if p.open_principal > left:
            p.level = max(p.level - (p.open_principal - left), 0, p.paid - p.taken)
    model.derive()


def last_open(model, full):
    """The last period that is not done and not full; before any payment the last one that has a balance."""
    for p in reversed(model.periods):
        if not p.done and all(p is not other for other in full):
            return p
    last = model.periods[-1]
    if model.total("paid_principal") == 0 and last.segments and last.left_after > 0:
        return last
    return None


def settle(model, till, full=()):
    """The last open period takes what is left of the principal, and interest earned later is brought forward to it.

    `full`: periods that ask more than that already, and leave the rest to the one before.
    """
    cap_by_what_is_owed(model)
    period = last_open(model, full)
    if period is None:
        return
    period.brought_forward = 0
    for p in model.periods:
        p.moved_up = False
    model.derive()
    taken = sum(p.taken_principal for p in model.periods)
    missing = model.drawn + taken + model.total("interest") - model.total("asked")
    period.level += missing
    least = period.paid - period.taken
    if period.fixed_interest:
        least = max(least, period.paid_principal + period.fixed_interest)
    if period.level < least:
        period.level = least
        model.derive()
        settle(model, till, [*full, period])
    model.derive()
    defer(model, period, till)


def set_level(model, periods):
    """One level amount for these periods, from what is left before the first of them."""
    if not periods:
        return
    place = model.periods.index(periods[0])
    principal = sum(s.drawn for s in periods[0].segments)
    if place:
        principal += model.periods[place - 1].left_after
    if model.terms.interest_on:
        set_flat_level(model, periods, principal)
        return
    grown, worth = Fraction(1), Fraction(1)
    for k, p in enumerate(periods):
        growth = model.growth(p)
        grown *= growth
        if k:
            worth = 1 + worth * growth
    fixed = half_even(Fraction(sum(p.fixed_interest for p in periods), len(periods)))
    multiple = model.terms.multiple
    level = to_multiple(half_even(principal * grown / worth) + fixed, multiple, multiple)
    if model.terms.level:
        level = model.terms.level
    for p in periods:
        if level >= p.paid:
            p.level = p.first_level = level
    model.derive()


def set_flat_level(model, periods, principal):
    """Principal and flat interest in equal parts, the rounding on the last."""
    for p in periods:
        p.level = 10**15
    model.derive()
    total = principal + sum(p.interest for p in periods)
    level = to_multiple(Fraction(total, len(periods)), model.terms.multiple, model.terms.multiple)
    for p in periods:
        p.level = p.first_level = level
    periods[-1].level = periods[-1].first_level = total - level * (len(periods) - 1)
    model.balance()


def gap(periods):
    """The last two open periods' level: (level of the one before, difference, periods that count)."""
    for after, before in zip(reversed(periods), list(reversed(periods))[1:], strict=False):
        if after.principal_grace or before.principal_grace:
            continue
        if not after.done and not before.done:
            out = sum(1 for p in periods if p.principal_grace or before.level < p.paid)
            return before.level, after.level - before.level, len(periods) - out
    return periods[0].level, 0, len(periods)


def smooth(model, periods):
    """At most three times: move the level by what the last differs, over all, if that makes the difference smaller."""
    trial = None
    for _ in range(3):
        level, difference, counted = gap(periods)
        if abs(difference) <= counted // 2:
            return
        moved = to_multiple(level + half_even(Fraction(difference, max(1, counted))), model.terms.multiple)
        if moved == level:
            return
        trial = trial or model.copy()
        start, end = periods[0].start, periods[0].end
        for p in trial.periods:
            if p.start >= start and p.end >= end and moved >= p.paid and not p.principal_grace:
                p.level = p.first_level = moved
        trial.balance()
        settle(trial, end)
        if abs(gap(trial.periods)[1]) >= abs(difference):
            return
        tried = [p for p in trial.periods if p.start >= start and p.end >= end and not p.principal_grace]
        for p, q in zip([p for p in periods if not p.principal_grace], tried, strict=False):
            p.level = p.first_level = q.level
        model.balance()
