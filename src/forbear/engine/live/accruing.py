"""Interest of a live loan between its events: earned and not yet due, as a line that a stored position is read off from.

docs/algorithms/live-schedule.md, section 13. The line need not be exact: the first day on which it does not tell what the
schedule earns is an event, on which the loan is folded again.
"""

from forbear.engine.layout import Record
from forbear.engine.live.allocation import is_live
from forbear.engine.live.layout import Desk
from forbear.engine.live.level import NONE, half_even_ratio, locate, segment_at, silence_after
from forbear.engine.live.model import ONE, earned_exactly, interest_of, open_principal
from forbear.engine.live.rows import open_of, unpaid
from forbear.engine.live.views import open_till
from forbear.engine.live.vocabulary import INTEREST, PRINCIPAL
from forbear.engine.live.year import year_length
from forbear.engine.plan import DAY
from forbear.engine.vocabulary import NEVER
from forbear.kernel.compiled import compiled
from forbear.kernel.days import civil
from forbear.kernel.rounding import HALF_EVEN, round_fraction
from forbear.kernel.wide import mul_divmod


@compiled
def _asked(desk: Desk, day: int) -> int:
    """Principal and interest that a payoff on a day asks of the model."""
    principal, interest = open_till(desk.model, day)
    return principal + interest


@compiled
def _running(desk: Desk, day: int) -> int:
    """The row that runs on a day; NONE if there is none."""
    for k in range(desk.state.rows):
        row = desk.rows[k]
        if row.down == 0 and row.extra == 0 and row.start <= day < row.due:
            return k
    return NONE


@compiled
def _settled_ahead(desk: Desk, day: int) -> int:
    """Interest of rows to come that was paid, waived or written off."""
    total = 0
    for k in range(desk.state.rows):
        row = desk.rows[k]
        if row.due > day:
            total += row.paid[INTEREST] + row.waived[INTEREST] + row.written[INTEREST]
    return total


@compiled
def earned_so_far(desk: Desk, day: int) -> tuple[int, int]:
    """Interest earned by a day and not yet due, less what of it is settled; and what a payoff asks of it at least."""
    if not is_live(desk):
        ahead = 0
        for k in range(desk.state.rows):
            if desk.rows[k].due > day:
                ahead += open_of(desk.rows[k], INTEREST)
        earned, place = -_settled_ahead(desk, day), _running(desk, day)
        if place != NONE:
            row = desk.rows[place]
            earned += half_even_ratio(row.claimed[INTEREST] * (day - row.start), row.due - row.start)
        return earned, ahead
    earned, now = 0, _asked(desk, day)
    for k in range(desk.state.rows):
        row = desk.rows[k]
        if row.down == 0 and row.extra == 0:
            earned -= open_of(row, PRINCIPAL)
            if row.due <= day:
                earned -= open_of(row, INTEREST)
        elif row.due > day:
            earned += open_of(row, INTEREST)
    earned += now
    if desk.terms.payoff_to_due_date == 1:
        for k in range(desk.state.view_periods[0]):
            if desk.model.periods[0, k].start < day <= desk.model.periods[0, k].end:
                return earned, earned + _asked(desk, desk.model.periods[0, k].end) - now
    return earned, 0


@compiled
def _each_day_differs(desk: Desk, day: int, k: int) -> bool:
    """Whether rows or interest of period `k` may change from one day to the next otherwise than by a line.

    Overdue principal that keeps earning; interest that has found no place, where only the last row is open to take it; and a New
    Year between years of two lengths.
    """
    unplaced = False
    for j in range(desk.state.view_periods[0]):
        period = desk.model.periods[0, j]
        if period.end <= day and open_principal(period) > 0 and desk.terms.past_due_earns == 1:
            return True
        if period.unplaced > 0 or period.brought_forward > 0 or period.moved_up == 1:
            unplaced = True
    if unplaced:
        left = 0
        for j in range(desk.state.rows):
            if desk.rows[j].due > day and unpaid(desk.rows[j]) > 0:
                left += 1
        if left <= 1:
            return True
    period = desk.model.periods[0, k]
    by_calendar = desk.terms.year_days == 0 and (desk.terms.by_period == 0 or desk.terms.unit == DAY)
    crosses = civil(period.start)[0] != civil(period.end)[0]
    return by_calendar and crosses and year_length(period.start) != year_length(period.end)


@compiled
def _line(desk: Desk, day: int) -> tuple[int, int, int, int]:
    """What the running period has earned by a day, and earns a day: whole minor units and fractions of ONE."""
    if not is_live(desk):
        place = _running(desk, day)
        if place == NONE:
            return 0, 0, 0, 0
        row = desk.rows[place]
        length, claimed = row.due - row.start, row.claimed[INTEREST]
        whole, rest = divmod(claimed * (day - row.start), length)
        slope, slope_rest = divmod(claimed, length)
        return whole, mul_divmod(rest, ONE, length)[0], slope, mul_divmod(slope_rest, ONE, length)[0]
    model, k = desk.model, locate(desk.model, 0, day + 1)
    if k == NONE:
        return 0, 0, 0, 0
    whole, part = earned_exactly(model, silence_after(model, 0, day), k)
    s = segment_at(model, 0, k, day + 1)
    if s == NONE:
        return whole, part, 0, 0
    slope, slope_part = interest_of(model, 0, model.periods[0, k], s, 1)
    return whole, part, slope, slope_part


@compiled
def _first_untold(desk: Desk, day: int, until: int, earned: int, out: Record) -> int:
    """The first day before `until` on which the line in `out` does not tell what is earned; NEVER if it always does."""
    live = is_live(desk)
    now = _asked(desk, day) if live else 0
    for later in range(day + 1, until):
        more, part = mul_divmod(out.interest_slope_remainder, later - day, ONE)
        whole, part = (
            out.interest_whole + out.interest_slope * (later - day) + more,
            part + out.interest_remainder,
        )
        if part >= ONE:
            whole += 1
            part -= ONE
        wanted = earned + _asked(desk, later) - now if live else earned_so_far(desk, later)[0]
        if round_fraction(whole, part, ONE, HALF_EVEN) != wanted:
            return later
    return NEVER


@compiled
def write_interest(desk: Desk, day: int, earned: int, until: int, out: Record) -> int:
    """Write the line of a running loan of which `earned` is told on `day`; returns the first day on which it ends to hold.

    `until`: the first day on which anything else happens.
    """
    whole, part, slope, slope_part = _line(desk, day)
    out.interest_whole = whole + earned - round_fraction(whole, part, ONE, HALF_EVEN)
    out.interest_remainder, out.interest_slope, out.interest_slope_remainder = part, slope, slope_part
    if not is_live(desk):
        place = _running(desk, day)
        return (
            NEVER
            if place == NONE
            else _first_untold(desk, day, min(until, desk.rows[place].due), earned, out)
        )
    k = locate(desk.model, 0, day + 1)
    if k == NONE:
        return NEVER
    if _each_day_differs(desk, day, k):
        return day + 1
    period = desk.model.periods[0, k]
    if desk.terms.payoff_to_due_date == 1 and day == period.start:
        return day + 1
    for s in range(period.first, period.first + period.segments):
        if desk.model.segments[0, s].end > day:
            until = min(until, desk.model.segments[0, s].end)
    return min(until, _first_untold(desk, day, min(until, period.end + 1), earned, out))
