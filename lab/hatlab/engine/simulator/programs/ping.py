"""ping: echo requests to whatever answers at an address now."""

from __future__ import annotations

from statistics import fmean, pstdev

from hatlab.engine.simulator.programs.context import Context, Run, fail
from hatlab.engine.simulator.network.network import LATENCY
from hatlab.util.addresses import is_ipv6

INTERVAL = 1.0
"""Seconds between two requests, and that the last one is waited for; real ping waits up to 10."""
LOCAL_ROUND_TRIP = 0.00003
"""Seconds to an own address and back."""


def ping(ctx: Context) -> Run:
    """ping [-46] [-c N] [-n] ADDRESS."""
    words, count, target = ctx.argv[1:], 0, ""
    family = 6 if ctx.argv[0] == "ping6" else None
    while words:
        word = words.pop(0)
        if word.startswith("-c"):
            value = word[2:] or (words.pop(0) if words else "")
            if not (value.isdecimal() and int(value[:9]) > 0):
                return (yield from fail(1, f"ping: invalid argument: '{value}'"))
            count = int(value[:9])
        elif not word.startswith("-"):
            target = word
        elif word in {"-4", "-6"}:
            family = int(word[1:])
        elif word != "-n":
            return (yield from ctx.unsupported(f"the option {word}"))
    if not target:
        return (yield from fail(2, "ping: usage error: Destination address required"))
    address = ctx.resolve(target, family)
    if address is None and ctx.resolve(target):
        return (yield from fail(2, f"ping: {target}: Address family for hostname not supported"))
    if address is None:
        return (yield from fail(2, f"ping: {target}: Name or service not known"))
    local = ctx.holds_address(address)
    port = ctx.route_to(address)
    if port is None and not local:
        return (yield from fail(2, "ping: connect: Network is unreachable"))
    six = is_ipv6(address)
    yield f"PING {target} ({address}) {'56 data bytes' if six else '56(84) bytes of data.'}"
    sent = received = unreachable = 0
    began, times = ctx.now, []
    while (not count or sent < count) and not ctx.interrupt.is_set():
        sent += 1
        peer = ctx.find_peer(port, address) if port and not local else None
        if peer is not None or (local and not ctx.host.refuses(address)):
            jitter = (sent * 7919 % 1000) / 1000 * (LATENCY[1] - LATENCY[0])  # no chance of the world's
            round_trip = LOCAL_ROUND_TRIP + jitter
            round_trip += 0 if peer is None or port is None else 2 * LATENCY[0] + peer.delay + port.delay
            if round_trip > 0.001:
                yield from ctx.wait(round_trip)
            received += 1
            times.append(round_trip * 1000)
            ttl = 64 if port is None or ctx.is_on_link(port, address) else 63
            yield f"64 bytes from {address}: icmp_seq={sent} ttl={ttl} time={times[-1]:.3f} ms"
        elif port and ctx.is_on_link(port, address) and not ctx.live_holders(port, address):
            unreachable += 1
            what = "Destination unreachable: Address unreachable" if six else "Destination Host Unreachable"
            yield f"From {port.source_for(address)} icmp_seq={sent} {what}"
        if sent != count or not received:
            yield from ctx.wait(INTERVAL)
    yield ""
    yield f"--- {target} ping statistics ---"
    errors = f", +{unreachable} errors" if unreachable else ""
    loss = (sent - received) * 100 / max(sent, 1)
    yield (
        f"{sent} packets transmitted, {received} received{errors}, {loss:g}% packet loss, "
        f"time {(ctx.now - began) * 1000:.0f}ms"
    )
    if times:
        figures = min(times), fmean(times), max(times), pstdev(times)
        yield f"rtt min/avg/max/mdev = {'/'.join(f'{figure:.3f}' for figure in figures)} ms"
    return 0 if received else 1
