"""Importing a book: products, borrowers, loans, their instalments, later terms and journal from files, all or nothing.

One transaction holds the whole import, so a refusal, a kill, a full disk or a lost database leave the book as it was. Files
are read as streams: memory grows with the number of loans, not of entries. docs/reference/import.md has the schema.
"""

import errno
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import psycopg

from forbear.formats.mapping import NO_MAPPING, Mapping, read_mapping
from forbear.formats.problems import LIMIT, Problem, Problems, TooManyProblemsError
from forbear.operations.import_borrowers import take_borrowers
from forbear.operations.import_instalments import take_instalments
from forbear.operations.import_journal import take_journal
from forbear.operations.import_keys import scan_journal
from forbear.operations.import_loans import take_loans
from forbear.operations.import_products import take_products
from forbear.operations.import_run import ImportFiles, Progress, Run, Signature
from forbear.operations.import_versions import take_versions
from forbear.store.connect import connect
from forbear.store.crypto import Vault
from forbear.store.loading import Cursor, is_empty, next_number
from forbear.store.postgres import open_home

DATABASE: Final = "the database"
TABLES: Final = ("product", "borrower", "loan", "instalment", "version", "journal")
DISK_FULL: Final = "the disk is full"
NOTHING_DONE: Final = "nothing was recorded"


@dataclass(frozen=True, slots=True)
class ImportReport:
    """An import that was done, or could be done.

    Attributes:
        recording: number of the recording that holds it; None after a dry run, or if everything was there already.
        products, borrowers, loans, instalments, versions, entries: how many were new.
        known: how many of each the book, or a row before, had already with the same content; they were skipped.
        dry_run: whether it was only tried.
    """

    recording: int | None
    products: int
    borrowers: int
    loans: int
    instalments: int
    versions: int
    entries: int
    known: dict[str, int]
    dry_run: bool

    @property
    def nothing_new(self) -> bool:
        """Whether the book had all of it already."""
        return not any(
            (self.products, self.borrowers, self.loans, self.instalments, self.versions, self.entries)
        )


@dataclass(frozen=True, slots=True)
class ImportRefusal:
    """An import that was not done: the book is as it was.

    `problems` are in the order in which they were found; `more` tells that the limit was reached and there may be others.
    """

    problems: tuple[Problem, ...]
    more: bool


class _Undo(Exception):  # noqa: N818  no error: the way out of a transaction that is not to be kept
    """Leave the transaction without keeping it."""


def _silent(_stage: str, _done: int, _total: int) -> None:
    """Tell nobody."""


def import_book(
    url: str,
    files: ImportFiles | Sequence[Path],
    *,
    mapping: Mapping | Path | None = None,
    actor: str,
    reason: str,
    recorded_at: datetime,
    dry_run: bool = False,
    progress: Progress = _silent,
    vault: Callable[[], Vault] = lambda: Vault.open(open_home()),
    limit: int = LIMIT,
) -> ImportReport | ImportRefusal:
    """Import files into the book at `url`, whole or not at all.

    Args:
        url: of a migrated database.
        files: what to read; paths of files and folders are told apart by their names, see `ImportFiles.named`.
        mapping: how the files' columns become the schema's, or the YAML file that says it; without one they have the
            schema's own.
        actor: who imports.
        reason: why, in words; kept with the recording.
        recorded_at: the moment of recording, with a time zone.
        dry_run: check everything, write nothing.
        progress: told (stage, done, total) now and then, from this thread.
        vault: gives the key for personal data; called only if a file has some.
        limit: so many problems are told at most.

    Returns:
        What was recorded, or what has to be mended first. A full disk and a lost database are refusals too.
    """
    if recorded_at.tzinfo is None:
        raise ValueError("recorded_at has no time zone; pass an aware datetime")
    signature = Signature(actor, reason, recorded_at.astimezone(UTC))
    rules = read_mapping(mapping) if isinstance(mapping, Path) else mapping or NO_MAPPING
    if isinstance(rules, tuple):
        return ImportRefusal(rules, more=False)
    problems = Problems(limit)
    if not isinstance(files, ImportFiles):
        files = ImportFiles.named(files, rules, problems)
        if problems:
            return ImportRefusal(tuple(problems), more=False)

    def begin(cursor: Cursor, lookup: Cursor) -> Run:
        return _begin(cursor, lookup, files, rules, problems, progress, dry_run, vault, signature)

    report = _attempt(url, begin, problems)
    if problems or report is None:
        return ImportRefusal(tuple(problems), more=len(problems) >= limit)
    return report


