"""The table of the official commentary in docs/explanation/law-us.md and the worked cases of the US packs say the same."""

import re

import pytest

from forbear.law.cases import read_cases
from forbear.law.packs import load, packaged
from tests.tidy.tree import ROOT

PAGE = ROOT / "docs" / "explanation" / "law-us.md"
ROW = re.compile(r"^\| (\d+(?:\([A-Za-z0-9]+\))*-\S+) \| (?:`([a-z0-9_.-]+)`)? ?\| (.+) \|$", re.MULTILINE)
COMMENT = "comment "


def rows() -> list[tuple[str, str, str]]:
    """(comment, rule or nothing, what is said) of every row of the table."""
    return ROW.findall(PAGE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def cited() -> dict[tuple[str, str], list[str]]:
    """The names of the cases by comment and rule."""
    found: dict[tuple[str, str], list[str]] = {}
    for case in read_cases(packaged(), load()):
        cite = case.table.text("cite", "")
        if case.rule.jurisdiction.partition("-")[0] == "us" and cite.startswith(COMMENT):
            found.setdefault((cite.removeprefix(COMMENT), case.rule.id), []).append(
                case.table.table("name").text("en")
            )
    return found


class TestCommentary:
    def test_every_row_with_a_rule_has_cases_and_every_cited_comment_a_row(self, cited):
        assert {(comment, rule) for comment, rule, _ in rows() if rule} == set(cited)

    def test_every_case_is_named_in_its_row(self, cited):
        told = {(comment, rule): said for comment, rule, said in rows() if rule}
        unnamed = [
            (place, name) for place, names in cited.items() for name in names if name not in told[place]
        ]
        assert not unnamed

    def test_a_comment_is_either_proven_or_explained(self):
        proven = {comment for comment, rule, _ in rows() if rule}
        explained = [comment for comment, rule, _ in rows() if not rule]
        assert not proven & set(explained)
        assert len(explained) == len(set(explained))

    def test_the_page_counts_right(self, cited):
        text = PAGE.read_text(encoding="utf-8")
        comments = {comment for comment, _, _ in rows()}
        proven = {comment for comment, _ in cited}
        cases = sum(map(len, cited.values()))
        assert f"Supplement I has {len(comments)} numbered comments" in text
        assert f"{len(proven)} of them are proven by {cases} worked cases" in text
