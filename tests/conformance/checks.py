"""Comparison of every kind of check with what the fold says. Each check returns None or the first difference."""

from forbear.engine.live.vocabulary import Kind
from tests.conformance import deferred, delinquency, ledger
from tests.conformance.cases import cents, day, table, text_of
from tests.conformance.tables import charge_rows, schedule_rows, schedule_totals, transaction_rows
from tests.conformance.translate import NotExpressibleError


def check(session, step):
    """Compare one check."""
    handler = HANDLERS.get(step["check"])
    if handler is None:
        raise NotExpressibleError(f"check {step['check']}")
    return handler(session, step)


def differ(what, expected, found):
    """A difference in words."""
    return None if expected == found else f"{what}: expected {expected}, found {found}"


def _money(value):
    return None if value is None else cents(value)


def skipped(session, step, what):
    """Whether the source says itself that a value is wrong."""
    return any(
        anomaly["step"] == step["i"] and what in anomaly["what"]
        for anomaly in session.case.get("upstream_anomalies") or []
    )


def schedule(session, step):
    """Periods, disbursements and totals."""
    rows = schedule_rows(session)
    found = [r for r in rows if r["n"]]
    said = differ("period_count", step["period_count"], len(found))
    if said:
        return said
    for told in table(step["periods"]):
        row = next((r for r in found if r["n"] == told["n"]), None)
        if row is None:
            return f"period {told['n']}: expected, not found"
        for name, value in told.items():
            if name not in row or name == "n":
                continue
            expected = value if name == "days" else day(value) if name.endswith("_on") else cents(value)
            said = differ(
                f"period {told['n']} {name}",
                text_of(expected) if name.endswith("_on") else expected,
                text_of(row[name]) if name.endswith("_on") else row[name],
            )
            if said:
                return said
    drawn = [r for r in rows if not r["n"]]
    for told in table(step["disbursements"]):
        expected = {name: day(value) if name == "date" else cents(value) for name, value in told.items()}
        match = next((r for r in drawn if all(r.get(k, v) == v for k, v in expected.items())), None)
        if match is None:
            return f"disbursement expected {expected}, found {drawn}"
        drawn.remove(match)
    return totals(session, step, rows) if step.get("totals") else None


def preview(session, step):
    """The schedule that the last preview gave."""
    kept, session._view = session._view, session.preview
    try:
        return schedule(session, step)
    finally:
        session._view = kept


def totals(session, step, rows=None):
    """Sums of the schedule."""
    found = schedule_totals(rows or schedule_rows(session))
    for name, value in step["totals"].items():
        if name in found and not skipped(session, step, name):
            said = differ(f"totals {name}", cents(value), found[name])
            if said:
                return said
    return None


def _key(row):
    return tuple(str(row.get(name)) for name in ("date", "type", "amount"))


def transactions(session, step):
    """All transactions, or those of a scope."""
    rows = transaction_rows(session)
    scope = step["scope"]
    if scope == "no_accruals":
        rows = [r for r in rows if r["type"] not in ("accrual", "accrual_adjustment")]
    elif scope == "accruals":
        rows = [r for r in rows if r["type"] in ("accrual", "accrual_adjustment")]
    elif scope not in ("all", "contains"):
        rows = [r for r in rows if r["type"] in (scope, f"{scope}_adjustment")]
    as_told = ("date", "type", "reverted", "replayed")
    told = [{k: v if k in as_told else _money(v) for k, v in row.items()} for row in table(step)]
    left = list(rows)
    missing = []
    for want in told:
        match = next((r for r in left if all(r[k] == v for k, v in want.items() if v is not None)), None)
        if match is None:
            missing.append(want)
        else:
            left.remove(match)
    if missing:
        near = [r for r in left if (r["date"], r["type"]) == (missing[0]["date"], missing[0]["type"])]
        return f"transaction expected {missing[0]}, found {near or [_key(r) for r in left]}"
    if left and scope != "contains":
        return f"transaction not expected: {left[0]}"
    return None


def charges(session, step):
    """Charges that must be there."""
    rows = charge_rows(session)
    for want in step["rows"]:
        told = {
            k: (
                day(v)
                if k == "due_on"
                else cents(v)
                if k in ("amount", "paid", "waived", "outstanding")
                else v
            )
            for k, v in want.items()
            if k != "name"
        }
        match = next((r for r in rows if all(r.get(k) == v for k, v in told.items())), None)
        if match is None:
            return f"charge expected {told}, found {rows}"
        rows.remove(match)
    return None


def journal(session, step):
    """Ledger lines of the transactions of a type and date."""
    found = ledger.lines(session, step["type"], day(step["date"]))
    told = sorted((a, b, cents(d), cents(c)) for a, b, d, c in step["rows"])
    return differ("journal", told, sorted(found))


