"""Re-ageing: what is open becomes new rows. docs/algorithms/live-schedule.md, section 14.

The rows up to the day ask what was paid on them, those after it go, and new ones follow.
"""

from forbear.engine.layout import Record
from forbear.engine.live.allocation import is_live
from forbear.engine.live.layout import NOT_YET, OPEN, RATE, RATE_FROM, SHARE, Desk, Model
from forbear.engine.live.level import NONE, half_even_ratio, locate, set_level, settle, to_multiple
from forbear.engine.live.model import add_period, balance, derive, paid, taken
from forbear.engine.live.moves import cut, level_on, pause
from forbear.engine.live.rows import (
    add_extra,
    falls_in,
    first_normal,
    insert_row,
    look,
    open_of,
    remove_row,
    rows_from_model,
)
from forbear.engine.live.views import open_till
from forbear.engine.live.vocabulary import (
    ALL_INTEREST,
    BY_BALANCE,
    DATED,
    FEE,
    FLAT,
    INTEREST,
    INTEREST_PAUSED,
    PENALTY,
    PER_ROW,
    PRINCIPAL,
)
from forbear.engine.live.year import plus
from forbear.engine.vocabulary import COMPONENTS
from forbear.kernel.compiled import compiled

# ----------------------------------------------------------------------------------------------------------------------
# The model


@compiled
def _absorb_or_drop(desk: Desk, entry: Record) -> None:
    """A row after the last planned one becomes one like the others; if its charges are to be spread and it has no more, it goes."""
    for j in range(desk.state.rows - 1, 0, -1):
        row, before = desk.rows[j], desk.rows[j - 1]
        if row.extra == 0:
            continue
        if entry.spread != BY_BALANCE and row.claimed[PRINCIPAL] + row.claimed[INTEREST] == 0:
            for c in (FEE, PENALTY):
                before.claimed[c] += row.claimed[c]
                before.paid[c] += row.paid[c]
                before.waived[c] += row.waived[c]
                before.written[c] += row.written[c]
            before.early += row.early
            before.late += row.late
            remove_row(desk, j)
        else:
            row.extra = 0
            if desk.terms.progressive == 1:
                _absorb(desk, row)


@compiled
def _absorb(desk: Desk, row: Record) -> None:
    """A row after the last planned one becomes a period of the model, with what was owed and paid on it."""
    model = desk.model
    add_period(model, 0, model.periods[0, model.state.view_periods[0] - 1].end, row.due)
    period = model.periods[0, model.state.view_periods[0] - 1]
    segment = model.segments[0, period.first]
    segment.drawn = row.claimed[PRINCIPAL]
    segment.correction = -row.paid[PRINCIPAL] - row.waived[PRINCIPAL]
    segment.taken_interest = row.claimed[INTEREST]
    period.paid_principal = row.paid[PRINCIPAL] + row.waived[PRINCIPAL]
    period.paid_interest = row.paid[INTEREST] + row.waived[INTEREST]
    period.level = row.claimed[PRINCIPAL]
    row.start = period.start


@compiled
def _shut(model: Model, host: int, day: int) -> None:
    """The period that holds the day ends on it; what was paid on later ones was paid on it; they go."""
    period = model.periods[0, host]
    if period.end > day:
        cut(model, 0, day, 0, 0)
        period.end = day
    kept = 0
    while kept < period.segments and model.segments[0, period.first + kept].end <= period.end:
        kept += 1
    last = model.segments[0, period.first + kept - 1]
    for s in range(period.first + kept, model.state.view_segments[0]):
        segment = model.segments[0, s]
        last.drawn += segment.drawn
        last.correction += segment.correction
        last.taken_principal += segment.taken_principal
        last.taken_interest += segment.taken_interest
    for k in range(host + 1, model.state.view_periods[0]):
        period.paid_principal += model.periods[0, k].paid_principal
        period.paid_interest += model.periods[0, k].paid_interest
    period.segments = kept
    model.state.view_periods[0] = host + 1
    model.state.view_segments[0] = period.first + kept


@compiled
def _ask_what_was_paid(model: Model) -> None:
    """No period asks more than was paid on it; the balance stays as it was up to the last day, and is whole after it."""
    host, moved = model.state.view_periods[0] - 1, 0
    for k in range(host + 1):
        period = model.periods[0, k]
        if k < host:
            less = period.principal - period.paid_principal
            model.segments[0, period.first + period.segments - 1].correction -= less
            moved += less
        period.brought_forward, period.moved_up, period.principal_grace = 0, 0, 0
    derive(model, 0)
    for k in range(host + 1):
        period = model.periods[0, k]
        period.level = paid(period) - taken(period)
        period.first_level = period.level
    period = model.periods[0, host]
    model.segments[0, period.first + period.segments - 1].correction += moved
    balance(model, 0)


