"""Other shapes than the pair: three nodes, two virtual routers, two clients; and every shipped topology."""

from __future__ import annotations

import pytest

from hatlab import events as e
from hatlab.topology import Topology
from hatlab.topology.library import load_topology, topology_names
from tests.support.simulated_lab import SimLab

THREE = Topology.model_validate(
    {
        "version": 1,
        "title": "three nodes, two virtual routers",
        "networks": ["lan", "heartbeat"],
        "nodes": {"db1": 11, "db2": 12, "db3": 13},
        "instances": {
            "VI_1": {
                "network": "heartbeat",
                "vrid": 51,
                "members": {"db1": 150, "db2": 100, "db3": 50},
                "addresses": {"lan": [100]},
                "checks": ["mysql"],
            },
            "VI_2": {
                "network": "lan",
                "vrid": 52,
                "version": 3,
                "interval": 0.5,
                "members": {"db1": 100, "db2": 150, "db3": 50},
                "addresses": {"lan": [101, 102]},
                "checks": ["mysql"],
            },
        },
        "checks": {"mysql": {}},
        "clients": {
            "one": {"network": "lan", "octet": 50, "target": "VI_1"},
            "two": {"network": "lan", "octet": 51, "target": "VI_2"},
        },
    }
)


def owner(lab: SimLab, address: str) -> str:
    return ",".join(sorted(lab.state.owners(address)))


def test_three_nodes_hand_two_routers_down_the_line() -> None:
    lab = SimLab(THREE)
    lab.run(5)
    assert [owner(lab, f"198.18.0.{n}") for n in (100, 101, 102)] == ["db1", "db2", "db2"]
    lab.do("power off db1", wait=5)
    assert [owner(lab, f"198.18.0.{n}") for n in (100, 101, 102)] == ["db2", "db2", "db2"]
    lab.do("kill mysqld db2", wait=8)
    assert [owner(lab, f"198.18.0.{n}") for n in (100, 101, 102)] == ["db3", "db3", "db3"]
    assert {c.server for c in lab.state.clients.values()} == {"db3"}
    logged = [o.text for o in lab.events if isinstance(o, e.Log)]
    assert any("master changed from 198.18.1.11 to 198.18.1.12" in text for text in logged)
    lab.do("reset", wait=5)
    assert [owner(lab, f"198.18.0.{n}") for n in (100, 101, 102)] == ["db1", "db2", "db2"]
    assert not lab.state.conditions


@pytest.mark.parametrize("name", topology_names())
def test_every_shipped_topology_starts(name: str) -> None:
    lab = SimLab(load_topology(name))
    lab.run(10)
    assert lab.state.ready
    right = {"the-blog": {0}, "flapping": {0, 1}}.get(name, {1})
    assert {len(lab.state.owners(address)) for _, address, _ in lab.state.vips()} <= right
