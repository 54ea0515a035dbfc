"""The gratuitous ARPs of one instance: when a Master announces its addresses, and again (keepalived:
vrrp_send_link_update and the timers around it)."""

from __future__ import annotations

from typing import Protocol

from hatlab.engine.simulator.environment import Daemon
from hatlab.engine.simulator.keepalived.config import InstanceConfig
from hatlab.engine.simulator.network.network import Port, gratuitous_arp
from hatlab.util.addresses import is_ipv6
from hatlab.vrrp.router import Router, Rules


class Announcer(Protocol):
    """An instance, as its announcements see it."""

    daemon: Daemon
    config: InstanceConfig
    port: Port
    router: Router
    rules: Rules

    @property
    def name(self) -> str:
        """As the configuration names it."""


class Announcements:
    """What an instance tells the caches around it. A reload forgets what was planned before it."""

    def __init__(self, instance: Announcer) -> None:
        self.instance = instance
        self.daemon = instance.daemon

    def announce_master(self) -> None:
        """Announce a new Master, and go on if configured so (keepalived: vrrp_state_become_master)."""
        garp = self.instance.config.settings.garp
        self._announce(garp.repeat, garp.delay)
        self._schedule_refresh(garp.delay)

    def answer_lower(self) -> None:
        """Announce after an advert of lower priority."""
        garp = self.instance.config.settings.garp
        if garp.lower_repeat:
            self._announce(garp.lower_repeat, garp.lower_delay)

    def announce_reloaded(self, new_addresses: bool) -> None:
        """Announce a Master after a reload, if it has new addresses or refreshes them anyway."""
        garp = self.instance.config.settings.garp
        delay = garp.delay if new_addresses else 0
        if new_addresses or garp.refresh:
            self._announce(garp.repeat, delay)
        self._schedule_refresh(delay)

    def announce_own_address(self) -> None:
        """Out of FAULT a unicast router announces its own address, so that its Master need not ask for it
        (keepalived: try_up_instance)."""
        port = self.instance.port
        address = self.instance.rules.address
        kind = "NA" if is_ipv6(address) else "ARP"
        self.daemon.log(f"{self.instance.name}: sending gratuitous {kind} for {address}")
        self._send(port, address)

    def _announce(self, repeat: int, delay: float) -> None:
        """Send gratuitous ARPs for each address, and once more `delay` later unless that is 0."""
        self._send_all(repeat)
        if delay:
            self.daemon.call_after(delay, self._announce_later, repeat, self.daemon.reloads)

    def _announce_later(self, repeat: int, reloads: int) -> None:
        if reloads == self.daemon.reloads:
            self._send_all(repeat)

    def _schedule_refresh(self, delay: float) -> None:
        """Begin the announcements that go on, if any are configured."""
        refresh = self.instance.config.settings.garp.refresh
        if refresh:
            self.daemon.call_after(delay + refresh, self._refresh, self.daemon.reloads)

    def _refresh(self, reloads: int) -> None:
        """Announce again and again. keepalived never ends this timer, a Backup only says nothing: each time
        that it becomes Master, one more of them runs."""
        if reloads == self.daemon.reloads:
            garp = self.instance.config.settings.garp
            self._send_all(garp.refresh_repeat)
            self.daemon.call_after(garp.refresh, self._refresh, reloads)

    def _send_all(self, repeat: int) -> None:
        """Send gratuitous ARPs for each address, if it is Master."""
        daemon, instance = self.daemon, self.instance
        for round_number in range(repeat if instance.router.holds else 0):
            for vip in instance.config.vips:
                address, device = vip.address, vip.device
                port = daemon.node.find_port(device)
                if port is None:
                    continue
                if round_number == 0:
                    what = "Unsolicited Neighbour Adverts" if is_ipv6(address) else "gratuitous ARPs"
                    shown = _device_of(port, address)
                    daemon.log(f"({instance.name}) Sending/queueing {what} on {shown} for {address}")
                daemon.pacing.send(port, address, repeat, self._send)

    def forget(self) -> None:
        """Its addresses are given up: what waits to be sent is not sent."""
        self.daemon.pacing.forget({vip.address for vip in self.instance.config.vips})

    def _send(self, port: Port, address: str) -> None:
        network = self.daemon.node.environment.networks.get(port.network)
        if network is None:
            return  # nobody hears what is said on the loopback interface
        what = "unsolicited Neighbour Advert" if is_ipv6(address) else "gratuitous ARP"
        self.daemon.log(f"Sending {what} on {_device_of(port, address)} for {address}")
        if not port.up and not is_ipv6(address):
            told = f"sending gratuitous ARP on {_device_of(port, address)} for {address}"
            self.daemon.log(f"Error 100 (Network is down) {told}")
        frame, packet = gratuitous_arp(address, port.mac_of(address))
        network.send(port, frame, packet)


def _device_of(port: Port, address: str) -> str:
    """Return the interface that an address is on: the port, or one with a virtual MAC on top of it."""
    vmac = port.vmac_of(address)
    return vmac.device if vmac else port.device
