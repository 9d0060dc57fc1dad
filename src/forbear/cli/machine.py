"""This machine: `forbear demo`, `database`, `completion`."""

import sys
from pathlib import Path

import click

from forbear.cli import show
from forbear.cli.codes import Exit
from forbear.cli.days import DAY, today


@click.command("demo")
@click.option(
    "--loans", type=click.IntRange(1, 1_000_000), default=10_000, show_default=True, help="How many loans."
)
@click.option(
    "--days",
    type=click.IntRange(1, 1_000),
    default=180,
    show_default=True,
    help="How many days to live through.",
)
@click.option("--seed", type=int, default=7, show_default=True, help="Another seed is another lender.")
@click.option("--until", type=DAY, default=None, help="The last day.  [default: yesterday]")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=None,
    help="Where to write the report.  [default: the temporary folder]",
)
@click.pass_context
def demo_command(
    ctx: click.Context, loans: int, days: int, seed: int, until: int | None, out: Path | None
) -> None:
    """Make up a lender, live through half a year with it, and show the report of the last day.

    The lender lives in a database of its own, forbear_demo, on Forbear's own server; your book is not touched. Its
    borrowers are nobody: names are drawn, ID and phone numbers lie outside what is ever given out. Running it again
    starts afresh.
    """
    from forbear.operations.database import own_url
    from forbear.operations.demo import demo

    with show.progress() as progress:
        outcome = demo(
            own_url(),
            loans=loans,
            days=days,
            seed=seed,
            until=today(ctx) - 1 if until is None else until,
            out=out,
            language=show.language(),
            progress=progress,
        )
    if outcome.refused:
        show.refuse("The demo stopped.", outcome.refused)
        sys.exit(Exit.REFUSED)
    rows = [(name, f"{seconds:.1f} s") for name, seconds in outcome.seconds.items()]
    show.table(
        f"{outcome.loans:,} loans, {outcome.entries:,} journal entries, {outcome.days} days",
        ["", "took"],
        rows,
    )
    click.echo(f"Report of {outcome.last_day}: {outcome.report.as_uri()}")
    click.echo("Ask about a loan:")
    click.echo(f"  export DATABASE_URL=$(forbear database url --demo)\n  forbear statement {outcome.example}")


@click.group("database")
def database_command() -> None:
    """Start, stop or look at the database that keeps the book.

    Without DATABASE_URL this is a PostgreSQL of Forbear's own, in FORBEAR_HOME; commands start it by themselves.
    """


@database_command.command("start")
def start_command() -> None:
    """Start the server, making it first if need be, and bring its tables to the present version."""
    from forbear.operations import database

    click.echo(f"Ready: {database.start()}")


@database_command.command("stop")
def stop_command() -> None:
    """Stop the server; open transactions are rolled back."""
    from forbear.operations import database

    if not database.stop():
        show.refuse("Not stopped: DATABASE_URL names a server that is not ours.", ["Stop it where it runs."])
        sys.exit(Exit.REFUSED)
    click.echo("Stopped.")


@database_command.command("status")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def database_status_command(as_json: bool) -> None:
    """Whether it runs, where it is, and whether its tables are of this version."""
    from forbear.operations import database

    found = database.look()
    if as_json:
        click.echo(show.as_json(found))
        return
    rows = [
        ("server", "Forbear's own" if found.own else "named by DATABASE_URL"),
        ("state", found.state),
        ("place", found.place),
        ("url", found.url or "–"),
        ("migrations to do", ", ".join(found.pending) or "none"),
    ]
    show.table("Database", ["", ""], rows, words=2)


@database_command.command("url")
@click.option("--demo", is_flag=True, help="That of the demo's database.")
def url_command(demo: bool) -> None:
    """Print the URL, with its password: for DATABASE_URL or psql, not for logs."""
    from forbear.operations import database

    if demo:
        from forbear.operations.demo import demo_url

        click.echo(demo_url(database.own_url()))
    else:
        click.echo(database.book_url())


@database_command.command("migrate")
def migrate_command() -> None:
    """Bring the tables to the present version. Does nothing when they are."""
    from forbear.operations import database

    done = database.migrate()
    click.echo("Done: " + ", ".join(done) if done else "Nothing to do.")


COMPLETION = {
    "bash": ('eval "$(forbear completion bash)"', "~/.bashrc"),
    "zsh": ('eval "$(forbear completion zsh)"', "~/.zshrc"),
    "fish": ("forbear completion fish | source", "~/.config/fish/config.fish"),
}


@click.command("completion")
@click.argument("shell", type=click.Choice(sorted(COMPLETION)))
@click.pass_context
def completion_command(ctx: click.Context, shell: str) -> None:
    """Print what makes your shell complete commands, options and choices with the Tab key.

    \b
    Put one line at the end of your shell's start-up file and open a new terminal:
      bash  ~/.bashrc                   eval "$(forbear completion bash)"
      zsh   ~/.zshrc                    eval "$(forbear completion zsh)"
      fish  ~/.config/fish/config.fish  forbear completion fish | source
    """  # noqa: D301  \b is for click
    from click.shell_completion import get_completion_class

    maker = get_completion_class(shell)
    assert maker is not None, "click knows these three"
    root = ctx.find_root().command
    click.echo(maker(root, {}, "forbear", "_FORBEAR_COMPLETE").source())
    if sys.stdout.isatty():
        line, file = COMPLETION[shell]
        click.echo(f"# To have it in every terminal, put this line into {file}:\n#   {line}", err=True)
