"""The day-end kernel beside its peers, in memory: `python -m benchmarks.kernel LOANS THREADS` prints JSON.

Two contests on one book (`benchmarks.contest`), each with equal answers asserted before anything is timed:

`day end`: what a day-end does. Given is what each contestant kept the evening before, in whatever form suits it best, and
the day's payments; wanted are the new position of every loan on which something happens that day (it pays, a row falls due,
a row becomes overdue, or it enters another bucket), the totals of the whole book on that day, by bucket and component, with
all accruals exact to the millionth of a minor unit, and an evening from which the next day can be closed. Nobody has to
touch a loan on which nothing happens; everybody's totals move by the difference. Each of them is then asked to close the
day after as well, and every figure of both days is compared with a fold of all loans from their whole history.

`replay`: from terms and journal to the positions of a day. Nobody has anything but the history.

A process of its own, because the number of threads is settled before the libraries load.
"""

import copy
import json
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from benchmarks import contest, loops, with_numpy
from benchmarks import days_with_forbear as in_forbear
from benchmarks.contest import AS_OF, Arrivals, Book
from benchmarks.measure import KEEPING_MEMORY, run_once, side_by_side
from forbear.engine.batch import Batch, fold

SLOW_SAMPLE = 5000
ROUNDS, RETRIES = 3, 2
BLOCK = 1 << 12
"""Loans that Forbear replays at a time."""
LIKELY_LOSER = 2
"""Formulations that lose by more than this in the trial heat are told, and not run again."""

Work = Callable[[], Any]


def in_blocks(batch: Batch, threads: int) -> dict[str, np.ndarray]:
    """Replay some loans at a time, as others here do: positions of the whole book would be fresh memory at every run, which
    the system takes about as long to hand out as the fold takes.
    """

    def one(block: Batch) -> dict[str, np.ndarray]:
        return contest.answers_of(fold(block, AS_OF))

    with ThreadPoolExecutor(threads) as pool:
        found = list(pool.map(one, contest.blocks_of(batch, BLOCK)))
    return {name: np.concatenate([part[name] for part in found]) for name in contest.ANSWERS}


def replays(book: Book, batch: Batch, threads: int) -> dict[str, Work]:
    """Contestants of `replay`: the whole history of every loan."""
    import duckdb

    from benchmarks import with_duckdb, with_polars

    loaded = with_polars.load(book)
    connection = duckdb.connect(config={"threads": threads})
    with_duckdb.load(connection, book)
    return {
        "Forbear": lambda: in_blocks(batch, threads),
        "NumPy, large blocks": lambda: with_numpy.replay(book, AS_OF),
        "NumPy, small blocks": lambda: with_numpy.replay(book, AS_OF, 1 << 13),
        "Polars, whole book": lambda: with_polars.replay(loaded, AS_OF, block=1 << 40),
        "Polars, blocks": lambda: with_polars.replay(loaded, AS_OF),
        "Polars, streaming": lambda: with_polars.replay(loaded, AS_OF, engine="streaming"),
        "DuckDB, 8 steps a statement": lambda: with_duckdb.blocks(connection, AS_OF),
        "DuckDB, 2 steps a statement": lambda: with_duckdb.blocks(connection, AS_OF, 2),
        "DuckDB, recursive CTE": lambda: with_duckdb.recursive(connection, AS_OF),
    }


@dataclass(frozen=True, slots=True)
class Closer:
    """A contestant of `day end`: makes an evening of its own, closes a day from it, and tells what it found as arrays."""

    evening: Callable[[], Any]
    close: Callable[[Any, Arrivals, int], Any]
    told: Callable[[Any], tuple[np.ndarray, dict[str, np.ndarray], np.ndarray]]


def closers(book: Book, threads: int) -> dict[str, Closer]:
    """Contestants of `day end`. An evening is moved on in place, so each run gets its own, made off the clock."""
    import duckdb

    from benchmarks import days_with_duckdb as in_duckdb
    from benchmarks import days_with_polars as in_polars

    columns, frame = with_numpy.standing(book, AS_OF - 1), in_polars.evening(book, AS_OF - 1)
    ours = in_forbear.evening(contest.as_batch(book), AS_OF - 1)
    connection = duckdb.connect(config={"threads": threads})
    totals = in_duckdb.evening(connection, book, AS_OF - 1)
    connection.execute("CREATE TABLE evening AS FROM kept ORDER BY id")

    def of_duckdb() -> np.ndarray:
        connection.execute("CREATE OR REPLACE TABLE kept AS FROM evening ORDER BY id")
        return totals.copy()

    found = {
        "Forbear": Closer(lambda: in_forbear.copied(ours), in_forbear.day_end, in_forbear.told),
        "NumPy": Closer(lambda: copy.deepcopy(columns), with_numpy.day_end, lambda found: found),
        "Polars": Closer(lambda: in_polars.copied(frame), in_polars.day_end, in_polars.told),
        "Polars, streaming": Closer(
            lambda: in_polars.copied(frame), partial(in_polars.day_end, engine="streaming"), in_polars.told
        ),
    }
    for steps in (2, 3):
        found[f"DuckDB, {steps} steps a statement"] = Closer(
            of_duckdb,
            partial(in_duckdb.day_end, connection, steps=steps),
            partial(in_duckdb.told, connection),
        )
    return found


