"""ACTUS and lending cases: all of them, and where the fold can say the same contract, the fold as well."""

import json
import os
import pathlib
from fractions import Fraction

import numpy as np
import pytest

from forbear.engine.batch import Batch, instalments
from forbear.engine.contract import Contract
from forbear.engine.cost.loan import paid_as_planned
from forbear.engine.flows import Flow, FlowKind, flows
from forbear.engine.layout import ENTRY, PLAN
from forbear.engine.terms import LOAN_TERMS, Product, compile_batch
from forbear.engine.vocabulary import (
    INTEREST,
    PRINCIPAL,
    Amortisation,
    EntryKind,
    OverdueInterest,
    PenaltyBase,
)
from forbear.kernel.rates import RATE_SCALE
from tests.conformance import actus, lending

CORPORA = pathlib.Path(
    os.environ.get("FORBEAR_CORPORA", pathlib.Path(__file__).parents[3] / "shared" / "corpora")
)
FAMILIES = {name: module.run for module in (actus, lending) for name in module.FAMILIES}
UNIT = 10**6
"""Units of the fold's minor money in one of the cases': a millionth, so that its roundings hardly show."""
NOT_PASSED: dict[str, str] = {}
"""Cases that do not pass, each with its reason. One that starts to pass fails the test until its line is removed."""


def cases(family: str) -> list[dict]:
    path = CORPORA / "open" / f"{family}.jsonl"
    if not path.is_file():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def parametrised(families, wanted=lambda case: True) -> list:
    found = [
        pytest.param(family, case, id=case["id"])
        for family in families
        for case in cases(family)
        if wanted(case)
    ]
    why = f"no corpora at {CORPORA}: set FORBEAR_CORPORA"
    return found or [pytest.param("", None, marks=pytest.mark.skip(reason=why))]


@pytest.mark.parametrize(("family", "case"), parametrised(FAMILIES))
def test_each_case(family, case) -> None:
    result = FAMILIES[family](case)
    if case["id"] in NOT_PASSED:
        assert result.verdict != "passed", f"{case['id']} passes: remove its line from NOT_PASSED"
    else:
        assert (result.verdict, result.reason) == ("passed", "")


def sayable(contract: Contract, made: list[Flow]) -> bool:
    """Whether the fold has words for the contract: one rate of ten decimals, whole days, interest due with each redemption."""
    kinds = {
        FlowKind.DISBURSED,
        FlowKind.REDEEMED,
        FlowKind.INTEREST_PAID,
        FlowKind.MATURED,
        FlowKind.INSTALMENT_FIXED,
    }
    redeemed = {flow.moment for flow in made if flow.kind == FlowKind.REDEEMED}
    paid = {flow.moment for flow in made if flow.kind == FlowKind.INTEREST_PAID}
    return (
        {flow.kind for flow in made} <= kinds
        and made[0].kind == FlowKind.DISBURSED
        and contract.rate is not None
        and (contract.rate * RATE_SCALE).denominator == 1
        and all(flow.moment % 2 == 0 for flow in made)
        and redeemed <= paid
        and contract.disbursed_at not in redeemed
        and (contract.amortised_until or contract.matures_at) in {None, contract.matures_at, made[-1].moment}
        and contract.shift_before_accrual
    )


def as_loan(contract: Contract, made: list[Flow]) -> Batch:
    """The contract as a loan of the fold, in millionths."""
    start = contract.disbursed_at
    due = sorted(
        {flow.moment for flow in made if flow.moment > start and flow.kind != FlowKind.INSTALMENT_FIXED}
    )
    level = contract.amortisation == Amortisation.EQUAL_INSTALMENT
    product = Product(
        code="exact",
        currency="USD",
        amortisation=Amortisation.EQUAL_INSTALMENT if level else Amortisation.CUSTOM,
        day_count=contract.day_count,
        penalty_base=PenaltyBase.NONE,
        overdue_interest=OverdueInterest.CONTINUES,
    )
    terms = np.zeros(1, LOAN_TERMS)
    terms["loan"], terms["rate"] = 1, int(contract.rate * RATE_SCALE)
    terms["first_due_on"], terms["count"] = due[0] // 2, len(due)
    if level and contract.instalment is not None:
        terms["instalment"] = round(contract.instalment * UNIT)
    entries = np.zeros(1, ENTRY)
    entries[0] = (1, EntryKind.DISBURSED, start // 2, 0, int(contract.principal * UNIT), 0, 1, 0, 0, 0)
    own_plan = np.zeros(0 if level else len(due), PLAN)
    batch = compile_batch([product], terms, entries, np.array([0, 1]), own_plan)
    sign = 1 if contract.lender else -1
    parts = {flow.moment: sign * flow.amount for flow in made if flow.kind == FlowKind.REDEEMED}
    batch.plan["due_on"] = [moment // 2 for moment in due]
    batch.plan["principal"] = [round(parts.get(moment, Fraction(0)) * UNIT) for moment in due]
    return batch


def compared(case) -> tuple[Contract, list[Flow]] | None:
    contract = actus.translate(case)
    made = flows(contract, None if case["until"] is None else actus.moment(case["until"]))
    first_level = contract.interest and contract.interest_with_redemption and contract.instalment is None
    early = (
        first_level
        and contract.redemption is not None
        and contract.interest[0].anchor < contract.redemption.anchor
    )
    return (contract, made) if sayable(contract, made) and not early else None


PLAIN = [f"actus-{kind}" for kind in ("pam", "lam", "nam", "ann")]


def test_enough_cases_can_be_said_by_the_fold() -> None:
    found = [case for family in PLAIN for case in cases(family)]
    if not found:
        pytest.skip(f"no corpora at {CORPORA}: set FORBEAR_CORPORA")
    assert sum(compared(case) is not None for case in found) >= 20


@pytest.mark.parametrize(("family", "case"), parametrised(PLAIN, compared))
def test_the_fold_gives_the_same_amounts(family, case) -> None:
    """Every row within one unit of the fold for each row so far: what its roundings can add up to."""
    contract, made = compared(case)
    sign = 1 if contract.lender else -1
    exact: dict[int, list[Fraction]] = {}
    for flow in made:
        row = exact.setdefault(flow.moment // 2, [Fraction(0), Fraction(0)])
        if flow.kind in {FlowKind.REDEEMED, FlowKind.MATURED}:
            row[PRINCIPAL] += sign * flow.amount
        if flow.kind == FlowKind.INTEREST_PAID:
            row[INTEREST] += sign * flow.amount
    batch = paid_as_planned(as_loan(contract, made))
    rows = instalments(batch, int(batch.plan["due_on"][-1]))
    assert len(rows) >= len(batch.plan) - 1
    for place, row in enumerate(rows, 1):
        for component in (PRINCIPAL, INTEREST):
            ours = Fraction(int(row["claimed"][component]), UNIT)
            theirs = exact[int(row["due_on"])][component]
            assert abs(ours - theirs) <= Fraction(2 * place, UNIT), (
                case["id"],
                place,
                float(ours),
                float(theirs),
            )
