"""tcpdump: the frames that the node's capture sees, in tcpdump's wording."""

from __future__ import annotations

from collections.abc import Callable

from hatlab import events as e
from hatlab.engine.simulator.clock import date_at
from hatlab.engine.simulator.console.host import Context, ErrorLine, Run, fail
from hatlab.vrrp import arp, codec

Frame = e.Advert | e.Arp
Filter = Callable[[Frame], bool]
"""True if an event's frame is to be shown."""
_USAGE = (
    "hatlab: filters that a simulated node's tcpdump knows: vrrp, arp, proto 112, host ADDRESS; not, and, or"
)


def tcpdump(ctx: Context) -> Run:
    """tcpdump [-i INTERFACE] [-n] [-e] [-v] [-l] [-c N] [vrrp|arp|proto 112|host ADDRESS …]."""
    words, device, count, options = ctx.argv[1:], "", 0, set[str]()
    while words and words[0].startswith("-"):
        word = words.pop(0)
        if word[:2] in {"-i", "-c"}:
            value = word[2:] or (words.pop(0) if words else "")
            if word[1] == "i":
                device = value
            elif not (value.isdecimal() and int(value[:9]) > 0):
                return (yield from fail(1, f"tcpdump: invalid packet count {value}"))
            else:
                count = int(value[:9])
        elif set(word[1:]) <= set("nevltqpU"):
            options |= set(word[1:])
        else:
            return (yield from ctx.unsupported(f"the option {word}"))
    networks = {port.device: port.network for port in ctx.ports}
    device = device or next(iter(networks), "")
    if device not in {*networks, "any"}:
        return (yield from fail(1, f"tcpdump: {device}: No such device exists", "(No such device exists)"))
    passes = _parse_filter(words)
    if passes is None:
        return (yield from fail(1, "tcpdump: can't parse filter expression: syntax error", _USAGE))
    if ctx.node is None:
        return (yield from ctx.unsupported("what a client hears: capture on a node"))
    link = "LINUX_SLL2 (Linux cooked v2)" if device == "any" else "EN10MB (Ethernet)"
    listening = f"listening on {device}, link-type {link}, snapshot length 262144 bytes"
    if "v" in options:
        yield ErrorLine(f"tcpdump: {listening}")
    else:
        yield ErrorLine("tcpdump: verbose output suppressed, use -v[v]... for full protocol decode")
        yield ErrorLine(listening)
    names = {} if "n" in options else {**ctx.names_by_address(), "ff:ff:ff:ff:ff:ff": "Broadcast"}
    captured = 0
    for event in ctx.follow_events():
        if event is None:
            yield None
            continue
        if not isinstance(event, Frame) or event.node != ctx.host.name or not passes(event):
            continue
        port = next(d for d, network in networks.items() if network == event.network)
        if device not in {port, "any"}:
            continue
        way = f"{port:<5} {'Out' if event.direction == 'sent' else 'In ':<3} " if device == "any" else ""
        yield from format_frame(event, options, names, way)
        captured += 1
        if captured == count:
            break
    yield ErrorLine(f"{captured} packet{'s' * (captured != 1)} captured")
    yield ErrorLine(f"{captured} packet{'s' * (captured != 1)} received by filter")
    yield ErrorLine("0 packets dropped by kernel")
    return 0


def format_frame(event: Frame, options: set[str], names: dict[str, str], way: str = "") -> list[str]:
    """Return the lines that tcpdump prints of a frame.

    Args:
        options: letters out of `n`, `e` and `v`.
        names: address → name, those of hosts and the broadcast MAC; empty for numbers.
        way: interface and direction, for `-i any`.
    """
    frame = bytes.fromhex(event.frame)
    stamp = "" if "t" in options else date_at(event.at).strftime("%H:%M:%S.%f ")
    arping = isinstance(event, e.Arp)
    head = stamp + way
    if "e" in options and not way:
        to, sender = (frame[at : at + 6].hex(":") for at in (0, 6))
        kind = "ARP (0x0806)" if arping else "IPv4 (0x0800)"
        head += f"{sender} > {names.get(to, to)}, ethertype {kind}, length {len(frame)}: "
    else:
        head += "ARP, " if arping else "IP "
    if arping:
        return [head + _format_arp(frame, options, names)]
    return _format_vrrp(frame, head, options, names)


