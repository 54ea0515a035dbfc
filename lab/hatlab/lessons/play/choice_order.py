"""Draws the order in which a lesson shows the choices of its questions: the right one may stand anywhere."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from hatlab.lessons.model import Item, Lesson, Question, QuestionItem


def draw_choice_order(lesson: Lesson, seed: int) -> Lesson:
    """Return a lesson with the choices of each question in an order drawn by seed.

    The same seed gives the same order everywhere. A question with `order: fixed` stays as it is written.
    """
    return replace(
        lesson,
        steps=tuple(
            replace(step, items=tuple(_with_drawn_choices(item, seed) for item in step.items))
            for step in lesson.steps
        ),
    )


def _with_drawn_choices(item: Item, seed: int) -> Item:
    if not isinstance(item, QuestionItem) or item.question.order == "fixed":
        return item
    return replace(item, question=_draw(item.question, seed))


def _draw(question: Question, seed: int) -> Question:
    choices = list(question.choices)
    Random(f"{seed}/{question.id}").shuffle(choices)  # seeded with a text: the same on every machine
    return question.model_copy(update={"choices": tuple(choices)})
