"""Cases with the entries and terms of docs/algorithms/changes.md: what `cases.py` draws, and everything else.

`changing_case(random.Random(seed))`: a case is a function of its seed.
"""

import random
from dataclasses import replace
from datetime import date
from fractions import Fraction

from tests.support.cases import (
    ALL,
    Case,
    Entry,
    History,
    amount_of,
    random_terms,
    rate_of,
)
from tests.support.oracle_dates import EPOCH, civil

PAUSES = ("interest_paused", "delinquency_paused", "moratorium_started")
DATED = ("due_date_moved", "payment_holiday", "extended", "reamortised", "reaged")
ENDS = ("delinquency_resumed", "moratorium_ended")
LAST = ("accelerated", "charged_off", "sold")
MONEY = ("merchant_refunded", "goodwill_credited", "interest_refunded")
MEANT = ("paid_to_component", "paid_to_instalment")
CHANGES = ("rate_changed", *PAUSES, *DATED, *ENDS, *LAST, *MONEY, *MEANT)
COMPONENTS = ("penalty", "fee", "interest", "principal")


def more_terms(rng, terms, start):
    """The terms of sections 1, 3, 5 and 7, mostly as plain as most contracts."""
    unit = rng.choice(("month", "month", "month", "week", "day"))
    terms = replace(
        terms,
        unit=unit,
        every=rng.choice((7, 10, 30)) if unit == "day" else rng.choice((1, 1, 2, 3)),
        month_end=rng.choice(("clamp", "roll")),
        due_day=rng.choice((civil(terms.plan[0][0])[2], civil(start)[2], 31)),
        repricing=rng.choice(("relevel", "keep")),
        charge_off=rng.choice(("regular", "zero_interest", "accelerate")),
    )
    if rng.random() < 0.6:
        return terms
    rate = Fraction(rng.choice((5, 100, 325, 1000)), 10_000)
    return replace(
        terms,
        principal_grace=rng.choice((0, 0, 1, 2, 3)),
        interest_grace=rng.choice((0, 0, 1, 2, 3)),
        down_payment=rng.choice((Fraction(0), Fraction(0), Fraction(1, 4), Fraction(1, 10))),
        draw_fee_flat=rng.choice((0, 0, 500)),
        draw_fee_rate=rng.choice((Fraction(0), Fraction(0), rate)),
        row_fee_flat=rng.choice((0, 0, 0, 120)),
        row_fee_rate=rng.choice((Fraction(0), Fraction(0), rate)),
    )


class Life(History):
    """A history in which terms change as well."""

    def change(self, kinds, count):
        """Some changes, on days that matter or on any."""
        rng, last = self.rng, self.terms.plan[-1][0] + 120
        known = [self.start] + [row[0] for row in self.terms.plan[:8]]
        for _ in range(count):
            day = rng.choice(known) + rng.choice((0, 0, -1, 1, 2, 12))
            if rng.random() < 0.3:
                day = rng.randint(self.start, last)
            self.write(rng.choice(kinds), max(self.start, day))

    def write(self, kind, day):
        """One entry of that kind, with what that kind has to say."""
        rng, fields = self.rng, {}
        amount = max(1, self.amount * rng.randint(1, 60) // 100)
        if kind == "rate_changed":
            daily = self.terms.day_count == "daily"
            fields = {
                "component": rng.choice(("interest", "interest", "penalty")),
                "rate": rate_of(rng, daily),
            }
        elif kind in PAUSES:
            fields["until"] = day + rng.choice((1, 5, 6, 30, 31, 90, 200))
            if kind != "interest_paused" and rng.random() < 0.3:
                fields["until"] = 0
        elif kind in ("due_date_moved", "reaged"):
            fields["until"] = day + rng.choice((1, 5, 15, 31, 31, 45, 100))
        if kind == "paid_to_component":
            fields["component"] = rng.choice(COMPONENTS)
        if kind == "paid_to_instalment":
            fields["until"] = rng.choice(self.terms.plan)[0]
        if kind in ("payment_holiday", "extended", "reaged"):
            fields["count"] = rng.choice((1, 1, 2, 3, 6, 12))
        if kind == "due_date_moved":
            amount = rng.choice((0, 0, max(1, self.amount // len(self.terms.plan))))
        elif kind not in (*MONEY, *MEANT, "sold"):
            amount = 0
        order = rng.getrandbits(40) << 12 | len(self.entries)
        self.entries.append(Entry(kind, day, amount, order=order, key=f"k{len(self.entries)}", **fields))


def changing_case(rng: random.Random, kinds=CHANGES) -> Case:
    """A loan that follows its schedule, more or less, while its terms change under it."""
    seed = rng.getrandbits(48)
    rng = random.Random(seed)
    start = date(rng.randint(2018, 2030), rng.randint(1, 12), 1).toordinal() - EPOCH + rng.randint(0, 30)
    amount = amount_of(rng, 100)
    terms = more_terms(rng, random_terms(rng, start, amount), start)
    life = Life(rng, terms, start, amount)
    style = rng.choice(("few", "few", "few", "many", "chaos"))
    if style != "chaos":
        life.follow(rng.choice((0.95, 0.7, 0.3)), asks=1)
    life.change(
        kinds, {"few": rng.randint(1, 2), "many": rng.randint(3, 6), "chaos": rng.randint(5, 15)}[style]
    )
    if style != "few":
        life.anything(rng.randint(1, 8), (*ALL, "written_off"))
    if rng.random() < 0.3:
        life.settle()
    if rng.random() < 0.25:
        life.reverse(rng.randint(1, 2))
    entries = list(life.entries)
    rng.shuffle(entries)
    return Case(terms, tuple(entries), seed)
