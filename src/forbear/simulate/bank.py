"""A synthetic lender: loans drawn from the catalogue, and everything that happens to them.

The same seed gives the same lender, loan by loan, whatever the number of threads. Loans come in chunks, so a million of
them need no more memory than a few thousand.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np

from forbear.engine.batch import Batch, columns_of, desk_for
from forbear.engine.layout import ENTRY, POSITION, Records
from forbear.engine.sweep import Columns, Desk, fold_places
from forbear.engine.terms import LOAN_TERMS, compile_batch
from forbear.engine.vocabulary import CLOSED, NEVER
from forbear.kernel.compiled import compiled
from forbear.simulate.catalogue import OFFERS, products
from forbear.simulate.life import AGENDA, AGENDA_ITEMS, CAPACITY, MODULUS, STATE, Life, act, begin, next_act
from forbear.simulate.personas import COMMON, PERSONAS

CHUNK: Final = 8192
"""Loans made at a time. Part of the seed's meaning: another size is another lender."""
TYPICAL_ENTRIES: Final = 64
OTHERS_LOAN: Final = 150_000
"""Of a million loans, how many belong to the borrower of the loan before."""


@dataclass(frozen=True, slots=True)
class Bank:
    """A lender to be made up.

    Attributes:
        seed: makes it what it is.
        loans: how many loans it will have made by `until`.
        opens_on: the day from which arrivals are handed over day by day; before it, all at once.
        until: the last day.
        history: days before `opens_on` on which the first loan may have been drawn.
    """

    seed: int
    loans: int
    opens_on: int
    until: int
    history: int = 540


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some thousand loans and their entries.

    Attributes:
        terms: LOAN_TERMS; `loan` counts from 1.
        drawn_on: the day of each draw.
        principal: minor units.
        borrower: number of each loan's borrower, from 1; some have two loans.
        known_from: the day on which each loan's borrower became a customer.
        entries: ENTRY of all loans, one loan after the other.
        owner: the loan number of each entry.
        arrives: the day on which each entry becomes known.
    """

    terms: np.ndarray
    drawn_on: np.ndarray
    principal: np.ndarray
    borrower: np.ndarray
    known_from: np.ndarray
    entries: np.ndarray
    owner: np.ndarray
    arrives: np.ndarray


def chunks(bank: Bank, *, threads: int = 1) -> Iterator[Chunk]:
    """The lender's loans in order, with everything that becomes known by its last day."""
    sizes = [min(CHUNK, bank.loans - first) for first in range(0, bank.loans, CHUNK)]
    with ThreadPoolExecutor(threads) as pool:
        for first in range(0, len(sizes), threads):
            numbers = range(first, min(first + threads, len(sizes)))
            yield from pool.map(lambda number: make_chunk(bank, number, sizes[number]), numbers)


def make_chunk(bank: Bank, number: int, size: int) -> Chunk:
    """Chunk `number` of the lender, with `size` loans."""
    dice = np.random.Generator(np.random.PCG64(np.random.SeedSequence([bank.seed, number])))
    chunk = _draw_loans(bank, number * CHUNK + 1, size, dice)
    personas = dice.choice(len(PERSONAS), size, p=PERSONAS["share"] / PERSONAS["share"].sum())
    seeds = dice.integers(1, MODULUS, size)
    no_entries = np.zeros(0, ENTRY), np.zeros(size + 1, np.int64)
    batch = compile_batch(products(), chunk.terms, *no_entries)
    return _live(bank, chunk, batch, PERSONAS[personas], seeds)


