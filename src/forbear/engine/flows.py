"""From the terms of a contract to its dated flows, exactly. docs/algorithms/contracts.md, sections 2 to 5.

`flows` takes what happens when (`forbear.engine.agenda`) and lives through it in order: each event accrues interest up
to its date and then does one thing to the state. Events of one moment come in the order of `FlowKind`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Final

from forbear.engine.agenda import (
    Event,
    FlowKind,
    agenda,
    fixes_at_start,
    fixing_moment,
    has_level_to_fix,
    interest_moments,
    redemption_moments,
)
from forbear.engine.contract import Contract, InterestBase, Reset, maturity, year_fraction
from forbear.engine.vocabulary import Amortisation
from forbear.kernel.days import to_date


@dataclass(frozen=True, slots=True)
class Flow:
    """An event and the state after it. `amount` is received if positive, paid if negative; `principal` and `accrued` have the
    sign of the book's side (a borrower's are negative). All amounts are exact.
    """

    moment: int
    kind: FlowKind
    amount: Fraction
    principal: Fraction
    rate: Fraction
    accrued: Fraction


class NotObserved(LookupError):  # noqa: N818 - what is missing, not what broke
    """A rate or an index was to be observed on a day for which none is given."""


@dataclass(slots=True)
class _State:
    contract: Contract
    redemptions: list[int]  # moments on which level instalments are paid, up to the end they aim at
    until: int  # accrued up to this moment
    principal: Fraction = Fraction(0)
    base: Fraction = Fraction(0)
    rate: Fraction = Fraction(0)
    accrued: Fraction = Fraction(0)
    instalment: Fraction = Fraction(0)
    interest_scale: Fraction = Fraction(1)
    principal_scale: Fraction = Fraction(1)

    def accrue(self, moment: int) -> None:
        self.accrued += self.base * self.rate * year_fraction(self.contract.day_count, self.until, moment)
        self.until = moment

    def follow(self) -> None:
        """Let the interest base follow the principal, unless the contract has it lag."""
        if self.contract.interest_base != InterestBase.LAGGED:
            self.base = self.principal


def flows(contract: Contract, until: int | None = None) -> list[Flow]:
    """The flows of a contract up to and including the moment `until` (all of them if None), in order.

    Raises ValueError if the contract has `problems()`, NotObserved if a rate or index is missing.
    """
    problems = contract.problems()
    if problems:
        raise ValueError("contract: " + "; ".join(problems))
    end = maturity(contract)
    assert end is not None
    events = sorted(agenda(contract, end), key=lambda event: (event.shown, event.kind))
    state = _start(contract, end)
    sign = 1 if contract.lender else -1
    result = []
    for event in events:
        if not _lies_ahead(contract, event, until):
            continue
        if event.kind != FlowKind.DISBURSED:
            state.accrue(event.accrue_to)
        amount = _HAPPENS[event.kind](state, event)
        if _is_ours(contract, event):
            result.append(
                Flow(
                    event.shown,
                    event.kind,
                    sign * amount,
                    sign * state.principal,
                    state.rate,
                    sign * state.accrued,
                )
            )
    return result


def _lies_ahead(contract: Contract, event: Event, until: int | None) -> bool:
    """Whether an event is still to come, and comes before the contract is terminated."""
    if until is not None and event.shown > until:
        return False
    if contract.known_at is not None and event.shown <= contract.known_at:
        return False
    ended = contract.terminated_at
    return ended is None or (event.shown, event.kind) <= (ended, FlowKind.TERMINATED)


def _is_ours(contract: Contract, event: Event) -> bool:
    """Whether the flow is the holder's: one who bought the contract gets what comes after the purchase."""
    bought = contract.purchased_at
    return bought is None or (event.shown, event.kind) >= (bought, FlowKind.PURCHASED)


