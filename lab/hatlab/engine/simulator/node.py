"""A machine of the lab: its power, its interfaces and their addresses, and the services on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hatlab import events as e
from hatlab.engine.simulator.keepalived.daemon import Keepalived
from hatlab.engine.simulator.mysql.server import Mysqld
from hatlab.engine.simulator.network.arp_cache import Neighbour
from hatlab.engine.simulator.network.firewall import Firewall
from hatlab.engine.simulator.network.network import Packet, Port, answer
from hatlab.engine.simulator.network.routing import IcmpLimit
from hatlab.keepalived import write_config
from hatlab.vrrp.arp import ArpPacket

if TYPE_CHECKING:
    from hatlab.engine.simulator.world import World

UP = 0.05
"""Seconds from a router's boot to the start of its keepalived."""


class Host:
    """Anything with interfaces.

    Attributes:
        power: on, off or paused.
        server: whether it runs keepalived: what a cut separates, and where frames are captured.
        forwards: whether it hands on packets from one of its networks to another.
        icmp: how often it may say that it cannot.
        neighbour: what it knows of the machine that its packets go to first: a gateway, or a client's server;
            None if it has none.
    """

    server = False
    forwards = False

    def __init__(self, world: World, name: str) -> None:
        self.world, self.name = world, name
        self.power = "off"
        self.ports: dict[str, Port] = {}
        for k, network in enumerate(world.layout.networks_of(name)):
            address = world.layout.address(name, network)
            mac = "02:42:" + ":".join(f"{int(part):02x}" for part in address.split("."))
            port = Port(self, network, f"eth{k}", mac, address, addresses=[address])
            self.ports[network] = port
            world.networks[network].ports.append(port)
        self.icmp = IcmpLimit()
        way = world.layout.way(name)
        self.neighbour = Neighbour(self.ports[way[0]], way[1]) if way else None

    def receive(self, port: Port, packet: Packet) -> None:
        """A frame arrived at an interface."""
        if self.neighbour and port is self.neighbour.port:
            self.neighbour.receive(packet)


