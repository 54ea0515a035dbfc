"""A lesson as plain text that plays itself, slowly enough to be read."""

from __future__ import annotations

import time
from collections.abc import Callable

from hatlab.errors import LabError
from hatlab.lessons.key_markup import render_for_screen
from hatlab.lessons.model import QuestionItem, TaskItem, WhatIfItem
from hatlab.lessons.play.action_player import ActionPlayer
from hatlab.lessons.play.answers import choice_texts
from hatlab.lessons.solution import format_step
from hatlab.lessons.templates import format_value
from hatlab.text.lesson import INTERVAL, TextLesson
from hatlab.text.markdown_text import format_text

READING_SPEED = 14.0
"""Characters a second that are left to read, as on the screen."""
_LONGEST_PAUSE = 6.0


class AutoTextLesson(TextLesson):
    """One lesson over text, as `TextLesson`: solutions are played, predictions guessed."""

    def _say(self, *texts: str, shape: Callable[[str, int | None], str] = format_text) -> None:
        super()._say(*texts, shape=shape)
        length = sum(len(render_for_screen(text)) for text in texts)
        self._watch(min(_LONGEST_PAUSE, length / READING_SPEED / 4))

    def _watch(self, seconds: float) -> None:
        end = self._now() + seconds
        while self._now() < end and not self._session.ended:
            self._update(INTERVAL)

    def _now(self) -> float:
        """Seconds of the lab; of a recording, which stands while it is looked at, real ones."""
        engine = self._session.engine
        return engine.now() if engine.live else time.monotonic()

    def _take_turn(self) -> bool:
        """Do what a learner would."""
        match self._runner.item:
            case QuestionItem() as item:
                answer = self._choose_answer(item)
                self._say(f"Answered: {answer}")
                self._runner.answer(answer)
            case TaskItem() as item:
                for step in item.task.solution:
                    self._say(f"> {format_step(step)}")
                solution = self._runner.compiled.tasks[item.id].solution
                player = ActionPlayer(self._session, fast=False)
                self._run_while_watching(lambda: player.play(solution))
                self._wait_until_done(item)
            case WhatIfItem() as item:
                self._see_futures(item)
            case _:
                self._watch(2.0)
                self._go_to_next_step()
        return True

    def _choose_answer(self, item: QuestionItem) -> str:
        """Return the right answer to a question; to a prediction the first choice, or 1.

        Raises:
            LabError: the right answer cannot be measured within ten seconds.
        """
        if not item.checked:
            return next(iter(choice_texts(item.question, self._values())), "1")
        question = self._runner.compiled.questions[item.id]
        end = self._now() + 10
        while self._now() < end:
            progress = self._runner.progress
            seen = progress.observe(self._runner.compiled, self._runner.state)
            earlier = progress.answers.get(item.id)
            value = question.right_answer(seen, progress.captures, earlier.found if earlier else ())
            if value is not None:
                return format_value(value, 6)
            self._update(INTERVAL)
        raise LabError(f"the answer to {item.id} cannot be measured", "run hatlab verify to see why")

    def _wait_until_done(self, item: TaskItem) -> None:
        """Watch until a task is done.

        Raises:
            LabError: its solution does not pass.
        """
        end = self._session.engine.now() + item.task.within
        while self._runner.item is item:
            if self._session.engine.now() > end or self._session.ended:
                raise LabError(
                    f"the solution of {item.id} does not pass here", "run hatlab verify to see why"
                )
            self._update(INTERVAL)
