"""Products in words and back: the form in which they are stored, imported and shown.

Enumerations become their lower-case names, rates decimal strings, tuples lists. The round trip is exact.
"""

from collections.abc import Mapping
from dataclasses import MISSING, fields
from enum import IntEnum
from typing import Any

from forbear.engine.live import words as live
from forbear.engine.live.product import BY_ROW, IN_TURN, LiveProduct
from forbear.engine.live.vocabulary import Allocation
from forbear.engine.plan import Unit
from forbear.engine.terms import AnyProduct, Product
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
REGIME, PLANNED, LIVE = "regime", "planned", "live"
"""The word by which stored terms tell a live product; those of a planned one say nothing."""

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


def to_words(product: AnyProduct) -> dict[str, Any]:
    """The product's terms as JSON values; code, currency and name stand apart. Those of a live one say so: `regime`."""
    words: dict[str, Any] = {REGIME: LIVE} if isinstance(product, LiveProduct) else {}
    for spec in fields(product):
        value = getattr(product, spec.name)
        if spec.name in NOT_TERMS or value is None:
            continue
        if spec.name in (ENUMERATIONS.keys() | live.ENUMERATIONS.keys()):
            words[spec.name] = value.name.lower()
        elif spec.name in (RATES | live.RATES):
            words[spec.name] = rate_text(value)
        elif spec.name in live.WAYS and isinstance(product, LiveProduct):
            words[spec.name] = live.way_words(value, product.allocation)
        elif spec.name in (ORDERS | live.ORDERS):
            words[spec.name] = [component.name.lower() for component in value]
        else:
            words[spec.name] = list(value) if isinstance(value, tuple) else value
    return words


def _value(name: str, word: Any, enumerations: Mapping[str, type[IntEnum]]) -> Any:
    if name in enumerations:
        return enumerations[name][str(word).upper()]
    if name in RATES | live.RATES:
        return scaled_rate(word)
    if name in ORDERS | live.ORDERS:
        return tuple(Component[part.upper()] for part in word)
    return tuple(word) if isinstance(word, list) else word


def from_words(code: str, currency: str, words: Mapping[str, Any], name: str = "") -> AnyProduct:
    """The product that `to_words` described; terms left out take their defaults.

    Raises ValueError, naming the term, for a term or a word that does not exist.
    """
    kind: type[AnyProduct] = LiveProduct if words.get(REGIME) == LIVE else Product
    enumerations = live.ENUMERATIONS if kind is LiveProduct else ENUMERATIONS
    known = {spec.name: spec for spec in fields(kind) if spec.name not in NOT_TERMS}
    values: dict[str, Any] = {}
    for term, word in words.items():
        if term in LOAN_DEFAULTS or term == REGIME:
            continue
        if term not in known:
            raise ValueError(f'product {code}: no term is called "{term}"; the terms are {", ".join(known)}')
        if kind is LiveProduct and term in live.WAYS:
            continue
        try:
            values[term] = _value(term, word, enumerations)
        except KeyError:
            allowed = enumerations.get(term, Component).__members__
            raise ValueError(
                f'product {code}: {term} cannot be "{word}"; use one of {", ".join(map(str.lower, allowed))}'
            ) from None
    if kind is LiveProduct:
        allocation = values.get("allocation", Allocation.HORIZONTAL)
        values |= {term: live.way_from(words[term], allocation) for term in live.WAYS & words.keys()}
        if allocation in BY_ROW:
            values.setdefault("payment_rule", IN_TURN)
    missing = [n for n, spec in known.items() if spec.default is MISSING and n not in values]
    if missing:
        raise ValueError(f"product {code}: {', '.join(missing)} must be given")
    return kind(code=code, currency=currency, name=name, **values)
