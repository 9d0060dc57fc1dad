"""Cases in which later versions of the terms come into force: docs/algorithms/changes.md, section 8.

`restructured_case(random.Random(seed))`: a case is a function of its seed.
"""

import random
from dataclasses import replace

from tests.support.cases import Case, Entry, Version, random_terms
from tests.support.changing import changing_case, more_terms

CHARGES = ("interest", "fee", "penalty")


def version_of(rng: random.Random, number: int, day: int, amount: int) -> Version:
    """Any terms, agreed on a day: mostly with the first row to come, and all sorts of arrears made principal or not."""
    terms = more_terms(rng, random_terms(rng, day, amount), day)
    return Version(
        number,
        replace(terms, rates=terms.rates[:1]),
        day + rng.choice((1, 10, 28, 31, 31, 45, 90, 0)),
        1 if terms.kind == "bullet" else rng.choice((1, 2, 3, 6, 12, 24)),
        tuple(name for name in CHARGES if rng.random() < 0.5),
    )


def restructured_case(rng: random.Random) -> Case:
    """A loan of `changing_case` with one to three more versions of its terms, and a little of what happens afterwards."""
    case = changing_case(rng)
    rng = random.Random(case.seed ^ 0x5EED)
    drawn = min((e.effective_on, e.amount) for e in case.entries if e.kind == "disbursed")
    (start, amount), last = drawn, case.terms.plan[-1][0]
    versions, entries = [], list(case.entries)

    def add(kind, day, amount=0, count=0):
        order = rng.getrandbits(40) << 12 | len(entries)
        entries.append(Entry(kind, day, amount, order=order, key=f"r{len(entries)}", count=count))

    for number in range(2, 2 + rng.choice((1, 1, 2, 3))):
        day = rng.choice((rng.randint(start, last + 60), rng.choice(case.terms.plan)[0], start))
        versions.append(version_of(rng, number, day, amount))
        add("restructured", day, count=number if rng.random() < 0.95 else 9)
        for _ in range(rng.choice((0, 1, 2, 4))):
            add("paid", day + rng.randint(0, 150), max(1, amount * rng.randint(1, 40) // 100))
        if rng.random() < 0.3:
            add("fee_charged", day + rng.randint(0, 60), max(1, amount // 50))
    rng.shuffle(entries)
    return Case(replace(case.terms, versions=tuple(versions)), tuple(entries), case.seed)
