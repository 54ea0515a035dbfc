"""From one lesson to another within the app: the next lab is made while the learner reads the last page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

from hatlab.errors import LabError
from hatlab.session import Session
from hatlab.tui.app.labs import LabOnScreen, LessonChoice, LessonLabs, SessionStart
from hatlab.tui.app.lesson import LessonApp
from hatlab.tui.background import attempt, run_in_background

if TYPE_CHECKING:
    from hatlab.tui.app.lesson import LessonOptions

GOING_ON = "The next lab is starting: one moment."


@dataclass
class LabMade(Message):
    """The lab of another lesson runs, or could not be made."""

    lesson: LessonChoice
    lab: tuple[LabOnScreen, SessionStart] | None = None
    """None if it was made before, or could not be."""
    error: LabError | None = None


@dataclass
class LabClosed(Message):
    """A lab that was shown before is gone, or could not be removed."""

    error: LabError | None = None


class NextLessonApp(LessonApp):
    """An app in which one lesson follows another.

    Args:
        lab: the first.
        labs: makes the labs of other lessons; without it the app shows only one lab.
        options: what lessons need.
    """

    def __init__(self, lab: LabOnScreen, labs: LessonLabs | None, options: LessonOptions) -> None:
        super().__init__(lab, options)
        self._labs = labs
        self._made: dict[LessonChoice, tuple[LabOnScreen, SessionStart]] = {}
        """Labs that run already and are not shown yet, by the lesson."""
        self._making: set[LessonChoice] = set()
        self._wanted: LessonChoice | None = None
        """The lesson that the learner goes on to as soon as its lab is made."""

    def use_lab(self, lab: LabOnScreen) -> None:
        super().use_lab(lab)
        self._looks_ahead = False
        """True once the lab of the next lesson was asked for."""

    async def enter_lab(self, lab: LabOnScreen, start: SessionStart) -> None:
        """Show another lab."""
        raise NotImplementedError

    # -- choosing a lesson ---------------------------------------------------------------------------------

    def action_lessons(self) -> None:
        """Open the list of lessons; choosing one ends this lab."""
        from hatlab.tui.screens.lesson_list import LessonList  # not on the first screen

        catalogue = self._catalogue
        if catalogue is None or self._labs is None:
            self.show_notice("To see the lessons, run `hatlab learn` in another terminal.")
            return
        self.clear_notifications()
        current = self.runner.lesson.id if self.runner is not None else ""
        self.push_screen(LessonList(catalogue.entries(), current), self._take_chosen)

    def _take_chosen(self, lesson: LessonChoice | None) -> None:
        if lesson is not None:
            self.go_to_lesson(lesson)

    def action_drill(self) -> None:
        """End this lab and take a drill."""
        if self._labs is None:
            self.show_notice("To start a drill, run `hatlab drill` in another terminal.")
            return
        text = "This lab ends, and a new one starts with something wrong in it. Find it, name it and fix it."
        self.confirm("take a drill?", text, "start it", lambda: self.go_to_lesson("drill"))

    def show_lesson(self, *, by_learner: bool = False) -> None:
        """Show where the lesson stands; on its last page, make the lab of the next one meanwhile."""
        super().show_lesson(by_learner=by_learner)
        presenter = self._presenter
        is_at_end = presenter is not None and presenter.page == presenter.end
        if is_at_end and self._next_lesson is not None and not self._looks_ahead:
            self._looks_ahead = True
            self.make_lab(self._next_lesson)

    def go_to_lesson(self, lesson: LessonChoice) -> None:
        """Show a lesson and its lab in place of what is shown, as soon as the lab is made."""
        if self._leaving:
            return
        self._wanted = lesson
        if lesson in self._made:
            self.post_message(LabMade(lesson))
            return
        self.show_notice(GOING_ON, seconds=30)
        self.make_lab(lesson)

    def make_lab(self, lesson: LessonChoice) -> None:
        """Make the lab of a lesson and start it, without showing it."""
        labs = self._labs
        if labs is None or lesson in self._made or lesson in self._making:
            return
        self._making.add(lesson)

        def make() -> LabMade:
            lab, error = attempt(lambda: labs.make(lesson), "the lab could not be made: ")
            return LabMade(lesson, (lab, SessionStart(lab.session)) if lab is not None else None, error)

        run_in_background(self, make)

    async def on_lab_made(self, message: LabMade) -> None:
        """Keep the lab, or show it if the learner waits for it."""
        self._making.discard(message.lesson)
        if message.lab is not None:
            self._made[message.lesson] = message.lab
        if self._leaving:
            self._close_labs_ahead()
        elif message.lesson == self._wanted:
            self._wanted = None
            if message.error is not None:
                self.show_error(message.error, "error", 15)
            else:
                await self._enter(message.lesson)

    async def _enter(self, lesson: LessonChoice) -> None:
        assert self._labs is not None
        lab, start = self._made.pop(lesson)
        before = self.session
        self._close_labs_ahead()
        await self.enter_lab(self._labs.enter(lab), start)
        self._close_in_background(before)

    # -- removing what is not shown any more ---------------------------------------------------------------

    def _close_labs_ahead(self) -> None:
        """Remove the labs that were made and are not to be shown."""
        for lab, _ in self._made.values():
            self._close_in_background(lab.session)
        self._made = {}

    def _close_in_background(self, session: Session) -> None:
        labs = self._labs
        if labs is not None:
            run_in_background(self, lambda: LabClosed(attempt(lambda: labs.close(session))[1]))

    def on_lab_closed(self, message: LabClosed) -> None:
        if message.error is not None:
            self.show_error(message.error, "error", 15)
