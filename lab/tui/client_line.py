"""The client beneath the map: who answers it, how fast, and for how long nobody does."""

from __future__ import annotations

from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from lab.tui.ink import Piece, ink
from lab.tui.view import ClientView


class ClientLine(Widget):
    """One client in one line; with three lines also a path to the node that answers, and a second line of
    what was. Red and counting while nobody answers."""

    view: reactive[ClientView | None] = reactive(None, layout=False)
    reach: reactive[int] = reactive(-1, layout=False)
    """Column beneath the node that answers; -1: none."""

    def watch_view(self, old: ClientView | None, view: ClientView | None) -> None:
        out = view is not None and view.outage is not None
        if old is None or (old.outage is not None) != out:
            self.set_class(out, "-out")

    def render(self) -> RenderResult:
        view = self.view
        if view is None:
            return ""
        width, height = self.content_size
        now, was = _now(view), _was(view)
        if height < 3:
            lines = [Content("   ").join([now, was]) if was else now]
        else:
            lines = [self._path(view), now, Content("  ") + was]
        return Content("\n").join(line.truncate(width, ellipsis=True) for line in lines)

    def _path(self, view: ClientView) -> Content:
        """From the client's sign up to the node that answers it."""
        if view.outage is not None:
            return ink(("╭╌╌╌╌╌╌ ✖", "bold fault"))
        reach = self.reach
        if view.server is None or reach < 2:
            return Content("")
        return ink(("╭" + "─" * (reach - 1) + "╯", "master"))


def _now(view: ClientView) -> Content:
    pieces: list[str | Piece] = [("▣ ", "bold"), (f"{view.name} {view.octet}", "bold"), (" ─▶ ", "quiet")]
    pieces += [(view.target, "vip"), "  "]
    if view.outage is not None:
        seconds, tries, error = view.outage
        pieces += [(f"✖ NO ANSWER for {seconds:.1f} s", "bold fault")]
        pieces += [(f"  {tries} tries failed{': ' + error if error else ''}", "fault")]
    elif view.server is not None:
        pieces += [("✔ answered by ", "quiet"), (view.server, "bold master"), f"  {view.latency}"]
    else:
        pieces += [("· no answer yet", "quiet")]
    return ink(*pieces)


def _was(view: ClientView) -> Content:
    pieces: list[str | Piece] = []
    if view.last:
        pieces += [("last outage ", "quiet"), (view.last, "warn")]
    if view.writes:
        pieces += [("   " if pieces else "", ""), (view.writes, "quiet")]
    return ink(*pieces)