def value_of(function, convert=lambda v: v):
    """A check of one value."""
    return lambda session, step: differ(step["check"], convert(step["value"]), function(session))


def all_paid(session):
    """Whether nothing is open."""
    return session.unpaid() == 0


def obligations_met(session):
    """Closed, with every row paid."""
    return session.status() == "closed_obligations_met" and all(r.unpaid == 0 for r in session.view().rows)


def earned_not_due(session):
    """Interest that the running row has earned by today and that is not paid."""
    today, rows = session.today, [row for row in session.view().rows if not row.down]
    earned = session.system.earned(session.terms, session.entries, today, known_at=session.known_at)[1]
    due = sum(row.claimed[1] - row.taken[1] for row in rows if row.due <= today and not row.extra)
    return max(0, earned - due - sum(row.paid[1] for row in rows if row.due > today))


def overdue(session, component=None):
    """Open on rows due before today."""
    return sum(
        row.unpaid if component is None else row.open(component)
        for row in session.view().rows
        if row.due < session.today
    )


def delinquency_loan(session, step):
    """All figures of a loan's delinquency."""
    found = delinquency.loan(session)
    found["range"] = delinquency.range_of(found["delinquent_days"])
    for name in ("amount", "delinquent_on", "delinquent_days", "past_due_days", "past_due_on", "range"):
        if name in step:
            value = step[name]
            value = cents(value) if name == "amount" else day(value) if name.endswith("_on") else value
            said = differ(name, value, found[name])
            if said:
                return said
    return None


def delinquency_range(session, step):
    """Range and date."""
    found = delinquency.loan(session)
    return differ("range", step["range"], delinquency.range_of(found["delinquent_days"])) or differ(
        "delinquent_on", step["delinquent_on"], text_of(found["delinquent_on"])
    )


def delinquency_instalments(session, step):
    """Sums by range."""
    return differ(
        "ranges",
        sorted((r["range"], cents(r["amount"])) for r in step["rows"]),
        sorted(session.ranges.items()),
    )


def delinquency_actions(session, step):
    """Pauses and resumes as they were asked."""
    found = [{"action": a, "start_on": text_of(s), "end_on": text_of(e)} for a, s, e in session.pauses]
    return differ("actions", step["rows"], found)


def delinquency_pauses(session, step):
    """Pauses as they stand."""
    found = [
        {"active": a <= session.today <= b, "start_on": text_of(a), "end_on": text_of(b)}
        for a, b in delinquency.periods(session.pauses)
    ]
    return differ("pauses", step["rows"], found)


def transaction_amount(session, step):
    """The amount of one transaction."""
    target = session.find(step["target"])
    out = session.view().outcomes.get(target.entry.sequence)
    return differ("amount", cents(step["value"]), out.amount if out else target.entry.amount)


def transaction_reverted(session, step):
    """Whether a transaction is reversed; without a date the number counts transactions of every type."""
    if "date" not in step:
        found = [t for t in sorted(session.transactions, key=lambda t: (t.on, t.order)) if t.kind != "charge"]
        return differ("reverted", step["value"], found[step["nth"] - 1].reverted)
    return differ("reverted", step["value"], session.find(step).reverted)


def transaction_count(session, step):
    """How many there are of a type."""
    found = [t for t in session.transactions if t.kind == step["type"] and not t.reverted]
    return differ("count", step["value"], len(found))


def next_payment(session, step):
    """The next due date, by the rule of the configuration."""
    rows = [row for row in session.view().rows if row.unpaid > 0]
    if session.config.get("next_payment_due_date") == "next-unpaid-due-date":
        rows = [row for row in rows if row.due >= session.today] or rows[-1:]
    if not rows:
        met = max(row.met_on for row in session.view().rows)
        return differ("due_on", step["due_on"], text_of(met)) or differ(
            "amount", cents(step.get("amount")), 0
        )
    said = differ("due_on", step["due_on"], text_of(rows[0].due))
    return said or (differ("amount", cents(step["amount"]), rows[0].unpaid) if "amount" in step else None)


def maturity(session, step):
    """The last due date."""
    found = text_of(max(r.due for r in session.view().rows if not r.extra))
    return differ("maturity", step["value"], found)


def tranches(session, step):
    """Tranches expected and drawn."""
    found = [(t[0], t[2] if len(t) > 2 else None, t[1]) for t in session.tranches] or [
        (session.expected_on, t.on, t.entry.amount) for t in session.draws
    ]
    told = [(day(r["expected_on"]), day(r["disbursed_on"]), cents(r["principal"])) for r in step["rows"]]
    return differ("tranches", sorted(told, key=str), sorted(found, key=str))


