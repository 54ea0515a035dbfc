"""A client beneath the map: who answers it, how fast, and for how long nobody does."""

from __future__ import annotations

from dataclasses import replace

from textual.content import Content

from hatlab.tui.widgets.fitting import fit_parts
from hatlab.tui.widgets.line_widget import LineWidget, drawn, styled
from hatlab.views.client import brief_summary_parts, current_parts, summary_parts
from hatlab.views.lab_view import ClientView


class ClientLine(LineWidget):
    """One client in one line, red and counting while nobody answers. In three lines it has also a path to the
    node that answers, and a summary of what was."""

    view = drawn[ClientView | None](None)
    reach = drawn[int](-1)
    """Column beneath the node that answers; -1: none."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._shown_at = 0.0

    def show(self, view: ClientView, at: float) -> None:
        """Show a view of the moment `at`; numbers that always change are shown once a second."""
        old = self.view
        is_calm = old is not None and replace(view, latency=old.latency, writes=old.writes) == old
        if is_calm and 0 <= at - self._shown_at < 1:
            return
        self._shown_at = at
        self.view = view

    def watch_view(self, old: ClientView | None, view: ClientView | None) -> None:
        cut_off = view is not None and view.outage is not None
        if old is None or (old.outage is not None) != cut_off:
            self.set_class(cut_off, "-out")

    def build(self) -> list[Content]:
        view = self.view
        if view is None:
            return []
        width, height = self.content_size
        if height < 3:
            return [fit_parts([*current_parts(view), *brief_summary_parts(view)], width)]
        return [
            self._path(view),
            fit_parts(current_parts(view), width),
            fit_parts(summary_parts(view), width),
        ]

    def _path(self, view: ClientView) -> Content:
        """Draw the way from the client up to the node that answers it."""
        if view.outage is not None:
            return styled(("╭╌╌╌╌╌╌ ✖", "bold fault"))
        reach = self.reach
        if view.server is None or not view.is_answered or reach < 2:
            return Content("")
        return styled(("╭" + "─" * (reach - 1) + "╯", "master"))
