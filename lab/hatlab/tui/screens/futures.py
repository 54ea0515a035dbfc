"""Both futures of a what-if, over one another on a timeline."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from hatlab.lessons.play.progress import Run
from hatlab.tui.screens.dialog import Dialog, dialog_box
from hatlab.tui.timeline.futures import FuturesChart
from hatlab.tui.timeline.pane import Timeline


class FuturesScreen(Dialog[None]):
    """The two timelines, and what the change made of it in a sentence.

    Args:
        run: what happened in both.
        difference: between what was measured in them.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,q", "dismiss", "close", id="futures.close", tooltip="Back to the lesson")
    ]

    def __init__(self, run: Run, difference: str) -> None:
        super().__init__()
        self._run, self._difference = run, difference

    def compose(self) -> ComposeResult:
        keys = "← → a moment · + − zoom · Enter back to the lesson"
        with dialog_box("what if: both futures", keys, "futures"):
            yield FuturesChart(self._run)
            yield Static(Content(self._difference), classes="keys")

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one(FuturesChart).focus()

    def on_timeline_moment_selected(self, message: Timeline.MomentSelected) -> None:
        """Keep the moment here: the lab on the screen beneath is another one."""
        message.stop()
