"""The kept state of a fold: what its position does not tell, so that the fold can be taken further on another day.

docs/algorithms/kept-state.md. A state is a run of octets: the fields of `layout.KEPT`, then those of `layout.KEPT_ROW` for
each open row, as signed numbers of variable length. It is read by the code that wrote it and by no other:
`store/kept.py` sees to that.
"""

from typing import Final, NamedTuple

import numpy as np
from numba import literal_unroll

from forbear.engine.changes import set_rates, unchanged
from forbear.engine.layout import KEPT, KEPT_ROW, Record, Records
from forbear.engine.vocabulary import COMPONENTS, FEE, INTEREST, PENALTY, PRINCIPAL, REVERSED
from forbear.engine.work import Work
from forbear.kernel.compiled import compiled, inlined

LONGEST: Final = 10
"""Octets that a number takes at most: 64 bits, seven to an octet."""

LEAST_ROW: Final = len(KEPT_ROW) + COMPONENTS
"""Octets that an open row takes at least."""


class Kept(NamedTuple):
    """The kept states of N loans: that of loan i is octets[starts[i]:ends[i]], empty if it has none."""

    starts: np.ndarray
    ends: np.ndarray
    octets: np.ndarray

    def only(self, which: np.ndarray) -> "Kept":
        """The same states where `which` (bool) is true, and none where it is not."""
        return Kept(self.starts, np.where(which, self.ends, self.starts), self.octets)

    def packed(self) -> tuple[np.ndarray, np.ndarray]:
        """The states end to end: N + 1 bounds, and the octets."""
        sizes = self.ends - self.starts
        bounds = np.concatenate(([0], np.cumsum(sizes)))
        if np.array_equal(bounds[:-1], self.starts):
            return bounds, self.octets[: bounds[-1]]
        return bounds, self.octets[np.arange(bounds[-1]) + np.repeat(self.starts - bounds[:-1], sizes)]


@inlined
def _put(octets: np.ndarray, at: int, value: int) -> int:
    """Write a number: its sign in the lowest bit, seven bits an octet, the lowest first, the top bit while more follow."""
    rest = (value << 1) ^ (value >> 63)
    while rest > 127 or rest < 0:
        octets[at] = (rest & 127) | 128
        rest = (rest >> 7) & 0x01FFFFFFFFFFFFFF  # as if unsigned
        at += 1
    octets[at] = rest
    return at + 1


@inlined
def _take(octets: np.ndarray, at: int) -> tuple[int, int]:
    """Read a number; returns it and where the next one begins."""
    octet: int = np.int64(octets[at])  # type: ignore[assignment]  # int() would make it unsigned in compiled code
    value, shift = octet & 127, 0
    while octet > 127:
        at += 1
        octet = np.int64(octets[at])  # type: ignore[assignment]
        shift += 7
        value |= (octet & 127) << shift
    return ((value >> 1) & 0x7FFFFFFFFFFFFFFF) ^ -(value & 1), at + 1


@compiled
def room(work: Work) -> int:
    """Octets that the state takes at most."""
    rows = work.loan.rows - work.loan.first_open
    return LONGEST * (len(KEPT) + 2 + rows * LEAST_ROW)


@compiled
def keep(work: Work, waiting: int, octets: np.ndarray, at: int) -> int:
    """Write the state at `at`; returns where it ends. `waiting` entries are known that the fold has not come to.

    A loan whose terms an entry has changed has no state: its fold begins at the beginning.
    """
    loan = work.loan
    if loan.changed == 1:
        return at
    at = _put(octets, at, waiting)
    for name in literal_unroll(KEPT):
        at = _put(octets, at, loan[name])
    at = _put(octets, at, loan.rows - loan.first_open)
    for place in range(loan.first_open, loan.rows):
        row = work.rows[place]
        for name in literal_unroll(KEPT_ROW):
            at = _put(octets, at, row[name])
        for component in range(COMPONENTS):
            at = _put(octets, at, row.unpaid[component])
    return at


@compiled
def _find_resumable(
    positions: Records, kept: Kept, entries: Records, bounds: np.ndarray, found: np.ndarray
) -> None:
    for i in range(found.shape[0]):
        found[i] = kept.starts[i] < kept.ends[i] and _take(kept.octets, kept.starts[i])[0] == 0
        for place in range(bounds[i], bounds[i + 1]):
            if entries[place].kind == REVERSED or entries[place].effective_on <= positions[i].as_of:
                found[i] = False


