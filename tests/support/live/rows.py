"""Rows of a live schedule, charges, and how they are paid. docs/algorithms/live-schedule.md, sections 7 and 9."""

from fractions import Fraction

from tests.support.live.model import RATE_SCALE, half_even

PRINCIPAL, INTEREST, FEE, PENALTY = range(4)


class Row:
    """An instalment: what it claims and what became of it, by component."""

    def __init__(self, start, due, *, down=False, extra=False):
        self.start, self.due, self.down, self.extra = start, due, down, extra
        self.claimed, self.paid, self.waived, self.written, self.taken = ([0] * 4 for _ in range(5))
        self.met_on = None
        self.early = self.late = 0
        self.chased = False

    def is_of(self, period):
        """Whether it is the row of a period."""
        return (self.start, self.due) == (period.start, period.end) and not self.down and not self.extra

    def open(self, component):
        """Not paid, waived or written off."""
        c = component
        return self.claimed[c] - self.paid[c] - self.waived[c] - self.written[c]

    @property
    def unpaid(self):
        """All that is open."""
        return sum(self.open(c) for c in range(4))

    @property
    def settled(self):
        """Met, and known to be."""
        return self.met_on is not None

    def look(self, day):
        """Note the day on which nothing was open any more, or forget it."""
        if self.unpaid == 0:
            if self.met_on is None:
                self.met_on = day
        else:
            self.met_on = None

    def pay(self, component, amount, day):
        """Pay up to what is open; returns what was used."""
        used = min(amount, self.open(component))
        used = max(used, 0) if amount >= 0 else used
        self.paid[component] += used
        if day < self.due:
            self.early += used
        elif day > self.due:
            self.late += used
        self.met_on = day if self.unpaid == 0 else None
        return used

    def waive(self, component, amount, day):
        """Give up to what is open up; returns how much."""
        used = max(0, min(amount, self.open(component)))
        self.waived[component] += used
        self.look(day)
        return used

    def unpay(self, component, amount, day):
        """Give back what was paid; returns how much."""
        used = min(amount, self.paid[component])
        self.paid[component] -= used
        if day < self.due:
            self.early -= used
        elif day > self.due:
            self.late -= used
        self.look(day)
        return used


class Charge:
    """A charge entry and what became of it."""

    def __init__(self, entry):
        self.entry = entry
        self.amount = self.paid = self.waived = 0
        self.spread_on = None
        self.parts = {}
        self.shares = {}

    @property
    def open(self):
        """Not paid or waived."""
        return self.amount - self.paid - self.waived

    def due_in(self, row, first):
        """Whether it falls into a row."""
        if self.spread_on is not None:
            return row.start >= self.spread_on and not row.down
        if self.entry.when == 1:
            return id(row) in self.parts
        if self.entry.when == 2:
            return False
        return row.start < self.entry.on <= row.due or (first and self.entry.on == row.start)

    def of(self, principal, interest, drawn):
        """Its amount, given what it may be a share of."""
        entry = self.entry
        base = {1: principal, 2: principal + interest, 3: interest, 4: drawn}.get(entry.share_of)
        return entry.amount if base is None else half_even(Fraction(base * entry.rate, RATE_SCALE))


def first_normal(rows):
    """The first row that is not a down payment."""
    return next((row for row in rows if not row.down), None)


def pay_charges(loan, row, component, amount, what="paid"):
    """The charges of a row take their part of what was paid or waived, the earliest first."""
    first = row is first_normal(loan.rows)
    mine = [c for c in loan.charges if c.entry.component == component and c.open > 0 and c.due_in(row, first)]
    for charge in sorted(mine, key=lambda c: (c.entry.on, c.entry.sequence)):
        if charge.entry.when == 1 and charge.spread_on is None:
            part = min(amount, charge.parts[id(row)], charge.open)
            charge.parts[id(row)] -= part
        else:
            part = min(amount, charge.open)
        setattr(charge, what, getattr(charge, what) + part)
        amount -= part


def claim_charge(loan, charge):
    """A charge joins the rows."""
    entry = charge.entry
    normal = [row for row in loan.rows if not row.down]
    principal = sum(row.claimed[PRINCIPAL] for row in normal) + sum(
        row.claimed[PRINCIPAL] for row in loan.rows if row.down
    )
    interest = sum(row.claimed[INTEREST] for row in normal)
    if entry.when == 2:
        return
    if entry.when == 1:
        for row in normal:
            if row.extra:
                continue
            part = charge.of(row.claimed[PRINCIPAL], row.claimed[INTEREST], 0)
            charge.parts[id(row)] = charge.shares[id(row)] = part
            row.claimed[entry.component] += part
            charge.amount += part
            row.met_on = None if row.unpaid else row.met_on
        return
    charge.amount = charge.of(principal, interest, loan.drawn_by(entry.on))
    if entry.on > normal[-1].due:
        if normal[-1].extra:
            normal[-1].due = entry.on
        else:
            row = Row(normal[-1].due, entry.on, extra=True)
            loan.rows.append(row)
    first = first_normal(loan.rows)
    for row in loan.rows:
        if not row.down and charge.due_in(row, row is first):
            row.claimed[entry.component] += charge.amount
            if row.unpaid and not loan.will_be_waived(entry):
                row.met_on = None
            return


def waive_charge(loan, charge, day):
    """What is open of a charge is given up; returns it."""
    amount = charge.open
    first = first_normal(loan.rows)
    left = amount
    for row in loan.rows:
        if not row.down and charge.due_in(row, row is first):
            part = min(left, max(0, row.open(charge.entry.component)))
            row.waived[charge.entry.component] += part
            left -= part
            row.look(day)
    charge.waived += amount
    return amount
