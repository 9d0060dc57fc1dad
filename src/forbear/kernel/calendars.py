"""Business-day calendars, each from a packaged table that says where it comes from and how far it is known.

A table lists only what differs from Monday to Friday: days that are closed and, in China, Saturdays and
Sundays on which one works (调休). Nobody can know a holiday that has not been announced, so a question beyond
the known dates is refused with `BeyondCalendar`, never answered by guessing. `docs/algorithms/calendars.md`
lists the calendars and how to extend them.
"""

import datetime as dt
import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from importlib.resources import files
from types import MappingProxyType
from typing import Final

Date = dt.date

_ONE_DAY: Final = dt.timedelta(days=1)
_HEADER: Final = re.compile(r"# (?P<key>[a-z]+): (?P<value>.+)")
_REQUIRED: Final = ("calendar", "from", "until", "source")


class Adjustment(IntEnum):
    """Where a date moves that is not a business day. 2006 ISDA Definitions, section 4.12, and none.

    UNADJUSTED          it stays
    FOLLOWING           to the next business day (顺延)
    PRECEDING           to the last business day before
    MODIFIED_FOLLOWING  to the next, unless that lies in another month; then to the last before
    """

    UNADJUSTED = 0
    FOLLOWING = 1
    PRECEDING = 2
    MODIFIED_FOLLOWING = 3


class BeyondCalendar(LookupError):  # noqa: N818 - a limit of knowledge, not a fault
    """A calendar was asked about a date for which its table says nothing."""


class CalendarError(ValueError):
    """A calendar table is malformed; the message names the file, the line and the fix."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Business days from `known_from`, included, until `known_until`, excluded.

    `closed` and `open` hold the exceptions to Monday to Friday, each with its name: holidays, and working
    days at weekends. Every method raises BeyondCalendar where the answer would depend on a day outside the
    known dates.
    """

    name: str
    known_from: Date
    known_until: Date
    closed: Mapping[Date, str]
    open: Mapping[Date, str]
    sources: tuple[str, ...]

    def is_business_day(self, date: Date) -> bool:
        """Whether banks and offices work on the date."""
        if not self.known_from <= date < self.known_until:
            raise BeyondCalendar(
                f"calendar {self.name!r} is known from {self.known_from} until {self.known_until} "
                f"(excluded), so nothing can be said of {date}; once the days are announced, add them to "
                f"packs/calendars/{self.name}.csv (see docs/algorithms/calendars.md)"
            )
        return date in self.open or (date.weekday() < 5 and date not in self.closed)

    def next_business_day(self, date: Date) -> Date:
        """The first business day after the date."""
        return self._search(date + _ONE_DAY, _ONE_DAY)

    def previous_business_day(self, date: Date) -> Date:
        """The last business day before the date."""
        return self._search(date - _ONE_DAY, -_ONE_DAY)

    def adjust(self, date: Date, adjustment: Adjustment) -> Date:
        """The date itself if it is a business day, else where the `adjustment` moves it. UNADJUSTED knows all
        dates.
        """
        adjustment = Adjustment(adjustment)
        if adjustment == Adjustment.UNADJUSTED:
            return date
        if adjustment == Adjustment.PRECEDING:
            return self._search(date, -_ONE_DAY)
        following = self._search(date, _ONE_DAY)
        if adjustment == Adjustment.MODIFIED_FOLLOWING and following.month != date.month:
            return self._search(date, -_ONE_DAY)
        return following

    def add_business_days(self, date: Date, count: int) -> Date:
        """The date `count` business days after (before, if negative) the date.

        The date itself is not counted: one business day after a Friday or the Saturday following it is
        Monday. With `count` 0 the date must be a business day, as no answer would be right for another;
        ValueError if it is not.
        """
        if count == 0 and not self.is_business_day(date):
            raise ValueError(
                f"{date} is not a business day in {self.name!r}; adjust() it first, by a named convention"
            )
        step = _ONE_DAY if count > 0 else -_ONE_DAY
        for _ in range(abs(count)):
            date = self._search(date + step, step)
        return date

    def business_days_between(self, start: Date, until: Date) -> int:
        """The number of business days in [start, until)."""
        days = (start + _ONE_DAY * n for n in range((until - start).days))
        return sum(self.is_business_day(day) for day in days)

    def _search(self, date: Date, step: dt.timedelta) -> Date:
        while not self.is_business_day(date):
            date += step
        return date


