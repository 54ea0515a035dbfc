"""A lesson beside the lab: the runner is fed what the screen is fed, the lab is put into each checkpoint.

What a learner's answers and keys do stands in `lesson_input`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from hatlab.errors import LabError
from hatlab.lessons.play.exam_texts import HOW_TO_GO_ON
from hatlab.session import Batch
from hatlab.state.model import NodeState
from hatlab.tui.app.labs import LabOnScreen, LessonChoice
from hatlab.tui.app.time_control import TimeControlApp
from hatlab.tui.background import attempt, run_in_background
from hatlab.tui.keys import key_of
from hatlab.tui.messages import ActionStarted, CheckpointReady

if TYPE_CHECKING:
    from hatlab.lessons.compile import CompiledLesson
    from hatlab.lessons.library.catalogue import Catalogue
    from hatlab.lessons.play import checkpoints
    from hatlab.lessons.play.progress import Progress
    from hatlab.lessons.play.runner import LessonRunner
    from hatlab.lessons.records.drill_file import DrillFile
    from hatlab.lessons.records.progress_file import ProgressFile
    from hatlab.tui.lesson.pane import TutorPane
    from hatlab.tui.lesson.presenter import LessonPresenter

ONE_MOMENT = "One moment: the lab is being set up for this step."
TIME_OVER = "Time is up. Nothing is lost: carry on until it is done."
WELCOME = """New here? Press {lessons} for the lessons: predict, break, see.
Or just play: {kill} kills mysqld, {cut} cuts the heartbeat, {undo} undoes it."""


class LessonOptions(TypedDict, total=False):
    """A lesson to lead through, and those that can be taken after it."""

    runner: LessonRunner | None
    step: int
    """To begin at."""
    following: str
    """The title of the next lesson, "" if there is none."""
    next_lesson: LessonChoice | None
    """That lesson."""
    progress_file: ProgressFile | None
    """Where progress is kept."""
    drill_file: DrillFile | None
    """Where a drill's result is kept."""
    facts_only: bool
    """What hatlab concludes is hidden until the learner asks for it."""
    catalogue: Catalogue
    """The lessons to choose from."""


