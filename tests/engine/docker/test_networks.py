"""The options of a lab's networks."""

from __future__ import annotations

import pytest

from hatlab.engine.docker.networks import bridge_options
from hatlab.topology.library import load_topology


@pytest.mark.parametrize(
    ("version", "mode"), [("20.10.24", None), ("28.0.1", "nat-unprotected"), ("dev", None)]
)
def test_newer_engines_get_the_option_that_lets_routed_packets_pass(version: str, mode: str | None) -> None:
    options = bridge_options(load_topology("gateway"), version)
    assert options.get("com.docker.network.bridge.gateway_mode_ipv4") == mode
    assert options["com.docker.network.bridge.enable_ip_masquerade"] == "false"
    assert len(bridge_options(load_topology("two-node"), version)) == 1
