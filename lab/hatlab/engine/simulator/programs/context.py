"""Shared by the programs of a simulated machine: the types of their output, and questions about a host."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, MutableMapping
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import IPv4Network, ip_address
from math import inf
from threading import Event
from typing import Any, Protocol, TypeVar

from hatlab import events as e
from hatlab.engine.simulator.environment import Environment, ScriptProcess
from hatlab.engine.simulator.mysql.server import ConnectionResult, Mysqld
from hatlab.engine.simulator.network.network import Port
from hatlab.engine.simulator.network.routing import forwarding_port
from hatlab.engine.simulator.node import Host, Node
from hatlab.shell import Dialect
from hatlab.util.addresses import is_ipv6

T = TypeVar("T")


class Lab(Environment, Protocol):
    """The lab around a program: `hatlab.engine.simulator.world.World` is one."""

    hosts: dict[str, Host]
    """By name."""
    taps: list[Callable[[e.Event], None]]
    """Whoever else hears each fact as it happens."""

    @property
    def journal(self) -> Iterable[e.Event]:
        """The last log lines and changes of processes."""


class ErrorLine(str):
    """A line for stderr."""

    __slots__ = ()


class PartialLine(str):
    """Output without the end of its line: what follows stands on the same one."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class EditRequest:
    """Asks for a person with an editor; the answer is the new text, None where there is no terminal."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing to do before this moment, or before what it waits for wakes it."""

    until: float = inf


Item = str | EditRequest | Pause | None
"""A line of output, a request for an editor, or a wait; None: let a little virtual time pass."""
Run = Generator[Item, str | None, int]
"""A program that runs; its value is the exit status."""
Source = Iterator[Item]
"""What a program reads: lines, and what has to pass it by."""


class Ask(Protocol):
    """Asks the lab something, or does something to it, and returns the outcome.

    A script that a copy of the world goes on with is run again to the place where it was; whatever it has
    asked before is not asked again. So a program that waits asks everything by this, and does nothing to the
    lab without it.
    """

    def __call__(self, call: Callable[..., T], *args: Any) -> T: ...


def ask_at_once(call: Callable[..., T], *args: Any) -> T:
    """The `Ask` of a program that nobody copies."""
    return call(*args)


def fail(status: int, *lines: str) -> Run:
    """Say why not, on stderr."""
    yield from map(ErrorLine, lines)
    return status


def print_lines(text: str) -> Run:
    """Print a text."""
    yield from text.splitlines()
    return 0


def _no_wake() -> None:
    """Who looks again by itself needs no waking."""


@dataclass(frozen=True, slots=True)
class Ancestor:
    """A process that the asking program runs in: a shell, a script."""

    pid: int
    parent: int
    name: str
    command: str