def overpaid(session, step):
    """What is over, with nothing open."""
    return differ("overpaid", cents(step["value"]), session.view().over) or differ(
        "open", 0, session.unpaid()
    )


def expected(session):
    """Tranches that are to come."""
    return sum(t[1] for t in session.tranches if len(t) == 2)


def available(session):
    """What may still be drawn."""
    return max(0, session.approved - session.drawn - session.capitalised - expected(session))


def available_over(session):
    """What may still be drawn, over what was applied for."""
    from tests.conformance.refusals import ceiling

    return ceiling(session) - session.drawn - session.capitalised - expected(session)


def term_variations(session, step):
    """Pauses of interest that stand; what else varies the terms is shown nowhere else."""
    if any(row["type"] != "interestpause" for row in step["rows"]):
        raise NotExpressibleError("check term_variations of another type than interestpause")
    gone = {e.target for e in session.entries if e.kind == Kind.REVERSED}
    found = [
        {"type": "interestpause", "from": text_of(e.on), "decimal_value": "0", "date_value": text_of(e.until)}
        for e in session.entries
        if e.kind == Kind.INTEREST_PAUSED and e.sequence not in gone
    ]
    by_day = sorted(found, key=lambda row: row["from"])
    return differ("count", step["count"], len(found)) or differ("variations", step["rows"], by_day)


def last_payment(session, step):
    """The last money in."""
    money = [t for t in session.transactions if t.kind in ("repayment", "down_payment") and not t.reverted]
    repaid = [t for t in money if t.kind == "repayment"]
    for name, found in (("payment", money), ("repayment", repaid)):
        if f"{name}_amount" in step:
            last = max(found, key=lambda t: (t.on, t.order))
            said = differ(
                name,
                (cents(step[f"{name}_amount"]), step[f"{name}_date"]),
                (last.entry.amount, text_of(last.on)),
            )
            if said:
                return said
    return None


HANDLERS = {
    "schedule": schedule,
    "preview_schedule": preview,
    "schedule_totals": totals,
    "transactions": transactions,
    "charges": charges,
    "journal": journal,
    "status": value_of(lambda s: s.status()),
    "total_outstanding": value_of(lambda s: s.unpaid(), cents),
    "overpaid": overpaid,
    "active_installment_count": value_of(
        lambda s: sum(1 for row in s.view().rows if not row.down and not row.extra)
    ),
    "all_installments_paid": value_of(all_paid),
    "closed_obligations_met": value_of(obligations_met),
    "total_overdue": value_of(overdue, cents),
    "interest_overdue": value_of(lambda s: overdue(s, 1), cents),
    "interest_outstanding": value_of(lambda s: sum(r.open(1) for r in s.view().rows), cents),
    "closed_on": value_of(lambda s: s.ended_on if s.status() == "closed_obligations_met" else None, day),
    "unpaid_payable_due_interest": value_of(
        lambda s: sum(r.open(1) for r in s.view().rows if r.due <= s.today), cents
    ),
    "unpaid_payable_not_due_interest": value_of(earned_not_due, cents),
    "charged_off_on": value_of(lambda s: s.charged_off() and s.charged_off().on, day),
    "last_end_of_day": value_of(lambda s: s.closed_days, day),
    "charged_off": value_of(lambda s: s.charged_off() is not None),
    "transaction_amount": transaction_amount,
    "transaction_reverted": transaction_reverted,
    "transaction_count": transaction_count,
    "delinquency_loan": delinquency_loan,
    "delinquency_range": delinquency_range,
    "delinquency_installments": delinquency_instalments,
    "delinquency_actions": delinquency_actions,
    "delinquency_pauses": delinquency_pauses,
    "next_payment": next_payment,
    "maturity_date": maturity,
    "tranches": tranches,
    "term_variations": term_variations,
    "fixed_length_days": value_of(lambda s: s.terms.term_length),
    "available_disbursement": value_of(available, cents),
    "available_disbursement_with_over_applied": value_of(available_over, cents),
    "deferred_capitalized_income": lambda session, step: deferred.check_rows(
        session, step, Kind.INCOME_CAPITALISED, "unrecognised"
    ),
    "buy_down_fees": lambda session, step: deferred.check_rows(
        session, step, Kind.BOUGHT_DOWN, "not_yet_amortised"
    ),
    "amortisation_mapping": deferred.check_mapping,
    "last_payment": last_payment,
    "last_payment_amount": value_of(
        lambda s: (
            max(
                (t for t in s.transactions if t.kind == "repayment" and not t.reverted),
                key=lambda t: (t.on, t.order),
            ).entry.amount
        ),
        cents,
    ),
}