def _attempt(url: str, begin: Callable[[Cursor, Cursor], Run], problems: Problems) -> ImportReport | None:
    """Do the import in one transaction. Returns the report if there was no problem, else adds to `problems`."""
    report: ImportReport | None = None
    committing = False
    try:
        with connect(url) as connection, connect(url) as second:
            second.read_only = True
            second.autocommit = True
            with connection.transaction(), connection.cursor() as cursor, second.cursor() as lookup:
                run = begin(cursor, lookup)
                _take_all(run)
                report = _report(run)
                if problems or report.dry_run or report.nothing_new:
                    raise _Undo
                _finish(run)
                committing = True
    except _Undo:
        pass
    except TooManyProblemsError:
        return None
    except (psycopg.Error, OSError) as error:
        problems.limit += 1
        problems.add(*_outage(error, committing=committing))
    return report


def _begin(
    cursor: Cursor,
    lookup: Cursor,
    files: ImportFiles,
    mapping: Mapping,
    problems: Problems,
    progress: Progress,
    dry_run: bool,
    vault: Callable[[], Vault],
    signature: Signature,
) -> Run:
    # Whoever records waits for this lock, so numbers are given in the order of committing, and what `lookup` reads stays.
    cursor.execute("LOCK TABLE recording IN SHARE ROW EXCLUSIVE MODE")
    return Run(
        cursor=cursor,
        lookup=lookup,
        files=files,
        mapping=mapping,
        problems=problems,
        progress=progress,
        writing=not dry_run,
        recording=next_number(cursor, "recording"),
        full=frozenset(table for table in TABLES if not is_empty(cursor, table)),
        vault=vault,
        signature=signature,
    )


def _take_all(run: Run) -> None:
    """Read everything; where rows of one file are missing, those that name them in the next would be wrongly blamed."""
    shelf = take_products(run)
    borrowers = take_borrowers(run)
    if run.problems.gaps:
        return
    loans = take_loans(run, shelf, borrowers)
    if run.problems.gaps:
        return
    take_instalments(run, loans)
    take_versions(run, loans)
    if run.problems.gaps:
        return
    take_journal(run, loans, scan_journal(run))


def _report(run: Run) -> ImportReport:
    return ImportReport(
        recording=run.recording if run.writing and any(count.new for count in run.counts.values()) else None,
        products=run.count("products").new,
        borrowers=run.count("borrowers").new,
        loans=run.count("loans").new,
        instalments=run.count("instalments").new,
        versions=run.count("versions").new,
        entries=run.count("journal").new,
        known={kind: count.known for kind, count in run.counts.items()},
        dry_run=not run.writing,
    )


def _finish(run: Run) -> None:
    by = run.signature
    source = ", ".join(path.name for path in run.files.all())
    run.cursor.execute(
        "INSERT INTO recording (id, recorded_at, actor, reason, source, entries) VALUES (%s, %s, %s, %s, %s, %s)",
        (run.recording, by.recorded_at, by.actor, by.reason, source, run.count("journal").new),
    )
    if _has_outgrown_statistics(run):
        run.cursor.execute("ANALYZE product, borrower, loan, journal, recording")
    run.progress("commit", 0, 1)


def _has_outgrown_statistics(run: Run) -> bool:
    """Whether the planner would still think of the book as it was: after a load that adds a tenth or more.

    The server gathers statistics by itself in time; only the day-end that follows a large load cannot wait.
    """
    before = run.cursor.execute(
        "SELECT coalesce(sum(entries), 0) FROM recording WHERE id < %s", (run.recording,)
    )
    known = before.fetchone()
    return known is None or run.count("journal").new * 10 > known[0] or run.count("loans").new * 10 > known[0]


def _outage(error: Exception, *, committing: bool) -> tuple[str, str, str]:
    """File, message and mend for what is nobody's mistake: no space, no database. Raises any other error again."""
    if isinstance(error, psycopg.errors.DiskFull) or getattr(error, "errno", None) == errno.ENOSPC:
        place = DATABASE if isinstance(error, psycopg.Error) else "the folder for temporary files"
        return place, f"{DISK_FULL}; {NOTHING_DONE}", "make room and import again"
    if isinstance(error, psycopg.errors.ReadOnlySqlTransaction):
        return (
            DATABASE,
            f"the database can only be read; {NOTHING_DONE}",
            "name the server that is written to in DATABASE_URL, or lift default_transaction_read_only",
        )
    if not isinstance(error, psycopg.OperationalError):
        raise error
    told = str(error).splitlines()[0] if str(error) else type(error).__name__
    if committing:  # the answer to COMMIT was lost: only the database knows
        return (
            DATABASE,
            f"the database went away while the import was being committed ({told})",
            "import again: if it was recorded, nothing is recorded twice",
        )
    return (
        DATABASE,
        f"the database went away or cannot be reached ({told}); {NOTHING_DONE}",
        "look at it with: forbear status; then import again",
    )
