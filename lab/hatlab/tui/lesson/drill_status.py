"""A drill's status line and clock."""

from __future__ import annotations

from hatlab.describe.times import format_moment
from hatlab.lessons.model import QuestionItem
from hatlab.lessons.play.drill_runner import DrillRunner
from hatlab.tui.keys import key_of
from hatlab.tui.lesson.status import misdirected_line
from hatlab.tui.widgets.line_widget import Piece, spinner

_BAR = 10
"""Cells of the bar that shows how far the proof is."""


def drill_pieces(drill: DrillRunner, *, answering: bool = False, short: bool = False) -> tuple[Piece, ...]:
    """Return what is still to be done, most important first.

    Args:
        drill: under way, or over.
        answering: what is typed goes to its question.
        short: there is room for a few words only.
    """
    named = not isinstance(drill.item, QuestionItem)
    if drill.is_over:
        return ("✖ ", "fault") if drill.gave_up else ("✔ ", "master"), ("the drill is over", "bold")
    if drill.is_repaired:
        done = "fixed: name it" if short else "fixed" if answering else "fixed and proved"
        return ("✔ ", "master"), (done, "bold"), (f" · {_naming(answering)}", "")
    if drill.healthy_for is not None:
        held, needed = drill.healthy_for
        full = int(_BAR * held / needed)
        bar = ("█" * full + "░" * (_BAR - full), "master")
        spin, word = spinner(drill.state.at), ("healthy ", "bold")
        if short:
            return spin, word, (f"{held:.0f}/{needed:g} s", "")
        return spin, word, bar, (f" {held:.0f} of {needed:g} s", "")
    lines = (misdirected_line(drill.state, name) for name, c in drill.state.clients.items() if c.cut_off)
    if waiting := next(filter(None, lines), ""):
        return ("⚠ ", "warn"), (waiting, "")
    if named:
        return ("✔ ", "master"), ("named", "bold"), (" · now fix it, by any means", "")
    return ("☐ ", "bold accent"), ("find it", "bold"), (f" · {_naming(answering)}", "")


def _naming(answering: bool) -> str:
    return (
        "choose with ↑↓, then Enter · Esc: lab"
        if answering
        else f"press {key_of('view.tab-4')} to name the cause"
    )


def drill_clock(drill: DrillRunner) -> Piece:
    """Return how long the drill has taken, of how long it may."""
    seconds, limit = drill.seconds, drill.limit
    if seconds <= limit:
        return f"◷ {format_moment(seconds)} of {format_moment(limit)}", "warn"
    return f"◷ {format_moment(seconds)} · {format_moment(seconds - limit)} over time", "fault"
