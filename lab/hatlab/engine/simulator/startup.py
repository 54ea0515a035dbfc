"""The start of a lab, at its beginning or after a reset: from the first process until it is ready."""

from __future__ import annotations

from collections.abc import Callable, Generator

from hatlab import events as e
from hatlab.actions import Action, ArgKind
from hatlab.engine.base import skipped_phases
from hatlab.engine.election import GIVE_UP
from hatlab.engine.simulator.mysql.sql import execute
from hatlab.engine.simulator.mysql.storage import SqlError
from hatlab.engine.simulator.world import World
from hatlab.engine.startup_errors import fault_failed, statement_failed
from hatlab.errors import ActionFailed, EngineError

TICK = 0.25
"""Seconds between two ticks."""
POLL = 0.01
"""Seconds between two looks at whether a phase is through."""
BOOT_SPREAD = 0.1
"""Nodes begin up to this many seconds apart."""
CLIENT_SPREAD = 0.05
"""So do clients, after all nodes."""

Act = Callable[[World, Action], Generator[bool, None, str]]
"""Carries out an action: `hatlab.engine.simulator.actions.act`."""


def boot(world: World, act: Act, *, ticks: bool = True) -> None:
    """Begin a lab; `world.ready` turns true once each client was answered, or nobody holds its address.

    Args:
        act: carries out the topology's faults.
        ticks: whether to emit `Tick`s; a measurement may do without.
    """
    clock, random = world.clock, world.random
    world.emit_phase("nodes", done=False)
    for node in world.nodes.values():
        clock.call_after(random.uniform(0, BOOT_SPREAD), node.power_on)
    for client in world.clients.values():
        clock.call_after(BOOT_SPREAD + random.uniform(0, CLIENT_SPREAD), client.start)
    if ticks:
        clock.call_after(TICK, _emit_ticks, world)
    clock.call_after(BOOT_SPREAD, world.emit_phase, "nodes")
    _Start(world, act).begin()


def reset(world: World, act: Act) -> None:
    """Undo every fault, edit and row, and elect anew; `world.ready` turns true as after `boot`."""
    for node in world.nodes.values():
        node.reset()
    for client in world.clients.values():
        client.reset()
    _Start(world, act).begin()


def _emit_ticks(world: World) -> None:
    world.clock.call_after(TICK, _emit_ticks, world)
    world.emit(e.Tick(at=world.clock.now))


class _Start:
    """One start; the clock holds it for as long as it lasts, so that a copy of the world has its own."""

    def __init__(self, world: World, act: Act) -> None:
        self.world, self.act = world, act
        layout = world.layout
        statements = ["sql"] if layout.topology.sql else []
        self.phases = ["mysql", "replication", *statements, "election", "ready"]
        """Those that are not through."""
        self.faults = list(layout.initial_faults())
        """The topology's, as far as they are not done."""
        self.fault_begun = False
        """True if the first of them is under way."""
        world.ready, world.failure = False, None
        world.election.reset()
        world.starts += 1
        self.number = world.starts
        self.began = world.clock.now

    def begin(self) -> None:
        """Announce the phases and watch for each."""
        for phase in self.phases[:-1]:
            self.world.emit_phase(phase, done=False)
        self.world.clock.call_after(POLL, self._poll)

    def _poll(self) -> None:
        world = self.world
        if self.number != world.starts:
            return
        try:
            self._finish_phases()
        except EngineError as failure:
            world.failure = failure
            return
        world.ready = not self.phases
        if self.phases:
            world.clock.call_after(POLL, self._poll)

    def _finish_phases(self) -> None:
        world = self.world
        for phase in list(self.phases):
            if (phase != "ready" or len(self.phases) == 1) and self._is_through(phase):
                self.phases.remove(phase)
                world.emit_phase(phase, detail=self._detail(phase))

    def _detail(self, phase: str) -> str:
        """What is to be said of a phase that is through."""
        world = self.world
        if phase == "election":
            return world.election.summary()
        if phase == "ready" and not self._all_answered():
            return world.election.unanswered()
        return skipped_phases(world.layout).get(phase, "")

    def _all_answered(self) -> bool:
        return all(client.answered for client in self.world.clients.values())

    def _is_through(self, phase: str) -> bool:
        world = self.world
        nodes = world.nodes.values()
        match phase:
            case "mysql":
                return all(node.mysqld.answering for node in nodes if "mysqld" in node.services)
            case "replication":
                return all(
                    node.mysqld.source is None
                    or (node.mysqld.replica.receiver and node.mysqld.replica.applier)
                    for node in nodes
                )
            case "sql":
                return not {"mysql", "replication"} & set(self.phases) and self._run_statements()
            case "election":
                return world.election.is_decided(world.clock.now) or self._is_given_up()
            case _:
                settled = self._all_answered() or world.election.cannot_serve_clients(world.clock.now)
                return (settled or self._is_given_up()) and self._begin_faults()

    def _is_given_up(self) -> bool:
        return self.world.clock.now - self.began >= GIVE_UP

    def _run_statements(self) -> bool:
        """Run the start SQL, all of it at once.

        Raises:
            EngineError: a server refused one.
        """
        world = self.world
        for name, statements in world.layout.topology.sql.items():
            for number, statement in enumerate(statements, 1):
                try:
                    execute(world.nodes[name].mysqld, statement, root=True)
                except SqlError as error:
                    why = f'MySQL says: ({error.number}, "{error.message}")'
                    raise statement_failed(name, number, statement, why) from None
        return True

    def _begin_faults(self) -> bool:
        """Begin those faults that are left, each at once; False while an orderly stop still takes its time.

        Raises:
            EngineError: one cannot be done.
        """
        while self.faults:
            fault = self.faults[0]
            if not self.fault_begun:
                try:
                    next(self.act(self.world, fault), None)  # what it waits for proves the effect, no more
                except ActionFailed as error:
                    raise fault_failed(fault, error.message) from None
                self.fault_begun = True
            if fault.verb == "stop" and self._still_runs(fault):
                return False
            self.faults.pop(0)
            self.fault_begun = False
        return True

    def _still_runs(self, fault: Action) -> bool:
        node = self.world.nodes[fault.need(ArgKind.NODE)]
        service = node.mysqld if fault.need(ArgKind.SERVICE) == "mysqld" else node.keepalived
        return service.running
