"""The arrays of a live loan's fold: one record type for each thing, all fields int64; amounts in minor units."""

from typing import Any, NamedTuple

import numpy as np

from forbear.engine.layout import I8, QUAD, Record, Records

VIEWS = 4
"""How many models lie beside each other: the loan's own, and views of it within views."""


def _record(*fields: str | tuple[str, Any]) -> np.dtype[np.void]:
    return np.dtype([(field, I8) if isinstance(field, str) else (field[0], *field[1]) for field in fields])


LIVE_TERMS = _record(
    *("schedule", "progressive", "rate", "count", "every", "unit", "allocation", "interest_on", "by_period"),
    *("partial_periods", "year_days", "month_thirty", "leap_day_rule", "first_day_counts", "equal_principal"),
    *(
        "counted_from",
        "multiple",
        "level",
        "term_length",
        "principal_grace",
        "interest_grace",
        "down_payment",
    ),
    *("rest_at_due_date", "payoff_to_due_date", "past_due_earns", "charge_off", "credited"),
    *("full_term_per_draw", "factor_places", "recalculation", "overdue_daily"),
    (
        "credit_order",
        QUAD,
    ),  # components in the order in which a take-back is owed again; counts if `credited`
)
"""`forbear.engine.live.terms.LiveTerms`, as integers."""

RULE = _record("payment", "advance", ("order", (I8, (12,))))

LIVE_ENTRY = _record(
    *("sequence", "kind", "on", "recorded_on", "amount", "target", "payment", "until", "rate", "count"),
    *("share_of", "when", "component", "every", "unit", "spread"),
)

SEGMENT = _record(
    *("start", "end", "paused", "drawn", "correction", "taken_principal", "taken_interest", "balance")
)
"""Days of one balance; what happens at its end counts from there on.

`drawn`, `correction`: how the balance changes at its end; `taken_*`: owed again here.
"""

PERIOD = _record(
    *("start", "end", "first", "segments", "level", "first_level", "paid_principal", "paid_interest"),
    *(
        "brought_forward",
        "moved_up",
        "moved_down",
        "fixed_interest",
        "lapses",
        "interest_grace",
        "principal_grace",
        "clamped",
    ),
    *("earned", "interest", "principal", "unplaced", "taken_principal", "taken_interest"),
)
"""From one due date to the next; `first` and `segments` say which segments are its own.

`level`: what it asks before take-backs; `first_level`: that level as it was last set, before money changed it;
`brought_forward`: interest earned later and asked here; `fixed_interest`: given to it in parts, `lapses`: until a charge-off; `moved_up`: 1 if its own interest was brought forward; `clamped`: more was
paid on it than the last row was to ask; `earned`, `interest`, `principal`, `unplaced` and `taken_*`: written by `model.derive_one`.
"""

LIVE_ROW = _record(
    *("key", "start", "due", "down", "extra", "met", "met_on", "early", "late", "skipped", "chosen"),
    *((name, QUAD) for name in ("claimed", "paid", "waived", "written", "taken")),
)
"""An instalment: what it claims and what became of it, by component.

`key`: its number for life, as places shift; `down`: a down payment; `extra`: a row after the planned ones; `met`, `met_on`: nothing
is open, since when; `early`, `late`: paid before and after the due date; `skipped`, `chosen`: scratch of one entry.
"""

CHARGE = _record("entry", "amount", "paid", "waived", "waiting", "spread_on")
"""A charge entry (by its place) and what became of it; `spread_on`: it is in parts on the rows from that day on."""

OUTCOME = _record("amount", "over", "fees", ("portions", QUAD), ("absorbed", QUAD))
"""What an entry did."""

STATE = _record(
    *("rows", "charges", "rates", "draws", "over", "started_on", "begun", "bears", "stopped", "keys"),
    *("charged_off_on", "written_off_on", "overdue_until"),
    *((name, QUAD) for name in ("view_periods", "view_segments", "silent_after")),  # of each model
    *((name, QUAD) for name in ("portions", "left")),  # of the payment on its way; of one that is taken back
)
"""The state of the fold. `VIEWS` models lie beside each other: how long each is, and when it falls silent.

`over`: money for which nothing is owed, the credit of a planned loan; `begun`: something is drawn; `bears`: there is a rate;
`stopped`: nothing accrues any more, after a charge-off or a write-off.
"""

RATE_FROM, RATE, DRAWN_ON, DRAWN = range(4)
"""Columns of the steps: rate changes in their order, and beside them draws in theirs."""

OPEN, SHARE = 0, 1
"""Of a charge of every row, by charge and row key: what is still to be paid of it, and what it was."""

NOT_YET = -1
"""No day: for `overdue_until` and `silent_after`."""


class Model(NamedTuple):
    """The interest of a schedule: periods and segments of its own (0) and of its views (1 to 3)."""

    terms: Record
    state: Record
    periods: Records
    segments: Records
    steps: np.ndarray


class Desk(NamedTuple):
    """Everything that the fold of one loan works on."""

    terms: Record
    state: Record
    model: Model
    rules: Records
    entries: Records
    rows: Records
    charges: Records
    parts: np.ndarray
    outcomes: Records
