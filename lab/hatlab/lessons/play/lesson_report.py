"""Where a lesson stands, as a teacher is told: what is open, for how long, hints, tries, predictions."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from hatlab.lessons.conditions.trace import Value
from hatlab.lessons.key_markup import render_for_screen
from hatlab.lessons.model import Item, Question, QuestionItem, TaskItem, WhatIfItem
from hatlab.lessons.play.answers import choice_texts
from hatlab.lessons.play.drill_runner import DrillRunner
from hatlab.lessons.play.progress import Progress
from hatlab.lessons.play.runner import LessonRunner
from hatlab.lessons.templates import format_value, render
from hatlab.session import Session
from hatlab.state.health import find_health


class LessonReporter:
    """Tells a teacher where a lesson stands. Whoever leads through it calls `follow` again and again.

    Args:
        session: of the lab; its teacher link is told from now on.
        runner: of the lesson.
        clock: seconds of real time: a lab's own may stand, or run fast.
    """

    def __init__(
        self, session: Session, runner: LessonRunner, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._session, self._runner, self._clock = session, runner, clock
        self._open: object = None
        """What the learner is at."""
        self._open_for = 0.0
        """Seconds that it has been open up to `_looked`."""
        self._looked = clock()
        self._is_frozen = False
        session.teacher.report = self.report
        session.teacher.attended = True

    def follow(self, frozen: str | None) -> None:
        """Look where the learner is; the time while everybody looks up counts for nothing."""
        runner, now = self._runner, self._clock()
        place = _place(runner.progress_or_none)
        if place != self._open:
            self._open, self._open_for = place, 0.0
        elif not self._is_frozen:
            self._open_for += now - self._looked
        self._looked, self._is_frozen = now, frozen is not None
        runner.hold_clock(self._is_frozen)

    def report(self) -> dict[str, Any]:
        """Return where the lesson stands, as docs/events.md has it. Any thread."""
        runner, session = self._runner, self._session
        lesson, progress, state = runner.lesson, runner.progress_or_none, runner.state
        item = runner.item
        health = find_health(state, facts_only=session.facts_only())
        tasks = [part.id for step in lesson.steps for part in step.items if isinstance(part, TaskItem)]
        done = [] if progress is None else [name for name, task in progress.tasks.items() if task.is_over]
        is_new = _place(progress) != self._open  # since the last look
        waited = 0.0 if self._is_frozen else self._clock() - self._looked
        return {
            "lesson": lesson.id,
            "title": lesson.front.title,
            "step": 0 if progress is None else progress.step_index + 1,
            "steps": len(lesson.steps),
            "kind": _kind_of(item, progress),
            "item": item.id if isinstance(item, TaskItem | QuestionItem | WhatIfItem) else "",
            "task": _text_of(item, runner.values),
            "since": 0.0 if is_new else round(self._open_for + waited, 1),
            "hints": 0 if progress is None else _count_hints(item, progress),
            "wrong": 0 if progress is None else _count_wrong(item, progress),
            "predictions": {} if progress is None else _answers(runner, progress),
            "questions": _questions(runner),
            "lab": health.word,
            "glyph": health.glyph,
            "paused": session.time is not None and not session.time.speed,
            "frozen": session.teacher.frozen,
            "solved": sum(name in tasks for name in done),
            "tasks": len(tasks),
            "finished": progress is not None and progress.finished_at is not None,
            "clock": _clock_of(runner),
        }


def _place(progress: Progress | None) -> object:
    """Return what tells one item of a lesson from the others."""
    return None if progress is None else (progress.step_index, progress.item_index)


def _kind_of(item: Item | None, progress: Progress | None) -> str:
    """Return what the learner is at: also `start` before the lesson, `end` after a step or the lesson."""
    match item:
        case TaskItem():
            return "task"
        case QuestionItem():
            return "question" if item.checked else "prediction"
        case WhatIfItem():
            return "whatif"
        case _:
            return "start" if progress is None else "end"


def _text_of(item: Item | None, values: Mapping[str, Value]) -> str:
    match item:
        case TaskItem():
            text = item.task.do
        case QuestionItem():
            text = item.question.ask
        case WhatIfItem():
            text = item.what_if.ask
        case _:
            return ""
    return render_for_screen(render(text, values))


def _count_hints(item: Item | None, progress: Progress) -> int:
    state = progress.tasks.get(item.id) if isinstance(item, TaskItem) else None
    return len(state.hints) if state is not None else 0


def _count_wrong(item: Item | None, progress: Progress) -> int:
    """Return the wrong answers given to a question that is checked, or the wrong turns taken in a task."""
    if isinstance(item, TaskItem):
        return sum(r.kind == "wrong turn" and r.about == item.id for r in progress.remarks)
    answer = progress.answers.get(item.id) if isinstance(item, QuestionItem) else None
    return answer.tries - len(answer.found) if answer is not None else 0


def _answers(runner: LessonRunner, progress: Progress) -> dict[str, str]:
    """Return what was predicted, by question."""
    return {
        item.id: format_value(progress.answers[item.id].value)
        for _, item in runner.lesson.questions()
        if not item.checked and item.id in progress.answers
    }


def _questions(runner: LessonRunner) -> dict[str, dict[str, Any]]:
    """Return what the predictions so far were asked with: the words, the choices, the unit of a number."""
    progress = runner.progress_or_none
    if progress is None:
        return {}
    return {
        item.id: _question(item.question, runner.values)
        for _, item in runner.lesson.questions()
        if not item.checked and item.id in progress.answers
    }


def _question(question: Question, values: Mapping[str, Value]) -> dict[str, Any]:
    return {
        "ask": render_for_screen(render(question.ask, values)),
        "choices": choice_texts(question, values),
        "unit": question.unit,
    }


def _clock_of(runner: LessonRunner) -> dict[str, float] | None:
    """Return the seconds taken, of those that a drill or the task under way allows; None without a limit."""
    if isinstance(runner, DrillRunner):
        seconds, limit = runner.seconds, runner.limit
    else:
        timed = runner.timed_task
        if timed is None:
            return None
        seconds, limit = timed
    return {"seconds": round(seconds, 1), "limit": limit}
