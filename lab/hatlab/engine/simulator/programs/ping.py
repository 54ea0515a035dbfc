"""ping and quorum: echo requests to whatever answers at an address now."""

from __future__ import annotations

import re
from dataclasses import dataclass
from statistics import fmean, pstdev

from hatlab.engine.simulator.network.network import LATENCY, Port
from hatlab.engine.simulator.programs.context import Context, Run, fail
from hatlab.topology import PING_WAIT
from hatlab.util.addresses import is_ipv6

INTERVAL = 1.0
"""Seconds between two requests."""
PATIENCE = 10.0
"""Seconds that the last one is waited for in a script; in a console a second."""
LOCAL_ROUND_TRIP = 0.00003
"""Seconds to an own address and back."""


@dataclass(slots=True)
class Options:
    """The command line's options."""

    target: str = ""
    family: int | None = None
    count: int = 0
    patience: float | None = None
    """Seconds that an answer is waited for."""
    deadline: float | None = None
    """Seconds after which it ends anyway."""
    interval: float = INTERVAL
    quiet: bool = False


class _UsageError(Exception):
    """Ends it; its arguments are the exit status and the message."""


def ping(ctx: Context) -> Run:
    """ping [-46nq] [-c N] [-W SECONDS] [-w SECONDS] [-i SECONDS] ADDRESS."""
    try:
        options = _parse_options(ctx)
    except _UsageError as error:
        return (yield from fail(*error.args))
    target = options.target
    address = ctx.ask(ctx.resolve, target, options.family)
    if address is None and ctx.ask(ctx.resolve, target):
        return (yield from fail(2, f"ping: {target}: Address family for hostname not supported"))
    if address is None:
        return (yield from fail(2, f"ping: {target}: Name or service not known"))
    local = ctx.ask(ctx.holds_address, address)
    port = ctx.ask(ctx.route_to, address)
    if port is None and not local:
        return (yield from fail(2, "ping: connect: Network is unreachable"))
    six = is_ipv6(address)
    yield f"PING {target} ({address}) {'56 data bytes' if six else '56(84) bytes of data.'}"
    return (yield from _exchange(ctx, options, address, port, local))


def _exchange(ctx: Context, options: Options, address: str, port: Port | None, local: bool) -> Run:
    """Send requests and print what comes back."""
    six, count = is_ipv6(address), options.count
    sent = received = unreachable = 0
    began, times = ctx.now, list[float]()
    while (not count or sent < count) and not ctx.interrupt.is_set():
        sent += 1
        round_trip = ctx.ask(_round_trip, ctx, address, port, local, sent)
        if round_trip is not None:
            if round_trip > 0.001:
                yield from ctx.wait(round_trip)
            received += 1
            times.append(round_trip * 1000)
            ttl = 64 if port is None or ctx.ask(ctx.is_on_link, port, address) else 63
            if not options.quiet:
                yield f"64 bytes from {address}: icmp_seq={sent} ttl={ttl} time={times[-1]:.3f} ms"
        elif port and ctx.ask(_is_unreachable, ctx, port, address):
            unreachable += 1
            if not options.quiet:
                what = (
                    "Destination unreachable: Address unreachable" if six else "Destination Host Unreachable"
                )
                yield f"From {port.source_for(address)} icmp_seq={sent} {what}"
        if options.deadline is not None and ctx.now - began >= options.deadline:
            break
        if sent != count:
            yield from ctx.wait(options.interval)
        elif round_trip is None:
            patience = options.patience or (PATIENCE if ctx.script else INTERVAL)
            yield from ctx.wait(patience if options.deadline is None else min(patience, options.deadline))
    yield ""
    yield f"--- {options.target} ping statistics ---"
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


def _parse_options(ctx: Context) -> Options:
    """
    Raises:
        _UsageError: such a command line is none.
    """
    options, words = Options(family=6 if ctx.argv[0] == "ping6" else None), ctx.argv[1:]
    while words:
        word = words.pop(0)
        if not word.startswith("-"):
            options.target = word
            continue
        letters = word[1:]
        while letters:
            letter, letters = letters[0], letters[1:]
            if letter in "cWwiIst":
                value = letters or (words.pop(0) if words else "")
                letters = ""
                number = float(value) if re.fullmatch(r"\d{1,9}(\.\d{1,9})?|\.\d{1,9}", value) else -1.0
                if letter not in "I" and (number < 0 or (letter == "c" and (number < 1 or number % 1))):
                    raise _UsageError(1, f"ping: invalid argument: '{value}'")
                match letter:
                    case "c":
                        options.count = int(number)
                    case "W":
                        options.patience = number
                    case "w":
                        options.deadline = number
                    case "i":
                        options.interval = max(0.002, number)
            elif letter in "46":
                options.family = int(letter)
            elif letter == "q":
                options.quiet = True
            elif letter not in "nAv":
                raise _UsageError(
                    2, f"hatlab: a simulated node's ping does not know the option {word}: try `help`"
                )
    if not options.target:
        raise _UsageError(2, "ping: usage error: Destination address required")
    return options


def _round_trip(ctx: Context, address: str, port: Port | None, local: bool, number: int) -> float | None:
    """Return the seconds until a request is answered, None if it is not."""
    if local:
        return None if ctx.host.refuses(address) else LOCAL_ROUND_TRIP
    peer = ctx.find_peer(port, address) if port else None
    if peer is None or port is None or _is_lost(ctx, port, peer):
        return None
    jitter = (number * 7919 % 1000) / 1000 * (LATENCY[1] - LATENCY[0])  # no chance of the world's
    return LOCAL_ROUND_TRIP + jitter + 2 * LATENCY[0] + peer.delay + port.delay


def _is_lost(ctx: Context, port: Port, peer: Port) -> bool:
    """True if a loss takes a request or its answer. A console takes nothing from the lab's chance."""
    if ctx.script is None:
        return False
    return any(
        percent and a.host.server and b.host.server and ctx.lab.random.random() * 100 < percent
        for a, b in ((port, peer), (peer, port))
        for percent in (b.drop_percent, b.manual_drop_percent)
    )


def _is_unreachable(ctx: Context, port: Port, address: str) -> bool:
    return ctx.is_on_link(port, address) and not ctx.live_holders(port, address)


def quorum(ctx: Context) -> Run:
    """quorum ADDRESS…: whether this machine and those that answer a ping are more than half of all."""
    answers = ctx.ask(_count_answers, ctx, ctx.argv[1:])
    if answers < len(ctx.argv) - 1:
        yield from ctx.wait(PING_WAIT)
    return 0 if 2 * (answers + 1) > len(ctx.argv) else 1


def _count_answers(ctx: Context, addresses: list[str]) -> int:
    """Return how many addresses answer a ping, all asked at once."""
    answers = 0
    for number, address in enumerate(addresses):
        local, port = ctx.holds_address(address), ctx.route_to(address)
        answers += _round_trip(ctx, address, port, local, number) is not None
    return answers
