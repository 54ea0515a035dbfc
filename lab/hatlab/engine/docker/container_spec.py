"""What a container is told (HATLAB_NODE) and what it may do."""

from __future__ import annotations

import json
from typing import Any

from hatlab.topology import Layout

LEASE = 60
"""Seconds after which the containers of a hatlab that went silent end by themselves."""
CAPABILITIES = ("NET_ADMIN", "NET_RAW", "SETUID", "SETGID", "KILL")
"""Addresses, the packet filter and capturing; mysqld as its own user, and signals to it."""


Data = dict[str, Any]
"""HATLAB_NODE of a container; see the head of compose/agent/ for its fields."""


def containers(layout: Layout) -> tuple[list[Data], list[Data]]:
    """What each container is told: the nodes, which take longer to start, and the clients."""
    from hatlab.keepalived import write_config

    placeholders = {network: f"@{network}@" for network in layout.network_names}
    confs = {n: write_config(layout, n, placeholders) for n in layout.server_names}
    nodes = [node(layout, n, confs.get(n, "")) for n in layout.node_names]
    return nodes, [client(layout, n) for n in layout.client_names]


def node(layout: Layout, name: str, conf: str) -> Data:
    """HATLAB_NODE of a server or a host."""
    server = name in layout.server_names
    return {
        "role": "node" if server else "host",
        "name": name,
        "networks": {n: str(layout.subnets[n]) for n in layout.networks_of(name)},
        "routes": layout.routes(name),
        "own": [layout.address(name, n) for n in layout.networks_of(name)],
        "conf": conf,
        "mysql": _mysql(layout, name) if name in layout.mysql_names else None,
        "hold": server,
        "lease": LEASE,
    }


def _mysql(layout: Layout, name: str) -> dict[str, Any]:
    replication = layout.topology.replication
    network = replication.network or layout.network_names[0]
    two = replication.kind == "two-sources"
    names = layout.mysql_names
    source = layout.source_of(name)
    return {
        "server_id": layout.topology.nodes[name].octet,
        "increment": len(names) if two else 1,
        "offset": names.index(name) + 1 if two else 1,
        "source": layout.address(source, network) if source else None,
        "fenced": layout.begins_read_only(name),
    }


def client(layout: Layout, name: str) -> Data:
    """HATLAB_NODE of a client."""
    spec = layout.topology.clients[name]
    address = layout.pinged_address(name)
    return {
        "role": "client",
        "name": name,
        "networks": {spec.network: str(layout.subnets[spec.network])},
        "routes": layout.routes(name),
        "target": layout.target(name),
        "ping": {"host": layout.pinged(name), "address": address} if address else None,
        "rate": spec.rate,
        "writes": spec.writes,
        "workload": spec.workload,
        "lease": LEASE,
    }


def environment(data: Data) -> list[str]:
    """The environment of a container."""
    return ["HATLAB_NODE=" + json.dumps(data, separators=(",", ":"))]


def host_config(layout: Layout, name: str) -> dict[str, Any]:
    """Limits and rights of a container, as the Docker API names them: no binds, no way to gain rights.

    Routers alone forward between networks.
    """
    spec = layout.topology.nodes.get(name)
    router = spec is not None and spec.service == "router"
    return {
        "CapDrop": ["ALL"],
        "CapAdd": list(CAPABILITIES),
        "SecurityOpt": ["no-new-privileges"],
        "PidsLimit": 400,
        "Memory": (768 if name in layout.mysql_names else 256) * 2**20,
        "Sysctls": {"net.ipv4.ip_forward": "1" if router else "0"},
        "LogConfig": {"Type": "none"},
        "Init": False,
    }
