"""What can fold a live loan: the compiled engine, and the oracle."""

from fractions import Fraction

from forbear.engine.live.door import fold_live
from tests.support.live import moves, recalculated
from tests.support.live.fold import Loan
from tests.support.live.model import half_even


def looked_on(terms, on, known_at):
    """The day as of which the row that runs is read: rows of a schedule written again are those last written."""
    return known_at if terms.recalculation and known_at is not None else on


class View:
    """What a fold says."""

    def __init__(self, rows, outcomes, charges, over):
        self.rows, self.outcomes, self.charges, self.over = rows, outcomes, charges, over


class Oracle:
    """The slow, exact one. The last folds are kept, as steps ask for the same ones."""

    def __init__(self):
        self.kept = {}

    def loan(self, terms, entries, as_of):
        """A fold; whoever asks does not change it."""
        key = (terms, tuple(entries), as_of)
        if key not in self.kept:
            if len(self.kept) > 50:
                self.kept.clear()
            self.kept[key] = Loan(terms, entries).run(as_of)
        return self.kept[key]

    def fold(self, terms, entries, as_of):
        """Rows, outcomes by sequence, charges by sequence, what is over."""
        loan = self.loan(terms, entries, as_of)
        charges = {c.entry.sequence: (c.amount, c.paid, c.waived) for c in loan.charges}
        return View(loan.rows, loan.outcomes, charges, loan.over)

    def payoff(self, terms, entries, on):
        """What pays off the loan on a day."""
        loan = self.loan(terms, entries, on)
        if terms.recalculation and not loan.stopped:
            return recalculated.payoff(loan, on)
        if not loan.live:
            return sum(row.unpaid for row in loan.rows)
        till = on
        if terms.payoff_to_due_date:
            till = next((p.end for p in loan.model.periods if p.start < on <= p.end), on)
        rows = sum(row.open(2) + row.open(3) for row in loan.rows)
        down = sum(row.open(0) for row in loan.rows if row.down or row.extra)
        return sum(moves.open_till(loan.model, till)) + rows + down

    def due_interest(self, terms, entries, on):
        """Interest due by a day, over all periods."""
        loan = self.loan(terms, entries, on)
        return sum(moves.due_amounts(loan.model, p, on)[1] for p in loan.model.periods)

    def earned(self, terms, entries, on, known_at=None, open_only=False):
        """Interest, fees and penalties earned by a day; of past rows what they claimed when last looked at."""
        loan = self.loan(terms, entries, looked_on(terms, on, known_at))
        total = [0] * 4
        for row in self.loan(terms, entries, on if known_at is None else known_at).rows:
            if row.due < on and not row.down and not row.extra:
                total[1] += row.claimed[1] - row.taken[1]
        for row in loan.rows:
            if row.down or row.extra or not row.start < on <= row.due:
                continue
            if loan.live or (loan.model is not None and not open_only):
                period = loan.period_of(row)
                part = Fraction(period.fixed_interest * (on - row.start), row.due - row.start)
                part = period.fixed_interest if open_only else part  # a charge-off asks it whole
                total[1] += moves.earned_till(loan.model, period, on, False)
                total[1] += half_even(part) - period.fixed_interest
            else:
                base = row.open(1) if open_only else row.claimed[1]
                total[1] += half_even(Fraction(base * (on - row.start), row.due - row.start))
        for charge in loan.charges:
            c = charge.entry.component
            if charge.entry.when == 0 and charge.entry.on <= on:
                total[c] += charge.amount - charge.waived
            elif charge.entry.when == 1:
                total[c] += sum(charge.shares.get(id(row), 0) for row in loan.rows if row.due <= on)
        return total


class RowView:
    """A row of the engine, as the checks read it."""

    def __init__(self, record):
        self.start, self.due = int(record["start"]), int(record["due"])
        self.down, self.extra = bool(record["down"]), bool(record["extra"])
        self.met_on = int(record["met_on"]) if record["met"] else None
        self.early, self.late = int(record["early"]), int(record["late"])
        for name in ("claimed", "paid", "waived", "written", "taken"):
            setattr(self, name, [int(value) for value in record[name]])

    def open(self, component):
        """Not paid, waived or written off."""
        c = component
        return self.claimed[c] - self.paid[c] - self.waived[c] - self.written[c]

    @property
    def unpaid(self):
        """All that is open."""
        return sum(self.open(c) for c in range(4))


class OutcomeView:
    """What an entry did."""

    def __init__(self, record):
        self.amount, self.over, self.fees = (int(record[name]) for name in ("amount", "over", "fees"))
        self.portions = [int(value) for value in record["portions"]]
        self.absorbed = [int(value) for value in record["absorbed"]]


class Engine:
    """The compiled one. The last folds are kept, as steps ask for the same ones."""

    def __init__(self):
        self.kept = {}

    def loan(self, terms, entries, as_of):
        """A fold; whoever asks does not change what it says."""
        key = (terms, tuple(entries), as_of)
        if key not in self.kept:
            if len(self.kept) > 50:
                self.kept.clear()
            self.kept[key] = fold_live(terms, entries, as_of)
        return self.kept[key]

    def fold(self, terms, entries, as_of):
        """Rows, outcomes by sequence, charges by sequence, what is over."""
        loan = self.loan(terms, entries, as_of)
        sequences = [int(sequence) for sequence in loan.desk.entries["sequence"]]
        outcomes = {s: OutcomeView(loan.desk.outcomes[place]) for place, s in enumerate(sequences)}
        charges = {
            sequences[c["entry"]]: (int(c["amount"]), int(c["paid"]), int(c["waived"])) for c in loan.charges
        }
        return View([RowView(row) for row in loan.rows], outcomes, charges, loan.over)

    def payoff(self, terms, entries, on):
        """What pays off the loan on a day."""
        return self.loan(terms, entries, on).payoff(on)

    def due_interest(self, terms, entries, on):
        """Interest due by a day, over all periods."""
        return self.loan(terms, entries, on).due_interest(on)

    def earned(self, terms, entries, on, known_at=None, open_only=False):
        """Interest, fees and penalties earned by a day; of past rows what they claimed when last looked at."""
        past = self.loan(terms, entries, on if known_at is None else known_at).past_interest(on)
        running = self.loan(terms, entries, looked_on(terms, on, known_at))
        interest, fees, penalties = running.running(on, open_only=open_only)
        return [0, past + interest, fees, penalties]
