"""The words of extensions that a lesson uses: conditions, and actions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from hatlab.actions import VERBS
from hatlab.lessons.conditions.predicates import CONDITIONS
from hatlab.lessons.conditions.syntax import Leaf, Node, walk
from hatlab.lessons.model import Lesson, QuestionItem, TaskItem, WhatIfItem
from hatlab.registry import Extension

_STEPS = {"begin", "solution", "do", "change", "then"}
"""Keys under which a list's texts are actions."""


def extensions_used(lesson: Lesson) -> Iterator[tuple[int, Extension]]:
    """Yield each extension whose words a lesson uses, with the line of the block; each word once."""
    told: set[Extension] = set()
    for line, block in _blocks(lesson):
        for extension in _extensions_in(block):
            if extension not in told:
                told.add(extension)
                yield line, extension


def _blocks(lesson: Lesson) -> Iterator[tuple[int, BaseModel]]:
    for step in lesson.steps:
        if step.begin is not None:
            yield step.line, step.begin
        for item in step.items:
            match item:
                case TaskItem():
                    yield item.line, item.task
                case QuestionItem():
                    yield item.line, item.question
                case WhatIfItem():
                    yield item.line, item.what_if


def _extensions_in(value: Any, key: str = "") -> Iterator[Extension]:
    match value:
        case Node():
            words = [part.words[0] for part in walk(value) if isinstance(part, Leaf)]
            yield from filter(None, map(CONDITIONS.source, words))
        case BaseModel():
            for name in type(value).model_fields:
                yield from _extensions_in(getattr(value, name), name)
        case tuple():
            for item in value:
                if not isinstance(item, str):
                    yield from _extensions_in(item, key)
                elif key in _STEPS and (extension := VERBS.source(item.split()[0])):
                    yield extension
        case dict():
            for item in value.values():
                yield from _extensions_in(item)
