"""PostgreSQL for a test run: one server for all its processes, and a new migrated database for each test.

The server is our own, in a temporary folder, or the one DATABASE_URL names (its role needs CREATEDB).
Each process of the run holds a shared lock on one file; who can turn it into an exclusive one is the last and clears
up. The kernel frees the locks of a killed process, so what a killed run leaves behind, the next run clears up.
"""

import contextlib
import fcntl
import importlib.util
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from forbear.operations.database import drop
from forbear.store.postgres import EmbeddedServer

PREFIX = "forbear-test-"
# Tests may lose their data: nothing waits for the disk.
LOCAL_CONF = """\
fsync = off
synchronous_commit = off
full_page_writes = off
shared_buffers = 128MB
max_connections = 100
"""


def scratch() -> Path:
    """Where tests keep their servers: in memory, if there is room, for there nobody waits for a busy disk."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 4 << 30
    if roomy and not os.statvfs(memory).f_flag & os.ST_NOEXEC:  # one test runs programs from there
        return memory
    return Path(tempfile.gettempdir())


def named(url: str, database: str) -> str:
    """The URL of another database on the server of `url`."""
    return urlsplit(url)._replace(path=f"/{database}").geturl()


@contextlib.contextmanager
def shared_server() -> Iterator[str]:
    """The URL of the run's server; the template is on it. Stopped and removed by the last process to leave."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", f"{os.getpid()}")[:12]
    folder = scratch() / f"{PREFIX}{run}"
    _clear_up_after_killed_runs()
    users = _joined(folder.with_suffix(".users"))
    try:
        yield _with_template(os.environ.get("DATABASE_URL") or _started(folder), f"forbear_template_{run}")
    finally:
        with users, contextlib.suppress(BlockingIOError):
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if url := os.environ.get("DATABASE_URL"):
                _drop(url, f"forbear_template_{run}")
            _remove(folder)


@contextlib.contextmanager
def fresh(url: str) -> Iterator[str]:
    """The URL of a new database, copied from the template on the server of `url`, dropped at the end."""
    template, name = urlsplit(url).fragment, f"forbear_test_{secrets.token_hex(6)}"
    _create(url, name, template)
    try:
        yield named(url, name).partition("#")[0]
    finally:
        _drop(url, name)


def copied(url: str, of: str) -> contextlib.AbstractContextManager[str]:
    """The URL of a new database on the server of `url`, copied from the one at `of`, which nobody may be using."""
    return fresh(urlsplit(url)._replace(fragment=urlsplit(of).path.removeprefix("/")).geturl())


def _started(folder: Path) -> str:
    server = EmbeddedServer.at(folder)
    server.create()
    (folder / "local.conf").write_text(LOCAL_CONF)
    return server.start().url


def _with_template(url: str, template: str) -> str:
    """Make the template once, whichever process comes first; its name travels as the fragment of the URL."""
    url = url.partition("#")[0]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_advisory_lock(hashtext('forbear test template'))"
        )  # until we disconnect
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [template]).fetchone():
            draft = f"{template}_draft"
            _drop(url, draft)
            _create(url, draft, "template1")
            _migrate(named(url, draft))
            rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
            connection.execute(rename.format(sql.Identifier(draft), sql.Identifier(template)))
    return f"{url}#{template}"


def _migrate(url: str) -> None:
    """In a process of its own: Django is set up once for one database, and must not keep this one open."""
    if importlib.util.find_spec("forbear.store.schema") is None:
        return
    code = "import sys; from forbear.store.schema import migrate; migrate(sys.stdin.read())"
    environ = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, input=url, text=True, capture_output=True, env=environ, check=False)
    assert done.returncode == 0, f"forbear.store.schema.migrate failed:\n{done.stderr}"


def _create(url: str, name: str, template: str) -> None:
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
        sql.Identifier(name), sql.Identifier(template)
    )
    with psycopg.connect(url.partition("#")[0], autocommit=True) as connection:
        connection.execute(statement)


def _drop(url: str, name: str) -> None:
    with psycopg.connect(url.partition("#")[0], autocommit=True) as connection:
        drop(connection, name)


def _joined(path: Path) -> IO[str]:
    """Hold a shared lock on `path`, and see that nobody removed it while we waited."""
    while True:
        file = path.open("a")
        fcntl.flock(file, fcntl.LOCK_SH)
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(file.fileno()), path.stat()):
                return file
        file.close()


def _clear_up_after_killed_runs() -> None:
    for path in scratch().glob(f"{PREFIX}*.users"):
        # Held by a run that lives, another user's, or just removed by another process: let it be.
        with (
            contextlib.suppress(BlockingIOError, PermissionError, FileNotFoundError),
            path.open("r+") as file,
        ):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _remove(path.with_suffix(""))


def _remove(folder: Path) -> None:
    """Stop the server of a run and remove it. The caller holds the exclusive lock."""
    EmbeddedServer.at(folder).stop()
    shutil.rmtree(folder, ignore_errors=True)
    folder.with_suffix(".users").unlink()
