"""A machine of the lab: its power, its interfaces and their addresses, and the services on it."""

from __future__ import annotations

from collections.abc import Iterator

from hatlab import events as e
from hatlab.engine.simulator.disk import Disk
from hatlab.engine.simulator.environment import Environment, ScriptProcess
from hatlab.engine.simulator.keepalived.config_check import CONF
from hatlab.engine.simulator.keepalived.daemon import Keepalived
from hatlab.engine.simulator.mysql.server import Mysqld
from hatlab.engine.simulator.network.arp_cache import ArpEntry
from hatlab.engine.simulator.network.firewall import Firewall
from hatlab.engine.simulator.network.neighbours import find_neighbour
from hatlab.engine.simulator.network.network import Packet, Port, arp_reply
from hatlab.engine.simulator.network.routing import IcmpRateLimit, forward_advert
from hatlab.keepalived import localize_files, write_config
from hatlab.shell.programs import LAB_PROGRAMS
from hatlab.util.addresses import is_ipv6
from hatlab.util.files import read_text, shipped_folder
from hatlab.vrrp.arp import ArpPacket
from hatlab.vrrp.codec import Advertisement

DUPLICATE_DETECTION = (1.0, 2.0)
"""Seconds from a link's return until the kernel uses its link-local address (Linux: a second of waiting for
an objection, after up to one more; addrconf_dad_kick)."""
BOOT = 0.05
"""Seconds from a router's boot to the start of its keepalived."""


def _read_my_cnf() -> str:
    return read_text(shipped_folder("compose") / "my.cnf", "file")


KEEPALIVED_COMMAND = "/usr/sbin/keepalived --dont-fork --log-console --no-syslog -D"
"""As ps shows it, parent and child."""


LOOPBACK = "lo"


class Host:
    """Anything with interfaces."""

    server = False
    """It runs keepalived: a cut separates it from others, and its frames are captured."""
    forwards = False
    """It hands on packets from one of its networks to another."""

    def __init__(self, environment: Environment, name: str) -> None:
        self.environment, self.name = environment, name
        self.power = "off"
        """`on`, `off` or `paused`."""
        self._fill_disk()
        self.scripts: dict[int, ScriptProcess] = {}
        """Scripts and programs that run besides its services, by process id."""
        self.ended: dict[int, int] = {}
        """Exit statuses of the last scripts that ended, by process id."""
        self._last_pid, self._last_script_pid = 30, 1000
        self.ports: dict[str, Port] = {}
        layout, networks = environment.layout, environment.networks
        for number, network in enumerate(layout.networks_of(name)):
            address, *others = layout.own_addresses(name, network)
            ipv6 = (layout.link_local(name, network), *others) if others else ()
            mac = layout.mac(name, network)
            port = Port(self, network, f"eth{number}", mac, address, ipv6, addresses=[address, *ipv6])
            self.ports[network] = port
            networks[network].ports.append(port)
        local = ("::1",) if any(port.ipv6 for port in self.ports.values()) else ()
        self.loopback = Port(
            self, "", LOOPBACK, "00:00:00:00:00:00", "127.0.0.1", local, addresses=["127.0.0.1", *local]
        )
        """On no network; what it holds counts as the machine's own."""
        self.icmp = IcmpRateLimit()
        """How often it may say that it cannot forward."""
        self.next_hop: ArpEntry | None = None
        """Its ARP entry for where its packets go first: a gateway, or a client's server."""
        if way := layout.default_gateway(name):
            network, gateway = way
            self.next_hop = ArpEntry(networks[network], self.ports[network], gateway)

    def receive(self, port: Port, packet: Packet) -> None:
        """A frame arrived at an interface."""
        if self.next_hop and port is self.next_hop.port:
            self.next_hop.receive(packet)

    def refuses(self, _address: str) -> bool:
        """True if it drops every packet to an address that it holds."""
        return False

    def _fill_disk(self) -> None:
        """Make its disk as it was at the beginning."""
        self.disk = Disk(LAB_PROGRAMS)
        self.disk.computed = {"/etc/hosts": self._hosts_file, "/etc/hostname": self._host_name_file}

    def end_scripts(self) -> None:
        """End whatever runs besides its services, and tell nobody."""
        for script in list(self.scripts.values()):
            script.abandon()

    def _hosts_file(self) -> str:
        own = "".join(f"{port.address}\t{self.name}\n" for port in self.ports.values())
        return "127.0.0.1\tlocalhost\n" + own

    def _host_name_file(self) -> str:
        return self.name + "\n"

    def new_pid(self) -> int:
        """Return a process id that was not used before."""
        self._last_pid += 1
        return self._last_pid

    def new_script_pid(self) -> int:
        """Return a process id for a script, from a range of its own: those of services stay as they are."""
        self._last_script_pid += 1
        return self._last_script_pid

    def find_port(self, device: str) -> Port | None:
        """Return the interface of this name, None if there is none."""
        return next((port for port in self._interfaces() if port.device == device), None)

    def port_holding(self, address: str) -> Port | None:
        """Return the interface that holds an address, None if none does."""
        return next((port for port in self._interfaces() if address in port.addresses), None)

    def _interfaces(self) -> Iterator[Port]:
        yield from self.ports.values()
        yield self.loopback


