"""Half-open ranges of dates: the first day is in, the last is not.

[1 March, 1 April) is March. Adjoining ranges neither share a day nor leave one out, the number of days is a
subtraction, and a range with no end is `until=None`, never a far-away year.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

Date = dt.date


@dataclass(frozen=True, slots=True, order=False)
class DateRange:
    """The days from `start`, included, until `until`, excluded; without end if `until` is None. Never empty.

    Raises TypeError for anything but plain dates, ValueError when `until` is not after `start`.
    """

    start: Date
    until: Date | None = None

    def __post_init__(self) -> None:
        for name, value in (("start", self.start), ("until", self.until)):
            if isinstance(value, dt.datetime) or not isinstance(value, Date | None):
                raise TypeError(f"DateRange {name} {value!r} is not a plain date; pass .date() of a datetime")
        if self.start is None:
            raise TypeError("DateRange start is None; only the end may be open, so name the first day")
        if self.until is not None and self.until <= self.start:
            raise ValueError(
                f"DateRange {self.start} .. {self.until} holds no day; "
                "`until` is the first day after the range, so one day is start .. start + 1"
            )

    def __contains__(self, date: Date) -> bool:
        return self.start <= date and (self.until is None or date < self.until)

    def __str__(self) -> str:
        return f"[{self.start}, {self.until if self.until is not None else '...'})"

    @property
    def days(self) -> int | None:
        """The number of days; None if the range has no end."""
        return None if self.until is None else (self.until - self.start).days

    def covers(self, other: "DateRange") -> bool:
        """Whether every day of `other` is in this range."""
        return self.start <= other.start and _end(other) <= _end(self)

    def overlaps(self, other: "DateRange") -> bool:
        """Whether the ranges have a day in common."""
        return self._begins_before_end_of(other) and other._begins_before_end_of(self)

    def adjoins(self, other: "DateRange") -> bool:
        """Whether one range begins on the very day the other stops: no day between them, none in common."""
        return self.until == other.start or other.until == self.start

    def intersection(self, other: "DateRange") -> "DateRange | None":
        """The days in both ranges, or None if there are none."""
        if not self.overlaps(other):
            return None
        return DateRange(max(self.start, other.start), _until(min(_end(self), _end(other))))

    def difference(self, other: "DateRange") -> "tuple[DateRange, ...]":
        """The days of this range that are not in `other`: no, one or two ranges, in order."""
        if not self.overlaps(other):
            return (self,)
        pieces = []
        if self.start < other.start:
            pieces.append(DateRange(self.start, other.start))
        if other.until is not None and other._stops_before(self):
            pieces.append(DateRange(other.until, self.until))
        return tuple(pieces)

    def _begins_before_end_of(self, other: "DateRange") -> bool:
        return other.until is None or self.start < other.until

    def _stops_before(self, other: "DateRange") -> bool:
        return _end(self) < _end(other)


@dataclass(frozen=True, slots=True)
class RangeSet:
    """A set of days as its fewest ranges: in order, with at least one day missing between neighbours.

    Two sets of the same days are equal. May be empty, `RangeSet()`.
    """

    ranges: tuple[DateRange, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "ranges", tuple(_merged(self.ranges)))

    def __contains__(self, date: Date) -> bool:
        return any(date in each for each in self.ranges)

    def __iter__(self) -> Iterator[DateRange]:
        return iter(self.ranges)

    def __bool__(self) -> bool:
        return bool(self.ranges)

    def union(self, other: "RangeSet") -> "RangeSet":
        """The days in either set."""
        return RangeSet(self.ranges + other.ranges)

    def intersection(self, other: "RangeSet") -> "RangeSet":
        """The days in both sets."""
        common = (mine.intersection(theirs) for mine in self for theirs in other)
        return RangeSet(tuple(each for each in common if each is not None))

    def difference(self, other: "RangeSet") -> "RangeSet":
        """The days of this set that are not in `other`."""
        left = self.ranges
        for theirs in other:
            left = tuple(piece for mine in left for piece in mine.difference(theirs))
        return RangeSet(left)

    @property
    def days(self) -> int | None:
        """The number of days; None if the set has no end."""
        lengths = [each.days for each in self.ranges]
        known = [length for length in lengths if length is not None]
        return sum(known) if len(known) == len(lengths) else None


def _merged(ranges: Iterable[DateRange]) -> Iterator[DateRange]:
    current: DateRange | None = None
    for following in sorted(ranges, key=lambda each: each.start):
        if current is None:
            current = following
        elif current.overlaps(following) or current.adjoins(following):
            current = DateRange(current.start, _until(max(_end(current), _end(following))))
        else:
            yield current
            current = following
    if current is not None:
        yield current


# An end as a value that compares: (False, date) sorts before (True, any date), which is "no end".
_End = tuple[bool, Date]


def _end(each: DateRange) -> _End:
    return (True, Date.max) if each.until is None else (False, each.until)


def _until(end: _End) -> Date | None:
    return None if end[0] else end[1]
