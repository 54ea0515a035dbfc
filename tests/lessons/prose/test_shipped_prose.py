"""The shipped lessons are read in small bites, by somebody who has never heard of VRRP."""

from __future__ import annotations

import re
from itertools import chain

import pytest

from hatlab.lessons.glossary import load_glossary
from hatlab.lessons.key_markup import render_for_screen
from hatlab.lessons.library.loader import lesson_files, read_lesson, read_variants
from hatlab.lessons.model import Lesson
from tests.support.lesson_prose import prose_runs, sentences, texts_in_reading_order

MOST_SENTENCES = 3
_BOLD = re.compile(r"\*\*[^*]+\*\*")
LESSONS = sorted((read_lesson(path) for path in lesson_files()), key=lambda lesson: lesson.front.order)
VARIANTS = list(chain.from_iterable(read_variants(path) for path in lesson_files()))


def name_of(lesson: Lesson) -> str:
    return f"{lesson.id}-{lesson.variant}".rstrip("-")


@pytest.mark.parametrize("screen", [True, False], ids=["screen", "plain"])
@pytest.mark.parametrize("lesson", VARIANTS, ids=name_of)
def test_three_sentences_at_most_between_two_things_to_do_or_look_at(lesson: Lesson, screen: bool) -> None:
    too_long = [run for run in prose_runs(lesson, screen=screen) if run[1] > MOST_SENTENCES]
    assert too_long == []


@pytest.mark.parametrize("lesson", VARIANTS, ids=name_of)
def test_a_text_of_a_block_has_three_sentences_at_most(lesson: Lesson) -> None:
    texts = [text for text in texts_in_reading_order(lesson) if not text.is_prose]
    assert [(t.where, t.text) for t in texts if len(sentences(t.text)) > MOST_SENTENCES] == []


def test_a_term_is_explained_where_it_is_first_used() -> None:
    """At its first use, in the order of the course, a term stands in bold, in the lesson that explains it."""
    glossary = load_glossary()
    first_uses: dict[str, str] = {}
    wrong: list[str] = []
    for lesson in LESSONS:
        for shown in texts_in_reading_order(lesson):
            text = render_for_screen(shown.text)
            bold = [range(*match.span()) for match in _BOLD.finditer(text)]
            for at, form, term in glossary.occurrences(text):
                if term.name in first_uses:
                    continue
                first_uses[term.name] = lesson.id
                if lesson.id != term.lesson or not any(at in span for span in bold):
                    wrong.append(f"{lesson.id}, {shown.where}: {form!r} ({term.name}) in {text[:60]!r}")
    assert wrong == []
    unused = [term.name for term in glossary.terms if term.lesson and term.name not in first_uses]
    assert unused == []


@pytest.mark.parametrize("lesson", VARIANTS, ids=name_of)
def test_what_stands_in_bold_is_in_the_glossary(lesson: Lesson) -> None:
    """The first lesson says so."""
    glossary = load_glossary()
    bold = [match[0] for text in texts_in_reading_order(lesson) for match in _BOLD.finditer(text.text)]
    assert [words for words in bold if not glossary.terms_in(words)] == []


@pytest.mark.parametrize("lesson", LESSONS, ids=name_of)
def test_the_right_choice_does_not_stand_out_by_its_length(lesson: Lesson) -> None:
    """A choice that explains itself, among bare ones, gives the answer away."""
    for _, item in lesson.questions():
        question = item.question
        texts = [choice.text for choice in question.choices]
        if len(texts) < 2 or question.right is None or "{" in f"{question.right}":
            continue
        others = [text for text in texts if text != question.right]
        assert len(f"{question.right}") <= 1.6 * max(map(len, others)) + 2, (item.id, texts)


TITLE_CELLS, STEP_CELLS = 46, 41
"""Cells for a lesson's title beside the lab, and for `1/4 A step` beside the tabs of 80 columns."""


@pytest.mark.parametrize("lesson", LESSONS, ids=name_of)
def test_no_title_is_cut_on_the_screen(lesson: Lesson) -> None:
    assert len(lesson.front.title) <= TITLE_CELLS
    steps = [f"{number}/{len(lesson.steps)} {step.title}" for number, step in enumerate(lesson.steps, 1)]
    assert [step for step in steps if len(step) > STEP_CELLS] == []
