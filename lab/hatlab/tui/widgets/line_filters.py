"""What is done to every line before the terminal gets it: controls go, then glyphs and colours it lacks."""

from __future__ import annotations

from functools import lru_cache

from rich.cells import cell_len, set_cell_size
from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

from hatlab.tui.widgets.theme import REVERSED
from hatlab.util.glyphs import to_ascii
from hatlab.util.visible import is_visible


class VisibleFilter(LineFilter):
    """The last border: nothing passes that steers the terminal, hides or reorders. A line keeps its width.

    What comes from outside is made visible where it enters (`show_controls`); here there is no room for that.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        if all(is_visible(text, "") for text, _, _ in segments):
            return segments
        return [Segment(_without_controls(text), style, control) for text, style, control in segments]


@lru_cache(1024)
def _without_controls(text: str) -> str:
    if is_visible(text, ""):
        return text
    kept = "".join(char if is_visible(f"x{char}", "") else "" if cell_len(char) < 1 else "�" for char in text)
    return set_cell_size(kept, cell_len(text))


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
