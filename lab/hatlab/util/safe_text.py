"""Text from outside on its way to a line of the screen."""

from __future__ import annotations

from hatlab.util.visible import show_controls

_TAB = "    "


def safe_text(text: str) -> str:
    """Return a line that moves no cursor, and hides and reorders no words; a tab is four blanks."""
    return show_controls(text.replace("\t", _TAB) if "\t" in text else text, "")
