"""Compiled: counting in the record of contacts, and local time. See `program` for the tables."""

from typing import Final, NamedTuple

from forbear.kernel.compiled import compiled, inlined
from forbear.kernel.days import add_months, civil, day_number, weekday
from forbear.law.program import Program
from forbear.law.vocabulary import UNKNOWN
from forbear.law.zones import Ints, ZoneTable

DAY: Final = 86_400
NEVER: Final = 2**62
NOBODY: Final = -1  # an unknown debt, person or contact point

# Columns of the contacts; those of the history's vocabulary follow from FIELDS on.
AT, DEBT, PERSON, POINT, LASTED, CONSENT_UNTIL, FIELDS = range(7)
SENDER, CONVERSATION, CONSENT, SHARED = range(4)


class Batch(NamedTuple):
    """Acts as arrays. Act a is at second `at[a]` of UTC, knows zones zone_start[a] until zone_start[a + 1] of `zones`, and
    has contacts start[a] until start[a + 1] of `contacts`, ordered by time. Fact f of act a is data[a, where[f]], or the
    default where `where[f]` is -1. `special` holds the columns of sender, conversation, consent and shared.
    """

    at: Ints
    kind: Ints
    debt: Ints
    person: Ints
    point: Ints
    data: Ints
    where: Ints
    zone_start: Ints
    zones: Ints
    start: Ints
    contacts: Ints
    special: Ints
    table: ZoneTable


class Tally(NamedTuple):
    """What a counter finds: how many may match, how many surely do, the moment of the last, and whether a consent
    takes the act itself out of the count.
    """

    possible: int
    sure: int
    last: int
    consented: int


@inlined
def offset_at(table: ZoneTable, zone: int, moment: int) -> int:
    """Seconds that local time is ahead of UTC."""
    low, high = table.start[zone], table.start[zone + 1]
    while high - low > 1:
        middle = (low + high) // 2
        if table.since[middle] <= moment:
            low = middle
        else:
            high = middle
    return table.offset[low]


@compiled
def local_day(table: ZoneTable, zone: int, moment: int) -> int:
    """The day number of a moment."""
    return (moment + offset_at(table, zone, moment)) // DAY


@compiled
def moment_of(table: ZoneTable, zone: int, day: int, second: int) -> int:
    """The moment at which local clocks show this second of this day; where they skip it, the first one after."""
    local = day * DAY + second
    guess = local - offset_at(table, zone, local - offset_at(table, zone, local))
    if guess + offset_at(table, zone, guess) < local:  # in the gap of a clock put forward
        return guess + (local - guess - offset_at(table, zone, guess))
    return guess


@compiled
def day_zone(p: Program, b: Batch, act: int, place: int) -> int:
    """The zone whose midnights bound the days: the debtor's first one, else the jurisdiction's."""
    if b.zone_start[act] < b.zone_start[act + 1]:
        return b.zones[b.zone_start[act]]
    return p.place_zones[p.place_start[place]]


@compiled
def span_start(b: Batch, span: int, length: int, zone: int, moment: int) -> int:
    """The first moment of the span that ends with `moment`."""
    if span == 6:
        return -NEVER
    if span == 1:
        return moment - length * 3600 + 1
    day = local_day(b.table, zone, moment)
    if span == 0:
        day = day - length + 1
    elif span == 3:
        day = day - weekday(day)
    elif span >= 4:
        year, month, _ = civil(day)
        day = day_number(year, month if span == 4 else 1, 1)
    return moment_of(b.table, zone, day, 0)


@compiled
def span_exit(b: Batch, span: int, length: int, zone: int, item: int) -> int:
    """The first moment whose span no longer holds a contact of moment `item`."""
    if span == 6:
        return NEVER
    if span == 1:
        return item + length * 3600
    day = local_day(b.table, zone, item)
    if span == 0:
        day = day + length
    elif span == 2:
        day = day + 1
    elif span == 3:
        day = day - weekday(day) + 7
    else:
        year, month, _ = civil(day)
        day = add_months(day_number(year, month if span == 4 else 1, 1), 1 if span == 4 else 12, 1, 0)
    return moment_of(b.table, zone, day, 0)


@inlined
def matches(p: Program, b: Batch, counter: int, act: int, item: int) -> int:
    """0: another contact; 1: it may be one that counts; 2: it surely is."""
    per = p.counters[counter, 0]
    if per > 0 and b.contacts[item, FIELDS + b.special[SHARED]] == 1:
        return 0
    sure = 2
    if per < 3:
        theirs = b.contacts[item, DEBT + per]
        ours = b.debt[act] if per == 0 else b.person[act] if per == 1 else b.point[act]
        if theirs == NOBODY or ours == NOBODY:
            sure = 1
        elif theirs != ours:
            return 0
    lasting = p.counters[counter, 4]
    if lasting > 0:
        lasted = b.contacts[item, LASTED]
        if lasted == UNKNOWN:
            sure = 1
        elif lasted < lasting:
            return 0
    for row in range(p.counters[counter, 5], p.counters[counter, 6]):
        value = b.contacts[item, FIELDS + p.selects[row, 0]]
        if value == UNKNOWN:
            sure = 1
        elif not (p.selects[row, 1] >> value) & 1:
            return 0
    return sure


@compiled
def tally(p: Program, b: Batch, counter: int, act: int, moment: int, zone: int, skip: int) -> Tally:
    """Count the contacts up to `moment`. With `skip` > 0, `last` is the moment of the match that many from the first."""
    start = span_start(b, p.counters[counter, 1], p.counters[counter, 2], zone, moment)
    consent_days = p.counters[counter, 3]
    consent_end, possible, sure, last = -NEVER, 0, 0, -NEVER
    for item in range(b.start[act], b.start[act + 1]):
        at = b.contacts[item, AT]
        if at > moment:
            break
        under = False
        if consent_days > 0 and b.contacts[item, PERSON] == b.person[act]:
            day = local_day(b.table, zone, at)
            under = day <= consent_end
            if b.contacts[item, FIELDS + b.special[CONVERSATION]] == 1:
                consent_end = -NEVER
            if b.contacts[item, FIELDS + b.special[CONSENT]] == 1:
                consent_end = day + consent_days - 1
                until = b.contacts[item, CONSENT_UNTIL]
                if until != UNKNOWN and until < consent_end:
                    consent_end = until
        if at < start or under:
            continue
        match = matches(p, b, counter, act, item)
        if match > 0:
            possible += 1
            sure += match == 2
            if skip == 0 or possible == skip:
                last = at
    consented = consent_days > 0 and local_day(b.table, zone, moment) <= consent_end
    return Tally(possible, sure, last, int(consented))
