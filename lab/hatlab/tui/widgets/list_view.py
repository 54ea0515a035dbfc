"""A list of rows that follows its end, or holds. Drawn line by line: it costs what is in view."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.strip import Strip

from hatlab.tui.widgets.line_widget import Line, LineWidget, Row, line_plain

_SELECTED = ("", "selected")
"""Marks the selected row, so that it differs from what it was before."""


class RowList(LineWidget, can_focus=True):
    """Rows to scroll through. Subclasses say how many there are and how each looks."""

    ALLOW_SELECT = True
    MOVES: ClassVar[list[BindingType]] = [
        Binding("up", "step(-1)", "Up", id="rows.up", show=False),
        Binding("down", "step(1)", "Down", id="rows.down", show=False),
        Binding("pageup", "page(-1)", "Page up", id="rows.page-up", show=False),
        Binding("pagedown", "page(1)", "Page down", id="rows.page-down", show=False),
        Binding("home", "edge(-1)", "First", id="rows.home", show=False),
        Binding("end", "edge(1)", "Last", id="rows.end", show=False),
    ]
    BINDINGS: ClassVar[list[BindingType]] = [
        *MOVES,
        Binding("space", "follow", "Live / stop", id="rows.follow", tooltip="Follow what happens, or stop"),
    ]

    class Moved(Message):
        """The view was scrolled, or began or ceased to follow."""

    class Opened(Message):
        """The selected row was clicked."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.following = True
        """The last row stays in view as rows are added."""
        self.cursor: int | None = None
        """The number of the selected row."""
        self._top = 0

    # For subclasses

    def row_count(self) -> int:
        """Return how many rows there are."""
        raise NotImplementedError

    def row(self, number: int) -> Row:
        """Return one row."""
        raise NotImplementedError

    def header(self) -> Row | None:
        """Return the line that stays above the rows, if there is one."""
        return None

    # What is shown

    @property
    def page_height(self) -> int:
        """Rows in view."""
        return max(1, self.size.height - (self.header() is not None))

    @property
    def row_width(self) -> int:
        """Cells for a row: the last column is the scroll bar's."""
        return max(1, self.size.width - 1)

    def drop_first_rows(self, count: int) -> None:
        """Keep in view what was in view, now that the first rows are gone."""
        self._top = max(0, self._top - count)
        if self.cursor is not None:
            self.cursor = max(0, self.cursor - count)

    def build(self) -> list[Row]:
        """Return the rows in view, each with its cell of the scroll bar as its last piece."""
        count, page = self.row_count(), self.page_height
        last_top = max(0, count - page)
        self._top = last_top if self.following else max(0, min(self._top, last_top))
        if self.cursor is not None:
            self.cursor = min(self.cursor, count - 1) if count else None
        rows = []
        for number in range(self._top, min(count, self._top + page)):
            row = self.row(number)
            rows.append((*row, _SELECTED) if number == self.cursor else row)
        thumb = self._thumb(count, page)
        bar = [" " if count <= page else "▐" if y in thumb else "│" for y in range(len(rows))]
        lines = [(*row, (cell, "muted")) for row, cell in zip(rows, bar, strict=True)]
        header = self.header()
        return lines if header is None else [(*header, (" ", "muted")), *lines]

    def _thumb(self, count: int, page: int) -> range:
        """Where on the scroll bar the view is."""
        size = max(1, page * page // max(1, count))
        start = round((page - size) * self._top / max(1, count - page))
        return range(start, start + size)

    def render_strip(self, line: Line, width: int) -> Strip:
        assert not isinstance(line, Content)
        *row, bar = line
        strip = super().render_strip(tuple(row), max(1, width - 1))
        if _SELECTED in row[-1:]:
            style = self.row_style("selected")
            background = Style(bgcolor=style.bgcolor, reverse=style.reverse)
            strip = Strip(Segment.apply_style(strip, post_style=background), strip.cell_length)
        return Strip.join([strip, super().render_strip((bar,), 1)])

    def text_line(self, y: int) -> int | None:
        y -= self.header() is not None
        return self._top + y if y >= 0 else None

    def line_text(self, number: int) -> str:
        return line_plain(self.row(number)) if 0 <= number < self.row_count() else ""

    def text_line_count(self) -> int:
        return self.row_count()

    def copyable(self) -> str:
        """Return the selected row as text, or the last one; "" if there is none."""
        return self.line_text(self.row_count() - 1 if self.cursor is None else self.cursor).strip()

    # What keys and the mouse do

    def _follow_or_hold(self, following: bool) -> None:
        self.following = following
        if following:
            self.cursor = None
        self.redraw()
        self.post_message(self.Moved())

    def follow(self) -> None:
        """Show the last row, and those that are added."""
        if not self.following:
            self._follow_or_hold(True)

    def select(self, number: int) -> None:
        """Select a row and bring it into view; the list no longer follows."""
        count, page = self.row_count(), self.page_height
        if not count:
            return
        if self.following:
            self._top = max(0, count - page)
        self.cursor = max(0, min(count - 1, number))
        self._top = max(self.cursor - page + 1, min(self._top, self.cursor))
        self._follow_or_hold(False)

    def scroll_rows(self, rows: int) -> None:
        """Scroll the view; at its end it follows again."""
        self._top = max(0, self._top + rows)
        at_end = self._top >= self.row_count() - self.page_height
        self._follow_or_hold(at_end and rows > 0 and self.cursor is None)

    def action_step(self, rows: int) -> None:
        if self.cursor is not None and self.cursor + rows >= self.row_count():
            self._follow_or_hold(True)
        elif not (self.following and rows > 0):
            self.select(self._step_from(rows) + rows)

    def _step_from(self, rows: int) -> int:
        """Return the row from which the cursor moves: its own, else one beyond the view."""
        if self.cursor is not None:
            return self.cursor
        if self.following:
            return self.row_count()
        return min(self._top + self.page_height, self.row_count()) if rows < 0 else self._top - 1

    def action_page(self, pages: int) -> None:
        self.action_step(pages * max(1, self.page_height - 1))

    def action_edge(self, way: int) -> None:
        if way > 0:
            self._follow_or_hold(True)
        else:
            self.select(0)

    def action_follow(self) -> None:
        if self.following:
            self.select(self.row_count() - 1)
        else:
            self._follow_or_hold(not self.following)

    def on_click(self, event: events.Click) -> None:
        event.prevent_default()  # two clicks select a word or everything elsewhere; here they open the row
        offset = event.get_content_offset(self)
        if offset is None or self.text_selection is not None:
            return
        y = offset.y - (self.header() is not None)
        number = self._top + y
        if y < 0 or not 0 <= number < self.row_count():
            return
        if number == self.cursor:
            self.post_message(self.Opened())
        else:
            self.select(number)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.scroll_rows(-3)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.scroll_rows(3)
