"""What programs of the console share: their output's types, and what they may ask of a host."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
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
"""A line of output, a wish for an editor, or None: let a little virtual time pass."""
Run = Generator[Item, str | None, int]


@dataclass(slots=True)
class Interrupt:
    """Whether Ctrl-C was pressed: who streams looks, says its last words and ends."""

    pressed: bool = False


@dataclass(slots=True)
class Context:
    """One program's surroundings.

    Attributes:
        programs: all that the shell knows, by name.
        argv: its name and arguments.
        tty: whether its output goes to the screen and not into a pipe.
        history: the lines typed so far.
        interrupt: whether it shall end.
    """

    world: World
    host: Host
    programs: Mapping[str, Program]
    argv: list[str]
    tty: bool = True
    history: list[str] = field(default_factory=list)
    interrupt: Interrupt = field(default_factory=Interrupt)

    @property
    def now(self) -> float:
        """Seconds since the lab began."""
        return self.world.clock.now

    @property
    def node(self) -> Node | None:
        """The host if it is a server, None for a client."""
        return self.host if isinstance(self.host, Node) else None


Program = Callable[[Context], Run]


def fail(status: int, *lines: str) -> Run:
    """Says why not on stderr."""
    for line in lines:
        yield ErrorLine(line)
    return status


def unsupported(ctx: Context, what: str = "") -> Run:
    """The simulator has this program, but not for that."""
    return (
        yield from fail(
            2, f"hatlab: a simulated node's {ctx.argv[0]} does not know {what or 'this'}: try `help`"
        )
    )


def wait(ctx: Context, seconds: float) -> Generator[Item, str | None, None]:
    """Lets virtual time pass."""
    end = ctx.now + seconds
    while ctx.now < end and not ctx.interrupt.pressed:
        yield None


def resolve(ctx: Context, name: str) -> str | None:
    """The IPv4 address of a name or address; None if there is no such name."""
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
    """Address → name of every machine of the lab, as a name server would tell."""
    layout = ctx.world.layout
    return {
        layout.address(name, network): name
        for name in (*layout.node_names, *layout.client_names)
        for network in layout.networks_of(name)
    }


def subnet_of(ctx: Context, port: Port) -> IPv4Network:
    """The subnet of an interface."""
    return ctx.world.layout.subnets[port.network]


def sorted_ports(ctx: Context) -> Iterator[Port]:
    """The host's interfaces by their names."""
    return iter(sorted(ctx.host.ports.values(), key=lambda port: port.device))


def holds_address(ctx: Context, address: str) -> bool:
    """Whether the host itself holds an address."""
    return address.startswith("127.") or any(address in port.addresses for port in ctx.host.ports.values())


def route_to(ctx: Context, address: str) -> Port | None:
    """The interface that a packet for this address leaves by; None without a route."""
    own = next((p for p in sorted_ports(ctx) if p.up and is_on_link(ctx, p, address)), None)
    way = ctx.world.layout.way(ctx.host.name)
    if own or way is None or network_of(ctx, address) is None:
        return own
    gateway = ctx.host.ports[way[0]]
    return gateway if gateway.up else None


def network_of(ctx: Context, address: str) -> str | None:
    """The lab's network that an address belongs to."""
    subnets = ctx.world.layout.subnets.items()
    return next((name for name, subnet in subnets if IPv4Address(address) in subnet), None)


def is_on_link(ctx: Context, port: Port, address: str) -> bool:
    """Whether an address is on the network of an interface, with no router between."""
    return IPv4Address(address) in subnet_of(ctx, port)


def ports_holding(ctx: Context, port: Port, address: str) -> list[Port]:
    """The live interfaces elsewhere on the network that hold an address."""
    return [
        other
        for other in ctx.world.networks[port.network].ports
        if other is not port and other.is_live and address in other.addresses
    ]


def find_peer(ctx: Context, port: Port, address: str) -> Port | None:
    """The interface with which a conversation with this address comes about, None if with none.

    A host goes where its ARP cache leads for its gateway, a client for the address that it watches.
    """
    if not is_on_link(ctx, port, address):
        return _beyond(ctx, port, address)
    network = ctx.world.networks[port.network]
    found = ports_holding(ctx, port, address)
    known = ctx.host.next_hop
    if known and known.address == address and known.mac:
        found = [other for other in found if other.mac == known.mac]
    return next((other for other in found if network.connects(port, other)), None)


def _beyond(ctx: Context, port: Port, address: str) -> Port | None:
    """Through the gateway, if the answer comes back too."""
    network = network_of(ctx, address)
    way_out = forwarding_port(_gateway(ctx, ctx.host), network or "")
    target = next(iter(ports_holding(ctx, way_out, address)), None) if way_out else None
    if target is None or target.host.forwards:
        return target  # a router answers over the network that the question came by
    host = target.host
    if not isinstance(host, Host) or host.next_hop is None or host.next_hop.port is not target:
        return None
    return target if forwarding_port(_gateway(ctx, host), port.network) else None


def _gateway(ctx: Context, host: Host) -> Port | None:
    """The interface of a host's gateway, as its ARP cache has it, or would have it after asking."""
    known = host.next_hop
    if known is None:
        return None
    ports = ctx.world.networks[known.port.network].ports
    return known.holder or next((p for p in ports if p.is_live and known.address in p.addresses), None)
