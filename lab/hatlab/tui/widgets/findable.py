"""`/` in a screen: a field for words, hidden until it is opened; what is found is up to the screen."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.binding import Binding
from textual.screen import Screen
from textual.widgets import Input

from hatlab.tui.widgets.text_field import TextField


class FindField(TextField):
    """The field; it is there only while somebody searches."""

    def __init__(self, what: str) -> None:
        super().__init__(placeholder=what, classes="find-field")
        self.display = False

    def allow_focus(self) -> bool:
        """A hidden field gets no keys: Textual would give them to it as the first widget of its screen."""
        return self.display and super().allow_focus()


class Findable(Screen[Any]):
    """A screen with a `FindField`. Enter goes to what was found, Esc shows all again.

    Subclasses give `show_found` and `focus_found`, and bind Esc to something that asks `close_find` first.
    """

    FIND: ClassVar[Binding] = Binding("slash", "find", "find", tooltip="Find words in this screen")

    @property
    def finding(self) -> bool:
        """True if what is typed goes into the field."""
        field = self.query_one(FindField)
        return field.display and field.has_focus

    def show_found(self, words: str) -> None:
        """Show what has these words, everything if there are none."""
        raise NotImplementedError

    def focus_found(self) -> None:
        """Give the keys to what was found."""
        raise NotImplementedError

    def action_find(self) -> None:
        """Open the field for the words."""
        field = self.query_one(FindField)
        field.display = True
        field.focus()

    def close_find(self) -> bool:
        """Show everything again; return False if nothing was searched."""
        field = self.query_one(FindField)
        if not field.display:
            return False
        field.value = ""
        field.display = False
        self.show_found("")
        self.focus_found()
        return True

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.show_found(event.value.strip())

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.focus_found()
