"""The journal of the book as the live schedule reads it. docs/algorithms/live-schedule.md, section 12.

What counts by a day is taken, in the order of the journal: by day, kind and tie-break, whatever the order of arrival. That order only
becomes the `sequence` of the entries, their tie-break here; the order in which they are folded is `opening.arrange`'s.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np

from forbear.engine.layout import I8
from forbear.engine.live import vocabulary as live
from forbear.engine.live.layout import LIVE_ENTRY
from forbear.engine.vocabulary import (
    FEE,
    GOODWILL_CREDITED,
    INTEREST_REFUNDED,
    MERCHANT_REFUNDED,
    NEVER,
    RECOVERED,
    SAME_DAY_RANK,
)

PAYMENTS: Final[Mapping[int, int]] = MappingProxyType(
    {
        live.PAID: 1,
        RECOVERED: 1,
        MERCHANT_REFUNDED: 2,
        GOODWILL_CREDITED: live.GOODWILL,
        INTEREST_REFUNDED: live.INTEREST_REFUND,
    }
)
"""Kinds that bring money, and the sort of payment that each is for the rules of allocation."""

KINDS: Final = (
    *PAYMENTS,
    *(live.DISBURSED, live.FEE_CHARGED, live.CHARGED_BACK, live.WAIVED, live.REFUNDED, live.WRITTEN_OFF),
    *(live.RATE_CHANGED, live.INTEREST_PAUSED, live.DUE_DATE_MOVED, live.EXTENDED, live.REAMORTISED),
    *(live.REAGED, live.ACCELERATED, live.CHARGED_OFF),
)
"""Kinds of entry that the live schedule folds; a reversal takes away what it names, and others have no effect."""

ADDED: Final = np.dtype(
    [
        (name, I8)
        for name in ("draw_flat", "draw_rate", "row_flat", "row_rate", "row_of", "reaged", "reamortised")
    ]
)
"""What the terms of a product add to a journal: charges that come without an entry, and how a re-ageing and a re-amortising
spread interest.
"""

LIVE_RANK: Final = np.array([2 * rank for rank in SAME_DAY_RANK])
"""The journal's order of kinds within a day, with charge-backs after the money they may take back on the same day."""
LIVE_RANK[live.CHARGED_BACK] = max(LIVE_RANK[[*PAYMENTS]]) + 1

_NOTE: Final = np.dtype(
    [*((name, I8) for name in ("owner", "known_on", "rank", "tie", "was")), ("said", LIVE_ENTRY)]
)
"""An entry on its way: whose it is, by what it is sorted, its sequence in the book, and what the live schedule reads."""

NO_EFFECT: Final = 0
"""The kind of an entry that finds nothing to act on."""

_WIDE: Final = 32
"""Bits that a sequence takes beside the place of its loan."""


def _key(owner: np.ndarray, sequence: np.ndarray) -> np.ndarray:
    return (owner << _WIDE) | sequence


class Journals(NamedTuple):
    """What counts of the journals of N loans: LIVE_ENTRY rows and their bounds.

    `next_on` is for each loan the day of its first entry that does not count yet, `NEVER` if there is none; `was` is the
    sequence of each entry in the book, 0 for a charge of the terms.
    """

    entries: np.ndarray
    bounds: np.ndarray
    next_on: np.ndarray
    was: np.ndarray


def journals(
    terms: np.ndarray, added: np.ndarray, entries: np.ndarray, bounds: np.ndarray, as_of: int
) -> Journals:
    """What counts by `as_of` of the journals (ENTRY) of N loans.

    `terms` (LIVE_TERMS) and `added` (ADDED) have a record of each loan.
    """
    loans = len(bounds) - 1
    owner = np.repeat(np.arange(loans), np.diff(bounds))
    reverses = entries["kind"] == live.REVERSED
    gone = _key(owner[reverses], entries["target"][reverses])
    stands = ~reverses & ~np.isin(_key(owner, entries["sequence"]), gone)
    next_on = np.full(loans, NEVER, np.int64)
    later = stands & (entries["effective_on"] > as_of)
    np.minimum.at(next_on, owner[later], entries["effective_on"][later])
    counts = stands & ~later & np.isin(entries["kind"], KINDS)
    notes = _notes(owner[counts], entries[counts])
    _tell_reaged(terms, notes)
    _tell_spread(added, notes)
    notes = np.concatenate((notes, *_charges_of_terms(added, notes)))
    notes = notes[np.lexsort((notes["tie"], notes["rank"], notes["known_on"], notes["owner"]))]
    found = np.searchsorted(notes["owner"], np.arange(loans + 1))
    said = notes["said"].copy()
    said["sequence"] = np.arange(len(notes)) - found[notes["owner"]] + 1
    said["target"] = _targets(notes, said["sequence"])
    acts = said["kind"] != NO_EFFECT
    found = np.searchsorted(notes["owner"][acts], np.arange(loans + 1)).astype(np.int64)
    return Journals(said[acts], found, next_on, notes["was"][acts])


