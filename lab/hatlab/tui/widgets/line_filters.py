"""What is done to every line before the terminal gets it: its glyphs in ASCII, its colours left out."""

from __future__ import annotations

from functools import lru_cache

from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

from hatlab.tui.widgets.theme import REVERSED
from hatlab.util.glyphs import to_ascii


class AsciiFilter(LineFilter):
    """Draws the ASCII form of each glyph, which is as wide."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        return [Segment(to_ascii(text), style, control) for text, style, control in segments]


class ColourlessFilter(LineFilter):
    """Leaves the terminal's own two colours; bold and reverse stay, and `REVERSED` becomes reverse."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        return [Segment(text, style and _without_colour(style), control) for text, style, control in segments]


@lru_cache(1024)
def _without_colour(style: Style) -> Style:
    background = style.bgcolor.triplet if style.bgcolor is not None else None
    plain = style + Style.from_color(RichColor.default(), RichColor.default())
    return plain + Style(reverse=True) if background is not None and background.hex == REVERSED else plain
