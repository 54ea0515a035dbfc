"""A lesson as plain text, where nothing moves: the base of one that is typed and one that plays itself."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from shutil import get_terminal_size
from typing import IO

from hatlab import events as e
from hatlab.describe import time_of
from hatlab.errors import LabError
from hatlab.lessons.conditions.trace import Value
from hatlab.lessons.model import Item, Prose, QuestionItem, TaskItem, WhatIfItem
from hatlab.lessons.play import checkpoints
from hatlab.lessons.play.lesson_report import LessonReporter
from hatlab.lessons.play.progress import Futures
from hatlab.lessons.play.runner import LessonRunner
from hatlab.lessons.templates import render
from hatlab.session import Batch, Session
from hatlab.state.conclusions import is_conclusion
from hatlab.teacher import GO_ON, LOOK_UP
from hatlab.text.event_log import ChangeFilter, format_event
from hatlab.text.lesson_sentences import (
    format_end,
    format_exam_end,
    format_futures,
    format_question,
    format_remark,
    format_task,
    format_what_if,
)
from hatlab.text.markdown_text import format_markdown, format_text, wrap_line
from hatlab.util.text import join_names

INTERVAL = 0.1
"""Seconds between two looks at the lab."""
_EVENT_MARGIN = "  | "
_SETTING_UP = "One moment: the lab is being set up for this step."
_SHOWN_EVENTS = (
    e.Vrrp | e.Address | e.Process | e.Node | e.Link | e.Filter | e.Action | e.Outage | e.Condition | e.Why
)
"""What is worth a line between a lesson's sentences."""


