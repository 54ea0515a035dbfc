"""What the tutor shows of a step: blocks, worked out from a lesson's runner without a screen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile

from hatlab.describe import format_state
from hatlab.lessons.conditions.trace import Value
from hatlab.lessons.key_markup import render_for_screen
from hatlab.lessons.model import Lesson, Prose, QuestionItem, Task, TaskItem, WhatIfItem
from hatlab.lessons.play.answers import choice_texts, format_difference
from hatlab.lessons.play.futures import SIMULATED, compare_futures, explain_futures, name_futures
from hatlab.lessons.play.learner_actions import ANSWER_PREFIX
from hatlab.lessons.play.progress import Answer, Progress, TaskState
from hatlab.lessons.play.runner import LessonRunner
from hatlab.lessons.templates import format_value, lab_values, render, with_unit
from hatlab.state.model import LabState
from hatlab.topology import Layout
from hatlab.tui.keys import key_of
from hatlab.tui.lesson.solution_text import format_solution
from hatlab.util.safe_text import safe_text
from hatlab.util.text import plural


@dataclass(frozen=True, slots=True)
class ProseBlock:
    """Prose."""

    key: str
    """The same for each version of the block, as of those below."""
    text: str
    """Markdown."""


@dataclass(frozen=True, slots=True)
class QuestionBlock:
    """A question."""

    key: str
    ask: str
    state: str
    """`open`, `locked` (a prediction), `right`, `close`, `wrong`, `unknown` (not measured) or `skipped`."""
    choices: tuple[str, ...] = ()
    """To choose from; none for a number or a word to type."""
    number: bool = True
    """True if a number is asked for, False for a word."""
    unit: str = ""
    checked: bool = False
    """True for a question that is checked at once, False for a prediction."""
    answer: str = ""
    """With its unit; "" where none was given."""
    truth: str = ""
    """With its unit; "" where it is not known."""
    note: str = ""
    """What explains the truth, or answers a wrong try."""
    late: bool = False
    """True if it was answered when it had happened already."""
    tries: int = 0
    """Answers so far."""
    near: float = 0.0
    """How far off a number may be."""
    partly: bool = False
    """True if the last try was one of several right answers, and others are missing."""
    close: bool = False
    """True for a number that is not right, but not far off."""
    difference: str = ""
    """How far off a number was, with its unit."""
    right: tuple[str, ...] = ()
    """Choices that were given and are right, while others are missing."""
    wrong: tuple[str, ...] = ()
    """Choices that were given and are wrong."""
    notes: tuple[str, ...] = ()
    """What is broken without need, while the question is open."""


@dataclass(frozen=True, slots=True)
class TaskBlock:
    """A task."""

    key: str
    do: str
    state: str
    """`open`, `done` or `skipped`."""
    transition: str = ""
    """The last one until the tick, which can be explained, as in `db2 → ★ MASTER`."""
    hints: tuple[str, ...] = ()
    """Those given so far, each a line; a solution in several steps has numbered lines beneath it."""
    notes: tuple[str, ...] = ()
    """Wrong turns, and what is broken without need."""


@dataclass(frozen=True, slots=True)
class FutureRow:
    """One future of a what-if."""

    name: str
    value: str
    """What was measured, with its unit."""
    share: float
    """How long it is of the longer one, 0 to 1; 0 where it has no length."""


@dataclass(frozen=True, slots=True)
class WhatIfBlock:
    """A what-if."""

    key: str
    ask: str
    is_open: bool
    rows: tuple[FutureRow, ...] = ()
    """Both futures, as it is first; none while it is open, or if it was skipped."""
    difference: str = ""
    """In one sentence."""
    why: str = ""
    note: str = ""
    """Where it was played, if not in a lab like the learner's."""


Block = ProseBlock | QuestionBlock | TaskBlock | WhatIfBlock
WRONG_TURNS = 2
"""As many are shown, the latest ones."""
WAYS_OUT = "{key:restart", "{key:fix"
"""What stands in a text about a wrong turn that says how to go on from there."""