def _format_arp(frame: bytes, options: set[str], names: dict[str, str]) -> str:
    packet = arp.decode(frame)
    if packet is None:
        return "[|arp]"
    length = f", length {len(frame) - 14}"
    sender, target = names.get(packet.sender, packet.sender), names.get(packet.target, packet.target)
    long = "Ethernet (len 6), IPv4 (len 4), " if "v" in options else ""
    if not packet.request:
        return f"{long}Reply {sender} is-at {packet.sender_mac}{length}"
    mac = packet.target_mac
    whom = "" if mac == "00:00:00:00:00:00" else f" ({names.get(mac, mac)})"
    return f"{long}Request who-has {target}{whom} tell {sender}{length}"


def _format_vrrp(frame: bytes, head: str, options: set[str], names: dict[str, str]) -> list[str]:
    """As print-ip.c and print-vrrp.c of tcpdump do."""
    advert = codec.decode(frame)
    if advert is None:
        return [head + "[|vrrp]"]
    size = (frame[14] & 15) * 4
    body = frame[14 + size :]
    source, to = (names.get(address, address) for address in (advert.source, advert.destination))
    lines = []
    if "v" in options:
        ident, flags = int.from_bytes(frame[18:20]), "DF" if frame[20] & 0x40 else "none"
        total = int.from_bytes(frame[16:18])
        lines.append(
            f"{head}(tos 0x{frame[15]:x}, ttl {advert.ttl}, id {ident}, offset 0, flags [{flags}], "
            f"proto VRRP (112), length {total})"
        )
        head = "    "
    text = f"{head}{source} > {to}: VRRPv{advert.version}, Advertisement"
    if advert.ttl != 255:
        text += f", (ttl {advert.ttl})"
    text += f", vrid {advert.vrid}, prio {advert.priority}"
    if advert.version == 2 and len(body) > 5:
        if body[4]:
            text += f", authtype {({1: 'simple', 2: 'ah'}).get(body[4], f'[type#{body[4]}]')}"
        text += f", intvl {body[5]}s, length {len(body)}"
    elif len(body) > 5:
        text += f", intvl {int.from_bytes(body[4:6]) & 0xFFF}cs, length {len(body)}"
    if "v" in options:
        if "checksum" in advert.defects:
            text += ", (bad vrrp cksum)"
        count = f"({len(advert.addresses)})" if len(advert.addresses) > 1 else ""
        text += f", addrs{count}: " + ",".join(advert.addresses)
        if advert.version == 2 and body[4] == 1:
            word = body[8 + 4 * body[3] :][:8].rstrip(b"\0").decode("ascii", "replace")
            text += f' auth "{word}"'
    return [*lines, text]


def _parse_filter(words: list[str]) -> Filter | None:
    """Return a capture filter; None if it is not understood."""
    words = " ".join(words).translate({ord(bracket): " " for bracket in "()"}).lower().split()
    result: Filter = lambda _: True  # noqa: E731
    either, wanted = False, True
    while words:
        match words:
            case ["and" | "&&" | "or" | "||" as operator, *words]:
                either = operator in {"or", "||"}
                continue
            case ["not" | "!", *words]:
                wanted = not wanted
                continue
            case ["ip", "proto" | "host", *_] | ["host" | "src" | "dst", "host", *_]:
                words = words[1:]
                continue
            case ["vrrp" | "ip", *words] | ["proto", "112" | "vrrp" | "\\vrrp", *words]:
                term = _is_a(e.Advert)
            case ["arp", *words]:
                term = _is_a(e.Arp)
            case ["host" | "src" | "dst", address, *words]:
                term = _is_about(address)
            case _:
                return None
        result, either, wanted = _combine(result, term, either, wanted), False, True
    return result


def _combine(left: Filter, right: Filter, either: bool, wanted: bool) -> Filter:
    if either:
        return lambda event: left(event) or right(event) == wanted
    return lambda event: left(event) and right(event) == wanted


def _is_a(kind: type[Frame]) -> Filter:
    return lambda event: isinstance(event, kind)


def _is_about(address: str) -> Filter:
    def matches(event: Frame) -> bool:
        if isinstance(event, e.Advert):
            return address in {event.source, event.destination}
        return address in {event.address, event.target}

    return matches
