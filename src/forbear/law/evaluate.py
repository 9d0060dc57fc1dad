"""Compiled: the one evaluator. Whatever the gate answers, for one act or for millions, is decided here.

Conditions have three values (`kleene`). Where the answer is unknown a rule takes its careful side: a prohibition applies, a
requirement is not met, an exception is not available, a ground does not hold.
"""

from typing import Final

from forbear.kernel.compiled import compiled, inlined
from forbear.kernel.days import weekday
from forbear.law.contacts import (
    AT,
    COUNTER_WIDTH,
    COUNTERS,
    DAY,
    DAY_ZONE,
    FACTS,
    FIRST,
    KIND,
    LAST,
    LENGTH,
    NEVER,
    NODE_WIDTH,
    NODES,
    OPENING_WIDTH,
    OPENINGS,
    ROOTS,
    RULE_WIDTH,
    RULES,
    SPAN,
    ZONES,
    local_day,
    moment_of,
    offset_at,
    span_exit,
    tally,
)
from forbear.law.kleene import PAST, SINCE, after, condition
from forbear.law.vocabulary import UNKNOWN
from forbear.law.zones import Ints

# What a rule has to say about an act.
SILENT, EXCEPTED, HELD, PRESUMED, GRANTED, UNGRANTED, UNGRANTED_UNSURE, BROKEN, BROKEN_UNSURE = range(9)

ALLOWED, PRESUMED_COMPLIANT, PRESUMED_VIOLATION, PROHIBITED = range(4)
HORIZON: Final = 400 * DAY  # how far the first lawful moment is looked for
ROUNDS: Final = 400

# Columns of `program.R` and values of `program.Op`: an IntEnum is no constant to the compiler.
(
    FORM, ACTS, BREACH, COMPLIANCE, APPLIES, APPLIES_END, UNLESS, UNLESS_END, WHEN, WHEN_END, COUNTER, VALUE, OPENING,
    OPENING_END, OWN_ZONE, PLACE_ZONES, PLACE_ZONE, ROOT, DRAFT, IN_HOURS,
) = range(20)  # fmt: skip
WINDOW, COUNT, SPACING, REQUIRES, FORBIDS, PERMITS, PRESUMES = range(7)


@inlined
def rule_of(p: Ints, rule: int, column: int) -> int:
    """A number of a rule."""
    return p[p[RULES] + rule * RULE_WIDTH + column]


@inlined
def day_zone(p: Ints, acts: Ints, rule: int, act: int) -> int:
    """The zone whose midnights bound the days: the debtor's first one, else the jurisdiction's."""
    own = acts[act, DAY_ZONE]
    return own if own >= 0 else rule_of(p, rule, PLACE_ZONE)


@inlined
def zones_of(p: Ints, acts: Ints, rule: int, act: int) -> int:
    """The zones in which a window has to hold, as bits: the debtor's, or those of the place where none is known."""
    if rule_of(p, rule, OWN_ZONE) or acts[act, ZONES] == 0:
        return rule_of(p, rule, PLACE_ZONES)
    return acts[act, ZONES]


@compiled
def in_window(p: Ints, z: Ints, rule: int, zone: int, moment: int) -> bool:
    """Whether local clocks show a second within the openings of the rule."""
    local = moment + offset_at(z, zone, moment)
    day, second = local // DAY, local % DAY
    for row in range(rule_of(p, rule, OPENING), rule_of(p, rule, OPENING_END)):
        at = p[OPENINGS] + row * OPENING_WIDTH
        if (p[at] >> weekday(day)) & 1 and p[at + 1] <= second < p[at + 2]:
            return True
    return False


@compiled
def next_opening(p: Ints, z: Ints, rule: int, zone: int, moment: int) -> int:
    """The first later moment within the openings; NEVER if there is none in eight days."""
    today = local_day(z, zone, moment)
    best = NEVER
    for day in range(today, today + 9):
        for row in range(rule_of(p, rule, OPENING), rule_of(p, rule, OPENING_END)):
            at = p[OPENINGS] + row * OPENING_WIDTH
            if (p[at] >> weekday(day)) & 1:
                opens = moment_of(z, zone, day, p[at + 1])
                if moment < opens < best:
                    best = opens
        if best < NEVER:
            return best
    return best


@compiled
def wait_for_window(p: Ints, acts: Ints, z: Ints, rule: int, act: int, moment: int) -> int:
    """The moment itself if it lies within the openings in every zone, else the last of the next openings."""
    best, zones, zone = moment, zones_of(p, acts, rule, act), 0
    while zones:
        if zones & 1 and not in_window(p, z, rule, zone, moment):
            best = max(best, next_opening(p, z, rule, zone, moment))
        zones >>= 1
        zone += 1
    return best


