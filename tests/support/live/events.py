"""Events of a live loan other than disbursement, payment and charge. docs/algorithms/live-schedule.md, section 8."""

from fractions import Fraction

from forbear.engine.vocabulary import NEVER
from tests.support.live import income, moves
from tests.support.live.allocation import Payment
from tests.support.live.model import half_even
from tests.support.live.reage import reage
from tests.support.live.reamortise import reamortise
from tests.support.live.rows import FEE, INTEREST, PENALTY, PRINCIPAL, Row, waive_charge
from tests.support.live.waiver import give_up


def take_back(loan, entry, out):
    """A payment is taken back: it is owed again."""
    if loan.terms.schedule == 1:
        _take_back_live(loan, entry, out)
    elif not loan.terms.credit_order:
        owe_again(loan, entry, out)
    else:
        out.over = min(entry.amount, loan.over)
        parts = out.portions = _parts(loan, entry)
        row = landing(loan, entry.on)
        for c in range(4):
            _owe(row, c, parts[c])
        loan.use_overpayment(entry, out)


def _owe(row, component, amount):
    row.claimed[component] += amount
    row.taken[component] += amount
    if row.unpaid:
        row.met_on = None


def _take_back_live(loan, entry, out):
    out.over = loan.over
    parts = [entry.amount, 0, 0, 0] if not loan.terms.credit_order else _parts(loan, entry)
    out.portions = parts
    day, last = entry.on, loan.model.periods[-1].end
    if day <= last:
        if parts[PRINCIPAL]:
            moves.claim_again(loan.model, day, parts[PRINCIPAL], 0)
        if parts[INTEREST]:
            moves.claim_again(loan.model, day, 0, parts[INTEREST])
        loan.rows_from_model(day)
        for p in loan.model.periods:
            row = next((r for r in loan.rows if r.is_of(p)), None)
            if row:
                row.taken[PRINCIPAL], row.taken[INTEREST] = p.taken_principal, p.taken_interest
        row = next((r for r in loan.rows if r.start <= day < r.due), None)
        if day == last:
            row = next(r for r in loan.rows if r.due == day and not r.down)
        for c in (FEE, PENALTY):
            if parts[c]:
                _owe(row, c, parts[c])
    else:
        row = next((r for r in loan.rows if r.extra), None)
        if row is None:
            row = Row(last, day, extra=True)
            loan.rows.append(row)
        for c in range(4):
            _owe(row, c, parts[c])
        row.due = max(row.due, day)
    loan.use_overpayment(entry, out)


def _parts(loan, entry):
    """What the payment had paid and earlier take-backs left of it, in the order of the terms."""
    left = list(loan.outcomes[entry.target].portions)
    others = [
        out.entry
        for out in loan.outcomes.values()
        if out.entry.kind == entry.kind and out.entry.target == entry.target and out.entry is not entry
    ]
    for other in [*others, entry]:
        amount, parts = other.amount, [0] * 4
        for c in loan.terms.credit_order:
            parts[c] = min(amount, left[c])
            amount -= parts[c]
        left = [a - b for a, b in zip(left, parts, strict=True)]
    return parts


def landing(loan, day):
    """The row in which a day falls; after the last due date one more row."""
    normal = [r for r in loan.rows if not r.down]
    for row in normal:
        if not row.extra and row.due > day:
            return row
        if row.extra:
            row.due = max(row.due, day)
            return row
    if normal[-1].due == day:
        return normal[-1]
    row = Row(normal[-1].due, day, extra=True)
    loan.rows.append(row)
    return row


def owe_again(loan, entry, out):
    """An amount is owed again as principal; what was over meets it first."""
    repaid = min(entry.amount, loan.over)
    out.portions[PRINCIPAL] = entry.amount - repaid
    out.over = repaid
    loan.over -= repaid
    if entry.amount == repaid:
        return
    row = landing(loan, entry.on)
    _owe(row, PRINCIPAL, entry.amount)
    if repaid:
        row.pay(PRINCIPAL, repaid, entry.on)


