"""What a refusal names, and rules at their edges. docs/reference/refusals.md."""

import pytest

from forbear.engine.life import Entry, judge
from forbear.engine.vocabulary import NEVER
from forbear.engine.vocabulary import EntryKind as K
from forbear.kernel.money import MAX_AMOUNT
from tests.unit.engine.test_life import CASES, DRAWN, PAUSED, STILL, TODAY, loan, new, undone, was

NAMED = {
    "in_the_future": {"on": 101, "today": 100},
    "ends_before_it_begins": {"on": 50, "until": 50},
    "reversed_already": {"target": 2, "by": 9},
    "sum_too_large": {"total": MAX_AMOUNT + 1, "most": MAX_AMOUNT},
    "charged_off_before_money": {"on": 39, "last": 40},
    "more_than_agreed": {"asked": 501, "left": 500},
    "version_unknown": {"count": 2},
    "version_in_use": {"count": 2, "sequence": 3},
    "version_begins_too_late": {"on": 50, "first": 50},
    "rate_set_twice": {"sequence": 3, "on": 50},
    "pause_beyond_end": {"until": 61, "last": 60},
    "pauses_overlap": {"on": 50},
    "more_than_paid": {"asked": 101, "left": 100},
    "adjusts_before_income": {"on": 44, "first": 45},
    "more_than_deferred": {"asked": 61, "left": 60},
    "more_than_credit": {"asked": 51, "left": 50},
    "more_than_open": {"asked": 21, "left": 20},
}


def refused(stands, entry: Entry) -> str | None:
    found = judge(stands, entry, TODAY)
    return None if found is None else found.rule


@pytest.mark.parametrize(("rule", "stands", "bad"), [case[:3] for case in CASES], ids=[c[0] for c in CASES])
def test_a_refusal_names_what_was_asked_and_what_may_be(rule, stands, bad) -> None:
    found = judge(stands, bad, TODAY)
    assert found is not None
    assert found.says == NAMED.get(rule, {})


class TestPauses:
    @pytest.mark.parametrize(
        ("kind", "on", "until", "overlaps"),
        [
            (K.INTEREST_PAUSED, 40, 50, False),
            (K.INTEREST_PAUSED, 40, 51, True),
            (K.INTEREST_PAUSED, 60, 0, False),
            (K.INTEREST_PAUSED, 40, 0, True),
            (K.MORATORIUM_STARTED, 59, 70, True),
            (K.DELINQUENCY_PAUSED, 50, 60, False),
        ],
    )
    def test_two_that_stop_the_same_thing_may_touch(self, kind, on, until, overlaps) -> None:
        found = refused(loan(STILL), new(kind, on, until=until))
        assert found == ("pauses_overlap" if overlaps else None)

    def test_one_without_an_end_goes_beyond_every_end(self) -> None:
        found = judge(loan(pauses_end=60), new(K.INTEREST_PAUSED, until=0), TODAY)
        assert found is not None
        assert (found.rule, found.says) == ("pause_beyond_end", {"until": NEVER, "last": 60})

    @pytest.mark.parametrize(("resumed", "running"), [(50, False), (55, False), (49, True)])
    def test_it_ends_when_it_is_resumed_on_its_day_or_later(self, resumed, running) -> None:
        again = Entry(sequence=4, kind=K.DELINQUENCY_RESUMED, on=resumed)
        found = refused(loan(PAUSED, again), new(K.DELINQUENCY_RESUMED, 58))
        assert found == (None if running else "not_paused")

    def test_the_first_of_two_resumptions_ends_it(self) -> None:
        ends = [Entry(sequence=4 + k, kind=K.DELINQUENCY_RESUMED, on=on) for k, on in enumerate((58, 54))]
        assert refused(loan(PAUSED, *ends), new(K.DELINQUENCY_PAUSED, 55)) is None
        assert refused(loan(PAUSED, *ends), new(K.DELINQUENCY_PAUSED, 53)) == "pauses_overlap"

    def test_the_end_of_a_moratorium_ends_no_other_pause(self) -> None:
        ended = Entry(sequence=4, kind=K.MORATORIUM_ENDED, on=55)
        assert refused(loan(PAUSED, ended), new(K.DELINQUENCY_PAUSED, 57)) == "pauses_overlap"
        assert refused(loan(was(K.MORATORIUM_STARTED, 50), ended), new(K.MORATORIUM_STARTED, 55)) is None

    def test_on_its_first_day_it_runs_and_on_its_end_it_does_not(self) -> None:
        short = was(K.DELINQUENCY_PAUSED, 50, until=60)
        for on, rule in ((49, "not_paused"), (50, None), (59, None), (60, "not_paused")):
            assert refused(loan(short), new(K.DELINQUENCY_RESUMED, on)) == rule


