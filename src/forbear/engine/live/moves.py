"""What events do to a model. docs/algorithms/live-schedule.md, sections 5 and 6."""

from forbear.engine.live.layout import NOT_YET, RATE, RATE_FROM, Model
from forbear.engine.live.level import (
    NONE,
    UNBOUNDED,
    defer,
    locate,
    set_level,
    settle,
    smooth,
)
from forbear.engine.live.model import (
    add_period,
    asked,
    balance,
    copy,
    derive,
    done,
    insert_segment,
    not_done,
    open_principal,
    owed_principal,
    paid,
    seed_of,
    taken,
    total_interest,
    total_paid,
    total_taken,
)
from forbear.engine.live.vocabulary import FLAT
from forbear.engine.live.year import plus
from forbear.kernel.compiled import compiled


@compiled
def _split(model: Model, d: int, k: int, day: int) -> int:
    """Cut the segment of a period that holds a day; returns the one that ends there."""
    period = model.periods[d, k]
    found = period.first
    for s in range(period.first, period.first + period.segments):
        if model.segments[d, s].start < day <= model.segments[d, s].end:
            found = s
    segment = model.segments[d, found]
    at = min(max(day, segment.start), segment.end)
    insert_segment(model, d, k, found + 1, at, segment.end, segment.paused)
    model.segments[d, found].end = at
    return found


@compiled
def cut(model: Model, d: int, day: int, drawn: int, correction: int) -> int:
    """The balance changes at the end of a day's segment; returns its period, or NONE outside the schedule."""
    k = locate(model, d, day)
    if k == NONE:
        return NONE
    period = model.periods[d, k]
    found = NONE
    if k == model.state.view_periods[d] - 1 and day == period.end:
        last = period.first + period.segments - 1
        if model.segments[d, last].start == model.segments[d, last].end:
            found = last
    else:
        for s in range(period.first + period.segments - 1, period.first - 1, -1):
            if model.segments[d, s].end == day:
                found = s
    if found == NONE:
        found = _split(model, d, k, day)
    model.segments[d, found].drawn += drawn
    model.segments[d, found].correction += correction
    return k


@compiled
def _mark_principal_grace(model: Model, d: int, first: int) -> None:
    """Principal grace: the first periods ask interest alone."""
    grace = min(model.terms.principal_grace, model.state.view_periods[d])
    for k in range(model.state.view_periods[d]):
        model.periods[d, k].principal_grace = 0
    if grace == 0:
        return
    for k in range(grace):
        period = model.periods[d, k]
        if k >= first:
            period.level, period.first_level = UNBOUNDED, UNBOUNDED
            derive(model, d)
            period.level, period.first_level = period.interest, period.interest
            period.principal_grace = 1
            balance(model, d)
        elif period.principal == 0:
            period.principal_grace = 1
    balance(model, d)
    set_level(model, d, first)


@compiled
def level_on(model: Model, d: int, first: int) -> None:
    """The level of the periods from `first` on, with what was paid."""
    for k in range(model.state.view_periods[d]):
        model.periods[d, k].principal_grace = 0
    balance(model, d)
    set_level(model, d, first)
    _mark_principal_grace(model, d, first)
    balance(model, d)
    settle(model, d, model.periods[d, first].end)
    smooth(model, d, first)


@compiled
def _level_as_if_unpaid(model: Model, d: int, first: int) -> None:
    """The level that the periods would have if nothing had ever been paid or corrected."""
    e = copy(model, d)
    for k in range(model.state.view_periods[e]):
        model.periods[e, k].paid_principal, model.periods[e, k].paid_interest = 0, 0
    for s in range(model.state.view_segments[e]):
        model.segments[e, s].correction = 0
    level_on(model, e, first)
    for k in range(first, model.state.view_periods[d]):
        model.periods[d, k].level = model.periods[e, k].level
        model.periods[d, k].first_level = model.periods[e, k].first_level
    derive(model, d)


@compiled
def level_again(model: Model, k: int, day: int, with_paid: bool) -> None:
    """The level of the period of a change and of those after it; from the next one if the day is its due date."""
    d = 0
    first = k
    if model.periods[d, k].end == day and k + 1 < model.state.view_periods[d]:
        first = k + 1
    for j in range(min(model.terms.interest_grace, model.state.view_periods[d])):
        model.periods[d, j].interest_grace = 1
    if model.terms.interest_on == FLAT:
        set_level(model, d, first)
        return
    empty = True
    for j in range(model.state.view_periods[d]):
        if model.periods[d, j].level != 0:
            empty = False
    if with_paid or empty:
        level_on(model, d, first)
        return
    balance(model, d)
    _level_as_if_unpaid(model, d, first)
    _mark_principal_grace(model, d, first)
    balance(model, d)
    settle(model, d, model.periods[d, first].end)


