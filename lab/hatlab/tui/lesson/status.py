"""The tutor's status line: what is waited for, of the learner or of the lab."""

from __future__ import annotations

from collections.abc import Iterator

from hatlab.actions import VERBS, Action
from hatlab.describe.times import format_moment
from hatlab.lessons.conditions.syntax import find_held
from hatlab.lessons.conditions.trace import Observation
from hatlab.lessons.key_markup import render_for_screen
from hatlab.lessons.model import QuestionItem, TaskItem, WhatIfItem
from hatlab.lessons.play.exam import ExamSitting
from hatlab.lessons.play.progress import TaskState
from hatlab.lessons.play.runner import LessonRunner
from hatlab.lessons.templates import render
from hatlab.state.model import LabState
from hatlab.tui.keys import key_of
from hatlab.tui.widgets.line_widget import Piece, spinner
from hatlab.util.addresses import is_ipv6
from hatlab.util.safe_text import safe_text

SHOWN_WAIT = 2.0
"""Seconds that something must last from which on it is shown how long it has."""
LITTLE_LEFT = 120.0
"""Seconds from which on the clock of an exam is red."""
CUT_OFF = 0.3
"""Seconds from which a client that is not answered is spoken of."""


def status_forms(
    runner: LessonRunner,
    *,
    enter_taken: bool = False,
    answering: bool = False,
    open_visible: bool = True,
    ended: bool = False,
    playing: bool = False,
    looking: bool = False,
) -> tuple[tuple[Piece, ...], ...]:
    """Return what is waited for where the learner is, most important first; in few words, too, if it is long.

    Args:
        enter_taken: the Enter key opens what is selected in the lab.
        answering: what is typed goes to the open question.
        open_visible: what is open can be read above the line.
        ended: the last page is shown.
        playing: both futures of the open what-if are being played.
        looking: a past moment is shown.
    """
    compiled, progress = runner.compiled_or_none, runner.progress_or_none
    if compiled is None or progress is None:
        unfinished = [name for name, (done, _, _) in runner.state.phases.items() if not done]
        phase = f": {unfinished[-1]}" if unfinished else ""
        return ((spinner(runner.state.at), (f"the lab is getting ready{phase}", "")),)
    item = runner.item
    if runner.exam is not None and runner.exam.is_over:
        return (
            (("◷ ", "bold"), ("the exam is over", "bold"), (f" · press {key_of('app.quit')} to leave", "")),
        )
    if isinstance(item, QuestionItem):
        if answering and not open_visible:
            return ((("? ", "bold accent"), ("Your question is further down: read on", "bold")),)
        return ((("? ", "bold accent"), (_question_text(runner, item, enter_taken, answering, looking), "")),)
    if isinstance(item, WhatIfItem):
        if playing:
            return ((spinner(runner.state.at), ("Playing both futures …", "")),)
        enter = key_of("lesson.answer")
        keys = f"{key_of('view.tab-4')}, then {enter}," if enter_taken else enter
        return ((("↔ ", "bold accent"), (f"Press {keys} to see both futures", "")),)
    if isinstance(item, TaskItem):
        state = progress.tasks[item.id]
        do = safe_text(render_for_screen(render(item.task.do, progress.captures)))
        lasting = find_held(compiled.tasks[item.id].when, state.memo, Observation(runner.state, state.trace))
        hint = "" if runner.exam is not None else f" · press {key_of('lesson.hint')} for a hint"
        return _task_forms(runner.state, state, item, do, lasting, open_visible, hint)
    if progress.finished_at is not None:
        what = "to continue" if ended else "for the summary"
        return (
            (("✔ ", "master"), ("lesson done", "bold"), (f" · press {key_of('lesson.next')} {what}", "")),
        )
    title = compiled.lesson.steps[progress.step_index + 1].title
    done: tuple[Piece, ...] = (("✔ ", "master"), ("step done", "bold"))
    return (
        (*done, (f" · press {key_of('lesson.next')} to continue: ", ""), (safe_text(title), "bold")),
        (*done, (f" · press {key_of('lesson.next')} to continue", "")),
    )


