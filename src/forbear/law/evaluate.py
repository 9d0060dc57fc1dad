"""Compiled: the one evaluator. Whatever the gate answers, for one act or for millions, is decided here.

Conditions have three values: 0 no, 1 yes, 2 unknown (Kleene). Where the answer is unknown a rule takes its careful side:
a prohibition applies, a requirement is not met, an exception is not available, a ground does not hold.
"""

from typing import Final

from forbear.kernel.compiled import compiled, inlined
from forbear.kernel.days import add_months, civil, weekday
from forbear.law.contacts import (
    DAY,
    NEVER,
    Batch,
    day_zone,
    local_day,
    moment_of,
    offset_at,
    span_exit,
    tally,
)
from forbear.law.program import Program
from forbear.law.vocabulary import UNKNOWN
from forbear.law.zones import Ints

# What a rule has to say about an act.
SILENT, EXCEPTED, HELD, PRESUMED, GRANTED, UNGRANTED, UNGRANTED_UNSURE, BROKEN, BROKEN_UNSURE = range(9)

ALLOWED, PRESUMED_COMPLIANT, PRESUMED_VIOLATION, PROHIBITED = range(4)
HORIZON: Final = 400 * DAY  # how far the first lawful moment is looked for
ROUNDS: Final = 400
MAX_DEPTH: Final = 64

# Columns of `program.R` and values of `program.Op`: an IntEnum is no constant to the compiler.
(
    FORM, ACTS, BREACH, COMPLIANCE, APPLIES, APPLIES_END, UNLESS, UNLESS_END, WHEN, WHEN_END, COUNTER, VALUE, OPENINGS,
    OPENINGS_END, OWN_ZONE, PLACE, ROOT, DRAFT, IN_HOURS,
) = range(19)  # fmt: skip
IN, KNOWN, COMPARE, SINCE, PAST, ALL, ANY, NOT = range(8)
WINDOW, COUNT, SPACING, REQUIRES, FORBIDS, PERMITS, PRESUMES = range(7)


@inlined
def fact(p: Program, b: Batch, act: int, column: int) -> int:
    """What is known of a column; its default where nothing was said."""
    where = b.where[column]
    if where < 0:
        return p.defaults[column]
    value = b.data[act, where]
    return p.defaults[column] if value == UNKNOWN else value


@inlined
def compare(left: int, how: int, right: int) -> int:
    """more than, less than, at least, at most."""
    if how == 0:
        return int(left > right)
    if how == 1:
        return int(left < right)
    if how == 2:
        return int(left >= right)
    return int(left <= right)


@compiled
def after(day: int, unit: int, number: int) -> int:
    """The day so many days or months later; 31 January plus one month is the last of February."""
    return add_months(day, number, civil(day)[2], 0) if unit else day + number


@compiled
def since(day: int, unit: int, how: int, number: int, today: int) -> int:
    """Whether the time since `day` compares so; a month is full when its day of the month is reached."""
    if how == 0:
        return int(today >= after(day, unit, number + 1)) if unit else int(today - day > number)
    if how == 1:
        return int(today < after(day, unit, number))
    if how == 2:
        return int(today >= after(day, unit, number))
    return int(today < after(day, unit, number + 1)) if unit else int(today - day <= number)


@compiled
def leaf(p: Program, b: Batch, node: int, act: int, moment: int, zone: int) -> int:
    """One test: 0, 1 or 2."""
    op, a, how, number, other = p.nodes[node]
    if op == PAST:
        found = tally(p, b, a, act, moment, zone, 0)
        if how == 2:
            return 1 if found.sure >= number else 2 if found.possible >= number else 0
        return 1 if found.possible < number else 2 if found.sure < number else 0
    value = fact(p, b, act, a)
    if op == KNOWN:
        return int(value != UNKNOWN)
    if value == UNKNOWN:
        return 2
    if op == IN:
        return int((how >> value) & 1)
    if op == SINCE:
        return since(value, how, number, other, local_day(b.table, zone, moment))
    if other >= 0:
        number = fact(p, b, act, other)
        if number == UNKNOWN:
            return 2
    return compare(value, how, number)


