"""A lesson beside the lab: the runner is fed what the screen is fed, and does what the learner asks for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from textual.notifications import SeverityLevel as Severity

from hatlab.errors import LabError, UserError
from hatlab.lessons.compile import CompiledLesson
from hatlab.lessons.format.markdown import fenced_code
from hatlab.lessons.library.loader import learn_command
from hatlab.lessons.model import Prose, QuestionItem, TaskItem
from hatlab.lessons.play import checkpoints
from hatlab.lessons.play.progress import Progress
from hatlab.lessons.play.runner import LessonRunner
from hatlab.lessons.play.side_effects import find_repairs
from hatlab.lessons.records.progress_file import KEPT
from hatlab.session import Batch, Session
from hatlab.tui.app.time_control import TimeControlApp
from hatlab.tui.background import run_in_background
from hatlab.tui.lesson.answer_input import AnswerSubmitted
from hatlab.tui.lesson.pane import ContinueRequested, Tutor
from hatlab.tui.lesson.presenter import LessonPresenter
from hatlab.tui.messages import ActionStarted, CheckpointReady
from hatlab.tui.screens.dialog import ConfirmDialog
from hatlab.tui.screens.lab import LabScreen
from hatlab.tui.screens.lesson_list import LessonList

if TYPE_CHECKING:
    from hatlab.lessons.library.catalogue import Catalogue
    from hatlab.lessons.records.progress_file import ProgressFile

NO_HINT = {
    False: "A prediction needs no hint: guess, the lab will tell.",
    True: "A question has no hints: look at the lab, and a wrong answer tells where.",
}
"""What is said instead of a hint to a question, by whether it is checked at once."""
ONE_MOMENT = "The lab is being put into the beginning of the step: one moment."
WELCOME = """New here? L opens the lessons: predict, break, see.
Or play: k kills mysqld, c cuts, u mends."""


class LessonApp(TimeControlApp):
    """An app that may lead through a lesson.

    Args:
        runner: of the lesson, if one is on.
        progress_file: where progress is kept.
        following: the title of the lesson to take next, "" if there is none.
        step: to begin at.
        catalogue: the lessons to choose from.
    """

    def __init__(
        self,
        session: Session,
        runner: LessonRunner | None = None,
        progress_file: ProgressFile | None = None,
        following: str = "",
        step: int = 0,
        catalogue: Catalogue | None = None,
    ) -> None:
        super().__init__(session)
        self._catalogue = catalogue
        self.runner = runner
        self._progress_file = progress_file
        if progress_file is not None:  # on a screen, a line on stderr would be drawn over it
            progress_file.warn = lambda text: self.tell(text, "warning", 10)
        self._teller = LessonPresenter(runner, following, step) if runner is not None else None
        self._first_step = step
        self._placing = self._welcomed = False
        self._goal = step
        self._then: Callable[[], None] | None = None
        self._noted: Progress | None = None

    def make_tutor(self) -> Tutor | None:
        """The tutor of the lab's screen, None without a lesson."""
        return Tutor(self.runner.lesson.front.title) if self.runner is not None else None

    @property
    def faults_hidden(self) -> bool:
        """In a step with a hidden beginning, until the last of its tasks is over."""
        runner = self.runner
        if runner is None:
            return False
        at, item = self._goal, 0
        if runner.progress_or_none is not None and not self._placing:
            at, item = runner.progress_or_none.step_index, runner.progress_or_none.item_index
        return runner.lesson.steps[at].hides(item)

    @property
    def lesson_snippets(self) -> tuple[str, ...]:
        """Of a configuration, that the step shows which a learner is in."""
        progress = self.runner.progress_or_none if self.runner is not None else None
        if progress is None or self.runner is None:
            return ()
        items = self.runner.lesson.steps[progress.step_index].items
        return tuple(piece for item in items if isinstance(item, Prose) for piece in fenced_code(item.text))

    def tell(self, text: str, severity: Severity = "information", seconds: float = 5) -> None:
        """Where a notice would cover what a learner reads, a short one stands in the line of keys."""
        lab = self.lab_screen
        if lab is None or lab is not self.screen or not lab.say(text, severity, seconds):
            super().tell(text, severity, seconds)

    @property
    def lab_screen(self) -> LabScreen | None:
        """The lab's screen, None before there is one."""
        raise NotImplementedError

    def go_onward(self) -> None:
        """Ends the lab, as the learner wants the next lesson."""
        raise NotImplementedError

    def check_action(self, action: str, _parameters: tuple[object, ...]) -> bool | None:
        """Some keys mean one thing in a lesson and another in a recording."""
        if action == "lesson":
            return self.runner is not None
        return action != "ahead" or self.runner is None

    def action_lessons(self) -> None:
        """The list of lessons; choosing one ends this lab."""
        catalogue = self._catalogue
        if catalogue is None:
            self.tell("hatlab learn, in another terminal, shows the lessons.")
            return
        self.clear_notifications()
        current = self.runner.lesson.id if self.runner is not None else ""
        self.push_screen(LessonList(catalogue.entries(), current), self._wanted)

    def _wanted(self, lesson: Path | None) -> None:
        if lesson is not None and self._catalogue is not None:
            self._catalogue.chosen = lesson
            self.go_onward()

    # -- following -----------------------------------------------------------------------------------------

    def follow_lesson(self, batch: Batch) -> None:
        """Feeds the runner."""
        runner = self.runner
        if runner is not None and not self._faulty:
            self._safely(lambda: runner.feed(batch))

    def settle_lesson(self) -> None:
        """After all that happened was fed: begins what was waiting for that, and shows where it stands."""
        teller = self._teller
        if teller is None:
            self._welcome()
            return
        runner = teller.runner
        if self._then is not None:
            then, self._then = self._then, None
            self._safely(then)
        elif (
            runner.compiled_or_none is not None
            and runner.progress_or_none is None
            and self.state.ready
            and not self._placing
        ):
            if self._first_step:
                self._place(checkpoints.restore, runner.compiled_or_none, self._first_step)
            else:
                self._place(checkpoints.prepare, runner.compiled_or_none, 0)
        self.show_lesson()

    def _welcome(self) -> None:
        """Whoever has never begun a lesson is told, once, that there are some."""
        if self._welcomed or not self.state.ready:
            return
        self._welcomed = True
        if self._catalogue is not None and self._catalogue.is_first_visit and self.session.engine.live:
            self.tell(WELCOME, seconds=20)

    def show_lesson(self, *, own: bool = False) -> None:
        """Shows where the lesson stands; `own`: by what the learner did in it."""
        lab, teller = self.lab_screen, self._teller
        if lab is None or lab.tutor is None or teller is None or not lab.is_mounted:
            return
        tutor = lab.tutor
        time = self.session.time
        held = time is not None and not time.speed
        told = self._safely(lambda: teller.show(tutor, placing=self._placing, held=held))
        if told and not own and not self._placing:
            lab.bring_tutor()
            if not lab.tutor_seen:
                self.tell(f"{told}\n4 shows the tutor.")
        if teller.time_ran_out():
            self.tell("The time for this is over. Nothing is lost: go on until it is done.", seconds=10)
        lab.remind(teller.place(), teller.reminder())
        lab.hide_faults(self.faults_hidden, placing=self._placing)
        self._note(teller.runner)

    def _note(self, runner: LessonRunner) -> None:
        progress_file = self._progress_file
        if runner.progress_or_none is None or progress_file is None or runner.progress_or_none is self._noted:
            return
        self._noted = runner.progress_or_none
        self._safely(lambda: progress_file.save(runner))

    @property
    def kept(self) -> str:
        """What a learner who leaves before the end is told of the lesson."""
        runner = self.runner
        if (
            self._progress_file is None
            or runner is None
            or runner.progress_or_none is None
            or runner.progress_or_none.finished_at
        ):
            return ""
        engine = ("--engine sim",) if self.session.engine.name == "sim" else ()
        return KEPT.format(learn_command(runner.lesson, *engine))

    @property
    def _faulty(self) -> bool:
        return self._teller is not None and bool(self._teller.fault)

    def _safely(self, work: Callable[[], object]) -> str:
        """Does something for the lesson; a lesson that breaks in it is told of, and the lab goes on."""
        try:
            return str(work() or "")
        except LabError as error:
            self._broke(f"{error.message}. {error.hint}".rstrip())
        except Exception as error:  # noqa: BLE001 - a bad lesson must not end the lab; told on the screen
            self._broke(f"{type(error).__name__}: {error}")
        return ""

    def _broke(self, what: str) -> None:
        if self._teller is not None and not self._teller.fault:
            self._teller.fault = what
            self.tell(f"This lesson is at fault and cannot go on: {what}\nThe lab goes on.", "error", 15)

    def on_action_started(self, message: ActionStarted) -> None:
        """The tutor says it, where it is seen."""
        lab = self.lab_screen
        if lab is not None and lab.tutor_seen:
            message.prevent_default()

    # -- the lab into its place ----------------------------------------------------------------------------

    def _place(self, place: checkpoints.SetupFunction, course: CompiledLesson, step: int) -> None:
        """Puts the lab into a step's beginning without holding up the screen, then begins the step there."""

        def work() -> CheckpointReady:
            error: LabError | None = None
            try:
                place(self.session, course, step)
            except LabError as found:
                error = found
            except Exception as found:  # noqa: BLE001 - a thread's last resort: told on the screen, not lost
                error = LabError(f"the lab could not be put right: {found}")
            return CheckpointReady(step, place is checkpoints.prepare, error)

        self._placing, self._goal = True, step
        self._chosen = None
        if self.runner is not None and self._teller is not None and self.lab_screen is not None:
            self.runner.setting_up = True
            self._teller.come(step)
            self.lab_screen.hide_faults(self.faults_hidden, placing=True)
        run_in_background(self, work)

    def on_checkpoint_ready(self, message: CheckpointReady) -> None:
        """The step begins as soon as the runner has seen what was done."""
        if message.error is not None:
            self.tell(f"{message.error.message}. {message.error.hint}".rstrip(), "error", 10)
        self._then = lambda: self._begin(message.step, message.entered)

    def _begin(self, step: int, entered: bool) -> None:
        teller = self._teller
        self._placing = False
        if teller is None:
            return
        teller.runner.setting_up = False
        teller.begin()
        if self.lab_screen is not None:
            self.lab_screen.unsay(ONE_MOMENT)
        if entered and teller.runner.progress_or_none is not None:
            teller.runner.next_step()
        else:
            teller.runner.begin(step)
        self.show_lesson(own=True)

    # -- what the learner does -----------------------------------------------------------------------------

    def action_lesson(self, what: str) -> None:
        """Does what a key of a lesson says."""
        teller, lab = self._teller, self.lab_screen
        if teller is None or lab is None:
            return
        if what == "free":
            if lab.play_freely():
                self.tell("Free play: the lesson goes on unseen. v or 4 brings the tutor back.")
        elif teller.fault:
            self.tell(f"This lesson is at fault and cannot go on: {teller.fault}", "warning")
        elif teller.runner.progress_or_none is None or self._placing:
            self.tell(ONE_MOMENT, seconds=2)
        else:
            do = {
                "next": self._next,
                "hint": self._hint,
                "retry": self._retry,
                "back": self._back,
                "skip": self._skip,
                "mend": self._mend,
            }[what]
            self._safely(lambda: do(teller, teller.runner))
        self.show_lesson(own=True)

    def _next(self, teller: LessonPresenter, runner: LessonRunner) -> None:
        if teller.page == teller.end:
            if teller.following and teller.sure:
                runner.wants_next_lesson = True
                self.go_onward()
            elif teller.following:
                teller.sure = True
                self.tell(f"n again goes on to the next lesson: {teller.following}")
            else:
                self.tell("This was the last lesson. q leaves; until then the lab is yours.")
        elif teller.turn(1):
            pass
        elif runner.item is not None:
            self.tell("Not yet: something is still open in this step. S goes on without it.")
        elif teller.progress.finished_at is not None:
            teller.page = teller.end
        elif place := checkpoints.next_setup(teller.course, teller.progress):
            self._place(place, teller.course, teller.progress.step_index + 1)
        else:
            runner.next_step()

    def _hint(self, teller: LessonPresenter, runner: LessonRunner) -> None:
        item = runner.item
        if not isinstance(item, TaskItem):
            self.tell(NO_HINT[item.checked] if isinstance(item, QuestionItem) else "No task is open.")
            return
        before = teller.progress.tasks[item.id].hints
        runner.hint()
        if teller.progress.tasks[item.id].hints == before:
            self.tell("There are no more hints: the last one is the answer.")

    def _retry(self, teller: LessonPresenter, _runner: LessonRunner) -> None:
        step = min(teller.shown, teller.progress.step_index)
        if not teller.begun(step):
            self._place(checkpoints.restore, teller.course, step)
            return
        text = "What was answered and done from here on is open again, and the lab is put back."
        self.push_screen(
            ConfirmDialog(f"begin step {step + 1} anew", text, "begin anew"),
            lambda sure: self._place(checkpoints.restore, teller.course, step) if sure else None,
        )

    def _back(self, teller: LessonPresenter, _runner: LessonRunner) -> None:
        if not teller.turn(-1):
            self.tell("This is the first step.")

    def _skip(self, teller: LessonPresenter, runner: LessonRunner) -> None:
        if runner.item is None:
            self.tell("Nothing is open in this step: n goes on.")
        else:
            teller.page = None
            runner.skip()

    def _mend(self, teller: LessonPresenter, _runner: LessonRunner) -> None:
        cures = find_repairs(teller.progress, self.state)
        if cures:
            self.request(*cures)
        else:
            self.tell("Nothing is broken that this step has no use for.")

    def on_answer_submitted(self, message: AnswerSubmitted) -> None:
        runner, lab = self.runner, self.lab_screen
        if runner is None or lab is None or lab.tutor is None:
            return
        tutor = lab.tutor
        try:
            runner.answer(message.value)
        except UserError as error:
            tutor.refuse(f"{error.message}. {error.hint}".rstrip())
            return
        self.show_lesson(own=True)
        tutor.after_answer()

    def on_continue_requested(self, _: ContinueRequested) -> None:
        lab, runner = self.lab_screen, self.runner
        if lab is None or lab.tutor is None or runner is None:
            return
        if lab.tutor.question is not None:
            lab.tutor.take_keys()
        elif not isinstance(runner.item, TaskItem):
            self.action_lesson("next")
