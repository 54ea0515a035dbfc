"""The options of a lab's networks."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from hatlab.engine.docker.networks import BRIDGE_OPTIONS, address_pools, bridge_options, make_network
from hatlab.topology import Layout
from hatlab.topology.library import load_topology


@pytest.mark.parametrize(
    ("version", "mode"), [("20.10.24", None), ("28.0.1", "nat-unprotected"), ("dev", None)]
)
def test_newer_engines_get_the_option_that_lets_routed_packets_pass(version: str, mode: str | None) -> None:
    options = bridge_options(load_topology("gateway"), version)
    assert options.get("com.docker.network.bridge.gateway_mode_ipv4") == mode
    assert options["com.docker.network.bridge.enable_ip_masquerade"] == "false"
    assert bridge_options(load_topology("two-node"), version) == BRIDGE_OPTIONS


def test_a_network_has_a_subnet_of_each_family_that_it_speaks() -> None:
    assert address_pools(Layout.numbered("ipv6", load_topology("ipv6")), "lan") == [
        {"subnet": "198.18.0.0/24", "gateway": "198.18.0.1"},
        {"subnet": "fd00:198:18::/64", "gateway": "fd00:198:18::1"},
    ]
    assert len(address_pools(Layout.numbered("two-node", load_topology("two-node")), "lan")) == 1


class Api:
    """Keeps what a network is made with."""

    def __init__(self) -> None:
        self.asked: dict[str, Any] = {}

    def create_network(self, name: str, **asked: Any) -> None:
        self.asked = {"name": name, **asked}


@pytest.mark.parametrize(("name", "speaks"), [("ipv6", True), ("two-node", False)])
def test_a_bridge_speaks_ipv6_where_the_layout_does(name: str, speaks: bool) -> None:
    api, options = Api(), {"com.docker.network.bridge.gateway_mode_ipv4": "nat-unprotected"}
    layout = Layout.numbered(name, load_topology(name))
    make_network(SimpleNamespace(api=api), "x", layout, options, "lan")  # type: ignore[arg-type]
    assert api.asked["enable_ipv6"] is speaks
    assert ("com.docker.network.bridge.gateway_mode_ipv6" in api.asked["options"]) is speaks
