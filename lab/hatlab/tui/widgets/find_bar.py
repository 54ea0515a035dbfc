"""A line to type words in that are to be found: each Enter goes to the next place that has them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from hatlab.tui.widgets.text_field import TextField


class FindBar(Horizontal):
    """Hidden until it is opened. It knows nothing of what is searched: it only asks."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "close", id="find.close", tooltip="Stop searching"),
        Binding("up", "ask(-1)", "previous", id="find.previous", tooltip="The previous match"),
        Binding("down", "ask(1)", "next", id="find.next", tooltip="The next match"),
    ]

    @dataclass
    class Asked(Message):
        """The next place with some words is wanted, or the one before it."""

        words: str
        direction: int
        """1 for the next, -1 for the one before, 0 for the nearest as the words are being typed."""

    class Closed(Message):
        """The search is over."""

    def __init__(self) -> None:
        super().__init__(id="find")
        self._field = TextField(compact=True, id="find-words")
        self._found = Static(id="find-found", markup=False)
        self.display = False

    def compose(self) -> ComposeResult:
        yield Static("/", id="find-sign")
        yield self._field
        yield self._found

    def open(self, where: str) -> None:
        """Let words be typed; `where`: what is searched."""
        self._field.placeholder = f"words to find in {where} · Enter: next · Esc: close"
        self._field.value = ""
        self.show_found("")
        self.display = True
        self._field.focus()

    def show_found(self, text: str) -> None:
        """Say what was found, as in `2 of 5`."""
        self._found.update(text)

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value.strip():
            self.post_message(self.Asked(event.value, 0))
        else:
            self.show_found("")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_ask(1)

    def action_ask(self, direction: int) -> None:
        """Ask for the next place or the one before it."""
        if self._field.value.strip():
            self.post_message(self.Asked(self._field.value, direction))

    def action_close(self) -> None:
        self.display = False
        self.post_message(self.Closed())
