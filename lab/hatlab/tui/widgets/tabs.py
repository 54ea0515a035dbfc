"""Which pane a small screen shows."""

from __future__ import annotations

from textual import events
from textual.content import Content

from hatlab.tui.messages import PaneChosen
from hatlab.tui.widgets.line_widget import LineWidget, Piece, drawn, justified, shortened, styled

PANES = ("timeline", "packets", "log")
ROOMY = 100
"""Columns from which the tabs stand apart; on fewer, what stands beside them needs the room."""


class Tabs(LineWidget):
    """The panes to choose from; at the right end, what a learner should not lose sight of."""

    active = drawn[str]("timeline")
    panes = drawn[tuple[str, ...]](PANES)
    reminders = drawn[tuple[Content, ...]](())
    """The same in one or more ways, the longest first: the first that fits is shown."""

    def build(self) -> list[Content]:
        pieces = [piece for number, name in enumerate(self.panes, 1) for piece in self._tab(number, name)]
        tabs = styled(" ", *pieces)
        width = self.content_size.width
        room = max(0, width - tabs.cell_length - 1)
        fitting = [reminder for reminder in self.reminders if reminder.cell_length <= room]
        reminder = (fitting or [*self.reminders[-1:], Content("")])[0]
        return [justified(tabs, shortened(reminder, room), width) if reminder else tabs]

    @property
    def _gap(self) -> str:
        return "  " if self.content_size.width >= ROOMY else ""

    def _tab(self, number: int, name: str) -> tuple[Piece | str, ...]:
        is_active = name == self.active
        return (
            (f" {number} ", "bold accent" if is_active else "quiet"),
            (f"{name} ", "bold reverse" if is_active else "quiet"),
            self._gap,
        )

    def on_click(self, event: events.Click) -> None:
        edge = 1
        for name in self.panes:
            edge += len(f" 1 {name} {self._gap}")
            if event.x < edge:
                self.post_message(PaneChosen(name))
                return
