"""Named rounding of exact quantities.

A quantity is never held as a float. It is a quotient with its remainder, `q + r/d` with 0 <= r < d, or a
ratio of two integers, and becomes an integer only here, in a mode with a name. `docs/algorithms/rounding.md`
has the worked table.
"""

from enum import IntEnum
from typing import Final

from forbear.kernel.compiled import compiled, inlined

# Plain integers, so that compiled code can use them; `Rounding` gives them their names everywhere else.
HALF_UP: Final = 0
HALF_EVEN: Final = 1
HALF_DOWN: Final = 2
UP: Final = 3
DOWN: Final = 4
CEILING: Final = 5
FLOOR: Final = 6


class Rounding(IntEnum):
    """How a fraction becomes an integer. Modes are defined on the signed value, as in IEEE 754 and Python's
    `decimal`.

    HALF_UP    四舍五入           nearest; a tie goes away from zero
    HALF_EVEN  四舍六入五成双     nearest; a tie goes to the even neighbour (GB/T 8170, banker's rounding)
    HALF_DOWN  五舍六入           nearest; a tie goes toward zero
    UP         进一法             away from zero
    DOWN       去尾法             toward zero: truncation
    CEILING    向上取整           toward plus infinity
    FLOOR      向下取整           toward minus infinity
    """

    HALF_UP = HALF_UP
    HALF_EVEN = HALF_EVEN
    HALF_DOWN = HALF_DOWN
    UP = UP
    DOWN = DOWN
    CEILING = CEILING
    FLOOR = FLOOR


@compiled
def _steps_up(floor: int, half: int, mode: int) -> int:
    """1 if a value strictly between `floor` and `floor + 1` rounds to the upper of the two, else 0.

    `half` is the sign of (fraction - 1/2): -1 below, 0 a tie, 1 above. The value is negative exactly when
    `floor` is.
    """
    if mode == CEILING:
        return 1
    if mode == FLOOR:
        return 0
    if mode == UP:
        return 1 if floor >= 0 else 0
    if mode == DOWN:
        return 0 if floor >= 0 else 1
    if half != 0:
        return 1 if half > 0 else 0
    if mode == HALF_UP:
        return 1 if floor >= 0 else 0
    if mode == HALF_DOWN:
        return 0 if floor >= 0 else 1
    if mode == HALF_EVEN:
        return floor & 1
    raise ValueError("unknown rounding mode: use a member of forbear.kernel.rounding.Rounding")


@compiled
def _sign(x: int) -> int:
    return 1 if x > 0 else (-1 if x < 0 else 0)


@inlined
def round_fraction(q: int, r: int, d: int, mode: int) -> int:
    """The integer nearest, in the sense of `mode`, to q + r/d.

    0 <= r < d < 2**62 and abs(q) < 2**62, the caller's duty. `q` is the floor of the value, so minus one and
    a half is q = -2, r/d = 1/2.
    """
    if mode == HALF_UP and q >= 0:  # nearly all there is to round
        return q + (1 if r >= d - r else 0)
    return _round_fraction(q, r, d, mode)


@compiled
def _round_fraction(q: int, r: int, d: int, mode: int) -> int:
    """As `round_fraction`, in any mode and of either sign."""
    if r == 0:
        return q
    return q + _steps_up(q, _sign(r - (d - r)), mode)


@compiled
def round_to_multiple(q: int, r: int, d: int, multiple: int, mode: int) -> int:
    """The multiple of `multiple` nearest, in the sense of `mode`, to q + r/d: instalments to the yuan or the
    jiao.

    0 <= r < d < 2**62, abs(q) < 2**62 and 0 < multiple < 2**62, the caller's duty. One rounding, never two:
    0.4999 to the yuan does not first become 0.50.
    """
    if multiple == 1:
        return round_fraction(q, r, d, mode)
    k, m = divmod(q, multiple)
    if m == 0 and r == 0:
        return q
    # Compare m + r/d with multiple/2 without multiplying by d, which could overflow: 2r/d lies in [0, 2).
    room = (multiple - m) - m
    if room >= 2:
        half = -1
    elif room == 1:
        half = _sign(r - (d - r))
    elif room == 0:
        half = _sign(r)
    else:
        half = 1
    return (k + _steps_up(k, half, mode)) * multiple


def round_ratio(numerator: int, denominator: int, mode: int) -> int:
    """The integer nearest, in the sense of `mode`, to numerator/denominator, for integers of any size.

    Raises ZeroDivisionError when the denominator is zero, ValueError for a mode that `Rounding` does not
    name.
    """
    mode = Rounding(mode)
    if denominator < 0:
        numerator, denominator = -numerator, -denominator
    q, r = divmod(numerator, denominator)
    half = 2 * r - denominator
    if r == 0:
        return q
    up = {
        Rounding.HALF_UP: half > 0 or (half == 0 and q >= 0),
        Rounding.HALF_EVEN: half > 0 or (half == 0 and q % 2 == 1),
        Rounding.HALF_DOWN: half > 0 or (half == 0 and q < 0),
        Rounding.UP: q >= 0,
        Rounding.DOWN: q < 0,
        Rounding.CEILING: True,
        Rounding.FLOOR: False,
    }
    return q + up[mode]
