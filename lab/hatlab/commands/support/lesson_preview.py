"""For authors: shows a lesson as its reader sees it, what is wrong with it and if it passes; live."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import get_terminal_size

from hatlab.commands.support.file_checks import CheckedFile
from hatlab.commands.support.file_watch import watch_files
from hatlab.commands.support.lesson_options import open_library
from hatlab.commands.support.reports import format_findings, format_result
from hatlab.commands.support.verify_on_simulator import verify_simulated
from hatlab.errors import LabError
from hatlab.lessons.key_markup import render_for_screen
from hatlab.lessons.library.loader import parse_lesson_file, read_variants
from hatlab.lessons.model import Lesson, Prose, QuestionItem, TaskItem, WhatIfItem
from hatlab.lessons.solution import format_step
from hatlab.text.markdown_text import wrap_line
from hatlab.util.files import read_bytes
from hatlab.util.terminal import CLEAR_SCREEN


def watch_lesson(name: str, seed: int | None = None) -> int:
    """Show a lesson now and at each change of its file or its topology's, until interrupted.

    Args:
        name: its id or path.
        seed: which variant is shown, of a lesson that has some; without, the first.

    Raises:
        UserError: there is no such lesson.
    """
    path = open_library().find(name)
    try:
        return watch_files([str(path)], lambda: show_lesson(path, seed))
    except KeyboardInterrupt:
        return 0


def show_lesson(path: Path, seed: int | None = None) -> int:
    """Print a lesson, its findings and the result of each variant; return 1 if one has errors or fails."""
    if sys.stdout.isatty():
        sys.stdout.write(CLEAR_SCREEN)
    result = parse_lesson_file(path, seed)
    if result.lesson is not None:
        width = get_terminal_size().columns if sys.stdout.isatty() else None
        texts = map(render_for_screen, outline_lesson(result.lesson))
        sys.stdout.write("\n".join(_fit_width(texts, width)) + "\n\n")
    checked = CheckedFile(str(path), result.findings, {"": read_bytes(path).decode("utf-8", "replace")})
    if result.findings:
        sys.stdout.write(format_findings(checked, quiet=False))
    if result.lesson is None:
        return 1
    passed, shown = True, read_bytes(path)
    for variant in read_variants(path):
        passed = _verify_variant(variant) and passed
        if read_bytes(path) != shown:
            break  # it was saved meanwhile, and is shown anew
    return 0 if passed else 1


def _verify_variant(lesson: Lesson) -> bool:
    """Verify a lesson and print the result; return True if it passes."""
    try:
        result = verify_simulated(lesson)
    except LabError as error:
        sys.stdout.write(f"✖ {error.message}\n")
        return False
    sys.stdout.write(format_result(result))
    sys.stdout.flush()
    return result.ok


def _fit_width(texts: Iterator[str], width: int | None) -> Iterator[str]:
    """Yield lines no wider than a terminal: what goes on below is indented deeper, and no word is broken."""
    for line in (line for text in texts for line in text.split("\n")):
        indent = len(line) - len(line.lstrip())
        yield wrap_line(line, width, indent and indent + 2)


def _what_begins(lesson: Lesson) -> str:
    return "the recording" if lesson.is_recorded else "a healthy lab"


def outline_lesson(lesson: Lesson) -> Iterator[str]:
    """Yield a lesson as lines, in the order a learner meets it."""
    front = lesson.front
    yield f"# {front.title}   ({front.minutes} minutes, {front.topology})"
    if front.variants:
        others = ", ".join(f"{number}: {variant.id}" for number, variant in enumerate(front.variants))
        yield f"  (the variant {lesson.variant}; --seed shows another: {others})"
    yield from (["", lesson.intro.strip()] if lesson.intro.strip() else [])
    for number, step in enumerate(lesson.steps, 1):
        yield f"\n## {number}. {step.title}"
        if step.begin is not None:
            begin = "; ".join(map(format_step, step.begin.begin)) or _what_begins(lesson)
            yield f"  (begins with: {begin})"
        for item in step.items:
            match item:
                case Prose():
                    yield f"\n{item.text.strip()}"
                case QuestionItem():
                    yield f"\n  {'?' if item.checked else '◇ predict:'} {item.question.ask}"
                    for number, choice in enumerate(item.question.choices, 1):
                        verdict = f"  (✖ {choice.wrong})" if choice.wrong else ""
                        yield f"      {number}. {choice.text}{verdict}"
                    yield from (f"      why: {why.say}" for why in item.question.why)
                case TaskItem():
                    yield f"\n  ☐ {item.task.do}"
                    yield from (f"      ⚠ {fail.say}" for fail in item.task.fail)
                    yield from (f"      ✦ {hint.say}" for hint in item.task.hints)
                case WhatIfItem():
                    yield f"\n  ↔ {item.what_if.ask}"
                    yield f"      changed: {'; '.join(map(format_step, item.what_if.change))}"
                    yield f"      then: {'; '.join(map(format_step, item.what_if.then))}"
                    yield from [f"      why: {item.what_if.why}"] if item.what_if.why else []
