"""The timeline's picture: lanes over time around a moment, and marks for actions beneath them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.strip import Strip

from hatlab.describe.shown_clock import show_moment
from hatlab.state.timeline import Lane, TimelineModel
from hatlab.state.tracks import Window
from hatlab.tui.timeline import draw
from hatlab.tui.widgets.filtered_pane import LIVE, PLAYED
from hatlab.tui.widgets.line_widget import LineWidget, Piece, Row, node_style, set_border_texts, split_strip

if TYPE_CHECKING:
    from hatlab.session import Batch

SCALES = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""Seconds a cell stands for, from the closest zoom to the widest."""
_ROWS_TO_PIN = 3
"""Rows for lanes from which some stay while the others scroll."""


class TimelineChart(LineWidget):
    """Lanes over time. It follows what happens until a moment is selected."""

    def __init__(self, *, live: bool = True, id: str | None = None) -> None:
        super().__init__(id=id)
        self._follows = LIVE if live else PLAYED
        """What is said while it follows: of a lab, or of a recording."""
        self.model = TimelineModel()
        self.branch: tuple[float, TimelineModel] | None = None
        """Where time was set back to, and the future there was then."""
        self._zoom = SCALES.index(0.25)
        self.cursor: float | None = None
        """The selected moment, None if there is none."""
        self._held_cell: int | None = None
        """The last cell in view, counted from the lab's beginning, while the view does not follow."""
        self._top_lane = 0
        self._shown_node = ""
        """The node to whose lanes it scrolled; "" since somebody scrolled by hand."""
        self._newest_cell = -1
        self._cursor_column, self._cursor_height = -1, 0
        self._branch_from: float | None = None

    def keep_future(self) -> None:
        """Keep what comes after the selected moment, to which time is about to be set back, to compare."""
        self._branch_from = self.cursor

    def drop_branch(self) -> None:
        """Show the other future no more."""
        self.branch = None
        self.redraw()

    @property
    def following(self) -> bool:
        """True if the view moves along with what happens."""
        return self.cursor is None and self._held_cell is None

    @property
    def rows_needed(self) -> int:
        """Rows of the ruler, all lanes, those of the other future too, and two of marks."""
        return 3 + len(self.model.lanes) * (1 if self.branch is None else 2)

    @property
    def scale(self) -> float:
        """Seconds a cell stands for."""
        return SCALES[self._zoom]

    def feed(self, batch: Batch) -> None:
        """Take in what happened."""
        if batch.rewound:
            if self._branch_from is not None:
                self.branch = self._branch_from, self.model
            self._branch_from = None
            self.model = TimelineModel()
            self.cursor = self._held_cell = None
        changed = self.model.feed(batch.events) or batch.rewound
        newest = int(self.model.now // self.scale)
        if changed or newest != self._newest_cell:
            self._newest_cell = newest
            self.redraw()

    def seek(self, at: float | None) -> None:
        """Show a moment (None: what happens now), without telling anyone."""
        if at == self.cursor and (at is not None or self._held_cell is None):
            return
        self._move_cursor(at)

    def _move_cursor(self, at: float | None) -> None:
        self.cursor = at
        if at is None:
            self._held_cell = None
        else:
            self._scroll_to_moment(at)
        self.redraw()

    @property
    def _label_width(self) -> int:
        longest = max((len(lane.label) for lane in self.model.lanes), default=6)
        return min(12, max(6, longest + (self.branch is not None))) + 1

    def _window(self) -> Window:
        width = max(1, self.size.width - self._label_width)
        last = int(self.model.now // self.scale) if self._held_cell is None else self._held_cell
        if self.branch is not None and self._held_cell is None:  # some of the other future is in view, too
            last = max(last, min(int(self.branch[1].now // self.scale), last + width // 3))
        return Window(max(0, last - width + 1), self.scale, width)

    def _scroll_to_moment(self, at: float) -> None:
        """Move the view so that a moment is in it."""
        window = self._window()
        cell = window.cell(at)
        last = window.index + window.width - 1
        if cell < 0:
            last += cell
        elif cell >= window.width:
            last += cell - window.width + 1
        self._held_cell = last

    def build(self) -> list[Row]:
        window, height = self._window(), self.size.height
        lane_rows, mark_rows = self._split_height(height)
        lanes = self._lanes_in_view(lane_rows)
        rows = [self._row(self._lanes_hint(lane_rows), draw.ruler_pieces(window), "muted")]
        rows += [
            self._row(lane.label, draw.lane_pieces(self.model, lane, window), self._label_style(lane))
            for lane in lanes
        ]
        rows += self._branch_rows(window, height - 1 - len(lanes) - min(1, mark_rows))
        marks = self.model.marks_between(window.start, window.end)
        mark_lines = draw.mark_lines(marks, window, min(mark_rows, height - len(rows)))
        rows += [self._row("", line, "") for line in mark_lines]
        self._cursor_height = len(rows) - 1
        self._cursor_column = self._column_of_cursor(window)
        if self.cursor is not None and self._cursor_column >= 0:
            rows[0] = self._with_cursor_time(rows[0], show_moment(self.cursor, 2))
        status = self._status()
        if not self.styles.border_bottom[0] and height > len(rows):
            rows += [()] * (height - len(rows) - 1)
            scale = "" if self.cursor is not None else f" · {self.scale:g} s a cell"
            rows.append(((f"{status}{scale}", "muted"),))
        set_border_texts(self, f"timeline · {self.scale:g} s a cell", status)
        # The column is part of a row's identity: a moved cursor draws every line anew.
        return [(*row, ("", str(self._cursor_column))) for row in rows]

    def _branch_rows(self, window: Window, count: int) -> list[Row]:
        """The other future, dim, as far as there is room; what was before it is in the lanes themselves."""
        if self.branch is None:
            return []
        start, model = self.branch
        cut = max(0, min(window.width, window.cell(start)))
        rows = []
        for lane in model.lanes[: max(0, count)]:
            text = "".join(piece for piece, _ in draw.lane_pieces(model, lane, window))
            rows.append(self._row(f"╎{lane.label}", [(" " * cut + text[cut:], "muted")], "muted"))
        return rows

    def _split_height(self, height: int) -> tuple[int, int]:
        """Return how many rows are for lanes, and how many for marks beneath them."""
        count = len(self.model.lanes)
        mark_rows = 2 if height >= count + 3 else 1
        lane_rows = max(1, min(count, height - 1 - mark_rows))
        return lane_rows, max(0, min(mark_rows, height - 1 - lane_rows))

    def _split_lanes(self, count: int) -> tuple[list[Lane], list[Lane]]:
        """Return the lanes that stay (who holds an address, who is served) and those that scroll."""
        lanes = self.model.lanes
        if len(lanes) <= count or count < _ROWS_TO_PIN:
            return [], lanes
        pinned = [lane for lane in lanes if lane.kind != "node"][: count // 2]
        return pinned, [lane for lane in lanes if lane not in pinned]

    def _lanes_in_view(self, count: int) -> list[Lane]:
        pinned, scrolling = self._split_lanes(count)
        room = count - len(pinned)
        self._top_lane = max(0, min(self._top_lane, len(scrolling) - room))
        return [*pinned, *scrolling[self._top_lane : self._top_lane + room]]

    def on_resize(self) -> None:
        """Scroll no further than the shown node needs at the new height."""
        if self._shown_node:
            self._top_lane = 0
            self.show_node(self._shown_node)
        super().on_resize()

    def show_node(self, node: str) -> None:
        """Scroll to a node's lanes, if they are out of view."""
        self._shown_node = node
        count = self._split_height(self.size.height)[0]
        pinned, scrolling = self._split_lanes(count)
        numbers = [k for k, lane in enumerate(scrolling) if lane.name == node]
        room = count - len(pinned)
        if numbers and not self._top_lane <= numbers[0] <= numbers[-1] < self._top_lane + room:
            self._top_lane = min(numbers[0], max(self._top_lane, numbers[-1] - room + 1))
            self.redraw()

    def _row(self, label: str, pieces: list[Piece], label_style: str) -> Row:
        width = self._label_width
        return ((f"{label[: width - 1]:<{width}}", label_style), *pieces)

    def _lanes_hint(self, count: int) -> str:
        """Which lanes are in view, if not all are."""
        if len(self.model.lanes) <= count:
            return ""
        room = count - len(self._split_lanes(count)[0])
        return f"↕ {self._top_lane + 1}-{self._top_lane + room}"

    def _label_style(self, lane: Lane) -> str:
        if lane.kind == "node":
            return node_style(self.model.node_names, lane.name)
        return "vip" if lane.kind == "vip" else "label"

    def _column_of_cursor(self, window: Window) -> int:
        """Return the column of the selected moment, -1 if it is not in view."""
        if self.cursor is None:
            return -1
        cell = window.cell(self.cursor)
        return cell + self._label_width if 0 <= cell < window.width else -1

    def _with_cursor_time(self, row: Row, label: str) -> Row:
        """Return the ruler with the selected moment's time at its column."""
        head, ruler = row[0], "".join(piece for piece, _ in row[1:])
        return (head, *draw.ruler_with_cursor(ruler, self._cursor_column - self._label_width, label))

    def _status(self) -> str:
        """Where the view stands, and what was true at the selected moment."""
        if self.cursor is not None:
            values = " · ".join(
                f"{label} {value}" for label, value in self.model.describe_moment(self.cursor)
            )
            return f"{show_moment(self.cursor, 3)}: {values}"
        if self.branch is not None and self.following:
            return (
                f"{self._follows} · dim: the future from {show_moment(self.branch[0], 1)} before you "
                f"went back (x hides it)"
            )
        return self._follows if self.following else "‖ stopped: press Space to follow"

    def render_line(self, y: int) -> Strip:
        strip = super().render_line(y)
        column = self._cursor_column
        if column < 0 or not 0 < y <= self._cursor_height:
            return strip
        before, under, after = split_strip(strip, column, column + 1)
        style = self.row_style("cursor")
        return Strip.join([before, Strip([Segment(s.text, style) for s in under], under.cell_length), after])
