"""What must be refused: the engine's rules about the life of a loan, and those that only the cases' own system has.

Approvals, tranches, links between steps and steps that must be taken today are no part of a journal; they stay here.
"""

from decimal import Decimal

from forbear.engine.life import Entry, Standing, judge
from forbear.engine.live.vocabulary import Kind
from forbear.engine.vocabulary import DELINQUENCY_PAUSED, DELINQUENCY_RESUMED, NEVER, Status
from tests.conformance.cases import cents, day
from tests.conformance.ledger import REFUNDS
from tests.conformance.translate import SPREADS


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


def journal(session):
    """The session's entries as the rules read them; a charge counts from its recording, an `until` is excluded."""
    found = []
    for e in session.entries:
        on = e.recorded_on if e.kind == Kind.FEE_CHARGED else e.on
        until = e.until + 1 if e.kind == Kind.INTEREST_PAUSED else e.until
        same = {name: getattr(e, name) for name in ("sequence", "kind", "amount", "target", "rate", "count")}
        found.append(Entry(on=on, until=until, component=e.component, **same))
    sequence = 1 << 20
    for action, start, end in session.pauses:
        sequence += 1
        kind = DELINQUENCY_PAUSED if action == "pause" else DELINQUENCY_RESUMED
        found.append(Entry(sequence=sequence, kind=kind, on=start, until=end or 0))
    return tuple(found)


def ask(session, kind, on, agreed=0, **said):
    """Refuse what the engine's rules refuse."""
    view = session.view() if session.draws else None
    rows = [r for r in view.rows if not r.extra] if view else []
    loan = Standing(
        journal=journal(session),
        agreed=agreed,
        status=Status.ACTIVE if session.status() == "active" else Status.CLOSED,
        credit=view.over if view else 0,
        pausable=session.terms.rate != 0 and session.terms.schedule != 0,
        pauses_end=max((r.due for r in rows), default=NEVER) + 1,
    )
    today = NEVER if session.today is None else session.today
    refused = judge(loan, Entry(kind=int(kind), on=on, **said), today)
    if refused is not None:
        raise RefusedError(f"by rule {refused.rule}")


def ceiling(session):
    """How much may be disbursed in all."""
    over = session.told["disbursement"]["over_applied"]
    if not over:
        return session.approved
    applied = session.submitted
    extra = cents(over["number"]) if over["type"] == "flat" else applied * cents(over["number"]) // 10_000
    return applied + extra


def promised(session):
    """Drawn or capitalised, and expected in tranches to come."""
    return session.drawn + session.capitalised + sum(t[1] for t in session.tranches if len(t) == 2)


def change_approved_amount(session, step):
    """No less than what is drawn and expected, no more than was applied for or may be over it."""
    amount = cents(step["amount"])
    most = ceiling(session) if session.told["disbursement"]["over_applied"] else session.submitted
    refuse_if(amount <= 0, "it must be more than nothing")
    refuse_if(amount < promised(session), "more is drawn or expected")
    refuse_if(amount > most, "more than was applied for")


def change_available_disbursement_amount(session, step):
    """Not negative, and with what is drawn and expected no more than may be approved."""
    amount = cents(step["amount"])
    refuse_if(amount < 0, "it must not be negative")
    if amount + promised(session) > 0:
        told = {"amount": str(Decimal(amount + promised(session)) / 100)}
        change_approved_amount(session, told)


def meant_tranche(session, on, amount):
    """Which expected tranche a draw is: one of its day and amount, else the largest of its day, else the next."""
    to_come = [t for t in session.tranches if len(t) == 2]
    same = [t for t in to_come if t[0] == on]
    exact = [t for t in same if t[1] == amount]
    return next(iter(exact or sorted(same, key=lambda t: -t[1]) or to_come), None)


def disburse(session, step):
    """Within what was approved, not before the approval."""
    amount, on = cents(step["amount"]), day(step["date"])
    to_come = [t for t in session.tranches if len(t) == 2]
    meant = meant_tranche(session, on, amount)
    others = sum(t[1] for t in to_come if t is not meant)
    ask(session, Kind.DISBURSED, on, agreed=ceiling(session) - others, amount=amount)
    refuse_if(session.life not in ("approved", "active"), "the loan is not approved")
    refuse_if(on < session.approved_on, "a draw cannot precede the approval")
    told = session.told["disbursement"]
    if not told["multiple"]:
        refuse_if(bool(session.draws), "the loan is disbursed once")
        refuse_if(amount > session.approved and not told["over_applied"], "more than was approved")
    if told["expected_tranches_required"]:
        refuse_if(not any(len(t) == 2 for t in session.tranches), "no tranche is expected")


def capitalized_income(session, step):
    """Of a loan that is drawn, with all that was lent within what was approved; its rows are not written at once."""
    refuse_if(not session.draws, "nothing is drawn")
    refuse_if(not session.terms.progressive, "the rows are written at once")
    ask(
        session,
        Kind.INCOME_CAPITALISED,
        day(step["date"]),
        agreed=ceiling(session),
        amount=cents(step["amount"]),
    )


def buy_down_fee(session, step):
    """Of a loan that is active; its rows are not written at once."""
    refuse_if(not session.draws, "nothing is drawn")
    refuse_if(not session.terms.progressive, "the rows are written at once")
    ask(session, Kind.BOUGHT_DOWN, day(step["date"]), amount=cents(step["amount"]))


