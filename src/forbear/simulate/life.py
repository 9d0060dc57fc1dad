"""The life of a loan: what is paid, missed, returned and put right, decided day by day by the borrower's persona.

Each loan has an agenda. The earliest item is taken, the engine folds the loan to its day, and the borrower (or the
lender) acts on the position that the engine shows, so amounts are right to the cent. Acting writes journal entries and
puts further items on the agenda. Everything is compiled and integer; chance is one number per loan, stepped by a
multiplicative congruence.
"""

from typing import Final, NamedTuple

import numpy as np

from forbear.engine.layout import I8, Record, Records
from forbear.engine.vocabulary import (
    ACTIVE,
    CHARGED_BACK,
    DISBURSED,
    FEE_CHARGED,
    NEVER,
    PAID,
    PENALTY,
    PRINCIPAL,
    RECOVERED,
    REFUNDED,
    REVERSED,
    WAIVED,
    WRITTEN_OFF,
)
from forbear.kernel.compiled import compiled

MILLION: Final = 1_000_000
MULTIPLIER: Final = 48_271
MODULUS: Final = 2**31 - 1
CAPACITY: Final = 320
"""Room for the entries of one loan. Who lives past it stops doing anything; 36 instalments need about 60."""
LEAD: Final = 6
"""Days before a due date on which the borrower thinks of it."""
WRITE_OFF_AFTER: Final = 182
LATE_FEE: Final = 20_00

PAY_DUE, PAY_AHEAD, SETTLE, GIVE_BACK, GIVE_UP, RECOVER = 0, 1, 2, 3, 4, 5
AGENDA: Final = np.dtype([("day", I8), ("what", I8), ("share", I8)])
AGENDA_ITEMS: Final = 48
STATE: Final = np.dtype([(name, I8) for name in ("entries", "chance", "until", "items", "away_until")])


class Life(NamedTuple):
    """One loan's desk: the journal being written, the agenda, and what the borrower is like."""

    entries: Records
    arrives: np.ndarray
    agenda: Records
    persona: Record
    happens: Record
    state: Record


@compiled
def chance(life: Life, below: int) -> int:
    """A number from 0 up to `below`, excluded."""
    life.state.chance = life.state.chance * MULTIPLIER % MODULUS
    return life.state.chance % below


@compiled
def likely(life: Life, share: int) -> bool:
    """Whether what happens to `share` of a million happens now."""
    return chance(life, MILLION) < share


@compiled
def between(life: Life, least: int, most: int) -> int:
    """A number from `least` to `most`, both included."""
    return least + chance(life, most - least + 1)


@compiled
def office_day(day: int) -> int:
    """The day itself, or the Monday after it: what people do by hand is done on weekdays."""
    weekday = (day + 3) % 7
    return day + 7 - weekday if weekday > 4 else day


@compiled
def record(life: Life, kind: int, effective_on: int, arrives_on: int, amount: int, target: int) -> int:
    """Write an entry; returns its sequence."""
    place = life.state.entries
    if place >= CAPACITY - 8 or effective_on > life.state.until:
        return place
    entry = life.entries[place]
    entry.sequence = place + 1
    entry.kind = kind
    entry.effective_on = effective_on
    entry.component = PENALTY if kind == WAIVED else PRINCIPAL
    entry.amount = amount
    entry.target = target
    entry.order = place
    life.arrives[place] = arrives_on
    life.state.entries = place + 1
    return place + 1


@compiled
def plan_to(life: Life, what: int, day: int, share: int) -> None:
    """Put an item on the agenda; one that would come after the last day is forgotten at once."""
    if day <= life.state.until and life.state.items < AGENDA_ITEMS:
        item = life.agenda[life.state.items]
        item.day = day
        item.what = what
        item.share = share
        life.state.items += 1


@compiled
def earliest(life: Life) -> int:
    """Place of the agenda's earliest item; -1 if it is empty."""
    found = -1
    for place in range(life.state.items):
        if found < 0 or life.agenda[place].day < life.agenda[found].day:
            found = place
    return found


