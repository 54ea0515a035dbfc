"""The page at the end of a drill: the cause, the points, the expert's way beside the learner's."""

from __future__ import annotations

from collections.abc import Iterator

from hatlab.lessons.play.drill_runner import DrillRunner
from hatlab.lessons.records.drill_file import DrillFile
from hatlab.lessons.records.drill_report import report_sections
from hatlab.tui.lesson.markup import render_markup
from hatlab.tui.lesson.summary_page import key_bullet, plain_bullet
from hatlab.tui.widgets.bullet_list import Bullet
from hatlab.tui.widgets.line_widget import styled
from hatlab.util.safe_text import safe_text


def drill_bullets(drill: DrillRunner, drill_file: DrillFile | None, following: str) -> Iterator[Bullet]:
    """Yield the page; `following` is what `n` goes on to, "" for nothing."""
    first, *others = report_sections(drill, drill_file)
    tone = "fault" if drill.gave_up else "master"
    glyph = "✖ " if drill.gave_up else "✔ "
    yield (glyph, f"bold {tone}"), styled((first.title, f"bold {tone}"))
    yield from ((("  ", ""), render_markup(safe_text(line))) for line in first.lines)
    for section in others:
        yield plain_bullet()
        yield plain_bullet((section.title, "bold accent"))
        for number, line in enumerate(section.lines, 1):
            lead = f"{number}. " if section.numbered else "  "
            yield (lead, "quiet"), render_markup(safe_text(_on_screen(line)))
    yield plain_bullet()
    if following:
        yield key_bullet("n", "for the next drill.")
    yield key_bullet("r", "to start this drill again.")
    yield key_bullet("w", "for the explanations, now that you know the cause.")
    yield key_bullet("q", "to leave. Until then the lab is yours.")


def _on_screen(line: str) -> str:
    """Name what shows on the screen what `status` says in a drill as text."""
    return f"The map{line.removeprefix('`status`')}" if line.startswith("`status`:") else line
