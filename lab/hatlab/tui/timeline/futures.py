"""Two futures on one timeline: the changed one, and beneath it, dim, how it would have gone as it is."""

from __future__ import annotations

from hatlab.describe.times import format_moment
from hatlab.lessons.play.progress import Run
from hatlab.state.timeline import TimelineModel
from hatlab.tui.timeline.chart import SCALES
from hatlab.tui.timeline.pane import Timeline

_BEFORE = 2.0
"""Seconds before the fork that are in view."""


class FuturesChart(Timeline):
    """The lanes of both futures of a what-if.

    Args:
        run: what happened in both.
    """

    def __init__(self, run: Run) -> None:
        super().__init__(live=False)
        self.model.feed(run.other)
        first = TimelineModel()
        first.feed(run.first)
        self.branch = run.fork, first
        self._fork, self._end = run.fork, max(self.model.now, first.now)

    def on_resize(self) -> None:
        """Show both from a moment before they part to their ends."""
        cells = max(1, self.size.width - self._label_width)
        needed = self._end - max(0.0, self._fork - _BEFORE)
        self._zoom = next((n for n, scale in enumerate(SCALES) if scale * cells >= needed), len(SCALES) - 1)
        self._held_cell = int(self._end // self.scale)
        super().on_resize()

    def _status(self) -> str:
        if self.cursor is not None:
            return super()._status()
        return f"changed · dim ╎: as it is · they part at {format_moment(self._fork, 1)}"
