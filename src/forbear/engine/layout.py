"""The arrays of the engine: one record type for each thing, all fields int64.

Amounts are minor units, days are day numbers since 1970-01-01. Loans of a batch lie one after the other; `Batch` (in
`forbear.engine.batch`) holds for each array the bounds of each loan's part. The store keeps the same fields under the same
names.
"""

from typing import Any

import numpy as np

from forbear.engine.vocabulary import COMPONENTS

Record = Any
"""A record of one of the types below, as compiled code sees it: its fields are attributes. NumPy's own type for it makes
every field an array to the type checker, which it is not."""

Records = Any
"""An array of such records, as a NumPy record array."""

I8 = "<i8"
QUAD = (I8, (COMPONENTS,))


def _record(*fields: str | tuple[str, tuple[str, tuple[int]]]) -> np.dtype[np.void]:
    columns = [(field, I8) if isinstance(field, str) else (field[0], *field[1]) for field in fields]
    return np.dtype(columns)


TERMS = _record(
    "loan",  # the caller's number of the loan
    "amortisation",
    "interest_method",
    "day_count",
    "denominator",  # rates by day are numerators over this, per unit of the day-count index
    "period_denominator",  # rates by period are numerators over this, per period
    "instalment",  # level amount fixed by the contract; 0: the annuity is computed
    "multiple",
    "instalment_rounding",
    "interest_rounding",
    "interest_residue",
    "overdue_interest",
    "penalty_base",
    "penalty_grace",
    "penalty_retroactive",
    "tolerance",
    "late_flat",
    "late_most",  # 0: no limit
    "late_numerator",
    "late_denominator",
    "late_grace",
    "order",  # four components in base 4, the first one in the lowest digit
    "vertical",
    "order_after",
    "order_after_days",
    "prepayment",
    "cost_cap",  # numerator over `denominator`; 0: none
    "nonaccrual_after",
    "bucket_set",  # row of the batch's table of bucket bounds
    "period_numerator",  # a rate by period is this many times the rate, over `period_denominator`
    "unit",  # the step by which rescheduled rows follow each other
    "every",
    "month_end",
    "due_day",  # wanted day of the month, 1 to 31
    "repricing",
    "charge_off",
    "principal_grace",
    "interest_grace",
    "part_denominator",  # of the parts below
    "down_numerator",
    "draw_fee_flat",
    "draw_fee_numerator",
    "row_fee_flat",
    "row_fee_numerator",
    "rate_factor",  # a rate as a contract or an entry writes it is this many times itself over `denominator`
)
"""One loan's terms, resolved to integers."""

VERSION = _record(
    "number",  # 2 for the first after the contract
    "first_due_on",
    "count",
    "capitalised",  # bit 1 << component for each component that becomes principal
    "interest",  # numerators in force from its day on, as those of a rate step
    "penalty",
    "per_period",
)
"""How a later version of a loan's terms begins; the terms themselves are a TERMS record beside it."""

RATE = _record("from_day", "interest", "penalty", "per_period")
"""A rate step: numerators over `denominator` (interest, penalty) and over `period_denominator` (per period)."""

PLAN = _record("due_on", "principal")
"""A planned due date; `principal` counts for CUSTOM only."""

ENTRY = _record(
    "sequence",
    "kind",
    "effective_on",
    "component",
    "amount",
    "target",  # sequence of the entry it reverses, 0 for the others
    "order",  # breaks ties in a day
    "until",  # first day after it, or a date it names; 0: none
    "rate",  # in 10**-10, as the contract's
    "count",
)
"""A journal entry."""

FEED = _record("sequence", "effective_on", "kind", "component", "amount", "until", "rate", "count")
"""What the fold takes of a journal: the entries that stand, in the order in which they are folded, then one of a day that never comes."""

LINE = _record(
    "whole", "remainder", "slope", "slope_remainder", "denominator", "charged", "balance", "rate", "pending"
)
"""A linear accrual: whole + remainder/denominator so far, slope + slope_remainder/denominator per unit of its index.

`charged` is how much of the sum has already become money. Where the slope is a balance times a rate, these stand in `balance`
and `rate`, and `pending` adds up the balance-days (积数) that are not yet in the sum: interest is divided when it is asked
for, not at every change of the balance. `rate` is -1 where the slope stands in its own fields.
"""

ROW = _record(
    "due_on",
    "planned",
    ("claimed", QUAD),
    ("unpaid", QUAD),
    ("paid", QUAD),
    ("waived", QUAD),
    ("written_off", QUAD),
    "late_charged",
    "paused",  # the loan's `paused_days` when the row was made
    "grace",  # 1 while a retroactive grace runs, with the penalty it would cost held in the fields below
    "grace_whole",
    "grace_remainder",
)
"""A claim that has fallen due: a planned instalment, or a row made by an entry."""

