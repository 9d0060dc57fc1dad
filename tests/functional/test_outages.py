"""The database goes away, or its disk is full, in the middle of a day: nothing is half done, and the next run goes on."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from forbear.operations import close_day, verify
from forbear.operations.close_day import close_days
from forbear.operations.import_book import ImportRefusal, ImportReport
from forbear.store.connect import connect
from forbear.store.postgres import EmbeddedServer
from forbear.store.schema import migrate
from tests.support.book_files import contents, guards, take_in, write_book
from tests.support.books import NOW, SmallBook, day, disbursed, paid
from tests.support.database import scratch
from tests.support.digests import fingerprint

pytestmark = pytest.mark.database
UNTIL = "2026-02-03"


@pytest.fixture(autouse=True)
def small_partitions(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (close_day, verify):
        monkeypatch.setattr(module, "LOANS_PER_PARTITION", 4)


def fill(url: str) -> SmallBook:
    """Twelve loans, half of which pay; closed to the last of January."""
    book = SmallBook(url)
    said = []
    for number in range(1, 13):
        book.loan(f"L{number}")
        said.append(disbursed(f"L{number}", "2026-01-01", 120_000))
        if number % 2:
            said.append(paid(f"L{number}", "2026-02-01", 11_223))
    book.record(*said)
    book.close("2026-01-31")
    return book


@pytest.fixture
def undisturbed(another_database: str) -> str:
    """What the book is when nothing happens."""
    fill(another_database).close(UNTIL)
    return fingerprint(another_database)


def at_progress(step: int, act: Callable[[], None]) -> Callable[[str, int, int], None]:
    """Do something once, when progress is told for the so-manieth time."""
    told = 0

    def progress(_label: str, _done: int, _total: int) -> None:
        nonlocal told
        told += 1
        if told == step:
            act()

    return progress


class TestConnectionsEnded:
    @pytest.mark.parametrize("step", [1, 2, 4, 6])
    def test_the_error_is_the_databases_and_the_next_run_goes_on(
        self, fresh_database: str, undisturbed: str, step: int
    ) -> None:
        book = fill(fresh_database)

        def terminate() -> None:
            book.ask(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

        with pytest.raises(psycopg.OperationalError):
            close_days(book.url, day(UNTIL), now=NOW, progress=at_progress(step, terminate))
        assert book.verify().sound
        book.close(UNTIL)
        assert fingerprint(book.url) == undisturbed


@pytest.fixture(scope="module")
def own_server() -> Iterator[EmbeddedServer]:
    """A server of the module's own, to be broken; it waits for its disk, as in production."""
    folder = scratch() / f"forbear-outage-{os.getpid()}"
    folder.mkdir(mode=0o711)
    server = EmbeddedServer.at(folder / "postgres")
    try:
        server.create()
        server.start()
        migrate(server.url)
        yield server
    finally:
        server.stop()
        subprocess.run(["rm", "-rf", folder], check=True)


