"""A drill in the app: what is refused and counted while it is under way, and what becomes of its result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hatlab.actions import Action
from hatlab.engine.base import TimeControl
from hatlab.tui.app.lesson_input import LessonInputApp
from hatlab.tui.keys import key_of

if TYPE_CHECKING:
    from hatlab.lessons.play.drill_runner import DrillRunner
    from hatlab.lessons.play.runner import LessonRunner
    from hatlab.tui.lesson.presenter import LessonPresenter

NO_HINTS = "A drill has no hints: look at packets, log, files and the shell. Press {key} to give up."
NO_RESET = "A drill has no reset: fix the lab by hand. Press {key} to start the incident again."
UNTIL_SOLVED = "Until you solve this drill you see only facts, and nothing is explained."
NO_TIME_TRAVEL = "The clock of a drill cannot be paused. You can still look at past moments in the timeline."
GIVE_UP = "You will see the cause, and how an expert would have found it."


class DrillApp(LessonInputApp):
    """An app that may run a drill."""

    _saved_result = False

    @property
    def drill(self) -> DrillRunner | None:
        """The drill that is on; None without one."""
        if self.runner is None:
            return None
        from hatlab.lessons.play.drill_runner import DrillRunner  # not without a lesson

        return self.runner if isinstance(self.runner, DrillRunner) else None

    @property
    def drill_under_way(self) -> bool:
        """True until the drill is solved or given up."""
        return self.drill is not None and not self.drill.is_over

    @property
    def facts_only(self) -> bool:
        return super().facts_only or self.drill_under_way

    @property
    def why_facts_only(self) -> str:
        return UNTIL_SOLVED if self.drill_under_way else super().why_facts_only

    def note_look(self, what: str) -> None:
        if self.runner is not None:
            self.runner.note_look(what)

    # -- what is counted -----------------------------------------------------------------------------------

    def action_edit(self) -> None:
        self.note_look(f"conf {self.target}")
        super().action_edit()

    # -- what is refused -----------------------------------------------------------------------------------

    def request_actions(self, *actions: Action) -> None:
        if self.drill_under_way and Action("reset") in actions:
            self.show_notice(NO_RESET.format(key=key_of("lesson.retry")))
            return
        for action in actions:
            self.note_look(str(action))
        super().request_actions(*actions)

    def _settable_time(self) -> TimeControl | None:
        if self.drill_under_way:
            self.show_notice(NO_TIME_TRAVEL)
            return None
        return super()._settable_time()

    def _give_hint(self, presenter: LessonPresenter, runner: LessonRunner) -> None:
        if self.drill is not None:
            self.show_notice(NO_HINTS.format(key=key_of("lesson.skip")))
        else:
            super()._give_hint(presenter, runner)

    def _skip_item(self, presenter: LessonPresenter, runner: LessonRunner) -> None:
        if self.drill is None:
            super()._skip_item(presenter, runner)
        elif self.drill_under_way:
            self.confirm("give up?", GIVE_UP, "give up", self._give_up)

    def _give_up(self) -> None:
        if self.drill is not None:
            self.drill.give_up()
            self.show_lesson(by_learner=True)

    # -- the end -------------------------------------------------------------------------------------------

    def show_lesson(self, *, by_learner: bool = False) -> None:
        drill, presenter = self.drill, self._presenter
        if drill is not None and presenter is not None:
            if not drill.is_over:
                self._saved_result = False
            elif not self._saved_result:
                self._saved_result = True
                if self._drill_file is not None:
                    self._drill_file.save(drill.lesson, drill.result())
                presenter.page = presenter.end
                if self.lab_screen is not None:
                    self.lab_screen.bring_tutor_to_front()
        super().show_lesson(by_learner=by_learner)
        if drill is not None:
            self.update_facts_only()

    def update_facts_only(self) -> None:
        """Bring the screen up to date with whether conclusions are hidden."""
        raise NotImplementedError
