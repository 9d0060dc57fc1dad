"""The oracle's days, rows and money: docs/algorithms/fold.md, sections 2, 3, 5 and 6, in exact fractions and plain Python."""

import heapq
from fractions import Fraction

from tests.support.oracle_accrual import CHARGES, COMPONENTS, Row, multiple_of, rounded
from tests.support.oracle_changes import Changes
from tests.support.oracle_dates import index

RANKS = (
    *("disbursed", "rate_changed", "moratorium_ended", "moratorium_started", "interest_paused"),
    *("delinquency_resumed", "delinquency_paused", "fee_charged", "charged_back", "waived"),
    *("paid_to_instalment", "paid_to_component", "paid", "recovered", "merchant_refunded"),
    *("goodwill_credited", "interest_refunded", "refunded", "due_date_moved", "payment_holiday"),
    *(
        "extended",
        "reamortised",
        "reaged",
        "restructured",
        "accelerated",
        "charged_off",
        "written_off",
        "sold",
    ),
)


class Fold(Changes):
    """The loan, day by day."""

    # --- the passage of time

    def run(self, as_of):
        """Fold all days up to and with as_of."""
        while self.days and self.days[0] <= as_of:
            day = heapq.heappop(self.days)
            if self.today is None or day > self.today:
                if self.today is not None:
                    self.age(day - 1)
                self.do_day(day)
        if self.today is not None and self.today < as_of:
            self.accrue(as_of)
            self.age(as_of)
        self.today = as_of
        return self

    def do_day(self, day):
        """The six steps of section 3."""
        self.accrue(day)
        self.rate, self.penalty_rate = self.rates_on(day)
        self.fall_due(day)
        self.charge_late(day)
        self.end_graces(day)
        entries = self.entries.get(day, [])
        for entry in sorted(entries, key=lambda e: (RANKS.index(e.kind), e.order, e.key)):
            getattr(self, "on_" + entry.kind)(entry)
            self.apply_credit()
        self.close_day(day)
        self.age(day)

    def close_day(self, day):
        """What a period costs is fixed at the end of the day it starts on; a row no longer late loses its grace sum."""
        if self.period_start is None and self.started and not self.ended and self.outstanding():
            self.start_period(day)
        if self.terms.interest == "period" and day == self.period_start:
            self.per_day = self.period_per_day()
        for row in self.rows:
            if row.total - row.unpaid["penalty"] <= self.terms.tolerance:
                row.own = Fraction(0)

    def age(self, day):
        """Accrual status at the end of a day."""
        late = self.late(day)
        if self.terms.nonaccrual_after and late and self.days_late(day) >= self.terms.nonaccrual_after:
            self.nonaccrual = True
        if not late or self.lost or self.nothing_owed():
            self.nonaccrual = False
        if self.charged_off and not self.lost and not self.nothing_owed():
            self.nonaccrual = True

    def rates_on(self, day):
        """Interest and penalty rate in force; the cap bounds the penalty."""
        terms, rate, penalty = self.terms, Fraction(0), Fraction(0)
        steps = [(start if start is not None else -1, 0, step) for start, *step in terms.rates]
        steps += [(start, 1, (component, new)) for start, component, new in self.changes]
        for start, by_entry, step in sorted(steps, key=lambda s: s[:2]):
            if start > day:
                break
            if not by_entry:
                rate, penalty = step
            elif step[0] == "interest":
                rate = step[1]
            else:
                penalty = step[1]
        if terms.cost_cap:
            rate = min(rate, terms.cost_cap)
            contract = rate if terms.overdue_interest == "continues" else 0
            penalty = min(penalty, max(Fraction(0), terms.cost_cap - contract))
        return rate, penalty

    # --- rows (section 5)

    def new_row(self, due_on, planned=False):
        row = Row(due_on, planned, self.totals, self.paused_days)
        self.rows.append(row)
        heapq.heappush(self.days, self.grace_ends(row))
        if planned:
            heapq.heappush(self.days, due_on + self.terms.late_grace + 1)
        return row

    def start_period(self, day):
        """After the last planned row a period is as long as the one last begun, and its sums run on."""
        self.period_start = day
        if self.plan:
            self.period_days = self.plan[0].due_on - day
        self.period_end = day + self.period_days
        if not self.plan and self.terms.interest == "period":
            self.wake(self.period_end)
        if self.terms.interest == "flat":
            self.per_day = Fraction(self.flat_of_next(), self.period_days) if self.plan else Fraction(0)

    def flat_of_next(self):
        return self.flat_share + (self.flat_residue if len(self.plan) == 1 else 0)

    def amortise(self, day, fixed=0, level_only=False):
        """Spread the principal not yet due over the rows not yet due."""
        terms, grace = self.terms, self.principal_grace()
        paying = self.plan[grace:]
        if terms.kind == "equal_principal" and not level_only:
            exact = Fraction(self.undue, len(paying))
            self.part = multiple_of(exact, terms.multiple, terms.instalment_rounding)
        if terms.kind != "equal_instalment":
            return
        present, value = Fraction(1), Fraction(0)
        start = self.plan[grace - 1].due_on if grace else day
        for row in paying:
            fraction = terms.period_fraction * self.rates_on(start)[0]
            if terms.interest == "daily":
                anchor = self.anchor if start == day else start
                fraction = self.rates_on(start)[0] * index(terms.day_count, anchor, start, row.due_on)
            present /= 1 + fraction
            value += present
            start = row.due_on
        exact = Fraction(rounded(self.undue / value * 10_000, "half_up"), 10_000)
        self.level = fixed or multiple_of(exact, terms.multiple, terms.instalment_rounding)

    def principal_of(self, row, interest):
        """What the next planned row asks of principal, given its interest."""
        kind = self.terms.kind
        if len(self.plan) == 1:
            return self.undue
        if self.principal_grace():
            return 0
        if self.next_asked:
            return min(max(self.next_asked - interest, 0), self.undue)
        if kind == "equal_instalment":
            return min(max(self.level - interest, 0), self.undue)
        if kind == "equal_principal":
            return min(self.part, self.undue)
        return min(row.principal, self.undue) if kind == "custom" else 0

    def fall_due(self, day):
        """A planned row falls due, or a period after the last one ends."""
        if not self.plan or self.plan[0].due_on != day:
            if self.period_start is not None and not self.plan and day == self.period_end:
                self.period_start = None  # the next begins at the end of the day, if anything is outstanding
            return
        if not self.started:
            self.pass_row()
            return
        interest = self.take_interest()
        principal = self.principal_of(self.plan[0], interest)
        deferred = {component: self.deferred_part(component) for component in CHARGES}
        if self.interest_grace():
            self.deferred["interest"] += interest
            interest = 0
        self.pass_row()
        self.undue -= principal
        self.next_asked = 0
        fee = self.row_fee(interest + principal)
        fee = self.charge_fee(fee) if fee else 0
        if interest or principal or any(deferred.values()):
            row = self.new_row(day, planned=True)
            row.claim("interest", interest)
            row.claim("principal", principal)
            row.claim("fee", fee)
            for component, amount in deferred.items():
                row.claim(component, amount)
                self.deferred[component] -= amount
        if self.terms.interest_residue == "dropped":
            self.interest, self.interest_taken = Fraction(0), 0
        self.anchor, self.period_start = day, None
        if self.plan:
            self.start_period(day)
        self.apply_credit()

    def pass_row(self):
        self.plan.pop(0)
        self.passed += 1

    def charge_late(self, day):
        terms = self.terms
        if self.ended or not (terms.late_flat or terms.late_rate):
            return
        for row in self.late(day):
            if row.planned and row.due_on + terms.late_grace + 1 == day:
                wanted = max(
                    terms.late_flat, rounded(terms.late_rate * (row.total - row.unpaid["penalty"]), "half_up")
                )
                wanted = min(wanted, terms.late_most or wanted)
                row.claim("fee", self.charge_fee(wanted))

    def end_graces(self, day):
        if self.terms.penalty_retroactive:
            for row in self.late(day):
                if self.grace_ends(row) == day:
                    self.penalty += row.own
                    row.own = Fraction(0)

    # --- entries (sections 2 and 6); the credit is applied, or the loan settled, after each

    def own_row(self, component, amount):
        if amount:
            self.new_row(self.today).claim(component, amount)

    def on_disbursed(self, entry):
        terms, day, amount = self.terms, self.today, entry.amount
        first, self.started = not self.started, True
        self.disbursed += amount
        if first:
            self.anchor = day
            self.start_period(day)
        if terms.interest == "period" and self.period_start not in {None, day}:
            self.per_day += amount * self.rate * terms.period_fraction / self.period_days
        if not self.plan:
            self.own_row("principal", amount)
            self.draw_fee(amount)
            return
        down = min(
            amount, multiple_of(amount * terms.down_payment, terms.multiple, terms.instalment_rounding)
        )
        if down:
            self.new_row(day, planned=True).claim("principal", down)
        self.undue += amount - down
        if terms.interest == "flat":
            self.spread_flat(amount - down)
        self.amortise(day, terms.instalment if first else 0)
        self.draw_fee(amount)

    def spread_flat(self, amount):
        """The draw's interest over the rows to come, in equal whole parts, the residue on the last."""
        m = len(self.plan)
        whole = amount * self.rate * self.terms.period_fraction * m
        total = rounded(whole, self.terms.interest_rounding)
        self.flat_share += total // m
        self.flat_residue += total % m
        part = total // m + (total % m if m == 1 else 0)
        self.per_day += Fraction(part, self.period_days)
        self.interest += Fraction(part * (self.today - self.period_start), self.period_days)

    def on_fee_charged(self, entry):
        self.own_row("fee", self.charge_fee(entry.amount))

    def take_from_credit(self, amount):
        """Money goes out: from the credit, and the rest is owed as principal."""
        from_credit = min(amount, self.credit)
        self.credit -= from_credit
        self.own_row("principal", amount - from_credit)

    def on_charged_back(self, entry):
        self.charged_back += entry.amount
        self.take_from_credit(entry.amount)

    def on_refunded(self, entry):
        self.refunded += entry.amount
        self.take_from_credit(entry.amount)

    def on_paid(self, entry):
        self.received += entry.amount
        self.credit += entry.amount

    on_recovered = on_merchant_refunded = on_paid

    def on_waived(self, entry):
        self.reduce_component("waived", entry.component, entry.amount)

    def on_written_off(self, _entry):
        self.become_penalty()
        self.all_falls_due()
        self.ended = True
        self.allocate()
        for row in self.rows:
            for component in COMPONENTS:
                self.lost_sum += row.reduce("written_off", component, row.unpaid[component])
        self.lost = True

    # --- money in (section 6)

    def apply_credit(self):
        """The credit is used, and a loan on which nothing is owed is settled, also where there is no credit."""
        if self.credit:
            self.use_credit()
        if self.started:
            self.settle()

    def use_credit(self):
        if self.lost:
            recovery = min(self.credit, self.claim_left())
            self.recovered += recovery
            self.credit -= recovery
        self.become_money()
        self.allocate()
        self.prepay()

    def allocate(self):
        terms, rows, order = self.terms, [row for row in self.rows if row.total], self.order_now()
        if terms.vertical:
            turns = [(row, component) for component in order for row in rows]
        else:
            turns = [(row, component) for row in rows for component in order]
        for row, component in turns:
            self.credit -= row.reduce("paid", component, self.credit)

    def order_now(self):
        terms = self.terms
        aged = terms.order_after_days and self.days_late(self.today) >= terms.order_after_days
        return terms.order_after if aged else terms.order

    def next_asks(self):
        """N: what the next planned row will ask, its interest carried on at the present slope."""
        row = self.plan[0]
        exact = self.interest + self.interest_over(self.today, row.due_on)
        interest = rounded(exact, self.terms.interest_rounding) - self.interest_taken
        principal = self.principal_of(row, interest)
        if self.interest_grace():
            interest = 0
        fee = self.row_fee(interest + principal) if row.due_on >= self.moratorium_to else 0
        return interest + principal + fee + sum(self.deferred_part(component) for component in CHARGES)

    def prepay(self):
        if self.terms.prepayment == "next" or not self.plan:
            return
        excess = min(self.credit - self.next_asks(), self.undue)
        if excess <= 0:
            return
        self.undue -= excess
        self.credit -= excess
        row = self.new_row(self.today)
        row.claim("principal", excess)
        row.reduce("paid", "principal", excess)
        if self.terms.prepayment == "lower":
            self.amortise(self.today)

    def settle(self):
        """The credit pays all there is."""
        if not self.lost and self.credit >= self.owed():
            self.become_penalty()
            self.all_falls_due()
            self.allocate()

    def all_falls_due(self):
        """Principal and interest not yet due become a row; no planned row is left, and the sums end at nothing."""
        interest = self.take_interest()
        if interest or self.undue or self.put_off():
            row = self.new_row(self.today)
            row.claim("interest", interest)
            row.claim("principal", self.undue)
            self.claim_deferred(row)
        self.undue, self.plan = 0, []
        self.interest, self.interest_taken = Fraction(0), 0
        self.penalty, self.penalty_taken = Fraction(0), 0
        self.period_start, self.per_day = None, Fraction(0)
