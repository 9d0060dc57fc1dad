"""What changes: values that begin or end, and what expires or has to be looked up again."""

from dataclasses import dataclass

from forbear.law.schema import Date, Packs, Rule, Value


@dataclass(frozen=True, slots=True)
class Change:
    """Something about a value on a day. `what` is begins, ends, replaced (another value follows), known, or review
    (nobody has confirmed it for long).
    """

    day: Date
    what: str
    rule: Rule
    value: Value


def changes(packs: Packs, since: Date, until: Date) -> list[Change]:
    """What begins to hold, ends, or becomes known in [since, until), by day."""
    found = []
    for rule in packs.rules.values():
        for value in rule.values:
            days = {"begins": value.start, "ends": value.until, "known": value.known_from}
            if value.known_from == value.start:
                del days["known"]
            found += [
                Change(day, what, rule, value) for what, day in days.items() if day and since <= day < until
            ]
    return sorted(found, key=lambda each: (each.day, each.rule.id))


def expiring(packs: Packs, today: Date, days: int) -> list[Change]:
    """What ends within so many days, what ended within so many with nothing after it, and what is due for another look."""
    found = []
    for rule in packs.rules.values():
        for value in rule.values:
            follows = any(
                other.start == value.until and other.status == value.status for other in rule.values
            )
            if value.until is None or value.status == "expired":
                continue
            left = (value.until - today).days
            if 0 <= left <= days or (-days <= left < 0 and not follows):
                found.append(Change(value.until, "replaced" if follows else "ends", rule, value))
        fresh = rule.details.get("fresh_days")
        last = max(rule.values, key=lambda value: value.start)
        if fresh is not None and last.until is None:
            stale = Date.fromordinal(last.reviewed.toordinal() + fresh)
            if (stale - today).days <= days:
                found.append(Change(stale, "review", rule, last))
    return sorted(found, key=lambda each: (each.day, each.rule.id))
