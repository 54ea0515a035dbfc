"""One simulated lab: its clock, networks, nodes and clients, and the facts they have emitted."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from hatlab import events as e
from hatlab.engine.election import Election
from hatlab.engine.simulator.client import Client
from hatlab.engine.simulator.clock import Clock
from hatlab.engine.simulator.environment import Machine
from hatlab.engine.simulator.network.network import Network
from hatlab.engine.simulator.node import Host, Node
from hatlab.engine.simulator.shell.script import Script
from hatlab.errors import LabError
from hatlab.topology import Layout

JOURNALED = frozenset({"log", "process"})
"""The kinds of events that a machine's journal keeps."""
JOURNAL_LENGTH = 5000
"""Events that it keeps at least."""


class Journal(list[e.Event]):
    """The last log lines and changes of processes, as a machine's own journal has them."""

    def record(self, event: e.Event) -> None:
        """Keep an event, and forget old ones now and then."""
        self.append(event)
        if len(self) > 2 * JOURNAL_LENGTH:
            del self[:JOURNAL_LENGTH]

    def __deepcopy__(self, memo: dict[int, Any]) -> Journal:
        """Events never change: a copy shares them."""
        return Journal(self)


class World:
    """A whole lab in virtual time. The same layout and seed give the same facts, to the byte.

    Args:
        layout: names and addresses.
        seed: of everything that differs from run to run: jitter, loss, which node boots first.
    """

    def __init__(self, layout: Layout, seed: int = 0) -> None:
        self.layout = layout
        self.random = Random(seed)
        self.clock = Clock()
        self.vips = frozenset(layout.vip_addresses)
        self.events: list[e.Event] = []
        """The facts that nobody has taken yet."""
        self.journal = Journal()
        self.taps: list[Callable[[e.Event], None]] = []
        """Whoever else hears each fact as it happens; a copy of the world has none."""
        self.networks = {
            name: Network(name, self.clock, self.random, self.emit) for name in layout.network_names
        }
        self.nodes = {name: Node(self, name) for name in layout.node_names}
        for name, node in self.nodes.items():
            if source := layout.replication_source(name):
                node.mysqld.replicate_from(self.nodes[source].mysqld)
        self.clients = {
            name: Client(self, name, self.nodes.get(layout.ping_target(name) or ""))
            for name in layout.client_names
        }
        self.hosts: dict[str, Host] = {**self.nodes, **self.clients}
        self.starts = 0
        """How often it was started: begun, or reset. A start gives up when another one follows."""
        self.ready = False
        self.failure: LabError | None = None
        """Why the lab cannot become ready."""
        self.election = Election(layout)

    def __deepcopy__(self, memo: dict[int, Any]) -> World:
        """Another world that goes on from here alike; the layout, which never changes, is shared."""
        memo[id(self.layout)] = self.layout
        memo[id(self.taps)] = []
        twin = World.__new__(World)
        memo[id(self)] = twin
        twin.__dict__.update(copy.deepcopy(self.__dict__, memo))
        return twin

    def emit(self, event: e.Event) -> None:
        """Note a fact; `take_events` hands it on."""
        self.events.append(event)
        if event.kind in JOURNALED:
            self.journal.record(event)
        match event:
            case e.Process(service="keepalived"):
                self.election.on_process(event.at, event.node, event.state != "down")
            case e.Address() if event.node in self.nodes:
                self.election.on_address(event.at, event.node, event.network, event.address, event.held)
            case e.Vrrp():
                self.election.on_state(event.at, event.node, event.instance, event.state)
        for tap in self.taps:
            tap(event)

    def start_script(
        self, machine: Machine, argv: Sequence[str], user: str, on_end: Callable[..., None], *args: Any
    ) -> Script:
        """Run a program on a machine, as a child of its keepalived; see `Environment`."""
        host = self.nodes[machine.name]
        script = Script(self, host, tuple(argv), host.keepalived.pid or 1, on_end, args, user=user)
        script.start()
        return script

    def take_events(self) -> list[e.Event]:
        """Return the facts since the last call."""
        events, self.events = self.events, []
        return events

    def emit_phase(self, name: str, done: bool = True, detail: str = "") -> None:
        """Note a step of the lab's life."""
        self.emit(e.Phase(at=self.clock.now, name=name, done=done, detail=detail))
