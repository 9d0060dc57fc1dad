"""The fold's work in SQL: DuckDB takes all live loans one step further at a time.

A step is one event of a loan (a row falls due, a payment) or one more open row that a payment reaches. It is written once,
as nested projections that DuckDB runs vector by vector, and put to use in two ways: `blocks` chains several steps in one
statement, keeps who is not finished in a table and goes round; `recursive` is one recursive CTE, keyed by loan.

A row that falls due while an older one is open has no money ahead in its period, so its interest follows from its dates;
that is why no queue of open rows has to be kept.
"""

# ruff: noqa: S608  all that is put into a statement is numbers and names of our own

from typing import Any

import duckdb
import numpy as np

from benchmarks.contest import ANSWERS, BOUNDS, FAR, SCALE, Book

Connection = duckdb.DuckDBPyConnection

GIVEN = ("id", "principal", "rate", "penalty_rate", "count", "level", "due", "paid", "amount")
STATE = (
    "today", "rows", "payments", "head", "head_interest", "head_principal", "undue", "credit", "accrued", "penalty",
    "charged", "due_principal", "due_interest", "due_penalty",
)  # fmt: skip
STEPS_A_STATEMENT = 8


def half_up(accrued: str) -> str:
    """Millionths to whole minor units, in SQL."""
    return f"(({accrued} + {SCALE // 2}) // {SCALE})"


def load(connection: Connection, book: Book) -> None:
    """The book as a table of DuckDB, with lists for what a loan has several of. Not timed."""
    loans = {
        "id": np.arange(len(book)), "principal": book.principal, "drawn_on": book.drawn_on, "rate": book.rate,
        "penalty_rate": book.penalty_rate, "count": book.count, "first": book.bounds[:-1], "last": book.bounds[1:],
    }  # fmt: skip
    due = {"id": np.repeat(np.arange(len(book)), len(book.due_on)), "day": book.due_on.T.ravel()}
    owner = np.repeat(np.arange(len(book)), np.diff(book.bounds))
    paid = {"id": owner, "place": np.arange(len(owner)), "day": book.paid_on, "amount": book.amount}
    for name, table in (("raw_loan", loans), ("raw_due", due), ("raw_paid", paid)):
        connection.register(name, {key: np.ascontiguousarray(value) for key, value in table.items()})
    connection.execute(f"""
        CREATE TABLE book AS
        SELECT id, principal, drawn_on, rate, penalty_rate, count,
               (2 * principal + count) // (2 * count) AS level,
               list_append(d.due, {FAR}) AS due,
               list_append(coalesce(p.paid, []), {FAR}) AS paid, list_append(coalesce(p.amount, []), 0) AS amount
        FROM raw_loan
        JOIN (SELECT id, list(day ORDER BY day) AS due FROM raw_due GROUP BY id) d USING (id)
        LEFT JOIN (SELECT id, list(day ORDER BY place) AS paid, list(amount ORDER BY place) AS amount
                   FROM raw_paid GROUP BY id) p USING (id)
        ORDER BY id""")


def beginning(source: str) -> str:
    """The state of each loan on the day of its draw."""
    first = {"today": "drawn_on", "undue": "principal"}
    columns = ", ".join(f"{first.get(name, '0::BIGINT')} AS {name}" for name in STATE)
    return f"SELECT {', '.join(GIVEN)}, {columns} FROM {source}"


