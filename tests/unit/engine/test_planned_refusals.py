"""Loans whose planned rows only the fold can say. docs/algorithms/contracts.md, section 6."""

import numpy as np
import pytest

from forbear.engine.planned import draws_of, planned_rows
from forbear.engine.vocabulary import DISBURSED
from tests.support.one_loan import DRAW, FIRST_DUE, batch_of_one

DRAWN = {"kind": DISBURSED, "effective_on": DRAW, "amount": 1200}


@pytest.mark.parametrize(
    ("term", "why"),
    [
        ("cost_cap", "cost cap"),
        ("principal_grace", "grace"),
        ("interest_grace", "grace"),
        ("down_numerator", "down payment"),
        ("draw_fee_flat", "fees"),
        ("draw_fee_numerator", "fees"),
        ("row_fee_flat", "fees"),
        ("row_fee_numerator", "fees"),
    ],
)
def test_one_with_such_a_term_is_refused_and_without_it_is_not(term: str, why: str) -> None:
    batch = batch_of_one(DRAWN)
    interest, principal = planned_rows(batch, *draws_of(batch))
    assert (interest.tolist(), principal.tolist()) == ([0, 0, 0], [400, 400, 400])
    batch.terms[term] = 1
    with pytest.raises(ValueError, match=why):
        planned_rows(batch, *draws_of(batch))


def test_a_draw_on_the_first_due_date_is_refused_and_one_on_the_day_before_is_not() -> None:
    batch, amount = batch_of_one(DRAWN), np.array([1200])
    assert planned_rows(batch, amount, np.array([FIRST_DUE - 1]))[1].sum() == 1200
    with pytest.raises(ValueError, match="first due date"):
        planned_rows(batch, amount, np.array([FIRST_DUE]))


@pytest.mark.parametrize("draws", [0, 2])
def test_there_is_one_draw(draws: int) -> None:
    with pytest.raises(ValueError, match="exactly one draw"):
        draws_of(batch_of_one(*[DRAWN] * draws))
