"""A case's terms in Forbear's words. What they cannot say is told as a reason, from the words used alone."""

from forbear.engine.live.terms import LiveTerms, Rule
from forbear.engine.live.vocabulary import (
    Advance,
    Allocation,
    ChargeOff,
    InterestOn,
    Recalculation,
    Schedule,
    Spread,
)
from forbear.engine.plan import Unit
from tests.conformance.cases import cents, day, rate


class NotExpressibleError(Exception):
    """The terms or the journal have no word for this."""


PAYMENTS = {
    "default": 0,
    "repayment": 1,
    "merchant_issued_refund": 2,
    "payout_refund": 3,
    "goodwill_credit": 4,
    "interest_payment_waiver": 5,
    "down_payment": 7,
    "charge_adjustment": 8,
    "interest_refund": 9,
    "charge_payment": 10,
    "capitalized_income_adjustment": 11,
}
TIMINGS = {"past_due": 0, "due": 1, "in_advance": 2}
COMPONENTS = {"principal": 0, "interest": 1, "fee": 2, "penalty": 3}
UNITS = {"days": Unit.DAY, "weeks": Unit.WEEK, "months": Unit.MONTH}
ADVANCES = {
    "next_installment": Advance.NEXT_ROW,
    "last_installment": Advance.LAST_ROW,
    "next_last_installment": Advance.CURRENT_THEN_LAST,
    "reamortization": Advance.ALL_ROWS,
}
CHARGE_OFFS = {
    "regular": ChargeOff.REGULAR,
    "zero_interest": ChargeOff.NO_INTEREST,
    "accelerate_maturity": ChargeOff.ACCELERATE,
}
SPREADS = {
    "default": Spread.BY_BALANCE,
    "equal_amortization_payable_interest": Spread.EARNED_INTEREST,
    "equal_amortization_full_interest": Spread.ALL_INTEREST,
    "equal_amortization_interest_split": Spread.OVERDUE_INTEREST,
}
RECALCULATIONS = {
    "reduce_emi_amount": Recalculation.LOWER_LEVEL,
    "reduce_number_of_installments": Recalculation.FEWER_ROWS,
    "reschedule_next_repayments": Recalculation.NEXT_ROWS,
}
PER_YEAR = {"year": 1, "month": 12, "week": 52, "day": 365}
WHEN = {
    "specified_due_date": 0,
    "overdue_fee": 0,
    "installment_fee": 1,
    "disbursement": 2,
    "tranche_disbursement": 2,
}
CALCULATION = {
    "flat": 0,
    "percent_of_amount": 1,
    "percent_of_amount_plus_interest": 2,
    "percent_of_interest": 3,
    "percent_of_disbursed_amount": 4,
}


def bucket(name):
    """timing * 4 + component of a bucket such as past_due_fee."""
    timing, component = name.rsplit("_", 1)
    return TIMINGS[timing] * 4 + COMPONENTS[component]


def orders(words):
    """Components in the order in which they are named."""
    plural = {"penalties": 3, "fees": 2, "penalty": 3, "fee": 2, "interest": 1, "principal": 0}
    return tuple(plural[word] for word in words.split("_"))


def allocation(terms):
    """(allocation, rules) of the terms."""
    told = terms["allocation"]
    if told["strategy"] == "rules":
        kind = Allocation.VERTICAL if terms["allocation_processing"] == "vertical" else Allocation.HORIZONTAL
        rules = tuple(
            Rule(
                PAYMENTS[rule["transaction_type"]],
                tuple(bucket(name) for name in rule["order"]),
                ADVANCES[rule["future_installments"]],
            )
            for rule in told["rules"]
            if rule["transaction_type"] in PAYMENTS
        )
        return kind, rules
    if told["strategy"].startswith("due_"):
        due, advance = told["strategy"].removeprefix("due_").split("__in_advance_")
        return Allocation.DUE_THEN_ADVANCE, (Rule(0, orders(due) + orders(advance)),)
    return Allocation.ROW_BY_ROW, (Rule(0, orders(told["strategy"]) * 2),)


