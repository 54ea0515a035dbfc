"""A field to type in, from which `:` still opens the action line."""

from __future__ import annotations

from textual import events
from textual.widgets import Input


class TextField(Input):
    """A field that leaves `:` to the app as long as it is empty: no name, number or filter begins with it."""

    def check_consume_key(self, key: str, character: str | None) -> bool:
        return super().check_consume_key(key, character) and not self._opens_action_line(character)

    def on_key(self, event: events.Key) -> None:
        if self._opens_action_line(event.character):
            event.prevent_default()  # it is not typed, and goes on to the bindings

    def _opens_action_line(self, character: str | None) -> bool:
        return character == ":" and not self.value
