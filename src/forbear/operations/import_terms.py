"""Terms that a loan and a later version of it are agreed by: their columns, and what is checked of them."""

import numpy as np

from forbear.engine.plan import Unit, due_date
from forbear.engine.terms import MAX_INSTALMENTS
from forbear.formats.columns import LARGEST_RATE, Columns
from forbear.kernel.compiled import compiled
from forbear.kernel.days import LAST_DATE, LAST_DAY
from forbear.operations.import_products import Shelf

LOOSE_DECIMALS = 4
"""Decimals allowed where the currency is not known because the product is not: as many as any currency has."""


def decimals_of(product: np.ndarray, shelf: Shelf) -> np.ndarray:
    """Decimals of the currency of each row's product, a place on the shelf or -1."""
    return np.append(shelf.decimals(), LOOSE_DECIMALS)[product]


def agreed_terms(columns: Columns, product: np.ndarray, shelf: Shelf) -> dict[str, np.ndarray]:
    """Product, rate, dates and instalment of each row; `product`: its place on the shelf, -1 if there is none."""
    data = {
        "product": product,
        "product_id": np.append(np.array(shelf.numbers, np.int64), 0)[product],
        "rate": columns.rates("rate"),
        "first_due_on": columns.dates("first_due_on"),
        "count": columns.wholes("count", largest=MAX_INSTALMENTS),
        "due_day": columns.wholes("due_day", largest=31, required=False),
        "instalment": columns.amounts("instalment", decimals_of(product, shelf), required=False),
    }
    nothing = (data["count"] == 0) & ~columns.bad
    columns.complain_all(nothing, "count", "is no number of instalments", f"write 1 to {MAX_INSTALMENTS}")
    return data


def check_last_due(
    columns: Columns, data: dict[str, np.ndarray], shelf: Shelf, *, own_plans: bool = True
) -> None:
    """Complain of a due day where periods are no months, and of due dates beyond the calendar.

    `own_plans`: whether loans of products that leave their instalments to them bring those.
    """
    if not shelf.rows:
        return
    mine = shelf.periods()[np.maximum(data["product"], 0)]
    odd = (data["due_day"] > 0) & (mine[:, 1] != Unit.MONTH) & ~columns.bad
    columns.complain_all(odd, "due_day", "makes sense for monthly products only", "leave it empty")
    last = np.zeros(columns.rows, np.int64)
    last_due(data["first_due_on"], data["count"], data["due_day"], np.ascontiguousarray(mine), last)
    if own_plans:
        last[np.append(shelf.custom(), False)[data["product"]]] = 0  # their plans say it
    columns.complain_all(
        (last > LAST_DAY) & ~columns.bad,
        "count",
        f"takes the last due date beyond {LAST_DATE}",
        "check count and first_due_on",
    )


def penalty_rates(columns: Columns, data: dict[str, np.ndarray], shelf: Shelf) -> np.ndarray:
    """The penalty rate of each row: its own, or what its product makes of its rate."""
    own = columns.rates("penalty_rate", required=False)
    given = columns.text("penalty_rate").lengths() > 0
    rates = own.copy()
    for place, row in enumerate(shelf.rows):
        mine = np.flatnonzero((data["product"] == place) & ~given)
        distinct, which = np.unique(data["rate"][mine], return_inverse=True)
        values = [row.penalty_for(int(rate)) for rate in distinct]
        rates[mine] = (
            np.array([-1 if value is None else value for value in values], np.int64)[which] if values else 0
        )
    wrong = ((rates < 0) | (rates > LARGEST_RATE)) & ~columns.bad
    columns.complain_all(
        wrong,
        "rate",
        "times the product's penalty_multiple is no rate of ten decimals up to 10000%",
        "give this loan a penalty_rate of its own",
    )
    return rates


@compiled
def last_due(
    first: np.ndarray, count: np.ndarray, due_day: np.ndarray, terms: np.ndarray, out: np.ndarray
) -> None:
    """The last due date of each loan; `terms` has every, unit and month end of its product."""
    for i in range(out.shape[0]):
        if count[i] > 0:
            every, unit, month_end = terms[i, 0], terms[i, 1], terms[i, 2]
            out[i] = due_date(first[i], count[i] - 1, every, unit, due_day[i], month_end)
