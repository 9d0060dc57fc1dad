"""The position of a live loan by the oracle: docs/algorithms/live-schedule.md, section 13, in plain Python."""

from fractions import Fraction

from forbear.engine.vocabulary import EntryKind, Status
from tests.support.live import moves
from tests.support.live.book import MONEY, OWN, told
from tests.support.live.fold import Loan
from tests.support.live.model import half_even

NAMES = ("principal", "interest", "fee", "penalty")


def position(case, as_of):
    """What the page says of a day, under the names of POSITION."""
    terms, entries = told(case, as_of)
    loan = Loan(terms, entries).run(as_of)
    begun = bool(loan.draws)
    rows = loan.rows if begun else []
    due = [row for row in rows if row.due <= as_of]
    coming = [row for row in rows if row.due > as_of]
    found = {f"due_{n}": sum(row.open(c) for row in due) for c, n in enumerate(NAMES)}
    found |= {f"overdue_{n}": sum(row.open(c) for row in due if row.due < as_of) for c, n in enumerate(NAMES)}
    found["undue"] = sum(row.open(0) for row in coming)
    found["principal"] = found["due_principal"] + found["undue"]
    found["ahead_charges"] = sum(row.open(2) + row.open(3) for row in coming)
    totals(found, case, loan, rows, as_of)
    earned, ahead = interest(loan, rows, as_of)
    written = sum(found[f"written_off_{n}"] for n in NAMES)
    found["recovered"] = min(loan.over, written) if begun else 0
    settle_credit(found, loan, begun=begun)
    still = written - found["recovered"]
    owed = (
        sum(found[f"due_{n}"] for n in NAMES)
        + found["undue"]
        + found["ahead_charges"]
        + max(earned, ahead)
        + still
    )
    found["status"] = status(loan, owed, begun=begun)
    runs = found["status"] in (Status.ACTIVE, Status.CHARGED_OFF)
    found["accrued_interest"] = earned if runs else 0
    found["ahead_interest"] = ahead if runs else 0
    asked = max(found["accrued_interest"], found["ahead_interest"])
    settled = owed - max(earned, ahead) + asked
    found["payoff"] = max(0, settled - found["credit"])
    age(found, case, rows, as_of)
    open_rows = [row for row in coming if row.unpaid > 0] if runs else []
    found["next_due_on"] = min((row.due for row in open_rows), default=None)
    same = sum(row.unpaid for row in open_rows if row.due == found["next_due_on"])
    found["next_due_amount"] = max(0, same - found["credit"]) if open_rows else 0
    return found


def totals(found, case, loan, rows, as_of):
    """Totals of the journal and of the rows."""
    gone = {e.target for e in case.entries if e.kind == EntryKind.REVERSED}
    stands = [e for e in case.entries if e.sequence not in gone and e.on <= as_of]
    fees = sum(o.fees for o in loan.outcomes.values())
    found["disbursed"] = sum(e.amount for e in stands if e.kind == EntryKind.DISBURSED)
    found["received"] = sum(e.amount for e in stands if e.kind in MONEY and e.kind not in OWN) + fees
    found["credited"] = sum(e.amount for e in stands if e.kind in OWN)
    found["refunded"] = sum(e.amount for e in stands if e.kind == EntryKind.REFUNDED)
    found["charged_back"] = sum(e.amount for e in stands if e.kind == EntryKind.CHARGED_BACK)
    for c, n in enumerate(NAMES):
        back = sum(row.taken[c] for row in rows) if c else 0
        found[f"paid_{n}"] = sum(row.paid[c] for row in rows) - back + (fees if c == 2 else 0)
        found[f"waived_{n}"] = sum(row.waived[c] for row in rows)
        found[f"written_off_{n}"] = sum(row.written[c] for row in rows)
        if c:
            found[f"charged_{n}"] = sum(
                found[f"{what}_{n}"] for what in ("due", "paid", "waived", "written_off")
            )


def settle_credit(found, loan, *, begun):
    """The credit, and what has been waived where the money would not add up otherwise."""
    owed_again = (
        found["principal"]
        + sum(found[f"{what}_principal"] for what in ("paid", "waived", "written_off"))
        - found["disbursed"]
    )
    came = found["received"] + found["credited"] + owed_again
    went = sum(found[name] for name in ("recovered", "refunded", "charged_back"))
    adds_up = came - went - sum(found[f"paid_{n}"] for n in NAMES)
    found["credit"] = loan.over - found["recovered"] if begun else adds_up
    found["waived_principal"] += found["credit"] - adds_up


def status(loan, owed, *, begun):
    """Where the loan stands."""
    if not begun:
        return Status.PENDING
    if owed == 0:
        return Status.CLOSED
    if loan.written_off_on is not None:
        return Status.WRITTEN_OFF
    return Status.ACTIVE if loan.charged_off_on is None else Status.CHARGED_OFF


def interest(loan, rows, as_of):
    """Interest earned and not due, less what of it is settled; and what a payoff asks at least."""
    coming = [row for row in rows if row.due > as_of]
    if not rows:
        return 0, 0
    if not loan.live:
        earned = -sum(row.paid[1] + row.waived[1] + row.written[1] for row in coming)
        for row in coming:
            if not row.down and not row.extra and row.start <= as_of:
                earned += half_even(Fraction(row.claimed[1] * (as_of - row.start), row.due - row.start))
                break
        return earned, sum(row.open(1) for row in coming)
    now = sum(moves.open_till(loan.model, as_of))
    normal = [row for row in rows if not row.down and not row.extra]
    earned = now - sum(row.open(0) for row in normal)
    earned -= sum(row.open(1) for row in normal if row.due <= as_of)
    earned += sum(row.open(1) for row in coming if row not in normal)
    if loan.terms.payoff_to_due_date:
        for period in loan.model.periods:
            if period.start < as_of <= period.end:
                return earned, earned + sum(moves.open_till(loan.model, period.end)) - now
    return earned, 0


def age(found, case, rows, as_of):
    """Days past due, bucket, recognition."""
    late = [row for row in rows if row.due < as_of and row.unpaid > case.product.tolerance]
    oldest = min((row.due for row in late), default=None)
    found["oldest_due_on"] = oldest
    days = found["days_past_due"] = as_of - oldest if late else 0
    found["bucket"] = sum(1 for bound in case.product.buckets if late and bound <= days)
    found["nonaccrual"] = int(found["status"] == Status.CHARGED_OFF)
    bound = case.product.nonaccrual_after
    if found["status"] == Status.ACTIVE and bound and late:
        spans = [(row.due + 1, as_of) for row in late]
        spans += [(row.due + 1, row.met_on - 1) for row in rows if row.met_on is not None]
        begin, lasted = oldest + 1, days >= bound
        while not lasted:  # backwards through the days on which some row was late
            joined = [span for span in spans if span[0] < begin <= span[1] + 1]
            if not joined:
                break
            lasted = any(end - first + 1 >= bound for first, end in joined)
            begin = min(first for first, _ in joined)
        found["nonaccrual"] = int(lasted)
