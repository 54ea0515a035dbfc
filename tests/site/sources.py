"""The pages that are written by hand, as the site has them: all in one folder, wherever they are from."""

from __future__ import annotations

import html
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
FROM_ROOT = {name: name.lower() for name in ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")}
"""A page at the root of the repository → what the site calls it."""
ELSEWHERE = {
    **{"README.md": "index.md", "LICENSE": "LICENSE", "lessons/glossary.md": "glossary.md"},
    **{"lessons": "lessons.md", "lab/hatlab/commands": "commands.md"},
}
"""What pages link to and the site has under another name."""
HOME = "index.md"
_FENCED = re.compile(
    r"^(?P<marks>`{3,})(?P<language>[^\s`]*)[^`\n]*(?P<text>\n.*?^(?P=marks))[ \t]*$", re.M | re.S
)
_LIST = re.compile(r"(?:^- .*\n(?:^    .*\n|^\n)*)+", re.M)
_LINK = re.compile(r"(\]\()(?!https?://|#|mailto:)([^)#\s]+)")
_CODE_WITH_TAG = re.compile(r"(?<!`)`([^`\n]*<[^`\n]*)`(?!`)")


def written_pages() -> dict[str, str]:
    """Return the name of each page on the site → its Markdown."""
    paths = {path.name: path for path in sorted(DOCS.glob("*.md"))}
    paths |= {name: ROOT / path for path, name in FROM_ROOT.items()}
    pages = {name: for_site(path) for name, path in paths.items()}
    return pages | {HOME: lay_out_home(pages[HOME])}


def lay_out_home(text: str) -> str:
    """Return the home page with its list as cards, and with nothing at its sides."""
    cards = _LIST.sub('<div class="grid cards" markdown>\n\n\\g<0></div>\n\n', text, count=1)
    return f"---\nhide: [navigation, toc]\n---\n{cards}"


def for_site(path: Path) -> str:
    """Return a page's Markdown as the site's generator wants it.

    Links between files become links between pages of the site. Two things of CommonMark by which
    Python-Markdown would lose what follows are changed: a fence keeps only its language, and a code span with
    a `<` in it becomes HTML.

    Raises:
        ValueError: a link leads to a file that the site does not have.
    """
    text, parts, end = path.read_text(encoding="utf-8"), [], 0
    for fenced in _FENCED.finditer(text):
        parts += [_prose(path, text[end : fenced.start()]), fenced.expand(r"\g<marks>\g<language>\g<text>")]
        end = fenced.end()
    return "".join([*parts, _prose(path, text[end:])])


def _prose(path: Path, text: str) -> str:
    text = _LINK.sub(lambda link: link[1] + _on_site(path, link[2]), text)
    return _CODE_WITH_TAG.sub(lambda code: f"<code>{html.escape(code[1], quote=False)}</code>", text)


def _on_site(page: Path, link: str) -> str:
    target = (page.parent / link).resolve().relative_to(ROOT.resolve()).as_posix()
    found = FROM_ROOT.get(target) or ELSEWHERE.get(target)
    if found is None and not target.startswith("docs/"):
        raise ValueError(f"{page.name}: the site has no page for {link}")
    return found or target.removeprefix("docs/")
