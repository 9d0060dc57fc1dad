"""Compile all there is to compile, by living through two days of a tiny bank: `make setup` runs it once.

The machine code is kept beside the sources, so that no user's first import, day-end or question waits for the compiler. The
bank lives in a folder that is gone afterwards; no database of the user's is touched.
"""

import datetime as dt
import os
import sys
import tempfile
from pathlib import Path

from forbear.engine.warm import warm as warm_engine
from forbear.kernel.days import to_day
from forbear.law.warm import warm as warm_law
from forbear.operations.demo import demo, demo_url
from forbear.operations.statement import statement
from forbear.store.postgres import EmbeddedServer

UNTIL = to_day(dt.date(2026, 1, 31))


def warm() -> None:
    """Compile the engine and the gate, then everything else. Raises what a demo raises; a refusal is an AssertionError."""
    warm_engine()
    warm_law()
    with tempfile.TemporaryDirectory(prefix="forbear-warm-") as folder:
        os.chmod(folder, 0o711)  # noqa: PTH101, S103  # run as root, the server runs as another user, who must get through
        os.environ["FORBEAR_HOME"] = folder
        with EmbeddedServer.at(Path(folder) / "postgres") as server:
            outcome = demo(
                server.url, loans=30, days=2, seed=1, until=UNTIL, out=Path(folder) / "report.html"
            )
            assert not outcome.refused, outcome.refused
            statement(demo_url(server.url), "L000000001", UNTIL)


if __name__ == "__main__":
    warm()
    sys.stdout.write("Everything is compiled.\n")
