"""A service's process: running, frozen or gone, and what waits while it is frozen."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from hatlab import events as e

if TYPE_CHECKING:
    from hatlab.engine.simulator.node import Node

Call = tuple[Callable[..., None], tuple[Any, ...]]


class Service:
    """One process of a node. What it does later dies with it, and waits while it is frozen.

    `reason` is how it ended, or was frozen; `ended` how the last one ended, whatever runs now.
    """

    name = ""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.state = "down"
        self.reason = self.ended = "not started"
        self.pid: int | None = None
        self.missed: list[Call] = []
        self._life = 0

    def __str__(self) -> str:
        """As the docker engine's effects put it."""
        if self.state == "down":
            return f"down ({self.reason})" if self.reason else "down"
        return f"pid {self.pid} {'frozen' if self.frozen else 'running'}"

    @property
    def running(self) -> bool:
        """Whether there is a process, frozen or not."""
        return self.state != "down"

    @property
    def frozen(self) -> bool:
        return self.state == "frozen"

    def after(self, seconds: float, call: Callable[..., None], *args: Any) -> None:
        """Calls a bound method after some seconds of this process's life."""
        self.node.world.clock.after(seconds, self._due, self._life, call, args)

    def _due(self, life: int, call: Callable[..., None], args: tuple[Any, ...]) -> None:
        if life != self._life:
            return
        if self.frozen:
            self.missed.append((call, args))
        else:
            call(*args)

    def begin(self) -> None:
        """There is a process now."""
        self._life += 1
        self.pid = self.node.new_pid()
        self.tell("up")

    def freeze(self) -> None:
        """SIGSTOP."""
        self.tell("frozen", "SIGSTOP")

    def thaw(self) -> None:
        """SIGCONT: what came due meanwhile happens now."""
        self.tell("up")
        self.catch_up()

    def catch_up(self) -> None:
        """Does what came due while the process was frozen."""
        missed, self.missed = self.missed, []
        for call, args in missed:
            call(*args)

    def end(self, reason: str) -> None:
        """The process is gone; whatever it had yet to do is too."""
        pid, self.pid = self.pid, None
        self._life += 1
        self.missed.clear()
        self.ended = reason
        self.tell("down", reason, pid)

    def vanish(self) -> None:
        """The node lost its power: gone without a word."""
        self.pid = None
        self._life += 1
        self.missed.clear()
        self.state, self.reason = "down", "power off"

    def tell(self, state: str, reason: str = "", pid: int | None = None) -> None:
        """Tells the process's new state."""
        self.state, self.reason = state, reason
        node = self.node
        node.emit(
            e.Process(
                at=node.now,
                node=node.name,
                service=self.name,
                state=state,
                reason=reason,
                pid=pid or self.pid,
            )
        )

    # -- what each service does in its own way

    def spawn(self) -> None:
        """Starts the process."""
        raise NotImplementedError

    def kill(self) -> None:
        """SIGKILL."""
        raise NotImplementedError

    def stop(self) -> None:
        """SIGTERM."""
        raise NotImplementedError
