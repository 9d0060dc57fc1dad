"""Live loans as a book has them: products, loan terms and journals at random, and the same told to the oracle.

The telling is written from docs/algorithms/live-schedule.md, section 12, and knows nothing of the engine's.
"""

import dataclasses

import numpy as np

from forbear.engine.layout import ENTRY
from forbear.engine.live.product import IN_TURN, LiveProduct, Way
from forbear.engine.live.terms import LiveEntry
from forbear.engine.live.vocabulary import Advance, Allocation, ChargeOf, InterestOn, Kind, Schedule, Spread
from forbear.engine.plan import Unit
from forbear.engine.terms import LOAN_TERMS, compile_batch
from forbear.engine.vocabulary import NEVER, SAME_DAY_RANK, ChargeOff, Component, EntryKind
from tests.support.live.dates import date, last_of_month, number, plus

FIRST = 19_700
MONEY = {
    EntryKind.PAID: 1,
    EntryKind.RECOVERED: 1,
    EntryKind.MERCHANT_REFUNDED: 2,
    EntryKind.GOODWILL_CREDITED: 4,
    EntryKind.INTEREST_REFUNDED: 9,
}
OWN = (EntryKind.GOODWILL_CREDITED, EntryKind.INTEREST_REFUNDED)


@dataclasses.dataclass(frozen=True)
class Said:
    """An entry of the book's journal."""

    sequence: int
    kind: EntryKind
    on: int
    amount: int = 0
    component: int = 0
    target: int = 0
    tie: int = 0
    until: int = 0
    rate: int = 0
    count: int = 0


@dataclasses.dataclass(frozen=True)
class LiveCase:
    """A product, what one loan adds to it, and its journal."""

    product: LiveProduct
    rate: int
    count: int
    level: int
    first_due_on: int
    due_day: int
    entries: tuple[Said, ...]

    def batch(self):
        """The loan as a batch of one."""
        return batch_of([self])


def batch_of(cases):
    """The loans of these cases as a batch."""
    loans = np.zeros(len(cases), LOAN_TERMS)
    rows, bounds = [], [0]
    for place, case in enumerate(cases):
        loans["loan"][place], loans["product"][place] = place + 1, place
        loans["rate"][place], loans["count"][place] = case.rate, case.count
        loans["instalment"][place], loans["first_due_on"][place] = case.level, case.first_due_on
        loans["due_day"][place] = case.due_day
        rows += [
            (e.sequence, int(e.kind), e.on, e.component, e.amount, e.target, e.tie, e.until, e.rate, e.count)
            for e in case.entries
        ]
        bounds.append(len(rows))
    products = [case.product for case in cases]
    return compile_batch(products, loans, np.array(rows, ENTRY), np.array(bounds, np.int64))


# ----------------------------------------------------------------------------------------------------------------------
# At random


def some_way(rng, *, by_row, advances=True):
    """A way of allocation."""
    if by_row:
        return Way(Advance.NEXT_ROW, (*rng.sample(range(4), 4), *rng.sample(range(4), 4)))
    order = [timing * 4 + c for timing in rng.sample(range(3), 3) for c in rng.sample(range(4), 4)]
    return Way(rng.choice(list(Advance)) if advances else Advance.NEXT_ROW, tuple(order))


def some_product(rng):
    """A product without problems."""
    progressive = rng.random() < 0.8
    schedule = rng.choice((Schedule.LIVE, Schedule.LIVE, Schedule.FIXED)) if progressive else Schedule.FIXED
    kinds = (Allocation.HORIZONTAL, Allocation.VERTICAL)
    kind = rng.choice(kinds if progressive else (Allocation.ROW_BY_ROW, Allocation.DUE_THEN_ADVANCE))
    thirty, unit = rng.random() < 0.5, rng.choice((Unit.MONTH, Unit.MONTH, Unit.WEEK, Unit.DAY))
    by_period = unit != Unit.DAY and rng.random() < 0.3
    year_days = 360 if thirty else rng.choice((0, 0, 360, 364, 365))
    way = some_way(rng, by_row=not progressive)
    product = LiveProduct(
        code="L",
        currency="CNY",
        schedule=schedule,
        progressive=progressive,
        unit=unit,
        every=15 if unit == Unit.DAY else rng.choice((1, 1, 2)),
        allocation=kind,
        payment_rule=IN_TURN if not progressive and rng.random() < 0.3 else way,
        merchant_rule=some_way(rng, by_row=not progressive) if rng.random() < 0.2 else None,
        goodwill_rule=some_way(rng, by_row=not progressive) if rng.random() < 0.2 else None,
        interest_on=InterestOn.FLAT if rng.random() < 0.15 else InterestOn.DECLINING,
        by_period=by_period,
        partial_periods=not by_period or rng.random() < 0.5,
        year_days=year_days,
        month_thirty=thirty,
        leap_day_rule=year_days == 0 and rng.random() < 0.2,
        first_day_counts=year_days == 0 and rng.random() < 0.2,
        equal_principal=not progressive and rng.random() < 0.3,
        multiple=rng.choice((0, 0, 0, 100)),
        principal_grace=1 if progressive and rng.random() < 0.1 else 0,
        interest_grace=rng.randint(0, 2) if progressive and rng.random() < 0.1 else 0,
        down_payment=25 * 10**8 if rng.random() < 0.15 else 0,
        credit_order=tuple(rng.sample(list(Component), 4)) if rng.random() < 0.4 else (),
        payoff_to_due_date=(pays := schedule == Schedule.LIVE and rng.random() < 0.2),
        rest_at_due_date=pays and rng.random() < 0.4,
        past_due_earns=rng.random() < 0.9,
        charge_off=rng.choice(list(ChargeOff)),
        reage_spread=rng.choice(list(Spread)[:3]) if progressive else Spread.BY_BALANCE,
        draw_fee_flat=rng.choice((0, 0, 0, 150)),
        draw_fee_rate=rng.choice((0, 0, 0, 10**8)),
        row_fee_flat=rng.choice((0, 0, 0, 75)),
        row_fee_rate=rng.choice((0, 0, 0, 10**8)),
        row_fee_of=rng.choice((ChargeOf.PRINCIPAL, ChargeOf.BOTH, ChargeOf.INTEREST)),
        tolerance=rng.choice((0, 0, 500)),
        nonaccrual_after=rng.choice((0, 20, 91)),
        buckets=rng.choice(((1, 31, 61), (4, 11))),
    )
    assert not product.problems(), product.problems()
    return product