@compiled
def judge_window(p: Ints, acts: Ints, z: Ints, rule: int, act: int, moment: int) -> int:
    """HELD if the moment lies within the openings in every zone indicated; in every zone of the place if none is."""
    all_zones, zone = zones_of(p, acts, rule, act), 0
    zones = all_zones
    while zones:
        if zones & 1 and not in_window(p, z, rule, zone, moment):
            known = acts[act, ZONES] != 0 or all_zones & (all_zones - 1) == 0
            return BROKEN if known else BROKEN_UNSURE
        zones >>= 1
        zone += 1
    return HELD


@compiled
def judge_contacts(
    p: Ints, acts: Ints, contacts: Ints, z: Ints, rule: int, act: int, moment: int, zone: int
) -> int:
    """A count or a spacing."""
    counter, value = rule_of(p, rule, COUNTER), rule_of(p, rule, VALUE)
    possible, sure, last, consented = tally(p, acts, contacts, z, counter, act, moment, zone, 1)
    if rule_of(p, rule, FORM) == COUNT:
        near, certain = possible >= value, sure >= value
    else:
        certain = sure == possible
        if possible == 0:
            near = False
        elif rule_of(p, rule, IN_HOURS):
            near = moment - last < value * 3600
        else:
            near = local_day(z, zone, moment) - local_day(z, zone, last) < value
    if consented == 1 or not near:
        return PRESUMED if rule_of(p, rule, COMPLIANCE) != ALLOWED else HELD
    return BROKEN if certain and consented == 0 else BROKEN_UNSURE


@compiled
def judge_rule(p: Ints, acts: Ints, contacts: Ints, z: Ints, rule: int, act: int, moment: int) -> int:
    """What one rule says about an act of a kind it knows: a code from SILENT to BROKEN_UNSURE."""
    zone = day_zone(p, acts, rule, act)
    first, last = rule_of(p, rule, APPLIES), rule_of(p, rule, APPLIES_END)
    applies = 1 if first == last else condition(p, acts, contacts, z, first, last, act, moment, zone)
    if applies == 0:
        return SILENT
    first, last = last, rule_of(p, rule, UNLESS_END)
    excepted = 0 if first == last else condition(p, acts, contacts, z, first, last, act, moment, zone)
    if excepted == 1:
        return EXCEPTED
    unsure = applies == 2 or excepted == 2
    form = rule_of(p, rule, FORM)
    if form == WINDOW:
        code = judge_window(p, acts, z, rule, act, moment)
    elif form == COUNT or form == SPACING:
        code = judge_contacts(p, acts, contacts, z, rule, act, moment, zone)
    else:
        first, last = last, rule_of(p, rule, WHEN_END)
        holds = 1 if first == last else condition(p, acts, contacts, z, first, last, act, moment, zone)
        code = judge_condition(p, rule, form, holds, unsure)
    if code == BROKEN and unsure:
        return BROKEN_UNSURE
    if code == PRESUMED and unsure:
        return HELD
    return code


@inlined
def judge_condition(p: Ints, rule: int, form: int, holds: int, unsure: bool) -> int:
    """A requirement, prohibition, ground or presumption whose condition is 0, 1 or 2."""
    if form == PERMITS:
        if holds == 0:
            return UNGRANTED
        return UNGRANTED_UNSURE if holds == 2 or unsure else GRANTED
    if form == PRESUMES:
        if rule_of(p, rule, COMPLIANCE) != ALLOWED:
            # a safe harbour that is not reached is no rule kept
            return PRESUMED if holds == 1 and not unsure else SILENT
        return HELD if holds == 0 else BROKEN if holds == 1 else BROKEN_UNSURE
    if form == FORBIDS:
        return HELD if holds == 0 else BROKEN if holds == 1 else BROKEN_UNSURE
    if holds == 1:
        return PRESUMED if rule_of(p, rule, COMPLIANCE) != ALLOWED else HELD
    return BROKEN if holds == 0 else BROKEN_UNSURE


@compiled
def judge_all(p: Ints, acts: Ints, contacts: Ints, z: Ints, act: int, moment: int, codes: Ints) -> int:
    """Fill `codes`, one for each rule, and return the outcome. Drafts get their code and decide nothing."""
    worst, granted, presumed = ALLOWED, 0, False
    for rule in range(p[0]):
        if not (rule_of(p, rule, ACTS) >> acts[act, KIND]) & 1:
            codes[rule] = SILENT
            continue
        code = judge_rule(p, acts, contacts, z, rule, act, moment)
        codes[rule] = code
        if code < PRESUMED or rule_of(p, rule, DRAFT):
            continue
        if code >= BROKEN:
            worst = max(worst, rule_of(p, rule, BREACH))
        elif code == GRANTED:
            granted |= rule_of(p, rule, ROOT)
        elif code == PRESUMED:
            presumed = True
    if granted & p[ROOTS] != p[ROOTS]:
        return PROHIBITED
    return PRESUMED_COMPLIANT if worst == ALLOWED and presumed else worst


