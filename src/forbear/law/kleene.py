"""Compiled: conditions in three values, after Kleene: 0 no, 1 yes, 2 unknown."""

from forbear.kernel.compiled import compiled, inlined
from forbear.kernel.days import add_months, civil
from forbear.law.contacts import FACTS, NODE_WIDTH, NODES, local_day, tally
from forbear.law.vocabulary import UNKNOWN
from forbear.law.zones import Ints

# Values of `program.Op`: an IntEnum is no constant to the compiler.
IN, KNOWN, COMPARE, SINCE, PAST, ALL, ANY, NOT = range(8)


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


@inlined
def leaf(p: Ints, acts: Ints, contacts: Ints, z: Ints, node: int, act: int, moment: int, zone: int) -> int:
    """One test: 0, 1 or 2."""
    op, a, how, number, other = p[node], p[node + 1], p[node + 2], p[node + 3], p[node + 4]
    if op == PAST:
        possible, sure, _, _ = tally(p, acts, contacts, z, a, act, moment, zone, 0)
        if how == 2:
            return 1 if sure >= number else 2 if possible >= number else 0
        return 1 if possible < number else 2 if sure < number else 0
    value = acts[act, FACTS + a]
    if op == KNOWN:
        return int(value != UNKNOWN)
    if value == UNKNOWN:
        return 2
    if op == IN:
        return (how >> value) & 1
    if op == SINCE:
        return since(value, how, number, other, local_day(z, zone, moment))
    if other >= 0:
        number = acts[act, FACTS + other]
        if number == UNKNOWN:
            return 2
    return compare(value, how, number)


@compiled
def condition(
    p: Ints, acts: Ints, contacts: Ints, z: Ints, first: int, last: int, act: int, moment: int, zone: int
) -> int:
    """The value of nodes first until last, in postfix order. The stack is one integer, two bits a value."""
    stack = 0
    for number in range(first, last):
        node = p[NODES] + number * NODE_WIDTH
        op = p[node]
        if op < ALL:
            stack = stack << 2 | leaf(p, acts, contacts, z, node, act, moment, zone)
        elif op == NOT:
            if stack & 3 != 2:
                stack ^= 1
        else:
            decisive = 0 if op == ALL else 1
            value = 1 - decisive
            for _ in range(p[node + 1]):
                part = stack & 3
                stack >>= 2
                if part == decisive or value == decisive:
                    value = decisive
                elif part == 2:
                    value = 2
            stack = stack << 2 | value
    return stack
