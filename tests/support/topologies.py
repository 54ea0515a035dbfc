"""Topologies of any size: so many servers, virtual routers, networks and clients."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hatlab.topology import Topology

NETWORKS = ("lan", "heartbeat", "storage", "backup", "admin", "dmz", "audit", "spare")


def many(nodes: int = 16, *, instances: int = 1, networks: int = 2, clients: int = 1) -> Topology:
    """Servers db1, db2 … on every network; each instance begins its priorities at another one."""
    names = [f"db{k}" for k in range(1, nodes + 1)]
    used = NETWORKS[:networks]
    data: dict[str, Any] = {
        "version": 1,
        "title": f"{nodes} MySQL servers",
        "networks": list(used),
        "nodes": {name: 10 + k for k, name in enumerate(names, 1)},
        "checks": {"mysql": {}},
        "instances": {
            f"VI_{i + 1}": {
                "network": used[min(1, networks - 1)],
                "vrid": 51 + i,
                "members": {names[(k + i) % nodes]: 200 - 10 * k for k in range(nodes)},
                "addresses": {"lan": [100 + i]},
                "checks": ["mysql"],
            }
            for i in range(instances)
        },
        "clients": {
            f"client{k or ''}": {"network": "lan", "octet": 50 + k, "target": f"VI_{k % instances + 1}"}
            for k in range(clients)
        },
    }
    return Topology.model_validate(data)


def with_files(topology: Topology, node: str, files: dict[str, Any]) -> Topology:
    """The topology with files on the disk of one node, as its file would have them."""
    data = topology.model_dump(mode="json", exclude_defaults=True)
    data["nodes"][node]["files"] = files
    return Topology.model_validate({**data, "version": 1})


def write(topology: Topology, path: Path) -> Path:
    """The topology as a file (JSON is YAML)."""
    data = topology.model_dump(mode="json", exclude_defaults=True)
    path.write_text(json.dumps({**data, "version": 1}))
    return path
