"""Exact rates: decimal strings in, ratios of integers out, never a float.

A rate knows the unit of time it is quoted for: a year (年利率), a month (月利率) or a day (日利率). Rates of
different units are not comparable, since a year has 360, 365 or 366 days depending on the contract; say which
day count you mean and turn one into the other first.
"""

import re
from dataclasses import dataclass
from enum import IntEnum
from fractions import Fraction
from functools import total_ordering
from math import gcd
from typing import Final

MAX_DECIMALS: Final = 10
RATE_SCALE: Final = 10**MAX_DECIMALS
"""Arrays keep rates as whole numbers of 10**-10: ten decimals, so 14.07% is 1 407 000 000."""
MAX_RATE: Final = 100
"""10 000 per cent: higher than any rate on record, lower than a per cent sign forgotten."""
MAX_DENOMINATOR: Final = 10**12
"""Leaves room below 2**62 for the denominator of any day count beside it."""

_NUMBER: Final = re.compile(r"(?P<whole>[0-9]+)(?:\.(?P<decimals>[0-9]+))?(?P<percent>%?)", re.ASCII)


class Per(IntEnum):
    """The unit of time a rate is quoted for."""

    YEAR = 0
    MONTH = 1
    DAY = 2


@total_ordering
@dataclass(frozen=True, slots=True)
class Rate:
    """numerator/denominator per unit of time, in lowest terms: 14.07% a year is Rate(1407, 10000, Per.YEAR).

    Not negative, at most `MAX_RATE`, denominator at most `MAX_DENOMINATOR`. Raises TypeError for a bool or a
    float, ValueError otherwise.
    """

    numerator: int
    denominator: int
    per: Per = Per.YEAR

    def __post_init__(self) -> None:
        for part in (self.numerator, self.denominator):
            if isinstance(part, bool) or not isinstance(part, int):
                raise TypeError(
                    f"Rate: {part!r} is a {type(part).__name__}, not an int; use Rate.parse of a string"
                )
        if self.denominator <= 0 or self.numerator < 0:
            raise ValueError(f"Rate: {self.numerator}/{self.denominator} is not a rate of zero or more")
        if self.numerator > MAX_RATE * self.denominator:
            raise ValueError(
                f"Rate: {self.numerator}/{self.denominator} is above {MAX_RATE}00%; is a % missing?"
            )
        common = gcd(self.numerator, self.denominator)
        object.__setattr__(self, "numerator", self.numerator // common)
        object.__setattr__(self, "denominator", self.denominator // common)
        object.__setattr__(self, "per", Per(self.per))
        if self.denominator > MAX_DENOMINATOR:
            raise ValueError(
                f"Rate: denominator {self.denominator} is above {MAX_DENOMINATOR}; "
                f"quote the rate with at most {MAX_DECIMALS} decimals"
            )

    @classmethod
    def parse(cls, text: str, *, per: Per) -> "Rate":
        """The rate written as "0.0005" or "14.07%", exactly.

        Raises TypeError for anything but a string (a float has already lost the exact value), ValueError for
        signs, spaces, exponents, more than `MAX_DECIMALS` decimals (of the ratio, so two fewer in a
        percentage), and rates above `MAX_RATE`.
        """
        if not isinstance(text, str):
            raise TypeError(
                f"Rate.parse: {text!r} is a {type(text).__name__}, not a string; write it as in the contract"
            )
        match = _NUMBER.fullmatch(text)
        if match is None:
            raise ValueError(f'Rate.parse: {text!r} is not a rate; write "0.0005" or "14.07%"')
        decimals = match["decimals"] or ""
        scale = len(decimals) + (2 if match["percent"] else 0)
        if scale > MAX_DECIMALS:
            raise ValueError(
                f"Rate.parse: {text!r} has more than {MAX_DECIMALS} decimals (as a ratio); round it first"
            )
        return cls(int(match["whole"] + decimals), 10**scale, per)

    def as_fraction(self) -> Fraction:
        """The ratio, per unit of time."""
        return Fraction(self.numerator, self.denominator)

    def scaled(self, numerator: int, denominator: int = 1) -> "Rate":
        """This rate times numerator/denominator: 罚息 at one and a half times the rate is `rate.scaled(3,
        2)`.
        """
        return Rate(self.numerator * numerator, self.denominator * denominator, self.per)

    def __add__(self, other: "Rate") -> "Rate":
        """The sum of two rates of the same unit: a reference rate and a spread (LPR 加点)."""
        self._same_unit(other)
        numerator = self.numerator * other.denominator + other.numerator * self.denominator
        return Rate(numerator, self.denominator * other.denominator, self.per)

    def __lt__(self, other: "Rate") -> bool:
        self._same_unit(other)
        return self.numerator * other.denominator < other.numerator * self.denominator

    def __str__(self) -> str:
        return f"{self.percent()} per {self.per.name.lower()}"

    def percent(self) -> str:
        """Per cent, in full and exactly: "14.07%"; "1/3" of a per cent is written as a fraction, "1/3%"."""
        return _decimal(Fraction(100 * self.numerator, self.denominator)) + "%"

    def decimal(self) -> str:
        """The ratio, in full and exactly: "0.0005"; as a fraction, "1/3", where no finite decimal exists."""
        return _decimal(self.as_fraction())

    def _same_unit(self, other: "Rate") -> None:
        if not isinstance(other, Rate):
            raise TypeError(f"a Rate and a {type(other).__name__} do not mix; use Rate.parse")
        if self.per != other.per:
            raise ValueError(
                f"{self} and {other} are quoted for different units of time; "
                "convert one first, with the contract's day count"
            )


def _decimal(value: Fraction) -> str:
    """All decimals of a fraction whose denominator divides a power of ten; else numerator/denominator."""
    rest, places = value.denominator, 0
    for prime in (2, 5):
        power = 0
        while rest % prime == 0:
            rest, power = rest // prime, power + 1
        places = max(places, power)
    if rest != 1:
        return f"{value.numerator}/{value.denominator}"
    digits = str(value.numerator * 10**places // value.denominator).rjust(places + 1, "0")
    return digits if places == 0 else f"{digits[:-places]}.{digits[-places:]}"