def step(source: str, as_of: int) -> str:
    """One step further: a SELECT of GIVEN and STATE from one. Who is finished stays as it is."""
    own = ", ".join(GIVEN)
    return f"""
    SELECT {own}, today, rows, payments, head, head_interest, head_principal,
           CASE WHEN settles THEN 0 ELSE undue END AS undue,
           CASE WHEN settles THEN credit - payoff ELSE credit END AS credit,
           CASE WHEN settles THEN 0 ELSE accrued END AS accrued,
           CASE WHEN settles THEN 0 ELSE penalty END AS penalty,
           CASE WHEN settles THEN 0 ELSE charged END AS charged, due_principal, due_interest, due_penalty FROM (
    SELECT *, credit > 0 AND due_principal + due_interest + due_penalty = 0 AND credit >= payoff AS settles FROM (
    SELECT * REPLACE (head_interest - of_interest AS head_interest, head_principal - of_principal AS head_principal,
             money - of_principal AS credit, due_interest - of_interest AS due_interest,
             due_principal - of_principal AS due_principal),
           undue + {half_up("accrued")} AS payoff FROM (
    SELECT * REPLACE (money - of_interest AS money), least(money - of_interest, head_principal) AS of_principal FROM (
    SELECT * REPLACE (due_penalty - of_penalty AS due_penalty, money - of_penalty AS money),
           least(money - of_penalty, head_interest) AS of_interest FROM (
    SELECT * REPLACE (due_penalty + wanted AS due_penalty, charged + wanted AS charged),
           credit AS money, least(credit, due_penalty + wanted) AS of_penalty FROM (
    SELECT * REPLACE (
             rows + (what = 1)::BIGINT AS rows, payments + (what = 2)::BIGINT AS payments, undue - principal_due AS undue,
             CASE WHEN what = 1 THEN 0 ELSE accrued END AS accrued,
             due_principal + principal_due AS due_principal, due_interest + interest_due AS due_interest,
             CASE WHEN what = 0 THEN head + 1 WHEN what = 1 AND clear THEN rows + 1 ELSE head END AS head,
             CASE WHEN what = 0 THEN {half_up("(principal - head * level) * rate * (due[head + 1] - due[head])")}
                  WHEN what = 1 AND clear THEN interest_due ELSE head_interest END AS head_interest,
             CASE WHEN what = 0 THEN CASE WHEN head + 1 = count THEN principal - head * level
                                     ELSE least(level, principal - head * level) END
                  WHEN what = 1 AND clear THEN principal_due ELSE head_principal END AS head_principal),
           CASE WHEN credit > 0 THEN {half_up("penalty")} - charged ELSE 0 END AS wanted FROM (
    SELECT *, CASE WHEN what <> 1 THEN 0 ELSE {half_up("accrued")} END AS interest_due,
           CASE WHEN what <> 1 THEN 0 WHEN rows + 1 = count THEN undue ELSE least(level, undue) END AS principal_due FROM (
    SELECT * REPLACE (
             accrued + greatest(undue - credit, 0) * rate * (day - today) AS accrued,
             penalty + due_principal * penalty_rate * (day - today) AS penalty, day AS today,
             CASE WHEN what = 2 THEN credit + amount[payments + 1] ELSE credit END AS credit),
           due_principal + due_interest + due_penalty = 0 AS clear FROM (
    SELECT *, CASE WHEN pops THEN 0 WHEN least(next_due, next_paid) > {as_of} THEN 3
                   WHEN next_due <= next_paid THEN 1 ELSE 2 END AS what,
           CASE WHEN pops OR least(next_due, next_paid) > {as_of} THEN today
                ELSE least(next_due, next_paid) END AS day FROM (
    SELECT *, due[rows + 1] AS next_due, paid[payments + 1] AS next_paid,
           credit > 0 AND due_principal + due_interest > 0 AS pops FROM {source}
    ))))))))))"""


def unfinished(as_of: int) -> str:
    """Whether a loan has a step to go."""
    return f"(least(due[rows + 1], paid[payments + 1]) <= {as_of} OR (credit > 0 AND due_principal + due_interest > 0))"