class Node(Host):
    """A machine of the topology. `conf` is the text of its keepalived.conf, on its disk; empty on a host.

    `services` are the processes that it is there to run; the others never begin.
    """

    def __init__(self, world: World, name: str) -> None:
        super().__init__(world, name)
        names = world.layout.services(name)
        self.server = "keepalived" in names
        self.forwards = world.layout.topology.nodes[name].service == "router"
        devices = {network: port.device for network, port in self.ports.items()}
        self.original = self.conf = write_config(world.layout, name, devices) if self.server else ""
        self.firewall = Firewall()
        self.mysqld = Mysqld(self)
        self.keepalived = Keepalived(self)
        self.services = {s.name: s for s in (self.mysqld, self.keepalived) if s.name in names}
        self._pid = 30
        self._boots = 0

    # -- power

    def power_on(self, reason: str = "") -> None:
        """Boots: own addresses, mysqld, keepalived once mysqld answers. A cut made before still holds."""
        self._set_power("on", reason)
        self._boots += 1
        for network, port in self.ports.items():
            port.up = True
            port.addresses = [port.address]
            self.emit(e.Link(at=self.now, node=self.name, network=network, up=True))
            self._tell_address(port, port.address, True)
            if port.percent or port.delay:
                self._tell_filter(port)
        if self.neighbour:
            self.neighbour.forget()
        self.icmp = IcmpLimit()
        if self.server:
            self.tell_conf()
        self._begin_services()

    def _begin_services(self) -> None:
        if "mysqld" in self.services:
            self.mysqld.spawn()
            self.mysqld.when_answering(self._begin_keepalived, self._boots)
        elif self.server:
            self.world.clock.after(UP, self._begin_keepalived, self._boots)

    def _begin_keepalived(self, boot: int) -> None:
        if boot == self._boots and self.power == "on" and not self.keepalived.running:
            self.keepalived.spawn()

    def power_off(self, reason: str) -> None:
        """Everything is gone at once, but the disk."""
        self._boots += 1
        self.keepalived.vanish()
        self.mysqld.vanish()
        self.firewall = Firewall()  # rules made by hand live in the kernel's memory
        for port in self.ports.values():
            port.by_hand = 0.0
        self._set_power("off", reason)

    def pause(self) -> None:
        """SIGSTOP to every process; the kernel goes on."""
        for service in self.services.values():
            if service.running and not service.frozen:
                service.freeze()
        self._set_power("paused", "SIGSTOP to every process")

    def resume(self) -> None:
        """SIGCONT to every process."""
        self._set_power("on", "resumed")
        for service in self.services.values():
            if service.frozen:
                service.thaw()

    def _set_power(self, power: str, reason: str = "") -> None:
        self.power = power
        self.emit(e.Node(at=self.now, node=self.name, state=power, reason=reason))

    # -- interfaces

    def port_of(self, device: str) -> Port | None:
        """The interface of this name."""
        return next((port for port in self.ports.values() if port.device == device), None)

    def set_link(self, network: str, up: bool) -> None:
        """Takes an interface up or down; IPv4 addresses stay on it."""
        port = self.ports[network]
        if port.up != up:
            port.up = up
            self.emit(e.Link(at=self.now, node=self.name, network=network, up=up))
            self.keepalived.on_link(port.device, up)

    def hold(self, address: str, device: str, held: bool) -> bool:
        """Puts an address on an interface, or takes it off; False if nothing changed."""
        port = self.port_of(device)
        if port is None or (address in port.addresses) == held:
            return False
        if held:
            port.addresses.append(address)
        else:
            port.addresses.remove(address)
        self._tell_address(port, address, held)
        return True

    def holds(self, address: str) -> Port | None:
        """The interface that holds an address."""
        return next((port for port in self.ports.values() if address in port.addresses), None)

    def set_filter(self, network: str, percent: float | None = None, delay: float | None = None) -> None:
        """Sets what is dropped of what servers send here (per cent), or the delay (s) of what it sends."""
        port = self.ports[network]
        before = (port.percent, port.delay, port.by_hand)
        if percent == 0 and self.firewall.rules_on(port.device):
            self.firewall.open(port.device)
            port.by_hand = 0.0
            before = (-1, -1, -1)
        port.percent = port.percent if percent is None else percent
        port.delay = port.delay if delay is None else delay
        if (port.percent, port.delay, port.by_hand) != before and self.power != "off":
            self._tell_filter(port)

    def filtered(self) -> None:
        """Its packet filter was changed by hand."""
        for port in self.ports.values():
            port.by_hand = self.firewall.share(port.device, adverts=False)
            self._tell_filter(port)

    def _tell_filter(self, port: Port) -> None:
        network = port.network
        rules: tuple[str, ...] = ()
        if port.percent:
            peers = [p.mac for p in self.world.networks[network].ports if p.host.server and p is not port]
            share = "" if port.percent >= 100 else f"numgen random mod 1000 < {round(port.percent * 10)} "
            rules = (f"ether saddr {{ {', '.join(peers)} }} {share}drop",)
        by_hand = self.firewall.share(port.device, adverts=True)
        self.emit(
            e.Filter(
                at=self.now,
                node=self.name,
                network=network,
                percent=100 - (100 - port.percent) * (100 - by_hand) / 100 if by_hand else port.percent,
                rules=(*rules, *(rule.text for rule in self.firewall.rules_on(port.device))),
                delay_ms=port.delay * 1000,
            )
        )

    def receive(self, port: Port, packet: Packet) -> None:
        """The kernel answers ARP for what it holds on any interface; keepalived gets the adverts."""
        super().receive(port, packet)
        if not isinstance(packet, ArpPacket):
            if self.firewall.tables:
                share = self.firewall.share(port.device, adverts=True)
                if share >= 100 or (share and self.world.random.random() * 100 < share):
                    return
            self.keepalived.receive(port, packet)
        elif packet.request and not packet.gratuitous and self.holds(packet.target):
            network = self.world.networks[port.network]
            reply, said = answer(port, packet.target, packet)
            network.send(port, reply, said, network.holder(packet.sender_mac))

    # -- what services use

    @property
    def now(self) -> float:
        return self.world.clock.now

    def emit(self, event: e.Event) -> None:
        self.world.emit(event)

    def new_pid(self) -> int:
        """A process id that was not used before."""
        self._pid += 1
        return self._pid

    def log(self, service: str, text: str) -> None:
        """A line in a service's log."""
        self.emit(e.Log(at=self.now, node=self.name, service=service, text=text))

    def tell_conf(self) -> None:
        """Tells the text of keepalived.conf."""
        self.emit(e.Conf(at=self.now, node=self.name, text=self.conf))

    def write_conf(self, text: str) -> None:
        """Replaces keepalived.conf; the daemon does not look at it before it is told to."""
        if text != self.conf:
            self.conf = text
            self.tell_conf()

    def _tell_address(self, port: Port, address: str, held: bool) -> None:
        self.emit(
            e.Address(
                at=self.now,
                node=self.name,
                network=port.network,
                address=address,
                held=held,
                vip=address in self.world.vips,
            )
        )

    def reset(self) -> None:
        """Back to the beginning: no process, no fault, the original data and configuration, and up again."""
        self._boots += 1
        if self.power != "on":
            self._set_power("on", "reset")
        for service in reversed(self.services.values()):
            if service.frozen:
                service.thaw()
            if service.running:
                service.kill()
        for network, port in self.ports.items():
            self.set_filter(network, 0.0, 0.0)
            self.set_link(network, True)
            for address in port.addresses[1:]:
                self.hold(address, port.device, False)
        if self.neighbour:
            self.neighbour.forget()
        self.write_conf(self.original)
        self.mysqld.restore()
        self._begin_services()
