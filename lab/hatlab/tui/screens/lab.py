"""The one screen: header, banner, map, why, panes, keys. It lays out; each part draws itself."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace

from textual import events
from textual.app import ComposeResult
from textual.containers import Container, Horizontal
from textual.content import Content
from textual.notifications import SeverityLevel as Severity
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, Static

from hatlab.session import Batch, Session
from hatlab.state.model import LabState
from hatlab.topology import Layout
from hatlab.tui.commands import COMMANDS
from hatlab.tui.fault_hiding import hide_filters, hide_filters_in
from hatlab.tui.lesson.pane import Tutor
from hatlab.tui.log.pane import LogPane
from hatlab.tui.map.map import Map
from hatlab.tui.packets.pane import Packets
from hatlab.tui.screens.why import WhyBox, WhyStrip
from hatlab.tui.timeline.pane import Timeline
from hatlab.tui.widgets.bars import PANES, Banner, HeaderLine, KeyBar, Tabs, header_view
from hatlab.tui.widgets.time_bar import TimeBar, TimeView, kinds

ALL_PANES = (110, 36)
"""Columns and rows from which every pane is shown at once; below, one at a time behind tabs."""
WHY_BESIDE = 130
"""Columns from which the explanation stands beside the map, not beneath it."""
USABLE = (60, 16)
TUTOR_BESIDE = 120
"""Columns from which a lesson's tutor stands beside the lab; below, beneath the map as one more pane."""
TUTOR_WIDTH = 48
"""Columns of a tutor beside the lab, as in tutor.tcss."""


