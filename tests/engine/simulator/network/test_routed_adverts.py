"""Members of one virtual router on two networks: a router hands their unicast adverts on."""

from __future__ import annotations

import pytest

from hatlab import events as e
from hatlab.topology import Topology
from tests.support.simulated_lab import SimLab

ROUTED = {
    "version": 1,
    "title": "routed",
    "networks": ["lan", "far"],
    "nodes": {
        "a": {"octet": 11, "networks": ["lan"], "gateway": "r"},
        "b": {"octet": 12, "networks": ["far"], "gateway": "r"},
        "r": {"octet": 254, "service": "router"},
    },
    "instances": {
        "VI_1": {
            "network": "lan",
            "vrid": 51,
            "peers": "unicast",
            "members": {"a": 150, "b": {"priority": 100, "network": "far"}},
            "addresses": {"lan": [100]},
        }
    },
    "clients": {"client": {"network": "lan", "octet": 50, "target": "VI_1"}},
}


@pytest.fixture
def lab() -> SimLab:
    lab = SimLab(Topology.model_validate(ROUTED))
    lab.run(3)
    return lab


def test_adverts_cross_the_router_with_a_hop_less(lab: SimLab) -> None:
    assert lab.owners() == {"a"}
    heard = [o for o in lab.events if isinstance(o, e.Advert) and o.node == "b" and o.direction == "received"]
    assert {(o.source, o.network) for o in heard} == {("198.18.0.11", "far")}
    assert {bytes.fromhex(o.frame)[22] for o in heard} == {254}, "the TTL"


def test_the_address_is_of_no_use_on_the_other_network(lab: SimLab) -> None:
    lab.do("stop keepalived a", wait=3)
    assert lab.reported("b") == "MASTER"
    assert lab.owners() == {"b"}
    assert lab.state.clients["client"].failed > 20


def test_without_the_router_both_become_master(lab: SimLab) -> None:
    lab.do("power off r", wait=8)
    assert lab.owners() == {"a", "b"}
    lab.do("power on r", wait=5)
    assert lab.owners() == {"a"}
