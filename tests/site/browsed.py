"""Looks at the built site in Chromium, as files: python -m tests.site.browsed [FOLDER]

Every page on a phone and on a desk: nothing is asked for elsewhere, nothing is wider than the screen, and no
script fails. Then a film is played, and a word searched for. It needs what `make docs` has made.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from tests.site.built import NOT_FOUND
from tests.site.sources import ROOT
from tests.support.browser import Page, running_browser

PHONE, DESK = (390, 844), (1280, 900)
WORD = "nopreempt"


def look(page: Page, site: Path) -> Iterator[str]:
    """Yield what is wrong with a site."""
    yield from search(page, site)
    yield from play_a_film(page, site)
    for size in (PHONE, DESK):
        page.size(*size)
        for path in sorted(site.rglob("*.html")):
            if path.name != NOT_FOUND:
                page.open(path)
                yield from (f"{path.relative_to(site)}: {problem}" for problem in problems_of(page, size[0]))


def problems_of(page: Page, width: int) -> Iterator[str]:
    """Yield what a page has asked for or thrown since it was opened, and whether it is too wide."""
    yield from (problem for problem in page.problems if not problem.startswith("it asks for data:"))
    page.problems.clear()
    if (needed := page.run("document.documentElement.scrollWidth")) > width:
        yield f"it is {needed} wide on a screen of {width}"


def play_a_film(page: Page, site: Path) -> Iterator[str]:
    """Play the film of the home page until the lab is shown."""
    page.open(site / "index.html", ready="document.querySelector('.film__button') !== null")
    page.click(".film__button")
    page.wait_for("(document.querySelector('.ap-player')?.innerText ?? '').includes('MASTER')")
    yield from (f"film: {problem}" for problem in problems_of(page, DESK[0]))


def search(page: Page, site: Path) -> Iterator[str]:
    """Search for a word of the glossary, and find it there."""
    page.open(site / "glossary.html")
    page.click(".md-search__button")
    shown = "[...document.querySelectorAll('div')].map(e => e.shadowRoot?.innerHTML ?? '').join('')"
    page.wait_for(f"{shown}.includes('<input')")
    page.call("Input.insertText", text=WORD)
    page.wait_for(f"{shown}.includes('glossary.html?h={WORD}')")
    yield from (f"search: {problem}" for problem in problems_of(page, DESK[0]))


def main() -> int:
    """Look at the site, and return the exit code."""
    site = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build" / "site"
    with running_browser() as browser:
        found = list(look(browser.new_page(), site))
    for problem in found:
        sys.stderr.write(f"{problem}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
