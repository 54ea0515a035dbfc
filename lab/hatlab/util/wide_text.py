"""Lines of text with characters that take two cells each, such as Chinese: they break behind any of these."""

from __future__ import annotations

import re
from collections.abc import Iterator
from unicodedata import combining, east_asian_width

_WIDE = re.compile(
    r"[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]"
)
"""Characters of two cells, but for the rarest."""
_STAYS_WITH_NEXT = "（「『【《〈“"
_STAYS_WITH_LAST = "，。、；：！？）」』】》〉”…—·％%"


def has_wide(text: str) -> bool:
    """Return True if a text has characters that take two cells."""
    return not text.isascii() and _WIDE.search(text) is not None


def cells(text: str) -> int:
    """Return how many cells a terminal draws a text in."""
    if text.isascii():
        return len(text)
    return sum(0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1 for char in text)


def wrap_wide(text: str, width: int, lead: str = "") -> list[str]:
    """Return a text as lines of at most `width` cells; a word of letters, or one with its mark, stays whole.

    Args:
        text: to be wrapped.
        width: cells of a line.
        lead: what all lines but the first begin with.
    """
    lines, line = [], ""
    for gap, piece in _pieces(text):
        if line.strip() and cells(line + gap + piece) > width:
            lines.append(line)
            line = lead + piece
        else:
            line += (gap if line.strip() else "") + piece
    return [*lines, line] if line else lines


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """Yield what stays whole, each with the blank before it, or ""."""
    for number, word in enumerate(text.split(" ")):
        gap, piece = (" " if number else ""), ""
        for char in word:
            is_wide = _WIDE.match(char) is not None
            joins = not piece or char in _STAYS_WITH_LAST or piece[-1] in _STAYS_WITH_NEXT
            if joins or not (is_wide or _WIDE.match(piece[-1])):
                piece += char
                continue
            yield gap, piece
            gap, piece = "", char
        if piece:
            yield gap, piece
