"""Where interest is a tie: half to even, or to the side on which a factor of nineteen places puts it. Section 11 of the page."""

import dataclasses
from fractions import Fraction

import pytest

from forbear.engine.live.door import fold_live
from forbear.engine.live.presets import preset
from forbear.engine.live.terms import LiveEntry
from forbear.engine.live.vocabulary import Kind
from forbear.engine.plan import Unit
from tests.support.live.fold import Loan

FIRST = 19_723
"""2024-01-01."""


def terms(rate, **more):
    return preset("fineract-progressive", rate=rate * 10**8, count=3, every=1, unit=Unit.MONTH, **more)


def drawn(*parts):
    """Draws: how many days after the first day, and minor units."""
    return [
        LiveEntry(sequence=k, kind=Kind.DISBURSED, on=FIRST + days, recorded_on=FIRST + days, amount=amount)
        for k, (days, amount) in enumerate(parts, 1)
    ]


def first_interest(said, entries):
    """Interest of the first row, by the engine; all rows are equal to the oracle's."""
    rows = fold_live(said, entries, FIRST).rows
    found = [[int(part) for part in row["claimed"][:2]] for row in rows]
    assert found == [row.claimed[:2] for row in Loan(said, entries).run(FIRST).rows]
    return found[0][1]


@pytest.mark.parametrize(
    ("rate", "amount", "even", "by_places"),
    [
        (7, 750_00, 438, 437),  # 0.00583333...: the factor is cut, and 4.375 lies above it
        (5, 10_80, 4, 5),  # 0.00416666...7: the factor is rounded up, and 0.045 lies below it
        (12, 10_50, 10, 10),  # 0.01 is no longer than nineteen places: a tie as before
        (12, 11_50, 12, 12),
    ],
)
def test_a_tie_falls_to_the_side_of_its_factor(rate, amount, even, by_places):
    assert first_interest(terms(rate), drawn((0, amount))) == even
    assert first_interest(terms(rate, factor_places=19), drawn((0, amount))) == by_places


def ties(rate, first, days):
    """Second draws after so many days with which the interest of the first row is a tie."""
    month = Fraction(rate, 1200)
    for second in range(1, 9_000):
        earned = first * month * days / 31 + (first + second) * month * (31 - days) / 31
        if earned % 1 == Fraction(1, 2):
            yield second


def test_ties_of_two_balances():
    places, found = 0, 0
    for rate in (5, 7, 11):
        for days in (3, 15, 28):
            for first in (12_00, 31_00, 60_00):
                for second in list(ties(rate, first, days))[:2]:
                    entries = drawn((0, first), (days, second))
                    even = first_interest(terms(rate), entries)
                    places += even != first_interest(terms(rate, factor_places=19), entries)
                    found += 1
    assert found >= 15
    assert 0 < places < found


def test_other_places_are_no_terms():
    wrong = dataclasses.replace(terms(7), factor_places=12)
    assert wrong.problems() == ["factor_places must be 19, or 0 for exact factors: change it"]