@functools.cache
def calendar(name: str) -> Calendar:
    """The packaged calendar of that name: "china", "us-federal", "us-federal-reserve", "target", "uk".

    Raises LookupError, listing the names there are, for another.
    """
    if name not in calendar_names():
        raise LookupError(f"no calendar {name!r}; there are {', '.join(calendar_names())}")
    table = files("forbear").joinpath("packs", "calendars", f"{name}.csv")
    return read_calendar(table.read_text(encoding="utf-8"), f"packs/calendars/{name}.csv")


@functools.cache
def calendar_names() -> tuple[str, ...]:
    """The names of the packaged calendars, in alphabetical order."""
    folder = files("forbear").joinpath("packs", "calendars")
    return tuple(sorted(each.name[: -len(".csv")] for each in folder.iterdir() if each.name.endswith(".csv")))


def read_calendar(text: str, where: str) -> Calendar:
    """A calendar from the text of its table; `where`, a file name, is for the messages.

    Lines `# key: value` give calendar, from (included), until (excluded) and one source or more; then
    `date,kind,name` with kind closed or open, dates ascending. Raises CalendarError.
    """
    header: dict[str, list[str]] = {}
    rows: list[tuple[int, str]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        match = _HEADER.fullmatch(line)
        if match:
            header.setdefault(match["key"], []).append(match["value"])
        elif line and not line.startswith("#") and line != "date,kind,name":
            rows.append((number, line))
    for key in _REQUIRED:
        if key not in header:
            raise CalendarError(f"{where}: the line '# {key}: ...' is missing; add it above the rows")
    known_from, known_until = (_date(header[key][0], f"{where}: '# {key}:'") for key in ("from", "until"))
    exceptions: dict[str, dict[Date, str]] = {"closed": {}, "open": {}}
    for date, kind, name in _exceptions(rows, where, known_from, known_until):
        exceptions[kind][date] = name
    return Calendar(
        name=header["calendar"][0],
        known_from=known_from,
        known_until=known_until,
        closed=MappingProxyType(exceptions["closed"]),
        open=MappingProxyType(exceptions["open"]),
        sources=tuple(header["source"]),
    )


def _exceptions(
    rows: list[tuple[int, str]], where: str, known_from: Date, known_until: Date
) -> Iterator[tuple[Date, str, str]]:
    last = known_from - _ONE_DAY
    for number, line in rows:
        place = f"{where}:{number}"
        cells = line.split(",", maxsplit=2)
        if len(cells) != 3 or cells[1] not in ("closed", "open") or not cells[2]:
            raise CalendarError(
                f"{place}: {line!r} is not date,kind,name with kind closed or open; correct the row"
            )
        date, kind, name = _date(cells[0], place), cells[1], cells[2]
        if not last < date < known_until:
            raise CalendarError(
                f"{place}: {date} is repeated, out of order or outside {known_from} .. {known_until}; "
                "sort the rows, keep one for each day, or move '# from:' and '# until:'"
            )
        if kind == "open" and date.weekday() < 5:
            raise CalendarError(f"{place}: {date} is a weekday and open anyway; remove the row")
        last = date
        yield date, kind, name


def _date(text: str, place: str) -> Date:
    try:
        return Date.fromisoformat(text)
    except ValueError:
        raise CalendarError(f"{place}: {text!r} is not a date; write it as 2026-10-01") from None
