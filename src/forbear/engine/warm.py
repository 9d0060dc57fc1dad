"""Compile the engine ahead of its first use.

The machine code is kept beside the sources, so no user's first request waits for the compiler. `warm` is what the commands
need, which `make demo` waits for; `python -m forbear.engine.warm`, which `make setup` runs beside it, compiles the rest: what
only a program of one's own, or a test, asks for.
"""

import gc
import sys

import numpy as np

from forbear.engine.batch import Batch, fold, fold_on, read_off_at
from forbear.engine.classification import default_history, provisions
from forbear.engine.cost.many import costs
from forbear.engine.kept import resumable
from forbear.engine.layout import ENTRY, POSITION
from forbear.engine.live.door import fold_live
from forbear.engine.live.many import open_amounts
from forbear.engine.live.product import STARTING_VALUES, LiveProduct
from forbear.engine.movements import accrual_sums
from forbear.engine.planned import draws_of, planned_rows
from forbear.engine.terms import LOAN_TERMS, Product, compile_batch
from forbear.engine.vocabulary import DISBURSED, Amortisation


def warm() -> None:
    """Fold one loan, go on from there, read it off and sum its accruals: all that the commands ask."""
    batch, entries = _one_loan()
    positions = fold(batch, 71)
    resumable(*fold_on(batch, None, 71), entries, np.array([0, 1]))
    read_off_at(positions, 72)
    accrual_sums(positions, np.zeros(1, np.int64))


def warm_rest() -> None:
    """Plan, cost, class and provide for a loan, and fold some of a live schedule: with `warm`, all there is."""
    batch, _ = _one_loan()
    planned_rows(batch, *draws_of(batch))
    costs(np.array([-100, 101]), np.array([0, 30]), np.array([0, 2]), 365)
    default_history(np.ones((1, 2), bool), np.zeros((1, 2), bool), after=1, probation=1)
    provisions(np.zeros(1, POSITION)["principal"], np.zeros(1, np.int64), (10**8,))
    product = LiveProduct(code="warm", currency="CNY", **STARTING_VALUES["fineract-progressive"])
    loans, entries = _terms(), batch.entries
    live = compile_batch([product], loans, entries, np.array([0, 1]))
    fold(live, 2)
    assert live.live is not None
    open_amounts(live.live, entries, 2)
    loan = fold_live(product.terms(rate=10**9, count=2), [], 2)
    loan.payoff(2)
    loan.due_interest(2)
    loan.past_interest(2)
    loan.running(2)


def _terms() -> np.ndarray:
    loans = np.zeros(1, LOAN_TERMS)
    loans["rate"], loans["first_due_on"], loans["count"] = 10**9, 62, 3
    return loans


def _one_loan() -> tuple[Batch, np.ndarray]:
    """A loan of three instalments, paid out, and its entry."""
    product = Product(code="warm", currency="CNY", amortisation=Amortisation.EQUAL_INSTALMENT)
    loans = _terms()
    entries = np.zeros(1, ENTRY)
    entries["sequence"], entries["kind"], entries["effective_on"], entries["amount"] = 1, DISBURSED, 1, 10**6
    return compile_batch([product], loans, entries, np.array([0, 1])), entries


if __name__ == "__main__":
    gc.disable()  # the compiler makes millions of small objects and keeps most: a tenth of its time goes into looking
    warm_rest()
    sys.stdout.write("The rest of the engine is compiled.\n")
