"""Files and surroundings that nobody wishes for: each is answered with what, where and how to mend, and nothing is half done."""

import gzip
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from forbear.cli.codes import Exit
from forbear.operations.import_book import ImportRefusal, ImportReport
from forbear.operations.import_run import ImportFiles
from tests.support.book_files import JOURNAL, LOANS, contents, take_in, with_row, write, write_book

pytestmark = pytest.mark.database

ROOT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-c", "from forbear.cli.main import main; main()")


def loans_file(change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    """Change the bytes of loans.csv."""

    def spoil(folder: Path) -> None:
        path = folder / "loans.csv"
        path.write_bytes(change(path.read_bytes()))

    return spoil


def as_folder(folder: Path) -> None:
    (folder / "loans.csv").unlink()
    (folder / "loans.csv").mkdir()


def as_pipe(folder: Path) -> None:
    (folder / "loans.csv").unlink()
    os.mkfifo(folder / "loans.csv")


def as_loop(folder: Path) -> None:
    (folder / "loans.csv").unlink()
    (folder / "loans.csv").symlink_to("other.csv")
    (folder / "other.csv").symlink_to("loans.csv")


def as_broken_link(folder: Path) -> None:
    (folder / "loans.csv").unlink()
    (folder / "loans.csv").symlink_to(folder / "gone.csv")


def as_parquet_by_name(folder: Path) -> None:
    (folder / "loans.csv").rename(folder / "loans.parquet")


def without_last_column(text: bytes) -> bytes:
    return b"".join(line.rpartition(b",")[0] + b"\r\n" for line in text.splitlines())


# What is done to the folder; row, column and words of the one problem that is told.
WHOLE_FILES: dict[str, tuple[Callable[[Path], None], int | None, str | None, str]] = {
    "empty": (loans_file(lambda _: b""), None, None, "the file is empty"),
    "line breaks only": (loans_file(lambda _: b"\n\n\n"), None, None, "the file is empty"),
    "two columns of one name": (
        loans_file(lambda text: text.replace(b"count", b"rate")), 1, "rate", "two columns have this name",
    ),
    "a column missing": (loans_file(without_last_column), None, "count", "loans need this column"),
    "a comma too many": (
        loans_file(lambda text: text.replace(b"\r\n", b",\r\n")), None, None, "a column has no name",
    ),
    "semicolons": (loans_file(lambda text: text.replace(b",", b";")), None, None, "separated by ';'"),
    "a quote that is not closed": (
        loans_file(lambda text: text.replace(b"L1,", b'"L1,')), 2, None, "this row has 1 fields",
    ),
    "gzip": (loans_file(gzip.compress), None, None, "compressed (gzip)"),
    "a workbook": (loans_file(lambda text: b"PK\x03\x04" + text), None, None, "workbook"),
    "UTF-16": (loans_file(lambda text: text.decode().encode("utf-16")), 1, None, "not in UTF-8"),
    "CSV named Parquet": (as_parquet_by_name, None, None, "not a whole Parquet file"),
    "a folder": (as_folder, None, None, "this is a folder"),
    "a pipe": (as_pipe, None, None, "this is a folder or a device"),
    "links in a circle": (as_loop, None, None, "a link that leads to itself"),
    "a link to nowhere": (as_broken_link, None, None, "no such file"),
}  # fmt: skip

# What is put in the place of what in loans.csv; the column and words of the problem with row 2.
VALUES: dict[str, tuple[bytes, bytes, str, str]] = {
    "U+0000 in a reference": (b"L1,", b"L\x001,", "loan", "control character"),
    "forty digits": (b"1200.00", b"1" * 40, "principal", "more than"),
    "forty digits of instalments": (b",12\r", b"," + b"1" * 40 + b"\r", "count", "too large"),
    "an exponent": (b"1200.00", b"1e3", "principal", "not an amount"),
    "NaN": (b"1200.00", b"NaN", "principal", "not an amount"),
    "infinite": (b"0.12", b"inf", "rate", "not a rate"),
    "spaces": (b"1200.00", b" 1200.00 ", "principal", "not an amount"),
    "a plus": (b"1200.00", b"+1200", "principal", "not an amount"),
    "wide digits": (b"1200.00", "１２００".encode(), "principal", "not an amount"),
    "no leap year": (b"2025-02-01", b"2023-02-29", "first_due_on", "no day of the calendar"),
    "the year 1": (b"2025-02-01", b"0001-01-01", "first_due_on", "is outside"),
    "the last day there is": (b"2025-02-01", b"9999-12-31", "first_due_on", "is outside"),
    "month 13": (b"2025-02-01", b"2025-13-01", "first_due_on", "no day of the calendar"),
}
GOOD: dict[str, Callable[[bytes], bytes]] = {
    "byte order mark": lambda text: b"\xef\xbb\xbf" + text,
    "byte order mark before a quote": lambda text: b'\xef\xbb\xbf"loan"' + text[4:],
    "line feeds": lambda text: text.replace(b"\r\n", b"\n"),
    "carriage returns": lambda text: text.replace(b"\r\n", b"\r"),
    "no line break at the end": lambda text: text.rstrip(b"\r\n"),
}


def refused(url: str, folder: Path) -> ImportRefusal:
    refusal = take_in(url, ImportFiles.in_folder(folder))
    assert isinstance(refusal, ImportRefusal), refusal
    assert not any(contents(url).values())
    assert all(problem.mend for problem in refusal.problems)
    return refusal


@pytest.mark.parametrize("name", WHOLE_FILES)
def test_a_file_that_is_none_is_the_only_thing_told(name, fresh_database, tmp_path):
    """Not also each entry of the journal whose loan, of course, is not there."""
    spoil, row, column, words = WHOLE_FILES[name]
    write_book(tmp_path)
    spoil(tmp_path)
    [problem] = refused(fresh_database, tmp_path).problems
    assert (problem.file.partition(".")[0], problem.row, problem.column) == ("loans", row, column)
    assert words in problem.message


@pytest.mark.parametrize("name", VALUES)
def test_a_value_that_is_none(name, fresh_database, tmp_path):
    what, instead, column, words = VALUES[name]
    write_book(tmp_path)
    loans_file(lambda text: text.replace(what, instead))(tmp_path)
    problem = refused(fresh_database, tmp_path).problems[0]
    assert (problem.file, problem.row, problem.column) == ("loans.csv", 2, column)
    assert words in problem.message


@pytest.mark.parametrize("name", GOOD)
def test_what_programs_write_is_read(name, fresh_database, tmp_path):
    write_book(tmp_path)
    loans_file(GOOD[name])(tmp_path)
    report = take_in(fresh_database, ImportFiles.in_folder(tmp_path))
    assert isinstance(report, ImportReport), report
    assert report.loans == 2


def test_a_header_without_rows_is_a_table(fresh_database, tmp_path):
    write_book(tmp_path, journal=[JOURNAL[0]])
    (tmp_path / "journal.csv").write_text(",".join(JOURNAL[0]))
    assert isinstance(take_in(fresh_database, ImportFiles.in_folder(tmp_path)), ImportReport)


@pytest.mark.parametrize(
    ("name", "column", "what"), [("journal", "reason", b"typed wrong"), ("borrowers", "name", "甲".encode()), ("products", "name", b"Twelve")]
)  # fmt: skip
def test_no_text_holds_u0000(name, column, what, fresh_database, tmp_path):
    write_book(tmp_path)
    path = tmp_path / f"{name}.csv"
    path.write_bytes(
        path.read_bytes().replace(what, what[:1] + b"\0" + what[1:] if name == "journal" else what + b"\0")
    )
    problem = refused(fresh_database, tmp_path).problems[0]
    assert (problem.column, problem.message) == (column, "has the character U+0000 in it")
    assert problem.value is None or name != "borrowers"


def test_a_column_under_a_name_that_is_nearly_right(fresh_database, tmp_path):
    write_book(tmp_path)
    loans_file(lambda text: text.replace(b"loan,borrower", b"Loan, borrower"))(tmp_path)
    told = {problem.column: problem.mend for problem in refused(fresh_database, tmp_path).problems}
    assert (told["Loan"], told[" borrower"]) == ("rename it to loan", "rename it to borrower")


def test_a_mistake_in_the_second_file_refuses_the_first_too(fresh_database, tmp_path):
    write_book(tmp_path)
    write(tmp_path, "journal-2", [JOURNAL[0], ("x", "L1", "paid", "2025-03-01", "-1", *[""] * 5)])
    [problem] = refused(fresh_database, tmp_path).problems
    assert (problem.file, problem.row, problem.column) == ("journal-2.csv", 2, "amount")


def test_a_loan_in_two_files(fresh_database, tmp_path):
    write_book(tmp_path)
    shutil.copy(tmp_path / "loans.csv", tmp_path / "loans-2.csv")
    problems = refused(fresh_database, tmp_path).problems
    assert [(p.row, p.column, p.value) for p in problems] == [(2, "loan", "L1"), (3, "loan", "L2")]
    assert {p.message for p in problems} == {"is there already, in a row before"}


def test_new_entries_of_loans_that_are_named_again(fresh_database, tmp_path):
    """The loans' file comes whole every day, as many lenders send it; the journals go on where they are."""
    write_book(tmp_path)
    take_in(fresh_database, ImportFiles.in_folder(tmp_path))
    more = [
        ("k8", "L1", "paid", "2025-03-01", "5", *[""] * 5),
        ("k9", "L2", "paid", "2025-03-02", "6", *[""] * 5),
    ]
    write_book(tmp_path, journal=with_row(JOURNAL, *more), loans=with_row(LOANS, ("L3", *LOANS[1][1:])))
    report = take_in(fresh_database, ImportFiles.in_folder(tmp_path))
    assert isinstance(report, ImportReport), report
    assert (report.loans, report.entries, report.known["journal"]) == (1, 2, 7)
    found = [row[:2] for row in contents(fresh_database)["journal"]]
    assert found == [(1, 1), (1, 2), (1, 3), (1, 4), (1, 5), (2, 1), (2, 2), (2, 3), (2, 4)]


class TestCommand:
    """`forbear import` in a process of its own: its exit code, its words, and no traceback."""

    def run(self, url: str, *arguments: object, **more: str) -> subprocess.CompletedProcess[str]:
        told = subprocess.run(
            [*COMMAND, "import", *map(str, arguments)],
            env=self.environ(url, **more),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert "Traceback" not in told.stdout + told.stderr
        return told

    def environ(self, url: str, **more: str) -> dict[str, str]:
        return (
            os.environ | {"DATABASE_URL": url, "FORBEAR_KEY": "1:" + "A" * 43 + "=", "COLUMNS": "200"} | more
        )

    @pytest.mark.parametrize(
        ("url", "words"),
        [
            ("foo", "Forbear runs on PostgreSQL only"),
            ("mysql://a/b", "Forbear runs on PostgreSQL only"),
            ("postgresql://127.0.0.1:1/x", "Connection refused"),
            ("postgresql://no.such.host.invalid/x", "no.such.host.invalid"),
            ("postgresql://h:abc/x", "cannot be reached"),
        ],
    )
    def test_a_database_url_that_leads_nowhere(self, url, words, tmp_path):
        write_book(tmp_path)
        told = self.run(url, tmp_path)
        assert (told.returncode, told.stdout) == (Exit.NO_DATABASE, "")
        assert words in told.stderr

    def test_a_database_that_does_not_exist_and_a_wrong_password(self, fresh_database, tmp_path):
        write_book(tmp_path)
        parts = urlsplit(fresh_database)
        told = self.run(parts._replace(path="/nowhere").geturl(), tmp_path)
        assert told.returncode == Exit.NO_DATABASE
        assert "does not exist" in told.stderr
        user, _, place = parts.netloc.rpartition("@")
        wrong = parts._replace(netloc=f"{user.partition(':')[0]}:wrong@{place}").geturl()
        told = self.run(wrong, tmp_path)
        assert told.returncode == Exit.NO_DATABASE
        assert "password" in told.stderr
        assert user.partition(":")[2] not in told.stderr

    def test_a_database_that_can_only_be_read(self, fresh_database, tmp_path):
        write_book(tmp_path)
        told = self.run(fresh_database, tmp_path, PGOPTIONS="")
        assert told.returncode == Exit.DONE, told.stderr
        name = urlsplit(fresh_database).path[1:]
        with psycopg.connect(fresh_database, autocommit=True) as connection:
            connection.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        held = contents(fresh_database)
        write_book(tmp_path, journal=with_row(JOURNAL, ("k8", "L1", "paid", "2025-03-01", "5", *[""] * 5)))
        told = self.run(fresh_database, tmp_path)
        assert told.returncode == Exit.NO_DATABASE
        assert "can only be read" in told.stderr
        done = subprocess.run(
            [*COMMAND, "close-day", "2025-04-01"], env=self.environ(fresh_database), capture_output=True, text=True, check=False
        )  # fmt: skip
        assert (done.returncode, "Traceback" in done.stderr) == (Exit.NO_DATABASE, False), done.stderr
        assert contents(fresh_database) == held

    def test_a_path_that_is_not_there(self, fresh_database, tmp_path):
        told = self.run(fresh_database, tmp_path / "none")
        assert told.returncode == Exit.USAGE
        assert "does not exist" in told.stderr

    def test_the_same_import_twice_at_once(self, fresh_database, tmp_path):
        """One records, the other waits and then finds that everything is there."""
        big_book(tmp_path, 20_000)
        command = [*COMMAND, "import", str(tmp_path), "--json"]
        both = [
            subprocess.Popen(command, env=self.environ(fresh_database), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            for _ in range(2)
        ]  # fmt: skip
        told = [process.communicate(timeout=120) for process in both]
        assert [process.returncode for process in both] == [0, 0], told
        assert sorted(json.loads(out)["entries"] for out, _ in told) == [0, 20_007]
        with psycopg.connect(fresh_database) as connection:
            assert connection.execute("SELECT count(*), count(DISTINCT key) FROM journal").fetchone() == (
                20_007,
                20_007,
            )
            assert connection.execute("SELECT count(*) FROM recording").fetchone() == (1,)

    def test_ctrl_c_in_the_middle_leaves_nothing(self, fresh_database, tmp_path):
        big_book(tmp_path, 400_000)
        process = subprocess.Popen(
            [*COMMAND, "import", str(tmp_path)], env=self.environ(fresh_database), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509  a background job ignores it
        )  # fmt: skip
        self.wait_for_copy(fresh_database, "journal")
        process.send_signal(signal.SIGINT)
        out, complaint = process.communicate(timeout=60)
        assert process.returncode == Exit.INTERRUPTED, out + complaint
        assert "Interrupted" in complaint
        assert "Traceback" not in complaint
        assert not any(contents(fresh_database).values())
        assert self.run(fresh_database, tmp_path, "--dry-run").returncode == Exit.DONE

    def wait_for_copy(self, url: str, table: str) -> None:
        """Until rows of a table are on their way into the database."""
        query = "SELECT 1 FROM pg_stat_progress_copy WHERE datname = current_database() AND relid = %s::regclass AND tuples_processed > 0"
        deadline = time.monotonic() + 60
        with psycopg.connect(url, autocommit=True) as connection:
            oid = connection.execute("SELECT %s::regclass::oid::int", (table,)).fetchone()
            assert oid
            while not connection.execute(query.replace("%s::regclass", "%s"), oid).fetchone():
                assert time.monotonic() < deadline
                time.sleep(1 / 100)


def big_book(folder: Path, entries: int) -> None:
    files = write_book(folder)
    with files.journal[0].open("a", newline="") as file:
        file.writelines(f"n{row},L1,paid,2025-03-01,0.01,,,,,\n" for row in range(entries))
