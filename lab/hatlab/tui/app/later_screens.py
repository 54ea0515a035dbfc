"""Loads the screens that are not the first one while that is read, so that none of them opens late."""

from __future__ import annotations

from importlib import import_module

MODULES = (
    "hatlab.tui.screens.lab",
    "hatlab.tui.screens.menu",
    "hatlab.tui.screens.prompt",
    "hatlab.tui.editor.screen",
    "hatlab.tui.screens.why",
    "hatlab.tui.screens.help",
    "hatlab.tui.screens.glossary",
    "hatlab.tui.screens.lesson_list",
    "hatlab.tui.app.palette",
    "hatlab.tui.screens.palette",
    "hatlab.keepalived.diagnose",
    "hatlab.keepalived.lab_programs",
)


def load_later_screens() -> None:
    """Import them. Any thread."""
    for name in MODULES:
        import_module(name)