def resumable(positions: np.ndarray, kept: Kept, entries: np.ndarray, bounds: np.ndarray) -> np.ndarray:
    """For each loan, whether it may go on from its position and state with the entries that have become known since.

    `entries` (ENTRY) are the new ones, those of loan i at bounds[i]:bounds[i + 1]. A loan may not if it has no state, if
    entries it knew of still wait for their day, or if a new one reaches back into what is folded, as a reversal may.
    """
    found = np.zeros(len(positions), np.bool_)
    _find_resumable(positions.view(np.recarray), kept, entries.view(np.recarray), bounds, found)
    return found


@compiled
def restore(work: Work, position: Record, octets: np.ndarray, at: int) -> None:
    """Set the desk to the fold that wrote `position` and the state at `at`; its paid rows, which nothing reads, are gone."""
    loan = work.loan
    _, at = _take(octets, at)
    for name in literal_unroll(KEPT):
        loan[name], at = _take(octets, at)
    unchanged(work)
    set_rates(work, loan.next_rate - 1)
    loan.next_entry = 0
    loan.first_open = 0
    loan.graces = 0
    loan.rows, at = _take(octets, at)
    for place in range(loan.rows):
        row = work.rows[place]
        row.paused = 0
        for name in literal_unroll(KEPT_ROW):
            row[name], at = _take(octets, at)
        for component in range(COMPONENTS):
            row.unpaid[component], at = _take(octets, at)
        loan.graces += row.grace
    _restore_lines(work, position)
    _restore_totals(loan, position)


@inlined
def _restore_lines(work: Work, position: Record) -> None:
    line = work.interest
    line.whole = position.interest_whole
    line.remainder = position.interest_remainder
    line.slope = position.interest_slope
    line.slope_remainder = position.interest_slope_remainder
    line.denominator = position.interest_denominator
    line.charged = position.interest_charged
    line = work.penalty
    line.whole = position.penalty_whole
    line.remainder = position.penalty_remainder
    line.slope = position.penalty_slope
    line.slope_remainder = position.penalty_slope_remainder
    line.denominator = position.penalty_denominator
    line.charged = position.penalty_charged
    line = work.cap
    line.whole = position.cap_whole
    line.remainder = position.cap_remainder
    line.slope = position.cap_slope
    line.slope_remainder = position.cap_slope_remainder
    line.denominator = work.terms.denominator
    line.charged = 0
    for line in (work.interest, work.penalty, work.cap):
        line.rate = -1  # the slope is all that is known of them, until it is set anew
        line.balance = 0
        line.pending = 0


@inlined
def _restore_totals(loan: Record, position: Record) -> None:
    loan.today = position.as_of
    loan.count_from = position.period_start
    loan.nonaccrual = position.nonaccrual
    loan.undue = position.undue
    loan.credit = position.credit
    loan.due[PRINCIPAL] = position.due_principal
    loan.due[INTEREST] = position.due_interest
    loan.due[FEE] = position.due_fee
    loan.due[PENALTY] = position.due_penalty
    loan.disbursed = position.disbursed
    loan.charged[PRINCIPAL] = 0
    loan.charged[INTEREST] = position.charged_interest
    loan.charged[FEE] = position.charged_fee
    loan.charged[PENALTY] = position.charged_penalty
    loan.paid[PRINCIPAL] = position.paid_principal
    loan.paid[INTEREST] = position.paid_interest
    loan.paid[FEE] = position.paid_fee
    loan.paid[PENALTY] = position.paid_penalty
    loan.waived[PRINCIPAL] = position.waived_principal
    loan.waived[INTEREST] = position.waived_interest
    loan.waived[FEE] = position.waived_fee
    loan.waived[PENALTY] = position.waived_penalty
    loan.written_off[PRINCIPAL] = position.written_off_principal
    loan.written_off[INTEREST] = position.written_off_interest
    loan.written_off[FEE] = position.written_off_fee
    loan.written_off[PENALTY] = position.written_off_penalty
    loan.received = position.received
    loan.recovered = position.recovered
    loan.refunded = position.refunded
    loan.charged_back = position.charged_back
    loan.forgone = position.forgone
    loan.credited = position.credited
    loan.deferred[INTEREST] = position.deferred_interest
    loan.deferred[FEE] = position.deferred_fee
    loan.deferred[PENALTY] = position.deferred_penalty
    loan.put_off = position.deferred_interest + position.deferred_fee + position.deferred_penalty
