"""What the program prints."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from examples.lendingclub.comparing import VERDICTS, by_cause, by_status
from examples.lendingclub.entries import dollars
from forbear.cli import show

if TYPE_CHECKING:
    from examples.lendingclub.program import Outcome

HEADS = ["loans", *VERDICTS]


def progress() -> AbstractContextManager[Callable[[str, int, int], None]]:
    """Forbear's own progress bar."""
    return show.progress()


def refuse(message: str) -> None:
    """Say why nothing was done."""
    click.echo(message, err=True)


def tell(outcome: "Outcome", report: Path, kept: Path | None, seconds: int) -> None:
    """The whole result: instalments, figures by status, causes."""
    _instalments(outcome)
    _figures("Published sums, folded again", ["status", "figure"], list(by_status(outcome.compared)))
    _figures(
        "Why: the balance (interest, where the loan has ended), by how the payments were explained",
        ["status", "explained by"],
        list(by_cause(outcome.compared)),
    )
    sound = "sound" if outcome.verified else "NOT SOUND: run forbear verify"
    click.echo(f"The book was proved again from its journal: {sound}.")
    click.echo(f"A row for each loan: {report}")
    if kept is not None:
        click.echo(f"The book is kept. To look at it: export FORBEAR_HOME={kept}")
    click.echo(f"{seconds} seconds.")


def _instalments(outcome: "Outcome") -> None:
    equal = outcome.loans - len(outcome.odd)
    click.echo(f"Instalments computed to the cent: {equal:,} of {outcome.loans:,}.")
    for odd in outcome.odd:
        why = (
            f"it repays today's balance in {odd.rest} months at this rate: the rate was lowered later"
            if odd.rest
            else "unexplained"
        )
        click.echo(
            f"  loan {odd.loan.number}: published {dollars(odd.loan.instalment)}, "
            f"annuity {dollars(odd.computed)}, rate {odd.loan.raw['interest_rate']}%; {why}"
        )
    click.echo()


def _figures(title: str, words: list[str], rows: list[tuple[str, str, dict[str, int]]]) -> None:
    lines, last = [], ""
    for status, what, found in rows:
        total = sum(found.values())
        head = "" if status == last else status
        lines.append([head, what, f"{total:,}", *(f"{found[verdict]:,}" for verdict in VERDICTS)])
        last = status
    show.table(title, [*words, *HEADS], lines, words=2)
