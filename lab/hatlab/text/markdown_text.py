"""A lesson's Markdown as text, to be read aloud or in a terminal of any width."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hatlab.lessons.key_markup import render_as_typed
from hatlab.util.equations import wrap_prose

_EMPHASIS = re.compile(r"\*\*([^*]+)\*\*|(?<![\w*`])\*([^*\s][^*`]*)\*(?![\w`])|`([^`]+)`")
_FENCE = re.compile(r"^ *(?:```|~~~)")
_MARK = re.compile(r"^ *(?:[-*>] |(?:\d+|[a-z])\. )?")
_ALONE = re.compile(r"#|\s*$")
"""A heading or a blank line: a sentence never goes on behind it."""
_BEGINS = re.compile(r" *(?:[-*>|] |\d+\. )|#|\s*$")
"""A line that begins something new."""


def format_text(text: str, width: int | None = None) -> str:
    """Return text line by line, wrapped to a width if one is given.

    The signs that only mark emphasis are left out; in the place of keys stands what is typed.
    """
    return "\n".join(part for line in render_as_typed(text).split("\n") for part in _wrap(line, width))


def format_markdown(markdown: str, width: int | None = None) -> str:
    """Return a passage of Markdown: each paragraph flows; fenced blocks stay, without fences."""
    parts = _split(render_as_typed(markdown))
    return "\n".join(text if fenced else format_text(text, width) for text, fenced in parts)


def _split(markdown: str) -> Iterator[tuple[str, bool]]:
    """Yield (text, fenced): a paragraph in one line, or a line of a fenced block."""
    paragraph: list[str] = []
    fenced = False
    for line in markdown.split("\n"):
        fence = _FENCE.match(line) is not None
        if paragraph and (fence or _BEGINS.match(line) or _ALONE.match(paragraph[0])):
            yield " ".join(paragraph), False
            paragraph = []
        if fence:
            fenced = not fenced
        elif fenced:
            yield line, True
        else:
            paragraph.append(line if not paragraph else line.strip())
    if paragraph:
        yield " ".join(paragraph), False


def _wrap(line: str, width: int | None) -> list[str]:
    plain = _EMPHASIS.sub(lambda match: match[1] or match[2] or match[3], line)
    mark = _MARK.match(plain)
    return wrap_line(plain, width, len(mark[0] if mark else "")).split("\n")


def wrap_line(line: str, width: int | None, indent: int = 4) -> str:
    """Return a line wrapped to a width, if one is given, with its further lines indented by some columns."""
    return line if width is None else "\n".join(wrap_prose(line, max(20, width - 1), indent))