def some_entry(rng, case, day, paid):
    """One entry after the first disbursement, as a dictionary."""
    product, chance = case.product, rng.random()
    if chance < 0.5:
        kind = rng.choice((EntryKind.PAID, EntryKind.PAID, EntryKind.PAID, *MONEY))
        return {"kind": kind, "amount": rng.choice((rng.randint(1, 30_000), rng.randint(1, 300_000), 17_01))}
    if chance < 0.58:
        return {"kind": EntryKind.DISBURSED, "amount": rng.randint(1, 100_000)}
    if chance < 0.7:
        until = rng.choice((0, day + rng.randint(1, 90)))
        what = {"component": rng.choice((0, 2, 3)), "until": until, "amount": rng.randint(1, 2000)}
        return {"kind": EntryKind.FEE_CHARGED, **what}
    if chance < 0.78 and paid:
        target = paid.pop(rng.randrange(len(paid)))
        amount = rng.choice((target.amount, rng.randint(1, target.amount)))
        return {"kind": EntryKind.CHARGED_BACK, "amount": amount, "target": target.sequence}
    if chance < 0.84 and product.progressive:
        return {"kind": EntryKind.RATE_CHANGED, "component": 1, "rate": rng.choice((0, 4 * 10**8, 10**9))}
    if chance < 0.88 and product.schedule == Schedule.LIVE:
        return {"kind": EntryKind.INTEREST_PAUSED, "until": day + rng.randint(1, 40)}
    if chance < 0.91:
        return {"kind": EntryKind.EXTENDED, "count": rng.randint(1, 2)}
    if chance < 0.93 and product.progressive:
        return {"kind": EntryKind.REAGED, "until": day + rng.randint(1, 40), "count": rng.randint(1, 4)}
    if chance < 0.94:
        return {"kind": EntryKind.REAMORTISED}
    if chance < 0.96:
        return {"kind": EntryKind.DUE_DATE_MOVED, "until": day + rng.randint(1, 40)}
    if chance < 0.975:
        what = {
            "component": rng.randrange(4),
            "amount": rng.choice((rng.randint(1, 400), rng.randint(1, 60_000))),
        }
        return {"kind": EntryKind.WAIVED, **what}
    return {"kind": EntryKind.REFUNDED, "amount": rng.randint(1, 500)}


def some_case(rng, product=None):
    """A loan of a random product, with a journal that an import would take."""
    product = product or some_product(rng)
    count = rng.randint(2, 8)
    first_due_on = plus(FIRST, product.every, product.unit) + rng.choice((0, 0, 0, -4, 9, 40))
    due_day = rng.choice((0, 0, date(first_due_on).day)) if product.unit == Unit.MONTH else 0
    rate = rng.choice((0, 7 * 10**8, 12 * 10**8, 948_220_000, 3_599_000_000))
    case = LiveCase(product, rate, count, 0, max(first_due_on, FIRST + 1), due_day, ())
    end = plus(FIRST, count * product.every, product.unit)
    entries = [Said(1, EntryKind.DISBURSED, FIRST, rng.randint(100, 200_000), tie=rng.randrange(1000))]
    paid = []
    for day in sorted(rng.randint(FIRST, end + 40) for _ in range(rng.randint(0, 7))):
        made = some_entry(rng, case, day, paid)
        entries.append(Said(len(entries) + 1, on=day, tie=rng.randrange(1000), **made))
        if made["kind"] == EntryKind.PAID:
            paid.append(entries[-1])
    last = entries[-1].on
    if len(entries) > 1 and rng.random() < 0.25:
        kind = rng.choice((*(EntryKind.CHARGED_OFF, EntryKind.ACCELERATED) * 2, EntryKind.WRITTEN_OFF))
        entries.append(Said(len(entries) + 1, kind, last))
        if rng.random() < 0.5:
            entries.append(Said(len(entries) + 1, EntryKind.RECOVERED, last + 9, rng.randint(1, 100_000)))
    held = {e.target for e in entries}
    free = [e for e in entries[1:] if e.sequence not in held]
    if free and rng.random() < 0.2:
        entries.append(Said(len(entries) + 1, EntryKind.REVERSED, last + 3, target=rng.choice(free).sequence))
    spread = rng.choice((Spread.BY_BALANCE, Spread.OVERDUE_INTEREST))
    product = dataclasses.replace(product, reamortise_spread=spread)
    return dataclasses.replace(case, product=product, entries=tuple(entries))