@dataclass(slots=True)
class Context:
    """One program's surroundings, and what a program asks of them."""

    lab: Lab
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
    stdin: Source = field(default_factory=lambda: iter(()))
    """What it reads."""
    piped: bool = False
    """It has something to read: a pipe or a file."""
    variables: MutableMapping[str, str] = field(default_factory=dict)
    """Its environment."""
    ask: Ask = ask_at_once
    wake: Callable[[], None] = _no_wake
    """Ends a `Pause`; a bound method, or a function."""
    launch: Callable[[list[str], Context], Run] = field(default=lambda _argv, _ctx: fail(127))
    """Runs another program in its place."""
    ancestors: tuple[Ancestor, ...] = ()
    """The processes that it runs in, and those at the other ends of its pipes."""
    shell_name: str = "bash"
    """Who complains about a name that is no program."""
    user: str = "root"
    """Who runs it."""
    dialect: Dialect = "bash"
    """Which shell that is."""
    script: ScriptProcess | None = None
    """The process that it is part of; None in a console."""

    @property
    def now(self) -> float:
        """Seconds since the lab began."""
        return self.ask(self._read_clock)

    def _read_clock(self) -> float:
        return self.lab.clock.now

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
            yield Pause(end)

    def wait_until(self, condition: Callable[[], bool], seconds: float) -> Generator[Item, str | None, bool]:
        """Wait for a condition, at most some virtual seconds; return whether it holds."""
        limit = self.now + seconds
        while not (holds := self.ask(condition)) and self.now < limit and not self.interrupt.is_set():
            yield None
        return holds

    def connect(self, server: Mysqld) -> Generator[Item, str | None, bool]:
        """Connect to a server; True if it accepts. A frozen one never answers."""
        result = self.ask(self._open_connection, server)
        while (accepted := self.ask(result.get)) is None:
            if self.interrupt.is_set():
                return False
            yield Pause()
        return accepted

    def _open_connection(self, server: Mysqld) -> ConnectionResult:
        result = ConnectionResult(self.wake)
        server.connect(result.take)
        return result

    def read_lines(self) -> Generator[Item, str | None, list[str]]:
        """Read stdin to its end."""
        return (yield from collect_lines(self.stdin))

    def follow_events(self) -> Iterator[e.Event | None]:
        """Yield each event as it happens, and None whenever time has to pass, until Ctrl-C."""
        events: list[e.Event] = []
        tap = events.append
        self.lab.taps.append(tap)
        try:
            while not self.interrupt.is_set():
                batch, events[:] = list(events), []
                yield from batch
                yield None
        finally:
            self.lab.taps.remove(tap)

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
        ports = self.lab.hosts[name].ports if name in self.lab.hosts else {}
        shared = [port for network, port in ports.items() if network in self.host.ports]
        candidates = [*shared, *ports.values()]
        addresses = {6: [p.ipv6[-1] for p in candidates if p.ipv6], 4: [p.address for p in candidates]}
        return next((address for f in families for address in addresses[f]), None)

    def names_by_address(self) -> dict[str, str]:
        """Return address → name of every machine of the lab, as a name server would know."""
        ports = [(port, host.name) for host in self.lab.hosts.values() for port in host.ports.values()]
        return {a: name for port, name in ports for a in (port.address, *port.ipv6[1:])}

    def subnet_of(self, port: Port) -> IPv4Network:
        """Return the subnet of an interface."""
        return self.lab.layout.subnets[port.network]

    def network_of(self, address: str) -> str | None:
        """Return the lab's network that an address belongs to."""
        return self.lab.layout.network_of(address)

    def prefix_length(self, port: Port, address: str) -> int:
        """Return the length with which an interface holds an address: a foreign one is alone."""
        if held_as := port.held_as.get(address):
            return held_as.prefix_length
        if is_ipv6(address):
            return 64 if address.startswith("fe80:") or self.is_on_link(port, address) else 128
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
        ports = self.lab.networks[port.network].ports
        return [other for other in ports if other is not port and other.is_live and other.accepts(address)]

    # -- ways through the lab

    def route_to(self, address: str) -> Port | None:
        """Return the interface that a packet for this address leaves by; None without a route."""
        direct = next((port for port in self.ports if port.up and self.is_on_link(port, address)), None)
        way = self.lab.layout.default_gateway(self.host.name)
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
        network = self.lab.networks[port.network]
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
        ports = self.lab.networks[entry.port.network].ports
        return entry.holder or next((p for p in ports if p.is_live and entry.address in p.addresses), None)


Program = Callable[[Context], Run]


def is_output(item: Item) -> bool:
    """True for a line that goes into a pipe; anything else passes it by."""
    return isinstance(item, str) and not isinstance(item, ErrorLine)


def collect_lines(source: Source) -> Generator[Item, str | None, list[str]]:
    """Return all lines that go into the pipe; let the rest pass."""
    lines: list[str] = []
    for item in source:
        if isinstance(item, str) and not isinstance(item, ErrorLine):
            lines.append(item)
        else:
            yield item
    return lines
