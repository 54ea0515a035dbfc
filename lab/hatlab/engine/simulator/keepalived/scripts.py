"""The programs that keepalived runs, as checks and on a change of state: what they ask and how they exit.

Those that hatlab itself writes into a keepalived.conf, and what comes close to them; others exit with 1.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from hatlab.engine.simulator.network.network import LATENCY
from hatlab.topology import PING_WAIT

if TYPE_CHECKING:
    from hatlab.engine.simulator.node import Node

START = 0.002
"""Seconds that a small program takes."""
_PORT = re.compile(r"/dev/tcp/(?:127\.0\.0\.1|localhost)/3306\b")
_WAIT = re.compile(r"-W ?([0-9.]+)")

Exit = Callable[..., None]


def run(node: Node, command: str, call: Exit, *args: Any) -> None:
    """Runs a command on a node: `call(exit status, *args)` when it ends, which may be never."""
    try:
        words = shlex.split(command)
    except ValueError:
        words = []
    program = words[0].rpartition("/")[2] if words else ""
    wait, status = START, 1
    match program:
        case "mysql":
            node.mysqld.query(_statement(words), _exit, call, args)
            return
        case "true" | "echo":
            status = 0
        case "bash" | "sh" if _PORT.search(command):
            status = 0 if node.mysqld.answering else 1
        case "pgrep" | "pidof" | "killall" if words[-1] in {"mysqld", "keepalived"}:
            service = node.mysqld if words[-1] == "mysqld" else node.keepalived
            status = 0 if service.running else 1
        case "ping":
            given = _WAIT.search(command)
            wait, seen = _pings(node, words[-1:], _seconds(given[1]) if given else 10.0)
            status = 0 if seen else 1
        case "quorum":
            wait, seen = _pings(node, words[1:], PING_WAIT)
            status = 0 if 2 * (seen + 1) > len(words) else 1
        case _:
            pass
    node.world.clock.after(wait, call, status, *args)


def _statement(words: list[str]) -> str:
    """What `mysql` shall execute; empty if nothing."""
    for k, word in enumerate(words):
        if word in {"-e", "--execute"}:
            return words[k + 1] if k + 1 < len(words) else ""
        if word.startswith("--execute="):
            return word.partition("=")[2]
    return ""


def _exit(ok: bool, call: Exit, args: tuple[Any, ...]) -> None:
    call(0 if ok else 1, *args)


def _seconds(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 1.0


def _pings(node: Node, addresses: list[str], patience: float) -> tuple[float, int]:
    """Pings all at the same time: seconds until the last one ended, and how many answered."""
    seen = [_sees(node, address) for address in addresses]
    lap = START + 2 * LATENCY[1]
    return (lap if None not in seen else START + patience), sum(found is True for found in seen)


def _sees(node: Node, address: str) -> bool | None:
    """Whether an address answers a ping: False if there is no way to it, None after waiting in vain.

    A kernel answers, whatever became of the programs on it.
    """
    if node.holds(address):
        return True
    world = node.world
    for port in node.ports.values():
        if address.rpartition(".")[0] != port.address.rpartition(".")[0]:
            continue
        if not port.up:
            return False
        others = (p for p in world.networks[port.network].ports if address in p.addresses and p is not port)
        there = next((p for p in others if p.lives), None)
        if there is None or not world.networks[port.network].reaches(port, there):
            return None
        lost = (
            share and p.host.server and q.host.server and world.random.random() * 100 < share
            for p, q in ((port, there), (there, port))
            for share in (q.percent, q.by_hand)
        )
        return None if any(lost) else True
    return False