@compiled
def pay(life: Life, day: int, amount: int, late: bool) -> None:
    """A payment, and what may befall it on its way into the books."""
    happens = life.happens
    if amount <= 0:
        return
    if likely(life, happens.bounce):
        sequence = record(life, PAID, day, day, amount, 0)
        back = office_day(day + between(life, 1, 3))
        record(life, REVERSED, back, back, amount, sequence)
        plan_to(life, PAY_DUE, back + between(life, 0, 9), 100)
        return
    if likely(life, happens.wrong_sum):
        wrong = max(1, amount * between(life, 80, 95) // 100)
        sequence = record(life, PAID, day, day, wrong, 0)
        found = office_day(day + between(life, 3, 15))
        record(life, REVERSED, found, found, wrong, sequence)
        record(life, PAID, day, found, amount, 0)
        return
    known = day
    if likely(life, happens.booked_late):
        known = office_day(day + between(life, 1, 12 if late else 4))
    sequence = record(life, PAID, day, known, amount, 0)
    if likely(life, happens.twice):
        record(life, PAID, day, known, amount, 0)
        plan_to(life, GIVE_BACK, office_day(known + between(life, 2, 6)), 0)
    elif likely(life, happens.charged_back):
        back = office_day(day + between(life, 18, 40))
        record(life, CHARGED_BACK, back, back, amount, sequence)
        plan_to(life, PAY_DUE, back + between(life, 3, 25), 100)


@compiled
def due(position: Record) -> int:
    """What whoever pays today is asked for: all that is due, with the penalty of today; the payoff after the last row."""
    if position.next_due_on == NEVER:
        return position.payoff
    rows = position.due_principal + position.due_interest + position.due_fee + position.due_penalty
    return max(0, min(rows + position.accrued_penalty - position.credit, position.payoff))


@compiled
def pay_due(life: Life, day: int, position: Record, share: int) -> None:
    """Pay `share` hundredths of what is due, after a waiver if one is granted."""
    asked = due(position)
    late = position.days_past_due > 0
    penalty = position.due_penalty + position.accrued_penalty
    if late and share == 100 and asked > penalty > 0 and likely(life, life.happens.waiver):
        record(life, WAIVED, day, day, penalty, 0)
        asked -= penalty
    pay(life, day, asked * share // 100, late)


@compiled
def give_up(life: Life, day: int, position: Record) -> None:
    """Write off, and plan for what may come in later."""
    record(life, WRITTEN_OFF, day, day, position.payoff, 0)
    if likely(life, life.happens.recovers):
        for _ in range(between(life, 1, 4)):
            day += between(life, 15, 60)
            plan_to(life, RECOVER, day, between(life, 2, 20))


@compiled
def act(life: Life, what: int, day: int, share: int, position: Record) -> None:
    """Do what the agenda says, knowing the position of the day."""
    if what == GIVE_BACK:
        if position.credit > 0:
            record(life, REFUNDED, day, day, position.credit, 0)
    elif what == RECOVER:
        if position.payoff > 0:
            record(life, RECOVERED, day, day, max(1, position.payoff * share // 100), 0)
    elif position.status != ACTIVE:
        if position.credit > 0:
            plan_to(life, GIVE_BACK, office_day(day + between(life, 2, 6)), 0)
    elif what == PAY_DUE:
        pay_due(life, day, position, share)
    elif what == PAY_AHEAD:
        pay(life, day, due(position) + position.next_due_amount, False)
    elif what == SETTLE:
        pay(life, day, position.payoff, False)
    elif what == GIVE_UP:
        give_up(life, day, position)


@compiled
def sink(life: Life, due_on: int) -> None:
    """Nothing is paid from `due_on` on, until the borrower is back, if ever."""
    persona = life.persona
    if persona.cure_most > 0:
        back = due_on + between(life, persona.cure_least, persona.cure_most)
        plan_to(life, PAY_DUE, back, 100)
        life.state.away_until = back
        return
    life.state.away_until = NEVER
    if likely(life, life.happens.pays_a_little):
        plan_to(life, PAY_DUE, due_on + between(life, 20, 80), between(life, 5, 40))
    if likely(life, life.happens.fee):
        day = office_day(due_on + 60)
        record(life, FEE_CHARGED, day, day, LATE_FEE, 0)
    plan_to(life, GIVE_UP, office_day(due_on + WRITE_OFF_AFTER + chance(life, 10)), 0)


@compiled
def answer(life: Life, due_on: int) -> None:
    """What the borrower decides to do about the due date `due_on`."""
    persona = life.persona
    if likely(life, persona.sinks):
        sink(life, due_on)
    elif likely(life, persona.settles):
        plan_to(life, SETTLE, due_on + between(life, 1, 9), 100)
        life.state.away_until = NEVER
    elif likely(life, persona.skip):
        pass
    elif likely(life, persona.early):
        day = due_on - between(life, 0, LEAD)
        plan_to(life, PAY_AHEAD if day < due_on else PAY_DUE, day, 100)
    else:
        day = due_on
        if likely(life, persona.late):
            day += between(life, persona.late_least, persona.late_most)
        if likely(life, persona.part):
            plan_to(life, PAY_DUE, day, between(life, 30, 85))
            day += between(life, 4, 18)
        if day == due_on or not likely(life, persona.part // 3):
            plan_to(life, PAY_DUE, day, 100)


@compiled
def think(life: Life, due_on: int, last: bool) -> None:
    """Some days before a due date. Whoever has not sunk also plans to clear what is left after the last one."""
    if due_on <= life.state.away_until:
        return
    answer(life, due_on)
    if last and life.state.away_until < NEVER:
        clears_on = max(due_on, life.state.away_until) + between(life, 1, 25)
        plan_to(life, PAY_DUE, clears_on, 100)
        plan_to(life, PAY_DUE, clears_on + between(life, 20, 50), 100)


@compiled
def next_act(life: Life, plan: Records, place: int) -> tuple[int, int, int, int]:
    """Think about the due dates of `plan` from `place` on, until there is something to do, and take it off the agenda.

    Returns the place of the next due date to think about, and what to do: its day, what, and share. The day is NEVER
    when nothing is left to do by the last day anyone looks at.
    """
    while True:
        item = earliest(life)
        day = life.agenda[item].day if item >= 0 else NEVER
        thought = plan[place].due_on - LEAD if place < plan.shape[0] else NEVER
        if min(day, thought) > life.state.until:
            return place, NEVER, 0, 0
        if thought <= day:
            think(life, plan[place].due_on, place == plan.shape[0] - 1)
            place += 1
            continue
        what, share = life.agenda[item].what, life.agenda[item].share
        life.state.items -= 1
        life.agenda[item] = life.agenda[life.state.items]
        return place, day, what, share


@compiled
def begin(life: Life, drawn_on: int, principal: int, seed: int, until: int) -> None:
    """A loan on the day of its draw."""
    life.state.entries = 0
    life.state.chance = seed
    life.state.until = until
    life.state.items = 0
    life.state.away_until = 0
    record(life, DISBURSED, drawn_on, drawn_on, principal, 0)
