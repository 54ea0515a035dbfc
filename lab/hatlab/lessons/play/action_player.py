"""Plays a lesson's moves on a lab: beginnings, solutions, wrong answers; and waits for what they bring."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from hatlab import events as e
from hatlab.actions import Action
from hatlab.errors import ActionFailed
from hatlab.lessons.compile import CompiledStep, EditStep, WaitStep
from hatlab.lessons.conditions import trace as traces
from hatlab.lessons.conditions.evaluation import CompiledCondition, Memo
from hatlab.lessons.conditions.measures import Observation
from hatlab.lessons.conditions.syntax import lines_of
from hatlab.lessons.conditions.trace import Trace
from hatlab.session import Batch, Session
from hatlab.state.model import LabState
from hatlab.state.steps import steps

STRIDE = 0.05
"""Seconds of the lab between two looks while waiting."""


class ConditionWatch:
    """Whether a condition has held since a moment; `came` tells when it first did."""

    def __init__(self, condition: CompiledCondition, state: LabState) -> None:
        self._condition = condition
        self._memo: Memo = None
        self._trace = Trace(state.at)
        self.held_at: float | None = None
        self._test(state)

    def update(self, was: LabState, event: e.Event, now: LabState) -> None:
        self._trace = traces.update(self._trace, was, event, now)
        self._test(now)

    def _test(self, state: LabState) -> None:
        if self.held_at is None:
            holds, self._memo = self._condition.step(self._memo, Observation(state, self._trace))
            self.held_at = state.at if holds else None


class ActionPlayer:
    """Acts on a session and follows it from now on.

    Args:
        session: ready.
        fast: let a simulated lab's time run as fast as it can while waiting.
        feed: whoever wants all batches too, from the lab's beginning; None: follow from now on.
    """

    def __init__(self, session: Session, *, fast: bool, feed: Callable[[Batch], None] | None = None) -> None:
        self.session = session
        self._fast = fast and session.time is not None
        self._feed = feed
        self._reader, self._state = session.follower() if feed is None else (session.reader(), LabState())
        self._watches: list[ConditionWatch] = []
        self.catch_up()

    def catch_up(self, timeout: float = 0.0) -> None:
        """Takes in what happened; waits for something, at most `timeout` real seconds."""
        batch = self._reader.drain(timeout)
        while batch.events or batch.rewound:
            if batch.rewound:
                self._state = LabState()
            if self._feed is not None:
                self._feed(batch)
            if not self._watches:  # nobody needs the states between
                self._state = batch.state
                batch = self._reader.drain()
                continue
            for event, before, after in steps(batch.events, self._state):
                self._state = after
                for watch in self._watches:
                    watch.update(before, event, after)
            batch = self._reader.drain()

    def skip_to_now(self) -> LabState:
        """Takes in what happened without a word to anybody; what is true after it."""
        while batch := self._reader.drain():
            self._state = batch.state
            if not batch.events:
                break
        return self._state

    @contextmanager
    def watch(self, condition: CompiledCondition) -> Iterator[ConditionWatch]:
        """Tests a condition from now on."""
        self.catch_up()
        watch = ConditionWatch(condition, self._state)
        self._watches.append(watch)
        try:
            yield watch
        finally:
            self._watches.remove(watch)

    def play(self, moves: Sequence[CompiledStep]) -> None:
        """One move after the other.

        Raises:
            ActionFailed: an action failed, or a wait was in vain.
            WordError: an edit does not fit the file.
        """
        for move in moves:
            self.catch_up()
            if isinstance(move, WaitStep):
                self._pause(move)
            else:
                self.session.act(self.to_action(move))
        self.catch_up()

    def to_action(self, move: Action | EditStep) -> Action:
        """The action that a move is, on the lab as it is now."""
        if isinstance(move, Action):
            return move
        conf = self.session.state.nodes[move.node].conf
        return Action("edit", (move.node, "keepalived.conf"), move.apply(conf))

    def _pause(self, pause: WaitStep) -> None:
        if pause.until is None or pause.condition is None:
            self.wait_until(lambda: False, pause.seconds)
            return
        with self.watch(pause.until) as watch:
            if not self.wait_until(lambda: watch.held_at is not None, pause.seconds):
                what = "; ".join(lines_of(pause.condition))
                raise ActionFailed(
                    f"waited {pause.seconds:g} s in vain for {what}",
                    "what must happen counts from the wait's beginning",
                )

    def wait_until(self, true: Callable[[], bool], seconds: float) -> bool:
        """Lets the lab's time go on until something is true; whether it was in so many seconds of the lab."""
        ends = self.session.engine.now() + seconds
        while not true():
            now = self.session.engine.now()
            if now >= ends or self.session.ended:
                return False
            if self._fast:
                self.session.seek(min(ends, now + STRIDE))
            self.catch_up(0.0 if self._fast else STRIDE)
        return True
