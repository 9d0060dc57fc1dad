"""Changes of a loan: docs/algorithms/changes.md in exact fractions and plain Python.

Written from that page alone. `oracle_fold.py` has the days, the rows and the money that this builds on.
"""

import heapq
import math
from fractions import Fraction

from tests.support.oracle_accrual import CHARGES, NEVER, Loan, PlanRow, rounded
from tests.support.oracle_dates import civil, step


def ascending(dates):
    """Each date after the one before it."""
    out = dates[:1]
    for due_on in dates[1:]:
        out.append(max(due_on, out[-1] + 1))
    return out


class Changes(Loan):
    """What the entries of the page do; `oracle_fold.Fold` calls them by the name of their kind."""

    def wake(self, day):
        """Something may happen on that day."""
        if day < NEVER:
            heapq.heappush(self.days, day)

    # --- section 1

    def on_rate_changed(self, entry):
        if self.ended:
            return
        self.changes.append((self.today, entry.component, entry.rate))
        self.rate, self.penalty_rate = self.rates_on(self.today)
        if entry.component == "interest" and self.terms.repricing == "relevel" and self.plan:
            self.amortise(self.today, level_only=True)

    # --- section 2

    def on_interest_paused(self, entry):
        if not self.ended:
            self.interest_paused_to = max(self.interest_paused_to, entry.until or NEVER)
            self.wake(self.interest_paused_to)

    def on_delinquency_paused(self, entry):
        if not self.ended:
            self.ageing_paused_to = max(self.ageing_paused_to, entry.until or NEVER)
            self.wake(self.ageing_paused_to)

    def on_delinquency_resumed(self, _entry):
        if not self.ended:
            self.ageing_paused_to = min(self.ageing_paused_to, self.today)

    def on_moratorium_started(self, entry):
        if not self.ended:
            self.moratorium_to = max(self.moratorium_to, entry.until or NEVER)
            self.wake(self.moratorium_to)

    def on_moratorium_ended(self, _entry):
        if not self.ended:
            self.moratorium_to = min(self.moratorium_to, self.today)

    # --- section 3

    def stepped(self, day, periods):
        terms = self.terms
        return step(day, periods, terms.unit, terms.every, self.due_day, terms.month_end == "roll")

    def date_rows(self, dates):
        """Give the rows to come their dates; the running period goes on to the first of them."""
        for row, due_on in zip(self.plan, ascending(dates), strict=True):
            row.due_on = due_on
            self.wake(due_on)
        if self.period_start is not None:
            self.period_end = dates[0]

    def on_due_date_moved(self, entry):
        if not self.started or not self.plan or entry.until <= self.today:
            return
        self.due_day = civil(entry.until)[2]
        self.date_rows([self.stepped(entry.until, j) for j in range(len(self.plan))])
        self.next_asked = entry.amount

    def on_payment_holiday(self, entry):
        if self.started and self.plan:
            self.date_rows([self.stepped(row.due_on, entry.count) for row in self.plan])
            self.amortise(self.today)

    def on_extended(self, entry):
        if self.started and self.plan:
            last = self.plan[-1].due_on
            dates = ascending([last] + [self.stepped(last, j) for j in range(1, entry.count + 1)])
            self.plan += [PlanRow(due_on, 0) for due_on in dates[1:]]
            for row in self.plan:
                self.wake(row.due_on)
            self.amortise(self.today)

    # --- section 4

    def defer(self):
        """All that is unpaid of the rows becomes due later."""
        for row in self.rows:
            row.own = Fraction(0)
            for component, amount in row.give_up().items():
                if component == "principal":
                    self.undue += amount
                else:
                    self.deferred[component] += amount

    def on_reamortised(self, _entry):
        if self.started and self.plan:
            self.become_money()
            self.defer()
            self.amortise(self.today)

    def on_reaged(self, entry):
        if not self.started or self.ended or entry.until <= self.today:
            return
        if not self.outstanding() and not self.put_off():
            return
        running = self.plan != []
        self.become_money()
        self.defer()
        self.due_day = civil(entry.until)[2]
        count = entry.count
        part = self.undue // count if self.terms.kind == "custom" else 0
        dates = ascending([self.stepped(entry.until, j) for j in range(count)])
        self.plan = [PlanRow(due_on, part) for due_on in dates]
        for row in self.plan:
            self.wake(row.due_on)
        if running:
            self.period_end = entry.until
        else:
            self.interest, self.interest_taken = Fraction(0), 0
            self.start_period(self.today)
        self.amortise(self.today)

    def deferred_part(self, component):
        """What the next row asks of a deferred sum."""
        if self.interest_grace():
            return 0
        return self.deferred[component] // len(self.plan)

    def claim_deferred(self, row):
        """All deferred sums become due with this row."""
        for component in CHARGES:
            row.claim(component, self.deferred[component])
            self.deferred[component] = 0

    # --- section 5

    def on_accelerated(self, _entry):
        if not self.started or not self.plan:
            return
        interest = self.take_interest()
        if interest or self.undue or self.put_off():
            row = self.new_row(self.today)
            row.claim("interest", interest)
            row.claim("principal", self.undue)
            self.claim_deferred(row)
        self.undue, self.plan = 0, []
        if self.terms.interest == "flat":
            self.per_day = Fraction(0)

    def on_charged_off(self, entry):
        if not self.started or self.ended:
            return
        self.charged_off = True
        if self.terms.charge_off == "zero_interest":
            self.interest_paused_to = NEVER
        if self.terms.charge_off == "accelerate":
            self.on_accelerated(entry)

    def on_sold(self, entry):
        if self.started and not self.sold:
            self.on_written_off(entry)
            self.sold = True
            self.proceeds += entry.amount

    # --- section 6

    def on_goodwill_credited(self, entry):
        self.credited += entry.amount
        self.credit += entry.amount

    on_interest_refunded = on_goodwill_credited

    def on_paid_to_component(self, entry):
        self.received += entry.amount
        rest = entry.amount if self.ended else self.reduce_component("paid", entry.component, entry.amount)
        self.credit += rest

    def on_paid_to_instalment(self, entry):
        self.received += entry.amount
        rest = entry.amount
        if not self.ended and self.started:
            self.become_money()
            order = self.order_now()
            rows = [row for row in self.rows if row.due_on == entry.until]
            for row in rows:
                for component in order:
                    rest -= row.reduce("paid", component, rest)
        self.credit += rest

    def reduce_component(self, move, component, amount):
        """Pay or waive one component: rows first, then what is not yet due; what is left."""
        self.become_money()
        rest = amount
        for row in self.rows:
            rest -= row.reduce(move, component, rest)
        early = min(rest, self.undue if component == "principal" else self.deferred[component])
        if early:
            row = self.new_row(self.today)
            row.claim(component, early)
            rest -= row.reduce(move, component, early)
            if component == "principal":
                self.undue -= early
            else:
                self.deferred[component] -= early
            if move == "paid" and component == "principal" and self.terms.prepayment == "lower" and self.plan:
                self.amortise(self.today)
        return rest

    # --- section 7

    def principal_grace(self):
        """How many of the rows to come ask no principal."""
        return max(0, min(self.terms.principal_grace - self.passed, len(self.plan) - 1))

    def interest_grace(self):
        """Whether the next row's interest is deferred."""
        return self.passed < self.terms.interest_grace and len(self.plan) > 1

    def row_fee(self, asked):
        """The fee of a planned row that asks for so much principal and interest; what is wanted of it."""
        terms = self.terms
        return terms.row_fee_flat + rounded(terms.row_fee_rate * asked, "half_up") if asked else 0

    def draw_fee(self, amount):
        terms = self.terms
        self.own_row(
            "fee", self.charge_fee(terms.draw_fee_flat + rounded(terms.draw_fee_rate * amount, "half_up"))
        )

    # --- section 8

    def on_restructured(self, entry):
        version = next((v for v in self.versions if v.number == entry.count), None)
        if version is None or not self.started or self.ended or version.first_due_on <= self.today:
            return
        if not self.outstanding() and not self.put_off():
            return
        self.become_money()
        self.on_accelerated(entry)
        self.defer()
        for component in version.capitalise:
            amount, self.deferred[component] = self.deferred[component], 0
            self.capitalised[component] += amount
            self.undue += amount
        charged = sum(self.totals["charged"][c] for c in CHARGES)
        self.cap = Fraction(math.floor(self.cap) if self.terms.cost_cap else charged)
        self.interest = self.penalty = Fraction(0)
        self.interest_taken = self.penalty_taken = self.passed = self.next_asked = 0
        self.flat_share = self.flat_residue = 0
        self.terms, self.changes, self.due_day = version.terms, [], version.terms.due_day
        self.rate, self.penalty_rate = self.rates_on(self.today)
        self.begin_rows(version)

    def begin_rows(self, version):
        """The rows of a version, as if all that is outstanding were drawn today."""
        first, count = version.first_due_on, version.count
        part = self.undue // count if self.terms.kind == "custom" else 0
        dates = ascending([self.stepped(first, j) for j in range(count)])
        self.plan = [PlanRow(due_on, part) for due_on in dates]
        for row in self.plan:
            self.wake(row.due_on)
        self.anchor, self.per_day = self.today, Fraction(0)
        self.start_period(self.today)
        if self.terms.interest == "flat":
            self.spread_flat(self.undue)
        self.amortise(self.today, self.terms.instalment)
