"""Compiled: local time, and counting in the record of contacts.

Four arrays go through the evaluator: `p`, the code of a program; `acts`, one row an act; `contacts`, one row a contact of the
past, those of an act together and ordered by time; `z`, the table of time zones.
"""

from typing import Final

from forbear.kernel.compiled import compiled, inlined
from forbear.kernel.days import add_months, civil, day_number, weekday
from forbear.law.vocabulary import UNKNOWN
from forbear.law.zones import Ints

DAY: Final = 86_400
NEVER: Final = 2**62
NOBODY: Final = -1  # an unknown debt, person or contact point

# Columns of a contact. BITS holds the fields of the history's vocabulary, packed as `Vocabulary.packing` says.
AT, DEBT, PERSON, POINT, BITS, LASTED, CONSENT_UNTIL = range(7)
WIDTH: Final = 7

# Columns of an act; AT, DEBT, PERSON and POINT as of a contact. ZONES are the bits of the zones indicated, DAY_ZONE is the
# first of them, -1 for none; contacts FIRST until LAST are its past. From FACTS on: what the program asks for.
KIND, ZONES, DAY_ZONE, FIRST, LAST, FACTS = 4, 5, 6, 7, 8, 9

# The header and tables of a program, as in `program`: an IntEnum is no constant to the compiler.
RULES, NODES, OPENINGS, COUNTERS, SELECTS, FLAGS, ROOTS = range(1, 8)
RULE_WIDTH, NODE_WIDTH, OPENING_WIDTH, COUNTER_WIDTH, SELECT_WIDTH = 20, 5, 3, 8, 3
PER, SPAN, LENGTH, CONSENT_DAYS, ACT_ONLY, LASTING, SELECT, SELECT_END = range(8)
IN_DAYS, IN_HOURS, BY_DAY, BY_WEEK, BY_MONTH, BY_YEAR, EVER = range(7)
CONVERSATION, SHARED, CONSENT, WITHDRAWN = 0, 2, 4, 6
PER_DEBT: Final = 1


@inlined
def counter_of(p: Ints, counter: int, column: int) -> int:
    """A number of a counter."""
    return p[p[COUNTERS] + counter * COUNTER_WIDTH + column]


@inlined
def flagged(p: Ints, bits: int, flag: int) -> bool:
    """Whether the packed fields say yes to CONVERSATION, SHARED, CONSENT or WITHDRAWN."""
    return (bits & p[p[FLAGS] + flag]) == p[p[FLAGS] + flag + 1]


@inlined
def offset_at(z: Ints, zone: int, moment: int) -> int:
    """Seconds that local time is ahead of UTC."""
    low, high = 0, (z[zone + 1] - z[zone]) // 2
    while high - low > 1:
        middle = (low + high) // 2
        if z[z[zone] + 2 * middle] <= moment:
            low = middle
        else:
            high = middle
    return z[z[zone] + 2 * low + 1]


@compiled
def local_day(z: Ints, zone: int, moment: int) -> int:
    """The day number of a moment."""
    return (moment + offset_at(z, zone, moment)) // DAY


@compiled
def moment_of(z: Ints, zone: int, day: int, second: int) -> int:
    """The moment at which local clocks show this second of this day; where they skip it, the first one after."""
    local = day * DAY + second
    guess = local - offset_at(z, zone, local)
    found = local - offset_at(z, zone, guess)
    return max(guess, found) if found + offset_at(z, zone, found) != local else found


@compiled
def span_start(z: Ints, span: int, length: int, zone: int, moment: int) -> int:
    """The first moment of the span that ends with `moment`."""
    if span == EVER:
        return -NEVER
    if span == IN_HOURS:
        return moment - length * 3600 + 1
    day = local_day(z, zone, moment)
    if span == IN_DAYS:
        day = day - length + 1
    elif span == BY_WEEK:
        day = day - weekday(day)
    elif span >= BY_MONTH:
        year, month, _ = civil(day)
        day = day_number(year, month if span == BY_MONTH else 1, 1)
    return moment_of(z, zone, day, 0)


@compiled
def span_exit(z: Ints, span: int, length: int, zone: int, item: int) -> int:
    """The first moment whose span no longer holds a contact of moment `item`."""
    if span == EVER:
        return NEVER
    if span == IN_HOURS:
        return item + length * 3600
    day = local_day(z, zone, item)
    if span == IN_DAYS:
        day = day + length
    elif span == BY_DAY:
        day = day + 1
    elif span == BY_WEEK:
        day = day - weekday(day) + 7
    else:
        year, month, _ = civil(day)
        day = add_months(
            day_number(year, month if span == BY_MONTH else 1, 1), 1 if span == BY_MONTH else 12, 1, 0
        )
    return moment_of(z, zone, day, 0)


