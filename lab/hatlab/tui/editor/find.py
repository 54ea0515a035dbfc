"""Ctrl+F in an editor: a line to type words in, which are searched for in the text above it."""

from __future__ import annotations

from collections.abc import Iterator

from textual.binding import Binding
from textual.widgets import TextArea
from textual.widgets.text_area import Selection

from hatlab.tui.widgets.find_bar import FindBar
from hatlab.tui.widgets.find_places import next_place

FIND = Binding("ctrl+f", "find", "find", id="editor.find", tooltip="Find words in the text", priority=True)


class TextFind(FindBar):
    """Selects the next place in a text that has the words as they are typed, in any case.

    Args:
        text: what is searched.
    """

    def __init__(self, text: TextArea) -> None:
        super().__init__()
        self._text = text

    def on_find_bar_asked(self, message: FindBar.Asked) -> None:
        message.stop()
        lines, words = self._text.document.lines, message.words.lower()
        places = list(_places(lines, words))
        at = self._text.selection.start
        current = places.index(at) if at in places else None
        if current is None and message.direction >= 0:  # the first behind the cursor
            number = next((n for n, place in enumerate(places) if place >= at), 0 if places else None)
        else:
            number = next_place(range(len(places)), current, message.direction)
        if number is None:
            self.show_found("not found")
            return
        line, column = places[number]
        self._text.selection = Selection((line, column), (line, column + len(words)))
        self.show_found(f"{number + 1} of {len(places)}")

    def on_find_bar_closed(self, message: FindBar.Closed) -> None:
        message.stop()
        self._text.focus()


def _places(lines: list[str], words: str) -> Iterator[tuple[int, int]]:
    """Yield line and column of each place, in order."""
    for number, line in enumerate(lines):
        column = line.lower().find(words)
        while column >= 0:
            yield number, column
            column = line.lower().find(words, column + len(words))
