"""Pauses: half-open intervals of days on which interest, ageing, or everything stands still.

docs/algorithms/changes.md, section 2. A pause is kept as the day on which it ends: it runs while `today` is before that.
"""

from forbear.engine.layout import Record
from forbear.engine.vocabulary import (
    DELINQUENCY_PAUSED,
    DELINQUENCY_RESUMED,
    INTEREST_PAUSED,
    MORATORIUM_ENDED,
    MORATORIUM_STARTED,
    NEVER,
    WRITTEN,
)
from forbear.engine.work import Work
from forbear.kernel.compiled import compiled, inlined


@inlined
def interest_free_to(loan: Record) -> int:
    """The first day that may bear interest again."""
    return max(loan.interest_paused_to, loan.moratorium_to)


@inlined
def ageing_stands(loan: Record, day: int) -> bool:
    """Whether `day` is not counted as past due."""
    return day < loan.ageing_paused_to or day < loan.moratorium_to


@compiled
def next_pause_end(loan: Record) -> int:
    """The first end of a pause that is still to come; `NEVER` if there is none."""
    first = NEVER
    for end in (loan.interest_paused_to, loan.ageing_paused_to, loan.moratorium_to):
        if end > loan.today:
            first = min(first, end)
    return first


@compiled
def take_pause(work: Work, day: int, kind: int, until: int) -> None:
    """A pause begins or ends on `day`."""
    loan = work.loan
    if loan.status == WRITTEN:
        return
    end = until if until > 0 else NEVER
    if kind == INTEREST_PAUSED:
        loan.interest_paused_to = max(loan.interest_paused_to, end)
    elif kind == DELINQUENCY_PAUSED:
        loan.ageing_paused_to = max(loan.ageing_paused_to, end)
    elif kind == DELINQUENCY_RESUMED:
        loan.ageing_paused_to = min(loan.ageing_paused_to, day)
    elif kind == MORATORIUM_STARTED:
        loan.moratorium_to = max(loan.moratorium_to, end)
    elif kind == MORATORIUM_ENDED:
        loan.moratorium_to = min(loan.moratorium_to, day)
    loan.paused_to = max(loan.interest_paused_to, loan.ageing_paused_to, loan.moratorium_to)
