"""A learner's way through a lesson: a second pure fold, over the same events as the lab's.

`reduce` notices what happened; what the learner does stands in `hatlab.lessons.play.learner_actions`. Each
takes a progress and returns the one after it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from hatlab import events as e
from hatlab.lessons.compile import (
    CompiledLesson,
    CompiledQuestion,
    explanation,
    lab_values,
    measured_names,
    right_answer,
    truth_name,
)
from hatlab.lessons.conditions import trace as traces
from hatlab.lessons.conditions.evaluation import Stopwatch
from hatlab.lessons.conditions.measures import Observation, Value
from hatlab.lessons.conditions.trace import Trace
from hatlab.lessons.model import QuestionItem, Task, TaskItem
from hatlab.lessons.play.answers import is_correct
from hatlab.lessons.play.progress import Progress, Remark, TaskState
from hatlab.lessons.play.side_effects import initial_faults, watch_side_effects
from hatlab.lessons.templates import render
from hatlab.state.model import LabState

ANOTHER_WAY = (
    "(Something else was done in this step first: if this does not fit what you saw, begin it again.)"
)
_CHANGES = e.Tick | e.Process | e.Node | e.Link | e.Filter | e.Conf
"""Events at which something can be broken, or has been for a while."""


def begin(course: CompiledLesson, state: LabState, step: int = 0, before: Progress | None = None) -> Progress:
    """At the beginning of a step; answers and tasks of it and of later ones are open again."""
    old = before or Progress()
    later = course.lesson.steps[step:]
    again = {i.id for s in later for i in s.items if isinstance(i, QuestionItem | TaskItem)}
    open_again = measured_names(later)
    progress = replace(
        old,
        step_index=step,
        item_index=0,
        tasks={k: v for k, v in old.tasks.items() if k not in again},
        answers={k: v for k, v in old.answers.items() if k not in again},
        revealed={k: v for k, v in old.revealed.items() if k not in again},
        captures=lab_values(course.layout)
        | dict.fromkeys(measured_names(course.lesson.steps))
        | {k: v for k, v in old.captures.items() if k not in open_again},
        side_effects={},
        remarks=tuple(remark for remark in old.remarks if remark.about not in again),
        has_side_effects=False,
        initial_faults=initial_faults(course, step, state),
        finished_at=None,
    )
    return advance(course, progress, state)


def reduce(
    course: CompiledLesson, progress: Progress, was: LabState, event: e.Event, now: LabState
) -> Progress:
    """After one more event, with the lab's state before and after it."""
    progress = _heard(progress, event)
    if isinstance(event, _CHANGES):
        progress = watch_side_effects(course, progress, now)
    task = progress.current_task(course)
    state = progress.tasks.get(task.id) if task is not None else None
    if task is None or state is None or state.is_over:
        return progress
    state = replace(state, trace=traces.update(state.trace, was, event, now))
    return tick_if_done(course, progress, task, state, now)


def replay(
    course: CompiledLesson, progress: Progress, was: LabState, event: e.Event, now: LabState
) -> Progress:
    """After an event that is told again, or that no learner caused: it counts, but nothing is ticked."""
    progress = _heard(progress, event)
    task = progress.current_task(course)
    state = progress.tasks.get(task.id) if task is not None else None
    if task is None or state is None or state.is_over or event.at < state.trace.began:
        return progress
    state = replace(state, trace=traces.update(state.trace, was, event, now))
    state, _ = evaluate(course, progress, task, state, now)
    return with_task_state(progress, task, state)


def _heard(progress: Progress, event: e.Event) -> Progress:
    """Keeps each node's last advert."""
    if isinstance(event, e.Advert) and event.direction == "sent":
        return replace(progress, last_adverts={**progress.last_adverts, event.node: event})
    return progress


def rewind(course: CompiledLesson, progress: Progress, at: float) -> Progress:
    """Time was set back to a moment: the task under way has seen nothing since, and began then at the latest.

    What was ticked, locked and hinted before stays: it was learned.
    """
    task = progress.current_task(course)
    if task is None or task.id not in progress.tasks:
        return replace(progress, side_effects={})
    old = progress.tasks[task.id]
    began = Trace(min(at, old.trace.began), last=progress.last_adverts)
    return replace(with_task_state(progress, task, TaskState(began, hints=old.hints)), side_effects={})


def tick_if_done(
    course: CompiledLesson, progress: Progress, task: Task, state: TaskState, now: LabState
) -> Progress:
    """Tests the task under way against the state; ticks it if it may."""
    state, remarks = evaluate(course, progress, task, state, now)
    progress = with_task_state(progress, task, state, remarks)
    at_task = progress.open_item(course)
    if state.held_at is not None and isinstance(at_task, TaskItem) and at_task.task is task:
        return _tick(course, progress, task, state, now)
    return progress


def evaluate(
    course: CompiledLesson, progress: Progress, task: Task, state: TaskState, now: LabState
) -> tuple[TaskState, tuple[Remark, ...]]:
    """What the task's condition, captures and wrong turns make of the state; what is to be said of that."""
    ready = course.tasks[task.id]
    seen = Observation(now, state.trace)
    holds, memo = ready.when.step(state.memo, seen)
    captures, watches = dict(state.captures), dict(state.stopwatches)
    for name, measured in ready.captures.items():
        if isinstance(measured, Stopwatch):
            captures[name], watches[name] = measured.step(watches.get(name), seen)
        elif holds and state.held_at is None:
            captures[name] = measured(seen)
    held = state.held_at if state.held_at is not None else now.at if holds else None
    state = replace(state, memo=memo, captures=captures, stopwatches=watches, held_at=held)
    return _wrong_turns(course, task, state, seen, progress.captures)


