"""Damaged files, files in the wrong form, and a database or disk that gives up: told plainly, and nothing is kept."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from pyarrow import csv as arrow_csv
from pyarrow import parquet

from forbear.operations.import_book import ImportFiles, ImportRefusal, ImportReport
from tests.support.book_files import contents, guards, take_in, write_book

pytestmark = pytest.mark.database
ROOT = Path(__file__).resolve().parents[2]


def test_rows_are_counted_over_blank_and_quoted_lines(fresh_database, tmp_path):
    files = write_book(tmp_path)
    lines = files.journal[0].read_bytes().splitlines(keepends=True)
    bad = b"x,L1,paid,2025-03-01,-1,,,,,\r\n"
    files.journal[0].write_bytes(b"".join([*lines[:3], b"\r\n", *lines[3:], b"\r\n", bad, b"\r\n"]))
    refusal = take_in(fresh_database, files)
    assert isinstance(refusal, ImportRefusal)
    assert [(p.row, p.value) for p in refusal.problems] == [(11, "-1")]


def test_a_wrong_encoding_is_told_with_its_row(fresh_database, tmp_path):
    files = write_book(tmp_path)
    text = files.journal[0].read_text(encoding="utf-8").replace("typed wrong", "输错")
    files.journal[0].write_bytes(text.encode("gb18030"))
    refusal = take_in(fresh_database, files)
    assert isinstance(refusal, ImportRefusal)
    [problem] = refusal.problems
    assert (problem.row, problem.column, problem.message) == (6, "reason", "is not in UTF-8")
    assert "gb18030" in problem.mend


def test_a_wrong_encoding_of_the_header_is_told(fresh_database, tmp_path):
    files = write_book(tmp_path)
    files.loans[0].write_bytes("借据,rate\n".encode("gb18030"))
    refusal = take_in(fresh_database, files)
    assert isinstance(refusal, ImportRefusal)
    assert ("loans.csv", 1, "the file is not in UTF-8") in [
        (p.file, p.row, p.message) for p in refusal.problems
    ]


@pytest.mark.parametrize("kept", [0, 3, 100, 900])
def test_a_truncated_parquet_file_is_refused(kept, fresh_database, tmp_path):
    files = write_book(tmp_path)
    whole = tmp_path / "journal.parquet"
    parquet.write_table(arrow_csv.read_csv(files.journal[0]), whole)
    files.journal[0].unlink()
    whole.write_bytes(whole.read_bytes()[:kept])
    refusal = take_in(fresh_database, ImportFiles.in_folder(tmp_path))
    assert isinstance(refusal, ImportRefusal)
    assert refusal.problems[0].file == "journal.parquet"
    assert "not a whole Parquet file" in refusal.problems[0].message


def test_parquet_with_a_damaged_page_is_refused(fresh_database, tmp_path):
    files = write_book(tmp_path)
    whole = tmp_path / "journal.parquet"
    parquet.write_table(arrow_csv.read_csv(files.journal[0]), whole, compression="zstd")
    files.journal[0].unlink()
    content = bytearray(whole.read_bytes())
    content[40:80] = bytes(40)
    whole.write_bytes(content)
    refusal = take_in(fresh_database, ImportFiles.in_folder(tmp_path))
    assert isinstance(refusal, ImportRefusal)
    assert contents(fresh_database)["loan"] == []


def test_amounts_as_floats_are_refused(fresh_database, tmp_path):
    files = write_book(tmp_path)
    parquet.write_table(
        arrow_csv.read_csv(files.loans[0]), tmp_path / "loans.parquet"
    )  # guesses: principal is a float
    files.loans[0].unlink()
    refusal = take_in(fresh_database, ImportFiles.in_folder(tmp_path))
    assert isinstance(refusal, ImportRefusal)
    assert ("principal", "is a floating-point number") in [(p.column, p.message) for p in refusal.problems]


def test_personal_data_is_not_shown(fresh_database, tmp_path):
    files = write_book(tmp_path)
    files.borrowers[0].write_bytes("borrower,name\nB1,张三\nB2,李四\n".encode("gb18030"))
    refusal = take_in(fresh_database, files)
    assert isinstance(refusal, ImportRefusal)
    assert [(p.row, p.column, p.value) for p in refusal.problems[:2]] == [
        (2, "name", None),
        (3, "name", None),
    ]


def test_many_rows_with_one_bad(fresh_database, tmp_path):
    one_bad(fresh_database, tmp_path, rows=300_000)


@pytest.mark.long
def test_ten_million_rows_with_one_bad(fresh_database, tmp_path):
    one_bad(fresh_database, tmp_path, rows=10_000_000)


def one_bad(url: str, folder: Path, *, rows: int) -> None:
    files = write_book(folder)
    bad = rows - rows // 7
    with files.journal[0].open("a", newline="") as file:
        for row in range(rows):
            amount = "1.00" if row != bad else "1.005"
            file.write(f"n{row},L1,paid,2025-03-01,{amount},,,,,\n")
    refusal = take_in(url, files)
    assert isinstance(refusal, ImportRefusal)
    assert [(p.row, p.column, p.value) for p in refusal.problems] == [(bad + 9, "amount", "1.005")]
    assert contents(url)["journal"] == []


class TestOutages:
    def test_a_database_that_goes_away_in_the_middle_leaves_nothing(self, fresh_database, tmp_path):
        held = guards(fresh_database)

        def cut(stage: str, _done: int, _total: int) -> None:
            if stage == "journal":
                with psycopg.connect(fresh_database, autocommit=True) as other:
                    other.execute(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                    )

        refusal = take_in(fresh_database, write_book(tmp_path), progress=cut)
        self.nothing_done(refusal, "went away", fresh_database, held)

    def test_a_process_that_is_killed_in_the_middle_leaves_nothing(self, fresh_database, tmp_path):
        held = guards(fresh_database)
        write_book(tmp_path)
        code = (
            "import os, pathlib, signal, sys; from tests.support.book_files import take_in\n"
            "def kill(stage, done, total):\n"
            "    if stage == 'indexes': os.kill(os.getpid(), signal.SIGKILL)\n"
            "take_in(sys.argv[1], [pathlib.Path(sys.argv[2])], progress=kill)"
        )
        command = [sys.executable, "-c", code, fresh_database, str(tmp_path)]
        environ = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
        killed = subprocess.run(command, env=environ, cwd=ROOT, capture_output=True, check=False)
        assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
        assert not any(contents(fresh_database).values())
        assert guards(fresh_database) == held
        assert isinstance(take_in(fresh_database, [tmp_path]), ImportReport), "and it can be done again"

    @pytest.mark.parametrize("table", ["journal", "loan", "recording"])
    def test_a_full_disk_of_the_database_leaves_nothing(self, table, fresh_database, tmp_path):
        self.fill_disk(fresh_database, table)
        held = guards(fresh_database)
        refusal = take_in(fresh_database, write_book(tmp_path))
        self.nothing_done(refusal, "the disk is full", fresh_database, held)

    def test_a_full_disk_here_leaves_nothing(self, fresh_database, tmp_path, monkeypatch):
        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("forbear.operations.import_keys.Spill.add", full)
        refusal = take_in(fresh_database, write_book(tmp_path))
        self.nothing_done(refusal, "the disk is full", fresh_database, guards(fresh_database))

    def test_a_database_that_is_not_there(self, tmp_path):
        refusal = take_in(f"postgresql:///nowhere?host={tmp_path}", write_book(tmp_path))
        assert isinstance(refusal, ImportRefusal)
        assert "cannot be reached" in refusal.problems[0].message

    def nothing_done(self, refusal, words, url, held):
        assert isinstance(refusal, ImportRefusal), refusal
        assert words in refusal.problems[-1].message
        assert "nothing was recorded" in refusal.problems[-1].message
        assert not any(contents(url).values())
        assert guards(url) == held

    def fill_disk(self, url: str, table: str) -> None:
        """The error that PostgreSQL gives when it cannot extend a file, at the first row of a table."""
        with psycopg.connect(url) as connection:
            connection.execute(
                "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$"
            )
            connection.execute(
                f"CREATE TRIGGER full_disk BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION full_disk()"
            )
