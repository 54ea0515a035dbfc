"""Sets the measured truth beside what a learner predicted, or tells it where no answer was given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from hatlab.lessons.compile import CompiledQuestion
from hatlab.lessons.conditions.trace import Observation, Value
from hatlab.lessons.play.answers import is_close, is_correct
from hatlab.lessons.play.progress import Progress, Remark
from hatlab.lessons.templates import truth_name

ANOTHER_WAY = (
    "(You did something else in this step first. If this does not match what you saw, restart the step.)"
)


def judge_prediction(
    progress: Progress, compiled: CompiledQuestion, seen: Observation, *, last: bool
) -> Progress:
    """Compare a prediction with the measured truth, once.

    Args:
        progress: the question has been answered.
        compiled: the question.
        seen: the lab as the task sees it that the prediction is about.
        last: no later task can measure the truth. If there is none even then, because something else happened
            meanwhile, the explanation is given all the same.
    """
    name, answer = compiled.question.id, progress.answers[compiled.question.id]
    truth = compiled.right_answer(seen, progress.captures)
    if answer.truth is not None or (truth is None and not last):
        return progress
    if truth is not None:
        right = is_correct(compiled.question, answer.value, truth)
        close = is_close(compiled.question, answer.value, truth)
        progress = replace(
            progress,
            answers={**progress.answers, name: replace(answer, truth=truth, right=right, close=close)},
            captures={**progress.captures, truth_name(name): truth},
        )
    if truth is None:  # the screen says so, and why
        why, has_side_effects = compiled.explanation(seen, progress.captures), False
    else:
        why, has_side_effects = _explain(progress, compiled, seen, progress.captures)
    remarks = (*progress.remarks, Remark(seen.state.at, "truth", why, name))
    return replace(progress, remarks=remarks, has_side_effects=has_side_effects)


def reveal_unanswered(progress: Progress, compiled: CompiledQuestion, seen: Observation) -> Progress:
    """Tell the right answer to a question that was not answered, as soon as there is one."""
    name = compiled.question.id
    truth = compiled.right_answer(seen, progress.captures)
    if truth is None or name in progress.revealed:
        return progress
    captures = {**progress.captures, truth_name(name): truth}
    why, has_side_effects = _explain(progress, compiled, seen, captures)
    revealed = {**progress.revealed, name: (truth, why)}
    return replace(progress, captures=captures, revealed=revealed, has_side_effects=has_side_effects)


def _explain(
    progress: Progress, compiled: CompiledQuestion, seen: Observation, captures: Mapping[str, Value]
) -> tuple[str, bool]:
    """Return the explanation of a truth, and whether side effects are still to be mentioned.

    It was written for the way the step is meant to go. The first one after a side effect says so.
    """
    why = compiled.explanation(seen, captures)
    if why and progress.has_side_effects:
        return f"{why} {ANOTHER_WAY}", False
    return why, progress.has_side_effects
