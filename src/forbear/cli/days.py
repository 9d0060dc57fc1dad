"""Dates on the command line, as day numbers."""

import datetime as dt
from typing import Any

import click

WORDS = {"today": 0, "yesterday": -1, "tomorrow": 1}


class Day(click.ParamType):
    """A date written YYYY-MM-DD, or today, yesterday, tomorrow; handed on as a day number."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Parse, and say how to write it if that fails."""
        from forbear.kernel.days import to_day

        if isinstance(value, int):
            return value
        if value in WORDS:
            assert ctx is not None, "a command has a context"
            return today(ctx) + WORDS[value]
        try:
            return to_day(dt.date.fromisoformat(value))
        except (ValueError, OverflowError):
            self.fail(
                f"{value!r} is not a date; write it as 2026-03-01, or today, yesterday, tomorrow", param, ctx
            )


class Moment(click.ParamType):
    """A moment written 2026-03-01T09:30, or a date for the end of that day; UTC unless it says otherwise."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.datetime:
        """Parse, and say how to write it if that fails."""
        if isinstance(value, dt.datetime):
            return value
        try:
            if len(value) == 10:
                return dt.datetime.combine(dt.date.fromisoformat(value), dt.time.max, dt.UTC)
            found = dt.datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a moment; write it as 2026-03-01T09:30 or 2026-03-01", param, ctx)
        return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


def moment(ctx: click.Context) -> dt.datetime:
    """The moment at which the command was called."""
    found = ctx.find_object(dt.datetime)
    assert found is not None, "the root command reads the clock"
    return found


def today(ctx: click.Context) -> int:
    """The date of that moment, as a day number."""
    from forbear.kernel.days import to_day

    return to_day(moment(ctx).date())


DAY = Day()
MOMENT = Moment()
