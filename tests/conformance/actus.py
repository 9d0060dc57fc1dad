"""ACTUS reference cases: their terms as a Contract of the engine, its flows as their events.

`translate` speaks ACTUS and Forbear; nothing is calculated here. Terms that no rule of the engine knows raise NotExpressible
with the reason. Comparison is to 1e-8 relative or 1e-6 absolute, as the format of the cases says: they are unrounded floats.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from forbear.engine.contract import PRESETS, Contract, InterestBase, Reset, Step
from forbear.engine.cycles import MONDAY_TO_FRIDAY, Cycle, Shift
from forbear.engine.flows import Flow, FlowKind, NotObserved, flows
from forbear.engine.plan import Unit
from forbear.kernel.calendars import Calendar
from forbear.kernel.daycounts import DayCount
from forbear.kernel.days import to_date, to_day

FAMILIES = ("actus-pam", "actus-lam", "actus-nam", "actus-ann", "actus-lax")
DAY_COUNTS = {
    "A365": DayCount.ACT_365F,
    "A360": DayCount.ACT_360,
    "30E360": DayCount.THIRTY_E_360,
    "AA": DayCount.ACT_ACT_ISDA,
}
UNITS = {
    "D": (1, Unit.DAY),
    "W": (1, Unit.WEEK),
    "M": (1, Unit.MONTH),
    "Q": (3, Unit.MONTH),
    "H": (6, Unit.MONTH),
    "Y": (12, Unit.MONTH),
}
SHIFTS = {
    "F": Shift.FOLLOWING,
    "MF": Shift.MODIFIED_FOLLOWING,
    "P": Shift.PRECEDING,
    "MP": Shift.MODIFIED_PRECEDING,
}
CALENDARS: dict[str, Calendar | None] = {"NC": None, "MF": MONDAY_TO_FRIDAY}
BASES = {"NT": InterestBase.PRINCIPAL, "NTL": InterestBase.LAGGED, "NTIED": InterestBase.AGREED}
EVENTS = {
    FlowKind.DISBURSED: "IED",
    FlowKind.REDEEMED: "PR",
    FlowKind.DRAWN: "PI",
    FlowKind.INTEREST_PAID: "IP",
    FlowKind.CAPITALISED: "IPCI",
    FlowKind.RATE_FIXED: "RRF",
    FlowKind.RATE_RESET: "RR",
    FlowKind.INSTALMENT_FIXED: "PRF",
    FlowKind.PURCHASED: "PRD",
    FlowKind.TERMINATED: "TD",
    FlowKind.SCALED: "SC",
    FlowKind.BASE_SET: "IPCB",
    FlowKind.MATURED: "MD",
}
READ = {
    *(
        "contractType",
        "contractID",
        "contractDealDate",
        "currency",
        "statusDate",
        "creatorID",
        "counterpartyID",
    ),
    *("contractRole", "calendar", "businessDayConvention", "endOfMonthConvention", "dayCountConvention"),
    *("initialExchangeDate", "maturityDate", "amortizationDate", "notionalPrincipal", "premiumDiscountAtIED"),
    *("nominalInterestRate", "accruedInterest", "capitalizationEndDate", "nextPrincipalRedemptionPayment"),
    *("cycleAnchorDateOfPrincipalRedemption", "cycleOfPrincipalRedemption"),
    *("cycleAnchorDateOfInterestPayment", "cycleOfInterestPayment"),
    *("cycleAnchorDateOfRateReset", "cycleOfRateReset", "marketObjectCodeOfRateReset", "nextResetRate"),
    *("rateMultiplier", "rateSpread", "lifeCap", "lifeFloor", "periodCap", "periodFloor", "fixingDays"),
    *("interestCalculationBase", "interestCalculationBaseAmount"),
    *("cycleAnchorDateOfInterestCalculationBase", "cycleOfInterestCalculationBase"),
    *(
        "cycleAnchorDateOfScalingIndex",
        "cycleOfScalingIndex",
        "marketObjectCodeOfScalingIndex",
        "scalingEffect",
    ),
    *("scalingIndexAtContractDealDate", "scalingIndexAtStatusDate"),
    *("notionalScalingMultiplier", "interestScalingMultiplier"),
    *("purchaseDate", "priceAtPurchaseDate", "terminationDate", "priceAtTerminationDate"),
    *("arrayCycleAnchorDateOfPrincipalRedemption", "arrayCycleOfPrincipalRedemption"),
    *("arrayNextPrincipalRedemptionPayment", "arrayIncreaseDecrease"),
    *("arrayCycleAnchorDateOfInterestPayment", "arrayCycleOfInterestPayment"),
    *("arrayCycleAnchorDateOfRateReset", "arrayCycleOfRateReset", "arrayRate", "arrayFixedVariable"),
    *(
        "contractPerformance",
        "marketValueObserved",
        "description",
        "seniority",
        "clearingHouse",
        "contractStructure",
    ),
}
"""The terms of the ACTUS dictionary that this module reads, or that change no flow."""
NEUTRAL = {
    "prepaymentEffect": {"N"}, "penaltyType": {"N", "O"}, "feeRate": {"0", "0.0"}, "feeAccrued": {"0", "0.0"},
    "scalingEffect": {"OOO", "000"}, "settlementCurrency": None, "marketObjectCode": None, "nonPerformingDate": None,
}  # fmt: skip
"""Terms that are fine as long as they say that nothing happens; None: whatever they say."""


class NotExpressible(ValueError):  # noqa: N818 - a limit, not a fault
    """The terms ask for something that the engine has no rule for."""


def moment(text: str) -> int:
    """A date, or with `T23:59:59` the end of it, in half days. `T00:00:00` is the start."""
    day, _, time = text.partition("T")
    if time not in {"", "00:00:00", "00:00", "23:59:59", "24:00:00"}:
        raise NotExpressible(f"a time of day other than midnight: {text}")
    return 2 * to_day(date.fromisoformat(day)) + (1 if time.startswith("2") else 0)


def shown(at: int) -> str:
    """A moment as the cases write it."""
    return to_date(at // 2).isoformat() + ("T23:59:59" if at % 2 else "")


@dataclass(frozen=True)
class _Terms:
    """The terms of a case, read by name; a name that is absent, or null, is None."""

    all: Mapping[str, Any]

    def text(self, name: str) -> str | None:
        return self.all.get(name)

    def amount(self, name: str) -> Fraction | None:
        value = self.all.get(name)
        return None if value is None else Fraction(value)

    def at(self, name: str) -> int | None:
        value = self.all.get(name)
        return None if value is None else moment(value)

    def many(self, name: str) -> list[Any]:
        value = self.all.get(name)
        return [] if value is None else value if isinstance(value, list) else [value]

    def cycle(self, what: str) -> Cycle | None:
        """The cycle of that name. Without an anchor it begins one period after disbursement."""
        written = self.all.get(f"cycleOf{what}")
        if written is None:
            return None
        anchor = self.at(f"cycleAnchorDateOf{what}")
        if anchor is not None:
            return self.made(anchor, written)
        disbursed = self.at("initialExchangeDate")
        assert disbursed is not None
        return self.made(self.made(disbursed, written).at(1), written)

    def made(self, anchor: int, written: Mapping[str, Any]) -> Cycle:
        times, unit = UNITS[written["unit"]]
        end_of_month = self.text("endOfMonthConvention") == "EOM"
        return Cycle(anchor, times * int(written["every"]), unit, written.get("stub") == "long", end_of_month)

    def single(self, what: str) -> int | None:
        """The one date of something that has an anchor and no cycle."""
        return None if self.all.get(f"cycleOf{what}") else self.at(f"cycleAnchorDateOf{what}")

    def cycles(self, what: str) -> list[Cycle]:
        """The chain of cycles of that name; an anchor without a cycle stands for itself alone."""
        anchors, written = self.many(f"arrayCycleAnchorDateOf{what}"), self.many(f"arrayCycleOf{what}")
        forever = {"every": 1000, "unit": "Y", "stub": "short"}
        each = written if len(written) == len(anchors) else (written or [forever]) * len(anchors)
        return [self.made(moment(anchor), cycle) for anchor, cycle in zip(anchors, each, strict=False)]


def translate(case: Mapping[str, Any]) -> Contract:
    """The terms of an ACTUS case as a Contract. Raises NotExpressible."""
    terms = _Terms(case["terms"])
    _refuse_unknown(terms)
    day_count = terms.text("dayCountConvention")
    if day_count not in DAY_COUNTS:
        raise NotExpressible(f"day count {day_count}")
    disbursed, principal = terms.at("initialExchangeDate"), terms.amount("notionalPrincipal")
    assert disbursed is not None
    assert principal is not None
    return Contract(
        **PRESETS["actus-" + case["terms"]["contractType"].lower()],
        principal=principal,
        disbursed_at=disbursed,
        matures_at=terms.at("maturityDate"),
        amortised_until=terms.at("amortizationDate"),
        known_at=terms.at("statusDate"),
        lender=terms.text("contractRole") not in {"RPL", "ST", "PFL", "PF", "SEL"},
        day_count=DAY_COUNTS[day_count],
        rate=terms.amount("nominalInterestRate"),
        accrued=terms.amount("accruedInterest"),
        premium=terms.amount("premiumDiscountAtIED") or Fraction(0),
        instalment=terms.amount("nextPrincipalRedemptionPayment"),
        redemption=terms.cycle("PrincipalRedemption"),
        redemption_from=terms.single("PrincipalRedemption"),
        steps=tuple(_steps(terms)),
        capitalised_until=terms.at("capitalizationEndDate"),
        interest_base=BASES[terms.text("interestCalculationBase") or "NT"],
        base_amount=terms.amount("interestCalculationBaseAmount"),
        base_cycle=terms.cycle("InterestCalculationBase"),
        next_rate=terms.amount("nextResetRate"),
        resets=tuple(_resets(terms)),
        observed=_observed(case, terms.text("marketObjectCodeOfRateReset")),
        purchased_at=terms.at("purchaseDate"),
        purchase_price=terms.amount("priceAtPurchaseDate") or Fraction(0),
        terminated_at=terms.at("terminationDate"),
        termination_price=terms.amount("priceAtTerminationDate") or Fraction(0),
        **_interest(terms),
        **_scaling(case, terms),
        **_business_days(terms),
    )


def _refuse_unknown(terms: _Terms) -> None:
    for name, value in terms.all.items():
        neutral = NEUTRAL.get(name, set())
        known = name in READ or neutral is None or str(value) in neutral
        if not known and value is not None:
            raise NotExpressible(f"term {name} = {value}")


def _interest(terms: _Terms) -> dict[str, Any]:
    cycle, single = terms.cycle("InterestPayment"), terms.single("InterestPayment")
    chain = terms.cycles("InterestPayment")
    return {
        "interest": tuple(chain or ([] if cycle is None else [cycle])),
        "interest_at": () if single is None else (single,),
    }


def _steps(terms: _Terms) -> Iterator[Step]:
    amounts = terms.many("arrayNextPrincipalRedemptionPayment")
    directions = terms.many("arrayIncreaseDecrease") or ["DEC"] * len(amounts)
    chain = terms.cycles("PrincipalRedemption")
    for cycle, amount, direction in zip(chain, amounts, directions, strict=True):
        yield Step(cycle, Fraction(amount), direction == "INC")


def _resets(terms: _Terms) -> Iterator[Reset]:
    common: dict[str, Any] = {
        "multiplier": Fraction(1)
        if terms.amount("rateMultiplier") is None
        else terms.amount("rateMultiplier"),
        "floor": terms.amount("lifeFloor"),
        "cap": terms.amount("lifeCap"),
        "most_down": terms.amount("periodFloor"),
        "most_up": terms.amount("periodCap"),
    }
    cycle = terms.cycle("RateReset")
    if cycle is None and (single := terms.single("RateReset")) is not None:
        cycle = terms.made(single, {"every": 1000, "unit": "Y", "stub": "short"})
    if cycle is not None:
        yield Reset(cycle, spread=terms.amount("rateSpread") or Fraction(0), **common)
        return
    rates, kinds = terms.many("arrayRate"), terms.many("arrayFixedVariable")
    for each, rate, kind in zip(terms.cycles("RateReset"), rates, kinds, strict=True):
        yield Reset(each, spread=Fraction(rate), fixed=kind == "F", **common)


def _observed(case: Mapping[str, Any], name: str | None) -> dict[int, Fraction]:
    rows = (case.get("observed") or {}).get(name, [])
    return {moment(row["date"]): Fraction(row["value"]) for row in rows}


def _scaling(case: Mapping[str, Any], terms: _Terms) -> dict[str, Any]:
    effect = terms.text("scalingEffect") or "OOO"
    scales = {"scales_interest": "I" in effect, "scales_principal": "N" in effect}
    return scales | {
        "scaling": terms.cycle("ScalingIndex") if any(scales.values()) else None,
        "scale_observed": _observed(case, terms.text("marketObjectCodeOfScalingIndex")),
        "scale_at_deal": terms.amount("scalingIndexAtContractDealDate")
        or terms.amount("scalingIndexAtStatusDate"),
        "interest_scale": terms.amount("interestScalingMultiplier") or Fraction(1),
        "principal_scale": terms.amount("notionalScalingMultiplier") or Fraction(1),
    }


def _business_days(terms: _Terms) -> dict[str, Any]:
    written, calendar = terms.text("businessDayConvention"), terms.text("calendar") or "NC"
    if written in {None, "NULL", "NOS"}:
        return {}
    if calendar not in CALENDARS:
        raise NotExpressible(f"calendar {calendar}")
    if written[:2] not in {"SC", "CS"} or written[2:] not in SHIFTS:
        raise NotExpressible(f"business day convention {written}")
    return {
        "shift": SHIFTS[written[2:]],
        "shift_before_accrual": written.startswith("SC"),
        "calendar": CALENDARS[calendar],
    }


@dataclass(frozen=True)
class Result:
    """What came of a case: `verdict` is passed, failed (with the first difference) or not expressible (with the reason)."""

    id: str
    feature: str
    verdict: str
    reason: str = ""
    step: int = 0
    checks: Counter[tuple[str, str]] = field(default_factory=Counter)


def same(ours: Fraction, theirs: str | None) -> bool:
    """Equal to 1e-8 relative or 1e-6 absolute; no value is nothing."""
    wanted = Fraction(theirs or 0)
    return abs(ours - wanted) <= max(Fraction(1, 10**6), abs(wanted) / 10**8)


def differences(made: list[Flow], expected: list[Mapping[str, Any]]) -> Iterator[str]:
    """What differs between the flows of a contract and the events of a case, in words."""
    events = [(shown(flow.moment), EVENTS[flow.kind]) for flow in made]
    wanted = [(row["date"], row["type"]) for row in expected]
    if events != wanted:
        missing, extra = [e for e in wanted if e not in events], [e for e in events if e not in wanted]
        yield f"events: missing {missing[:4]}, not expected {extra[:4]}, of {len(wanted)}"
        return
    for flow, row in zip(made, expected, strict=True):
        pairs = (
            ("payoff", flow.amount),
            ("notional", flow.principal),
            ("rate", flow.rate),
            ("accrued", flow.accrued),
        )
        for name, ours in pairs:
            if name in row and not same(ours, row[name]):
                yield f"{row['date']} {row['type']} {name}: {float(ours):.10g}, expected {row[name]}"


def run(case: Mapping[str, Any]) -> Result:
    """Run one case."""
    name, feature = case["id"], case["feature"]
    try:
        contract = translate(case)
        problems = contract.problems()
        if problems:
            return Result(name, feature, "not expressible", "; ".join(problems))
        made = flows(contract, None if case.get("until") is None else moment(case["until"]))
    except (NotExpressible, NotObserved) as error:
        return Result(name, feature, "not expressible", str(error))
    first = next(differences(made, case["expected"]), None)
    return Result(name, feature, "passed") if first is None else Result(name, feature, "failed", first)