def _question_text(
    runner: LessonRunner, item: QuestionItem, enter_taken: bool, answering: bool, looking: bool
) -> str:
    number = "" if item.checked else _prediction_number(runner)
    if not answering:
        which = f" (prediction{number})" if number else ""
        return f"Press {key_of('view.tab-4' if enter_taken else 'lesson.answer')} to answer{which}"
    what = "Your answer" if item.checked else f"Your prediction{number}"
    away = "Esc: live" if looking else "Esc: lab"
    if item.question.choices:
        return f"{what}: choose with ↑↓, then Enter · {away}"
    return f"{what}: type it, then Enter · {away}"


def _prediction_number(runner: LessonRunner) -> str:
    """Which prediction is open, where several stand before one task, as in ` 1 of 2`."""
    progress, step = runner.progress, runner.progress.current_step(runner.compiled)
    task = step.task_after(progress.item_index)
    predictions = [
        number
        for number, item in enumerate(step.items)
        if isinstance(item, QuestionItem) and not item.checked and step.task_after(number) is task
    ]
    if len(predictions) < 2:
        return ""
    return f" {predictions.index(progress.item_index) + 1} of {len(predictions)}"


def _task_forms(
    lab: LabState,
    state: TaskState,
    item: TaskItem,
    do: str,
    lasting: tuple[float | None, float] | None,
    open_visible: bool,
    hint: str,
) -> tuple[tuple[Piece, ...], ...]:
    """What goes on in the lab towards a task, as far as it shows; else what is to be done.

    `lasting`: since when what must last does, and how long it must; None if the task has no such part.
    `hint`: how to get one.
    """
    spin = spinner(lab.at)
    action = lab.action
    if action is not None and action.phase == "started":
        title = Action(action.name, action.targets).title if action.name in VERBS else action.name
        return ((spin, (f"{title} …", ""), (f" · {lab.at - action.at:.0f} s", "quiet")),)
    begun = bool(state.trace.actions or state.trace.transitions or state.trace.processes)
    box: Piece = ("☐ ", "bold accent")
    if not open_visible and not begun:
        return (box, (do, "bold")), (box, ("Your task is further down: read on", "bold"))
    since, needed = lasting or (None, 0.0)
    if open_visible and since is not None and needed >= SHOWN_WAIT:
        return ((spin, ("almost there", "bold"), (f" · {lab.at - since:.0f} of {needed:g} s", "")),)
    if unanswered := next(_unanswered_clients(lab), ""):
        return ((spin, (unanswered, "")),)
    if begun:
        if open_visible:
            return ((spin, ("not done yet", "bold"), (hint, "")),)
        return (box, (do, "bold")), (box, ("Your task is further down: read on", "bold"))
    if item.task.watch:
        watched = max(0.0, lab.at - state.trace.began)
        return ((box, ("watch", "bold"), (f" · for {watched:.0f} s now", "quiet")),)
    return ((box, ("your turn", "bold")),)


def _unanswered_clients(lab: LabState) -> Iterator[str]:
    """Say of each client that nobody answers it; of one that asks the wrong server, until when."""
    for client in lab.clients.values():
        silent = client.cut_off or 0.0
        if silent < CUT_OFF:
            continue
        if misdirected := misdirected_line(lab, client.name):
            yield misdirected
        else:
            yield f"{client.name} has had no answer for {silent:.1f} s"


def misdirected_line(lab: LabState, client: str) -> str:
    """Say whom a client still asks that does not know the new owner yet, and until when; "" if it does."""
    if "misdirected" not in lab.conditions or lab.layout is None:
        return ""
    address = lab.layout.target_address(client)
    server, entry = lab.announcers.get(address, ""), "neighbour" if is_ipv6(address) else "ARP"
    return f"{client} still asks {server}: wait until its {entry} entry expires"


def exam_clock(exam: ExamSitting) -> Piece:
    """Return what is left of an exam's time."""
    left = exam.seconds_left
    if not left:
        return "◷ time is up", "fault"
    return f"◷ {format_moment(left)} left", "fault" if left < LITTLE_LEFT else "warn"


def countdown(runner: LessonRunner) -> Piece | None:
    """Return what is left of the time for a task that has a limit, at the questions in front of it too."""
    left = time_left(runner)
    if left is None:
        return None
    return (
        (f"◷ {format_moment(left)} left", "warn")
        if left >= 0
        else (f"◷ {format_moment(-left)} over time", "fault")
    )


def time_left(runner: LessonRunner) -> float | None:
    """Return the seconds left for the task, below 0 when the time is over; None where it has no limit."""
    timed = runner.timed_task
    return None if timed is None else timed[1] - timed[0]
