"""The flows of a loan of the book, as agreed and so far, told by hand. docs/algorithms/cost.md, section 1."""

import pytest

from forbear.engine.batch import fold, kept_back
from forbear.engine.cost.loan import agreed_flows, history_flows, live_entries
from forbear.engine.live.product import LiveProduct
from forbear.engine.terms import Product
from forbear.engine.vocabulary import (
    CHARGED_BACK,
    DISBURSED,
    FEE,
    FEE_CHARGED,
    GOODWILL_CREDITED,
    MERCHANT_REFUNDED,
    PAID,
    REFUNDED,
    REVERSED,
    WAIVED,
    WRITTEN_OFF,
    Amortisation,
    EntryKind,
    InterestMethod,
)
from forbear.kernel.daycounts import DayCount
from tests.support.one_loan import DRAW, FIRST_DUE, batch_of_one

PLAIN = Product(
    code="P",
    currency="CNY",
    amortisation=Amortisation.EQUAL_PRINCIPAL,
    interest_method=InterestMethod.PERIOD_RATE,
    day_count=DayCount.THIRTY_E_360,
)
YEARLY = 12 * 10**8
"""12% a year: 1% of what is left each month, so 1200, 800 and 400 on 120000 in three equal parts."""
DUE = (FIRST_DUE, 162, 192)
AGREED = [(DRAW, -120_000), (DUE[0], 41_200), (DUE[1], 40_800), (DUE[2], 40_400)]


def entry(kind: int, on: int, amount: int = 0, **more: int) -> dict[str, int]:
    return {"kind": kind, "effective_on": on, "amount": amount, **more}


DRAWN = entry(DISBURSED, DRAW, 120_000)


def loan(*entries: dict[str, int], **more):
    return batch_of_one(*entries, product=PLAIN, rate=YEARLY, **more)


def by_day(flows) -> list[tuple[int, int]]:
    return sorted((int(flow.day), int(flow.amount)) for flow in flows)


class TestAgreed:
    @pytest.mark.parametrize(
        "later",
        [
            (),
            (entry(PAID, DUE[0] + 20, 5_000),),
            (entry(PAID, DRAW + 1, 120_000), entry(REFUNDED, DRAW + 2, 10)),
            (entry(FEE_CHARGED, DRAW + 1, 700, component=FEE),),
            (entry(WRITTEN_OFF, DUE[1] + 5),),
        ],
        ids=["nothing", "a late payment", "repaid at once", "a later fee", "written off"],
    )
    def test_it_is_the_plan_whatever_has_happened_since(self, later) -> None:
        assert by_day(agreed_flows(loan(DRAWN, *later))) == AGREED

    def test_a_fee_on_a_day_of_pay_out_is_paid_with_what_is_due_then(self) -> None:
        fee = entry(FEE_CHARGED, DRAW, 500, component=FEE)
        assert by_day(agreed_flows(loan(DRAWN, fee))) == [AGREED[0], (DRAW, 500), *AGREED[1:]]

    def test_a_second_draw_is_of_the_contract_and_its_rows_ask_more(self) -> None:
        """60000 more on the first due date, over the two rows to come: 30000 more each, and 1% of what is left."""
        found = by_day(agreed_flows(loan(DRAWN, entry(DISBURSED, DUE[0], 60_000))))
        assert found == [
            (DRAW, -120_000),
            (DUE[0], -60_000),
            (DUE[0], 41_200),
            (DUE[1], 70_000 + 1_400),
            (DUE[2], 70_000 + 700),
        ]

    def test_what_was_reversed_was_never_agreed(self) -> None:
        fee, second = entry(FEE_CHARGED, DRAW, 500, component=FEE), entry(DISBURSED, DUE[0], 60_000)
        undone = (entry(REVERSED, 200, target=2), entry(REVERSED, 200, target=3))
        assert by_day(agreed_flows(loan(DRAWN, fee, second, *undone))) == AGREED

    def test_a_loan_not_drawn_has_no_flows(self) -> None:
        assert agreed_flows(loan()) == []

    def test_of_a_live_loan_what_is_kept_back_is_paid_on_the_day_of_the_draw(self) -> None:
        live = batch_of_one(
            entry(DISBURSED, DRAW, 1_200), product=LiveProduct(code="L", currency="CNY", draw_fee_flat=90)
        )
        assert by_day(agreed_flows(live)) == [(DRAW, -1_200), (DRAW, 90), *((day, 400) for day in DUE)]


