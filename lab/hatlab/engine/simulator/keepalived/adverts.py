"""The adverts of one instance: how it sends its own, and how it takes those of others."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

from hatlab.engine.simulator.environment import Daemon
from hatlab.engine.simulator.keepalived.config import InstanceConfig
from hatlab.engine.simulator.network.neighbours import find_neighbour
from hatlab.engine.simulator.network.network import Network, Port, advert_frame, with_ip_id
from hatlab.util.addresses import is_ipv6
from hatlab.vrrp.acceptance import find_refusal, list_remarks
from hatlab.vrrp.codec import Advertisement
from hatlab.vrrp.router import Complaint, Heard, Rules

LOOPBACK = 0.0001
"""Seconds that an advert takes to the machine that sent it."""


class Advertiser(Protocol):
    """An instance, as its adverts see it."""

    daemon: Daemon
    config: InstanceConfig
    port: Port
    rules: Rules


class JudgedAdvert(NamedTuple):
    """An advert, and how it is taken."""

    advert: Advertisement
    refusal: Complaint | None
    """With what it is refused; None if it is accepted."""
    heard: Heard


class AdvertSender:
    """Sends an instance's adverts, and counts them as keepalived does in their IP identification."""

    def __init__(self, instance: Advertiser) -> None:
        self.instance = instance
        self.sequence = 0
        """The number of the last authentication header that it sent or accepted."""
        self.sent = 0
        """Times that it sent one; the IP identification counts them."""
        self._rules: Rules | None = None
        self._frames: dict[tuple[int, str, str], tuple[bytes, Advertisement]] = {}
        """Those made by these rules, as a Master sends the same for long."""

    def send(self, priority: int) -> None:
        """Send an advert to the group, or to each unicast peer."""
        instance = self.instance
        rules, port = instance.rules, instance.port
        self.sent += 1
        self.sequence += rules.auth_header
        if not port.up:
            self._tell_that_nothing_leaves(priority)
        leaves = port.network in instance.daemon.node.environment.networks  # not by the loopback interface
        if not (rules.ttl and rules.address and leaves):
            return
        for peer in rules.peers:
            self._send_to_peer(priority, peer)
        if not rules.peers:
            network = instance.daemon.node.environment.networks[port.network]
            network.send(port, *self._make_frame(priority, rules.group))

    def _tell_that_nothing_leaves(self, priority: int) -> None:
        """Say that the interface is down; of a priority 0 over IPv4 it says nothing, unless its own interface
        is a virtual MAC's, which is not known to be down yet (vrrp_send_adv)."""
        rules = self.instance.rules
        six = is_ipv6(rules.address)
        has_own_interface = bool(rules.peers) and self.instance.config.settings.vmac is not None
        if not (priority or six or has_own_interface):
            return
        number, why = (22, "Invalid argument") if six else (101, "Network is unreachable")
        for peer in rules.peers:
            self.instance.daemon.log(f"({rules.name}) Cant send advert to {peer} ({why})")
        if not rules.peers:
            self.instance.daemon.log(f"({rules.name}): send advert error {number} ({why})")

    def _send_to_peer(self, priority: int, peer: str) -> None:
        """Send an advert to a peer, if it is there. One to itself does not leave the machine."""
        daemon, port = self.instance.daemon, self.instance.port
        network = daemon.node.environment.networks[port.network]
        if daemon.node.port_holding(peer):
            if port.up:
                _, advert = self._make_frame(priority, peer, port)
                daemon.call_after(LOOPBACK, daemon.receive, port, advert)
            return
        next_hop = peer if _port_with(network, peer) else self._router_to(peer)
        receiver = _port_with(network, next_hop)
        if receiver:
            frame, advert = self._make_frame(priority, peer, receiver)
            neighbour = find_neighbour(network, port, next_hop)
            neighbour.send(self.instance.rules.address, network.send, port, frame, advert, receiver)
        elif port.up and not self._has_route(peer):
            name = self.instance.rules.name
            daemon.log(f"({name}) Cant send advert to {peer} (Network is unreachable)")

    def _router_to(self, address: str) -> str:
        """The router to which a packet for an address of another network is sent; empty if there is none."""
        daemon, port = self.instance.daemon, self.instance.port
        layout = daemon.node.environment.layout
        gateway = layout.default_gateway(daemon.node.name)
        if gateway is None or layout.network_of(address) in daemon.node.ports or gateway[0] != port.network:
            return ""
        if is_ipv6(address) and any(p.seems_near(address) for p in daemon.node.ports.values()):
            return ""
        return gateway[1]

    def _has_route(self, address: str) -> bool:
        """True if the node is on the network of an address, or has a router; nothing leaves the lab."""
        node = self.instance.daemon.node
        layout = node.environment.layout
        network = layout.network_of(address)
        return network in node.ports or (network is not None and bool(layout.routes(node.name)))

    def _make_frame(
        self, priority: int, destination: str, receiver: Port | None = None
    ) -> tuple[bytes, Advertisement]:
        rules = self.instance.rules
        if rules is not self._rules:
            self._rules, self._frames = rules, {}
        key = (priority, destination, receiver.mac if receiver else "")
        if key not in self._frames or rules.auth_header:
            self._frames[key] = advert_frame(**self._fields(priority, destination, receiver))
        frame, advert = self._frames[key]
        return (frame if rules.auth_header else with_ip_id(frame, self.sent)), advert

    def _fields(self, priority: int, destination: str, receiver: Port | None) -> dict[str, Any]:
        """Return what `hatlab.vrrp.codec.encode` makes a frame of."""
        rules = self.instance.rules
        fields: dict[str, Any] = {
            "version": rules.version,
            "vrid": rules.vrid,
            "priority": priority,
            "addresses": rules.addresses,
            "source": rules.address,
            "interval": rules.interval,
            "auth_pass": rules.auth_pass,
            "ttl": rules.ttl,
            "checksum_kind": rules.checksum_kind,
            "source_mac": self._source_mac(),
            "destination": destination,
            "destination_mac": receiver.mac if receiver else None,
        }
        if rules.auth_header:
            fields |= {"sequence": self.sequence, "ident": self.sent & 0xFFFF}
        return fields

    def _source_mac(self) -> str:
        vmac = self.instance.config.settings.vmac
        return vmac.mac if vmac and vmac.sends else self.instance.port.mac


def _port_with(network: Network, address: str) -> Port | None:
    """Return the port that holds an address, or held it until its link went down."""
    return next((p for p in network.ports if address in p.addresses or address in p.ipv6), None)


class AdvertJudge:
    """Judges the adverts that an instance hears; the last verdict is remembered, as a Master sends the same
    for long."""

    def __init__(self) -> None:
        self._last: JudgedAdvert | None = None

    def forget(self) -> None:
        """The rules changed."""
        self._last = None

    def judge(self, rules: Rules, advert: Advertisement, sequence: int) -> JudgedAdvert:
        """Return how an advert is taken.

        Args:
            sequence: the number of the last authentication header; one that is not higher is a replay.
        """
        if self._last is None or self._last.advert is not advert:
            interval = advert.interval or rules.interval
            remarks = list_remarks(rules, advert)
            heard = Heard(advert.source, advert.priority or 0, interval, remarks)
            refusal = find_refusal(rules, advert, sequence)
            self._last = JudgedAdvert(advert, refusal, heard)
        return self._last
