"""The demo, and the command line over the book that it leaves: small, but every part of it."""

import json
from urllib.parse import urlsplit

import psycopg
import pytest
from click.testing import CliRunner

from forbear.cli.codes import Exit
from forbear.cli.main import main
from forbear.operations.database import drop
from forbear.operations.demo import demo, demo_url

DAY = 20_500  # 2026-02-16
pytestmark = pytest.mark.database


@pytest.fixture(scope="module")
def lived(database_server, tmp_path_factory):
    """A small lender after twelve days, on the test's server."""
    server = database_server.partition("#")[0]
    out = tmp_path_factory.mktemp("demo") / "report.html"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(
            "FORBEAR_HOME", str(tmp_path_factory.mktemp("home"))
        )  # the key of personal data is made there
        yield demo(server, loans=300, days=12, seed=5, until=DAY, out=out), demo_url(server)
    with psycopg.connect(server, autocommit=True) as connection:
        drop(connection, "forbear_demo")


def run(url, *arguments):
    return CliRunner(env={"DATABASE_URL": url, "NO_COLOR": "1"}).invoke(main, arguments)


def test_it_lives_through_every_day(lived):
    outcome, _ = lived
    assert outcome.refused == []
    assert outcome.days == 12
    assert outcome.last_day.isoformat() == "2026-02-16"
    html = outcome.report.read_text(encoding="utf-8")
    assert "2026-02-16" in html
    assert "trial balance zero" in html


def test_it_has_a_database_of_its_own(lived, database_server):
    _, url = lived
    assert urlsplit(url).path == "/forbear_demo"
    assert urlsplit(url).path != urlsplit(database_server).path


def test_verify_finds_it_sound(lived):
    done = run(lived[1], "verify", "--json")
    assert done.exit_code == Exit.DONE, done.output
    report = json.loads(done.output)
    assert report["findings"] == []
    assert report["entries"] == lived[0].entries


def test_status_tells_the_last_closed_day(lived):
    done = run(lived[1], "status", "--json")
    found = json.loads(done.output)
    assert found["last_closed"] == "2026-02-16"
    assert found["unbooked_recordings"] == 0
    assert "last closed day" in run(lived[1], "status").output


def test_a_statement_of_any_day(lived):
    as_table = run(lived[1], "statement", "L000000001", "--as-of", "2026-02-01")
    assert as_table.exit_code == 0, as_table.output
    assert "payoff on this day" in as_table.output
    as_json = json.loads(run(lived[1], "statement", "L000000001", "--json").output)
    assert as_json["reference"] == "L000000001"


def test_a_loan_that_is_not_there_is_refused(lived):
    done = run(lived[1], "statement", "L9")
    assert done.exit_code == Exit.REFUSED
    assert "There is no loan 'L9'" in done.output


def test_a_closed_day_stays_closed(lived):
    done = run(lived[1], "close-day", "2026-02-16", "--json")
    assert done.exit_code == 0
    assert [day["closed_now"] for day in json.loads(done.output)] == [False]


def test_a_day_cannot_be_skipped(lived):
    done = run(lived[1], "close-day", "2026-02-20")
    assert done.exit_code == Exit.REFUSED
    assert "Close 2026-02-17 first" in done.output


def test_a_report_of_an_earlier_day(lived, tmp_path):
    out = tmp_path / "day.html"
    done = run(lived[1], "report", "2026-02-10", "--out", str(out))
    assert done.exit_code == 0, done.output
    assert "2026-02-10" in out.read_text(encoding="utf-8")


def test_no_report_of_an_open_day(lived, tmp_path):
    done = run(lived[1], "report", "2026-03-10", "--out", str(tmp_path / "day.html"))
    assert done.exit_code == Exit.REFUSED
    assert "not closed" in done.output


def test_an_import_with_a_mistake_tells_row_column_value_and_mend(lived, tmp_path):
    (tmp_path / "journal.csv").write_text(
        "key,loan,kind,effective_on,amount\nk1,L000000001,paid,2026-02-30,12.345\n"
    )
    done = run(lived[1], "import", str(tmp_path))
    assert done.exit_code == Exit.REFUSED
    assert "Nothing was recorded" in done.output
    assert "journal.csv, row 2, column effective_on: '2026-02-30'" in done.output


def test_a_folder_with_nothing_in_it_is_wrong_usage(lived, tmp_path):
    done = run(lived[1], "import", str(tmp_path))
    assert done.exit_code == Exit.USAGE
    assert "holds nothing to import" in done.output


def test_import_then_close(lived, tmp_path):
    (tmp_path / "journal.csv").write_text(
        "key,loan,kind,effective_on,amount\nk1,L000000001,paid,2026-02-15,12.34\n"
    )
    dry = run(lived[1], "import", str(tmp_path), "--dry-run")
    assert "Nothing was recorded: this was a dry run." in dry.output
    assert "Recorded" in run(lived[1], "import", str(tmp_path / "journal.csv"), "--reason", "test").output
    done = run(lived[1], "close-day", "2026-02-17", "--json")
    [day] = json.loads(done.output)
    assert day["closed_now"]
    assert day["totals"]["corrections"] == 1


def test_running_it_again_starts_afresh(lived, database_server, tmp_path):
    server = database_server.partition("#")[0]
    outcome = demo(server, loans=100, days=3, seed=6, until=DAY, out=tmp_path / "again.html")
    assert outcome.refused == []
    found = json.loads(run(lived[1], "status", "--json").output)
    assert found["loans"] <= 100
