"""One entry on one loan: `forbear preview`, `forbear record`."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from forbear.cli import show
from forbear.cli.codes import Exit
from forbear.cli.days import DAY, moment, today
from forbear.cli.loan import COMPONENTS, FACTS, fact_text, unknown_loan

if TYPE_CHECKING:
    from forbear.operations.proposal import NotRecorded, Proposal
    from forbear.operations.record import Changed

Command = TypeVar("Command", bound=Callable[..., Any])


def _entry_options(command: Command) -> Command:
    """The loan, the kind, and what an entry may say."""
    for option in reversed(
        (
            click.argument("loan"),
            click.argument("kind"),
            click.option(
                "--on", type=DAY, default=None, help="The day from which it counts.  [default: today]"
            ),
            click.option("--amount", default=None, help="How much, as 1234.56."),
            click.option(
                "--component", type=click.Choice(COMPONENTS), default=None, help="What it is about."
            ),
            click.option(
                "--target", type=int, default=None, help="Sequence of the entry that is undone or taken back."
            ),
            click.option(
                "--until",
                type=DAY,
                default=None,
                help="First day after a pause, a new due date, or the due date of an instalment.",
            ),
            click.option("--rate", default=None, help="The new rate, as the loan's: 0.1449."),
            click.option("--count", type=int, default=None, help="Instalments, or periods."),
            click.option(
                "--as-of", type=DAY, default=None, help="The day compared.  [default: today, or --on]"
            ),
            click.option(
                "--lang",
                type=click.Choice(["en", "zh"]),
                default="en",
                help="Refusals in English or Chinese.  [default: en]",
            ),
            click.option(
                "--json", "as_json", is_flag=True, help="Print everything as JSON; amounts in minor units."
            ),
        )
    ):
        command = option(command)
    return command


@click.command("preview")
@_entry_options
@click.pass_context
def preview_command(ctx: click.Context, /, as_of: int | None, lang: str, as_json: bool, **said: Any) -> None:
    """What an entry would change on a loan, or why it is refused; nothing is written.

    KIND is a kind of journal entry, such as due_date_moved, payment_holiday, extended, reaged, rate_changed, charged_off; undo
    is reversed, with the sequence of the entry as --target. Shows the position and the instalments before and after, and what
    is known otherwise for each day and component.

    \b
    Examples:
      forbear preview L000000042 extended --count 3
      forbear preview L000000042 rate_changed --component interest --rate 0.06 --on 2026-03-01
    """  # noqa: D301  \b is for click
    from forbear.operations.database import book_url
    from forbear.operations.record import preview

    proposal = _proposal(ctx, **said)
    now = today(ctx)
    answer = preview(
        book_url(),
        proposal,
        as_of=max(now, proposal.on) if as_of is None else as_of,
        today=now,
        language=lang,
    )
    _tell(answer, proposal, as_json)


@click.command("record")
@_entry_options
@click.option("--reason", required=True, help="Why, in words; kept with the entry.")
@click.option("--actor", default=None, help="Who records this.  [default: the user of this machine]")
@click.option("--key", default="", help="Idempotency key.  [default: made from what the entry says]")
@click.pass_context
def record_command(
    ctx: click.Context,
    /,
    as_of: int | None,
    lang: str,
    as_json: bool,
    reason: str,
    actor: str | None,
    key: str,
    **said: Any,
) -> None:
    """Record one entry on a loan, under the rules that preview asks, and print what it changed.

    The same command given twice records once; a second entry that says the same needs a --key of its own. To undo an entry,
    record reversed with its sequence as --target: both are left out of the fold from then on, and both stay in the journal.

    \b
    Examples:
      forbear record L000000042 due_date_moved --until 2026-03-25 --reason "paid on the 20th from now on"
      forbear record L000000042 reversed --target 7 --reason "typed wrong"
    """  # noqa: D301  \b is for click
    import getpass

    from forbear.operations.database import book_url
    from forbear.operations.record import Recorder, record

    proposal = _proposal(ctx, **said)
    by = Recorder(actor=actor or getpass.getuser(), reason=reason, recorded_at=moment(ctx), key=key)
    now = today(ctx)
    answer = record(
        book_url(),
        proposal,
        by,
        as_of=max(now, proposal.on) if as_of is None else as_of,
        today=now,
        language=lang,
    )
    _tell(answer, proposal, as_json)


def _proposal(ctx: click.Context, kind: str, on: int | None, **said: Any) -> "Proposal":
    """The entry that the options say."""
    from forbear.engine.vocabulary import EntryKind
    from forbear.operations.proposal import Proposal

    if kind.upper() not in EntryKind.__members__:
        known = ", ".join(each.name.lower() for each in EntryKind)
        raise click.UsageError(f"There is no kind of entry {kind!r}. Write one of: {known}.", ctx)
    return Proposal(kind=EntryKind[kind.upper()], on=today(ctx) if on is None else on, **said)


def _tell(answer: "Any", proposal: "Proposal", as_json: bool) -> None:
    """Print what changed, or refuse."""
    from forbear.operations.record import Changed

    if isinstance(answer, Changed):
        if as_json:
            click.echo(show.as_json(answer))
        else:
            _changed(answer)
        return
    if as_json:
        click.echo(show.as_json(answer))
    elif hasattr(answer, "rule"):
        _refused(answer, proposal)
    else:
        unknown_loan(proposal.loan)
    sys.exit(Exit.REFUSED)


def _refused(answer: "NotRecorded", proposal: "Proposal") -> None:
    heading = f"Nothing was recorded: {proposal.kind.name.lower()} on {proposal.loan} is refused 未登记"
    show.refuse(heading, [f"{answer.where}: {answer.what} ({answer.rule}).", f"{answer.mend}."])


def _changed(found: "Changed") -> None:
    """The position and the rows before and after, and the correction."""
    rows = [
        (
            label,
            fact_text(name, found.before[name], found.currency),
            fact_text(name, found.after[name], found.currency),
        )
        for name, label in FACTS
    ]
    title = f"{found.reference}  {found.kind}  {found.on}  as of {found.as_of}"
    show.table(title, ["", "before 之前", "after 之后"], rows)
    _rows(found)
    lines = [
        (
            str(line.on),
            f"{line.what} {line.component}".replace("_", " ").strip(),
            fact_text(line.what, line.believed, found.currency),
            fact_text(line.what, line.known, found.currency),
        )
        for line in found.corrected
    ]
    if lines:
        show.table("Known otherwise 更正", ["day", "what", "before", "after"], lines, words=2)
    if found.known:
        click.echo(f"The book has it already, as entry {found.sequence}. 已登记，未重复登记")
    elif found.recording is None:
        click.echo("Nothing was recorded: this is a preview. 仅预览，未登记")
    else:
        click.echo(f"Recorded as entry {found.sequence} 已登记. Next: forbear close-day")


def _rows(found: "Changed") -> None:
    """Instalments that differ, by due date; one that asks for nothing, say as all of it was deferred, is none."""
    before = {row.due_on: row.claimed for row in found.rows_before if any(row.claimed.values())}
    after = {row.due_on: row.claimed for row in found.rows_after if any(row.claimed.values())}

    def parts(claimed: dict[str, int] | None) -> tuple[str, ...]:
        if claimed is None:
            return ("–", "–")
        rest = sum(claimed.values()) - claimed["principal"]
        return show.amount(claimed["principal"], found.currency), show.amount(rest, found.currency)

    rows = [
        (str(on), *parts(before.get(on)), *parts(after.get(on)))
        for on in sorted({*before, *after})
        if before.get(on) != after.get(on)
    ]
    if rows:
        heads = ["due 还款日", "principal before", "other", "principal after", "other"]
        show.table("Instalments that change 变动的还款计划", heads, rows)
