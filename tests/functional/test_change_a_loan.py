"""The worked session of docs/howto/change-a-loan.md, run: what the page shows is what the commands print."""

import datetime as dt
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from forbear.cli.main import main
from tests.functional.test_live_book import JOURNAL, LOANS, PRODUCTS
from tests.support.book_files import take_in, write_book
from tests.support.pages import DOCS

pytestmark = pytest.mark.database

PAGE = DOCS / "howto" / "change-a-loan.md"
TODAY = dt.datetime(2024, 3, 10, 9, tzinfo=dt.UTC)
BLOCK = re.compile(r"```console\n\$ forbear (.*)\n((?:.*\n)*?)```")


def printed(url: str) -> Iterator[tuple[str, str]]:
    """Each command of the page, in its order, and what it prints."""
    for command, _ in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        result = CliRunner().invoke(main, shlex.split(command), obj=TODAY, env={"DATABASE_URL": url})
        lines = [line.rstrip() for line in result.output.strip("\n").splitlines()]
        yield command, "\n".join(lines) + "\n"


def test_the_page_shows_what_is_printed(fresh_database: str, tmp_path: Path) -> None:
    page = PAGE.read_text(encoding="utf-8")
    (versions,) = re.findall(r"```csv\n(.*?)```", page, re.DOTALL)
    tables = {"versions": [line.split(",") for line in versions.splitlines()]}
    take_in(fresh_database, write_book(tmp_path, products=PRODUCTS, loans=LOANS, journal=JOURNAL, **tables))
    shown = BLOCK.findall(page)
    assert len(shown) == 8
    assert shown == list(printed(fresh_database))
