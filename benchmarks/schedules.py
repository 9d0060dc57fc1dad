"""36-month schedules beside the libraries people make them with.

Two contests, as the peers answer different questions. `amounts`: interest and principal of each row for arrays of loans, beside
numpy-financial's broadcast. `contracts`: from terms to dated rows, one contract after another, beside QuantLib, jactus and
pyloan; here Forbear also works out its due dates. Rates and principals are drawn by a seed. Whoever takes arrays takes them in
blocks of BLOCK loans, whose rows stay in the cache; numpy-financial also all at once, as one broadcast.

Before anything is timed the schedules are compared. numpy-financial and QuantLib compute unrounded, jactus in 32-bit floats: every
row has to be within what rounding to cents can add up to. pyloan rounds its instalment in a way of its own (372.62 where the others
have 371.62), so only its first interest and its principal's sum are held to ours.
"""

import json
import sys
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

from benchmarks.measure import Result, side_by_side
from forbear.engine.batch import Batch
from forbear.engine.layout import ENTRY
from forbear.engine.planned import planned_rows
from forbear.engine.terms import LOAN_TERMS, Product, compile_batch
from forbear.engine.vocabulary import Amortisation, InterestMethod
from forbear.kernel.daycounts import DayCount
from forbear.kernel.days import day_number

MONTHS: Final = 36
START: Final = day_number(2026, 1, 1)
FIRST_DUE: Final = day_number(2026, 2, 1)
PRODUCT: Final = Product(
    code="schedule",
    currency="CNY",
    amortisation=Amortisation.EQUAL_INSTALMENT,
    interest_method=InterestMethod.PERIOD_RATE,
    day_count=DayCount.THIRTY_E_360,
)
BLOCK: Final = 4096
FEW: Final = 40
"""Contracts for the peers that take milliseconds each."""
Work = Callable[[], object]


class Loans:
    """Principals in cents and rates in 10**-10, whole basis points."""

    def __init__(self, principal: np.ndarray, rate: np.ndarray) -> None:
        self.principal, self.rate = principal, rate
        self.terms = np.zeros(len(rate), LOAN_TERMS)
        self.terms["loan"] = np.arange(1, len(rate) + 1)
        self.terms["rate"], self.terms["first_due_on"], self.terms["count"] = rate, FIRST_DUE, MONTHS
        self.drawn_on = np.full(len(rate), START)
        self.bounds = np.zeros(len(rate) + 1, np.int64)

    @classmethod
    def drawn(cls, count: int) -> "Loans":
        draw = np.random.default_rng(36)
        principal = draw.integers(100_000, 5_000_000, count)
        return cls(principal, draw.integers(300, 2400, count) * 10**6)

    def blocks(self) -> list["Loans"]:
        """The loans, BLOCK at a time."""
        cuts = range(BLOCK, len(self.rate), BLOCK)
        parts = zip(np.split(self.principal, cuts), np.split(self.rate, cuts), strict=True)
        return [Loans(principal, rate) for principal, rate in parts]

    def batch(self) -> Batch:
        return compile_batch([PRODUCT], self.terms, np.zeros(0, ENTRY), self.bounds)

    def money(self, place: int) -> tuple[float, float]:
        """Principal in yuan and rate a year, as floats, for those who want them."""
        return float(self.principal[place]) / 100, float(self.rate[place]) / 1e10


def with_numpy_financial(loans: Loans) -> tuple[np.ndarray, np.ndarray]:
    import numpy_financial as npf

    rate, value = loans.rate[:, None] / 1e10 / 12, -loans.principal[:, None] / 100
    period = np.arange(1, MONTHS + 1)[None, :]
    return npf.ipmt(rate, period, MONTHS, value), npf.ppmt(rate, period, MONTHS, value)


