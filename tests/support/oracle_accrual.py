"""The oracle's state and section 4 of docs/algorithms/fold.md: what accrues, and how it becomes money.

Written from that page alone: exact fractions, plain Python, slow and obvious. The fold itself is in `oracle_fold.py`.
"""

import heapq
import math
from fractions import Fraction

from tests.support.oracle_dates import index

COMPONENTS = ("penalty", "fee", "interest", "principal")
CHARGES = ("penalty", "fee", "interest")
NEVER = 1 << 40
MOVES = ("charged", "paid", "waived", "written_off")


def rounded(x: Fraction, mode: str) -> int:
    """A whole number near x >= 0."""
    if mode == "half_up":
        return math.floor(x + Fraction(1, 2))
    if mode == "half_even":
        return round(x)
    return {"down": math.floor, "up": math.ceil}[mode](x)


def multiple_of(x: Fraction, multiple: int, mode: str) -> int:
    """The multiple near x."""
    return multiple * rounded(x / multiple, mode)


class Row:
    """Something due on a day; unpaid = claimed less paid, waived and written off."""

    def __init__(self, due_on, planned, sink, paused):
        self.due_on, self.planned, self.sink = due_on, planned, sink
        self.paused = paused  # days of delinquency pauses before it fell due
        self.moved = {move: dict.fromkeys(COMPONENTS, 0) for move in MOVES}
        self.unpaid = dict.fromkeys(COMPONENTS, 0)
        self.total = 0
        self.own = Fraction(0)  # penalty in a retroactive grace

    def claim(self, component, amount):
        self.moved["charged"][component] += amount
        self.unpaid[component] += amount
        self.total += amount

    def reduce(self, move, component, most):
        """Pay, waive or write off at most so much; how much it was."""
        amount = min(most, self.unpaid[component])
        self.moved[move][component] += amount
        self.unpaid[component] -= amount
        self.total -= amount
        self.sink[move][component] += amount
        return amount

    def give_up(self):
        """What is unpaid moves elsewhere: the claim shrinks by it."""
        moved = dict(self.unpaid)
        for component, amount in moved.items():
            self.moved["charged"][component] -= amount
            self.unpaid[component] = 0
        self.total = 0
        return moved


class PlanRow:
    """A planned row not yet due."""

    def __init__(self, due_on, principal):
        self.due_on, self.principal = due_on, principal