def step_blocks(runner: LessonRunner, step: int, *, upcoming: bool = False) -> tuple[Block, ...]:
    """Return a step as far as it is revealed: up to the open item, an earlier one in full.

    Of an `upcoming` one, for which the lab is being prepared, the prose up to its first question or task.
    """
    compiled = runner.compiled_or_none
    progress = runner.shown_progress if runner.progress_or_none is not None else None
    blocks: list[Block] = []
    if compiled is None:
        return ()
    lesson_step = compiled.lesson.steps[step]
    if upcoming or progress is None:
        prose = takewhile(lambda item: isinstance(item, Prose), lesson_step.items)
        texts = [safe_markdown(render(item.text, runner.values)) for item in prose if isinstance(item, Prose)]
        return tuple(ProseBlock(f"{step}.{number}", text) for number, text in enumerate(texts))
    last = progress.item_index if step == progress.step_index else len(lesson_step.items)
    shown = lesson_step.items if runner.lesson.is_drill else lesson_step.items[: last + 1]
    for number, item in enumerate(shown):
        key = f"{step}.{number}"
        match item:
            case Prose():
                blocks.append(ProseBlock(key, safe_markdown(render(item.text, progress.captures))))
            case QuestionItem():
                task = lesson_step.task_after(number)
                is_open, blind = number == last, runner.exam is not None
                blocks.append(_question_block(progress, item, task, key, is_open=is_open, blind=blind))
            case TaskItem():
                blocks.append(_task_block(progress, runner.state, item, key))
            case WhatIfItem():
                blocks.append(_what_if_block(progress, runner.state, item, key, is_open=number == last))
    return tuple(blocks)


def block_texts(block: Block) -> tuple[str, ...]:
    """Return the texts of a block in the order in which they are read."""
    match block:
        case ProseBlock():
            return (block.text,)
        case QuestionBlock():
            return (block.ask, *block.choices, block.note, *block.notes)
        case TaskBlock():
            return (block.do, block.transition, *block.hints, *block.notes)
        case WhatIfBlock():
            rows = (f"{row.name}: {row.value}" for row in block.rows)
            return (block.ask, *rows, block.difference, block.why, block.note)


def introduction_markdown(lesson: Lesson, layout: Layout) -> str:
    """Return the prose before the first step, with the names and addresses of the lab."""
    return safe_markdown(render(lesson.intro, lab_values(layout)))


def introduction_blocks(runner: LessonRunner) -> tuple[Block, ...]:
    """Return the page before the first step: the introduction."""
    return (ProseBlock("intro", introduction_markdown(runner.lesson, runner.compiled.layout)),)


def safe_markdown(text: str) -> str:
    """Return prose of a file made safe to draw, line by line."""
    return "\n".join(safe_text(line) for line in render_for_screen(text).split("\n"))


def _question_block(
    progress: Progress, item: QuestionItem, task: Task | None, key: str, *, is_open: bool, blind: bool
) -> QuestionBlock:
    """`task` is the one whose outcome a prediction foretells; `blind`: nothing says what is right."""
    question, answer = item.question, progress.answers.get(item.id)
    state = "open" if is_open else "skipped"
    if answer is not None and not is_open:
        judged = (
            item.checked or task is None or (task.id in progress.tasks and progress.tasks[task.id].is_over)
        )
        wrong = "close" if answer.close else "wrong"
        state = {True: "right", False: wrong, None: "unknown"}[answer.right] if judged else "locked"
        state = "locked" if blind else state
    remarks = [r.text for r in progress.remarks if (r.kind, r.about) == ("truth", item.id)]
    note = remarks[-1] if remarks and answer is not None else ""
    truth = answer.truth if answer is not None else None
    if not is_open and item.id in progress.revealed:
        truth, note = progress.revealed[item.id]
    return QuestionBlock(
        key,
        safe_text(render(question.ask, progress.captures)),
        state,
        tuple(map(safe_text, choice_texts(question, progress.captures))),
        not isinstance(question.right, str),
        safe_text(question.unit),
        item.checked,
        format_answer(answer, question.unit),
        format_measured(truth, question.unit),
        safe_text(note),
        answer.late if answer else False,
        answer.tries if answer else 0,
        question.near,
        answer is not None and not answer.right and str(answer.value) in answer.found,
        answer is not None and answer.close,
        "" if answer is None else safe_text(format_difference(question, answer.value, answer.truth)),
        tuple(map(safe_text, answer.found)) if answer else (),
        tuple(map(safe_text, answer.wrong)) if answer else (),
        tuple(_side_effect_notes(progress)) if is_open else (),
    )


