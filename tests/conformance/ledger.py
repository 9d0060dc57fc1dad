"""Ledger lines of a transaction, in the accounts of the cases: a table from kinds and portions to debits and credits."""

from tests.conformance import deferred

RECEIVABLE = ("asset", "Loans Receivable")
DUES = ("asset", "Interest/Fee Receivable")
CLEARING = ("liability", "Suspense/Clearing account")
OVERPAID = ("liability", "Overpayment account")
LOSS = ("expense", "Credit Loss/Bad Debt")
FRAUD = ("expense", "Credit Loss/Bad Debt-Fraud")
WRITTEN_OFF = ("expense", "Written off")
INTEREST_LOST = ("income", "Interest Income Charge Off")
FEES_LOST = ("income", "Fee Charge Off")
INTEREST_INCOME = ("income", "Interest Income")
FEE_INCOME = ("income", "Fee Income")
GOODWILL = ("expense", "Goodwill Expense Account")
DEFERRED = ("liability", "Deferred Capitalized Income")
BUY_DOWN = ("expense", "Buy Down Expense")
BUY_DOWN_INCOME = ("income", "Income From Buy Down")
RECOVERIES = ("income", "Recoveries")

NAMES = {
    "write_off": "close_as_written_off",
    "repayment_at_disbursement": "repayment_at_time_of_disbursement",
}
SOURCES = {
    "goodwill_credit": GOODWILL,
    "interest_payment_waiver": INTEREST_INCOME,
    "interest_refund": INTEREST_INCOME,
    "capitalized_income_adjustment": DEFERRED,
}
"""Where money that the lender gives itself comes from."""
REFUNDS = ("merchant_issued_refund", "payout_refund")


def lines(session, kind, on):
    """Lines of all transactions of a kind and date: (type, account, debit, credit)."""
    from tests.conformance.tables import portions_of

    found = []
    for t in session.transactions:
        never_was = t.hidden and t.kind in deferred.BOOKINGS
        if t.kind == NAMES.get(kind, kind) and t.on == on and not never_was:
            portions = portions_of(session, t)
            entry = _lines(session, t, portions)
            found += entry
            if t.reverted:
                found += [(a, b, c, d) for a, b, d, c in entry]
    return found


def _after_charge_off(session, t):
    off = session.charged_off()
    return off is not None and (t.on, t.order) > (off.on, off.order)


def _lines(session, t, portions):
    amount, principal, interest, fees, penalties, _over = portions
    dues = interest + fees + penalties
    debit = lambda account, value: [(*account, value, 0)] if value else []  # noqa: E731
    credit = lambda account, value: [(*account, 0, value)] if value else []  # noqa: E731
    if t.kind == "disbursement":
        return debit(RECEIVABLE, amount) + credit(CLEARING, amount)
    if t.kind == "accrual":
        return debit(DUES, dues) + credit(INTEREST_INCOME, interest) + credit(FEE_INCOME, fees + penalties)
    if t.kind == "charge_off":
        lost = FRAUD if t.told else LOSS
        return (
            credit(RECEIVABLE, principal)
            + credit(DUES, dues)
            + debit(lost, principal)
            + debit(INTEREST_LOST, interest)
            + debit(FEES_LOST, fees + penalties)
        )
    if t.kind == "close_as_written_off" and _after_charge_off(session, t):
        lost = FRAUD if session.charged_off().told else LOSS
        return (
            credit(lost, principal)
            + credit(INTEREST_LOST, interest)
            + credit(FEES_LOST, fees + penalties)
            + debit(WRITTEN_OFF, amount)
        )
    if t.kind == "close_as_written_off":
        return credit(RECEIVABLE, principal) + credit(DUES, dues) + debit(WRITTEN_OFF, amount)
    if t.kind == "repayment_at_time_of_disbursement":
        return debit(CLEARING, fees) + credit(FEE_INCOME, fees)
    if t.kind in ("chargeback", "credit_balance_refund"):
        return _owed_again(session, t, portions, debit, credit)
    if (
        t.kind.startswith(("capitalized_income", "buy_down_fee"))
        and t.kind != "capitalized_income_adjustment"
    ):
        return _deferred(session, t, amount, debit, credit)
    return _money_in(session, t, portions, debit, credit)


def _deferred(session, t, amount, debit, credit):
    """Deferred income: set aside, given back, and recognised, or lost with the loan."""
    if t.kind == "capitalized_income":
        return debit(RECEIVABLE, amount) + credit(DEFERRED, amount)
    if t.kind in ("buy_down_fee", "buy_down_fee_adjustment"):
        other = BUY_DOWN if session.told["buy_down_fee"]["merchant"] else CLEARING
        lines = debit(other, amount) + credit(DEFERRED, amount)
        return lines if t.kind == "buy_down_fee" else _turned(lines)
    income = INTEREST_INCOME if t.kind.startswith("capitalized") else BUY_DOWN_INCOME
    if t.told.lost is not None:
        income = (
            WRITTEN_OFF if t.told.lost.kind == "close_as_written_off" else FRAUD if t.told.lost.told else LOSS
        )
    more = sum(part for part in t.told.parts.values() if part > 0)
    less = -sum(part for part in t.told.parts.values() if part < 0)
    lines = debit(DEFERRED, more) + credit(income, more)
    return lines + _turned(debit(DEFERRED, less) + credit(income, less))


def _turned(lines):
    """The same lines the other way round."""
    return [(a, b, d, c) for a, b, c, d in lines]


def _owed_again(session, t, portions, debit, credit):
    _amount, principal, interest, fees, penalties, over = portions
    lost = _after_charge_off(session, t)
    asset = (FRAUD if session.fraud else LOSS) if lost else RECEIVABLE
    out = session.view().outcomes.get(t.entry.sequence)
    if t.kind == "chargeback" and session.terms.credit_order and out is not None:
        met = out.absorbed
        principal, interest, fees, penalties = (
            a - b for a, b in zip((principal, interest, fees, penalties), met, strict=True)
        )
        over = sum(met)
    dues = debit(DUES, interest + fees + penalties)
    if lost:
        dues = debit(INTEREST_LOST, interest) + debit(FEES_LOST, fees + penalties)
    total = principal + interest + fees + penalties + over
    return debit(asset, principal) + dues + debit(OVERPAID, over) + credit(CLEARING, total)


def _money_in(session, t, portions, debit, credit):
    amount, principal, interest, fees, penalties, over = portions
    source = SOURCES.get(t.kind, CLEARING)
    if not _after_charge_off(session, t):
        return (
            debit(source, amount)
            + credit(RECEIVABLE, principal)
            + credit(DUES, interest + fees + penalties)
            + credit(OVERPAID, over)
        )
    if t.kind == "goodwill_credit":
        return (
            debit(GOODWILL, principal + over)
            + debit(INTEREST_LOST, interest)
            + debit(FEES_LOST, fees + penalties)
            + credit(RECOVERIES, amount - over)
            + credit(OVERPAID, over)
        )
    if t.kind in REFUNDS:
        loss = FRAUD if session.fraud else LOSS
        return (
            debit(source, amount)
            + credit(loss, principal)
            + credit(INTEREST_LOST, interest)
            + credit(FEES_LOST, fees + penalties)
            + credit(OVERPAID, over)
        )
    return debit(source, amount) + credit(RECOVERIES, amount - over) + credit(OVERPAID, over)
