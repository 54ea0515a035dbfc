"""Puts a lab into a step's known-good beginning: its checkpoint."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

from hatlab.actions import Action
from hatlab.errors import ActionFailed
from hatlab.lessons.compile import CompiledLesson
from hatlab.lessons.conditions.compiler import find_unmet
from hatlab.lessons.conditions.measures import Observation
from hatlab.lessons.conditions.trace import Trace
from hatlab.lessons.play.action_player import ActionPlayer
from hatlab.lessons.play.progress import Progress
from hatlab.lessons.play.side_effects import find_faults_and_edits
from hatlab.session import Session
from hatlab.state.model import LabState

HASTE = 50.0
"""Virtual seconds a real second while a simulated lab is put in place."""

SETTLED = 10.0
"""Seconds that servers of a lab just made get until the best of them is Master: keepalived does not begin on
all of them in the same instant, and who begins late takes the address over a little later."""

APART = 0.001
"""Seconds between a moment to come back to and what is done after it, which going back must not repeat."""


def has_own_setup(course: CompiledLesson, step: int) -> bool:
    """Whether a step brings its own beginning, which going on to it makes so."""
    return course.lesson.steps[step].begin is not None


def _base(course: CompiledLesson, step: int) -> int:
    """The step whose own beginning a step builds on: the nearest at or before it, the first without any."""
    return max((k for k in range(step + 1) if has_own_setup(course, k)), default=0)


def restore(session: Session, course: CompiledLesson, step: int) -> None:
    """The lab is made new, and what stands before a step is done to it again.

    A step's own `yaml lab` block is its beginning. Without one it is the nearest such block before it (or the
    new lab), and the tasks' solutions from there on. A simulated lab goes back to the moment it was ready,
    and what came after is forgotten; a real one is reset.

    Raises:
        ActionFailed: something could not be done; the lab is then as it is.
    """
    first = _base(course, step)
    with _hurrying(session):
        _renew(session)
        _begin(session, course, first)
        for k, task in course.lesson.tasks():
            if first <= k < step:
                play_solution(ActionPlayer(session, fast=True), course, task.id)


def prepare(session: Session, course: CompiledLesson, step: int) -> None:
    """What going on to a step does to the lab: its own beginning, on a lab renewed where it is not healthy.

    Raises:
        ActionFailed: as `restore`.
    """
    if not has_own_setup(course, step):
        _apart(session)
        return
    with _hurrying(session):
        if any(find_faults_and_edits(session.state)):
            _renew(session)
        _begin(session, course, step)


SetupFunction = Callable[[Session, CompiledLesson, int], None]
"""What makes the beginning of a step: `restore` or `prepare`."""


def next_setup(course: CompiledLesson, progress: Progress) -> SetupFunction | None:
    """What makes the beginning of the next step: `prepare`, or `restore` where it builds on what was skipped.

    None where nothing needs to be done: the step goes on with the lab as it is.
    """
    step = progress.step_index + 1
    if has_own_setup(course, step):
        return prepare
    first = _base(course, step)
    tasks = [progress.tasks.get(task.id) for k, task in course.lesson.tasks() if first <= k < step]
    return restore if any(task is not None and task.skipped for task in tasks) else None


def play_solution(player: ActionPlayer, course: CompiledLesson, task: str) -> float:
    """Plays a task's solution and waits until its condition held; returns when, s of the lab.

    Raises:
        ActionFailed: an action failed, or the condition did not come to hold in time.
    """
    ready = course.tasks[task]
    with player.watch(ready.when) as watch:
        player.play(ready.solution)
        if not player.wait_until(lambda: watch.held_at is not None, ready.task.within):
            raise ActionFailed(
                f"the solution of {task} was played, and {ready.task.within:g} s later it had not passed",
                "hatlab verify tells which condition does not hold",
            )
    assert watch.held_at is not None, "the wait told so"
    return watch.held_at


def _renew(session: Session) -> None:
    """The lab as it was when it became ready."""
    if session.time is not None:
        session.seek(session.state.phases["ready"][1])
    else:
        session.act(Action("reset"))


def _begin(session: Session, course: CompiledLesson, step: int) -> None:
    setup = course.setups[step]
    _apart(session)
    player = ActionPlayer(session, fast=True)
    begin = course.lesson.steps[step].begin
    if setup.steps:
        player.wait_until(lambda: _settled(session.state), SETTLED)
    with session.secretly() if begin is not None and begin.hidden else nullcontext():
        player.play(setup.steps)
        if setup.until is None or setup.condition is None:
            return
        with player.watch(setup.until) as watch:
            if not player.wait_until(lambda: watch.held_at is not None, setup.seconds):
                seen = Observation(session.state, Trace(session.state.at))
                why = "; ".join(find_unmet(setup.condition, course.layout, seen)) or "it did not last"
                raise ActionFailed(
                    f"after {setup.seconds:g} s the lab is not as this step begins: {why}",
                    "begin the step again, or reset the lab",
                )


def _settled(state: LabState) -> bool:
    """Whether no address is held by another server than the one that has the highest priority for it."""
    if state.layout is None:
        return False
    members = {name: spec.members for name, spec in state.layout.topology.instances.items()}
    first = {name: max(found, key=lambda n: found[n].priority) for name, found in members.items()}
    return all(state.owners(address) <= {first[name]} for name, address, _ in state.vips())


def _apart(session: Session) -> None:
    if session.time is not None:
        session.seek(session.engine.now() + APART)


@contextmanager
def _hurrying(session: Session) -> Iterator[None]:
    """Simulated time runs fast meanwhile, also where it stood; afterwards as before, or at its usual pace."""
    time = session.time
    before = time.speed if time is not None else 0.0
    if time is not None:
        time.speed = HASTE
    try:
        yield
    finally:
        if time is not None:
            time.speed = before or 1.0
