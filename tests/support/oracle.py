"""The fold, written again from docs/algorithms/fold.md alone: exact fractions, plain Python, slow and obvious.

`position(terms, entries, as_of)` and `instalments(terms, entries, as_of)` are the API. Terms and entries are those of
`tests/support/cases.py`; days are whole numbers since 1970-01-01; money is whole minor units.
"""

import heapq
from fractions import Fraction

from tests.support.oracle_accrual import COMPONENTS, MOVES, Loan, Row, multiple_of, rounded
from tests.support.oracle_dates import index

RANKS = ("disbursed", "fee_charged", "charged_back", "waived", "paid", "recovered", "refunded", "written_off")


class Fold(Loan):
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
        if self.terms.nonaccrual_after and late and day - late[0].due_on >= self.terms.nonaccrual_after:
            self.nonaccrual = True
        if not late or self.lost or self.nothing_owed():
            self.nonaccrual = False

    def rates_on(self, day):
        """Interest and penalty rate in force; the cap bounds the penalty."""
        terms, rate, penalty = self.terms, Fraction(0), Fraction(0)
        for from_day, interest_rate, penalty_rate in terms.rates:
            if from_day is None or from_day <= day:
                rate, penalty = interest_rate, penalty_rate
        if terms.cost_cap:
            rate = min(rate, terms.cost_cap)
            contract = rate if terms.overdue_interest == "continues" else 0
            penalty = min(penalty, max(Fraction(0), terms.cost_cap - contract))
        return rate, penalty

    # --- rows (section 5)

    def new_row(self, due_on, planned=False):
        row = Row(due_on, planned, self.totals)
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
        elif self.terms.interest == "period":
            heapq.heappush(self.days, day + self.period_days)
        if self.terms.interest == "flat":
            self.per_day = Fraction(self.plan[0].flat, self.period_days) if self.plan else Fraction(0)

    def amortise(self, day, fixed=0):
        """Spread the principal not yet due over the rows not yet due."""
        terms, m = self.terms, len(self.plan)
        if terms.kind == "equal_principal":
            self.part = multiple_of(Fraction(self.undue, m), terms.multiple, terms.instalment_rounding)
        if terms.kind != "equal_instalment":
            return
        present, value, start = Fraction(1), Fraction(0), day
        for row in self.plan:
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
        if kind == "equal_instalment":
            return min(max(self.level - interest, 0), self.undue)
        if kind == "equal_principal":
            return min(self.part, self.undue)
        return min(row.principal, self.undue) if kind == "custom" else 0

    def fall_due(self, day):
        """A planned row falls due, or a period after the last one ends."""
        if not self.plan or self.plan[0].due_on != day:
            if (
                self.period_start is not None
                and not self.plan
                and day == self.period_start + self.period_days
            ):
                self.period_start = None  # the next begins at the end of the day, if anything is outstanding
            return
        if not self.started:
            self.plan.pop(0)
            return
        interest = self.take_interest()
        principal = self.principal_of(self.plan[0], interest)
        self.plan.pop(0)
        self.undue -= principal
        if interest or principal:
            row = self.new_row(day, planned=True)
            row.claim("interest", interest)
            row.claim("principal", principal)
        if self.terms.interest_residue == "dropped":
            self.interest, self.interest_taken = Fraction(0), 0
        self.anchor, self.period_start = day, None
        if self.plan:
            self.start_period(day)
        self.apply_credit()

    def charge_late(self, day):
        terms = self.terms
        if self.ended or not (terms.late_flat or terms.late_rate):
            return
        for row in self.late(day):
            if row.planned and row.due_on + terms.late_grace + 1 == day:
                wanted = max(
                    terms.late_flat, rounded(terms.late_rate * (row.total - row.unpaid["penalty"]), "half_up")
                )
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
            return
        self.undue += amount
        if terms.interest == "flat":
            self.spread_flat(amount)
        self.amortise(day, terms.instalment if first else 0)

    def spread_flat(self, amount):
        """The draw's interest over the rows to come, in equal whole parts, the residue on the last."""
        m = len(self.plan)
        whole = amount * self.rate * self.terms.period_fraction * m
        total = rounded(whole, self.terms.interest_rounding)
        for j, row in enumerate(self.plan):
            part = total // m + (total % m if j == m - 1 else 0)
            row.flat += part
            if j == 0:
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

    on_recovered = on_paid

    def on_waived(self, entry):
        self.become_money()
        rest = entry.amount
        for row in self.rows:
            rest -= row.reduce("waived", entry.component, rest)
        rest = min(rest, self.undue)
        if entry.component == "principal" and rest:
            self.undue -= rest
            row = self.new_row(self.today)
            row.claim("principal", rest)
            row.reduce("waived", "principal", rest)

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
            recovery = min(self.credit, self.lost_sum - self.recovered)
            self.recovered += recovery
            self.credit -= recovery
        self.become_money()
        self.allocate()
        self.prepay()

    def allocate(self):
        terms, rows = self.terms, [row for row in self.rows if row.total]
        late = self.late(self.today)
        aged = terms.order_after_days and late and self.today - late[0].due_on >= terms.order_after_days
        order = terms.order_after if aged else terms.order
        if terms.vertical:
            turns = [(row, component) for component in order for row in rows]
        else:
            turns = [(row, component) for row in rows for component in order]
        for row, component in turns:
            self.credit -= row.reduce("paid", component, self.credit)

    def next_asks(self):
        """N: what the next planned row will ask, its interest carried on at the present slope."""
        row = self.plan[0]
        exact = self.interest + self.interest_over(self.today, row.due_on)
        interest = rounded(exact, self.terms.interest_rounding) - self.interest_taken
        return interest + self.principal_of(row, interest)

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
        if interest or self.undue:
            row = self.new_row(self.today)
            row.claim("interest", interest)
            row.claim("principal", self.undue)
        self.undue, self.plan = 0, []
        self.interest, self.interest_taken = Fraction(0), 0
        self.penalty, self.penalty_taken = Fraction(0), 0
        self.period_start, self.per_day = None, Fraction(0)


