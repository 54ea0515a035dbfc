"""The two themes. Colour only repeats what a glyph and a word already say."""

from __future__ import annotations

from typing import Any

from textual.theme import Theme

DARK = "hatlab-dark"
LIGHT = "hatlab-light"

REVERSED = "#0d0b09"
"""A background that stands for reverse where there is no colour: Textual drops the reverse of a widget."""

DARK_COLOURS = {
    "master": "#7fd18b",
    "backup": "#82aaf0",
    "fault": "#ff7a70",
    "vip": "#e8c268",
    "wire": "#5ec4d4",
    "warn": "#e8b04b",
    **dict.fromkeys(("init", "stopped", "quiet"), "#8b95a5"),
    "line": "#2f3847",
    "alarm": "#7a1f22",
    "alarm-ink": "#fff1ef",
    "past": "#e8b04b 12%",
    "out": "#7a1f22 30%",
    "accent-muted": "#2c2c26",
    "chosen": "#232c3c",
}
LIGHT_COLOURS = {
    "master": "#19702f",
    "backup": "#2457b8",
    "fault": "#c0262c",
    "vip": "#8a5a00",
    "wire": "#0b7285",
    "warn": "#8c5900",
    **dict.fromkeys(("init", "stopped", "quiet"), "#596372"),
    "line": "#c9d0da",
    "alarm": "#b3222a",
    "alarm-ink": "#ffffff",
    "past": "#8c5900 7%",
    "out": "#b3222a 8%",
    "accent-muted": "#efe9de",
    "chosen": "#e5ebf6",
}


def scroll_bar_colours(background: str, bar: str, grabbed: str) -> dict[str, str]:
    """The variables of Textual's scroll bars."""
    backgrounds = ("scrollbar-background", "scrollbar-background-hover", "scrollbar-background-active")
    return {
        **dict.fromkeys((*backgrounds, "scrollbar-corner-color"), background),
        "scrollbar": bar,
        "scrollbar-hover": grabbed,
        "scrollbar-active": grabbed,
    }


def _theme(name: str, colours: dict[str, str], scroll_bars: dict[str, str], **grounds: Any) -> Theme:
    """Return a theme in which Textual's own colours are ours."""
    return Theme(
        name=name,
        primary=colours["backup"],
        secondary=colours["wire"],
        accent=colours["vip"],
        warning=colours["warn"],
        error=colours["fault"],
        success=colours["master"],
        variables={**colours, **scroll_bars, "reversed": REVERSED},
        **grounds,
    )


THEMES = (
    _theme(
        DARK,
        DARK_COLOURS,
        scroll_bar_colours("#161b24", "#3a465a", "#5a6a84"),
        dark=True,
        foreground="#d9dee7",
        background="#10141b",
        surface="#161b24",
        panel="#1e2531",
    ),
    _theme(
        LIGHT,
        LIGHT_COLOURS,
        scroll_bar_colours("#eef1f5", "#b9c3d0", "#93a1b5"),
        dark=False,
        foreground="#1d2530",
        background="#f4f6f9",
        surface="#ffffff",
        panel="#e6eaf0",
    ),
)
