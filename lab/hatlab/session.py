"""A session owns one engine, folds its events, and hands each reader the batch and the state together.

Facts are folded in the thread that brings them, under one lock, so that the delay from the wire to the
state is the engine's alone. Readers keep a position in the history and drain at their own pace.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

from hatlab import events as e
from hatlab.actions import Action
from hatlab.engine.acting import carry_out
from hatlab.engine.base import AsksEngine, Engine, TimeControl
from hatlab.errors import ActionFailed, LabError, engine_failure
from hatlab.journal import Journal, SetBack
from hatlab.state.fold import fold
from hatlab.state.model import LabState
from hatlab.state.quiet import fold_quiet
from hatlab.state.steps import fold_fact
from hatlab.teacher import HeldClock, TeacherLink

HISTORY = 400_000
"""Events kept in memory (about an hour and a half of two nodes); older ones are on disk if recorded."""
CHECKPOINT = 256
"""Events between two remembered states, about; never twice as many."""
WORTHWHILE = 16
"""Facts from which on it pays to look whether they can be folded at once."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The events since a reader's last look, and the state after them.

    `rewound`: time was set back. Whatever the reader was given before counts no more; `events` begin anew
    with the oldest kept (and go on in the next batches, which are not `rewound`).
    `told_until`: of a `rewound` batch, the moment that time was set back to, s of the lab; what is later than
    it happens for the first time.
    `course`: how often time had been set back by then.
    """

    events: tuple[e.Event, ...]
    state: LabState
    rewound: bool = False
    told_until: float = 0.0
    course: int = 0


class Session:
    """One lab from start to stop.

    Args:
        engine: not started yet.
        keep: events kept in memory.
    """

    def __init__(self, engine: Engine, *, keep: int = HISTORY) -> None:
        self.engine = engine
        self.time = engine if isinstance(engine, TimeControl) else None
        """The lab's clock, where it can be held and paced; to set it, `seek`."""
        self._asks = engine if isinstance(engine, AsksEngine) else None
        self.error: LabError | None = None
        self.lab: e.Lab | None = None
        """The lab's first event, once it began."""
        self.facts_only: Callable[[], bool] = lambda: False
        """True while a learner has to find what is broken: other terminals are told facts alone."""
        self.teacher = TeacherLink()
        """What a teacher learns of this lab, and says to its learner."""
        self.setting_up = False
        """True while the lab is put into a step's beginning, at a pace of its own."""
        self._held_clock = HeldClock(self.time)
        self._keep = keep
        self._changed = threading.Condition()
        self._acting = threading.Lock()
        self._history: list[e.Event] = []
        self._first = 0
        self._facts = 0
        self._rewinds: list[float] = []
        self._journals: list[Journal] = []
        self._checkpoints: list[tuple[int, float, LabState]] = []
        self._state = LabState()
        self._secret = False
        self._ended = threading.Event()
        self._stopping = threading.Lock()
        self._end_asked = False

    @property
    def state(self) -> LabState:
        """The state now."""
        return self._state

    @property
    def ended(self) -> bool:
        """True if the engine has stopped (or never started); `error` tells why, if it failed."""
        return self._ended.is_set()

    def start(self) -> None:
        """Starts the engine and returns when the lab is ready.

        Raises:
            EngineError: what the engine said; the session has ended then.
        """
        if self.ended:
            return  # it was stopped before it began
        try:
            self.engine.start(self.emit)
        except BaseException as error:
            if isinstance(error, LabError) and not self._end_asked:
                self.error = error
            self._mark_ended()
            raise

    def start_in_background(self) -> threading.Thread:
        """`start` on a thread; a failure is left in `error`, and `ended` turns true."""

        def run() -> None:
            with suppress(LabError):  # kept in self.error, told by whoever watches `ended`
                self.start()

        thread = threading.Thread(target=run, name="engine-start", daemon=True)
        thread.start()
        return thread

    def emit(self, events: Sequence[e.Event]) -> None:
        """Folds facts in the order given. Any thread; derived ones from a recording are left out."""
        facts = [event for event in events if not event.derived]
        with self._changed:
            position = 0
            while position < len(facts):
                position += self._fold_quiet(facts[position : position + CHECKPOINT])
                if position < len(facts):
                    self._fold_fact(facts[position])
                    position += 1
            self._drop_oldest()
            self._changed.notify_all()

    def _fold_quiet(self, facts: Sequence[e.Event]) -> int:
        """Folds as many as can be folded at once; how many."""
        if len(facts) < WORTHWHILE:
            return 0
        try:
            after, count = fold_quiet(self._state, facts)
        except (ValueError, LookupError):
            for fact in facts:  # one of them no lab can have observed
                self._fold_fact(fact)
            return len(facts)
        if count:
            self._facts += count
            self._append(after, *facts[:count])
        return count

    def _fold_fact(self, event: e.Event) -> None:
        self._facts += 1
        if isinstance(event, e.Lab):
            self.lab = event
        step, extras = fold_fact(self._state, event)
        after = step.after
        self._append(after, step.event)
        for extra in extras:
            if self._secret and isinstance(extra, e.Why):
                continue
            after = fold(after, extra)
            self._append(after, extra)

    def _append(self, after: LabState, *events: e.Event) -> None:
        self._state = after
        self._history += events
        for journal in self._journals:
            for event in events:
                journal.put(event)
        count = self._first + len(self._history)
        if count // CHECKPOINT > (count - len(events)) // CHECKPOINT:
            self._checkpoints.append((count, after.at, after))

    def _drop_oldest(self) -> None:
        if len(self._history) > self._keep + self._keep // 4:
            gone = len(self._history) - self._keep
            del self._history[:gone]
            self._first += gone
            self._checkpoints = [c for c in self._checkpoints if c[0] >= self._first]

    def reader(self) -> Reader:
        """A new reader; its first batch begins with the oldest event still kept."""
        return Reader(self)

    def journal(self) -> Journal:
        """A new journal: what has happened so far, and from now on also what is undone later."""
        journal = Journal()
        with self._changed:
            for event in self._history:
                journal.put(event)
            self._journals.append(journal)
        return journal

    def note(self, event: e.Event) -> None:
        """Put down in the journals something that is no fact of the lab: readers are not told."""
        with self._changed:
            for journal in self._journals:
                journal.put(event)

    def follower(self) -> tuple[Reader, LabState]:
        """A reader of what comes from now on, and what is true now."""
        with self._changed:
            return Reader(self, self._first + len(self._history)), self._state

    def state_at(self, at: float) -> LabState:
        """The state at a moment of the lab, `at` seconds after it began.

        A moment that is no longer in memory is taken for the oldest one that is.
        """
        with self._changed:
            k = bisect_right(self._checkpoints, at, key=lambda c: c[1]) - 1
            if k < 0 and self._first:
                return self._checkpoints[0][2] if self._checkpoints else self._state
            count, _, state = self._checkpoints[k] if k >= 0 else (0, 0.0, LabState())
            rest = self._history[count - self._first : count - self._first + 2 * CHECKPOINT]
        for event in rest:
            if event.at > at:
                break
            state = fold(state, event)
        return state

    def seek(self, at: float) -> None:
        """Goes to a moment of a recording (or of a lab whose time can be set), forward or back.

        Returns once the state is that of the moment. Readers see what lies between, or a `rewound` batch.

        Raises:
            ActionFailed: this lab's time cannot be set.
        """
        if self.time is None:
            raise ActionFailed("this lab cannot go to another moment", "a recording can: hatlab replay FILE")
        with self._acting:
            self.time.seek(at, self._rewind_history)
            cut = self._state.action
            if self.engine.live and cut is not None and cut.phase == "started":
                why = "the lab went back in time in the middle of it"
                now = self.engine.now()
                self.emit([replace(cut, at=now, phase="failed", definite=False, effect=why)])

    def _rewind_history(self, at: float) -> int:
        """Forgets from the first fact that is later than `at` on; how many facts are left, all told.

        Where the events before that moment are no longer in memory, none are left: the engine begins anew.
        """
        with self._changed:
            before = self._state.at
            facts = self._forget_after(at)
            for journal in self._journals:
                journal.put(SetBack(before, at, facts))
            return facts

    def _forget_after(self, at: float) -> int:
        with self._changed:
            k = bisect_right(self._checkpoints, at, key=lambda c: c[1]) - 1
            self._rewinds.append(at)
            if k < 0 and self._first:
                self._history, self._first, self._facts = [], 0, 0
                self._checkpoints, self._state = [], LabState()
                return 0
            end, _, state = self._checkpoints[k] if k >= 0 else (0, 0.0, LabState())
            end -= self._first
            while end < len(self._history):
                event = self._history[end]
                if event.at > at and not event.derived:
                    break
                state = fold(state, event)
                end += 1
            self._facts -= sum(not event.derived for event in self._history[end:])
            del self._history[end:], self._checkpoints[k + 1 :]
            self._state = state
            self._changed.notify_all()
            return self._facts

    def follow_teacher(self) -> str | None:
        """Let the lab's clock stand while its learner is to look up, where it can, and go on afterwards.

        Returns why the learner is to look up, None if there is no such thing. Safe to call again and again.
        """
        frozen = self.teacher.frozen
        if not self.ended:
            self._held_clock.follow(frozen is not None, ready=self._state.ready and not self.setting_up)
        return frozen

    @contextmanager
    def secretly(self) -> Iterator[None]:
        """Meanwhile actions have no events of their own and nothing is explained.

        Readers see what happens, as if a stranger had done it.
        """
        self._secret = True
        try:
            yield
        finally:
            self._secret = False

    def act(self, action: Action) -> str:
        """Carries out one action and returns its effect; its events are emitted on the way.

        Actions run one after the other.

        Raises:
            ActionFailed: with whether it definitely did not happen.
        """
        if self.ended:
            raise ActionFailed("the lab has ended", "start another one: hatlab start")
        if not self.engine.live:
            raise ActionFailed("a recording cannot be changed", "`hatlab start` runs a live lab")
        with self._acting, self._held_clock.moving():
            self._emit_action_phase(action, "started")
            try:
                effect = carry_out(action, self.engine, lambda: self._state)
            except ActionFailed as error:
                self._emit_action_phase(action, "failed", effect=error.message, definite=error.definite)
                raise
            except Exception as error:
                what = engine_failure(error).message
                self._emit_action_phase(action, "failed", effect=what, definite=False)
                raise ActionFailed(what, "look at the lab before you continue", definite=False) from error
            self._emit_action_phase(action, "done", effect=effect)
            return effect

    def _emit_action_phase(
        self, action: Action, phase: str, *, effect: str = "", definite: bool = True
    ) -> None:
        if self._secret:
            return
        self.emit(
            [
                e.Action(
                    at=self.engine.now(),
                    name=action.verb,
                    targets=action.args,
                    phase=phase,
                    definite=definite,
                    effect=effect,
                )
            ]
        )

    def stop(self) -> None:
        """Stops the engine; everything it made is gone afterwards. Safe to call twice.

        A start that this interrupts has not failed: `error` stays as it is.
        """
        self._end_asked = True
        with self._stopping:
            try:
                self.engine.stop()
            finally:
                self._mark_ended()

    @property
    def waiting(self) -> str:
        """What the engine has been waiting for, a sentence; empty if it has its answers."""
        return self._asks.waiting if self._asks is not None else ""

    def give_up(self) -> bool:
        """Let `stop` end without waiting for an engine that is silent; False if it is not."""
        return self._asks is not None and self._asks.give_up()

    def _mark_ended(self) -> None:
        self._ended.set()
        with self._changed:
            self._changed.notify_all()

    def wait_for(self, true: Callable[[LabState], bool], timeout: float) -> bool:
        """Waits until a condition holds on the state, at most `timeout` seconds of real time."""
        with self._changed:
            return self._changed.wait_for(lambda: true(self._state) or self.ended, timeout) and true(
                self._state
            )


