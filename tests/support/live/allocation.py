"""How a payment walks the rows. docs/algorithms/live-schedule.md, section 7."""

from fractions import Fraction

from tests.support.live import moves
from tests.support.live.model import half_even
from tests.support.live.rows import FEE, INTEREST, PENALTY, PRINCIPAL, pay_charges

PAST_DUE, DUE, IN_ADVANCE = range(3)
NEXT_ROW, LAST_ROW, CURRENT_THEN_LAST, ALL_ROWS = range(4)


class Payment:
    """One payment on its way."""

    def __init__(self, loan, day, amount, rule, prepays):
        self.loan, self.day, self.left, self.rule, self.prepays = loan, day, amount, rule, prepays
        self.portions = [0] * 4
        self.skipped = set()

    def run(self):
        """Walk the rows; what could not be placed stays in `left`."""
        kind = self.loan.terms.allocation
        if kind == 0:
            self.horizontal()
        elif kind == 1:
            self.vertical()
        else:
            self.row_by_row()
        return self.left

    # --- what a row takes

    def pay(self, row, timing, component, amount):
        """Pay a component of a row, and tell the model."""
        loan = self.loan
        if not loan.live:
            return self.plain(row, component, amount)
        if row.down or row.extra or row.due > loan.model.periods[-1].end:
            self.skipped.add(id(row))
            return self.plain(row, component, amount)
        period = loan.period_of(row)
        day = self.day
        if timing == IN_ADVANCE:
            if loan.to_due_date(self.prepays) and row.start < day <= row.due:
                day = row.due
            principal, interest = moves.due_amounts(loan.model, period, day)
            if principal == 0 and interest == 0:
                self.skipped.add(id(row))
            if component == INTEREST:
                row.claimed[INTEREST] = interest
            elif component == PRINCIPAL:
                row.claimed[PRINCIPAL] = principal
        used = self.plain(row, component, amount)
        if component == PRINCIPAL:
            moves.pay_principal(loan.model, period, day, used)
            loan.rows_from_model(self.day)
        elif component == INTEREST:
            moves.pay_interest(loan.model, period, day, used)
            loan.rows_from_model(self.day)
        return used

    def plain(self, row, component, amount):
        """Pay a component of a row."""
        used = row.pay(component, amount, self.day)
        self.portions[component] += used
        if component in (FEE, PENALTY):
            pay_charges(self.loan, row, component, used)
        return used

    # --- which rows

    def unpaid(self):
        """Rows on which something is open."""
        return [row for row in self.loan.rows if not row.settled]

    def early_rows(self, unpaid):
        """Rows to come that take early money."""
        ahead = [row for row in unpaid if self.day < row.due]
        advance = self.rule.advance
        if advance == ALL_ROWS:
            return ahead
        if advance == NEXT_ROW:
            return ahead[:1]
        if advance == CURRENT_THEN_LAST:
            current = [row for row in ahead if self.day >= row.start]
            if current:
                return current
        if self.loan.live and self.loan.terms.allocation == 0:
            ahead = [
                row
                for row in self.loan.rows
                if self.day < row.due
                and (not row.settled or (sum(row.claimed) == 0 and id(row) not in self.skipped))
            ]
        return ahead[-1:]

    def groups(self):
        """Components by timing, in the order in which the timings first appear."""
        groups = {}
        for place in self.rule.order:
            groups.setdefault(place // 4, []).append(place % 4)
        return groups.items()

    def horizontal(self):
        """A row is finished before the next one."""
        for timing, components in self.groups():
            self.skipped = set()
            for _ in range(100 * len(self.loan.rows)):
                if self.left <= 0 or not self.round(timing, components) or not self.unpaid():
                    break

    def round(self, timing, components):
        """One row, or one share of the rows to come; false when there is none."""
        unpaid = self.unpaid()
        if timing == IN_ADVANCE:
            rows = self.early_rows(unpaid)
        elif timing == DUE:
            rows = [row for row in unpaid if row.due == self.day][:1]
        else:
            rows = [row for row in unpaid if row.due < self.day][:1]
        for component in components:
            if timing == IN_ADVANCE:
                self.share(rows, component, timing)
            else:
                for row in rows:
                    self.left -= self.pay(row, timing, component, self.left)
        return bool(rows)

    def share(self, rows, component, timing):
        """Equal parts over rows to come, the rounding on the last."""
        if not rows:
            return 0
        even = half_even(Fraction(self.left, len(rows)))
        rest = self.left - even * len(rows)
        if even + rest < 0:
            even = self.left // len(rows)
            rest = self.left - even * len(rows)
        last = 0
        for row in rows:
            part = even + (rest if row is rows[-1] else 0)
            used = self.pay(row, timing, component, part)
            self.left -= used
            last = used if used > 0 else last
        return last

    def vertical(self):
        """A component is finished over all rows before the next one."""
        for place in self.rule.order:
            timing, component = divmod(place, 4)
            for _ in range(100 * len(self.loan.rows)):
                rows = [row for row in self.loan.rows if row.open(component) > 0]
                if timing == IN_ADVANCE:
                    rows = self.early_rows(rows)
                    used = self.share(rows, component, timing)
                else:
                    rows = [
                        row for row in rows if (row.due == self.day if timing == DUE else row.due < self.day)
                    ]
                    used = sum(self.pay(row, timing, component, self.left) for row in rows[:1])
                    self.left -= used
                if self.left <= 0 or used <= 0:
                    break

    def row_by_row(self):
        """From the oldest row on; one order for what is due, another for what is not yet."""
        due, early = self.rule.order[:4], self.rule.order[4:]
        for row in self.loan.rows:
            if self.left <= 0:
                return
            if row.settled:
                continue
            if self.loan.terms.allocation == 3 and self.day < row.due:
                self.due_charges(row, due)
            for component in due if self.day >= row.due else early:
                self.left -= self.plain(row, component, self.left)

    def due_charges(self, row, order):
        """Charges of a row to come that have fallen due themselves."""
        first = row is next(r for r in self.loan.rows if not r.down)
        for component in order:
            if component not in (FEE, PENALTY):
                continue
            wanted = sum(
                c.open
                for c in self.loan.charges
                if c.entry.component == component
                and c.entry.when == 0
                and c.entry.on <= self.day
                and c.due_in(row, first)
            )
            self.left -= self.plain(row, component, min(self.left, wanted))