@compiled
def next_flip(p: Ints, acts: Ints, contacts: Ints, z: Ints, rule: int, act: int, moment: int) -> int:
    """The first later moment at which a test of the rule's conditions turns by itself, as days pass."""
    best, zone = NEVER, day_zone(p, acts, rule, act)
    for number in range(rule_of(p, rule, APPLIES), rule_of(p, rule, WHEN_END)):
        node = p[NODES] + number * NODE_WIDTH
        if p[node] == SINCE:
            day, unit, how, length = acts[act, FACTS + p[node + 1]], p[node + 2], p[node + 3], p[node + 4]
            if day != UNKNOWN:
                at = moment_of(z, zone, after(day, unit, length + (how == 0 or how == 3)), 0)
                if moment < at < best:
                    best = at
        elif p[node] == PAST:
            counter = p[COUNTERS] + p[node + 1] * COUNTER_WIDTH
            for item in range(acts[act, FIRST], acts[act, LAST]):
                at = span_exit(z, p[counter + SPAN], p[counter + LENGTH], zone, contacts[item, AT])
                if moment < at < best:
                    best = at
    return best


@compiled
def next_chance(p: Ints, acts: Ints, contacts: Ints, z: Ints, rule: int, act: int, moment: int) -> int:
    """The first later moment at which a rule that stands in the way may no longer do so; NEVER if time does not help."""
    form, value, counter = rule_of(p, rule, FORM), rule_of(p, rule, VALUE), rule_of(p, rule, COUNTER)
    best = next_flip(p, acts, contacts, z, rule, act, moment)
    if form == WINDOW:
        return min(best, wait_for_window(p, acts, z, rule, act, moment))
    if form > SPACING or (form == COUNT and value == 0):
        return best
    zone = day_zone(p, acts, rule, act)
    wanted = value if form == COUNT else 1
    _, _, last, _ = tally(p, acts, contacts, z, counter, act, moment, zone, wanted)
    if form == COUNT:
        row = p[COUNTERS] + counter * COUNTER_WIDTH
        return min(best, span_exit(z, p[row + SPAN], p[row + LENGTH], zone, last))
    if rule_of(p, rule, IN_HOURS):
        return min(best, last + value * 3600)
    return min(best, moment_of(z, zone, local_day(z, zone, last) + value, 0))


@compiled
def first_lawful(p: Ints, acts: Ints, contacts: Ints, z: Ints, act: int, codes: Ints) -> int:
    """The first moment from the act's own on at which nothing stands against it, all facts staying as they are; NEVER if
    time does not cure it. `codes` are those at the act's own moment, and are used up.
    """
    moment = acts[act, AT]
    end = moment + HORIZON
    for _ in range(ROUNDS):
        wait, ground = moment, NEVER
        for rule in range(p[0]):
            code = codes[rule]
            if code < UNGRANTED or rule_of(p, rule, DRAFT):
                continue
            at = next_chance(p, acts, contacts, z, rule, act, moment)
            if code >= BROKEN:
                wait = max(wait, at)
            else:
                ground = min(ground, at)
            if wait > end:
                return NEVER
        moment = ground if wait == moment else wait
        if moment > end:
            return NEVER
        if judge_all(p, acts, contacts, z, act, moment, codes) <= PRESUMED_COMPLIANT:
            return moment
    return NEVER


@compiled
def run(p: Ints, acts: Ints, contacts: Ints, z: Ints, codes: Ints, outcomes: Ints) -> None:
    """Judge all acts. `codes` has two rows of room for the rules; the first is left as the last act's.

    Row a of `outcomes`: the outcome; the strictest broken rule, -1 if none is; 1 where an unknown fact counted; the first
    lawful moment.
    """
    for act in range(acts.shape[0]):
        outcome = judge_all(p, acts, contacts, z, act, acts[act, AT], codes[0])
        worst, decisive, unsure, granted, nearly = ALLOWED, -1, 0, 0, 0
        for rule in range(p[0]):
            code = codes[0, rule]
            codes[1, rule] = code
            if code < GRANTED or rule_of(p, rule, DRAFT):
                continue
            if code == GRANTED:
                granted |= rule_of(p, rule, ROOT)
            elif code == UNGRANTED_UNSURE:
                nearly = 1
            elif code >= BROKEN:
                unsure |= code == BROKEN_UNSURE
                if rule_of(p, rule, BREACH) > worst:
                    worst, decisive = rule_of(p, rule, BREACH), rule
        if nearly and granted & p[ROOTS] != p[ROOTS]:
            unsure = 1
        outcomes[act, 0], outcomes[act, 1], outcomes[act, 2] = outcome, decisive, unsure
        outcomes[act, 3] = acts[act, AT]
        if outcome >= PRESUMED_VIOLATION:
            outcomes[act, 3] = first_lawful(p, acts, contacts, z, act, codes[1])
