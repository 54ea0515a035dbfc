"""Plays the steps of setups, solutions and wrong solutions on a lab, and waits for what they bring about."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TypeVar

from hatlab.actions import Action
from hatlab.engine.base import Replayable
from hatlab.errors import ActionFailed
from hatlab.lessons.conditions import trace as traces
from hatlab.lessons.conditions.compiler import Measure
from hatlab.lessons.conditions.syntax import Condition, Interval, Memo, lines_of
from hatlab.lessons.conditions.trace import Observation, Trace, Value
from hatlab.lessons.solution import CompiledStep, EditStep, WaitStep
from hatlab.session import Batch, Session
from hatlab.state.model import LabState
from hatlab.state.steps import Step, steps

STRIDE = 0.05
"""Seconds of the lab between two looks while waiting."""
LONG_STRIDE = 1.0
"""The same where nothing is looked for."""


class ConditionWatch:
    """Tests a condition at each event from a moment on."""

    def __init__(self, condition: Condition, state: LabState) -> None:
        self._condition = condition
        self._memo: Memo = None
        self._trace = Trace(state.at)
        self.has_held = False
        """True once the condition has held, even if it does not any more."""
        self._test(state)

    def update(self, step: Step) -> None:
        self._trace = traces.update(self._trace, step.before, step.event, step.after)
        self._test(step.after)

    def _test(self, state: LabState) -> None:
        if not self.has_held:
            self.has_held, self._memo = self._condition.step(self._memo, Observation(state, self._trace))


class CaptureWatch:
    """Takes a measure, or runs a stopwatch, at each event from a moment on."""

    def __init__(self, capture: Measure | Interval, state: LabState) -> None:
        self._capture = capture
        self._memo: Memo = None
        self._trace = Trace(state.at)
        self.value: Value = None
        """What was measured last, None while it cannot be told."""
        self._measure(state)

    def update(self, step: Step) -> None:
        self._trace = traces.update(self._trace, step.before, step.event, step.after)
        self._measure(step.after)

    def _measure(self, state: LabState) -> None:
        seen = Observation(state, self._trace)
        if isinstance(self._capture, Interval):
            self.value, self._memo = self._capture.step(self._memo, seen)
        else:
            self.value = self._capture(seen)


Watch = TypeVar("Watch", ConditionWatch, CaptureWatch)


class ActionPlayer:
    """Acts on a session and follows what happens from then on.

    Args:
        session: ready.
        fast: let a simulated lab's time run as fast as it can while waiting.
        feed: called with each batch, from the lab's beginning; without it, events are followed from now on.
    """

    def __init__(self, session: Session, *, fast: bool, feed: Callable[[Batch], None] | None = None) -> None:
        self.session = session
        self._fast = fast and session.time is not None
        self._feed = feed
        self._reader, self._state = session.follower() if feed is None else (session.reader(), LabState())
        self._watches: list[ConditionWatch | CaptureWatch] = []
        self.catch_up()

    def catch_up(self, timeout: float = 0.0) -> None:
        """Take in what happened; wait for something to happen for at most `timeout` real seconds."""
        batch = self._reader.drain(timeout)
        while batch.events or batch.rewound:
            if batch.rewound:
                self._state = LabState()
            if self._feed is not None:
                self._feed(batch)
            if not self._watches:  # nobody needs the states between
                self._state = batch.state
            else:
                for step in steps(batch.events, self._state):
                    self._state = step.after
                    for watch in self._watches:
                        watch.update(step)
            batch = self._reader.drain()

    def skip_to_now(self) -> LabState:
        """Take in what happened without passing it on, and return the state after it."""
        while batch := self._reader.drain():
            self._state = batch.state
            if not batch.events:
                break
        return self._state

    def watch(self, condition: Condition) -> AbstractContextManager[ConditionWatch]:
        """Test a condition from now on."""
        self.catch_up()
        return self._follow(ConditionWatch(condition, self._state))

    def measure(self, capture: Measure | Interval) -> AbstractContextManager[CaptureWatch]:
        """Measure a capture from now on."""
        self.catch_up()
        return self._follow(CaptureWatch(capture, self._state))

    @contextmanager
    def _follow(self, watch: Watch) -> Iterator[Watch]:
        self._watches.append(watch)
        try:
            yield watch
        finally:
            self._watches.remove(watch)

    def play(self, compiled_steps: Sequence[CompiledStep]) -> None:
        """Play one step after the other.

        Raises:
            ActionFailed: an action failed, or what a step waits for did not happen in time.
            WordError: an edit does not fit the file.
        """
        for step in compiled_steps:
            self.catch_up()
            if isinstance(step, WaitStep):
                self._play_wait(step)
            else:
                self.session.act(self.to_action(step))
        self.catch_up()

    def to_action(self, step: Action | EditStep) -> Action:
        """Return the action that a step is, on the lab as it is now."""
        if isinstance(step, Action):
            return step
        conf = self.session.state.nodes[step.node].conf
        return Action("edit", (step.node, "keepalived.conf"), step.apply(conf))

    def _play_wait(self, step: WaitStep) -> None:
        if step.until is None:
            self.wait(step.seconds)
        elif not self.wait_for(step.until, step.seconds):
            raise ActionFailed(
                f"waited {step.seconds:g} s without success for {'; '.join(lines_of(step.until))}",
                "only what happens after the wait began counts",
            )

    def wait(self, seconds: float) -> None:
        """Let the lab's time go on for so many seconds."""
        self.wait_until(lambda: False, seconds, LONG_STRIDE)

    def wait_for(self, condition: Condition, seconds: float) -> bool:
        """Let the lab's time go on until a condition has held, counted from now; False if it takes longer."""
        with self.watch(condition) as watch:
            return self.wait_until(lambda: watch.has_held, seconds)

    def wait_until(self, is_true: Callable[[], bool], seconds: float, stride: float = STRIDE) -> bool:
        """Let the lab's time go on until something is true; False if that takes longer than `seconds`.

        Args:
            is_true: is asked again and again.
            seconds: how long at most.
            stride: seconds from one question to the next, of a simulated lab's time.
        """
        engine = self.session.engine
        end = engine.now() + seconds
        if isinstance(engine, Replayable):
            end = min(end, engine.ends)
        while not is_true():
            now = engine.now()
            if now >= end or self.session.ended:
                return False
            if self._fast:
                self.session.seek(min(end, now + stride))
            self.catch_up(0.0 if self._fast else STRIDE)
        return True
