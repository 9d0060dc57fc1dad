"""The fold, written again from docs/algorithms/fold.md alone: exact fractions, plain Python, slow and obvious.

`position(terms, entries, as_of)` and `instalments(terms, entries, as_of)` are the API. Terms and entries are those of
`tests/support/cases.py`; days are whole numbers since 1970-01-01; money is whole minor units.
"""

from tests.support.oracle_accrual import CHARGES, COMPONENTS, MOVES, NEVER
from tests.support.oracle_fold import Fold

# --- the position (section 7)


def read_off(fold: Fold) -> dict:
    """The position at the end of the day the fold has come to."""
    day, terms, owed = fold.today, fold.terms, fold.owed()
    late = fold.late(day)
    out = {"status": "active", "principal": fold.undue + fold.unpaid("principal")}
    if fold.charged_off:
        out["status"] = "charged_off"
    if not fold.started:
        out["status"] = "pending"
    elif fold.sold:
        out["status"] = "sold"
    elif fold.nothing_owed():
        out["status"] = "closed"
    elif fold.lost:
        out["status"] = "written_off"
    for component in COMPONENTS:
        accrued = fold.clipped(fold.penalty_wanted()) if component == "penalty" else 0
        out[f"due_{component}"] = fold.unpaid(component) + accrued
        out[f"overdue_{component}"] = accrued + sum(r.unpaid[component] for r in fold.rows if r.due_on < day)
        for move in MOVES:
            out[f"{move}_{component}"] = fold.totals[move][component]
    del out["charged_principal"]
    out["accrued_interest"] = fold.interest_wanted()
    out["oldest_due_on"] = late[0].due_on if late else None
    out["days_past_due"] = fold.days_late(day)
    out["paused_days"] = fold.paused_days - late[0].paused if late else 0
    out["ageing_paused"] = bool(late) and day < max(fold.ageing_paused_to, fold.moratorium_to)
    out["bucket"] = sum(late != [] and bound <= out["days_past_due"] for bound in terms.buckets)
    out["nonaccrual"] = fold.nonaccrual
    ahead = fold.started and fold.plan != []
    out["next_due_on"] = fold.plan[0].due_on if ahead else None
    out["next_due_amount"] = max(0, fold.next_asks() - fold.credit) if ahead else 0
    out["payoff"] = max(0, owed - fold.credit)
    for component in CHARGES:
        out[f"deferred_{component}"] = fold.deferred[component]
    for name in (
        *("credit", "disbursed", "received", "recovered", "refunded", "charged_back", "forgone"),
        *("credited", "proceeds"),
    ):
        out[name] = getattr(fold, name)
    for component in CHARGES:
        out[f"capitalised_{component}"] = fold.capitalised[component]
    out["next_event_on"] = next_event(fold)
    return out


def next_event(fold: Fold):
    """The first day after this one on which a position may change otherwise than by reading off."""
    day, terms, late = fold.today, fold.terms, fold.late(fold.today)
    days = [day + 1 for row in fold.rows if row.total and row.due_on == day] + list(fold.entries)
    if late and day >= max(fold.ageing_paused_to, fold.moratorium_to):
        counted_from = late[0].due_on + fold.paused_days - late[0].paused
        days += [counted_from + bound for bound in terms.buckets]
        if terms.nonaccrual_after and not fold.nonaccrual and not fold.lost:
            days.append(counted_from + terms.nonaccrual_after)
    if not fold.started or not fold.nothing_owed() or fold.plan:
        days += [fold.interest_paused_to, fold.ageing_paused_to, fold.moratorium_to]
    if fold.started and not fold.ended and (fold.plan or not fold.nothing_owed()):
        days += [step[0] for step in terms.rates if step[0] is not None]
        if fold.plan:
            days.append(fold.plan[0].due_on)
        elif terms.interest == "period" and fold.period_start is not None:
            days.append(fold.period_end)
        for row in fold.late_now():
            if terms.penalty_base != "none":
                days.append(fold.grace_ends(row))
            if row.planned and (terms.late_flat or terms.late_rate):
                days.append(row.due_on + terms.late_grace + 1)
    return min((d for d in days if day < d < NEVER), default=None)


def position(terms, entries, as_of: int) -> dict:
    """The fields of section 7."""
    return read_off(Fold(terms, entries).run(as_of))


def instalments(terms, entries, as_of: int) -> list[dict]:
    """The rows that have fallen due, in their order, with what was claimed, paid, waived and written off."""
    return [
        {
            "due_on": row.due_on,
            "planned": row.planned,
            **{"claimed" if move == "charged" else move: dict(row.moved[move]) for move in MOVES},
        }
        for row in Fold(terms, entries).run(as_of).rows
    ]
