"""A lesson's introduction, which one can read while the lab starts."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from hatlab.lessons.play.runner import LessonRunner
from hatlab.session import Batch
from hatlab.topology import Layout
from hatlab.tui.lesson.view_model import introduction_markdown
from hatlab.tui.screens.start import PHASES, StartScreen
from hatlab.tui.widgets.line_widget import styled
from hatlab.tui.widgets.prose import ProseMarkdown
from hatlab.tui.widgets.safe_text import safe_text
from hatlab.util.text import join_names


class LessonStart(StartScreen):
    """The introduction, and beneath it what the lab is waiting for."""

    def __init__(self, runner: LessonRunner, step: int, name: str, clock: Callable[[], float]) -> None:
        super().__init__(name, clock)
        self._lesson, self._step, self._builds_on = runner.lesson, step, runner.missing_prerequisites
        self._layout: Layout | None = None
        """Gives the introduction its names and addresses, None until the lab has them."""

    def compose(self) -> ComposeResult:
        with Vertical(id="start", classes="lesson"):
            yield Static(self._title(), id="lesson-title")
            with VerticalScroll(id="intro"):
                yield ProseMarkdown(introduction_markdown(self._lesson, self._layout))
            yield Static(id="start-title")
            yield Static(id="start-phases")
            yield Static(styled(("↑↓ read · q quit", "quiet")), id="start-keys")

    def _title(self) -> Content:
        front, steps = self._lesson.front, len(self._lesson.steps)
        note = f"continuing at step {self._step + 1} of {steps}" if self._step else f"{front.minutes} minutes"
        title = styled((safe_text(front.title), "bold accent"), (f"   {note}", "quiet"))
        if not self._builds_on:
            return title
        earlier = safe_text(join_names(self._builds_on))
        return Content("\n").join(
            [title, styled((f"This lesson builds on {earlier}, which you have not finished.", "warn"))]
        )

    def feed(self, batch: Batch) -> None:
        """Take note of the phases, and of the names that the introduction uses."""
        super().feed(batch)
        if self._layout is None and batch.state.layout is not None:
            self._layout = batch.state.layout
            if self.is_mounted:
                self.query_one(ProseMarkdown).update(introduction_markdown(self._lesson, self._layout))

    def phases_shown(self) -> list[str]:
        """Return only what is under way."""
        under_way = [name for name in PHASES if name in self._began_at and name not in self._took]
        return under_way[-1:]