def _start(contract: Contract, end: int) -> _State:
    aim = end if contract.amortised_until is None else contract.amortised_until
    state = _State(contract, redemption_moments(contract, aim), contract.disbursed_at)
    state.instalment = _agreed_instalment(contract, state.redemptions)
    state.interest_scale, state.principal_scale = contract.interest_scale, contract.principal_scale
    if contract.known_at is not None and contract.disbursed_at <= contract.known_at:
        _open(state, contract.known_at)
        passed = [moment for moment in interest_moments(contract, end) if moment <= contract.known_at]
        if contract.accrued is None and passed:
            state.accrued = (
                state.base * state.rate * year_fraction(contract.day_count, passed[-1], contract.known_at)
            )
    if fixes_at_start(contract):
        _fix_instalment(state)
    return state


def _open(state: _State, moment: int) -> None:
    """The principal is out: the state that a disbursement leaves."""
    contract = state.contract
    state.principal = contract.principal
    state.rate = contract.rate or Fraction(0)
    agreed = contract.interest_base != InterestBase.PRINCIPAL and contract.base_amount is not None
    state.base = contract.base_amount if agreed and contract.base_amount is not None else contract.principal
    state.until = moment
    if contract.rate is not None:
        state.accrued = contract.accrued or Fraction(0)


def _agreed_instalment(contract: Contract, redemptions: list[int]) -> Fraction:
    """The instalment of the terms; without one, a linear contract redeems equal parts on all dates to come, the last
    included.
    """
    if contract.instalment is not None:
        return contract.instalment
    if contract.amortisation != Amortisation.EQUAL_PRINCIPAL:
        return Fraction(0)
    known = contract.known_at
    ahead = [moment for moment in redemptions if known is None or moment > known]
    return Fraction(contract.principal, max(1, len(ahead)))


def level_amount(
    contract: Contract, principal: Fraction, accrued: Fraction, rate: Fraction, moments: list[int]
) -> Fraction:
    """The amount that, paid at each of the `moments`, repays the principal with its interest: 等额本息, exactly.

    `accrued` is the interest up to the first of them, where nothing is discounted any more.
    """
    growth, worth = Fraction(1), Fraction(1)
    for start, end in pairwise(moments):
        growth *= 1 + rate * year_fraction(contract.day_count, start, end)
        worth += Fraction(1, growth)
    return Fraction(principal + accrued, worth)


def _fix_instalment(state: _State) -> None:
    ahead = [moment for moment in state.redemptions if moment > state.until]
    if state.contract.disbursed_at == state.until:
        ahead = [moment for moment in state.redemptions if moment >= state.until]
    if not ahead:
        return
    to_first = state.base * state.rate * year_fraction(state.contract.day_count, state.until, ahead[0])
    state.instalment = level_amount(
        state.contract, state.principal, state.accrued + to_first, state.rate, ahead
    )


def _disburse(state: _State, event: Event) -> Fraction:
    contract = state.contract
    _open(state, event.accrue_to)
    first = min((cycle.anchor for cycle in contract.interest), default=event.accrue_to)
    if contract.rate is not None and contract.accrued is None and first < event.accrue_to:
        state.accrued = state.base * state.rate * year_fraction(contract.day_count, first, event.accrue_to)
    if has_level_to_fix(contract) and fixing_moment(contract) is None:
        _fix_instalment(state)
    return -(contract.principal + contract.premium)


def _redeem(state: _State, event: Event) -> Fraction:
    contract = state.contract
    wanted = state.instalment
    if contract.amortisation == Amortisation.CUSTOM:
        wanted = contract.steps[event.detail].amount
    if contract.amortisation == Amortisation.EQUAL_INSTALMENT:
        wanted -= state.accrued
    paid = min(wanted, state.principal)
    state.principal -= paid
    state.follow()
    return paid * state.principal_scale


def _draw(state: _State, event: Event) -> Fraction:
    amount = state.contract.steps[event.detail].amount
    state.principal += amount
    state.follow()
    return -amount * state.principal_scale


