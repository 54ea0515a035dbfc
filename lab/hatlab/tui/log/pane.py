"""The log's pane: keepalived's and mysqld's own lines, and why things happened, set apart."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from hatlab.describe.shown_clock import show_moment
from hatlab.tui.log.model import Entry, LogModel, wrap_entry
from hatlab.tui.widgets.filter_match import compile_filter
from hatlab.tui.widgets.filtered_pane import FilteredPane
from hatlab.tui.widgets.line_widget import Row
from hatlab.tui.widgets.list_view import RowList

if TYPE_CHECKING:
    from hatlab.session import Batch


class LogList(RowList):
    """Entries wrapped to the pane's width; `seek` marks the lines of a moment."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.node_names: tuple[str, ...] = ()
        self.client_names: tuple[str, ...] = ()
        self._lines: list[Row] = []
        self._times: list[float] = []
        """When each line was said."""
        self._entries: list[Entry] = []
        """The entry that each line belongs to."""
        self._wrap_width = 0

    def row_count(self) -> int:
        return len(self._lines)

    def row(self, number: int) -> Row:
        return self._lines[number]

    def show(self, entries: list[Entry]) -> None:
        """Show these entries and no others."""
        self._lines, self._times, self._entries = [], [], []
        self._wrap_width = self.row_width
        self._wrap(entries)

    def add(self, entries: Sequence[Entry], keep: int) -> None:
        """Add entries at the end; lines beyond `keep` go from the beginning."""
        if not self._wrap_width:
            self._wrap_width = self.row_width
        self._wrap(entries)
        excess = len(self._lines) - keep
        if excess > 0:
            del self._lines[:excess], self._times[:excess], self._entries[:excess]
            if not self.following:
                self.drop_first_rows(excess)

    def _wrap(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            lines = wrap_entry(entry, self._wrap_width, self.node_names, self.client_names)
            self._lines += lines
            self._times += [entry.at] * len(lines)
            self._entries += [entry] * len(lines)

    def copyable(self) -> str:
        """Return the entry of the selected line as text, or the last one."""
        if not self._entries:
            return ""
        entry = self._entries[-1 if self.cursor is None else min(self.cursor, len(self._entries) - 1)]
        more = (text for text, _ in entry.more)
        first = " ".join(filter(None, (show_moment(entry.at, 3), entry.subject, entry.text)))
        return "\n".join([first, *more])

    def seek(self, at: float) -> None:
        """Bring the lines of a moment into the middle of the view."""
        number = bisect_left(self._times, at)
        self._top, self.cursor = max(0, number - self.page_height // 2), None
        self._follow_or_hold(False)

    def on_resize(self) -> None:
        if self._wrap_width != self.row_width and self.is_attached:
            self.post_message(self.Resized())

    class Resized(RowList.Moved):
        """The width changed, so that lines must be wrapped anew."""


class LogPane(FilteredPane):
    """All entries, oldest first."""

    NAME: ClassVar[str] = "log"
    HINT: ClassVar[str] = "why, keepalived, mysqld, action, db1, any words … (Esc: show all)"
    LINES: ClassVar[int] = 8_000

    def __init__(self, *, id: str | None = None) -> None:
        self.model = LogModel()
        self.list = LogList()
        super().__init__(self.list, id=id)
        self._pattern = compile_filter("")
        self._shown_count = 0

    def feed(self, batch: Batch) -> None:
        """Take events in."""
        if batch.rewound:
            self.model = LogModel()
            self._refill()
            self.list.action_edge(1)
        added = self.model.feed(batch.events)
        if not added:
            return
        self.list.node_names, self.list.client_names = self.model.node_names, self.model.client_names
        if self._pattern is not None:
            added = [entry for entry in added if self._pattern.match(entry.search_text)]
        self._shown_count = min(self._shown_count + len(added), self.total_count())
        self.list.add(added, self.LINES)
        self.list.redraw()
        self.update_status()

    def seek(self, at: float | None) -> None:
        """Show what was said at a moment; None follows what happens."""
        if at is not None:
            self.list.seek(at)
        elif not self.list.following:
            self.list.action_edge(1)

    def presets(self) -> Sequence[str]:
        return ("why", "keepalived", "mysqld", "action", "condition", "outage", *self.model.node_names)

    def total_count(self) -> int:
        return len(self.model.entries)

    def shown_count(self) -> int:
        return self._shown_count

    def apply_filter(self, text: str) -> None:
        self._pattern = compile_filter(text)
        self._refill()

    def _refill(self) -> None:
        entries = self.model.entries
        if self._pattern is not None:
            entries = [entry for entry in entries if self._pattern.match(entry.search_text)]
        self._shown_count = len(entries)
        self.list.show(entries)

    def on_log_list_resized(self, event: LogList.Resized) -> None:
        event.stop()
        self._refill()
        self.list.redraw()
