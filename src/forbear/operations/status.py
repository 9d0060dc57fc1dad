"""What state the book is in: at a glance, without touching a loan."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from forbear.kernel.days import to_date
from forbear.store.connect import connect


@dataclass(frozen=True, slots=True)
class BookStatus:
    """Sizes and dates of a book. `totals` are those of the last closed day; `days_behind` counts from it to today."""

    products: int
    loans: int
    recordings: int
    unbooked_recordings: int
    last_closed: date | None
    open_day: date | None
    days_behind: int
    totals: dict[str, Any]


def status(url: str, today: int) -> BookStatus:
    """The state of the book as seen on `today` (a day number)."""
    with connect(url) as connection:
        sizes = connection.execute(
            "SELECT (SELECT count(*) FROM product), (SELECT coalesce(max(id), 0) FROM loan), "
            "(SELECT coalesce(max(id), 0) FROM recording)"
        ).fetchone()
        closed = connection.execute(
            "SELECT date, recordings, totals FROM business_day WHERE closed_at IS NOT NULL ORDER BY date DESC LIMIT 1"
        ).fetchone()
        opened = connection.execute("SELECT date FROM business_day WHERE closed_at IS NULL").fetchone()
        connection.rollback()
    products, loans, recordings = sizes or (0, 0, 0)
    return BookStatus(
        products=products,
        loans=loans,
        recordings=recordings,
        unbooked_recordings=recordings - (closed[1] if closed else 0),
        last_closed=closed[0] if closed else None,
        open_day=opened[0] if opened else None,
        days_behind=(to_date(today) - closed[0]).days if closed else 0,
        totals=closed[2] if closed else {},
    )
