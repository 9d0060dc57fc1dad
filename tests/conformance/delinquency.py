"""Days past due, delinquent days and ranges, from rows and pauses. The format's section 1.6."""

BOUNDS = (
    (1, "range_1"),
    (4, "range_3"),
    (31, "range_30"),
    (61, "range_60"),
    (91, "range_90"),
    (121, "range_120"),
)
BOUNDS += ((151, "range_150"), (181, "range_180"), (241, "range_240"))


def periods(actions):
    """[start, end) of the pauses; a resume ends the pause it falls into."""
    found = []
    for action, start, end in actions:
        if action == "pause":
            found.append([start, end])
        else:
            for pause in found:
                if pause[0] <= start < pause[1]:
                    pause[1] = start
    return [tuple(p) for p in found]


def range_of(days):
    """Name of the range of so many delinquent days."""
    name = None
    for first, label in BOUNDS:
        if days >= first:
            name = label
    return name


def paused(actions, start, end):
    """Days of pauses within [start, end)."""
    return sum(max(0, min(b, end) - max(a, start)) for a, b in periods(actions))


def loan(session):
    """past_due_days, delinquent_days, delinquent_on and amount of a loan today."""
    late = [row for row in session.view().rows if row.due < session.today and row.unpaid > 0]
    short = taken_back(session)
    if not late and short is None:
        return {
            "past_due_days": 0,
            "delinquent_days": 0,
            "delinquent_on": None,
            "amount": 0,
            "past_due_on": None,
        }
    grace = session.told["delinquency"]["grace_days"]
    since = late[0].due if late else short[0]
    if short and short[0] < since:
        since = short[0]
    amount = sum(row.unpaid for row in late)
    if short and not short[2]:
        amount += short[1]
    past = session.today - since
    days = max(0, past - paused(session.pauses, since, session.today) - grace)
    return {
        "past_due_days": past,
        "delinquent_days": days,
        "delinquent_on": since + grace,
        "past_due_on": since,
        "amount": amount,
    }


def taken_back(session):
    """The first take-back that leaves its row with less than was paid on it: (day, what is missing, row is due)."""
    back = [t for t in session.transactions if t.kind == "chargeback" and not t.reverted]
    for row in session.view().rows:
        if row.unpaid == 0 or row.down:
            continue
        left = sum(row.paid)
        for t in sorted(back, key=lambda t: (t.on, t.order)):
            if row.start <= t.on < row.due and t.on < session.today:
                left -= t.entry.amount
                if left < 0:
                    return t.on, -left, row.due < session.today
        if row.due < session.today:
            return None
    return None


def instalments(session):
    """Unpaid amounts by range, each row by itself and without grace."""
    found = {}
    if loan(session)["delinquent_days"] == 0:
        return found
    for row in session.view().rows:
        if row.due < session.today and row.unpaid > 0:
            days = session.today - row.due - paused(session.pauses, row.due, session.today)
            name = range_of(days)
            if name:
                found[name] = found.get(name, 0) + row.unpaid
    return found