def return_credit(loan, entry, out):
    """What was over is paid back; more than that is owed."""
    if loan.terms.schedule == 1 and loan.model and entry.on <= loan.model.periods[-1].end:
        repaid = min(entry.amount, loan.over)
        out.portions[PRINCIPAL] = entry.amount - repaid
        out.over = repaid
        loan.over -= repaid
        if entry.amount == repaid:
            return
        moves.claim_again(loan.model, entry.on, entry.amount, 0)
        loan.rows_from_model(entry.on)
        for p in loan.model.periods:
            row = next((r for r in loan.rows if r.is_of(p)), None)
            if row:
                row.taken[PRINCIPAL], row.taken[INTEREST] = p.taken_principal, p.taken_interest
        if repaid:
            row = next((r for r in loan.rows if r.due > entry.on and not r.down), loan.rows[-1])
            moves.pay_principal(loan.model, loan.period_of(row), entry.on, repaid)
            loan.rows_from_model(entry.on)
            row.pay(PRINCIPAL, repaid, entry.on)
        return
    owe_again(loan, entry, out)


def waive(loan, entry, out):
    """A charge is given up, or, if none is named, an amount of a component."""
    if not entry.target:
        give_up(loan, entry, out)
        return
    charge = next(c for c in loan.charges if c.entry.sequence == entry.target)
    out.amount = waive_charge(loan, charge, entry.on)


def write_off(loan, entry, out):
    """What is open is written off."""
    if loan.model is not None:
        loan.chased()
    for row in loan.rows:
        for c in range(4):
            part = row.open(c)
            row.written[c] += part
            out.portions[c] += part
        row.look(entry.on)
    out.amount = sum(out.portions)
    loan.written_off_on = entry.on
    loan.stopped = True


def charge_off(loan, entry, out):
    """The lender no longer counts on the rest; what the rows claim depends on the terms."""
    if any(not row.settled for row in loan.rows):
        if loan.terms.charge_off == 1:
            drop_interest(loan, entry.on)
        elif loan.terms.charge_off == 2:
            accelerate(loan, entry.on)
    loan.charge_rows_again()
    for row in loan.rows:
        for c in range(4):
            out.portions[c] += row.open(c)
    out.amount = sum(out.portions)
    loan.charged_off_on = entry.on
    loan.stopped = True


def end_contract(loan, entry, out):
    """The contract ends early: all is due on the day, and nothing accrues any more."""
    out.amount = 0
    if loan.stopped or not loan.draws:
        return
    if any(not row.settled for row in loan.rows):
        accelerate(loan, entry.on)
    loan.charge_rows_again()
    for row in loan.rows:
        for c in range(4):
            out.portions[c] += row.open(c)
    out.amount = sum(out.portions)
    loan.stopped = True


def drop_interest(loan, day):
    """Interest after the charge-off is principal again, and the last rows lose it."""
    for row in loan.rows:
        if row.start <= day < row.due and not row.down and not row.extra:
            if loan.live:
                earned = moves.earned_till(loan.model, loan.period_of(row), day, True)
                if row.open(INTEREST) > 0 or earned > 0:
                    row.claimed[PRINCIPAL] += row.claimed[INTEREST] - earned
                    row.claimed[INTEREST] = earned
            elif row.open(INTEREST) > 0:
                _prorate(row, day, True)
    for row in loan.rows:
        waits = row.open(INTEREST) - _fixed(loan, row)
        if row.start > day and not row.settled and waits > 0:
            row.claimed[PRINCIPAL] += waits
            row.claimed[INTEREST] -= waits
    rest = sum(a for _, a in loan.draws) - sum(r.claimed[PRINCIPAL] for r in loan.rows if not r.extra)
    for row in reversed(loan.rows[1:]):
        if rest == 0:
            break
        if not row.extra and not row.settled:
            before = row.claimed[PRINCIPAL]
            row.claimed[PRINCIPAL] = max(0, before + rest)
            row.look(day)
            rest = 0 if abs(rest) <= before else rest + before if rest < 0 else rest - before


def _fixed(loan, row):
    """Interest that a re-ageing has given to the row; that of a re-amortising lapses."""
    period = loan.period_of(row) if loan.model else None
    return min(period.fixed_interest, max(0, row.open(INTEREST))) if period and not period.lapses else 0


def _prorate(row, day, to_principal):
    earned = half_even(Fraction(row.open(INTEREST) * (day - row.start), row.due - row.start))
    if to_principal:
        row.claimed[PRINCIPAL] += row.open(INTEREST) - earned
    row.claimed[INTEREST] = row.waived[INTEREST] + earned


