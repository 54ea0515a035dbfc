"""One line that says how the lab's time goes, where that can be chosen: a simulated lab, a recording."""

from __future__ import annotations

from dataclasses import dataclass

from textual import events
from textual.content import Content
from textual.reactive import reactive

from hatlab.engine.base import Engine, Replayable, TimeControl
from hatlab.tui.lab_view import format_clock, format_fine_clock
from hatlab.tui.messages import MomentPointedAt
from hatlab.tui.widgets.line_widget import LineWidget, Piece, styled

SPEEDS = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 25.0, 50.0, 100.0)
"""Seconds of the lab a real second, to choose from."""


@dataclass(frozen=True, slots=True)
class TimeView:
    """How time goes. `ends` is the last moment of a recording; `looking` a moment selected in the past."""

    speed: float
    pace: float
    at: float
    ends: float | None
    looking: float | None

    @property
    def word(self) -> str:
        """What the header says of it: nothing, if time goes as it does."""
        return "paused" if not self.speed else "" if self.speed == 1 else f"{self.speed:g}×"


def lab_kinds(engine: Engine) -> frozenset[str]:
    """What a lab on this engine is, as `hatlab.tui.commands.Command.needs` has it."""
    found = {
        "live": engine.live,
        "time": isinstance(engine, TimeControl),
        "recorded": isinstance(engine, Replayable),
    }
    return frozenset(name for name, true in found.items() if true)


def next_speed(speed: float, way: int) -> float:
    """The next faster (1) or slower (-1) of `SPEEDS`; the last one again at the end."""
    beyond = [s for s in SPEEDS if (s > speed if way > 0 else s < speed)]
    if not beyond:
        return SPEEDS[-1] if way > 0 else SPEEDS[0]
    return beyond[0] if way > 0 else beyond[-1]


class TimeBar(LineWidget):
    """Held or going, how fast, where; of a recording, how much is left. A click goes to that moment of it."""

    view: reactive[TimeView | None] = reactive(None, repaint=False)

    def watch_view(self) -> None:
        self.redraw()

    def build(self) -> list[Content]:
        view = self.view
        if view is None:
            return []
        head = self._head(view)
        if view.ends is None:
            return [styled(*head, (self._hint(view), "quiet"))]
        _, width = self._track(view)
        done = min(width - 1, int(view.at / max(view.ends, 1e-9) * width))
        line: list[str | Piece] = [
            ("━" * done, "wire"),
            ("●", "bold wire"),
            ("─" * (width - 1 - done), "line"),
        ]
        return [styled(*head, *line, (f"  {format_clock(view.ends)} ", "quiet"))]

    def _head(self, view: TimeView) -> list[Piece | str]:
        if view.ends is not None and view.at >= view.ends:
            how: Piece = (" ■ at its end ", "bold warn")
        elif not view.speed:
            how = (" ‖ paused     ", "bold warn")
        else:
            how = (" ▶ goes on    ", "bold master")
        return [how, (f"{view.pace:>4g}×", "bold"), f"  {format_fine_clock(view.at)}  "]

    def _hint(self, view: TimeView) -> str:
        if view.looking is not None:
            return f"bksp goes back to {format_fine_clock(view.looking)}; what came after is forgotten"
        return "← selects a moment, bksp goes back to it"

    def _track(self, view: TimeView) -> tuple[int, int]:
        """Where the line of a recording begins, and its cells."""
        begin = styled(*self._head(view)).cell_length
        return begin, max(1, self.size.width - begin - len(format_clock(view.ends or 0.0)) - 3)

    def on_click(self, event: events.Click) -> None:
        view = self.view
        if view is None or view.ends is None:
            return
        begin, width = self._track(view)
        if begin <= event.x < begin + width:
            self.post_message(MomentPointedAt((event.x - begin) / max(1, width - 1) * view.ends))
