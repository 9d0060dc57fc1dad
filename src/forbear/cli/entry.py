"""One journal entry: `forbear preview` and `forbear record`."""

import getpass
import secrets
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import click

from forbear.cli import show
from forbear.cli.codes import Exit
from forbear.cli.days import DAY, moment, today

if TYPE_CHECKING:
    from forbear.operations.proposal import Outcome, Preview

FACTS: Final = (
    ("status", "status 状态"),
    ("days_past_due", "days past due 逾期天数"),
    ("bucket", "bucket 账龄"),
    ("principal", "principal 本金"),
    ("overdue_principal", "principal overdue 逾期本金"),
    ("accrued_interest", "interest accrued, not due 未到期利息"),
    ("payoff", "payoff 结清金额"),
    ("credit", "credit 溢缴款"),
    ("next_due_on", "next due 下次还款日"),
    ("next_due_amount", "next instalment 下期应还"),
)
COUNTS: Final = {"days_past_due"}
OPTIONS: Final = (
    click.option(
        "--on", "effective_on", type=DAY, default=None, help="The day it counts from.  [default: today]"
    ),
    click.option("--amount", default="", help="How much, in the loan's currency: 17.01."),
    click.option("--component", default="", help="principal, interest, fee or penalty."),
    click.option("--target", default="", help="Key of the entry meant, for reversed and charged_back."),
    click.option("--until", type=DAY, default=None, help="First day after a pause; a new due date."),
    click.option("--rate", default="", help="The new rate, as the loan's: 0.12."),
    click.option("--count", type=click.IntRange(1), default=None, help="Instalments, or periods."),
    click.option(
        "--as-of", type=DAY, default=None, help="The day whose position is compared.  [default: today]"
    ),
    click.option("--key", default="", help="Names the entry, once in the book.  [default: made up]"),
    click.option("--json", "as_json", is_flag=True, help="Print everything as JSON; amounts in minor units."),
)


