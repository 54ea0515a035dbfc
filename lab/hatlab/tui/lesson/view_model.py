"""What the tutor shows of a step: values, worked out from a runner without a screen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile

from hatlab.lessons.compile import names_of
from hatlab.lessons.conditions.measures import Value
from hatlab.lessons.key_markup import render_for_screen
from hatlab.lessons.model import Lesson, LessonStep, Prose, QuestionItem, Task, TaskItem
from hatlab.lessons.play.answers import choice_texts
from hatlab.lessons.play.learner_actions import ANSWER_PREFIX
from hatlab.lessons.play.progress import Answer, Progress, TaskState
from hatlab.lessons.play.runner import LessonRunner
from hatlab.lessons.templates import format_value, render
from hatlab.state.model import LabState
from hatlab.topology import Layout
from hatlab.tui.lab_view import STATES
from hatlab.tui.lesson.solution_text import format_solution
from hatlab.tui.widgets.safe_text import plain


@dataclass(frozen=True, slots=True)
class ProseBlock:
    """Prose, Markdown."""

    key: str
    text: str


@dataclass(frozen=True, slots=True)
class QuestionBlock:
    """A question.

    Attributes:
        state: `open`, `locked` (a prediction), `right`, `wrong`, `unknown` (not measured), `skipped`.
        choices: to choose from; none for a field to type in, for a `number` or a text.
        said, truth: with their unit; "" where there is none.
        note: what explains the truth, or answers a wrong try.
        tries: answers given so far, of a question that is `checked` at once.
        near: how far off a number may be.
        notes: what is broken without need, while it is open.
    """

    key: str
    ask: str
    state: str
    choices: tuple[str, ...] = ()
    number: bool = True
    unit: str = ""
    checked: bool = False
    said: str = ""
    truth: str = ""
    note: str = ""
    late: bool = False
    tries: int = 0
    near: float = 0.0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TaskBlock:
    """A task.

    Attributes:
        state: `open`, `done` or `skipped`.
        turned: the last transition until the tick, which can be explained.
        hints: told so far, each a line; of an answer in several parts with a numbered line for each.
        notes: wrong turns, and what is broken without need.
    """

    key: str
    do: str
    state: str
    turned: str = ""
    hints: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


Block = ProseBlock | QuestionBlock | TaskBlock
_NAME = re.compile(r"\{[a-z][a-z0-9_.-]*\}")
WRONG_TURNS = 2
"""As many are shown."""


def step_blocks(runner: LessonRunner, step: int, *, coming: bool = False) -> tuple[Block, ...]:
    """A step as far as it is revealed: up to the open item where the learner is, a step before in full.

    One that is `coming`, while the lab is put in place for it, is prose up to its first question or task.
    """
    course, progress = runner.compiled_or_none, runner.progress_or_none
    found: list[Block] = list(_intro(runner, step))
    if course is None:
        return tuple(found)
    here = course.lesson.steps[step]
    if found:
        found.append(ProseBlock(f"{step}.title", f"### {plain(here.title)}"))
    if coming or progress is None:
        values = progress.captures if progress is not None else names_of(course.layout)
        prose = takewhile(lambda part: isinstance(part[1], Prose), enumerate(here.items))
        said = [
            ProseBlock(f"{step}.{k}", safe_markdown(render(i.text, values)))
            for k, i in prose
            if isinstance(i, Prose)
        ]
        return (*found, *said)
    last = progress.item_index if step == progress.step_index else len(here.items)
    for k, item in enumerate(here.items[: last + 1]):
        match item:
            case Prose():
                found.append(ProseBlock(f"{step}.{k}", safe_markdown(render(item.text, progress.captures))))
            case QuestionItem():
                found.append(_query(progress, here, k, item, f"{step}.{k}", is_open=k == last))
            case TaskItem():
                found.append(_job(progress, runner.state, item, f"{step}.{k}"))
    return tuple(found)


def _intro(runner: LessonRunner, step: int) -> Iterator[ProseBlock]:
    if step == 0 and runner.lesson.intro.strip():
        yield ProseBlock("intro", introduction_markdown(runner.lesson, runner.state.layout))


def introduction_markdown(lesson: Lesson, layout: Layout | None) -> str:
    """The prose before the first step; names of the lab stay open until it is known."""
    text = render(lesson.intro, names_of(layout)) if layout is not None else _NAME.sub("…", lesson.intro)
    return safe_markdown(text)


def safe_markdown(text: str) -> str:
    """Prose of a file, made safe to draw, line by line."""
    return "\n".join(plain(line) for line in render_for_screen(text).split("\n"))


def _query(
    progress: Progress, step: LessonStep, k: int, item: QuestionItem, key: str, *, is_open: bool
) -> QuestionBlock:
    question, own = item.question, progress.answers.get(item.id)
    state = "open" if is_open else "skipped"
    if own is not None and not is_open:
        state = {True: "right", False: "wrong", None: "unknown"}[own.right]
        task = step.task_after(k)
        compared = task is None or (task.id in progress.tasks and progress.tasks[task.id].is_over)
        state = state if compared or item.checked else "locked"
    remarks = [r.text for r in progress.remarks if (r.kind, r.about) == ("truth", item.id)]
    note = remarks[-1] if remarks and own is not None else ""
    truth = own.truth if own is not None else None
    if not is_open and item.id in progress.revealed:
        truth, note = progress.revealed[item.id]
    return QuestionBlock(
        key,
        plain(render(question.ask, progress.captures)),
        state,
        tuple(map(plain, choice_texts(question, progress.captures))),
        not isinstance(question.right, str),
        plain(question.unit),
        item.checked,
        format_answer(own, question.unit),
        format_measured(truth, question.unit),
        plain(note),
        own.late if own else False,
        own.tries if own else 0,
        question.near,
        tuple(_astray(progress)) if is_open else (),
    )


def format_measured(value: Value, unit: str = "") -> str:
    """A value with its unit, "" for none."""
    if value is None:
        return ""
    return plain(f"{format_value(value)} {unit}".strip() if isinstance(value, float) else _quoted(value))


def format_answer(own: Answer | None, unit: str) -> str:
    """An answer as the learner gave it."""
    if own is None or own.value is None:
        return ""
    return plain(f"{own.value:g} {unit}".strip() if isinstance(own.value, float) else _quoted(own.value))


def _quoted(words: str) -> str:
    """A choice, set apart from the sentence it stands in."""
    return f"“{words}”" if " " in words else words


def _job(progress: Progress, lab: LabState, item: TaskItem, key: str) -> TaskBlock:
    state = progress.tasks.get(item.id)
    do = plain(render(item.task.do, progress.captures))
    if state is None:
        return TaskBlock(key, do, "open")
    hints = tuple(
        safe_markdown(format_solution(item.task)) if hint.startswith(ANSWER_PREFIX) else plain(hint)
        for hint in state.hints
    )
    if state.done_at is not None:
        return TaskBlock(key, do, "done", _turned(lab, state), hints)
    if state.skipped:
        return TaskBlock(key, do, "skipped", hints=hints)
    return TaskBlock(key, do, "open", hints=hints, notes=tuple(_notes(progress, item.task, state)))


def _turned(lab: LabState, state: TaskState) -> str:
    """The last transition while a task was under way, as in `db2 → ★ MASTER`."""
    done = state.done_at or 0.0
    whys = [w for w in lab.whys if w.instance and state.trace.began <= w.at <= done]
    return f"{whys[-1].node} → {STATES.get(whys[-1].to, '·')} {whys[-1].to}" if whys else ""


def _notes(progress: Progress, task: Task, state: TaskState) -> Iterator[str]:
    """Wrong turns as long as they are ones, and what is broken without need."""
    known = {**progress.captures, **state.captures}
    turns = [render(task.fail[k].say, known) for k in sorted(state.wrong_turns)]
    yield from (plain(text) for text in dict.fromkeys(turns[-WRONG_TURNS:]))
    yield from _astray(progress)


def _astray(progress: Progress) -> Iterator[str]:
    """What is broken without need, and how it is mended, if anything is."""
    astray = [text for text, (_, _, told) in progress.side_effects.items() if told]
    if astray:
        mend = "y mends them" if len(astray) > 1 else "y mends it"
        which = " and ".join(astray)
        yield plain(f"{which}: this step has no use for that. {mend}; r puts the lab into its beginning.")
