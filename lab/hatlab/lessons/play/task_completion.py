"""Tests the task under way against the lab, and ticks it once its condition holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from hatlab.lessons.compile import CompiledLesson
from hatlab.lessons.conditions.syntax import Interval
from hatlab.lessons.conditions.trace import Observation, Value
from hatlab.lessons.model import QuestionItem, Task, TaskItem
from hatlab.lessons.play.predictions import judge_prediction, reveal_unanswered
from hatlab.lessons.play.progress import Progress, Remark, TaskState, advance
from hatlab.lessons.templates import render
from hatlab.state.model import LabState


def tick_if_done(
    compiled: CompiledLesson, progress: Progress, task: Task, state: TaskState, now: LabState
) -> Progress:
    """Test the task under way; tick it if its condition holds and no question in front of it is open."""
    progress = evaluate(compiled, progress, task, state, now)
    item = progress.open_item(compiled)
    if isinstance(item, TaskItem) and item.task is task and progress.tasks[task.id].held_at is not None:
        return _tick(compiled, progress, task, now)
    return progress


def evaluate(
    compiled: CompiledLesson, progress: Progress, task: Task, state: TaskState, now: LabState
) -> Progress:
    """Fold the lab's state into a task's condition, captures and wrong turns, without ticking it."""
    compiled_task, seen = compiled.tasks[task.id], Observation(now, state.trace)
    holds, memo = compiled_task.when.step(state.memo, seen)
    captures, stopwatches = dict(state.captures), dict(state.stopwatches)
    for name, measure in compiled_task.captures.items():
        if isinstance(measure, Interval):
            captures[name], stopwatches[name] = measure.step(stopwatches.get(name), seen)
        elif holds and state.held_at is None:
            captures[name] = measure(seen)
    held_at = now.at if holds and state.held_at is None else state.held_at
    known = (state.memo, state.captures, state.stopwatches, state.held_at)
    if known != (memo, captures, stopwatches, held_at):  # of the many events, few change anything
        state = replace(state, memo=memo, captures=captures, stopwatches=stopwatches, held_at=held_at)
    return _note_wrong_turns(compiled, progress, task, state, seen)


def _note_wrong_turns(
    compiled: CompiledLesson, progress: Progress, task: Task, state: TaskState, seen: Observation
) -> Progress:
    """Remark on each wrong turn that holds now and did not before."""
    conditions = compiled.tasks[task.id].fails
    if not conditions:
        return progress.with_task_state(task, state)
    memos = state.wrong_turn_memos or (None,) * len(conditions)
    results = [condition.step(memo, seen) for condition, memo in zip(conditions, memos, strict=True)]
    wrong_turns = frozenset(index for index, (holds, _) in enumerate(results) if holds)
    new = sorted(wrong_turns - state.wrong_turns)
    values: Mapping[str, Value] = {**progress.captures, **state.captures} if new else {}
    remarks = [
        Remark(seen.state.at, "wrong turn", render(task.fail[index].say, values), task.id) for index in new
    ]
    memos = tuple(memo for _, memo in results)
    if (state.wrong_turn_memos, state.wrong_turns) != (memos, wrong_turns):
        state = replace(state, wrong_turn_memos=memos, wrong_turns=wrong_turns)
    return progress.with_task_state(task, state, *remarks)


def _tick(compiled: CompiledLesson, progress: Progress, task: Task, now: LabState) -> Progress:
    """Tick a task: take over what it captured, and compare the predictions so far with the truth."""
    state = replace(progress.tasks[task.id], done_at=now.at)
    progress = progress.with_task_state(task, state, Remark(now.at, "done", task.do, task.id))
    if state.wrong_turns:
        progress = replace(progress, has_side_effects=True)
    measured = {name: value for name, value in state.captures.items() if value is not None}
    progress = replace(progress, captures={**progress.captures, **measured})
    seen, step = Observation(now, state.trace), progress.current_step(compiled)
    for index, item in enumerate(step.items[: progress.item_index]):
        if not isinstance(item, QuestionItem) or item.checked:
            continue
        question = compiled.questions[item.id]
        is_about_task = step.task_after(index) is task
        if not (is_about_task or question.asks_capture):
            continue
        if item.id in progress.answers:
            last = is_about_task and not question.asks_capture
            progress = judge_prediction(progress, question, seen, last=last)
        else:
            progress = reveal_unanswered(progress, question, seen)
    return advance(compiled, replace(progress, item_index=progress.item_index + 1), now)
