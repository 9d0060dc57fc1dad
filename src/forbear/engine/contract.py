"""A contract with exact amounts: terms from which `forbear.engine.flows` makes dated flows, as fractions, unrounded.

The fold rounds each amount to money where it falls due, which is what a borrower owes. A contract as other systems exchange it
(ACTUS), an all-in cost, a price or a forecast want the same schedule before any rounding. Both know the same vocabulary:
amortisation, units, day counts, month ends, calendars. docs/algorithms/contracts.md has every rule.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from fractions import Fraction
from itertools import pairwise
from types import MappingProxyType
from typing import Any, Final

from forbear.engine.cycles import Cycle, Shift, last_until
from forbear.engine.vocabulary import Amortisation
from forbear.kernel.calendars import Calendar
from forbear.kernel.daycounts import DayCount, denominator, weight


class Level(IntEnum):
    """What happens to a level instalment when the rate changes: KEPT, or computed again for the principal left (REFIXED)."""

    KEPT = 0
    REFIXED = 1


class InterestBase(IntEnum):
    """What interest is calculated on: the PRINCIPAL left; a LAGGED base, brought up to the principal on dates of its own;
    or an AGREED amount at first and the principal left from the first redemption on.
    """

    PRINCIPAL = 0
    LAGGED = 1
    AGREED = 2


@dataclass(frozen=True, slots=True)
class Step:
    """A stretch of a CUSTOM contract: on each date of `cycle`, `amount` of principal is redeemed, or drawn if `drawn`."""

    cycle: Cycle
    amount: Fraction
    drawn: bool = False


@dataclass(frozen=True, slots=True)
class Reset:
    """When the rate is set anew, and to what: the observed rate times `multiplier` plus `spread`, within bounds.

    `fixed`: the `spread` is the new rate itself, nothing is observed. Bounds are None where there are none; those per period
    bound the change from the rate before.
    """

    cycle: Cycle
    spread: Fraction = Fraction(0)
    multiplier: Fraction = Fraction(1)
    fixed: bool = False
    floor: Fraction | None = None
    cap: Fraction | None = None
    most_down: Fraction | None = None
    most_up: Fraction | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """Terms of one contract. Amounts are Fractions in any one unit, rates Fractions per year (per day for DayCount.DAILY).

    Moments are half days, see `forbear.engine.cycles`. Everything up to and including `known_at` has happened: its flows are
    not made, and a contract disbursed by then starts with `principal` still outstanding. `lender`: whose book this is; a
    borrower's has the opposite sign in flows, principal and accruals.
    """

    amortisation: Amortisation
    principal: Fraction
    disbursed_at: int
    matures_at: int | None = None
    amortised_until: int | None = (
        None  # the end that level instalments aim at, where the contract ends earlier
    )
    known_at: int | None = None
    lender: bool = True
    day_count: DayCount = DayCount.ACT_365F
    rate: Fraction | None = None
    accrued: Fraction | None = None
    premium: Fraction = Fraction(0)
    instalment: Fraction | None = None
    level: Level = Level.REFIXED
    redemption: Cycle | None = None
    redemption_from: int | None = None  # a single date, where there is no cycle
    steps: tuple[Step, ...] = ()
    interest: tuple[Cycle, ...] = ()
    interest_at: tuple[int, ...] = ()  # single dates, where there is no cycle
    interest_with_redemption: bool = False
    capitalised_until: int | None = None
    interest_base: InterestBase = InterestBase.PRINCIPAL
    base_amount: Fraction | None = None
    base_cycle: Cycle | None = None
    resets: tuple[Reset, ...] = ()
    next_rate: Fraction | None = None
    observed: Mapping[int, Fraction] = field(default_factory=dict)
    scaling: Cycle | None = None
    scales_interest: bool = False
    scales_principal: bool = False
    scale_observed: Mapping[int, Fraction] = field(default_factory=dict)
    scale_at_deal: Fraction | None = None
    interest_scale: Fraction = Fraction(1)
    principal_scale: Fraction = Fraction(1)
    purchased_at: int | None = None
    purchase_price: Fraction = Fraction(0)
    terminated_at: int | None = None
    termination_price: Fraction = Fraction(0)
    shift: Shift = Shift.NONE
    shift_before_accrual: bool = True
    calendar: Calendar | None = None

    def problems(self) -> list[str]:
        """What makes these terms impossible, in words; empty if nothing does. Business refusals are values."""
        found = []
        if self.principal <= 0:
            found.append("principal must be above zero")
        if maturity(self) is None:
            found.append(
                "the terms have no end: give matures_at, or an instalment that covers more than the interest"
            )
        elif self.matures_at is not None and self.matures_at <= self.disbursed_at:
            found.append("matures_at must lie after disbursed_at")
        if self.amortisation == Amortisation.CUSTOM and not self.steps:
            found.append("a custom contract needs steps")
        if self.amortisation == Amortisation.EQUAL_INSTALMENT and self.redemption is None:
            found.append("level instalments need the cycle on which they are paid (redemption)")
        if self.interest_base == InterestBase.LAGGED and self.base_cycle is None:
            found.append(
                "a lagged interest base needs the cycle on which it is brought up to date (base_cycle)"
            )
        anchors = [step.cycle.anchor for step in self.steps]
        if any(a >= b for a, b in pairwise(anchors)):
            found.append("the anchors of steps must ascend")
        if self.scaling is not None and not self.scale_at_deal:
            found.append("scaling needs the index at the deal (scale_at_deal), other than zero")
        return found


PRESETS: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType(
    {
        "actus-pam": {"amortisation": Amortisation.INTEREST_ONLY},
        "actus-lam": {"amortisation": Amortisation.EQUAL_PRINCIPAL},
        "actus-nam": {
            "amortisation": Amortisation.EQUAL_INSTALMENT,
            "level": Level.KEPT,
            "interest_with_redemption": True,
        },
        "actus-ann": {
            "amortisation": Amortisation.EQUAL_INSTALMENT,
            "level": Level.REFIXED,
            "interest_with_redemption": True,
        },
        "actus-lax": {"amortisation": Amortisation.CUSTOM},
    }
)
"""The contract types of ACTUS as values of options: principal at maturity, linear, negative and level amortisers, and the
linear one with steps."""


def accrual_day(moment: int) -> int:
    """The day number up to which interest has run at the moment: the end of a day is the start of the next."""
    return (moment + 1) // 2


def year_fraction(day_count: DayCount, start: int, end: int) -> Fraction:
    """The part of a year (of a day, for DAILY) between two moments, exactly."""
    first, last = accrual_day(start), accrual_day(end)
    return Fraction(weight(int(day_count), first, first, last), denominator(int(day_count)))


def maturity(contract: Contract) -> int | None:
    """The moment at which what is left is repaid, from the terms; None where they never get there."""
    if contract.matures_at is not None:
        return contract.matures_at
    if contract.amortisation == Amortisation.CUSTOM:
        return _steps_end(contract)
    if contract.amortised_until is not None:
        return contract.amortised_until
    if contract.redemption is None or contract.instalment is None:
        return None
    known = contract.known_at
    anchor = contract.redemption.anchor
    passed = None if known is None else last_until(contract.redemption, known)
    start = anchor if passed is None else passed
    count = _instalments_needed(contract, start)
    if count is None:
        return None
    first = next(place for place in range(_LONGEST) if contract.redemption.at(place) == start)
    return contract.redemption.at(first + count - (1 if passed is None else 0))


_LONGEST: Final = 100_000


def _instalments_needed(contract: Contract, start: int) -> int | None:
    """How many instalments redeem the principal, if each redeemed as much as the one after `start` does."""
    cycle, instalment = contract.redemption, contract.instalment
    assert cycle is not None
    assert instalment is not None
    redeemed = instalment
    if contract.amortisation == Amortisation.EQUAL_INSTALMENT:
        place = next(place for place in range(_LONGEST) if cycle.at(place) == start)
        period = year_fraction(contract.day_count, start, cycle.at(place + 1))
        redeemed -= contract.principal * (contract.rate or 0) * period
    if redeemed <= 0:
        return None
    return -(-contract.principal // redeemed)


def _steps_end(contract: Contract) -> int | None:
    """The first moment at which the steps of a CUSTOM contract have redeemed everything."""
    left = contract.principal
    for place, step in enumerate(contract.steps):
        end = contract.steps[place + 1].cycle.anchor if place + 1 < len(contract.steps) else None
        count = 0
        while end is None or step.cycle.at(count) < end:
            left += step.amount if step.drawn else -step.amount
            if left <= 0:
                return step.cycle.at(count)
            if step.amount <= 0 or (end is None and step.drawn):
                break
            count += 1
    return None
