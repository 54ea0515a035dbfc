"""Shared by the programs of the console: the types of their output, and questions about a host."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network

from hatlab.engine.simulator.network.network import Port
from hatlab.engine.simulator.network.routing import forwarding_port
from hatlab.engine.simulator.node import Host, Node
from hatlab.engine.simulator.world import World


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


@dataclass(slots=True)
class Interrupt:
    """Ctrl-C: a program that streams looks at it now and then, says its last words and ends."""

    pressed: bool = False


@dataclass(slots=True)
class Context:
    """One program's surroundings."""

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
    interrupt: Interrupt = field(default_factory=Interrupt)

    @property
    def now(self) -> float:
        """Seconds since the lab began."""
        return self.world.clock.now

    @property
    def node(self) -> Node | None:
        """The host if it is a machine of the topology, None for a client."""
        return self.host if isinstance(self.host, Node) else None


Program = Callable[[Context], Run]


def fail(status: int, *lines: str) -> Run:
    """Say why not, on stderr."""
    for line in lines:
        yield ErrorLine(line)
    return status


def unsupported(ctx: Context, what: str = "") -> Run:
    """Say that the simulator has this program, but not for that."""
    message = f"hatlab: a simulated node's {ctx.argv[0]} does not know {what or 'this'}: try `help`"
    return (yield from fail(2, message))


def wait(ctx: Context, seconds: float) -> Generator[Item, str | None, None]:
    """Let virtual time pass."""
    end = ctx.now + seconds
    while ctx.now < end and not ctx.interrupt.pressed:
        yield None


# -- names and networks


def resolve(ctx: Context, name: str) -> str | None:
    """Return the IPv4 address of a name or address; None if there is no such name."""
    if name == "localhost":
        return "127.0.0.1"
    try:
        return str(IPv4Address(name))
    except ValueError:
        pass
    layout = ctx.world.layout
    if name not in (*layout.node_names, *layout.client_names):
        return None
    networks = layout.networks_of(name)
    shared = [network for network in networks if network in ctx.host.ports]
    return layout.address(name, (shared or networks)[0])


def names_by_address(ctx: Context) -> dict[str, str]:
    """Return address → name of every machine of the lab, as a name server would know."""
    layout = ctx.world.layout
    return {
        layout.address(name, network): name
        for name in (*layout.node_names, *layout.client_names)
        for network in layout.networks_of(name)
    }


def subnet_of(ctx: Context, port: Port) -> IPv4Network:
    """Return the subnet of an interface."""
    return ctx.world.layout.subnets[port.network]


def network_of(ctx: Context, address: str) -> str | None:
    """Return the lab's network that an address belongs to."""
    subnets = ctx.world.layout.subnets.items()
    return next((name for name, subnet in subnets if IPv4Address(address) in subnet), None)


def is_on_link(ctx: Context, port: Port, address: str) -> bool:
    """True if an address is on the network of an interface, with no router between."""
    return IPv4Address(address) in subnet_of(ctx, port)


# -- interfaces


def sorted_ports(ctx: Context) -> list[Port]:
    """Return the host's interfaces in the order of their names."""
    return sorted(ctx.host.ports.values(), key=lambda port: port.device)


def find_port(ctx: Context, device: str) -> Port | None:
    """Return the host's interface of this name, None if there is none."""
    return next((port for port in ctx.host.ports.values() if port.device == device), None)


def holds_address(ctx: Context, address: str) -> bool:
    """True if the host itself holds an address."""
    return address.startswith("127.") or any(address in port.addresses for port in ctx.host.ports.values())


def live_holders(ctx: Context, port: Port, address: str) -> list[Port]:
    """Return the live interfaces elsewhere on the network that hold an address."""
    return [
        other
        for other in ctx.world.networks[port.network].ports
        if other is not port and other.is_live and address in other.addresses
    ]


def is_held_nearby(ctx: Context, port: Port, address: str) -> bool:
    """True if a live interface on the network of this one, or this one, holds an address."""
    ports = ctx.world.networks[port.network].ports
    return any(other.is_live and address in other.addresses for other in ports)


# -- ways through the lab


def route_to(ctx: Context, address: str) -> Port | None:
    """Return the interface that a packet for this address leaves by; None without a route."""
    direct = next((port for port in sorted_ports(ctx) if port.up and is_on_link(ctx, port, address)), None)
    way = ctx.world.layout.default_gateway(ctx.host.name)
    if direct or way is None or network_of(ctx, address) is None:
        return direct
    port = ctx.host.ports[way[0]]
    return port if port.up else None


def find_peer(ctx: Context, port: Port, address: str) -> Port | None:
    """Return the interface with which a conversation with this address comes about, None if with none.

    A host goes where its ARP cache leads for its gateway, a client for the address that it watches.
    """
    if not is_on_link(ctx, port, address):
        return _find_peer_beyond_router(ctx, port, address)
    network = ctx.world.networks[port.network]
    candidates = live_holders(ctx, port, address)
    entry = ctx.host.next_hop
    if entry and entry.address == address and entry.mac:
        candidates = [other for other in candidates if other.mac == entry.mac]
    return next((other for other in candidates if network.connects(port, other)), None)


def _find_peer_beyond_router(ctx: Context, port: Port, address: str) -> Port | None:
    """Return the peer behind the gateway, if the answer comes back too."""
    network = network_of(ctx, address)
    way_out = forwarding_port(_gateway_of(ctx, ctx.host), network or "")
    target = next(iter(live_holders(ctx, way_out, address)), None) if way_out else None
    if target is None or target.host.forwards:
        return target  # a router answers over the network that the question came by
    host = target.host
    if not isinstance(host, Host) or host.next_hop is None or host.next_hop.port is not target:
        return None
    return target if forwarding_port(_gateway_of(ctx, host), port.network) else None


def _gateway_of(ctx: Context, host: Host) -> Port | None:
    """Return the interface of a host's gateway, as its ARP cache has it, or would have it after asking."""
    entry = host.next_hop
    if entry is None:
        return None
    ports = ctx.world.networks[entry.port.network].ports
    return entry.holder or next((p for p in ports if p.is_live and entry.address in p.addresses), None)
