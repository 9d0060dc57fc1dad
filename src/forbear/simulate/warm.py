"""Compile the engine and what makes up a lender: `python -m forbear.simulate.warm`, which `make setup` runs.

Needs numba and numpy only, so it can begin before anything else is installed.
"""

import gc
import sys

from forbear.engine.warm import warm as warm_engine
from forbear.simulate.bank import Bank, chunks


def warm() -> None:
    """Fold a loan, then let one live a year."""
    warm_engine()
    for _ in chunks(Bank(seed=1, loans=1, opens_on=20_000, until=20_000)):
        pass


if __name__ == "__main__":
    gc.disable()  # the compiler makes millions of small objects and keeps most: a tenth of its time goes into looking
    warm()
    sys.stdout.write("The engine is compiled.\n")
