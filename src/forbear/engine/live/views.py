"""What a schedule asks if it is paid on a day, read off views of its model. docs/algorithms/live-schedule.md, section 6."""

from forbear.engine.live.layout import Model
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
def _truncate(model: Model, e: int, current: int, day: int) -> None:
    """Keep of a view what lies before a day; what was taken back on it stays."""
    kept = 0
    for k in range(model.state.view_periods[e]):
        period = model.periods[e, k]
        first, count, keep = period.first, period.segments, period.segments
        if k == current and period.end > day:
            s = segment_at(model, e, k, day)
            if s != NONE:
                keep = s - first + 1
                model.segments[e, s].end = day
                if keep < count:
                    after = model.segments[e, s + 1]
                    model.segments[e, s].taken_principal += after.taken_principal
                    model.segments[e, s].taken_interest += after.taken_interest
        elif k == current + 1 and period.end > day:
            head = model.segments[e, first]
            keep = 0
            if head.taken_principal > 0 or head.taken_interest > 0:
                keep = 1
                head.end = head.start
        elif period.end > day:
            keep = 0
        for s in range(keep):
            model.segments[e, kept + s] = model.segments[e, first + s]
        period.first, period.segments = kept, keep
        kept += keep
    model.state.view_segments[e] = kept


@compiled
def stopped_at(model: Model, d: int, day: int) -> int:
    """The schedule as it would be if it ended on a day: only what was earned by then is due."""
    e = copy(model, d)
    last = model.state.view_periods[e] - 1
    if day < model.periods[e, 0].start:
        for k in range(last + 1):
            model.periods[e, k].first, model.periods[e, k].segments = 0, 0
        model.state.view_segments[e] = 0
        derive(model, e)
        return e
    if day >= model.periods[e, last].end:
        return e
    _truncate(model, e, locate(model, e, day), day)
    balance(model, e)
    settle(model, e, day)
    return e


@compiled
def due_amounts(model: Model, k: int, day: int) -> tuple[int, int]:
    """Principal and interest that a period asks if it is paid on a day."""
    e = stopped_at(model, 0, day)
    period = model.periods[e, k]
    if day <= period.start:
        unpaid = not_done(model, e)
        if unpaid > 1:
            period.level = period.first_level
            derive(model, e)
            rest = max(0, owed_principal(model, e) - total_paid(model, e)[0])
            period.level -= max(0, open_principal(period) - rest)
        elif unpaid == 1 and done(period):
            rest = (
                owed_principal(model, e) - total_paid(model, e)[0] + period.paid_principal + period.interest
            )
            period.level = min(period.first_level, rest)
        derive(model, e)
    return period.principal, period.interest


@compiled
def earned_till(model: Model, k: int, day: int, with_taken: bool) -> int:
    """Interest of a period, earned by a day."""
    e = stopped_at(model, 0, day)
    period = model.periods[e, k]
    return period.earned - (0 if with_taken else period.taken_interest)


@compiled
def open_till(model: Model, day: int) -> tuple[int, int]:
    """Principal and interest open on a day, as a payoff on it asks."""
    e = silence_after(model, 0, day)
    balance(model, e)
    settle(model, e, day)
    principal, interest = total_paid(model, e)
    return max(0, owed_principal(model, e) - principal), max(0, total_interest(model, e) - interest)
