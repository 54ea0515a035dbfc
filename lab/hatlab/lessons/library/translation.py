"""Compares a translation with its original: only words may differ."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatlab.diagnostics.finding import Finding
from hatlab.diagnostics.yaml_source import Problem
from hatlab.lessons.format.file import to_findings
from hatlab.lessons.key_markup import key_lines
from hatlab.lessons.library.loader import files_by_language, parse_lesson_file
from hatlab.lessons.library.locale import best_language
from hatlab.lessons.model import Lesson, LessonStep, Prose, QuestionItem, TaskItem, WhatIfItem


def find_original(path: Path) -> Path | None:
    """Return the file that a lesson's file is a translation of; None if it is an original."""
    files = files_by_language(path)
    original = files[best_language(files, ())] if files else path
    return None if original == path else original


def differences(path: Path, lesson: Lesson) -> tuple[Finding, ...]:
    """Return where a translation differs from its original in more than words; nothing if that has errors."""
    source = find_original(path)
    if source is None or (original := parse_lesson_file(source).lesson) is None:
        return ()
    return to_findings(_differences(lesson, original, source.name))


def _differences(lesson: Lesson, original: Lesson, source: str) -> Iterator[Problem]:
    for key in ("topology", "recording", "needs", "extensions"):
        if getattr(lesson.front, key) != getattr(original.front, key):
            yield Problem("045", 1, 1, f"{source} has a different `{key}`")
    if len(lesson.steps) != len(original.steps):
        yield Problem(
            "045", 1, 1, f"{source} has {len(original.steps)} steps, this file has {len(lesson.steps)}"
        )
        return
    for step, original_step in zip(lesson.steps, original.steps, strict=True):
        if step.begin != original_step.begin:
            yield Problem("045", step.line, 1, f"this step starts differently in {source}")
        if _prose_keys(step) != _prose_keys(original_step):
            yield Problem("045", step.line, 1, f"the text of this step names different keys in {source}")
        blocks, original_blocks = _blocks(step), _blocks(original_step)
        if list(blocks) != list(original_blocks):
            names = ", ".join(f"`{name}`" for name in original_blocks) or "none"
            yield Problem("045", step.line, 1, f"this step has different blocks in {source}: {names}")
            continue
        for name, block in blocks.items():
            structure = _structure(original_blocks[name])
            differing = [key for key, value in _structure(block).items() if value != structure[key]]
            if differing:
                keys = ", ".join(f"`{key}`" for key in differing)
                yield Problem("045", block.line, 1, f"`{name}` is different in {source}: {keys}")


def _blocks(step: LessonStep) -> dict[str, QuestionItem | TaskItem | WhatIfItem]:
    return {item.id: item for item in step.items if not isinstance(item, Prose)}


def _prose_keys(step: LessonStep) -> list[str]:
    return key_lines(*(item.text for item in step.items if isinstance(item, Prose)))


def _structure(block: QuestionItem | TaskItem | WhatIfItem) -> dict[str, Any]:
    """Return what a block means, without its words."""
    if isinstance(block, QuestionItem):
        question = block.question
        texts = [choice.text for choice in question.choices]
        return {
            "predict or question": block.checked,
            "choices": [choice.when for choice in question.choices],
            "order": question.order,
            "truth": question.truth,
            "right": texts.index(str(question.right)) if question.right in texts else question.right,
            "near": question.near,
            "why": [why.when for why in question.why],
            "keys": key_lines(
                question.ask, *(why.say for why in question.why), *(c.wrong or "" for c in question.choices)
            ),
        }
    if isinstance(block, WhatIfItem):
        what_if = block.what_if
        return {
            "change": what_if.change,
            "then": what_if.then,
            "measure": what_if.measure,
            "within": what_if.within,
            "keys": key_lines(what_if.ask, what_if.why or ""),
        }
    task = block.task
    return {
        "when": task.when,
        "capture": task.capture,
        "fail": [fail.when for fail in task.fail],
        "hints": [hint.when for hint in task.hints],
        "solution": task.solution,
        "watch": task.watch,
        "wrong": [wrong.do for wrong in task.wrong],
        "within": task.within,
        "limit": task.limit,
        "keys": key_lines(task.do, *(entry.say for entry in (*task.fail, *task.hints))),
    }
