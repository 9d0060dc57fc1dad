"""The day-end in DuckDB: whoever has an event or pays is moved on by the steps of `benchmarks.with_duckdb`, then updated.

Totals move by the difference of what the moved loans had and have. Nothing is done with the loans that are not touched.
"""

# ruff: noqa: S608  all that is put into a statement is numbers and names of our own

import numpy as np

from benchmarks.contest import ANSWERS, BOUNDS, BUCKETS, FAR, SCALE, TOTALS, Arrivals, Book
from benchmarks.with_duckdb import (
    GIVEN,
    STATE,
    Connection,
    answers,
    blocks,
    fetched,
    load,
    step,
    unfinished,
    with_book,
)
from benchmarks.with_numpy import of_day

KEPT = (
    "event",
    "bucket",
    "overdue_principal",
    "overdue_interest",
    "interest_0",
    "penalty_0",
    "interest_a_day",
    "penalty_a_day",
)
"""What an evening has beside the state: the next event, and what the totals need, accruals as of day 0 and a day."""
SHARES = (*TOTALS[2:8], "interest_0", "penalty_0", "interest_a_day", "penalty_a_day")
OWN = tuple(name for name in GIVEN if name not in {"paid", "amount"})


def evening(connection: Connection, book: Book, as_of: int) -> np.ndarray:
    """Keep the evening of `as_of` as table `kept`; returns the totals."""
    load(connection, book)
    blocks(connection, as_of)
    moved = f"SELECT {', '.join((*OWN, *STATE))} FROM {with_book('finished')}"
    connection.execute(f"CREATE OR REPLACE TABLE kept AS {noted(f'({moved})', as_of)}")
    connection.execute("CREATE OR REPLACE TABLE kept AS SELECT * EXCLUDE (days_past_due, payoff, accrued_interest, "
                       "accrued_penalty, outstanding) FROM kept ORDER BY id")  # fmt: skip
    return summed(connection, "kept")


def noted(source: str, as_of: int) -> str:
    """States that have come to `as_of` with their answers and with what the evening keeps of them."""
    later = " ".join(f"WHEN days_past_due < {bound} THEN {bound}" for bound in BOUNDS)
    names = "overdue_principal, overdue_interest, days_past_due, bucket, payoff, accrued_interest, accrued_penalty"
    return f"""
    SELECT *, accrued - interest_a_day * today AS interest_0,
           penalty - charged * {SCALE} - penalty_a_day * today AS penalty_0 FROM (
    SELECT s.*, {names}, a.principal AS outstanding,
           greatest(s.undue - s.credit, 0) * s.rate AS interest_a_day, s.due_principal * s.penalty_rate AS penalty_a_day,
           least(s.due[s.rows + 1],
                 CASE WHEN days_past_due > 0 THEN {as_of} - days_past_due + CASE {later} ELSE {FAR} END ELSE {FAR} END,
                 CASE WHEN s.due_principal <> overdue_principal OR s.due_interest <> overdue_interest
                      THEN {as_of} + 1 ELSE {FAR} END) AS event
    FROM {source} s JOIN ({answers(source, as_of)}) a USING (id))"""


def summed(connection: Connection, table: str) -> np.ndarray:
    """A table's part of the totals: BUCKETS x (TOTALS, and the growth of both accruals a day)."""
    sums = ", ".join(f"sum({name})::BIGINT" for name in SHARES)
    query = (
        f"SELECT bucket, count(*), sum(undue + due_principal)::BIGINT, {sums} FROM {table} GROUP BY bucket"
    )
    found = np.zeros((BUCKETS, 2 + len(SHARES)), np.int64)
    for bucket, *row in connection.execute(query).fetchall():
        found[bucket] = row
    return found


def day_end(
    connection: Connection, totals: np.ndarray, arrivals: Arrivals, as_of: int, steps: int
) -> np.ndarray:
    """The day `as_of` from table `kept`, which is moved on: the moved loans are table `moved`; returns the totals."""
    connection.register("arrived", {"id": arrivals.owner, "paying": arrivals.amount})
    own, state, kept = (
        ", ".join(OWN),
        ", ".join(STATE).replace("payments", "0::BIGINT AS payments"),
        ", ".join(KEPT),
    )
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE live AS
        SELECT {own}, CASE WHEN paying IS NULL THEN [{FAR}] ELSE [{as_of}, {FAR}] END AS paid,
               [coalesce(paying, 0), 0] AS amount, {state}, {kept}
        FROM kept LEFT JOIN arrived USING (id) WHERE event <= {as_of} OR paying IS NOT NULL""")
    totals -= summed(connection, "live")
    names = ", ".join((*GIVEN, *STATE))
    connection.execute(f"CREATE OR REPLACE TEMP TABLE finished AS SELECT {names} FROM live LIMIT 0")
    while connection.execute("SELECT count(*) FROM live").fetchall()[0][0]:
        further = "live"
        for _ in range(steps):
            further = f"({step(further, as_of)})"
        connection.execute(f"CREATE OR REPLACE TEMP TABLE later AS SELECT {names} FROM {further}")
        connection.execute(f"INSERT INTO finished FROM later WHERE NOT {unfinished(as_of)}")
        connection.execute(f"CREATE OR REPLACE TEMP TABLE live AS FROM later WHERE {unfinished(as_of)}")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE moved AS {noted('finished', as_of)}")
    totals += summed(connection, "moved")
    changes = ", ".join(f"{name} = moved.{name}" for name in (*STATE, *KEPT))
    connection.execute(f"UPDATE kept SET {changes} FROM moved WHERE kept.id = moved.id")
    return of_day(totals, as_of)


def told(connection: Connection, totals: np.ndarray) -> tuple[np.ndarray, dict[str, np.ndarray], np.ndarray]:
    """What `day_end` found, as arrays."""
    names = [
        {"principal": "outstanding AS principal", "overdue_penalty": "due_penalty AS overdue_penalty"}.get(
            n, n
        )
        for n in ANSWERS
    ]
    query = f"SELECT {', '.join(names)} FROM moved ORDER BY id"
    moved = connection.execute("SELECT id FROM moved ORDER BY id").fetchnumpy()["id"]
    return np.asarray(moved), fetched(connection, query), totals
