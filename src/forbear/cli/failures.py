"""Errors that can be expected, in plain words with a way on. Imported only when something has gone wrong."""

import errno
import sys
from typing import NamedTuple

from forbear.cli.codes import Exit


class Told(NamedTuple):
    """What to say, and the exit code."""

    message: str
    code: Exit


def explain(error: BaseException) -> Told | None:
    """What to say about an error; None if it is not one that we expect: then the traceback is shown."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Told(
            f"the disk is full{_of(error)}. Make room and run the command again; nothing is half done.",
            Exit.NO_ROOM,
        )
    if isinstance(error, OSError) and error.filename is not None:
        return Told(
            f"{error.strerror or error}: {error.filename}. Check the path and its permissions.", Exit.NO_ROOM
        )
    if isinstance(error, ConnectionError):
        return Told(f"the connection was lost: {error}. Run the command again.", Exit.NO_DATABASE)
    return _database(error) or _named(error)


def _of(error: OSError) -> str:
    return f" ({error.filename})" if error.filename else ""


def _database(error: BaseException) -> Told | None:
    """Errors of the driver, which is only known if it has been loaded."""
    psycopg = sys.modules.get("psycopg")
    if psycopg is None:
        return None
    errors = psycopg.errors
    if isinstance(error, errors.DiskFull):
        return Told(
            "the database's disk is full. Make room and run the command again; nothing is half done.",
            Exit.NO_ROOM,
        )
    if isinstance(error, errors.UndefinedTable | errors.UndefinedColumn):
        return Told(
            "the database lacks tables of this version. Run: forbear database migrate", Exit.NO_DATABASE
        )
    if isinstance(error, errors.InsufficientPrivilege):
        return Told(
            f"the database refuses: {_first_line(error)}. Grant the role what it needs.", Exit.NO_DATABASE
        )
    if isinstance(error, errors.ReadOnlySqlTransaction):
        return Told(
            "the database can only be read. Name the server that is written to in DATABASE_URL, "
            "or lift default_transaction_read_only.",
            Exit.NO_DATABASE,
        )
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return Told(
            f"the database cannot be reached: {_first_line(error)}. "
            "Check that the server runs (forbear database status) and DATABASE_URL; then run the command again.",
            Exit.NO_DATABASE,
        )
    return None


def _named(error: BaseException) -> Told | None:
    """Our own errors, which say themselves how to mend."""
    codes = {
        "PostgresError": Exit.NO_DATABASE,
        "PacksError": Exit.REFUSED,
        "PackError": Exit.REFUSED,
        "VaultError": Exit.REFUSED,
        "TotalsDoNotTieError": Exit.DIFFERENT,
    }
    for kind in type(error).__mro__:
        if kind.__module__.startswith("forbear.") and kind.__name__ in codes:
            return Told(str(error), codes[kind.__name__])
    return None


def _first_line(error: BaseException) -> str:
    """The first line of the driver's message, which names the server but never the password."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
