"""An exam in the app: what is refused in it, and what becomes of it when its time is up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hatlab.engine.base import TimeControl
from hatlab.lessons.play.exam_texts import (
    FACTS_ONLY,
    NO_HINTS,
    NO_OTHER_LESSON,
    NO_RESTART,
    NO_TIME_TRAVEL,
    TIME_IS_UP,
)
from hatlab.tui.app.drill import DrillApp
from hatlab.tui.app.labs import LessonChoice

if TYPE_CHECKING:
    from hatlab.lessons.play.runner import LessonRunner
    from hatlab.tui.lesson.presenter import LessonPresenter


class ExamApp(DrillApp):
    """An app in which a lesson or a drill may be an exam."""

    _exam_end_shown = False
    """True once the page that says that its time is up was shown."""

    @property
    def exam_under_way(self) -> bool:
        """True in an exam, until it is over."""
        return self.runner is not None and self.runner.exam is not None and not self.runner.is_over

    @property
    def facts_only(self) -> bool:
        return super().facts_only or self.exam_under_way

    @property
    def why_facts_only(self) -> str:
        return FACTS_ONLY if self.exam_under_way else super().why_facts_only

    # -- what is refused -----------------------------------------------------------------------------------

    def _settable_time(self) -> TimeControl | None:
        if self.exam_under_way:
            self.show_notice(NO_TIME_TRAVEL)
            return None
        return super()._settable_time()

    def _give_hint(self, presenter: LessonPresenter, runner: LessonRunner) -> None:
        if runner.exam is not None:
            self.show_notice(NO_HINTS)
        else:
            super()._give_hint(presenter, runner)

    def _retry_step(self, presenter: LessonPresenter, runner: LessonRunner) -> None:
        if runner.exam is not None:
            self.show_notice(NO_RESTART)
        else:
            super()._retry_step(presenter, runner)

    def action_lessons(self) -> None:
        if self._refuses_other_lessons():
            return
        super().action_lessons()

    def action_drill(self) -> None:
        if self._refuses_other_lessons():
            return
        super().action_drill()

    def _refuses_other_lessons(self) -> bool:
        """Say, in an exam, that nothing else can be taken."""
        is_exam = self.runner is not None and self.runner.exam is not None
        if is_exam:
            self.show_notice(NO_OTHER_LESSON)
        return is_exam

    def go_to_lesson(self, lesson: LessonChoice) -> None:
        if not self._refuses_other_lessons():
            super().go_to_lesson(lesson)

    # -- the end -------------------------------------------------------------------------------------------

    def show_lesson(self, *, by_learner: bool = False) -> None:
        runner, presenter = self.runner, self._presenter
        self.end_exam_in_time()
        if runner is not None and runner.exam is not None and runner.exam.is_over and presenter is not None:
            self._show_end(presenter)
        super().show_lesson(by_learner=by_learner)
        if runner is not None and runner.exam is not None:
            self.update_facts_only()

    def end_exam_in_time(self) -> bool:
        """End the exam if its time is up; return True if it was ended just now. Any thread."""
        runner = self.runner
        if not self.exam_under_way or runner is None or runner.progress_or_none is None:
            return False
        if runner.exam is None or runner.exam.seconds_left:
            return False
        runner.end_exam()
        return True

    def _show_end(self, presenter: LessonPresenter) -> None:
        if self._exam_end_shown:
            return
        self._exam_end_shown = True
        self.show_notice(TIME_IS_UP, seconds=15)
        presenter.page = presenter.end
        if self.lab_screen is not None:
            self.lab_screen.bring_tutor_to_front()
