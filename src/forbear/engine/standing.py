"""Where a loan stands when an entry is proposed: what `forbear.engine.life` judges by, from the fold of planned and live loans."""

from dataclasses import replace

import numpy as np

from forbear.engine.batch import Batch, fold
from forbear.engine.life import Entry, Standing
from forbear.engine.live.many import LiveLoans, live_rows, open_amounts
from forbear.engine.live.vocabulary import LIVE
from forbear.engine.vocabulary import NEVER, PRINCIPAL, Status


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
    standing = Standing(
        journal=entries_of(journal),
        agreed=agreed,
        status=Status(part["status"]),
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
    return standing if batch.live is None else _of_live(standing, batch.live, batch.entries, on)


def _of_live(standing: Standing, live: LiveLoans, journal: np.ndarray, on: int) -> Standing:
    """What the rules ask of a live loan besides: its last due date, `NEVER` before its draw, and its rows as they stand."""
    terms, rows = live.terms[0], live_rows(live, journal, on)
    last = int(rows["due_on"].max()) if len(rows) else NEVER
    due, planned = rows["due_on"] <= on, rows["planned"] != 0
    owed, waits = rows["unpaid"][due & planned, PRINCIPAL], rows["unpaid"][~due & planned].sum(axis=1)
    return replace(
        standing,
        pausable=bool(terms["schedule"] == LIVE and terms["rate"]),
        pauses_end=last + 1,
        open=open_amounts(live, journal, on),
        stops=bool(terms["progressive"]),
        reamortisable=bool(owed.sum() > 0 and (waits != 0).any()),
    )
