"""What events do to the model. docs/algorithms/live-schedule.md, sections 6 to 8."""

from tests.support.live.dates import plus
from tests.support.live.levels import (
    defer,
    locate,
    segment_at,
    set_level,
    settle,
    silence_after,
    smooth,
)
from tests.support.live.model import Model, Period, Segment


def cut(model, day, drawn=0, correction=0):
    """The balance changes at the end of a day's segment; returns its period, or None outside the schedule."""
    period = locate(model, day)
    if period is None:
        return None
    at_maturity = period is model.periods[-1] and day == period.end
    if at_maturity:
        last = period.segments[-1]
        found = last if last.start == last.end else None
    else:
        found = next((s for s in period.segments if s.end == day), None)
    if found is None:
        holding = [s for s in period.segments if s.start < day <= s.end]
        found = holding[-1] if holding else period.segments[0]
        at = min(max(day, found.start), found.end)
        period.segments.insert(period.segments.index(found) + 1, Segment(at, found.end, found.paused))
        found.end = at
    found.drawn += drawn
    found.correction += correction
    return period


def from_period(model, period, day):
    """The period whose level is computed again: the next one if the day is this one's due date."""
    if period.end == day:
        place = model.periods.index(period)
        if place + 1 < len(model.periods):
            return model.periods[place + 1]
    return period


def later_periods(model, end):
    """Those due on or after a day."""
    return [p for p in model.periods if p.end >= end]


def empty(model):
    """Nothing asked yet."""
    return all(p.level == 0 for p in model.periods)


def mark_graces(model, periods):
    """Principal grace: the first periods ask interest alone."""
    terms = model.terms
    for p in model.periods:
        p.principal_grace = False
    if not terms.principal_grace or model.grace_lifted:
        return
    for p in model.periods[: terms.principal_grace]:
        if p.end >= periods[0].end:
            p.level = p.first_level = 10**15
            model.derive()
            p.level = p.first_level = p.interest
            p.principal_grace = True
            model.balance()
        elif p.principal == 0:
            p.principal_grace = True
    paying = [p for p in periods if not p.principal_grace]
    if paying:
        model.balance()
        set_level(model, paying)


def level_again(model, end, on_model):
    """The level of all periods due on or after a day; `on_model`: with what was paid, else as if nothing had been."""
    periods = later_periods(model, end)
    if not periods:
        return
    for p in model.periods[: model.terms.interest_grace]:
        p.interest_grace = True
    if model.terms.interest_on:
        set_level(model, periods)
        return
    on_model = on_model or model.without_paid or empty(model)
    model.balance()
    if on_model:
        set_level(model, periods)
    else:
        view = without_payments(model)
        level_again(view, end, True)
        for p, q in zip(model.periods, view.periods, strict=True):
            if p.end >= end:
                p.level, p.first_level = q.level, q.first_level
        model.derive()
    mark_graces(model, periods)
    model.balance()
    settle(model, end)
    if on_model:
        smooth(model, periods)


def without_payments(model):
    """The model as if nothing had ever been paid or corrected."""
    view = model.copy()
    view.without_paid = True
    for p in view.periods:
        p.paid_principal = p.paid_interest = 0
        for s in p.segments:
            s.correction = 0
    return view


def draw(model, day, amount, whole):
    """Principal is added, spread over the periods to come, or over as many as the loan has (`whole`)."""
    terms = model.terms
    if terms.by_period and not terms.partial_periods:
        day = next((p.start for p in model.periods if p.end > day), day)
    period = cut(model, day, drawn=amount)
    if period and whole:
        full_term(model, period, day, amount)
    elif period:
        level_again(model, from_period(model, period, day).end, False)


