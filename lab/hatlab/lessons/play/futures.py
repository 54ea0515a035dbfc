"""Plays a what-if: one story in a simulated lab, as it is and with a setting changed, in virtual time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hatlab import events as e
from hatlab.errors import ActionFailed
from hatlab.lessons.compile import CompiledWhatIf, compile_lesson
from hatlab.lessons.conditions.compiler import unit_of
from hatlab.lessons.conditions.trace import Value
from hatlab.lessons.model import Lesson, WhatIf
from hatlab.lessons.play import checkpoints
from hatlab.lessons.play.action_player import ActionPlayer
from hatlab.lessons.play.progress import Futures, Run
from hatlab.lessons.solution import CompiledStep
from hatlab.lessons.templates import FIRST, OTHER, format_value, render
from hatlab.session import HISTORY, Session
from hatlab.topology import Layout

AS_IT_IS, CHANGED = "as it is", "changed"
"""What the two futures are called."""
SIMULATED = "hatlab played both in the simulator: a lab on Docker cannot go back to play the second one."
"""What is said where the lab itself is none that can go back."""


def play_futures(lesson: Lesson, layout: Layout, step: int, what_if: WhatIf) -> Futures:
    """Return what is measured in both futures. Each begins at the beginning of the step.

    Args:
        lesson: that the what-if belongs to.
        layout: of the lab that the lesson is taken in; a simulated lab of its topology is made.
        step: the index of its step.
        what_if: what to play.

    Raises:
        LabError: a part of it cannot be played, or the measure cannot be taken.
    """
    from hatlab.engine.simulator.engine import SimulatorEngine

    session = Session(SimulatorEngine(layout.name, layout.topology, paced=False))
    try:
        session.start()
        compiled = compile_lesson(lesson, session.state.layout or layout)
        checkpoints.restore(session, compiled, step)
        both, fork = compiled.what_ifs[what_if.id], session.engine.now()
        first, as_it_is = _play(session, both, (), what_if.within), _told(session)
        session.seek(fork)
        other = _play(session, both, both.change, what_if.within)
        return Futures(first, other, Run(fork, as_it_is, _told(session)))
    finally:
        session.stop()


def _told(session: Session) -> tuple[e.Event, ...]:
    """Return what has happened in a lab so far."""
    return session.reader().drain(most=HISTORY).events


def _play(session: Session, both: CompiledWhatIf, change: Sequence[CompiledStep], within: float) -> Value:
    """Play one future from now on, and return what is measured in it."""
    player = ActionPlayer(session, fast=True)
    player.wait(checkpoints.APART)
    player.play(change)
    with player.measure(both.measure) as watch:
        player.play(both.then)
        if not player.wait_until(lambda: watch.value is not None, within):
            raise ActionFailed(
                f"{within:g} s after the story there was still nothing to measure",
                "hatlab verify shows what is wrong with this what-if",
            )
        return watch.value


def _format_future(what_if: WhatIf, value: Value) -> str:
    """Return what was measured in one future; a number has its unit."""
    unit = unit_of(what_if.measure) if isinstance(value, float) else ""
    return f"{format_value(value)} {unit}".rstrip()


def name_futures(what_if: WhatIf, futures: Futures) -> tuple[tuple[str, str], ...]:
    """Return (what it is called, what was measured) of each future."""
    return (
        (AS_IT_IS, _format_future(what_if, futures.first)),
        (CHANGED, _format_future(what_if, futures.other)),
    )


def compare_futures(what_if: WhatIf, futures: Futures) -> str:
    """Return the difference between both futures in one sentence."""
    first, other = futures.first, futures.other
    said = {"first": _format_future(what_if, first), "other": _format_future(what_if, other)}
    if said["first"] == said["other"]:
        return "The change makes no difference: {first} both times.".format(**said)
    if not (isinstance(first, float) and isinstance(other, float)):
        return "With the change it is {other} instead of {first}.".format(**said)
    sentence = (
        "With the change it is {other} instead of {first}: {difference} less."
        if other < first
        else "With the change it is {other} instead of {first}: {difference} more."
    )
    return sentence.format(difference=_format_future(what_if, abs(other - first)), **said)


def explain_futures(what_if: WhatIf, futures: Futures, captures: Mapping[str, Value]) -> str:
    """Return what explains the two values, "" if nothing does."""
    return render(what_if.why or "", {**captures, FIRST: futures.first, OTHER: futures.other})
