"""The documentation can't drift: what the code shows to the outside has its place, and every link leads somewhere."""

import functools
import pathlib
import re
import unicodedata

import pytest

from tests.tidy.tree import ROOT, files, name
from tools import reference, surface

DOCS = ROOT / "docs"
LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
FENCE = re.compile(r"^(```|~~~).*?^\1\s*$", re.MULTILINE | re.DOTALL)


def pages() -> list[pathlib.Path]:
    """Every Markdown page: the documentation, and what greets a visitor at the top."""
    return [
        path
        for path in files()
        if path.suffix == ".md" and (path.parent == ROOT or path.is_relative_to(DOCS))
    ]


def prose(path: pathlib.Path) -> str:
    """The page without its code."""
    return re.sub(r"`[^`\n]*`", "", FENCE.sub("", path.read_text(encoding="utf-8")))


def links(path: pathlib.Path) -> list[str]:
    """Where the page's links point, those that leave the repository left out."""
    return [found for found in LINK.findall(prose(path)) if not re.match(r"[a-z][a-z0-9+.-]*:", found)]


@functools.cache
def anchors(path: pathlib.Path) -> set[str]:
    """The names of the page's headings, as they stand after a # in a link."""
    headings = re.findall(r"^#+\s+(.+?)\s*#*$", FENCE.sub("", path.read_text(encoding="utf-8")), re.MULTILINE)
    return {slug(heading) for heading in headings}


def slug(heading: str) -> str:
    """A heading in lower case, without punctuation, spaces as hyphens."""
    kept = (c for c in heading.lower() if c in " -_" or unicodedata.category(c)[0] in "LNM")
    return "".join(kept).strip().replace(" ", "-")


def target(page: pathlib.Path, link: str) -> pathlib.Path:
    """The file that a link on a page means."""
    place = link.partition("#")[0]
    return (page.parent / place).resolve() if place else page


def broken(page: pathlib.Path) -> list[str]:
    """What is wrong with the links of one page."""
    told = []
    for link in links(page):
        path, anchor = target(page, link), link.partition("#")[2]
        if not path.exists():
            told.append(f"{name(page)}: {link} leads nowhere")
        elif anchor and path.suffix == ".md" and anchor not in anchors(path):
            told.append(f"{name(page)}: {link} names a heading that {path.name} does not have")
    return told


def reference_text() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted((DOCS / "reference").rglob("*.md")))


def unmentioned(things: set[str]) -> list[str]:
    """Which of these are not written as `code` anywhere in the reference."""
    text = reference_text()
    return sorted(thing for thing in things if f"`{thing}`" not in text)


class TestLinks:
    def test_every_link_leads_somewhere(self):
        told = [line for page in pages() for line in broken(page)]
        assert not told, "\n".join(told)

    def test_a_broken_link_is_seen(self, tmp_path, monkeypatch):
        monkeypatch.setattr("tests.tidy.test_docs.name", str)
        page = tmp_path / "page.md"
        page.write_text(
            "# Here\n[a](#here) [b](#there) [c](gone.md) [d](https://example.org/x) `[e](code.md)`\n"
        )
        assert [line.split(": ")[1].split()[0] for line in broken(page)] == ["#there", "gone.md"]

    def test_every_page_can_be_reached_from_the_front_page(self):
        reached, waiting = set(), [DOCS / "index.md"]
        while waiting:
            page = waiting.pop()
            if page in reached:
                continue
            reached.add(page)
            waiting += [
                path
                for link in links(page)
                if (path := target(page, link)).suffix == ".md" and path.is_file()
            ]
        lost = sorted(name(path) for path in pages() if path.is_relative_to(DOCS) and path not in reached)
        assert not lost, f"No page leads to these; link each from the index of its folder: {lost}"

    def test_every_decision_is_listed(self):
        listed = {target(DOCS / "adr" / "index.md", link) for link in links(DOCS / "adr" / "index.md")}
        records = {path for path in pages() if path.parent == DOCS / "adr" and path.name != "index.md"}
        assert records
        assert not sorted(name(path) for path in records - listed), "List it in docs/adr/index.md"


class TestReference:
    def test_every_command_has_its_section(self):
        root = surface.command_line()
        if root is None:
            pytest.skip("forbear.cli.main does not exist yet")
        written = reference.PAGE.read_text(encoding="utf-8")
        assert written == reference.page(root), "docs/reference/commands.md is out of date: run `make docs`"

    def test_every_setting_is_explained(self):
        assert not unmentioned(surface.settings()), "Explain it in docs/reference/settings.md"

    def test_every_kind_of_entry_is_explained(self):
        kinds = surface.entry_kinds()
        if not kinds:
            pytest.skip("no enumeration of entry kinds exists yet")
        assert not unmentioned(kinds), "Explain it in docs/reference/journal.md"

    def test_every_table_is_explained(self):
        tables = surface.tables()
        if not tables:
            pytest.skip("the store has no tables yet")
        assert not unmentioned(tables), "Explain it in docs/reference/tables.md"

    def test_what_is_not_explained_is_seen(self):
        assert unmentioned({"FORBEAR_NO_SUCH_SETTING"}) == ["FORBEAR_NO_SUCH_SETTING"]


class TestGlossary:
    def test_every_term_has_both_languages_and_a_meaning(self):
        rows = re.findall(
            r"^\|(.+)\|(.+)\|(.+)\|$", (DOCS / "glossary.md").read_text(encoding="utf-8"), re.MULTILINE
        )
        terms = [[cell.strip() for cell in row] for row in rows]
        terms = [row for row in terms if row[0] != "term" and "---" not in row[0]]
        assert len(terms) >= 40
        for english, chinese, meaning in terms:
            assert english
            assert re.search(r"[\u4e00-\u9fff]", chinese), english
            assert len(meaning.split()) >= 4, english
        assert len({english for english, _, _ in terms}) == len(terms)
