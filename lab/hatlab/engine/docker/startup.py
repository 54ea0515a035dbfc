"""Waits until a lab is ready: mysqld answers, replication runs, a Master is elected, a client is served."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping

from hatlab.engine.base import skipped_phases
from hatlab.engine.docker.agent_link import Message
from hatlab.engine.docker.event_emitter import EventEmitter
from hatlab.engine.election import GIVE_UP, Election
from hatlab.errors import EngineError
from hatlab.topology import Layout

TIMEOUT = GIVE_UP
"""Seconds that mysqld and replication may take before the start is given up. An election may be without an
outcome by then: the lab is ready all the same."""
CHECK_EVERY = 0.2
"""Seconds between two looks at what time alone decides."""
_KINDS = ("hello", "mysql", "up", "replication", "process", "vrrp", "address", "good")
"""The facts that a start waits for."""


class Startup:
    """Collects the facts that a start waits for, on the threads of the agents' links, and waits for them.

    Args:
        layout: of the lab.
        stopping: set when the lab shall end; ends every wait.
        release_keepalived: lets a node's keepalived start.
    """

    def __init__(
        self, layout: Layout, stopping: threading.Event, release_keepalived: Callable[[str], None]
    ) -> None:
        self._servers = layout.server_names
        self._skipped = skipped_phases(layout)
        self._election = Election(layout)
        self._replicas = {node for node in layout.mysql_names if layout.replication_source(node)}
        self._stopping, self._release_keepalived = stopping, release_keepalived
        self._changed = threading.Condition()
        self.interfaces: dict[str, dict[str, dict[str, str]]] = {}
        """Node → network → its interface's `device` and `mac`, for each node that has booted."""
        self.macs: dict[str, str] = {}
        """MAC → the node whose interface has it."""
        self.ended: dict[str, str] = {}
        """Node → last words on stderr, for each node whose stream ended."""
        self._answered: set[str] = set()
        self._held = set(self._servers)
        """Servers whose keepalived waits until all of them are up (and their mysqld answers, if they have
        one), so that the election begins everywhere at once."""
        self._replicating: set[str] = set()
        self._client_answers = 0

    # -- what happens

    def on_boot(self, node: str) -> None:
        """A node's container is about to start."""
        with self._changed:
            self.ended.pop(node, None)
            self._answered.discard(node)
            if node in self._servers:
                self._held.add(node)

    def on_end(self, node: str, last_words: str) -> None:
        """A node's stream ended."""
        with self._changed:
            self.ended[node] = last_words
            self._changed.notify_all()

    def on_facts(self, node: str, facts: list[Message]) -> None:
        """A node's agent reported facts."""
        if not any(fact["kind"] in _KINDS for fact in facts):
            return
        with self._changed:
            now = time.monotonic()
            for fact in facts:
                match fact["kind"]:
                    case "hello":
                        self.interfaces[node] = fact["interfaces"]
                        self.macs |= {port["mac"]: node for port in fact["interfaces"].values()}
                    case "mysql" | "up":
                        self._answered.add(node)
                        self._release_if_all_up()
                    case "replication" if fact["receiver"] and fact["applier"]:
                        self._replicating.add(node)
                    case "process" if fact["service"] == "keepalived":
                        self._election.on_process(now, node, fact["state"] != "down")
                    case "vrrp":
                        self._election.on_state(now, node, fact["instance"], fact["state"])
                    case "address" if node in self._servers:
                        self._election.on_address(now, node, fact["network"], fact["address"], fact["held"])
                    case "good":
                        self._client_answers += 1
            self._changed.notify_all()

    def _release_if_all_up(self) -> None:
        if self._held and self._held <= self._answered:
            self._election.reset()
            for node in self._held:
                self._release_keepalived(node)
            self._held = set()

    def reset(self) -> None:
        """Forget everything that a start waits for, as the lab is reset."""
        with self._changed:
            self._held = set(self._servers)
            self._answered.clear()
            self._replicating.clear()
            self._election.reset()
            self._client_answers = 0

    def forget_answers(self) -> None:
        """Forget the answers that clients have got so far."""
        with self._changed:
            self._client_answers = 0

    def wake(self) -> None:
        """Make every wait check its condition again."""
        with self._changed:
            self._changed.notify_all()

    # -- waiting

    def wait(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Wait until a condition on the facts holds; False if it does not in time, or the lab ends."""
        with self._changed:
            self._changed.wait_for(lambda: condition() or self._stopping.is_set(), seconds)
            return condition()

    def check_not_stopping(self) -> None:
        """Raise EngineError if the lab shall end."""
        if self._stopping.is_set():
            raise EngineError("the lab was stopped while it was starting")

    def wait_until_ready(
        self,
        emitter: EventEmitter,
        ended_unexpectedly: Callable[[], list[str]],
        tasks: Mapping[str, Callable[[], None]],
    ) -> None:
        """Wait for the election's outcome and, with a Master, a client's first answer; emit each phase.

        Args:
            emitter: takes the phases.
            ended_unexpectedly: returns the nodes that went off although no action did it.
            tasks: phase → what to do when it is reached, before it is emitted: `sql` (once servers replicate)
                and `ready`.

        Raises:
            EngineError: the lab was not ready in time, or a node went off.
        """
        pending: dict[str, Callable[[], bool]] = {
            "mysql": lambda: self._answered >= set(self._servers),
            "replication": lambda: self._replicating >= self._replicas,
            "sql": lambda: not {"mysql", "replication"} & pending.keys(),
            "election": lambda: not self._held and self._election.is_decided(time.monotonic()),
            "ready": lambda: (
                self._client_answers > 0 or self._election.cannot_serve_clients(time.monotonic())
            ),
        }
        if "sql" not in tasks:
            del pending["sql"]

        def reached() -> list[str]:
            return [
                name for name, done in pending.items() if done() and (name != "ready" or len(pending) == 1)
            ]

        deadline = time.monotonic() + TIMEOUT
        for name in pending:
            if name != "ready":
                emitter.phase(name, done=False)
        while pending:
            self.wait(lambda: bool(reached() or ended_unexpectedly()), CHECK_EVERY)
            self.check_not_stopping()
            if ended := ended_unexpectedly():
                words = "; ".join(f"{node}: {self.ended[node] or 'its container ended'}" for node in ended)
                raise EngineError(f"a node stopped while the lab was starting ({words})", "hatlab doctor")
            for name in reached():
                if name in tasks:
                    tasks[name]()
                emitter.phase(name, detail=self._detail(name))
                del pending[name]
            if pending and time.monotonic() > deadline:
                if pending.keys() <= {"election", "ready"}:
                    pending = dict.fromkeys(pending, lambda: True)
                    continue
                problem = f"the lab was not ready after {TIMEOUT:g} s: no {', '.join(pending)}"
                raise EngineError(problem, "perhaps this machine is overloaded")

    def _detail(self, phase: str) -> str:
        """What is to be said of a phase that is through."""
        if phase == "election":
            return self._election.summary()
        if phase == "ready" and not self._client_answers:
            return self._election.unanswered()
        return self._skipped.get(phase, "")
