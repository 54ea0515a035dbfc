"""What a topology wants done to a simulated lab before it is ready."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hatlab.actions import Action, ArgKind
from hatlab.engine.simulator.actions import act
from hatlab.engine.simulator.mysql.sql import execute
from hatlab.engine.simulator.mysql.storage import SqlError
from hatlab.engine.simulator.service import Service
from hatlab.engine.startup_errors import fault_failed, statement_failed
from hatlab.errors import ActionFailed

if TYPE_CHECKING:
    from hatlab.engine.simulator.world import World


def run_statements(world: World) -> bool:
    """Runs the start SQL, all of it at once.

    Raises:
        EngineError: a server refused one.
    """
    for name, statements in world.layout.topology.sql.items():
        for number, statement in enumerate(statements, 1):
            try:
                execute(world.nodes[name].mysqld, statement, root=True)
            except SqlError as error:
                why = f'MySQL says: ({error.number}, "{error.message}")'
                raise statement_failed(name, number, statement, why) from None
    return True


def begin_faults(world: World, left: list[Action]) -> bool:
    """Does those faults that are left, each begun at once; False while an orderly stop still takes its time.

    Raises:
        EngineError: one cannot be done.
    """
    while left:
        fault = left[0]
        if not world.begun:
            try:
                next(act(world, fault), None)  # what it waits for is the effect's proof, not its cause
            except ActionFailed as error:
                raise fault_failed(fault, error.message) from None
            world.begun = True
        if fault.verb == "stop" and _service(world, fault).running:
            return False
        left.pop(0)
        world.begun = False
    return True


def _service(world: World, fault: Action) -> Service:
    node = world.nodes[fault.need(ArgKind.NODE)]
    return node.mysqld if fault.need(ArgKind.SERVICE) == "mysqld" else node.keepalived
