"""Tells the tutor what to show: which page, its blocks, what is waited for."""

from __future__ import annotations

from textual.content import Content

from hatlab.actions import VERBS, Action
from hatlab.lessons.compile import CompiledLesson
from hatlab.lessons.model import QuestionItem, TaskItem
from hatlab.lessons.play.progress import Progress
from hatlab.lessons.play.runner import LessonRunner
from hatlab.lessons.templates import render
from hatlab.state.model import LabState
from hatlab.tui.lesson.block_widgets import EndPage
from hatlab.tui.lesson.markup import render_markup
from hatlab.tui.lesson.pane import Tutor
from hatlab.tui.lesson.status import countdown, spinner, status_pieces, time_left
from hatlab.tui.lesson.summary_page import summary_bullets
from hatlab.tui.lesson.view_model import step_blocks
from hatlab.tui.widgets.line_widget import Piece, styled
from hatlab.tui.widgets.safe_text import plain


class LessonPresenter:
    """What of a lesson is on the screen.

    Args:
        runner: leads through it.
        following: the title of the lesson to take next, "" if there is none.
        first: the step it begins at.

    Attributes:
        page: the step read again, or `end`; None for where the learner is.
        sure: whether the learner was told that `n` leaves the page at the end.
        fault: why the lesson cannot go on, "" if it can.
    """

    def __init__(self, runner: LessonRunner, following: str = "", first: int = 0) -> None:
        self.runner = runner
        self._coming: int | None = first
        self.following = following
        self.page: int | None = None
        self.sure = False
        self.fault = ""
        self.end = len(runner.lesson.steps)
        self._begun = 0
        self._fresh = False
        self._over = False
        self._last: object = None

    @property
    def shown(self) -> int:
        """The page on the screen: a step's index, or `end`."""
        if self.page is not None:
            return self.page
        if self._coming is not None:
            return self._coming
        return self.runner.progress_or_none.step_index if self.runner.progress_or_none is not None else 0

    @property
    def progress(self) -> Progress:
        """Where the learner stands, once the lesson has begun."""
        return self.runner.progress

    @property
    def course(self) -> CompiledLesson:
        return self.runner.compiled

    def come(self, step: int) -> None:
        """The lab is being put in place for a step, perhaps anew: its first prose is shown already."""
        if self._coming != step:
            self._begun += 1
        self.page, self._coming = None, step

    def begin(self) -> None:
        """The step has begun: who reads its first prose is not moved on."""
        self._coming, self._fresh = None, True

    def turn(self, way: int) -> bool:
        """To the step before or after, as far as the learner has come; whether there is one."""
        self.sure = False
        progress = self.runner.progress_or_none
        reached = progress.step_index if progress is not None else 0
        page = min(self.shown, reached + 1) + way if self.shown != self.end else reached
        if not 0 <= page <= reached:
            return False
        self.page = None if page == reached else page
        return True

    def begun(self, step: int) -> bool:
        """Whether a learner has answered or done something in a step or later ones."""
        runner = self.runner
        if runner.progress_or_none is None:
            return False
        if runner.progress_or_none.step_index > step:
            return True
        items = runner.lesson.steps[step].items
        tasks = [runner.progress_or_none.tasks.get(i.id) for i in items if isinstance(i, TaskItem)]
        return any(t is not None and (t.is_over or t.trace.actions or t.hints) for t in tasks) or any(
            isinstance(i, QuestionItem) and i.id in runner.progress_or_none.answers for i in items
        )

    def show(self, tutor: Tutor, *, placing: bool, held: bool) -> str:
        """Brings the tutor up to date. Returns what is new to read, in a few words, "" for nothing.

        Args:
            placing: the lab is being put into a step's beginning.
            held: time stands still.
        """
        self._tell(tutor, placing, held)
        now = self.runner.compiled_or_none is not None, self.runner.progress_or_none, self.shown, self._coming
        if now == self._last:
            return ""
        self._last = now
        if self.shown == self.end:
            if tutor.turn(self.end, self.place().plain):
                tutor.put(EndPage(summary_bullets(self.runner, self.following)))
            return ""
        turned = tutor.turn((self.shown, self._begun), self.place().plain)
        still, self._fresh = self._fresh, False
        new = tutor.show(
            step_blocks(self.runner, self.shown, coming=self._coming is not None and self.page is None),
            still=still,
        )
        return self.reminder().plain if new and not turned else ""

    def _tell(self, tutor: Tutor, placing: bool, held: bool) -> None:
        wanted = self._wanted(tutor, placing, held)
        tutor.tell(wanted, None if placing or self.fault else countdown(self.runner))

    def _wanted(self, tutor: Tutor, placing: bool, held: bool) -> tuple[Piece, ...]:
        if self.fault:
            wrong = "the lesson is at fault, the lab goes on: "
            return ("✖ ", "bold fault"), (wrong, "fault"), (self.fault, "")
        if placing:
            return spinner(self.runner.state.at), (_placing(self.runner.state), "")
        if self.page is not None and self.page != self.end:
            return ("◂ ", "bold accent"), ("read again", "bold"), (" · n goes on · r begins it anew", "")
        if held and isinstance(self.runner.item, TaskItem):
            return ("‖ ", "bold warn"), ("time stands still", "bold"), (": p lets it go on", "")
        return status_pieces(
            self.runner,
            reading=tutor.has_focus_within,
            answering=tutor.answering,
            seen=tutor.open_seen,
            ended=self.page == self.end,
        )

    def time_ran_out(self) -> bool:
        """Whether a task's time is over, which is told once."""
        left = time_left(self.runner)
        over = left is not None and left < 0
        ran_out, self._over = over and not self._over, over
        return ran_out

    def place(self) -> Content:
        """Which page of the lesson is shown."""
        if self.shown == self.end:
            return styled(("the end", "bold accent"))
        step = self.runner.lesson.steps[self.shown]
        return styled((f"{self.shown + 1}/{self.end} ", "quiet"), (plain(step.title), "bold accent"))

    def reminder(self) -> Content:
        """What is open, in a line, with what is left of the time for it."""
        left = countdown(self.runner)
        return styled(left, "  ") + self._open() if left is not None else self._open()

    def _open(self) -> Content:
        progress, item = self.runner.progress_or_none, self.runner.item
        if progress is None:
            return Content("")
        match item:
            case TaskItem():
                return styled(("☐ ", "bold accent")) + render_markup(
                    plain(render(item.task.do, progress.captures))
                )
            case QuestionItem():
                return styled(("◇ ", "bold accent")) + render_markup(
                    plain(render(item.question.ask, progress.captures))
                )
            case _:
                return styled(("✔ ", "master"), "done: 4 tells")


def _placing(lab: LabState) -> str:
    """What is being done to put the lab into the beginning of a step."""
    doing = lab.action
    if doing is not None and doing.phase == "started" and doing.name in VERBS:
        what = Action(doing.name, doing.targets).title
    else:
        phase = next((name for name, (done, _, _) in lab.phases.items() if not done), "")
        what = phase or "until it is as it should be"
    return f"a moment: the lab is put in place · {what} …"
