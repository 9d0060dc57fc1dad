"""A batch of one loan, told in a few words."""

import numpy as np

from forbear.engine.batch import Batch
from forbear.engine.layout import ENTRY
from forbear.engine.terms import LOAN_TERMS, VERSION_TERMS, AnyProduct, Product, compile_batch
from forbear.engine.vocabulary import Amortisation

DRAW, FIRST_DUE = 100, 131
"""11 April and 12 May 1970, as day numbers."""


def journal_of(*entries: dict[str, int]) -> np.ndarray:
    """ENTRY rows of these fields, numbered from 1 where they have no `sequence`."""
    rows = np.zeros(len(entries), ENTRY)
    for place, (row, entry) in enumerate(zip(rows, entries, strict=True)):
        row["sequence"] = row["order"] = place + 1
        for name, value in entry.items():
            row[name] = value
    return rows


def batch_of_one(
    *entries: dict[str, int],
    product: AnyProduct | None = None,
    versions: tuple[dict[str, int], ...] = (),
    **loan: int,
) -> Batch:
    """A loan of three monthly rows from `FIRST_DUE` on, free of interest unless it says otherwise."""
    loans = np.zeros(1, LOAN_TERMS)
    for name, value in {"loan": 1, "first_due_on": FIRST_DUE, "count": 3, **loan}.items():
        loans[name] = value
    later = np.zeros(len(versions), VERSION_TERMS)
    for row, version in zip(later, versions, strict=True):
        for name, value in version.items():
            row[name] = value
    journal = journal_of(*entries)
    return compile_batch(
        [product or Product(code="P", currency="CNY", amortisation=Amortisation.EQUAL_INSTALMENT)],
        loans,
        journal,
        np.array([0, len(journal)]),
        versions=(later, np.array([0, len(later)])),
    )
