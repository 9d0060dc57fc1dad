"""What an end of day books: income earned and not yet booked. A movement is the difference of two positions."""

import dataclasses

from forbear.engine.live.terms import LiveEntry
from forbear.engine.live.vocabulary import Kind
from tests.conformance.translate import NotExpressibleError

REFUNDS = (2, 3)
VARIATIONS = (Kind.RATE_CHANGED, Kind.INTEREST_PAUSED, Kind.DUE_DATE_MOVED, Kind.EXTENDED)


def accrues(session):
    """Whether income is booked as it is earned."""
    return session.told["accounting"] == "accrual_periodic"


def booked(session, by=None):
    """Interest, fees and penalties booked so far, less adjustments."""
    total = [0] * 4
    for t in session.transactions:
        if t.kind in ("accrual", "accrual_adjustment") and not t.reverted and (by is None or t.on <= by):
            sign = 1 if t.kind == "accrual" else -1
            for c in range(4):
                total[c] += sign * t.portions[c]
    return total


def book(session, on, earned, components=(1, 2, 3), by=None):
    """Book the difference: what is more as an accrual, what is less as its adjustment."""
    before = booked(session, by)
    more = [0] * 4
    less = [0] * 4
    for c in components:
        more[c] = max(0, earned[c] - before[c])
        less[c] = max(0, before[c] - earned[c])
    for name, portions in (("accrual", more), ("accrual_adjustment", less)):
        if any(portions):
            add(session, name, on, portions)


def add(session, name, on, portions):
    """A transaction that no entry makes."""
    from tests.conformance.session import Transaction

    session.transactions.append(
        Transaction(name, on, len(session.transactions), session.step, portions=tuple(portions))
    )


def open_or_not(session):
    """Whether the loan bears obligations."""
    return session.status() == "active"


def end_of_day(session):
    """Close the open days up to yesterday, each with its accrual; then interest is computed up to yesterday."""
    if not session.draws:
        return
    yesterday = session.today - 1
    first = yesterday if session.closed_days is None else session.closed_days + 1
    for day in range(first, yesterday + 1):
        if accrues(session) and open_or_not(session) and not (session.charged_off() or session.terminated()):
            accrue(session, day)
        if session.told["accrual_activity_posting"] and open_or_not(session):
            activity(session, day)
        if open_or_not(session):
            session.known_at = max(session.known_at or 0, day)
            session._view = None
    session.look_again()
    session.closed_days = yesterday


def accrue(session, day):
    """What was earned by a day and is not booked."""
    counted = day + 1 if session.terms.first_day_counts else day
    earned = session.system.earned(session.terms, session.entries, counted, known_at=session.known_at)
    book(session, day, earned)


def activity(session, day):
    """On a due date: what fell due, as a summary."""
    shown = {t.on for t in session.transactions if t.kind == "accrual_activity" and not t.reverted}
    for row in session.view().rows:
        if row.due <= day and row.due not in shown and not row.down and any(row.claimed[1:]):
            add(session, "accrual_activity", row.due, [0, *row.claimed[1:]])


def after(session, step):
    """Accruals that follow from a step itself: a charge-off, and the end of a loan."""
    if not accrues(session):
        return
    end = session.charged_off() or session.terminated()
    if end is not None and session.written_off() is None:
        stop(session, end)
    status = session.status()
    ends = status in ("closed_obligations_met", "overpaid") and session.was == "active"
    if ends and end is None:
        closing(session)
    session.was = status


def stop(session, off):
    """Interest up to a charge-off or the end of a contract, booked before it; so is what a later correction changes."""
    entries = [
        e
        for e in session.entries
        if e.kind == Kind.REVERSED
        or (
            e.kind not in (Kind.CHARGED_OFF, Kind.ACCELERATED)
            and (e.on < off.on or e.sequence < off.entry.sequence)
        )
    ]
    entries = [e for e in entries if e.kind == Kind.REVERSED or e.on <= off.on or e.kind in VARIATIONS]
    for t in session.transactions:
        if t.kind in ("accrual", "accrual_adjustment") and t.on > off.on - session.terms.first_day_counts:
            t.reverted = t.hidden = True
    counted = off.on
    earned = session.system.earned(session.terms, entries, counted, open_only=True)
    count = len(session.transactions)
    book(session, off.on, earned, components=(1,), by=off.on)
    for extra in session.transactions[count:]:
        session.transactions.remove(extra)
        session.transactions.insert(session.transactions.index(off), extra)
    session.renumber()


