"""A page for each lesson, from its file: its subject and its first question, but no answer; the glossary."""

from __future__ import annotations

import re

from hatlab.lessons.glossary import Term, load_glossary
from hatlab.lessons.key_markup import render_for_screen
from hatlab.lessons.library.loader import lesson_files, read_lesson
from hatlab.lessons.model import Lesson, Question, QuestionItem, TaskItem
from hatlab.lessons.templates import lab_values
from hatlab.topology import Topology
from hatlab.topology.diagram import draw_topology
from hatlab.topology.layout import Layout
from hatlab.topology.library import load_named_topology
from hatlab.util.text import plural

_INDEX = """\
# Lessons

{count} lessons, {minutes} minutes in all, lead from a single server and an address that can move to a split
brain, what it costs, and a cure that holds. You predict what will happen, break the lab with your own hands,
and see your prediction next to what was measured.

```
hatlab learn            # take the next lesson; it continues where you left it
hatlab lessons          # list the lessons and your progress
hatlab learn timers     # take this one
```

![A lesson: a prediction, the power goes, and what was measured stands beside it](films/lesson.svg)

| | lesson | |
|---|---|---|
{rows}

Every word that a lesson explains is in the [glossary](glossary.md). After the last one, find, name and fix
incidents against the clock: [drills](drills.md). To write your own, read
[writing a lesson](writing-lessons.md).
"""
_GLOSSARY = """\
# Glossary

The words of the lessons. In the app, press `g`; in a shell, type `hatlab glossary WORD`.
"""


def lesson_pages() -> dict[str, str]:
    """Return the name of each page → its Markdown: the list, one for each lesson, and the glossary."""
    lessons = sorted((read_lesson(path) for path in lesson_files()), key=lambda lesson: lesson.front.order)
    terms = load_glossary().terms
    titles = {lesson.front.id: lesson.front.title for lesson in lessons}
    pages = {"lessons.md": _index(lessons), "glossary.md": _glossary(terms, titles)}
    return pages | {f"lessons/{lesson.front.id}.md": lesson_page(lesson, terms, titles) for lesson in lessons}


def _index(lessons: list[Lesson]) -> str:
    rows = "\n".join(
        f"| {number} | [{lesson.front.title}](lessons/{lesson.front.id}.md) | {lesson.front.minutes} min |"
        for number, lesson in enumerate(lessons, 1)
    )
    minutes = sum(lesson.front.minutes for lesson in lessons)
    return _INDEX.format(count=len(lessons), minutes=minutes, rows=rows)


def lesson_page(lesson: Lesson, terms: tuple[Term, ...], titles: dict[str, str]) -> str:
    """Return a lesson's page.

    Args:
        terms: the glossary; those that this lesson explains are named.
        titles: id → title of every lesson.
    """
    front = lesson.front
    name, topology = load_named_topology(front.topology)
    values = _values(name, topology)
    items = [item for step in lesson.steps for item in step.items]
    questions = [item for item in items if isinstance(item, QuestionItem)]
    parts = [
        f"# {front.title}",
        f"{_facts(front.minutes, sum(isinstance(i, TaskItem) for i in items), len(questions))}",
        _fill(lesson.intro, values),
        f"```\nhatlab learn {front.id}\n```",
    ]
    if front.needs:
        before = ", ".join(f"[{titles[need]}]({need}.md)" for need in front.needs)
        parts.append(f"Take this first: {before}.")
    parts += ["## Afterwards", "\n".join(f"- {goal}" for goal in front.goals)]
    if first := next((item.question for item in questions if not item.checked), None):
        parts += ["## Would you have known?", _question(first, values)]
    parts += ["## The lab", "```\n" + "\n".join(draw_topology(topology)).rstrip() + "\n```"]
    if explained := [term.name for term in terms if term.lesson == front.id]:
        words = (f"[{word}](../glossary.md#{heading_anchor(word)})" for word in explained)
        parts += ["## Words", ", ".join(words)]
    return "\n\n".join(parts) + "\n"


def _facts(minutes: int, tasks: int, questions: int) -> str:
    counts = (
        plural(minutes, "{count} minute", "{count} minutes"),
        plural(tasks, "{count} task", "{count} tasks"),
        plural(questions, "{count} question", "{count} questions"),
    )
    return " · ".join(counts)


def _question(question: Question, values: dict[str, str]) -> str:
    """Return a question that is predicted, as it is asked."""
    choices = "\n".join(f"- {_fill(choice.text, values)}" for choice in question.choices)
    parts = [f"> {_fill(question.ask, values)}", choices, "You say what you think. Then you measure it."]
    return "\n\n".join(filter(None, parts))


def _glossary(terms: tuple[Term, ...], titles: dict[str, str]) -> str:
    parts = [_GLOSSARY.rstrip()]
    for term in terms:
        parts += [f"## {term.name}", term.meaning]
        if term.see:
            parts.append(f"*Where you see it:* {term.see}")
        if term.lesson in titles:
            parts.append(f"*Lesson:* [{titles[term.lesson]}](lessons/{term.lesson}.md)")
    return "\n\n".join(parts) + "\n"


def _values(name: str, topology: Topology) -> dict[str, str]:
    """Return what prose may name of a lab → what it is in the first one that is started."""
    return {key: str(value) for key, value in lab_values(Layout.numbered(name, topology)).items()}


def _fill(text: str, values: dict[str, str]) -> str:
    """Return a lesson's text as the screen shows it."""
    shown = render_for_screen(text)
    return re.sub(r"\{([\w.-]+)\}", lambda name: values.get(name[1], name[0]), shown).strip()


def heading_anchor(heading: str) -> str:
    """Return the anchor of a heading, as Python-Markdown makes it."""
    return re.sub(r"[\s-]+", "-", re.sub(r"[^\w\s-]", "", heading.lower())).strip("-")
