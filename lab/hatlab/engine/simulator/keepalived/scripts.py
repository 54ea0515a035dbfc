"""The programs that keepalived runs, as checks and on a change of state: what they ask and how they exit.

Those that hatlab itself writes into a keepalived.conf, and what comes close to them; others exit with 1.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from typing import Any

from hatlab.engine.simulator.environment import Machine
from hatlab.engine.simulator.network.network import LATENCY
from hatlab.topology import PING_WAIT

START = 0.002
"""Seconds that a small program takes."""
DEFAULT_PING_WAIT = 10.0
"""Seconds that `ping` without `-W` waits for an answer."""
_MYSQL_PORT = re.compile(r"/dev/tcp/(?:127\.0\.0\.1|localhost)/3306\b")
_WAIT_OPTION = re.compile(r"-W ?([0-9.]+)")

OnExit = Callable[..., None]
"""A bound method or function that takes the exit status, and whatever else was given with it."""


def run_script(node: Machine, command: str, on_exit: OnExit, *args: Any) -> None:
    """Run a command on a node: `on_exit(exit status, *args)` when it ends, which may be never."""
    try:
        words = shlex.split(command)
    except ValueError:
        words = []
    program = words[0].rpartition("/")[2] if words else ""
    duration, status = START, 1
    match program:
        case "mysql":
            node.mysqld.query(_find_statement(words), _on_query_end, on_exit, args)
            return
        case "true" | "echo":
            status = 0
        case "bash" | "sh" if _MYSQL_PORT.search(command):
            status = 0 if node.mysqld.answering else 1
        case "pgrep" | "pidof" | "killall" if words[-1] in {"mysqld", "keepalived"}:
            process = node.mysqld if words[-1] == "mysqld" else node.keepalived
            status = 0 if process.running else 1
        case "ping":
            option = _WAIT_OPTION.search(command)
            wait = _parse_seconds(option[1]) if option else DEFAULT_PING_WAIT
            duration, answers = _ping_all(node, words[-1:], wait)
            status = 0 if answers else 1
        case "quorum":
            duration, answers = _ping_all(node, words[1:], PING_WAIT)
            status = 0 if 2 * (answers + 1) > len(words) else 1
    node.environment.clock.call_after(duration, on_exit, status, *args)


def _find_statement(words: list[str]) -> str:
    """Return what `mysql` shall execute; empty if nothing."""
    for position, word in enumerate(words):
        if word in {"-e", "--execute"}:
            return words[position + 1] if position + 1 < len(words) else ""
        if word.startswith("--execute="):
            return word.partition("=")[2]
    return ""


def _on_query_end(succeeded: bool, on_exit: OnExit, args: tuple[Any, ...]) -> None:
    on_exit(0 if succeeded else 1, *args)


def _parse_seconds(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 1.0


def _ping_all(node: Machine, addresses: list[str], wait: float) -> tuple[float, int]:
    """Ping all at the same time: (seconds until the last one ended, how many answered)."""
    answers = [_answers_ping(node, address) for address in addresses]
    round_trip = START + 2 * LATENCY[1]
    return (round_trip if None not in answers else START + wait), answers.count(True)


def _answers_ping(node: Machine, address: str) -> bool | None:
    """True if an address answers a ping; False if there is no way to it, None after waiting in vain.

    A kernel answers, whatever became of the programs on it.
    """
    if node.port_holding(address):
        return True
    environment = node.environment
    for port in node.ports.values():
        if address.rpartition(".")[0] != port.address.rpartition(".")[0]:
            continue
        if not port.up:
            return False
        network = environment.networks[port.network]
        others = (other for other in network.ports if address in other.addresses and other is not port)
        target = next((other for other in others if other.is_live), None)
        if target is None or not network.connects(port, target):
            return None
        lost = (
            percent and a.host.server and b.host.server and environment.random.random() * 100 < percent
            for a, b in ((port, target), (target, port))
            for percent in (b.drop_percent, b.manual_drop_percent)
        )
        return None if any(lost) else True
    return False
