"""The lessons, in a list to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from lab.lessons.shelf import Entry
from lab.tui.dialogs import Dialog
from lab.tui.ink import ink
from lab.tui.text import plain


class LessonList(Dialog[str | None]):
    """Ends with the id of the lesson that was chosen.

    Args:
        entries: what there is.
        current: the lesson that is on, "" without one.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,L", "dismiss", "close", id="lessons.close", tooltip="Close the list")
    ]

    def __init__(self, entries: Sequence[Entry], current: str = "") -> None:
        super().__init__()
        self._entries, self._current = entries, current

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = "lessons"
            box.border_subtitle = "↑↓ choose · enter takes it, and ends this lab · esc close"
            yield OptionList(*(self._option(k, e) for k, e in enumerate(self._entries, 1)), id="lesson-list")

    def _option(self, number: int, entry: Entry) -> Option:
        here = "  you are here" if entry.id == self._current else ""
        line = ink(
            (f"{entry.mark} ", "master"),
            (f"{number:>2}  ", "quiet"),
            plain(entry.title),
            (f"   {entry.minutes} min{here}", "quiet"),
        )
        return Option(line, id=entry.id)

    def on_mount(self) -> None:
        """The first one that is not finished is proposed."""
        listed = self.query_one(OptionList)
        todo = [k for k, entry in enumerate(self._entries) if entry.mark != "✔" and entry.id != self._current]
        listed.highlighted = todo[0] if todo else 0

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_id)