def adjustment(session, step):
    """No more than is left of what it adjusts, and not before it."""
    kind = Kind.INCOME_ADJUSTED if step["op"].startswith("capitalized") else Kind.BUY_DOWN_ADJUSTED
    target = session.deferred_by(step)
    refuse_if(target is None, "there is nothing to adjust")
    ask(session, kind, day(step["date"]), amount=cents(step["amount"]), target=target.entry.sequence)


def payment(session, step):
    """Received by today; the cases' system takes none after a write-off."""
    refuse_if(session.written_off() is not None, "the loan is written off")
    ask(session, Kind.PAID, day(step["date"]), amount=cents(step["amount"]))


def charge_off(session, step):
    """Once, and not before what already happened."""
    ask(session, Kind.CHARGED_OFF, day(step["date"]))


def undo_charge_off(session, step):
    """What is to be undone must stand."""
    target = session.charged_off()
    ask(session, Kind.REVERSED, session.today, target=target.entry.sequence if target else 0)


def add_charge(session, step):
    """Not after a charge-off."""
    if session.draws:
        ask(session, Kind.FEE_CHARGED, session.today, amount=0)
    refuse_if(
        step["when"] == "installment_fee" and step["calculation"] != "flat" and session.terms.schedule == 1,
        "a share of rows that change is not allowed",
    )


def reverse(session, step):
    """Not what is linked to another, not after a write-off."""
    refuse_if(session.written_off() is not None, "the loan is written off")
    target = session.find(step["target"])
    refuse_if(target.kind == "interest_refund", "it belongs to a refund")
    refuse_if(target.kind in ("charge_off", "disbursement"), "it is undone by its own step")
    if target.entry is None:
        refuse_if(target.reverted, "it is reversed already")
    else:
        ask(session, Kind.REVERSED, session.today, target=target.entry.sequence)


def credit_balance_refund(session, step):
    """No more than what is over."""
    ask(session, Kind.REFUNDED, day(step["date"]), amount=cents(step["amount"]))


def interest_pause(session, step):
    """In time, within the loan, not over another."""
    ask(session, Kind.INTEREST_PAUSED, day(step["start_on"]), until=day(step["end_on"]) + 1)


def delinquency_pause(session, step):
    """Within the loan, not over another; the cases' system wants a loan that is active."""
    refuse_if(session.status() != "active", "the loan is not active")
    ask(session, DELINQUENCY_PAUSED, day(step["start_on"]), until=day(step["end_on"]))


def delinquency_resume(session, step):
    """Within a running pause, today."""
    start = day(step["start_on"])
    refuse_if(session.status() != "active", "the loan is not active")
    refuse_if("end_on" in step, "a resume has no end")
    ask(session, DELINQUENCY_RESUMED, start)
    refuse_if(start != session.today, "a resume counts from today")


def runs(session):
    """Whether the loan is active, and nothing has ended its accrual."""
    return session.status() == "active" and not session.charged_off() and not session.terminated()


def re_age(session, step):
    """Of a loan that runs and owes principal, not before it began; its interest follows the balance, or there is none."""
    refuse_if(not runs(session), "the loan is not active")
    refuse_if(not any(row.open(0) > 0 for row in session.view().rows), "no principal is open")
    refuse_if(day(step["start_on"]) < session.draws[0].on, "it begins before the loan")
    refuse_if(session.terms.rate > 0 and session.terms.schedule == 0, "interest was written with the rows")


def re_amortise(session, step):
    """Of a loan that runs, with principal past due and rows to come; a second one spreads as the first does."""
    refuse_if(not runs(session), "the loan is not active")
    rows = session.view().rows
    past_due = [row for row in rows if row.due <= session.today and row.open(0) > 0]
    refuse_if(not past_due, "no principal is past due")
    refuse_if(not any(row.due > session.today and not row.extra for row in rows), "no row is to come")
    before = [t for t in session.transactions if t.kind == "re_amortize" and not t.reverted]
    spread = SPREADS[step["interest_handling"]]
    refuse_if(any(t.entry.spread != spread for t in before), "it was spread in another way before")


def terminate_contract(session, step):
    """Of a loan that runs."""
    refuse_if(not runs(session), "the loan is not active")


def undo_terminate_contract(session, step):
    """What is to be undone must stand."""
    refuse_if(session.terminated() is None, "the contract was not ended")


def add_interest_refund(session, step):
    """On a refund that stands and has given no interest back yet."""
    target = session.find(step["target"])
    refuse_if(target.kind not in REFUNDS or target.reverted, "it is no refund")
    refuse_if(target.linked is not None and not target.linked.reverted, "its interest is given back already")


RULES = {
    "change_approved_amount": change_approved_amount,
    "change_available_disbursement_amount": change_available_disbursement_amount,
    "add_interest_refund": add_interest_refund,
    "terminate_contract": terminate_contract,
    "undo_terminate_contract": undo_terminate_contract,
    "re_amortise": re_amortise,
    "re_amortise_preview": re_amortise,
    "re_age": re_age,
    "re_age_preview": re_age,
    "capitalized_income": capitalized_income,
    "capitalized_income_adjustment": adjustment,
    "buy_down_fee": buy_down_fee,
    "buy_down_fee_adjustment": adjustment,
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