class Node(Host):
    """A machine of the topology."""

    def __init__(self, environment: Environment, name: str) -> None:
        super().__init__(environment, name)
        layout = environment.layout
        service_names = layout.services(name)
        self.server = "keepalived" in service_names
        self.forwards = layout.topology.nodes[name].service == "router"
        devices = {network: port.device for network, port in self.ports.items()}
        self.original_conf = write_config(layout, name, devices) if self.server else ""
        self.conf = self.original_conf
        """The text of its keepalived.conf, on its disk; empty on a host."""
        self.firewall = Firewall()
        self.mysqld = Mysqld(self)
        self.keepalived = Keepalived(self)
        self.services = {s.name: s for s in (self.mysqld, self.keepalived) if s.name in service_names}
        """The processes that it is there to run; the others never begin."""
        self._boots = 0
        self._place_files()
        self.disk.on_change = self.keepalived.on_file_changed

    def list_process_names(self) -> list[tuple[str, str]]:
        """Return the name and the command line of each process of its services."""
        found = [("mysqld", "/usr/sbin/mysqld")] if self.mysqld.running else []
        if self.keepalived.running:
            found += [("keepalived", KEEPALIVED_COMMAND)] * 2
        return found

    def on_process_changed(self) -> None:
        """A process of its services began or ended; keepalived may track it."""
        self.keepalived.on_process_changed()

    def _place_files(self) -> None:
        """Put the topology's files on its disk, beside those that its services keep."""
        layout, computed = self.environment.layout, self.disk.computed
        devices = {network: port.device for network, port in self.ports.items()}
        for path, file in localize_files(layout, self.name, devices).items():
            self.disk.place(path, file.content, file.permissions)
        if self.server:
            computed[CONF] = self._read_conf
            self.disk.writers[CONF] = self.write_conf
            computed["/run/keepalived.pid"] = self._keepalived_pid
        if "mysqld" in self.services:
            computed["/etc/mysql/my.cnf"] = _read_my_cnf
            computed["/etc/mysql/node.cnf"] = self._node_cnf
            computed["/run/mysqld/mysqld.pid"] = self._mysqld_pid

    def _read_conf(self) -> str:
        return self.conf

    def _keepalived_pid(self) -> str | None:
        return f"{self.keepalived.pid}\n" if self.keepalived.pid else None

    def _mysqld_pid(self) -> str | None:
        return f"{self.mysqld.pid}\n" if self.mysqld.answering else None

    def _node_cnf(self) -> str:
        data = self.mysqld.data
        read_only = self.environment.layout.starts_read_only(self.name)
        settings = {
            "server-id": self.environment.layout.topology.nodes[self.name].octet,
            "report-host": self.name,
            "auto-increment-increment": data.increment,
            "auto-increment-offset": data.offset,
            **({"super-read-only": "ON"} if read_only else {}),
        }
        return "[mysqld]\n" + "".join(f"{key} = {value}\n" for key, value in settings.items())

    # -- power

    def power_on(self, reason: str = "") -> None:
        """Boot: own addresses, mysqld, keepalived once mysqld answers. A cut made before still holds."""
        self._set_power("on", reason)
        self._boots += 1
        self.loopback.addresses = [self.loopback.address, *self.loopback.ipv6]
        for network, port in self.ports.items():
            port.up = True
            port.addresses = [port.address, *port.ipv6]
            self.emit(e.Link(at=self.now, node=self.name, network=network, up=True))
            for address in port.addresses:
                self._emit_address(port, address, True)
            if port.drop_percent or port.delay:
                self._emit_filter(port)
        if self.next_hop:
            self.next_hop.forget()
        self.icmp = IcmpRateLimit()
        if self.server:
            self._emit_conf()
        self._start_services()

    def _start_services(self) -> None:
        if "mysqld" in self.services:
            self.mysqld.spawn()
            self.mysqld.call_when_answering(self._start_keepalived, self._boots)
        elif self.server:
            self.environment.clock.call_after(BOOT, self._start_keepalived, self._boots)

    def _start_keepalived(self, boot: int) -> None:
        if boot == self._boots and self.power == "on" and not self.keepalived.running:
            self.keepalived.spawn()

    def power_off(self, reason: str) -> None:
        """Everything is gone at once, but the disk."""
        self._boots += 1
        self.end_scripts()
        self.keepalived.lose_power()
        self.mysqld.lose_power()
        self.firewall = Firewall()  # rules made by hand live in the kernel's memory
        for port in self.ports.values():
            port.manual_drop_percent = 0.0
            port.vmacs.clear()
            port.neighbours.clear()
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

    def set_link(self, network: str, up: bool) -> None:
        """Take an interface up or down; IPv4 addresses stay on it, those of IPv6 do not.

        Its own of the network is set again with the link, as its routes are; the kernel uses a link-local one
        once nobody has answered for it (RFC 4862 §5.4, duplicate address detection).
        """
        port = self.ports[network]
        if port.up == up:
            return
        port.up = up
        self.emit(e.Link(at=self.now, node=self.name, network=network, up=up))
        self.keepalived.on_link_changed(port.device, up)
        if up and port.ipv6:
            self.set_address(port.ipv6[-1], port.device, True)
            wait = self.environment.random.uniform(*DUPLICATE_DETECTION)
            self.environment.clock.call_after(wait, self._take_link_local, port, self._boots)
        elif not up:
            port.neighbours.clear()
            for address in [address for address in port.addresses if is_ipv6(address)]:
                self.set_address(address, port.device, False)
                self.keepalived.on_address_deleted(address, port.device)
            if port.ipv6:
                self.keepalived.on_link_local_changed(port)

    def _take_link_local(self, port: Port, boot: int) -> None:
        if port.up and boot == self._boots and self.set_address(port.ipv6[0], port.device, True):
            self.keepalived.on_link_local_changed(port)

    def set_address(self, address: str, device: str, held: bool) -> bool:
        """Put an address on an interface, or take it off; False if nothing changed."""
        port = self.find_port(device)
        if port is None or (address in port.addresses) == held:
            return False
        if held:
            port.addresses.append(address)
        else:
            port.addresses.remove(address)
            port.held_as.pop(address, None)
        self._emit_address(port, address, held)
        if self.firewall.refuses(address) and port is not self.loopback:
            self._emit_filter(port)
        return True

    def set_filter(self, network: str, percent: float | None = None, delay: float | None = None) -> None:
        """Set what is dropped of what servers send here (per cent), or the delay (s) of what it sends."""
        port = self.ports[network]
        before = (port.drop_percent, port.delay, port.manual_drop_percent)
        if percent == 0 and self.firewall.rules_on(port.device):
            self.firewall.remove_rules_on(port.device)
            port.manual_drop_percent = 0.0
            before = (-1, -1, -1)
        port.drop_percent = port.drop_percent if percent is None else percent
        port.delay = port.delay if delay is None else delay
        now = (port.drop_percent, port.delay, port.manual_drop_percent)
        if now != before and self.power != "off":
            self._emit_filter(port)

    def refuses(self, address: str) -> bool:
        """True if keepalived's own rule drops every packet to an address."""
        return self.firewall.refuses(address)

    def set_refused(self, addresses: list[str] | None) -> None:
        """Set keepalived's own table, of addresses to which every packet is dropped; None: no such table."""
        changed = set(addresses or ()) ^ set(self.firewall.refused or ())
        self.firewall.refused = addresses
        for port in self.ports.values():
            if changed & set(port.addresses):
                self._emit_filter(port)

    def on_firewall_changed(self) -> None:
        """Somebody changed the packet filter by hand."""
        for port in self.ports.values():
            port.manual_drop_percent = self.firewall.drop_percent(port.device, adverts=False, family=4)
            self._emit_filter(port)

    def drop_rule(self, port: Port) -> str:
        """Return the rule that drops what servers send here, as nft lists it; empty if nothing is dropped."""
        percent = port.drop_percent
        if not percent:
            return ""
        ports = self.environment.networks[port.network].ports
        peers = [p.mac for p in ports if p.host.server and p is not port]
        share = "" if percent >= 100 else f"numgen random mod 1000 < {round(percent * 10)} "
        return f"ether saddr {{ {', '.join(peers)} }} {share}drop"

    def _emit_filter(self, port: Port) -> None:
        percent, rule = port.drop_percent, self.drop_rule(port)
        by_hand = self.firewall.drop_percent(port.device, adverts=True)
        rules = [rule.text for rule in self.firewall.rules_on(port.device)]
        self.emit(
            e.Filter(
                at=self.now,
                node=self.name,
                network=port.network,
                percent=100 - (100 - percent) * (100 - by_hand) / 100 if by_hand else percent,
                rules=(rule, *rules) if rule else tuple(rules),
                delay_ms=port.delay * 1000,
                refused=tuple(a for a in self.firewall.refused or () if a in port.addresses),
            )
        )

    def receive(self, port: Port, packet: Packet) -> None:
        """The kernel answers ARP and solicitations for what it holds; keepalived gets the adverts."""
        super().receive(port, packet)
        if not isinstance(packet, ArpPacket):
            if self.firewall.tables:
                family = 6 if is_ipv6(packet.source) else 4
                percent = self.firewall.drop_percent(port.device, adverts=True, family=family)
                if percent >= 100 or (percent and self.environment.random.random() * 100 < percent):
                    return
            beyond = self.environment.layout.network_of(packet.destination)
            if self.forwards and beyond and self.port_holding(packet.destination) is None:
                forward_advert(port, self.environment.networks[beyond], packet)
                return
            self.keepalived.receive(port, packet)
            if not self.keepalived.running and packet.destination in port.addresses:
                self._refuse_protocol(port, packet)
        elif packet.request and not packet.gratuitous and self._answers_for(packet.target, port):
            network = self.environment.networks[port.network]
            frame, reply = arp_reply(port, packet.target, packet)
            network.send(port, frame, reply, network.port_with_mac(packet.sender_mac))

    def _refuse_protocol(self, port: Port, packet: Advertisement) -> None:
        """Tell the sender of an advert that nobody takes it here (ICMP, of which no frame is shown)."""
        find_neighbour(self.environment.networks[port.network], port, packet.source).send(packet.destination)

    def _answers_for(self, address: str, port: Port) -> bool:
        """True if it says on an interface that an address is here: of IPv4 one that it holds on any, of IPv6
        one that it holds there."""
        return address in port.addresses if is_ipv6(address) else self.port_holding(address) is not None

    # -- what services use

    @property
    def now(self) -> float:
        """Seconds since the lab began."""
        return self.environment.clock.now

    def emit(self, event: e.Event) -> None:
        """Note a fact."""
        self.environment.emit(event)

    def log(self, service: str, text: str) -> None:
        """Add a line to a service's log."""
        self.emit(e.Log(at=self.now, node=self.name, service=service, text=text))

    def write_conf(self, text: str) -> None:
        """Replace keepalived.conf; the daemon does not look at it before it is told to."""
        if text != self.conf:
            self.conf = text
            self._emit_conf()

    def _emit_conf(self) -> None:
        self.emit(e.Conf(at=self.now, node=self.name, text=self.conf))

    def _emit_address(self, port: Port, address: str, held: bool) -> None:
        if port.ipv6 and address == port.ipv6[0]:
            return  # every interface has one; it says nothing of the lab
        network = port.network or self.environment.layout.network_of(address)
        if network is None:
            return
        self.emit(
            e.Address(
                at=self.now,
                node=self.name,
                network=network,
                address=address,
                held=held,
                vip=address in self.environment.vips,
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
        self.set_refused(None)
        for network, port in self.ports.items():
            port.vmacs.clear()
            self.set_filter(network, 0.0, 0.0)
            self.set_link(network, True)
            for address in port.ipv6:
                self.set_address(address, port.device, True)
        for port in self._interfaces():
            for address in [a for a in port.addresses if a not in {port.address, *port.ipv6}]:
                self.set_address(address, port.device, False)
        if self.next_hop:
            self.next_hop.forget()
        self.end_scripts()
        self._fill_disk()
        self._place_files()
        self.write_conf(self.original_conf)
        self.mysqld.restore()
        self._start_services()