def _pay_interest(state: _State, event: Event) -> Fraction:  # noqa: ARG001  one signature for all
    paid, state.accrued = state.accrued, Fraction(0)
    return paid * state.interest_scale


def _capitalise(state: _State, event: Event) -> Fraction:  # noqa: ARG001
    state.principal, state.accrued = state.principal + state.accrued, Fraction(0)
    state.follow()
    return Fraction(0)


def _fix_rate(state: _State, event: Event) -> Fraction:
    reset = state.contract.resets[event.detail]
    known = state.contract.next_rate
    state.rate = reset.spread if reset.fixed or known is None else known
    return Fraction(0)


def _reset_rate(state: _State, event: Event) -> Fraction:
    reset = state.contract.resets[event.detail]
    observed = _observed(state.contract.observed, event.accrue_to, "rate")
    state.rate = bounded(reset, state.rate, observed * reset.multiplier + reset.spread)
    return Fraction(0)


def bounded(reset: Reset, rate: Fraction, wanted: Fraction) -> Fraction:
    """The rate after a reset to `wanted` from `rate`: first the change is bounded, then the rate."""
    change = wanted - rate
    change = change if reset.most_down is None else max(change, reset.most_down)
    change = change if reset.most_up is None else min(change, reset.most_up)
    result = rate + change
    result = result if reset.floor is None else max(result, reset.floor)
    return result if reset.cap is None else min(result, reset.cap)


def _refix(state: _State, event: Event) -> Fraction:  # noqa: ARG001
    _fix_instalment(state)
    return Fraction(0)


def _purchase(state: _State, event: Event) -> Fraction:  # noqa: ARG001
    return -(state.contract.purchase_price + _signed(state))


def _terminate(state: _State, event: Event) -> Fraction:  # noqa: ARG001
    paid = state.contract.termination_price + _signed(state)
    state.principal = state.base = state.accrued = Fraction(0)
    return paid


def _signed(state: _State) -> Fraction:
    """Accrued interest as it stands in the book, which is what a price is added to: a borrower's is negative."""
    return state.accrued if state.contract.lender else -state.accrued


def _scale(state: _State, event: Event) -> Fraction:
    contract = state.contract
    assert contract.scale_at_deal is not None
    scale = Fraction(
        _observed(contract.scale_observed, event.accrue_to, "scaling index"), contract.scale_at_deal
    )
    state.interest_scale = scale if contract.scales_interest else state.interest_scale
    state.principal_scale = scale if contract.scales_principal else state.principal_scale
    return Fraction(0)


def _set_base(state: _State, event: Event) -> Fraction:  # noqa: ARG001
    state.base = state.principal
    return Fraction(0)


def _mature(state: _State, event: Event) -> Fraction:  # noqa: ARG001
    paid = state.principal * state.principal_scale
    state.principal = state.base = Fraction(0)
    return paid


def _observed(values: Mapping[int, Fraction], moment: int, what: str) -> Fraction:
    """The value of the moment, or the last one before it."""
    at = max((when for when in values if when <= moment), default=None)
    if at is None:
        raise NotObserved(f"no {what} is observed on or before {to_date(moment // 2)}; give one for that day")
    return values[at]


_HAPPENS: Final[Mapping[FlowKind, Callable[[_State, Event], Fraction]]] = {
    FlowKind.DISBURSED: _disburse,
    FlowKind.REDEEMED: _redeem,
    FlowKind.DRAWN: _draw,
    FlowKind.INTEREST_PAID: _pay_interest,
    FlowKind.CAPITALISED: _capitalise,
    FlowKind.RATE_FIXED: _fix_rate,
    FlowKind.RATE_RESET: _reset_rate,
    FlowKind.INSTALMENT_FIXED: _refix,
    FlowKind.PURCHASED: _purchase,
    FlowKind.TERMINATED: _terminate,
    FlowKind.SCALED: _scale,
    FlowKind.BASE_SET: _set_base,
    FlowKind.MATURED: _mature,
}
