"""Every shipped lesson, taken by a learner who does just what is asked: what the tutor says then."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from hatlab import events as e
from hatlab.lessons.key_markup import render_for_screen
from hatlab.lessons.library.catalogue import Library
from hatlab.lessons.library.loader import lesson_files, read_lesson, read_variants
from hatlab.lessons.model import Lesson
from hatlab.lessons.play import checkpoints
from hatlab.lessons.play.predictions import ANOTHER_WAY
from hatlab.lessons.play.runner import LessonRunner
from hatlab.lessons.templates import measured_names
from hatlab.tui.lesson.presenter import LessonPresenter
from hatlab.tui.lesson.status import status_forms
from hatlab.tui.lesson.summary_page import summary_bullets
from hatlab.tui.lesson.view_model import (
    Block,
    ProseBlock,
    QuestionBlock,
    TaskBlock,
    WhatIfBlock,
    introduction_blocks,
    step_blocks,
)
from tests.support.lesson_walk import LessonWalk

READING = (4.0, 30.0)
"""Seconds that learners take to read and to type: longer than anything broken in vain is passed over."""
LESSONS = [pytest.param(path, id=path.stem) for path in lesson_files()]


@pytest.mark.parametrize("reading", READING)
@pytest.mark.parametrize("path", LESSONS)
def test_who_does_as_asked_hears_no_caveat_and_sees_no_hole(path: Path, reading: float) -> None:
    for lesson in read_variants(path):
        holes = _hole_pattern(lesson)

        def look(runner: LessonRunner, holes: re.Pattern[str] = holes) -> None:
            for text in shown_texts(runner):
                assert not holes.search(render_for_screen(text)), text

        walk = LessonWalk(lesson, reading=reading, look=look)
        walk.walk()
        said = [remark.text for remark in walk.runner.progress.remarks]
        assert not [text for text in said if ANOTHER_WAY in text]
        assert not [remark.text for remark in walk.runner.progress.remarks if remark.kind == "lab"]
        assert not walk.runner.progress.has_side_effects


def _hole_pattern(lesson: Lesson) -> re.Pattern[str]:
    """Return what a name in braces looks like that was not filled in."""
    names = [*measured_names(lesson.steps), "vip", r"[a-z][\w-]*\.\w+"]
    return re.compile(rf"\{{[^{{}}]*\b(?:{'|'.join(names)})\b[^{{}}]*\}}")


def shown_texts(runner: LessonRunner) -> Iterator[str]:
    """Yield all that the tutor shows now, on the page of each step so far and in its status line."""
    if runner.compiled_or_none is not None:
        for block in introduction_blocks(runner):
            yield from _texts(block)
    progress = runner.progress_or_none
    for step in range(progress.step_index + 1 if progress is not None else len(runner.lesson.steps)):
        for block in step_blocks(runner, step, upcoming=progress is None):
            yield from _texts(block)
    for open_visible in (True, False):
        for form in status_forms(runner, open_visible=open_visible):
            yield "".join(piece[0] for piece in form)
    yield LessonPresenter(runner).open_item().plain
    if progress is not None and progress.finished_at is not None:
        yield from (text.plain for _, text in summary_bullets(runner))


def _texts(block: Block) -> Iterator[str]:
    match block:
        case ProseBlock():
            yield block.text
        case QuestionBlock():
            yield from (block.ask, *block.choices, block.answer, block.truth, block.note, *block.notes)
        case TaskBlock():
            yield from (block.do, block.transition, *block.hints, *block.notes)
        case WhatIfBlock():
            yield from (block.ask, block.difference, block.why)


@pytest.mark.parametrize("path", LESSONS)
def test_a_lesson_that_goes_on_has_no_hole_either(path: Path) -> None:
    """Where nothing was measured before, names of what was say so."""
    lesson = read_lesson(path, 0)
    walk = LessonWalk(lesson, reading=0)
    try:
        walk.session.start()
        checkpoints.wait_until_ready(walk.session)
        walk._player.catch_up()
        for step in range(len(lesson.steps)):
            for upcoming in (True, False):
                for block in step_blocks(walk.runner, step, upcoming=upcoming):
                    for text in _texts(block):
                        assert not _hole_pattern(lesson).search(render_for_screen(text)), text
    finally:
        walk.session.stop()


def test_the_client_of_lesson_10_is_misdirected_after_the_heal_as_its_text_says() -> None:
    path = Library().find("what-the-split-cost")
    walk = LessonWalk(read_lesson(path), reading=READING[0])
    reader = walk.session.reader()
    walk.walk()
    events = reader.drain(most=10**6).events
    changes = [(event.name, event.present) for event in events if isinstance(event, e.Condition)]
    healed = changes.index(("split_brain", False))
    assert ("misdirected", True) in changes[healed:]
    assert max(event.seconds for event in events if isinstance(event, e.Outage)) > 10
