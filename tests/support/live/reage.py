"""Re-ageing, slow and obvious. Written from docs/algorithms/live-schedule.md, section 14."""

from fractions import Fraction

from tests.support.live import moves
from tests.support.live.dates import plus
from tests.support.live.levels import locate, set_level, settle, smooth, to_multiple
from tests.support.live.model import Period, half_even
from tests.support.live.rows import FEE, INTEREST, PENALTY, PRINCIPAL, Row, first_normal


def reage(loan, entry, out):
    """All that is open becomes new rows."""
    day, live, parts = entry.on, loan.live, entry.spread != 0
    out.amount = 0
    if entry.count < 1 or entry.until < day or loan.stopped or not loan.draws:
        return
    portions = _open(loan, entry)
    if portions[PRINCIPAL] <= 0:
        return
    out.portions = portions
    if parts:
        _gather_charges(loan, day, portions)
    _absorb(loan, parts)
    kept = len(loan.model.periods) if loan.model else 0
    if loan.model:
        kept = _periods(loan, entry, parts or not live)
    _lift_charges(loan, day)
    _shut(loan, day)
    first = len(loan.rows)
    start = loan.rows[-1].due
    for k in range(entry.count):
        due = plus(entry.until, k * entry.every, entry.unit)
        loan.rows.append(Row(start, due))
        start = due
    if live and not parts:
        _level(loan.model, kept)
        loan.rows_from_model(day)
    else:
        _share(loan, loan.rows[first:], portions)
        if loan.model:
            _tell(loan, kept, first)
            settle(loan.model, day)
    _land_charges(loan, day)
    out.amount = sum(portions)


def _open(loan, entry):
    portions = [0] * 4
    for row in loan.rows:
        if not loan.live or row.extra or row.down:
            portions[PRINCIPAL] += row.open(PRINCIPAL)
            portions[INTEREST] += row.open(INTEREST)
    if loan.live:
        principal, interest = moves.open_till(loan.model, entry.on)
        portions[PRINCIPAL] += principal
        portions[INTEREST] += interest
        if entry.spread == 2:
            portions[INTEREST] = sum(row.open(INTEREST) for row in loan.rows)
    return portions


# --- charges


def _gather_charges(loan, day, portions):
    """Open charges are asked in parts."""
    for row in loan.rows:
        for c in (FEE, PENALTY):
            portions[c] += row.open(c)
            row.claimed[c] -= row.open(c)
        row.look(day)
    for charge in loan.charges:
        if charge not in loan.waiting and charge.open > 0:
            charge.spread_on = day


def _lift_charges(loan, day):
    """Charges due after the day leave their rows; open parts of those of every row go with rows that go."""
    host = _host(loan, day)
    first = first_normal(loan.rows)
    for charge in loan.charges:
        c = charge.entry.component
        if charge in loan.waiting:
            continue
        for row in loan.rows:
            if row.down or not charge.due_in(row, row is first):
                continue
            if charge.entry.when == 1 and charge.spread_on is None and loan.rows.index(row) > host:
                part = charge.parts.pop(id(row))
                charge.shares.pop(id(row), None)
                row.claimed[c] -= part
                charge.amount -= part
            elif charge.entry.when == 0 and charge.spread_on is None and charge.entry.on > day:
                row.claimed[c] -= charge.amount
                row.paid[c] -= charge.paid
                row.waived[c] -= charge.waived


def _land_charges(loan, day):
    """They join the new rows."""
    for charge in loan.charges:
        entry = charge.entry
        if entry.when != 0 or charge in loan.waiting or charge.spread_on is not None or entry.on <= day:
            continue
        fits = [r for r in loan.rows if not r.down and r.start < entry.on and (r.due >= entry.on or r.extra)]
        if not fits:
            loan.rows.append(Row(loan.rows[-1].due, entry.on, extra=True))
            fits = [loan.rows[-1]]
        row = fits[0]
        row.due = max(row.due, entry.on)
        row.claimed[entry.component] += charge.amount
        row.paid[entry.component] += charge.paid
        row.waived[entry.component] += charge.waived
        row.look(day)


# --- rows


def _host(loan, day):
    """Place of the row that holds the day, or of the last one before it."""
    first = first_normal(loan.rows)
    return max(k for k, r in enumerate(loan.rows) if not r.down and (r.start < day or r is first))


def _shut(loan, day):
    """The row that holds the day ends on it and takes what was paid on later ones; rows claim what was settled."""
    host = _host(loan, day)
    row = loan.rows[host]
    for later in reversed(loan.rows[host + 1 :]):
        _join(row, later)
        row.early += later.early
        for charge in loan.charges:  # a new row may be given the identity of one that went
            charge.parts.pop(id(later), None)
            charge.shares.pop(id(later), None)
    loan.rows = loan.rows[: host + 1]
    row.due = min(row.due, day)
    for row in loan.rows:
        for c in (PRINCIPAL, INTEREST):
            row.claimed[c] -= row.open(c)
        row.look(day)


