"""What an end of day books: income earned and not yet booked. A movement is the difference of two positions."""

import dataclasses

from forbear.engine.live.terms import LiveEntry
from forbear.engine.live.vocabulary import Kind, Spread
from tests.conformance import activities, deferred
from tests.conformance.cases import day as day_of_text
from tests.conformance.translate import NotExpressibleError

REFUNDS = (2, 3)
ACCRUALS = ("accrual", "accrual_adjustment")
ENDED = ("closed_obligations_met", "overpaid")
MONEY_IN = (
    "payment",
    "payoff",
    "credit_balance_refund",
    "chargeback",
    "charge_adjustment",
    "capitalized_income_adjustment",
)
LENT = ("disburse", "capitalized_income", "buy_down_fee", "buy_down_fee_adjustment")
"""Steps that add to what is lent, or leave the rows alone: entries before them are not taken again."""
VARIATIONS = (Kind.RATE_CHANGED, Kind.INTEREST_PAUSED, Kind.DUE_DATE_MOVED, Kind.EXTENDED)


def day_of(step):
    """The day from which a step counts, if it says one."""
    return day_of_text(step.get("date"))


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


def add(session, name, on, portions, **fields):
    """A transaction that no entry makes."""
    from tests.conformance.session import Transaction

    session.transactions.append(
        Transaction(name, on, len(session.transactions), session.step, portions=tuple(portions), **fields)
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
        if not open_or_not(session):
            break
        if session.terms.recalculation:
            session.terms = dataclasses.replace(session.terms, overdue_daily=True)
            session.known_at, session._view = max(session.known_at or 0, day + 1), None
        if accrues(session) and not (session.charged_off() or session.terminated()):
            accrue(session, day)
        activities.on_day(session, day)
        if not session.charged_off():
            deferred.by_day(session, day)
        session.known_at = max(session.known_at or 0, day + 1)
        session._view = None
        session.closed_days = day
    session.look_again()


def drop(session, kinds, after):
    """Take back what was booked after a day."""
    for t in session.transactions:
        if t.kind in kinds and t.on > after and not t.reverted:
            t.reverted = t.hidden = True


def standing(session, kinds=ACCRUALS):
    """What is booked and not taken back."""
    return [t for t in session.transactions if t.kind in kinds and not t.reverted]


def earned_by(session, day):
    """Interest, fees and penalties earned by the end of a day; charges by their due date, or as they are told."""
    ask = lambda on: session.system.earned(  # noqa: E731
        session.terms, session.entries, on, known_at=session.known_at
    )
    earned = ask(day)
    if session.terms.first_day_counts:
        earned[1] = ask(day + 1)[1]
    if session.config.get("charge_accrual_date") == "submitted-date":
        for t in session.transactions:
            if t.kind == "charge" and t.entry.when == 0 and t.entry.recorded_on <= day < t.entry.on:
                amount, _paid, waived = session.view().charges[t.entry.sequence]
                earned[t.entry.component] += amount - waived
    return earned


def accrue(session, till):
    """What was earned by a day and is not booked; no day is booked twice, unless a charge is due on it."""
    last = max(row.due for row in session.view().rows)
    drop(session, ACCRUALS, last)
    till = min(till, last)
    count = len(session.transactions)
    if session.terms.progressive:
        again = session.accrued_till is not None and till <= session.accrued_till
        if again and any(t.on >= till for t in standing(session)) and not charge_due(session, till):
            return
        book(session, till, earned_by(session, till))
    else:
        by_row(session, till)
    if len(session.transactions) > count:
        session.accrued_till = till


def charge_due(session, day):
    """Whether a dated charge is due on a day."""
    return any(t.kind == "charge" and t.entry.when == 0 and t.entry.on == day for t in session.transactions)


def by_row(session, till):
    """A cumulative schedule books each row by itself, on its due date at the latest, and takes nothing back."""
    left = earned_by(session, till)
    for place, row in enumerate(session.view().rows):
        if row.down or row.start > till:
            continue
        past = [claimed - waived for claimed, waived in zip(row.claimed, row.waived, strict=True)]
        part = past if row.due <= till else left
        left = [a - b for a, b in zip(left, part, strict=True)]
        before = [0] * 4
        for t in of_row(session, place, row):
            before = [a + b for a, b in zip(before, t.portions, strict=True)]
        more = [0, *(max(0, part[c] - before[c]) for c in (1, 2, 3))]
        if any(more):
            add(session, "accrual", min(till, row.due), more, told=place)


def of_row(session, place, row):
    """What is booked of a row."""
    return [
        t
        for t in standing(session, ("accrual",))
        if t.told == place or (t.told is None and row.start < t.on <= row.due)
    ]


def after(session, step):
    """What follows from a step itself: a charge-off, and the end of a loan or its return."""
    status = session.status()
    ended, was_ended = status in ENDED, session.was in ENDED
    if ended and not was_ended:
        session.ended_on = day_of(step) or session.today
    session.was = status
    moved = moved_rows(session, step) and activities.standing(session)
    if (was_ended or moved) and status == "active":
        activities.at_return(session)
    if again(session, step):
        activities.again(session)
        kept = session.terms.progressive or session.charged_off() is not None
        if not kept and step["op"] not in ("add_charge", "undo_charge_off"):
            accruals_again(session)
    end = session.charged_off() or session.terminated()
    if accrues(session) and end is not None and session.written_off() is None:
        stop(session, end)
    if accrues(session) and ended and end is None:
        closing(session)
    if ended:
        activities.at_end(session)
    if step["op"] == "charge_off" and session.charged_off():
        deferred.at_charge_off(session, session.charged_off())
    if ended or session.written_off():
        deferred.at_end(session, *ending(session))


def ending(session):
    """The day on which a loan ended, and the loss as which it did, if it did so."""
    written = session.written_off()
    return (written.on, written) if written else (session.ended_on, None)


def moved_rows(session, step):
    """Whether a re-ageing, or its undoing, changed rows that were due."""
    if step["op"] != "re_age":
        return step["op"] == "undo_re_age"
    last = [t for t in session.transactions if t.kind == "re_age"][-1]
    return last.entry.spread != Spread.BY_BALANCE or last.on < session.today


def again(session, step):
    """Whether all entries are taken again: anything but money that is the latest."""
    if step["op"] not in MONEY_IN:
        return step["op"] not in (*LENT, "end_of_day", "run_job", "charge_off")
    on = day_of(step) or session.today
    return any(
        t.on > on and not t.reverted and t.kind not in ("charge", "disbursement", *ACCRUALS)
        for t in session.transactions
    )


def accruals_again(session):
    """Of a cumulative row no more stays booked than it asks, and nothing that was booked within it last."""
    for place, row in enumerate(session.view().rows):
        total = [0] * 4
        for t in of_row(session, place, row):
            total = [a + b for a, b in zip(total, t.portions, strict=True)]
            within = session.terms.rate > 0 and session.accrued_till == t.on != row.due
            if within or any(a > b for a, b in zip(total, row.claimed, strict=True)):
                total = [a - b for a, b in zip(total, t.portions, strict=True)]
                t.reverted = t.hidden = True


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
    """Everything that the rows claim is income now."""
    rows = session.view().rows
    last = max(row.due for row in rows)
    on = min(last, session.today) if session.terms.progressive else session.ended_on
    drop(session, ACCRUALS, last)
    if session.terms.progressive and session.accrued_till is not None and session.accrued_till >= last:
        drop(session, ACCRUALS, on)
    total = [0] * 4
    for row in rows:
        for c in range(1, 4):
            total[c] += row.claimed[c] - row.waived[c] - row.taken[c]
    count = len(session.transactions)
    book(session, on, total)
    if session.terms.progressive and len(session.transactions) > count:
        session.accrued_till = on


def job(session, name):
    """One job of an end of day."""
    if name in ("recalculate_interest_for_loans", "loan_delinquency_classification"):
        session.look_again()
    elif name.startswith("add_") and "accrual" in name:
        accrue(session, session.today)
    elif name == "accrual_activity_posting":
        activities.on_day(session, session.today - 1)
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
