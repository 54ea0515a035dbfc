"""What the timeline shows: lanes over time around a moment, and marks for actions beneath them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.content import Content
from textual.strip import Strip

from hatlab.tui.timeline import draw as timeline_draw
from hatlab.tui.timeline.draw import clock
from hatlab.tui.timeline.model import Lane, TimelineModel
from hatlab.tui.timeline.tracks import Window
from hatlab.tui.widgets.line_widget import LinesWidget, Piece, node_style

if TYPE_CHECKING:
    from hatlab.session import Batch

SCALES = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""Seconds a cell stands for, from the closest zoom to the widest."""
_ROOM_TO_PIN = 4
"""Rows from which some lanes stay while the others scroll."""


class TimelineView(LinesWidget):
    """Lanes over time. It follows what happens until a moment is selected."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.model = TimelineModel()
        self._zoom = SCALES.index(0.25)
        self._cursor: float | None = None
        self._held: int | None = None
        self._top = 0
        self._edge = -1
        self._column, self._tall = -1, 0
        self._told: dict[str, str] = {}
        self._keep_from: float | None = None
        self.branch: tuple[float, TimelineModel] | None = None
        """Where time was set back to, and the future there was then."""

    def keep_future(self) -> None:
        """Time is about to be set back to the selected moment: what there is after it is kept to compare."""
        self._keep_from = self._cursor

    def drop_branch(self) -> None:
        """The other future is not shown any more."""
        self.branch = None
        self.set_class(False, "-branched")
        self._build()

    @property
    def cursor(self) -> float | None:
        """The selected moment, None if there is none."""
        return self._cursor

    @property
    def following(self) -> bool:
        """Whether the view moves along with what happens."""
        return self._cursor is None and self._held is None

    @property
    def scale(self) -> float:
        """Seconds a cell stands for."""
        return SCALES[self._zoom]

    def feed(self, batch: Batch) -> None:
        """Takes what happened in."""
        if batch.rewound:
            if self._keep_from is not None:
                self.branch = self._keep_from, self.model
                self.set_class(True, "-branched")
            self._keep_from = None
            self.model = TimelineModel()
            self._cursor = self._held = None
        changed = self.model.feed(batch.events) or batch.rewound
        edge = int(self.model.now // self.scale)
        if changed or edge != self._edge:
            self._edge = edge
            self._build()

    def seek(self, at: float | None) -> None:
        """Shows a moment (None: what happens now), without telling anyone."""
        if at == self._cursor and (at is not None or self._held is None):
            return
        self._show(at)

    def _show(self, at: float | None) -> None:
        self._cursor = at
        if at is None:
            self._held = None
        else:
            self._reveal(at)
        self._build()

    @property
    def _label_width(self) -> int:
        longest = max((len(lane.label) for lane in self.model.lanes), default=6)
        return min(12, max(6, longest + (self.branch is not None))) + 1

    def _window(self) -> Window:
        width = max(1, self.size.width - self._label_width)
        last = int(self.model.now // self.scale) if self._held is None else self._held
        if self.branch is not None and self._held is None:  # some of the other future is in view, too
            last = max(last, min(int(self.branch[1].now // self.scale), last + width // 3))
        return Window(max(0, last - width + 1), self.scale, width)

    def _reveal(self, at: float) -> None:
        """Moves the view so that a moment is in it."""
        window = self._window()
        cell = window.cell(at)
        last = window.index + window.width - 1
        if cell < 0:
            last += cell
        elif cell >= window.width:
            last += cell - window.width + 1
        self._held = last

    def _build(self) -> None:
        if not self.is_attached or self.size.width <= 0:
            return
        window, height = self._window(), self.size.height
        shown, below = self._rooms(height)
        lanes = self._in_view(shown)
        rows = [self._row(self._corner(shown), timeline_draw.ruler(window), "muted")]
        rows += [
            self._row(lane.label, timeline_draw.lane(self.model, lane, window), self._style(lane))
            for lane in lanes
        ]
        rows += self._branch_rows(window, height - 1 - len(lanes) - min(1, below))
        below = min(below, height - len(rows))
        found = self.model.marks_between(window.start, window.end)
        rows += [self._row("", line, "") for line in timeline_draw.marks(found, window, below)]
        self._tall = len(rows) - 1
        self._column = self._cursor_column(window)
        if self._cursor is not None and self._column >= 0:
            rows[0] = self._point(rows[0], clock(self._cursor, 2))
        words = self._words()
        if not self.styles.border_bottom[0] and height > len(rows):
            rows += [()] * (height - len(rows) - 1)
            step = "" if self._cursor is not None else f" · {self.scale:g} s a cell"
            rows.append(((f"{words}{step}", "muted"),))
        # The column is part of a row's identity: a moved cursor draws every line anew.
        self.draw([(*row, ("", str(self._column))) for row in rows])
        self._tell(words)

    def _branch_rows(self, window: Window, room: int) -> list[tuple[Piece, ...]]:
        """The other future, dim, as far as there is room; what was before it is in the lanes themselves."""
        if self.branch is None:
            return []
        begin, model = self.branch
        cut = max(0, min(window.width, window.cell(begin)))
        rows = []
        for lane in model.lanes[: max(0, room)]:
            text = "".join(piece for piece, _ in timeline_draw.lane(model, lane, window))
            rows.append(self._row(f"╎{lane.label}", [(" " * cut + text[cut:], "muted")], "muted"))
        return rows

    def _rooms(self, height: int) -> tuple[int, int]:
        """Rows for lanes and rows for marks beneath them."""
        lanes = len(self.model.lanes)
        marks = 2 if height >= lanes + 3 else 1
        shown = max(1, min(lanes, height - 1 - marks))
        return shown, max(0, min(marks, height - 1 - shown))

    def _pinned(self, shown: int) -> list[Lane]:
        """Lanes that stay while others scroll: who holds an address, and who is served."""
        if len(self.model.lanes) <= shown or shown < _ROOM_TO_PIN:
            return []
        return [lane for lane in self.model.lanes if lane.kind != "node"][: shown // 2]

    def _in_view(self, shown: int) -> list[Lane]:
        pinned = self._pinned(shown)
        others = [lane for lane in self.model.lanes if lane not in pinned]
        room = shown - len(pinned)
        self._top = max(0, min(self._top, len(others) - room))
        return [*pinned, *others[self._top : self._top + room]]

    def show_node(self, node: str) -> None:
        """Scrolls to a node's lanes, if they are out of view."""
        shown = self._rooms(self.size.height)[0]
        pinned = self._pinned(shown)
        others = [lane for lane in self.model.lanes if lane not in pinned]
        places = [k for k, lane in enumerate(others) if lane.name == node]
        room = shown - len(pinned)
        if places and not self._top <= places[0] <= places[-1] < self._top + room:
            self._top = min(places[0], max(self._top, places[-1] - room + 1))
            self._build()

    def _row(self, label: str, line: list[Piece], style: str) -> tuple[Piece, ...]:
        width = self._label_width
        return ((f"{label[: width - 1]:<{width}}", style), *line)

    def _corner(self, shown: int) -> str:
        hidden = len(self.model.lanes) - shown
        room = shown - len(self._pinned(shown))
        return f"↕ {self._top + 1}-{self._top + room}" if hidden > 0 else ""

    def _style(self, lane: Lane) -> str:
        if lane.kind == "node":
            return node_style(self.model.node_names, lane.name)
        return "vip" if lane.kind == "vip" else "label"

    def _cursor_column(self, window: Window) -> int:
        if self._cursor is None:
            return -1
        cell = window.cell(self._cursor)
        return cell + self._label_width if 0 <= cell < window.width else -1

    def _point(self, row: tuple[Piece, ...], label: str) -> tuple[Piece, ...]:
        """The ruler with the selected moment's time at its column."""
        text = "".join(piece for piece, _ in row)
        mark = f"▼{label}"
        begin = self._column
        if begin + len(mark) > len(text):
            mark, begin = f"{label}▼", self._column - len(label)
        return ((text[:begin], "ruler"), (mark, "cursor"), (text[begin + len(mark) :], "ruler"))

    def _words(self) -> str:
        """Where the view stands, and what was true at the selected moment."""
        if self._cursor is not None:
            words = " · ".join(f"{label} {value}" for label, value in self.model.words(self._cursor))
            return f"{clock(self._cursor, 3)}: {words}"
        if self.branch is not None and self.following:
            return f"● live · dim: as it went on from {clock(self.branch[0], 1)} before, x drops it"
        return "● live" if self.following else "‖ held, space follows"

    def _tell(self, words: str) -> None:
        """The border says it, if there is one."""
        for name, text in (
            ("border_title", f"timeline · {self.scale:g} s a cell"),
            ("border_subtitle", words),
        ):
            if text != self._told.get(name):
                self._told[name] = text
                setattr(self, name, Content(text))

    def render_line(self, y: int) -> Strip:
        strip = super().render_line(y)
        at = self._column
        if at < 0 or not 0 < y <= self._tall:
            return strip
        before, under, after = strip.divide([at, at + 1, strip.cell_length])
        ink = self.ink("cursor")
        under = Strip([Segment(s.text, ink) for s in under], 1)
        return Strip.join([before, under, after])

    def on_resize(self) -> None:
        self._build()

    def on_mount(self) -> None:
        self._build()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self.refresh()
