"""The page at the end of a lesson: what was learned, said, measured."""

from __future__ import annotations

from collections.abc import Iterator

from textual.content import Content

from lab.lessons.course import names_of
from lab.lessons.guide import Guide
from lab.lessons.progress import Answer
from lab.lessons.telling import fill
from lab.tui.ink import Piece, ink
from lab.tui.text import plain
from lab.tui.tutor.blocks import given, measured

VERDICTS: dict[bool | None, Piece] = {
    True: ("✔ right", "master"),
    False: ("✖ not so", "fault"),
    None: ("· not measured", "quiet"),
}
"""How an answer is judged: glyph and word, and their colour."""


def ending(guide: Guide, following: str = "") -> Content:
    """The page; `following` is the title of the lesson to take next."""
    lines: list[Content] = [ink(("Lesson done.", "bold master"), f"  {plain(guide.lesson.front.title)}")]
    for title, part in (
        ("You can now", _goals(guide)),
        ("You said, and it was", _answers(guide)),
        ("You measured", _measured(guide)),
        ("On the way", _way(guide)),
    ):
        found = list(part)
        if found:
            lines += [Content(""), ink((title, "bold accent")), *found]
    onward = f"n  the next lesson: {plain(following)}" if following else "This was the last lesson."
    return Content("\n").join([*lines, Content(""), ink((onward, "bold")), ink(("q  leaves", "quiet"))])


def _goals(guide: Guide) -> Iterator[Content]:
    for goal in guide.lesson.front.goals:
        yield ink(("✔ ", "master"), plain(goal.removeprefix("You can ").strip()))


def _answers(guide: Guide) -> Iterator[Content]:
    progress = guide.progress
    if progress is None:
        return
    for _, asked in guide.lesson.questions():
        own = progress.answers.get(asked.id)
        yield ink((plain(fill(asked.question.ask, progress.captures)), "quiet"))
        yield ink("  ", *compared(own, asked.question.unit))


def compared(own: Answer | None, unit: str) -> list[str | Piece]:
    """`You said 3.6 s, it was 1.73 s`, with a verdict."""
    if own is None:
        return [("· not answered", "quiet")]
    said = given(own, unit)
    verdict: Piece = VERDICTS[own.right]
    tries = f"  after {own.tries} tries" if own.tries > 1 else ""
    was: list[str | Piece] = [" — it was ", (measured(own.truth, unit), "bold")] if own.right is False else []
    return [verdict, "  you said ", (said, "bold"), *was, (tries, "quiet")]


def _measured(guide: Guide) -> Iterator[Content]:
    if guide.course is None or guide.progress is None:
        return
    given = names_of(guide.course.layout).keys() | {
        asked.id.replace("-", "_") for _, asked in guide.lesson.questions()
    }
    for name, value in guide.progress.captures.items():
        if name not in given:
            yield ink((f"{name.replace('_', ' ')}  ", "quiet"), (measured(value), "bold"))


def _way(guide: Guide) -> Iterator[Content]:
    progress = guide.progress
    if progress is None:
        return
    hints = sum(len(task.hints) for task in progress.tasks.values())
    yield ink(f"{hints} hint{'s' if hints != 1 else ''} taken" if hints else "no hint taken")
    for _, task in guide.lesson.tasks():
        state = progress.tasks.get(task.id)
        if state is not None and state.skipped:
            yield ink(("skipped: ", "quiet"), plain(fill(task.do, progress.captures)))
