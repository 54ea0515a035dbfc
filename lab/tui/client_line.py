"""The client beneath the map: who answers it, how fast, and for how long nobody does."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from lab.tui.ink import Piece, ink
from lab.tui.view import ClientView


class ClientLine(Widget):
    """One line for one client; red and counting while it is cut off."""

    view: reactive[ClientView | None] = reactive(None, layout=False)

    def watch_view(self, old: ClientView | None, view: ClientView | None) -> None:
        out = view is not None and view.outage is not None
        if old is None or (old.outage is not None) != out:
            self.set_class(out, "-out")

    def render(self) -> Content:
        view = self.view
        if view is None:
            return Content("")
        pieces: list[str | Piece] = [
            ("▣ ", "quiet"),
            (f"{view.name} {view.octet}", "bold"),
            (" ─▶ ", "quiet"),
            (view.target, "vip"),
            "  ",
        ]
        if view.outage is not None:
            seconds, tries, error = view.outage
            pieces += [(f"✖ NO ANSWER for {seconds:.1f} s", "bold fault")]
            pieces += [(f"  {tries} tries failed{': ' + error if error else ''}", "fault")]
        elif view.server is not None:
            pieces += [("✔ answered by ", "quiet"), (view.server, "bold master"), (f"  {view.latency}", "")]
            if view.last:
                pieces += [("   last outage ", "quiet"), (view.last, "warn")]
        else:
            pieces += [("· no answer yet", "quiet")]
        if view.writes:
            pieces += [(f"   {view.writes}", "quiet")]
        return ink(*pieces).truncate(self.content_size.width, ellipsis=True)
