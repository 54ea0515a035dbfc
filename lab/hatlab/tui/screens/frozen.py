"""Everybody is to look up: a screen says so, and takes every key until the teacher ends that."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.events import Key, Paste
from textual.reactive import reactive
from textual.screen import ModalScreen
from textual.widgets import Static

from hatlab.tui.screens.dialog import dialog_box
from hatlab.tui.widgets.line_widget import styled
from hatlab.tui.widgets.notice_line import NoticeLine
from hatlab.util.safe_text import safe_text

STANDS = "Your lab stands still meanwhile."
GOES_ON = "Your lab goes on meanwhile, but the time counts for nothing."
KEYS_REST = "You can go on, just where you were, when your teacher says so. Until then keys do nothing."


class FrozenScreen(ModalScreen[None]):
    """What the learner is asked to look up for.

    Args:
        text: the teacher's words.
        clock_stands: the lab's own clock stands; else only that of the tasks.
    """

    AUTO_FOCUS = None
    text = reactive("")

    def __init__(self, text: str, *, clock_stands: bool) -> None:
        super().__init__()
        self.set_reactive(FrozenScreen.text, text)
        self._clock_stands = clock_stands

    def compose(self) -> ComposeResult:
        with dialog_box("look up", kind="small"):
            yield Static(id="frozen-text")
        yield NoticeLine()

    def on_mount(self) -> None:
        self.watch_text()

    def watch_text(self) -> None:
        lab = STANDS if self._clock_stands else GOES_ON
        text = styled((f"◉ {safe_text(self.text)}", "bold"), f"\n\n{lab}\n{KEYS_REST}")
        for shown in self.query("#frozen-text").results(Static):
            shown.update(text)

    def on_key(self, event: Key) -> None:
        event.stop()
        event.prevent_default()

    def on_paste(self, event: Paste) -> None:
        event.stop()
