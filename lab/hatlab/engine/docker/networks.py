"""Makes and removes a lab's networks on a Docker engine."""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import TYPE_CHECKING

from hatlab.engine.docker import subnets, switch
from hatlab.engine.docker.connection import one_line, plain_errors
from hatlab.engine.docker.labels import LAB, lab_labels
from hatlab.engine.docker.parallel import in_parallel
from hatlab.topology import Layout, Topology
from hatlab.util.text import join_names, plural

if TYPE_CHECKING:
    from docker import DockerClient


_REMOVAL_TRIES = 4
_TRY_AGAIN_AFTER = 0.3
"""Seconds: an engine may count a container that has just been removed for a moment longer."""
BRIDGE_OPTIONS = {
    "com.docker.network.bridge.enable_ip_masquerade": "false",
    "com.docker.network.bridge.inhibit_ipv4": "true",
}
"""Of a bridge that nodes are on: the machine has no address there, and does not lend them its own."""
_DEVICE = "com.docker.network.bridge.name"
_GATEWAY_MODE = "com.docker.network.bridge.gateway_mode_"


class SubnetTaken(Exception):
    """Another lab took a subnet between our look and our request."""


@dataclass(frozen=True, slots=True)
class NetworkPlan:
    """A lab's networks on free subnets, to be made."""

    layout: Layout
    """Of the lab, with these subnets."""
    bridge_subnets: Mapping[str, IPv4Network]
    """Network → the subnet of the bridge that carries it; empty without a switch of the lab's own."""
    options: dict[str, str]
    """Of ordinary bridges."""

    @property
    def isolated(self) -> bool:
        """True if a switch keeps the machine off the networks (see `switch`)."""
        return bool(self.bridge_subnets)


def plan_networks(
    client: DockerClient, name: str, topology: Topology, *, isolated: bool
) -> Iterator[NetworkPlan]:
    """Yield plans for a lab's networks: first the one on the first free subnets, then others.

    Args:
        client: the engine.
        name: the topology's short name.
        topology: what should exist.
        isolated: on a switch that keeps the machine off them; otherwise on ordinary bridges without
            masquerading and without an address of the machine.

    Raises:
        EngineError: no subnet is free, or Docker refuses.
    """
    with plain_errors("cannot list networks"):
        taken = [*subnets.host_routes(), *used_subnets(client)]
    names = list(topology.networks)
    with plain_errors("cannot ask for the engine's version"):
        options = bridge_options(topology, str(client.version()["Version"]))
    skip = 0
    while True:
        *free, last = subnets.free_subnets(taken, len(names) + isolated, skip)
        layout = Layout(name, topology, dict(zip(names, free if isolated else [*free, last], strict=True)))
        yield NetworkPlan(
            layout, switch.bridge_subnets(names, IPv4Network(last)) if isolated else {}, options
        )
        skip = subnets.pool_index(IPv4Network(last)) + 1


class NetworksInWork:
    """A lab's networks while they are made: what needs one of them waits for it, and fails with it.

    Args:
        client: the engine.
        lab: the lab's id.
        plan: what to make.
        owner: the token of the lab's record.
    """

    def __init__(self, client: DockerClient, lab: str, plan: NetworkPlan, owner: str = "") -> None:
        self._client, self._lab, self._plan, self._owner = client, lab, plan, owner
        names = plan.layout.network_names
        self._bridges: dict[str, Future[str]] = {name: Future() for name in names}
        self._networks: dict[str, Future[None]] = {name: Future() for name in names}

    def make(self, network: str) -> None:
        """Make a network; first its bridge, if the plan has one.

        Raises:
            SubnetTaken: another lab was quicker.
            docker.errors.APIError: Docker refuses.
        """
        from docker.errors import APIError

        plan, bridge, made = self._plan, self._bridges[network], self._networks[network]
        try:
            bridge.set_result(self._make_bridge(network))
            make_network(
                self._client, self._lab, plan.layout, plan.options, network, self._owner, bridge.result()
            )
            made.set_result(None)
        except BaseException as error:  # noqa: BLE001  for those that wait, too
            taken = isinstance(error, APIError) and "overlap" in str(error).lower()
            told = SubnetTaken(one_line(error)) if taken else error
            for future in (bridge, made):
                if not future.done():
                    future.set_exception(told)
            raise told from None

    def _make_bridge(self, network: str) -> str:
        """Return the device of the bridge; empty if the network is one itself."""
        subnet = self._plan.bridge_subnets.get(network)
        if subnet is None:
            return ""
        return switch.make_bridge(self._client, self._lab, self._plan.layout, network, subnet, self._owner)

    def await_bridges(self) -> None:
        """Wait until every bridge is made; raises as `make` does."""
        for bridge in self._bridges.values():
            bridge.result()

    def await_networks(self) -> None:
        """Wait until every network is made; raises as `make` does."""
        for network in self._networks.values():
            network.result()