def check(contestants: dict[str, Closer], batch: Batch, arrivals: Arrivals) -> int:
    """Let each close the day and the day after, and compare with the fold; returns how many loans move on the day."""
    days = {day: fold(batch, day) for day in (AS_OF, AS_OF + 1)}
    nobody = Arrivals(arrivals.owner[:0], arrivals.amount[:0])
    moved = 0
    for name, contestant in contestants.items():
        evening = contestant.evening()
        for day, paid in ((AS_OF, arrivals), (AS_OF + 1, nobody)):
            found = contestant.told(contestant.close(evening, paid, day))
            contest.assert_same_day(name, found, days[day], day)
            moved = len(found[0]) if (name, day) == ("Forbear", AS_OF) else moved
    return moved


def ready(contestant: Closer, arrivals: Arrivals) -> Work:
    """One run of a contestant, with an evening of its own."""
    evening = contestant.evening()
    return lambda: contestant.close(evening, arrivals, AS_OF)


def compete(contestants: dict[str, Callable[[], Work]], loans: int, rounds: int) -> Any:
    """Run a trial heat, drop clear losers of each engine, and measure the rest in turns."""
    trial: dict[str, float] = {}
    for name, make_ready in contestants.items():
        work = make_ready()
        trial[name] = run_once(work).cpu
    best: dict[str, float] = {}
    for name, seconds in trial.items():
        engine = name.partition(",")[0]
        best[engine] = min(seconds, best.get(engine, seconds))
    kept = {
        name: make_ready
        for name, make_ready in contestants.items()
        if trial[name] <= LIKELY_LOSER * best[name.partition(",")[0]]
    }
    results = side_by_side(kept, rounds=rounds, retries=RETRIES if rounds > 1 else 0)
    told = {
        name: {**result.as_json(), "per_loan": result.seconds / loans} for name, result in results.items()
    }
    for name in contestants.keys() - kept.keys():
        told[name] = {"name": name, "per_loan": trial[name] / loans, "lost_in_trial": True}
    return told


def slow_loops(book: Book, wanted: dict[str, np.ndarray], rounds: int) -> Any:
    """The loops over objects, on a part of the book: their rate does not depend on its size."""
    sample = min(SLOW_SAMPLE, len(book))
    part = replace(
        book, principal=book.principal[:sample], drawn_on=book.drawn_on[:sample], rate=book.rate[:sample],
        penalty_rate=book.penalty_rate[:sample], count=book.count[:sample], due_on=book.due_on[:, :sample],
        bounds=book.bounds[: sample + 1],
    )  # fmt: skip
    integers, decimals = loops.as_integers(part), loops.as_decimals(part)
    work: dict[str, Work] = {
        "Python, whole numbers": lambda: loops.replay(integers, AS_OF, loops.half_up),
        "Python, Decimal": lambda: loops.replay(decimals, AS_OF, loops.half_up_decimal),
    }
    for name, loop in work.items():
        contest.assert_equal(name, loops.as_columns(loop()), wanted)
    results = side_by_side(
        {n: (lambda w=w: w) for n, w in work.items()}, rounds=rounds, retries=RETRIES if rounds > 1 else 0
    )
    return {
        name: {**result.as_json(), "per_loan": result.seconds / sample} for name, result in results.items()
    }


def measure(loans: int, threads: int, rounds: int) -> dict[str, Any]:
    """Both contests."""
    book = contest.make_book(loans)
    batch = contest.as_batch(book)
    before, arrivals = contest.evening_before(book, AS_OF)
    days = closers(before, threads)
    moved = check(days, batch, arrivals)
    closed = compete({name: partial(ready, closer, arrivals) for name, closer in days.items()}, loans, rounds)
    histories, wanted = replays(book, batch, threads), contest.answers_of(fold(batch, AS_OF))
    for name, work in histories.items():
        contest.assert_equal(name, work(), wanted)
    replayed = compete({name: (lambda w=work: w) for name, work in histories.items()}, loans, rounds)
    if threads == 1:
        replayed |= slow_loops(book, wanted, rounds)
    return {
        "loans": loans, "threads": threads, "entries": len(batch.entries), "touched": moved,
        "arrivals": len(arrivals.owner), "replay": replayed, "day_end": closed,
    }  # fmt: skip


def command(loans: int, threads: int, rounds: int) -> tuple[list[str], dict[str, str]]:
    """How to run this module in a process of its own, and with which environment."""
    limits = (
        "POLARS_MAX_THREADS",
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "NUMBA_NUM_THREADS",
    )
    environment = {**os.environ, **KEEPING_MEMORY, **dict.fromkeys(limits, str(threads))}
    return [sys.executable, "-m", "benchmarks.kernel", str(loans), str(threads), str(rounds)], environment


if __name__ == "__main__":
    print(json.dumps(measure(*(int(argument) for argument in sys.argv[1:4]))))
