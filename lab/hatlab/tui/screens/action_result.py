"""The dialog that shows what an action changed or answered, where that is more than a notice can hold."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from hatlab.tui.screens.dialog import Dialog, dialog_box
from hatlab.tui.widgets.line_widget import styled
from hatlab.tui.widgets.syntax import highlight_rows
from hatlab.tui.widgets.text_field import TextField
from hatlab.util.safe_text import safe_text

NOTICE_LINES = 4
"""Lines that a notice holds."""


class ActionResult(Dialog[None]):
    """A long effect to scroll through; what is typed leaves only the lines that contain it.

    Args:
        title: of the action.
        effect: in lines.
        rows: it is an answer of SQL.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "escape,enter", "dismiss", "close", id="effect.close", tooltip="Close the result", priority=True
        ),
        Binding("down", "scroll(1)", "down", id="effect.down", priority=True),
        Binding("up", "scroll(-1)", "up", id="effect.up", priority=True),
        Binding("pagedown", "scroll(10)", "page down", id="effect.page-down", priority=True),
        Binding("pageup", "scroll(-10)", "page up", id="effect.page-up", priority=True),
    ]

    KEPT_BENEATH = True

    def __init__(self, title: str, effect: str, *, rows: bool = False) -> None:
        super().__init__()
        self._title, self._rows = title, rows
        self._lines = [safe_text(line) for line in effect.split("\n")]
        self._matching = self._lines
        self._text = Static(id="effect-text")

    def compose(self) -> ComposeResult:
        title = Content(safe_text(self._title))
        with dialog_box(title, "type to find a line · ↑↓ scroll · Esc close", "effect"):
            yield TextField(placeholder="find", id="effect-find")
            with VerticalScroll(id="effect-lines", can_focus=False):
                yield self._text

    def on_mount(self) -> None:
        self._show_matching("")
        self.query_one(Input).focus()

    def copyable(self) -> str:
        """Return the lines that are shown."""
        return "\n".join(self._matching)

    def on_input_changed(self, event: Input.Changed) -> None:
        self._show_matching(event.value)

    def _show_matching(self, query: str) -> None:
        """Show the lines that contain all words of a query, in any case."""
        words = query.removeprefix("/").lower().split()
        self._matching = lines = [line for line in self._lines if all(w in line.lower() for w in words)]
        text = "\n".join(lines)
        found = highlight_rows(text) if self._rows else Content(text)
        self._text.update(found if lines else styled(("No line matches.", "quiet")))
        self.query_one("#effect-lines").scroll_home(animate=False)

    def action_scroll(self, lines: int) -> None:
        self.query_one("#effect-lines").scroll_relative(y=lines, animate=False)
