"""Loans that were paid off: after how many instalments, and how many days after the last.

Most totals of these were published with ten decimals: exact interest that nobody rounded. That makes the search sharp. Balances
are held in whole 10**-12 of a cent here, as there are many candidates; a hit is within 10**-5 of a cent.
"""

from fractions import Fraction
from typing import Final

from examples.lendingclub.inference import FURTHEST_MOVE, History, Moved, credit, start_days
from examples.lendingclub.published import Published

FINE: Final = 10**12
NEAR: Final = FINE // 10**5
LONGEST: Final = 45
"""Days between the last instalment and the payoff."""


def infer_payoff(loan: Published) -> History:
    """Instalments and a payoff that give the published total: exactly if possible, else as nearly as possible."""
    search = _Search(loan)
    return search.plain() or search.moved() or search.nearest()


class _Search:
    """Candidates for one loan."""

    def __init__(self, loan: Published) -> None:
        self.loan = loan
        self.numerator, self.denominator = loan.rate.numerator, loan.rate.denominator * 30
        self.received = int(loan.received * FINE)
        self.credits = {days: credit(loan, days) for days in (*start_days(loan), 0)}
        self.before = [loan.principal * FINE]
        for _ in range(loan.elapsed + 1):
            last = self.before[-1]
            self.before.append(last + self.interest(last, 30) - loan.instalment * FINE)

    def interest(self, balance: int, days: int) -> int:
        """Interest of so many days, in 10**-12 of a cent."""
        return balance * self.numerator * days // self.denominator

    def days_to(self, balance: int, rest: int) -> int:
        """After how many days the payoff is nearest to `rest`."""
        step = balance * self.numerator
        return ((rest - balance) * self.denominator * 2 + step) // (2 * step) if step else 0

    def plain(self) -> History | None:
        """Instalments as agreed, then the payoff."""
        for months in range(self.loan.elapsed + 2):
            for start, less in self.credits.items():
                rest = self.received - (months * self.loan.instalment - less) * FINE
                found = self.hit(self.before[months], rest)
                if found is not None:
                    return self.history("paid off", months, start, found)
        return None

    def moved(self) -> History | None:
        """The same with one due day moved before; what its rounding leaves goes to principal."""
        loan = self.loan
        for months in range(1, loan.elapsed + 2):
            for start, less in self.credits.items():
                rest = self.received - (months * loan.instalment - less) * FINE
                for place in range(months):
                    for days in (*range(1, FURTHEST_MOVE + 1), *range(-FURTHEST_MOVE, 0)):
                        exact = self.interest(self.before[place], days)
                        extra = -(-exact // FINE)
                        residue = extra * FINE - exact
                        for _ in range(months - place - 1):
                            residue += self.interest(residue, 30)
                        found = self.hit(self.before[months] - residue, rest - extra * FINE)
                        if found is not None:
                            move = Moved(place, days, Fraction(exact, FINE), extra)
                            return self.history("paid off, moved due day", months, start, found, move)
        return None

    def hit(self, balance: int, rest: int) -> int | None:
        """The days to the payoff if they explain `rest` exactly."""
        if balance <= 0:
            return None
        days = self.days_to(balance, rest)
        exact = 0 <= days <= LONGEST and abs(balance + self.interest(balance, days) - rest) <= NEAR
        return days if exact else None

    def nearest(self) -> History:
        """No claim: the instalments and the day whose payoff comes nearest to the total."""
        best: tuple[int, History] | None = None
        for months in range(self.loan.elapsed + 1):
            for start, less in self.credits.items():
                balance = self.before[months]
                rest = self.received - (months * self.loan.instalment - less) * FINE
                if balance <= 0:
                    continue
                days = min(max(self.days_to(balance, rest), 0), 30)
                off = abs(balance + self.interest(balance, days) - rest)
                if best is None or off < best[0]:
                    best = (off, self.history("paid off, unexplained", months, start, days))
        assert best is not None, "a loan has a balance before its first instalment"
        return best[1]

    def history(self, cause: str, months: int, start: int, after: int, move: Moved | None = None) -> History:
        """Paid off before the first instalment, the start days are simply days without interest."""
        if months == 0:
            return History(cause, 0, payoff_after=max(after - start, 0))
        return History(cause, months, self.credits[start], move, payoff_after=after)
