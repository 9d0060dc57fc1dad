"""What must be refused: rules about the life of a loan, each a value with its reason."""

from forbear.engine.live.vocabulary import Kind
from tests.conformance.cases import cents, day


class RefusedError(Exception):
    """A step that the rules do not allow."""


def look(session, step):
    """Refuse a step, or let it pass."""
    rule = RULES.get(step["op"])
    if rule:
        rule(session, step)


def refuse_if(condition, reason):
    """Refuse, saying why."""
    if condition:
        raise RefusedError(reason)


def ceiling(session):
    """How much may be disbursed in all."""
    over = session.told["disbursement"]["over_applied"]
    if not over:
        return session.approved
    applied = session.submitted
    extra = cents(over["number"]) if over["type"] == "flat" else applied * cents(over["number"]) // 10_000
    return applied + extra


def meant_tranche(session, on, amount):
    """Which expected tranche a draw is: one of its day and amount, else the largest of its day, else the next."""
    to_come = [t for t in session.tranches if len(t) == 2]
    same = [t for t in to_come if t[0] == on]
    exact = [t for t in same if t[1] == amount]
    return next(iter(exact or sorted(same, key=lambda t: -t[1]) or to_come), None)


def disburse(session, step):
    """Within what was approved, not before the approval, not after a charge-off."""
    amount, on = cents(step["amount"]), day(step["date"])
    refuse_if(session.charged_off() is not None, "the loan is charged off")
    refuse_if(session.life not in ("approved", "active"), "the loan is not approved")
    refuse_if(session.today is not None and on > session.today, "a disbursement cannot lie in the future")
    refuse_if(on < session.approved_on, "a draw cannot precede the approval")
    to_come = [t for t in session.tranches if len(t) == 2]
    meant = meant_tranche(session, on, amount)
    others = sum(t[1] for t in to_come if t is not meant)
    refuse_if(session.drawn + amount + others > ceiling(session), "more than was approved")
    told = session.told["disbursement"]
    if not told["multiple"]:
        refuse_if(bool(session.draws), "the loan is disbursed once")
        refuse_if(amount > session.approved and not told["over_applied"], "more than was approved")
    if told["expected_tranches_required"]:
        refuse_if(not any(len(t) == 2 for t in session.tranches), "no tranche is expected")


def after_closing(session):
    """Written off or not disbursed."""
    refuse_if(session.written_off() is not None, "the loan is written off")


def payment(session, step):
    """Not on a loan that is written off, not in the future."""
    after_closing(session)
    refuse_if(day(step["date"]) > session.today, "a payment cannot lie in the future")


def charge_off(session, step):
    """Once, and not before what already happened."""
    on = day(step["date"])
    refuse_if(session.charged_off() is not None, "the loan is charged off already")
    refuse_if(on > session.today, "a charge-off cannot lie in the future")
    money = [
        t.entry.recorded_on if t.kind == "charge" else t.on
        for t in session.transactions
        if not t.reverted and not t.kind.startswith("accrual")
    ]
    refuse_if(bool(money) and on < max(money), "something happened after that day")


def undo_charge_off(session, step):
    """What is to be undone must stand and be the last."""
    target = session.charged_off()
    refuse_if(target is None, "the loan is not charged off")


def add_charge(session, step):
    """Not after a charge-off."""
    refuse_if(session.charged_off() is not None, "the loan is charged off")
    refuse_if(
        step["when"] == "installment_fee" and step["calculation"] != "flat" and session.terms.schedule == 1,
        "a share of rows that change is not allowed",
    )


def reverse(session, step):
    """Not what is linked to another, not after a write-off."""
    after_closing(session)
    target = session.find(step["target"])
    refuse_if(target.reverted, "it is reversed already")
    refuse_if(target.kind == "interest_refund", "it belongs to a refund")
    refuse_if(target.kind in ("charge_off", "disbursement"), "it is undone by its own step")
    back = (
        [
            t
            for t in session.transactions
            if t.kind == "chargeback" and not t.reverted and t.entry.target == target.entry.sequence
        ]
        if target.entry
        else []
    )
    refuse_if(bool(back), "it was taken back")


def credit_balance_refund(session, step):
    """No more than what is over."""
    refuse_if(cents(step["amount"]) > session.view().over, "more than what is over")


def interest_pause(session, step):
    """In time, within the loan, not over another."""
    start, end = day(step["start_on"]), day(step["end_on"])
    refuse_if(not session.draws, "the loan is not disbursed")
    refuse_if(session.terms.rate == 0 or session.terms.schedule == 0, "the loan bears no such interest")
    refuse_if(session.status() != "active" or session.charged_off() is not None, "the loan is not active")
    refuse_if(end < start, "it ends before it begins")
    refuse_if(start < session.draws[0].on, "it begins before the loan")
    refuse_if(end > max(r.due for r in session.view().rows if not r.extra), "it ends after the loan")
    gone = {e.target for e in session.entries if e.kind == Kind.REVERSED}
    for e in session.entries:
        if e.kind == Kind.INTEREST_PAUSED and e.sequence not in gone:
            refuse_if(start <= e.until and end >= e.on, "it overlaps another pause")


def delinquency_pause(session, step):
    """Not before today's past pauses, not over another."""
    from tests.conformance.delinquency import periods

    start, end = day(step["start_on"]), day(step["end_on"])
    refuse_if(end < start, "it ends before it begins")
    refuse_if(session.status() != "active", "the loan is not active")
    refuse_if(session.draws and start < session.draws[0].on, "it begins before the loan")
    for a, b in periods(session.pauses):
        refuse_if(start < b and end > a, "it overlaps another pause")


def delinquency_resume(session, step):
    """Within a running pause, today."""
    from tests.conformance.delinquency import periods

    start = day(step["start_on"])
    refuse_if(start != session.today, "a resume counts from today")
    refuse_if(session.status() != "active", "the loan is not active")
    refuse_if("end_on" in step, "a resume has no end")
    refuse_if(not any(a <= start < b for a, b in periods(session.pauses)), "no pause is running")


def re_age(session, step):
    """Of a loan that runs and owes principal, not before it began; its interest follows the balance, or there is none."""
    refuse_if(session.status() != "active" or session.charged_off() is not None, "the loan is not active")
    refuse_if(not any(row.open(0) > 0 for row in session.view().rows), "no principal is open")
    refuse_if(day(step["start_on"]) < session.draws[0].on, "it begins before the loan")
    refuse_if(session.terms.rate > 0 and session.terms.schedule == 0, "interest was written with the rows")


RULES = {
    "re_age": re_age,
    "re_age_preview": re_age,
    "disburse": disburse,
    "payment": payment,
    "charge_off": charge_off,
    "undo_charge_off": undo_charge_off,
    "add_charge": add_charge,
    "reverse": reverse,
    "credit_balance_refund": credit_balance_refund,
    "interest_pause": interest_pause,
    "delinquency_pause": delinquency_pause,
    "delinquency_resume": delinquency_resume,
}
