"""Random live loans: terms over every option, and a journal that the terms allow."""

import dataclasses

from forbear.engine.live.terms import LiveEntry, LiveTerms, Rule
from forbear.engine.live.vocabulary import (
    Advance,
    Allocation,
    ChargeOff,
    InterestOn,
    Kind,
    Recalculation,
    Schedule,
    Spread,
)
from forbear.engine.plan import Unit
from tests.support.live.dates import plus

FIRST = 19_700


def some_rule(rng, payment, kind):
    """An order of components, by timing where the allocation asks for it."""
    if kind in (Allocation.ROW_BY_ROW, Allocation.DUE_THEN_ADVANCE):
        return Rule(payment, (*rng.sample(range(4), 4), *rng.sample(range(4), 4)))
    order = [timing * 4 + c for timing in range(3) for c in rng.sample(range(4), 4)]
    return Rule(payment, tuple(order), rng.choice(list(Advance)))


def some_terms(rng):
    """Terms of a progressive loan, or, one in five, of a cumulative one."""
    progressive = rng.random() < 0.8
    kind = rng.choice((Allocation.HORIZONTAL, Allocation.HORIZONTAL, Allocation.VERTICAL))
    if not progressive:
        kind = rng.choice((Allocation.ROW_BY_ROW, Allocation.DUE_THEN_ADVANCE))
    thirty = rng.random() < 0.5
    count = rng.randint(1, 8)
    return LiveTerms(
        schedule=rng.choice(list(Schedule)) if progressive else Schedule.FIXED,
        progressive=progressive,
        rate=rng.choice((0, 7 * 10**8, 12 * 10**8, 948_220_000, 3_599_000_000)),
        count=count,
        every=rng.choice((1, 1, 2, 15)),
        unit=rng.choice(list(Unit)),
        rules=tuple(some_rule(rng, payment, kind) for payment in (0, 2)),
        allocation=kind,
        interest_on=InterestOn.FLAT if rng.random() < 0.15 else InterestOn.DECLINING,
        by_period=rng.random() < 0.3,
        partial_periods=rng.random() < 0.5,
        year_days=360 if thirty else rng.choice((0, 0, 360, 364, 365)),
        month_thirty=thirty,
        leap_day_rule=rng.random() < 0.2,
        first_day_counts=rng.random() < 0.2,
        counted_from=FIRST + rng.choice((-20, -3, 5, 17)) if rng.random() < 0.15 else 0,
        multiple=rng.choice((0, 0, 0, 100)),
        principal_grace=rng.randint(1, count - 1) if count > 1 and rng.random() < 0.1 else 0,
        interest_grace=rng.randint(0, count) if rng.random() < 0.1 else 0,
        down_payment=25 * 10**8 if rng.random() < 0.2 else 0,
        credit_order=tuple(rng.sample(range(4), 4)) if rng.random() < 0.4 else (),
        rest_at_due_date=rng.random() < 0.1,
        payoff_to_due_date=rng.random() < 0.2,
        past_due_earns=rng.random() < 0.9,
        charge_off=rng.choice(list(ChargeOff)),
    )


def some_entry(rng, terms, day, paid):
    """One entry after the first disbursement, as a dictionary."""
    end = plus(FIRST, terms.count * terms.every, terms.unit)
    due = plus(FIRST, rng.randint(1, terms.count) * terms.every, terms.unit)
    chance = rng.random()
    if chance < 0.55:
        amount = rng.choice((rng.randint(1, 30_000), rng.randint(1, 300_000), 17_01))
        return {"kind": Kind.PAID, "on": day, "amount": amount, "payment": rng.choice((1, 2))}
    if chance < 0.63:
        return {"kind": Kind.DISBURSED, "on": day, "amount": rng.randint(1, 100_000)}
    if chance < 0.75:
        when = rng.choice((0, 0, 1)) if terms.schedule == Schedule.FIXED else 0
        base = rng.choice((0, 0, 1, 2, 3, 4)) if when == 0 else rng.choice((0, 1, 2, 3))
        what = {"when": when, "share_of": base, "amount": rng.randint(1, 2000), "rate": 10**8}
        on = rng.randint(day, max(day, end) + 20)
        return {"kind": Kind.FEE_CHARGED, "on": on, "component": rng.choice((2, 3)), **what}
    if chance < 0.82 and paid:
        target = rng.choice(paid)
        return {"kind": Kind.CHARGED_BACK, "on": day, "amount": target.amount, "target": target.sequence}
    if chance < 0.88 and terms.progressive:
        return {"kind": Kind.RATE_CHANGED, "on": day, "rate": rng.choice((0, 4 * 10**8, 10**9))}
    if chance < 0.92 and terms.schedule == Schedule.LIVE and day < end:
        return {"kind": Kind.INTEREST_PAUSED, "on": day, "until": rng.randint(day, end)}
    if chance < 0.93 and terms.progressive and terms.count > 1:
        return {"kind": Kind.DUE_DATE_MOVED, "on": due, "until": due + rng.choice((-2, 3, 20))}
    if chance < 0.945:
        until, unit = day + rng.randint(0, 40), rng.choice((Unit.MONTH, Unit.WEEK, Unit.DAY))
        many = {"count": rng.randint(1, 5), "every": rng.choice((1, 2, 15)), "unit": unit}
        return {
            "kind": Kind.REAGED,
            "on": day,
            "until": until,
            **many,
            "spread": rng.choice(list(Spread)[:3]),
        }
    if chance < 0.953:
        spread = rng.choice((Spread.BY_BALANCE, Spread.OVERDUE_INTEREST))
        return {"kind": Kind.REAMORTISED, "on": day, "spread": spread}
    if chance < 0.957:
        what = {
            "component": rng.randrange(4),
            "amount": rng.choice((rng.randint(1, 400), rng.randint(1, 60_000))),
        }
        return {"kind": Kind.WAIVED, "on": day, **what}
    if chance < 0.962:
        return {"kind": Kind.EXTENDED, "on": due, "count": rng.randint(1, 2)}
    return {"kind": Kind.REFUNDED, "on": day, "amount": rng.randint(1, 500)}