@compiled
def condition(
    p: Program, b: Batch, first: int, last: int, act: int, moment: int, zone: int, stack: Ints
) -> int:
    """The value of nodes first until last, in postfix order; `stack` is room for MAX_DEPTH values."""
    top = 0
    for node in range(first, last):
        op = p.nodes[node, 0]
        if op < ALL:
            stack[top] = leaf(p, b, node, act, moment, zone)
            top += 1
        elif op == NOT:
            stack[top - 1] = 2 if stack[top - 1] == 2 else 1 - stack[top - 1]
        else:
            decisive = 0 if op == ALL else 1
            value = 1 - decisive
            top -= p.nodes[node, 1]
            for part in range(top, top + p.nodes[node, 1]):
                if stack[part] == decisive:
                    value = decisive
                    break
                if stack[part] == 2:
                    value = 2
            stack[top] = value
            top += 1
    return stack[0]


@inlined
def zones_of(p: Program, b: Batch, rule: int, act: int) -> tuple[int, int, int]:
    """(1 where the act's own zones are meant, first, one after the last)."""
    if p.rules[rule, OWN_ZONE] == 0 and b.zone_start[act] < b.zone_start[act + 1]:
        return 1, b.zone_start[act], b.zone_start[act + 1]
    place = p.rules[rule, PLACE]
    return 0, p.place_start[place], p.place_start[place + 1]


@compiled
def in_window(p: Program, b: Batch, rule: int, zone: int, moment: int) -> int:
    """Whether local clocks show a second within the openings of the rule."""
    local = moment + offset_at(b.table, zone, moment)
    day, second = local // DAY, local % DAY
    for row in range(p.rules[rule, OPENINGS], p.rules[rule, OPENINGS_END]):
        if (p.openings[row, 0] >> weekday(day)) & 1 and p.openings[row, 1] <= second < p.openings[row, 2]:
            return 1
    return 0


@compiled
def next_opening(p: Program, b: Batch, rule: int, zone: int, moment: int) -> int:
    """The first later moment within the openings; NEVER if there is none in eight days."""
    today = local_day(b.table, zone, moment)
    best = NEVER
    for day in range(today, today + 9):
        for row in range(p.rules[rule, OPENINGS], p.rules[rule, OPENINGS_END]):
            if (p.openings[row, 0] >> weekday(day)) & 1:
                at = moment_of(b.table, zone, day, p.openings[row, 1])
                if moment < at < best:
                    best = at
        if best < NEVER:
            return best
    return best


@compiled
def judge_window(p: Program, b: Batch, rule: int, act: int, moment: int) -> int:
    """HELD if the moment lies within the openings in every zone indicated; in every zone of the place if none is."""
    own, first, last = zones_of(p, b, rule, act)
    for row in range(first, last):
        zone = b.zones[row] if own else p.place_zones[row]
        if not in_window(p, b, rule, zone, moment):
            return BROKEN if own or last - first == 1 or p.rules[rule, OWN_ZONE] else BROKEN_UNSURE
    return HELD


@compiled
def judge_contacts(p: Program, b: Batch, rule: int, act: int, moment: int, zone: int) -> int:
    """A count or a spacing."""
    found = tally(p, b, p.rules[rule, COUNTER], act, moment, zone, 0)
    value = p.rules[rule, VALUE]
    passed = PRESUMED if p.rules[rule, COMPLIANCE] != ALLOWED else HELD
    if found.consented:
        return passed
    if p.rules[rule, FORM] == COUNT:
        if found.possible < value:
            return passed
        return BROKEN if found.sure >= value else BROKEN_UNSURE
    if found.possible == 0:
        return passed
    if p.rules[rule, IN_HOURS]:
        near = moment - found.last < value * 3600
    else:
        near = local_day(b.table, zone, moment) - local_day(b.table, zone, found.last) < value
    if not near:
        return passed
    return BROKEN if found.sure == found.possible else BROKEN_UNSURE


