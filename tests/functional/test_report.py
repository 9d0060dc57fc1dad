"""The report: complete in itself, in two languages, and right on a phone."""

import base64
import hashlib
import importlib.util
import re
import shutil
from html.parser import HTMLParser

import pytest

from forbear.operations.report_charts import heat_level, round_top
from forbear.operations.report_model import BalanceRow, ControlRow, DayReport, Point
from forbear.operations.report_page import page
from forbear.operations.report_words import percent, short
from tests.support.reports import sample

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
VOID = {"meta", "input", "br", "rect", "path", "polygon", "polyline"}


class Balanced(HTMLParser):
    """Every tag that opens closes, in order; attributes and tags are gathered."""

    def __init__(self):
        super().__init__()
        self.stack, self.attributes, self.tags = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.stack.pop() == tag


def parsed(report):
    found = Balanced()
    found.feed(page(report))
    assert not found.stack
    return found


class TestPage:
    def test_tags_are_balanced(self):
        assert parsed(sample()).tags.count("section") == 9

    def test_it_asks_for_nothing(self):
        html, found = page(sample()), parsed(sample())
        assert not {"script", "link", "img", "iframe", "object"} & set(found.tags)
        assert not [
            name for name, _ in found.attributes if name.startswith("on") or name in {"src", "href", "style"}
        ]
        assert "url(" not in html
        assert "@import" not in html

    def test_its_policy_allows_its_own_style_only(self):
        html = page(sample())
        style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)[1]
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert f"default-src 'none'; style-src 'sha256-{digest}'" in html

    def test_what_a_lender_wrote_is_escaped(self):
        assert "场景分期 &lt;固定费率&gt;" in page(sample())
        assert "<固定费率>" not in page(sample())

    def test_every_word_is_there_in_both_languages(self):
        html = page(sample())
        assert html.count('class="zh"') == html.count('class="en"') > 80

    @pytest.mark.parametrize(("language", "checked"), [("zh", "zh"), ("en", "en")])
    def test_one_language_is_shown_first(self, language, checked):
        shown = re.findall(r'id="(\w+)" aria-label="\S+" checked', page(sample(), language))
        assert shown == [checked]

    def test_every_picture_has_words(self):
        pictures = re.findall(r"<svg [^>]*>", page(sample()))
        assert len(pictures) > 15
        assert all("aria-label=" in svg or 'aria-hidden="true"' in svg for svg in pictures)

    def test_a_ledger_that_does_not_tie_is_shown(self):
        broken = sample(controls=(ControlRow("loans", 1, 2),))
        assert not broken.ties
        assert "the ledger does not equal the positions" in page(broken)
        unbalanced = sample(balances=(BalanceRow(1001, "cash", 5),))
        assert not unbalanced.ties

    def test_an_empty_book_has_a_page(self):
        report = sample()
        empty = DayReport(report.date, "CNY", 0, 0, 0, "", (Point(report.date),))
        assert "Nothing was corrected" in page(empty)


class TestNumbers:
    @pytest.mark.parametrize(
        ("minor", "zh", "en"),
        [
            (0, "0", "0"),
            (99_99, "99", "99"),
            (1_234_00, "1,234", "1.2k"),
            (12_345_00, "1.2万", "12.3k"),
            (123_456_789_00, "1.2亿", "123.5m"),
            (-5_000_00, "-5,000", "-5.0k"),
        ],
    )
    def test_short_amounts(self, minor, zh, en):
        html = short(minor)
        assert re.sub(r"<[^>]+>", "|", html).strip("|").split("||") == ([zh, en] if zh != en else [zh])

    @pytest.mark.parametrize(
        ("part", "whole", "text"),
        [(1, 3, "33.3%"), (1, 8, "12.5%"), (0, 5, "0.0%"), (3, 0, "–"), (2, 3, "66.7%")],
    )
    def test_percent_is_rounded_half_up(self, part, whole, text):
        assert percent(part, whole) == text

    @pytest.mark.parametrize(
        ("value", "top"), [(0, 1), (1, 1), (11, 12), (105, 120), (999, 1000), (4001, 5000)]
    )
    def test_scales_end_on_round_numbers(self, value, top):
        assert round_top(value) == top

    def test_heat_tells_small_from_none(self):
        assert [heat_level(value, 1000) for value in (0, 1, 100, 1000)] == [0, 1, 2, 6]


@pytest.mark.browser
@pytest.mark.skipif(
    CHROMIUM is None or importlib.util.find_spec("playwright") is None, reason="needs Chromium and playwright"
)
class TestBrowser:
    @pytest.mark.parametrize("width", [390, 1280])
    @pytest.mark.parametrize("language", ["zh", "en"])
    def test_it_fits_and_stays_silent(self, tmp_path, width, language):
        from playwright.sync_api import sync_playwright

        path = tmp_path / "report.html"
        path.write_text(page(sample()), encoding="utf-8")
        told = []
        with sync_playwright() as play:
            browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            tab = browser.new_page(viewport={"width": width, "height": 900})
            tab.on("console", lambda message: told.append(message.text))
            tab.on(
                "request",
                lambda request: told.append(request.url) if not request.url.startswith("file:") else None,
            )
            tab.goto(path.as_uri())
            tab.locator(f'label[for="{language}"]').click()
            assert tab.evaluate("document.documentElement.scrollWidth") == width
            other = "en" if language == "zh" else "zh"
            assert tab.locator(f".{other}").first.is_hidden()
            assert tab.locator(f".{language}").first.is_visible()
            browser.close()
        assert not told
