"""The day-end kernel beside its peers, in memory: `python -m benchmarks.kernel LOANS THREADS` prints JSON.

Two contests on one book (`benchmarks.contest`), each with equal answers asserted before anything is timed:

`replay`: from terms and journal to the positions of a day. Nobody has anything but the history.
`next day`: from what was stored the evening before to the positions of the day, one loan in twenty paying. Each engine
stores what suits it best. The peers keep their running state and go on from there; Forbear keeps positions, folds the
whole history of the touched loans again, and reads the others off.

A process of its own, because the number of threads is settled before the libraries load.
"""

import copy
import json
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks import contest, loops, with_numpy
from benchmarks.contest import AS_OF, Book
from benchmarks.measure import run_once, side_by_side
from forbear.engine.batch import Batch, _read_off_all, fold

SLOW_SAMPLE = 5000
ROUNDS, RETRIES = 3, 2
LIKELY_LOSER = 2
"""Formulations that lose by more than this in the trial heat are told, and not run again."""

Work = Callable[[], Any]


def take(batch: Batch, which: np.ndarray) -> Batch:
    """The loans at these places as a batch of their own."""

    def part(rows: np.ndarray, bounds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        sizes = (bounds[1:] - bounds[:-1])[which]
        ends = np.concatenate(([0], np.cumsum(sizes)))
        places = np.arange(ends[-1]) + np.repeat(bounds[which] - ends[:-1], sizes)
        return rows[places], ends

    rates, rate_bounds = part(batch.rates, batch.rate_bounds)
    plan, plan_bounds = part(batch.plan, batch.plan_bounds)
    entries, entry_bounds = part(batch.entries, batch.entry_bounds)
    return replace(
        batch, terms=batch.terms[which], rates=rates, rate_bounds=rate_bounds, plan=plan, plan_bounds=plan_bounds,
        entries=entries, entry_bounds=entry_bounds,
    )  # fmt: skip


def our_next_day(batch: Batch, stored: np.ndarray, as_of: int, threads: int) -> np.ndarray:
    """Forbear's day-end without its store, in place: who is touched is folded, the others are read off."""
    touched = np.flatnonzero(stored["next_event_on"] <= as_of)
    _read_off_all(stored.view(np.recarray), as_of)
    stored[touched] = fold(take(batch, touched), as_of, threads=threads)
    return stored


def replays(book: Book, batch: Batch, threads: int) -> dict[str, Work]:
    """Contestants of `replay`: the whole history of every loan."""
    import duckdb

    from benchmarks import with_duckdb, with_polars

    loaded = with_polars.load(book)
    connection = duckdb.connect(config={"threads": threads})
    with_duckdb.load(connection, book)
    return {
        "Forbear": lambda: contest.answers_of(fold(batch, AS_OF, threads=threads)),
        "NumPy, large blocks": lambda: with_numpy.replay(book, AS_OF),
        "NumPy, small blocks": lambda: with_numpy.replay(book, AS_OF, 1 << 13),
        "Polars, whole book": lambda: with_polars.replay(loaded, AS_OF, block=1 << 40),
        "Polars, blocks": lambda: with_polars.replay(loaded, AS_OF),
        "Polars, streaming": lambda: with_polars.replay(loaded, AS_OF, engine="streaming"),
        "DuckDB, 8 steps a statement": lambda: with_duckdb.blocks(connection, AS_OF),
        "DuckDB, 2 steps a statement": lambda: with_duckdb.blocks(connection, AS_OF, 2),
        "DuckDB, recursive CTE": lambda: with_duckdb.recursive(connection, AS_OF),
    }


def next_days(book: Book, batch: Batch, threads: int) -> dict[str, Callable[[], Work]]:
    """Contestants of `next day`, each with what it stored the evening before.

    Who moves its state on in place gets a copy for each run, off the clock: each of these makes one run's work ready.
    """
    import duckdb

    from benchmarks import with_duckdb, with_polars

    stored = fold(batch, AS_OF - 1)
    frame, flat = with_polars.load(book)
    evening = with_polars.standing(frame, flat, AS_OF - 1)
    connection = duckdb.connect(config={"threads": threads})
    with_duckdb.load(connection, book)
    with_duckdb.keep_standing(connection, AS_OF - 1)
    columns = with_numpy.standing(book, AS_OF - 1)

    def ours() -> Work:
        mine = stored.copy()
        return lambda: contest.answers_of(our_next_day(batch, mine, AS_OF, threads))

    def numpys() -> Work:
        mine = copy.deepcopy(columns)
        return lambda: with_numpy.next_day(mine, book, AS_OF)

    def stateless(work: Work) -> Callable[[], Work]:
        return lambda: work

    return {
        "Forbear": ours,
        "NumPy": numpys,
        "Polars": stateless(
            lambda: with_polars.answers(
                with_polars.standing(evening, flat, AS_OF, block=1 << 40), flat, AS_OF
            )
        ),
        "Polars, streaming": stateless(
            lambda: with_polars.answers(
                with_polars.standing(evening, flat, AS_OF, block=1 << 40, engine="streaming"), flat, AS_OF
            )
        ),
        "DuckDB": stateless(lambda: with_duckdb.next_day(connection, AS_OF)),
    }


def compete(contestants: dict[str, Callable[[], Work]], loans: int, rounds: int) -> Any:
    """Assert equal answers, run a trial heat, drop clear losers of each engine, and measure the rest in turns."""
    wanted = contestants["Forbear"]()()
    trial: dict[str, float] = {}
    for name, make_ready in contestants.items():
        done: list[Any] = []
        work = make_ready()
        trial[name] = run_once(lambda: done.append(work())).cpu  # noqa: B023  run at once
        contest.assert_equal(name, done[0], wanted)
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
    histories = replays(book, batch, threads)
    replayed = compete({name: (lambda w=work: w) for name, work in histories.items()}, loans, rounds)
    if threads == 1:
        replayed |= slow_loops(book, contest.answers_of(fold(batch, AS_OF)), rounds)
    stepped = compete(next_days(book, batch, threads), loans, rounds)
    touched = int((fold(batch, AS_OF - 1)["next_event_on"] <= AS_OF).sum())
    return {
        "loans": loans, "threads": threads, "entries": len(batch.entries), "touched": touched,
        "replay": replayed, "next_day": stepped,
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
    environment = {**os.environ, **dict.fromkeys(limits, str(threads))}
    return [sys.executable, "-m", "benchmarks.kernel", str(loans), str(threads), str(rounds)], environment


if __name__ == "__main__":
    print(json.dumps(measure(*(int(argument) for argument in sys.argv[1:4]))))
