"""The day-end in Polars: whoever has an event or pays is taken out, moved on, and put back; totals move by the difference.

Columns lie in a dictionary of series, so that the moved loans are put back by `scatter` without copying those of the others.
"""

from typing import Any, NamedTuple

import numpy as np
import polars as pl

from benchmarks.contest import ANSWERS, BOUNDS, BUCKETS, FAR, SCALE, TOTALS, Arrivals, Book
from benchmarks.with_numpy import of_day
from benchmarks.with_polars import ENGINE, answered, load, standing

_c = pl.col

STATE = ("id", "principal", "rate", "penalty_rate", "count", "level", "due_at", "paid_at")
MOVING = (
    "today", "rows", "head", "head_interest", "head_principal", "undue", "credit", "accrued", "penalty", "charged",
    "due_principal", "due_interest", "due_penalty",
)  # fmt: skip
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
"""Columns of which the totals are sums, after the number of loans and the principal."""


class Evening(NamedTuple):
    """What is kept from day to day."""

    columns: dict[str, pl.Series]
    due: pl.Series
    totals: np.ndarray


def evening(book: Book, as_of: int) -> Evening:
    """The evening of `as_of`."""
    frame, flat = load(book)
    frame = noted(standing(frame, flat, as_of), flat, as_of)
    totals = summed(frame)
    frame = frame.with_columns(principal="drawn").select(*STATE, *MOVING, *KEPT)
    return Evening({name: frame[name] for name in frame.columns}, flat["due"], totals)


def copied(kept: Evening) -> Evening:
    """A copy that a day may change."""
    columns = {name: pl.Series(name, series.to_numpy().copy()) for name, series in kept.columns.items()}
    return Evening(columns, kept.due, kept.totals.copy())


def noted(moved: pl.DataFrame, flat: dict[str, pl.Series], as_of: int) -> pl.DataFrame:
    """Loans that have come to `as_of` with their answers and with what the evening keeps of them."""
    due = flat["due"].gather(moved["due_at"] + moved["rows"])
    frame = answered(moved, flat, as_of).with_columns(due.alias("next_due"))
    bound: Any = pl.lit(FAR)
    for later in reversed(BOUNDS):
        bound = pl.when(_c("days_past_due") < later).then(later).otherwise(bound)
    late = pl.when(_c("days_past_due") > 0).then(as_of - _c("days_past_due") + bound).otherwise(FAR)
    today = (_c("due_principal") != _c("overdue_principal")) | (_c("due_interest") != _c("overdue_interest"))
    days = as_of - _c("today")
    frame = frame.with_columns(
        event=pl.min_horizontal("next_due", late, pl.when(today).then(as_of + 1).otherwise(FAR)),
        interest_a_day=(_c("undue") - _c("credit")).clip(0) * _c("rate"),
        penalty_a_day=_c("due_principal") * _c("penalty_rate"),
    )
    return frame.with_columns(
        interest_0=_c("accrued") + _c("interest_a_day") * (days - as_of),
        penalty_0=_c("penalty") - _c("charged") * SCALE + _c("penalty_a_day") * (days - as_of),
    )


def summed(frame: pl.DataFrame) -> np.ndarray:
    """The frame's part of the totals: BUCKETS x (TOTALS, and the growth of both accruals a day)."""
    principal = (_c("undue") + _c("due_principal")).sum().alias("sum")
    sums = frame.group_by("bucket").agg(
        pl.len().cast(pl.Int64), principal, *(_c(name).sum() for name in SHARES)
    )
    found = np.zeros((BUCKETS, 2 + len(SHARES)), np.int64)
    found[sums["bucket"].to_numpy()] = sums.drop("bucket").to_numpy()
    return found


def day_end(
    kept: Evening, arrivals: Arrivals, as_of: int, engine: Any = ENGINE
) -> tuple[pl.DataFrame, np.ndarray]:
    """The day `as_of` from the evening before, in place: the moved loans with their answers, and the totals."""
    columns = kept.columns
    touched = (columns["event"] <= as_of).to_numpy().copy()
    touched[arrivals.owner] = True
    live = pl.DataFrame(list(columns.values())).filter(pl.Series(touched))
    before = summed(live)
    number = len(arrivals.owner)
    paid = np.append(np.tile([as_of, FAR], number), FAR)
    amount = np.append(np.stack((arrivals.amount, np.zeros(number, np.int64)), axis=1).ravel(), 0)
    flat = {"due": kept.due, "paid": pl.Series(paid), "amount": pl.Series(amount)}
    paid_at = np.full(len(live), 2 * number)
    paid_at[np.searchsorted(live["id"].to_numpy(), arrivals.owner)] = 2 * np.arange(number)
    live = live.drop(KEPT).with_columns(pl.Series("paid_at", paid_at))
    moved = noted(standing(live, flat, as_of, block=1 << 40, engine=engine), flat, as_of)
    places = moved["id"]
    for name in (*MOVING, *KEPT):
        columns[name] = columns.pop(name).scatter(places, moved[name])
    np.add(kept.totals, summed(moved) - before, out=kept.totals)
    return moved, of_day(kept.totals, as_of)


def told(found: tuple[pl.DataFrame, np.ndarray]) -> tuple[np.ndarray, dict[str, np.ndarray], np.ndarray]:
    """What `day_end` found, as arrays."""
    moved, totals = found
    return moved["id"].to_numpy(), {name: moved[name].to_numpy() for name in ANSWERS}, totals
