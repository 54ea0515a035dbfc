"""From lanes to lines of text: the ruler, each kind of lane and the marks. Pure.

A line is (text, style) pairs from left to right that fill the window exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hatlab.state.timeline import Lane, Mark, TimelineModel
from hatlab.state.tracks import FAIL, GOOD, NOBODY, UNKNOWN, ProbeTrack, Run, Window
from hatlab.tui.widgets.line_widget import Piece, node_style

_GLYPHS = {
    "MASTER": ("★", "━", "master"),
    "BACKUP": ("○", "┄", "backup"),
    "FAULT": ("✖", "╍", "fault"),
    "INIT": ("·", "·", "init"),
    "STOPPED": ("■", "▪", "stopped"),
    "FROZEN": ("‖", "‖", "paused"),
    "PAUSED": ("‖", "‖", "paused"),
    "OFF": ("□", " ", "off"),
}
_STEPS = (0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400)
_APART = 10
"""Cells between two labels of the ruler, at least."""


def format_time(seconds: float, digits: int = 0) -> str:
    """`31.4 s` below a minute, then `1:31`, then `1:02:31`."""
    if seconds < 60:
        return f"{seconds:.{digits}f} s"
    minutes, rest = divmod(round(seconds, digits), 60)
    width = 3 + digits if digits else 2
    hours, minutes = divmod(int(minutes), 60)
    tail = f"{rest:0{width}.{digits}f}"
    return f"{hours}:{minutes:02d}:{tail}" if hours else f"{minutes}:{tail}"


def format_duration(seconds: float) -> str:
    """A length of time, as short as it can be read: `0.61 s`, `12.4 s`, `3 min`."""
    if seconds < 10:
        return f"{seconds:.2f} s"
    return f"{seconds:.1f} s" if seconds < 180 else f"{seconds / 60:.0f} min"


def ruler_pieces(window: Window) -> list[Piece]:
    """Seconds above the lanes."""
    step = next((s for s in _STEPS if s / window.scale >= _APART), 28800)
    line = ["─"] * window.width
    number = int(window.start // step)
    while (at := number * step) < window.end:
        cell = window.cell(at)
        number += 1
        if at < 0 or not 0 <= cell < window.width:
            continue
        label = f"┬{format_time(at, 1 if step < 1 else 0)} "
        if cell + len(label) <= window.width:
            line[cell : cell + len(label)] = label
        else:
            line[cell] = "┬"
    return [("".join(line), "ruler")]


def lane_pieces(model: TimelineModel, lane: Lane, window: Window) -> list[Piece]:
    """One lane."""
    until = min(model.now, lane.track.known) if isinstance(lane.track, ProbeTrack) else model.now
    runs = lane.track.runs(window, until)
    if lane.kind == "client":
        runs = _failures_joined(runs)
    out: list[Piece] = []
    cell = 0
    for k, run in enumerate(runs):
        if run.first > cell:
            out.append((" " * (run.first - cell), ""))
        match lane.kind:
            case "node":
                out.append(_node(run))
            case "vip":
                out += _vip(model, run, runs[k - 1] if k else None, k + 1 < len(runs), window)
            case _:
                assert isinstance(lane.track, ProbeTrack)
                early = run.value.startswith(FAIL) and run.start < lane.track.first_good
                out += [_not_yet(run)] if early else _client(model, lane.name, run)
        cell = run.last + 1
    if runs and until < model.now:
        waiting = max(0, min(window.width, window.cell(model.now) + 1) - cell)
        out.append(("·" * waiting, "muted"))
        cell += waiting
    if cell < window.width:
        out.append((" " * (window.width - cell), ""))
    return out


def _failures_joined(runs: list[Run]) -> list[Run]:
    """An outage is one run, however its errors change (reset, refused, timeout)."""
    out: list[Run] = []
    for run in runs:
        if out and out[-1].value.startswith(FAIL) and run.value.startswith(FAIL):
            out[-1] = replace(out[-1], last=run.last, end=run.end)
        else:
            out.append(run)
    return out


def _node(run: Run) -> Piece:
    glyph, fill, style = _GLYPHS.get(run.value, ("?", " ", "muted"))
    if run.value == UNKNOWN:
        return (" " * run.width, "")
    text = f"{glyph}{run.value}"
    if run.width <= len(text):
        text = glyph
    return (text.ljust(run.width, fill), style)


def _vip(model: TimelineModel, run: Run, before: Run | None, more: bool, window: Window) -> list[Piece]:
    if run.value == NOBODY:
        if before is None:
            return [(" " * run.width, "")]
        length = format_duration(min(run.end, model.now) - run.start)
        text = next((t for t in (f"nobody {length}", length) if len(t) <= run.width), "")
        return [(text.center(run.width), "gap")]
    split = "+" in run.value
    begins = run.start >= window.start - 1e-9
    left, line, right = ("╞", "═", "╡") if split else ("├", "─", "┤")
    head = left if begins and run.width > 1 else ("═" if split else "")
    name = run.value if len(head) + len(run.value) < run.width else ""
    tail = right if more and run.width > len(head) + len(name) else ""
    if run.width == 1:
        return [("╪" if split else "┼", "split" if split else _owner(model, run.value))]
    text = (head + name).ljust(run.width - len(tail), line) + tail
    return [(text, "split" if split else _owner(model, run.value))]


def _owner(model: TimelineModel, name: str) -> str:
    return node_style(model.node_names, name)


def _client(model: TimelineModel, client: str, run: Run) -> list[Piece]:
    if run.value.startswith(GOOD):
        name = run.value.removeprefix(GOOD)
        shown = name if len(name) < run.width else ""
        return [(shown, _owner(model, name)), ("▁" * (run.width - len(shown)), "good")]
    if not run.value.startswith(FAIL):
        return [(" " * run.width, "")]
    text = f" {_cut_off(model, client, run)} "
    return [(text.center(run.width, "✖") if len(text) + 2 <= run.width else "✖" * run.width, "fault")]


def _not_yet(run: Run) -> Piece:
    """Before its first answer a client is not cut off: the lab is still being built."""
    text = " no answer yet "
    return (text.center(run.width, "·") if len(text) + 2 <= run.width else "·" * run.width, "muted")


def _cut_off(model: TimelineModel, client: str, run: Run) -> str:
    """How long the client was cut off: last good answer to first good one, as measured."""
    over = model.outages(client, run.start, run.end)
    if not over:
        return (
            format_duration(run.end - run.start)
            if run.end <= model.now
            else f"{format_duration(model.now - run.start)} …"
        )
    total = format_duration(sum(outage.seconds for outage in over))
    return total if len(over) == 1 else f"{len(over)}× {total}"


def mark_lines(marks: Sequence[Mark], window: Window, rows: int) -> list[list[Piece]]:
    """Actions beneath the lanes (△: done by hand). Each keeps its glyph; its words give way to the next where
    room is short, and stand before it at the right edge. Nothing where there are no rows."""
    if rows <= 0:
        return []
    grid = [[" "] * window.width for _ in range(rows)]
    inks = [[""] * window.width for _ in range(rows)]
    free = [0] * rows
    for mark in marks:
        cell = window.cell(mark.at)
        if not 0 <= cell < window.width:
            continue
        row = next((r for r in range(rows) if free[r] <= cell), rows - 1)
        if free[row] > cell and grid[row][cell] in "▲△":
            continue
        glyph = "△" if mark.phase == "seen" else "▲"
        words = f"{mark.text}{' ✖ failed' if mark.phase == 'failed' else ''}"
        begin, text = cell, f"{glyph} {words} "
        if cell + len(text) - 1 > window.width and cell - len(words) - 2 >= free[row]:
            begin, text = cell - len(words) - 1, f"{words} {glyph}"
        end = min(window.width, begin + len(text))
        style = "mark" if mark.phase in {"started", "done"} else "warning"
        grid[row][begin:end] = text[: end - begin]
        inks[row][begin:end] = [style] * (end - begin)
        if end < free[row]:
            grid[row][end : free[row]] = " " * (free[row] - end)
        free[row] = end
    return [_grouped(chars, styles) for chars, styles in zip(grid, inks, strict=True)]


def _grouped(chars: list[str], styles: list[str]) -> list[Piece]:
    out: list[Piece] = []
    begin = 0
    for k in range(1, len(chars) + 1):
        if k == len(chars) or styles[k] != styles[begin]:
            out.append(("".join(chars[begin:k]), styles[begin]))
            begin = k
    return out
