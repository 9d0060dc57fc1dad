"""`forbear`: the root of the command line. Each command's module is imported when it is called."""

import importlib
import sys
from datetime import datetime
from typing import Any, Final

import click

from forbear import __version__
from forbear.cli.codes import MEANINGS, Exit

SECTIONS: Final = {
    "The book": {
        "import": ("forbear.cli.book", "take in products, borrowers, loans and journal entries"),
        "export": ("forbear.cli.book", "write positions, movements, journal or the whole book to files"),
        "statement": ("forbear.cli.loan", "one loan on any day: what is owed, and how it came to that"),
        "explain": ("forbear.cli.loan", "one figure of a loan, down to days, rates and journal entries"),
        "cost": ("forbear.cli.loan", "what one loan costs a year, all in: as agreed, and so far"),
        "preview": ("forbear.cli.change", "what an entry would change on a loan, or why it is refused"),
        "record": ("forbear.cli.change", "record one entry on a loan, or undo one"),
    },
    "The day": {
        "close-day": ("forbear.cli.day", "close the next business day, or all that are missing"),
        "status": ("forbear.cli.day", "where the book stands"),
        "verify": ("forbear.cli.day", "prove the whole book again from its journal"),
        "report": ("forbear.cli.day", "draw the report of a closed day as one HTML file"),
    },
    "The law": {
        "law": ("forbear.cli.law", "may this be done? who says so, since when, and how surely"),
    },
    "This machine": {
        "demo": ("forbear.cli.machine", "make up a lender, live through half a year, and show the report"),
        "database": ("forbear.cli.machine", "start, stop or look at Forbear's own PostgreSQL"),
        "completion": ("forbear.cli.machine", "let your shell complete commands with the Tab key"),
    },
}
EXAMPLES: Final = (
    ("forbear demo", "see it work: ten thousand loans, half a year, two minutes"),
    ("forbear import book/", "take in products, borrowers, loans and journal of a folder"),
    ("forbear close-day", "close all days up to today"),
    ("forbear law ask --in cn --act call --at 21:58", "may the borrower be called at two to ten"),
    ("forbear statement L000000042 --as-of 2026-03-01", "what was owed on 1 March, and why"),
)


class Root(click.Group):
    """The group of all commands: lazy, with a help page that teaches and errors in plain words."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        """All commands, in the order of the help page."""
        return [name for section in SECTIONS.values() for name in section]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  click's signature
        """Import the module of a command, and only that."""
        for section in SECTIONS.values():
            if cmd_name in section:
                module = importlib.import_module(section[cmd_name][0])
                command: click.Command = getattr(module, cmd_name.replace("-", "_") + "_command")
                return command
        return None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Where a word is no command, name the one that was probably meant."""
        import difflib

        known = self.list_commands(ctx)
        if args and args[0] not in known and not args[0].startswith("-"):
            near = difflib.get_close_matches(args[0], known, 1)
            hint = f"Did you mean: forbear {near[0]}?" if near else "forbear --help lists them."
            raise click.UsageError(f"There is no command {args[0]!r}. {hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  click's signature
        """The commands under their headings, then examples, exit codes, and where to read on."""
        for title, section in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(name, told) for name, (_, told) in section.items()])
        with formatter.section("Examples"):
            formatter.write_dl(list(EXAMPLES), col_max=50)
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(int(code)), told) for code, told in MEANINGS.items()])
        formatter.write_paragraph()
        formatter.write_text(
            "Where to go next: forbear COMMAND --help, forbear demo, and docs/tutorial/index.md."
        )

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what can be expected to go wrong is said without a traceback."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except KeyboardInterrupt:
            click.echo("\nInterrupted. What was committed stays; run the command again to go on.", err=True)
            sys.exit(Exit.INTERRUPTED)
        except Exception as error:
            from forbear.cli.failures import explain

            told = explain(error)
            if told is None:
                raise
            click.echo(f"forbear: {told.message}", err=True)
            sys.exit(told.code)


@click.group(cls=Root, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, "-V", "--version", prog_name="forbear")
@click.pass_context
def main(context: click.Context) -> None:
    """Forbear keeps the book of a lender after pay-out: what is owed on every loan, to the cent, on any day.

    A loan's position is a function of its terms and its journal. Record what happened, also late; close the day; ask
    about any date. Forbear brings its own PostgreSQL; DATABASE_URL names another.
    """
    if context.obj is None:
        context.obj = datetime.now().astimezone()  # the one place where a command learns what time it is


if __name__ == "__main__":
    main()
