"""What a teacher asks of the app: to show a line, and to hold still while everybody looks up."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from hatlab.lessons.play.exam_texts import TIME_IS_UP
from hatlab.teacher import RESTARTED, TeacherLink
from hatlab.tui.app.exam import ExamApp
from hatlab.tui.app.labs import LabOnScreen
from hatlab.tui.app.shell_company import following_in_shell
from hatlab.tui.screens.frozen import FrozenScreen
from hatlab.tui.widgets.notice_line import Notice

if TYPE_CHECKING:
    from hatlab.lessons.play.lesson_report import LessonReporter


class TaughtApp(ExamApp):
    """An app that a teacher may speak to. One link serves all labs of the app, one after the other."""

    _teacher: TeacherLink | None = None
    _reporter: LessonReporter | None = None
    _frozen_screen: FrozenScreen | None = None

    def use_lab(self, lab: LabOnScreen) -> None:
        super().use_lab(lab)
        self._in_shell = threading.Lock()
        """Held while the lesson is fed, or told of a line, in a shell: they come from two threads."""
        if self._teacher is None:
            self._teacher = lab.session.teacher
        lab.session.teacher = self._teacher
        self._teacher.attended = True
        self._reporter = None
        if lab.runner is not None:
            from hatlab.lessons.play.lesson_report import LessonReporter  # not without a lesson

            self._reporter = LessonReporter(lab.session, lab.runner)

    def follow_teacher(self) -> None:
        """Show what a teacher says, and hold still or go on as the teacher asks."""
        frozen = self.session.follow_teacher()
        if self._reporter is not None:
            self._reporter.follow(frozen)
        if len(self.screen_stack) < 2:
            return  # the first screen is empty, and goes
        for text in (*self._unseen_warnings, *map(str, self.session.teacher.take_lines())):
            self.show_line(text)
        self._unseen_warnings.clear()
        self.keep_line_shown()
        self._restart_if_asked()
        self._hold_keys(frozen)

    def _restart_if_asked(self) -> None:
        """Let the step under way start over, as the learner's own key does."""
        runner, preparing = self.runner, self._preparing
        if runner is None or runner.progress_or_none is None or preparing or self.lab_screen is None:
            return
        if self.session.teacher.take_restart():
            from hatlab.lessons.play import checkpoints  # not without a lesson

            self._prepare_step(checkpoints.restore, runner.compiled, runner.progress.step_index)
            self.show_line(RESTARTED)

    def company_in_shell(self) -> AbstractContextManager[object]:
        return following_in_shell(self._follow_in_shell)

    def _follow_in_shell(self) -> tuple[str | None, list[str]]:
        """Follow the lab, the lesson and the teacher while a shell has the terminal."""
        with self._in_shell:
            self.drain_unseen()
            frozen = self.session.follow_teacher()
            if self._reporter is not None:
                self._reporter.follow(frozen)
            lines = [str(line) for line in self.session.teacher.take_lines()]
            self.notices += [Notice(line, "warning", self.state.at, 0) for line in lines]
            return frozen, [*lines, *([TIME_IS_UP] if self.end_exam_in_time() else [])]

    def note_look(self, what: str) -> None:
        with self._in_shell:
            super().note_look(what)

    def drain_unseen(self) -> None:
        """Hand what came to the lesson alone, and keep it for the screens."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While everybody looks up no key does anything, Ctrl+Q included."""
        if self.screen_stack and self.screen is self._frozen_screen:
            return False
        return super().check_action(action, parameters)

    @property
    def keys_are_held(self) -> bool:
        """True while a screen takes every key; no other may come over it."""
        return self._frozen_screen is not None and self._frozen_screen in self.screen_stack

    def _hold_keys(self, frozen: str | None) -> None:
        """Put a screen over all others that takes every key, or take it away."""
        shown = self._frozen_screen
        if self._leaving:
            return
        if frozen is None:
            if shown is not None and self.screen is shown:
                self._frozen_screen = None
                self.pop_screen()
        elif shown is None or not self.keys_are_held:
            self._frozen_screen = FrozenScreen(frozen, clock_stands=self.session.time is not None)
            self.push_screen(self._frozen_screen)
        else:
            shown.text = frozen
