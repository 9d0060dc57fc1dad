"""What an end of day books of deferred income, and the tables and ledger lines that show it.

docs/algorithms/deferred-income.md says how much of it is income by a day; what is booked is the difference.
"""

from forbear.engine.live.deferred import deferred, recognised
from forbear.engine.live.vocabulary import Kind
from tests.conformance.cases import cents, text_of

NAMES = {Kind.INCOME_CAPITALISED: "capitalized_income", Kind.BOUGHT_DOWN: "buy_down_fee"}
BOOKINGS = tuple(f"{name}_amortization{how}" for name in NAMES.values() for how in ("", "_adjustment"))


def standing(session, kind):
    """Deferred income of a kind, entry by entry."""
    return [item for item in deferred(session.entries) if item.kind == kind]


def bookings(session, kind):
    """What is booked of a kind and not taken back, in its order."""
    return [t for t in session.transactions if t.kind.startswith(f"{NAMES[kind]}_am") and not t.reverted]


def booked(session, kind):
    """What is booked so far, by sequence of what deferred it."""
    total = {}
    for t in bookings(session, kind):
        for sequence, amount in t.told.parts.items():
            total[sequence] = total.get(sequence, 0) + amount
    return total


class Parts:
    """How much of which entry a booking recognises; `lost`: as a charge-off or a write-off lost it."""

    def __init__(self, parts, lost):
        self.parts, self.lost = parts, lost


def book(session, kind, on, wanted, lost=None):
    """Book what more is income by now, or less; of what was reversed nothing is."""
    from tests.conformance.accruals import add

    before = booked(session, kind)
    parts = {s: wanted.get(s, 0) - before.get(s, 0) for s in sorted({*before, *wanted})}
    parts = {s: amount for s, amount in parts.items() if amount}
    total = sum(parts.values())
    if total:
        name = f"{NAMES[kind]}_amortization" + ("" if total > 0 else "_adjustment")
        add(session, name, on, as_portions(session, kind, abs(total)), told=Parts(parts, lost))


def as_portions(session, kind, amount):
    """Income of a kind is interest or fees, as the terms say."""
    terms = session.told[NAMES[kind]]
    return (0, 0, amount, 0) if terms["type"] == "fee" else (0, amount, 0, 0)


def last_due(session):
    """The last planned due date."""
    return max(row.due for row in session.view().rows if not row.extra)


def by_day(session, day):
    """At the end of a day: what is income by then."""
    for kind in NAMES:
        wanted = {i.sequence: recognised(i, last_due(session), day) for i in standing(session, kind)}
        book(session, kind, day, wanted)


def at_end(session, on, lost=None):
    """Once nothing is left to run: all of it."""
    for kind in NAMES:
        book(session, kind, on, {i.sequence: i.net for i in standing(session, kind)}, lost)


def at_charge_off(session, off):
    """Income by the day of a charge-off, and the rest as its loss."""
    by_day(session, off.on)
    at_end(session, off.on, off)


def undo_charge_off(session, off):
    """What a charge-off lost is deferred again."""
    for t in session.transactions:
        if t.kind in BOOKINGS and t.told.lost is off and not t.reverted:
            t.reverted = t.hidden = True


def rows(session, kind):
    """A line for each entry that stands: what became of it."""
    lost = {}
    for t in bookings(session, kind):
        for sequence, amount in t.told.parts.items():
            if t.told.lost is not None and t.told.lost.kind == "charge_off":
                lost[sequence] = lost.get(sequence, 0) + amount
    found = []
    for item in standing(session, kind):
        charged_off = lost.get(item.sequence, 0)
        left = max(0, item.net - booked(session, kind).get(item.sequence, 0))
        found.append(
            {
                "date": text_of(item.on),
                "amount": item.amount,
                "amortised": item.net - left - charged_off,
                "left": left,
                "adjusted": item.amount - item.net,
                "charged_off": charged_off,
            }
        )
    return found


def check_rows(session, step, kind, left):
    """The table of deferred income; `left` is what it calls the part that is still deferred."""
    told = [
        {k: v if k == "date" else cents(v) for k, v in row.items() if k != left} | {"left": cents(row[left])}
        for row in step["rows"]
    ]
    found = rows(session, kind)
    if len(told) == len(found):
        found = [{k: row[k] for k in want} for row, want in zip(found, told, strict=True)]
    return None if told == found else f"expected {told}, found {found}"


def check_mapping(session, step):
    """Which bookings recognised one entry."""
    target = session.find(step)
    kind = next(kind for kind, name in NAMES.items() if name == step["type"])
    found = [
        (text_of(t.on), "am" if amount > 0 else "am_adj", abs(amount))
        for t in bookings(session, kind)
        for sequence, amount in t.told.parts.items()
        if sequence == target.entry.sequence
    ]
    told = [(row["date"], row["kind"], cents(row["amount"])) for row in step["rows"]]
    return None if sorted(told) == sorted(found) else f"expected {told}, found {found}"
