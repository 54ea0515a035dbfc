"""Which pane a small screen shows."""

from __future__ import annotations

from textual import events
from textual.content import Content

from hatlab.tui.messages import PaneChosen
from hatlab.tui.widgets.line_widget import LineWidget, Piece, drawn, justified, shortened, styled

PANES = ("timeline", "packets", "log")


class Tabs(LineWidget):
    """The panes to choose from; at the right end, what a learner should not lose sight of."""

    active = drawn[str]("timeline")
    panes = drawn[tuple[str, ...]](PANES)
    reminder = drawn[Content](Content(""))

    def build(self) -> list[Content]:
        pieces = [piece for number, name in enumerate(self.panes, 1) for piece in self._tab(number, name)]
        tabs = styled(" ", *pieces)
        width = self.content_size.width
        reminder = shortened(self.reminder, max(0, width - tabs.cell_length - 1))
        return [justified(tabs, reminder, width) if self.reminder else tabs]

    def _tab(self, number: int, name: str) -> tuple[Piece | str, ...]:
        is_active = name == self.active
        return (
            (f" {number} ", "bold accent" if is_active else "quiet"),
            (f"{name} ", "bold reverse" if is_active else "quiet"),
            "  ",
        )

    def on_click(self, event: events.Click) -> None:
        edge = 1
        for name in self.panes:
            edge += len(name) + 6
            if event.x < edge:
                self.post_message(PaneChosen(name))
                return
