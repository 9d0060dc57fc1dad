"""The first day on which a position changes by itself: buckets, rows to come and pauses. docs/algorithms/fold.md."""

import pytest

from forbear.engine.batch import fold
from forbear.engine.vocabulary import (
    DELINQUENCY_PAUSED,
    DISBURSED,
    INTEREST_PAUSED,
    MORATORIUM_STARTED,
    NEVER,
    PAID,
)
from tests.support.one_loan import DRAW, FIRST_DUE, batch_of_one

DRAWN = {"kind": DISBURSED, "effective_on": DRAW, "amount": 1200}


def next_event(day: int, *entries: dict[str, int], count: int = 1) -> int:
    return int(fold(batch_of_one(DRAWN, *entries, count=count), day)[0]["next_event_on"])


def pause(kind: int, until: int) -> dict[str, int]:
    return {"kind": kind, "effective_on": 140, "until": until}


def test_before_the_due_date_it_is_that_date_and_on_it_the_day_after() -> None:
    assert next_event(FIRST_DUE - 1) == FIRST_DUE
    assert next_event(FIRST_DUE) == FIRST_DUE + 1


@pytest.mark.parametrize(("late", "bound"), [(1, 31), (30, 31), (31, 61), (60, 61), (180, 181)])
def test_of_a_late_loan_it_is_the_next_bucket(late: int, bound: int) -> None:
    """The last one is of more than 180 days: after it nothing changes."""
    assert next_event(FIRST_DUE + late) == FIRST_DUE + bound
    assert next_event(FIRST_DUE + 181) == NEVER


def test_a_row_to_come_may_be_earlier() -> None:
    assert next_event(FIRST_DUE + 1, count=2) == 162


@pytest.mark.parametrize("kind", [DELINQUENCY_PAUSED, MORATORIUM_STARTED])
def test_while_ageing_stands_no_bucket_is_next_but_the_end_of_the_pause(kind: int) -> None:
    assert next_event(145, pause(kind, 200)) == 200


@pytest.mark.parametrize("kind", [DELINQUENCY_PAUSED, MORATORIUM_STARTED])
def test_after_it_the_bucket_is_as_many_days_later_as_it_took(kind: int) -> None:
    assert next_event(160, pause(kind, 160)) == FIRST_DUE + 31 + 20
    assert next_event(159, pause(kind, 160)) == 160


def test_a_pause_of_interest_leaves_the_buckets_where_they_were() -> None:
    assert next_event(145, pause(INTEREST_PAUSED, 200)) == FIRST_DUE + 31


def test_a_settled_loan_has_none() -> None:
    paid = {"kind": PAID, "effective_on": 145, "amount": 1200}
    assert next_event(145, paid) == NEVER
    assert next_event(DRAW - 1) == DRAW
