"""What a learner can do in a lesson: answer, ask for a hint, skip an item, go on to the next step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from hatlab.errors import UserError
from hatlab.lessons.compile import CompiledLesson, CompiledQuestion
from hatlab.lessons.conditions.trace import Observation, Value
from hatlab.lessons.model import Question, QuestionItem, TaskItem, WhatIfItem
from hatlab.lessons.play.answers import format_difference, is_close, is_correct, parse_answer
from hatlab.lessons.play.predictions import reveal_unanswered
from hatlab.lessons.play.progress import Answer, Futures, Progress, Remark, advance
from hatlab.lessons.play.side_effects import find_initial_confs, find_initial_faults
from hatlab.lessons.play.task_completion import tick_if_done
from hatlab.lessons.solution import format_step
from hatlab.lessons.templates import answer_name, format_value, render
from hatlab.state.model import LabState

ANSWER_PREFIX = "The answer: "
"""The last hint begins so; the task's solution follows."""
BEGIN_AGAIN = "You did something else in this step first. If the answer does not work, restart the step."


def answer_question(compiled: CompiledLesson, progress: Progress, text: str, now: LabState) -> Progress:
    """Answer the open question: lock a prediction, or check the answer at once.

    Raises:
        UserError: no question is open, or this is no answer to it.
    """
    item = progress.open_item(compiled)
    if not isinstance(item, QuestionItem):
        raise UserError("there is no open question")
    value = parse_answer(item.question, text, progress.captures)
    task, state = progress.current_task(compiled), progress.current_task_state(compiled)
    answer = Answer(value, now.at, late=not item.checked and state is not None and state.held_at is not None)
    if (earlier := progress.answers.get(item.id)) is not None:
        is_repeated = earlier.value == value  # the same once more is no further try
        answer = replace(answer, tries=earlier.tries + (not is_repeated))
    if item.checked:
        question, seen = compiled.questions[item.id], progress.observe(compiled, now)
        answer = _check_answer(question, answer, earlier, question.right_answers(seen, progress.captures))
        verdict = _format_verdict(question, answer, seen, progress.captures)
        progress = replace(progress, remarks=(*progress.remarks, Remark(now.at, "truth", verdict, item.id)))
    progress = replace(
        progress,
        answers={**progress.answers, item.id: answer},
        captures={**progress.captures, answer_name(item.id): value},
    )
    progress = advance(compiled, progress, now)
    if task is not None and state is not None:  # its condition may hold already
        return tick_if_done(compiled, progress, task, progress.tasks[task.id], now)
    return progress


def _check_answer(
    question: CompiledQuestion, answer: Answer, earlier: Answer | None, truths: tuple[Value, ...]
) -> Answer:
    """Return an answer with whether it is right; where several are to be given, the last of them is."""
    value, earlier = format_value(answer.value), earlier or replace(answer, tries=0)
    found, wrong, missed = earlier.found, earlier.wrong, earlier.missed
    if any(is_correct(question.question, answer.value, truth) for truth in truths):
        if value not in found and len(wrong) > earlier.wrong_before:
            missed = (*missed, value)
        found = (*found, *({value} - {*found}))
        answer = replace(answer, wrong_before=len(wrong))
    else:
        answer = replace(answer, wrong_before=earlier.wrong_before)
        wrong = (*wrong, *({value} - {*wrong}))
    right = bool(truths) and len(found) == len(truths)
    truth = truths[0] if len(truths) == 1 else " and ".join(map(format_value, truths)) or None
    if found != earlier.found and not right:
        answer = replace(answer, tries=earlier.tries or 1)
    close = truth is not None and is_close(question.question, answer.value, truth)
    return replace(answer, truth=truth, right=right, close=close, found=found, wrong=wrong, missed=missed)


def _format_verdict(
    question: CompiledQuestion, answer: Answer, seen: Observation, captures: Mapping[str, Value]
) -> str:
    if answer.truth is None:
        return "It is too early to tell. Wait a moment and answer again."
    if answer.right:
        return question.explanation(seen, captures) or "Right."
    if format_value(answer.value) in answer.found:
        return f"Right: {format_value(answer.value)}. That is not all: something else is wrong, too."
    choices = question.question.choices
    chosen = next((choice for choice in choices if render(choice.text, captures) == answer.value), None)
    if chosen is not None and chosen.wrong:
        return render(chosen.wrong, captures)
    if isinstance(answer.value, float) and isinstance(answer.truth, float):
        return _format_direction(question.question, answer, answer.value > answer.truth)
    return "No. Look again."


