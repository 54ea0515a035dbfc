"""A lesson as plain text: nothing moves; what a learner who types and a demonstration have in common."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from shutil import get_terminal_size
from typing import IO

from hatlab import events as e
from hatlab.describe import time_of
from hatlab.errors import LabError
from hatlab.lessons.compile import names_of
from hatlab.lessons.model import Prose, QuestionItem, TaskItem
from hatlab.lessons.play import checkpoints
from hatlab.lessons.play.answers import answer_hint, choice_labels, choice_texts
from hatlab.lessons.play.progress import Remark
from hatlab.lessons.play.runner import LessonRunner
from hatlab.lessons.templates import format_value, render
from hatlab.session import Batch, Session
from hatlab.text.event_log import ChangeFilter, format_event
from hatlab.text.markdown_text import format_markdown, format_text, wrap_line

LOOK = 0.1
"""Seconds between two looks at the lab."""
BESIDE = "  | "
"""In front of what happens in the lab."""
PLACING = "A moment: the lab is being put in place."
TOLD = e.Vrrp | e.Address | e.Process | e.Node | e.Link | e.Filter | e.Action | e.Outage | e.Condition | e.Why
"""What happened in the lab and is worth a line between a lesson's sentences."""


class TextLesson:
    """One lesson over text; subclasses tell how it goes on.

    Args:
        session: started.
        runner: the lesson, not begun.
        out: where to write.
        note: called when something of the progress may have changed.
        following: the lesson to take next, "" for none.
    """

    def __init__(
        self,
        session: Session,
        runner: LessonRunner,
        out: IO[str],
        note: Callable[[], None] = lambda: None,
        following: str = "",
    ) -> None:
        self._following = following
        self._session, self._runner, self._out, self._note = session, runner, out, note
        self._reader = session.reader()
        self._condenser = ChangeFilter()
        self._told: object = None
        self._told_until = self._stamp = 0.0
        self._remarks = 0
        self._shown = (-1, 0)
        self._width = get_terminal_size().columns if out.isatty() else None

    def run(self, step: int = 0) -> int:
        """Leads through the lesson from a step on; 0 when it is finished or the learner quits.

        Raises:
            LabError: the lab failed.
        """
        self._look()
        self._say(f"# {self._runner.lesson.front.title}")
        self._greet()
        steps = self._runner.lesson.steps
        if step:
            self._say(f"You go on at step {step + 1} of {len(steps)}: {steps[step].title}.", PLACING)
            self._place(lambda: checkpoints.restore(self._session, self._runner.compiled, step))
        else:
            if self._runner.missing_prerequisites:
                needed = " and ".join(self._runner.missing_prerequisites)
                self._say(f"It builds on {needed}, which you have not finished.")
            self._say(self._runner.lesson.intro, shape=format_markdown)
            self._enter(0)
        self._runner.begin(step)
        while not self._session.ended:
            self._look()
            self._show()
            if self._runner.progress.finished_at is not None:
                self._end()
                self._stay()
                return 0
            if not self._go_on():
                return 0
        if self._session.error is not None:
            raise self._session.error
        return 0

    def _greet(self) -> None:
        """What is said before the lesson."""

    def _go_on(self) -> bool:
        """What comes next, from where the lesson stands; False to leave."""
        raise NotImplementedError

    # -- out

    def _say(self, *texts: str, shape: Callable[[str, int | None], str] = format_text) -> None:
        for text in texts:
            if text.strip():
                self._out.write(f"{shape(render(text, self._values()).strip(), self._width)}\n\n")
        self._out.flush()

    def _list(self, lines: Iterable[str]) -> None:
        """Lines as they are: what was typed, or can be, and what a lab shows."""
        self._out.write("".join(f"{wrap_line(text, self._width)}\n" for text in lines) + "\n")
        self._out.flush()

    def _values(self) -> dict[str, float | str | None]:
        progress, course = self._runner.progress_or_none, self._runner.compiled_or_none
        return dict(progress.captures) if progress else names_of(course.layout) if course else {}

    def _look(self, timeout: float = 0.0) -> None:
        """Takes in what happened, and says what of it a learner must know."""
        batch = self._reader.drain(timeout)
        self._feed(batch)
        if self._runner.progress_or_none is None:
            return
        for event in batch.events:
            told = isinstance(event, TOLD) and not (isinstance(event, e.Filter) and self._hiding)
            if event.at > self._told_until and told and self._condenser.wants(event):
                self._happened(event)
        self._speak()
        self._note()

    def _feed(self, batch: Batch) -> None:
        self._runner.feed(batch)
        if batch.rewound:
            self._told_until = self._stamp = batch.told_until

    def _happened(self, event: e.Event) -> None:
        """An event's line; of an action all it brought, of an explanation only what it says."""
        width = self._width and self._width - len(BESIDE) - 1
        if isinstance(event, e.Why):
            event = replace(event, arithmetic="", rule="", line="")
        for text in format_event(event, width=width, since=self._stamp).split("\n"):
            self._out.write(f"{BESIDE}{text}\n")
        self._stamp = max(self._stamp, time_of(event))

    @property
    def _hiding(self) -> bool:
        """Whether a fault is to be found: a cut is not told of then, only what comes of it."""
        return self._runner.lesson.steps[self._runner.progress.step_index].hides()

    def _speak(self) -> None:
        """What the tutor has said since."""
        remarks = self._runner.progress.remarks
        for remark in remarks[self._remarks :]:
            texts = [format_text(text, self._width) for text in self._remark(remark) if text]
            self._out.write("".join(f"\n{text}\n" for text in texts) + "\n")
        self._remarks = len(remarks)
        self._out.flush()

    def _remark(self, remark: Remark) -> tuple[str, ...]:
        match remark.kind:
            case "done":
                return (f"Done: {render(remark.text, self._values())}",)
            case "wrong turn":
                return (f"Not so: {remark.text}",)
            case "lab":
                return (f"The lab: {remark.text} Type retry to put it right.",)
            case _ if self._checked(remark.about):
                return (self._verdict(remark),)
            case _:
                return self._compared(remark.about), remark.text

    def _checked(self, question: str) -> bool:
        """Whether a question is answered at once, not compared later."""
        return any(asked.checked for _, asked in self._runner.lesson.questions() if asked.id == question)

    def _verdict(self, remark: Remark) -> str:
        """What an answer is, and what explains that."""
        own = self._runner.progress.answers[remark.about]
        if own.truth is None:
            return remark.text
        word = "Right." if own.right else "Not so."
        return remark.text if remark.text.startswith(word) else f"{word} {remark.text}"

    def _show(self) -> None:
        """Prose up to what is open, and what is open."""
        progress = self._runner.progress
        items = self._runner.lesson.steps[progress.step_index].items
        step, upto = self._shown
        if step != progress.step_index:
            steps = self._runner.lesson.steps
            number = progress.step_index + 1
            self._say(f"## Step {number} of {len(steps)}: {steps[number - 1].title}")
            upto = 0
        self._shown = (progress.step_index, progress.item_index)
        for item in items[upto : progress.item_index]:
            if isinstance(item, Prose):
                self._say(item.text, shape=format_markdown)
        opened = self._runner.item
        if opened is not self._told:
            self._told = opened
            self._open(opened)

    def _open(self, item: object) -> None:
        if isinstance(item, QuestionItem):
            kind = "Question" if item.checked else "Predict"
            question = item.question
            texts = choice_texts(question, self._values())
            choices = [f"  {k}. {text}" for k, text in zip(choice_labels(texts), texts, strict=True)]
            number = not choices and not isinstance(question.right, str)
            how = f" ({answer_hint(question.unit, question.near)})" if number else ""
            self._say("\n".join([f"{kind}: {question.ask}{how}", *choices]))
        elif isinstance(item, TaskItem):
            limit = item.task.limit
            clock = f" (This step's clock: {limit:g} s from its beginning.)" if limit is not None else ""
            self._say(f"To do: {item.task.do}{clock}")
        elif self._runner.progress.finished_at is None:
            self._say(self._over())

    def _over(self) -> str:
        """What is said at the end of a step."""
        return ""

    def _compared(self, name: str) -> str:
        """A prediction beside the truth."""
        posed, own = self._runner.compiled.questions[name], self._runner.progress.answers[name]
        if own.truth is None:
            said = format_value(own.value)
            return f"You said: {said}. It could not be measured: something else happened, too."
        verdict = "right" if own.right else "not so"
        unit = f" {posed.question.unit}".rstrip()
        late = " (locked after it had happened)" if own.late else ""
        return (
            f"{render(posed.question.ask, self._values())} You said: {format_value(own.value)}{unit}. "
            f"It was: {format_value(own.truth)}{unit}. {verdict.capitalize()}{late}."
        )

    def _end(self) -> None:
        progress = self._runner.progress
        goals = [f"- {goal}" for goal in self._runner.lesson.front.goals]
        right = sum(a.right is True and a.tries == 1 for a in progress.answers.values())
        hints = sum(len(task.hints) for task in progress.tasks.values())
        skipped = sum(task.skipped for task in progress.tasks.values())
        self._say(
            "# The end of this lesson",
            "\n".join(["What you take with you:", *goals]) if goals else "",
            f"Right at once: {right} of {len(progress.answers)}. Hints: {hints}. Tasks skipped: {skipped}.",
            self._following and f"The next lesson: {self._following}",
        )

    def _stay(self) -> None:
        """What comes after the end."""

    # -- on

    def _act(self, work: Callable[[], object]) -> None:
        """Does something to the lab while the tutor goes on watching.

        Raises:
            LabError: it failed.
        """
        failed: list[LabError] = []

        def run() -> None:
            try:
                work()
            except LabError as error:
                failed.append(error)

        thread = threading.Thread(target=run, name="act", daemon=True)
        thread.start()
        while thread.is_alive():
            self._look(LOOK)
        if failed:
            raise failed[0]

    def _next(self) -> None:
        if self._runner.item is not None:
            self._say("This step is not over yet. Type hint for help, or skip to go on without.")
            return
        made = checkpoints.next_setup(self._runner.compiled, self._runner.progress) or checkpoints.prepare
        self._enter(self._runner.progress.step_index + 1, made)
        self._runner.next_step()

    def _enter(self, step: int, made: checkpoints.SetupFunction = checkpoints.prepare) -> None:
        """The lab as a step begins, when the learner comes to it."""
        if made is checkpoints.restore or checkpoints.has_own_setup(self._runner.compiled, step):
            self._say(PLACING)
        self._place(lambda: made(self._session, self._runner.compiled, step))

    def _place(self, work: Callable[[], object]) -> None:
        """Puts the lab in place; a lesson goes on also where that failed."""
        self._runner.setting_up = True
        try:
            self._act(work)
        except LabError as error:
            self._say(f"{error.message}. {error.hint}".rstrip())
        self._look()
        self._runner.setting_up = False
