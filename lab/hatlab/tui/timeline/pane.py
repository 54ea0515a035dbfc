"""The timeline with keys and mouse: they select a moment, zoom and scroll."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from hatlab.tui.timeline.chart import SCALES, TimelineChart


class Timeline(TimelineChart, can_focus=True):
    """A lane a node, a virtual address and a client, over time, with marks for actions."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(-1)", "◀ Time", id="timeline.left", tooltip="Select an earlier moment"),
        Binding("right", "move(1)", "▶", id="timeline.right", tooltip="Select a later moment"),
        Binding("shift+left,pageup", "page(-1)", "Page back", id="timeline.page-left", show=False),
        Binding("shift+right,pagedown", "page(1)", "Page forward", id="timeline.page-right", show=False),
        Binding("plus,equals_sign", "zoom(-1)", "Zoom in", id="timeline.zoom-in", key_display="+"),
        Binding("minus,underscore", "zoom(1)", "Zoom out", id="timeline.zoom-out", key_display="-"),
        Binding(
            "left_square_bracket",
            "jump(-1)",
            "Previous change",
            id="timeline.previous",
            key_display="[",
            tooltip="The transition, change of owner or action before this moment",
        ),
        Binding("right_square_bracket", "jump(1)", "Next change", id="timeline.next", key_display="]"),
        Binding("home", "edge(-1)", "Beginning", id="timeline.home", show=False),
        Binding("end", "edge(1)", "Now", id="timeline.end", show=False),
        Binding(
            "space", "follow", "Live / stop", id="timeline.follow", tooltip="Follow what happens, or stop"
        ),
        Binding("up", "lanes(-1)", "Lanes up", id="timeline.up", show=False),
        Binding("down", "lanes(1)", "Lanes down", id="timeline.down", show=False),
    ]

    @dataclass
    class MomentSelected(Message):
        """A moment was chosen."""

        at: float | None
        """Seconds since the lab began; None: follow what happens."""

    def select(self, at: float | None) -> None:
        """Select a moment, s; None, or one that is not over yet, follows what happens."""
        if at is not None:
            at = max(0.0, at)
            if at >= self.model.now:
                at = None
        self._move_cursor(at)
        self.post_message(self.MomentSelected(at))

    def action_move(self, cells: int) -> None:
        """Select the moment some cells earlier or later; past the live edge it follows again."""
        if self.cursor is None and cells > 0 and self.following:
            return
        start = self._window().time(self._window().cell(self._here()))
        self.select(start + (cells + 0.5) * self.scale)

    def action_page(self, pages: int) -> None:
        """Move by most of a screen."""
        cells = round(self._window().width * 0.8) * pages
        self._held_cell = self._window().index + self._window().width - 1 + cells
        self.action_move(cells)

    def action_zoom(self, steps: int) -> None:
        """Zoom out (1) or in (-1) around the selected moment."""
        zoom = max(0, min(len(SCALES) - 1, self._zoom + steps))
        if zoom == self._zoom:
            return
        here = self._here()
        column = self._window().cell(here)
        self._zoom = zoom
        if not self.following:
            self._held_cell = int(here // self.scale) - column + self._window().width - 1
            if self.cursor is not None:
                self._scroll_to_moment(self.cursor)
        self.redraw()

    def action_jump(self, way: int) -> None:
        """Select the next (1) or previous (-1) change or action."""
        here = self._here()
        at = self.model.next_moment(here) if way > 0 else self.model.last_moment(here)
        if at is not None:
            self.select(at)
        elif way > 0:
            self.select(None)

    def action_edge(self, way: int) -> None:
        """Select the beginning, or follow what happens now."""
        self.select(None if way > 0 else 0.0)

    def action_follow(self) -> None:
        """Follow what happens, or hold the view at this moment."""
        if not self.following:
            self.select(None)
        else:
            self.select(max(0.0, self.model.now - 1e-6))

    def action_lanes(self, rows: int) -> None:
        """Scroll to further lanes, if not all fit."""
        self._top_lane += rows
        self._shown_node = ""
        self.redraw()

    def _here(self) -> float:
        if self.cursor is not None:
            return self.cursor
        return (
            self.model.now
            if self._held_cell is None
            else min(self.model.now, (self._held_cell + 0.5) * self.scale)
        )

    def _time_at(self, x: int) -> float | None:
        cell = x - self._label_width
        return None if cell < 0 else self._window().time(cell) + self.scale / 2

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is not None and (at := self._time_at(offset.x)) is not None:
            self.select(at)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._wheel(event, -1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._wheel(event, 1)

    def _wheel(self, event: events.MouseEvent, way: int) -> None:
        event.stop()
        if event.ctrl:
            self.action_zoom(way)
        elif event.shift or self._split_height(self.size.height)[0] >= len(self.model.lanes):
            self._pan(way * max(1, self._window().width // 10))
        else:
            self.action_lanes(way)

    def _pan(self, cells: int) -> None:
        """Move the view alone; at the live edge it follows again."""
        window = self._window()
        now = int(self.model.now // self.scale)
        last = max(window.width - 1, window.index + window.width - 1 + cells)
        self._held_cell = None if last >= now and self.cursor is None else min(last, now)
        self.redraw()
