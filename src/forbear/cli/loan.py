"""One loan: `forbear statement`."""

import sys
from typing import TYPE_CHECKING

import click

from forbear.cli import show
from forbear.cli.codes import Exit
from forbear.cli.days import DAY, today

if TYPE_CHECKING:
    from forbear.operations.statement import Statement

COMPONENTS = ("principal", "interest", "fee", "penalty")
FACTS = (
    ("status", "status 状态"),
    ("days_past_due", "days past due 逾期天数"),
    ("bucket", "bucket 账龄"),
    ("principal", "principal 本金"),
    ("accrued_interest", "interest accrued, not due 未到期利息"),
    ("payoff", "payoff on this day 当日结清金额"),
    ("credit", "credit 溢缴款"),
    ("next_due_on", "next due 下次还款日"),
    ("next_due_amount", "next instalment 下期应还"),
)
COUNTS = {"days_past_due"}


@click.command("statement")
@click.argument("loan")
@click.option(
    "--as-of", type=DAY, default=None, help="The day asked about, past or future.  [default: today]"
)
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON; amounts in minor units.")
@click.pass_context
def statement_command(ctx: click.Context, loan: str, as_of: int | None, as_json: bool) -> None:
    """One loan on any day: what is owed, and how each day of its journal led there.

    LOAN is the lender's own reference. The answer is folded from the journal, so any day can be asked about.

    \b
    Examples:
      forbear statement L000000042
      forbear statement L000000042 --as-of 2026-03-01 --json
    """  # noqa: D301  \b is for click
    from forbear.operations.database import book_url
    from forbear.operations.statement import Statement, statement

    found = statement(book_url(), loan, today(ctx) if as_of is None else as_of)
    if not isinstance(found, Statement):
        show.refuse(
            f"There is no loan {loan!r}.",
            ["Check the reference: it is the `loan` column of what was imported."],
        )
        sys.exit(Exit.REFUSED)
    if as_json:
        click.echo(show.as_json(found))
        return
    _position(found)
    _instalments(found)
    _planned(found)
    _history(found)


def _position(found: "Statement") -> None:
    rows = []
    for name, label in FACTS:
        value = found.position.get(name)
        if value is None:
            text = "–"
        elif isinstance(value, int) and name not in COUNTS:
            text = show.amount(value, found.currency)
        else:
            text = str(value)
        rows.append((label, text))
    show.table(f"{found.reference}  {found.product}  {found.currency}  as of {found.as_of}", ["", ""], rows)


def _instalments(found: "Statement") -> None:
    rows = [
        (
            str(row["due_on"]),
            *(show.amount(row["claimed"][name], found.currency) for name in COMPONENTS),
            show.amount(sum(row["unpaid"].values()), found.currency),
        )
        for row in found.instalments
    ]
    if rows:
        show.table("Due so far 已到期", ["due", *COMPONENTS, "unpaid"], rows)


def _planned(found: "Statement") -> None:
    rows = [(str(row["due_on"]), show.amount(row["principal"], found.currency)) for row in found.planned]
    if rows:
        show.table("Planned 还款计划", ["due", "principal"], rows)


def _history(found: "Statement") -> None:
    rows = [
        (
            str(line.on),
            "; ".join(line.entries) or "–",
            "; ".join(
                f"{kind.replace('_', ' ')} "
                + ", ".join(f"{name} {show.amount(amount, found.currency)}" for name, amount in parts.items())
                for kind, parts in line.movements
            ),
            show.amount(line.principal, found.currency),
            show.amount(line.payoff, found.currency),
        )
        for line in found.lines
    ]
    if rows:
        show.table(
            "How it came to this 经过", ["day", "journal", "what moved", "principal", "payoff"], rows, words=3
        )
