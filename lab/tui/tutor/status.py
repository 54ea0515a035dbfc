"""The line that says what is waited for: of the learner, or of the lab."""

from __future__ import annotations

from lab.actions import VERBS, Action
from lab.lessons.guide import Guide
from lab.lessons.model import Asked, Given
from lab.lessons.progress import TaskState
from lab.lessons.telling import fill
from lab.state import LabState
from lab.tui.ink import Piece
from lab.tui.text import plain
from lab.tui.view import clock

_SPINNER = "◐◓◑◒"
CUT_OFF = 0.3
"""Seconds from which a client that is not answered is spoken of."""


def status(
    guide: Guide, *, reading: bool = True, answering: bool = False, seen: bool = True, ended: bool = False
) -> tuple[Piece, ...]:
    """What is waited for where the learner is, most important first.

    Args:
        reading: the lesson has the keys, not a part of the lab.
        answering: what is typed goes to the open question.
        seen: what is open can be read above the line.
        ended: the last page is shown.
    """
    course, progress = guide.course, guide.progress
    if course is None or progress is None:
        unfinished = [name for name, (done, _, _) in guide.state.phases.items() if not done]
        phase = f": {unfinished[-1]}" if unfinished else ""
        return (spinning(guide.state.at), (f"the lab is getting ready{phase}", ""))
    item = guide.item
    if isinstance(item, Asked):
        return (("? ", "bold accent"), (_question(guide, item, reading, answering), ""), *_running(guide))
    if isinstance(item, Given):
        return _task(guide.state, progress.tasks[item.id], item, seen)
    if progress.finished is not None:
        return (("✔ ", "master"), ("lesson done", "bold"), ("" if ended else " · n: what it came to", ""))
    title = course.lesson.steps[progress.step + 1].title
    return (("✔ ", "master"), ("step done", "bold"), (" · n goes on: ", ""), (plain(title), "bold"))


def spinning(at: float) -> Piece:
    return f"{_SPINNER[int(at * 4) % len(_SPINNER)]} ", "warn"


def _question(guide: Guide, item: Asked, reading: bool, answering: bool) -> str:
    wanted = "your answer" if item.checked else f"your prediction{_which(guide)}"
    if not answering:
        return f"{wanted} is wanted: {'enter, or 4' if reading else '4'}"
    how = "↑↓ and enter" if item.question.choices else "type it, then enter"
    return f"{wanted}: {how} · esc: lab"


def _which(guide: Guide) -> str:
    """Which of several predictions before one task is open."""
    progress = guide.begun
    items = progress.here(guide.ready).items
    task = progress.here(guide.ready).task_after(progress.item)
    asked = [k for k, i in enumerate(items) if isinstance(i, Asked) and not i.checked]
    together = [k for k in asked if progress.here(guide.ready).task_after(k) is task]
    return f" {together.index(progress.item) + 1} of {len(together)}" if len(together) > 1 else ""


def _task(lab: LabState, state: TaskState, item: Given, seen: bool) -> tuple[Piece, ...]:
    """What goes on in the lab towards a task, as far as it shows; else what is to be done."""
    spin = spinning(lab.at)
    taken = max(0.0, lab.at - state.trace.began)
    after = _clock(taken, item.task.limit)
    doing = lab.action
    if doing is not None and doing.phase == "started":
        known = doing.name in VERBS
        return (spin, (f"{Action(doing.name, doing.targets).title if known else doing.name} …", ""), after)
    do = plain(fill(item.task.do, state.captures))
    begun = bool(state.trace.actions or state.trace.turns or state.trace.processes)
    if not seen and not begun:
        return ("☐ ", "bold accent"), (do, "bold")
    for client in lab.clients.values():
        silent = client.cut_off or 0.0
        if silent >= CUT_OFF:
            return (spin, (f"{client.name} has not been answered for {silent:.1f} s", ""), after)
    if begun:
        return (spin, ("waiting for this: ", ""), (do, ""), after)
    turn = ("☐ ", "bold accent"), ("watch" if item.task.watch else "your turn", "bold")
    return (*turn, after) if item.task.limit is not None or item.task.watch else turn


def _running(guide: Guide) -> tuple[Piece, ...]:
    """The clock of a task that has one, at the questions in front of it: its time runs already."""
    task = guide.begun.task(guide.ready)
    if task is None or task.limit is None:
        return ()
    return (_clock(max(0.0, guide.state.at - guide.begun.tasks[task.id].trace.began), task.limit),)


def _clock(taken: float, limit: float | None) -> Piece:
    """The time a task takes; what is left of it, where it should not take longer."""
    if limit is None:
        return (f" · {taken:.0f} s so far", "quiet")
    left = limit - taken
    return (f" · ◷ {clock(left)} left", "warn") if left >= 0 else (f" · ◷ {clock(-left)} over time", "fault")
