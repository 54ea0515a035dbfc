"""What has been seen of a lab that gets ready: answers, replication, an elected Master, a served client."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping

from hatlab.engine.base import skipped_phases
from hatlab.engine.docker.agent_link import Message
from hatlab.engine.docker.emitter import Telling
from hatlab.engine.election import Election
from hatlab.errors import EngineError
from hatlab.topology import Layout

READY = 40.0
"""Seconds a lab may take to be ready before the start is given up."""
LOOK = 0.2
"""Seconds between two looks at what time alone decides."""
_KINDS = ("hello", "mysql", "up", "replication", "process", "vrrp", "address", "good")


class Readiness:
    """Takes the facts that a start waits for, from the links' threads, and waits for them.

    Args:
        layout: of the lab.
        stopping: set when the lab is to end; ends every wait.
        go: lets a node's keepalived begin.

    Attributes:
        interfaces: node → network → its interface's name and MAC, of each node that has booted.
        macs: MAC → the node whose interface has it.
        ended: node → last words, of each node whose stream ended.
    """

    def __init__(self, layout: Layout, stopping: threading.Event, go: Callable[[str], None]) -> None:
        self._servers, self._clients = layout.server_names, layout.client_names
        self._details = skipped_phases(layout)
        self._election = Election(layout)
        self._replicas = {node for node in layout.mysql_names if layout.source_of(node)}
        self._stopping, self._go = stopping, go
        self._seen = threading.Condition()
        self.interfaces: dict[str, dict[str, dict[str, str]]] = {}
        self.macs: dict[str, str] = {}
        self.ended: dict[str, str] = {}
        self._answered: set[str] = set()
        self._held = set(self._servers)
        """Servers whose keepalived waits until each of them is up (its mysqld answers, if it has one): the
        election begins everywhere at once."""
        self._replicating: set[str] = set()
        self._good = 0

    # -- what happens

    def booting(self, node: str) -> None:
        """A node's container is about to start."""
        with self._seen:
            self.ended.pop(node, None)
            self._answered.discard(node)
            if node in self._servers:
                self._held.add(node)

    def end(self, node: str, words: str) -> None:
        """A node's stream ended."""
        with self._seen:
            self.ended[node] = words
            self._seen.notify_all()

    def note(self, node: str, facts: list[Message]) -> None:
        """Takes what a node told."""
        if not any(fact["kind"] in _KINDS for fact in facts):
            return
        with self._seen:
            for fact in facts:
                match fact["kind"]:
                    case "hello":
                        self.interfaces[node] = fact["interfaces"]
                        self.macs |= {port["mac"]: node for port in fact["interfaces"].values()}
                    case "mysql" | "up":
                        self._answered.add(node)
                        self._let_go()
                    case "replication" if fact["receiver"] and fact["applier"]:
                        self._replicating.add(node)
                    case "process" if fact["service"] == "keepalived":
                        self._election.on_process(time.monotonic(), node, fact["state"] != "down")
                    case "vrrp":
                        self._election.on_state(time.monotonic(), node, fact["instance"], fact["state"])
                    case "address" if node in self._servers:
                        network, address = fact["network"], fact["address"]
                        self._election.on_address(time.monotonic(), node, network, address, fact["held"])
                    case "good":
                        self._good += 1
            self._seen.notify_all()

    def _let_go(self) -> None:
        if self._held and self._held <= self._answered:
            self._election.reset()
            for node in self._held:
                self._go(node)
            self._held = set()

    def forget_start(self) -> None:
        """Forgets all that a start waits for, as a reset begins."""
        with self._seen:
            self._held = set(self._servers)
            self._answered.clear()
            self._replicating.clear()
            self._election.reset()
            self._good = 0

    def forget_good(self) -> None:
        """Forgets the client's good answers so far."""
        with self._seen:
            self._good = 0

    def wake(self) -> None:
        """Lets those who wait look at what they wait for."""
        with self._seen:
            self._seen.notify_all()

    # -- waiting

    def wait(self, true: Callable[[], bool], seconds: float) -> bool:
        """Waits for a condition on what was seen."""
        with self._seen:
            return self._seen.wait_for(lambda: true() or self._stopping.is_set(), seconds) and true()

    def go_on(self) -> None:
        """Raises EngineError if the lab is to end."""
        if self._stopping.is_set():
            raise EngineError("the lab was stopped while it was starting")

    def wait_until_ready(
        self, telling: Telling, surprises: Callable[[], list[str]], before: Mapping[str, Callable[[], None]]
    ) -> None:
        """Waits for an election's outcome and, with a Master, a client's good answer; tells each phase.

        Args:
            telling: takes the phases.
            surprises: nodes that went off without our doing.
            before: phase → what is done when it is reached, before it is told: `sql` (once servers replicate)
                and `ready`.

        Raises:
            EngineError: it did not come to that in time, or a node went off.
        """
        left: dict[str, Callable[[], bool]] = {
            "mysql": lambda: self._answered >= set(self._servers),
            "replication": lambda: self._replicating >= self._replicas,
            "sql": lambda: not {"mysql", "replication"} & left.keys(),
            "election": lambda: not self._held and self._election.is_decided(time.monotonic()),
            "ready": lambda: self._good > 0 or self._election.cannot_serve_clients(time.monotonic()),
        }
        if "sql" not in before:
            del left["sql"]

        def met() -> list[str]:
            return [n for n, true in left.items() if true() and (n != "ready" or len(left) == 1)]

        deadline = time.monotonic() + READY
        for name in left:
            if name != "ready":
                telling.phase(name, done=False)
        while left:
            self.wait(lambda: bool(met() or surprises()), LOOK)
            self.go_on()
            if gone := surprises():
                words = "; ".join(f"{n}: {self.ended[n] or 'its container ended'}" for n in gone)
                raise EngineError(f"a node went off while the lab was starting ({words})", "hatlab doctor")
            for name in met():
                if name in before:
                    before[name]()
                detail = self._election.summary() if name == "election" else self._details.get(name, "")
                telling.phase(name, detail=detail)
                del left[name]
            if left and time.monotonic() > deadline:
                problem = f"the lab was not ready after {READY:g} s: no {', '.join(left)}"
                raise EngineError(problem, "is this machine overloaded?")
