"""A lab's switch: what carries its networks and keeps the machine off them.

Each network is a macvlan on a bridge of its own. What an interface of a macvlan sends reaches the others and
the ports of the bridge, never the machine that has the bridge: the kernel sends it out *through* the bridge,
not up to the machine's protocols, whatever its addresses are (`macvlan_queue_xmit` in drivers/net/macvlan.c).
So there is no gateway to reach, in IPv4 or IPv6, and no frame to forge; the machine reaches no node either.
Multicast passes.

A bridge counts as up only while something is plugged in, so one container is plugged into all of them. It has
no rights, answers nothing, and ends, as the agents do, when hatlab no longer renews its lease.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from ipaddress import IPv4Network
from typing import TYPE_CHECKING, Any

from hatlab.engine.docker.labels import lab_labels
from hatlab.engine.docker.leased_container import IDLE_ROUNDS, ROUND, LeasedContainer
from hatlab.engine.docker.syscall_filter import is_podman
from hatlab.topology import Layout, Topology

if TYPE_CHECKING:
    from docker import DockerClient

_ROUNDS = f"read -r -t {ROUND} _ && n=0 || n=$((n + 1))"
_PROGRAM = f"n=0; while [ $n -lt {IDLE_ROUNDS} ]; do {_ROUNDS}; done"


def needs_ordinary_bridges(topology: Topology) -> bool:
    """True if nodes have one virtual MAC (`use_vmac`): a macvlan takes none twice (`macvlan_addr_busy`)."""
    return any("use_vmac" in (node.conf or "") for node in topology.nodes.values())


def obstacle_to_isolation(client: DockerClient, topology: Topology) -> str:
    """Return why a lab cannot be on a switch of its own and must be on ordinary bridges; empty if it can."""
    if needs_ordinary_bridges(topology):
        return "use_vmac gives several nodes one MAC"
    if is_podman(client.version()):  # it makes no bridge before a container needs it
        return "Podman offers no others"
    return ""


def make_bridge(
    client: DockerClient, lab: str, layout: Layout, network: str, subnet: IPv4Network, owner: str
) -> str:
    """Make the bridge that carries a network; return its device on the engine's machine."""
    from docker.types import IPAMConfig, IPAMPool

    answer = client.api.create_network(
        _bridge_name(lab, network),
        driver="bridge",
        internal=True,
        ipam=IPAMConfig(pool_configs=[IPAMPool(subnet=str(subnet), gateway=str(subnet[1]))]),
        options={"com.docker.network.bridge.inhibit_ipv4": "true"},
        labels=lab_labels(lab, layout.name, owner),
        check_duplicate=True,
    )
    return _device(answer)


def find_bridge(client: DockerClient, lab: str, network: str) -> str:
    """Return the device of a network's bridge.

    Raises:
        docker.errors.APIError: somebody removed the bridge.
    """
    found: dict[str, Any] = client.api.inspect_network(_bridge_name(lab, network))
    return _device(found)


def _device(bridge: dict[str, Any]) -> str:
    return f"br-{bridge['Id'][:12]}"


def bridge_subnets(networks: Iterable[str], room: IPv4Network) -> dict[str, IPv4Network]:
    """Return network → subnet of its bridge, where only the switch has an address."""
    return dict(zip(networks, room.subnets(new_prefix=29), strict=False))


def _bridge_name(lab: str, network: str) -> str:
    return f"hatlab-{lab}.{network}"  # no network's name has a dot


class Switch(LeasedContainer):
    """The container that is plugged into every bridge of a lab, started.

    Args:
        client: the engine.
        lab: the lab's id.
        layout: of the lab.
        image: what it is made from.
        owner: the token of the lab's record.
        await_bridges: returns once the bridges are there; the container itself can be made before.
    """

    def __init__(
        self,
        client: DockerClient,
        lab: str,
        layout: Layout,
        image: str,
        owner: str,
        await_bridges: Callable[[], None] = lambda: None,
    ) -> None:
        first, *others = (_bridge_name(lab, network) for network in layout.network_names)
        super().__init__(
            client,
            lab,
            layout,
            image,
            owner,
            role="switch",
            program=_PROGRAM,
            host={
                "Sysctls": {"net.ipv4.conf.all.arp_ignore": "8", "net.ipv4.icmp_echo_ignore_all": "1"},
                "NetworkMode": first,
            },
            config={"User": "nobody"},
        )
        await_bridges()
        for bridge in others:
            client.api.connect_container_to_network(self._container, bridge)
        self._start()