class LessonApp(TimeControlApp):
    """An app that may lead through a lesson.

    Args:
        lab: with its lesson, if one is on.
        options: what lessons need.
    """

    def __init__(self, lab: LabOnScreen, options: LessonOptions) -> None:
        self._catalogue = options.get("catalogue")
        self._progress_file, self._drill_file = options.get("progress_file"), options.get("drill_file")
        super().__init__(lab)
        self.wants_facts_only = options.get("facts_only", False)
        self._unseen_warnings: list[str] = []
        """What was said before there was a screen, where it may have gone by."""
        for file in filter(None, (self._progress_file, self._drill_file)):
            self._unseen_warnings += file.said
            file.warn = lambda text: self.show_notice(text, "warning", 10)  # stderr would be drawn over it
        self._welcomed = False

    def use_lab(self, lab: LabOnScreen) -> None:
        super().use_lab(lab)
        runner, step = lab.runner, lab.step
        self.runner = runner
        self._next_lesson = lab.next_lesson
        self._presenter: LessonPresenter | None = None
        if runner is not None:
            from hatlab.tui.lesson.presenter import LessonPresenter  # not without a lesson

            self._presenter = LessonPresenter(runner, lab.following, step, self._drill_file, lab.record)
        self._first_step = step
        self._preparing = False
        """True while the lab is put into a step's beginning."""
        self._prepared_step = step
        """The step for which the lab was prepared last."""
        self._pending_begin: Callable[[], None] | None = None
        """Begins the prepared step once the runner was fed all that preparing it did."""
        self._saved: Progress | None = None

    def create_tutor(self) -> TutorPane | None:
        """Return the tutor of the lab's screen, None without a lesson."""
        if self.runner is None or self._presenter is None:
            return None
        from hatlab.tui.lesson.pane import TutorPane  # not on the first screen

        lesson = self.runner.lesson
        tutor = TutorPane(lesson.front.title, drill=lesson.is_drill)
        tutor.expects_number = self._presenter.expects_number
        return tutor

    @property
    def faults_hidden(self) -> bool:
        """True in a step with a hidden beginning, until the last of its tasks is over."""
        runner = self.runner
        if runner is None:
            return False
        step, item, progress = self._prepared_step, 0, runner.progress_or_none
        if progress is not None and not self._preparing:
            step, item = progress.step_index, progress.item_index
        return runner.lesson.steps[step].hides(item)

    def original_conf(self, node: NodeState) -> tuple[str, str]:
        progress = self.runner.progress_or_none if self.runner is not None else None
        if progress is None or node.name not in progress.initial_confs:
            return super().original_conf(node)
        return progress.initial_confs[node.name], "this step"

    @property
    def lesson_snippets(self) -> tuple[str, ...]:
        """Pieces of configuration in the prose of the learner's step."""
        progress = self.runner.progress_or_none if self.runner is not None else None
        if progress is None or self.runner is None:
            return ()
        from hatlab.lessons.format.markdown import fenced_code  # not without a lesson
        from hatlab.lessons.model import Prose

        prose = (i for i in self.runner.lesson.steps[progress.step_index].items if isinstance(i, Prose))
        return tuple(snippet for part in prose for snippet in fenced_code(part.text))

    @property
    def lesson_under_way(self) -> bool:
        """True between the beginning of a lesson and its end."""
        progress = self.runner.progress_or_none if self.runner is not None else None
        return progress is not None and progress.finished_at is None

    @property
    def how_to_resume(self) -> str:
        """How to go on with the lesson, for a learner who leaves before its end; "" otherwise."""
        runner = self.runner
        progress = runner.progress_or_none if runner is not None else None
        if self._progress_file is None or runner is None or progress is None or progress.finished_at:
            return ""
        if runner.exam is not None:
            return "" if runner.is_over else HOW_TO_GO_ON
        if runner.lesson.is_drill:  # nothing of one is kept before its end
            return ""
        from hatlab.lessons.library.loader import learn_command  # not without a lesson
        from hatlab.lessons.records.progress_file import KEPT

        name = self.session.engine.name
        engine = () if name in {"docker", "replay"} else (f"--engine {name}",)
        return KEPT.format(learn_command(runner.lesson, *engine))

    def on_action_started(self, message: ActionStarted) -> None:
        """Leave it to the tutor to say so, where it is seen."""
        lab = self.lab_screen
        if lab is not None and lab.tutor_visible:
            message.prevent_default()

    def action_glossary(self) -> None:
        """Open the glossary at the words of the lesson's page, or else of the pane that has the keys."""
        from hatlab.lessons.glossary import load_glossary
        from hatlab.tui.screens.glossary import GlossaryScreen  # not on the first screen

        folders = list(self._catalogue.library.folders) if self._catalogue is not None else []
        if self.runner is not None and self.runner.lesson.file:
            folders.insert(0, Path(self.runner.lesson.file).parent)
        try:
            glossary = load_glossary(folders)
        except LabError as error:
            self.show_error(error)
            return
        lab, page = self.lab_screen, self._presenter
        if page is not None and (lab is None or lab.tutor_visible):
            used_here = glossary.terms_in(page.page_text())
        else:
            used_here = glossary.terms_seen_in(lab.pane_with_keys if lab is not None else "map")
        self.push_screen(GlossaryScreen(glossary, used_here))

    def _welcome_once(self) -> None:
        """Tell whoever has never begun a lesson that there are some."""
        if self._welcomed or not self.state.ready:
            return
        self._welcomed = True
        if self._catalogue is not None and self._catalogue.is_first_visit and self.session.engine.live:
            ids = {"lessons": "app.lessons", "kill": "lab.kill", "cut": "lab.cut", "undo": "lab.undo"}
            self.show_notice(WELCOME.format(**{word: key_of(name) for word, name in ids.items()}), seconds=20)

    # -- feeding the runner and showing where it stands ----------------------------------------------------

    def feed_lesson(self, batch: Batch) -> None:
        """Feed the runner."""
        runner = self.runner
        if runner is not None and self._presenter is not None and not self._presenter.failure:
            self.run_guarded(lambda: runner.feed(batch))

    def advance_lesson(self) -> None:
        """Once the runner was fed, begin the step that waits for that, and show where the lesson stands."""
        if self._presenter is None:
            self._welcome_once()
            return
        runner = self._presenter.runner
        if self._pending_begin is not None:
            begin, self._pending_begin = self._pending_begin, None
            self.run_guarded(begin)
        elif (
            runner.compiled_or_none is not None
            and runner.progress_or_none is None
            and self.state.ready
            and not self._preparing
        ):
            from hatlab.lessons.play import checkpoints  # not without a lesson

            setup = checkpoints.restore if self._first_step else checkpoints.prepare
            self._prepare_step(setup, runner.compiled_or_none, self._first_step)
        self.show_lesson()

    def show_lesson(self, *, by_learner: bool = False) -> None:
        """Show where the lesson stands; `by_learner`: a key or an answer moved it, not what the lab did."""
        lab, presenter = self.lab_screen, self._presenter
        if lab is None or lab.tutor is None or presenter is None or not lab.is_mounted:
            return
        tutor = lab.tutor
        time = self.session.time
        held = time is not None and not time.speed
        taken, looking = lab.enter_opens_selected, self.viewed_moment is not None
        news = self.run_guarded(
            lambda: presenter.update(
                tutor, preparing=self._preparing, held=held, enter_taken=taken, looking=looking
            )
        )
        if news and not by_learner and not self._preparing:
            lab.bring_tutor_to_front()
            if not lab.tutor_visible:
                self.show_notice(f"{news}\nPress {key_of('view.tab-4')} to show the tutor.")
        if presenter.time_ran_out():
            self.show_notice(TIME_OVER, seconds=10)
        lab.show_lesson_position(
            presenter.page_title(), presenter.open_item(), presenter.open_item(brief=True)
        )
        lab.show_needed_keys(presenter.needed_keys())
        tutor.allow_keys(presenter.needed_keys())
        lab.hide_faults(self.faults_hidden, preparing=self._preparing)
        self._save_progress(presenter.runner)

    def _save_progress(self, runner: LessonRunner) -> None:
        progress, progress_file = runner.progress_or_none, self._progress_file
        if progress is None or progress_file is None:
            return
        if progress is self._saved:
            progress_file.try_again()
            return
        self._saved = progress
        self.run_guarded(lambda: progress_file.save(runner))

    def run_guarded(self, work: Callable[[], object]) -> str:
        """Do something for the lesson and return its text, if any. If the lesson breaks, the lab goes on."""
        try:
            return str(work() or "")
        except LabError as error:
            self._give_lesson_up(error.in_one_line)
        except Exception as error:  # noqa: BLE001 - a bad lesson must not end the lab; told on the screen
            self._give_lesson_up(f"{type(error).__name__}: {error}")
        return ""

    def _give_lesson_up(self, reason: str) -> None:
        if self._presenter is not None and not self._presenter.failure:
            self._presenter.failure = reason
            if threading.current_thread() is threading.main_thread():  # in a shell the tutor says it later
                self.show_notice(
                    f"This lesson has a fault and cannot continue: {reason}\nThe lab keeps running.",
                    "error",
                    15,
                )

    # -- putting the lab into a step's checkpoint ----------------------------------------------------------

    def _prepare_step(self, setup: checkpoints.SetupFunction, lesson: CompiledLesson, step: int) -> None:
        """Put the lab into a step's beginning without holding up the screen, then begin the step."""

        from hatlab.lessons.play import checkpoints  # not without a lesson

        session = self.session

        def set_up_lab() -> CheckpointReady:
            work = partial(setup, session, lesson, step)
            _, error = attempt(work, "the lab could not be set up for this step: ")
            return CheckpointReady(lesson, step, setup is checkpoints.prepare, error)

        self.withdraw_answers()  # the step is shown from now on, and its keys are answered
        self._preparing, self._prepared_step = True, step
        self._chosen_node = None
        if self._presenter is not None and self.lab_screen is not None:
            self._presenter.runner.setting_up = True
            self._presenter.announce_step(step)
            self.lab_screen.hide_faults(self.faults_hidden, preparing=True)
        run_in_background(self, set_up_lab)

    def on_checkpoint_ready(self, message: CheckpointReady) -> None:
        """Begin the step as soon as the runner has seen what was done; unless another lesson is on by now."""
        if self.runner is None or message.lesson is not self.runner.compiled_or_none:
            return
        if message.error is not None:
            self.show_error(message.error, "error", 10)
        self._pending_begin = lambda: self._begin_step(message.step, message.entered)

    def show_step_begun(self) -> None:
        """Show the tutor, and the lab as it is now: a new step is about neither another pane nor the past."""
        self.withdraw_notice(ONE_MOMENT)
        if self.lab_screen is not None:
            self.lab_screen.bring_tutor_to_front()
            self.lab_screen.follow_lists()
            if self.lab_screen.viewed_moment is not None:
                self.lab_screen.show_moment(None, self.state)

    def _begin_step(self, step: int, entered: bool) -> None:
        self._preparing = False
        if self._presenter is None:
            return
        runner = self._presenter.runner
        runner.setting_up = False
        self._presenter.begin_step()
        if entered and runner.progress_or_none is not None:
            runner.next_step()
        else:
            runner.begin(step)
        self.show_step_begun()
        self.show_lesson(by_learner=True)
        self.call_after_refresh(self.hand_out_keys)
