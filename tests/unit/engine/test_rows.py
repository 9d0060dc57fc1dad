"""The rows of a planned loan keep what became of them, however often it happens."""

import numpy as np

from forbear.engine.batch import instalments
from forbear.engine.layout import ENTRY
from forbear.engine.terms import LOAN_TERMS, Product, compile_batch
from forbear.engine.vocabulary import Amortisation, Component, EntryKind


def test_a_second_waiver_of_a_row_adds_to_the_first():
    loans = np.zeros(1, LOAN_TERMS)
    loans["rate"], loans["first_due_on"], loans["count"] = 12 * 10**8, 131, 3
    entries = np.zeros(3, ENTRY)
    entries["sequence"] = entries["order"] = [1, 2, 3]
    entries["kind"] = [EntryKind.DISBURSED, EntryKind.WAIVED, EntryKind.WAIVED]
    entries["effective_on"], entries["amount"] = [100, 140, 141], [100_000, 300, 200]
    entries["component"] = Component.INTEREST
    product = Product(code="P", currency="CNY", amortisation=Amortisation.EQUAL_INSTALMENT)
    [row] = instalments(compile_batch([product], loans, entries, np.array([0, 3])), 150)
    assert row["waived"].tolist() == [0, 500, 0, 0]
    assert row["unpaid"][Component.INTEREST] == row["claimed"][Component.INTEREST] - 500
