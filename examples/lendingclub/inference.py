"""From published sums to a history of payments.

Used are the terms, the month of issue, the status, what was paid in all, and the late fees. The balance and the split of the
payments into principal and interest are never looked at: they are what the engine has to reproduce.
docs/explanation/how-lending-club-rounds.md explains each rule and what supports it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Final

from examples.lendingclub.published import Published, half_up

FURTHEST_MOVE: Final = 15
ROUND_SUM: Final = 500
"""People who pay more pay a round sum more: whole five dollars."""
OTHER_STARTS: Final = (0, 1, 3, 6, 7)


@dataclass(frozen=True, slots=True)
class Moved:
    """A due day moved by `days` at instalment `place` (from 0); `interest` is exact, `extra` is what was paid for it."""

    place: int
    days: int
    interest: Fraction
    extra: int


@dataclass(frozen=True, slots=True)
class History:
    """What must have happened, as far as sums can tell. Amounts are cents.

    Attributes:
        cause: how the total was explained; the causes are the rows of the report.
        months: instalments paid.
        start_credit: interest of the first days, which the lender does not charge.
        first_extra, last_extra: paid beyond (or short of) the instalment, with the first or the last one.
        payoff_after: days of thirty to the month from the last instalment to the payoff; None: not paid off.
    """

    cause: str
    months: int
    start_credit: int = 0
    moved: Moved | None = None
    first_extra: int = 0
    last_extra: int = 0
    payoff_after: int | None = None


def start_days(loan: Published) -> tuple[int, ...]:
    """Days before interest starts. Five only in months with a Monday holiday: two working days, it seems."""
    return (2, 4, 5) if loan.month < 3 else (2, 4)


def credit(loan: Published, days: int) -> int:
    """Interest of the first days; a tie goes to the even cent."""
    return round(loan.principal * loan.rate * days / 30)


def infer(loan: Published) -> History:
    """The history of one loan: the first explanation that fits exactly, in the order of the document."""
    if loan.status == "Fully Paid":
        from examples.lendingclub.payoffs import infer_payoff

        return infer_payoff(loan)
    if loan.total == 0:
        return History("nothing paid", 0)
    tried = [loan.elapsed - less for less in (0, 1, -1, 2, 3, 4) if loan.elapsed > less]
    return (
        _plain(loan, tried, start_days(loan), "plain")
        or _moved(loan, tried)
        or _plain(loan, tried, OTHER_STARTS, "other start")
        or _round_extra(loan, tried[:2])
        or _unexplained(loan)
    )


def _plain(loan: Published, tried: list[int], starts: tuple[int, ...], cause: str) -> History | None:
    """Instalments, less the start credit: to the cent."""
    for months in tried:
        for days in starts:
            if loan.total == months * loan.instalment - credit(loan, days):
                return History(cause, months, credit(loan, days))
    return None


def balances(loan: Published, months: int) -> list[Fraction]:
    """Exact balance before each instalment, and after the last."""
    found = [Fraction(loan.principal)]
    for _ in range(months):
        found.append(found[-1] * (1 + loan.rate) - loan.instalment)
    return found


def _moved(loan: Published, tried: list[int]) -> History | None:
    """One due day moved by whole days: the smallest move that explains the total to the cent."""
    best: tuple[tuple[int, int, int, int], History] | None = None
    for by_months, months in enumerate(tried):
        before = balances(loan, months)
        for by_start, days in enumerate(start_days(loan)):
            extra = loan.total - months * loan.instalment + credit(loan, days)
            for place in range(months):
                day = before[place] * loan.rate / 30
                moved = floor(extra / day)
                if moved == 0 or abs(moved) > FURTHEST_MOVE or ceil(day * moved) != extra:
                    continue
                rank = (by_months, by_start, abs(moved), place)
                if best is None or rank < best[0]:
                    move = Moved(place, moved, day * moved, extra)
                    best = (rank, History("moved due day", months, credit(loan, days), move))
    return best[1] if best else None


def _round_extra(loan: Published, tried: list[int]) -> History | None:
    """A round sum on top, laid on the last due day."""
    for months in tried:
        for days in start_days(loan):
            extra = loan.total - months * loan.instalment + credit(loan, days)
            if extra > 0 and extra % ROUND_SUM == 0:
                return History("round extra payment", months, credit(loan, days), last_extra=extra)
    return None


def _unexplained(loan: Published) -> History:
    """No claim: whole instalments and the rest; or all of it with the first instalment if it is far more than was due."""
    months = half_up(Fraction(loan.total, loan.instalment))
    if not 0 < months <= loan.elapsed + 1:
        return History("more than was due", 1, first_extra=loan.total - loan.instalment)
    rest = loan.total - months * loan.instalment
    return History("unexplained", months, first_extra=rest)


def late_instalments(possible: Sequence[int], fees: int) -> list[int]:
    """Which instalments were paid late, one for each late fee: the last possible ones, the first (which is less) only at need."""
    places = [place for place in possible if place > 0] or list(possible)
    return places[-fees:] if fees > 0 else []
