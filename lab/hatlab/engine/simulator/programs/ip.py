"""iproute2's `ip`: address, link, neigh and route, in its own words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from ipaddress import ip_address

from hatlab.engine.simulator.network.network import Port
from hatlab.engine.simulator.programs.context import Context, Run, fail
from hatlab.util.addresses import is_ipv6

_OBJECTS = ("address", "addr", "link", "neighbour", "neighbor", "neigh", "route")
_SHOW = {"show", "list", "ls", "sh", "s", "dev"}
"""Words for what `ip` does anyway."""
Numbered = list[tuple[int, Port]]
"""The interfaces to show, each with its index."""
_IPV6_ROUTE = "dev {} proto kernel metric 256 pref medium"
_LOOPBACK = "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN "


def ip(ctx: Context) -> Run:
    """ip [-br] [-46] OBJECT COMMAND."""
    words = ctx.argv[1:]
    brief, family = False, 0
    while words and words[0].startswith("-"):
        option = words.pop(0).lstrip("-")
        if option in {"br", "brief"}:
            brief = True
        elif option in {"4", "6"}:
            family = int(option)
        elif option not in {"c", "color", "color=auto", "d", "s"}:
            return (yield from fail(255, f'Option "-{option}" is unknown, try "ip -help".'))
    if not words:
        return (yield from fail(255, "Usage: ip [ OPTIONS ] OBJECT { COMMAND | help }"))
    name = next((o for o in _OBJECTS if o.startswith(words[0])), None)
    if name is None:
        return (yield from fail(1, f'Object "{words[0]}" is unknown, try "ip help".'))
    command = words[1] if len(words) > 1 else "show"
    if (name, command) == ("link", "set"):
        return (yield from _set_link(ctx, words[2:]))
    if name.startswith("addr") and command in {"del", "delete", "d"}:
        return (yield from _delete_address(ctx, words[2:]))
    if command not in _SHOW:
        return (yield from ctx.unsupported(f"`ip {name} {command}`"))
    device = next((word for word in words[1:] if word not in _SHOW), None)
    interfaces = [*map(_without_vmacs, ctx.ports), *_vmac_interfaces(ctx.ports)]
    if name[0] in "nr":
        interfaces = list(ctx.ports)
    if device not in {None, "lo", *map(_device_of, interfaces)}:
        return (yield from fail(1, f'Device "{device}" does not exist.'))
    ports = [(n, port) for n, port in enumerate(interfaces, 2) if device in {None, _device_of(port)}]
    show = _SHOWN[name[0]]
    yield from show(ctx, ports, loopback=device in {None, "lo"}, brief=brief, family=family)
    return 0


def _without_vmacs(port: Port) -> Port:
    """Return an interface with the addresses that it holds itself."""
    if not port.vmacs:
        return port
    return replace(port, addresses=[address for address in port.addresses if not port.vmac_of(address)])


def _vmac_interfaces(ports: Iterable[Port]) -> Iterator[Port]:
    """Yield the interfaces with a virtual MAC that keepalived made on top of others."""
    for port in ports:
        for vmac in port.vmacs:
            held = [address for address in port.addresses if port.vmac_of(address) == vmac]
            name = f"{vmac.device}@{port.device}"
            yield replace(port, device=name, mac=vmac.mac, address="", addresses=held, ipv6=())


def _device_of(port: Port) -> str:
    """Return an interface's name, without that of the one beneath it."""
    return port.device.partition("@")[0]


def _link_flags(port: Port) -> str:
    return "<BROADCAST,MULTICAST,UP,LOWER_UP>" if port.up else "<BROADCAST,MULTICAST>"


def _link_state(port: Port) -> str:
    return "UP" if port.up else "DOWN"


def _link_header(number: int, port: Port) -> str:
    return f"{number}: {port.device}: {_link_flags(port)} mtu 1500 qdisc noqueue state {_link_state(port)} "