def _draw_loans(bank: Bank, first: int, size: int, dice: np.random.Generator) -> Chunk:
    shares = np.array([offer.share for offer in OFFERS])
    place = dice.choice(len(OFFERS), size, p=shares / shares.sum())
    terms = np.zeros(size, LOAN_TERMS)
    terms["loan"] = np.arange(first, first + size)
    terms["product"] = place
    principal = np.zeros(size, np.int64)
    for number, offer in enumerate(OFFERS):
        mine = np.flatnonzero(place == number)
        low, high, step = offer.rates
        terms["rate"][mine] = low + step * dice.integers(0, (high - low) // step + 1, len(mine))
        terms["penalty_rate"][mine] = terms["rate"][mine] * offer.penalty[0] // offer.penalty[1]
        terms["count"][mine] = dice.choice(offer.counts, len(mine))
        principal[mine] = _amounts(offer.amounts, len(mine), dice)
    drawn_on = (
        bank.opens_on - bank.history + dice.integers(0, bank.history + bank.until - bank.opens_on + 1, size)
    )
    _set_due_dates(terms, drawn_on, place, dice)
    free = np.array([offer.free_days for offer in OFFERS])[place]
    terms["interest_free_until"] = np.where(dice.random(size) < 1 / 10, drawn_on + free, 0) * (free > 0)
    borrower, known_from = _borrowers(terms["loan"], drawn_on, dice)
    nothing = np.zeros(0, np.int64)
    return Chunk(terms, drawn_on, principal, borrower, known_from, np.zeros(0, ENTRY), nothing, nothing)


def _amounts(bounds: tuple[int, int], size: int, dice: np.random.Generator) -> np.ndarray:
    """Sums in whole hundreds of yuan, small ones more often: evenly spread on a logarithmic scale."""
    low, high = np.log(bounds)
    return np.maximum(np.exp(dice.uniform(low, high, size)).astype(np.int64) // 100_00, 1) * 100_00


def _set_due_dates(
    terms: np.ndarray, drawn_on: np.ndarray, place: np.ndarray, dice: np.random.Generator
) -> None:
    """First due dates: a fixed day of the month at least fifteen days after the draw; a bullet's after 30 to 90 days."""
    months = drawn_on.astype("datetime64[D]").astype("datetime64[M]")
    due_day = dice.choice([5, 10, 15, 20, 25], len(terms))
    first = (months + 1).astype("datetime64[D]").astype(np.int64) + due_day - 1
    later = (months + 2).astype("datetime64[D]").astype(np.int64) + due_day - 1
    first = np.where(first - drawn_on < 15, later, first)
    single = np.array([offer.product.code == "bullet" for offer in OFFERS])[place]
    terms["first_due_on"] = np.where(single, drawn_on + dice.integers(30, 91, len(terms)), first)
    terms["due_day"] = np.where(single, 0, due_day)


def _borrowers(
    loans: np.ndarray, drawn_on: np.ndarray, dice: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Each loan's borrower, named after that borrower's first loan, and the day of the earliest draw."""
    again = dice.integers(0, 1_000_000, len(loans)) < OTHERS_LOAN
    again[0] = False
    again[1:] &= ~again[:-1]
    known_from = drawn_on.copy()
    second = np.flatnonzero(again)
    known_from[second] = known_from[second - 1] = np.minimum(drawn_on[second], drawn_on[second - 1])
    return np.where(again, loans - 1, loans), known_from


def _live(bank: Bank, chunk: Chunk, batch: Batch, personas: np.ndarray, seeds: np.ndarray) -> Chunk:
    """Let the loans of a chunk live, and keep what becomes known by the last day."""
    entries = np.zeros(len(batch) * TYPICAL_ENTRIES + CAPACITY, ENTRY)
    owner = np.zeros(len(entries), np.int64)
    arrives = np.zeros(len(entries), np.int64)
    # Each loan writes its journal into the same room, which the engine takes for the loan's entries.
    room = replace(batch, entries=np.zeros(CAPACITY, ENTRY))
    longest = replace(batch, entry_bounds=np.array([0, CAPACITY]))
    count = _live_all(
        columns_of(room),
        desk_for(longest),
        np.zeros(len(batch), POSITION).view(np.recarray),
        Room(
            room.entries.view(np.recarray),
            np.zeros(CAPACITY, np.int64),
            np.zeros(AGENDA_ITEMS, AGENDA).view(np.recarray),
            personas.view(np.recarray),
            COMMON.view(np.recarray),
            np.zeros(1, STATE).view(np.recarray),
        ),
        Draws(chunk.drawn_on, chunk.principal, seeds),
        bank.until,
        Heap(entries.view(np.recarray), owner, arrives),
    )
    assert count <= len(entries) - CAPACITY, "TYPICAL_ENTRIES is too small for this catalogue"
    known = arrives[:count] <= bank.until
    return replace(
        chunk, entries=entries[:count][known], owner=owner[:count][known], arrives=arrives[:count][known]
    )


class Room(NamedTuple):
    """Where one loan after the other lives, and what its borrowers are like."""

    entries: Records
    arrives: np.ndarray
    agenda: Records
    personas: Records
    happens: Records
    state: Records


class Draws(NamedTuple):
    """How each loan of a chunk begins."""

    on: np.ndarray
    principal: np.ndarray
    seed: np.ndarray


class Heap(NamedTuple):
    """Where the entries of all loans of a chunk are gathered."""

    entries: Records
    owner: np.ndarray
    arrives: np.ndarray


@compiled
def _live_all(
    columns: Columns, desk: Desk, positions: Records, room: Room, draws: Draws, until: int, heap: Heap
) -> int:
    """Live each loan of a chunk in turn and gather the entries; returns how many there are.

    The engine is asked in one place only: wherever it is called, all of it is compiled once more.
    """
    count = 0
    for i in range(columns.terms.shape[0]):
        state = room.state[0]
        plan = columns.plan[columns.plan_bounds[i] : columns.plan_bounds[i + 1]]
        life = Life(room.entries, room.arrives, room.agenda, room.personas[i], room.happens[0], state)
        begin(life, draws.on[i], draws.principal[i], draws.seed[i], until)
        place, day, what, share = next_act(life, plan, 0)
        while day < NEVER:
            columns.entry_bounds[i] = 0
            columns.entry_bounds[i + 1] = state.entries
            fold_places(columns, desk, desk.places, i, i + 1, day, positions, desk.nothing, desk.nothing, 0)
            if positions[i].status == CLOSED:
                place = plan.shape[0]
            act(life, what, day, share, positions[i])
            place, day, what, share = next_act(life, plan, place)
        if count + state.entries > heap.owner.shape[0]:
            return heap.owner.shape[0]
        for place in range(state.entries):
            heap.entries[count] = room.entries[place]
            heap.owner[count] = columns.terms[i].loan
            heap.arrives[count] = room.arrives[place]
            count += 1
    return count
