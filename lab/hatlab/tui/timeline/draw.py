"""Lanes as lines of text: the ruler, each kind of lane, and the marks beneath. Pure.

A line is pieces from left to right that fill the window exactly.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from hatlab.describe import POWER_SYMBOLS, PROCESS_SYMBOLS, STATE_SYMBOLS
from hatlab.describe.shown_clock import show_moment
from hatlab.describe.times import format_length
from hatlab.state.timeline import Lane, Mark, TimelineModel
from hatlab.state.tracks import FAIL, GOOD, NOBODY, UNKNOWN, ProbeTrack, Run, Window
from hatlab.tui.widgets.line_widget import Piece, node_style

_FILLINGS = {"MASTER": "━", "BACKUP": "┄", "FAULT": "╍", "INIT": "·", "STOPPED": "▪", "UNKNOWN": "?"}
"""The character that draws a state out, behind its glyph and word."""
_STATES = {
    **{state: (symbol.glyph, _FILLINGS[state], state.lower()) for state, symbol in STATE_SYMBOLS.items()},
    "FROZEN": (PROCESS_SYMBOLS["frozen"].glyph, PROCESS_SYMBOLS["frozen"].glyph, "paused"),
    "PAUSED": (POWER_SYMBOLS["paused"].glyph, POWER_SYMBOLS["paused"].glyph, "paused"),
    "OFF": (POWER_SYMBOLS["off"].glyph, " ", "off"),
}
"""A node's value → glyph, filling, style."""
_STEPS = (0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400)
_RULER_LABEL = re.compile("┬[^─┬]+")
_MIN_LABEL_STEP = 10
"""Cells from one label of the ruler to the next, at least."""


