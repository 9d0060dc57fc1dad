"""A lender's product under the live regime: the options of its loans as people set them, and which of them contradict.

docs/reference/products.md explains each term; docs/algorithms/live-schedule.md what it does.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from types import MappingProxyType
from typing import Any, Final

from forbear.engine.live.presets import PRESETS as OPTIONS
from forbear.engine.live.terms import LiveTerms, Rule
from forbear.engine.live.vocabulary import Advance, Allocation, ChargeOf, InterestOn, Schedule, Spread, Timing
from forbear.engine.plan import Unit
from forbear.engine.vocabulary import COMPONENTS, M_BUCKETS, ChargeOff, Component
from forbear.kernel.rates import RATE_SCALE

BY_ROW: Final = (Allocation.ROW_BY_ROW, Allocation.DUE_THEN_ADVANCE)
"""Allocations that ask two orders of the components, for what is due and for what is not; the others ask three."""

OTHER_MONEY: Final[Mapping[str, int]] = MappingProxyType(
    {"payment_rule": 0, "merchant_rule": 2, "goodwill_rule": 4, "interest_refund_rule": 9}
)
"""The terms that say how money is allocated, and the sort of payment that each is about; 0: all without a rule of their own."""


@dataclass(frozen=True, slots=True)
class Way:
    """How one sort of payment is allocated: which rows early money goes to, and the order (timing * 4 + component)."""

    advance: Advance
    order: tuple[int, ...]


_PARTS: Final = (Component.PENALTY, Component.FEE, Component.INTEREST, Component.PRINCIPAL)
OLDEST_FIRST: Final = Way(Advance.NEXT_ROW, tuple(timing * 4 + part for timing in Timing for part in _PARTS))
IN_TURN: Final = Way(Advance.NEXT_ROW, tuple(map(int, _PARTS * 2)))


NOT_NEGATIVE: Final = (
    *("multiple", "term_length", "principal_grace", "interest_grace", "down_payment", "draw_fee_flat"),
    *("draw_fee_rate", "row_fee_flat", "row_fee_rate", "tolerance", "nonaccrual_after"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveProduct:
    """What the loans of a live product have in common. Amounts in minor units, rates and parts in 10**-10."""

    code: str
    currency: str
    schedule: Schedule = Schedule.LIVE
    progressive: bool = True
    unit: Unit = Unit.MONTH
    every: int = 1
    allocation: Allocation = Allocation.HORIZONTAL
    payment_rule: Way = OLDEST_FIRST
    merchant_rule: Way | None = None
    goodwill_rule: Way | None = None
    interest_refund_rule: Way | None = None
    interest_on: InterestOn = InterestOn.DECLINING
    by_period: bool = False
    partial_periods: bool = True
    year_days: int = 0
    month_thirty: bool = False
    leap_day_rule: bool = False
    first_day_counts: bool = False
    equal_principal: bool = False
    multiple: int = 0
    term_length: int = 0
    principal_grace: int = 0
    interest_grace: int = 0
    down_payment: int = 0
    credit_order: tuple[Component, ...] = ()
    rest_at_due_date: bool = False
    payoff_to_due_date: bool = False
    past_due_earns: bool = True
    charge_off: ChargeOff = ChargeOff.REGULAR
    reage_spread: Spread = Spread.BY_BALANCE
    reamortise_spread: Spread = Spread.BY_BALANCE
    draw_fee_flat: int = 0
    draw_fee_rate: int = 0
    row_fee_flat: int = 0
    row_fee_rate: int = 0
    row_fee_of: ChargeOf = ChargeOf.BOTH
    tolerance: int = 0
    nonaccrual_after: int = 91
    buckets: tuple[int, ...] = M_BUCKETS
    name: str = field(default="", compare=False)

    def problems(self) -> list[str]:
        """What makes these terms impossible, in words; empty if nothing does. Business refusals are values."""
        return [*self._impossible(), *self._contradictions(), *self._wrong_rules()]

    def _impossible(self) -> Iterator[str]:
        if self.every < 1:
            yield "every must be at least 1"
        for name in NOT_NEGATIVE:
            if getattr(self, name) < 0:
                yield f"{name} must not be negative"
        if self.year_days not in (0, 360, 364, 365):
            yield "year_days must be 360, 364, 365, or 0 for the length of the calendar year"
        if self.down_payment > RATE_SCALE:
            yield "down_payment is a part of the draw: at most 1"
        if self.credit_order and sorted(self.credit_order) != sorted(Component):
            yield "credit_order must name principal, interest, fee and penalty once each, or be empty"
        if self.row_fee_of not in (ChargeOf.PRINCIPAL, ChargeOf.BOTH, ChargeOf.INTEREST):
            yield "row_fee_of is principal, interest or both: what a row asks"
        if self.reage_spread == Spread.OVERDUE_INTEREST:
            yield "reage_spread is by_balance, earned_interest or all_interest"
        if self.reamortise_spread not in (Spread.BY_BALANCE, Spread.OVERDUE_INTEREST):
            yield "reamortise_spread is by_balance or overdue_interest"
        if any(a >= b for a, b in pairwise((0, *self.buckets))):
            yield "buckets must be ascending days past due, from 1"

    def _contradictions(self) -> Iterator[str]:
        """Terms that mean nothing, or the opposite, beside another one."""
        live = self.schedule == Schedule.LIVE
        for name, stands, needs in (
            (
                "schedule live",
                live and not self.progressive,
                "progressive: a cumulative one is written at once",
            ),
            ("principal_grace", self.principal_grace and not self.progressive, "progressive"),
            ("interest_grace", self.interest_grace and not self.progressive, "progressive"),
            (
                f"reage_spread {self.reage_spread.name.lower()}",
                self.reage_spread and not self.progressive,
                "progressive: rows that are written at once are not re-aged",
            ),
            (
                "equal_principal",
                self.equal_principal and self.progressive,
                "a schedule that is not progressive",
            ),
            ("payoff_to_due_date", self.payoff_to_due_date and not live, "schedule live"),
            ("rest_at_due_date", self.rest_at_due_date and not self.payoff_to_due_date, "payoff_to_due_date"),
            ("month_thirty", self.month_thirty and not self.year_days, "year_days: say how long its year is"),
            ("leap_day_rule", self.leap_day_rule and self.year_days, "year_days 0, the calendar year"),
            ("first_day_counts", self.first_day_counts and self.year_days, "year_days 0, the calendar year"),
            ("by_period", self.by_period and self.unit == Unit.DAY, "unit week or month"),
            ("partial_periods false", not self.partial_periods and not self.by_period, "by_period"),
        ):
            if stands:
                yield f"{name} needs {needs}"
        if (self.allocation in BY_ROW) == self.progressive:
            fitting = "horizontal or vertical" if self.progressive else "row_by_row or due_then_advance"
            shape = "a progressive" if self.progressive else "a cumulative"
            yield f"{shape} schedule needs allocation {fitting}"

    def _wrong_rules(self) -> Iterator[str]:
        for name in OTHER_MONEY:
            way = getattr(self, name)
            if way is None:
                continue
            if self.allocation in BY_ROW:
                wanted, halves = sorted([*range(COMPONENTS)] * 2), (way.order[:4], way.order[4:])
                if sorted(way.order) != wanted or any(len(set(half)) < len(half) for half in halves):
                    yield f"{name} must name each component once for what is due, then once in advance"
                elif way.advance != Advance.NEXT_ROW:
                    yield f"{name}: allocation by row takes the next row; {way.advance.name.lower()} needs horizontal or vertical"
            elif sorted(way.order) != list(range(3 * COMPONENTS)):
                yield f"{name} must name each component once past due, once due and once in advance"

    def terms(self, *, rate: int, count: int, level: int = 0, counted_from: int = 0) -> LiveTerms:
        """The terms of one loan of this product."""
        options: dict[str, Any] = {name: getattr(self, name) for name in SHARED}
        rules = ((payment, getattr(self, name)) for name, payment in OTHER_MONEY.items())
        return LiveTerms(
            rate=rate,
            count=count,
            level=level,
            counted_from=counted_from,
            rules=tuple(Rule(payment, way.order, way.advance) for payment, way in rules if way is not None),
            credit_order=tuple(map(int, self.credit_order)),
            **options,
        )


SHARED: Final = (
    *(
        "schedule",
        "progressive",
        "unit",
        "every",
        "allocation",
        "interest_on",
        "by_period",
        "partial_periods",
    ),
    *("year_days", "month_thirty", "leap_day_rule", "first_day_counts", "equal_principal", "multiple"),
    *("term_length", "principal_grace", "interest_grace", "down_payment", "rest_at_due_date"),
    *("payoff_to_due_date", "past_due_earns", "charge_off"),
)
"""Terms of the product that are terms of its loans as they stand."""


def _starting(options: Mapping[str, Any]) -> dict[str, Any]:
    values = {name: value for name, value in options.items() if name in SHARED}
    for rule in options["rules"]:
        values["payment_rule"] = Way(rule.advance, rule.order)
    return values


STARTING_VALUES: Final = MappingProxyType({name: _starting(told) for name, told in OPTIONS.items()})
"""The presets (`forbear.engine.live.presets`) as terms of a product; what a product says itself counts before them."""
