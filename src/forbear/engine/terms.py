"""Terms as people write them, and their resolution to the engine's integers.

A `Product` is what a lender offers, or a `LiveProduct` where the loans have a live schedule; `LOAN_TERMS` is what one loan adds
to it. Terms are immutable: a restructuring is a
later version (`VERSION_TERMS`), never an edit.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from forbear.engine.batch import NO_LATER, Batch
from forbear.engine.layout import ENTRY, I8, PLAN, RATE, TERMS, VERSION
from forbear.engine.live.many import live_loans
from forbear.engine.live.product import LiveProduct
from forbear.engine.plan import Unit, plan_dates
from forbear.engine.sweep import LaterTerms
from forbear.engine.vocabulary import (
    M_BUCKETS,
    NEVER,
    Amortisation,
    ChargeOff,
    Component,
    InterestMethod,
    OverdueInterest,
    PenaltyBase,
    Prepayment,
    Repricing,
    Residue,
)
from forbear.kernel.daycounts import DayCount, denominator
from forbear.kernel.days import MonthEnd
from forbear.kernel.rates import RATE_SCALE
from forbear.kernel.rounding import Rounding

DAYS_IN_RATE_YEAR = 365
"""A daily rate (日利率) is held as 365 times itself over 365 days, so that yearly caps can stand beside it exactly."""

MAX_INSTALMENTS = 1000

LOAN_TERMS = np.dtype(
    [
        (name, I8)
        for name in (
            "loan",
            "product",  # place in the sequence of products
            "rate",  # contract rate in 10**-10, per year or, for a DAILY product, per day
            "penalty_rate",  # likewise
            "first_due_on",
            "count",
            "due_day",  # wanted day of the month, 0: that of first_due_on
            "instalment",  # fixed by the contract, 0: computed
            "interest_free_until",  # first day that bears interest, 0: the first of all
        )
    ]
)
"""What a loan adds to its product: one record per loan, all int64."""

VERSION_TERMS = np.dtype(
    [
        (name, I8)
        for name in (
            *("loan", "number", "product", "rate", "penalty_rate", "first_due_on", "count", "due_day"),
            *("instalment", "capitalised"),
        )
    ]
)
"""A later version of a loan's terms, by LOAN_TERMS' names: `number` from 2 on, `capitalised` has bit 1 << component for
each component whose unpaid sum becomes principal."""

CONTRACT_ORDER = (Component.PENALTY, Component.FEE, Component.INTEREST, Component.PRINCIPAL)
PRINCIPAL_FIRST = (Component.PRINCIPAL, Component.INTEREST, Component.FEE, Component.PENALTY)

NOT_NEGATIVE = (
    "penalty_grace",
    "tolerance",
    "late_flat",
    "late_rate",
    "late_most",
    "late_grace",
    "cost_cap",
    "order_after_days",
    "nonaccrual_after",
    *("principal_grace", "interest_grace", "down_payment"),
    *("draw_fee_flat", "draw_fee_rate", "row_fee_flat", "row_fee_rate"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A lender's product (产品): everything its loans have in common. Rates are whole numbers of 10**-10.

    `docs/reference/products.md` explains each field; `docs/algorithms/fold.md` what it does.
    """

    code: str
    currency: str
    amortisation: Amortisation
    interest_method: InterestMethod = InterestMethod.DAILY_BALANCE
    day_count: DayCount = DayCount.ACT_365F
    unit: Unit = Unit.MONTH
    every: int = 1
    month_end: MonthEnd = MonthEnd.CLAMP
    multiple: int = 1
    instalment_rounding: Rounding = Rounding.HALF_UP
    interest_rounding: Rounding = Rounding.HALF_UP
    interest_residue: Residue = Residue.DROPPED
    overdue_interest: OverdueInterest = OverdueInterest.REPLACED
    penalty_base: PenaltyBase = PenaltyBase.PRINCIPAL
    penalty_grace: int = 0
    penalty_retroactive: bool = False
    tolerance: int = 0
    late_flat: int = 0
    late_rate: int = 0
    late_most: int = 0
    late_grace: int = 0
    order: tuple[Component, ...] = CONTRACT_ORDER
    vertical: bool = False
    order_after: tuple[Component, ...] = PRINCIPAL_FIRST
    order_after_days: int = 0
    prepayment: Prepayment = Prepayment.NEXT
    cost_cap: int = 0
    nonaccrual_after: int = 91
    repricing: Repricing = Repricing.RELEVEL
    charge_off: ChargeOff = ChargeOff.REGULAR
    principal_grace: int = 0
    interest_grace: int = 0
    down_payment: int = 0
    draw_fee_flat: int = 0
    draw_fee_rate: int = 0
    row_fee_flat: int = 0
    row_fee_rate: int = 0
    buckets: tuple[int, ...] = M_BUCKETS
    name: str = field(default="", compare=False)

    def problems(self) -> list[str]:
        """What makes these terms impossible, in words; empty if nothing does. Business refusals are values."""
        found = []
        if self.interest_method == InterestMethod.FLAT and self.amortisation == Amortisation.EQUAL_INSTALMENT:
            found.append("a flat rate has equal principal parts: use amortisation equal_principal")
        if self.interest_method != InterestMethod.DAILY_BALANCE and self.day_count == DayCount.DAILY:
            found.append(
                "a rate per day needs interest_method daily_balance; period and flat rates are per year"
            )
        if self.interest_residue == Residue.CARRIED and self.interest_method != InterestMethod.DAILY_BALANCE:
            found.append("a residue is carried with interest_method daily_balance only")
        found += [
            f"{name} must name principal, interest, fee and penalty once each"
            for name in ("order", "order_after")
            if sorted(getattr(self, name)) != sorted(Component)
        ]
        if 0 < self.late_most < self.late_flat:
            found.append(
                "late_most is below late_flat: a late charge cannot be at least the one and at most the other"
            )
        if self.down_payment > RATE_SCALE:
            found.append("down_payment is a part of the draw: at most 1")
        if any(a >= b for a, b in pairwise((0, *self.buckets))):
            found.append("buckets must be ascending days past due, from 1")
        found += [f"{name} must be at least 1" for name in ("multiple", "every") if getattr(self, name) < 1]
        found += [f"{name} must not be negative" for name in NOT_NEGATIVE if getattr(self, name) < 0]
        return found