class TestServerCrashes:
    def test_after_its_restart_the_day_is_finished(
        self, own_server: EmbeddedServer, undisturbed: str
    ) -> None:
        """Killed like a machine without power: every process of the server at once, in the middle of a day."""
        book = fill(own_server.url)

        def crash() -> None:
            pid = own_server.status().pid
            assert pid
            os.kill(pid, signal.SIGQUIT)  # immediate shutdown: no checkpoint, recovery at the next start
            while own_server.status().state != "stopped":
                pass

        with pytest.raises(psycopg.OperationalError) as told:
            close_days(own_server.url, day(UNTIL), now=NOW, progress=at_progress(2, crash))
        assert str(told.value).strip()
        with pytest.raises(psycopg.OperationalError):
            close_days(own_server.url, day(UNTIL), now=NOW)
        own_server.start()
        book.close(UNTIL)
        assert book.verify().sound
        assert fingerprint(own_server.url) == undisturbed


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A file system of 24 MB in memory, for tables that must not grow."""
    place = scratch() / f"forbear-disk-{os.getpid()}"
    place.mkdir(mode=0o755)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m,mode=0777", "tmpfs", place], capture_output=True, check=False
    )
    try:
        if mounted.returncode:
            pytest.skip("a small file system cannot be mounted here: that takes root's rights")
        yield place
    finally:
        if not mounted.returncode:
            subprocess.run(["umount", "-l", place], check=True)
        place.rmdir()


@contextlib.contextmanager
def on_small_disk(
    server: EmbeddedServer, disk: Path, *tables: str
) -> Iterator[tuple[str, Callable[[], None]]]:
    """The URL of a migrated database, and what moves these tables of it to the small disk."""
    with psycopg.connect(server.admin_url, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS full_disk WITH (FORCE)")
        connection.execute("CREATE DATABASE full_disk OWNER forbear")
        space = disk / "space"
        space.mkdir()
        owner = (server.folder / "data").stat()
        os.chown(space, owner.st_uid, owner.st_gid)
        connection.execute(f"CREATE TABLESPACE small LOCATION '{space}'")  # type: ignore[arg-type]
        connection.execute("GRANT CREATE ON TABLESPACE small TO forbear")
    url = server.url.replace("/forbear?", "/full_disk?")
    migrate(url)

    def move() -> None:
        with connect(url) as connection:
            for table in tables:
                connection.execute(f"ALTER TABLE {table} SET TABLESPACE small")  # type: ignore[arg-type]

    try:
        yield url, move
    finally:
        with psycopg.connect(server.admin_url, autocommit=True) as connection:
            connection.execute("DROP DATABASE full_disk WITH (FORCE)")
            connection.execute("DROP TABLESPACE small")


class TestDiskFull:
    def test_nothing_is_half_done_and_room_is_all_it_takes(
        self, own_server: EmbeddedServer, small_disk: Path, undisturbed: str
    ) -> None:
        """The positions lie on a disk that something else has filled to the last block."""
        ballast = small_disk / "ballast"
        with on_small_disk(own_server, small_disk, "movement", "position") as (url, move):
            book = fill(url)
            move()
            with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
                while file.write(bytes(8192)) == 8192:
                    pass
            try:
                fill_up(url)
                with pytest.raises(psycopg.errors.DiskFull, match="No space left"):
                    close_days(url, day(UNTIL), now=NOW)
                with connect(url) as connection:
                    assert connection.execute(
                        "SELECT count(*) FROM business_day WHERE closed_at IS NULL"
                    ).fetchone() == (1,)
            finally:
                ballast.unlink()
            book.close(UNTIL)
            assert book.verify().sound
            assert fingerprint(url) == undisturbed

    def test_an_import_that_does_not_fit(
        self, own_server: EmbeddedServer, small_disk: Path, tmp_path: Path
    ) -> None:
        """The journal's disk fills up while its rows arrive; a smaller book still fits."""
        with on_small_disk(own_server, small_disk, "journal") as (url, move):
            move()
            held = guards(url)
            files = write_book(tmp_path)
            small = files.journal[0].read_bytes()
            with files.journal[0].open("a", newline="") as file:
                file.writelines(f"n{row},L1,paid,2025-03-01,0.01,,,,,\n" for row in range(250_000))
            refusal = take_in(url, files)
            assert isinstance(refusal, ImportRefusal), refusal
            [problem] = refusal.problems
            assert (problem.file, problem.message) == (
                "the database",
                "the disk is full; nothing was recorded",
            )
            assert not any(contents(url).values())
            assert guards(url) == held
            files.journal[0].write_bytes(small)
            assert isinstance(take_in(url, files), ImportReport)

    def test_a_folder_for_temporary_files_that_is_full(
        self, fresh_database: str, small_disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Keys of a long journal are kept on disk while they are compared."""
        monkeypatch.setattr("tempfile.tempdir", str(small_disk))
        monkeypatch.setattr("forbear.operations.import_keys.HELD", 1000)
        files = write_book(tmp_path)
        with files.journal[0].open("a", newline="") as file:
            file.writelines(f"n{row},L1,paid,2025-03-01,0.01,,,,,\n" for row in range(300_000))
        (small_disk / "ballast").write_bytes(bytes(23 << 20))
        refusal = take_in(fresh_database, files)
        assert isinstance(refusal, ImportRefusal), refusal
        [problem] = refusal.problems
        assert problem.file == "the folder for temporary files"
        assert problem.message == "the disk is full; nothing was recorded"
        assert not any(contents(fresh_database).values())
        (small_disk / "ballast").unlink()
        assert isinstance(take_in(fresh_database, files), ImportReport)


def fill_up(url: str) -> None:
    """Use up the room that the last block of the table `position` still has, by updating until there is none."""
    with contextlib.suppress(psycopg.errors.DiskFull):
        for _ in range(200):
            with connect(url) as connection:
                connection.execute("UPDATE position SET as_of = as_of")
