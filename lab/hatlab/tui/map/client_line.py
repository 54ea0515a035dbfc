"""A client beneath the map: who answers it, how fast, and for how long nobody does."""

from __future__ import annotations

from dataclasses import replace

from textual.content import Content

from hatlab.describe.times import format_seconds
from hatlab.tui.lab_view import ClientView
from hatlab.tui.widgets.fitting import Part, fit_parts
from hatlab.tui.widgets.line_widget import LineWidget, drawn, styled
from hatlab.util.text import plural


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
            return [fit_parts([*_current(view), *_brief_summary(view)], width)]
        return [self._path(view), fit_parts(_current(view), width), fit_parts(_summary(view), width)]

    def _path(self, view: ClientView) -> Content:
        """Draw the way from the client up to the node that answers it."""
        if view.outage is not None:
            return styled(("╭╌╌╌╌╌╌ ✖", "bold fault"))
        reach = self.reach
        if view.server is None or not view.is_answered or reach < 2:
            return Content("")
        return styled(("╭" + "─" * (reach - 1) + "╯", "master"))


def _current(view: ClientView) -> list[Part]:
    """Who answers, or for how long nobody does; on a narrow line without what matters least."""
    parts: list[Part] = [(0, ("▣ ", "bold")), (0, (view.name, "bold")), (3, (f" {view.octet}", "bold"))]
    parts += [(1, (" ─▶ ", "quiet")), (1, (view.target, "vip"))]
    if view.pinged:
        parts += [(1, (" ─▶ ping ", "quiet")), (1, (view.pinged, "bold"))]
    parts += [(0, "  ")]
    if view.outage is not None:
        seconds, tries, error = view.outage
        parts += [(0, (f"✖ NO ANSWER for {format_seconds(seconds, 1)}", "bold fault"))]
        parts += [(4, (f": {error}" if error else "", "fault"))]
        parts += [(2, (plural(tries, ", {count} failed try", ", {count} failed tries"), "fault"))]
    elif view.server is not None and not view.is_answered:
        parts += [(1, ("· last answered by ", "quiet")), (0, (view.server, "bold"))]
    elif view.server is not None:
        parts += [(0, ("✔ through " if view.pinged else "✔ answered by ", "quiet"))]
        parts += [(0, (view.server, "bold master")), (4, f"  {view.latency}")]
    else:
        parts += [(0, ("· no answer yet", "quiet"))]
    return parts


def _brief_summary(view: ClientView) -> list[Part]:
    """Its last outage, or its writes if it had none."""
    seconds, _ = view.last_outage
    if seconds:
        return [(2, ("   last outage ", "quiet")), (2, (seconds, "warn"))]
    acknowledged, refused = view.writes
    text = plural(acknowledged, "   {count} write", "   {count} writes")
    return [(5, (text, "quiet"))] if acknowledged or refused else []


def _summary(view: ClientView) -> list[Part]:
    """Its last outage and its writes, for a line of their own."""
    parts: list[Part] = [(0, "  ")]
    seconds, tries = view.last_outage
    if seconds:
        parts += [
            (0, ("last outage ", "quiet")),
            (0, (seconds, "warn")),
            (2, (f" {tries}", "warn")),
            (1, "   "),
        ]
    acknowledged, refused = view.writes
    if acknowledged or refused:
        text = plural(acknowledged, "{count} write acknowledged", "{count} writes acknowledged")
        parts += [(1, (text, "quiet")), (1, (f", {refused} refused" if refused else "", "quiet"))]
    return parts