def refuse_unknown(terms):
    """What no option says."""
    recalculation = terms["interest_recalculation"] or {}
    if recalculation.get("compounding", "none") != "none":
        raise NotExpressibleError("compounding in interest_recalculation")
    if terms["grace"]["interest_free_installments"]:
        raise NotExpressibleError("grace.interest_free_installments")
    if terms["repayments"]["unit"] not in UNITS:
        raise NotExpressibleError(f"repayments.unit {terms['repayments']['unit']}")


def credit_order(told):
    """Order in which a take-back is added."""
    rules = told.get("credit_rules") or []
    return tuple(COMPONENTS[name] for name in rules[0]["order"]) if rules else ()


def recalculated(terms):
    """What early money changes; nothing where interest is flat, or none, or follows the balance anyway."""
    written_once = terms["interest"]["method"] == "flat" or float(terms["interest"]["rate_percent"]) == 0
    if terms["schedule_type"] == "progressive" or written_once:
        return Recalculation.NOT_AGAIN
    return RECALCULATIONS[terms["interest_recalculation"]["advance_payment_adjustment"]]


def live_terms(terms, **changes):
    """The terms of a case."""
    refuse_unknown(terms)
    interest, recalculation = terms["interest"], terms["interest_recalculation"]
    kind, rules = allocation(terms)
    counted = terms["repayments"]["first_due_counted_from"] == "submitted_on_date"
    progressive = terms["schedule_type"] == "progressive"
    multiple = terms["amortisation"]["installment_multiple_of"]
    down = terms["down_payment"]
    values = {
        "schedule": Schedule.LIVE if progressive and recalculation else Schedule.FIXED,
        "progressive": progressive,
        "rate": rate(interest["rate_percent"]) * PER_YEAR[interest["rate_per"]],
        "count": terms["repayments"]["count"],
        "every": terms["repayments"]["every"],
        "unit": UNITS[terms["repayments"]["unit"]],
        "rules": rules,
        "allocation": kind,
        "interest_on": InterestOn.FLAT if interest["method"] == "flat" else InterestOn.DECLINING,
        "by_period": interest["calculation_period"] != "daily",
        "partial_periods": interest["partial_period"],
        "year_days": 0 if interest["days_in_year"] == "actual" else interest["days_in_year"],
        "month_thirty": interest["days_in_month"] == 30,
        "leap_day_rule": interest["leap_year_rule"] == "feb_29_period_only",
        "first_day_counts": interest["recognised_on_disbursement_date"],
        "equal_principal": terms["amortisation"]["type"] == "equal_principal_payments",
        "counted_from": day(terms["submitted_on"]) if counted else 0,
        "multiple": cents(str(multiple)) if multiple else 0,
        "level": cents(terms["amortisation"]["fixed_emi"]),
        "term_length": terms["amortisation"]["fixed_length_days"] or 0,
        "principal_grace": terms["grace"]["principal_installments"],
        "interest_grace": terms["grace"]["interest_payment_installments"],
        "down_payment": rate(down["percent"]) if down["enabled"] else 0,
        "credit_order": credit_order(terms["allocation"]),
        "charge_off": CHARGE_OFFS[terms["charge_off_behaviour"]],
        "factor_places": 19,
        "full_term_per_draw": terms["disbursement"]["full_term_per_tranche"],
    }
    if (
        recalculation
    ):  # its `advance_payment_adjustment` is for cumulative schedules; here the rule of allocation says it
        values |= {
            "rest_at_due_date": recalculation["rest_frequency"] == "same_as_repayment",
            "payoff_to_due_date": recalculation["pre_closure_interest"] == "till_rest_frequency_date",
            "recalculation": recalculated(terms),
            "overdue_daily": False,  # until a day end computes interest
            "past_due_earns": not recalculation["no_interest_on_past_due"],
        }
    return LiveTerms(**(values | changes))