class TestHistory:
    def test_money_both_ways_and_at_the_end_the_payoff(self) -> None:
        """Paid in full for the first row; of the rest 80000, and 1% for the month begun when it is repaid early."""
        batch = loan(DRAWN, entry(PAID, DUE[0], 41_200), entry(PAID, DUE[1] + 9, 1_000))
        found = by_day(history_flows(batch, DUE[0]))
        assert found == [(DRAW, -120_000), (DUE[0], 41_200), (DUE[0], 80_000)]
        later = by_day(history_flows(batch, DUE[1] + 8))
        assert later[:2] == [(DRAW, -120_000), (DUE[0], 41_200)]
        assert later[2:] == [(DUE[1] + 8, int(fold(batch, DUE[1] + 8)[0]["payoff"]))]

    def test_a_flow_of_the_day_asked_about_counts_and_one_of_the_next_does_not(self) -> None:
        batch = loan(DRAWN, entry(PAID, DUE[0], 41_200))
        assert (DUE[0], 41_200) in by_day(history_flows(batch, DUE[0]))
        assert [day for day, _ in by_day(history_flows(batch, DUE[0] - 1))] == [DRAW, DUE[0] - 1]

    def test_paid_too_much_is_credit_that_would_be_given_back(self) -> None:
        batch = batch_of_one(entry(DISBURSED, DRAW, 1_200), entry(PAID, 110, 1_300))
        assert by_day(history_flows(batch, 120)) == [(DRAW, -1_200), (110, 1_300), (120, -100)]

    def test_a_settled_loan_has_nothing_more_to_come(self) -> None:
        batch = batch_of_one(entry(DISBURSED, DRAW, 1_200), entry(PAID, 110, 1_200))
        assert by_day(history_flows(batch, 120)) == [(DRAW, -1_200), (110, 1_200)]

    @pytest.mark.parametrize(
        ("kind", "before", "amount", "moved"),
        [
            (REFUNDED, 1_300, 60, -60),
            (CHARGED_BACK, 300, 300, -300),
            (MERCHANT_REFUNDED, 0, 250, 250),
            (EntryKind.RECOVERED, 0, 250, 250),
            (GOODWILL_CREDITED, 0, 250, 0),
            (WAIVED, 0, 250, 0),
        ],
    )
    def test_what_passes_between_the_two_is_a_flow_and_what_the_lender_gives_up_is_not(
        self, kind: int, before: int, amount: int, moved: int
    ) -> None:
        paid = [entry(PAID, 110, before)] if before else []
        target = {"target": 2} if kind == CHARGED_BACK else {}
        batch = batch_of_one(entry(DISBURSED, DRAW, 1_200), *paid, entry(kind, 115, amount, **target))
        flows = [flow for flow in by_day(history_flows(batch, 120)) if flow[0] == 115]
        assert flows == ([(115, moved)] if moved else [])

    def test_a_reversed_payment_never_passed(self) -> None:
        batch = batch_of_one(
            entry(DISBURSED, DRAW, 1_200), entry(PAID, 110, 700), entry(REVERSED, 112, target=2)
        )
        assert by_day(history_flows(batch, 120)) == [(DRAW, -1_200), (120, 1_200)]
        assert live_entries(batch)["sequence"].tolist() == [1]

    def test_of_a_live_loan_fees_are_kept_back_from_the_draws_so_far(self) -> None:
        product = LiveProduct(code="L", currency="CNY", draw_fee_flat=90)
        batch = batch_of_one(entry(DISBURSED, DRAW, 1_200), entry(DISBURSED, FIRST_DUE, 600), product=product)
        assert kept_back(batch, FIRST_DUE - 1) == [(DRAW, 90)]
        assert kept_back(batch, FIRST_DUE) == [(DRAW, 90), (FIRST_DUE, 90)]
        assert kept_back(loan(DRAWN), FIRST_DUE) == []
        assert by_day(history_flows(batch, FIRST_DUE - 1)) == [
            (DRAW, -1_200),
            (DRAW, 90),
            (FIRST_DUE - 1, 1_200),
        ]
