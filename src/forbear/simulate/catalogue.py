"""What the synthetic lender offers: examples of terms common in China, not claims about anyone's product of the day."""

from dataclasses import dataclass
from typing import Final

from forbear.engine.plan import Unit
from forbear.engine.terms import CONTRACT_ORDER, PRINCIPAL_FIRST, Product
from forbear.engine.vocabulary import (
    Amortisation,
    InterestMethod,
    OverdueInterest,
    PenaltyBase,
    Prepayment,
)
from forbear.kernel.daycounts import DayCount
from forbear.kernel.rates import RATE_SCALE

PER_DAY: Final = RATE_SCALE // 100_000
"""One hundred-thousandth a day (0.00001): daily rates are quoted in steps of five of these."""
PER_CENT: Final = RATE_SCALE // 100


@dataclass(frozen=True, slots=True)
class Offer:
    """A product, and what the draws made under it look like.

    Attributes:
        product: the terms they share.
        share: of a hundred loans, how many are of this product.
        rates: lowest rate, highest rate and step, in 10**-10.
        penalty: the penalty rate as (numerator, denominator) of the contract rate.
        counts: the numbers of instalments there are to choose from.
        amounts: least and greatest principal, in minor units.
        free_days: interest-free days at the start that some draws get.
    """

    product: Product
    share: int
    rates: tuple[int, int, int]
    penalty: tuple[int, int]
    counts: tuple[int, ...]
    amounts: tuple[int, int]
    free_days: int = 0


OFFERS: Final = (
    Offer(
        Product(
            code="draw-annuity",
            name="随借随还 等额本息",
            currency="CNY",
            amortisation=Amortisation.EQUAL_INSTALMENT,
            day_count=DayCount.DAILY,
            prepayment=Prepayment.NEXT,
            cost_cap=24 * PER_CENT,
        ),
        share=34,
        rates=(35 * PER_DAY, 60 * PER_DAY, 5 * PER_DAY),
        penalty=(3, 2),
        counts=(6, 12, 12),
        amounts=(500_00, 50_000_00),
        free_days=7,
    ),
    Offer(
        Product(
            code="draw-interest-first",
            name="随借随还 先息后本",
            currency="CNY",
            amortisation=Amortisation.INTEREST_ONLY,
            day_count=DayCount.DAILY,
            cost_cap=24 * PER_CENT,
        ),
        share=12,
        rates=(35 * PER_DAY, 55 * PER_DAY, 5 * PER_DAY),
        penalty=(3, 2),
        counts=(6, 12),
        amounts=(1_000_00, 80_000_00),
    ),
    Offer(
        Product(
            code="micro-principal",
            name="小额信用 等额本金",
            currency="CNY",
            amortisation=Amortisation.EQUAL_PRINCIPAL,
            day_count=DayCount.DAILY,
            prepayment=Prepayment.SHORTEN,
        ),
        share=26,
        rates=(20 * PER_DAY, 50 * PER_DAY, 5 * PER_DAY),
        penalty=(3, 2),
        counts=(5, 10, 20),
        amounts=(500_00, 200_000_00),
    ),
    Offer(
        Product(
            code="bank-consumer",
            name="银行消费贷 等额本息",
            currency="CNY",
            amortisation=Amortisation.EQUAL_INSTALMENT,
            day_count=DayCount.ACT_360,
            overdue_interest=OverdueInterest.REPLACED,
            penalty_base=PenaltyBase.PRINCIPAL_AND_INTEREST,
            penalty_grace=3,
            penalty_retroactive=True,
            tolerance=10_00,
            order=CONTRACT_ORDER,
            order_after=PRINCIPAL_FIRST,
            order_after_days=90,
            prepayment=Prepayment.LOWER,
        ),
        share=16,
        rates=(4 * PER_CENT, 18 * PER_CENT, PER_CENT // 2),
        penalty=(3, 2),
        counts=(12, 24, 36),
        amounts=(10_000_00, 300_000_00),
    ),
    Offer(
        Product(
            code="flat-instalment",
            name="场景分期 固定费率",
            currency="CNY",
            amortisation=Amortisation.EQUAL_PRINCIPAL,
            interest_method=InterestMethod.FLAT,
            overdue_interest=OverdueInterest.CONTINUES,
            penalty_base=PenaltyBase.NONE,
            late_flat=10_00,
            late_rate=2 * PER_CENT,
            late_grace=3,
            cost_cap=24 * PER_CENT,
        ),
        share=8,
        rates=(3 * PER_CENT, 9 * PER_CENT, PER_CENT // 2),
        penalty=(0, 1),
        counts=(3, 6, 9, 12),
        amounts=(300_00, 12_000_00),
    ),
    Offer(
        Product(
            code="bullet",
            name="短期周转 一次性还本付息",
            currency="CNY",
            amortisation=Amortisation.BULLET,
            day_count=DayCount.DAILY,
            unit=Unit.DAY,
            cost_cap=24 * PER_CENT,
        ),
        share=4,
        rates=(40 * PER_DAY, 60 * PER_DAY, 5 * PER_DAY),
        penalty=(3, 2),
        counts=(1,),
        amounts=(500_00, 20_000_00),
    ),
)
"""The whole shelf. Its order is the products' place in a generated book."""


def products() -> tuple[Product, ...]:
    """The products alone, in their places."""
    return tuple(offer.product for offer in OFFERS)
