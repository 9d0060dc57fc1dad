"""The fold of a live loan, slow and obvious: terms and journal to rows, portions and charges.

Written from docs/algorithms/live-schedule.md. `Loan(terms, entries).run(as_of)` is the whole API.
"""

import itertools
from fractions import Fraction

from forbear.engine.vocabulary import NEVER
from tests.support.live import events, moves, recalculated
from tests.support.live.allocation import Payment
from tests.support.live.cumulative import with_more_rows
from tests.support.live.dates import plus
from tests.support.live.levels import to_multiple
from tests.support.live.model import RATE_SCALE, Model
from tests.support.live.rows import INTEREST, PRINCIPAL, Charge, Row, claim_charge

DISBURSED, FEE_CHARGED, CHARGED_BACK, WAIVED, PAID = range(1, 6)
REVERSED, RATE_CHANGED, INTEREST_PAUSED, DUE_DATE_MOVED, EXTENDED = 9, 10, 11, 16, 18
INCOME_ADJUSTED, BOUGHT_DOWN, BUY_DOWN_ADJUSTED = range(32, 35)
MONEY = (PAID, INCOME_ADJUSTED)
VARIATIONS = (RATE_CHANGED, INTEREST_PAUSED, DUE_DATE_MOVED, EXTENDED)


class Outcome:
    """What an entry did: portions by component, what stayed over, what it used of an earlier overpayment."""

    def __init__(self, entry):
        self.entry = entry
        self.portions = [0] * 4
        self.over = 0
        self.amount = entry.amount
        self.fees = 0
        self.absorbed = [0] * 4


