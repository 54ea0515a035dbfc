"""Whether a translation still asks what its original asks: only words may differ."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatlab.diagnostics.finding import Finding
from hatlab.diagnostics.yaml_source import Problem
from hatlab.lessons.format.file import to_findings
from hatlab.lessons.key_markup import key_lines
from hatlab.lessons.library.loader import lesson_files, lesson_language, lesson_name, parse_lesson_file
from hatlab.lessons.library.locale import best_language
from hatlab.lessons.model import Lesson, LessonStep, Prose, QuestionItem, TaskItem


def find_original(path: Path) -> Path | None:
    """The file that a lesson's file is a translation of, None if it is one itself."""
    forms = {
        lesson_language(file): file
        for file in lesson_files(path.parent)
        if lesson_name(file) == lesson_name(path)
    }
    first = forms.get(best_language(forms, ())) if forms else None
    return None if first is None or first == path else first


def differences(path: Path, lesson: Lesson) -> tuple[Finding, ...]:
    """Where a translation says something else than its original; nothing if the original has errors."""
    source = find_original(path)
    if source is None or (model := parse_lesson_file(source).lesson) is None:
        return ()
    return to_findings(_differences(lesson, model, source.name))


def _differences(lesson: Lesson, model: Lesson, source: str) -> Iterator[Problem]:
    for key in ("topology", "needs"):
        if getattr(lesson.front, key) != getattr(model.front, key):
            yield Problem("045", 1, 1, f"{source} has another `{key}`")
    if len(lesson.steps) != len(model.steps):
        yield Problem("045", 1, 1, f"{source} has {len(model.steps)} steps, this {len(lesson.steps)}")
        return
    for own, its in zip(lesson.steps, model.steps, strict=True):
        if own.begin != its.begin:
            yield Problem("045", own.line, 1, f"this step begins otherwise in {source}")
        if _prose_keys(own) != _prose_keys(its):
            yield Problem("045", own.line, 1, f"the prose of this step names other keys in {source}")
        blocks, theirs = _blocks(own), _blocks(its)
        if list(blocks) != list(theirs):
            names = ", ".join(f"`{name}`" for name in theirs) or "none"
            yield Problem("045", own.line, 1, f"this step has other blocks in {source}: {names}")
            continue
        for name, block in blocks.items():
            its_bones = _structure(theirs[name])
            other = [key for key, value in _structure(block).items() if value != its_bones[key]]
            if other:
                keys = ", ".join(f"`{key}`" for key in other)
                yield Problem("045", block.line, 1, f"`{name}` is another in {source}: {keys}")


def _blocks(step: LessonStep) -> dict[str, QuestionItem | TaskItem]:
    return {item.id: item for item in step.items if not isinstance(item, Prose)}


def _prose_keys(step: LessonStep) -> list[str]:
    return key_lines(*(item.text for item in step.items if isinstance(item, Prose)))


def _structure(block: QuestionItem | TaskItem) -> dict[str, Any]:
    """What a block means, without its words."""
    if isinstance(block, QuestionItem):
        asked = block.question
        texts = [choice.text for choice in asked.choices]
        return {
            "predict or question": block.checked,
            "choices": [choice.when for choice in asked.choices],
            "truth": asked.truth,
            "right": texts.index(str(asked.right)) if asked.right in texts else asked.right,
            "near": asked.near,
            "why": [why.when for why in asked.why],
            "keys": key_lines(
                asked.ask, *(why.say for why in asked.why), *(c.wrong or "" for c in asked.choices)
            ),
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