class TextLesson:
    """One lesson over text; subclasses say whose turn it is.

    Args:
        session: started.
        runner: the lesson, not begun.
        out: where to write.
        on_progress: called when the learner's progress may have changed.
        next_lesson: the lesson to take next, "" for none.
    """

    def __init__(
        self,
        session: Session,
        runner: LessonRunner,
        out: IO[str],
        on_progress: Callable[[], None] = lambda: None,
        next_lesson: str = "",
    ) -> None:
        self._session, self._runner, self._out = session, runner, out
        session.facts_only = lambda: (
            self._facts_only or (runner.progress_or_none is not None and self._hides_faults)
        )
        self._reporter = LessonReporter(session, runner)
        self._frozen: str | None = None
        """What the learner is to look up for; None for nothing."""
        self._on_progress, self._next_lesson = on_progress, next_lesson
        self._width = get_terminal_size().columns if out.isatty() else None
        self._reader = session.reader()
        self._changes = ChangeFilter()
        self._shown_until = 0.0
        """Events up to this moment (s of the lab) were shown before time was set back."""
        self._last_time = 0.0
        """The time of the last event's line, s of the lab."""
        self._remarks_shown = 0
        self._shown_to = (-1, 0)
        """The step that is shown, and its first item that is not."""
        self._open_item: Item | None = None
        """The item that was shown as the open one; None shows it again."""

    def run(self, step: int = 0) -> int:
        """Lead through the lesson from a step on. Return 0 when it is finished or the learner leaves.

        Raises:
            LabError: the lab failed.
        """
        lesson = self._runner.lesson
        checkpoints.wait_until_ready(self._session)
        self._update()
        self._say(f"# {lesson.front.title}")
        self._greet()
        if step:
            where = f"step {step + 1} of {len(lesson.steps)}: {lesson.steps[step].title}"
            self._say(f"Continuing at {where}.", _SETTING_UP)
            self._set_up(lambda: checkpoints.restore(self._session, self._runner.compiled, step))
        else:
            if self._runner.missing_prerequisites:
                needed = join_names(self._runner.missing_prerequisites)
                self._say(f"This lesson builds on {needed}, which you have not finished.")
            self._say(lesson.intro, shape=format_markdown)
            self._enter_step(0)
        self._runner.begin(step)
        while not self._session.ended:
            self._update()
            self._show_items()
            if self._runner.is_over:
                self._say(*self._end_paragraphs())
                self._after_end()
                return 0
            if not self._take_turn():
                return 0
        if self._session.error is not None:
            raise self._session.error
        return 0

    @property
    def _facts_only(self) -> bool:
        """True while what hatlab concludes is hidden."""
        return self._runner.exam is not None and not self._runner.is_over

    def _greet(self) -> None:
        """Say something between the title and the introduction."""

    def _take_turn(self) -> bool:
        """Do what comes next, from where the lesson stands. Return False to leave."""
        raise NotImplementedError

    def _step_over(self) -> str:
        """Return what is said at the end of a step."""
        return ""

    def _end_paragraphs(self) -> Iterable[str]:
        """Return the page at the end, a paragraph each; some may be empty."""
        if self._runner.exam is not None:
            return format_exam_end(self._runner)
        return format_end(self._runner.lesson, self._runner.progress, self._next_lesson)

    def _after_end(self) -> None:
        """Do something after the end."""

    # -- what is written

    def _say(self, *texts: str, shape: Callable[[str, int | None], str] = format_text) -> None:
        for text in texts:
            if text.strip():
                self._out.write(f"{shape(render(text, self._values()).strip(), self._width)}\n\n")
        self._out.flush()

    def _say_error(self, error: LabError) -> None:
        self._say(error.in_one_line)

    def _write_lines(self, lines: Iterable[str]) -> None:
        """Write lines as they are: what was typed, or can be, and what a lab shows."""
        self._out.write("".join(f"{wrap_line(text, self._width)}\n" for text in lines) + "\n")
        self._out.flush()

    def _values(self) -> dict[str, Value]:
        """Return what names in braces stand for."""
        return dict(self._runner.values)

    def _update(self, timeout: float = 0.0) -> None:
        """Take in what happened, and write what of it a learner must know."""
        batch = self._reader.drain(timeout)
        self._feed(batch)
        self._follow_teacher()
        if self._runner.progress_or_none is None:
            return
        for event in batch.events:
            shown = isinstance(event, _SHOWN_EVENTS) and not (
                (isinstance(event, e.Filter) and self._hides_faults)
                or (self._facts_only and is_conclusion(event))
            )
            if event.at > self._shown_until and shown and self._changes.wants(event):
                self._write_event(event)
        self._write_remarks()
        self._on_progress()

    def _follow_teacher(self) -> None:
        """Write what a teacher says, and when everybody is to look up or may go on."""
        frozen = self._session.follow_teacher()
        self._reporter.follow(frozen)
        for line in self._session.teacher.take_lines():
            self._write_lines([str(line)])
        if frozen != self._frozen:
            self._frozen = frozen
            self._write_lines([GO_ON if frozen is None else LOOK_UP.format(text=frozen)])

    def _feed(self, batch: Batch) -> None:
        self._runner.feed(batch)
        if batch.rewound:
            self._shown_until = self._last_time = batch.told_until

    @property
    def _hides_faults(self) -> bool:
        """True while a fault is to be found: a cut is not shown then, only what comes of it."""
        return self._runner.lesson.steps[self._runner.progress.step_index].hides()

    def _write_event(self, event: e.Event) -> None:
        """Write an event's line; of an action all it brought, of an explanation only what it says."""
        width = self._width and self._width - len(_EVENT_MARGIN) - 1
        if isinstance(event, e.Why):
            event = replace(event, arithmetic="", rule="", line="")
        for line in format_event(event, width=width, since=self._last_time).split("\n"):
            self._out.write(f"{_EVENT_MARGIN}{line}\n")
        self._last_time = max(self._last_time, time_of(event))

    def _write_remarks(self) -> None:
        """Write what the tutor has said since."""
        remarks = self._runner.shown_progress.remarks
        for remark in remarks[self._remarks_shown :]:
            texts = format_remark(remark, self._runner, self._values())
            self._out.write("".join(f"\n{format_text(text, self._width)}\n" for text in texts if text) + "\n")
        self._remarks_shown = len(remarks)
        self._out.flush()

    def _show_items(self) -> None:
        """Show prose up to what is open, and what is open."""
        progress, steps = self._runner.progress, self._runner.lesson.steps
        step, first = self._shown_to
        if step != progress.step_index:
            step, first = progress.step_index, 0
            if not self._runner.lesson.is_drill:  # its only step has the drill's own title
                self._say(f"## Step {step + 1} of {len(steps)}: {steps[step].title}")
        self._shown_to = (step, progress.item_index)
        for item in steps[step].items[first : progress.item_index]:
            if isinstance(item, Prose):
                self._say(item.text, shape=format_markdown)
        if self._runner.item is not self._open_item:
            self._open_item = self._runner.item
            self._show_open_item(self._runner.item)

    def _show_open_item(self, item: Item | None) -> None:
        match item:
            case QuestionItem():
                self._say(format_question(item, self._values()))
            case TaskItem():
                self._say(format_task(item))
            case WhatIfItem():
                self._say(format_what_if(item))
            case _ if self._runner.progress.finished_at is None:
                self._say(self._step_over())

    # -- what is done

    def _run_while_watching(self, work: Callable[[], object]) -> None:
        """Do something to the lab while the lesson goes on watching it.

        Raises:
            LabError: it failed.
        """
        errors: list[LabError] = []

        def run() -> None:
            try:
                work()
            except LabError as error:
                errors.append(error)

        thread = threading.Thread(target=run, name="act", daemon=True)
        thread.start()
        while thread.is_alive():
            self._update(INTERVAL)
        if errors:
            raise errors[0]

    def _see_futures(self, item: WhatIfItem) -> None:
        """Play both futures of a what-if while the lab goes on, and tell them.

        Raises:
            LabError: they cannot be played.
        """
        played: list[Futures] = []
        self._run_while_watching(lambda: played.append(self._runner.play_futures()))
        self._runner.show_futures(played[0])
        self._say(*format_futures(item, self._runner))

    def _go_to_next_step(self) -> None:
        if self._runner.item is not None:
            words = "Type" if self._runner.exam is not None else "Type hint for help, or"
            self._say(f"This step is not done yet. {words} skip to skip what is open.")
            return
        setup = checkpoints.next_setup(self._runner.compiled, self._runner.progress) or checkpoints.prepare
        self._enter_step(self._runner.progress.step_index + 1, setup)
        self._runner.next_step()

    def _enter_step(self, step: int, setup: checkpoints.SetupFunction = checkpoints.prepare) -> None:
        """Put the lab into the beginning of a step that the learner comes to."""
        if setup is checkpoints.restore or checkpoints.has_own_setup(self._runner.compiled, step):
            self._say(_SETTING_UP)
        self._set_up(lambda: setup(self._session, self._runner.compiled, step))

    def _set_up(self, work: Callable[[], object]) -> None:
        """Put the lab in place; a lesson goes on also where that failed."""
        self._runner.setting_up = True
        try:
            self._run_while_watching(work)
        except LabError as error:
            self._say_error(error)
        self._update()
        self._runner.setting_up = False
