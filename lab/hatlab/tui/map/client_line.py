"""A client beneath the map: who answers it, how fast, and for how long nobody does."""

from __future__ import annotations

from dataclasses import replace

from textual.content import Content

from hatlab.describe.times import format_seconds
from hatlab.tui.lab_view import ClientView
from hatlab.tui.widgets.line_widget import LineWidget, Piece, drawn, styled
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
        current = _current(view)
        if self.content_size.height < 3:
            width, summary = self.content_size.width, _summary(view, brief=True)
            if current.cell_length > width:
                current = _current(view, brief=True)
            whole = Content("   ").join([current, summary]) if summary else current
            return [whole if whole.cell_length <= width else current]
        return [self._path(view), current, Content("  ") + _summary(view)]

    def _path(self, view: ClientView) -> Content:
        """Draw the way from the client up to the node that answers it."""
        if view.outage is not None:
            return styled(("╭╌╌╌╌╌╌ ✖", "bold fault"))
        reach = self.reach
        if view.server is None or reach < 2:
            return Content("")
        return styled(("╭" + "─" * (reach - 1) + "╯", "master"))


def _current(view: ClientView, *, brief: bool = False) -> Content:
    """Who answers, or for how long nobody does; in `brief` not after how many tries."""
    pieces: list[str | Piece] = [("▣ ", "bold"), (f"{view.name} {view.octet}", "bold"), (" ─▶ ", "quiet")]
    pieces += [(view.target, "vip")]
    if view.pinged:
        pieces += [(" ─▶ ping ", "quiet"), (view.pinged, "bold")]
    pieces += ["  "]
    if view.outage is not None:
        seconds, tries, error = view.outage
        pieces += [(f"✖ NO ANSWER for {format_seconds(seconds, 1)}", "bold fault")]
        reason = f"{error}, " if error else ""
        text = plural(tries, ": {reason}{count} failed try", ": {reason}{count} failed tries", reason=reason)
        pieces += [("" if brief else text, "fault")]
    elif view.server is not None:
        pieces += [
            ("✔ through " if view.pinged else "✔ answered by ", "quiet"),
            (view.server, "bold master"),
            f"  {view.latency}",
        ]
    else:
        pieces += [("· no answer yet", "quiet")]
    return styled(*pieces)


def _summary(view: ClientView, *, brief: bool = False) -> Content:
    """Its last outage, and its writes."""
    pieces: list[str | Piece] = []
    seconds, tries = view.last_outage
    if seconds:
        pieces += [("last outage ", "quiet"), (seconds if brief else f"{seconds} {tries}", "warn")]
    acknowledged, refused = view.writes
    if (acknowledged or refused) and not (brief and pieces):
        more = "" if brief else f" acknowledged, {refused} refused" if refused else " acknowledged"
        text = plural(acknowledged, "{count} write{more}", "{count} writes{more}", more=more)
        pieces += [("   " if pieces else "", ""), (text, "quiet")]
    return styled(*pieces)
