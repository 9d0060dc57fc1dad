"""Money: an integer number of minor units (分, cents) of one currency.

The engine works on the bare integers; `Money` is for the edges, where currencies meet and strings come in.
"""

import operator
import re
from dataclasses import dataclass
from functools import total_ordering
from typing import Final

from forbear.kernel.currencies import decimals_of

MAX_AMOUNT: Final = 10**12
"""The largest amount, of either sign, in minor units: ten thousand million yuan on one loan."""

_AMOUNT: Final = re.compile(r"(?P<sign>-?)(?P<whole>[0-9]+)(?:\.(?P<decimals>[0-9]+))?", re.ASCII)
_LONGEST: Final = 40  # no amount in range is longer; int() of a very long string is slow


def parse_minor(text: str, currency: str, *, negative: bool = False) -> int:
    """The minor units of an amount in plain decimal notation: parse_minor("1234.56", "CNY") is 123456.

    Zeros beyond the minor unit are taken ("100.00" yen is 100), other digits there are refused, never
    rounded. A minus sign is taken only where `negative` says so. Raises TypeError for anything but a string,
    OverflowError beyond `MAX_AMOUNT`, ValueError for everything else: thousands separators, spaces,
    exponents, NaN, an unknown currency.
    """
    if not isinstance(text, str):
        raise TypeError(
            f"amount {text!r} is a {type(text).__name__}, not a string; a float has lost the exact amount"
        )
    decimals = decimals_of(currency)
    match = _AMOUNT.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        raise ValueError(
            f"amount {text[:_LONGEST]!r} is not a plain decimal number; "
            'write digits with at most one point and no separators, as in "1234.56"'
        )
    if match["sign"] and not negative:
        raise ValueError(
            f"amount {text!r} is negative, and only zero or more makes sense here; leave out the sign"
        )
    fraction = match["decimals"] or ""
    if fraction[decimals:].strip("0"):
        raise ValueError(
            f"amount {text!r} has more decimals than {currency} has, {decimals}; round it first, by name"
        )
    minor = int(match["whole"] + fraction[:decimals].ljust(decimals, "0"))
    return _in_range(-minor if match["sign"] else minor, currency)


def format_minor(amount: int, currency: str, *, grouped: bool = True) -> str:
    """The amount in major units: "1,234.56", or "1234.56", which `parse_minor` reads back, if not
    `grouped`.
    """
    decimals = decimals_of(currency)
    whole, fraction = divmod(abs(int(amount)), 10**decimals)
    sign = "-" if amount < 0 else ""
    digits = f"{whole:,}" if grouped else str(whole)
    return f"{sign}{digits}.{fraction:0{decimals}}" if decimals else f"{sign}{digits}"


@total_ordering
@dataclass(frozen=True, slots=True)
class Money:
    """`amount` minor units of `currency`; Money(123456, "CNY") is 1,234.56 yuan.

    Adds, subtracts and compares with Money of the same currency only; 0 is no exception, use `Money.zero`.
    Multiplying is left out on purpose: it needs a rate and a named rounding, see
    `forbear.kernel.wide.mul_div`.

    Raises TypeError for an amount that is a bool, a float or a Decimal, OverflowError beyond `MAX_AMOUNT`,
    ValueError for an unknown currency.
    """

    amount: int
    currency: str

    def __post_init__(self) -> None:
        if isinstance(self.amount, bool) or not hasattr(self.amount, "__index__"):
            raise TypeError(
                f"Money: {self.amount!r} is a {type(self.amount).__name__}, not an integer of minor units; "
                "use Money.parse for a string"
            )
        decimals_of(self.currency)
        # A NumPy integer becomes an int here, so that no sum of amounts can wrap around.
        object.__setattr__(self, "amount", _in_range(operator.index(self.amount), self.currency))

    @classmethod
    def parse(cls, text: str, currency: str, *, negative: bool = False) -> "Money":
        """Money from a plain decimal string; see `parse_minor`."""
        return cls(parse_minor(text, currency, negative=negative), currency)

    @classmethod
    def zero(cls, currency: str) -> "Money":
        """Nothing, of a currency: where sums start."""
        return cls(0, currency)

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount + self._amount_of(other, "+"), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount - self._amount_of(other, "-"), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.amount < self._amount_of(other, "<")

    def __str__(self) -> str:
        return f"{self.currency} {format_minor(self.amount, self.currency)}"

    def _amount_of(self, other: "Money", sign: str) -> int:
        if not isinstance(other, Money):
            raise TypeError(
                f"{self} {sign} {other!r}: Money goes with Money only; wrap the integer in Money first"
            )
        if other.currency != self.currency:
            raise ValueError(
                f"{self} {sign} {other}: the currencies differ; exchange one of them first, at a named rate"
            )
        return other.amount


def _in_range(amount: int, currency: str) -> int:
    if not -MAX_AMOUNT <= amount <= MAX_AMOUNT:
        raise OverflowError(
            f"{currency} {format_minor(amount, currency)} is beyond the largest amount, "
            f"{format_minor(MAX_AMOUNT, currency)}; check the unit of the figure"
        )
    return amount
