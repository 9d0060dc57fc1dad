"""Compiled parsing of columns of text: exact integers out, and for each value a code that says what is wrong with it.

The codes are turned into sentences by `forbear.formats.columns`, for bad values only.
"""

from typing import Final

import numpy as np

from forbear.kernel.compiled import compiled
from forbear.kernel.days import FIRST_DAY, LAST_DAY, day_number, days_in_month

GOOD: Final = 0
EMPTY: Final = 1
MALFORMED: Final = 2
NEGATIVE: Final = 3
TOO_FINE: Final = 4
TOO_LARGE: Final = 5
NO_SUCH_DAY: Final = 6
BEYOND_CALENDAR: Final = 7

ZERO_BYTE, NINE_BYTE, POINT, MINUS, PERCENT, HYPHEN = (ord(c) for c in "09.-%-")
SAFE: Final = 10**17
"""Digits are taken in below this, so that ten times the number and a digit still fit."""


@compiled
def _grown(value: int, digit: int) -> int:
    """The number with one more digit; it stays at SAFE or above once it is there, and so too large for anything."""
    return value * 10 + digit if value < SAFE else value


@compiled
def _number(data: np.ndarray, first: int, end: int, exponent: int, largest: int) -> tuple[int, int]:
    """(value * 10**exponent, code) of plain decimal notation; every digit has to count."""
    if first == end:
        return 0, EMPTY
    sign = data[first] == MINUS
    value, digits, places, fine = 0, 0, -1, False  # places: digits after the point, -1 before it
    for at in range(first + 1 if sign else first, end):
        byte = data[at]
        if byte == POINT and places < 0 and digits > 0 and at + 1 < end:
            places = 0
            continue
        if byte < ZERO_BYTE or byte > NINE_BYTE:
            return 0, MALFORMED
        digits += 1
        if places < 0 or places < exponent:
            value = _grown(value, byte - ZERO_BYTE)
        elif byte != ZERO_BYTE:
            fine = True
        places += 1 if places >= 0 else 0
    if digits == 0:
        return 0, MALFORMED
    if sign:
        return 0, NEGATIVE
    if fine:
        return 0, TOO_FINE
    for _ in range(exponent - max(places, 0)):
        value = _grown(value, 0)
    return (value, GOOD) if value <= largest else (0, TOO_LARGE)


@compiled
def parse_numbers(
    offsets: np.ndarray,
    data: np.ndarray,
    exponents: np.ndarray,
    largest: int,
    out: np.ndarray,
    codes: np.ndarray,
) -> None:
    """Each text as a whole number of 10**-exponent, at most `largest`. Amounts: the exponent is the currency's decimals."""
    for i in range(out.shape[0]):
        out[i], codes[i] = _number(data, offsets[i], offsets[i + 1], exponents[i], largest)


@compiled
def parse_rates(
    offsets: np.ndarray,
    data: np.ndarray,
    exponent: int,
    percent_exponent: int,
    largest: int,
    out: np.ndarray,
    codes: np.ndarray,
) -> None:
    """Each text as a whole number of 10**-exponent, or, if it ends in %, of 10**-percent_exponent."""
    for i in range(out.shape[0]):
        first, end = offsets[i], offsets[i + 1]
        if end > first and data[end - 1] == PERCENT:
            out[i], codes[i] = _number(data, first, end - 1, percent_exponent, largest)
            if end - 1 == first:
                codes[i] = MALFORMED
        else:
            out[i], codes[i] = _number(data, first, end, exponent, largest)


@compiled
def _digits(data: np.ndarray, first: int, end: int) -> int:
    value = 0
    for at in range(first, end):
        if not ZERO_BYTE <= data[at] <= NINE_BYTE:
            return -1
        value = value * 10 + (data[at] - ZERO_BYTE)
    return value


@compiled
def _date(data: np.ndarray, first: int, end: int) -> tuple[int, int]:
    if first == end:
        return 0, EMPTY
    if end - first != 10 or data[first + 4] != HYPHEN or data[first + 7] != HYPHEN:
        return 0, MALFORMED
    year = _digits(data, first, first + 4)
    month = _digits(data, first + 5, first + 7)
    day = _digits(data, first + 8, end)
    if year < 0 or month < 0 or day < 0:
        return 0, MALFORMED
    if not 1 <= month <= 12 or day < 1 or day > days_in_month(year, month):
        return 0, NO_SUCH_DAY
    number = day_number(year, month, day)
    if not FIRST_DAY <= number <= LAST_DAY:
        return 0, BEYOND_CALENDAR
    return number, GOOD


@compiled
def parse_dates(offsets: np.ndarray, data: np.ndarray, out: np.ndarray, codes: np.ndarray) -> None:
    """Each text YYYY-MM-DD as a day number."""
    for i in range(out.shape[0]):
        out[i], codes[i] = _date(data, offsets[i], offsets[i + 1])


@compiled
def find_controls(offsets: np.ndarray, data: np.ndarray, found: np.ndarray) -> None:
    """Mark the texts with a control character (U+0000 to U+001F, U+007F) in them."""
    for i in range(found.shape[0]):
        for at in range(offsets[i], offsets[i + 1]):
            if data[at] < 32 or data[at] == 127:
                found[i] = True
