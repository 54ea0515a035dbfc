"""The configuration of a container: what its agent is told in variables, and what it may do."""

from __future__ import annotations

from typing import Any

from hatlab.keepalived import localize_files, write_config
from hatlab.topology import Layout

LEASE = 60
"""Seconds of silence from hatlab after which its containers end by themselves."""
CAPABILITIES = ("NET_ADMIN", "NET_RAW", "SETUID", "SETGID", "KILL")
"""Addresses, the packet filter and capturing; mysqld as its own user, and signals to it."""
LARGEST_FILE = 2**30
"""Bytes of one file that a node may write."""
NODE_PROCESSORS = 1
"""Processors that a container may keep busy."""
_CPU_PERIOD = 100_000
"""Microseconds; a quota of as many is one processor."""
_NO_RESOLVER = "192.0.2.1"
"""An address of documentation (RFC 5737), where nothing can answer: Docker's resolver inside a node would
otherwise ask the machine's."""
AgentSettings = dict[str, Any]
"""What the agent of a container is told; compose/agent/__init__.py lists its fields."""


def all_settings(layout: Layout) -> tuple[list[AgentSettings], list[AgentSettings]]:
    """Return the settings of the nodes, which take longer to start, and those of the clients."""
    nodes = [node_settings(layout, n) for n in layout.node_names]
    return nodes, [client_settings(layout, n) for n in layout.client_names]


def node_settings(layout: Layout, name: str) -> AgentSettings:
    """Return what the agent of a server or a host is told."""
    server = name in layout.server_names
    placeholders = {network: f"@{network}@" for network in layout.network_names}
    files = {
        path: {"mode": file.permissions, "content": file.content}
        for path, file in localize_files(layout, name, placeholders).items()
    }
    return {
        "role": "node" if server else "host",
        "name": name,
        "networks": {n: str(layout.subnets[n]) for n in layout.networks_of(name)},
        "routes": layout.routes(name),
        "own": [layout.address(name, n) for n in layout.networks_of(name)],
        **_ipv6_settings(layout, name),
        "conf": write_config(layout, name, placeholders) if server else "",
        "mysql": _mysql_settings(layout, name) if name in layout.mysql_names else None,
        "hold": server,
        "lease": LEASE,
        **({"files": files} if files else {}),
    }


def _mysql_settings(layout: Layout, name: str) -> dict[str, Any]:
    replication = layout.topology.replication
    network = replication.network or layout.network_names[0]
    two_sources = replication.kind == "two-sources"
    names = layout.mysql_names
    source = layout.replication_source(name)
    return {
        "server_id": layout.topology.nodes[name].octet,
        "increment": len(names) if two_sources else 1,
        "offset": names.index(name) + 1 if two_sources else 1,
        "source": layout.address(source, network) if source else None,
        "fenced": layout.starts_read_only(name),
    }


def client_settings(layout: Layout, name: str) -> AgentSettings:
    """Return what the agent of a client is told."""
    spec = layout.topology.clients[name]
    address = layout.ping_address(name)
    return {
        "role": "client",
        "name": name,
        "networks": {spec.network: str(layout.subnets[spec.network])},
        "routes": layout.routes(name),
        **_ipv6_settings(layout, name),
        "target": layout.target_address(name),
        "ping": {"host": layout.ping_target(name), "address": address} if address else None,
        "rate": spec.rate,
        "writes": spec.writes,
        "workload": spec.workload,
        "lease": LEASE,
    }


def endpoint_addresses(layout: Layout, name: str, network: str) -> dict[str, str]:
    """Return a container's addresses on a network, as both the Docker SDK and compose files name them."""
    return dict(zip(("ipv4_address", "ipv6_address"), layout.own_addresses(name, network), strict=False))


def _ipv6_settings(layout: Layout, name: str) -> dict[str, Any]:
    """Return the part of HATLAB_NODE that is about IPv6; empty where that is not spoken."""
    networks = [network for network in layout.networks_of(name) if network in layout.ipv6_subnets]
    if not networks:
        return {}
    length = {network: layout.ipv6_subnets[network].prefixlen for network in networks}
    return {"ipv6": {n: f"{layout.address(name, n, 'ipv6')}/{length[n]}" for n in networks}}


def environment(settings: AgentSettings) -> dict[str, dict[str, Any]]:
    """Return the variables of a container by name, as values of JSON; files have one of their own.

    The kernel takes at most 128 KB of each.
    """
    node = {key: value for key, value in settings.items() if key != "files"}
    return {"HATLAB_NODE": node} | ({"HATLAB_FILES": settings["files"]} if "files" in settings else {})


def host_config(layout: Layout, name: str) -> dict[str, Any]:
    """Return a container's limits and rights, as the Docker API names them: no binds, no way to gain rights.

    A node may take one processor, its memory and no swap. Only routers forward between networks.
    """
    spec = layout.topology.nodes.get(name)
    forwards = "1" if spec is not None and spec.service == "router" else "0"
    sysctls = {"net.ipv4.ip_forward": forwards}
    if any(network in layout.ipv6_subnets for network in layout.networks_of(name)):
        sysctls["net.ipv6.conf.all.forwarding"] = forwards
    memory = (768 if name in layout.mysql_names else 256) * 2**20
    return {
        "CapDrop": ["ALL"],
        "CapAdd": list(CAPABILITIES),
        "SecurityOpt": ["no-new-privileges"],
        "PidsLimit": 400,
        "Memory": memory,
        "MemorySwap": memory,
        "CpuPeriod": _CPU_PERIOD,
        "CpuQuota": NODE_PROCESSORS * _CPU_PERIOD,
        "Ulimits": [{"Name": "fsize", "Soft": LARGEST_FILE, "Hard": LARGEST_FILE}],
        "Dns": [_NO_RESOLVER],
        "Sysctls": sysctls,
        "LogConfig": {"Type": "none"},
        "Init": False,
    }
