"""Every link between our own pages leads somewhere: to a file that is there, and to a heading in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]
ELSEWHERE = re.compile(r"[a-z]+:")


@cache
def tokens_of(page: Path) -> list[Token]:
    text = re.sub(r"\A---\n.*?\n---\n", "", page.read_text(encoding="utf-8"), flags=re.S)
    return MarkdownIt("commonmark").enable("table").parse(text)


def links_of(page: Path) -> Iterator[str]:
    """Yield where each link and picture of a page leads, but those to other sites."""
    for token in tokens_of(page):
        for child in token.children or ():
            target = child.attrGet("href" if child.type == "link_open" else "src")
            if isinstance(target, str) and not ELSEWHERE.match(target):
                yield unquote(target)


@cache
def anchors_of(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as code-hosting pages and the site make them."""
    tokens = tokens_of(page)
    headings = [
        "".join(child.content for child in inline.children or ())
        for heading, inline in pairwise(tokens)
        if heading.type == "heading_open"
    ]
    return {re.sub(r"\s+", "-", re.sub(r"[^\w\s-]", "", heading.lower()).strip()) for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    lost = []
    for link in links_of(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors_of(target)):
            lost.append(link)
    assert lost == []


def test_a_link_to_no_heading_is_found() -> None:
    assert "links_of" not in anchors_of(ROOT / "README.md")
    assert "what-works-where" in anchors_of(ROOT / "docs" / "installing.md")
    assert "docs/installing.md#what-works-where" in set(links_of(ROOT / "README.md"))
