"""For authors: a lesson as its reader sees it, what is wrong with it, and whether it can be passed; live."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from lab.commands.bookshelf import open_library
from lab.commands.check import findings, watch
from lab.commands.checking import Checked
from lab.commands.verify import report, verify_simulated
from lab.errors import LabError
from lab.lessons.model import Asked, Given, Lesson, Prose
from lab.lessons.reading import examine_file
from lab.lessons.telling import told


def preview(name: str) -> int:
    """Shows a lesson now and at each change of its file or its topology's, until interrupted.

    Raises:
        UserError: there is no such lesson.
    """
    path = open_library().find(name)
    try:
        return watch([str(path)], lambda: show(path))
    except KeyboardInterrupt:
        return 0


def show(path: Path) -> int:
    """A file's lesson, its findings and its proof, once; 1 if it has errors or does not pass."""
    if sys.stdout.isatty():
        sys.stdout.write("\x1b[2J\x1b[H")
    examined = examine_file(path)
    if examined.lesson is not None:
        sys.stdout.write("\n".join(outline(examined.lesson)) + "\n\n")
    checked = Checked(str(path), examined.findings, {"": path.read_text(encoding="utf-8", errors="replace")})
    if examined.findings:
        sys.stdout.write(findings(checked, quiet=False))
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
            begin = "; ".join(map(told, step.begin.begin)) or "a healthy lab"
            yield f"  (begins with: {begin})"
        for item in step.items:
            match item:
                case Prose():
                    yield f"\n{item.text.strip()}"
                case Asked():
                    yield f"\n  {'?' if item.checked else '◇ predict:'} {item.question.ask}"
                    for k, choice in enumerate(item.question.choices, 1):
                        yield f"      {k}. {choice.text}{(choice.wrong and f'  (✖ {choice.wrong})') or ''}"
                    yield from (f"      why: {why.say}" for why in item.question.why)
                case Given():
                    yield f"\n  ☐ {item.task.do}"
                    yield from (f"      ⚠ {fail.say}" for fail in item.task.fail)
                    yield from (f"      ✦ {hint.say}" for hint in item.task.hints)
