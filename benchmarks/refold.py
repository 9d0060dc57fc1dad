"""A correction of one loan: `python -m benchmarks.refold ROUNDS` prints JSON.

A loan of two years has been paid every month, sometimes late; then a payment is found that was made in its second month. The
position is folded anew from all entries, which lie in memory: by the engine, and by the oracle (exact fractions in plain Python,
written from docs/algorithms/fold.md alone, that the tests compare the engine with). Both give the same position, field by field,
which is asserted before anything is timed.

The engine is timed as a program of one's own calls it for one loan (`one call`, of which the crossing from Python into compiled
code is a part), and as corrections are worked off, many in one call (`in a batch`).
"""

import json
import sys
from collections.abc import Callable
from fractions import Fraction
from typing import Any, Final

import numpy as np

from benchmarks.measure import side_by_side
from forbear.engine.batch import columns_of, desk_for, fold_range
from forbear.engine.layout import POSITION
from forbear.kernel.days import add_months, day_number
from tests.support import oracle
from tests.support.cases import Case, Entry, Terms
from tests.support.engine import batch_of, in_words

DRAWN_ON: Final = day_number(2024, 1, 15)
AS_OF: Final = DRAWN_ON + 730
ROWS: Final = 36
AMOUNT: Final = 36_000_00
MANY: Final = 1000
"""Loans in one call, of different amounts."""

TERMS: Final = Terms(
    kind="equal_instalment",
    interest="daily",
    day_count="act_365f",
    rates=((None, Fraction(18, 100), Fraction(24, 100)),),
    period_fraction=Fraction(1, 12),
    plan=tuple((add_months(DRAWN_ON, month, 15, 0), 0) for month in range(1, ROWS + 1)),
    overdue_interest="replaced",
    penalty_base="principal",
    penalty_grace=3,
    late_flat=2500,
    late_grace=5,
    cost_cap=Fraction(24, 100),
    nonaccrual_after=91,
)


def corrected(amount: int) -> Case:
    """The loan with all its entries, the one that was found last of them."""
    instalment = amount // 27
    entries = [Entry("disbursed", DRAWN_ON, amount, None, 1, "draw", None)]
    for month, (due_on, _) in enumerate(TERMS.plan):
        late = (0, 0, 9, 0, -4, 2)[month % 6]
        if due_on + late <= AS_OF:
            entries.append(Entry("paid", due_on + late, instalment, None, month + 2, f"paid {month}", None))
    entries.append(Entry("paid", DRAWN_ON + 40, instalment // 3, None, ROWS + 2, "found", None))
    return Case(TERMS, tuple(entries), 0)


def ready(cases: list[Case]) -> tuple[np.ndarray, Callable[[], None]]:
    """Room for the positions of some loans, and the work that folds them all in one call."""
    batch = batch_of(cases)
    columns, desk, positions = columns_of(batch), desk_for(batch), np.zeros(len(cases), POSITION)
    out = positions.view(np.recarray)
    return positions, lambda: fold_range(columns, desk, 0, len(cases), AS_OF, out)


def compare(case: Case, position: np.void) -> None:
    """Assert that engine and oracle give one position. Raises AssertionError."""
    told, wanted = in_words(position), oracle.position(case.terms, case.entries, AS_OF)
    different = {name for name in told if name != "next_event_on" and told[name] != wanted[name]}
    assert not different, f"engine and oracle differ in {sorted(different)}"


def measure(rounds: int = 3) -> dict[str, Any]:
    """Seconds per refold by contestant."""
    case, cases = corrected(AMOUNT), [corrected(AMOUNT + 1000 * place) for place in range(MANY)]
    (alone, one), (together, many) = ready([case]), ready(cases)
    one()
    many()
    compare(case, alone[0])
    for place in range(0, MANY, 50):
        compare(cases[place], together[place])

    def hundred() -> None:
        for _ in range(100):
            one()

    found = side_by_side(
        {
            "Forbear, one call": lambda: hundred,
            "Forbear, in a batch": lambda: many,
            "oracle": lambda: lambda: oracle.position(case.terms, case.entries, AS_OF),
        },
        rounds=rounds,
    )
    loans = {"Forbear, one call": 100, "Forbear, in a batch": MANY, "oracle": 1}
    return {
        "days": AS_OF - DRAWN_ON,
        "entries": len(case.entries),
        "runs": {
            name: run.as_json() | {"per_loan": run.seconds / loans[name]} for name, run in found.items()
        },
    }


def main() -> None:
    """A process of its own, as the others have."""
    print(json.dumps(measure(int(sys.argv[1]))))


if __name__ == "__main__":
    main()
