"""Two runs over one another: each lane of A, that of B beneath it, and what differs between them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.filter import LineFilter, Monochrome
from textual.widgets import Footer, Static

from hatlab.compare.comparison import Comparison, Match
from hatlab.compare.words import comparison_lines, verdict
from hatlab.describe.times import format_moment
from hatlab.settings.effective import Settings
from hatlab.state.timeline import Lane, TimelineModel
from hatlab.state.tracks import Window
from hatlab.tui.keys import COMPARISON_KEYS, key_of, use_keymap
from hatlab.tui.timeline import draw
from hatlab.tui.timeline.pane import Timeline
from hatlab.tui.widgets import theme
from hatlab.tui.widgets.line_filters import AsciiFilter, ColourlessFilter, VisibleFilter
from hatlab.tui.widgets.line_widget import ROW_STYLES, Piece, Row, set_border_texts
from hatlab.tui.widgets.theme_choice import install_theme
from hatlab.util.terminal import cannot_draw_glyphs

_LANE_KINDS = {"node": "state", "vip": "owners", "client": "outage"}
"""Kind of a lane → kind of what is compared there."""


class OverlayChart(Timeline, inherit_bindings=False):
    """The lanes of two runs in pairs, B on A's clock."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            COMPARISON_KEYS["compare.next"],
            "app.difference(1)",
            "Next difference",
            tooltip="go to the next moment at which something differs",
            id="compare.next",
        ),
        Binding(
            COMPARISON_KEYS["compare.previous"],
            "app.difference(-1)",
            "Previous",
            tooltip="go to the one before",
            id="compare.previous",
            key_display="N",
        ),
        Binding("q", "app.quit", "Quit", id="app.quit"),
        *(b for b in Timeline.BINDINGS if isinstance(b, Binding) and b.id != "timeline.follow"),
    ]

    def __init__(self, comparison: Comparison) -> None:
        super().__init__(live=False, id="overlay")
        self.comparison = comparison
        self.model = comparison.first.report.timeline
        self.other: TimelineModel = comparison.other.report.timeline.shifted(comparison.alignment.shift)
        self._pairs = list(self._pair_lanes())

    def _pair_lanes(self) -> Iterator[tuple[Lane, Lane | None, list[Match]]]:
        """Yield each lane of A with its like in B, and what differs there."""
        for lane in self.model.lanes:
            place = [other.kind for other in self.model.lanes[: self.model.lanes.index(lane)]].count(
                lane.kind
            )
            alike = [other for other in self.other.lanes if other.kind == lane.kind]
            named = [other for other in alike if self._name_in_a(other) == lane.name]
            same_label = [other for other in named if other.label == lane.label] or named
            like = same_label[0] if same_label else alike[place] if place < len(alike) else None
            differences = [
                match
                for match in self.comparison.of(_LANE_KINDS[lane.kind])
                if match.differs(self.comparison.within) and self._is_about(match, lane)
            ]
            yield lane, like, differences

    def _name_in_a(self, lane: Lane) -> str:
        pairing = self.comparison.pairing
        return (pairing.nodes if lane.kind == "node" else pairing.clients).get(lane.name, lane.name)

    def _is_about(self, match: Match, lane: Lane) -> bool:
        subject = match.key.subject
        if lane.kind != "vip":
            return subject[0] == lane.name and (len(subject) < 2 or lane.label.split()[-1] in subject)
        layout = self.comparison.first.layout
        return layout is not None and layout.vips(subject[0])[int(subject[1])][0] == lane.name

    @property
    def _label_width(self) -> int:
        return super()._label_width + 2

    @property
    def rows_needed(self) -> int:
        return 2 + sum(2 + bool(differences) for _, _, differences in self._pairs)

    def differing_moments(self) -> list[float]:
        """Return when something differs, on A's clock, in order."""
        return sorted({self._time_of(match) for _, _, found in self._pairs for match in found})

    def _time_of(self, match: Match) -> float:
        if match.first is not None:
            return match.first.at
        assert match.other is not None
        return match.other.at + self.comparison.alignment.shift

    def build(self) -> list[Row]:
        window, height = self._window(), self.size.height
        self._top_lane = max(0, min(self._top_lane, len(self._pairs) - 1))
        rows = [self._row("", draw.ruler_pieces(window), "muted")]
        for lane, like, differences in self._pairs[self._top_lane :]:
            rows.append(
                self._row(
                    f"A {lane.label}", draw.lane_pieces(self.model, lane, window), self._label_style(lane)
                )
            )
            other = draw.lane_pieces(self.other, like, window) if like is not None else []
            rows.append(self._row(f"B {like.label if like else '–'}", other, self._label_style(lane)))
            if differences:
                rows.append(self._row("", self._difference_pieces(differences, window), "warning"))
        rows = rows[: height - 1]
        marks = self.model.marks_between(window.start, window.end)
        rows += [
            self._row("", line, "") for line in draw.mark_lines(marks, window, min(1, height - len(rows)))
        ]
        self._cursor_height, self._cursor_column = len(rows) - 1, self._column_of_cursor(window)
        if self.cursor is not None and self._cursor_column >= 0:
            rows[0] = self._with_cursor_time(rows[0], format_moment(self.cursor, 2))
        set_border_texts(self, f"A over B · {self.scale:g} s a cell", self._words_at_cursor())
        return [(*row, ("", str(self._cursor_column))) for row in rows]

    def _words_at_cursor(self) -> str:
        if self.cursor is None:
            return f"{key_of('compare.next')}: next difference"
        at = self.cursor - self.comparison.alignment.shift
        return f"{format_moment(self.cursor, 2)} in A is {format_moment(at, 2)} in B"

    def _difference_pieces(self, differences: list[Match], window: Window) -> list[Piece]:
        """Return a line from A's moment to B's for each difference, and by how much they are apart."""
        line = [" "] * window.width
        for match in differences:
            begin = self._time_of(match)
            first, last = sorted((window.cell(begin), window.cell(begin + match.seconds)))
            if last < 0 or first >= window.width:
                continue
            for cell in range(max(0, first), min(window.width, last + 1)):
                line[cell] = "─"
            if first >= 0:
                line[first] = "╰" if last > first else "▲"
            if first < last < window.width:
                line[last] = "╯"
            start = min(max(0, last + 1), window.width)
            text = f" {_apart(match)} "[: window.width - start]
            line[start : start + len(text)] = text
        return [("".join(line), "warning")]