def full_term(model, period, day, amount):
    """What the draw would ask on its own, over as many periods as the loan has, on top of what the others ask."""
    terms = model.terms
    place = model.periods.index(period) + (1 if period.end == day else 0)
    append_periods(model, place + terms.count - len(model.periods))
    mine = model.periods[place : place + terms.count]
    for p in model.periods[: terms.interest_grace]:
        p.interest_grace = True
    alone = Model(terms, [(p.start, p.end) for p in mine])
    alone.rates, alone.counted_from_first = model.rates, model.seed
    for p, q in zip(alone.periods, mine, strict=True):
        p.interest_grace = q.interest_grace
    cut(alone, day, drawn=amount)
    alone.balance()
    set_level(alone, alone.periods)
    mark_graces(alone, alone.periods)
    alone.balance()
    settle(alone, alone.periods[0].end)
    smooth(alone, alone.periods)
    for p, q in zip(alone.periods, mine, strict=True):
        q.level += p.level
        q.first_level = q.level
    model.balance()
    settle(model, day)


def change_rate(model, day, rate):
    """A new rate counts from a day."""
    model.rates.append((day - 1, rate))
    period = cut(model, day - 1)
    if period:
        level_again(model, from_period(model, period, day - 1).end, True)


def append_periods(model, count):
    """Periods at the end, counted from the last due date if that is not where it was agreed."""
    terms, seed, unit_from = model.terms, model.seed, len(model.periods)
    if model.periods[-1].end != plus(seed, unit_from * terms.every, terms.unit):
        seed, unit_from = model.periods[-1].end, 0
    for k in range(count):
        start = model.periods[-1].end
        end = plus(seed, (unit_from + k + 1) * terms.every, terms.unit)
        model.periods.append(Period(start, end))


def add_periods(model, day, count):
    """More periods at the end; the level falls for those still to come."""
    append_periods(model, count)
    period = cut(model, day - 1)
    if period:
        level_again(model, from_period(model, period, day - 1).end, True)


def pause(model, first, last):
    """No interest on the days first to last, both included."""
    touched = [p for p in model.periods if p.start < last and p.end >= first]
    for p in touched:
        start, end = max(first - 1, p.start), min(last, p.end)
        if not any(s.start == start for s in p.segments):
            _split(p, start)
        if not any(s.end == end for s in p.segments):
            _split(p, end)
        for s in p.segments:
            if s.start >= start and s.end <= end:
                s.paused = True
    if touched:
        model.balance()
        settle(model, touched[0].start)


def _split(period, day):
    holding = [s for s in period.segments if s.start < day <= s.end]
    found = holding[-1] if holding else period.segments[0]
    at = min(max(day, found.start), found.end)
    period.segments.insert(period.segments.index(found) + 1, Segment(at, found.end, found.paused))
    found.end = at


def move_due_date(model, old, new):
    """A due date moves, and those after it follow at their distance; but not to before its period begins."""
    terms = model.terms
    period = locate(model, old)
    if period is None or new <= period.start:
        return
    place = model.periods.index(period)
    period.end = new
    for p in model.periods[place + 1 :]:
        p.start = new
        new = plus(new, terms.every, terms.unit)
        p.end = new
    for p in model.periods[place:]:
        for s in p.segments:
            s.paused = False
            s.start = min(max(s.start, p.start), p.end)
            s.end = min(max(s.end, p.start), p.end)
        p.segments[0].start, p.segments[-1].end = p.start, p.end
    model.balance()
    settle(model, old)


def correct(model, day, amount):
    """The balance changes with no level changing."""
    if cut(model, day, correction=amount):
        model.balance()
        settle(model, day)


def claim_again(model, day, principal, interest):
    """What is taken back is owed again in the period of its day."""
    if cut(model, day, correction=principal) is None:
        return
    last = model.periods[-1]
    for p in model.periods:
        if p.start <= day < p.end or (p is last and day == p.end):
            here = [s for s in p.segments if s.start == day]
            if here:
                here[-1].taken_principal += principal
                here[-1].taken_interest += interest
            break
    model.balance()
    settle(model, day)


def pay_interest(model, period, day, amount):
    """Interest of a period is paid."""
    unpaid = [p for p in model.periods if not p.done]
    if unpaid and unpaid[-1] is not model.periods[-1] and day >= unpaid[-1].end and period is unpaid[-1]:
        defer(model, period, day)
    amount = min(amount, model.total("interest") - model.total("paid_interest"))
    period.paid_interest += amount
    model.balance()
    settle(model, day)


