"""The fold's work in Polars: all live loans of a block one step further at a time, with expressions.

The step is DuckDB's (`benchmarks.with_duckdb`): one event, or one more open row that a payment reaches. What a loan has
several of lies in flat columns and is gathered by place. After some steps who is finished is put aside, so work shrinks with
the block.
"""

from typing import Any

import numpy as np
import polars as pl

from benchmarks.contest import ANSWERS, BOUNDS, FAR, LONGEST, SCALE, Book

BLOCK = 1 << 17
STEPS = 1
ENGINE = "in-memory"

OPTIMISED = pl.QueryOptFlags(cluster_with_columns=False)
"""All optimisations but one, which in Polars 2.1.0 lets an expression of a later with_columns see the wrong column."""

_c = pl.col


def half_up(accrued: pl.Expr) -> pl.Expr:
    """Millionths to whole minor units."""
    return (accrued + SCALE // 2) // SCALE


def load(book: Book) -> tuple[pl.DataFrame, dict[str, pl.Series]]:
    """The book as a frame of loans, and the flat columns with what loans have several of. Not timed."""
    loans = len(book)
    zero = np.zeros(loans, np.int64)
    frame = pl.DataFrame(
        {
            "id": np.arange(loans), "principal": book.principal, "rate": book.rate, "penalty_rate": book.penalty_rate,
            "count": book.count, "level": (2 * book.principal + book.count) // (2 * book.count),
            "due_at": np.arange(loans) * (LONGEST + 1), "paid_at": book.bounds[:-1] + np.arange(loans),
            "today": book.drawn_on, "rows": zero, "head": zero, "head_interest": zero, "head_principal": zero,
            "undue": book.principal, "credit": zero, "accrued": zero, "penalty": zero, "charged": zero,
            "due_principal": zero, "due_interest": zero, "due_penalty": zero,
        }
    )  # fmt: skip
    due = np.full((loans, LONGEST + 1), FAR, np.int64)
    due[:, :LONGEST] = book.due_on.T
    place = np.arange(len(book.amount)) + np.repeat(np.arange(loans), np.diff(book.bounds))
    paid, amount = np.full(len(place) + loans, FAR, np.int64), np.zeros(len(place) + loans, np.int64)
    paid[place], amount[place] = book.paid_on, book.amount
    return frame, {"due": pl.Series(due.ravel()), "paid": pl.Series(paid), "amount": pl.Series(amount)}


def gathered(frame: pl.DataFrame, flat: dict[str, pl.Series]) -> pl.DataFrame:
    """The dates and the amount that the next step looks at. (Literal series in expressions are far slower.)"""
    row = frame["due_at"] + frame["head"]
    return frame.with_columns(
        flat["due"].gather(frame["due_at"] + frame["rows"]).alias("next_due"),
        flat["paid"].gather(frame["paid_at"]).alias("next_paid"),
        flat["amount"].gather(frame["paid_at"]).alias("next_amount"),
        flat["due"].gather(row).alias("row_on"),
        flat["due"].gather((row - 1).clip(0)).alias("row_before_on"),
    )


def step(frame: pl.DataFrame, flat: dict[str, pl.Series], as_of: int) -> Any:
    """One step further, as a query; who is finished stays as it is."""
    owed = _c("due_principal") + _c("due_interest")
    frame = gathered(frame, flat).lazy().with_columns(
        pops=(_c("credit") > 0) & (owed > 0), clear=(owed + _c("due_penalty")) == 0,
    ).with_columns(event=pl.min_horizontal("next_due", "next_paid"))  # fmt: skip
    on = ~_c("pops") & (_c("event") <= as_of)
    falls = on & (_c("next_due") <= _c("next_paid"))
    frame = frame.with_columns(
        falls=falls, pays=on & (_c("next_due") > _c("next_paid")),
        days=pl.when(on).then(_c("event") - _c("today")).otherwise(0),
    ).with_columns(
        accrued=_c("accrued") + (_c("undue") - _c("credit")).clip(0) * _c("rate") * _c("days"),
        penalty=_c("penalty") + _c("due_principal") * _c("penalty_rate") * _c("days"),
        today=_c("today") + _c("days"),
        credit=_c("credit") + pl.when("pays").then("next_amount").otherwise(0),
    )  # fmt: skip
    last = _c("rows") + 1 == _c("count")
    part = pl.min_horizontal("level", "undue")
    frame = frame.with_columns(
        of_row=pl.when("falls").then(pl.when(last).then("undue").otherwise(part)).otherwise(0),
        interest_of_row=pl.when("falls").then(half_up(_c("accrued"))).otherwise(0),
        wanted=pl.when(_c("credit") > 0).then(half_up(_c("penalty")) - _c("charged")).otherwise(0),
    )
    return _allocate(_open_rows(frame))


def _open_rows(frame: Any) -> Any:
    """The row that fell due joins the open ones; the oldest is at the head; who has money left goes on to the next."""
    before = _c("principal") - _c("head") * _c("level")
    days = _c("row_on") - _c("row_before_on")
    opens = _c("falls") & _c("clear")
    last = _c("head") + 1 == _c("count")
    popped = pl.when(last).then(before).otherwise(pl.min_horizontal(_c("level"), before))
    return frame.with_columns(
        head_interest=pl.when("pops").then(half_up(before * _c("rate") * days))
        .when(opens).then("interest_of_row").otherwise("head_interest"),
        head_principal=pl.when("pops").then(popped).when(opens).then("of_row").otherwise("head_principal"),
        head=pl.when("pops").then(_c("head") + 1).when(opens).then(_c("rows") + 1).otherwise("head"),
        undue=_c("undue") - _c("of_row"), rows=_c("rows") + _c("falls").cast(pl.Int64),
        paid_at=_c("paid_at") + _c("pays").cast(pl.Int64),
        accrued=pl.when("falls").then(0).otherwise("accrued"),
        due_principal=_c("due_principal") + _c("of_row"), due_interest=_c("due_interest") + _c("interest_of_row"),
        due_penalty=_c("due_penalty") + _c("wanted"), charged=_c("charged") + _c("wanted"),
    )  # fmt: skip


def _allocate(frame: Any) -> Any:
    """Penalty, interest and principal of the row at the head; whoever then can, settles."""
    frame = (
        frame.with_columns(part=pl.min_horizontal("credit", "due_penalty"))
        .with_columns(credit=_c("credit") - _c("part"), due_penalty=_c("due_penalty") - _c("part"))
        .with_columns(part=pl.min_horizontal("credit", "head_interest"))
        .with_columns(
            credit=_c("credit") - _c("part"), head_interest=_c("head_interest") - _c("part"),
            due_interest=_c("due_interest") - _c("part"),
        )
        .with_columns(part=pl.min_horizontal("credit", "head_principal"))
        .with_columns(
            credit=_c("credit") - _c("part"), head_principal=_c("head_principal") - _c("part"),
            due_principal=_c("due_principal") - _c("part"), payoff=_c("undue") + half_up(_c("accrued")),
        )
    )  # fmt: skip
    owed = _c("due_principal") + _c("due_interest") + _c("due_penalty")
    settles = (_c("credit") > 0) & (owed == 0) & (_c("credit") >= _c("payoff"))
    zeroed = {
        name: pl.when("settles").then(0).otherwise(name)
        for name in ("undue", "accrued", "penalty", "charged")
    }
    return (
        frame.with_columns(settles=settles)
        .with_columns(credit=_c("credit") - pl.when("settles").then("payoff").otherwise(0), **zeroed)
    )  # fmt: skip


def replay(
    loaded: tuple[pl.DataFrame, dict[str, pl.Series]], as_of: int, *, block: int = BLOCK, steps: int = STEPS,
    engine: Any = ENGINE,
) -> dict[str, np.ndarray]:  # fmt: skip
    """Every loan's answers. The finished are put aside after each number of `steps`."""
    frame, flat = loaded
    return answers(standing(frame, flat, as_of, block=block, steps=steps, engine=engine), flat, as_of)


def standing(
    frame: pl.DataFrame, flat: dict[str, pl.Series], as_of: int, *, block: int = BLOCK, steps: int = STEPS,
    engine: Any = ENGINE,
) -> pl.DataFrame:  # fmt: skip
    """The state of all loans at the end of `as_of`, from any earlier state, in the order of the loans."""
    done = []
    for first in range(0, len(frame), block):
        live = frame.slice(first, block)
        columns = live.columns
        while len(live):
            unfinished = _unfinished(live, flat, as_of)
            done.append(live.filter(~unfinished))
            live = live.filter(unfinished)
            for _ in range(steps):
                live = step(live, flat, as_of).select(columns).collect(engine=engine, optimizations=OPTIMISED)
    return pl.concat(done).sort("id")


def _unfinished(live: pl.DataFrame, flat: dict[str, pl.Series], as_of: int) -> pl.Series:
    event = (flat["due"].gather(live["due_at"] + live["rows"]) <= as_of) | (
        flat["paid"].gather(live["paid_at"]) <= as_of
    )
    return event | ((live["credit"] > 0) & (live["due_principal"] + live["due_interest"] > 0))


def answers(frame: pl.DataFrame, flat: dict[str, pl.Series], as_of: int) -> dict[str, np.ndarray]:
    """The answers as arrays."""
    found = answered(frame, flat, as_of)
    return {name: found[name].to_numpy() for name in ANSWERS}


def answered(frame: pl.DataFrame, flat: dict[str, pl.Series], as_of: int) -> pl.DataFrame:
    """The frame of loans that have come to `as_of` with its answers and all that led there."""
    newest = frame["due_at"] + frame["rows"].clip(1) - 1
    frame = frame.with_columns(
        flat["due"].gather(newest).alias("newest_on"),
        flat["due"].gather((newest - 1).clip(0)).alias("before_on"),
    )
    before = _c("principal") - (_c("rows") - 1) * _c("level")
    oldest = pl.when(_c("head_interest") + _c("head_principal") > 0).then("head").otherwise(_c("head") + 1)
    days = as_of - _c("today")
    frame = frame.with_columns(
        owed=_c("due_principal") + _c("due_interest") + _c("due_penalty"),
        oldest=oldest,
        newest=pl.when(_c("rows") == _c("count"))
        .then(before)
        .otherwise(pl.min_horizontal(_c("level"), before)),
        newest_interest=half_up(before * _c("rate") * (_c("newest_on") - _c("before_on"))),
        accrued_interest=half_up(_c("accrued") + (_c("undue") - _c("credit")).clip(0) * _c("rate") * days),
        accrued_penalty=half_up(_c("penalty") + _c("due_principal") * _c("penalty_rate") * days)
        - _c("charged"),
    )
    place = frame["due_at"] + frame["oldest"].clip(1) - 1
    frame = frame.with_columns(
        flat["due"].gather(place).alias("oldest_on"),
        falls=(_c("rows") > 0) & (_c("newest_on") == as_of) & (_c("owed") > 0),
        alone=(_c("oldest") == _c("rows")) & (_c("head") == _c("rows")),
    )  # fmt: skip
    late = (_c("owed") > 0) & (_c("oldest_on") < as_of)
    of_today = pl.when("alone").then("head_principal").otherwise("newest")
    interest_of_today = pl.when("alone").then("head_interest").otherwise("newest_interest")
    return frame.with_columns(
        drawn=_c("principal"), principal=_c("undue") + _c("due_principal"),
        overdue_principal=_c("due_principal") - pl.when("falls").then(of_today).otherwise(0),
        overdue_interest=_c("due_interest") - pl.when("falls").then(interest_of_today).otherwise(0),
        overdue_penalty=_c("due_penalty"),
        days_past_due=pl.when(late).then(as_of - _c("oldest_on")).otherwise(0),
        payoff=(_c("owed") + _c("accrued_penalty") + _c("undue") + _c("accrued_interest") - _c("credit")).clip(0),
    ).with_columns(bucket=pl.sum_horizontal((_c("days_past_due") >= bound).cast(pl.Int64) for bound in BOUNDS))  # fmt: skip