def some_journal(rng, terms):
    """A disbursement and what follows it; some entries arrive late, some are reversed, some loans end badly."""
    end = plus(FIRST, terms.count * terms.every, terms.unit)
    entries = [
        LiveEntry(
            sequence=1, kind=Kind.DISBURSED, on=FIRST, recorded_on=FIRST, amount=rng.randint(100, 200_000)
        )
    ]
    days = sorted(rng.randint(FIRST, end + 40) for _ in range(rng.randint(0, 7)))
    for day in days:
        known = day + rng.choice((0, 0, 0, 30))
        paid = [e for e in entries if e.kind == Kind.PAID and e.on <= day and e.recorded_on <= known]
        made = some_entry(rng, terms, day, paid)
        entries.append(LiveEntry(sequence=len(entries) + 1, recorded_on=known, **made))
    if days and rng.random() < 0.25:
        last = {"on": days[-1], "recorded_on": days[-1]}
        kind = rng.choice((Kind.CHARGED_OFF, Kind.CHARGED_OFF, Kind.ACCELERATED, Kind.WRITTEN_OFF))
        entries.append(LiveEntry(sequence=len(entries) + 1, kind=kind, **last))
    if len(entries) > 2 and rng.random() < 0.2:
        gone = rng.choice([e for e in entries[1:] if e.kind == Kind.PAID] or entries[1:])
        back = [e for e in entries if e.target == gone.sequence]
        if not back:
            entries.append(
                LiveEntry(
                    sequence=len(entries) + 1,
                    kind=Kind.REVERSED,
                    on=gone.on,
                    recorded_on=end + 41,
                    target=gone.sequence,
                )
            )
    return entries, rng.randint(FIRST, end + 60)


def some_income(rng, terms, first):
    """Income that is deferred, parts of it given back, and sometimes a reversal; `first` is the first sequence."""
    end = plus(FIRST, terms.count * terms.every, terms.unit)
    made = []
    for kind, back in (
        (Kind.INCOME_CAPITALISED, Kind.INCOME_ADJUSTED),
        (Kind.INCOME_CAPITALISED, Kind.INCOME_ADJUSTED),
        (Kind.BOUGHT_DOWN, Kind.BUY_DOWN_ADJUSTED),
    ):
        day, amount, target = rng.randint(FIRST, end + 20), rng.randint(1, 50_000), first + len(made)
        made.append({"kind": kind, "on": day, "amount": amount})
        for _ in range(rng.randint(0, 2)):
            day, amount = rng.randint(day, end + 40), rng.randint(1, amount)
            made.append({"kind": back, "on": day, "amount": amount, "target": target})
    made = made[: rng.randint(1, len(made))]
    if rng.random() < 0.2:
        last = made[-1]
        made.append({"kind": Kind.REVERSED, "on": last["on"], "target": first + len(made) - 1})
    return [LiveEntry(sequence=first + k, recorded_on=e["on"], **e) for k, e in enumerate(made)]


def random_live_case(rng):
    """(terms, entries, as_of)."""
    terms = some_terms(rng)
    entries, as_of = some_journal(rng, terms)
    if terms.progressive and terms.interest_on == InterestOn.DECLINING and rng.random() < 0.3:
        terms = dataclasses.replace(terms, full_term_per_draw=True)
    if rng.random() < 0.3:
        entries = [*entries, *some_income(rng, terms, len(entries) + 1)]
        if rng.random() < 0.5:
            terms = dataclasses.replace(terms, rules=(*terms.rules, some_rule(rng, 11, terms.allocation)))
    if rng.random() < 0.3:
        terms = dataclasses.replace(terms, factor_places=19)
    if not terms.progressive and terms.interest_on == InterestOn.DECLINING and rng.random() < 0.6:
        again = {"recalculation": rng.choice(list(Recalculation)[1:]), "overdue_daily": rng.random() < 0.7}
        terms = dataclasses.replace(terms, **again, rest_at_due_date=rng.random() < 0.3)
    return terms, entries, as_of