@compiled
def judge_rule(p: Program, b: Batch, rule: int, act: int, moment: int, stack: Ints) -> int:
    """What one rule says: a code from SILENT to BROKEN_UNSURE."""
    if not (p.rules[rule, ACTS] >> b.kind[act]) & 1:
        return SILENT
    zone = day_zone(p, b, act, p.rules[rule, PLACE])
    applies = 1
    if p.rules[rule, APPLIES] < p.rules[rule, APPLIES_END]:
        applies = condition(
            p, b, p.rules[rule, APPLIES], p.rules[rule, APPLIES_END], act, moment, zone, stack
        )
        if applies == 0:
            return SILENT
    excepted = 0
    if p.rules[rule, UNLESS] < p.rules[rule, UNLESS_END]:
        excepted = condition(p, b, p.rules[rule, UNLESS], p.rules[rule, UNLESS_END], act, moment, zone, stack)
        if excepted == 1:
            return EXCEPTED
    unsure = applies == 2 or excepted == 2
    form = p.rules[rule, FORM]
    if form == WINDOW:
        code = judge_window(p, b, rule, act, moment)
    elif form in (COUNT, SPACING):
        code = judge_contacts(p, b, rule, act, moment, zone)
    else:
        holds = 1
        if p.rules[rule, WHEN] < p.rules[rule, WHEN_END]:
            holds = condition(p, b, p.rules[rule, WHEN], p.rules[rule, WHEN_END], act, moment, zone, stack)
        code = judge_condition(p, rule, form, holds, unsure)
    if code == BROKEN and unsure:
        return BROKEN_UNSURE
    if code == PRESUMED and unsure:
        return HELD
    return code


@inlined
def judge_condition(p: Program, rule: int, form: int, holds: int, unsure: bool) -> int:
    """A requirement, prohibition, ground or presumption whose condition is 0, 1 or 2."""
    if form == PERMITS:
        if holds == 0:
            return UNGRANTED
        return UNGRANTED_UNSURE if holds == 2 or unsure else GRANTED
    if form == PRESUMES:
        if p.rules[rule, COMPLIANCE] != ALLOWED:
            return PRESUMED if holds == 1 else HELD
        return HELD if holds == 0 else BROKEN if holds == 1 else BROKEN_UNSURE
    if form == FORBIDS:
        return HELD if holds == 0 else BROKEN if holds == 1 else BROKEN_UNSURE
    if holds == 1:
        return PRESUMED if p.rules[rule, COMPLIANCE] != ALLOWED else HELD
    return BROKEN if holds == 0 else BROKEN_UNSURE


@compiled
def judge_all(p: Program, b: Batch, act: int, moment: int, stack: Ints, codes: Ints) -> int:
    """Fill `codes`, one for each rule, and return the outcome. Drafts get their code and decide nothing."""
    worst, granted, presumed = ALLOWED, 0, False
    for rule in range(p.rules.shape[0]):
        code = judge_rule(p, b, rule, act, moment, stack)
        codes[rule] = code
        if p.rules[rule, DRAFT]:
            continue
        if code >= BROKEN:
            worst = max(worst, p.rules[rule, BREACH])
        elif code == GRANTED:
            granted |= p.rules[rule, ROOT]
        elif code == PRESUMED:
            presumed = True
    if granted & p.roots != p.roots:
        return PROHIBITED
    return PRESUMED_COMPLIANT if worst == ALLOWED and presumed else worst


