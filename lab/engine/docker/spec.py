"""What a container is told (HATLAB_NODE) and what it may do."""

from __future__ import annotations

import json
from typing import Any

from lab.topology import Layout

LEASE = 60
"""Seconds after which the containers of a hatlab that went silent end by themselves."""
CAPABILITIES = ("NET_ADMIN", "NET_RAW", "SETUID", "SETGID", "KILL")
"""Addresses, the packet filter and capturing; mysqld as its own user, and signals to it."""


def node(layout: Layout, name: str, conf: str) -> dict[str, Any]:
    """HATLAB_NODE of a server; see the head of compose/agent/ for its fields."""
    replication = layout.topology.replication
    network = replication.network or layout.network_names[0]
    two = replication.kind == "two-sources"
    names = layout.node_names
    peer = next((n for n in names if n != name), None) if two else None
    return {
        "role": "node",
        "name": name,
        "networks": {n: str(layout.subnets[n]) for n in layout.networks_of(name)},
        "own": [layout.address(name, n) for n in layout.networks_of(name)],
        "conf": conf,
        "mysql": {
            "server_id": layout.topology.nodes[name].octet,
            "increment": len(names) if two else 1,
            "offset": names.index(name) + 1 if two else 1,
            "source": layout.address(peer, network) if peer else None,
            "fenced": layout.fences(name),
        },
        "hold": True,
        "lease": LEASE,
    }


def client(layout: Layout, name: str) -> dict[str, Any]:
    """HATLAB_NODE of a client."""
    spec = layout.topology.clients[name]
    return {
        "role": "client",
        "name": name,
        "networks": {spec.network: str(layout.subnets[spec.network])},
        "target": layout.vips(spec.target)[0][0],
        "rate": spec.rate,
        "writes": spec.writes,
        "lease": LEASE,
    }


def environment(data: dict[str, Any]) -> list[str]:
    """The environment of a container."""
    return ["HATLAB_NODE=" + json.dumps(data, separators=(",", ":"))]


def host_config(client_role: bool) -> dict[str, Any]:
    """Limits and rights of a container, as the Docker API names them: no binds, no way to gain rights."""
    return {
        "CapDrop": ["ALL"],
        "CapAdd": list(CAPABILITIES),
        "SecurityOpt": ["no-new-privileges"],
        "PidsLimit": 400,
        "Memory": (256 if client_role else 768) * 2**20,
        "LogConfig": {"Type": "none"},
        "Init": False,
    }
