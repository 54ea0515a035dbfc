"""The order of choices: drawn by seed, the same everywhere, and not the same for everybody."""

from __future__ import annotations

from hatlab.lessons.library.loader import lesson_files, read_lesson
from hatlab.lessons.model import Lesson
from hatlab.lessons.play.answers import choice_texts
from hatlab.lessons.play.choice_order import draw_choice_order
from hatlab.lessons.play.runner import LessonRunner
from tests.support.lesson_lab import make_lesson
from tests.support.lesson_texts import LESSON

SEEDS = range(30)


def choices_of(lesson: Lesson, question: str = "who") -> list[str]:
    return next(choice_texts(item.question, {}) for _, item in lesson.questions() if item.id == question)


def test_the_same_seed_gives_the_same_order() -> None:
    lesson = make_lesson()
    assert draw_choice_order(lesson, 7) == draw_choice_order(lesson, 7)
    assert choices_of(LessonRunner(lesson, seed=7).lesson) == choices_of(draw_choice_order(lesson, 7))


def test_each_choice_stands_first_for_somebody() -> None:
    orders = [choices_of(draw_choice_order(make_lesson(), seed)) for seed in SEEDS]
    assert {order[0] for order in orders} == {"db1", "db2", "nobody"}
    assert all(sorted(order) == ["db1", "db2", "nobody"] for order in orders)


def test_authors_can_keep_the_order() -> None:
    lesson = make_lesson(LESSON.replace("truth: owner", "order: fixed\ntruth: owner"))
    assert all(choices_of(draw_choice_order(lesson, seed)) == ["db1", "db2", "nobody"] for seed in SEEDS)


def test_without_a_seed_the_order_is_that_of_the_file() -> None:
    lesson = make_lesson()
    assert LessonRunner(lesson).lesson is lesson


def test_numbers_to_choose_from_stand_in_a_row_in_every_lesson() -> None:
    for path in lesson_files():
        for _, item in read_lesson(path, 0).questions():
            texts = [choice.text for choice in item.question.choices]
            if texts and all(text.replace(".", "", 1).isdigit() for text in texts):
                assert item.question.order == "fixed", f"{path.name}: {item.id}"