@inlined
def matches(p: Ints, acts: Ints, contacts: Ints, counter: int, act: int, item: int) -> int:
    """0: another contact; 1: it may be one that counts; 2: it surely is."""
    bits = contacts[item, BITS]
    sure = 2
    for row in range(counter_of(p, counter, SELECT), counter_of(p, counter, SELECT_END)):
        at = p[SELECTS] + row * SELECT_WIDTH
        full = p[at + 1]
        value = (bits >> p[at]) & full
        if value == full:
            sure = 1
        elif not (p[at + 2] >> value) & 1:
            return 0
    per = counter_of(p, counter, PER)
    if per & PER_DEBT == 0 and flagged(p, bits, SHARED):
        return 0
    for column in range(DEBT, POINT + 1):
        if (per >> (column - DEBT)) & 1:
            theirs, ours = contacts[item, column], acts[act, column]
            if theirs == NOBODY or ours == NOBODY:
                sure = 1
            elif theirs != ours:
                return 0
    lasting = counter_of(p, counter, LASTING)
    if lasting > 0:
        lasted = contacts[item, LASTED]
        if lasted == UNKNOWN:
            sure = 1
        elif lasted < lasting:
            return 0
    return sure


@inlined
def unsaid(p: Ints, bits: int, flag: int) -> bool:
    """Whether nobody knows what the packed fields say of CONVERSATION, SHARED, CONSENT or WITHDRAWN."""
    return (bits & p[p[FLAGS] + flag]) == p[p[FLAGS] + flag]


@compiled
def any_consent(p: Ints, acts: Ints, contacts: Ints, act: int) -> bool:
    """Whether there is a consent among the contacts at all."""
    for item in range(acts[act, FIRST], acts[act, LAST]):
        if flagged(p, contacts[item, BITS], CONSENT):
            return True
    return False


@compiled
def consent_covers(
    p: Ints, acts: Ints, contacts: Ints, z: Ints, counter: int, act: int, before: int, moment: int, zone: int
) -> int:
    """Whether the person's last consent before contact `before` holds at `moment`: 0 no, 1 yes, 2 perhaps. No conversation
    and no withdrawal has ended it, and neither its days (its own is day 1) nor the time that was named have passed. Where
    the counter is of one debt, so is the consent. A contact that may have been a conversation leaves it in doubt.
    """
    holds = 1
    for item in range(before - 1, acts[act, FIRST] - 1, -1):
        if contacts[item, PERSON] != acts[act, PERSON]:
            continue
        if counter_of(p, counter, PER) & PER_DEBT and contacts[item, DEBT] != acts[act, DEBT]:
            continue
        bits = contacts[item, BITS]
        if flagged(p, bits, WITHDRAWN):
            return 0
        if flagged(p, bits, CONSENT):
            end = local_day(z, zone, contacts[item, AT]) + counter_of(p, counter, CONSENT_DAYS) - 1
            until = contacts[item, CONSENT_UNTIL]
            if until != UNKNOWN:
                end = min(end, until)
            return holds if local_day(z, zone, moment) <= end else 0
        if flagged(p, bits, CONVERSATION):
            return 0
        if unsaid(p, bits, CONVERSATION):
            holds = 2
    return 0


@compiled
def tally(
    p: Ints, acts: Ints, contacts: Ints, z: Ints, counter: int, act: int, moment: int, zone: int, wanted: int
) -> tuple[int, int, int, int]:
    """Count the contacts up to `moment`: (how many may match, how many surely do, the moment of the `wanted`-th match from
    the last, whether a consent takes the act itself out of the count: 0 no, 1 yes, 2 perhaps).
    """
    start = span_start(z, counter_of(p, counter, SPAN), counter_of(p, counter, LENGTH), zone, moment)
    consent = counter_of(p, counter, CONSENT_DAYS) > 0 and any_consent(p, acts, contacts, act)
    leaves_out = consent and not counter_of(p, counter, ACT_ONLY)
    possible, sure, found, end = 0, 0, -NEVER, acts[act, FIRST]
    for item in range(acts[act, LAST] - 1, acts[act, FIRST] - 1, -1):
        at = contacts[item, AT]
        if at > moment:
            continue
        end = max(end, item + 1)
        if at < start:
            break
        match = matches(p, acts, contacts, counter, act, item)
        if match == 0:
            continue
        covered = consent_covers(p, acts, contacts, z, counter, act, item, at, zone) if leaves_out else 0
        if covered == 1:
            continue
        if covered == 2:
            match = 1
        possible += 1
        sure += match == 2
        if possible == wanted:
            found = at
    consented = consent_covers(p, acts, contacts, z, counter, act, end, moment, zone) if consent else 0
    return possible, sure, found, consented
