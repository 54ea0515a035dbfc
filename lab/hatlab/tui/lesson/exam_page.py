"""The page at the end of an exam: what was said, and nothing of what is right."""

from __future__ import annotations

from collections.abc import Iterator

from hatlab.lessons.play.exam_texts import OVER, TIME_IS_UP
from hatlab.lessons.play.runner import LessonRunner
from hatlab.lessons.templates import render
from hatlab.tui.lesson.markup import render_markup
from hatlab.tui.lesson.summary_page import key_bullet, plain_bullet
from hatlab.tui.lesson.view_model import format_answer
from hatlab.tui.widgets.bullet_list import Bullet
from hatlab.tui.widgets.line_widget import styled
from hatlab.util.safe_text import safe_text


def exam_bullets(runner: LessonRunner) -> Iterator[Bullet]:
    """Yield the page."""
    progress = runner.progress
    yield plain_bullet((TIME_IS_UP if progress.finished_at is None else OVER, "bold"))
    yield plain_bullet()
    yield plain_bullet(("Your answers", "bold accent"))
    for number, (_, item) in enumerate(runner.lesson.questions(), 1):
        ask = render_markup(safe_text(render(item.question.ask, progress.captures)), "quiet")
        yield (f"{number:>2}  ", "quiet"), ask
        said = format_answer(progress.answers.get(item.id), item.question.unit)
        yield ("    ", ""), styled((said, "bold") if said else ("not answered", "quiet"))
    yield plain_bullet()
    yield plain_bullet(("Your tasks", "bold accent"))
    for _, task in runner.lesson.tasks():
        state = progress.tasks.get(task.id)
        is_done = state is not None and state.done_at is not None
        sign = ("✔ ", "master") if is_done else ("· ", "quiet")
        yield sign, render_markup(safe_text(render(task.do, progress.captures)))
    yield plain_bullet()
    yield key_bullet("q", "to leave.")