@compiled
def _join_down_payments(desk: Desk) -> None:
    """What is open of down payments is in the balance after the last period."""
    model, total = desk.model, 0
    for j in range(desk.state.rows):
        if desk.rows[j].down == 1:
            total += open_of(desk.rows[j], PRINCIPAL)
    period = model.periods[0, model.state.view_periods[0] - 1]
    model.segments[0, period.first + period.segments - 1].drawn += total


@compiled
def _more_periods(model: Model, entry: Record) -> None:
    for k in range(entry.count):
        start = model.periods[0, model.state.view_periods[0] - 1].end
        add_period(model, 0, start, plus(entry.until, k * entry.every, entry.unit))


@compiled
def _pause_again(desk: Desk, entry: Record) -> None:
    """Pauses that became known before stay on their days."""
    for place in range(desk.entries.shape[0]):
        other = desk.entries[place]
        if other.sequence == entry.sequence:
            break
        if other.kind == INTEREST_PAUSED and other.until > entry.on:
            pause(desk.model, other.on, other.until)


@compiled
def _no_more_interest(model: Model, day: int) -> None:
    """Nothing is earned from a day on, and what was earned before is settled."""
    model.steps[model.state.rates, RATE_FROM], model.steps[model.state.rates, RATE] = day, 0
    model.state.rates += 1
    for k in range(model.state.view_periods[0]):
        model.periods[0, k].moved_down = 1


# ----------------------------------------------------------------------------------------------------------------------
# The rows


@compiled
def _host_row(desk: Desk, day: int) -> int:
    """The row that holds a day, or the last one before it."""
    first, host = first_normal(desk), NONE
    for j in range(desk.state.rows):
        row = desk.rows[j]
        if row.down == 0 and (row.start < day or j == first):
            host = j
    return host


@compiled
def _lift_charges(desk: Desk, host: int, day: int) -> None:
    """Charges that are due after the day leave their rows; open parts of those of every row go with rows that go."""
    first = first_normal(desk)
    for c in range(desk.state.charges):
        charge = desk.charges[c]
        entry = desk.entries[charge.entry]
        component = entry.component
        for j in range(desk.state.rows):
            row = desk.rows[j]
            if row.down == 1 or charge.waiting == 1 or not falls_in(desk, charge, j, first):
                continue
            if entry.when == PER_ROW and charge.spread_on == NOT_YET and j > host:
                part = desk.parts[OPEN, charge.entry, row.key]
                row.claimed[component] -= part
                charge.amount -= part
                desk.parts[OPEN, charge.entry, row.key] = 0
                desk.parts[SHARE, charge.entry, row.key] = -1
            elif entry.when == DATED and charge.spread_on == NOT_YET and entry.on > day:
                row.claimed[component] -= charge.amount
                row.paid[component] -= charge.paid
                row.waived[component] -= charge.waived


@compiled
def _land_charges(desk: Desk, day: int) -> None:
    """Charges that are due after the day join the new rows."""
    for c in range(desk.state.charges):
        charge = desk.charges[c]
        entry = desk.entries[charge.entry]
        if entry.when != DATED or charge.waiting == 1 or charge.spread_on != NOT_YET or entry.on <= day:
            continue
        place = NONE
        for j in range(desk.state.rows - 1, -1, -1):
            row = desk.rows[j]
            if row.down == 0 and row.start < entry.on and (row.due >= entry.on or row.extra == 1):
                place = j
        if place == NONE:
            place = add_extra(desk, desk.rows[desk.state.rows - 1].due, entry.on)
        row = desk.rows[place]
        row.due = max(row.due, entry.on)
        row.claimed[entry.component] += charge.amount
        row.paid[entry.component] += charge.paid
        row.waived[entry.component] += charge.waived
        look(row, day)


@compiled
def _shut_rows(desk: Desk, host: int, day: int) -> None:
    """The row that holds the day ends on it; what was paid on later ones was paid on it; they go."""
    row = desk.rows[host]
    for j in range(desk.state.rows - 1, host, -1):
        later = desk.rows[j]
        for c in range(COMPONENTS):
            row.paid[c] += later.paid[c]
            row.waived[c] += later.waived[c]
            row.written[c] += later.written[c]
            row.taken[c] += later.taken[c]
            row.claimed[c] += later.claimed[c]
        row.early += later.early
        remove_row(desk, j)
    row.due = min(row.due, day)


@compiled
def _ask_what_was_settled(desk: Desk, day: int) -> None:
    """Rows claim of principal and interest what was paid, waived or written off."""
    for j in range(desk.state.rows):
        row = desk.rows[j]
        for c in (PRINCIPAL, INTEREST):
            row.claimed[c] -= open_of(row, c)
        look(row, day)


@compiled
def _move_charges(desk: Desk, day: int, out: Record) -> None:
    """Open charges of all rows are to be asked in parts; rows after the last planned one that held nothing else go."""
    for j in range(desk.state.rows):
        row = desk.rows[j]
        for c in (FEE, PENALTY):
            part = open_of(row, c)
            out.portions[c] += part
            row.claimed[c] -= part
        look(row, day)
    for c in range(desk.state.charges):
        charge = desk.charges[c]
        if charge.waiting == 0 and charge.amount - charge.paid - charge.waived > 0:
            charge.spread_on = day


