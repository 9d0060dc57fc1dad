"""Totals of a live loan's position: every entry of a kind adds to its own, however many there are."""

import numpy as np
import pytest

from forbear.engine.batch import fold
from forbear.engine.live.product import LiveProduct
from forbear.engine.vocabulary import (
    CHARGED_BACK,
    DISBURSED,
    FEE,
    FEE_CHARGED,
    GOODWILL_CREDITED,
    INTEREST_REFUNDED,
    MERCHANT_REFUNDED,
    NEVER,
    PAID,
    PENALTY,
    REFUNDED,
    WAIVED,
    WRITTEN_OFF,
    Component,
    Status,
)
from tests.support.one_loan import DRAW, FIRST_DUE, batch_of_one

OTHERS = (Component.PRINCIPAL, Component.FEE, Component.PENALTY)
PLAIN = LiveProduct(code="L", currency="CNY")
"""Free of interest: three rows of 400, so that every figure can be told by hand."""


def entry(kind: int, on: int, amount: int = 0, **more: int) -> dict[str, int]:
    return {"kind": kind, "effective_on": on, "amount": amount, **more}


DRAWN = entry(DISBURSED, DRAW, 1200)


def position(*entries: dict[str, int], on: int = 190, product: LiveProduct = PLAIN) -> np.void:
    return fold(batch_of_one(*entries, product=product), on)[0]


def told(found: np.void, *names: str) -> dict[str, int]:
    return {name: int(found[name]) for name in names}


@pytest.mark.parametrize(
    ("kind", "total"),
    [
        (PAID, "received"),
        (MERCHANT_REFUNDED, "received"),
        (GOODWILL_CREDITED, "credited"),
        (INTEREST_REFUNDED, "credited"),
    ],
)
def test_money_of_each_sort_adds_up_to_its_total(kind: int, total: str) -> None:
    found = position(DRAWN, entry(kind, 110, 100), entry(kind, 112, 30))
    other = {"received": "credited", "credited": "received"}[total]
    assert told(found, total, other, "paid_principal", "principal") == {
        total: 130,
        other: 0,
        "paid_principal": 130,
        "principal": 1070,
    }


def test_refunds_add_up_and_lessen_the_credit() -> None:
    paid = entry(PAID, 110, 1300)
    found = position(DRAWN, paid, entry(REFUNDED, 120, 60), entry(REFUNDED, 121, 25))
    assert told(found, "received", "refunded", "credit", "status") == {
        "received": 1300,
        "refunded": 85,
        "credit": 15,
        "status": Status.CLOSED,
    }


def test_charge_backs_add_up_and_are_owed_again() -> None:
    journal = (DRAWN, entry(PAID, 110, 100), entry(PAID, 111, 50))
    found = position(
        *journal, entry(CHARGED_BACK, 120, 100, target=2), entry(CHARGED_BACK, 121, 50, target=3)
    )
    assert told(found, "received", "charged_back", "principal") == {
        "received": 150,
        "charged_back": 150,
        "principal": 1200,
    }


def test_interest_that_is_taken_back_is_unpaid_again_and_principal_is_owed_again() -> None:
    product = LiveProduct(code="L", currency="CNY", credit_order=(Component.INTEREST, *OTHERS))
    journal = (DRAWN, entry(PAID, FIRST_DUE, 200))
    back = entry(CHARGED_BACK, FIRST_DUE + 2, 200, target=2)
    before, after = (
        fold(batch_of_one(*entries, product=product, rate=36 * 10**8), FIRST_DUE + 3)[0]
        for entries in (journal, (*journal, back))
    )
    assert before["paid_interest"] + before["paid_principal"] == 200
    assert before["paid_interest"] > 0
    assert told(after, "paid_interest", "principal") == {"paid_interest": 0, "principal": 1200}


def test_draws_and_the_fees_kept_back_of_them_add_up() -> None:
    product = LiveProduct(code="L", currency="CNY", draw_fee_flat=11)
    found = position(DRAWN, entry(DISBURSED, 105, 300), on=106, product=product)
    assert told(found, "disbursed", "received", "paid_fee", "charged_fee", "principal", "credit") == {
        "disbursed": 1500,
        "received": 22,
        "paid_fee": 22,
        "charged_fee": 22,
        "principal": 1500,
        "credit": 0,
    }


