"""Compile the engine ahead of its first use.

The machine code is kept beside the sources, so no user's first request waits for the compiler.
"""

import numpy as np

from forbear.engine.batch import fold, read_off_at
from forbear.engine.layout import ENTRY
from forbear.engine.movements import accrual_sums
from forbear.engine.terms import LOAN_TERMS, Product, compile_batch
from forbear.engine.vocabulary import DISBURSED, Amortisation


def warm() -> None:
    """Fold one loan, read it off and sum its accruals: that compiles all there is."""
    product = Product(code="warm", currency="CNY", amortisation=Amortisation.EQUAL_INSTALMENT)
    loans = np.zeros(1, LOAN_TERMS)
    loans["rate"], loans["first_due_on"], loans["count"] = 10**9, 31, 3
    entries = np.zeros(1, ENTRY)
    entries["sequence"], entries["kind"], entries["effective_on"], entries["amount"] = 1, DISBURSED, 1, 10**6
    positions = fold(compile_batch([product], loans, entries, np.array([0, 1])), 40)
    read_off_at(positions, 41)
    accrual_sums(positions, np.zeros(1, np.int64))
