"""The early end of a live contract, by the engine and by the oracle. docs/algorithms/live-schedule.md, section 8."""

import pytest

from forbear.engine.live.vocabulary import Kind
from tests.unit.engine.test_live_reamortise import DRAW, DUE, FIRST, TERMS, by_engine, by_oracle, entry


@pytest.fixture(params=[by_engine, by_oracle])
def fold(request):
    return request.param


def ended(on, sequence=9):
    return entry(sequence, Kind.ACCELERATED, on)


def test_all_principal_is_due_on_the_day_with_the_interest_earned_by_it(fold):
    rows, (amount, portions) = fold(TERMS, [DRAW, ended(DUE[1] - 1)], DUE[1] - 1)
    assert rows == [([10_000, 56, 0, 0], [0, 0, 0, 0], False)]
    assert (amount, portions) == (10_056, [10_000, 56, 0, 0])


def test_nothing_is_earned_after_it(fold):
    journal = [DRAW, ended(DUE[1] - 1)]
    assert fold(TERMS, journal, DUE[6])[0] == fold(TERMS, journal, DUE[1] - 1)[0]


def test_paying_what_it_tells_leaves_nothing(fold):
    day = DUE[2] + 7
    _, (amount, _) = fold(TERMS, [DRAW, ended(day)], day)
    paid = entry(10, Kind.PAID, day + 30, amount=amount, payment=1)
    rows, _ = fold(TERMS, [DRAW, ended(day), paid], day + 30)
    assert all(met for _, _, met in rows)


@pytest.mark.parametrize(
    "before", [Kind.ACCELERATED, Kind.CHARGED_OFF, Kind.WRITTEN_OFF], ids=lambda kind: kind.name.lower()
)
def test_it_has_no_effect_once_nothing_accrues(fold, before):
    day = DUE[2] + 7
    journal = [DRAW, entry(2, before, day)]
    rows, (amount, _) = fold(TERMS, [*journal, ended(day + 10)], day + 10)
    assert amount == 0
    assert rows == fold(TERMS, journal, day + 10)[0]


VARIED = (
    (Kind.RATE_CHANGED, {"rate": 9 * 10**8}),
    (Kind.INTEREST_PAUSED, {"until": DUE[4]}),
    (Kind.EXTENDED, {"count": 2}),
    (Kind.REAMORTISED, {}),
    (Kind.REAGED, {"until": DUE[4], "count": 3, "every": 1, "unit": TERMS.unit}),
)


@pytest.mark.parametrize("before", [Kind.ACCELERATED, Kind.WRITTEN_OFF], ids=lambda kind: kind.name.lower())
@pytest.mark.parametrize(("varied", "said"), VARIED, ids=[kind.name.lower() for kind, _ in VARIED])
def test_nothing_varies_what_has_ended(fold, before, varied, said):
    """Such an entry is refused where one is recorded; a journal that has it is folded as if it had not."""
    day = DUE[2] + 7
    journal = [DRAW, entry(2, before, day), entry(4, Kind.PAID, day + 20, amount=1000, payment=1)]
    with_it = [*journal[:2], entry(3, varied, day + 10, **said), journal[2]]
    assert fold(TERMS, with_it, DUE[5]) == fold(TERMS, journal, DUE[5])


def test_it_has_no_effect_before_a_draw(fold):
    rows, (amount, _) = fold(TERMS, [ended(FIRST - 5, sequence=0), DRAW, ended(FIRST - 4)], FIRST)
    assert amount == 0
    assert rows == fold(TERMS, [DRAW], FIRST)[0]


def test_reversing_it_leaves_what_its_absence_would_have_left(fold):
    day = DUE[2] + 7
    paid = entry(11, Kind.PAID, day + 2, amount=2000, payment=1)
    undo = entry(10, Kind.REVERSED, day + 1, target=9)
    rows, _ = fold(TERMS, [DRAW, ended(day), undo, paid], day + 5)
    assert rows == fold(TERMS, [DRAW, paid], day + 5)[0]
