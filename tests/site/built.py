"""What is looked at in a site that is built: links and anchors, what it loads, and that nothing is lost."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from markdown_it import MarkdownIt

_FROM_ELSEWHERE = re.compile(r"url\(\s*[\"']?((?:https?:)?//[^)\"']+)")
_LOADS = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src", "use": "href"}
_LISTED = {"th": "table head", "td": "table cell", "pre": "code block", "blockquote": "quotation"}
"""Elements that are counted in a page → what they are."""
_OF_CONTENT = ("h1", "h2", "h3", "h4", "li", *_LISTED)


NOT_FOUND = "404.html"
"""A server's page for a missing one; its links count from the root of the server, whatever was asked for."""


class Page(HTMLParser):
    """What a page of the site has."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.anchors: set[str] = set()
        self.content: Counter[str] = Counter()
        """Elements in the article, by name."""
        self._in_article = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what an element is."""
        attributes = {name: value or "" for name, value in attrs}
        self._in_article |= tag == "article"
        if "id" in attributes:
            self.anchors.add(attributes["id"])
        if tag == "a" and "href" in attributes:
            self.links.append(attributes["href"])
        if (loaded := attributes.get(_LOADS.get(tag, ""))) and attributes.get("rel") not in {"prev", "next"}:
            self.loads.append(loaded)
        if self._in_article and tag in _OF_CONTENT:
            self.content[tag] += 1

    def handle_endtag(self, tag: str) -> None:
        """Note the end of the article."""
        if tag == "article":
            self._in_article = False


def find_problems(site: Path, pages: Mapping[str, str]) -> Iterator[str]:
    """Yield a sentence for each thing that is wrong with a site.

    Args:
        site: its folder.
        pages: the name of each page → the Markdown that it is made of.
    """
    built = {
        path: Page(path.read_text(encoding="utf-8"))
        for path in sorted(site.rglob("*.html"))
        if path.name != NOT_FOUND
    }
    for path, page in built.items():
        name = path.relative_to(site).as_posix()
        for address in (*page.links, *page.loads):
            if not _leads_somewhere(path, address, built):
                yield f"{name}: {address} leads nowhere"
        for address in page.loads:
            if urlsplit(address).scheme not in {"", "data"} or address.startswith("//"):
                yield f"{name}: {address} is loaded from elsewhere"
    for style in site.rglob("*.css"):
        for address in _FROM_ELSEWHERE.findall(style.read_text(encoding="utf-8")):
            yield f"{style.relative_to(site)}: {address} is loaded from elsewhere"
    for name, markdown in pages.items():
        if (found := built.get((site / name).with_suffix(".html"))) is None:
            yield f"{name}: there is no page of it"
        else:
            yield from (f"{name}: {difference}" for difference in _differences(markdown, found))


def _leads_somewhere(page: Path, address: str, built: Mapping[Path, Page]) -> bool:
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return True
    path = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    if not parts.fragment or path not in built:
        return path.exists()
    return unquote(parts.fragment) in built[path].anchors


def _differences(markdown: str, page: Page) -> Iterator[str]:
    """Yield where a page has more or fewer headings, entries, cells or code blocks than its Markdown."""
    body = re.sub(r"\A---\n.*?\n---\n", "", markdown, flags=re.S)
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(body)
    wanted = Page(f"<article>{html}</article>").content
    for tag in _OF_CONTENT:
        if wanted[tag] != page.content[tag]:
            yield f"{_LISTED.get(tag, tag)}: {page.content[tag]} on the page, {wanted[tag]} in the Markdown"
