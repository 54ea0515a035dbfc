"""The adverts of one instance: how it sends its own, and how it takes those of others."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from hatlab.engine.simulator.environment import Daemon
from hatlab.engine.simulator.network.network import Port, advert_frame, with_ip_id
from hatlab.util.addresses import is_ipv6
from hatlab.vrrp.acceptance import find_refusal, list_remarks
from hatlab.vrrp.codec import Advertisement
from hatlab.vrrp.router import Complaint, Heard, Rules


class Advertiser(Protocol):
    """An instance, as its adverts see it."""

    daemon: Daemon
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
        self._ip_id = 0

    def send(self, priority: int) -> None:
        """Send an advert to the group, or to each unicast peer."""
        instance = self.instance
        rules, port = instance.rules, instance.port
        network = instance.daemon.node.environment.networks[port.network]
        self._ip_id += 1
        for peer in rules.peers or (None,):
            receiver = next((p for p in network.ports if peer in p.addresses), None)
            if peer and receiver is None:
                continue
            frame, advert = advert_frame(
                version=rules.version,
                vrid=rules.vrid,
                priority=priority,
                addresses=rules.addresses,
                source=rules.address,
                interval=rules.interval,
                auth_pass=rules.auth_pass,
                source_mac=port.mac,
                destination=peer,
                destination_mac=receiver.mac if receiver else None,
            )
            if not port.up and is_ipv6(rules.address):
                instance.daemon.log(f"({rules.name}): send advert error 22 (Invalid argument)")
            network.send(port, with_ip_id(frame, self._ip_id), advert, receiver)


class AdvertJudge:
    """Judges the adverts that an instance hears; the last verdict is remembered, as a Master sends the same
    for long."""

    def __init__(self) -> None:
        self._last: JudgedAdvert | None = None

    def forget(self) -> None:
        """The rules changed."""
        self._last = None

    def judge(self, rules: Rules, advert: Advertisement) -> JudgedAdvert:
        """Return how an advert is taken."""
        if self._last is None or self._last.advert is not advert:
            interval = advert.interval or rules.interval
            remarks = list_remarks(rules, advert)
            heard = Heard(advert.source, advert.priority or 0, interval, remarks)
            self._last = JudgedAdvert(advert, find_refusal(rules, advert), heard)
        return self._last
