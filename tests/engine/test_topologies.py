"""Each shipped topology comes up on both engines: every address owned, every client answered.

The one that shows a configuration which cannot run is ready too, and says why it has no Master.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hatlab.engine.base import Engine
from hatlab.engine.docker.engine import DockerEngine
from hatlab.engine.simulator.engine import SimulatorEngine
from hatlab.session import Session
from hatlab.state.model import LabState
from hatlab.topology import Topology
from hatlab.topology.library import load_topology, topology_names

ENGINES: dict[str, Callable[[str, Topology], Engine]] = {"docker": DockerEngine, "sim": SimulatorEngine}
CASES = [
    pytest.param(
        name, engine, id=f"{name}-{engine}", marks=[pytest.mark.docker] if engine == "docker" else []
    )
    for name in topology_names()
    for engine in ENGINES
]


BROKEN = {"the-blog": "no node became Master: keepalived ended on db1 and db2"}


def undecided(topology: Topology) -> bool:
    """Whether one run decides a check."""
    return any(check.fall == check.rise == 1 for check in topology.checks.values())


def settled(topology: Topology, state: LabState) -> bool:
    """Whether each address is held by its highest priority and each client answered by that node.

    With a check that cannot decide it never is: then whether the address has changed its owner often enough.
    """
    if undecided(topology):
        causes = {why.cause for why in state.whys if why.to == "FAULT"}
        took = [why.node for why in state.whys if why.to == "MASTER"]
        return len(took) >= 4 and causes == {"check report failed (timed out)"}
    first = {
        name: max(spec.members, key=lambda node: spec.members[node].priority)
        for name, spec in topology.instances.items()
    }
    owned = all(state.owners(address) == {first[name]} for name, address, _ in state.vips())
    answered = all(
        state.clients[name].server == first[spec.target] for name, spec in topology.clients.items()
    )
    return state.ready and owned and answered


@pytest.mark.parametrize(("name", "engine"), CASES)
def test_it_comes_up(name: str, engine: str) -> None:
    topology = load_topology(name)
    session = Session(ENGINES[engine](name, topology))
    try:
        session.start()
        if name in BROKEN:
            assert session.state.ready
            assert session.state.phases["election"][2] == BROKEN[name]
            return
        usual = {"no_owner"} if undecided(topology) else set()
        assert session.wait_for(
            lambda state: settled(topology, state) and state.conditions.keys() <= usual, 60
        ), session.state.conditions
    finally:
        session.stop()