def _apart(match: Match) -> str:
    if match.first is None:
        return "only B"
    if match.other is None:
        return "only A"
    if match.key.kind == "outage":
        return f"{match.longer:+.2f} s long"
    return f"{match.seconds:+.2f} s" if match.apart else "for another reason"


class ComparisonApp(App[None]):
    """The verdict, both timelines, and the whole comparison as text."""

    COMPONENT_CLASSES: ClassVar[set[str]] = ROW_STYLES
    TITLE = "hatlab compare"
    CSS_PATH: ClassVar = ["app/panes.tcss"]
    CSS: ClassVar[str] = """
    #verdict { height: auto; padding: 0 1; text-style: bold; }
    #overlay { border: round $line; height: auto; min-height: 6; }
    #text { height: 1fr; padding: 0 1; }
    """
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "quit", "Quit", id="app.quit", show=False),
        Binding("escape", "quit", "Quit", show=False),
        Binding(
            COMPARISON_KEYS["compare.theme"],
            "theme",
            "Dark / light",
            tooltip="switch between dark and light",
            id="compare.theme",
            show=False,
        ),
    ]

    def __init__(
        self, comparison: Comparison, names: tuple[str, str], settings: Settings | None = None
    ) -> None:
        super().__init__()
        self._comparison, self._names = comparison, names
        ascii_only = cannot_draw_glyphs(os.environ)
        self._line_filters: list[LineFilter] = [VisibleFilter()]
        self._line_filters += [AsciiFilter()] if ascii_only else []
        self._line_filters += [ColourlessFilter()] if self.no_color else []
        settings = settings or Settings()
        install_theme(self, settings)
        self.set_keymap(use_keymap(settings["keys"]))

    def get_line_filters(self) -> Sequence[LineFilter]:
        return [
            *(f for f in super().get_line_filters() if not isinstance(f, Monochrome)),
            *self._line_filters,
        ]

    def compose(self) -> ComposeResult:
        yield Static(verdict(self._comparison), id="verdict", markup=False)
        yield OverlayChart(self._comparison)
        lines = list(comparison_lines(self._comparison, self._names))[2:]
        with VerticalScroll(id="text"):
            yield Static("\n".join(lines), markup=False)
        yield Footer()

    def on_mount(self) -> None:
        chart = self.query_one(OverlayChart)
        chart.styles.height = min(chart.rows_needed + 3, max(6, self.size.height * 2 // 3))
        chart.focus()
        moments = chart.differing_moments()
        chart.call_after_refresh(chart.select, moments[0] if moments else self._comparison.alignment.first)

    def action_difference(self, way: int) -> None:
        """Select the next difference, or the one before."""
        chart = self.query_one(OverlayChart)
        moments, here = chart.differing_moments(), chart.cursor or 0.0
        later = (
            [at for at in moments if at > here] if way > 0 else [at for at in reversed(moments) if at < here]
        )
        if later:
            chart.select(later[0])

    def action_theme(self) -> None:
        self.theme = theme.LIGHT if self.current_theme.dark else theme.DARK


def run_comparison(comparison: Comparison, names: tuple[str, str], settings: Settings) -> None:
    """Show two runs over one another until the person quits."""
    ComparisonApp(comparison, names, settings).run()
