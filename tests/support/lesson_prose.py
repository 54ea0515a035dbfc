"""What a learner reads of a lesson, in the order in which it is read, and the sentences of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from hatlab.lessons.key_markup import render_as_typed, render_for_screen
from hatlab.lessons.model import (
    ConditionalText,
    Lesson,
    LessonStep,
    Prose,
    Question,
    QuestionItem,
    Task,
    TaskItem,
)
from hatlab.lessons.templates import measured_names, placeholders

_FENCE = re.compile(r"^ *```.*?^ *```[ \t]*$", re.M | re.S)
_MARKS = re.compile(r"\*\*|(?<!\w)\*|\*(?!\w)|`|^ *(?:[-*>]|\d+\.) +", re.M)
_SENTENCE_END = re.compile(r"(?<=[.!?])(?<!#!)[\"'”)]*\s+(?=\S)|(?<=[.!?][\"'”)])\s+(?=\S)")
_STOP = re.compile(r"[.!?:][\"'”)]*$")
_LOOK = re.compile(r"(?:Now )?(?:look|open|press|type|compare|watch)\b", re.I)
_SHOWN = re.compile(r"^ *(?:>[^\n]*|```.*?^ *```[ \t]*)$", re.M | re.S)


@dataclass(frozen=True, slots=True)
class LessonText:
    """A text of a lesson, as its author wrote it."""

    where: str
    text: str
    is_prose: bool = False
    """It stands between blocks; otherwise it belongs to one."""


def texts_in_reading_order(lesson: Lesson) -> Iterator[LessonText]:
    """Yield every text that a learner may read; what explains a prediction stands behind its task."""
    yield LessonText("introduction", lesson.intro, is_prose=True)
    for number, step in enumerate(lesson.steps, 1):
        yield from _step_texts(step, number)
    yield from (LessonText("goals", goal) for goal in lesson.front.goals)


def _step_texts(step: LessonStep, number: int) -> Iterator[LessonText]:
    waiting: list[Question] = []
    for item in step.items:
        where = f"step {number}"
        if isinstance(item, Prose):
            yield LessonText(where, item.text, is_prose=True)
        elif isinstance(item, QuestionItem):
            where = f"{where}, {item.id}"
            yield LessonText(where, item.question.ask)
            yield from (LessonText(where, choice.text) for choice in item.question.choices)
            yield from (LessonText(where, c.wrong) for c in item.question.choices if c.wrong)
            if item.checked:
                yield from _said(where, item.question.why)
            else:
                waiting.append(item.question)
        elif isinstance(item, TaskItem):
            yield from _task_texts(f"{where}, {item.id}", item.task)
            for question in waiting:
                yield from _said(f"step {number}, {question.id}", question.why)
            waiting.clear()
        else:
            yield LessonText(f"{where}, {item.id}", item.what_if.ask)
            yield LessonText(f"{where}, {item.id}", item.what_if.why or "")


def _task_texts(where: str, task: Task) -> Iterator[LessonText]:
    yield LessonText(where, task.do)
    yield from _said(where, task.hints)
    yield from _said(where, task.fail)


def _said(where: str, texts: tuple[ConditionalText, ...]) -> Iterator[LessonText]:
    yield from (LessonText(where, text.say) for text in texts)


def sentences(text: str, *, screen: bool = True) -> list[str]:
    """Return the sentences of a text, without its marks.

    Code between fences is none, nor is what does not end in a stop or a colon.
    """
    plain = (render_for_screen if screen else render_as_typed)(_FENCE.sub("", text))
    found: list[str] = []
    for paragraph in re.split(r"\n\s*\n", plain):
        flowing = " ".join(_MARKS.sub("", paragraph).split())
        found += [part for part in _SENTENCE_END.split(flowing) if _STOP.search(part)]
    return found


def prose_runs(lesson: Lesson, *, screen: bool = True) -> Iterator[tuple[str, int, str]]:
    """Yield (where, sentences, the first one) of each run of prose with nothing to do or to look at inside.

    To do or to look at are: a question, a task, a heading, a measured value, a block of code, an equation (a
    quote), and a sentence that begins with look, open, press, type, compare or watch.
    """
    measured = measured_names(lesson.steps)
    for where, passage in _passages(lesson):
        for part in _SHOWN.split(passage):
            run: list[str] = []
            for sentence in sentences(part, screen=screen):
                if _LOOK.match(sentence) or any(name in measured for _, name in placeholders(sentence)):
                    yield where, len(run), (run or [""])[0]
                    run = []
                else:
                    run.append(sentence)
            yield where, len(run), (run or [""])[0]


def _passages(lesson: Lesson) -> Iterator[tuple[str, str]]:
    """Yield (where, text) of the prose between two questions, tasks or headings."""
    yield "introduction", lesson.intro
    for number, step in enumerate(lesson.steps, 1):
        for is_prose, items in groupby(step.items, key=lambda item: isinstance(item, Prose)):
            if is_prose:
                yield f"step {number}", "\n\n".join(item.text for item in items if isinstance(item, Prose))
