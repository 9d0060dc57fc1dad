"""What can fold a live loan: the compiled engine, and the oracle."""

from tests.support.live import moves
from tests.support.live.fold import Loan


class View:
    """What a fold says."""

    def __init__(self, rows, outcomes, charges, over):
        self.rows, self.outcomes, self.charges, self.over = rows, outcomes, charges, over


class Oracle:
    """The slow, exact one."""

    def fold(self, terms, entries, as_of):
        """Rows, outcomes by sequence, charges by sequence, what is over."""
        loan = Loan(terms, entries).run(as_of)
        charges = {c.entry.sequence: (c.amount, c.paid, c.waived) for c in loan.charges}
        return View(loan.rows, loan.outcomes, charges, loan.over)

    def payoff(self, terms, entries, on):
        """What pays off the loan on a day."""
        loan = Loan(terms, entries).run(on)
        if not loan.live:
            return sum(row.unpaid for row in loan.rows)
        till = on
        if terms.payoff_to_due_date:
            till = next((p.end for p in loan.model.periods if p.start < on <= p.end), on)
        rows = sum(row.open(2) + row.open(3) for row in loan.rows)
        down = sum(row.open(0) for row in loan.rows if row.down or row.extra)
        return sum(moves.open_till(loan.model, till)) + rows + down
