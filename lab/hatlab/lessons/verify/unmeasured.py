"""What a learner would read as "(not measured)" though all was done as meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hatlab.lessons.conditions.notation import format_capture
from hatlab.lessons.conditions.trace import Value
from hatlab.lessons.model import LessonStep, Prose, QuestionItem, Task, TaskItem
from hatlab.lessons.templates import words_in_sums


def unmeasured_captures(task: Task, captures: Mapping[str, Value]) -> Iterator[str]:
    """The captures of a task that passed which came to nothing; `captures`: what was measured."""
    for name, capture in task.capture.items():
        if captures.get(name) is None:
            yield f"its capture `{name}` is not measured: {format_capture(capture)}"


def uncomputable_sums(step: LessonStep, values: Mapping[str, Value]) -> Iterator[str]:
    """The sums in a step's texts of which a part is a word; `values`: what was measured by its end."""
    for text in _texts(step):
        for total, name in words_in_sums(text, values):
            yield f"{{{total}}} cannot be told: {name} is a word, {values[name]}"


def _texts(step: LessonStep) -> Iterator[str]:
    """All that is said in a step in which names may stand."""
    for item in step.items:
        match item:
            case Prose(text=text):
                yield text
            case QuestionItem(question=asked):
                yield asked.ask
                yield from (why.say for why in asked.why)
                yield from (choice.wrong for choice in asked.choices if choice.wrong)
            case TaskItem(task=task):
                yield task.do
                yield from (each.say for each in (*task.hints, *task.fail))
