"""The inline markup of a lesson's lines: `code`, **bold**, *emphasis* and keys."""

from __future__ import annotations

import re

from textual.content import Content

from hatlab.lessons.key_markup import render_for_screen
from hatlab.tui.widgets.line_widget import Piece, styled

_INLINE = re.compile(r"`([^`]+)`|\*\*([^*]+)\*\*|(?<![\w*])\*([^*\s][^*]*)\*(?!\w)")


def render_markup(text: str, tone: str = "") -> Content:
    """Return a line in `tone` with its `code`, **bold** and *emphasis* set apart and keys as keys."""
    text = render_for_screen(text)
    pieces: list[Piece] = []
    end = 0
    for match in _INLINE.finditer(text):
        code, bold, emphasis = match.groups()
        style = "wire" if code else f"{'bold' if bold else 'italic'} {tone}".strip()
        pieces += [(text[end : match.start()], tone), (code or bold or emphasis, style)]
        end = match.end()
    return styled(*pieces, (text[end:], tone))
