"""Products in words and back: the form in which they are stored, imported and shown.

Enumerations become their lower-case names, rates decimal strings, tuples lists. The round trip is exact.
"""

from collections.abc import Mapping
from dataclasses import MISSING, fields
from enum import IntEnum
from typing import Any

from forbear.engine.plan import Unit
from forbear.engine.terms import Product
from forbear.engine.vocabulary import (
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
from forbear.kernel.daycounts import DayCount
from forbear.kernel.days import MonthEnd
from forbear.kernel.rates import RATE_SCALE
from forbear.kernel.rounding import Rounding

ENUMERATIONS: Mapping[str, type[IntEnum]] = {
    "amortisation": Amortisation,
    "interest_method": InterestMethod,
    "day_count": DayCount,
    "unit": Unit,
    "month_end": MonthEnd,
    "instalment_rounding": Rounding,
    "interest_rounding": Rounding,
    "interest_residue": Residue,
    "overdue_interest": OverdueInterest,
    "penalty_base": PenaltyBase,
    "prepayment": Prepayment,
    "repricing": Repricing,
    "charge_off": ChargeOff,
}
RATES = frozenset({"late_rate", "cost_cap", "down_payment", "draw_fee_rate", "row_fee_rate"})
ORDERS = frozenset({"order", "order_after"})
NOT_TERMS = frozenset({"code", "currency", "name"})
LOAN_DEFAULTS = frozenset({"penalty_rate", "penalty_multiple"})
"""Kept beside the terms: the penalty rate of a loan that names none. Not terms: each loan holds its own rate."""


def rate_text(scaled: int) -> str:
    """A rate of 10**-10 units as a decimal string without trailing zeros: 1 449 000 000 is "0.1449"."""
    whole, part = divmod(scaled, RATE_SCALE)
    return f"{whole}.{part:010d}".rstrip("0").rstrip(".")


def scaled_rate(text: str) -> int:
    """A decimal string as 10**-10 units, exactly. Raises ValueError for more than ten decimals or another form."""
    whole, _, part = text.partition(".")
    if not (whole + part).isdecimal() or len(part) > 10:
        raise ValueError(f'rate "{text}": write it as a decimal with at most ten places, such as "0.1449"')
    return int(whole or "0") * RATE_SCALE + int(part.ljust(10, "0"))


def to_words(product: Product) -> dict[str, Any]:
    """The product's terms as JSON values; code, currency and name stand apart."""
    words: dict[str, Any] = {}
    for spec in fields(product):
        value = getattr(product, spec.name)
        if spec.name in NOT_TERMS:
            continue
        if spec.name in ENUMERATIONS:
            words[spec.name] = value.name.lower()
        elif spec.name in RATES:
            words[spec.name] = rate_text(value)
        elif spec.name in ORDERS:
            words[spec.name] = [component.name.lower() for component in value]
        else:
            words[spec.name] = list(value) if isinstance(value, tuple) else value
    return words


def _value(name: str, word: Any) -> Any:
    if name in ENUMERATIONS:
        return ENUMERATIONS[name][str(word).upper()]
    if name in RATES:
        return scaled_rate(word)
    if name in ORDERS:
        return tuple(Component[part.upper()] for part in word)
    return tuple(word) if isinstance(word, list) else word


def from_words(code: str, currency: str, words: Mapping[str, Any], name: str = "") -> Product:
    """The product that `to_words` described; terms left out take their defaults.

    Raises ValueError, naming the term, for a term or a word that does not exist.
    """
    known = {spec.name: spec for spec in fields(Product) if spec.name not in NOT_TERMS}
    values: dict[str, Any] = {}
    for term, word in words.items():
        if term in LOAN_DEFAULTS:
            continue
        if term not in known:
            raise ValueError(f'product {code}: no term is called "{term}"; the terms are {", ".join(known)}')
        try:
            values[term] = _value(term, word)
        except KeyError:
            allowed = ENUMERATIONS.get(term, Component).__members__
            raise ValueError(
                f'product {code}: {term} cannot be "{word}"; use one of {", ".join(map(str.lower, allowed))}'
            ) from None
    missing = [n for n, spec in known.items() if spec.default is MISSING and n not in values]
    if missing:
        raise ValueError(f"product {code}: {', '.join(missing)} must be given")
    return Product(code=code, currency=currency, name=name, **values)
