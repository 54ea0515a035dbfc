"""Shared by the programs of the console: the types of their output, and questions about a host."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import IPv4Network, ip_address
from threading import Event

from hatlab import events as e
from hatlab.engine.simulator.network.network import Port
from hatlab.engine.simulator.network.routing import forwarding_port
from hatlab.engine.simulator.node import Host, Node
from hatlab.engine.simulator.world import World
from hatlab.util.addresses import is_ipv6


class ErrorLine(str):
    """A line for stderr."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class EditRequest:
    """Asks for a person with an editor; the answer is the new text, None where there is no terminal."""

    path: str
    text: str


Item = str | EditRequest | None
"""A line of output, a request for an editor, or None: let a little virtual time pass."""
Run = Generator[Item, str | None, int]
"""A program that runs; its value is the exit status."""


def fail(status: int, *lines: str) -> Run:
    """Say why not, on stderr."""
    yield from map(ErrorLine, lines)
    return status


def print_lines(text: str) -> Run:
    """Print a text."""
    yield from text.splitlines()
    return 0


@dataclass(slots=True)
class Context:
    """One program's surroundings, and what a program asks of them."""

    world: World
    host: Host
    programs: Mapping[str, Program]
    """All that the shell knows, by name."""
    argv: list[str]
    """Its name and arguments."""
    tty: bool = True
    """Its output goes to the screen and not into a pipe."""
    history: list[str] = field(default_factory=list)
    """The lines typed so far."""
    interrupt: Event = field(default_factory=Event)
    """Ctrl-C: a program that streams looks at it now and then, says its last words and ends."""

    @property
    def now(self) -> float:
        """Seconds since the lab began."""
        return self.world.clock.now

    @property
    def node(self) -> Node | None:
        """The host if it is a machine of the topology, None for a client."""
        return self.host if isinstance(self.host, Node) else None

    @property
    def ports(self) -> list[Port]:
        """The host's interfaces in the order of their names."""
        return list(self.host.ports.values())

    def unsupported(self, what: str = "this") -> Run:
        """Say that the simulator has this program, but not for that."""
        return fail(2, f"hatlab: a simulated node's {self.argv[0]} does not know {what}: try `help`")

    def wait(self, seconds: float) -> Generator[Item, str | None, None]:
        """Let virtual time pass."""
        end = self.now + seconds
        while self.now < end and not self.interrupt.is_set():
            yield None

    def follow_events(self) -> Iterator[e.Event | None]:
        """Yield each event as it happens, and None whenever time has to pass, until Ctrl-C."""
        events: list[e.Event] = []
        tap = events.append
        self.world.taps.append(tap)
        try:
            while not self.interrupt.is_set():
                batch, events[:] = list(events), []
                yield from batch
                yield None
        finally:
            self.world.taps.remove(tap)

    # -- addresses

    def resolve(self, name: str, family: int | None = None) -> str | None:
        """Return the address of a name, or an address itself; None if there is none of that family.

        A machine has its IPv6 address before the other, where it has one.
        """
        families = (family,) if family else (6, 4)
        with suppress(ValueError):
            address = ip_address(name)
            return str(address) if address.version in families else None
        if name == "localhost":
            speaks_ipv6 = any(port.ipv6 for port in self.ports)
            return "::1" if 6 in families and (speaks_ipv6 or family) else "127.0.0.1"
        ports = self.world.hosts[name].ports if name in self.world.hosts else {}
        shared = [port for network, port in ports.items() if network in self.host.ports]
        candidates = [*shared, *ports.values()]
        addresses = {6: [p.ipv6[-1] for p in candidates if p.ipv6], 4: [p.address for p in candidates]}
        return next((address for f in families for address in addresses[f]), None)

    def names_by_address(self) -> dict[str, str]:
        """Return address → name of every machine of the lab, as a name server would know."""
        ports = [(port, host.name) for host in self.world.hosts.values() for port in host.ports.values()]
        return {a: name for port, name in ports for a in (port.address, *port.ipv6[1:])}

    def subnet_of(self, port: Port) -> IPv4Network:
        """Return the subnet of an interface."""
        return self.world.layout.subnets[port.network]

    def network_of(self, address: str) -> str | None:
        """Return the lab's network that an address belongs to."""
        return self.world.layout.network_of(address)

    def prefix_length(self, port: Port, address: str) -> int:
        """Return the length with which an interface holds an address: a foreign one is alone."""
        if is_ipv6(address):
            return 64 if address in port.ipv6 or self.is_on_link(port, address) else 128
        return self.subnet_of(port).prefixlen if self.is_on_link(port, address) else 32

    def is_on_link(self, port: Port, address: str) -> bool:
        """True if an address is on the network of an interface, with no router between."""
        return self.network_of(address) == port.network

    def holds_address(self, address: str) -> bool:
        """True if the host itself holds an address."""
        is_loopback = address.startswith("127.") or address == "::1"
        return is_loopback or self.host.port_holding(address) is not None

    def live_holders(self, port: Port, address: str) -> list[Port]:
        """Return the live interfaces elsewhere on the network that hold an address."""
        ports = self.world.networks[port.network].ports
        return [
            other for other in ports if other is not port and other.is_live and address in other.addresses
        ]

    # -- ways through the lab

    def route_to(self, address: str) -> Port | None:
        """Return the interface that a packet for this address leaves by; None without a route."""
        direct = next((port for port in self.ports if port.up and self.is_on_link(port, address)), None)
        way = self.world.layout.default_gateway(self.host.name)
        if direct or way is None or self.network_of(address) is None:
            return direct
        port = self.host.ports[way[0]]
        return port if port.up else None

    def find_peer(self, port: Port, address: str) -> Port | None:
        """Return the interface with which a conversation with this address comes about, None if with none.

        A host goes where its ARP cache leads for its gateway, a client for the address that it watches.
        """
        if not self.is_on_link(port, address):
            return self._find_peer_beyond_router(port, address)
        network = self.world.networks[port.network]
        candidates = self.live_holders(port, address)
        entry = self.host.next_hop
        if entry and entry.address == address and entry.mac:
            candidates = [other for other in candidates if other.mac == entry.mac]
        answering = (other for other in candidates if not other.host.refuses(address))
        return next((other for other in answering if network.connects(port, other)), None)

    def _find_peer_beyond_router(self, port: Port, address: str) -> Port | None:
        """Return the peer behind the gateway, if the answer comes back too."""
        way_out = forwarding_port(self._gateway_of(self.host), self.network_of(address) or "")
        target = next(iter(self.live_holders(way_out, address)), None) if way_out else None
        if target is None or target.host.forwards:
            return target  # a router answers over the network that the question came by
        host = target.host
        if not isinstance(host, Host) or host.next_hop is None or host.next_hop.port is not target:
            return None
        return target if forwarding_port(self._gateway_of(host), port.network) else None

    def _gateway_of(self, host: Host) -> Port | None:
        """Return the interface of a host's gateway, as its ARP cache has it, or would after asking."""
        entry = host.next_hop
        if entry is None:
            return None
        ports = self.world.networks[entry.port.network].ports
        return entry.holder or next((p for p in ports if p.is_live and entry.address in p.addresses), None)


Program = Callable[[Context], Run]