def pay_principal(model, period, day, amount):
    """Principal of a period is paid: the balance falls that day, or on the due date if that is past."""
    if amount == 0:
        return
    paid = amount
    taken = sum(p.taken_principal for p in model.periods)
    if model.total("paid_principal") + amount > model.owed_principal + taken:
        paid = model.owed_principal - model.total("paid_principal")
    period.paid_principal += paid
    model.derive()
    at = min(day, period.end)
    correct(model, at, -amount)
    if model.frozen_levels:
        return
    several = sum(not p.done for p in model.periods) > 1
    whole = period.paid > period.asked or period.paid == period.first_level + period.taken
    if several and day < period.start and whole:
        period.level = period.paid - period.taken
        model.derive()
    settle(model, at)


def stopped_at(model, day):
    """The schedule as it would be if it ended on a day: only what was earned by then is due."""
    view = model.copy()
    if day < view.periods[0].start:
        for p in view.periods:
            p.segments = []
        view.derive()
        return view
    if day >= view.periods[-1].end:
        return view
    current = locate(view, day)
    place = view.periods.index(current)
    for k, p in enumerate(view.periods):
        if p.end <= day:
            continue
        if p is current:
            segment = segment_at(view, p, day)
            if segment:
                at = p.segments.index(segment)
                segment.end = day
                if at + 1 < len(p.segments):
                    segment.taken_principal += p.segments[at + 1].taken_principal
                    segment.taken_interest += p.segments[at + 1].taken_interest
                p.segments = p.segments[: at + 1]
        elif k == place + 1 and (p.segments[0].taken_principal > 0 or p.segments[0].taken_interest > 0):
            p.segments = p.segments[:1]
            p.segments[0].end = p.segments[0].start
        else:
            p.segments = []
    view.balance()
    settle(view, day)
    return view


def due_amounts(model, period, day):
    """Principal and interest that a period asks if it is paid on a day."""
    view = stopped_at(model, day)
    p = view.periods[model.periods.index(period)]
    if day <= p.start:
        unpaid = sum(not q.done for q in view.periods)
        if unpaid > 1:
            p.level = p.first_level
            view.derive()
            p.level -= max(0, p.open_principal - view.open_principal)
        elif unpaid == 1 and p.done:
            rest = view.owed_principal - view.total("paid_principal") + p.paid_principal + p.interest
            p.level = min(p.first_level, rest)
        view.derive()
    return p.principal, p.interest


def earned_till(model, period, day, with_taken):
    """Interest of a period, earned by a day."""
    view = stopped_at(model, day)
    p = view.periods[model.periods.index(period)]
    return p.earned - (0 if with_taken else p.taken_interest)


def open_till(model, day):
    """Principal and interest open on a day, as a payoff on it asks."""
    view = silence_after(model, day)
    view.balance()
    settle(view, day)
    return (
        max(0, view.owed_principal - view.total("paid_principal")),
        max(0, view.total("interest") - view.total("paid_interest")),
    )


def chase(model, day, to_due_date):
    """Principal past due keeps earning: it stays in the balance until it is paid, as far as `day`."""
    day = min(day, model.periods[-1].end)
    late = [p for p in model.periods if p.end < day]
    if not late:
        return False
    last = model.periods[-1]
    current = locate(model, day) or last
    changed = False
    overdue = together = 0
    for p in late:
        if overdue:
            changed |= _keep(model, day, p, overdue, together, to_due_date)
        overdue = p.open_principal
        together += overdue
    if current is not last or day <= last.end:
        changed |= _keep(model, day, current, overdue, together, to_due_date)
    if together > 0 and (model.overdue_until is None or model.overdue_until < day):
        model.overdue_until = day
    return changed


def _keep(model, day, period, overdue, together, to_due_date):
    if model.overdue_until == day:
        return False
    since = model.overdue_until
    correct(model, period.start if since is None or period.start > since else since, overdue)
    if period.start < day <= period.end:
        stop = period.end if to_due_date else day
        correct(model, stop, -together)
        model.overdue_until = stop
    return True
