"""What a timeline's lanes show: boxes from left to right, each with a style class and words. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from hatlab.describe import STATE_SYMBOLS
from hatlab.state.run_report import RunReport
from hatlab.state.timeline import Lane
from hatlab.state.tracks import FAIL, GOOD, NOBODY, UNKNOWN, ProbeTrack, Segment

GLYPHS = {"cut": "✖", "split": "✖", **{state.lower(): s.glyph for state, s in STATE_SYMBOLS.items()}}
"""Stands in a box whose words have no room, by its style class."""


class Box(NamedTuple):
    """Something that held for a while, as it is drawn."""

    began: float
    ended: float
    style: str
    """A class of the style sheet."""
    text: str


def lane_boxes(lane: Lane, ends: float, *, is_known: bool = True) -> Iterator[Box]:
    """Yield what a lane shows from left to right.

    Before its first holder nobody holds an address; of an incident (not `is_known`) that is unknown.
    """
    segments = [segment for segment in lane.track.segments(end=ends) if segment.value != UNKNOWN]
    if lane.kind == "vip" and is_known:
        segments.insert(0, Segment(0.0, segments[0].start if segments else ends, NOBODY))
    elif not is_known and (not segments or segments[0].start > 0):
        yield Box(0.0, segments[0].start if segments else ends, "unknown", "not known")
    first_answer = lane.track.first_good if isinstance(lane.track, ProbeTrack) else 0.0
    boxes = [
        Box(start, min(end, ends), *_style_and_text(lane.kind, value, start < first_answer))
        for start, end, value in segments
    ]
    for (style, text), same in groupby(boxes, key=lambda box: (box.style, box.text)):
        first, *more = same
        yield Box(first.began, more[-1].ended if more else first.ended, style, text)


def _style_and_text(kind: str, value: str, before_first_answer: bool) -> tuple[str, str]:
    """Return the style class of a lane's value, and its words."""
    if kind == "node":
        return value.lower(), "not known" if value == "UNKNOWN" else value
    if kind == "vip":
        style = "nobody" if value == NOBODY else "split" if "+" in value else "held"
        return style, value.replace("+", " + ")
    if value.startswith(FAIL):
        return ("init", "not yet") if before_first_answer else ("cut", "no answer")
    return "answered", value.removeprefix(GOOD) or "?"


def condition_boxes(report: RunReport) -> dict[str, list[Box]]:
    """Return a lane for each condition that there was: its title, and a box without words each time."""
    lanes: dict[str, list[Box]] = {}
    for span in report.conditions:
        ended = report.ends if span.ended is None else span.ended
        title = span.name.replace("_", " ")
        lanes.setdefault(title, []).append(Box(span.began, ended, "condition", ""))
    return lanes
