"""Planned rows of the commonest contract, many loans side by side.

Level instalments, every period with the same share of interest, rounded half up. One loan's rows hang on each other, so a
processor waits for every multiplication; those of different loans do not, so a row of `LANES` loans is worked out at once, for
which the compiler uses vector instructions. The figures are those of `forbear.engine.planned` for one loan, to the last digit.
"""

from typing import Final, NamedTuple

import numpy as np

from forbear.engine.annuity import instalment_of, scale_bits
from forbear.engine.layout import Record, Records
from forbear.engine.vocabulary import EQUAL_INSTALMENT, PERIOD_RATE
from forbear.kernel.compiled import compiled, inlined
from forbear.kernel.rounding import HALF_UP
from forbear.kernel.wide import mul_divmod, mul_shift

LANES: Final = 32
NARROW: Final = 31
MOST: Final = 1 << NARROW
"""Amounts below this, and rates below twice this, make products of one word."""

# Where the lanes' values stand, LANES of each: offsets in one array, so that the compiler sees that they do not overlap.
LEFT: Final = 0
RATE: Final = LANES
SHARE: Final = 2 * LANES  # rate / denominator, in NARROW binary places, from below
LEVEL: Final = 3 * LANES
DISCOUNT: Final = 4 * LANES
FACTOR: Final = 5 * LANES
FACTORS: Final = 6 * LANES
VALUES: Final = 7 * LANES


class Block(NamedTuple):
    """Room for LANES loans with equally many rows and one denominator.

    `values` as above; `whose` are the loans' places; `shape` is how many loans there are, their rows and the denominator;
    `interest` and `principal` are rows x LANES.
    """

    values: np.ndarray
    whose: np.ndarray
    shape: np.ndarray
    interest: np.ndarray
    principal: np.ndarray


def block_for(longest: int) -> Block:
    """An empty block for loans of up to `longest` rows."""
    interest, principal = np.empty((2, longest, LANES), np.int64)
    return Block(
        np.zeros(VALUES, np.int64), np.zeros(LANES, np.int64), np.zeros(3, np.int64), interest, principal
    )


@inlined
def is_even(terms: Record, rates: Records, amount: int) -> bool:
    """Whether a loan of so much is one that a block takes."""
    return (
        terms.amortisation == EQUAL_INSTALMENT
        and terms.interest_method == PERIOD_RATE
        and terms.interest_rounding == HALF_UP
        and rates.shape[0] == 1
        and amount < MOST
        and rates[0].per_period < min(2 * MOST, terms.period_denominator)
    )


@inlined
def fits(block: Block, terms: Record, rows: int) -> bool:
    """Whether there is room for one more loan, and it has the rows and the denominator of those in the block."""
    count = block.shape[0]
    same = block.shape[1] == rows and block.shape[2] == terms.period_denominator
    return count == 0 or (same and count < LANES)


@compiled
def put(block: Block, place: int, rows: int, terms: Record, rate: int, amount: int) -> None:
    """Give the loan at `place` the next lane; it must fit."""
    values, lane, denominator = block.values, block.shape[0], terms.period_denominator
    block.shape[0], block.shape[1], block.shape[2] = lane + 1, rows, denominator
    block.whose[lane] = place
    values[LEFT + lane] = amount
    values[RATE + lane] = rate
    values[SHARE + lane] = (rate << NARROW) // denominator
    values[LEVEL + lane] = terms.instalment
    values[DISCOUNT + lane] = mul_divmod(1 << scale_bits(rows), denominator, denominator + rate)[0]


@compiled
def _sum_factors(values: np.ndarray, rows: int) -> None:
    """The sums of the loans' discount factors, as `forbear.engine.annuity` adds them up."""
    bits = scale_bits(rows)
    for lane in range(LANES):
        values[FACTOR + lane] = 1 << bits
        values[FACTORS + lane] = 0
    for _ in range(rows):
        for lane in range(LANES):
            factor = mul_shift(values[FACTOR + lane], values[DISCOUNT + lane], bits)
            values[FACTOR + lane] = factor
            values[FACTORS + lane] += factor


@compiled
def _repay(
    values: np.ndarray, rows: int, denominator: int, interest: np.ndarray, principal: np.ndarray
) -> None:
    """All rows of all lanes, the last of which repays what is left."""
    half = denominator - denominator // 2
    beyond = denominator + half
    for place in range(rows):
        charges, parts = interest[place], principal[place]
        for lane in range(LANES):
            left = values[LEFT + lane]
            whole = (left * values[SHARE + lane]) >> NARROW  # the quotient, or one less
            rest = left * values[RATE + lane] - whole * denominator
            charged = whole + (1 if rest >= half else 0) + (1 if rest >= beyond else 0)
            part = min(max(values[LEVEL + lane] - charged, 0), left)
            charges[lane] = charged
            parts[lane] = part
            values[LEFT + lane] = left - part
    for lane in range(LANES):
        principal[rows - 1, lane] += values[LEFT + lane]


@inlined
def _copy(lane: np.ndarray, rows: np.ndarray) -> None:
    for place in range(rows.shape[0]):
        rows[place] = lane[place]


@compiled
def flush(
    block: Block, terms: Records, plan_bounds: np.ndarray, interest: np.ndarray, principal: np.ndarray
) -> None:
    """Write interest and principal of every planned row of the block's loans to their places, and empty the block."""
    count, rows, denominator = block.shape[0], block.shape[1], block.shape[2]
    if count == 0:
        return
    values = block.values
    _sum_factors(values, rows)
    for lane in range(count):
        if values[LEVEL + lane] == 0:
            values[LEVEL + lane] = instalment_of(
                values[LEFT + lane], 1 << scale_bits(rows), values[FACTORS + lane], terms[block.whose[lane]]
            )
    _repay(values, rows, denominator, block.interest, block.principal)
    for lane in range(count):
        first = plan_bounds[block.whose[lane]]
        _copy(block.interest[:, lane], interest[first : first + rows])
        _copy(block.principal[:, lane], principal[first : first + rows])
    block.shape[0] = 0
