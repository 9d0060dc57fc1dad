"""One loan of a case: its steps become entries of a journal, and its checks ask the fold."""

import dataclasses
from fractions import Fraction

from forbear.engine.live.terms import LiveEntry
from forbear.engine.live.vocabulary import Kind
from tests.conformance import accruals, deferred, delinquency, refusals
from tests.conformance.cases import cents, day
from tests.conformance.later_steps import LaterSteps
from tests.conformance.refusals import RefusedError
from tests.conformance.tables import transaction_rows
from tests.conformance.translate import PAYMENTS, NotExpressibleError, live_terms
from tests.support.live.levels import to_multiple

RATE_SCALE = 10**10


@dataclasses.dataclass
class Transaction:
    """Something that a table of transactions shows: an entry, or an accrual booked at an end of day."""

    kind: str
    on: int
    order: int
    step: int
    entry: LiveEntry | None = None
    portions: tuple = (0, 0, 0, 0)
    reverted: bool = False
    replayed: bool = False
    linked: object = None
    told: object = None
    last: tuple | None = None
    balance: int = 0
    hidden: bool = False


def tranches_agreed(case):
    """[day, amount] of the tranches expected at the start: the first, and those that no later step adds."""
    told = case["terms"]["disbursement"]["expected_tranches"]
    added = {step["date"] for step in case["steps"] if step.get("op") == "add_expected_tranche"}
    kept = [t for place, t in enumerate(told) if place == 0 or t["date"] not in added]
    return [[day(t["date"]), cents(t["amount"])] for t in kept]