def _show_addresses(
    ctx: Context, ports: Numbered, *, loopback: bool, brief: bool, family: int
) -> Iterator[str]:
    local = {"127.0.0.1/8": "inet 127.0.0.1/8 scope host lo"}
    for address in ctx.host.loopback.addresses:
        if address not in {"127.0.0.1", "::1"}:
            written = f"{address}/{ctx.prefix_length(ctx.host.loopback, address)}"
            kind, name = ("inet6", "") if is_ipv6(address) else ("inet", "lo")
            local[written] = f"{kind} {written} scope global proto 0x12 {name}"
    if any(port.ipv6 for port in ctx.ports):
        local["::1/128"] = "inet6 ::1/128 scope host proto kernel_lo "
    local = {address: text for address, text in local.items() if _is_of(family, address)}
    if loopback and brief:
        yield f"{'lo':<16} {'UNKNOWN':<14} {''.join(f'{address} ' for address in local)}"
    elif loopback:
        yield _LOOPBACK + "group default qlen 1000"
        if family != 6:
            yield "    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00"
        for text in local.values():
            yield f"    {text}"
            yield "       valid_lft forever preferred_lft forever"
    for number, port in ports:
        addresses = [address for address in _in_order(port) if _is_of(family, address)]
        if brief:
            held = "".join(f"{address}/{ctx.prefix_length(port, address)} " for address in addresses)
            yield f"{port.device:<16} {_link_state(port):<14} {held}"
            continue
        if family == 6 and not addresses:
            continue
        yield _link_header(number, port) + "group default qlen 0"
        if family != 6:
            yield f"    link/ether {port.mac} brd ff:ff:ff:ff:ff:ff"
        for address in addresses:
            yield f"    {_describe_address(ctx, port, address)}"
            yield "       valid_lft forever preferred_lft forever"


def _is_of(family: int, address: str) -> bool:
    """True if an address is of a family; 0 is any."""
    return not family or is_ipv6(address) == (family == 6)


def _in_order(port: Port) -> list[str]:
    """Return the addresses of an interface as the kernel lists them: those of IPv6 behind, the latest first,
    a link-local one last."""
    four = [address for address in port.addresses if not is_ipv6(address)]
    six = [address for address in reversed(port.addresses) if is_ipv6(address)]
    return [*four, *sorted(six, key=lambda address: address == port.ipv6_source)]


def _describe_address(ctx: Context, port: Port, address: str) -> str:
    own = address in {port.address, *port.ipv6}
    written = f"{address}/{ctx.prefix_length(port, address)}"
    if is_ipv6(address):
        scope = "link" if address == port.ipv6_source else "global"
        return f"inet6 {written} scope {scope} nodad {'' if own else 'proto 0x12 '}"
    if own:
        return f"inet {written} brd {ctx.subnet_of(port).broadcast_address} scope global {port.device}"
    held_as = port.held_as.get(address)
    is_second = port.address and ctx.prefix_length(port, address) == ctx.subnet_of(port).prefixlen
    second = "secondary " if is_second and ctx.is_on_link(port, address) else ""
    name = (held_as.label if held_as else "") or _device_of(port)
    return f"inet {written} scope global {second}proto 0x12 {name}"


def _show_links(_: Context, ports: Numbered, *, loopback: bool, brief: bool, **__: object) -> Iterator[str]:
    if loopback and brief:
        yield f"{'lo':<16} {'UNKNOWN':<14} 00:00:00:00:00:00 <LOOPBACK,UP,LOWER_UP> "
    elif loopback:
        yield _LOOPBACK + "mode DEFAULT group default qlen 1000"
        yield "    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00"
    for number, port in ports:
        if brief:
            yield f"{port.device:<16} {_link_state(port):<14} {port.mac} {_link_flags(port)} "
        else:
            yield _link_header(number, port) + "mode DEFAULT group default qlen 0"
            yield f"    link/ether {port.mac} brd ff:ff:ff:ff:ff:ff"


