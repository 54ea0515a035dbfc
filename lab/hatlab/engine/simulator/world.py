"""One simulated lab: its clock, networks, nodes and clients, and the facts they have emitted."""

from __future__ import annotations

import copy
from collections.abc import Callable
from random import Random
from typing import Any

from hatlab import events as e
from hatlab.actions import Action
from hatlab.engine.base import skipped_phases
from hatlab.engine.election import Election
from hatlab.engine.simulator.client import Client
from hatlab.engine.simulator.clock import Clock
from hatlab.engine.simulator.network.network import Network
from hatlab.engine.simulator.node import Node
from hatlab.engine.simulator.startup import begin_faults, run_statements
from hatlab.errors import EngineError, LabError
from hatlab.topology import Layout

TICK = 0.25
LOOK = 0.01
APART = 0.1
"""Nodes begin up to this many seconds apart."""
KEPT = frozenset({"log", "process"})
LINES = 5000


class Journal(list[e.Event]):
    """The last log lines and changes of processes, as a machine's own journal has them."""

    def note(self, event: e.Event) -> None:
        """Keeps an event, and forgets old ones now and then."""
        self.append(event)
        if len(self) > 2 * LINES:
            del self[:LINES]

    def __deepcopy__(self, memo: dict[int, Any]) -> Journal:
        """Events never change: a copy shares them."""
        return Journal(self)


class World:
    """A whole lab in virtual time. The same layout and seed give the same facts, to the byte.

    Args:
        layout: names and addresses.
        seed: of everything that differs from run to run: jitter, loss, which node boots first.
        ticks: whether to emit `Tick`s; a measurement may do without.
    """

    def __init__(self, layout: Layout, seed: int = 0, *, ticks: bool = True) -> None:
        self.layout = layout
        self.random = Random(seed)
        self.clock = Clock()
        self.vips = frozenset(layout.vip_addresses)
        self.events: list[e.Event] = []
        self.journal = Journal()
        self.taps: list[Callable[[e.Event], None]] = []
        """Whoever else hears each fact as it happens; a copy of the world has none."""
        self.networks = {name: Network(self, name) for name in layout.network_names}
        self.nodes = {name: Node(self, name) for name in layout.node_names}
        self.clients = {name: Client(self, name) for name in layout.client_names}
        self.ready = False
        self.election = Election(layout)
        self._ticks = ticks
        self.failure: LabError | None = None
        """Why the lab cannot become ready."""
        self._left: list[str] = []
        self._faults: list[Action] = []
        self.begun = False
        """Whether the first of them was begun."""
        self._awaiting = 0

    def __deepcopy__(self, memo: dict[int, Any]) -> World:
        """Another world that goes on from here alike; the layout, which never changes, is shared."""
        memo[id(self.layout)] = self.layout
        memo[id(self.taps)] = []
        twin = World.__new__(World)
        memo[id(self)] = twin
        twin.__dict__.update(copy.deepcopy(self.__dict__, memo))
        return twin

    def emit(self, event: e.Event) -> None:
        """Notes a fact; `take` hands it on."""
        self.events.append(event)
        if event.kind in KEPT:
            self.journal.note(event)
        match event:
            case e.Process(service="keepalived"):
                self.election.on_process(event.at, event.node, event.state != "down")
            case e.Address() if event.node in self.nodes:
                self.election.on_address(event.at, event.node, event.network, event.address, event.held)
            case e.Vrrp():
                self.election.on_state(event.at, event.node, event.instance, event.state)
        for tap in self.taps:
            tap(event)

    def take(self) -> list[e.Event]:
        """The facts since the last call."""
        events, self.events = self.events, []
        return events

    def phase(self, name: str, done: bool = True, detail: str = "") -> None:
        """Tells a step of the lab's life."""
        self.emit(e.Phase(at=self.clock.now, name=name, done=done, detail=detail))

    def begin(self) -> None:
        """Boots everything; `ready` turns true once each client was answered, or nobody holds its address."""
        self.phase("nodes", done=False)
        for node in self.nodes.values():
            self.clock.after(self.random.uniform(0, APART), node.power_on)
        for client in self.clients.values():
            self.clock.after(APART + self.random.uniform(0, 0.05), client.begin)
        if self._ticks:
            self.clock.after(TICK, self._tick)
        self.clock.after(APART, self.phase, "nodes")
        self.await_ready()

    def reset(self) -> None:
        """Undoes every fault, edit and row, and elects anew."""
        for node in self.nodes.values():
            node.reset()
        for client in self.clients.values():
            client.reset()
        self.await_ready()

    def await_ready(self) -> None:
        """Watches for each phase until the lab is ready."""
        self.ready = False
        self.failure = None
        self._faults, self.begun = list(self.layout.faults()), False
        self.election.reset()
        self._awaiting += 1
        sql = ["sql"] if self.layout.topology.sql else []
        self._left = ["mysql", "replication", *sql, "election", "ready"]
        for name in self._left[:-1]:
            self.phase(name, done=False)
        self.clock.after(LOOK, self._look, self._awaiting)

    def _look(self, awaiting: int) -> None:
        if awaiting != self._awaiting:
            return
        try:
            self._tell_reached()
        except EngineError as failure:
            self.failure = failure
            return
        self.ready = not self._left
        if self._left:
            self.clock.after(LOOK, self._look, awaiting)

    def _tell_reached(self) -> None:
        for name in list(self._left):
            if (name != "ready" or len(self._left) == 1) and self._reached(name):
                self._left.remove(name)
                detail = (
                    self.election.summary()
                    if name == "election"
                    else skipped_phases(self.layout).get(name, "")
                )
                self.phase(name, detail=detail)

    def _reached(self, phase: str) -> bool:
        nodes = self.nodes.values()
        match phase:
            case "mysql":
                return all(n.mysqld.answering for n in nodes if "mysqld" in n.services)
            case "replication":
                return all(
                    n.mysqld.replica.source is None
                    or (n.mysqld.replica.receiver and n.mysqld.replica.applier)
                    for n in nodes
                )
            case "sql":
                replicates = not {"mysql", "replication"} & set(self._left)
                return replicates and run_statements(self)
            case "election":
                return self.election.is_decided(self.clock.now)
            case _:
                answered = all(client.answered for client in self.clients.values())
                there = answered or self.election.cannot_serve_clients(self.clock.now)
                return there and begin_faults(self, self._faults)

    def _tick(self) -> None:
        self.clock.after(TICK, self._tick)
        self.emit(e.Tick(at=self.clock.now))

    def logged(self, node: Node) -> None:
        """A node's binary log has something new."""
        for other in self.nodes.values():
            if other is not node and other.mysqld.replica.source is node:
                other.mysqld.replica.logged()

    def source_gone(self, node: Node) -> None:
        """A node's mysqld ended."""
        for other in self.nodes.values():
            if other is not node and other.mysqld.replica.source is node:
                other.mysqld.replica.source_gone()
