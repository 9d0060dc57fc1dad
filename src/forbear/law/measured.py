"""What a rule found when it looked: the time on local clocks, the contacts it counted, the facts it used."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from forbear.law import contacts, evaluate
from forbear.law.gate import Finding, Verdict
from forbear.law.record import EPOCH
from forbear.law.schema import Junction, Past, Predicate
from forbear.law.vocabulary import UNKNOWN
from forbear.law.zones import zone


@dataclass(frozen=True, slots=True)
class Measured:
    """`clocks`: zone and local time, for a window. `counted` and `limit`: for a count. `last` and `limit`: for a spacing.
    `perhaps`: of those counted, how many may be no such contacts.
    `facts`: name and word of each fact that the rule's conditions name.
    """

    clocks: tuple[tuple[str, dt.datetime], ...] = ()
    counted: int | None = None
    perhaps: int = 0
    last: dt.datetime | None = None
    limit: int | None = None
    facts: tuple[tuple[str, str], ...] = ()


def measure(verdict: Verdict, finding: Finding) -> Measured:
    """What this rule found, worked out again by the evaluator's own functions."""
    rule, value = finding.standing.rule, finding.standing.value
    facts = tuple(_facts(verdict, rule.applies, rule.unless, rule.when))
    if rule.form == "window":
        return Measured(clocks=_clocks(verdict, finding), facts=facts)
    if rule.counter is None:
        return Measured(facts=facts)
    p, row = verdict.rules.program.code, verdict.asked.row
    place = verdict.rules.gate.index(finding.standing)
    day_zone = evaluate.day_zone(p, row, place, 0)
    counter = evaluate.rule_of(p, place, evaluate.COUNTER)
    counted, sure, last, _ = contacts.tally(
        p, row, verdict.asked.record.rows, verdict.asked.zones, counter, 0, int(row[0, 0]), day_zone, 1
    )
    where = zone(verdict.asked.zone_names[day_zone])
    moment = (EPOCH + dt.timedelta(seconds=int(last))).astimezone(where) if counted else None
    perhaps = int(counted - sure)
    return Measured(counted=int(counted), perhaps=perhaps, last=moment, limit=int(value.value), facts=facts)


def _clocks(verdict: Verdict, finding: Finding) -> tuple[tuple[str, dt.datetime], ...]:
    rule = finding.standing.rule
    own = verdict.rules.packs.jurisdictions[rule.jurisdiction].zones
    names = own[:1] if rule.zone == "jurisdiction" else verdict.act.zones or own
    return tuple((name, verdict.at.astimezone(zone(name))) for name in names)


def _facts(verdict: Verdict, *conditions: Predicate | None) -> Iterator[tuple[str, str]]:
    columns = verdict.rules.packs.vocabulary.columns
    for name in dict.fromkeys(names_in(*conditions)):
        number = verdict.known[name]
        if number != UNKNOWN or name not in ("act", "role", "product"):
            yield name, columns[name].text(number)


def names_in(*conditions: Predicate | None) -> Iterator[str]:
    """The columns that conditions name, in their order."""
    for each in conditions:
        if isinstance(each, Junction):
            yield from names_in(*each.parts)
        elif each is not None and not isinstance(each, Past):
            yield each.column
            if isinstance(each.operand, str) and each.operand != "value":
                yield each.operand