class Reader:
    """A position in a session's history."""

    def __init__(self, session: Session, position: int = 0) -> None:
        self._session = session
        self._position = position
        self._rewinds = len(session._rewinds)

    def drain(self, timeout: float = 0.0, most: int = 10_000) -> Batch:
        """The events since the last call, and the state after all of them.

        Args:
            timeout: seconds to wait if there is nothing yet (0: do not wait).
            most: events at most; the rest comes with the next call.

        The first event is `Dropped` if the session had to forget events this reader had not seen.
        """
        session = self._session
        with session._changed:
            if timeout and not self._ready() and not session.ended:
                session._changed.wait_for(lambda: self._ready() or session.ended, timeout)
            back_to = session._rewinds[self._rewinds :]
            if back_to:
                self._position, self._rewinds = 0, len(session._rewinds)
            begin = self._position - session._first
            lost = max(0, -begin)
            begin = max(0, begin)
            events = session._history[begin : begin + most]
            self._position = session._first + begin + len(events)
            state, course = session._state, len(session._rewinds)
        if lost:
            notice = e.Dropped(at=events[0].at if events else state.at, count=lost, where="reader")
            events.insert(0, notice)
        return Batch(tuple(events), state, bool(back_to), min(back_to, default=0.0), course)

    def told(self) -> tuple[e.Event, ...]:
        """The events that this reader was given so far, those of them that are still kept."""
        with self._session._changed:
            return tuple(self._session._history[: max(0, self._position - self._session._first)])

    def _ready(self) -> bool:
        if self._rewinds != len(self._session._rewinds):
            return True
        return self._position < self._session._first + len(self._session._history)
