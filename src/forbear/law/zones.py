"""Time zones as integer tables: from when on, in seconds of UTC, which offset holds. From the tz database."""

import datetime as dt
import functools
from collections.abc import Callable, Sequence
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

UTC: Final = dt.UTC
FROM: Final = dt.datetime(2010, 1, 1, tzinfo=UTC)
UNTIL: Final = dt.datetime(2070, 1, 1, tzinfo=UTC)
MAX_ZONES: Final = 62  # a set of zones is the bits of one signed integer
_STEP: Final = 5 * 86_400  # no zone has changed twice within five days in these years


def zone_table(names: Sequence[str]) -> Ints:
    """The table of these zones, in their order: first where the rows of each zone begin and the last ones end, then the
    rows, each a moment of UTC and the seconds that local time is ahead of it from then on.

    Raises LookupError for a name that the tz database does not know, and for more zones than a set can hold.
    """
    if len(names) > MAX_ZONES:
        raise LookupError(f"{len(names)} time zones at once; judge in parts of at most {MAX_ZONES}")
    rows = [_rows(name) for name in names]
    first = len(names) + 1
    starts = np.cumsum([first, *(2 * len(each) for each in rows)])
    flat = [number for each in rows for row in each for number in row]
    return np.array([*starts.tolist(), *flat], dtype=np.int64)


def check_moment(at: dt.datetime) -> None:
    """Raises ValueError for a moment outside the years whose changes of clocks are tabled, or without zone."""
    if at.tzinfo is None:
        raise ValueError(f"{at} does not say in which time zone; add an offset such as +08:00")
    if not FROM <= at < UNTIL:
        raise ValueError(f"{at} is out of reach; ask about a moment of {FROM.year} to {UNTIL.year - 1}")


@functools.cache
def zone(name: str) -> ZoneInfo:
    """The zone of that name. Raises LookupError."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: the name of a folder
        raise LookupError(f"the tz database knows no zone {name!r}; write one like Asia/Shanghai") from None


@functools.cache
def _rows(name: str) -> tuple[tuple[int, int], ...]:
    place = zone(name)

    def offset(moment: int) -> int:
        shift = dt.datetime.fromtimestamp(moment, place).utcoffset()
        assert shift is not None, "an aware datetime has an offset"
        return shift.days * 86_400 + shift.seconds

    low, until = int(FROM.timestamp()), int(UNTIL.timestamp())
    found = [(-(2**62), offset(low))]
    while low < until:
        high = low + _STEP
        if offset(high) != offset(low):
            found.append((_change(offset, low, high), offset(high)))
        low = high
    return tuple(found)


def _change(offset: Callable[[int], int], low: int, high: int) -> int:
    """The first moment with the offset of `high`."""
    while high - low > 1:
        middle = (low + high) // 2
        if offset(middle) == offset(low):
            low = middle
        else:
            high = middle
    return high
