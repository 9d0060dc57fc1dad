"""Control totals: what a partition changed, added up so that days can be tied together.

All amounts are minor units. A partition's totals are differences; a day's are the day before's plus its partitions'.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from forbear.engine.movements import COMPONENT_NAMES, MovementKind
from forbear.engine.vocabulary import Status

CONTROLLED = (
    *("principal", "due_interest", "due_fee", "due_penalty", "credit", "undue"),
    *("deferred_interest", "deferred_fee", "deferred_penalty"),
)
"""Fields of a position whose sums the ledger's accounts must equal, or which reports need."""

CARRIED = ("control", "buckets", "status")
"""Totals that a day takes over from the day before; the others are of the day alone."""

Totals = dict[str, Any]


def day_totals(old: np.ndarray, new: np.ndarray, product_id: np.ndarray, moved: np.ndarray) -> Totals:
    """Differences that a partition makes: by product, status, bucket, and movements by kind and component."""
    products: dict[str, Totals] = {}
    for product in np.unique(product_id).tolist():
        mine = product_id == product
        products[str(product)] = _product_totals(old[mine], new[mine], moved[moved["product_id"] == product])
    corrected = moved[moved["correction"] == 1]
    return {
        "touched": len(new),
        "corrections": len(np.unique(corrected["loan"])),
        "movements": len(moved),
        "products": products,
    }


def _product_totals(old: np.ndarray, new: np.ndarray, moved: np.ndarray) -> Totals:
    return {
        "control": {name: int(new[name].sum() - old[name].sum()) for name in CONTROLLED},
        "buckets": _difference(_by_bucket(old[old["as_of"] > 0]), _by_bucket(new[new["disbursed"] > 0])),
        "status": _difference(_by_status(old[old["as_of"] > 0]), _by_status(new)),
        "flows": _flows(old, new),
        "moved": _by_kind(moved),
    }


def _by_bucket(positions: np.ndarray) -> dict[str, list[int]]:
    """Loans, principal and overdue amount of active loans, by bucket."""
    found = {}
    active = positions[positions["status"] == Status.ACTIVE]
    overdue = sum(active[f"overdue_{name}"] for name in COMPONENT_NAMES[:4])
    for bucket in np.unique(active["bucket"]).tolist():
        mine = active["bucket"] == bucket
        found[str(bucket)] = [
            int(mine.sum()),
            int(active["principal"][mine].sum()),
            int(np.asarray(overdue)[mine].sum()),
        ]
    return found


def _by_status(positions: np.ndarray) -> dict[str, list[int]]:
    """Loans and principal by status."""
    found = {}
    for status in Status:
        mine = positions["status"] == status
        if mine.any():
            found[status.name.lower()] = [int(mine.sum()), int(positions["principal"][mine].sum())]
    return found


def _flows(old: np.ndarray, new: np.ndarray) -> dict[str, list[int]]:
    """Loans and principal that went from one bucket to another, "0>1", or out: "1>closed", "3>written_off".

    The principal is that of before. Loans new to the book are not flows.
    """
    before, after = _places(old), _places(new)
    moved = (old["as_of"] > 0) & (before != after)
    distinct, place = np.unique(np.stack((before[moved], after[moved]), axis=1), axis=0, return_inverse=True)
    principal = old["principal"][moved]
    return {
        f"{_place_name(a)}>{_place_name(b)}": [int((place == i).sum()), int(principal[place == i].sum())]
        for i, (a, b) in enumerate(distinct.tolist())
    }


def _places(positions: np.ndarray) -> np.ndarray:
    """The bucket of an active loan; less than zero, its status, for any other."""
    return np.where(positions["status"] == Status.ACTIVE, positions["bucket"], -1 - positions["status"])


def _place_name(place: int) -> str:
    return str(place) if place >= 0 else Status(-1 - place).name.lower()


def _by_kind(moved: np.ndarray) -> dict[str, list[int]]:
    """Sums of the movements by kind, one number per component."""
    found = {}
    for kind in np.unique(moved["kind"]).tolist():
        mine = moved[moved["kind"] == kind]
        found[MovementKind(kind).name.lower()] = [int(mine[name].sum()) for name in COMPONENT_NAMES]
    return found


def _difference(old: Mapping[str, list[int]], new: Mapping[str, list[int]]) -> dict[str, list[int]]:
    found = {}
    for key in sorted({*old, *new}):
        size = len(new.get(key) or old[key])
        zero = [0] * size
        change = [a - b for a, b in zip(new.get(key, zero), old.get(key, zero), strict=True)]
        if any(change):
            found[key] = change
    return found


def add_up(parts: Iterable[Mapping[str, Any]]) -> Totals:
    """The sum of totals of any depth: numbers and lists of numbers are added, other values kept from the last."""
    result: Totals = {}
    for part in parts:
        for key, value in part.items():
            if isinstance(value, Mapping):
                result[key] = add_up([result.get(key, {}), value])
            elif isinstance(value, list):
                result[key] = [a + b for a, b in zip(result.get(key, [0] * len(value)), value, strict=True)]
            elif isinstance(value, int):
                result[key] = result.get(key, 0) + value
            else:
                result[key] = value
    return result
