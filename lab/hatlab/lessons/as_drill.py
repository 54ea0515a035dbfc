"""A drill as it is played: hidden, on a clock, and passed by nothing that destroys what it should save."""

from __future__ import annotations

from dataclasses import replace

from hatlab.lessons.conditions.parser import parse_condition
from hatlab.lessons.conditions.syntax import Held, lines_of
from hatlab.lessons.model import ConditionalText, Item, Lesson, Task, TaskItem

WAS_RESET = (
    "The lab was reset, so the incident is over and can no longer be solved. "
    "Restart it with r (in text: `restart`)."
)
SURE_SECONDS = 1
"""Seconds for which something that should be saved is gone from a lab that is well, before it is said."""


def as_drill(lesson: Lesson, minutes: int | None = None) -> Lesson:
    """Return a drill as it is played: its beginning is hidden, and its clock runs for so many minutes.

    A reset is no fix, and what is to be saved belongs to it; the learner is told of both.

    Args:
        lesson: of the kind drill; a step's beginning and task need not say so.
        minutes: other than its own.
    """
    front = lesson.front if minutes is None else lesson.front.model_copy(update={"minutes": minutes})

    def timed(item: Item) -> Item:
        if not isinstance(item, TaskItem):
            return item
        task = _guarded(item.task).model_copy(update={"limit": front.minutes * 60.0})
        return replace(item, task=task)

    steps = tuple(
        replace(
            step,
            items=tuple(map(timed, step.items)),
            begin=step.begin and step.begin.model_copy(update={"hidden": True}),
        )
        for step in lesson.steps
    )
    return replace(lesson, front=front, steps=steps)


def _guarded(task: Task) -> Task:
    """Return a drill's task that neither a reset nor a fix that destroys what it `saves` passes."""
    written = task.when.written
    well = written["when"] if isinstance(task.when, Held) else written
    fails = [
        ConditionalText.model_validate(
            {"when": {"held": SURE_SECONDS, "when": [well, {"not": each.holds.written}]}, "say": each.lost}
        )
        for each in task.saves
    ]
    wanted = [written, *(each.holds.written for each in task.saves)]
    if "did reset" not in lines_of(task.when):
        wanted.append({"not": "did reset"})
        fails.append(ConditionalText.model_validate({"when": "did reset", "say": WAS_RESET}))
    if len(wanted) == 1:
        return task
    when = parse_condition(wanted)
    return task.model_copy(update={"when": when, "fail": (*task.fail, *fails), "saves": ()})
