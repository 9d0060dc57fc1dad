"""What happens when in a contract: every event from disbursement to the end, in no order. docs/algorithms/contracts.md, section 2."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from forbear.engine.contract import Contract, InterestBase, Level
from forbear.engine.cycles import chained, shifted
from forbear.engine.vocabulary import Amortisation


class FlowKind(IntEnum):
    """What a flow is; the numbers give the order within a moment, after the ACTUS event sequence."""

    DISBURSED = 1
    REDEEMED = 3
    DRAWN = 4
    INTEREST_PAID = 7
    CAPITALISED = 8
    RATE_FIXED = 10
    RATE_RESET = 11
    INSTALMENT_FIXED = 12
    PURCHASED = 14
    TERMINATED = 16
    SCALED = 17
    BASE_SET = 18
    MATURED = 19


@dataclass(frozen=True, slots=True)
class Event:
    """Something due to happen: `shown` when, after any shift to a business day, and `accrue_to` for interest."""

    shown: int
    kind: FlowKind
    accrue_to: int
    detail: int = 0  # place of the step or reset


def agenda(contract: Contract, end: int) -> Iterator[Event]:
    """All events from disbursement to the end, in no order."""

    def scheduled(moment: int, kind: FlowKind, detail: int = 0) -> Event:
        shown = shifted(moment, contract.shift, contract.calendar)
        return Event(shown, kind, shown if contract.shift_before_accrual else moment, detail)

    yield Event(contract.disbursed_at, FlowKind.DISBURSED, contract.disbursed_at)
    yield scheduled(end, FlowKind.MATURED)
    for moment, kind, detail in _repeated(contract, end):
        if moment >= contract.disbursed_at:
            yield scheduled(moment, kind, detail)
    if (moment_fixed := fixing_moment(contract)) is not None:
        yield Event(moment_fixed, FlowKind.INSTALMENT_FIXED, moment_fixed)
    for at, kind in (
        (contract.purchased_at, FlowKind.PURCHASED),
        (contract.terminated_at, FlowKind.TERMINATED),
    ):
        if at is not None:
            yield Event(at, kind, at)


def _repeated(contract: Contract, end: int) -> Iterator[tuple[int, FlowKind, int]]:
    """What recurs: redemptions and draws, interest, resets, scaling, interest bases. (moment, kind, detail)."""
    if contract.amortisation == Amortisation.CUSTOM:
        for moment, place in chained([step.cycle for step in contract.steps], end):
            yield moment, FlowKind.DRAWN if contract.steps[place].drawn else FlowKind.REDEEMED, place
    elif contract.amortisation != Amortisation.INTEREST_ONLY:
        for moment in redemption_moments(contract, end)[:-1]:
            yield moment, FlowKind.REDEEMED, 0
    capitalised = contract.capitalised_until
    for moment in interest_moments(contract, end):
        early = capitalised is not None and moment <= capitalised
        yield moment, FlowKind.CAPITALISED if early else FlowKind.INTEREST_PAID, 0
    yield from _reset_events(contract, end)
    if contract.scaling is not None:
        for moment in contract.scaling.before(end):
            yield moment, FlowKind.SCALED, 0
    if contract.base_cycle is not None and contract.interest_base == InterestBase.LAGGED:
        for moment in contract.base_cycle.before(end):
            yield moment, FlowKind.BASE_SET, 0


def redemption_moments(contract: Contract, end: int) -> list[int]:
    """The moments of redemption by one cycle, and the end."""
    if contract.redemption is not None:
        return [*contract.redemption.before(end), end]
    single = contract.redemption_from
    return [single, end] if single is not None and single < end else [end]


def interest_moments(contract: Contract, end: int) -> list[int]:
    """Every moment on which interest is paid or capitalised. None are due on a contract without a rate."""
    if contract.rate is None:
        return []
    moments = {end}
    last = end
    if contract.interest_with_redemption and contract.redemption is not None:
        last = min(end, contract.redemption.anchor)
        moments.update(moment for moment in redemption_moments(contract, end))
    moments.update(moment for moment, _ in chained(contract.interest, last))
    moments.update(moment for moment in contract.interest_at if moment < last)
    if contract.capitalised_until is not None:
        moments.add(contract.capitalised_until)
    return sorted(moments)


def _reset_events(contract: Contract, end: int) -> Iterator[tuple[int, FlowKind, int]]:
    """Resets of the rate, the first one to come with the rate that is known, and what they do to a level instalment."""
    known = contract.known_at
    first = contract.next_rate is not None
    refixed = contract.amortisation == Amortisation.EQUAL_INSTALMENT and contract.level == Level.REFIXED
    for moment, place in chained([reset.cycle for reset in contract.resets], end):
        fixed = contract.resets[place].fixed or (first and (known is None or moment > known))
        yield moment, FlowKind.RATE_FIXED if fixed else FlowKind.RATE_RESET, place
        if first and fixed:
            first = False
        if refixed:
            yield moment, FlowKind.INSTALMENT_FIXED, 0


def has_level_to_fix(contract: Contract) -> bool:
    """Whether level instalments are paid whose amount is not agreed."""
    return contract.amortisation == Amortisation.EQUAL_INSTALMENT and contract.instalment is None


def fixing_moment(contract: Contract) -> int | None:
    """A level instalment not agreed on is fixed a day before it is first paid, if the money is out by then."""
    if not has_level_to_fix(contract) or contract.redemption is None:
        return None
    moment = contract.redemption.anchor - 2
    begins = max(contract.disbursed_at, contract.known_at or contract.disbursed_at)
    return moment if moment > begins else None


def fixes_at_start(contract: Contract) -> bool:
    """Whether the level instalment of a contract that is already out is needed before there is a day to fix it."""
    out = contract.known_at is not None and contract.disbursed_at <= contract.known_at
    return out and has_level_to_fix(contract) and fixing_moment(contract) is None
