"""The timeline of a run as SVG to be set into a page: lanes of who was what, above one axis of time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hatlab.describe.times import RunClock
from hatlab.export.html.lanes import GLYPHS, Box, condition_boxes, lane_boxes
from hatlab.state.run_report import RunReport
from hatlab.util.html_text import escape

WIDTH, LEFT, RIGHT = 1120.0, 138.0, 12.0
"""Units of the whole drawing, and of the margins beside the lanes."""
TOP, LANE_HEIGHT, GAP = 14.0, 24.0, 12.0
LETTER_WIDTH = 6.6
NAME_ROWS, NAME_HEIGHT = 3, 16
"""Rows for the names of actions; what finds no room in them is told by a tip."""
AXIS_STEPS = (0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400)
"""Seconds between two lines of the grid."""
_MIN_STEP_WIDTH = 70


class _Scale:
    """Converts seconds to the drawing's units."""

    def __init__(self, ends: float, clock: RunClock) -> None:
        self.ends = max(ends, 0.001)
        self.clock = clock
        self._unit = (WIDTH - LEFT - RIGHT) / self.ends

    def x(self, at: float) -> float:
        return LEFT + min(max(at, 0.0), self.ends) * self._unit

    def axis_step(self) -> float:
        return next((s for s in AXIS_STEPS if s * self._unit >= _MIN_STEP_WIDTH), AXIS_STEPS[-1] * 2)


def draw_timeline(report: RunReport, clock: RunClock) -> Iterator[str]:
    """Yield an `<svg>` element in pieces; its colours are those of the page's style sheet."""
    scale = _Scale(report.ends, clock)
    names, names_height, line_tops = _draw_action_names(report, scale)
    lanes_top = y = TOP + names_height
    body: list[str] = []
    for lane in report.timeline.lanes:
        title = lane.name if lane.kind == "vip" else lane.label
        body += _draw_lane(title, lane_boxes(lane, scale.ends, is_known=report.is_known), scale, y)
        if lane.kind == "node":
            body += _draw_adverts(report.adverts.get(lane.name, []), scale, y)
        y += LANE_HEIGHT + GAP
    for title, boxes in condition_boxes(report).items():
        body += _draw_lane(title, boxes, scale, y)
        y += LANE_HEIGHT + GAP
    yield f'<svg viewBox="0 0 {WIDTH:g} {y + 24:g}" role="img" aria-label="timeline of the run">'
    yield from _draw_axis(scale, lanes_top, y)
    yield from body
    yield from _draw_moments(report, scale, line_tops, lanes_top, y)
    yield from names
    yield "</svg>"


def _draw_lane(title: str, boxes: Iterable[Box], scale: _Scale, y: float) -> Iterator[str]:
    middle = y + LANE_HEIGHT / 2 + 4
    yield f'<text class="title" x="{LEFT - 10:g}" y="{middle:g}">{escape(title)}</text>'
    for began, ended, style, text in boxes:
        x, width = scale.x(began), scale.x(ended) - scale.x(began)
        tip = f"{title}: {text or title}, {scale.clock.format(began, 3)} to {scale.clock.format(ended, 3)}"
        area = f'x="{x:.1f}" y="{y:g}" width="{max(width, 0.8):.1f}" height="{LANE_HEIGHT:g}" rx="3"'
        yield f'<rect class="{escape(style)}" {area}><title>{escape(tip)}</title></rect>'
        for label in (text, GLYPHS.get(style, "")):
            if label and width > _text_width(label) + 10:
                yield f'<text class="in {style}" x="{x + 7:.1f}" y="{middle:g}">{escape(label)}</text>'
                break


def _text_width(text: str) -> float:
    return sum(LETTER_WIDTH * (1.3 if letter.isupper() else 1.0) for letter in text)


def _draw_adverts(moments: Iterable[float], scale: _Scale, y: float) -> list[str]:
    """A tick below the lane for each advert; one path, for there may be thousands."""
    path = "".join(f"M{scale.x(at):.1f} {y + LANE_HEIGHT + 2:g}v5" for at in moments)
    return [f'<path class="advert" d="{path}"/>'] if path else []


def _draw_axis(scale: _Scale, top: float, bottom: float) -> Iterator[str]:
    step, number = scale.axis_step(), 0
    digits = 1 if step < 1 else 0
    while (at := number * step) <= scale.ends:
        x = scale.x(at)
        yield f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{top:g}" y2="{bottom:g}"/>'
        yield f'<text class="axis" x="{x:.1f}" y="{bottom + 14:g}">{scale.clock.format(at, digits)}</text>'
        number += 1


def _draw_action_names(report: RunReport, scale: _Scale) -> tuple[list[str], float, dict[float, float]]:
    """Return the actions' names in few rows, the height of these, and where each action's line begins."""
    row_ends, texts, line_tops = [0.0] * NAME_ROWS, [], {}
    rows_used = 0
    for action in report.actions:
        x, width = scale.x(action.at), len(action.words) * LETTER_WIDTH + 14
        at_edge = x + width > WIDTH
        left = x - width if at_edge else x
        row = next((k for k in range(NAME_ROWS) if row_ends[k] <= left), None)
        if row is None:
            continue  # no room: its line still stands there, with its name as a tip
        row_ends[row], rows_used = left + width, max(rows_used, row + 1)
        top = line_tops[action.at] = TOP + row * NAME_HEIGHT
        anchor = ' text-anchor="end"' if at_edge else ""
        position = f'x="{x - 4 if at_edge else x + 4:.1f}" y="{top + 8:g}"'
        texts.append(f'<text class="action" {position}{anchor}>{escape(action.words)}</text>')
    return texts, rows_used * NAME_HEIGHT + (8 if rows_used else 0), line_tops


def _draw_moments(
    report: RunReport, scale: _Scale, line_tops: dict[float, float], top: float, bottom: float
) -> Iterator[str]:
    """Yield a vertical line for each action, and for the moment at which the lab was ready."""
    moments = [("action", a.words, a.at, line_tops.get(a.at, top - 6)) for a in report.actions]
    if report.ready is not None:
        moments.append(("ready", "ready", report.ready, top))
    for style, text, at, start in moments:
        x, tip = scale.x(at), f"<title>{escape(text)}, {scale.clock.format(at, 3)}</title>"
        yield f'<line class="{style}" x1="{x:.1f}" x2="{x:.1f}" y1="{start:g}" y2="{bottom:g}">{tip}</line>'
