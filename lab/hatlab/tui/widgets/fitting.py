"""Lines that fit: what matters least is left out first, so that no word is cut."""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import cell_len
from textual.content import Content

from hatlab.tui.widgets.line_widget import shortened, styled
from hatlab.views.pieces import Part


def fit_parts(parts: Iterable[Part], width: int) -> Content:
    """Join parts to a line of at most `width` cells, without those that there is no room for."""
    kept = [part for part in parts if part[1]]
    line = styled(*(piece for _, piece in kept))
    while line.cell_length > width and (rank := max((rank for rank, _ in kept), default=0)):
        kept = [part for part in kept if part[0] < rank]
        line = styled(*(piece for _, piece in kept))
    return line


def fit_text(texts: Iterable[str], width: int) -> str:
    """Return the first of several texts, longest first, that fits into `width` cells; else the last, cut."""
    text = ""
    for text in texts:
        if cell_len(text) <= width:
            return text
    return shortened(Content(text), width).plain