def _notes(owner: np.ndarray, entries: np.ndarray) -> np.ndarray:
    notes = np.zeros(len(entries), _NOTE)
    kind, day, until = entries["kind"], entries["effective_on"], entries["until"]
    notes["owner"], notes["known_on"], notes["was"] = owner, day, entries["sequence"]
    notes["rank"], notes["tie"] = LIVE_RANK[kind], entries["order"]
    said = notes["said"]
    said["kind"], said["on"], said["recorded_on"] = kind, day, day
    for name in ("amount", "target", "rate", "count"):
        said[name] = entries[name]
    for place, payment in PAYMENTS.items():
        said["payment"][kind == place] = payment
    said["kind"][np.isin(kind, list(PAYMENTS))] = live.PAID
    charged = kind == live.FEE_CHARGED
    said["component"] = np.where(
        (charged & (entries["component"] >= FEE)) | (kind == live.WAIVED), entries["component"], FEE
    )
    said["on"] = np.where(charged & (until > 0), until, day)
    said["on"][kind == live.DUE_DATE_MOVED] = live.NEXT_DUE
    said["until"] = np.where(kind == live.INTEREST_PAUSED, until - 1, until)  # there both days are in
    return notes


def _tell_reaged(terms: np.ndarray, notes: np.ndarray) -> None:
    """How far apart the rows of a re-ageing are; none of a schedule that is written at once."""
    which = np.flatnonzero(notes["said"]["kind"] == live.REAGED)
    owner, said = notes["owner"][which], notes["said"][which]
    for name in ("every", "unit"):
        said[name] = terms[name][owner]
    said["kind"][terms["progressive"][owner] == 0] = NO_EFFECT
    notes["said"][which] = said


def _tell_spread(added: np.ndarray, notes: np.ndarray) -> None:
    """What interest the rows of a re-ageing or a re-amortising have."""
    for kind, name in ((live.REAGED, "reaged"), (live.REAMORTISED, "reamortised")):
        which = notes["said"]["kind"] == kind
        notes["said"]["spread"][which] = added[name][notes["owner"][which]]


def _charges_of_terms(added: np.ndarray, notes: np.ndarray) -> Iterator[np.ndarray]:
    """The charges that the terms lay on draws and rows, as entries of the day of the draw."""
    drawn = notes[notes["said"]["kind"] == live.DISBURSED]
    if not len(drawn) or not any(
        added[name].any() for name in ("draw_flat", "draw_rate", "row_flat", "row_rate")
    ):
        return
    drawn = drawn[np.lexsort((drawn["tie"], drawn["known_on"], drawn["owner"]))]
    mine = added[drawn["owner"]]
    number = np.arange(len(drawn)) - np.searchsorted(drawn["owner"], drawn["owner"]) + 1
    for flat, rate, when, share_of in (
        ("draw_flat", "draw_rate", live.AT_DISBURSEMENT, np.full(len(drawn), live.OF_DISBURSED)),
        ("row_flat", "row_rate", live.PER_ROW, mine["row_of"]),
    ):
        for name in (flat, rate):
            which = (mine[name] > 0) & ((number == 1) | (when == live.AT_DISBURSEMENT))
            made = drawn[which]
            made["rank"], made["was"] = LIVE_RANK[live.FEE_CHARGED], 0
            said = made["said"]
            said["kind"], said["component"], said["when"], said["amount"] = live.FEE_CHARGED, FEE, when, 0
            said["count"] = number[which] if when == live.AT_DISBURSEMENT else 0
            if name == flat:
                said["amount"] = mine[name][which]
            else:
                said["rate"], said["share_of"] = mine[name][which], share_of[which]
            yield made


def _targets(notes: np.ndarray, sequence: np.ndarray) -> np.ndarray:
    """The new sequence of what each entry names; 0 for none, and for what does not count."""
    known = _key(notes["owner"], notes["was"])
    order = np.argsort(known, kind="stable")
    wanted = _key(notes["owner"], notes["said"]["target"])
    at = np.minimum(np.searchsorted(known[order], wanted), max(len(notes) - 1, 0))
    hit = (
        (notes["said"]["target"] > 0) & (known[order][at] == wanted) if len(notes) else np.zeros(0, np.bool_)
    )
    return np.where(hit, sequence[order][at], 0) if len(notes) else sequence