AnyProduct = Product | LiveProduct


def shared_terms(product: AnyProduct) -> Product:
    """The product, or, of a live one, what products of both regimes say: the rest of it is nobody's."""
    if isinstance(product, Product):
        return product
    return Product(
        code=product.code,
        currency=product.currency,
        amortisation=Amortisation.EQUAL_INSTALMENT,
        tolerance=product.tolerance,
        nonaccrual_after=product.nonaccrual_after,
        buckets=product.buckets,
    )


def _digits(order: Sequence[Component]) -> int:
    return sum(int(component) * 4**place for place, component in enumerate(order))


def _rate_factor(product: Product) -> int:
    return DAYS_IN_RATE_YEAR if product.day_count == DayCount.DAILY else 1


def terms_record(product: Product, bucket_set: int) -> np.ndarray:
    """The product's part of a TERMS record: an array of one.

    Raises ValueError if the product has `problems()`.
    """
    problems = product.problems()
    if problems:
        raise ValueError(f"product {product.code}: " + "; ".join(problems))
    day_count = DayCount.ACT_365F if product.day_count == DayCount.DAILY else product.day_count
    record = np.zeros(1, TERMS)
    for name in (
        "amortisation",
        "interest_method",
        "multiple",
        "instalment_rounding",
        "interest_rounding",
        "interest_residue",
        "overdue_interest",
        "penalty_base",
        "penalty_grace",
        "penalty_retroactive",
        "tolerance",
        "late_flat",
        "late_most",
        "late_grace",
        "vertical",
        "order_after_days",
        "prepayment",
        "cost_cap",
        "nonaccrual_after",
        *("unit", "every", "month_end", "repricing", "charge_off", "principal_grace", "interest_grace"),
        *("draw_fee_flat", "row_fee_flat"),
    ):
        record[name] = int(getattr(product, name))
    record["rate_factor"] = _rate_factor(product)
    record["period_numerator"] = product.every
    record["part_denominator"] = RATE_SCALE
    record["down_numerator"] = product.down_payment
    record["draw_fee_numerator"] = product.draw_fee_rate
    record["row_fee_numerator"] = product.row_fee_rate
    record["day_count"] = day_count
    record["denominator"] = RATE_SCALE * denominator(day_count)
    record["period_denominator"] = RATE_SCALE * product.unit.per_year
    record["late_numerator"] = product.late_rate
    record["late_denominator"] = RATE_SCALE
    record["order"] = _digits(product.order)
    record["order_after"] = _digits(product.order_after)
    record["bucket_set"] = bucket_set
    return record


def bucket_table(products: Sequence[Product]) -> np.ndarray:
    """Bucket bounds of each product, a row each, padded with `NEVER`."""
    longest = max((len(product.buckets) for product in products), default=0) + 1
    table = np.full((len(products), longest), NEVER, np.int64)
    for row, product in zip(table, products, strict=True):
        row[: len(product.buckets)] = product.buckets
    return table


