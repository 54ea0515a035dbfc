"""A bare app around the panes of facts, fed with a known story: for tests and for looking at them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path, PurePath
from typing import ClassVar, TypeVar

from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widget import Widget

from hatlab import events as e
from hatlab.session import Batch
from hatlab.state.derive import derive
from hatlab.state.fold import fold
from hatlab.state.model import LabState
from hatlab.tui.app import palette
from hatlab.tui.widgets import theme
from hatlab.tui.widgets.line_widget import ROW_STYLES


def fold_batches(events: Iterable[e.Event], step: float = 1e9) -> list[Batch]:
    """Events with what derives from them, folded, in batches of `step` seconds."""
    state, until = LabState(), step
    out: list[Batch] = []
    part: list[e.Event] = []
    for event in events:
        if event.derived:
            continue
        if event.at >= until:
            out.append(Batch(tuple(part), state))
            part, until = [], event.at + step
        before, state = state, fold(state, event)
        part.append(event)
        for extra in derive(before, event, state):
            state = fold(state, extra)
            part.append(extra)
    return [*out, Batch(tuple(part), state)]


class PaneApp(App[None]):
    """Panes one above the other, fed once they are mounted."""

    COMPONENT_CLASSES: ClassVar[set[str]] = ROW_STYLES
    CSS_PATH: ClassVar[list[str | PurePath]] = [Path(palette.__file__).with_name("panes.tcss")]
    CSS = "Timeline, Packets, LogPane { border: round $primary; }"
    SIZE: ClassVar[tuple[int, int]]
    """Columns and rows of the terminal, where a test names no others."""

    def __init__(self, panes: Sequence[Widget], fed: Sequence[Batch] = ()) -> None:
        super().__init__()
        self.panes = panes
        self.fed = fed
        self.seen: list[object] = []

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return dict(theme.DARK_COLOURS)

    def compose(self) -> ComposeResult:
        yield from self.panes

    def on_mount(self) -> None:
        for found in theme.THEMES:
            self.register_theme(found)
        self.theme = theme.DARK
        self.call_after_refresh(self._feed)

    def _feed(self) -> None:
        for batch in self.fed:
            for pane in self.panes:
                pane.feed(batch)  # type: ignore[attr-defined]


A = TypeVar("A", bound=PaneApp)


@asynccontextmanager
async def drawn(app: A, size: tuple[int, int] | None = None) -> AsyncIterator[tuple[A, Pilot[None]]]:
    """Run an app of panes until what it is fed with is drawn."""
    async with app.run_test(size=size or app.SIZE) as pilot:
        await settle(pilot)
        yield app, pilot


async def settle(pilot: Pilot[None]) -> None:
    """Waits until what was fed is drawn: one turn for the messages, one for what they lead to."""
    await pilot.pause()
    await pilot.pause()
