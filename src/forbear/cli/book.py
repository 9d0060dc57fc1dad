"""Taking in and giving out: `forbear import`, `forbear export`."""

import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forbear.cli import show
from forbear.cli.codes import Exit
from forbear.cli.days import moment

if TYPE_CHECKING:
    from forbear.formats.mapping import Mapping
    from forbear.operations.import_book import ImportRefusal, ImportReport
    from forbear.operations.import_run import ImportFiles

KINDS = ("products", "borrowers", "loans", "instalments", "versions", "journal")
FILE = click.Path(exists=True, path_type=Path)
WRITABLE = click.Path(path_type=Path)


@click.command("import")
@click.argument("paths", nargs=-1, required=True, type=FILE, metavar="FOLDER | FILE...")
@click.option(
    "--mapping",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="YAML file that names your columns and words.",
)
@click.option("--dry-run", is_flag=True, help="Check everything, record nothing.")
@click.option("--actor", default=None, help="Who records this.  [default: the user of this machine]")
@click.option("--reason", default="import", show_default=True, help="Why; kept with every entry.")
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON.")
@click.pass_context
def import_command(
    ctx: click.Context,
    paths: tuple[Path, ...],
    mapping: Path | None,
    dry_run: bool,
    actor: str | None,
    reason: str,
    as_json: bool,
) -> None:
    """Take in products, borrowers, loans, their instalments, later versions of their terms, and journal entries: all, or none.

    Name a folder that holds products, borrowers, loans, instalments, versions and journal files (.csv or .parquet), or the files. What is known
    already is skipped, so a file may be imported twice. If anything is wrong nothing is recorded, and each problem is
    told with its row, its column, its value and the way to mend it.

    \b
    Examples:
      forbear import book/
      forbear import loans.csv journal.csv --mapping ours.yaml --dry-run
    """  # noqa: D301  \b is for click
    from forbear.operations.database import book_url
    from forbear.operations.import_book import ImportRefusal, import_book

    rules = _rules(mapping)
    files = _files(paths, rules)
    with show.progress() as progress:
        outcome = import_book(
            book_url(),
            files,
            mapping=rules,
            actor=actor or getpass.getuser(),
            reason=reason,
            recorded_at=moment(ctx),
            dry_run=dry_run,
            progress=progress,
        )
    if as_json:
        click.echo(show.as_json(outcome))
    if isinstance(outcome, ImportRefusal):
        sys.exit(_refuse(outcome))
    if not as_json:
        _report(outcome)


def _rules(path: Path | None) -> "Mapping":
    """The mapping of a file, or none. What is wrong with it is told, and ends the command."""
    from forbear.formats.mapping import NO_MAPPING, Mapping, read_mapping

    found = NO_MAPPING if path is None else read_mapping(path)
    if isinstance(found, Mapping):
        return found
    show.refuse(
        "Nothing was recorded: the mapping has to be mended first.", [str(problem) for problem in found]
    )
    sys.exit(Exit.REFUSED)


def _files(paths: tuple[Path, ...], rules: "Mapping") -> "ImportFiles":
    """The files of folders, and files named one by one, by kind: by the mapping's patterns, else by their names."""
    from forbear.operations.import_run import ImportFiles

    found: dict[str, list[Path]] = {kind: [] for kind in KINDS}
    for path in paths:
        named = ImportFiles.in_folder(path if path.is_dir() else path.parent)
        here = sorted(path.iterdir()) if path.is_dir() else [path]
        before = sum(map(len, found.values()))
        for each in here:
            kinds = rules.kinds_of(each.name) or [kind for kind in KINDS if each in getattr(named, kind)]
            for kind in kinds:
                found[kind].append(each)
        if sum(map(len, found.values())) == before:
            raise click.UsageError(
                f"{path} holds nothing to import: name files products, borrowers, loans, instalments, "
                "versions or journal (.csv or .parquet), "
                "or let a mapping say what they are."
            )
    return ImportFiles(**{kind: tuple(files) for kind, files in found.items()})


def _refuse(outcome: "ImportRefusal") -> Exit:
    """Say each problem; the exit code tells bad input from a database or disk that gave way."""
    count = len(outcome.problems)
    heading = f"Nothing was recorded: {count} problem{'s' if count != 1 else ''}{', or more' if outcome.more else ''}."
    show.refuse(heading, [str(problem) for problem in outcome.problems])
    from forbear.operations.import_book import DATABASE, DISK_FULL

    if any(problem.message.startswith(DISK_FULL) for problem in outcome.problems):
        return Exit.NO_ROOM
    return Exit.NO_DATABASE if DATABASE in {problem.file for problem in outcome.problems} else Exit.REFUSED


def _report(outcome: "ImportReport") -> None:
    rows = [
        (kind, f"{new:,}", f"{outcome.known.get(name, 0):,}")
        for name, kind, new in (
            ("products", "products", outcome.products),
            ("borrowers", "borrowers", outcome.borrowers),
            ("loans", "loans", outcome.loans),
            ("instalments", "instalments", outcome.instalments),
            ("versions", "versions of terms", outcome.versions),
            ("journal", "journal entries", outcome.entries),
        )
        if new or outcome.known.get(name) or name not in ("instalments", "versions")
    ]
    title = "Would be recorded" if outcome.dry_run else "Recorded"
    show.table(title, ["", "new", "known already"], rows)
    click.echo("Nothing was recorded: this was a dry run." if outcome.dry_run else "Next: forbear close-day")


@click.command("export")
@click.argument("what", type=click.Choice(["positions", "movements", "journal", "book"]))
@click.option("--format", "form", type=click.Choice(["parquet", "csv"]), default="parquet", show_default=True)
@click.option(
    "--out", type=WRITABLE, default=Path("forbear-export"), show_default=True, help="Folder to write to."
)
def export_command(what: str, form: str, out: Path) -> None:
    """Write positions, movements, the journal, or the whole book to files.

    A book that was exported can be imported again elsewhere; positions and movements are for your own analysis.

    \b
    Examples:
      forbear export positions --format csv --out today/
      forbear export book --out backup/
    """  # noqa: D301  \b is for click
    from forbear.operations.database import book_url
    from forbear.operations.export_book import export_book

    with show.progress() as progress:
        written = export_book(book_url(), what, form, out, progress=progress)
    for path in written:
        click.echo(str(path))
