"""For authors: a lesson as its reader sees it, what is wrong with it, and whether it can be passed; live."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from lab.commands.bookshelf import open_library
from lab.commands.check import watch
from lab.commands.verify import report, verify_simulated
from lab.errors import LabError
from lab.lessons.model import Asked, Given, Lesson, Prose
from lab.lessons.reading import examine_file


def preview(name: str) -> int:
    """Shows a lesson now and at each change of its file, until interrupted.

    Raises:
        UserError: there is no such lesson.
    """
    path = open_library().find(name)
    try:
        return watch([str(path)], lambda: show(path))
    except KeyboardInterrupt:
        return 0


def show(path: Path) -> int:
    """The lesson, its findings and its proof, once; 1 if it has errors or does not pass."""
    examined = examine_file(path)
    if sys.stdout.isatty():
        sys.stdout.write("\x1b[2J\x1b[H")
    if examined.lesson is not None:
        sys.stdout.write("\n".join(outline(examined.lesson)) + "\n\n")
    for found in examined.findings:
        place = f"{path}:{found.line}:{found.column}"
        sys.stdout.write(f"{place}: {found.code} {found.severity}: {found.message}\n")
    if examined.lesson is None:
        return 1
    try:
        result = verify_simulated(examined.lesson)
    except LabError as error:
        sys.stdout.write(f"✖ {error.message}\n")
        return 1
    sys.stdout.write(report(result))
    return 0 if result.ok else 1


def outline(lesson: Lesson) -> Iterator[str]:
    """A lesson as lines, in the order a learner meets it."""
    front = lesson.front
    yield f"# {front.title}   ({front.minutes} minutes, {front.topology})"
    yield from (["", lesson.intro.strip()] if lesson.intro.strip() else [])
    for number, step in enumerate(lesson.steps, 1):
        yield f"\n## {number}. {step.title}"
        if step.begin is not None:
            begin = "; ".join(str(deed) for deed in step.begin.begin) or "a healthy lab"
            yield f"  (begins with: {begin})"
        for item in step.items:
            match item:
                case Prose():
                    yield f"\n{item.text.strip()}"
                case Asked():
                    yield f"\n  {'?' if item.checked else '◇ predict:'} {item.question.ask}"
                    yield from (f"      {k}. {c.text}" for k, c in enumerate(item.question.choices, 1))
                case Given():
                    yield f"\n  ☐ {item.task.do}"
