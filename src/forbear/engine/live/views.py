"""What a schedule asks if it is paid on a day, read off views of its model. docs/algorithms/live-schedule.md, section 6."""

from forbear.engine.live.layout import Desk
from forbear.engine.live.level import NONE, locate, segment_at, settle, silence_after
from forbear.engine.live.model import (
    balance,
    copy,
    derive,
    done,
    not_done,
    open_principal,
    owed_principal,
    total_interest,
    total_paid,
)
from forbear.kernel.compiled import compiled


@compiled
def _truncate(desk: Desk, e: int, current: int, day: int) -> None:
    """Keep of a view what lies before a day; what was taken back on it stays."""
    kept = 0
    for k in range(desk.models[e].periods):
        period = desk.periods[e, k]
        first, count, keep = period.first, period.segments, period.segments
        if k == current and period.end > day:
            s = segment_at(desk, e, k, day)
            if s != NONE:
                keep = s - first + 1
                desk.segments[e, s].end = day
                if keep < count:
                    after = desk.segments[e, s + 1]
                    desk.segments[e, s].taken_principal += after.taken_principal
                    desk.segments[e, s].taken_interest += after.taken_interest
        elif k == current + 1 and period.end > day:
            head = desk.segments[e, first]
            keep = 0
            if head.taken_principal > 0 or head.taken_interest > 0:
                keep = 1
                head.end = head.start
        elif period.end > day:
            keep = 0
        for s in range(keep):
            desk.segments[e, kept + s] = desk.segments[e, first + s]
        period.first, period.segments = kept, keep
        kept += keep
    desk.models[e].segments = kept


@compiled
def stopped_at(desk: Desk, d: int, day: int) -> int:
    """The schedule as it would be if it ended on a day: only what was earned by then is due."""
    e = copy(desk, d)
    last = desk.models[e].periods - 1
    if day < desk.periods[e, 0].start:
        for k in range(last + 1):
            desk.periods[e, k].first, desk.periods[e, k].segments = 0, 0
        desk.models[e].segments = 0
        derive(desk, e)
        return e
    if day >= desk.periods[e, last].end:
        return e
    _truncate(desk, e, locate(desk, e, day), day)
    balance(desk, e)
    settle(desk, e, day)
    return e


@compiled
def due_amounts(desk: Desk, k: int, day: int) -> tuple[int, int]:
    """Principal and interest that a period asks if it is paid on a day."""
    e = stopped_at(desk, 0, day)
    period = desk.periods[e, k]
    if day <= period.start:
        unpaid = not_done(desk, e)
        if unpaid > 1:
            period.level = period.first_level
            derive(desk, e)
            rest = max(0, owed_principal(desk, e) - total_paid(desk, e)[0])
            period.level -= max(0, open_principal(period) - rest)
        elif unpaid == 1 and done(period):
            rest = owed_principal(desk, e) - total_paid(desk, e)[0] + period.paid_principal + period.interest
            period.level = min(period.first_level, rest)
        derive(desk, e)
    return period.principal, period.interest


@compiled
def earned_till(desk: Desk, k: int, day: int, with_taken: bool) -> int:
    """Interest of a period, earned by a day."""
    e = stopped_at(desk, 0, day)
    period = desk.periods[e, k]
    return period.earned - (0 if with_taken else period.taken_interest)


@compiled
def open_till(desk: Desk, day: int) -> tuple[int, int]:
    """Principal and interest open on a day, as a payoff on it asks."""
    e = silence_after(desk, 0, day)
    balance(desk, e)
    settle(desk, e, day)
    principal, interest = total_paid(desk, e)
    return max(0, owed_principal(desk, e) - principal), max(0, total_interest(desk, e) - interest)
