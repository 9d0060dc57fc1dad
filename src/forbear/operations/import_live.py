"""What an import checks of live products' loans and their journals beyond what it checks of all."""

from typing import Final

import numpy as np

from forbear.engine.live.terms import RATE_STEP
from forbear.engine.vocabulary import FEE, FEE_CHARGED, INTEREST, NEVER, RATE_CHANGED
from forbear.formats.columns import Columns
from forbear.formats.schema import LIVE_KINDS, ONLY_WITH, PLANNED
from forbear.operations.import_products import Shelf

TOO_FINE: Final = ("has more than six decimals", "round it: a live schedule counts in millionths")


def check_live_loans(columns: Columns, data: dict[str, np.ndarray], shelf: Shelf) -> None:
    """Complain of what loans of a live product cannot have."""
    live = np.append(shelf.regimes() > PLANNED, False)[data["product"]]
    if not live.any():
        return
    grace = np.array([*(row.product.principal_grace for row in shelf.rows), 0], np.int64)
    elsewhere = "is a term of planned loans"
    for wrong, name, message, mend in (
        (data["rate"] % RATE_STEP > 0, "rate", *TOO_FINE),
        (data["penalty_rate"] > 0, "penalty_rate", elsewhere, "leave it empty: charge a penalty by an entry"),
        (
            data["interest_free_until"] < NEVER,
            "interest_free_until",
            elsewhere,
            "leave it empty, and record interest_paused",
        ),
        (
            data["count"] <= grace[data["product"]],
            "count",
            "leaves no instalment after the product's principal_grace",
            "give more instalments, or another product",
        ),
    ):
        columns.complain_all(live & wrong & ~columns.bad, name, message, mend)


def check_live_kinds(columns: Columns, kind: np.ndarray, regime: np.ndarray) -> None:
    """Complain of kinds that a live loan's journal has not, and of those that change interest where a schedule cannot change.

    `regime` of each row: that of its loan's product (`forbear.formats.schema.regime_of`).
    """
    on_live = (regime > PLANNED) & (kind > 0)
    columns.complain_all(
        on_live & ~np.isin(kind, [int(k) for k in LIVE_KINDS]),
        "kind",
        "has no meaning on a live schedule",
        "write one of: " + ", ".join(k.name.lower() for k in LIVE_KINDS),
    )
    for changes, least in ONLY_WITH.items():
        columns.complain_all(
            on_live & (kind == int(changes)) & (regime < least),
            "kind",
            "changes interest that this loan's schedule has written already",
            "leave the row out, or give the loan a product whose schedule can change",
        )


def check_live_entries(columns: Columns, rows: np.ndarray, regime: np.ndarray) -> None:
    """Complain of a rate that is no interest or too fine, and of a charge that is interest or principal; `rows`: NEW_ENTRY."""
    live = (regime > PLANNED) & ~columns.bad
    changed = live & (rows["kind"] == RATE_CHANGED)
    columns.complain_all(changed & (rows["rate"] % RATE_STEP > 0), "rate", *TOO_FINE)
    columns.complain_all(
        changed & (rows["component"] != INTEREST), "component", "has no rate on a live loan", "write interest"
    )
    named = columns.text("component").lengths() > 0
    columns.complain_all(
        live & named & (rows["kind"] == FEE_CHARGED) & (rows["component"] < FEE),
        "component",
        "is nothing that is charged",
        "write fee or penalty",
    )
