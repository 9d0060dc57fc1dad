"""Live products in words and back: the form in which they are stored, imported and shown. Beside `forbear.engine.words`."""

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType
from typing import Final

from forbear.engine.live.product import BY_ROW, OTHER_MONEY, Way
from forbear.engine.live.vocabulary import Advance, Allocation, ChargeOf, InterestOn, Schedule, Spread, Timing
from forbear.engine.plan import Unit
from forbear.engine.vocabulary import COMPONENTS, ChargeOff, Component

ENUMERATIONS: Final[Mapping[str, type[IntEnum]]] = MappingProxyType(
    {
        "schedule": Schedule,
        "unit": Unit,
        "allocation": Allocation,
        "interest_on": InterestOn,
        "charge_off": ChargeOff,
        "reage_spread": Spread,
        "reamortise_spread": Spread,
        "row_fee_of": ChargeOf,
    }
)
RATES: Final = frozenset({"down_payment", "draw_fee_rate", "row_fee_rate"})
ORDERS: Final = frozenset({"credit_order"})
WAYS: Final = frozenset(OTHER_MONEY)
"""Terms that say how one sort of payment is allocated: a word for which rows early money goes to, then the order."""

TIMING_WORDS: Final = tuple(timing.name.lower() for timing in Timing)


def way_words(way: Way, allocation: Allocation) -> list[str]:
    """A way of allocation as words: `next_row past_due_penalty ... in_advance_principal`."""
    parts = [Component(part % COMPONENTS).name.lower() for part in way.order]
    if allocation in BY_ROW:
        timings = ["due"] * COMPONENTS + ["in_advance"] * COMPONENTS
    else:
        timings = [TIMING_WORDS[part // COMPONENTS] for part in way.order]
    return [
        way.advance.name.lower(),
        *(f"{timing}_{part}" for timing, part in zip(timings, parts, strict=False)),
    ]


def way_from(words: list[str], allocation: Allocation) -> Way:
    """The way that these words say; a first word that names rows may be left out.

    Raises ValueError for a word that means nothing, or, by row, a part in advance before one that is due.
    """
    known = [advance.name.lower() for advance in Advance]
    advance = Advance[words[0].upper()] if words[:1] and words[0] in known else Advance.NEXT_ROW
    order, early = [], False
    for word in words[1 if words[:1] and words[0] in known else 0 :]:
        timing, _, part = word.rpartition("_")
        if timing not in TIMING_WORDS or part not in _COMPONENTS:
            raise ValueError(
                f'"{word}" is no part of a debt: write past_due_interest, due_fee, in_advance_principal, ...'
            )
        if allocation not in BY_ROW:
            order.append(TIMING_WORDS.index(timing) * COMPONENTS + _COMPONENTS[part])
            continue
        if timing == "past_due" or (early and timing == "due"):
            raise ValueError(f'"{word}": by row, name the parts that are due, then those in advance')
        early = timing == "in_advance"
        order.append(_COMPONENTS[part])
    return Way(advance, tuple(order))


_COMPONENTS: Final = MappingProxyType({component.name.lower(): int(component) for component in Component})