class TestMoney:
    @pytest.mark.parametrize(("second", "rule"), [(30, None), (40, None), (41, "draw_in_use")])
    def test_a_draw_may_go_if_another_was_there_by_the_first_that_needs_one(self, second, rule) -> None:
        other = was(K.DISBURSED, second, amount=10)
        assert refused(loan(other), new(K.REVERSED, target=1)) == rule

    def test_a_fee_is_money_that_a_charge_off_must_not_come_before(self) -> None:
        fee = was(K.FEE_CHARGED, 45, amount=5)
        assert refused(loan(fee), new(K.CHARGED_OFF, 44)) == "charged_off_before_money"
        assert refused(loan(fee), new(K.CHARGED_OFF, 45)) is None
        assert refused(loan(fee, undone(3)), new(K.CHARGED_OFF, 44)) is None

    def test_what_is_taken_back_in_parts_is_the_payment_at_most(self) -> None:
        parts = [Entry(sequence=3 + k, kind=K.CHARGED_BACK, on=45, amount=100, target=2) for k in (0, 1)]
        for amount, rule in ((100, None), (101, "more_than_paid")):
            assert refused(loan(*parts), new(K.CHARGED_BACK, target=2, amount=amount)) == rule
        of_another = Entry(sequence=3, kind=K.PAID, on=45, amount=50)
        assert refused(loan(of_another, parts[1]), new(K.CHARGED_BACK, target=3, amount=50)) is None

    def test_draws_reversed_may_be_drawn_again(self) -> None:
        second = was(K.DISBURSED, 20, amount=500)
        for stands, most in ((loan(second, agreed=1_500), 0), (loan(second, undone(3), agreed=1_500), 500)):
            assert refused(stands, new(K.DISBURSED, amount=most + 1)) == "more_than_agreed"
            assert most == 0 or refused(stands, new(K.DISBURSED, amount=most)) is None

    def test_more_drawn_than_is_agreed_now_leaves_nothing(self) -> None:
        found = judge(loan(agreed=900), new(K.DISBURSED, amount=1), TODAY)
        assert found is not None
        assert found.says == {"asked": 1, "left": 0}

    @pytest.mark.parametrize("component", range(4))
    def test_each_component_has_its_own_that_is_open(self, component: int) -> None:
        stands = loan(open=(40, 30, 20, 10))
        left = 40 - 10 * component
        assert refused(stands, new(K.WAIVED, component=component, amount=left)) is None
        assert refused(stands, new(K.WAIVED, component=component, amount=left + 1)) == "more_than_open"

    def test_the_same_rate_may_be_set_on_another_day(self) -> None:
        rate = was(K.RATE_CHANGED, 50, component=1, rate=5)
        assert refused(loan(rate), new(K.RATE_CHANGED, 51, component=1)) is None
        assert refused(loan(rate, undone(3)), new(K.RATE_CHANGED, 50, component=1)) is None

    def test_a_draw_is_not_money_received(self) -> None:
        assert refused(loan(), new(K.CHARGED_BACK, target=DRAWN.sequence, amount=1)) == "target_no_payment"
