"""Pages of a short story, opened in a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from hatlab import events as e
from hatlab.export.html import write
from hatlab.state.steps import derive_steps
from tests.support.browser import Browser, Page
from tests.support.story import story

IS_PLAYER = "document.documentElement.classList.contains('has-player')"
"""True once the player is there."""

Opener = Callable[..., Page]


def write_page(path: Path, facts: Iterable[e.Event]) -> Path:
    with path.open("wb") as out:
        write(out, derive_steps(facts))
    return path


@pytest.fixture(scope="session")
def story_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the two-node story: a failover, a split brain."""
    return write_page(tmp_path_factory.mktemp("page") / "story.html", story(44.0))


@pytest.fixture
def opened(browser: Browser) -> Iterator[Opener]:
    """Open a page in a tab of its own; what its scripts did wrong fails the test."""
    pages = []

    def open_page(path: Path, fragment: str = "", ready: str = IS_PLAYER) -> Page:
        page = browser.new_page()
        pages.append(page)
        page.open(path, fragment, ready=ready)
        return page

    yield open_page
    for page in pages:
        page.run("0")  # what it still had to say has come
        page.close()
        assert page.problems == []