# --- the position (section 7)


def read_off(fold: Fold) -> dict:
    """The position at the end of the day the fold has come to."""
    day, terms, owed = fold.today, fold.terms, fold.owed()
    late = fold.late(day)
    out = {"status": "active", "principal": fold.undue + fold.unpaid("principal")}
    if not fold.started:
        out["status"] = "pending"
    elif fold.nothing_owed():
        out["status"] = "closed"
    elif fold.lost:
        out["status"] = "written_off"
    for component in COMPONENTS:
        accrued = fold.clipped(fold.penalty_wanted()) if component == "penalty" else 0
        out[f"due_{component}"] = fold.unpaid(component) + accrued
        out[f"overdue_{component}"] = accrued + sum(r.unpaid[component] for r in fold.rows if r.due_on < day)
        for move in MOVES:
            out[f"{move}_{component}"] = fold.totals[move][component]
    del out["charged_principal"]
    out["accrued_interest"] = fold.interest_wanted()
    out["oldest_due_on"] = late[0].due_on if late else None
    out["days_past_due"] = day - late[0].due_on if late else 0
    out["bucket"] = sum(late != [] and bound <= out["days_past_due"] for bound in terms.buckets)
    out["nonaccrual"] = fold.nonaccrual
    ahead = fold.started and fold.plan != []
    out["next_due_on"] = fold.plan[0].due_on if ahead else None
    out["next_due_amount"] = max(0, fold.next_asks() - fold.credit) if ahead else 0
    out["payoff"] = max(0, owed - fold.credit)
    for name in ("credit", "disbursed", "received", "recovered", "refunded", "charged_back", "forgone"):
        out[name] = getattr(fold, name)
    out["next_event_on"] = next_event(fold)
    return out


def next_event(fold: Fold):
    """The first day after this one on which a position may change otherwise than by reading off."""
    day, terms, late = fold.today, fold.terms, fold.late(fold.today)
    days = [day + 1 for row in fold.rows if row.total and row.due_on == day] + list(fold.entries)
    if late:
        days += [late[0].due_on + bound for bound in terms.buckets]
        if terms.nonaccrual_after and not fold.nonaccrual and not fold.lost:
            days.append(late[0].due_on + terms.nonaccrual_after)
    if fold.started and not fold.ended and (fold.plan or not fold.nothing_owed()):
        days += [step[0] for step in terms.rates if step[0] is not None]
        if fold.plan:
            days.append(fold.plan[0].due_on)
        elif terms.interest == "period" and fold.period_start is not None:
            days.append(fold.period_start + fold.period_days)
        for row in fold.late_now():
            if terms.penalty_base != "none":
                days.append(fold.grace_ends(row))
            if row.planned and (terms.late_flat or terms.late_rate):
                days.append(row.due_on + terms.late_grace + 1)
    return min((d for d in days if d > day), default=None)


def position(terms, entries, as_of: int) -> dict:
    """The fields of section 7."""
    return read_off(Fold(terms, entries).run(as_of))


def instalments(terms, entries, as_of: int) -> list[dict]:
    """The rows that have fallen due, in their order, with what was claimed, paid, waived and written off."""
    return [
        {
            "due_on": row.due_on,
            "planned": row.planned,
            **{"claimed" if move == "charged" else move: dict(row.moved[move]) for move in MOVES},
        }
        for row in Fold(terms, entries).run(as_of).rows
    ]