LOAN = _record(
    "status",
    "today",  # accrued up to the start of this day
    "count_from",  # where the day count's period began: the first disbursement, or the last due date that came
    "period_start",
    "period_end",
    "period_days",
    "next_entry",
    "next_plan",
    "plan_end",  # planned rows from here on were dropped
    "next_rate",
    "rate",  # place of the step in force
    "interest_rate",  # numerators in force: those of the step, or what an entry has made of them
    "penalty_rate",
    "per_period",
    "next_ageing",  # next day on which a grace, a late charge or the non-accrual bound needs looking at
    "rows",
    "first_open",  # rows before this one are paid
    "graces",  # rows in a running retroactive grace
    "level",  # the level amount, or the equal part of principal, in force
    "flat_share",  # flat interest of each planned row to come, and what the last one takes on top
    "flat_residue",
    "undue",  # principal not yet fallen due
    ("due", QUAD),  # unpaid of the rows, by component
    "credit",
    "nonaccrual",
    "disbursed",
    ("charged", QUAD),
    ("paid", QUAD),
    ("waived", QUAD),
    ("written_off", QUAD),
    "received",
    "recovered",
    "refunded",
    "charged_back",
    "forgone",
    # Of docs/algorithms/changes.md. `changed` is 1 once an entry changed the terms: such a loan has no kept state.
    "changed",
    "paused_to",  # the last of the three ends below: the one that accrual looks at
    "interest_paused_to",
    "ageing_paused_to",
    "moratorium_to",
    "paused_days",  # of ageing, so far
    "due_day",
    "next_asked",  # what the next row asks in all, 0: what its terms say
    "put_off",  # the sum of `deferred`
    ("deferred", QUAD),
    "charged_off",
    "sold",
    "credited",
    "proceeds",
    ("capitalised", QUAD),
)
"""The state of the fold between two events."""

KEPT = (
    "status",
    "period_start",
    "period_end",
    "period_days",
    "next_plan",
    "plan_end",
    "next_rate",
    "next_ageing",
    "level",
    "flat_share",
    "flat_residue",
)
"""Fields of LOAN that a position does not tell, kept beside it so that the fold can go on from there.

With `KEPT_ROW` this is the whole kept state: `forbear.engine.kept`. A field that the fold reads and that neither a position
nor these have would make a resumed fold differ from a whole one, which tests/properties/test_resumes.py would see.
"""

KEPT_ROW = ("due_on", "planned", "late_charged", "grace", "grace_whole", "grace_remainder")
"""Fields of an open ROW that are kept, beside what is unpaid of it; rows before the first open one are not read again."""

_LINE_FIELDS = ("whole", "remainder", "slope", "slope_remainder", "denominator", "charged")

POSITION = _record(
    "loan",
    "as_of",
    "status",
    "nonaccrual",
    "principal",
    *(f"due_{c}" for c in ("principal", "interest", "fee", "penalty")),
    *(f"overdue_{c}" for c in ("principal", "interest", "fee", "penalty")),
    "oldest_due_on",
    "bucket",
    "next_due_on",
    "next_due_amount",
    "next_event_on",
    "credit",
    "undue",
    *(f"interest_{f}" for f in _LINE_FIELDS),
    *(f"penalty_{f}" for f in _LINE_FIELDS),
    *(f"cap_{f}" for f in _LINE_FIELDS),
    "interest_index",  # day count by which the interest line runs
    "day_count",
    "period_start",  # LOAN.count_from: not LOAN.period_start, which is kept beside the position
    "interest_rounding",
    "disbursed",
    *(f"charged_{c}" for c in ("interest", "fee", "penalty")),
    *(f"paid_{c}" for c in ("principal", "interest", "fee", "penalty")),
    *(f"waived_{c}" for c in ("principal", "interest", "fee", "penalty")),
    *(f"written_off_{c}" for c in ("principal", "interest", "fee", "penalty")),
    "received",
    "recovered",
    "refunded",
    "charged_back",
    "forgone",
    *(f"deferred_{c}" for c in ("interest", "fee", "penalty")),
    "credited",
    "proceeds",
    *(f"capitalised_{c}" for c in ("interest", "fee", "penalty")),
    "ahead_interest",  # of rows to come: interest that a payoff asks at least, fees and penalties that it asks besides;
    "ahead_charges",  # nothing where rows come to life on their due dates
    "ageing_paused",
    "paused_days",
    "accrued_interest",
    "accrued_penalty",
    "payoff",
    "days_past_due",
)
"""A position as stored and returned. The last five fields are read off for `as_of`; see `forbear.engine.position`."""
