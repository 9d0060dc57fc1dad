"""Live loans in corners that random journals seldom reach, by the engine and by the oracle."""

import random
from dataclasses import replace

import pytest

from forbear.engine.live.terms import LiveEntry
from forbear.engine.live.vocabulary import Kind, Spread
from forbear.engine.plan import Unit
from tests.properties.test_live_equals_oracle import by_engine, by_oracle
from tests.support.live.cases import FIRST, some_terms
from tests.support.live.dates import plus


class Journal:
    """Entries one after the other, each known on its day."""

    def __init__(self, rng: random.Random) -> None:
        self.rng, self.entries = rng, []
        self.add(Kind.DISBURSED, FIRST, amount=rng.randint(10_000, 200_000))

    def add(self, kind: Kind, on: int, **fields) -> None:
        self.entries.append(
            LiveEntry(sequence=len(self.entries) + 1, kind=kind, on=on, recorded_on=on, **fields)
        )

    def pay(self, on: int, share: float) -> None:
        drawn = self.entries[0].amount
        self.add(Kind.PAID, on, amount=max(1, int(drawn * share)), payment=self.rng.choice((1, 2)))

    def charge(self, on: int) -> None:
        self.add(Kind.FEE_CHARGED, on, component=self.rng.choice((2, 3)), amount=self.rng.randint(1, 2000))


def same(terms, journal: Journal, as_of: int) -> None:
    """Rows, charges, what is over, and the outcomes that the oracle tells of."""
    wanted, told = (by(terms, journal.entries, as_of) for by in (by_oracle, by_engine))
    assert told[0] == wanted[0]
    assert told[2:] == wanted[2:]
    both = wanted[1].keys() & told[1].keys()
    assert {key: told[1][key] for key in both} == {key: wanted[1][key] for key in both}


def end_of(terms) -> int:
    return plus(FIRST, terms.count * terms.every, terms.unit)


@pytest.mark.parametrize("part", range(4))
def test_a_payment_returned_is_unpaid_from_the_last(part: int) -> None:
    """Of loans whose terms have no live schedule; the money had met rows due and rows to come, early and late."""
    for seed in range(8 * part, 8 * part + 8):
        rng = random.Random(seed)
        terms = some_terms(rng)
        while terms.progressive:
            terms = some_terms(rng)
        journal, day = Journal(rng), FIRST
        for _ in range(rng.randint(1, 4)):
            day += rng.randint(1, 40)
            if rng.random() < 0.4:
                journal.charge(day)
            journal.pay(day, rng.uniform(0.05, 0.6))
        day += rng.randint(0, 30)
        journal.add(Kind.PAYMENT_RETURNED, day, amount=rng.randint(1, 2 * journal.entries[-1].amount))
        if rng.random() < 0.5:
            journal.pay(day + 3, 0.2)
        same(terms, journal, day + 20)


@pytest.mark.parametrize("part", range(4))
def test_reageing_takes_in_what_came_after_the_last_due_date(part: int) -> None:
    """A charge, a draw or money taken back after the end makes one more row, which is paid in part and then re-aged."""
    for seed in range(100 + 10 * part, 110 + 10 * part):
        rng = random.Random(seed)
        terms = some_terms(rng)
        journal, day = Journal(rng), FIRST + rng.randint(1, 40)
        journal.pay(day, rng.uniform(0.05, 0.5))
        end = max(end_of(terms), day) + rng.randint(1, 20)
        for _ in range(rng.randint(1, 3)):
            what = rng.random()
            if what < 0.5:
                journal.charge(end)
            else:
                target = next(e for e in journal.entries if e.kind == Kind.PAID)
                if any(e.kind == Kind.CHARGED_BACK for e in journal.entries):
                    continue
                journal.add(Kind.CHARGED_BACK, end, amount=target.amount, target=target.sequence)
            end += rng.randint(0, 9)
        if rng.random() < 0.6:
            journal.pay(end, rng.uniform(0.01, 0.2))
        on = end + rng.choice((-3, 0, 5))
        journal.add(
            Kind.REAGED,
            on,
            until=on + rng.randint(0, 40),
            count=rng.randint(1, 4),
            every=1,
            unit=rng.choice((Unit.MONTH, Unit.WEEK)),
            spread=rng.choice(list(Spread)[:3]),
        )
        if rng.random() < 0.5:
            journal.pay(on + rng.randint(0, 30), 0.3)
        same(terms, journal, on + rng.randint(0, 120))


