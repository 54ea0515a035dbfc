"""The interface every engine has: docker, simulator and replay alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, Protocol, runtime_checkable

from hatlab.actions import Action
from hatlab.events import Event
from hatlab.topology import Layout

Emit = Callable[[Sequence[Event]], None]
"""Takes facts in the order they were observed; may be called from any thread."""


class Engine(Protocol):
    """Makes one lab run, from `start` to `stop`.

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
        """Builds the lab, emitting `Phase` events on the way.

        Raises:
            EngineError: with a hint; whatever was made so far has been removed.
        """

    def now(self) -> float:
        """Seconds since the lab began, on the lab's own clock (virtual in the simulator)."""

    def act(self, action: Action) -> str:
        """Carries out one action (never `end`) and returns its effect, before and after, in one sentence.

        Raises:
            ActionFailed: with whether it definitely did not happen.
        """

    def check(self, node: str, text: str) -> list[str]:
        """What the node's keepalived says of a configuration text; empty if it is fine."""

    def shell(self, node: str) -> int:
        """Takes over this terminal with a shell in the node; returns its exit code.

        Raises:
            ActionFailed: the node is off, or this engine has no shell.
        """

    def stop(self) -> None:
        """Removes everything the lab made. Safe to call twice and from another thread than `start`."""


Rewind = Callable[[float], int]
"""Makes the session forget what is later than a moment; how many of the engine's facts it still has."""


@runtime_checkable
class TimeControl(Protocol):
    """An engine whose clock can be held, paced and set: a recording, a simulated lab.

    Readers do not call it but `Session.seek` and its like, which keep the history in step.
    """

    speed: float
    """Seconds of the lab a real second; 0: the clock stands. Setting it raises ActionFailed out of range."""

    def pause(self) -> None:
        """The clock stands. Nothing if it does so already."""

    def resume(self) -> None:
        """The clock goes on at the speed it had before `pause`."""

    def step(self) -> None:
        """Goes to the next fact that there is something to see of."""

    def seek(self, at: float, rewind: Rewind) -> None:
        """Goes to a moment, emitting all that lies before it; returns when it has.

        A moment outside the lab's time is taken for the nearest one in it. To go back, the engine calls
        `rewind` with its clock held and emits from there on.

        Raises:
            ActionFailed: this engine cannot go there.
        """


@runtime_checkable
class Foreseen(TimeControl, Protocol):
    """An engine that knows what is to come: a recording."""

    @property
    def ends(self) -> float:
        """The moment of the last event, s."""

    def ahead(self, what: str) -> float:
        """The moment of the next `transition`, `action` or `outage` (its beginning) after now.

        Raises:
            ActionFailed: there is none.
        """


def needless(layout: Layout) -> dict[str, str]:
    """Phases of a start that have nothing to do, and why; they are told as done at once."""
    found = {}
    if not layout.mysql_names:
        found["mysql"] = "no node runs mysqld"
    if layout.topology.replication.kind == "none":
        found["replication"] = "no replication"
    return found
