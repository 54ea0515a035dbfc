"""What a learner does in a lesson: answer, ask for a hint, skip, go on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from hatlab.errors import UserError
from hatlab.lessons.compile import CompiledLesson, CompiledQuestion, answer_name, explanation, right_answer
from hatlab.lessons.conditions.measures import Observation, Value
from hatlab.lessons.conditions.trace import Trace
from hatlab.lessons.model import QuestionItem, TaskItem
from hatlab.lessons.play.answers import is_correct, parse_answer
from hatlab.lessons.play.progress import Answer, Progress, Remark
from hatlab.lessons.play.reducer import advance, reveal_unanswered, tick_if_done, with_task_state
from hatlab.lessons.play.side_effects import initial_faults
from hatlab.lessons.templates import format_step, render
from hatlab.state.model import LabState

ANSWER_PREFIX = "The answer: "
"""The last hint begins so; the task's solution follows."""
BEGIN_AGAIN = "Something else was done in this step first. If the answer does not do, begin the step again."


def answer_question(course: CompiledLesson, progress: Progress, value: str, now: LabState) -> Progress:
    """Answers the open question: locks a prediction, or checks the answer at once.

    Raises:
        UserError: no question is open, or this is no answer to it.
    """
    item = progress.open_item(course)
    if not isinstance(item, QuestionItem):
        raise UserError("no question is open")
    given = parse_answer(item.question, value, progress.captures)
    task = progress.current_task(course)
    state = progress.tasks.get(task.id) if task else None
    late = state is not None and state.held_at is not None and not item.checked
    old = progress.answers.get(item.id)
    again = old is not None and old.value == given  # the same once more is no further try
    own = Answer(given, now.at, late=late, tries=old.tries + (not again) if old else 1)
    if item.checked:
        seen = _seen(course, progress, now)
        posed = course.questions[item.id]
        truth = right_answer(posed, seen, progress.captures)
        own = replace(own, truth=truth, right=truth is not None and is_correct(item.question, given, truth))
        text = _verdict(posed, own, seen, progress.captures)
        progress = replace(progress, remarks=(*progress.remarks, Remark(now.at, "truth", text, item.id)))
    said = {answer_name(item.id): given}
    progress = replace(
        progress, answers={**progress.answers, item.id: own}, captures={**progress.captures, **said}
    )
    progress = advance(course, progress, now)
    if task is not None and state is not None:  # it may hold already
        return tick_if_done(course, progress, task, progress.tasks[task.id], now)
    return progress


def _seen(course: CompiledLesson, progress: Progress, now: LabState) -> Observation:
    """The lab as a question that is checked at once sees it."""
    task = progress.current_task(course)
    state = progress.tasks.get(task.id) if task else None
    return Observation(now, state.trace if state else Trace(now.at, last=progress.last_adverts))


def _verdict(posed: CompiledQuestion, own: Answer, seen: Observation, captures: Mapping[str, Value]) -> str:
    if own.truth is None:
        return "That cannot be told yet; wait a moment and answer again."
    if own.right:
        return explanation(posed, seen, captures) or "Right."
    chosen = next((c for c in posed.question.choices if render(c.text, captures) == own.value), None)
    if chosen is not None and chosen.wrong:
        return render(chosen.wrong, captures)
    if isinstance(own.value, float) and isinstance(own.truth, float):
        return f"Not so: that is too {'much' if own.value > own.truth else 'little'}."
    return "Not so. Look again."


def give_hint(course: CompiledLesson, progress: Progress, now: LabState) -> Progress:
    """One more hint to the task under way: one that fits the state first; the solution is the last."""
    task = progress.current_task(course)
    if task is None:
        return progress
    state = progress.tasks[task.id]
    seen = Observation(now, state.trace)
    ready = course.tasks[task.id]
    fitting, general = [], []
    for each, when in zip(task.hints, ready.hints, strict=True):
        text = render(each.say, {**progress.captures, **state.captures})
        if text not in state.hints and when is None:
            general.append(text)
        elif text not in state.hints and when is not None and when.step(None, seen)[0]:
            fitting.append(text)
    answer = (
        "There is nothing to do but to watch."
        if task.watch
        else ANSWER_PREFIX + "; ".join(map(format_step, task.solution))
    )
    last = [answer, *([BEGIN_AGAIN] if progress.has_side_effects else [])]
    left = [*fitting, *general, *(text for text in last if text not in state.hints)]
    return (
        with_task_state(progress, task, replace(state, hints=(*state.hints, left[0]))) if left else progress
    )


def skip_item(course: CompiledLesson, progress: Progress, now: LabState) -> Progress:
    """Goes on without the open question or task."""
    item = progress.open_item(course)
    if isinstance(item, TaskItem):
        progress = with_task_state(progress, item.task, replace(progress.tasks[item.id], skipped=True))
    elif isinstance(item, QuestionItem):
        if item.checked:
            progress = reveal_unanswered(progress, course.questions[item.id], _seen(course, progress, now))
        progress = replace(progress, item_index=progress.item_index + 1)
    return advance(course, progress, now)


def go_to_next_step(course: CompiledLesson, progress: Progress, now: LabState) -> Progress:
    """The step after one that is over; stays where it is before that, and at the end."""
    if progress.open_item(course) is not None or progress.step_index + 1 == len(course.lesson.steps):
        return progress
    step = progress.step_index + 1
    return advance(
        course,
        replace(
            progress,
            step_index=step,
            item_index=0,
            has_side_effects=False,
            initial_faults=initial_faults(course, step, now),
        ),
        now,
    )
