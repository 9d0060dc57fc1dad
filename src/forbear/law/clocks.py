"""Clocks: from an event to the day by whose end something has to be done."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from forbear.kernel.calendars import Adjustment, calendar
from forbear.kernel.days import add_months, civil, to_date, to_day
from forbear.law.act import Said
from forbear.law.known import Facts, holds
from forbear.law.schema import Date, Packs, Rule, Value


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day, which length of the clock it came from, and the rule and value."""

    last_day: Date
    length: str
    rule: Rule
    value: Value


def deadline(
    packs: Packs,
    rule: Rule,
    *,
    start: Date,
    facts: Mapping[str, Said] | None = None,
    known_on: Date | None = None,
) -> Deadline:
    """The day by whose end the clock runs out when its event happened on `start`.

    The value of the day of the event counts. Of the extensions the first one that surely holds is taken; where that
    cannot be told, the base length. Business days are those of the clock's calendar. Raises LookupError where the rule
    says nothing for the day, BeyondCalendar where business days are not known yet.
    """
    value = rule.value_on(start, known_on or start)
    if value is None:
        raise LookupError(f"{rule.id} says nothing for {start}; its values begin {rule.values[0].start}")
    known = Facts.of(packs.vocabulary, facts or {})
    name = next(
        (each.length for each in rule.details["extensions"] if holds(each.when, known, start)), "length"
    )
    count, unit = int(value.value[name]), value.value["unit"]
    end = _after(packs, rule, start, count, unit)
    return Deadline(_rolled(packs, rule, end), name, rule, value)


def latest(candidates: Iterable[Deadline]) -> Deadline | None:
    """Of several clocks for the same thing the one that ends last, as for how long records are kept."""
    return max(candidates, key=lambda each: each.last_day, default=None)


def _after(packs: Packs, rule: Rule, start: Date, count: int, unit: str) -> Date:
    day_one = rule.details["counting"] == "day_one"
    if unit == "business_days":
        return calendar(_calendar(packs, rule)).add_business_days(start, count - day_one)
    day = to_day(start)
    if unit == "days":
        return to_date(day + count - day_one)
    if unit == "hours":
        return to_date(day + -(-count // 24))
    months = count * (12 if unit == "years" else 1)
    return to_date(add_months(day, months, civil(day)[2], 0) - day_one)


def _rolled(packs: Packs, rule: Rule, day: Date) -> Date:
    if rule.details["roll"] == "none":
        return day
    rolls = {"following": Adjustment.FOLLOWING, "preceding": Adjustment.PRECEDING}
    return calendar(_calendar(packs, rule)).adjust(day, rolls[rule.details["roll"]])


def _calendar(packs: Packs, rule: Rule) -> str:
    name = rule.details["calendar"] or packs.jurisdictions[rule.jurisdiction].calendar
    if name is None:
        raise LookupError(
            f"{rule.id} counts business days and has no calendar; name one in the rule or the jurisdiction"
        )
    return str(name)