class Loan:
    """A loan's state on a day, and what it accrues."""

    def __init__(self, terms, entries):
        self.terms, self.versions = terms, terms.versions
        self.plan = [PlanRow(due_on, principal) for due_on, principal in terms.plan]
        self.rows, self.undue = [], 0  # rows already due; principal not yet due (U)
        self.level = self.part = 0
        self.next_asked = 0  # what the next row asks if the contract said so when its date was moved
        self.flat_share = self.flat_residue = 0
        self.deferred = dict.fromkeys(CHARGES, 0)
        self.capitalised = dict.fromkeys(CHARGES, 0)
        self.passed = 0  # planned rows that have fallen due or gone by
        self.due_day = terms.due_day
        self.changes = []  # (day, component, rate)
        self.interest_paused_to = self.ageing_paused_to = self.moratorium_to = 0
        self.paused_days = 0
        self.interest, self.interest_taken = Fraction(0), 0  # since the period began
        self.penalty, self.penalty_taken = Fraction(0), 0
        self.cap = Fraction(0)
        self.credit = self.disbursed = self.received = self.recovered = 0
        self.refunded = self.charged_back = self.forgone = self.lost_sum = 0
        self.credited = self.proceeds = 0
        self.totals = {move: dict.fromkeys(COMPONENTS, 0) for move in MOVES}
        self.started = self.ended = self.lost = self.nonaccrual = False
        self.charged_off = self.sold = False
        self.rate = self.penalty_rate = Fraction(0)
        self.anchor = self.period_days = self.period_end = 0
        self.period_start = None  # no period is running
        self.per_day = Fraction(0)  # methods period and flat
        self.today = None
        self.days = [row.due_on for row in self.plan] + [
            step[0] for step in terms.rates if step[0] is not None
        ]
        self.entries = {}
        gone = {entry.target for entry in entries if entry.kind == "reversed"}
        for entry in entries:
            if entry.kind != "reversed" and entry.key not in gone:
                self.entries.setdefault(entry.effective_on, []).append(entry)
        self.days += list(self.entries)
        heapq.heapify(self.days)

    # --- accrual (section 4)

    def weight(self, start, end):
        return index(self.terms.day_count, self.anchor, start, end)

    def unpaid(self, *components):
        return sum(row.unpaid[c] for row in self.rows if row.total for c in components)

    def put_off(self):
        return sum(self.deferred.values())

    def claim_left(self):
        """Written off and still owed."""
        return 0 if self.sold else self.lost_sum - self.recovered

    def outstanding(self):
        return self.undue + self.unpaid("principal")

    def late_now(self):
        """Rows already due with more than the tolerance unpaid: they accrue as late from the end of this day."""
        return [row for row in self.rows if row.total - row.unpaid["penalty"] > self.terms.tolerance]

    def late(self, day):
        """Rows late on a day."""
        return [row for row in self.late_now() if row.due_on < day]

    def days_late(self, day):
        """Days past due of the oldest late row, without the days of pauses. `day` is not before today."""
        late = self.late(day)
        return day - late[0].due_on - (self.paused_by(day) - late[0].paused) if late else 0

    def paused_by(self, day):
        """Days of delinquency pauses before a day."""
        to_come = min(day, max(self.ageing_paused_to, self.moratorium_to)) - self.today
        return self.paused_days + max(0, to_come)

    def base(self):
        """The balance that bears contract interest."""
        base = self.undue + self.unpaid("principal") - self.credit
        if self.terms.overdue_interest == "replaced":
            base -= sum(row.unpaid["principal"] for row in self.late_now())
        return max(0, base)

    def period_per_day(self):
        return self.base() * self.rate * self.terms.period_fraction / self.period_days

    def interest_free_to(self):
        return max(self.interest_paused_to, self.moratorium_to)

    def interest_over(self, start, end):
        """Contract interest of the days [start, end) if nothing changes; the days of a pause bear none."""
        first_day, start = start, min(end, max(start, self.interest_free_to()))
        if not self.started or self.ended:
            return Fraction(0)
        if self.terms.interest == "daily":
            base = self.base()
            return base * self.rate * self.weight(start, end) if base and self.rate else Fraction(0)
        if self.terms.interest == "period" and first_day == self.period_start:
            return self.period_per_day() * (end - start)
        return self.per_day * (end - start) if self.period_start is not None else Fraction(0)

    def penalty_base(self, row):
        if self.terms.penalty_base == "none":
            return 0
        both = self.terms.penalty_base == "principal_and_interest"
        return row.unpaid["principal"] + (row.unpaid["interest"] if both and row.planned else 0)

    def grace_ends(self, row):
        """The first day whose accrual of penalty on this row is the loan's."""
        grace = self.terms.penalty_grace
        return row.due_on + grace + (1 if self.terms.penalty_retroactive and grace else 0)

    def accrue(self, day):
        """Interest, penalty and cap of the days [today, day), at the slopes as they stand."""
        start, self.today = self.today, day
        if start is not None and start < max(self.ageing_paused_to, self.moratorium_to):
            self.paused_days += day - start
        if not self.started or self.ended or start == day:
            return
        self.interest += self.interest_over(start, day)
        if self.penalty_rate and start >= self.moratorium_to:
            base = 0
            for row in self.late_now():
                if start >= self.grace_ends(row):
                    base += self.penalty_base(row)
                elif self.terms.penalty_retroactive:
                    row.own += self.penalty_base(row) * self.penalty_rate * self.weight(start, day)
            if base:
                self.penalty += base * self.penalty_rate * self.weight(start, day)
        if self.terms.cost_cap:
            self.cap += (
                max(0, self.undue + self.unpaid(*COMPONENTS) + self.put_off() - self.credit)
                * self.terms.cost_cap
                * self.weight(start, day)
            )

    # --- accruals become money

    def interest_wanted(self):
        return rounded(self.interest, self.terms.interest_rounding) - self.interest_taken

    def penalty_wanted(self):
        return rounded(self.penalty, self.terms.interest_rounding) - self.penalty_taken

    def clipped(self, wanted, reserve=0):
        """What the cap lets through."""
        if not self.terms.cost_cap:
            return wanted
        headroom = math.floor(self.cap) - sum(self.totals["charged"][c] for c in COMPONENTS[:3]) - reserve
        return min(wanted, max(0, headroom))

    def owed(self):
        """The payoff before the credit."""
        due = sum(row.total for row in self.rows)
        accrued = self.clipped(self.interest_wanted() + self.penalty_wanted())
        return due + self.undue + self.put_off() + accrued + self.claim_left()

    def nothing_owed(self):
        rows = sum(row.total for row in self.rows) + self.undue + self.put_off() + self.claim_left()
        return rows == 0 and self.interest_wanted() == self.penalty_wanted() == 0

    def charge(self, component, wanted, reserve=0):
        amount = self.clipped(wanted, reserve)
        self.forgone += wanted - amount
        self.totals["charged"][component] += amount
        return amount

    def charge_fee(self, wanted):
        """A fee or a late charge leaves room for what has accrued; a moratorium keeps it back."""
        if self.today < self.moratorium_to:
            self.forgone += wanted
            return 0
        interest = math.ceil(self.interest) - self.interest_taken
        penalty = math.ceil(self.penalty) - self.penalty_taken
        return self.charge("fee", wanted, interest + penalty)

    def take_interest(self):
        wanted = self.interest_wanted()
        self.interest_taken += wanted
        return self.charge("interest", wanted)

    def take_penalty(self):
        wanted = self.penalty_wanted()
        self.penalty_taken += wanted
        return self.charge("penalty", wanted)

    def become_money(self):
        """Penalty, and after the last planned row interest, joins the oldest late or unpaid row."""
        self.become_penalty()
        if not self.plan:
            self.own_row("interest", self.take_interest())

    def become_penalty(self):
        self.add_to_oldest("penalty", self.take_penalty())

    def add_to_oldest(self, component, amount):
        if amount:
            rows = self.late(self.today) or [row for row in self.rows if row.total]
            row = rows[0] if rows else self.new_row(self.today)
            row.claim(component, amount)
