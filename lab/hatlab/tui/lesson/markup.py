"""Text whose lines hang behind a glyph, wrapped for any width and any script."""

from __future__ import annotations

import re
from collections.abc import Iterable

from textual.content import Content
from textual.geometry import Region, Size
from textual.widget import Widget

from hatlab.lessons.key_markup import render_for_screen
from hatlab.tui.widgets.line_widget import Piece, styled

Bullet = tuple[Piece, Content]
"""A glyph and what it is about."""
_MARKED = re.compile(r"`([^`]+)`|\*\*([^*]+)\*\*|(?<![\w*])\*([^*\s][^*]*)\*(?!\w)")


def render_markup(text: str, tone: str = "") -> Content:
    """A line of a lesson with its `code`, **bold** and *emphasis* set apart, and with keys as keys."""
    text = render_for_screen(text)
    pieces: list[Piece] = []
    at = 0
    for found in _MARKED.finditer(text):
        pieces += [(text[at : found.start()], tone)]
        style = "wire" if found[1] else f"{'bold' if found[2] else 'italic'} {tone}".strip()
        pieces.append((found[1] or found[2] or found[3], style))
        at = found.end()
    return styled(*pieces, (text[at:], tone))


class BulletList(Widget):
    """Points one below the other."""

    ALLOW_SELECT = False

    def __init__(self, *, classes: str | None = None) -> None:
        super().__init__(classes=classes)
        self._points: tuple[Bullet, ...] = ()
        self._same = 0

    def update(self, points: Iterable[Bullet]) -> None:
        """Shows these."""
        old, self._points = self._points, tuple(points)
        both = zip(old, self._points, strict=False)
        self._same = next((k for k, (a, b) in enumerate(both) if a != b), min(len(old), len(self._points)))
        self.refresh(layout=True)

    @property
    def fresh(self) -> Region:
        """Where the last update changed or added something: from there to the end."""
        width, height = self.size
        begin = len(self._wrapped(self._points[: self._same], width))
        return Region(0, begin, width, height - begin)

    def get_content_height(self, _container: Size, _viewport: Size, width: int) -> int:
        return len(self._wrapped(self._points, width))

    def render(self) -> Content:
        return Content("\n").join(self._wrapped(self._points, self.content_size.width))

    def _wrapped(self, points: Iterable[Bullet], width: int) -> list[Content]:
        lines: list[Content] = []
        for (glyph, tone), text in points:
            indent = len(glyph)
            for k, line in enumerate(text.wrap(max(8, width - indent))):
                lines.append(styled((glyph if k == 0 else " " * indent, tone)) + line)
        return lines
