"""tcpdump: the frames that the node's capture sees, in tcpdump's wording."""

from __future__ import annotations

from collections.abc import Callable
from types import UnionType

from hatlab import events as e
from hatlab.engine.simulator.programs.context import Context, ErrorLine, Run, fail
from hatlab.engine.simulator.programs.frame_text import Frame, format_frame
from hatlab.util.addresses import is_ipv6

Filter = Callable[[Frame], bool]
"""True if an event's frame is to be shown."""
_USAGE = (
    "hatlab: filters that a simulated node's tcpdump knows: vrrp, arp, icmp6, proto 112, ip6, host ADDRESS; "
    "not, and, or"
)


def tcpdump(ctx: Context) -> Run:
    """tcpdump [-i INTERFACE] [-n] [-e] [-v] [-l] [-c N] [vrrp|arp|icmp6|proto 112|host ADDRESS …]."""
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
            case ["host" | "src" | "dst", "host", *_] | ["ip" | "ip6", "host", *_]:
                words = words[1:]
                continue
            case ["ip6", "proto", "112" | "vrrp" | "\\vrrp", *words]:
                term = _is_a(e.Advert, 6)
            case ["vrrp" | "ip", *words] | ["ip", "proto", "112" | "vrrp" | "\\vrrp", *words]:
                term = _is_a(e.Advert, 4)  # `vrrp` is `ip proto 112`: that over IPv6 is another
            case ["proto", "112" | "vrrp" | "\\vrrp", *words]:
                term = _is_a(e.Advert)
            case ["arp", *words]:
                term = _is_a(e.Arp, 4)
            case ["icmp6", *words] | ["ip6", "proto", "58" | "ipv6-icmp", *words]:
                term = _is_a(e.Arp, 6)
            case ["ip6", *words]:
                term = _is_a(e.Advert | e.Arp, 6)
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


def _is_a(kind: type[Frame] | UnionType, family: int = 0) -> Filter:
    """Return a filter for a kind of frames, of one family or any."""

    def matches(event: Frame) -> bool:
        address = event.source if isinstance(event, e.Advert) else event.address
        return isinstance(event, kind) and (not family or is_ipv6(address) == (family == 6))

    return matches


def _is_about(address: str) -> Filter:
    def matches(event: Frame) -> bool:
        if isinstance(event, e.Advert):
            return address in {event.source, event.destination}
        return address in {event.address, event.target}

    return matches