def entry_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """What an entry may say."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


@click.command("preview")
@click.argument("loan")
@click.argument("kind")
@entry_options
@click.pass_context
def preview_command(ctx: click.Context, /, loan: str, kind: str, **said: Any) -> None:
    """What one more journal entry would change: the position, the instalments to come, and what moved otherwise on which day.

    Nothing is written. KIND is a kind of journal entry, such as paid, due_date_moved, extended, reaged, interest_paused or reversed.
    What the life of the loan does not allow is refused, with the rule that says so.

    \b
    Examples:
      forbear preview L000000042 due_date_moved --until 2026-03-20
      forbear preview L000000042 reaged --until 2026-04-01 --count 12
      forbear preview L000000042 reversed --target p-2026-02-17
    """  # noqa: D301  \b is for click
    from forbear.operations.proposal import preview

    _tell(ctx, preview, loan, kind, said, {})


@click.command("record")
@click.argument("loan")
@click.argument("kind")
@entry_options
@click.option("--channel", default="", help="How the money came.")
@click.option("--payer", default="", help="Who paid, if not the borrower.")
@click.option("--reference", "external_reference", default="", help="Number of the transaction at the bank.")
@click.option("--reason", required=True, help="Why, in words; kept with the entry.")
@click.option("--actor", default=None, help="Who records.  [default: you]")
@click.pass_context
def record_command(
    ctx: click.Context,
    /,
    loan: str,
    kind: str,
    channel: str,
    payer: str,
    external_reference: str,
    reason: str,
    **said: Any,
) -> None:
    """Write one journal entry, and show what it changed.

    What the life of the loan does not allow is refused, and nothing is written. To undo an entry record its reversal. With
    --key the same entry may be sent twice: the second time nothing happens.

    \b
    Examples:
      forbear record L000000042 paid --amount 500.00 --reason "transfer of 3 March" --key bank-4711
      forbear record L000000042 extended --count 3 --reason "hardship, agreed on the phone"
      forbear record L000000042 reversed --target bank-4711 --reason "paid for another loan"
    """  # noqa: D301  \b is for click
    from forbear.operations.proposal import record

    more = {"channel": channel, "payer": payer, "external_reference": external_reference, "reason": reason}
    _tell(ctx, record, loan, kind, said, more)


def _tell(
    ctx: click.Context,
    act: Callable[..., "Outcome"],
    loan: str,
    kind: str,
    said: dict[str, Any],
    more: dict[str, Any],
) -> None:
    """Do it, and say what came of it."""
    from forbear.operations.database import book_url
    from forbear.operations.proposal import Preview, Proposal

    as_of, as_json = said.pop("as_of"), said.pop("as_json")
    actor = said.pop("actor", None) or getpass.getuser()
    now = today(ctx)
    said["effective_on"] = now if said["effective_on"] is None else said["effective_on"]
    said["key"] = said["key"] or f"{kind}-{secrets.token_hex(8)}"
    entry = Proposal(loan=loan, kind=kind, **said, **more)
    found = act(book_url(), entry, now if as_of is None else as_of, today=now, now=moment(ctx), actor=actor)
    if not isinstance(found, Preview):
        sys.exit(_refuse(found, loan, as_json=as_json))
    if as_json:
        click.echo(show.as_json({**show.plain(found), "key": entry.key}))
        return
    _compared(found)
    if found.known:
        click.echo(f"The book has this entry already ({entry.key}); nothing was written.")
    elif found.recorded:
        click.echo(
            f"Recorded as {entry.key}. To undo it: forbear record {loan} reversed --target {entry.key}"
        )


def _refuse(found: "Outcome", loan: str, *, as_json: bool) -> Exit:
    """Say why nothing was written."""
    from forbear.engine.life import Refusal
    from forbear.operations.import_book import ImportRefusal

    if isinstance(found, Refusal):
        if as_json:
            click.echo(
                show.as_json({"refused": found.rule.code, "says": found.rule.says, "mend": found.rule.mend})
            )
            return Exit.REFUSED
        place = ("en", "zh").index(show.language())
        heading = (f"Refused ({found.rule.code}): ", f"不予登记（{found.rule.code}）：")[place]
        show.refuse(heading + found.rule.says[place], [found.rule.mend[place]])
        return Exit.REFUSED
    if isinstance(found, ImportRefusal):
        lines = [f"{p.column or p.file}: {p.message}; {p.mend}" for p in found.problems]
        show.refuse("Nothing was recorded.", lines)
        return Exit.REFUSED
    show.refuse_unknown(loan)
    return Exit.REFUSED


def _compared(found: "Preview") -> None:
    """Before and after, side by side."""

    def told(value: object, what: str) -> str:
        money = isinstance(value, int) and what not in COUNTS
        return "–" if value is None else show.amount(value, found.currency) if money else str(value)  # type: ignore[arg-type]

    rows = [
        (label, told(found.before.get(name), name), told(found.after.get(name), name))
        for name, label in FACTS
    ]
    title = f"{found.reference}  {found.currency}  on {found.as_of}"
    show.table(title, ["", "before 变更前", "after 变更后"], rows)
    before = {row["due_on"]: row["total"] for row in found.planned_before}
    after = {row["due_on"]: row["total"] for row in found.planned_after}
    days = sorted({*before, *after})
    if days:
        plan = [(str(day), told(before.get(day), ""), told(after.get(day), "")) for day in days]
        plan.append(("total 合计", told(sum(before.values()), ""), told(sum(after.values()), "")))
        show.table("Instalments, each paid when due 还款计划（均按期还款）", ["due", "before", "after"], plan)
    changes = [
        (
            str(c.on),
            f"{c.what} {c.component}".replace("_", " ").strip(),
            told(c.believed, c.what),
            told(c.known, c.what),
        )
        for c in found.changes
    ]
    if changes:
        show.table("What moves otherwise 变动", ["day", "what", "before", "after"], changes, words=2)
