"""One line that says how the lab's time goes, where that can be chosen: a simulated lab, a recording."""

from __future__ import annotations

import os
from dataclasses import dataclass

from textual import events
from textual.content import Content

from hatlab.describe.shown_clock import show_moment
from hatlab.engine.base import Engine, Replayable, TimeControl
from hatlab.tui.keys import key_of
from hatlab.tui.messages import MomentPointedAt
from hatlab.tui.widgets.fitting import fit_text
from hatlab.tui.widgets.line_widget import LineWidget, Piece, drawn, styled
from hatlab.util.kiosk import is_kiosk
from hatlab.views.pace import SPEEDS


@dataclass(frozen=True, slots=True)
class TimeView:
    """How time goes."""

    speed: float
    """Seconds of the lab a real second; 0 while it is held."""
    pace: float
    """The speed it has, or will have when it goes on."""
    at: float
    ends: float | None
    """The last moment of a recording."""
    looking: float | None
    """A moment selected in the past."""

    @property
    def word(self) -> str:
        """The header's word for it; empty if time goes at its own pace."""
        return "paused" if not self.speed else "" if self.speed == 1 else f"{self.speed:g}×"


def lab_kinds(engine: Engine) -> frozenset[str]:
    """Return what a lab on this engine is, in the words of `hatlab.tui.commands.Command.needs`."""
    kinds = {
        "live": engine.live,
        "time": isinstance(engine, TimeControl),
        "recorded": isinstance(engine, Replayable),
        "disk": not is_kiosk(os.environ),
    }
    return frozenset(name for name, applies in kinds.items() if applies)


def next_speed(speed: float, way: int) -> float:
    """Return the next faster (1) or slower (-1) of `SPEEDS`; the last one again at the end."""
    if way > 0:
        return min((s for s in SPEEDS if s > speed), default=SPEEDS[-1])
    return max((s for s in SPEEDS if s < speed), default=SPEEDS[0])


class TimeBar(LineWidget):
    """How time goes and where it is; of a recording, how much is left: a click goes to that moment of it."""

    view = drawn[TimeView | None](None)

    def build(self) -> list[Content]:
        view = self.view
        if view is None:
            return []
        head = self._head(view)
        if view.ends is None:
            room = self.content_size.width - styled(*head).cell_length
            return [styled(*head, (fit_text(self._hints(view), room), "quiet"))]
        _, width = self._line_span(view)
        done = min(width - 1, int(view.at / max(view.ends, 1e-9) * width))
        line = (("━" * done, "wire"), ("●", "bold wire"), ("─" * (width - 1 - done), "line"))
        return [styled(*head, *line, (f"  {show_moment(view.ends)} ", "quiet"))]

    def _head(self, view: TimeView) -> list[Piece | str]:
        if view.ends is not None and view.at >= view.ends:
            status: Piece = (" ■ at the end ", "bold warn")
        elif not view.speed:
            status = (" ‖ paused     ", "bold warn")
        else:
            status = (" ▶ running    ", "bold master")
        return [status, (f"{view.pace:>4g}×", "bold"), f"  {show_moment(view.at, 1)}  "]

    def _hints(self, view: TimeView) -> tuple[str, ...]:
        """Return what to press, in full and for a narrow screen."""
        if view.looking is not None:
            moment = show_moment(view.looking, 1)
            key = key_of("time.rewind")
            back = f"press {key} to go back to {moment}"
            return f"{back}; what came after stays dim, to compare", back, f"press {key} to go back"
        key = key_of("time.rewind")
        return f"press ← to select a moment, {key} to go back to it", "press ← to select a moment"

    def _line_span(self, view: TimeView) -> tuple[int, int]:
        """Return where the line of a recording begins, and its cells."""
        start = styled(*self._head(view)).cell_length
        return start, max(1, self.size.width - start - len(show_moment(view.ends or 0.0)) - 3)

    def on_click(self, event: events.Click) -> None:
        view = self.view
        if view is None or view.ends is None:
            return
        start, width = self._line_span(view)
        if start <= event.x < start + width:
            self.post_message(MomentPointedAt((event.x - start) / max(1, width - 1) * view.ends))
