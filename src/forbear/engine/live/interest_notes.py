"""How interest of a live schedule came about: the days of a period and their balances, and what was moved elsewhere.

Read off a folded desk by the functions of the schedule itself, in their Python form, with notes taken around them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from forbear.engine.live.layout import Desk, Model
from forbear.engine.live.level import NONE, locate, settle, silence_after
from forbear.engine.live.model import balance, earned_in
from forbear.kernel.compiled import uncompiled
from forbear.kernel.rates import RATE_SCALE


@dataclass(frozen=True, slots=True)
class Days:
    """Days [start, end): `share` of a year of the yearly `rate` (10**-10) of `base` (minor units), exactly."""

    start: int
    end: int
    base: int
    rate: int
    share: Fraction

    @property
    def amount(self) -> Fraction:
        """What they earn, in minor units."""
        return Fraction(self.base * self.rate, RATE_SCALE) * self.share


@dataclass(frozen=True, slots=True)
class PeriodInterest:
    """Interest of a period: what its days earned, and how that became what it asks. All but `days` in minor units.

    `taken`: taken back in it; `earned`: both, rounded; `moved_up`: so much of it was asked in an earlier period; `unplaced`: what
    the period before could not place; `brought_forward`: of later periods; `asked`: what this one asks.
    """

    days: tuple[Days, ...]
    taken: int
    earned: int
    moved_up: int
    unplaced: int
    brought_forward: int
    asked: int


def interest_of_period(model: Model, d: int, k: int) -> PeriodInterest:
    """Interest of period `k` of model `d`, as it stands."""
    days: list[Days] = []
    now: dict[str, Any] = {}
    taken = 0

    def watch(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        if name in ("model.rate_on", "model._base", "year.share_of_year"):

            def noting(*given: Any) -> Any:
                now[name] = function(*given)
                return now[name]

            return noting
        if name == "model.interest_of":

            def earning(model: Any, d: int, period: Any, place: int, count: int) -> Any:
                got = function(model, d, period, place, count)
                if got != (0, 0):
                    start = int(model.segments[d, place].start)
                    number, parts = now["year.share_of_year"]
                    share = Fraction(int(number), int(parts)) * Fraction(int(count), int(period.end) - start)
                    base, rate = int(now["model._base"]), int(now["model.rate_on"])
                    days.append(Days(start, start + int(count), base, rate, share))
                return got

            return earning
        if name == "model._earning":

            def with_taken(*given: Any) -> Any:
                nonlocal taken
                before = sum((part.amount for part in days), Fraction(0))
                whole, fraction = function(*given)
                earned = int(sum((part.amount for part in days), Fraction(0)) - before)
                taken += int(whole) - earned
                return whole, fraction

            return with_taken
        return function

    earned = int(uncompiled(earned_in, watch)(model, d, k))
    period = model.periods[d, k]
    return PeriodInterest(
        tuple(days),
        taken,
        earned,
        earned if period.moved_up == 1 else 0,
        int(model.periods[d, k - 1].unplaced) if k > 0 else 0,
        int(period.brought_forward),
        int(period.interest),
    )


def interest_of_row(desk: Desk, due: int) -> PeriodInterest | None:
    """Interest of the period that ends on a due date; None where the schedule has none."""
    for k in range(int(desk.state.view_periods[0])):
        if desk.model.periods[0, k].end == due:
            return interest_of_period(desk.model, 0, k)
    return None


def interest_by(desk: Desk, day: int) -> PeriodInterest | None:
    """Interest of the running period as a payoff on `day` asks it; None where no period has begun or none is left."""
    model = desk.model
    e = int(_plain(silence_after)(model, 0, day))
    _plain(balance)(model, e)
    _plain(settle)(model, e, day)
    k = int(_plain(locate)(model, e, day))
    return None if k == NONE else interest_of_period(model, e, k)


def _plain(function: Callable[..., Any]) -> Callable[..., Any]:
    return uncompiled(function, lambda _name, same: same)