@compiled
def _parts(desk: Desk, first: int, out: Record) -> None:
    """Every component in equal parts, half to even, the rest on the last; principal is what makes the sums equal."""
    count = desk.state.rows - first
    total = 0
    for c in range(COMPONENTS):
        total += out.portions[c]
    level = to_multiple(half_even_ratio(total, count), desk.terms.multiple, 0)
    for c in range(COMPONENTS - 1, -1, -1):
        left = out.portions[c]
        part = half_even_ratio(left, count)
        for j in range(first, desk.state.rows):
            row = desk.rows[j]
            if c == PRINCIPAL:
                part = level - row.claimed[INTEREST] - row.claimed[FEE] - row.claimed[PENALTY]
            row.claimed[c] = left if j == desk.state.rows - 1 else min(max(part, 0), left)
            left -= row.claimed[c]


# ----------------------------------------------------------------------------------------------------------------------
# Both


@compiled
def _open_amounts(desk: Desk, entry: Record, out: Record) -> None:
    """Principal open, and the interest that the entry asks for."""
    day, live = entry.on, is_live(desk)
    if live:
        out.portions[PRINCIPAL], out.portions[INTEREST] = open_till(desk.model, day)
    for j in range(desk.state.rows):
        row = desk.rows[j]
        if not live or row.extra == 1 or row.down == 1:
            out.portions[PRINCIPAL] += open_of(row, PRINCIPAL)
            out.portions[INTEREST] += open_of(row, INTEREST)
    if live and entry.spread == ALL_INTEREST:
        out.portions[INTEREST] = 0
        for j in range(desk.state.rows):
            out.portions[INTEREST] += open_of(desk.rows[j], INTEREST)


@compiled
def _tell_model(desk: Desk, first: int, kept: int) -> None:
    """The model asks what the rows claim, and earns nothing more."""
    model = desk.model
    for k in range(model.state.view_periods[0]):
        period = model.periods[0, k]
        for j in range(desk.state.rows):
            row = desk.rows[j]
            if (
                row.start == period.start
                and row.due == period.end
                and row.down == 0
                and (j >= first) == (k >= kept)
            ):
                period.fixed_interest = row.claimed[INTEREST]
                period.level = row.claimed[PRINCIPAL] + row.claimed[INTEREST] - taken(period)
                period.first_level = period.level
    balance(model, 0)


@compiled
def _new_rows(desk: Desk, entry: Record) -> int:
    """Empty rows; returns the first."""
    first = desk.state.rows
    for k in range(entry.count):
        start = desk.rows[desk.state.rows - 1].due
        insert_row(desk, desk.state.rows, start, plus(entry.until, k * entry.every, entry.unit))
    return first


@compiled
def _reage_model(desk: Desk, entry: Record) -> int:
    """The periods of the model; returns the first new one."""
    model, day = desk.model, entry.on
    host = locate(model, 0, day)
    _shut(model, model.state.view_periods[0] - 1 if host == NONE else host, day)
    _ask_what_was_paid(model)
    _join_down_payments(desk)
    kept = model.state.view_periods[0]
    if entry.spread != BY_BALANCE or not is_live(desk):
        _no_more_interest(model, model.periods[0, kept - 1].end)
    _more_periods(model, entry)
    _pause_again(desk, entry)
    return kept


@compiled
def reage(desk: Desk, entry: Record, out: Record) -> None:
    """All that is open becomes `count` new rows, the first due on `until`."""
    day, live = entry.on, is_live(desk)
    out.amount = 0
    if entry.count < 1 or entry.until < day or desk.state.stopped == 1 or desk.state.begun == 0:
        return
    _open_amounts(desk, entry, out)
    if out.portions[PRINCIPAL] <= 0:
        out.portions[:] = 0
        return
    kept = NONE
    if entry.spread != BY_BALANCE:
        _move_charges(desk, day, out)
    _absorb_or_drop(desk, entry)
    if desk.terms.progressive == 1:
        kept = _reage_model(desk, entry)
    host = _host_row(desk, day)
    _lift_charges(desk, host, day)
    _shut_rows(desk, host, day)
    _ask_what_was_settled(desk, day)
    first = _new_rows(desk, entry)
    if live and entry.spread == BY_BALANCE:
        if desk.terms.interest_on == FLAT:
            set_level(desk.model, 0, kept)
        else:
            level_on(desk.model, 0, kept)
        rows_from_model(desk, day)
    else:
        _parts(desk, first, out)
        if desk.terms.progressive == 1:
            _tell_model(desk, first, kept)
            settle(desk.model, 0, day)
    _land_charges(desk, day)
    for c in range(COMPONENTS):
        out.amount += out.portions[c]
