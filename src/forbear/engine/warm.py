"""Compile the engine ahead of its first use.

The machine code is kept beside the sources, so no user's first request waits for the compiler.
"""

import numpy as np

from forbear.engine.batch import fold, fold_on, read_off_at
from forbear.engine.classification import default_history, provisions
from forbear.engine.cost.many import costs
from forbear.engine.kept import resumable
from forbear.engine.layout import ENTRY
from forbear.engine.live.door import fold_live
from forbear.engine.live.presets import preset
from forbear.engine.live.terms import LiveEntry
from forbear.engine.live.vocabulary import Kind
from forbear.engine.movements import accrual_sums
from forbear.engine.plan import Unit
from forbear.engine.planned import draws_of, planned_rows
from forbear.engine.terms import LOAN_TERMS, Product, compile_batch
from forbear.engine.vocabulary import DISBURSED, Amortisation


def warm() -> None:
    """Fold one loan, go on from there, read it off, sum its accruals, plan, cost, class and provide for it: that compiles all there is."""
    product = Product(code="warm", currency="CNY", amortisation=Amortisation.EQUAL_INSTALMENT)
    loans = np.zeros(1, LOAN_TERMS)
    loans["rate"], loans["first_due_on"], loans["count"] = 10**9, 31, 3
    entries = np.zeros(1, ENTRY)
    entries["sequence"], entries["kind"], entries["effective_on"], entries["amount"] = 1, DISBURSED, 1, 10**6
    batch = compile_batch([product], loans, entries, np.array([0, 1]))
    positions = fold(batch, 40)
    folded = fold_on(batch, None, 40)
    resumable(*folded, entries, np.array([0, 1]))
    read_off_at(positions, 41)
    accrual_sums(positions, np.zeros(1, np.int64))
    planned_rows(batch, *draws_of(batch))
    costs(np.array([-100, 101]), np.array([0, 30]), np.array([0, 2]), 365)
    default_history(np.ones((1, 2), bool), np.zeros((1, 2), bool), after=1, probation=1)
    provisions(positions["principal"], np.zeros(1, np.int64), (10**8,))
    warm_live()


def warm_live() -> None:
    """Fold one loan of a live schedule and ask it all that can be asked."""
    terms = preset("fineract-progressive", rate=10**9, count=2, every=1, unit=Unit.MONTH)
    loan = fold_live(terms, [LiveEntry(sequence=1, kind=Kind.DISBURSED, on=1, recorded_on=1, amount=1000)], 2)
    loan.payoff(2)
    loan.due_interest(2)
    loan.past_interest(2)
    loan.running(2)