def _join(row, later):
    for name in ("claimed", "paid", "waived", "written", "taken"):
        mine = getattr(row, name)
        for c in range(4):
            mine[c] += getattr(later, name)[c]


def _absorb(loan, parts):
    """A row after the last planned one becomes one like the others, or goes if its charges are spread and it has no more."""
    for k in range(len(loan.rows) - 1, 0, -1):
        row, before = loan.rows[k], loan.rows[k - 1]
        if not row.extra:
            continue
        if parts and row.claimed[PRINCIPAL] + row.claimed[INTEREST] == 0:
            row.taken = [0] * 4
            _join(before, row)
            before.early += row.early
            before.late += row.late
            loan.rows.pop(k)
            continue
        row.extra = False
        if loan.model:
            p = Period(loan.model.periods[-1].end, row.due)
            s = p.segments[0]
            principal, interest = (row.paid[c] + row.waived[c] for c in (PRINCIPAL, INTEREST))
            s.drawn, s.correction = row.claimed[PRINCIPAL], -principal
            s.taken_interest = row.claimed[INTEREST]
            p.paid_principal, p.paid_interest = principal, interest
            p.level = row.claimed[PRINCIPAL]
            loan.model.periods.append(p)
            row.start = p.start


def _share(loan, rows, portions):
    """Every component in equal parts, the rest on the last; principal makes the sums equal."""
    level = to_multiple(Fraction(sum(portions), len(rows)), loan.terms.multiple)
    for c in (PENALTY, FEE, INTEREST, PRINCIPAL):
        left = portions[c]
        for row in rows[:-1]:
            part = half_even(Fraction(portions[c], len(rows)))
            if c == PRINCIPAL:
                part = level - sum(row.claimed[1:])
            row.claimed[c] = min(max(part, 0), left)
            left -= row.claimed[c]
        rows[-1].claimed[c] = left


# --- the model


def _periods(loan, entry, parts):
    """Periods up to the day ask what was paid; new ones follow. Returns how many were kept."""
    model, day = loan.model, entry.on
    period = locate(model, day) or model.periods[-1]
    host = model.periods.index(period)
    later = [s for p in model.periods[host + 1 :] for s in p.segments]
    if period.end > day:
        moves.cut(model, day)
        period.end = day
    later = [s for s in period.segments if s.end > period.end] + later
    period.segments = [s for s in period.segments if s.end <= period.end]
    last = period.segments[-1]
    for s in later:
        for name in ("drawn", "correction", "taken_principal", "taken_interest"):
            setattr(last, name, getattr(last, name) + getattr(s, name))
    for p in model.periods[host + 1 :]:
        period.paid_principal += p.paid_principal
        period.paid_interest += p.paid_interest
    model.periods = model.periods[: host + 1]
    moved = 0
    for p in model.periods:
        if p is not period:
            less = p.principal - p.paid_principal
            p.segments[-1].correction -= less
            moved += less
        p.brought_forward, p.moved_up, p.principal_grace = 0, False, False
        p.level = p.first_level = p.paid - p.taken
    last.correction += moved
    last.drawn += sum(row.open(PRINCIPAL) for row in loan.rows if row.down)
    model.balance()
    kept = len(model.periods)
    if parts:
        model.rates.append((period.end, 0))
        for p in model.periods:
            p.moved_down = True
    start = period.end
    for k in range(entry.count):
        end = plus(entry.until, k * entry.every, entry.unit)
        model.periods.append(Period(start, end))
        start = end
    for other in sorted(loan.entries, key=loan.order):
        if other is entry:
            break
        if other.kind == 11 and other.until > day and loan.model:
            moves.pause(model, other.on, other.until)
    return kept


def _level(model, kept):
    """The level of the new periods, with what was paid."""
    periods = model.periods[kept:]
    if model.terms.interest_on:
        set_level(model, periods)
        return
    for p in model.periods:
        p.principal_grace = False
    model.balance()
    set_level(model, periods)
    moves.mark_graces(model, periods)
    model.balance()
    settle(model, periods[0].end)
    smooth(model, periods)


def _tell(loan, kept, first):
    """The model asks what the rows claim."""
    for j, p in enumerate(loan.model.periods):
        for k, row in enumerate(loan.rows):
            if row.is_of(p) and (k >= first) == (j >= kept):
                p.fixed_interest = row.claimed[INTEREST]
                p.level = p.first_level = row.claimed[PRINCIPAL] + row.claimed[INTEREST] - p.taken
    loan.model.balance()
