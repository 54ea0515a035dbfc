"""The pages of the documentation that this hatlab brings along, and their links where there is no browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath

from hatlab.util.files import read_text, shipped_folder

TOP_PAGES = ("README.md", "CHANGELOG.md", "SECURITY.md")
"""Pages that stand beside docs/, in a wheel, too."""
SITE_PAGE = "index.md"
"""The page with which the site begins; here the README says the same."""
_PICTURE = re.compile(r"!\[([^\[\]]*)\]\(([^()\s]+)\)")
_LINK = re.compile(r"(?<!!)\[([^\[\]]*)\]\(([^()\s]+)\)")
_FENCE = re.compile(r"^(```+|~~~+).*?^\1[ \t]*$", re.M | re.S)
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:")
_MOST = 2_000_000
"""Bytes of a page at most."""
Rewrite = Callable[[str, str], str]
"""(text, target) of a link or picture → what stands in its place."""


def find_pages() -> dict[str, Path]:
    """Return the pages by topic: the name of the file, in lower case and without its ending.

    Raises:
        UserError: this hatlab has been installed without them.
    """
    docs = shipped_folder("docs")
    pages = (path for path in sorted(docs.rglob("*.md")) if path.name != SITE_PAGE)
    top = (docs.parent / name for name in TOP_PAGES)
    return {path.stem.lower(): path for path in [*pages, *filter(Path.is_file, top)]}


def page_title(path: Path) -> str:
    """Return the heading of a page, without its marks."""
    head = re.search(r"^# (.+)$", read_text(path, "page", _MOST), re.M)
    return re.sub(r"[`*]", "", head[1]) if head else path.stem


def page_text(path: Path, words: Mapping[str, str]) -> str:
    """Return a page whose links say how its other pages are read here, and whose pictures what they show.

    Args:
        path: of the page.
        words: topic → what is typed behind `hatlab help`.
    """

    def name_page(text: str, target: str) -> str:
        topic = help_topic(target)
        if topic not in words:
            return text
        command = f"`hatlab help {words[topic]}`"
        return command if text.endswith(".md") else f"{text} ({command})"

    markdown = read_text(path, "page", _MOST)
    return relink(markdown, name_page, lambda text, _: f"[picture: {text}]")


def relink(markdown: str, link: Rewrite, picture: Rewrite) -> str:
    """Replace the links and pictures of Markdown that lead to files; other addresses, and fences, stay."""

    def replace(pattern: re.Pattern[str], rewrite: Rewrite, text: str) -> str:
        return pattern.sub(lambda m: m[0] if _ELSEWHERE.match(m[2]) else rewrite(m[1], m[2]), text)

    def replace_both(text: str) -> str:
        return replace(_LINK, link, replace(_PICTURE, picture, text))

    parts, end = [], 0
    for fence in _FENCE.finditer(markdown):
        parts += [replace_both(markdown[end : fence.start()]), fence[0]]
        end = fence.end()
    return "".join([*parts, replace_both(markdown[end:])])


def help_topic(target: str) -> str:
    """Return what would be the topic of the page that a link leads to."""
    return PurePosixPath(target.partition("#")[0]).name.lower().removesuffix(".md")
