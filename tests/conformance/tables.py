"""Tables as a case shows them: the schedule, the transactions, the charges."""

import dataclasses

from forbear.engine.live.terms import LiveEntry
from forbear.engine.live.vocabulary import Kind
from tests.conformance.cases import text_of

NOTHING_PAID = ("charge_off", "contract_termination", "re_age", "re_amortize")
"""Transactions that move no money, and show no balance."""
NO_BALANCE = ("buy_down_fee", "capitalized_income_am")
"""Beginnings of the names of what is booked beside a loan."""
NOT_MONEY = ("accrual", "accrual_adjustment", "accrual_activity", "charge_off", "waive_loan_charges")


def planned(session):
    """The fold of what is expected, while nothing is drawn."""
    draws = session.tranches or [[session.expected_on, session.approved or session.submitted]]
    entries = [e for e in session.entries if e.kind == Kind.FEE_CHARGED]
    for place, tranche in enumerate(draws):
        entries.append(
            LiveEntry(
                sequence=10_000 + place,
                kind=Kind.DISBURSED,
                on=tranche[0],
                recorded_on=tranche[0],
                amount=tranche[1],
            )
        )
    unpaid = dataclasses.replace(session.terms, past_due_earns=False)  # nothing is late yet
    view = session.system.fold(unpaid, entries, draws[-1][0])
    for row in view.rows:
        row.met_on = None
    return view, [(t[0], t[1], view.outcomes[10_000 + k].fees) for k, t in enumerate(draws)]


def lent(session):
    """What was drawn, and what was added to the principal otherwise."""
    kinds = ("disbursement", "capitalized_income")
    return [t for t in session.transactions if t.kind in kinds and not t.reverted]


def schedule_rows(session):
    """Rows of disbursements (no number) and periods, as a schedule shows them."""
    if session.draws:
        view = session.view()
        draws = [(t.on, t.entry.amount, view.outcomes[t.entry.sequence].fees) for t in lent(session)]
        draws += [
            (t[0], t[1], 0)
            for t in session.tranches
            if len(t) == 2 and t[0] >= session.today and t[0] > session.draws[0].on
        ]
    else:
        view, draws = planned(session)
    shown = [
        {
            "n": None,
            "date": on,
            "amount": amount,
            "fees": fees,
            "due": fees,
            "paid": fees if session.draws else 0,
            "outstanding": 0 if session.draws else fees,
        }
        for on, amount, fees in sorted(draws, key=lambda d: d[0])
    ]
    left, pending = 0, sorted(draws, key=lambda d: d[0])
    for number, row in enumerate(view.rows, 1):
        while pending and (pending[0][0] < row.due or (pending[0][0] == row.due and row.down)):
            left += pending.pop(0)[1]
        if pending and pending[0][0] == row.due and not row.down and row is view.rows[-1]:
            left += pending.pop(0)[1]
        left += row.taken[0]
        left -= row.claimed[0]
        shown.append(
            {
                "n": number,
                "days": row.due - row.start,
                "due_on": row.due,
                "paid_on": row.met_on,
                "balance": left,
                "principal": row.claimed[0],
                "interest": row.claimed[1],
                "fees": row.claimed[2],
                "penalties": row.claimed[3],
                "due": sum(row.claimed),
                "paid": sum(row.paid),
                "paid_in_advance": row.early,
                "paid_late": row.late,
                "waived": sum(row.waived),
                "outstanding": row.unpaid,
            }
        )
    return shown


def schedule_totals(rows):
    """Sums over a schedule; the fees of disbursements count."""
    names = ("principal", "interest", "fees", "penalties", "due", "paid", "paid_in_advance", "paid_late")
    return {name: sum(row.get(name) or 0 for row in rows) for name in (*names, "waived", "outstanding")}


def portions_of(session, t):
    """(amount, principal, interest, fees, penalties, over) of a transaction."""
    if t.entry is None:
        return (sum(t.portions), *t.portions, 0)
    if t.reverted and t.last:
        return t.last
    out = session.view().outcomes.get(t.entry.sequence)
    if out is None:
        return t.last or (t.entry.amount, 0, 0, 0, 0, 0)
    if t.kind == "repayment_at_time_of_disbursement":
        return (out.fees, 0, 0, out.fees, 0, 0)
    return (out.amount, *out.portions, out.over)


def transaction_rows(session):
    """Transactions in their order, with the principal outstanding after each."""
    rows, left = [], 0
    for t in sorted(session.transactions, key=lambda t: (t.on, t.order)):
        if t.kind == "charge" or t.hidden:
            continue
        amount, principal, interest, fees, penalties, over = portions_of(session, t)
        balance = left
        if t.kind in ("disbursement", "capitalized_income"):
            principal = 0 if t.kind == "disbursement" else principal
            if not t.reverted:
                out = session.view().outcomes[t.entry.sequence]
                left += amount - out.absorbed[0]
            balance = left
        elif t.kind in ("chargeback", "credit_balance_refund"):
            if not t.reverted:
                out = session.view().outcomes[t.entry.sequence]
                left += max(0, (principal - out.absorbed[0]) if session.terms.credit_order else amount - over)
            balance = left
        elif t.kind.startswith(("accrual", *NO_BALANCE)) or t.kind in NOTHING_PAID:
            balance = 0
        elif not t.reverted and t.kind not in NOT_MONEY:
            left -= principal
            balance = left
        if t.reverted:
            balance = t.balance
        t.balance = balance
        rows.append(
            {
                "date": text_of(t.on),
                "type": t.kind,
                "amount": amount,
                "principal": principal,
                "interest": interest,
                "fees": fees,
                "penalties": penalties,
                "balance": balance,
                "overpayment": over,
                "reverted": t.reverted,
                "replayed": t.replayed,
            }
        )
    return rows


def charge_rows(session):
    """Charges and what became of them."""
    view = session.view() if session.draws else planned(session)[0]
    rows = []
    for t in session.transactions:
        if t.kind == "charge":
            amount, paid, waived = view.charges.get(t.entry.sequence, (t.entry.amount, 0, 0))
            paid = paid if session.draws else 0
            told = t.told
            rows.append(
                {
                    "penalty": told["penalty"],
                    "when": told["when"],
                    "due_on": t.entry.on if told.get("due_on") else None,
                    "calculation": told["calculation"],
                    "amount": amount,
                    "paid": paid,
                    "waived": waived,
                    "outstanding": amount - paid - waived,
                }
            )
    return rows