@compiled
def next_flip(p: Program, b: Batch, first: int, last: int, act: int, moment: int, zone: int) -> int:
    """The first later moment at which a test of these nodes turns by itself, as days pass."""
    best = NEVER
    for node in range(first, last):
        op, column, unit, how, number = p.nodes[node]
        if op == SINCE:
            day = fact(p, b, act, column)
            if day == UNKNOWN:
                continue
            if how in (0, 3):
                number += 1
            at = moment_of(b.table, zone, after(day, unit, number), 0)
            if moment < at < best:
                best = at
        elif op == PAST:
            for item in range(b.start[act], b.start[act + 1]):
                at = span_exit(b, p.counters[column, 1], p.counters[column, 2], zone, b.contacts[item, 0])
                if moment < at < best:
                    best = at
    return best


@compiled
def next_chance(p: Program, b: Batch, rule: int, act: int, moment: int) -> int:
    """The first later moment at which a rule that stands in the way may no longer do so; NEVER if time does not help."""
    zone = day_zone(p, b, act, p.rules[rule, PLACE])
    form = p.rules[rule, FORM]
    best = next_flip(p, b, p.rules[rule, APPLIES], p.rules[rule, WHEN_END], act, moment, zone)
    if form == WINDOW:
        own, first, last = zones_of(p, b, rule, act)
        at = moment
        for row in range(first, last):
            where = b.zones[row] if own else p.place_zones[row]
            if not in_window(p, b, rule, where, moment):
                at = max(at, next_opening(p, b, rule, where, moment))
        return min(best, at)
    if form in (COUNT, SPACING):
        counter, value = p.rules[rule, COUNTER], p.rules[rule, VALUE]
        found = tally(p, b, counter, act, moment, zone, 0)
        if form == COUNT:
            if value == 0:
                return best
            out = tally(p, b, counter, act, moment, zone, found.possible - value + 1).last
            return min(best, span_exit(b, p.counters[counter, 1], p.counters[counter, 2], zone, out))
        if p.rules[rule, IN_HOURS]:
            return min(best, found.last + value * 3600)
        return min(best, moment_of(b.table, zone, local_day(b.table, zone, found.last) + value, 0))
    return best


@compiled
def first_lawful(p: Program, b: Batch, act: int, stack: Ints, codes: Ints) -> int:
    """The first moment from the act's own on at which nothing stands against it, all facts staying as they are; NEVER if
    time does not cure it.
    """
    moment, end = b.at[act], b.at[act] + HORIZON
    for _ in range(ROUNDS):
        outcome = judge_all(p, b, act, moment, stack, codes)
        if outcome <= PRESUMED_COMPLIANT:
            return moment
        wait, ground = moment, NEVER
        for rule in range(p.rules.shape[0]):
            if p.rules[rule, DRAFT]:
                continue
            if codes[rule] >= BROKEN:
                wait = max(wait, next_chance(p, b, rule, act, moment))
            elif codes[rule] in (UNGRANTED, UNGRANTED_UNSURE):
                ground = min(ground, next_chance(p, b, rule, act, moment))
        moment = ground if wait == moment else wait
        if moment > end:
            return NEVER
    return NEVER


@compiled
def run(
    p: Program, b: Batch, first: int, last: int, stack: Ints, codes: Ints, later: Ints,
    outcomes: Ints, decisive: Ints, unsure: Ints, earliest: Ints,
) -> None:  # fmt: skip
    """Judge acts first until last. `decisive` is the strictest broken rule, -1 if none is; `codes` and `later` have room
    for one act; `codes` is left as the last act's.
    """
    for act in range(first, last):
        outcome = judge_all(p, b, act, b.at[act], stack, codes)
        outcomes[act], decisive[act], unsure[act], earliest[act] = outcome, -1, 0, b.at[act]
        worst = ALLOWED
        for rule in range(p.rules.shape[0]):
            if p.rules[rule, DRAFT]:
                continue
            if codes[rule] >= BROKEN and p.rules[rule, BREACH] > worst:
                worst, decisive[act] = p.rules[rule, BREACH], rule
            unsure[act] |= codes[rule] in (BROKEN_UNSURE, UNGRANTED_UNSURE)
        if outcome >= PRESUMED_VIOLATION:
            earliest[act] = first_lawful(p, b, act, stack, later)
