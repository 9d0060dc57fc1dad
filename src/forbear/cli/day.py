"""The day: `forbear close-day`, `status`, `verify`, `report`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from forbear.cli import show
from forbear.cli.codes import Exit
from forbear.cli.days import DAY, moment, today
from forbear.cli.loan import fact_text

if TYPE_CHECKING:
    from forbear.operations.close_day import DaySummary

JSON = click.option("--json", "as_json", is_flag=True, help="Print as JSON; amounts in minor units.")


@click.command("close-day")
@click.argument("date", type=DAY, required=False)
@click.option(
    "--until", type=DAY, default=None, help="Close all missing days up to this one.  [default: today]"
)
@click.option(
    "--report",
    "report",
    type=click.Path(path_type=Path),
    default=None,
    help="Also write the last day's HTML report here.",
)
@click.option(
    "--corrections", is_flag=True, help="Also tell, loan by loan, what late entries changed of earlier days."
)
@JSON
@click.pass_context
def close_day_command(
    ctx: click.Context,
    date: int | None,
    until: int | None,
    report: Path | None,
    corrections: bool,
    as_json: bool,
) -> None:
    """Close the next business day, or all that are missing.

    Loans with new entries and loans on which something falls due are folded; corrections, movements and postings are
    booked; the day is closed when the totals tie. A run that was killed goes on where it stopped, and a day that is closed
    stays closed: repeating the command does nothing.

    With DATE only that day is closed, and it has to be the next one. The first day ever closed is the one you name.

    \b
    Examples:
      forbear close-day
      forbear close-day 2026-03-01
      forbear close-day --until 2026-03-31 --report day.html
    """  # noqa: D301  \b is for click
    from forbear.operations.close_day import close_days
    from forbear.operations.database import book_url

    if date is not None and until is not None:
        raise click.UsageError("Give DATE or --until, not both.")
    url = book_url()
    last = date if date is not None else until if until is not None else today(ctx)
    if date is not None:
        _must_be_next(url, date)
    with show.progress() as progress:
        outcome = close_days(url, last, now=moment(ctx), progress=progress)
    if not isinstance(outcome, list):
        show.refuse(f"Not closed: {outcome.reason}.", [outcome.mend])
        sys.exit(Exit.REFUSED)
    corrected = _corrected(url, outcome) if corrections else {}
    if as_json:
        click.echo(show.as_json([_summary(day) | corrected.get(day.date, {}) for day in outcome]))
    else:
        _table(outcome)
        _corrections(corrected)
    if report is not None and outcome:
        _write_report(url, outcome[-1].date, report)


def _corrected(url: str, days: "list[DaySummary]") -> dict[int, dict[str, Any]]:
    """For each day what it corrected, under the word that the JSON has for it."""
    from forbear.operations.corrected import corrections

    return {day.date: {"corrected": corrections(url, day.date)} for day in days}


def _corrections(corrected: dict[int, dict[str, Any]]) -> None:
    """A line for each thing that was believed of an earlier day and is known otherwise."""
    rows = [
        (
            str(each.business_date),
            each.reference,
            str(line.on),
            f"{line.what} {line.component}".replace("_", " ").strip(),
            fact_text(line.what, line.believed, each.currency),
            fact_text(line.what, line.known, each.currency),
        )
        for found in corrected.values()
        for each in found["corrected"]
        for line in each.learned
    ]
    if rows:
        heads = ["closed", "loan", "about", "what", "believed", "known"]
        show.table("Corrections 更正", heads, rows, words=4)


def _must_be_next(url: str, date: int) -> None:
    """One day at a time, in order: the days between would be closed unasked."""
    from forbear.kernel.days import to_date, to_day
    from forbear.operations.status import status

    last = status(url, date).last_closed
    if last is not None and date > to_day(last) + 1:
        wanted = to_date(to_day(last) + 1)
        show.refuse(
            f"{to_date(date)} cannot be closed yet: the last closed day is {last}.",
            [f"Close {wanted} first, or all of them with: forbear close-day --until {to_date(date)}"],
        )
        sys.exit(Exit.REFUSED)


def _summary(day: "DaySummary") -> dict[str, Any]:
    from forbear.kernel.days import to_date

    return {"date": to_date(day.date), "closed_now": day.closed_now, "totals": day.totals}


def _table(days: "list[DaySummary]") -> None:
    from forbear.kernel.days import to_date

    rows = []
    for day in days:
        products = day.totals.get("products", {}).values()
        principal = sum(product.get("control", {}).get("principal", 0) for product in products)
        rows.append(
            (
                to_date(day.date).isoformat(),
                "closed" if day.closed_now else "was closed already",
                *(
                    f"{day.totals.get(name, 0):,}"
                    for name in ("entries", "touched", "corrections", "movements")
                ),
                show.amount(principal),
            )
        )
    heads = ["day", "", "entries", "loans touched", "corrections", "movements", "principal"]
    show.table("Business days", heads, rows, words=2)


@click.command("status")
@JSON
@click.pass_context
def status_command(ctx: click.Context, as_json: bool) -> None:
    """Where the book stands: its size, the last closed day, and what waits to be booked."""
    from forbear.operations.database import book_url
    from forbear.operations.status import status

    found = status(book_url(), today(ctx))
    if as_json:
        click.echo(show.as_json(found))
        return
    rows = [
        ("products", f"{found.products:,}"),
        ("loans", f"{found.loans:,}"),
        ("last closed day", str(found.last_closed or "none yet")),
        ("days behind", f"{found.days_behind:,}"),
        ("a day that was begun and not finished", str(found.open_day or "none")),
        ("recordings not yet booked", f"{found.unbooked_recordings:,}"),
    ]
    show.table("The book", ["", ""], rows)
    if not found.loans:
        click.echo("Next: forbear import FOLDER")
    elif found.open_day or found.days_behind > 0 or found.unbooked_recordings:
        click.echo("Next: forbear close-day")


@click.command("verify")
@JSON
def verify_command(as_json: bool) -> None:
    """Prove the whole book again: every position folded anew, every chain, ledger and total compared.

    Changes nothing. Exit code 3 means that something is not as it must be.
    """
    from forbear.operations.database import book_url
    from forbear.operations.verify import verify

    with show.progress() as progress:
        report = verify(book_url(), progress=progress)
    if as_json:
        click.echo(show.as_json(report))
    elif report.sound:
        click.echo(f"Sound: {report.loans:,} loans and {report.entries:,} entries give what is stored.")
        click.echo(f"Journal digest {report.journal_digest or 'none: no day is closed'}")
    else:
        lines = [f"{finding.proof}: {finding.where}: {finding.what}" for finding in report.findings]
        show.refuse(f"{len(report.findings)} differences found.", lines)
    if not report.sound:
        sys.exit(Exit.DIFFERENT)


@click.command("report")
@click.argument("date", type=DAY, required=False)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("report.html"),
    show_default=True,
    help="File to write.",
)
def report_command(date: int | None, out: Path) -> None:
    """Draw the report of a closed day as one HTML file, in Chinese and English.

    DATE defaults to the last closed day. The file needs nothing else: send it, print it, keep it.
    """
    from forbear.operations.database import book_url

    _write_report(book_url(), date, out)


def _write_report(url: str, date: int | None, out: Path) -> None:
    from forbear.operations.report import write_report

    found = write_report(url, date, out, language=show.language())
    if found is None:
        show.refuse("There is no report to draw.", ["That day is not closed. Run: forbear close-day"])
        sys.exit(Exit.REFUSED)
    click.echo(f"Report of {found}: {out.absolute().as_uri()}", err=True)
