"""The panes beneath the map: one behind the other, stacked, or all at once."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from hatlab.session import Batch
from hatlab.tui.log.pane import LogPane
from hatlab.tui.packets.pane import Packets
from hatlab.tui.timeline.pane import Timeline

LIST_ROWS = 6
"""Rows of a list beneath the timeline that are worth their place: its header and five packets."""
TIMELINE_ROWS = 12
"""Rows that a timeline with many lanes has at most where a list stands beneath it; its lanes scroll."""
NAMES = ("timeline", "packets", "log")


class Panes(Vertical):
    """The timeline, and beneath it the packets and the log.

    Where the height allows, the timeline stays (`-stacked`) and tabs choose the list beneath it. The style
    sheet, `hatlab.tcss`, shows and hides.
    """

    def __init__(self, timeline: Timeline, packets: Packets, log: LogPane) -> None:
        super().__init__(id="panes")
        self._timeline, self._packets, self._log = timeline, packets, log
        self._arranged_rows = 0
        self.select("timeline")
        self.add_class("-list-packets")

    def compose(self) -> ComposeResult:
        yield self._timeline
        with Horizontal(id="lower"):
            yield self._packets
            yield self._log

    def named(self, name: str) -> Widget:
        """Return a pane by the name on its tab."""
        return {"timeline": self._timeline, "packets": self._packets, "log": self._log}[name]

    def name_of(self, widget: Widget) -> str:
        """Return the name of the pane that a widget is or belongs to, "" if it is in none."""
        return next((name for name in NAMES if self.named(name) in widget.ancestors_with_self), "")

    def select(self, selected: str) -> None:
        """Choose the pane that is seen where only one fits; of the lists, the one that is stacked."""
        for name in NAMES:
            self.set_class(name == selected, f"-show-{name}")
        if selected != "timeline":
            self.set_class(selected == "packets", "-list-packets")
            self.set_class(selected == "log", "-list-log")

    def feed(self, batch: Batch) -> None:
        """Hand a batch to each pane."""
        for pane in (self._timeline, self._packets, self._log):
            pane.feed(batch)
        if self._timeline.rows_needed != self._arranged_rows:
            self.stack()

    def seek(self, at: float | None) -> None:
        """Show a moment, s, in each pane; None for now."""
        for pane in (self._timeline, self._packets, self._log):
            pane.seek(at)

    def on_resize(self) -> None:
        self.stack()

    def stack(self) -> None:
        """Put a list beneath the timeline if there is room for both; the timeline then has what it needs."""
        if not self.is_attached:  # it is called after a refresh, when the lab may have gone
            return
        self._arranged_rows = self._timeline.rows_needed
        all_shown = self.screen.has_class("-all")
        rows = min(self._arranged_rows, TIMELINE_ROWS) + (2 if all_shown else 1)  # its border, or its status
        stacked = not all_shown and self.size.height >= rows + LIST_ROWS
        self.set_class(stacked, "-stacked")
        self._timeline.styles.height = rows if stacked or all_shown else None