def format_measured(value: Value, unit: str = "", digits: int = 2) -> str:
    """Return a value with its unit, "" for none."""
    if value is None:
        return ""
    return safe_text(
        with_unit(format_value(value, digits), unit) if isinstance(value, float) else _quote_choice(value)
    )


def format_answer(answer: Answer | None, unit: str) -> str:
    """Return an answer as the learner gave it, "" for none."""
    if answer is None or answer.value is None:
        return ""
    if len(answer.found) > 1:
        return " and ".join(_quote_choice(safe_text(text)) for text in answer.found)
    value = answer.value
    return safe_text(with_unit(f"{value:g}", unit) if isinstance(value, float) else _quote_choice(value))


def _quote_choice(choice: str) -> str:
    """Set a choice of several words apart from the sentence it stands in."""
    return f"“{choice}”" if " " in choice else choice


def _task_block(progress: Progress, lab: LabState, item: TaskItem, key: str) -> TaskBlock:
    state = progress.tasks.get(item.id)
    do = safe_text(render(item.task.do, progress.captures))
    if state is None:
        return TaskBlock(key, do, "open")
    solution = safe_markdown(render(format_solution(item.task), progress.captures))
    hints = tuple(solution if hint.startswith(ANSWER_PREFIX) else safe_text(hint) for hint in state.hints)
    if state.done_at is not None:
        return TaskBlock(key, do, "done", _last_transition(lab, state), hints)
    if state.skipped:
        return TaskBlock(key, do, "skipped", hints=hints)
    return TaskBlock(key, do, "open", hints=hints, notes=tuple(_task_notes(progress, item.task, state)))


def _what_if_block(
    progress: Progress, lab: LabState, item: WhatIfItem, key: str, *, is_open: bool
) -> WhatIfBlock:
    what_if, futures = item.what_if, progress.futures.get(item.id)
    ask = safe_text(render(what_if.ask, progress.captures))
    if futures is None:
        return WhatIfBlock(key, ask, is_open)
    values = (futures.first, futures.other)
    lengths = [value if isinstance(value, float) else 0.0 for value in values]
    longest = max(*lengths, 0.0) or 1.0
    names = name_futures(what_if, futures)
    return WhatIfBlock(
        key,
        ask,
        is_open=False,
        rows=tuple(
            FutureRow(name, safe_text(value), length / longest)
            for (name, value), length in zip(names, lengths, strict=True)
        ),
        difference=safe_text(compare_futures(what_if, futures)),
        why=safe_text(explain_futures(what_if, futures, progress.captures)),
        note="" if lab.engine == "sim" else SIMULATED,
    )


def _last_transition(lab: LabState, state: TaskState) -> str:
    """The last transition while a task was under way, as in `db2 → ★ MASTER`."""
    done = state.done_at or 0.0
    whys = [w for w in lab.whys if w.instance and state.trace.began <= w.at <= done]
    return f"{whys[-1].node} → {format_state(whys[-1].to)}" if whys else ""


def _task_notes(progress: Progress, task: Task, state: TaskState) -> Iterator[str]:
    """Wrong turns as long as they are ones, and what is broken without need unless they say what to do."""
    values = {**progress.captures, **state.captures}
    turns = [task.fail[number].say for number in sorted(state.wrong_turns)][-WRONG_TURNS:]
    yield from (safe_text(text) for text in dict.fromkeys(render(turn, values) for turn in turns))
    if not any(word in turn for turn in turns for word in WAYS_OUT):
        yield from _side_effect_notes(progress)


def _side_effect_notes(progress: Progress) -> Iterator[str]:
    """What is broken that the step does not need, and how to fix it, if anything is."""
    broken = [text for text, effect in progress.side_effects.items() if effect.spoken_of]
    if broken:
        yield safe_text(
            plural(
                len(broken),
                "{faults}: this step does not need that. {press} to fix it, or {retry} to restart the step.",
                "{faults}: this step does not need that. {press} to fix them, or {retry} to restart it.",
                faults="; ".join(broken),
                press=f"Press {key_of('lesson.fix')}",
                retry=key_of("lesson.retry"),
            )
        )
