"""Clocks: from an event to the day by whose end something has to be done."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from forbear.kernel.calendars import Adjustment, calendar
from forbear.kernel.days import add_months, civil, to_date, to_day
from forbear.kernel.ranges import DateRange
from forbear.law.act import Said
from forbear.law.known import Facts, holds
from forbear.law.resolver import RuleSet
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
        raise LookupError(
            f"{rule.id} says nothing for {start} (as known on {known_on or start}); ask for a day on which it holds, from "
            f"{rule.values[0].start} (known from {rule.values[0].known_from}), or add a value to {rule.file}"
        )
    known = Facts.of(packs.vocabulary, facts or {}, start)
    name = next((each.length for each in rule.details["extensions"] if holds(each.when, known)), "length")
    count, unit = int(value.value[name]), value.value["unit"]
    end = _after(packs, rule, start, count, unit)
    return Deadline(_rolled(packs, rule, end), name, rule, value)


def deadlines(
    rules: RuleSet, term: str, *, start: Date, facts: Mapping[str, Said] | None = None
) -> tuple[Deadline, ...]:
    """The ends of all clocks of that term in a rule set that apply, or of which it cannot be told for want of a fact.

    As known on the rule set's day. Raises as `deadline`.
    """
    known = Facts.of(
        rules.packs.vocabulary, {**(facts or {}), "product": rules.product, "role": rules.role}, start
    )
    return tuple(
        deadline(rules.packs, each.rule, start=start, facts=facts, known_on=rules.known_on)
        for each in rules.others
        if each.rule.form == "clock" and each.rule.term == term and not each.draft
        if holds(each.rule.applies, known) is not False
        and holds(each.rule.unless, known, absent=False) is not True
    )


def limitation(
    packs: Packs,
    rule: Rule,
    *,
    start: Date,
    interruptions: Iterable[Date] = (),
    suspensions: Iterable[DateRange] = (),
    facts: Mapping[str, Said] | None = None,
    known_on: Date | None = None,
) -> Deadline:
    """The last day of a period that events interrupt or suspend.

    An interruption on or before the last day lets the whole period begin anew with its day. A suspension, in order of
    time, counts where it holds on the last day or, if the value names `suspension_window` months, within so many months
    before it: then `suspension_rest` months run from its end (Civil Code of China, art. 194). Where the value names no
    window, the days of the suspension are added. `longest`, in the unit of the value, is a stop that nothing moves.
    Raises as `deadline`; ValueError for a suspension without end, as the last day is not known then.
    """
    found = deadline(packs, rule, start=start, facts=facts, known_on=known_on)
    lengths = found.value.value
    stops = sorted(suspensions, key=lambda each: each.start)
    begins = [start, *sorted(interruptions)]
    last = found.last_day
    for begin in begins:
        if begin > last:
            break
        last = deadline(packs, rule, start=begin, facts=facts, known_on=known_on or start).last_day
        for stop in stops:
            if stop.until is None:
                raise ValueError(
                    f"the suspension from {stop.start} has no end yet; ask again when it has one"
                )
            if stop.start >= begin:
                last = _suspended(last, stop.start, stop.until, lengths)
    if "longest" in lengths:
        last = min(last, _after(packs, rule, start, int(lengths["longest"]), lengths["unit"]))
    return Deadline(last, found.length, rule, found.value)


def _suspended(last: Date, start: Date, until: Date, lengths: Mapping[str, str]) -> Date:
    if "suspension_window" not in lengths:
        return last + (until - start) if start <= last else last
    window = _months(last, -int(lengths["suspension_window"]))
    if start > last or until <= window:
        return last
    return _months(until, int(lengths["suspension_rest"]))


def _months(date: Date, months: int) -> Date:
    day = to_day(date)
    return to_date(add_months(day, months, civil(day)[2], 0))


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