class Loan:
    """The state of the fold."""

    def __init__(self, terms, entries):
        self.terms = terms
        gone = {e.target for e in entries if e.kind == REVERSED}
        self.entries = [e for e in entries if e.kind != REVERSED and e.sequence not in gone]
        self.rows, self.charges, self.outcomes = [], [], {}
        self.model = None
        self.over = 0
        self.started_on = None
        self.stopped = False
        self.charged_off_on = None
        self.written_off_on = None
        self.draws, self.tranches = [], 0
        self.moved_dates = []
        changes = [e.rate for e in self.entries if e.kind == RATE_CHANGED]
        self.bears = terms.rate > 0 or any(changes)
        self.waiting = [Charge(e) for e in self.entries if e.kind == FEE_CHARGED and e.when == 2]
        self.charges += self.waiting

    @property
    def live(self):
        """Whether interest follows the balance: not after a charge-off, nor without a rate."""
        return self.terms.schedule == 1 and self.bears and not self.stopped and self.model is not None

    def order(self, entry):
        """By the day from which it counts, then by when it became known."""
        day = entry.on
        if entry.kind == FEE_CHARGED:
            day = min(entry.on, entry.recorded_on) if entry.when == 0 else entry.recorded_on
        first = entry.kind in VARIATIONS
        if entry.kind == DUE_DATE_MOVED:
            day, first = min(entry.on, entry.recorded_on), entry.recorded_on >= entry.on
        if entry.kind == EXTENDED and self.terms.schedule == 0:
            return (self.started_on, True, entry.recorded_on, entry.sequence)
        if not self.terms.progressive and entry.kind == FEE_CHARGED:
            first, day = True, min(day, self.started_on or day)
        return (day, not first, entry.recorded_on, entry.sequence)

    def run(self, as_of):
        """All entries that count by `as_of`."""
        self.moved_dates = sorted(
            (e for e in self.entries if e.kind == DUE_DATE_MOVED), key=lambda e: e.sequence
        )
        if not self.terms.progressive:
            self.write_schedule(as_of)
        else:
            self.open_schedule()
        for entry in sorted(self.entries, key=self.order):
            varies = entry.kind in VARIATIONS
            ends = varies and self.stopped and entry.kind != DUE_DATE_MOVED  # only dates can move still
            if not ends and (self.terms.progressive or not varies):
                self.take(entry)
        if (
            self.live
            and self.terms.past_due_earns
            and moves.chase(self.model, as_of, self.to_due_date(False))
        ):
            self.chased()
        if self.rows and self.rows[-1].extra and sum(self.rows[-1].claimed) == 0:
            self.rows.pop()
        return self

    def take(self, entry):
        """One entry."""
        out = self.outcomes[entry.sequence] = Outcome(entry)
        if entry.kind == FEE_CHARGED and entry.when == 2:
            return
        if entry.kind == FEE_CHARGED:
            charge = Charge(entry)
            self.charges.append(charge)
            if not self.draws:
                self.waiting.append(charge)
            else:
                self.charge(charge)
            return
        if entry.kind in (BOUGHT_DOWN, BUY_DOWN_ADJUSTED):
            return
        prepays = entry.kind in MONEY and self.prepays(entry)
        earns = self.live and self.terms.past_due_earns and entry.kind not in VARIATIONS
        if earns and moves.chase(self.model, entry.on, self.to_due_date(prepays)):
            self.chased()
        if entry.kind == DISBURSED:
            self.draw(entry, out)
        elif entry.kind in MONEY:
            self.pay(entry, out, prepays)
        else:
            events.HANDLERS[entry.kind](self, entry, out)

    # --- rows and model

    def seed(self):
        """The day from which due dates are counted."""
        return self.terms.counted_from or self.started_on

    def bounds(self):
        """Start and due date of each planned period."""
        terms = self.terms
        more = 0 if terms.progressive else sum(e.count for e in self.entries if e.kind == EXTENDED)
        days = [plus(self.seed(), k * terms.every, terms.unit) for k in range(terms.count + more + 1)]
        if terms.term_length:
            days[-1] = plus(self.seed(), terms.term_length, terms.unit)
        days[0] = min(days[0], self.started_on)  # a draw before it: the first period is the longer
        if not terms.progressive:
            for entry in self.moved_dates:
                on = entry.on
                there = terms.count + sum(
                    e.count for e in self.entries if e.kind == EXTENDED and e.sequence < entry.sequence
                )
                known = days[: there + 1]  # rows added later are not there yet
                later = [d for d in known[1:] if d > entry.recorded_on]
                if on == NEVER and later:
                    before = days[days.index(later[0]) - 1]
                    on = later[0] if entry.until > max(entry.recorded_on, before) else NEVER
                if on in known:
                    place = days.index(on)
                    days[place:] = [
                        plus(entry.until, k * terms.every, terms.unit) for k in range(len(days) - place)
                    ]
        return list(itertools.pairwise(days))

    def period_of(self, row):
        """The model's period of a row."""
        return next((p for p in self.model.periods if row.is_of(p)), None)

    def rows_from_model(self, day):
        """The rows claim what their periods ask."""
        for p in self.model.periods:
            for row in self.rows:
                if row.is_of(p):
                    row.claimed[PRINCIPAL], row.claimed[INTEREST] = p.principal, p.interest
                    row.look(day)
                    break

    def chased(self):
        """Rows after interest on overdue principal was added."""
        for p in self.model.periods:
            for row in self.rows:
                if row.start == p.start and (row.due > row.start) == (p.end > p.start) and not row.down:
                    row.claimed[PRINCIPAL], row.claimed[INTEREST] = p.principal, p.interest
                    row.chased = True
                    break

    def to_due_date(self, prepays):
        """Whether early money bears interest to the due date."""
        terms = self.terms
        return terms.payoff_to_due_date and (prepays or terms.rest_at_due_date)

    def prepays(self, entry):
        """Whether a payment would pay off the loan at the end of its period."""
        if not self.live or self.started_on is None:
            return False
        for place, row in enumerate(self.rows):
            if row.start < entry.on <= row.due or (place == 0 and row.start == entry.on):
                return entry.amount >= sum(moves.open_till(self.model, row.due))
        return False

    def drawn_by(self, day):
        """Disbursed up to a day."""
        return sum(amount for on, amount in self.draws if on <= day)

    # --- disbursement

    def down_part(self, amount):
        """The down payment on an amount."""
        return to_multiple(Fraction(amount * self.terms.down_payment, RATE_SCALE), self.terms.multiple)

    def write_schedule(self, as_of):
        """A fixed cumulative schedule, from all draws at once."""
        draws = sorted((e for e in self.entries if e.kind == DISBURSED), key=self.order)
        if not draws:
            return
        self.started_on = draws[0].on
        bounds = self.bounds()
        parts = [(e.on, e.amount - self.down_part(e.amount)) for e in draws]
        if self.terms.recalculation:
            amount = sum(amount for _, amount in parts)
            written = recalculated.write(self, bounds, self.terms.count, amount, as_of)
        else:
            added = sorted((e for e in self.entries if e.kind == EXTENDED), key=self.order)
            written = with_more_rows(self.terms, bounds, parts, sum(e.amount for e in draws), added)
        self.rows = [Row(*b) for b in bounds[: len(written)]]
        for row, (principal, interest) in zip(self.rows, written, strict=True):
            row.claimed[PRINCIPAL], row.claimed[INTEREST] = principal, interest
        for e in draws:
            if self.terms.down_payment:
                self.add_down(e.on, self.down_part(e.amount))

    def open_schedule(self):
        """The periods of a progressive schedule, before anything is drawn."""
        draws = [e.on for e in self.entries if e.kind == DISBURSED]
        if draws:
            self.started_on = min(draws)
            bounds = self.bounds()
            self.model = Model(self.terms, bounds)
            self.rows = [Row(*b) for b in bounds]

    def add_down(self, day, amount):
        """A down payment is a row due at once; a cumulative schedule puts it before a row of the same day."""
        row = Row(day, day, down=True)
        row.claimed[PRINCIPAL] = amount
        row.look(day)
        before = self.terms.progressive
        place = next(
            (
                k
                for k, r in enumerate(self.rows)
                if r.due > day or (r.due == day and not r.down and not before)
            ),
            len(self.rows),
        )
        self.rows.insert(place, row)

    def draw(self, entry, out):
        """A disbursement: rows at the first, more on them at the others; a down payment each time."""
        terms, day = self.terms, entry.on
        self.draws.append((day, entry.amount))
        self.tranches += 1
        down = self.down_part(entry.amount)
        if terms.down_payment and terms.progressive:
            self.add_down(day, down)
        if terms.progressive:
            moves.draw(self.model, day, entry.amount - down, terms.full_term_per_draw)
            if terms.full_term_per_draw:
                self.rows_of_new_periods(day)
            self.rows_after_draw(entry.amount - down, day)
        waiting, self.waiting = self.waiting, []
        for charge in waiting:
            if charge.entry.when == 2:
                if charge.entry.count in (0, self.tranches):
                    self.charge_draw(charge, entry.amount, out)
                else:
                    self.waiting.append(charge)
            else:
                self.charge(charge)
        if len(self.draws) > 1:
            self.charge_rows_again()
        self.use_overpayment(entry, out)

    def rows_of_new_periods(self, day):
        """Rows for periods that have none, before a row after the planned ones, whose charges go to those that hold their dates."""
        for p in self.model.periods:
            if not any(r.start == p.start and r.due == p.end for r in self.rows):
                place = next((k for k, r in enumerate(self.rows) if r.extra), len(self.rows))
                self.rows.insert(place, Row(p.start, p.end))
        extra = next((r for r in self.rows if r.extra), None)
        planned = [r for r in self.rows if not r.extra and not r.down]
        if extra is None:
            return
        for charge in self.charges:
            if charge in self.waiting or charge.entry.when != 0 or charge.spread_on is not None:
                continue
            row = next((r for r in planned if r.start >= extra.start and charge.due_in(r, False)), None)
            if row:
                for told, amount in (
                    ("claimed", charge.amount),
                    ("paid", charge.paid),
                    ("waived", charge.waived),
                ):
                    getattr(extra, told)[charge.entry.component] -= amount
                    getattr(row, told)[charge.entry.component] += amount
                row.look(day)
        extra.start = max(extra.start, self.rows[self.rows.index(extra) - 1].due)
        if sum(extra.claimed) == 0:
            self.rows.remove(extra)

    def rows_after_draw(self, amount, day):
        """Rows still to come follow the model; a draw after the last of them makes one more."""
        normal = [row for row in self.rows if not row.down and not row.extra]
        if all(row.due < day for row in normal):
            row = next((row for row in self.rows if row.extra), None)
            if row is None:
                row = Row(day, day, extra=True)
                self.rows.append(row)
            row.claimed[PRINCIPAL] += amount
            return
        for p in self.model.periods:
            row = next((r for r in normal if r.is_of(p) and r.due >= day), None)
            if row:
                row.claimed[PRINCIPAL], row.claimed[INTEREST] = p.principal, p.interest
                row.look(day)

    def use_overpayment(self, entry, out):
        """Money that was over is used for what is owed anew."""
        if self.over <= 0:
            return
        out.over = min(entry.amount, self.over)
        payment = Payment(self, entry.on, self.over, self.rule(0), False)
        payment.run()
        out.absorbed = payment.portions
        self.over = payment.left

    # --- payments and charges

    def rule(self, payment):
        """The rule of a sort of payment, or that of all others."""
        found = [rule for rule in self.terms.rules if rule.payment == payment]
        return found[0] if found else next(rule for rule in self.terms.rules if rule.payment == 0)

    def rule_of(self, entry):
        """The rule of an entry that is money; what an adjustment of income gives back is payment 11."""
        return self.rule(11 if entry.kind == INCOME_ADJUSTED else entry.payment)

    def pay(self, entry, out, prepays):
        """Money comes in."""
        payment = Payment(self, entry.on, entry.amount, self.rule_of(entry), prepays)
        left = payment.run()
        out.portions = payment.portions
        out.over = left
        self.over = self.over + left if left > 0 else 0

    def charge_draw(self, charge, amount, out):
        """A charge of the disbursement is paid out of it."""
        interest = sum(row.claimed[INTEREST] for row in self.rows)
        charge.amount = charge.paid = charge.of(amount, interest, amount)
        out.fees += charge.amount

    def charge_rows_again(self):
        """Charges that are a share of every row follow rows that changed, as far as these are open."""
        if self.live:
            return
        for charge in self.charges:
            if charge.entry.when != 1:
                continue
            for row in self.rows:
                if row.settled or row.extra or id(row) not in charge.shares:
                    continue
                part = charge.of(row.claimed[PRINCIPAL], row.claimed[INTEREST], 0)
                more = part - charge.shares[id(row)]
                row.claimed[charge.entry.component] += more
                charge.amount += more
                charge.parts[id(row)] += more
                charge.shares[id(row)] = part

    def will_be_waived(self, charge):
        """Whether an entry gives the charge up."""
        return any(e.kind == WAIVED and e.target == charge.sequence for e in self.entries)

    def charge(self, charge):
        """A charge joins the rows, and money that was over pays it."""
        claim_charge(self, charge)
        if self.over > 0 and charge.open > 0 and self.terms.progressive:
            self.overpaid_again()

    def overpaid_again(self):
        """Payments that were more than owed are used, in their order."""
        for out in self.outcomes.values():
            part = min(self.over, out.over)
            if out.entry.kind not in MONEY or part <= 0:
                continue
            payment = Payment(self, out.entry.on, part, self.rule_of(out.entry), False)
            payment.run()
            used = part - payment.left
            out.over -= used
            self.over -= used
            for c in range(4):
                out.portions[c] += payment.portions[c]
