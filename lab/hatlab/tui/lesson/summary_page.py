"""The page at the end of a lesson: what was learned, answered and measured."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hatlab.lessons.conditions.captions import describe_capture, is_calculated
from hatlab.lessons.conditions.compiler import unit_of
from hatlab.lessons.conditions.trace import Value
from hatlab.lessons.model import Question
from hatlab.lessons.play.answers import format_difference
from hatlab.lessons.play.progress import Answer
from hatlab.lessons.play.runner import LessonRunner
from hatlab.lessons.templates import render
from hatlab.tui.keys import key_of
from hatlab.tui.lesson.markup import render_markup
from hatlab.tui.lesson.view_model import format_answer, format_measured
from hatlab.tui.widgets.bullet_list import Bullet
from hatlab.tui.widgets.line_widget import Piece, styled
from hatlab.util.safe_text import safe_text
from hatlab.util.text import plural

RIGHT: Piece = ("✔ right", "master")
CLOSE: Piece = ("~ close", "accent")
WRONG: Piece = ("✖ wrong", "fault")
UNKNOWN: Piece = ("· not measured", "quiet")
"""How an answer is judged: glyph and word, and their colour."""


def summary_bullets(runner: LessonRunner, following: str = "", record: Path | None = None) -> list[Bullet]:
    """Return the page.

    Args:
        runner: at the end of the lesson.
        following: the title of the lesson to take next, "" if there is none.
        record: where the run is recorded, None if it is not.
    """
    bullets: list[Bullet] = [(("✔ ", "bold master"), styled(("Lesson done", "bold master")))]
    for title, part in (
        ("What you learned", _goal_bullets(runner)),
        ("Your answers", _answer_bullets(runner)),
        ("What you measured", _measurement_bullets(runner)),
        ("Help you took", _help_bullets(runner)),
    ):
        section = list(part)
        if section:
            bullets += [plain_bullet(), plain_bullet((title, "bold accent")), *section]
    bullets.append(plain_bullet())
    if following:
        bullets.append(
            key_bullet(key_of("lesson.next"), f"twice to start the next lesson: {safe_text(following)}")
        )
    else:
        bullets.append(plain_bullet(("This was the last lesson.", "bold")))
    bullets.append(key_bullet(key_of("app.quit"), "to leave. Until then the lab is yours."))
    if record is not None:
        bullets += [plain_bullet(), plain_bullet((f"This run is recorded: {record}", "quiet"))]
    return bullets


def key_bullet(key: str, rest: str) -> Bullet:
    """Return what a key does on a page at the end; "Press" and the key stand before the `rest`."""
    return plain_bullet(("Press ", ""), (key, "bold accent"), (f" {rest}", ""))


def plain_bullet(*pieces: Piece) -> Bullet:
    """Return a line without a sign before it, or an empty one."""
    return ("", ""), styled(*pieces)


def _goal_bullets(runner: LessonRunner) -> Iterator[Bullet]:
    for goal in runner.lesson.front.goals:
        yield ("✔ ", "master"), render_markup(safe_text(goal))


def _answer_bullets(runner: LessonRunner) -> Iterator[Bullet]:
    progress = runner.progress
    for number, (_, item) in enumerate(runner.lesson.questions(), 1):
        question = item.question
        missed, _ = progress.revealed.get(item.id, (None, ""))
        ask = render_markup(safe_text(render(question.ask, progress.captures)), "quiet")
        yield (f"{number:>2}  ", "quiet"), ask
        (glyph, style), verdict = answer_bullet(progress.answers.get(item.id), question, missed)
        yield (f"    {glyph}", style), verdict


def verdict_of(answer: Answer) -> Piece:
    """Return how an answer is judged."""
    if answer.right is None:
        return UNKNOWN
    return RIGHT if answer.right else CLOSE if answer.close else WRONG


def answer_bullet(answer: Answer | None, question: Question, missed: Value = None) -> Bullet:
    """Return how an answer is judged, as in `✖ wrong: 3.6 s — it was 1.73 s (1.87 s off)`.

    Args:
        answer: None if none was given.
        question: what was asked.
        missed: what would have been right, if none was given.
    """
    unit = question.unit
    if answer is None:
        truth = format_measured(missed, unit)
        text = f"not answered; it was {truth}" if missed is not None else "not answered"
        return ("· ", "quiet"), styled((text, "quiet"))
    verdict, tone = verdict_of(answer)
    glyph, _, word = verdict.partition(" ")
    said, truth = format_answer(answer, unit), format_measured(answer.truth, unit)
    pieces: list[str | Piece] = [(f"{word}: ", tone), (said, "bold")]
    if answer.right is not None and said != truth:
        pieces += [" — it was ", (truth, "" if answer.right else "bold")]
    difference = "" if answer.right else format_difference(question, answer.value, answer.truth)
    if difference:
        pieces.append(f" ({safe_text(difference)} off)")
    if answer.tries > 1:
        pieces.append((f"  after {answer.tries} tries", "quiet"))
    return (f"{glyph} ", f"bold {tone}"), styled(*pieces)


def _measurement_bullets(runner: LessonRunner) -> Iterator[Bullet]:
    """Yield each value and what it is; also in which step, where the same was measured in several."""
    values = runner.progress.captures
    measurements = [
        (step, name, capture, safe_text(describe_capture(capture)) or name.replace("_", " "))
        for step, task in runner.lesson.tasks()
        for name, capture in task.capture.items()
        if values.get(name) is not None
    ]
    captions = [caption for _, _, _, caption in measurements]
    for step, name, capture, caption in measurements:
        value = format_measured(values[name], unit_of(capture), 3 if is_calculated(capture) else 2)
        where = f" (step {step + 1})" if captions.count(caption) > 1 else ""
        yield (f"  {value:<8} ", "bold"), styled(f"{caption}{where}")


def _help_bullets(runner: LessonRunner) -> Iterator[Bullet]:
    """Yield how many hints were taken, and the tasks that were skipped."""
    progress = runner.progress
    hints = sum(len(task.hints) for task in progress.tasks.values())
    yield ("  ", ""), styled(plural(hints, "{count} hint", "{count} hints") if hints else "no hints")
    for _, task in runner.lesson.tasks():
        state = progress.tasks.get(task.id)
        if state is not None and state.skipped:
            text = render_markup(safe_text(render(task.do, progress.captures)))
            yield ("⊘ ", "quiet"), styled(("skipped: ", "quiet")) + text
