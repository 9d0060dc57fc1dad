"""What events do to a model. docs/algorithms/live-schedule.md, sections 5 and 6."""

from forbear.engine.live.layout import NOT_YET, Desk
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
    taken,
    total_interest,
    total_paid,
    total_taken,
)
from forbear.engine.live.year import plus
from forbear.kernel.compiled import compiled


@compiled
def _split(desk: Desk, d: int, k: int, day: int) -> int:
    """Cut the segment of a period that holds a day; returns the one that ends there."""
    period = desk.periods[d, k]
    found = period.first
    for s in range(period.first, period.first + period.segments):
        if desk.segments[d, s].start < day <= desk.segments[d, s].end:
            found = s
    segment = desk.segments[d, found]
    at = min(max(day, segment.start), segment.end)
    insert_segment(desk, d, k, found + 1, at, segment.end, segment.paused)
    desk.segments[d, found].end = at
    return found


@compiled
def cut(desk: Desk, d: int, day: int, drawn: int, correction: int) -> int:
    """The balance changes at the end of a day's segment; returns its period, or NONE outside the schedule."""
    k = locate(desk, d, day)
    if k == NONE:
        return NONE
    period = desk.periods[d, k]
    found = NONE
    if k == desk.models[d].periods - 1 and day == period.end:
        last = period.first + period.segments - 1
        if desk.segments[d, last].start == desk.segments[d, last].end:
            found = last
    else:
        for s in range(period.first + period.segments - 1, period.first - 1, -1):
            if desk.segments[d, s].end == day:
                found = s
    if found == NONE:
        found = _split(desk, d, k, day)
    desk.segments[d, found].drawn += drawn
    desk.segments[d, found].correction += correction
    return k


@compiled
def _mark_principal_grace(desk: Desk, d: int, first: int) -> None:
    """Principal grace: the first periods ask interest alone."""
    grace = min(desk.terms.principal_grace, desk.models[d].periods)
    for k in range(desk.models[d].periods):
        desk.periods[d, k].principal_grace = 0
    if grace == 0:
        return
    for k in range(grace):
        period = desk.periods[d, k]
        if k >= first:
            period.level, period.first_level = UNBOUNDED, UNBOUNDED
            derive(desk, d)
            period.level, period.first_level = period.interest, period.interest
            period.principal_grace = 1
            balance(desk, d)
        elif period.principal == 0:
            period.principal_grace = 1
    balance(desk, d)
    set_level(desk, d, first)


@compiled
def _level_on(desk: Desk, d: int, first: int) -> None:
    """The level of the periods from `first` on, with what was paid."""
    for k in range(desk.models[d].periods):
        desk.periods[d, k].principal_grace = 0
    balance(desk, d)
    set_level(desk, d, first)
    _mark_principal_grace(desk, d, first)
    balance(desk, d)
    settle(desk, d, desk.periods[d, first].end)
    smooth(desk, d, first)


@compiled
def _level_as_if_unpaid(desk: Desk, d: int, first: int) -> None:
    """The level that the periods would have if nothing had ever been paid or corrected."""
    e = copy(desk, d)
    for k in range(desk.models[e].periods):
        desk.periods[e, k].paid_principal, desk.periods[e, k].paid_interest = 0, 0
    for s in range(desk.models[e].segments):
        desk.segments[e, s].correction = 0
    _level_on(desk, e, first)
    for k in range(first, desk.models[d].periods):
        desk.periods[d, k].level = desk.periods[e, k].level
        desk.periods[d, k].first_level = desk.periods[e, k].first_level
    derive(desk, d)


@compiled
def level_again(desk: Desk, k: int, day: int, with_paid: bool) -> None:
    """The level of the period of a change and of those after it; from the next one if the day is its due date."""
    d = 0
    first = k
    if desk.periods[d, k].end == day and k + 1 < desk.models[d].periods:
        first = k + 1
    for j in range(min(desk.terms.interest_grace, desk.models[d].periods)):
        desk.periods[d, j].interest_grace = 1
    if desk.terms.interest_on == 1:
        set_level(desk, d, first)
        return
    empty = True
    for j in range(desk.models[d].periods):
        if desk.periods[d, j].level != 0:
            empty = False
    if with_paid or empty:
        _level_on(desk, d, first)
        return
    balance(desk, d)
    _level_as_if_unpaid(desk, d, first)
    _mark_principal_grace(desk, d, first)
    balance(desk, d)
    settle(desk, d, desk.periods[d, first].end)


@compiled
def draw(desk: Desk, day: int, amount: int) -> None:
    """A disbursement is spread over the periods to come."""
    if desk.terms.by_period == 1 and desk.terms.partial_periods == 0:
        for k in range(desk.models[0].periods):
            if desk.periods[0, k].end > day:
                day = desk.periods[0, k].start
                break
    k = cut(desk, 0, day, amount, 0)
    if k != NONE:
        level_again(desk, k, day, False)


@compiled
def change_rate(desk: Desk, day: int, rate: int) -> None:
    """A new rate counts from a day."""
    desk.rates[desk.state.rates, 0] = day - 1
    desk.rates[desk.state.rates, 1] = rate
    desk.state.rates += 1
    k = cut(desk, 0, day - 1, 0, 0)
    if k != NONE:
        level_again(desk, k, day - 1, True)


@compiled
def add_periods(desk: Desk, day: int, count: int) -> None:
    """More periods at the end; the level falls for those still to come."""
    seed, there = desk.periods[0, 0].start, desk.models[0].periods
    for j in range(count):
        start = desk.periods[0, desk.models[0].periods - 1].end
        add_period(desk, 0, start, plus(seed, (there + j + 1) * desk.terms.every, desk.terms.unit))
    k = cut(desk, 0, day - 1, 0, 0)
    if k != NONE:
        level_again(desk, k, day - 1, True)