def test_charges_are_due_paid_waived_or_written_off_each_by_component() -> None:
    journal = (
        DRAWN,
        entry(FEE_CHARGED, 110, 70, component=FEE),
        entry(FEE_CHARGED, 111, 9, component=PENALTY),
        entry(PAID, FIRST_DUE, 9 + 20),
        entry(FEE_CHARGED, FIRST_DUE, 15, component=FEE),
        entry(WAIVED, FIRST_DUE + 1, 15, component=FEE, target=5),
    )
    names = (
        "due_fee",
        "paid_fee",
        "waived_fee",
        "charged_fee",
        "paid_penalty",
        "charged_penalty",
        "due_penalty",
    )
    assert told(position(*journal, on=FIRST_DUE + 1), *names) == {
        "due_fee": 50,
        "paid_fee": 20,
        "waived_fee": 15,
        "charged_fee": 85,
        "paid_penalty": 9,
        "charged_penalty": 9,
        "due_penalty": 0,
    }
    written = position(*journal, entry(WRITTEN_OFF, FIRST_DUE + 2), on=FIRST_DUE + 2)
    names = ("written_off_principal", "written_off_fee", "charged_fee", "principal", "due_fee", "status")
    assert told(written, *names) == {
        "written_off_principal": 1200,
        "written_off_fee": 50,
        "charged_fee": 85,
        "principal": 0,
        "due_fee": 0,
        "status": Status.WRITTEN_OFF,
    }


def test_money_after_a_write_off_is_recovered_as_far_as_it_goes() -> None:
    journal = (DRAWN, entry(PAID, 110, 200), entry(WRITTEN_OFF, 120))
    some = position(*journal, entry(PAID, 130, 300))
    assert told(some, "recovered", "credit", "status") == {
        "recovered": 300,
        "credit": 0,
        "status": Status.WRITTEN_OFF,
    }
    all_of_it = position(*journal, entry(PAID, 130, 1010))
    assert told(all_of_it, "recovered", "credit", "status") == {
        "recovered": 1000,
        "credit": 10,
        "status": Status.CLOSED,
    }


class TestDays:
    """Rows of 400 due on days 131, 162 and 192."""

    @pytest.mark.parametrize(
        ("on", "due", "overdue", "undue", "event"),
        [
            (DRAW, 0, 0, 1200, 131),
            (130, 0, 0, 1200, 131),
            (131, 400, 0, 800, 132),
            (132, 400, 400, 800, 162),
            (162, 800, 400, 400, None),
            (193, 1200, 1200, 0, None),
        ],
    )
    def test_a_row_is_due_on_its_date_and_overdue_from_the_next(self, on, due, overdue, undue, event) -> None:
        found = position(DRAWN, on=on)
        assert told(found, "due_principal", "overdue_principal", "undue", "principal") == {
            "due_principal": due,
            "overdue_principal": overdue,
            "undue": undue,
            "principal": 1200,
        }
        assert found["next_event_on"] > on
        if event:
            assert found["next_event_on"] == event

    @pytest.mark.parametrize(
        ("paid", "on", "next_on", "amount"),
        [
            (0, 130, 131, 400),
            (0, 131, 162, 400),
            (100, 130, 131, 300),
            (400, 130, 162, 400),
            (0, 192, NEVER, 0),
            (1200, 130, NEVER, 0),
        ],
    )
    def test_the_next_row_is_the_first_to_come_on_which_something_is_open(
        self, paid, on, next_on, amount
    ) -> None:
        journal = (DRAWN, entry(PAID, 110, paid)) if paid else (DRAWN,)
        found = position(*journal, on=on)
        assert (found["next_due_on"], found["next_due_amount"]) == (next_on, amount)

    def test_before_the_draw_a_payment_is_credit(self) -> None:
        found = position(entry(PAID, 90, 50), DRAWN, on=95)
        assert told(found, "status", "credit", "received", "principal", "period_start") == {
            "status": Status.PENDING,
            "credit": 50,
            "received": 50,
            "principal": 0,
            "period_start": 0,
        }
        assert found["next_event_on"] == DRAW

    def test_charges_of_rows_to_come_are_told_apart(self) -> None:
        fee = entry(FEE_CHARGED, 140, 70, component=FEE)
        penalty = entry(FEE_CHARGED, 141, 9, component=PENALTY)
        found = position(DRAWN, fee, penalty, on=150)
        assert told(found, "ahead_charges", "due_fee", "due_penalty") == {
            "ahead_charges": 79,
            "due_fee": 0,
            "due_penalty": 0,
        }
