"""Where a loan stands when an entry is proposed: what `forbear.engine.life` judges by, from the fold of planned and live loans."""

import numpy as np

from forbear.engine.batch import Batch, fold
from forbear.engine.life import Entry, Standing
from forbear.engine.live.many import live_rows
from forbear.engine.live.vocabulary import LIVE
from forbear.engine.vocabulary import NEVER, Status


def entries_of(journal: np.ndarray) -> tuple[Entry, ...]:
    """ENTRY rows of one loan as the rules read them, in the order of their sequence."""
    return tuple(
        Entry(
            kind=int(row["kind"]),
            on=int(row["effective_on"]),
            **{
                name: int(row[name])
                for name in ("sequence", "amount", "component", "target", "until", "rate", "count")
            },
        )
        for row in np.sort(journal, order="sequence")
    )


def standing(batch: Batch, journal: np.ndarray, agreed: int, on: int, today: int) -> Standing:
    """How the one loan of a batch stands at the end of `on`, by its journal (ENTRY).

    Of a credit that was used between `on` and `today` only what is left counts.
    """
    at, now = fold(batch, on)[0], fold(batch, max(on, today))[0]
    part = {name: int(at[name]) for name in at.dtype.names or ()}
    return Standing(
        journal=entries_of(journal),
        agreed=agreed,
        status=Status(part["status"]),
        pausable=batch.live is None
        or bool(batch.live.terms["schedule"][0] == LIVE and batch.live.terms["rate"][0]),
        pauses_end=_last_day(batch, on) + 1 if batch.live is not None else NEVER,
        versions=dict(
            zip(*(batch.later.opens[name].tolist() for name in ("number", "first_due_on")), strict=True)
        ),
        credit=min(part["credit"], int(now["credit"])),
        open=(
            part["principal"],
            part["due_interest"] + part["accrued_interest"] + part["deferred_interest"],
            part["due_fee"] + part["deferred_fee"],
            part["due_penalty"] + part["accrued_penalty"] + part["deferred_penalty"],
        ),
    )


def _last_day(batch: Batch, on: int) -> int:
    """The last due date of a live loan as it stands on a day; `NEVER` before its draw."""
    assert batch.live is not None
    rows = live_rows(batch.live, batch.entries, on)
    return int(rows["due_on"].max()) if len(rows) else NEVER
