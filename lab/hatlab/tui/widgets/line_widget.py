"""Widgets that draw lines of (text, style name) pairs themselves: nothing is laid out when they change.

The style names are component classes (`pane--fault`), so colours come from the stylesheet and the theme.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

Piece = tuple[str, str]
"""Text and the name of its style; an empty name is the pane's own colour."""

STYLES = (
    *("master", "backup", "fault", "init", "stopped", "off", "paused"),
    *("node0", "node1", "node2", "node3", "node4", "node5", "vip", "split", "gap", "good"),
    *(
        "label",
        "muted",
        "ruler",
        "cursor",
        "mark",
        "warning",
        "success",
        "why",
        "why-text",
        "header",
        "selected",
        "hex",
    ),
)
NODE_STYLES = 6


def node_style(names: Sequence[str], name: str) -> str:
    """The style of a node's name: by its place in the topology."""
    return f"node{names.index(name) % NODE_STYLES}" if name in names else "muted"


class LinesWidget(Widget, inherit_css=True):
    """A widget whose `rows` are lines of pieces; it redraws only those that changed."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"pane--{name}" for name in STYLES}
    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._inks: dict[str, Style] = {}
        self._drawn: list[tuple[Piece, ...]] = []

    def ink(self, name: str) -> Style:
        """The style of a name, over the pane's own."""
        style = self._inks.get(name)
        if style is None:
            base = self.rich_style
            style = base + self.get_component_rich_style(f"pane--{name}", partial=True) if name else base
            self._inks[name] = style
        return style

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._inks.clear()

    def strip(self, pieces: Sequence[Piece], width: int) -> Strip:
        """One line of exactly `width` cells."""
        ink = self.ink
        line = Strip([Segment(text, ink(name)) for text, name in pieces if text])
        return line.adjust_cell_length(width, ink(""))

    def draw(self, rows: Sequence[tuple[Piece, ...]]) -> None:
        """Shows these rows from the top; only lines that changed are drawn again."""
        old, self._drawn = self._drawn, list(rows)
        width = self.size.width
        changed = [
            Region(0, y, width, 1)
            for y in range(max(len(old), len(rows)))
            if y >= len(old) or y >= len(rows) or old[y] != rows[y]
        ]
        if changed:
            self.refresh(*changed)

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if y >= len(self._drawn):
            return Strip.blank(width, self.ink(""))
        return self.strip(self._drawn[y], width)