def ruler_pieces(window: Window) -> list[Piece]:
    """Return the line of seconds above the lanes."""
    step = next((s for s in _STEPS if s / window.scale >= _MIN_LABEL_STEP), 28800)
    line = ["─"] * window.width
    number = int(window.start // step)
    while (at := number * step) < window.end:
        cell = window.cell(at)
        number += 1
        if at < 0 or not 0 <= cell < window.width:
            continue
        label = f"┬{show_moment(at, 1 if step < 1 else 0)} "
        if cell + len(label) <= window.width:
            line[cell : cell + len(label)] = label
        else:
            line[cell] = "┬"
    return [("".join(line), "ruler")]


def ruler_with_cursor(ruler: str, column: int, label: str) -> list[Piece]:
    """Return the ruler with a moment's label at its column, and without the labels that it would cut."""
    pointer, start = f"▼{label}", column
    if start + len(pointer) > len(ruler):
        pointer, start = f"{label}▼", max(0, column - len(label))
    end = start + len(pointer)
    for found in _RULER_LABEL.finditer(ruler):
        if found.start() < end and start < found.end():
            whole = found.group()
            ruler = ruler[: found.start()] + "┬".ljust(len(whole), "─") + ruler[found.end() :]
    return [(ruler[:start], "ruler"), (pointer, "cursor"), (ruler[end:], "ruler")]


def lane_pieces(model: TimelineModel, lane: Lane, window: Window) -> list[Piece]:
    """Return one lane."""
    until = min(model.now, lane.track.known_until) if isinstance(lane.track, ProbeTrack) else model.now
    runs = lane.track.runs(window, until)
    if lane.kind == "client":
        runs = _join_failures(runs)
    pieces: list[Piece] = []
    cell = 0
    for run in runs:
        if run.first > cell:
            pieces.append((" " * (run.first - cell), ""))
        match lane.kind:
            case "node":
                pieces.append(_node_piece(run))
            case "vip":
                is_first, is_last = run is runs[0], run is runs[-1]
                pieces.append(_vip_piece(model, run, window, is_first=is_first, is_last=is_last))
            case _:
                assert isinstance(lane.track, ProbeTrack)
                is_early = run.value.startswith(FAIL) and run.start < lane.track.first_good
                pieces += [_not_yet_piece(run)] if is_early else _client_pieces(model, lane.name, run)
        cell = run.last + 1
    if runs and until < model.now:
        waiting = max(0, min(window.width, window.cell(model.now) + 1) - cell)
        pieces.append(("·" * waiting, "muted"))
        cell += waiting
    if cell < window.width:
        pieces.append((" " * (window.width - cell), ""))
    return pieces


def _join_failures(runs: list[Run]) -> list[Run]:
    """Make an outage one run, however its errors change (reset, refused, timeout)."""
    joined: list[Run] = []
    for run in runs:
        if joined and joined[-1].value.startswith(FAIL) and run.value.startswith(FAIL):
            joined[-1] = replace(joined[-1], last=run.last, end=run.end)
        else:
            joined.append(run)
    return joined


def _node_piece(run: Run) -> Piece:
    glyph, filling, style = _STATES.get(run.value, ("?", " ", "muted"))
    if run.value == UNKNOWN:
        return (" " * run.width, "")
    text = f"{glyph} {run.value}"
    if run.width <= len(text):
        text = glyph
    return (text.ljust(run.width, filling), style)


def _vip_piece(model: TimelineModel, run: Run, window: Window, *, is_first: bool, is_last: bool) -> Piece:
    if run.value == NOBODY:
        if is_first:
            return (" " * run.width, "")
        length = format_length(min(run.end, model.now) - run.start)
        text = next((t for t in (f"nobody {length}", length) if len(t) <= run.width), "")
        return (text.center(run.width), "gap")
    is_split = "+" in run.value
    style = "split" if is_split else node_style(model.node_names, run.value)
    if run.width == 1:
        return ("╪" if is_split else "┼", style)
    left, line, right = ("╞", "═", "╡") if is_split else ("├", "─", "┤")
    starts_in_view = run.start >= window.start - 1e-9
    head = left if starts_in_view else "═" if is_split else ""
    name = run.value if len(head) + len(run.value) < run.width else ""
    tail = right if not is_last and run.width > len(head) + len(name) else ""
    return ((head + name).ljust(run.width - len(tail), line) + tail, style)


def _client_pieces(model: TimelineModel, client: str, run: Run) -> list[Piece]:
    if run.value.startswith(GOOD):
        name = run.value.removeprefix(GOOD)
        shown = name if len(name) < run.width else ""
        return [(shown, node_style(model.node_names, name)), ("▁" * (run.width - len(shown)), "good")]
    if not run.value.startswith(FAIL):
        return [(" " * run.width, "")]
    text = f" {_outage_text(model, client, run)} "
    return [(text.center(run.width, "✖") if len(text) + 2 <= run.width else "✖" * run.width, "fault")]


def _not_yet_piece(run: Run) -> Piece:
    """Before its first answer a client is not cut off: the lab is still being built."""
    text = " no answer yet "
    return (text.center(run.width, "·") if len(text) + 2 <= run.width else "·" * run.width, "muted")


def _outage_text(model: TimelineModel, client: str, run: Run) -> str:
    """Return how long the client was cut off, from the last good answer to the first one, as measured."""
    outages = model.outages(client, run.start, run.end)
    if not outages:
        suffix = "" if run.end <= model.now else " …"
        return format_length(min(run.end, model.now) - run.start) + suffix
    total = format_length(sum(outage.seconds for outage in outages))
    return total if len(outages) == 1 else f"{len(outages)}× {total}"


def mark_lines(marks: Sequence[Mark], window: Window, rows: int) -> list[list[Piece]]:
    """Return actions as lines beneath the lanes (△: done by hand).

    Each keeps its glyph; its words give way to the next where room is short, and stand before it at the edge,
    in whatever row they can; where they can in none they are cut with `…`.
    """
    if rows <= 0:
        return []
    grid = [[" "] * window.width for _ in range(rows)]
    styles = [[""] * window.width for _ in range(rows)]
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
        if (room := window.width - cell) < len(text) - 1:
            before = next((r for r in range(rows) if free[r] <= cell - len(words) - 2), None)
            if before is not None:
                row, begin, text = before, cell - len(words) - 1, f"{words} {glyph}"
            elif room > 1:
                text = f"{text[: room - 1]}…"
        end = min(window.width, begin + len(text))
        style = "mark" if mark.phase in {"started", "done"} else "warning"
        grid[row][begin:end] = text[: end - begin]
        styles[row][begin:end] = [style] * (end - begin)
        if end < free[row]:
            grid[row][end : free[row]] = " " * (free[row] - end)
        free[row] = end
    return [_group_by_style(*row) for row in zip(grid, styles, strict=True)]


def _group_by_style(chars: list[str], styles: list[str]) -> list[Piece]:
    groups = groupby(zip(chars, styles, strict=True), key=lambda cell: cell[1])
    return [("".join(char for char, _ in cells), style) for style, cells in groups]
