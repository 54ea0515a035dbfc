"""A lesson as plain text that plays itself, slowly enough to be read."""

from __future__ import annotations

from collections.abc import Callable

from hatlab.errors import LabError
from hatlab.lessons.compile import right_answer
from hatlab.lessons.conditions.measures import Observation
from hatlab.lessons.conditions.notation import format_step
from hatlab.lessons.conditions.trace import Trace
from hatlab.lessons.key_markup import render_for_screen
from hatlab.lessons.model import QuestionItem, TaskItem
from hatlab.lessons.play.action_player import ActionPlayer
from hatlab.lessons.play.answers import choice_texts
from hatlab.lessons.templates import format_value
from hatlab.text.lesson import LOOK, TextLesson
from hatlab.text.markdown_text import format_text

READING = 14.0
"""Characters a second that a demonstration leaves to read; at most `PATIENCE` seconds."""
PATIENCE = 6.0


class AutoTextLesson(TextLesson):
    """One lesson over text, as `TextLesson`: solutions are played, predictions guessed."""

    def _say(self, *texts: str, shape: Callable[[str, int | None], str] = format_text) -> None:
        super()._say(*texts, shape=shape)
        self._watch(min(PATIENCE, sum(len(render_for_screen(text)) for text in texts) / READING / 4))

    def _watch(self, seconds: float) -> None:
        ends = self._session.engine.now() + seconds
        while self._session.engine.now() < ends and not self._session.ended:
            self._look(LOOK)

    def _go_on(self) -> bool:
        """Does what a learner would."""
        item = self._runner.item
        if isinstance(item, QuestionItem):
            answer = self._some_answer(item)
            self._say(f"Answered: {answer}")
            self._runner.answer(answer)
        elif isinstance(item, TaskItem):
            ready = self._runner.compiled.tasks[item.id]
            for deed in item.task.solution:
                self._say(f"> {format_step(deed)}")
            player = ActionPlayer(self._session, fast=False)
            self._act(lambda: player.play(ready.solution))
            self._await(item)
        else:
            self._watch(2.0)
            self._next()
        return True

    def _some_answer(self, item: QuestionItem) -> str:
        """The right one to a question; to a prediction the first choice, or none."""
        if not item.checked:
            return next(iter(choice_texts(item.question, self._values())), "1")
        posed = self._runner.compiled.questions[item.id]
        ends = self._session.engine.now() + 10
        while self._session.engine.now() < ends:
            progress = self._runner.progress
            task = progress.current_task(self._runner.compiled)
            at = self._runner.state.at
            trace = progress.tasks[task.id].trace if task else Trace(at, last=progress.last_adverts)
            value = right_answer(posed, Observation(self._runner.state, trace), progress.captures)
            if value is not None:
                return format_value(value, 6)
            self._look(LOOK)
        raise LabError(f"the answer to {item.id} cannot be measured", "hatlab verify tells more")

    def _await(self, item: TaskItem) -> None:
        """Until a task is done.

        Raises:
            LabError: its solution does not pass.
        """
        ends = self._session.engine.now() + item.task.within
        while self._runner.item is item:
            if self._session.engine.now() > ends or self._session.ended:
                raise LabError(f"the solution of {item.id} does not pass here", "hatlab verify tells more")
            self._look(LOOK)