class Session(LaterSteps):
    """State of a case as its steps are taken."""

    def __init__(self, case, system):
        self.case, self.system = case, system
        self.told = case["terms"]
        self.terms = live_terms(self.told)
        self.config = dict(self.told.get("config") or {})
        self.entries, self.transactions = [], []
        self.today = self.known_at = None
        self.approved = self.submitted = 0
        self.expected_on = day(self.told["expected_disbursement_on"])
        self.tranches = tranches_agreed(case)
        self.life = "submitted_and_pending_approval"
        self.closed_days = None
        self.pauses, self.fraud = [], False
        self.sequence = 0
        self.step = 0
        self._view = None
        self.was = self.ended_on = self.accrued_till = None
        self.ranges = {}
        self.added = []
        for told in self.told["charges"]:
            self.added.append(told)

    # --- the journal and what it says

    def record(self, kind, on, **fields):
        """A new entry."""
        self.sequence += 1
        entry = LiveEntry(sequence=self.sequence, kind=kind, on=on, recorded_on=self.today or on, **fields)
        self.entries.append(entry)
        self._view = None
        self.known_at = self.today
        return entry

    def show(self, name, entry, **fields):
        """A transaction that the entry is."""
        self.transactions.append(
            Transaction(name, entry.on, len(self.transactions), self.step, entry, **fields)
        )
        return self.transactions[-1]

    def renumber(self):
        """Orders after one was put between others."""
        for order, t in enumerate(self.transactions):
            t.order = order

    def view(self):
        """The fold of the journal as known."""
        if self._view is None:
            last = max((entry.recorded_on for entry in self.entries), default=0)
            known_at = last if self.known_at is None else self.known_at
            self._view = self.system.fold(self.terms, self.entries, known_at)
        return self._view

    def look_again(self):
        """Interest is computed up to today."""
        self._view = None
        self.known_at = self.today

    @property
    def draws(self):
        """Disbursements that stand."""
        return [t for t in self.transactions if t.kind == "disbursement" and not t.reverted]

    @property
    def drawn(self):
        """Their sum."""
        return sum(t.entry.amount for t in self.draws)

    @property
    def capitalised(self):
        """Income that became principal and stands; what was given back of it is not taken off."""
        return sum(item.amount for item in deferred.standing(self, Kind.INCOME_CAPITALISED))

    def charged_off(self):
        """The standing charge-off."""
        return self.standing("charge_off")

    def terminated(self):
        """The standing end of the contract."""
        return self.standing("contract_termination")

    def written_off(self):
        """The standing write-off."""
        return self.standing("close_as_written_off")

    def standing(self, kind):
        """The first transaction of a kind that is not reversed."""
        return next((t for t in self.transactions if t.kind == kind and not t.reverted), None)

    def unpaid(self):
        """All that is open on the rows."""
        return sum(row.unpaid for row in self.view().rows)

    def status(self):
        """Where the loan stands."""
        if self.life != "active":
            return self.life
        if self.written_off():
            return "closed_written_off"
        if self.unpaid() > 0:
            return "active"
        return "overpaid" if self.view().over > 0 else "closed_obligations_met"

    # --- steps

    def do(self, step):
        """Take a step; refusals are expected where the case says so."""
        self.step = step["i"]
        handler = getattr(self, "op_" + step["op"], None)
        if handler is None:
            raise NotExpressibleError(f"step {step['op']}")
        saved = self.save()
        try:
            refusals.look(self, step)
            handler(step)
        except RefusedError as refused:
            self.restore(saved)
            return None if step.get("rejected") else f"refused: {refused}"
        if step.get("rejected"):
            self.restore(saved)
            return "was not refused"
        self.after(step)
        return None

    def save(self):
        """Everything that a step may change."""
        return (
            list(self.entries),
            [dataclasses.replace(t) for t in self.transactions],
            self.known_at,
            self.life,
            self.approved,
            [list(t) for t in self.tranches],
            list(self.pauses),
            self.was,
            self.ended_on,
            self.accrued_till,
        )

    def restore(self, saved):
        """Back to it."""
        (
            self.entries,
            self.transactions,
            self.known_at,
            self.life,
            self.approved,
            self.tranches,
            self.pauses,
            self.was,
            self.ended_on,
            self.accrued_till,
        ) = saved
        self._view = None

    def after(self, step):
        """Mark what a step replayed, and book the accruals that follow from it."""
        if step["op"] != "set_business_date" and self.draws:
            self.ranges = delinquency.instalments(self)
        if step["op"] in ("set_business_date", "set_fraud_flag", "create_loan", "approve", "end_of_day"):
            return
        if not self.draws:
            return
        self.lift_what_is_empty()
        accruals.refunds_again(self)
        accruals.after(self, step)
        self.mark_replays()

    def lift_what_is_empty(self):
        """A charge-off of nothing is none, and so are a re-ageing and a re-amortising."""
        for t in self.transactions:
            if t.kind not in ("charge_off", "re_age", "re_amortize") or t.reverted:
                continue
            if self.view().outcomes[t.entry.sequence].amount == 0:
                self.record(Kind.REVERSED, self.today, target=t.entry.sequence)
                t.reverted = t.hidden = True

    def mark_replays(self):
        """A transaction whose portions differ from those it had is a replayed one."""
        outcomes = self.view().outcomes
        for t in self.transactions:
            if t.entry is None or t.reverted or t.entry.sequence not in outcomes:
                continue
            out = outcomes[t.entry.sequence]
            now = (out.amount, *out.portions, out.over)
            if t.last is not None and t.last != now:
                t.replayed = True
            t.last = now
        transaction_rows(self)

    def op_set_business_date(self, step):
        self.today = day(step["date"])

    def op_create_loan(self, step):
        self.submitted = cents(self.told["principal"])
        for told in self.added:
            self.op_add_charge(told)

    def op_approve(self, step):
        self.approved = cents(step["amount"])
        self.approved_on = day(step["date"])
        self.expected_on = day(step["expected_disbursement_on"])
        self.life = "approved"

    def op_change_approved_amount(self, step):
        self.approved = cents(step["amount"])

    def op_change_available_disbursement_amount(self, step):
        self.approved = cents(step["amount"]) + refusals.promised(self)

    def op_undo_approval(self, step):
        self.life = "submitted_and_pending_approval"

    def op_reject(self, step):
        self.life = "rejected"

    def op_withdraw(self, step):
        self.life = "withdrawn"

    def op_modify_application(self, step):
        self.told["interest"]["rate_percent"] = step["rate_percent"]
        self.terms = live_terms(self.told)
        self._view = None

    def op_set_fraud_flag(self, step):
        self.fraud = step["value"]

    def op_set_config(self, step):
        self.config[step["key"]] = step["value"]

    def op_add_expected_tranche(self, step):
        self.tranches.append([day(step["date"]), cents(step["amount"])])
        for told in self.added:
            if told["when"] == "tranche_disbursement":
                self.op_add_charge(told | {"place": len(self.tranches), "due_on": step["date"]})

    def op_disburse(self, step):
        on, amount = day(step["date"]), cents(step["amount"])
        if step.get("fixed_emi") or step.get("first_repayment_on"):
            raise NotExpressibleError("disburse with fixed_emi or first_repayment_on")
        over = self.view().over if self.draws else 0
        entry = self.record(Kind.DISBURSED, on, amount=amount)
        paid_out = self.show("disbursement", entry)
        paid_out.replayed = over > 0 and any(e.on > on for e in self.entries)
        self.life = "active"
        due = refusals.meant_tranche(self, on, amount)
        if due:
            due.append(on)
            due[1] = amount
        if self.told["down_payment"]["auto"] and step.get("auto_down_payment", True):
            share = Fraction(amount * self.terms.down_payment, RATE_SCALE)
            part = to_multiple(share, self.terms.multiple) - over
            if part > 0:
                self.show(
                    "down_payment", self.record(Kind.PAID, on, amount=part, payment=PAYMENTS["down_payment"])
                )
        if self.view().outcomes[entry.sequence].fees:
            self.transactions.insert(
                self.transactions.index(paid_out) + 1, self.show("repayment_at_time_of_disbursement", entry)
            )
            self.transactions.pop()
            self.renumber()

    def op_undo_disbursal(self, step):
        gone = {e.target for e in self.entries if e.kind == Kind.REVERSED}
        for e in list(self.entries):
            if e.kind not in (Kind.REVERSED, Kind.FEE_CHARGED) and e.sequence not in gone:
                self.record(Kind.REVERSED, self.today, target=e.sequence)
        for t in self.transactions:
            if t.kind != "charge":
                t.reverted = t.hidden = True
        self.life = "approved"
        for t in self.tranches:
            del t[2:]

    def op_undo_last_disbursal(self, step):
        last = self.draws[-1]
        self.tranches = [t for t in self.tranches if t[2:] != [last.on] or t[1] != last.entry.amount]
        for t in self.transactions:
            stays = t.kind in ("charge", "capitalized_income", "buy_down_fee")
            if t.order >= last.order and not t.reverted and t.entry and not stays:
                t.reverted = t.hidden = True
                if t.entry:
                    self.record(Kind.REVERSED, self.today, target=t.entry.sequence)

    def op_payment(self, step):
        name = "refund" if step["type"] == "refund_by_cash" else step["type"]
        on, amount = day(step["date"]), cents(step["amount"])
        if name == "refund":
            self.show("refund", self.record(Kind.PAYMENT_RETURNED, on, amount=amount))
            return
        refund = 0
        if self.wants_interest_refund(step):
            refund = accruals.interest_refund(self, on, amount, PAYMENTS[name], self.entries)
        paid = self.show(name, self.record(Kind.PAID, on, amount=amount, payment=PAYMENTS[name]))
        if refund > 0:
            self.give_interest_back(paid, refund)

    def wants_interest_refund(self, step):
        """Whether a refund also gives back the interest on it."""
        told = step.get("interest_refund")
        asked = step["type"] in self.told["interest_refund_on"] if told is None else told
        return asked and self.terms.rate > 0

    def op_payoff(self, step):
        on = day(step["date"])
        amount = self.system.payoff(self.terms, self.entries, on)
        self.show("repayment", self.record(Kind.PAID, on, amount=amount, payment=PAYMENTS["repayment"]))

    def op_credit_balance_refund(self, step):
        entry = self.record(Kind.REFUNDED, day(step["date"]), amount=cents(step["amount"]))
        self.show("credit_balance_refund", entry)

    def find(self, target):
        """The transaction that a target means."""
        if "step" in target:
            return next(t for t in self.transactions if t.step == target["step"])
        told = target.get("resolved") or {}
        wanted = told.get("type") or target["type"]
        on = told.get("date") or target.get("date")
        amount = told.get("amount") or target.get("amount")
        found = [
            t
            for t in sorted(self.transactions, key=lambda t: (t.on, t.order))
            if (t.kind == wanted or (wanted == "any" and t.kind != "charge"))
            and (on is None or t.on == day(on))
        ]
        if told and amount:
            exact = [t for t in found if t.entry and t.entry.amount == cents(amount)]
            if exact and target.get("nth", 1) > len(exact):
                return exact[-1]
            return (exact or found)[min(target.get("nth", 1), len(exact or found)) - 1]
        return found[target.get("nth", 1) - 1]

    def op_reverse(self, step):
        target = self.find(step["target"])
        if target.entry is None:
            target.reverted = True
            return
        self.record(Kind.REVERSED, self.today, target=target.entry.sequence)
        target.reverted = True
        if target.linked:
            self.record(Kind.REVERSED, self.today, target=target.linked.entry.sequence)
            target.linked.reverted = True

    def op_adjust_payment(self, step):
        target = self.find(step["target"])
        self.op_reverse(step)
        entry = self.record(
            Kind.PAID, day(step["date"]), amount=cents(step["amount"]), payment=target.entry.payment
        )
        self.show(target.kind, entry)