# ----------------------------------------------------------------------------------------------------------------------
# As the oracle is told it


def first_day(case):
    """The day from which due dates are counted."""
    unit, every = case.product.unit, case.product.every
    if unit != Unit.MONTH or not case.due_day:
        return plus(case.first_due_on, -every, unit)
    first = date(case.first_due_on)
    year, month = divmod(first.year * 12 + first.month - 1 - every, 12)
    wanted = min(case.due_day, last_of_month(year, month + 1))
    return number(first.replace(year=year, month=month + 1, day=wanted))


def rank(kind):
    """The order of the journal within a day; but a charge-back comes after the money of its day."""
    return 16.5 if kind == EntryKind.CHARGED_BACK else SAME_DAY_RANK[kind]


def told(case, as_of):
    """(LiveTerms, LiveEntry...) of what counts by a day."""
    gone = {e.target for e in case.entries if e.kind == EntryKind.REVERSED}
    stands = [e for e in case.entries if e.kind != EntryKind.REVERSED and e.sequence not in gone]
    stands = sorted((e for e in stands if e.on <= as_of), key=lambda e: (e.on, rank(e.kind), e.tie))
    terms = case.product.terms(
        rate=case.rate, count=case.count, level=case.level, counted_from=first_day(case)
    )
    made = []
    draws = [e for e in stands if e.kind == EntryKind.DISBURSED]
    for place, e in enumerate(draws, 1):
        fee = {"kind": Kind.FEE_CHARGED, "on": e.on, "recorded_on": e.on, "component": 2}
        p = case.product
        if p.draw_fee_flat:
            made.append((e, {**fee, "when": 2, "count": place, "amount": p.draw_fee_flat}))
        if p.draw_fee_rate:
            made.append((e, {**fee, "when": 2, "count": place, "share_of": 4, "rate": p.draw_fee_rate}))
        if place == 1 and p.row_fee_flat:
            made.append((e, {**fee, "when": 1, "amount": p.row_fee_flat}))
        if place == 1 and p.row_fee_rate:
            made.append((e, {**fee, "when": 1, "share_of": int(p.row_fee_of), "rate": p.row_fee_rate}))
    # In the order of the journal: a fee of the terms is a fee of its day, with the tie-break of its draw.
    keyed = [((e.on, rank(e.kind), e.tie, 1), e, None) for e in stands]
    keyed += [((e.on, rank(EntryKind.FEE_CHARGED), e.tie, 2 + k), e, m) for k, (e, m) in enumerate(made)]
    keyed.sort(key=lambda row: row[0])
    place_of = {e.sequence: n for n, (_, e, m) in enumerate(keyed, 1) if m is None}
    entries = [
        LiveEntry(sequence=n, **(m or in_live_words(e, case.product, place_of)))
        for n, (_, e, m) in enumerate(keyed, 1)
        if m or case.product.progressive or e.kind != EntryKind.REAGED
    ]
    return terms, entries


def in_live_words(e, product, place_of):
    """The fields of a LiveEntry."""
    found = {"kind": Kind.PAID if e.kind in MONEY else Kind(int(e.kind)), "on": e.on, "recorded_on": e.on}
    found |= {"amount": e.amount, "rate": e.rate, "count": e.count, "until": e.until}
    found |= {"target": place_of.get(e.target, 0), "payment": MONEY.get(e.kind, 0)}
    if e.kind == EntryKind.WAIVED:
        found["component"] = e.component
    if e.kind == EntryKind.FEE_CHARGED:
        found |= {"component": e.component or 2, "on": e.until or e.on}
    if e.kind == EntryKind.INTEREST_PAUSED:
        found["until"] = e.until - 1
    if e.kind == EntryKind.DUE_DATE_MOVED:
        found["on"] = NEVER  # the first due date after its day
    if e.kind == EntryKind.REAGED:
        found |= {"every": product.every, "unit": product.unit, "spread": product.reage_spread}
    if e.kind == EntryKind.REAMORTISED:
        found["spread"] = product.reamortise_spread
    return found
