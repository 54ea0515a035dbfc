"""A list of rows that follows its end, or holds. Drawn line by line: it costs what is in view."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip

from hatlab.tui.widgets.line_widget import LinesWidget, Piece

Row = tuple[Piece, ...]


class RowsWidget(LinesWidget, can_focus=True):
    """Rows to scroll through. Subclasses say how many there are and what each looks like.

    `CURSOR` gives it a selected row; without one the keys scroll.
    """

    CURSOR: ClassVar[bool] = True
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
        Binding("space", "follow", "Live / hold", id="rows.follow", tooltip="Follow what happens, or hold"),
    ]

    class Moved(Message):
        """The view was scrolled, or began or ceased to follow."""

    class Opened(Message):
        """A row was clicked a second time."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.following = True
        self.cursor: int | None = None
        self._top = 0

    # For subclasses

    def count(self) -> int:
        """How many rows there are."""
        raise NotImplementedError

    def row(self, number: int) -> Row:
        """What a row shows."""
        raise NotImplementedError

    def header(self) -> Row | None:
        """A line that stays above the rows."""
        return None

    # What is shown

    @property
    def page(self) -> int:
        """Rows in view."""
        return max(1, self.size.height - (self.header() is not None))

    @property
    def inner_width(self) -> int:
        """Cells for a row: the last column tells where the view stands."""
        return max(1, self.size.width - 1)

    def shift(self, removed: int) -> None:
        """The first rows are gone: what was in view stays in view."""
        self._top = max(0, self._top - removed)
        if self.cursor is not None:
            self.cursor = max(0, self.cursor - removed)

    def update_rows(self) -> None:
        """Draws what changed."""
        if not self.is_attached or self.size.height <= 0:
            return
        count, page = self.count(), self.page
        most = max(0, count - page)
        self._top = most if self.following else max(0, min(self._top, most))
        if self.cursor is not None:
            self.cursor = min(self.cursor, count - 1) if count else None
        head = self.header()
        rows: list[Row] = [] if head is None else [head]
        for number in range(self._top, min(count, self._top + page)):
            row = self.row(number)
            rows.append((*row, ("", "selected")) if number == self.cursor else row)
        self._bar = self._scrollbar(count, page, len(rows) - len(rows[:1]) if head else len(rows))
        self.draw([(*row, ("", self._knob(y - (head is not None)))) for y, row in enumerate(rows)])

    def _scrollbar(self, count: int, page: int, shown: int) -> tuple[int, int] | None:
        if count <= page or not shown:
            return None
        size = max(1, page * page // count)
        begin = round((page - size) * self._top / (count - page))
        return begin, begin + size

    def _knob(self, y: int) -> str:
        if self._bar is None or y < 0:
            return ""
        return "knob" if self._bar[0] <= y < self._bar[1] else "track"

    _bar: tuple[int, int] | None = None

    def render_line(self, y: int) -> Strip:
        if y >= len(self._drawn):
            return Strip.blank(self.size.width, self.ink(""))
        *row, (_, knob) = self._drawn[y]
        strip = self.strip(row, self.inner_width)
        if row and row[-1][1] == "selected":
            strip = Strip(Segment.apply_style(strip, post_style=self._under), strip.cell_length)
        glyph = {"knob": "▐", "track": "│"}.get(knob, " ")
        return Strip.join([strip, Strip([Segment(glyph, self.ink("muted"))], 1)])

    @property
    def _under(self) -> Style:
        """The background of the selected row, under the colours of its words."""
        return Style(bgcolor=self.ink("selected").bgcolor)

    def on_mount(self) -> None:
        self.update_rows()

    def on_resize(self) -> None:
        self.update_rows()

    # What keys and the mouse do

    def _show(self, following: bool) -> None:
        self.following = following
        if following:
            self.cursor = None
        self.update_rows()
        self.post_message(self.Moved())

    def select(self, number: int) -> None:
        """Selects a row and brings it into view; the list no longer follows."""
        if not self.count():
            return
        number = max(0, min(self.count() - 1, number))
        if self.following:
            self._top = max(0, self.count() - self.page)
        self.cursor = number
        if number < self._top:
            self._top = number
        elif number >= self._top + self.page:
            self._top = number - self.page + 1
        self._show(False)

    def scroll_rows(self, rows: int) -> None:
        """Scrolls the view; at its end it follows again."""
        self._top = max(0, self._top + rows)
        end = self._top >= self.count() - self.page
        self._show(end and rows > 0 and self.cursor is None)

    def action_step(self, rows: int) -> None:
        if not self.CURSOR:
            self.scroll_rows(rows)
        elif self.cursor is not None and self.cursor + rows >= self.count():
            self._show(True)
        elif not (self.following and rows > 0):
            self.select((self.cursor if self.cursor is not None else self.count()) + rows)

    def action_page(self, pages: int) -> None:
        self.action_step(pages * max(1, self.page - 1))

    def action_edge(self, way: int) -> None:
        if way > 0:
            self._show(True)
        elif self.CURSOR:
            self.select(0)
        else:
            self._top = 0
            self._show(False)

    def action_follow(self) -> None:
        if self.following and self.CURSOR:
            self.select(self.count() - 1)
        else:
            self._show(not self.following)

    def on_click(self, event: events.Click) -> None:
        place = event.get_content_offset(self)
        if place is None:
            return
        number = self._top + place.y - (self.header() is not None)
        if not self.CURSOR or not 0 <= number < self.count() or place.y < (self.header() is not None):
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
