"""Makes a lab's networks and containers on a Docker engine, in parallel."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Network
from typing import TYPE_CHECKING, Any, TypeVar

from hatlab.engine.docker import container_spec as spec
from hatlab.engine.docker import subnets
from hatlab.engine.docker.connection import told_plainly
from hatlab.errors import EngineError
from hatlab.topology import Layout, Topology

if TYPE_CHECKING:
    from docker import DockerClient

LAB, TOPOLOGY, NODE = "hatlab.lab", "hatlab.topology", "hatlab.node"
"""Labels on everything that hatlab makes."""
T = TypeVar("T")
R = TypeVar("R")


def in_parallel(work: Callable[[T], R], items: Iterable[T], at_once: int = 100) -> list[R]:
    """`work` on every item, so many at once; the first failure is raised when all have ended."""
    todo = list(items)
    with ThreadPoolExecutor(max(1, min(at_once, len(todo)))) as pool:
        futures = [pool.submit(work, item) for item in todo]
    return [future.result() for future in futures]


def new_id(topology: str) -> str:
    """A lab's id: the topology's name and four hex digits."""
    return f"{topology}-{secrets.token_hex(2)}"


def make_networks(client: DockerClient, lab: str, name: str, topology: Topology) -> Layout:
    """A bridge for each network, on free subnets.

    An ordinary bridge without masquerading: frames between containers pass (an internal network drops
    multicast), and nothing can leave it.

    Raises:
        EngineError: no subnet is free, or Docker refuses.
    """
    from docker.errors import APIError
    from docker.types import IPAMConfig, IPAMPool

    with told_plainly("cannot list networks"):
        taken = [*subnets.host_routes(), *_used(client)]
    wanted = list(topology.networks)
    with told_plainly("cannot ask for the engine's version"):
        options = bridge_options(topology, str(client.version()["Version"]))
    skip = 0
    while True:
        found = subnets.free(taken, len(wanted), skip)
        layout = Layout(name, topology, dict(zip(wanted, found, strict=True)))

        def make(network: str, layout: Layout = layout) -> None:
            cidr = layout.subnets[network]
            pool = IPAMPool(subnet=str(cidr), gateway=str(cidr.network_address + 1))
            client.api.create_network(
                f"hatlab-{lab}-{network}",
                driver="bridge",
                ipam=IPAMConfig(pool_configs=[pool]),
                options=options,
                labels={LAB: lab, TOPOLOGY: name},
                check_duplicate=True,
            )

        try:
            with told_plainly("cannot make the networks"):
                try:
                    in_parallel(make, wanted)
                    return layout
                except APIError as error:
                    if "overlap" not in str(error).lower():
                        raise
        except EngineError:
            remove_networks(client, lab)
            raise
        remove_networks(client, lab)  # somebody else took one between our look and our request
        skip = subnets.index(layout.subnets[wanted[-1]]) + 1


def bridge_options(topology: Topology, version: str) -> dict[str, str]:
    """Options of the bridges on an engine of this version.

    From 28 on Docker drops what comes to a container by another bridge than its own; where the kernel shows
    bridged frames to the packet filter, that hits what a router is to forward. One mode leaves it out.
    """
    options = {"com.docker.network.bridge.enable_ip_masquerade": "false"}
    routers = any(node.service == "router" for node in topology.nodes.values())
    major = version.partition(".")[0]
    if routers and major.isdecimal() and int(major) >= 28:
        options["com.docker.network.bridge.gateway_mode_ipv4"] = "nat-unprotected"
    return options


def _used(client: DockerClient) -> list[IPv4Network]:
    found = []
    for network in client.api.networks():
        for config in (network.get("IPAM") or {}).get("Config") or ():
            cidr = config.get("Subnet", "")
            if cidr and ":" not in cidr:
                found.append(IPv4Network(cidr, strict=False))
    return found


def remove_networks(client: DockerClient, lab: str) -> None:
    """Removes a lab's networks; what is gone already is no error."""
    from docker.errors import APIError, NotFound

    def remove(network: dict[str, Any]) -> None:
        try:
            client.api.remove_network(network["Id"])
        except NotFound:
            pass
        except APIError as error:
            if "not found" not in str(error):
                raise

    in_parallel(remove, client.api.networks(filters={"label": f"{LAB}={lab}"}))


def create_container(client: DockerClient, lab: str, layout: Layout, image: str, data: dict[str, Any]) -> str:
    """One container, not started, on all its networks; returns its id."""
    api: Any = client.api
    name, networks = data["name"], layout.networks_of(data["name"])
    first, *rest = networks

    def full(network: str) -> str:
        return f"hatlab-{lab}-{network}"

    def at(network: str) -> dict[str, Any]:
        address = layout.address(name, network)
        return dict(api.create_endpoint_config(ipv4_address=address))

    made = api.create_container_from_config(
        {
            "Image": image,
            "Hostname": name,
            "Env": spec.environment(data),
            "OpenStdin": True,
            "AttachStdin": True,
            "AttachStdout": True,
            "AttachStderr": True,
            "Labels": {LAB: lab, TOPOLOGY: layout.name, NODE: name},
            "HostConfig": {**spec.host_config(layout, name), "NetworkMode": full(first)},
            "NetworkingConfig": {"EndpointsConfig": {full(first): at(first)}},
        },
        name=f"hatlab-{lab}-{name}",
    )
    for network in rest:
        address = layout.address(name, network)
        api.connect_container_to_network(made["Id"], full(network), ipv4_address=address)
    return str(made["Id"])


def attach(client: DockerClient, container: str) -> Any:
    """The container's stdin, stdout and stderr as one socket."""
    raw = client.api.attach_socket(
        container, params={"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1, "logs": 0}
    )
    return plain_socket(raw)


def plain_socket(raw: Any) -> Any:
    """The socket (TCP, unix, TLS, or a pipe to ssh) below what the SDK returns, without its timeout."""
    sock = getattr(raw, "_sock", raw)
    if hasattr(sock, "settimeout"):
        sock.settimeout(None)
    if isinstance(sock, socket.socket) and sock.family in (socket.AF_INET, socket.AF_INET6):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def close_socket(sock: Any) -> None:
    """Ends a stream now, whoever still reads it or holds a wrapper around it."""
    with contextlib.suppress(OSError, AttributeError):
        sock.shutdown(socket.SHUT_RDWR)
    with contextlib.suppress(OSError):
        if type(sock) is socket.socket and sock.fileno() >= 0:
            os.close(sock.detach())
        else:
            sock.close()
