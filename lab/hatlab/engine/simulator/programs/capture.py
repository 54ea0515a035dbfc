"""tcpdump: the frames that the node's capture sees, in tcpdump's wording."""

from __future__ import annotations

from hatlab.capture_files.frame_filter import WORDS, parse_filter
from hatlab.engine.simulator.programs.context import Context, ErrorLine, Run, fail
from hatlab.engine.simulator.programs.frame_text import Frame, format_frame
from hatlab.errors import UserError


def tcpdump(ctx: Context) -> Run:
    """tcpdump [-i INTERFACE] [-n] [-e] [-v] [-l] [-c N] [FILTER]; see `hatlab.capture_files.frame_filter`."""
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
    try:
        passes = parse_filter(" ".join(words), _addresses_by_name(ctx))
    except UserError:
        usage = f"hatlab: filters that a simulated node's tcpdump knows: {WORDS}"
        return (yield from fail(1, "tcpdump: can't parse filter expression: syntax error", usage))
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
        if (
            not isinstance(event, Frame)
            or event.node != ctx.host.name
            or not passes(bytes.fromhex(event.frame))
        ):
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


def _addresses_by_name(ctx: Context) -> dict[str, list[str]]:
    addresses: dict[str, list[str]] = {}
    for address, name in ctx.names_by_address().items():
        addresses.setdefault(name, []).append(address)
    return addresses