def with_one_pass(loans: Loans) -> tuple[np.ndarray, np.ndarray]:
    """numpy-financial used with more thought: principal is what interest leaves of the instalment."""
    import numpy_financial as npf

    rate, value = loans.rate[:, None] / 1e10 / 12, -loans.principal[:, None] / 100
    interest = npf.ipmt(rate, np.arange(1, MONTHS + 1)[None, :], MONTHS, value)
    return interest, npf.pmt(rate, MONTHS, value) - interest


def with_quantlib(loans: Loans, place: int) -> list[float]:
    """Interest and principal in turn."""
    import QuantLib as ql  # noqa: N813  as its own documentation does

    value, rate = loans.money(place)
    dates = ql.Schedule(
        ql.Date(1, 1, 2026), ql.Date(1, 1, 2029), ql.Period(ql.Monthly), ql.NullCalendar(),
        ql.Unadjusted, ql.Unadjusted, ql.DateGeneration.Forward, False,
    )  # fmt: skip
    notionals = ql.sinkingNotionals(ql.Period(MONTHS, ql.Months), ql.Monthly, rate, value)
    bond = ql.AmortizingFixedRateBond(0, notionals, dates, [rate], ql.Thirty360(ql.Thirty360.BondBasis))
    return [flow.amount() for flow in bond.cashflows()]


def with_pyloan(loans: Loans, place: int) -> list[Any]:
    from pyloan.pyloan import Loan

    value, rate = loans.money(place)
    loan = Loan(
        value, rate * 100, MONTHS, "2026-01-01", loan_term_period="M",
        compounding_method="30E/360", payment_end_of_month=False,
    )  # fmt: skip
    return loan.get_payment_schedule()[1:]


def jactus_contract(loans: Loans, place: int) -> Any:
    from jactus.core.attributes import ContractAttributes
    from jactus.core.time import ActusDateTime
    from jactus.core.types import ContractRole, ContractType, DayCountConvention

    def date(text: str) -> Any:
        return ActusDateTime.from_iso(f"{text}T00:00:00")

    value, rate = loans.money(place)
    return ContractAttributes(
        contract_id=str(place), contract_type=ContractType.ANN, contract_role=ContractRole.RPA, currency="CNY",
        status_date=date("2025-12-31"), contract_deal_date=date("2025-12-31"),
        initial_exchange_date=date("2026-01-01"), maturity_date=date("2029-01-01"),
        notional_principal=value, nominal_interest_rate=rate, day_count_convention=DayCountConvention.E30360,
        principal_redemption_cycle="1M", principal_redemption_anchor=date("2026-02-01"),
        interest_payment_cycle="1M", interest_payment_anchor=date("2026-02-01"),
    )  # fmt: skip


def with_jactus(loans: Loans, place: int) -> Any:
    from jactus.contracts import create_contract
    from jactus.observers import ConstantRiskFactorObserver

    return create_contract(jactus_contract(loans, place), ConstantRiskFactorObserver(0.0)).simulate()


def with_jactus_arrays(loans: Loans, count: int) -> Any:
    """Its batch mode: as quick as it gets, though its first instalments differ from its own single mode."""
    from jactus.contracts.ann_array import simulate_ann_portfolio
    from jactus.observers import ConstantRiskFactorObserver

    observer = ConstantRiskFactorObserver(0.0)
    told = simulate_ann_portfolio([(jactus_contract(loans, place), observer) for place in range(count)])
    return told["payoffs"].block_until_ready()


