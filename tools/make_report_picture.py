"""Photograph the demo's report for the README: python -m tools.make_report_picture REPORT.html (needs Chromium)."""

import pathlib
import shutil
import sys

from playwright.sync_api import sync_playwright

PICTURE = pathlib.Path(__file__).resolve().parents[1] / "docs" / "images" / "report.png"
LARGEST = 300_000


def main(report: pathlib.Path) -> int:
    """Take the top of the page at desktop width, in English; 1 if the picture is too large for a repository."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 1440}, color_scheme="light")
        page.goto(report.absolute().as_uri())
        page.locator('label[for="en"]').click()
        PICTURE.parent.mkdir(exist_ok=True)
        page.screenshot(path=str(PICTURE))
        browser.close()
    size = PICTURE.stat().st_size
    print(f"{PICTURE.name}: {size:,} bytes")
    return 1 if size > LARGEST else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