def _rate_steps(
    loans: np.ndarray, rate: np.ndarray, factor: np.ndarray, per_period: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Rate steps and their bounds: one step per loan, two where the beginning is free of interest."""
    free = loans["interest_free_until"] > 0
    bounds = np.concatenate(([0], np.cumsum(1 + free)))
    steps = np.zeros(bounds[-1], RATE)
    last = bounds[1:] - 1
    steps["from_day"][last] = np.where(free, loans["interest_free_until"], 0)
    steps["interest"][last] = rate
    steps["penalty"][last] = loans["penalty_rate"] * factor
    steps["per_period"][last] = rate * per_period
    steps["penalty"][last[free] - 1] = steps["penalty"][last[free]]
    return steps, bounds


def _day_of_month(days: np.ndarray) -> np.ndarray:
    """Days of the month, 1 to 31, of day numbers."""
    dates = days.astype("datetime64[D]")
    return (dates - dates.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64) + 1


def _due_day(loans: np.ndarray) -> np.ndarray:
    return np.where(loans["due_day"] > 0, loans["due_day"], _day_of_month(loans["first_due_on"]))


def _later_terms(
    products: Sequence[AnyProduct], records: np.ndarray, versions: np.ndarray, bounds: np.ndarray
) -> LaterTerms:
    """Later versions (VERSION_TERMS) resolved, given the products' records. Raises ValueError for one with a live schedule."""
    if not len(versions):
        return NO_LATER
    live = {product.code for product in products if isinstance(product, LiveProduct)}
    for place in np.unique(versions["product"]).tolist():
        if products[place].code in live:
            raise ValueError(f"product {products[place].code}: a live schedule is no later version of terms")
    terms, opens = records.take(versions["product"]), np.zeros(len(versions), VERSION)
    terms["loan"], terms["instalment"], terms["due_day"] = (
        versions["loan"],
        versions["instalment"],
        _due_day(versions),
    )
    for name in ("number", "first_due_on", "count", "capitalised"):
        opens[name] = versions[name]
    cap = np.where(terms["cost_cap"] > 0, terms["cost_cap"], NEVER)
    opens["interest"] = np.minimum(versions["rate"] * terms["rate_factor"], cap)
    opens["penalty"] = versions["penalty_rate"] * terms["rate_factor"]
    opens["per_period"] = opens["interest"] * terms["period_numerator"]
    return LaterTerms(terms, opens, np.asarray(bounds, np.int64))


NO_PLAN = np.zeros(0, PLAN)
NO_VERSIONS = np.zeros(0, VERSION_TERMS), np.zeros(1, np.int64)


def compile_batch(
    products: Sequence[AnyProduct],
    loans: np.ndarray,
    entries: np.ndarray,
    entry_bounds: np.ndarray,
    instalments: np.ndarray = NO_PLAN,
    versions: tuple[np.ndarray, np.ndarray] = NO_VERSIONS,
) -> Batch:
    """Resolve loans to a `Batch`.

    `loans`: LOAN_TERMS of N; `entries`: ENTRY, those of loan i at entry_bounds[i]:entry_bounds[i + 1]; `instalments`: PLAN
    rows of the loans with custom products, `count` of each, in the order of the loans; `versions`: later versions of the loans'
    terms (VERSION_TERMS), and the bounds of each loan's. Loans of live products are told apart here once and for all
    (`Batch.live`).
    Raises ValueError if a product is impossible, or if the instalments are not as many as the counts say.
    """
    shared = [shared_terms(product) for product in products]
    live = {at: product for at, product in enumerate(products) if isinstance(product, LiveProduct)}
    records = np.concatenate([terms_record(product, place) for place, product in enumerate(shared)])
    place = loans["product"]
    whose = np.flatnonzero(np.isin(place, list(live))) if live else np.zeros(0, np.int64)
    terms = records.take(place)  # some ten times as quick as records[place]
    terms["loan"] = loans["loan"]
    terms["instalment"] = loans["instalment"]
    terms["due_day"] = _due_day(loans)
    factor = np.array([_rate_factor(product) for product in shared], np.int64)[place]
    every = np.array([product.every for product in shared], np.int64)[place]
    cap = np.array([product.cost_cap or NEVER for product in shared], np.int64)[place]
    rates, rate_bounds = _rate_steps(loans, np.minimum(loans["rate"] * factor, cap), factor, every)
    count = loans["count"].copy()
    count[whose] = 0
    plan, plan_bounds = plan_dates(
        loans["first_due_on"],
        count,
        loans["due_day"],
        every,
        np.array([product.unit for product in shared], np.int64)[place],
        np.array([product.month_end for product in shared], np.int64)[place],
    )
    planned = np.array([product.amortisation == Amortisation.CUSTOM for product in shared], np.bool_)[place]
    own = np.repeat(planned, count)
    if int(own.sum()) != len(instalments):
        raise ValueError(
            f"{int(own.sum())} instalments are planned by the loans themselves, {len(instalments)} given"
        )
    plan[own] = instalments
    return Batch(
        terms=terms,
        rates=rates,
        rate_bounds=rate_bounds.astype(np.int64),
        plan=plan.astype(PLAN, copy=False),
        plan_bounds=plan_bounds,
        entries=entries.astype(ENTRY, copy=False),
        entry_bounds=np.asarray(entry_bounds, np.int64),
        buckets=bucket_table(shared),
        live=live_loans(live, whose, loans) if len(whose) else None,
        later=_later_terms(products, records, *versions),
    )