def _format_direction(question: Question, answer: Answer, too_high: bool) -> str:
    """Return how far off a wrong number is, and to which side."""
    difference = format_difference(question, answer.value, answer.truth)
    if not difference:
        return "No: that is too high." if too_high else "No: that is too low."
    if answer.close:
        sentence = "Close: {difference} too high." if too_high else "Close: {difference} too low."
    else:
        sentence = "No: {difference} too high." if too_high else "No: {difference} too low."
    return sentence.format(difference=difference)


def give_hint(compiled: CompiledLesson, progress: Progress, now: LabState) -> Progress:
    """Give one more hint to the task under way: first one that fits the lab's state, last the solution."""
    task, state = progress.current_task(compiled), progress.current_task_state(compiled)
    if task is None or state is None:
        return progress
    seen, values = Observation(now, state.trace), {**progress.captures, **state.captures}
    fitting, general = [], []
    for hint, condition in zip(task.hints, compiled.tasks[task.id].hints, strict=True):
        if condition is None:
            general.append(render(hint.say, values))
        elif condition.step(None, seen)[0]:
            fitting.append(render(hint.say, values))
    if task.watch:
        solution = "There is nothing to do here: just watch."
    else:
        solution = ANSWER_PREFIX + "; ".join(map(format_step, task.solution))
    went_another_way = progress.has_side_effects or bool(state.wrong_turns)
    hints = [*fitting, *general, solution, *([BEGIN_AGAIN] if went_another_way else [])]
    new = next((text for text in hints if text not in state.hints), None)
    return progress.with_task_state(task, replace(state, hints=(*state.hints, new))) if new else progress


def pass_by_question(
    compiled: CompiledLesson, progress: Progress, item: QuestionItem, now: LabState
) -> Progress:
    """Go on behind a question that was answered wrongly, and may not be answered again."""
    items = progress.current_step(compiled).items
    return advance(compiled, replace(progress, item_index=items.index(item) + 1), now)


def show_futures(compiled: CompiledLesson, progress: Progress, futures: Futures, now: LabState) -> Progress:
    """Show both futures of the open what-if, and go on behind it.

    Raises:
        UserError: no what-if is open.
    """
    item = progress.open_item(compiled)
    if not isinstance(item, WhatIfItem):
        raise UserError("there is no open what-if")
    progress = advance(compiled, replace(progress, futures={**progress.futures, item.id: futures}), now)
    task, state = progress.current_task(compiled), progress.current_task_state(compiled)
    if task is not None and state is not None:  # its condition may hold already
        return tick_if_done(compiled, progress, task, state, now)
    return progress


def skip_item(compiled: CompiledLesson, progress: Progress, now: LabState) -> Progress:
    """Go on without the open question, task or what-if."""
    item = progress.open_item(compiled)
    if isinstance(item, TaskItem):
        progress = progress.with_task_state(item.task, replace(progress.tasks[item.id], skipped=True))
    elif isinstance(item, QuestionItem):
        if item.checked:
            seen = progress.observe(compiled, now)
            progress = reveal_unanswered(progress, compiled.questions[item.id], seen)
        progress = replace(progress, item_index=progress.item_index + 1)
    elif isinstance(item, WhatIfItem):
        progress = replace(progress, item_index=progress.item_index + 1)
    return advance(compiled, progress, now)


def go_to_next_step(compiled: CompiledLesson, progress: Progress, now: LabState) -> Progress:
    """Go on to the step after one that is over; stay where it is not over, and at the end of the lesson."""
    step = progress.step_index + 1
    if progress.open_item(compiled) is not None or step == len(compiled.lesson.steps):
        return progress
    faults = find_initial_faults(compiled, step, now)
    progress = replace(
        progress,
        step_index=step,
        item_index=0,
        has_side_effects=False,
        initial_faults=faults,
        initial_confs=find_initial_confs(now),
    )
    return advance(compiled, progress, now)
