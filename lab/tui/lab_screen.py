"""The one screen: header, banner, map, why, panes, keys. It lays out; each part draws itself."""

from __future__ import annotations

import time
from collections.abc import Callable

from textual import events
from textual.app import ComposeResult
from textual.containers import Container, Horizontal
from textual.screen import Screen
from textual.widgets import Static

from lab.session import Batch, Session
from lab.state import LabState
from lab.topology import Layout
from lab.tui.bars import PANES, Banner, HeaderLine, KeyBar, Tabs, header_view
from lab.tui.log import LogPane
from lab.tui.map import Map
from lab.tui.node_box import NodeBox
from lab.tui.packets import Packets
from lab.tui.timeline import Timeline
from lab.tui.why import WhyBox, WhyStrip

ALL_PANES = (110, 36)
"""Columns and rows from which every pane is shown at once; below, one at a time behind tabs."""
USABLE = (60, 16)


class LabScreen(Screen[None]):
    """The lab as it is, or as it was at a moment looked at.

    Args:
        session: for the timeline, and for past moments.
        layout: what the map draws.
        clock: seconds, for the adverts' flight.
    """

    AUTO_FOCUS = "Timeline"

    def __init__(self, session: Session, layout: Layout, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._session = session
        self._layout = layout
        self._clock = clock
        self._looking: float | None = None

    def compose(self) -> ComposeResult:
        yield HeaderLine()
        yield Banner()
        with Horizontal(id="top"):
            yield Map(self._layout, self._clock)
            yield WhyBox(id="why-box")
        yield WhyStrip()
        yield Tabs()
        with Container(id="panes"):
            yield Timeline(self._session)
            with Horizontal(id="lower"):
                yield Packets()
                yield LogPane()
        yield KeyBar()
        yield Static("This terminal is too small for hatlab: 60 columns by 16 rows at least.", id="too-small")

    def on_mount(self) -> None:
        self.show_pane("timeline")

    def on_resize(self, event: events.Resize) -> None:
        width, height = event.size
        self.set_class(width < USABLE[0] or height < USABLE[1], "-tiny")
        self.set_class(width >= ALL_PANES[0] and height >= ALL_PANES[1], "-all")
        self.set_class(width >= ALL_PANES[0], "-wide")
        self.set_class(height >= 34, "-tall")
        self.set_class(width >= 170, "-huge")

    def show_pane(self, name: str) -> None:
        """Brings a pane to the front where only one fits."""
        for pane in PANES:
            self.set_class(pane == name, f"-show-{pane}")
        self.query_one(Tabs).active = name

    def feed(self, batch: Batch) -> None:
        """Hands a batch to every part. While a past moment is looked at, the map stays there."""
        for pane in (self.query_one(Timeline), self.query_one(Packets), self.query_one(LogPane)):
            pane.feed(batch)
        if self._looking is None:
            self.query_one(Map).feed(batch)
            self._show(batch.state)

    def advance(self) -> None:
        """The next frame of what moves by itself."""
        self.query_one(Map).advance()

    def seek(self, at: float | None, live: LabState) -> None:
        """Shows a past moment in every part; None follows what happens now."""
        self._looking = at
        self.set_class(at is not None, "-past")
        for pane in (self.query_one(Timeline), self.query_one(Packets), self.query_one(LogPane)):
            pane.seek(at)
        state = live if at is None else self._session.state_at(at)
        self.query_one(Map).seek(state)
        self._show(state)

    @property
    def looking(self) -> float | None:
        """The past moment shown, None for now."""
        return self._looking

    def _show(self, state: LabState) -> None:
        self.query_one(HeaderLine).view = header_view(state, self._looking, live=self._session.engine.live)
        self.query_one(Banner).show(state)
        why = state.whys[-1] if state.whys else None
        self.query_one(WhyBox).why = why
        self.query_one(WhyStrip).why = why

    def target(self, node: str) -> None:
        """Shows which node keys act on."""
        self.query_one(KeyBar).target = node
        for box in self.query(NodeBox):
            box.target = box.node == node

    def focus_node(self, node: str) -> None:
        """Gives a node the focus."""
        self.query_one(f"#node-{node}", NodeBox).focus()
