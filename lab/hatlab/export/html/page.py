"""The page: its head, the player with its film, the report."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from hatlab import __version__
from hatlab.describe.times import RunClock
from hatlab.export.html.content_policy import content_policy
from hatlab.export.html.film.filming import Filming
from hatlab.export.html.film.pack import pack
from hatlab.export.html.film.tracks import milliseconds
from hatlab.export.html.lanes import GLYPHS, Box, condition_boxes, lane_boxes
from hatlab.export.html.report import format_duration, render_head, render_report, title_of
from hatlab.state.model import run_clock
from hatlab.state.run_report import RunReport
from hatlab.util.files import read_text
from hatlab.util.html_text import escape
from hatlab.views.pace import SPEEDS
from hatlab.views.wire import LINGER, TRAVEL

SCRIPTS = (
    *("dom", "film", "clock", "map", "timeline", "packets"),
    *("moment_link", "report", "keys", "main"),
)
"""The player's scripts. In the page they are one module, so each may use what another one has."""

_AFTER_THE_LAST = 0.04
"""Share of an incident's length that is shown after the last fact, so that how it ended can be seen."""


def render_page(report: RunReport, film: Filming) -> Iterator[str]:
    """Yield the page in pieces."""
    lab = report.lab
    assert lab is not None, "a recording has its `lab` event"
    clock = run_clock(lab.engine, lab.started)
    style = _asset("report.css") + _asset("player/player.css")
    script = "\n".join(_asset(f"player/{name}.js") for name in SCRIPTS)
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    yield f'<meta http-equiv="Content-Security-Policy" content="{content_policy(style, script)}">\n'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    yield '<meta name="color-scheme" content="light dark">\n'
    yield f'<meta name="generator" content="hatlab {__version__}">\n'
    yield f"<title>{escape(title_of(lab))}: a run of {format_duration(report.ends)}</title>\n"
    yield f"<style>{style}</style>\n</head>\n<body>\n"
    yield from render_head(report, lab)
    yield _asset("player/player.html")
    yield from render_report(report, clock)
    film_data = pack(to_film(report, film, clock))
    yield f'<script type="application/octet-stream" id="film">{film_data}</script>\n'
    yield f'<script type="module">{script}</script>\n</body>\n</html>\n'


def to_film(report: RunReport, film: Filming, clock: RunClock) -> dict[str, Any]:
    """Return what the player plays, as plain data; moments and lengths in milliseconds."""
    timeline = report.timeline
    ends = report.ends if report.is_known else report.ends * (1 + _AFTER_THE_LAST)
    lanes = [
        (
            lane.name if lane.kind == "vip" else lane.label,
            lane_boxes(lane, ends, is_known=report.is_known),
        )
        for lane in timeline.lanes
    ]
    return {
        "ends": max(1, milliseconds(ends)),
        "start": milliseconds(report.ready or 0.0),
        "dayStart": None if clock.day_start is None else milliseconds(clock.day_start),
        "speeds": SPEEDS,
        "travel": milliseconds(TRAVEL),
        "linger": milliseconds(LINGER),
        "nodes": film.nodes,
        "clients": film.clients,
        "lanes": [
            {"title": title, "boxes": [_box(box) for box in boxes]}
            for title, boxes in [*lanes, *condition_boxes(report).items()]
        ],
        "glyphs": GLYPHS,
        "marks": [[milliseconds(mark.at), mark.text, mark.phase] for mark in timeline.marks],
        "moments": list(_moments(report)),
        "scenes": film.to_data(),
        "packets": film.packets.to_data(),
    }


def _box(box: Box) -> list[Any]:
    return [milliseconds(box.began), milliseconds(box.ended), box.style, box.text]


def _moments(report: RunReport) -> Iterator[int]:
    """Yield each transition, change of owner, outage's edge and action, as the screen finds them."""
    at, last = -1.0, -1
    while (found := report.timeline.next_moment(at)) is not None:
        at = found
        if milliseconds(at) > last:
            last = milliseconds(at)
            yield last


@cache
def _asset(name: str) -> str:
    return read_text(Path(__file__).parent / name, "file")
