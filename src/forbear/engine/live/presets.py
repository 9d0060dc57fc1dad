"""Sets of options under a name: what a lender that comes from another system starts from. Each is values of options, no more."""

from collections.abc import Mapping
from typing import Any, Final

from forbear.engine.live.terms import LiveTerms, Rule
from forbear.engine.live.vocabulary import Advance, Allocation, Schedule, Timing

_COMPONENTS: Final = (3, 2, 1, 0)
"""Penalties, fees, interest, principal."""

PRESETS: Final[Mapping[str, Mapping[str, Any]]] = {
    "fineract-progressive": {
        "schedule": Schedule.LIVE,
        "allocation": Allocation.HORIZONTAL,
        "rules": (
            Rule(0, tuple(timing * 4 + part for timing in Timing for part in _COMPONENTS), Advance.NEXT_ROW),
        ),
        "year_days": 360,
        "month_thirty": True,
    },
    "fineract-cumulative": {
        "schedule": Schedule.FIXED,
        "progressive": False,
        "allocation": Allocation.ROW_BY_ROW,
        "rules": (Rule(0, _COMPONENTS * 2),),
        "by_period": True,
    },
}


def preset(name: str, **values: Any) -> LiveTerms:
    """Terms that start from a preset; what is given counts before it. Raises KeyError if there is no such preset."""
    return LiveTerms(**{**PRESETS[name], **values})
