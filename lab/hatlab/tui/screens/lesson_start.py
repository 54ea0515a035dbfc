"""A lesson's introduction, which one reads before the lab is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from hatlab.lessons.play.exam import describe_exam
from hatlab.lessons.play.runner import LessonRunner
from hatlab.session import Batch
from hatlab.topology import Layout
from hatlab.tui.keys import key_of
from hatlab.tui.lesson.view_model import introduction_markdown
from hatlab.tui.messages import NUMBER_CHARACTERS, IntroductionRead, TypedAhead
from hatlab.tui.screens.start import PHASES, StartScreen
from hatlab.tui.widgets.line_widget import spinner, styled
from hatlab.tui.widgets.prose import ProseMarkdown
from hatlab.tui.widgets.tabs import PANES
from hatlab.util.safe_text import safe_text
from hatlab.util.text import join_names


class LessonStart(StartScreen):
    """The introduction, and beneath it what the lab is waiting for.

    The lab is shown when the learner has pressed Enter; at once where a lesson goes on or has none.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "start_lesson", "start", id="introduction.start", tooltip="Start the lesson"),
        Binding("space", "read_on", "read on", id="introduction.on", tooltip="Read on", show=False),
        *(
            Binding(key, f"start_lesson('{pane}')", pane, id=f"introduction.{pane}", show=False)
            for key, pane in zip("1234", (*PANES, "tutor"), strict=True)
        ),
    ]

    def __init__(
        self,
        runner: LessonRunner,
        step: int,
        name: str,
        clock: Callable[[], float],
        layout: Layout | None = None,
    ) -> None:
        super().__init__(name, clock)
        self._lesson, self._step, self._builds_on = runner.lesson, step, runner.missing_prerequisites
        self._exam = runner.exam
        self._layout = layout
        """Gives the introduction its names and addresses, None until the lab has them."""
        self._shows_introduction = step == 0 and bool(runner.lesson.intro.strip())
        self.is_over = not self._shows_introduction
        """True once the learner has read the introduction."""

    def compose(self) -> ComposeResult:
        with Vertical(id="start", classes="lesson"):
            yield Static(self._title(), id="lesson-title")
            if self._shows_introduction:
                with VerticalScroll(id="intro"):
                    yield ProseMarkdown(self._introduction() or None)
            yield Static(id="start-phases")
            yield Static(self._keys(), id="start-keys")

    def on_mount(self) -> None:
        # the names may have become known since it was composed, and it counts as mounted only after this
        self.call_after_refresh(self._show_introduction)

    def _show_introduction(self) -> None:
        if self._shows_introduction and self._layout is not None and self.is_mounted:
            self.query_one(ProseMarkdown).update(self._introduction())

    def _title(self) -> Content:
        front, steps = self._lesson.front, len(self._lesson.steps)
        note = f"continuing at step {self._step + 1} of {steps}" if self._step else f"{front.minutes} minutes"
        title = styled((safe_text(front.title), "bold accent"), (f"   {note}", "quiet"))
        if self._exam is not None:
            rules = safe_text(describe_exam(self._exam.exam, self._exam.seconds_left))
            return Content("\n").join([title, styled((rules, "warn"))])
        if not self._builds_on:
            return title
        earlier = safe_text(join_names(self._builds_on))
        return Content("\n").join(
            [title, styled((f"This lesson builds on {earlier}, which you have not finished.", "warn"))]
        )

    @property
    def _has_more(self) -> bool:
        """True if the introduction is longer than there is room for it."""
        return self.is_mounted and self.query_one("#intro", VerticalScroll).max_scroll_y > 0

    def _introduction(self) -> str:
        """Return the introduction; nothing as long as the names are not known that stand in it."""
        return "" if self._layout is None else introduction_markdown(self._lesson, self._layout)

    def _keys(self) -> Content:
        if not self._shows_introduction:
            return styled((f"Press {key_of('app.quit')} to quit.", "quiet"))
        if self.is_over:
            return styled(
                (
                    f"The lesson starts as soon as the lab is ready.   Press {key_of('app.quit')} to quit.",
                    "quiet",
                )
            )
        more = "Space: read on · " if self._has_more else ""
        others = (f"   {more}q: quit", "quiet")
        return styled("Press ", ("Enter", "bold accent"), " to start.", others)

    def feed(self, batch: Batch) -> None:
        """Take note of the phases, and of the names that the introduction uses."""
        super().feed(batch)
        layout = batch.state.layout
        if layout is not None and self._layout is None:
            self._layout = layout
            self._show_introduction()

    def _draw(self) -> None:
        """Show in one line what the lab waits for: the introduction needs the others."""
        elapsed = self._clock() - self._started_at
        under_way = [name for name in PHASES if name in self._began_at and name not in self._took]
        if self.is_ready:
            line = styled(("✔ ", "master"), ("the lab is ready", "quiet"))
        elif under_way:
            line = self._phase_line(under_way[-1], elapsed)
        else:
            line = styled(spinner(elapsed), ("the lab is starting", "quiet"))
        if self.waiting:
            line = styled(spinner(elapsed), (self.waiting, "warn"))
        self.show_part("#start-phases", line)
        self.show_part("#start-keys", self._keys())
        if self._exam is not None:  # its clock goes on
            self.show_part("#lesson-title", self._title())

    def on_key(self, event: events.Key) -> None:
        """Keep the number that is typed while the lab starts for the question that asks for it."""
        if self.is_over and event.character and event.character in NUMBER_CHARACTERS:
            event.stop()
            self.post_message(TypedAhead(event.character))

    def action_start_lesson(self, pane: str = "") -> None:
        """Show the lab, and the pane whose key the introduction named."""
        if not self.is_over:
            self.is_over = True
            self.show_part("#start-keys", self._keys())
            self.post_message(IntroductionRead(pane))

    def action_read_on(self) -> None:
        if self._shows_introduction:
            self.query_one("#intro", VerticalScroll).scroll_page_down(animate=False)
