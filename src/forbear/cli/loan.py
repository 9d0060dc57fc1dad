"""One loan: `forbear statement`, `forbear explain`, `forbear cost`."""

import datetime as dt
import sys
from typing import TYPE_CHECKING

import click

from forbear.cli import show
from forbear.cli.codes import Exit
from forbear.cli.days import DAY, MOMENT, today

if TYPE_CHECKING:
    from forbear.operations.cost import Figure
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
COUNTS = {"days_past_due", "nonaccrual"}
COSTS = {
    "xirr": "IRR on actual dates 内部收益率（按实际日期）",
    "monthly_irr": "monthly IRR times 12 月内部收益率×12",
    "reg_z": "APR, Regulation Z Appendix J",
    "eu_months": "APRC, EU and UK 欧盟年化费用率",
}


@click.command("statement")
@click.argument("loan")
@click.option(
    "--as-of", type=DAY, default=None, help="The day asked about, past or future.  [default: today]"
)
@click.option(
    "--known-at",
    type=MOMENT,
    default=None,
    help="From what was recorded by then; a date means its end (UTC).  [default: now]",
)
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON; amounts in minor units.")
@click.pass_context
def statement_command(
    ctx: click.Context, loan: str, as_of: int | None, known_at: dt.datetime | None, as_json: bool
) -> None:
    """One loan on any day: what is owed, and how each day of its journal led there.

    LOAN is the lender's own reference. The answer is folded from the journal, so any day can be asked about.

    \b
    Examples:
      forbear statement L000000042
      forbear statement L000000042 --as-of 2026-03-01 --json
      forbear statement L000000042 --as-of 2026-03-01 --known-at 2026-03-05
    """  # noqa: D301  \b is for click
    from forbear.operations.database import book_url
    from forbear.operations.statement import Statement, statement

    found = statement(book_url(), loan, today(ctx) if as_of is None else as_of, known_at=known_at)
    if not isinstance(found, Statement):
        unknown_loan(loan)
        sys.exit(Exit.REFUSED)
    if as_json:
        click.echo(show.as_json(found))
        return
    _position(found)
    _instalments(found)
    _planned(found)
    _history(found)
    _learned(found)


@click.command("explain")
@click.argument("loan")
@click.argument("figure", default="payoff")
@click.option(
    "--as-of", type=DAY, default=None, help="The day asked about, past or future.  [default: today]"
)
@click.option(
    "--lang", type=click.Choice(["en", "zh"]), default="en", help="English or Chinese.  [default: en]"
)
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON, with exact fractions.")
@click.pass_context
def explain_command(
    ctx: click.Context, loan: str, figure: str, as_of: int | None, lang: str, as_json: bool
) -> None:
    """Explain one figure of a loan: a tree of days, rates, roundings, allocations and journal entries.

    The sentences are notes that the fold itself takes while it computes the figure. FIGURE is payoff, principal, due_principal,
    due_interest, due_fee, due_penalty, undue, accrued_interest, accrued_penalty, deferred_interest, deferred_fee,
    deferred_penalty, ahead_interest, ahead_charges, credit or days_past_due. What is not whole money shows four more
    decimals after a bar.

    \b
    Examples:
      forbear explain L000000042
      forbear explain L000000042 due_interest --as-of 2026-03-01 --lang zh
    """  # noqa: D301  \b is for click
    from forbear.operations.database import book_url
    from forbear.operations.explain import Explanation, UnknownFigure, explanation

    found = explanation(
        book_url(), loan, today(ctx) if as_of is None else as_of, figure=figure, language=lang
    )
    if isinstance(found, UnknownFigure):
        show.refuse(f"There is no figure {figure!r}.", [f"Write one of: {', '.join(found.known)}."])
        sys.exit(Exit.REFUSED)
    if not isinstance(found, Explanation):
        unknown_loan(loan)
        sys.exit(Exit.REFUSED)
    if as_json:
        click.echo(show.as_json(found))
        return
    for line in found.lines:
        click.echo(f"{'  ' * line.depth}{line.amount}  {line.sentence}")


def fact_text(name: str, value: object, currency: str) -> str:
    """A fact of a position as people read it: money with its decimals, a dash for a day that does not come."""
    if value is None:
        return "–"
    return show.amount(value, currency) if isinstance(value, int) and name not in COUNTS else str(value)


def _position(found: "Statement") -> None:
    rows = [(label, fact_text(name, found.position.get(name), found.currency)) for name, label in FACTS]
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
    parts = [name for name in COMPONENTS if any(name in row for row in found.planned)]
    rows = [
        (str(row["due_on"]), *(show.amount(row[name], found.currency) for name in parts))
        for row in found.planned
    ]
    if rows:
        show.table("Planned 还款计划", ["due", *parts], rows)


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


def _learned(found: "Statement") -> None:
    """What is known to be otherwise since, where an earlier knowledge was asked for."""
    rows = [
        (
            str(line.on),
            f"{line.what} {line.component}".replace("_", " ").strip(),
            fact_text(line.what, line.believed, found.currency),
            fact_text(line.what, line.known, found.currency),
        )
        for line in found.learned
    ]
    if rows:
        title = f"Learned since {found.known_at} 此后更正"
        show.table(title, ["day", "what", "believed", "known"], rows, words=2)


@click.command("cost")
@click.argument("loan")
@click.option("--as-of", type=DAY, default=None, help="The day the history is settled on.  [default: today]")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON; rates are whole 10**-10.")
@click.pass_context
def cost_command(ctx: click.Context, loan: str, as_of: int | None, as_json: bool) -> None:
    """What one loan costs a year, all in: by the contract as agreed, and by its history so far.

    LOAN is the lender's own reference. As agreed: the pay-outs, the fees charged with them, and each instalment paid when it is
    due. So far: what was paid out and received, and the payoff of the day. Rates are exact to the last digit shown.

    \b
    Examples:
      forbear cost L000000042
      forbear cost L000000042 --as-of 2026-03-01 --json
    """  # noqa: D301  \b is for click
    from forbear.operations.cost import LoanCost, loan_cost
    from forbear.operations.database import book_url

    found = loan_cost(book_url(), loan, today(ctx) if as_of is None else as_of)
    if not isinstance(found, LoanCost):
        unknown_loan(loan)
        sys.exit(Exit.REFUSED)
    if as_json:
        click.echo(show.as_json(found))
        return
    rows = [
        (label, _percent(found.agreed[name]), _percent(found.so_far[name])) for name, label in COSTS.items()
    ]
    title = f"{found.reference}  {found.currency}  settled on {found.as_of}"
    show.table(title, ["a year 年化", "as agreed 合同", "so far 迄今"], rows)


def _percent(figure: "Figure") -> str:
    """A rate in per cent to four places, half up; or the reason why there is none."""
    from forbear.kernel.rounding import HALF_UP, round_ratio

    if figure.rate is None:
        return str(figure.why)
    places = round_ratio(figure.rate, 10**4, HALF_UP)
    whole, part = divmod(abs(places), 10**4)
    return f"{'-' if places < 0 else ''}{whole}.{part:04}%"


def unknown_loan(loan: str) -> None:
    """Refuse a reference that the book does not have."""
    show.refuse(
        f"There is no loan {loan!r}.",
        ["Check the reference: it is the `loan` column of what was imported."],
    )
