"""The named options of a live loan's terms, as people set them. docs/algorithms/live-schedule.md has a line for each."""

from dataclasses import dataclass

from forbear.engine.live.vocabulary import (
    Advance,
    Allocation,
    ChargeOff,
    EarlyMoney,
    InterestOn,
    Schedule,
)
from forbear.engine.plan import Unit


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
    full_term_per_draw: bool = False
    credit_order: tuple[int, ...] = ()
    rest_at_due_date: bool = False
    payoff_to_due_date: bool = False
    early_money: EarlyMoney = EarlyMoney.KEEP_LEVEL
    past_due_earns: bool = True
    charge_off: ChargeOff = ChargeOff.REGULAR


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveEntry:
    """An entry of a live loan's journal. `until`, `rate`, `count`, `base`, `when` and `fee` belong to certain kinds only."""

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
    base: int = 0
    when: int = 0
    component: int = 0
