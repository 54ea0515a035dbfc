"""Loads the screens that are not the first one once that is drawn, so that none of them opens late."""

from __future__ import annotations

import threading
from importlib import import_module

from hatlab.util.collection import resume_collection

MODULES = (
    "hatlab.tui.screens.lab",
    "hatlab.tui.lesson.pane",
    "hatlab.tui.screens.menu",
    "hatlab.tui.screens.prompt",
    "hatlab.tui.editor.screen",
    "hatlab.tui.screens.why",
    "hatlab.tui.screens.help",
    "hatlab.tui.screens.glossary",
    "hatlab.tui.screens.lesson_list",
    "hatlab.tui.app.palette",
    "hatlab.tui.screens.palette",
    "hatlab.keepalived.diagnose.every_rule",
    "hatlab.keepalived.lab_programs",
)


def load_later_screens() -> None:
    """Import them on a thread of its own; Python looks for garbage from then on."""
    threading.Thread(target=_load, name="later-screens", daemon=True).start()


def _load() -> None:
    for name in MODULES:
        import_module(name)
    resume_collection()