class LabScreen(Screen[None]):
    """The lab as it is, or as it was at a moment looked at.

    Args:
        session: for past moments.
        layout: what the map draws.
        clock: seconds, for the adverts' flight.
        tutor: of a lesson, if one is on.
    """

    AUTO_FOCUS = "Timeline"

    def __init__(
        self,
        session: Session,
        layout: Layout,
        clock: Callable[[], float] = time.monotonic,
        tutor: Tutor | None = None,
    ) -> None:
        super().__init__()
        self.tutor = tutor
        self._free = False
        self._hiding = self._placing = False
        self._pane = "timeline"
        self.set_class(len(layout.node_names) != 2, "-many")
        self.set_class(len(layout.node_names) > 4, "-crowded")
        self._session = session
        self._looking: float | None = None
        known = kinds(session.engine)
        self._header, self._banner = HeaderLine(), Banner()
        listed = "app.lessons" if tutor is not None else ""  # a lesson's keys matter more than the list then
        shown = [command for command in COMMANDS if command.applies(known) and command.id != listed]
        self._keys = KeyBar(shown, layout)
        self.typed: deque[events.Key] = deque(maxlen=1000)
        """Keys pressed here that the app, which has the bindings, has still to handle."""
        self._time = TimeBar() if session.time is not None else None
        self._pace = ""
        self._map, self._box, self._strip, self._tabs = Map(layout, clock), WhyBox(), WhyStrip(), Tabs()
        self._timeline, self._packets, self._log = Timeline(), Packets(), LogPane()

    def compose(self) -> ComposeResult:
        yield self._header
        yield self._banner
        with Horizontal(id="top"):
            yield self._map
            yield self._box
        yield self._strip
        yield self._tabs
        with Container(id="panes"):
            yield self._timeline
            with Horizontal(id="lower"):
                yield self._packets
                yield self._log
        if self.tutor is not None:
            yield self.tutor
        if self._time is not None:
            yield self._time
        yield self._keys
        yield Static("This terminal is too small for hatlab: 60 columns by 16 rows at least.", id="too-small")

    def on_mount(self) -> None:
        self._arrange()
        if self.has_class("-beside", "-tall"):
            self._pane = "packets"
        if self.tutor is None:
            self.show_pane(self._pane)
        else:
            self._choose(self._pane)
            self._show_tutor()

    def on_key(self, event: events.Key) -> None:
        self.typed.append(event)
        if self.tutor is not None:
            self.tutor.touched = True

    def on_resize(self, _: events.Resize) -> None:
        self._arrange()

    def _arrange(self) -> None:
        width, height = self.app.size
        beside = self.tutor is not None and not self._free and width >= TUTOR_BESIDE
        self.set_class(beside, "-beside")
        if beside:
            self.remove_class("-front")
            self._tabs.active = self._pane
        self.set_class(self._free, "-free")
        self._tabs.panes = PANES if beside or self.tutor is None else (*PANES, "tutor")
        if self.tutor is not None and not beside and not self._free and self.tutor.has_focus_within:
            self.bring_tutor()
        width -= TUTOR_WIDTH if beside else 0
        self.set_class(width < USABLE[0] or height < USABLE[1], "-tiny")
        self.set_class(width >= ALL_PANES[0] and height >= ALL_PANES[1], "-all")
        self.set_class(width >= WHY_BESIDE, "-wide")
        self.set_class(height >= 34, "-tall")
        self.set_class(width >= 170, "-huge")

    def show_pane(self, name: str) -> None:
        """Brings a pane to the front where only one fits, and gives it the keys."""
        if name == "tutor":
            self._show_tutor()
            return
        self._choose(name)
        pane: Widget = {"timeline": self._timeline, "packets": self._packets, "log": self._log}[name]
        if not pane.can_focus:
            pane = next((w for w in pane.query("*") if w.can_focus and not isinstance(w, Input)), pane)
        self.call_after_refresh(pane.focus)

    def _choose(self, name: str) -> None:
        self._pane = name
        self.remove_class("-front")
        for each in PANES:
            self.set_class(each == name, f"-show-{each}")
        self._tabs.active = name

    def _show_tutor(self) -> None:
        if self.tutor is None:
            return
        self._free = False
        self._arrange()
        self.bring_tutor()
        self.tutor.take_keys()

    def bring_tutor(self) -> None:
        """Where the tutor stands behind a tab, it comes to the front; not in free play."""
        if self.tutor is not None and not self._free and not self.has_class("-beside"):
            self.add_class("-front")
            self._tabs.active = "tutor"

    @property
    def tutor_seen(self) -> bool:
        """Whether the learner has the tutor before their eyes."""
        return self.has_class("-beside") or self.has_class("-front")

    def play_freely(self) -> bool:
        """The lab without the tutor, or with it again; whether it is without now."""
        if self._free or not self.tutor_seen:
            self._show_tutor()
            return False
        self._free = True
        self._arrange()
        self.show_pane(self._pane)
        return True

    def say(self, text: str, severity: Severity, seconds: float) -> bool:
        """A notice in the line of keys, where the tutor fills the screen; whether it is said there."""
        return self.has_class("-front") and self._keys.say(text, severity, seconds)

    def unsay(self, text: str) -> None:
        """A notice in the line of keys is true no more."""
        self._keys.unsay(text)

    def hide_faults(self, hiding: bool, *, placing: bool = False) -> None:
        """Whether what is broken is to be found, and not named.

        `placing`: it comes of the lab's being put in place, and is nothing that a learner need look at.
        """
        self._hiding, self._placing = hiding, placing

    def remind(self, place: Content, task: Content) -> None:
        """Beside the tabs: where a learner is in the lesson; what is to be done, if the tutor is not seen."""
        self._tabs.reminder = place if self.has_class("-front") else Content("") if self.tutor_seen else task

    def feed(self, batch: Batch) -> None:
        """Hands a batch to every part. While a past moment is looked at, the map stays there.

        Where time was set back, nothing is looked at any more: the moment may be no past one.
        """
        if self._hiding:
            batch = hide_filters_in(batch)
        if batch.rewound and self._looking is not None:
            self.seek(None, batch.state)
        for pane in (self._timeline, self._packets, self._log):
            pane.feed(batch)
        if self._looking is None:
            self._map.feed(batch)
            self._show(batch.state)

    def advance(self, time: TimeView | None = None) -> None:
        """The next frame of what moves by itself; and how the lab's time goes."""
        self._map.advance()
        if self._time is None or time is None:
            return
        self._time.view = time
        if time.word != self._pace:
            self._pace = time.word
            if self._header.view is not None:
                self._header.view = replace(self._header.view, pace=time.word)

    def seek(self, at: float | None, live: LabState) -> None:
        """Shows a past moment in every part; None follows what happens now."""
        self._looking = at
        self.set_class(at is not None, "-past")
        for pane in (self._timeline, self._packets, self._log):
            pane.seek(at)
        state = live if at is None else self._session.state_at(at)
        state = hide_filters(state) if self._hiding else state
        self._map.seek(state)
        self._show(state)

    @property
    def looking(self) -> float | None:
        """The past moment shown, None for now."""
        return self._looking

    def _show(self, state: LabState) -> None:
        live = self._session.engine.live
        view = header_view(state, self._looking, live=live, pace=self._pace, hiding=self._hiding)
        self._header.view = replace(view, faults=(), conditions=()) if self._placing else view
        self._banner.show(LabState() if self._placing else state)
        why = state.whys[-1] if state.whys else None
        self._box.why = why
        self._strip.why = why

    def keep_future(self) -> None:
        """Time is about to be set back to the moment looked at."""
        self._timeline.keep_future()

    def drop_branch(self) -> None:
        """Only one course of things is shown again."""
        self._timeline.drop_branch()

    def target(self, node: str) -> None:
        """Shows which node keys act on."""
        self._keys.target = node
        self._map.target(node)
        self._timeline.show_node(node)

    def focus_node(self, node: str) -> None:
        """Gives a node the focus."""
        self._map.focus_node(node)
