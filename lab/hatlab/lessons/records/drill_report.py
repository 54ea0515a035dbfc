"""What a learner hears once a drill is over: the cause, the points, and the expert's way beside their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hatlab.describe.times import format_moment
from hatlab.lessons.model import Wait
from hatlab.lessons.play.drill_runner import DrillResult, DrillRunner
from hatlab.lessons.play.score import costs, score
from hatlab.lessons.records.drill_file import DrillFile, FaultRecord
from hatlab.lessons.solution import format_step
from hatlab.lessons.templates import render
from hatlab.util.text import plural

_LEAST_TRIES = 3
"""Drills of a kind from which on it is said that it is missed."""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report."""

    title: str
    lines: tuple[str, ...]
    """Sentences; `code` and **bold** as in a lesson."""
    numbered: bool = False


def report_sections(runner: DrillRunner, drill_file: DrillFile | None) -> Iterator[Section]:
    """Yield the report on a drill that is over, and was added to the file of drills, if there is one."""
    result = runner.result()
    yield Section(verdict(result), tuple(_best_lines(runner, result, drill_file)))
    yield Section("What was wrong", tuple(_cause_lines(runner)))
    looks = tuple(_expert_lines(runner))
    if runner.lesson.front.expert:
        title = plural(
            len(looks),
            "An expert needs {count} command, in this order",
            "An expert needs {count} commands, in this order",
        )
        yield Section(title, looks, numbered=True)
    if result.looks:
        title = plural(
            len(result.looks), "You looked and acted {count} time", "You looked and acted {count} times"
        )
        yield Section(title, (" · ".join(f"`{look}`" for look in result.looks),))
    if result.solved:
        spent = tuple(f"−{points}  {what}" for points, what in costs(result))
        yield Section("What cost points", spent or ("Nothing.",))
    if drill_file is not None and (missed := most_missed(drill_file.faults)):
        yield Section("Over all drills", (missed,))


def verdict(result: DrillResult) -> str:
    """Return in a line how a drill ended."""
    time = format_moment(result.seconds)
    if not result.solved:
        return f"Given up after {time}"
    return f"Solved in {time}: {score(result)} points"


def most_missed(faults: Mapping[str, FaultRecord]) -> str:
    """Return the kind of fault that is missed most, in a sentence; "" if there is none yet."""
    often = {name: fault for name, fault in faults.items() if fault.tries >= _LEAST_TRIES and fault.missed}
    if not often:
        return ""
    name = max(often, key=lambda name: (often[name].missed / often[name].tries, often[name].missed))
    return f"You miss {name} most: {often[name].missed} of {often[name].tries}."


def _best_lines(runner: DrillRunner, result: DrillResult, drill_file: DrillFile | None) -> Iterator[str]:
    if not result.in_time:
        yield f"The clock allowed {format_moment(result.limit)}."
    record = drill_file.drills.get(runner.lesson.id) if drill_file is not None else None
    if record is None or not record.solved:
        return
    if result.solved and score(result) >= record.best:
        yield "This is your best so far." if record.solved > 1 else "You solved it for the first time."
    else:
        yield f"Your best is {record.best} points, in {format_moment(record.seconds)}."


def _cause_lines(runner: DrillRunner) -> Iterator[str]:
    progress = runner.progress
    for _, item in runner.lesson.questions():
        compiled = runner.compiled.questions[item.id]
        seen = progress.observe(runner.compiled, runner.state)
        for cause in compiled.right_answers(seen, progress.captures):
            yield f"**{cause}**"
        if why := compiled.explanation(seen, progress.captures):
            yield why


def _expert_lines(runner: DrillRunner) -> Iterator[str]:
    values = runner.progress.captures
    for look in runner.lesson.front.expert:
        yield render(f"`{look.look}`: {look.shows}", values)
    for step in runner.lesson.drill_task.solution:
        if not isinstance(step, Wait):
            yield f"Then `{render(format_step(step), values)}`"
