"""The command line as a newcomer meets it: instant, teaching, and plain about what went wrong."""

import errno
import json
import subprocess
import sys

import click
import psycopg
import pytest
from click.testing import CliRunner

from forbear.cli.codes import MEANINGS, Exit
from forbear.cli.failures import explain
from forbear.cli.main import EXAMPLES, SECTIONS, main
from forbear.store.programs import PostgresError

HEAVY = {"django", "numba", "numpy", "psycopg", "pyarrow", "rich"}
HELP = """
import json, sys
from click.testing import CliRunner
from forbear.cli.main import main
assert CliRunner().invoke(main, sys.argv[1:]).exit_code == 0
print(json.dumps(sorted({name.split(".")[0] for name in sys.modules})))
"""


def run(*arguments):
    return CliRunner().invoke(main, arguments)


def modules_after(*arguments):
    done = subprocess.run(
        [sys.executable, "-c", HELP, *arguments], capture_output=True, text=True, check=True
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


class TestHelp:
    @pytest.mark.parametrize(
        "arguments", [["--help"], ["close-day", "--help"], ["import", "--help"], ["--version"]]
    )
    def test_help_loads_nothing_heavy(self, arguments):
        assert not modules_after(*arguments) & HEAVY

    def test_help_teaches(self):
        told = run("--help").output
        for section, commands in SECTIONS.items():
            assert f"{section}:" in told
            for command in commands:
                assert f"  {command} " in told
        assert all(example in told for example, _ in EXAMPLES)
        assert "Where to go next" in told

    def test_every_exit_code_is_told(self):
        assert set(MEANINGS) == set(Exit)
        told = " ".join(run("--help").output.split())
        assert all(f"{int(code)} {meaning}" in told for code, meaning in MEANINGS.items())

    @pytest.mark.parametrize("command", [name for section in SECTIONS.values() for name in section])
    def test_every_command_has_a_page(self, command):
        page = run(command, "--help")
        assert page.exit_code == 0
        assert "\b" not in page.output
        assert len(page.output.splitlines()) > 5

    def test_examples_name_commands_that_exist(self):
        context = click.Context(main)
        for example, _ in EXAMPLES:
            assert main.get_command(context, example.split()[1]) is not None


class TestMistakes:
    def test_a_near_word_is_offered(self):
        done = run("close-dya")
        assert done.exit_code == Exit.USAGE
        assert "Did you mean: forbear close-day?" in done.output

    def test_a_far_word_is_told_where_to_look(self):
        assert "forbear --help lists them" in run("zzz").output

    def test_a_date_says_how_to_write_it(self):
        done = run("close-day", "1.3.2026")
        assert done.exit_code == Exit.USAGE
        assert "write it as 2026-03-01" in done.output

    def test_a_date_and_until_exclude_each_other(self):
        done = run("close-day", "2026-03-01", "--until", "2026-03-02")
        assert done.exit_code == Exit.USAGE
        assert "not both" in done.output


class TestExpectedErrors:
    @pytest.mark.parametrize(
        ("error", "code", "said"),
        [
            (
                psycopg.OperationalError("connection refused\nIs it running?"),
                Exit.NO_DATABASE,
                "connection refused. Check",
            ),
            (psycopg.errors.DiskFull("no space"), Exit.NO_ROOM, "database's disk is full"),
            (psycopg.errors.UndefinedTable('relation "loan"'), Exit.NO_DATABASE, "forbear database migrate"),
            (OSError(errno.ENOSPC, "No space left"), Exit.NO_ROOM, "disk is full"),
            (FileNotFoundError(errno.ENOENT, "No such file", "x.csv"), Exit.NO_ROOM, "No such file: x.csv"),
            (
                PermissionError(errno.EACCES, "Permission denied", "out"),
                Exit.NO_ROOM,
                "Permission denied: out",
            ),
            (PostgresError("The server is asleep. Wake it."), Exit.NO_DATABASE, "Wake it"),
        ],
    )
    def test_each_is_told_with_a_way_on(self, error, code, said):
        told = explain(error)
        assert told is not None
        assert told.code == code
        assert said in told.message

    def test_what_nobody_expects_keeps_its_traceback(self):
        assert explain(ZeroDivisionError("a bug")) is None

    def test_no_traceback_and_no_password_when_the_database_is_gone(self):
        environ = {"DATABASE_URL": "postgresql://ann:sesame@127.0.0.1:1/book"}
        done = CliRunner(env=environ).invoke(main, ["status"])
        assert done.exit_code == Exit.NO_DATABASE
        assert "cannot be reached" in done.output
        assert "Traceback" not in done.output
        assert "sesame" not in done.output

    def test_another_database_is_refused_with_its_scheme_only(self):
        done = CliRunner(env={"DATABASE_URL": "mysql://ann:sesame@host/book"}).invoke(main, ["status"])
        assert done.exit_code == Exit.NO_DATABASE
        assert "PostgreSQL only" in done.output
        assert "sesame" not in done.output


class TestCompletion:
    @pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
    def test_a_script_for_each_shell(self, shell):
        done = run("completion", shell)
        assert done.exit_code == 0
        assert "_FORBEAR_COMPLETE" in done.output

    def test_help_says_where_the_line_goes(self):
        told = run("completion", "--help").output
        for file in ("~/.bashrc", "~/.zshrc", "~/.config/fish/config.fish"):
            assert file in told
