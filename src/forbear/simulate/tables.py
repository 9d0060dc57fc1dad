"""The lender's loans and entries as tables of the import schema: docs/reference/import.md."""

from typing import Final

import numpy as np
import pyarrow as pa

from forbear.engine.terms import Product
from forbear.engine.vocabulary import CHARGED_BACK, REVERSED, WAIVED, WRITTEN_OFF, Component, EntryKind
from forbear.kernel.currencies import decimals_of
from forbear.kernel.rates import RATE_SCALE
from forbear.simulate import people
from forbear.simulate.bank import Chunk
from forbear.simulate.catalogue import OFFERS
from forbear.simulate.text import entry_keys, labels

RATE_DECIMALS: Final = 10
_KINDS: Final = pa.array([kind.name.lower() for kind in EntryKind])
_COMPONENTS: Final = pa.array([component.name.lower() for component in Component])


def decimals(numbers: np.ndarray, places: int, empty: np.ndarray | None = None) -> pa.Array:
    """Whole numbers of 10**-places as an exact Arrow decimal column; null where `empty`."""
    wide = np.zeros((len(numbers), 2), np.int64)
    wide[:, 0] = numbers
    column = pa.Array.from_buffers(pa.decimal128(18, places), len(numbers), [None, pa.py_buffer(wide)])
    return column if empty is None else _blank(column, empty)


def _blank(column: pa.Array, empty: np.ndarray) -> pa.Array:
    return pa.compute.if_else(pa.array(~empty), column, pa.nulls(len(column), column.type))


def _dates(days: np.ndarray, empty: np.ndarray | None = None) -> pa.Array:
    column = pa.array(days.astype(np.int32)).cast(pa.date32())
    return column if empty is None else _blank(column, empty)


def product_table() -> pa.Table:
    """The products file: every term of every product, in the words of the schema."""
    return pa.Table.from_pylist([_product_row(offer.product, offer.penalty) for offer in OFFERS])


def _product_row(product: Product, penalty: tuple[int, int]) -> dict[str, str]:
    places = decimals_of(product.currency)
    row = {"code": product.code, "name": product.name, "currency": product.currency}
    for name in ("amortisation", "interest_method", "day_count", "unit", "month_end", "instalment_rounding",
                 "interest_rounding", "interest_residue", "overdue_interest", "penalty_base", "prepayment"):  # fmt: skip
        row[name] = getattr(product, name).name.lower()
    for name in ("every", "penalty_grace", "late_grace", "order_after_days", "nonaccrual_after"):
        row[name] = str(getattr(product, name))
    for name in ("multiple", "tolerance", "late_flat"):
        row[name] = _written(getattr(product, name), places)
    for name in ("late_rate", "cost_cap"):
        row[name] = _written(getattr(product, name), RATE_DECIMALS)
    row["penalty_multiple"] = _written(penalty[0] * RATE_SCALE // penalty[1], RATE_DECIMALS)
    for name in ("penalty_retroactive", "vertical"):
        row[name] = "true" if getattr(product, name) else "false"
    for name in ("order", "order_after"):
        row[name] = " ".join(component.name.lower() for component in getattr(product, name))
    row["buckets"] = " ".join(map(str, product.buckets))
    return row


def _written(number: int, places: int) -> str:
    """A whole number of 10**-places in decimal notation."""
    whole, rest = divmod(number, 10**places)
    return f"{whole}.{rest:0{places}d}" if places else str(whole)


def borrower_table(number: np.ndarray) -> pa.Table:
    """The borrowers file, for these borrowers."""
    return pa.table(
        {
            "borrower": labels("B", number, 9),
            "name": people.names(number),
            "id_number": people.id_numbers(number),
            "phone": people.phones(number),
            "email": people.emails(number),
        }
    )


def loan_table(chunk: Chunk, which: np.ndarray) -> pa.Table:
    """The loans file, for the loans of a chunk at these places."""
    terms = chunk.terms[which]
    free = terms["interest_free_until"]
    codes = pa.array([offer.product.code for offer in OFFERS])
    return pa.table(
        {
            "loan": labels("L", terms["loan"], 9),
            "borrower": labels("B", chunk.borrower[which], 9),
            "product": codes.take(pa.array(terms["product"])),
            "principal": decimals(chunk.principal[which], 2),
            "rate": decimals(terms["rate"], RATE_DECIMALS),
            "penalty_rate": decimals(terms["penalty_rate"], RATE_DECIMALS, terms["penalty_rate"] == 0),
            "first_due_on": _dates(terms["first_due_on"]),
            "count": pa.array(terms["count"]),
            "due_day": _blank(pa.array(terms["due_day"]), terms["due_day"] == 0),
            "interest_free_until": _dates(free, free == 0),
        }
    )


def journal_table(chunk: Chunk, which: np.ndarray) -> pa.Table:
    """The journal file, for the entries of a chunk at these places."""
    entries, owner = chunk.entries[which], chunk.owner[which]
    kind = entries["kind"]
    aims = (kind == REVERSED) | (kind == CHARGED_BACK)
    components = _COMPONENTS.take(pa.array(entries["component"]))
    return pa.table(
        {
            "key": entry_keys(owner, entries["sequence"]),
            "loan": labels("L", owner, 9),
            "kind": _KINDS.take(pa.array(kind - 1)),
            "effective_on": _dates(entries["effective_on"]),
            "amount": decimals(entries["amount"], 2, (kind == REVERSED) | (kind == WRITTEN_OFF)),
            "component": _blank(components, kind != WAIVED),
            "target": _blank(entry_keys(owner, entries["target"]), ~aims),
        }
    )
