"""How well a colour can be read on another, as WCAG 2.1 counts it, and the nearest one that can."""

from __future__ import annotations

from collections.abc import Sequence

from textual.color import Color

TEXT = 4.5
"""The ratio from which text of usual size can be read (WCAG 2.1, 1.4.3)."""
_STEP = 0.04


def contrast(colour: Color, ground: Color) -> float:
    """Return the ratio of two colours' luminances, 1 to 21."""
    lighter, darker = sorted((_luminance(colour), _luminance(ground)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Color) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.normalized
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def readable(colour: Color, grounds: Sequence[Color], least: float = TEXT) -> Color:
    """Return the colour, made as much lighter or darker as it must be to be read on all of some grounds."""
    ways = []
    for end in (Color(255, 255, 255), Color(0, 0, 0)):
        for step in range(round(1 / _STEP) + 1):
            tried = colour.blend(end, step * _STEP)
            if (found := min(contrast(tried, ground) for ground in grounds)) >= least:
                ways.append((step, tried))
                break
        else:
            ways.append((1000 - round(100 * found), end))
    return min(ways, key=lambda way: way[0])[1]