def _wrong_turns(
    course: CompiledLesson, task: Task, state: TaskState, seen: Observation, known: Mapping[str, Value]
) -> tuple[TaskState, tuple[Remark, ...]]:
    fails = course.tasks[task.id].fails
    memos = state.wrong_turn_memos or (None,) * len(fails)
    found = [fail.step(memo, seen) for fail, memo in zip(fails, memos, strict=True)]
    wrong = frozenset(k for k, (holds, _) in enumerate(found) if holds)
    said = tuple(
        Remark(seen.state.at, "wrong turn", render(task.fail[k].say, {**known, **state.captures}), task.id)
        for k in sorted(wrong - state.wrong_turns)
    )
    return replace(state, wrong_turn_memos=tuple(m for _, m in found), wrong_turns=wrong), said


def with_task_state(
    progress: Progress, task: Task, state: TaskState, remarks: tuple[Remark, ...] = ()
) -> Progress:
    return replace(
        progress,
        tasks={**progress.tasks, task.id: state},
        remarks=(*progress.remarks, *remarks),
        has_side_effects=progress.has_side_effects or any(remark.kind == "wrong turn" for remark in remarks),
    )


def _tick(
    course: CompiledLesson, progress: Progress, task: Task, state: TaskState, now: LabState
) -> Progress:
    """The task is done: what it captured counts, and predictions are compared with the truth."""
    state = replace(state, done_at=now.at)
    progress = with_task_state(progress, task, state, (Remark(now.at, "done", task.do, task.id),))
    captures = {**progress.captures, **{k: v for k, v in state.captures.items() if v is not None}}
    progress = replace(progress, captures=captures)
    seen = Observation(now, state.trace)
    step = progress.current_step(course)
    for k, item in enumerate(step.items[: progress.item_index]):
        if isinstance(item, QuestionItem) and not item.checked:
            posed = course.questions[item.id]
            own = step.task_after(k) is task
            if not (own or posed.asks_capture):
                continue
            if item.id in progress.answers:
                progress = _compare(progress, posed, seen, last=own and not posed.asks_capture)
            else:
                progress = reveal_unanswered(progress, posed, seen)
    return advance(course, replace(progress, item_index=progress.item_index + 1), now)


def _compare(progress: Progress, posed: CompiledQuestion, seen: Observation, *, last: bool) -> Progress:
    """Sets the measured truth beside a prediction, once.

    Where there is none, as something else happened meanwhile, what explains it is told all the same; `last`:
    there is no other time for that.
    """
    own = progress.answers[posed.question.id]
    if own.truth is not None:
        return progress
    truth = right_answer(posed, seen, progress.captures)
    if truth is None:
        if not last:
            return progress
        why, strayed = _explained(progress, posed, seen, progress.captures)
        remark = Remark(seen.state.at, "truth", why, posed.question.id)
        return replace(progress, remarks=(*progress.remarks, remark), has_side_effects=strayed)
    captures = {**progress.captures, truth_name(posed.question.id): truth}
    right = is_correct(posed.question, own.value, truth)
    why, strayed = _explained(progress, posed, seen, captures)
    remark = Remark(seen.state.at, "truth", why, posed.question.id)
    return replace(
        progress,
        has_side_effects=strayed,
        answers={**progress.answers, posed.question.id: replace(own, truth=truth, right=right)},
        captures=captures,
        remarks=(*progress.remarks, remark),
    )


def reveal_unanswered(progress: Progress, posed: CompiledQuestion, seen: Observation) -> Progress:
    """A question was not answered: its right answer is told all the same, as soon as there is one."""
    truth = right_answer(posed, seen, progress.captures)
    if truth is None or posed.question.id in progress.revealed:
        return progress
    captures = {**progress.captures, truth_name(posed.question.id): truth}
    why, strayed = _explained(progress, posed, seen, captures)
    missed = {**progress.revealed, posed.question.id: (truth, why)}
    return replace(progress, captures=captures, revealed=missed, has_side_effects=strayed)


def _explained(
    progress: Progress, posed: CompiledQuestion, seen: Observation, captures: Mapping[str, Value]
) -> tuple[str, bool]:
    """Prose that was written for the way the step means to go, said as that after another one, once; and
    whether it is still to be said."""
    why = explanation(posed, seen, captures)
    return (
        (f"{why} {ANOTHER_WAY}", False)
        if why and progress.has_side_effects
        else (why, progress.has_side_effects)
    )


def advance(course: CompiledLesson, progress: Progress, now: LabState) -> Progress:
    """Past prose, answered questions and tasks that are over; begins the next task."""
    items = progress.current_step(course).items
    k = progress.item_index
    while k < len(items):
        item = items[k]
        if isinstance(item, QuestionItem) and not _answered(item, progress):
            break
        if isinstance(item, TaskItem) and not (item.id in progress.tasks and progress.tasks[item.id].is_over):
            break
        k += 1
    progress = replace(progress, item_index=k)
    task = progress.current_task(course)
    if task is not None and task.id not in progress.tasks:
        state = TaskState(Trace(now.at, last=progress.last_adverts))
        progress = with_task_state(progress, task, state)
    if (
        k == len(items)
        and progress.step_index == len(course.lesson.steps) - 1
        and progress.finished_at is None
    ):
        progress = replace(progress, finished_at=now.at)
    return progress


def _answered(item: QuestionItem, progress: Progress) -> bool:
    own = progress.answers.get(item.id)
    return own is not None and (not item.checked or own.right is True)
