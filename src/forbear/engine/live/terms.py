"""The named options of a live loan's terms, as people set them. docs/algorithms/live-schedule.md has a line for each."""

from dataclasses import dataclass

from forbear.engine.live.vocabulary import (
    Advance,
    Allocation,
    ChargeOff,
    InterestOn,
    Recalculation,
    Schedule,
)
from forbear.engine.plan import Unit

RATE_STEP = 10**4
"""Rates of live loans are whole multiples of this many 10**-10, so that products stay within 62 bits."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How one sort of payment is allocated.

    `payment`: the sort (0: every sort that has no rule of its own). `order`: timing * 4 + component, twelve of them for
    HORIZONTAL and VERTICAL; for the others four components for what is due and four for what is not.
    """

    payment: int
    order: tuple[int, ...]
    advance: Advance = Advance.NEXT_ROW


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveTerms:
    """The contract of one loan under the live regime. Amounts in minor units, rates in 10**-10, days since 1970-01-01."""

    schedule: Schedule
    rate: int
    count: int
    every: int
    unit: Unit
    rules: tuple[Rule, ...]
    allocation: Allocation
    interest_on: InterestOn = InterestOn.DECLINING
    by_period: bool = False
    partial_periods: bool = True
    year_days: int = 0
    month_thirty: bool = False
    leap_day_rule: bool = False
    first_day_counts: bool = False
    progressive: bool = True
    equal_principal: bool = False
    counted_from: int = 0
    multiple: int = 0
    level: int = 0
    term_length: int = 0
    principal_grace: int = 0
    interest_grace: int = 0
    down_payment: int = 0
    credit_order: tuple[int, ...] = ()
    rest_at_due_date: bool = False
    payoff_to_due_date: bool = False
    past_due_earns: bool = True
    charge_off: ChargeOff = ChargeOff.REGULAR
    full_term_per_draw: bool = False
    factor_places: int = 0
    recalculation: Recalculation = Recalculation.NOT_AGAIN
    overdue_daily: bool = True

    def problems(self) -> list[str]:
        """What makes these terms impossible, in words; empty if nothing does. Business refusals are values."""
        found = []
        if self.rate < 0 or self.rate % RATE_STEP:
            found.append(
                "rate must be a share of a year with at most six decimals, not negative: change rate"
            )
        if self.count < 1 or self.every < 1:
            found.append("count and every must be at least 1: change the number or the length of the periods")
        if self.year_days not in (0, 360, 364, 365):
            found.append("year_days must be 360, 364, 365, or 0 for the length of the calendar year")
        if not any(rule.payment == 0 for rule in self.rules):
            found.append("rules must hold one for every sort of payment (payment 0): add it")
        if self.principal_grace >= self.count:
            found.append("principal_grace must leave a row that repays principal: shorten it or add rows")
        if self.full_term_per_draw and (not self.progressive or self.interest_on == InterestOn.FLAT):
            found.append(
                "full_term_per_draw needs a progressive schedule and interest on the declining balance: leave it off"
            )
        if self.factor_places not in (0, 19):
            found.append("factor_places must be 19, or 0 for exact factors: change it")
        if self.recalculation and (self.progressive or self.interest_on == InterestOn.FLAT):
            found.append(
                "recalculation needs a cumulative schedule and interest on the declining balance: leave it off"
            )
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveEntry:
    """An entry of a live loan's journal. Fields after `payment` belong to certain kinds only."""

    sequence: int
    kind: int
    on: int
    recorded_on: int
    amount: int = 0
    target: int = 0
    payment: int = 0
    until: int = 0
    rate: int = 0
    count: int = 0
    every: int = 0
    unit: int = 0
    share_of: int = 0
    when: int = 0
    component: int = 0
    spread: int = 0
