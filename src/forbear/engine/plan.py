"""Due dates of the planned instalments."""

from enum import IntEnum
from typing import Final

import numpy as np

from forbear.engine.layout import PLAN, Records
from forbear.kernel.compiled import compiled
from forbear.kernel.days import ROLL, civil, in_month

DAY: Final = 0
WEEK: Final = 1
MONTH: Final = 2

FIRST_MONTH: Final = 12 * 1900
EVES: Final = (
    np.arange("1900-01", "2300-01", dtype="datetime64[M]").astype("datetime64[D]").astype(np.int64) - 1
)
"""The day before each month begins, from FIRST_MONTH on: looking due dates up takes a fraction of the time of counting them."""


class Unit(IntEnum):
    """Unit of a product's period (期)."""

    DAY = DAY
    WEEK = WEEK
    MONTH = MONTH

    @property
    def per_year(self) -> int:
        """Periods of one unit in a year, for interest by period: 365 days, 52 weeks, 12 months."""
        return (365, 52, 12)[self]


@compiled
def month_anchor(first: int, due_day: int, month_end: int) -> tuple[int, int]:
    """The month from which monthly due dates are counted, as 12 * year + month - 1, and the wanted day of the month."""
    if month_end == ROLL and due_day > 28 and civil(first)[2] == 1:
        first -= 1  # the first due date had itself rolled over from the end of the month before
    year, month, day_of_month = civil(first)
    return 12 * year + month - 1, due_day if due_day > 0 else day_of_month


@compiled
def due_date(first: int, place: int, every: int, unit: int, due_day: int, month_end: int) -> int:
    """Due date of planned row `place`, from 0; counted from the first, so month ends do not drift."""
    if place == 0:
        return first
    if unit == MONTH:
        anchor, wanted = month_anchor(first, due_day, month_end)
        return in_month(anchor + place * every, wanted, month_end)
    return first + place * every * (7 if unit == WEEK else 1)


@compiled
def _fill(
    first: np.ndarray,
    bounds: np.ndarray,
    due_day: np.ndarray,
    every: np.ndarray,
    unit: np.ndarray,
    month_end: np.ndarray,
    eves: np.ndarray,
    plan: Records,
) -> None:
    for i in range(first.shape[0]):
        mine, step, spare = plan[bounds[i] : bounds[i + 1]], every[i], 1 if month_end[i] == ROLL else 0
        rows = mine.shape[0]
        if unit[i] != MONTH:
            for place in range(rows):
                mine[place].due_on = due_date(first[i], place, step, unit[i], due_day[i], month_end[i])
            continue
        anchor, wanted = month_anchor(first[i], due_day[i], month_end[i])
        at = anchor - FIRST_MONTH
        if at >= 0 and at + rows * step < eves.shape[0]:
            for place in range(1, rows):
                at += step
                mine[place].due_on = min(eves[at] + wanted, eves[at + 1] + spare)
        else:
            for place in range(1, rows):
                mine[place].due_on = in_month(anchor + place * step, wanted, month_end[i])
        if rows > 0:
            mine[0].due_on = first[i]


def plan_dates(
    first: np.ndarray,
    count: np.ndarray,
    due_day: np.ndarray,
    every: np.ndarray,
    unit: np.ndarray,
    month_end: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Plans of N loans and their N + 1 bounds. All arguments are arrays of N int64."""
    bounds = np.concatenate((np.zeros(1, np.int64), np.cumsum(count)))
    plan = np.zeros(bounds[-1], PLAN)
    first, due_day, every, unit, month_end = (
        np.ascontiguousarray(column, np.int64) for column in (first, due_day, every, unit, month_end)
    )
    _fill(first, bounds, due_day, every, unit, month_end, EVES, plan.view(np.recarray))
    return plan, bounds
