"""What a loan of the book costs a year: as agreed, and by its history so far."""

from dataclasses import dataclass
from datetime import date

from forbear.engine.cost.conventions import Convention, DatedFlow, cost
from forbear.engine.cost.loan import agreed_flows, history_flows
from forbear.kernel.days import to_date
from forbear.operations.statement import UnknownLoan, find_loan, load_batch
from forbear.store.connect import connect

CONVENTIONS = (Convention.XIRR, Convention.MONTHLY_IRR, Convention.REG_Z, Convention.EU_MONTHS)


@dataclass(frozen=True, slots=True)
class Figure:
    """An annual rate in 10**-10, or why there is none. `rates`: all of them, where there are several."""

    rate: int | None
    why: str | None
    rates: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LoanCost:
    """The annual cost of a loan by each convention. Flows in minor units from the lender's side."""

    reference: str
    currency: str
    as_of: date
    agreed: dict[str, Figure]
    so_far: dict[str, Figure]
    agreed_flows: tuple[tuple[date, int], ...]
    flows_so_far: tuple[tuple[date, int], ...]


def loan_cost(url: str, reference: str, as_of: int) -> LoanCost | UnknownLoan:
    """The cost of the loan called `reference`, its history taken as settled on the day number `as_of`."""
    with connect(url) as connection:
        found = find_loan(connection, reference)
        if found is None:
            return UnknownLoan(reference)
        number, _, currency = found
        batch, _, _ = load_batch(connection, number)
        connection.rollback()
    agreed, history = agreed_flows(batch), history_flows(batch, as_of)
    return LoanCost(
        reference,
        currency,
        to_date(as_of),
        _figures(agreed),
        _figures(history),
        _dated(agreed),
        _dated(history),
    )


def _figures(flows: list[DatedFlow]) -> dict[str, Figure]:
    found = {convention.value: cost(flows, convention) for convention in CONVENTIONS}
    return {
        name: Figure(each.rate, None if each.why is None else each.why.value, each.rates)
        for name, each in found.items()
    }


def _dated(flows: list[DatedFlow]) -> tuple[tuple[date, int], ...]:
    return tuple((to_date(flow.day), flow.amount) for flow in sorted(flows))