@compiled
def draw(model: Model, day: int, amount: int, full_term: bool) -> None:
    """Principal is added, spread over the periods to come, or over as many as the loan has (`full_term`)."""
    if model.terms.by_period == 1 and model.terms.partial_periods == 0:
        for k in range(model.state.view_periods[0]):
            if model.periods[0, k].end > day:
                day = model.periods[0, k].start
                break
    k = cut(model, 0, day, amount, 0)
    if k == NONE:
        return
    if full_term:
        _add_full_term(model, k, day, amount)
    else:
        level_again(model, k, day, False)


@compiled
def _add_full_term(model: Model, k: int, day: int, amount: int) -> None:
    """A draw has as many periods as the loan, from the one of its day on; what they would ask for it alone is added."""
    first = k + 1 if model.periods[0, k].end == day else k
    _append(model, max(0, first + model.terms.count - model.state.view_periods[0]))
    for j in range(min(model.terms.interest_grace, model.state.view_periods[0])):
        model.periods[0, j].interest_grace = 1
    alone = 1
    model.state.view_periods[alone], model.state.view_segments[alone] = 0, 0
    model.state.silent_after[alone] = NOT_YET
    for j in range(model.terms.count):
        period = model.periods[0, first + j]
        add_period(model, alone, period.start, period.end)
        model.periods[alone, j].interest_grace = period.interest_grace
    cut(model, alone, day, amount, 0)
    level_on(model, alone, 0)
    for j in range(model.terms.count):
        model.periods[0, first + j].level += model.periods[alone, j].level
        model.periods[0, first + j].first_level = model.periods[0, first + j].level
    balance(model, 0)
    settle(model, 0, day)


@compiled
def change_rate(model: Model, day: int, rate: int) -> None:
    """A new rate counts from a day."""
    model.steps[model.state.rates, RATE_FROM] = day - 1
    model.steps[model.state.rates, RATE] = rate
    model.state.rates += 1
    k = cut(model, 0, day - 1, 0, 0)
    if k != NONE:
        level_again(model, k, day - 1, True)


@compiled
def add_periods(model: Model, day: int, count: int) -> None:
    """More periods at the end; the level falls for those still to come."""
    _append(model, count)
    k = cut(model, 0, day - 1, 0, 0)
    if k != NONE:
        level_again(model, k, day - 1, True)


@compiled
def _append(model: Model, count: int) -> None:
    """Empty periods at the end, counted from the last due date if that is not where it was agreed."""
    seed, there = seed_of(model), model.state.view_periods[0]
    last = model.periods[0, there - 1].end
    if last != plus(seed, there * model.terms.every, model.terms.unit):
        seed, there = last, 0
    for j in range(count):
        start = model.periods[0, model.state.view_periods[0] - 1].end
        add_period(model, 0, start, plus(seed, (there + j + 1) * model.terms.every, model.terms.unit))


@compiled
def pause(model: Model, first: int, last: int) -> None:
    """No interest on the days first to last, both included."""
    touched = NONE
    for k in range(model.state.view_periods[0]):
        period = model.periods[0, k]
        if period.start >= last or period.end < first:
            continue
        if touched == NONE:
            touched = k
        start, end = max(first - 1, period.start), min(last, period.end)
        starts, ends = False, False
        for s in range(period.first, period.first + period.segments):
            starts = starts or model.segments[0, s].start == start
        if not starts:
            _split(model, 0, k, start)
        for s in range(period.first, period.first + period.segments):
            ends = ends or model.segments[0, s].end == end
        if not ends:
            _split(model, 0, k, end)
        for s in range(period.first, period.first + period.segments):
            if model.segments[0, s].start >= start and model.segments[0, s].end <= end:
                model.segments[0, s].paused = 1
    if touched != NONE:
        balance(model, 0)
        settle(model, 0, model.periods[0, touched].start)


@compiled
def _fit(model: Model, k: int) -> None:
    """Segments of a period whose dates have moved lie within it, and none is paused: pauses have to be laid on again."""
    period = model.periods[0, k]
    last = period.first + period.segments - 1
    for s in range(period.first, last + 1):
        segment = model.segments[0, s]
        segment.start = (
            period.start if s == period.first else min(max(segment.start, period.start), period.end)
        )
        segment.end = period.end if s == last else min(max(segment.end, period.start), period.end)
        segment.paused = 0