def compare(loans: Loans) -> None:
    """Assert that the schedules are the same ones. Raises AssertionError."""
    interest, principal = (
        part.reshape(-1, MONTHS) for part in planned_rows(loans.batch(), loans.principal, loans.drawn_on)
    )
    assert (principal.sum(axis=1) == loans.principal).all()
    off = np.arange(
        1, MONTHS + 1
    )  # cents: half for each rounding so far, and the instalment's own, with what they earn
    for peer in (with_numpy_financial, with_one_pass):
        theirs_interest, theirs_principal = peer(loans)
        assert (np.abs(theirs_interest * 100 - interest) <= off).all()
        assert (np.abs(theirs_principal * 100 - principal)[:, :-1] <= off[:-1]).all()
    for place in range(FEW):
        flows = np.array(with_quantlib(loans, place)).reshape(MONTHS, 2) * 100
        assert (np.abs(flows[:, 0] - interest[place]) <= off).all()
        assert (np.abs(flows[:-1, 1] - principal[place, :-1]) <= off[:-1]).all()
        rows = with_pyloan(loans, place)
        assert abs(float(rows[0].interest_amount) * 100 - interest[place, 0]) <= 1
        assert abs(sum(float(row.principal_amount) for row in rows) * 100 - loans.principal[place]) <= 1
        paid = [
            float(e.payoff) for e in with_jactus(loans, place).events if e.event_type.name in {"PR", "IP"}
        ]
        ours = np.stack((principal[place], interest[place]), axis=1).reshape(-1)[: len(paid) - 1]
        allowed = np.repeat(off, 2)[: len(ours)] + loans.principal[place] * 1e-6  # and the floats' own
        assert (np.abs(np.array(paid)[: len(ours)] * 100 - ours) <= allowed).all()


def each(work: Callable[[Loans, int], object], loans: Loans) -> Callable[[], Work]:
    return lambda: lambda: [work(loans, place) for place in range(FEW)]


def in_turn(work: Callable[..., object], *blocks: Sequence[Any]) -> Callable[[], Work]:
    """Work on one block after the other; what was found is let go before the next."""

    def all_of_them() -> None:
        for block in zip(*blocks, strict=True):
            work(*block)

    return lambda: all_of_them


def planned(loans: Loans, batch: Batch | None = None) -> tuple[np.ndarray, np.ndarray]:
    return planned_rows(batch or loans.batch(), loans.principal, loans.drawn_on)


def per_loan(result: Result, count: int) -> dict[str, Any]:
    return result.as_json() | {"per_loan": result.seconds / count}


def measure(count: int, rounds: int = 3) -> dict[str, Any]:
    """Both contests over `count` loans (FEW for the slow peers): seconds per loan by contestant."""
    loans, few = Loans.drawn(count), Loans.drawn(FEW)
    compare(few)
    batch, blocks = loans.batch(), loans.blocks()
    batches = [block.batch() for block in blocks]
    amounts = side_by_side(
        {
            "Forbear": in_turn(planned, blocks, batches),
            "Forbear, all at once": lambda: lambda: planned(loans, batch),
            "numpy-financial, ipmt and ppmt": lambda: lambda: with_numpy_financial(loans),
            "numpy-financial, ipmt and pmt": lambda: lambda: with_one_pass(loans),
            "numpy-financial, ipmt and ppmt, blocks": in_turn(with_numpy_financial, blocks),
            "numpy-financial, ipmt and pmt, blocks": in_turn(with_one_pass, blocks),
        },
        rounds=rounds,
    )
    contracts = side_by_side(
        {
            "Forbear": in_turn(planned, blocks),
            "Forbear, all at once": lambda: lambda: planned(loans),
            "QuantLib": each(with_quantlib, few),
            "pyloan": each(with_pyloan, few),
            "jactus, one by one": each(with_jactus, few),
            "jactus, arrays": lambda: lambda: with_jactus_arrays(few, FEW),
        },
        rounds=rounds,
    )
    return {
        "loans": count,
        "amounts": {name: per_loan(found, count) for name, found in amounts.items()},
        "contracts": {
            name: per_loan(found, count if name.startswith("Forbear") else FEW)
            for name, found in contracts.items()
        },
    }


def main() -> None:
    """A process of its own, so that JAX and its threads stay out of the others' measurements."""
    print(json.dumps(measure(int(sys.argv[1]), int(sys.argv[2]))))


if __name__ == "__main__":
    main()
