"""The interface every engine has: docker, simulator and replay alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, Protocol, runtime_checkable

from hatlab.actions import Action
from hatlab.events import Event
from hatlab.topology import Layout

Emit = Callable[[Sequence[Event]], None]
"""Takes facts in the order they were observed; may be called from any thread."""
OnLine = Callable[[str], object]
"""Hears a line that was typed into a shell."""
IsHeld = Callable[[], bool]
"""True while what is typed into a shell is to do nothing: its learner is asked to look up."""


class Engine(Protocol):
    """Runs one lab, from `start` to `stop`.

    Every method blocks; the session calls them from threads of its own. The first event an engine emits is
    `Lab`; `start` returns once the lab is ready (an elected Master, the virtual address answered). After
    that it emits at least four `Tick`s a second. An engine that dies in the middle emits a `Phase` named
    `stopping` with the reason as its detail.
    """

    name: ClassVar[str]
    """`docker`, `sim` or `replay`."""
    live: ClassVar[bool]
    """False for a recording: nothing can be done to it."""

    def start(self, emit: Emit) -> None:
        """Build the lab, emitting `Phase` events on the way.

        Raises:
            EngineError: with a hint; whatever was made so far has been removed.
        """

    def now(self) -> float:
        """Seconds since the lab began, on the lab's own clock (virtual in the simulator)."""

    def act(self, action: Action) -> str:
        """Carry out one action (never `end`) and return its effect, before and after, in one sentence.

        Raises:
            ActionFailed: with whether it definitely did not happen.
        """

    def check(self, node: str, text: str) -> list[str]:
        """Return what the node's keepalived says about a configuration text; empty if it is fine."""

    def shell(self, node: str, on_line: OnLine | None = None, is_held: IsHeld | None = None) -> int:
        """Open a shell of the node on this terminal; return its exit code when it ends.

        `on_line` hears each line that is typed into it, as far as that can be told.

        Raises:
            ActionFailed: the node is off, or this engine has no shell.
        """

    def stop(self) -> None:
        """Remove everything the lab made. Safe to call twice and from another thread than `start`."""


@runtime_checkable
class LineRunner(Protocol):
    """An engine that runs a line in a node's shell without a terminal."""

    def run_line(self, node: str, line: str) -> str:
        """Run a line to its end; return what it prints, errors too.

        Raises:
            ActionFailed: the node is off.
        """


@runtime_checkable
class AsksEngine(Protocol):
    """An engine that asks another program, which may not answer: Docker's."""

    @property
    def waiting(self) -> str:
        """What it has been waiting for, a sentence; empty if it has its answers."""

    def give_up(self) -> bool:
        """End the lab without waiting any longer; False if the program does answer, and all goes its way."""


@runtime_checkable
class NumberedAhead(Protocol):
    """An engine that knows its lab's names and addresses before it starts: a simulated lab."""

    @property
    def layout_before_start(self) -> Layout:
        """The names and addresses that the lab will have."""


Rewind = Callable[[float], int]
"""Makes the session forget all events after a moment; returns how many of the engine's facts it still has."""


@runtime_checkable
class TimeControl(Protocol):
    """An engine whose clock can be stopped, paced and set: a recording, a simulated lab.

    Readers do not call it directly but through `Session.seek` and its like, which keep the history in step.
    """

    speed: float
    """Lab seconds per real second; 0 stops the clock. Setting it out of range raises ActionFailed."""

    def pause(self) -> None:
        """Stop the clock; do nothing if it is stopped already."""

    def resume(self) -> None:
        """Let the clock run again, at the speed it had before `pause`."""

    def step(self) -> None:
        """Go to the next fact that shows something."""

    def seek(self, at: float, rewind: Rewind) -> None:
        """Go to a moment and emit everything before it; return once that is done.

        A moment outside the lab's time means the nearest one inside it. To go back, the engine calls
        `rewind` with its clock stopped and emits from there on.

        Raises:
            ActionFailed: this engine cannot go there.
        """


@runtime_checkable
class Replayable(TimeControl, Protocol):
    """An engine that knows what comes next: a recording."""

    @property
    def ends(self) -> float:
        """The moment of the last event, s."""

    def next_moment(self, what: str) -> float:
        """The moment after now of the next `transition`, `action` or `outage` (its beginning).

        Raises:
            ActionFailed: there is none.
        """


def skipped_phases(layout: Layout) -> dict[str, str]:
    """Return the start phases with nothing to do, each with the reason; they are reported done at once."""
    skipped = {}
    if not layout.mysql_names:
        skipped["mysql"] = "no node runs mysqld"
    if layout.topology.replication.kind == "none":
        skipped["replication"] = "no replication"
    return skipped