def accelerate(loan, day):
    """All principal is due on the day, with the interest earned by it."""
    if day >= max(r.due for r in loan.rows if not r.extra):
        return
    current = next((r for r in loan.rows if not r.down and (r.start < day <= r.due or day == r.start)), None)
    if current is None:
        return
    if current.unpaid > 0:
        if loan.live:
            earned = moves.earned_till(loan.model, loan.period_of(current), day, True)
            if current.open(INTEREST) > 0 or earned > 0:
                current.claimed[INTEREST] = earned
        elif current.open(INTEREST) > 0:
            _prorate(current, day, False)
    later = [r for r in loan.rows if r.due > day and r is not current]
    current.due = day
    for charge in loan.charges:
        if charge.entry.when == 1 and not loan.live:
            for row in later:
                part = charge.shares.pop(id(row), 0)
                row.claimed[charge.entry.component] -= part
                charge.amount -= part
    ends = [c.entry.on for c in loan.charges if c.open > 0 and c.entry.when == 0]
    if ends and any(r.claimed[c] for r in later for c in (FEE, PENALTY)):
        extra = Row(day, max(ends), extra=True)
        for row in later:
            for c in (FEE, PENALTY):
                extra.claimed[c] += row.claimed[c]
                row.claimed[c] = 0
        loan.rows.append(extra)
    for row in later:
        current.claimed[INTEREST] += _fixed(loan, row) + row.waived[INTEREST]
        for c in (PRINCIPAL, INTEREST):
            current.waived[c] += row.waived[c]
        current.claimed[PRINCIPAL] += row.claimed[PRINCIPAL]
        current.paid[PRINCIPAL] += row.paid[PRINCIPAL] + row.paid[INTEREST]
        current.early += row.early
        for c in (FEE, PENALTY):
            current.claimed[c] += row.claimed[c]
            current.paid[c] += row.paid[c]
            current.waived[c] += row.waived[c]
    loan.rows = [r for r in loan.rows if r not in later]
    current.look(day)


def change_rate(loan, entry, out):
    """A new yearly rate from a day."""
    moves.change_rate(loan.model, entry.on, entry.rate)
    _follow(loan, entry.on)


def pause(loan, entry, out):
    """No interest on some days."""
    moves.pause(loan.model, entry.on, entry.until)
    _follow(loan, entry.on)


def _follow(loan, day):
    for row in loan.rows:
        period = next((p for p in loan.model.periods if row.is_of(p)), None)
        if period and not row.settled and day <= row.due:
            row.claimed[PRINCIPAL], row.claimed[INTEREST] = period.principal, period.interest


def add_rows(loan, entry, out):
    """More rows at the end."""
    moves.add_periods(loan.model, entry.on, entry.count)
    loan.rows_of_new_periods(entry.on)
    _follow(loan, entry.on)


def move_due_date(loan, entry, out):
    """A due date moves, and those after it follow."""
    old = entry.on
    if old == NEVER:  # the first one after its day
        period = next((p for p in loan.model.periods if p.end > entry.recorded_on), None)
        if period is None or entry.until <= max(entry.recorded_on, period.start):
            return
        old = period.end
    periods = iter(loan.model.periods)
    planned = [row for row in loan.rows if any(row.is_of(p) for p in loan.model.periods)]
    pairs = [(row, next(p for p in periods if row.is_of(p))) for row in planned]
    moves.move_due_date(loan.model, old, entry.until)
    for other in sorted(loan.entries, key=loan.order):  # pauses stay on their days
        if other is entry:
            break
        if other.kind == 11:
            moves.pause(loan.model, other.on, other.until)
    for row, p in pairs:
        row.start, row.due = p.start, p.end
        if not loan.stopped:
            row.claimed[PRINCIPAL], row.claimed[INTEREST] = p.principal, p.interest


def unpay(loan, entry, out):
    """Money goes back to the customer: the last paid is unpaid first."""
    payment = Payment(loan, entry.on, entry.amount, loan.rule(0), False)
    left = entry.amount
    for row in reversed(loan.rows):
        for place in reversed(payment.rule.order):
            used = row.unpay(place % 4, left, entry.on)
            out.portions[place % 4] += used
            left -= used


HANDLERS = {
    19: reamortise,
    20: reage,
    21: end_contract,
    3: take_back,
    4: waive,
    7: return_credit,
    8: write_off,
    10: change_rate,
    11: pause,
    16: move_due_date,
    18: add_rows,
    22: charge_off,
    29: unpay,
    31: income.capitalise,
}