@compiled
def move_due_date(model: Model, old: int, new: int) -> None:
    """A due date moves, and those after it follow at their distance; but not to before its period begins."""
    place = locate(model, 0, old)
    if place == NONE or new <= model.periods[0, place].start:
        return
    model.periods[0, place].end = new
    _fit(model, place)
    for k in range(place + 1, model.state.view_periods[0]):
        period = model.periods[0, k]
        period.start = new
        new = plus(new, model.terms.every, model.terms.unit)
        period.end = new
        _fit(model, k)
    balance(model, 0)
    settle(model, 0, old)


@compiled
def correct(model: Model, day: int, amount: int) -> None:
    """The balance changes with no level changing."""
    if cut(model, 0, day, 0, amount) != NONE:
        balance(model, 0)
        settle(model, 0, day)


@compiled
def claim_again(model: Model, day: int, principal: int, interest: int) -> None:
    """What is taken back is owed again in the period of its day."""
    if cut(model, 0, day, 0, principal) == NONE:
        return
    last = model.state.view_periods[0] - 1
    for k in range(last + 1):
        period = model.periods[0, k]
        if period.start <= day < period.end or (k == last and day == period.end):
            for s in range(period.first + period.segments - 1, period.first - 1, -1):
                if model.segments[0, s].start == day:
                    model.segments[0, s].taken_principal += principal
                    model.segments[0, s].taken_interest += interest
                    break
            break
    balance(model, 0)
    settle(model, 0, day)


@compiled
def pay_interest(model: Model, k: int, day: int, amount: int) -> None:
    """Interest of a period is paid."""
    last = NONE
    for j in range(model.state.view_periods[0]):
        if not done(model.periods[0, j]):
            last = j
    if last == k and last != model.state.view_periods[0] - 1 and day >= model.periods[0, last].end:
        defer(model, 0, k, day)
    left = total_interest(model, 0) - total_paid(model, 0)[1]
    model.periods[0, k].paid_interest += min(amount, left)
    balance(model, 0)
    settle(model, 0, day)


@compiled
def pay_principal(model: Model, k: int, day: int, amount: int) -> None:
    """Principal of a period is paid: the balance falls that day, or on the due date if that is past."""
    if amount == 0:
        return
    period = model.periods[0, k]
    before, owed = total_paid(model, 0)[0], owed_principal(model, 0)
    part = amount
    if before + amount > owed + total_taken(model, 0):
        part = owed - before
    period.paid_principal += part
    derive(model, 0)
    at = min(day, period.end)
    correct(model, at, -amount)
    if not_done(model, 0) > 1 and day < period.start:
        if paid(period) > asked(period) or paid(period) == period.first_level + taken(period):
            period.level = paid(period) - taken(period)
            derive(model, 0)
    settle(model, 0, at)


@compiled
def _keep(model: Model, day: int, k: int, overdue: int, together: int, to_due_date: bool) -> bool:
    """Put overdue principal back into the balance of a period, as far as the day."""
    since = model.state.overdue_until
    if since == day:
        return False
    period = model.periods[0, k]
    start, end = period.start, period.end
    correct(model, start if since == NOT_YET or start > since else since, overdue)
    if start < day <= end:
        stop = end if to_due_date else day
        correct(model, stop, -together)
        model.state.overdue_until = stop
    return True


@compiled
def chase(model: Model, day: int, to_due_date: bool) -> bool:
    """Principal past due keeps earning: it stays in the balance until it is paid, as far as `day`."""
    last = model.state.view_periods[0] - 1
    day = min(day, model.periods[0, last].end)
    changed, any_late = False, False
    overdue, together = 0, 0
    for k in range(last + 1):
        if model.periods[0, k].end >= day:
            continue
        any_late = True
        if overdue > 0:
            changed = _keep(model, day, k, overdue, together, to_due_date) or changed
        overdue = open_principal(model.periods[0, k])
        together += overdue
    if not any_late:
        return False
    current = locate(model, 0, day)
    if current == NONE:
        current = last
    if current != last or day <= model.periods[0, last].end:
        changed = _keep(model, day, current, overdue, together, to_due_date) or changed
    since = model.state.overdue_until
    if together > 0 and (since == NOT_YET or since < day):
        model.state.overdue_until = day
    return changed
