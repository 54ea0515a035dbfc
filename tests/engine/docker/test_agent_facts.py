"""The events that agents' facts become."""

from __future__ import annotations

from typing import Any

from hatlab import events as e
from hatlab.engine.docker.agent_facts import fact_to_event
from hatlab.topology import Layout
from hatlab.topology.library import load_topology

LAYOUT = Layout.numbered("two-node", load_topology("two-node"))


def test_facts_become_events() -> None:
    vips = frozenset(LAYOUT.vip_addresses)
    fact = {"t": 1, "kind": "address", "network": "lan", "address": "198.18.0.100", "held": True}
    assert fact_to_event(2.5, "db1", fact, vips, {}) == e.Address(
        at=2.5, node="db1", network="lan", address="198.18.0.100", held=True, vip=True
    )
    probe = {"t": 1, "kind": "probe", "ok": True, "server": "db1", "latency_ms": 1.5}
    assert fact_to_event(2.5, "client", probe, vips, {}) == e.Probe(
        at=2.5, client="client", ok=True, server="db1", latency_ms=1.5
    )
    assert fact_to_event(2.5, "db1", {"t": 1, "kind": "hello"}, vips, {}) is None
    ping: dict[str, Any] = {
        "t": 1,
        "kind": "probe",
        "ok": True,
        "via": "02:42:00:00:00:01",
        "pinged": "server",
    }
    for macs, server in (({"02:42:00:00:00:01": "r1"}, "r1"), ({}, "02:42:00:00:00:01")):
        event = fact_to_event(2.5, "client", ping, vips, macs)
        assert isinstance(event, e.Probe)
        assert (event.server, event.pinged) == (server, "server")