def _show_neighbours(ctx: Context, ports: Numbered, *, family: int, **_: object) -> Iterator[str]:
    """Show a host's ARP cache; of a server, whose cache is not modelled, the machines that it hears."""
    entry = ctx.host.next_hop
    for _number, port in ports:
        if entry and entry.port is port and entry.mac and _is_of(family, entry.address):
            state = "REACHABLE" if ctx.now - entry.confirmed < 1 else "STALE"
            yield f"{entry.address} dev {port.device} lladdr {entry.mac} {state} "
        network = ctx.lab.networks[port.network]
        if not port.host.server:
            continue
        for other in network.ports:
            if other is not port and other.is_live and port.is_live:
                state = "REACHABLE" if network.connects(port, other) else "STALE"
                for address in (other.address, *other.ipv6[:1]):
                    if _is_of(family, address):
                        yield f"{address} dev {port.device} lladdr {other.mac} {state} "


def _show_routes(ctx: Context, ports: Numbered, *, family: int, **_: object) -> Iterator[str]:
    if family == 6:
        speaking = [port for _number, port in ports if port.up and port.ipv6]
        for port in speaking:
            yield f"{ctx.lab.layout.ipv6_subnets[port.network]} {_IPV6_ROUTE.format(port.device)}"
        for port in speaking:
            yield f"fe80::/64 {_IPV6_ROUTE.format(port.device)}"
        for cidr, gateway in _routes(ctx, 6):
            port_out = ctx.route_to(gateway)
            if port_out in speaking:
                yield f"{cidr} via {gateway} dev {port_out.device} metric 1024 pref medium"
        return
    up = sorted((port for _number, port in ports if port.up), key=ctx.subnet_of)
    for port in up:
        yield f"{ctx.subnet_of(port)} dev {port.device} proto kernel scope link src {port.address} "
    way = ctx.lab.layout.default_gateway(ctx.host.name)
    port_out = ctx.host.ports[way[0]] if way else None
    if port_out in up:
        for cidr, gateway in _routes(ctx, 4):
            yield f"{cidr} via {gateway} dev {port_out.device} "


def _routes(ctx: Context, family: int) -> list[tuple[str, str]]:
    """Return (CIDR, gateway) of the host's routes of a family."""
    return [way for way in ctx.lab.layout.routes(ctx.host.name).items() if _is_of(family, way[1])]


_SHOWN: dict[str, Callable[..., Iterator[str]]] = {
    "a": _show_addresses,
    "l": _show_links,
    "n": _show_neighbours,
    "r": _show_routes,
}
"""First letter of an object → what shows it."""


def _set_link(ctx: Context, words: list[str]) -> Run:
    if words[:1] == ["dev"]:
        words = words[1:]
    if len(words) != 2 or words[1] not in {"up", "down"}:
        return (yield from ctx.unsupported("`ip link set` but `ip link set DEVICE up|down`"))
    port = ctx.host.find_port(words[0])
    if port is None:
        return (yield from fail(1, f'Cannot find device "{words[0]}"'))
    if ctx.node is None or not port.network:
        return (yield from ctx.unsupported("`ip link set` on a client, or of lo"))
    ctx.node.set_link(port.network, words[1] == "up")
    return 0


def _delete_address(ctx: Context, words: list[str]) -> Run:
    if len(words) != 3 or words[1] != "dev":
        return (yield from ctx.unsupported("`ip addr del` but `ip addr del ADDRESS/BITS dev DEVICE`"))
    address, _, bits = words[0].partition("/")
    try:
        address = str(ip_address(address))
    except ValueError:
        return (yield from fail(1, f'Error: any valid prefix is expected rather than "{words[0]}".'))
    carrying = (p for p in ctx.ports if any(vmac.device == words[2] for vmac in p.vmacs))
    port = ctx.host.find_port(words[2]) or next(carrying, None)
    if port is None:
        return (yield from fail(1, f'Cannot find device "{words[2]}"'))
    if address not in port.addresses or bits not in {"", str(ctx.prefix_length(port, address))}:
        what = "ipv6: address" if is_ipv6(address) else "ipv4: Address"
        return (yield from fail(2, f"Error: {what} not found."))
    if ctx.node is None or address in {port.address, *port.ipv6}:
        return (yield from ctx.unsupported("how to go on without a machine's own address"))
    ctx.node.set_address(address, port.device, False)
    ctx.node.keepalived.on_address_deleted(address, port.device)
    return 0
