"""What a lesson as text says at each turn: what is asked, what the tutor remarks, how it ended. Pure.

Names in braces may still stand in the texts; whoever writes them out fills them in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hatlab.lessons.compile import CompiledQuestion
from hatlab.lessons.conditions.trace import Value
from hatlab.lessons.model import Item, Lesson, Question, QuestionItem, TaskItem, WhatIfItem
from hatlab.lessons.play.answers import answer_hint, choice_labels, choice_texts, format_difference
from hatlab.lessons.play.exam_texts import OVER, TIME_IS_UP
from hatlab.lessons.play.futures import SIMULATED, compare_futures, explain_futures, name_futures
from hatlab.lessons.play.progress import Answer, Progress, Remark
from hatlab.lessons.play.runner import LessonRunner
from hatlab.lessons.templates import format_value, render, with_unit
from hatlab.util.text import plural

PRESS_ENTER = "Press Enter to see both futures."
STEP_OVER = "This step is done. Type next to continue."


def describe_open_item(item: Item | None) -> str:
    """Return what the learner may do at an item, or at the end of a step."""
    match item:
        case QuestionItem(checked=False):
            return "Type your prediction. You may look around and act first."
        case QuestionItem():
            return "Type your answer. You may look around and act first."
        case TaskItem():
            return "There is a task to do. Type hint if you are stuck."
        case WhatIfItem():
            return PRESS_ENTER
        case _:
            return STEP_OVER


def format_question(item: QuestionItem, values: Mapping[str, Value]) -> str:
    """Return a question, with a line for each choice, or with what kind of number is wanted."""
    question = item.question
    texts = choice_texts(question, values)
    choices = [f"  {label}. {text}" for label, text in zip(choice_labels(texts), texts, strict=True)]
    is_number = not choices and not isinstance(question.right, str)
    hint = f" ({answer_hint(question.unit, question.near)})" if is_number else ""
    return "\n".join([f"{'Question' if item.checked else 'Predict'}: {question.ask}{hint}", *choices])


def format_task(item: TaskItem) -> str:
    """Return what is to be done, and within which time."""
    limit = item.task.limit
    if limit is None:
        return f"To do: {item.task.do}"
    return f"To do: {item.task.do} (You have {limit:g} s from the start of the step.)"


def format_what_if(item: WhatIfItem) -> str:
    """Return what would be changed, and how to see both futures."""
    return f"Two futures: {item.what_if.ask}\n{PRESS_ENTER}"


def format_futures(item: WhatIfItem, runner: LessonRunner) -> Iterator[str]:
    """Yield both futures and what explains them, a paragraph each; some may be empty."""
    both = runner.progress.futures[item.id]
    yield "\n".join(f"{name.capitalize()}: {value}" for name, value in name_futures(item.what_if, both))
    yield compare_futures(item.what_if, both)
    yield explain_futures(item.what_if, both, runner.progress.captures)
    yield "" if runner.state.engine == "sim" else SIMULATED


def format_remark(remark: Remark, runner: LessonRunner, values: Mapping[str, Value]) -> Iterator[str]:
    """Yield what the tutor says by itself, a paragraph each; some may be empty."""
    match remark.kind:
        case "done":
            yield f"Done: {render(remark.text, values)}"
        case "wrong turn":
            yield f"Wrong turn: {remark.text}"
        case "lab":
            yield f"{remark.text} Type fix all to fix it, or restart to restart the step."
        case _ if any(item.checked for _, item in runner.lesson.questions() if item.id == remark.about):
            yield _verdict(remark, runner.progress.answers[remark.about])
        case _:
            question, answer = runner.compiled.questions[remark.about], runner.progress.answers[remark.about]
            yield _comparison(question, answer, values)
            yield remark.text


def format_end(lesson: Lesson, progress: Progress, next_lesson: str) -> Iterator[str]:
    """Yield the page at the end, a paragraph each; some may be empty."""
    right = sum(answer.right is True and answer.tries == 1 for answer in progress.answers.values())
    hints = sum(len(task.hints) for task in progress.tasks.values())
    close = sum(answer.close for answer in progress.answers.values())
    skipped = sum(task.skipped for task in progress.tasks.values())
    goals = [f"- {goal}" for goal in lesson.front.goals]
    yield "# Summary"
    yield "\n".join(["What you learned:", *goals]) if goals else ""
    asked = len(progress.answers)
    nearly = f" Close: {close}." if close else ""
    yield f"Right the first time: {right} of {asked}.{nearly} Hints: {hints}. Tasks skipped: {skipped}."
    yield next_lesson and f"Next lesson: {next_lesson}"


def format_exam_end(runner: LessonRunner) -> Iterator[str]:
    """Yield the page at the end of an exam: what was said, and nothing of what is right."""
    progress, values = runner.progress, runner.values
    is_finished = progress.finished_at is not None
    yield "# The end"
    yield OVER if is_finished else TIME_IS_UP
    lines = []
    for _, item in runner.lesson.questions():
        answer = progress.answers.get(item.id)
        said = "not answered" if answer is None else f"you said: {format_value(answer.value)}"
        lines.append(f"- {render(item.question.ask, values)} {said}")
    tasks = [task for _, task in runner.lesson.tasks()]
    done = sum(task.id in progress.tasks and progress.tasks[task.id].done_at is not None for task in tasks)
    yield "\n".join(["Your answers:", *lines]) if lines else ""
    yield plural(len(tasks), "Tasks done: {done} of {count}.", "Tasks done: {done} of {count}.", done=done)


def _verdict(remark: Remark, answer: Answer) -> str:
    """Return whether an answer is right, and what explains that."""
    if answer.truth is None:
        return remark.text
    if answer.close or (not answer.right and format_value(answer.value) in answer.found):  # one of several
        return remark.text
    word = "Right" if answer.right else "No"
    return remark.text if remark.text.startswith((f"{word}.", f"{word}:")) else f"{word}. {remark.text}"


def _comparison(compiled: CompiledQuestion, answer: Answer, values: Mapping[str, Value]) -> str:
    """Return a prediction beside the truth."""
    question = compiled.question
    said = f"You said: {with_unit(format_value(answer.value), question.unit)}."
    if answer.truth is None:
        return f"{said} It could not be measured, because something else happened as well."
    truth = f"It was: {with_unit(format_value(answer.truth), question.unit)}."
    late = " You answered after it happened, so it does not count as a prediction." if answer.late else ""
    return f"{render(question.ask, values)} {said} {truth} {_judgement(question, answer)}{late}"


def _judgement(question: Question, answer: Answer) -> str:
    """Return `Right.`, `Close: 0.45 s off.` or `Wrong: 2.1 s off.`."""
    if answer.right:
        return "Right."
    difference = format_difference(question, answer.value, answer.truth)
    if not difference:
        return "Wrong."
    return f"Close: {difference} off." if answer.close else f"Wrong: {difference} off."