def closing(session):
    """Everything that the rows claimed is income now."""
    rows = session.view().rows
    on = session.today
    total = [0] * 4
    for row in rows:
        for c in range(1, 4):
            total[c] += row.claimed[c] - row.waived[c] - (row.taken[c])
    if session.told["accrual_activity_posting"]:
        shown = {t.on for t in session.transactions if t.kind == "accrual_activity" and not t.reverted}
        for row in rows:
            if row.due < on and not row.down and row.due not in shown and any(row.claimed[1:]):
                add(session, "accrual_activity", row.due, [0, *row.claimed[1:]])
        rest = [0] * 4
        for t in session.transactions:
            if t.kind == "accrual_activity" and not t.reverted:
                for c in range(1, 4):
                    rest[c] -= t.portions[c]
        for c in range(1, 4):
            rest[c] += total[c]
        if any(rest):
            add(session, "accrual_activity", on, rest)
    book(session, on, total)


def job(session, name):
    """One job of an end of day."""
    if name in ("recalculate_interest_for_loans", "loan_delinquency_classification"):
        session.look_again()
    elif name.startswith("add_") and "accrual" in name:
        accrue(session, session.today)
    elif name == "accrual_activity_posting":
        activity(session, session.today - 1)
    else:
        raise NotExpressibleError(f"job {name}")


def interest_refund(session, on, amount, payment, entries):
    """Interest that the refunded amount has cost: with the loan as it is, less with the amount never lent."""
    gone = {e.target for e in entries if e.kind == Kind.REVERSED}
    standing = [e for e in entries if e.kind != Kind.REVERSED and e.sequence not in gone and e.on <= on]
    given = sum(e.amount for e in standing if e.kind == Kind.PAID and e.payment == 9)
    place = 1 + max((e.sequence for e in standing), default=0)
    refund = LiveEntry(sequence=place, kind=Kind.PAID, on=on, recorded_on=on, amount=amount, payment=payment)
    before = session.system.due_interest(session.terms, [*standing, refund], on)
    kept = [e for e in standing if not (e.kind == Kind.PAID and e.payment in (*REFUNDS, 9))]
    back = amount + sum(e.amount for e in standing if e.kind == Kind.PAID and e.payment in REFUNDS)
    simulated = []
    for e in kept:
        simulated.append(e)
        if e.kind == Kind.DISBURSED and back > 0:
            part = min(back, e.amount)
            back -= part
            simulated.append(
                LiveEntry(
                    sequence=100_000 + e.sequence,
                    kind=Kind.PAID,
                    on=e.on,
                    recorded_on=e.recorded_on,
                    amount=part,
                    payment=1,
                )
            )
    for place, e in enumerate(simulated):
        simulated[place] = dataclasses.replace(e, sequence=place + 1)
    after_refund = session.system.due_interest(session.terms, simulated, on)
    return before - given - after_refund


def refunds_again(session):
    """The interest of a refund follows what it refunds: computed again when something before it changed, if not set by hand."""
    for place, e in enumerate(session.entries):
        t = next(
            (t for t in session.transactions if t.entry is not None and t.entry.sequence == e.sequence), None
        )
        if t is None or t.kind != "interest_refund" or t.reverted or t.told:
            continue
        refund = next(x for x in session.entries if x.sequence == e.target)
        before = [x for x in session.entries if x.kind == Kind.REVERSED or x.sequence != e.sequence]
        earlier = [
            x
            for x in before
            if x.kind == Kind.REVERSED
            or x.kind in VARIATIONS
            or (x.on, x.sequence) < (refund.on, refund.sequence)
        ]
        if not touched(session, e):
            continue
        amount = interest_refund(session, e.on, refund.amount, refund.payment, earlier)
        if amount != e.amount:
            session.entries[place] = t.entry = dataclasses.replace(e, amount=amount)
            session._view = None


def touched(session, entry):
    """Whether something that counts before an entry became known after it."""
    later = [x for x in session.entries if x.sequence > entry.sequence]
    if any(x.kind != Kind.REVERSED and x.on < entry.on for x in later):
        return True
    by_sequence = {x.sequence: x for x in session.entries}
    return any(
        x.kind == Kind.REVERSED and by_sequence[x.target].on <= entry.on and x.target < entry.sequence
        for x in later
    )


def at_once(session, entry):
    """A charge added after maturity is income at once, if the configuration says so."""
    last = max(row.due for row in session.view().rows if not row.extra)
    if session.config.get("enable_immediate_charge_accrual_post_maturity") and session.today > last:
        portions = [0] * 4
        portions[entry.component] = session.view().charges[entry.sequence][0]
        add(session, "accrual", session.today, portions)
