"""Accrual activities: on each due date what fell due, and at the end of a loan all that is left, as a summary.

docs/algorithms/accruals.md says when one is posted, changed or taken back.
"""


def wanted(session):
    """Whether the loan posts them."""
    return session.told["accrual_activity_posting"]


def standing(session):
    """Activities that stand, by date."""
    found = [t for t in session.transactions if t.kind == "accrual_activity" and not t.reverted]
    return sorted(found, key=lambda t: t.on)


def planned_rows(session):
    """Rows of the schedule, without down payments."""
    return [row for row in session.view().rows if not row.down]


def take_back(activity):
    """It never was."""
    activity.reverted = activity.hidden = True


def post(session, row, existing=None):
    """The activity of a row: new, or an existing one that says so now."""
    from tests.conformance.accruals import add

    portions = (0, *row.claimed[1:])
    if existing is None:
        if any(portions):
            add(session, "accrual_activity", row.due, portions)
    elif not any(portions):
        take_back(existing)
    elif (existing.on, existing.portions) != (row.due, portions):
        existing.on, existing.portions, existing.replayed = row.due, portions, True


def on_day(session, day):
    """At the end of a day: each row that is due has exactly one."""
    if not wanted(session) or session.status() != "active":
        return
    before = standing(session)
    for row in planned_rows(session):
        if row.due <= day:
            same = [t for t in before if t.on == row.due]
            post(session, row, same[0] if same else None)
            for t in same[1:]:
                take_back(t)
            before = [t for t in before if t not in same]


def at_end(session):
    """At the end of a loan: rows due before it have their own, and one of that day says the rest."""
    from tests.conformance.accruals import add

    if not wanted(session):
        return
    on = session.ended_on
    for t in standing(session):
        if t.on > on:
            take_back(t)
    rows, before = planned_rows(session), standing(session)
    for row in rows:
        if row.due < on and not row.extra:
            same = [t for t in before if t.on == row.due]
            if len(same) > 1:
                for t in same:
                    take_back(t)
            post(session, row, same[0] if len(same) == 1 else None)
    rest = [0] * 4
    for c in range(1, 4):
        rest[c] = sum(row.claimed[c] for row in rows) - sum(t.portions[c] for t in standing(session))
    if any(part > 0 for part in rest):
        add(session, "accrual_activity", on, rest)


def at_return(session):
    """A loan that owes again: the activity of its end becomes that of the next row due, or goes."""
    if not wanted(session):
        return
    found = standing(session)
    last = found[-1] if found else None
    rows = [
        row
        for row in session.view().rows
        if row.due < session.today and (last is None or row.due >= last.on) and any(row.claimed[1:])
    ]
    if not rows and last is not None:
        take_back(last)
    for row in sorted(rows, key=lambda row: row.due):
        post(session, row, last)
        last = None


def before_re_ages(session, day):
    """The rows as they were on a day: a re-ageing that counts after it has not happened yet."""
    later = {
        t.entry.sequence
        for t in session.transactions
        if t.kind == "re_age" and not t.reverted and t.entry.on >= day
    }
    if not later:
        return planned_rows(session)
    kept = [e for e in session.entries if e.sequence not in later]
    view = session.system.fold(session.terms, kept, max(e.recorded_on for e in kept))
    return [row for row in view.rows if not row.down]


def again(session):
    """When entries are taken again: an activity says what its row asks, and goes if that is not over yet."""
    if not wanted(session):
        return
    for t in standing(session):
        rows = before_re_ages(session, t.on)
        row = next((r for r in rows if r.start < t.on <= r.due or (r is rows[0] and t.on == r.start)), None)
        if row is None:
            continue
        over = row.due < t.on or (row.due == t.on and t.on != session.today)
        portions = (0, *row.claimed[1:])
        if (row.unpaid > 0 and not over) or not any(portions):
            take_back(t)
        elif portions != t.portions:
            t.portions, t.replayed = portions, True
