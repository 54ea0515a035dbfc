"""A lesson's Markdown as text to be read aloud, or in a terminal of any width."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hatlab.text.key_names import keyless
from hatlab.util.text import wrap_hanging

_EMPHASIS = re.compile(r"\*\*([^*]+)\*\*|(?<![\w*`])\*([^*\s][^*`]*)\*(?![\w`])|`([^`]+)`")
_FENCE = re.compile(r"^ *(?:```|~~~)")
_MARK = re.compile(r"^ *(?:[-*>] |(?:\d+|[a-z])\. )?")
_ALONE = re.compile(r"#|\s*$")
"""A heading, or nothing: a line that no sentence goes on from."""
_BEGINS = re.compile(r" *(?:[-*>|] |\d+\. )|#|\s*$")
"""A line that does not go on with the sentence of the one before."""


def format_text(text: str, width: int | None = None) -> str:
    """Text line by line, without the signs that only mark emphasis; wrapped to a width, if one is given.

    In the place of keys stands what is typed, as there are none.
    """
    return "\n".join(wrapped for line in text.split("\n") for wrapped in _wrapped(line, width))


def format_markdown(markdown: str, width: int | None = None) -> str:
    """A passage of Markdown: each paragraph flows; fenced blocks stay as they are, without their fences."""
    return "\n".join(text if fenced else format_text(text, width) for text, fenced in _parts(markdown))


def _parts(markdown: str) -> Iterator[tuple[str, bool]]:
    """(a paragraph in one line, or a line of a fenced block; whether it is the latter)."""
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


def _wrapped(line: str, width: int | None) -> list[str]:
    plain = _EMPHASIS.sub(lambda found: found[1] or found[2] or found[3], keyless(line))
    mark = _MARK.match(plain)
    return wrap_line(plain, width, len(mark[0] if mark else "")).split("\n")


def wrap_line(line: str, width: int | None, indent: int = 4) -> str:
    """A line wrapped to a width, if one is given; what goes on below is indented by some columns."""
    return line if width is None else "\n".join(wrap_hanging(line, max(20, width - 1), indent))