def make_network(
    client: DockerClient,
    lab: str,
    layout: Layout,
    options: dict[str, str],
    network: str,
    owner: str = "",
    device: str = "",
) -> None:
    """Make one network of a lab, labelled as its owner's: a macvlan on a bridge's device, or a bridge."""
    from docker.types import IPAMConfig, IPAMPool

    pools = [
        IPAMPool(subnet=pool["subnet"], gateway=pool["gateway"]) for pool in address_pools(layout, network)
    ]
    speaks_ipv6 = network in layout.ipv6_subnets
    if speaks_ipv6 and (mode := options.get(_GATEWAY_MODE + "ipv4")):
        options = {**options, _GATEWAY_MODE + "ipv6": mode}
    options = {"parent": device} if device else {**options, _DEVICE: bridge_device(lab, network)}
    client.api.create_network(
        f"hatlab-{lab}-{network}",
        driver="macvlan" if device else "bridge",
        internal=bool(device),
        ipam=IPAMConfig(pool_configs=pools),
        options=options,
        enable_ipv6=speaks_ipv6,
        labels=lab_labels(lab, layout.name, owner),
        check_duplicate=True,
    )


def bridge_device(lab: str, network: str) -> str:
    """Return the device, on the engine's machine, of an ordinary bridge that nodes are on."""
    return f"br-{hashlib.sha256(f'{lab}.{network}'.encode()).hexdigest()[:12]}"


def address_pools(layout: Layout, network: str) -> list[dict[str, str]]:
    """Return the subnet of a network and its bridge's address; the same of IPv6 where it is spoken."""
    pools = [(str(layout.subnets[network]), layout.host_address(network, 1))]
    if six := layout.ipv6_subnets.get(network):
        pools.append((str(six), layout.host_address(network, 1, "ipv6")))
    return [{"subnet": subnet, "gateway": gateway} for subnet, gateway in pools]


def bridge_options(topology: Topology, version: str) -> dict[str, str]:
    """Return the options of the bridges on a Docker engine of this version.

    From 28 on Docker drops packets that reach a container through another bridge than its own. Where the
    kernel shows bridged frames to the packet filter, this hits what a router should forward; one gateway mode
    leaves the rule out.
    """
    options = dict(BRIDGE_OPTIONS)
    has_router = any(node.service == "router" for node in topology.nodes.values())
    major = version.partition(".")[0]
    if has_router and major.isdecimal() and int(major) >= 28:
        options[_GATEWAY_MODE + "ipv4"] = "nat-unprotected"
    return options


def used_subnets(client: DockerClient) -> list[IPv4Network]:
    """Return the IPv4 subnets of all networks on the engine."""
    configs = (
        config
        for network in client.api.networks()
        for config in (network.get("IPAM") or {}).get("Config") or ()
    )
    cidrs = (config.get("Subnet", "") for config in configs)
    return [IPv4Network(cidr, strict=False) for cidr in cidrs if cidr and ":" not in cidr]


def remove_networks(client: DockerClient, lab: str) -> None:
    """Remove a lab's networks, as far as that works; one that is gone already is no error."""
    networks = client.api.networks(filters={"label": f"{LAB}={lab}"})
    in_parallel(lambda network: remove_network(client, network["Id"], network["Name"]), networks)


def remove_network(client: DockerClient, network: str, name: str) -> tuple[str, str] | None:
    """Remove a network by its id; return why it is still there, and what to do, if it is."""
    from docker.errors import APIError, NotFound

    for _ in range(_REMOVAL_TRIES):
        try:
            client.api.remove_network(network)
            return None
        except NotFound:
            return None
        except APIError as error:
            if "not found" in str(error).lower():
                return None
            problem = one_line(error)
        if attached := _attached_containers(client, network):
            return _held_by(name, attached)
        time.sleep(_TRY_AGAIN_AFTER)
    if "active endpoints" in problem:
        return "Docker has miscounted what is attached to it", "restart Docker, then: hatlab down"
    return problem, "hatlab down"


def _attached_containers(client: DockerClient, network: str) -> list[str]:
    """Return the names of the containers that are attached to a network."""
    with contextlib.suppress(Exception):
        found = client.api.inspect_network(network)["Containers"] or {}
        return sorted(str(endpoint["Name"]) for endpoint in found.values())
    return []


def _held_by(network: str, containers: list[str]) -> tuple[str, str]:
    """Return the reason and the hint for a network that containers of somebody else hold."""
    reason = plural(
        len(containers),
        "the container {names}, which is not this lab's, is attached to it",
        "the containers {names}, which are not this lab's, are attached to it",
        names=join_names(containers),
    )
    detach = "; ".join(f"docker network disconnect -f {network} {name}" for name in containers)
    return reason, f"{detach}; then: hatlab down"
