"""Steps of a case after money has moved: charge-backs, charges, charge-off, write-off, changed terms, pauses, end of day."""

from forbear.engine.live.vocabulary import Kind
from tests.conformance import accruals, deferred
from tests.conformance.cases import cents, day, rate, text_of
from tests.conformance.translate import CALCULATION, PAYMENTS, SPREADS, UNITS, WHEN, NotExpressibleError


class LaterSteps:
    """Mixed into the session, whose journal and transactions they use."""

    def op_add_charge(self, step):
        flat = step["calculation"] == "flat"
        on = day(step["due_on"]) if step.get("due_on") else self.today or self.expected_on
        if step["when"] == "tranche_disbursement" and "place" not in step:
            for place, tranche in enumerate(self.tranches):
                told = step | {"place": place + 1, "amount_of": tranche[1]}
                self.op_add_charge(told | {"due_on": text_of(tranche[0])})
            return
        entry = self.record(
            Kind.FEE_CHARGED,
            on,
            count=step.get("place", 0),
            amount=cents(step["amount"]) if flat else 0,
            rate=0 if flat else rate(step["amount"]),
            share_of=CALCULATION[step["calculation"]],
            when=WHEN[step["when"]],
            component=3 if step["penalty"] else 2,
        )
        self.show("charge", entry, told=step)
        self.known_at = self.today
        if self.draws:
            accruals.at_once(self, entry)

    def op_add_interest_refund(self, step):
        self.give_interest_back(self.find(step["target"]), cents(step["amount"]), by_hand=True)

    def give_interest_back(self, refund, amount, by_hand=False):
        """The interest on a refund is paid back with it."""
        sort = {"payment": PAYMENTS["interest_refund"], "target": refund.entry.sequence}
        entry = self.record(Kind.PAID, refund.on, amount=amount, **sort)
        refund.linked = self.show("interest_refund", entry, told=by_hand)

    def op_waive_charge(self, step):
        target = self.find(step["target"])
        on = target.entry.on if target.entry.when == 0 else self.today
        entry = self.record(Kind.WAIVED, on, target=target.entry.sequence)
        self.show("waive_loan_charges", entry)

    def op_undo_waive_charge(self, step):
        target = self.find(step["target"])
        self.record(Kind.REVERSED, self.today, target=target.entry.sequence)
        target.reverted = True

    def op_charge_adjustment(self, step):
        entry = self.record(
            Kind.PAID, self.today, amount=cents(step["amount"]), payment=PAYMENTS["charge_adjustment"]
        )
        self.show("charge_adjustment", entry)

    def op_charge_off(self, step):
        self.show("charge_off", self.record(Kind.CHARGED_OFF, day(step["date"])), told=self.as_fraud(step))

    def as_fraud(self, step):
        """Whether a loss is booked as one by fraud; a reason that is told has an account of its own."""
        return self.fraud and "reason_code" not in step

    def op_undo_charge_off(self, step):
        target = self.charged_off()
        self.record(Kind.REVERSED, self.today, target=target.entry.sequence)
        target.reverted = True
        deferred.undo_charge_off(self, target)

    def op_terminate_contract(self, step):
        self.show("contract_termination", self.record(Kind.ACCELERATED, self.today))

    def op_undo_terminate_contract(self, step):
        self._undo("contract_termination")

    def op_write_off(self, step):
        self.show("close_as_written_off", self.record(Kind.WRITTEN_OFF, day(step["date"])), told=self.fraud)

    def op_reschedule(self, step):
        if "grace_principal" in step or "grace_interest" in step:
            raise NotExpressibleError("reschedule with grace")
        on = day(step["from_installment_due_on"])
        if "new_due_on" in step:
            self.record(Kind.DUE_DATE_MOVED, on, until=day(step["new_due_on"]))
        if "extra_installments" in step:
            self.record(Kind.EXTENDED, on, count=step["extra_installments"])
        if "new_rate_percent" in step:
            self.record(Kind.RATE_CHANGED, on, rate=rate(step["new_rate_percent"]))

    def op_re_age(self, step):
        first, today = day(step["start_on"]), self.today
        entry = self.record(
            Kind.REAGED,
            min(first, today),
            until=first,
            count=step["installments"],
            every=step["every"],
            unit=UNITS[step["unit"]],
            spread=SPREADS[step["interest_handling"]],
        )
        self.show("re_age", entry)

    def op_undo_re_age(self, step):
        self._undo("re_age")

    def op_re_age_preview(self, step):
        self._preview(self.op_re_age, step)

    def op_re_amortise(self, step):
        spread = SPREADS[step["interest_handling"]]
        self.show("re_amortize", self.record(Kind.REAMORTISED, self.today, spread=spread))

    def op_undo_re_amortise(self, step):
        self._undo("re_amortize")

    def op_re_amortise_preview(self, step):
        self._preview(self.op_re_amortise, step)

    def _preview(self, operation, step):
        saved = self.save()
        operation(step)
        self.preview = self.view()
        self.restore(saved)

    def _undo(self, kind):
        target = next(t for t in reversed(self.transactions) if t.kind == kind and not t.reverted)
        self.record(Kind.REVERSED, self.today, target=target.entry.sequence)
        target.reverted = True

    def op_interest_pause(self, step):
        self.record(Kind.INTEREST_PAUSED, day(step["start_on"]), until=day(step["end_on"]), count=self.step)

    def _pause(self, step):
        return next(
            e for e in self.entries if e.kind == Kind.INTEREST_PAUSED and e.count == step["target"]["step"]
        )

    def op_delete_interest_pause(self, step):
        self.record(Kind.REVERSED, self.today, target=self._pause(step).sequence)

    def op_update_interest_pause(self, step):
        self.op_delete_interest_pause(step)
        self.record(
            Kind.INTEREST_PAUSED,
            day(step["start_on"]),
            until=day(step["end_on"]),
            count=step["target"]["step"],
        )

    def op_delinquency_pause(self, step):
        self.pauses.append(["pause", day(step["start_on"]), day(step["end_on"])])

    def op_delinquency_resume(self, step):
        self.pauses.append(["resume", day(step["start_on"]), None])

    def op_capitalized_income(self, step):
        entry = self.record(Kind.INCOME_CAPITALISED, day(step["date"]), amount=cents(step["amount"]))
        self.show("capitalized_income", entry)

    def op_buy_down_fee(self, step):
        entry = self.record(Kind.BOUGHT_DOWN, day(step["date"]), amount=cents(step["amount"]))
        self.show("buy_down_fee", entry)

    def op_capitalized_income_adjustment(self, step):
        self._adjust(step, Kind.INCOME_ADJUSTED)

    def op_buy_down_fee_adjustment(self, step):
        self._adjust(step, Kind.BUY_DOWN_ADJUSTED)

    def _adjust(self, step, kind):
        target = self.deferred_by(step).entry.sequence
        entry = self.record(kind, day(step["date"]), amount=cents(step["amount"]), target=target)
        self.show(step["op"], entry)

    def deferred_by(self, step):
        """What an adjustment is of: what it names, else the first that stands."""
        if "target" in step:
            return self.find(step["target"])
        return self.standing(step["op"].removesuffix("_adjustment"))

    def op_end_of_day(self, step):
        accruals.end_of_day(self)

    def op_run_job(self, step):
        accruals.job(self, step["job"])

    def op_chargeback(self, step):
        target = self.find(step["target"])
        entry = self.record(
            Kind.CHARGED_BACK, self.today, amount=cents(step["amount"]), target=target.entry.sequence
        )
        self.show("chargeback", entry)
