"""Each shipped topology comes up on both engines: every address owned, every client answered.

The one that shows a configuration which cannot run is ready too, and says why it has no Master.
"""

from __future__ import annotations

import pytest

from hatlab.state.model import LabState
from hatlab.topology import Topology
from hatlab.topology.library import load_topology, topology_names
from tests.support.engines import BOTH_ENGINES, ENGINES
from tests.support.sessions import running_session

WITHOUT_MASTER = {"the-blog": "no node became Master: keepalived ended on db1 and db2"}


def has_flapping_check(topology: Topology) -> bool:
    """Return whether a single run decides a check."""
    return any(check.fall == check.rise == 1 for check in topology.checks.values())


def is_settled(topology: Topology, state: LabState) -> bool:
    """Return whether each address is held by the highest priority and each client answered by that node.

    With a flapping check this never holds: then whether the address has changed its owner often enough.
    """
    if has_flapping_check(topology):
        causes = {why.cause for why in state.whys if why.to == "FAULT"}
        masters = [why.node for why in state.whys if why.to == "MASTER"]
        return len(masters) >= 4 and causes == {"check report failed (timed out)"}
    highest = {
        name: max(spec.members, key=lambda node: spec.members[node].priority)
        for name, spec in topology.instances.items()
    }
    owned = all(state.owners(address) == {highest[name]} for name, address, _ in state.vips())
    clients = topology.clients.items()
    answered = all(state.clients[name].server == highest[spec.target] for name, spec in clients)
    return state.ready and owned and answered


@pytest.mark.parametrize("engine", BOTH_ENGINES)
@pytest.mark.parametrize("name", topology_names())
def test_each_shipped_topology_comes_up(name: str, engine: str) -> None:
    topology = load_topology(name)
    with running_session(ENGINES[engine](name, topology)) as session:
        if name in WITHOUT_MASTER:
            assert session.state.ready
            assert session.state.phases["election"][2] == WITHOUT_MASTER[name]
            return
        expected = {"no_owner"} if has_flapping_check(topology) else set()
        assert session.wait_for(
            lambda state: is_settled(topology, state) and state.conditions.keys() <= expected, 60
        ), session.state.conditions
