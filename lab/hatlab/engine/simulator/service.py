"""A service's process: running, frozen or gone, and what waits while it is frozen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hatlab import events as e
from hatlab.engine.simulator.environment import Machine

Call = tuple[Callable[..., None], tuple[Any, ...]]
"""A bound method and its arguments."""


class Service:
    """One process of a node. What it scheduled dies with it, and waits while it is frozen."""

    name = ""

    def __init__(self, node: Machine) -> None:
        self.node = node
        self.state = "down"
        """`up`, `down` or `frozen`."""
        self.reason = "not started"
        """How it ended, or was frozen."""
        self.last_end = "not started"
        """How the last process ended, whatever runs now."""
        self.pid: int | None = None
        self.pending: list[Call] = []
        """Calls that came due while it was frozen."""
        self.generation = 0
        """Counts the processes, and what else makes earlier plans void."""

    def __str__(self) -> str:
        """As the docker engine's effects put it."""
        if self.state == "down":
            return f"down ({self.reason})" if self.reason else "down"
        return f"pid {self.pid} {'frozen' if self.frozen else 'running'}"

    @property
    def running(self) -> bool:
        """True if there is a process, frozen or not."""
        return self.state != "down"

    @property
    def frozen(self) -> bool:
        """True after SIGSTOP."""
        return self.state == "frozen"

    def call_after(self, seconds: float, call: Callable[..., None], *args: Any) -> None:
        """Call a bound method after some seconds of this process's life."""
        self.node.environment.clock.call_after(seconds, self._call_if_alive, self.generation, call, args)

    def _call_if_alive(self, generation: int, call: Callable[..., None], args: tuple[Any, ...]) -> None:
        if generation != self.generation:
            return
        if self.frozen:
            self.pending.append((call, args))
        else:
            call(*args)

    def mark_started(self) -> None:
        """There is a process now."""
        self.generation += 1
        self.pid = self.node.new_pid()
        self.set_state("up")

    def mark_ended(self, reason: str) -> None:
        """The process is gone, and what it had scheduled with it."""
        pid, self.pid = self.pid, None
        self._drop_plans()
        self.last_end = reason
        self.set_state("down", reason, pid)

    def lose_power(self) -> None:
        """The node lost its power: the process is gone without a word."""
        self.pid = None
        self._drop_plans()
        self.state, self.reason = "down", "power off"

    def _drop_plans(self) -> None:
        self.generation += 1
        self.pending.clear()

    def set_state(self, state: str, reason: str = "", pid: int | None = None) -> None:
        """Take a new state, and emit it."""
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
        if state != "frozen":
            node.on_process_changed()

    def freeze(self) -> None:
        """SIGSTOP."""
        self.set_state("frozen", "SIGSTOP")

    def thaw(self) -> None:
        """SIGCONT: what came due meanwhile happens now."""
        self.set_state("up")
        self.run_pending()

    def run_pending(self) -> None:
        """Do what came due while the process was frozen."""
        pending, self.pending = self.pending, []
        for call, args in pending:
            call(*args)

    # -- what each service does in its own way

    def spawn(self) -> None:
        """Start the process."""
        raise NotImplementedError

    def kill(self) -> None:
        """SIGKILL."""
        raise NotImplementedError

    def stop(self) -> None:
        """SIGTERM."""
        raise NotImplementedError
