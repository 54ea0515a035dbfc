"""Where an answer goes, and what the keys of a lesson do: next, hint, retry, back, skip, fix, free."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from textual import events

from hatlab.errors import UserError
from hatlab.tui.app.labs import LabOnScreen
from hatlab.tui.app.lesson import ONE_MOMENT
from hatlab.tui.app.next_lesson import NextLessonApp
from hatlab.tui.background import attempt, run_in_background
from hatlab.tui.commands import COMMANDS
from hatlab.tui.keys import key_of

if TYPE_CHECKING:
    from hatlab.lessons.model import WhatIfItem
    from hatlab.lessons.play.progress import Futures
    from hatlab.lessons.play.runner import LessonRunner
    from hatlab.tui.lesson.answer_input import AnswerSubmitted
    from hatlab.tui.lesson.presenter import LessonPresenter
from hatlab.tui.messages import FuturesPlayed, TypedAhead

NO_HINT = {
    False: "A prediction needs no hint: guess, and the lab will show you.",
    True: "Questions have no hints: look at the lab. A wrong answer tells you where to look.",
}
"""What is said instead of a hint to a question, by whether it is checked at once."""

LAB_SCREEN_ACTIONS = {command.app_action.partition("(")[0] for command in COMMANDS} - {
    "command_palette",
    "drill",
    "glossary",
    "help",
    "leave",
    "lessons",
    "theme",
    "themes",
}
"""What keys do that is of no use before the lab is on the screen."""


class LessonInputApp(NextLessonApp):
    """An app in which a learner answers questions and goes through the steps of a lesson."""

    def use_lab(self, lab: LabOnScreen) -> None:
        super().use_lab(lab)
        self._typed_ahead = ""
        """What was typed of a number before its question was there."""

    def check_action(self, action: str, _parameters: tuple[object, ...]) -> bool | None:
        """Some keys mean one thing in a lesson and another in a recording; none acts on an unseen lab."""
        if self.lab_screen is None and self.runner is not None and action in LAB_SCREEN_ACTIONS:
            return False
        if action in {"lesson", "answer"}:
            return self.runner is not None
        return action != "ahead" or self.runner is None

    def holds_back(self, event: events.Key | events.Paste) -> bool:
        """Keys for a step's question or task wait for it while the lab is being set up for the step."""
        if super().holds_back(event):
            return True
        lab = self.lab_screen
        if not self._preparing or lab is None or self.screen is not lab or not lab.tutor_visible:
            return False
        keys = {key_of("lesson.answer").lower(), key_of("lesson.hint")}
        return isinstance(event, events.Key) and event.key in keys and not lab.enter_opens_selected

    def on_answer_submitted(self, message: AnswerSubmitted) -> None:
        """Give the runner an answer; if it can be none, the tutor says so."""
        runner, lab = self.runner, self.lab_screen
        if runner is None or lab is None or lab.tutor is None:
            return
        tutor = lab.tutor
        try:
            runner.answer(message.value)
        except UserError as error:
            tutor.reject_answer(error.in_one_line)
            return
        self.show_lesson(by_learner=True)
        tutor.focus_after_answer()

    def on_typed_ahead(self, message: TypedAhead) -> None:
        """Keep what was typed for the question that is about to open."""
        self._typed_ahead += message.character

    def show_lesson(self, *, by_learner: bool = False) -> None:
        """Show where the lesson stands, and type into its question what was typed before it was there."""
        super().show_lesson(by_learner=by_learner)
        tutor = self.lab_screen.tutor if self.lab_screen is not None else None
        if tutor is None or tutor.expects_number or not self._typed_ahead:
            return
        characters, self._typed_ahead = self._typed_ahead, ""
        field = tutor.number_field
        if field is not None:
            for character in characters:
                field.type_from_elsewhere(character)

    def action_answer(self) -> None:
        """Go to the open question, see both futures of a what-if, or go on if nothing is open."""
        lab, runner = self.lab_screen, self.runner
        if lab is None or lab.tutor is None or runner is None:
            return
        from hatlab.lessons.model import TaskItem, WhatIfItem  # not without a lesson

        if lab.tutor.open_question is not None:
            lab.show_pane("tutor")
        elif isinstance(runner.item, WhatIfItem):
            self._play_futures(runner, runner.item)
        elif not isinstance(runner.item, TaskItem):
            self.action_lesson("next")

    def _play_futures(self, runner: LessonRunner, item: WhatIfItem) -> None:
        """Play both futures of a what-if without holding up the screen."""
        presenter = self._presenter
        if presenter is None or presenter.failure or presenter.playing_futures or self._preparing:
            return

        def play() -> FuturesPlayed:
            futures, error = attempt(runner.play_futures, "the futures could not be played: ")
            return FuturesPlayed(item, futures, error)

        presenter.page, presenter.playing_futures = None, True
        run_in_background(self, play)
        self.show_lesson(by_learner=True)

    def on_futures_played(self, message: FuturesPlayed) -> None:
        """Show both futures, unless the learner is elsewhere by now."""
        presenter = self._presenter
        if presenter is None:
            return
        presenter.playing_futures = False
        if message.error is not None:
            self.show_error(message.error, "error", 10)
        elif message.futures is not None and presenter.runner.item is message.item:
            presenter.runner.show_futures(replace(message.futures, run=None))
            self._show_run(message.item, message.futures)
        self.show_lesson(by_learner=True)

    def _show_run(self, item: WhatIfItem, futures: Futures) -> None:
        """Lay both futures over one another, unless another screen has the keys by now."""
        from hatlab.lessons.play.futures import compare_futures  # not without a lesson
        from hatlab.tui.screens.futures import FuturesScreen

        if futures.run is not None and self.screen is self.lab_screen:
            self.push_screen(FuturesScreen(futures.run, compare_futures(item.what_if, futures)))

    def action_back_out(self) -> None:
        """Go back one level: from a past moment to now, from a filter, another pane or page to the lesson."""
        presenter, lab = self._presenter, self.lab_screen
        if self.viewed_moment is not None:
            self.action_live()
        elif lab is not None and lab.back_out():
            pass
        elif presenter is not None and presenter.page is not None:
            presenter.page = None
            self.show_lesson(by_learner=True)

    def action_lesson(self, key: str) -> None:
        """Do what a key of a lesson says."""
        presenter, lab = self._presenter, self.lab_screen
        if presenter is None or lab is None:
            return
        if key == "free":
            if lab.toggle_free_play():
                self.show_notice(
                    f"Free play: the lesson continues in the background. Press {key_of('lesson.free')} or "
                    f"{key_of('view.tab-4')} to bring the tutor back."
                )
        elif presenter.failure:
            self.show_notice(f"This lesson has a fault and cannot continue: {presenter.failure}", "warning")
        elif presenter.runner.progress_or_none is None or self._preparing:
            self.show_notice(ONE_MOMENT, seconds=2)
        else:
            handle = {
                "next": self._go_on,
                "hint": self._give_hint,
                "retry": self._retry_step,
                "back": self._turn_back,
                "skip": self._skip_item,
                "fix": self._fix_side_effects,
            }[key]
            self.run_guarded(lambda: handle(presenter, presenter.runner))
        self.show_lesson(by_learner=True)

    def _go_on(self, presenter: LessonPresenter, runner: LessonRunner) -> None:
        """Turn the page, go to the next step, to the page at the end or to the next lesson."""
        from hatlab.lessons.play import checkpoints  # not without a lesson

        at_end = presenter.page == presenter.end
        if self._show_more_of_page(presenter):
            pass
        elif at_end:
            self._leave_end_page(presenter)
        elif presenter.turn_page(1):
            pass
        elif runner.item is not None:
            self.show_notice(_still_open(runner))
        elif runner.progress.finished_at is not None:
            presenter.page = presenter.end
        elif setup := checkpoints.next_setup(runner.compiled, runner.progress):
            self._prepare_step(setup, runner.compiled, runner.progress.step_index + 1)
        else:
            self.withdraw_answers()
            runner.next_step()
            self.show_step_begun()

    def _show_more_of_page(self, presenter: LessonPresenter) -> bool:
        """Scroll to what the learner has not seen of the newest page. Return False if there is no more."""
        tutor = self.lab_screen.tutor if self.lab_screen is not None else None
        if presenter.page not in (None, presenter.end) or tutor is None or not tutor.text.has_more_below:
            return False
        if tutor.answering and not presenter.runner.lesson.is_drill:
            return False
        tutor.text.show_more()
        return True

    def _leave_end_page(self, presenter: LessonPresenter) -> None:
        if self._next_lesson is not None and presenter.leaving_announced:
            self.go_to_lesson(self._next_lesson)
        elif presenter.following:
            presenter.leaving_announced = True
            self.show_notice(f"Press {key_of('lesson.next')} again to start the next lesson.")
        else:
            self.show_notice(
                f"This was the last lesson. Press {key_of('app.quit')} to leave; until then the lab is yours."
            )

    def _give_hint(self, _presenter: LessonPresenter, runner: LessonRunner) -> None:
        from hatlab.lessons.model import QuestionItem, TaskItem, WhatIfItem  # not without a lesson

        item = runner.item
        if not isinstance(item, TaskItem):
            self.show_notice(
                NO_HINT[item.checked]
                if isinstance(item, QuestionItem)
                else f"Press {key_of('lesson.answer')} to see both futures; there is nothing to work out."
                if isinstance(item, WhatIfItem)
                else "No task is open, so there is nothing to hint at."
            )
            return
        before = runner.progress.tasks[item.id].hints
        runner.hint()
        if runner.progress.tasks[item.id].hints == before:
            self.show_notice("There are no more hints: the last one was the answer.")

    def _retry_step(self, presenter: LessonPresenter, runner: LessonRunner) -> None:
        from hatlab.lessons.play import checkpoints  # not without a lesson

        step = max(0, min(presenter.shown_page, runner.progress.step_index))
        restore = partial(self._prepare_step, checkpoints.restore, runner.compiled, step)
        if not presenter.was_worked_on(step):
            restore()
            return
        if runner.lesson.is_drill:
            text = "What you named is cleared, the lab is broken again, and the clock starts at 0:00."
            self.confirm("start this drill again?", text, "start again", restore)
            return
        text = "Your answers from here on are cleared and the lab is reset."
        self.confirm(f"restart step {step + 1}?", text, "restart", restore)

    def _turn_back(self, presenter: LessonPresenter, _runner: LessonRunner) -> None:
        if not presenter.turn_page(-1):
            self.show_notice("This is the beginning.")

    def _skip_item(self, presenter: LessonPresenter, runner: LessonRunner) -> None:
        if runner.item is None:
            self.show_notice(f"Nothing is open in this step. Press {key_of('lesson.next')} to continue.")
        else:
            presenter.page = None
            runner.skip()

    def _fix_side_effects(self, _presenter: LessonPresenter, runner: LessonRunner) -> None:
        from hatlab.lessons.play.side_effects import find_repairs  # not without a lesson

        repairs = find_repairs(runner.progress, self.state)
        if repairs:
            self.request_actions(*repairs)
        else:
            self.show_notice(
                "You did nothing that this step does not need. "
                f"Press {key_of('lab.undo')} to fix the latest fault."
            )


def _still_open(runner: LessonRunner) -> str:
    """Say what is to be done before the step goes on, in few words: an alarm may stand beside it."""
    from hatlab.lessons.model import QuestionItem, WhatIfItem  # not without a lesson

    if runner.lesson.is_drill:
        return f"Not yet: solve this drill, or press {key_of('lesson.skip')} to give up."
    match runner.item:
        case QuestionItem():
            return f"Not yet: answer first, or press {key_of('lesson.skip')} to skip."
        case WhatIfItem():
            return f"Not yet: press {key_of('lesson.answer')} first, or {key_of('lesson.skip')} to skip."
        case _:
            return f"Not yet: do the task first, or press {key_of('lesson.skip')} to skip."