def vary(journal: Journal, day: int) -> None:
    """Something that rows asked already answer to, or the end of the contract."""
    rng = journal.rng
    kind = rng.choice((Kind.CHARGED_OFF, Kind.ACCELERATED, Kind.WRITTEN_OFF, Kind.REAMORTISED, Kind.EXTENDED))
    if kind == Kind.REAMORTISED:
        journal.add(kind, day, spread=rng.choice((Spread.BY_BALANCE, Spread.OVERDUE_INTEREST)))
    elif kind == Kind.EXTENDED:
        journal.add(kind, day, count=rng.randint(1, 2))
    else:
        journal.add(kind, day)


@pytest.mark.parametrize("part", range(4))
def test_a_loan_re_aged_or_re_amortised_that_ends_or_changes_again(part: int) -> None:
    """Interest that such an entry fixed stays or lapses, charges to come keep their rows, and money meets what is left."""
    for seed in range(200 + 8 * part, 208 + 8 * part):
        rng = random.Random(seed)
        terms = some_terms(rng)
        while not terms.progressive or terms.count < 3:
            terms = some_terms(rng)
        journal, period = Journal(rng), (end_of(terms) - FIRST) // terms.count
        if rng.random() < 0.6:
            journal.charge(FIRST + rng.randint(1, 3 * period))
        day = FIRST + rng.randint(period, 2 * period)
        if rng.random() < 0.5:
            journal.pay(day, rng.uniform(0.01, 0.3))
        spread = rng.choice(list(Spread)[:3])
        until, count = day + rng.randint(1, period), rng.randint(2, 4)
        journal.add(Kind.REAGED, day, until=until, count=count, every=1, unit=Unit.MONTH, spread=spread)
        day += rng.randint(1, 60)
        if rng.random() < 0.5:
            journal.pay(day, rng.uniform(0.01, 0.3))
        vary(journal, day + rng.randint(0, 20))
        journal.pay(day + 25, rng.uniform(0.01, 0.9))
        same(terms, journal, day + rng.randint(25, 90))


@pytest.mark.parametrize("part", range(2))
def test_charges_due_at_once_are_paid_early_and_taken_back_where_the_day_lies(part: int) -> None:
    """A charge of the day of the draw is in the first row; what is taken back of charges is owed in the row that holds the day."""
    for seed in range(300 + 12 * part, 312 + 12 * part):
        rng = random.Random(seed)
        terms = some_terms(rng)
        cumulative = seed % 3 == 0
        while terms.progressive is cumulative or terms.count < 3 or end_of(terms) - FIRST < 20 * terms.count:
            terms = some_terms(rng)
        terms = replace(terms, credit_order=tuple(rng.sample(range(4), 4)))
        journal, period = Journal(rng), (end_of(terms) - FIRST) // terms.count
        for _ in range(rng.randint(1, 3)):
            journal.charge(FIRST + rng.choice((0, 0, 1, period)))
        day = FIRST + rng.randint(1, period - 1)
        journal.pay(day, rng.uniform(0.01, 0.4))
        paid = journal.entries[-1]
        for back in sorted(rng.choice((day, day + period // 2, end_of(terms) - 1)) for _ in range(2)):
            amount = rng.randint(1, paid.amount // 2 + 1)
            journal.add(Kind.CHARGED_BACK, back, amount=min(amount, paid.amount // 2), target=paid.sequence)
        same(terms, journal, end_of(terms) + rng.randint(-5, 5))
