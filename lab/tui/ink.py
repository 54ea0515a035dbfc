"""Drawing text in theme colours."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget

from lab.tui.view import Mark

Piece = tuple[str, str]
"""Text and a style: a tone (`master`), with or without `bold`."""


def ink(*pieces: str | Piece) -> Content:
    """One line of pieces; a tone becomes the theme's colour of that name. Text is never read as markup."""
    return Content.assemble(*(p if isinstance(p, str) else (p[0], _style(p[1])) for p in pieces))


def _style(words: str) -> str:
    plain = {"bold", "dim", "reverse", "italic", "underline", "on", ""}
    return " ".join(w if w in plain else f"${w}" for w in words.split(" "))


def mark(m: Mark, extra: str = "") -> Piece:
    """A mark as one piece."""
    return str(m), f"{extra} {m.tone}".strip()


def spread(left: Content, right: Content, width: int) -> Content:
    """`left` and `right` at the two ends of a line; `left` is cut first if they do not fit."""
    gap = width - left.cell_length - right.cell_length
    if gap < 1:
        left = left.truncate(max(0, width - right.cell_length - 1), ellipsis=True)
        gap = max(1, width - left.cell_length - right.cell_length)
    return Content.assemble(left, " " * gap, right)


class Drawing(Widget):
    """A widget that shows lines of Content and repaints only when they are set."""

    DEFAULT_CSS = "Drawing { height: auto; }"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._lines: tuple[Content, ...] = ()

    def draw(self, *lines: Content) -> None:
        """Shows these lines; a change in their number lays out anew."""
        relayout = len(lines) != len(self._lines)
        self._lines = lines
        self.refresh(layout=relayout)

    def render(self) -> Content:
        return Content("\n").join(self._lines)
