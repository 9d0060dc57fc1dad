"""Multiply, then divide, with nothing lost in between.

`a * b // c` of three int64 needs 124 bits in the middle. Here the product is held in two 62-bit halves, built
from 31-bit limbs so that every partial product fits a signed int64, and divided by the schoolbook method
(Knuth, The Art of Computer Programming, vol. 2, 4.3.1, algorithm D, with two-limb divisors).
"""

from typing import Final

from forbear.kernel.compiled import compiled, inlined
from forbear.kernel.rounding import Rounding, round_fraction

LIMB_BITS: Final = 31
LIMB: Final = 1 << LIMB_BITS
LIMB_MASK: Final = LIMB - 1
LONG: Final = 1 << 46
SHORT: Final = 1 << 16
"""A LONG and a SHORT factor, say a daily amount and a number of days, need no double width either."""
WORD_BITS: Final = 62
LARGEST: Final = (1 << 63) - 1
LIMIT: Final = 1 << WORD_BITS
"""Every operand and every quotient is below this: 2**62, some 4.6 * 10**18."""


@compiled
def mul_wide(a: int, b: int) -> tuple[int, int]:
    """(high, low) with a * b = high * 2**62 + low and 0 <= low < 2**62, for 0 <= a, b < 2**62."""
    a1, a0 = a >> LIMB_BITS, a & LIMB_MASK
    b1, b0 = b >> LIMB_BITS, b & LIMB_MASK
    low = a0 * b0
    middle = a1 * b0 + a0 * b1 + (low >> LIMB_BITS)  # at most 2 (2**31 - 1)**2 + 2**31 < 2**63
    high = a1 * b1 + (middle >> LIMB_BITS)
    return high, ((middle & LIMB_MASK) << LIMB_BITS) | (low & LIMB_MASK)


@compiled
def mul_shift(a: int, b: int, bits: int) -> int:
    """a * b / 2**bits, rounded half up: the product of two binary fractions of `bits` places.

    The caller's duty, unchecked here: 0 <= a, b < 2**62, 0 < bits <= 62, and the result below 2**62.
    """
    high, low = mul_wide(a, b)
    return (high << (WORD_BITS - bits)) + (low >> bits) + ((low >> (bits - 1)) & 1)


@compiled
def _headroom(c: int) -> int:
    """How far 0 < c < 2**62 can be shifted left and stay below 2**62."""
    shift = 0
    if c < 1 << 30:
        shift, c = 32, c << 32
    if c < 1 << 46:
        shift, c = shift + 16, c << 16
    if c < 1 << 54:
        shift, c = shift + 8, c << 8
    if c < 1 << 58:
        shift, c = shift + 4, c << 4
    if c < 1 << 60:
        shift, c = shift + 2, c << 2
    if c < 1 << 61:
        shift = shift + 1
    return shift


@compiled
def _quotient_limb(high: int, limb: int, c: int) -> tuple[int, int]:
    """Quotient and remainder of high * 2**31 + limb by c, where high < c and 2**61 <= c < 2**62.

    The quotient is estimated from the divisor's upper limb; as that limb's top bit is set, the estimate is at
    most two too large (as high < c, one that does not fit a limb is among those corrected). `left` is what
    the estimate leaves of `high`, so no product outgrows 63 bits.
    """
    c1, c0 = c >> LIMB_BITS, c & LIMB_MASK
    quotient, left = divmod(high, c1)
    while left < LIMB and quotient * c0 > ((left << LIMB_BITS) | limb):
        quotient, left = quotient - 1, left + c1
    return quotient, (left << LIMB_BITS) + limb - quotient * c0


@inlined
def mul_divmod(a: int, b: int, c: int) -> tuple[int, int]:
    """(q, r) with a * b = q * c + r and 0 <= r < c, exactly.

    The caller's duty, unchecked here: 0 <= a, b < 2**62, 0 < c < 2**62, and q < 2**62. `checked_mul_divmod`
    checks.
    """
    if (a < 2 * LIMB and b < LIMB) or (a < LONG and b < SHORT):
        product = a * b & LARGEST  # the mask changes nothing, and spares the machine the care of signs
        quotient = product // (c & LARGEST)
        return quotient, product - quotient * c
    return _divmod_wide(a, b, c)


@compiled
def _divmod_wide(a: int, b: int, c: int) -> tuple[int, int]:
    """As `mul_divmod`, for factors of any size."""
    high, low = mul_wide(a, b)
    if high == 0:
        return divmod(low, c)
    shift = _headroom(c)
    kept = WORD_BITS - shift
    c <<= shift
    high = (high << shift) | (low >> kept)
    low = (low & ((1 << kept) - 1)) << shift
    q1, high = _quotient_limb(high, low >> LIMB_BITS, c)
    q0, high = _quotient_limb(high, low & LIMB_MASK, c)
    return (q1 << LIMB_BITS) | q0, high >> shift


@compiled
def mul_div(a: int, b: int, c: int, mode: int) -> int:
    """Round a * b / c once, in `mode`; `a` may be negative and the mode applies to the signed value.

    The caller's duty, unchecked here: abs(a), b < 2**62, b >= 0, 0 < c < 2**62, abs(result) < 2**62.
    `checked_mul_div` checks.
    """
    if a >= 0:
        q, r = mul_divmod(a, b, c)
    else:
        q, r = mul_divmod(-a, b, c)
        q = -q
        if r > 0:  # to the floor convention of round_fraction: -(q + r/c) = (-q - 1) + (c - r)/c
            q, r = q - 1, c - r
    return round_fraction(q, r, c, mode)


def checked_mul_divmod(a: int, b: int, c: int) -> tuple[int, int]:
    """`mul_divmod` for callers that cannot vouch for their operands.

    Raises OverflowError, naming the operand, when one is out of range or the quotient would be.
    """
    _check_operands(a, b, c, lowest=0)
    # int(): a NumPy scalar would wrap around in the very product that is being checked.
    _check_result(int(a) * int(b) // int(c), a, b, c)
    return mul_divmod(int(a), int(b), int(c))


def checked_mul_div(a: int, b: int, c: int, mode: int) -> int:
    """`mul_div` for callers that cannot vouch for their operands.

    Raises OverflowError, naming the operand, when one is out of range or the result would be; ValueError for
    a mode that `Rounding` does not name.
    """
    mode = int(Rounding(mode))
    _check_operands(a, b, c, lowest=1 - LIMIT)
    # The compiled quotient is rounded only afterwards, so it must leave room for one step away from zero.
    _check_result(abs(int(a)) * int(b) // int(c) + 1, a, b, c)
    return mul_div(int(a), int(b), int(c), mode)


def _check_operands(a: int, b: int, c: int, *, lowest: int) -> None:
    for name, value, least in (("a", a, lowest), ("b", b, 0), ("c", c, 1)):
        if not least <= value < LIMIT:
            raise OverflowError(
                f"a * b / c: {name} = {value} is outside {least} .. 2**62 - 1; "
                "check the unit of the amount or of the rate, or use round_ratio, which has no limit"
            )


def _check_result(result: int, a: int, b: int, c: int) -> None:
    if result >= LIMIT:
        raise OverflowError(
            f"a * b / c: {a} * {b} / {c} is not below 2**62; use round_ratio, which has no limit"
        )
