"""Puts a lab into a step's known-good beginning: its checkpoint."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

from hatlab.actions import Action
from hatlab.errors import ActionFailed
from hatlab.lessons.compile import CompiledLesson
from hatlab.lessons.conditions.compiler import find_unmet
from hatlab.lessons.conditions.trace import Observation, Trace
from hatlab.lessons.play.action_player import ActionPlayer
from hatlab.lessons.play.progress import Progress
from hatlab.session import Session
from hatlab.state.faults import find_faults_and_edits
from hatlab.state.model import LabState

SETUP_SPEED = 50.0
"""Virtual seconds a real second while a simulated lab is put into a step's beginning."""

ELECTION_SECONDS = 10.0
"""Seconds that servers of a lab just made get until the best of them is Master: keepalived does not begin on
all of them in the same instant, and who begins late takes the address over a little later."""

READY_WITHIN = 20.0
"""Real seconds in which the beginning of a recording is read."""

APART = 0.001
"""Seconds between a moment to come back to and what is done after it, which going back must not repeat."""

SetupFunction = Callable[[Session, CompiledLesson, int], None]
"""What sets a step up: `restore` or `prepare`."""


def wait_until_ready(session: Session) -> None:
    """Wait for a lab that was started: a recording is only read then, on a thread of its own."""
    session.wait_for(lambda state: state.ready, READY_WITHIN)


def restore(session: Session, compiled: CompiledLesson, step: int) -> None:
    """Make the lab new, and do again what stands before a step.

    A step's own `yaml lab` block is its beginning. Without one it is the nearest such block before it (or the
    new lab), and the tasks' solutions from there on. A simulated lab goes back to the moment it was ready,
    and what came after is forgotten; a real one is reset. A recording goes to where `until` holds.

    Raises:
        ActionFailed: something could not be done; the lab is then as it is.
    """
    base = _base_step(compiled, step)
    with _hurrying(session):
        _reset(session)
        _play_setup(session, compiled, base)
        for index, task in compiled.lesson.tasks():
            if base <= index < step:
                _play_solution(session, compiled, task.id)


def prepare(session: Session, compiled: CompiledLesson, step: int) -> None:
    """Do what going on to a step does to the lab: its own setup, on a lab made new if something is broken.

    Raises:
        ActionFailed: as `restore`.
    """
    if not has_own_setup(compiled, step):
        _move_apart(session)
        return
    with _hurrying(session):
        if not session.engine.live or any(find_faults_and_edits(session.state)):
            _reset(session)
        _play_setup(session, compiled, step)


def next_setup(compiled: CompiledLesson, progress: Progress) -> SetupFunction | None:
    """Return what sets the next step up: `prepare`, or `restore` where it builds on what was skipped.

    None where nothing needs to be done: the step goes on with the lab as it is.
    """
    step = progress.step_index + 1
    if has_own_setup(compiled, step):
        return prepare
    base = _base_step(compiled, step)
    tasks = [progress.tasks.get(task.id) for index, task in compiled.lesson.tasks() if base <= index < step]
    return restore if any(task is not None and task.skipped for task in tasks) else None


def has_own_setup(compiled: CompiledLesson, step: int) -> bool:
    """True if a step has a `yaml lab` block of its own."""
    return compiled.lesson.steps[step].begin is not None


def _base_step(compiled: CompiledLesson, step: int) -> int:
    """Return the step whose own setup a step builds on: the nearest at or before it, or else the first."""
    return max((index for index in range(step + 1) if has_own_setup(compiled, index)), default=0)


def _play_solution(session: Session, compiled: CompiledLesson, task: str) -> None:
    """Play a task's solution and wait until its condition has held.

    Raises:
        ActionFailed: an action failed, or the condition did not come to hold in time.
    """
    player, compiled_task = ActionPlayer(session, fast=True), compiled.tasks[task]
    seconds = compiled_task.task.within
    with player.watch(compiled_task.when) as watch:
        player.play(compiled_task.solution)
        if not player.wait_until(lambda: watch.has_held, seconds):
            raise ActionFailed(
                f"{seconds:g} s after its solution was played, the task {task} had still not passed",
                "hatlab verify shows which condition does not hold",
            )


def _reset(session: Session) -> None:
    """Put the lab back to what it was when it became ready."""
    if session.time is not None:
        session.seek(session.state.phases["ready"][1])
    else:
        session.act(Action("reset"))


def _play_setup(session: Session, compiled: CompiledLesson, step: int) -> None:
    """Play a step's setup and wait until the lab is as the step begins.

    Raises:
        ActionFailed: an action failed, or the lab did not become so in time.
    """
    _move_apart(session)
    setup, begin = compiled.setups[step], compiled.lesson.steps[step].begin
    player = ActionPlayer(session, fast=True)
    if setup.steps:
        player.wait_until(lambda: _has_elected(session.state), ELECTION_SECONDS)
    with session.secretly() if begin is not None and begin.hidden else nullcontext():
        player.play(setup.steps)
        seconds = setup.seconds if session.engine.live else math.inf
        if setup.until is None or player.wait_for(setup.until, seconds):
            return
        seen = Observation(session.state, Trace(session.state.at))
        why = "; ".join(find_unmet(setup.until, seen)) or "it did not stay that way"
        if not session.engine.live:
            raise ActionFailed(f"the recording never gets to where this step begins: {why}")
        raise ActionFailed(
            f"after {seconds:g} s the lab is still not ready for this step: {why}",
            "restart the step, or reset the lab",
        )


def _has_elected(state: LabState) -> bool:
    """True if no address is held by another server than the one that has the highest priority for it."""
    if state.layout is None:
        return False
    instances = state.layout.topology.instances
    best = {
        name: max(spec.members, key=lambda node: spec.members[node].priority)
        for name, spec in instances.items()
    }
    return all(state.owners(address) <= {best[name]} for name, address, _ in state.vips())


def _move_apart(session: Session) -> None:
    if session.time is not None:
        session.seek(session.engine.now() + APART)


@contextmanager
def _hurrying(session: Session) -> Iterator[None]:
    """Let simulated time run fast meanwhile, even if it stood; afterwards as before, or at its usual pace.

    A recording stands where the step begins: its learner looks at that moment.
    """
    time = session.time
    if time is None:
        yield
        return
    if not session.engine.live:
        time.speed = 0.0
        yield
        return
    session.setting_up = True
    before, time.speed = time.speed, SETUP_SPEED
    try:
        yield
    finally:
        time.speed = before or 1.0
        session.setting_up = False
        session.follow_teacher()