@compiled
def pause(desk: Desk, first: int, last: int) -> None:
    """No interest on the days first to last, both included."""
    touched = NONE
    for k in range(desk.models[0].periods):
        period = desk.periods[0, k]
        if period.start >= last or period.end < first:
            continue
        if touched == NONE:
            touched = k
        start, end = max(first - 1, period.start), min(last, period.end)
        starts, ends = False, False
        for s in range(period.first, period.first + period.segments):
            starts = starts or desk.segments[0, s].start == start
        if not starts:
            _split(desk, 0, k, start)
        for s in range(period.first, period.first + period.segments):
            ends = ends or desk.segments[0, s].end == end
        if not ends:
            _split(desk, 0, k, end)
        for s in range(period.first, period.first + period.segments):
            if desk.segments[0, s].start >= start and desk.segments[0, s].end <= end:
                desk.segments[0, s].paused = 1
    if touched != NONE:
        balance(desk, 0)
        settle(desk, 0, desk.periods[0, touched].start)


@compiled
def move_due_date(desk: Desk, old: int, new: int) -> None:
    """A due date moves, and those after it follow at their distance."""
    place = locate(desk, 0, old)
    if place == NONE:
        return
    period = desk.periods[0, place]
    period.end = new
    desk.segments[0, period.first + period.segments - 1].end = new
    for k in range(place + 1, desk.models[0].periods):
        period = desk.periods[0, k]
        period.start = new
        desk.segments[0, period.first].start = new
        new = plus(new, desk.terms.every, desk.terms.unit)
        period.end = new
        desk.segments[0, period.first + period.segments - 1].end = new
    balance(desk, 0)
    settle(desk, 0, old)


@compiled
def correct(desk: Desk, day: int, amount: int) -> None:
    """The balance changes with no level changing."""
    if cut(desk, 0, day, 0, amount) != NONE:
        balance(desk, 0)
        settle(desk, 0, day)


@compiled
def credit(desk: Desk, day: int, principal: int, interest: int) -> None:
    """What is taken back is owed again in the period of its day."""
    if cut(desk, 0, day, 0, principal) == NONE:
        return
    last = desk.models[0].periods - 1
    for k in range(last + 1):
        period = desk.periods[0, k]
        if period.start <= day < period.end or (k == last and day == period.end):
            for s in range(period.first + period.segments - 1, period.first - 1, -1):
                if desk.segments[0, s].start == day:
                    desk.segments[0, s].taken_principal += principal
                    desk.segments[0, s].taken_interest += interest
                    break
            break
    balance(desk, 0)
    settle(desk, 0, day)


@compiled
def pay_interest(desk: Desk, k: int, day: int, amount: int) -> None:
    """Interest of a period is paid."""
    last = NONE
    for j in range(desk.models[0].periods):
        if not done(desk.periods[0, j]):
            last = j
    if last == k and last != desk.models[0].periods - 1 and day >= desk.periods[0, last].end:
        defer(desk, 0, k, day)
    left = total_interest(desk, 0) - total_paid(desk, 0)[1]
    desk.periods[0, k].paid_interest += min(amount, left)
    balance(desk, 0)
    settle(desk, 0, day)


@compiled
def pay_principal(desk: Desk, k: int, day: int, amount: int) -> None:
    """Principal of a period is paid: the balance falls that day, or on the due date if that is past."""
    if amount == 0:
        return
    period = desk.periods[0, k]
    before, owed = total_paid(desk, 0)[0], owed_principal(desk, 0)
    part = amount
    if before + amount > owed + total_taken(desk, 0):
        part = owed - before
    period.paid_principal += part
    derive(desk, 0)
    at = min(day, period.end)
    correct(desk, at, -amount)
    if not_done(desk, 0) > 1 and day < period.start:
        if paid(period) > asked(period) or paid(period) == period.first_level + taken(period):
            period.level = paid(period) - taken(period)
            derive(desk, 0)
    settle(desk, 0, at)


@compiled
def _keep(desk: Desk, day: int, k: int, overdue: int, together: int, to_due_date: bool) -> bool:
    """Put overdue principal back into the balance of a period, as far as the day."""
    since = desk.models[0].overdue_until
    if since == day:
        return False
    period = desk.periods[0, k]
    start, end = period.start, period.end
    correct(desk, start if since == NOT_YET or start > since else since, overdue)
    if start < day <= end:
        stop = end if to_due_date else day
        correct(desk, stop, -together)
        desk.models[0].overdue_until = stop
    return True


@compiled
def chase(desk: Desk, day: int, to_due_date: bool) -> bool:
    """Principal past due keeps earning: it stays in the balance until it is paid, as far as `day`."""
    last = desk.models[0].periods - 1
    day = min(day, desk.periods[0, last].end)
    changed, any_late = False, False
    overdue, together = 0, 0
    for k in range(last + 1):
        if desk.periods[0, k].end >= day:
            continue
        any_late = True
        if overdue > 0:
            changed = _keep(desk, day, k, overdue, together, to_due_date) or changed
        overdue = open_principal(desk.periods[0, k])
        together += overdue
    if not any_late:
        return False
    current = locate(desk, 0, day)
    if current == NONE:
        current = last
    if current != last or day <= desk.periods[0, last].end:
        changed = _keep(desk, day, current, overdue, together, to_due_date) or changed
    since = desk.models[0].overdue_until
    if together > 0 and (since == NOT_YET or since < day):
        desk.models[0].overdue_until = day
    return changed
