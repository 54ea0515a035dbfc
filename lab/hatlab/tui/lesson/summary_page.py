"""The page at the end of a lesson: what was learned, said, measured."""

from __future__ import annotations

from collections.abc import Iterator

from hatlab.lessons.conditions.captions import describe_capture
from hatlab.lessons.conditions.expressions import measure_unit
from hatlab.lessons.conditions.measures import Value
from hatlab.lessons.play.progress import Answer
from hatlab.lessons.play.runner import LessonRunner
from hatlab.lessons.templates import render
from hatlab.tui.lesson.markup import Bullet, render_markup
from hatlab.tui.lesson.view_model import format_answer, format_measured
from hatlab.tui.widgets.line_widget import Piece, styled
from hatlab.tui.widgets.safe_text import plain

VERDICTS: dict[bool | None, Piece] = {
    True: ("✔ right", "master"),
    False: ("✖ not so", "fault"),
    None: ("· not measured", "quiet"),
}
"""How an answer is judged: glyph and word, and their colour."""


def summary_bullets(runner: LessonRunner, following: str = "") -> list[Bullet]:
    """The page; `following` is the title of the lesson to take next."""
    points: list[Bullet] = [(("✔ ", "bold master"), styled(("Lesson done", "bold master")))]
    for title, part in (
        ("What you take with you", _goals(runner)),
        ("You said", _answers(runner)),
        ("You measured", _measured(runner)),
        ("On the way", _way(runner)),
    ):
        found = list(part)
        if found:
            points += [_line(), _line((title, "bold accent")), *found]
    points.append(_line())
    if following:
        points.append((("n ", "bold accent"), styled("the next lesson: ", (plain(following), "bold"))))
    else:
        points.append(_line(("This was the last lesson.", "bold")))
    return [*points, (("q ", "bold accent"), styled("leaves; until then the lab is yours"))]


def _line(*pieces: Piece) -> Bullet:
    return ("", ""), styled(*pieces)


def _goals(runner: LessonRunner) -> Iterator[Bullet]:
    for goal in runner.lesson.front.goals:
        yield ("✔ ", "master"), render_markup(plain(goal))


def _answers(runner: LessonRunner) -> Iterator[Bullet]:
    progress = runner.progress
    for _, asked in runner.lesson.questions():
        own, question = progress.answers.get(asked.id), asked.question
        yield ("", ""), render_markup(plain(render(question.ask, progress.captures)), "quiet")
        yield compared(own, question.unit, progress.revealed.get(asked.id, (None, ""))[0])


def compared(own: Answer | None, unit: str, missed: Value = None) -> Bullet:
    """`✖ 3.6 s — it was 1.73 s`; `missed`: the right answer, where none was given."""
    if own is None:
        was = f"; it was {format_measured(missed, unit)}" if missed is not None else ""
        return ("· ", "quiet"), styled((f"not answered{was}", "quiet"))
    word, tone = VERDICTS[own.right]
    glyph, _, word = word.partition(" ")
    pieces: list[str | Piece] = [(f"{word}: ", tone), (format_answer(own, unit), "bold")]
    if own.right is not None and format_answer(own, unit) != format_measured(own.truth, unit):
        pieces += [" — it was ", (format_measured(own.truth, unit), "" if own.right else "bold")]
    if own.tries > 1:
        pieces.append((f"  after {own.tries} tries", "quiet"))
    return (f"{glyph} ", f"bold {tone}"), styled(*pieces)


def _measured(runner: LessonRunner) -> Iterator[Bullet]:
    """Each value and what it is; also in which step, where the same was measured in several."""
    values = runner.progress.captures
    taken = [
        (step, name, written, plain(describe_capture(written)) or name.replace("_", " "))
        for step, task in runner.lesson.tasks()
        for name, written in task.capture.items()
        if values.get(name) is not None
    ]
    for step, name, written, what in taken:
        value = format_measured(values[name], measure_unit(written) if isinstance(written, str) else "s")
        several = sum(each[3] == what for each in taken) > 1
        where = f" (step {step + 1})" if several else ""
        yield ("  ", ""), styled((f"{value:<8}", "bold"), f" {what}{where}")


def _way(runner: LessonRunner) -> Iterator[Bullet]:
    progress = runner.progress
    hints = sum(len(task.hints) for task in progress.tasks.values())
    taken = f"{hints} hint{'s' if hints != 1 else ''} taken" if hints else "no hint taken"
    yield ("  ", ""), styled(taken)
    for _, task in runner.lesson.tasks():
        state = progress.tasks.get(task.id)
        if state is not None and state.skipped:
            yield (
                ("⊘ ", "quiet"),
                styled(("skipped: ", "quiet")) + render_markup(plain(render(task.do, progress.captures))),
            )
