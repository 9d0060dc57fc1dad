"""The report of a closed day as one HTML file."""

import datetime as dt
from pathlib import Path

from forbear.kernel.days import to_date
from forbear.operations.report_load import load_report
from forbear.operations.report_page import page
from forbear.store.connect import connect


def write_report(url: str, date: int | None, out: Path, *, language: str = "zh") -> dt.date | None:
    """Write the report of a day (a day number, None for the last closed one) to `out`; its date, None if there is none.

    Raises OSError if the file cannot be written. A reader never meets half of it.
    """
    with connect(url) as connection:
        report = load_report(connection, None if date is None else to_date(date))
        connection.rollback()
    if report is None:
        return None
    out.parent.mkdir(parents=True, exist_ok=True)
    draft = out.with_name(f"{out.name}.new")
    draft.write_text(page(report, language), encoding="utf-8")
    draft.replace(out)
    return report.date
