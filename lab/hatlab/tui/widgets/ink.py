"""Drawing text in theme colours."""

from __future__ import annotations

from textual.content import Content
from textual.geometry import Region
from textual.strip import Strip
from textual.visual import Visual
from textual.widget import Widget

from hatlab.tui.lab_view import Mark

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
    """A widget of lines that repaints only those which changed: an update must not cost the whole map.

    Subclasses give the lines in `build` and call `redraw` when they may have changed.
    """

    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._lines: list[Content] = []
        self._strips: dict[int, Strip] = {}

    def build(self) -> list[Content]:
        """The lines for its size, from the top."""
        raise NotImplementedError

    def redraw(self) -> None:
        """Builds the lines anew and repaints what differs."""
        width, height = self.content_size
        if not width or not height:
            return
        old, self._lines = self._lines, self.build()[:height]
        changed = [y for y in range(max(len(old), len(self._lines))) if not _same(old, self._lines, y)]
        for y in changed:
            self._strips.pop(y, None)
        if changed:
            self.refresh(*(Region(0, y, width, 1) for y in changed))

    def on_resize(self) -> None:
        self._forget()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._forget()

    def _forget(self) -> None:
        """Builds and repaints every row: one that has no line any more may have been painted at this size."""
        self._strips.clear()
        self._lines = []
        self.redraw()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        width = self.content_size.width
        if y >= len(self._lines):
            return Strip.blank(width, self.rich_style)
        strip = self._strips.get(y)
        if strip is None:
            line = self._lines[y].truncate(width, ellipsis=True)
            strip = Visual.to_strips(self, line, width, 1, self.visual_style)[0]
            self._strips[y] = strip
        return strip


def _same(old: list[Content], new: list[Content], y: int) -> bool:
    if y >= len(old) or y >= len(new):
        return False
    return old[y].plain == new[y].plain and old[y].spans == new[y].spans