def answers(source: str, as_of: int) -> str:
    """The answers, in the order of the loans, from the state of loans that have come to `as_of`."""
    bucket = " + ".join(f"(days_past_due >= {bound})::BIGINT" for bound in BOUNDS)
    return f"""
    SELECT id, undue + due_principal AS principal, due_principal, due_interest, due_penalty,
           due_principal - CASE WHEN NOT today_is_due THEN 0 WHEN alone THEN head_principal ELSE newest END
             AS overdue_principal,
           due_interest - CASE WHEN NOT today_is_due THEN 0 WHEN alone THEN head_interest ELSE newest_interest END
             AS overdue_interest,
           due_penalty AS overdue_penalty, accrued_interest, accrued_penalty, credit, days_past_due,
           {bucket} AS bucket,
           greatest(owed + accrued_penalty + undue + accrued_interest - credit, 0) AS payoff FROM (
    SELECT *, CASE WHEN owed > 0 AND due[oldest] < {as_of} THEN {as_of} - due[oldest] ELSE 0 END AS days_past_due,
           rows > 0 AND due[rows] = {as_of} AND owed > 0 AS today_is_due, oldest = rows AND head = rows AS alone,
           CASE WHEN rows = count THEN principal - (rows - 1) * level
                ELSE least(level, principal - (rows - 1) * level) END AS newest,
           {half_up("(principal - (rows - 1) * level) * rate * (due[rows] - due[rows - 1])")} AS newest_interest FROM (
    SELECT *, due_principal + due_interest + due_penalty AS owed,
           CASE WHEN head_interest + head_principal > 0 THEN head ELSE head + 1 END AS oldest,
           {half_up(f"(accrued + greatest(undue - credit, 0) * rate * ({as_of} - today))")} AS accrued_interest,
           {half_up(f"(penalty + due_principal * penalty_rate * ({as_of} - today))")} - charged AS accrued_penalty
    FROM {source}))"""


def blocks(connection: Connection, as_of: int, steps: int = STEPS_A_STATEMENT) -> dict[str, np.ndarray]:
    """Several steps a statement; only the state is kept, and the finished are put aside after each."""
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE live AS SELECT id, {', '.join(STATE)} FROM ({beginning('book')})"
    )
    connection.execute("CREATE OR REPLACE TEMP TABLE finished AS FROM live LIMIT 0")
    go_on(connection, as_of, steps)
    return fetched(connection, f"{answers(with_book('finished'), as_of)} ORDER BY id")


def with_book(name: str) -> str:
    """A table of states with the loans' own columns."""
    return f"(SELECT {', '.join((*GIVEN, *STATE))} FROM {name} JOIN book USING (id))"


def go_on(connection: Connection, as_of: int, steps: int) -> None:
    """Move table `live` to the end of `as_of`, into table `finished`."""
    state = ", ".join(STATE)
    while connection.execute("SELECT count(*) FROM live").fetchall()[0][0]:
        further = with_book("live")
        for _ in range(steps):
            further = f"({step(further, as_of)})"
        ends = f"(NOT {unfinished(as_of)}) AS ends"
        connection.execute(f"CREATE OR REPLACE TEMP TABLE later AS SELECT id, {state}, {ends} FROM {further}")
        connection.execute(f"INSERT INTO finished SELECT id, {state} FROM later WHERE ends")
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE live AS SELECT id, {state} FROM later WHERE NOT ends"
        )


def recursive(connection: Connection, as_of: int) -> dict[str, np.ndarray]:
    """One recursive CTE that keeps the last state of each loan."""
    columns = ", ".join((*GIVEN, *STATE))
    query = f"""
    WITH RECURSIVE state({columns}) USING KEY (id) AS (
        SELECT {columns} FROM ({beginning("book")})
        UNION (SELECT {columns} FROM ({step(f"(FROM state WHERE {unfinished(as_of)})", as_of)}))
    ) {answers("state", as_of)} ORDER BY id"""
    return fetched(connection, query)


def fetched(connection: Connection, query: str) -> dict[str, np.ndarray]:
    """The answers as arrays."""
    found: dict[str, Any] = connection.execute(query).fetchnumpy()
    return {name: np.asarray(found[name]) for name in ANSWERS}
