"""A learner's way through a lesson: a second pure fold, over the same events as the lab's.

Each function takes a progress and returns the one after it. What the lab does comes in here; what the learner
does, in `learner_actions`. `task_completion` ticks the tasks.
"""

from __future__ import annotations

from dataclasses import replace

from hatlab import events as e
from hatlab.lessons.compile import CompiledLesson
from hatlab.lessons.conditions import trace as traces
from hatlab.lessons.conditions.trace import Trace, Value
from hatlab.lessons.model import Prose
from hatlab.lessons.play.progress import Progress, TaskState, advance
from hatlab.lessons.play.side_effects import find_initial_confs, find_initial_faults, watch_side_effects
from hatlab.lessons.play.task_completion import evaluate, tick_if_done
from hatlab.lessons.templates import lab_values, measured_names
from hatlab.state.model import LabState
from hatlab.state.steps import Step

_BREAKING_EVENTS = e.Tick | e.Process | e.Node | e.Link | e.Filter | e.Conf
"""Events at which something can be broken, or has been for a while."""


def begin(
    compiled: CompiledLesson, state: LabState, step: int = 0, before: Progress | None = None
) -> Progress:
    """Return the progress at the beginning of a step: answers and tasks from there on are open again."""
    before = before or Progress()
    steps = compiled.lesson.steps
    reopened = {item.id for later in steps[step:] for item in later.items if not isinstance(item, Prose)}
    progress = replace(
        before,
        step_index=step,
        item_index=0,
        tasks={name: task for name, task in before.tasks.items() if name not in reopened},
        answers={name: answer for name, answer in before.answers.items() if name not in reopened},
        revealed={name: truth for name, truth in before.revealed.items() if name not in reopened},
        futures={name: both for name, both in before.futures.items() if name not in reopened},
        captures=initial_values(compiled, before, step),
        side_effects={},
        remarks=tuple(remark for remark in before.remarks if remark.about not in reopened),
        has_side_effects=False,
        initial_faults=find_initial_faults(compiled, step, state),
        initial_confs=find_initial_confs(state),
        finished_at=None,
    )
    return advance(compiled, progress, state)


def initial_values(
    compiled: CompiledLesson, before: Progress | None, step: int | None = None
) -> dict[str, Value]:
    """Return what names in braces stand for before anything is measured: None for what is to be measured.

    Args:
        compiled: the lesson.
        before: progress from an earlier session.
        step: what this step and later ones measured then is forgotten; None to keep all of it.
    """
    steps = compiled.lesson.steps
    forgotten = measured_names(steps[step:]) if step is not None else frozenset()
    known = before.captures if before is not None else {}
    return (
        lab_values(compiled.layout)
        | dict.fromkeys(measured_names(steps))
        | {name: value for name, value in known.items() if name not in forgotten}
    )


def reduce(compiled: CompiledLesson, progress: Progress, step: Step) -> Progress:
    """Fold one more event: speak of what it broke without need, and tick the task under way if it is done."""
    progress = _keep_advert(progress, step.event)
    if isinstance(step.event, _BREAKING_EVENTS):
        progress = watch_side_effects(compiled, progress, step.after)
    task = progress.current_task(compiled)
    state = progress.tasks.get(task.id) if task is not None else None
    if task is None or state is None or state.is_over:
        return progress
    return tick_if_done(compiled, progress, task, _trace_step(state, step), step.after)


def replay(compiled: CompiledLesson, progress: Progress, step: Step) -> Progress:
    """Fold an event that is repeated, or that the learner did not cause: it counts, but nothing is ticked."""
    progress = _keep_advert(progress, step.event)
    task = progress.current_task(compiled)
    state = progress.tasks.get(task.id) if task is not None else None
    if task is None or state is None or state.is_over or step.event.at < state.trace.began:
        return progress
    evaluated = evaluate(compiled, progress, task, _trace_step(state, step), step.after)
    return progress.with_task_state(task, evaluated.tasks[task.id])


def _keep_advert(progress: Progress, event: e.Event) -> Progress:
    if isinstance(event, e.Advert) and event.direction == "sent":
        return replace(progress, last_adverts={**progress.last_adverts, event.node: event})
    return progress


def _trace_step(state: TaskState, step: Step) -> TaskState:
    trace = traces.update(state.trace, step.before, step.event, step.after)
    return state if trace is state.trace else replace(state, trace=trace)


def rewind(compiled: CompiledLesson, progress: Progress, at: float) -> Progress:
    """Return the progress after time was set back: the task under way has seen nothing since that moment.

    It began at that moment at the latest. What was ticked, locked and hinted before stays: it was learned.
    """
    task = progress.current_task(compiled)
    state = progress.tasks.get(task.id) if task is not None else None
    progress = replace(progress, side_effects={})
    if task is None or state is None:
        return progress
    trace = Trace(min(at, state.trace.began), last=progress.last_adverts)
    return progress.with_task_state(task, TaskState(trace, hints=state.hints))
