"""What a learner would read as "(not measured)" though all was done as meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hatlab.lessons.conditions.notation import format_capture
from hatlab.lessons.conditions.trace import Value
from hatlab.lessons.model import LessonStep, Prose, QuestionItem, Task, TaskItem, WhatIfItem
from hatlab.lessons.templates import words_in_sums


def unmeasured_captures(task: Task, values: Mapping[str, Value]) -> Iterator[str]:
    """Yield a problem for each capture of a task that passed that is not among the measured values."""
    for name, capture in task.capture.items():
        if values.get(name) is None:
            written = format_capture(capture)
            yield (
                f"its capture `{name}` was not measured: {written}. It is taken when `when` holds first, "
                f"so `when` must wait for it{_what_waits_for(written)}"
            )


def _what_waits_for(capture: str) -> str:
    """Return the condition that waits for a measure to be there, in words; "" where none is known."""
    measure, _, client = capture.partition(" ")
    return f": add `{f'outage {client}'.strip()}`" if measure in {"outage", "failed"} else ""


def uncomputable_sums(step: LessonStep, values: Mapping[str, Value]) -> Iterator[str]:
    """Yield a problem for each sum in a step's texts of which a part is a word at the end of the step."""
    for text in _texts(step):
        for total, name in words_in_sums(text, values):
            yield f"{{{total}}} cannot be calculated: {name} is a word, {values[name]}"


def _texts(step: LessonStep) -> Iterator[str]:
    """Yield every text of a step in which names may stand."""
    for item in step.items:
        match item:
            case Prose(text=text):
                yield text
            case QuestionItem(question=question):
                yield question.ask
                yield from (why.say for why in question.why)
                yield from (choice.wrong for choice in question.choices if choice.wrong)
            case TaskItem(task=task):
                yield task.do
                yield from (part.say for part in (*task.hints, *task.fail))
            case WhatIfItem(what_if=what_if):
                yield from filter(None, (what_if.ask, what_if.why))
