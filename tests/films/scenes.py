"""What is filmed: what a person types, and what they wait for before they go on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.films.terminal import Terminal

PROMPT = r"(?m)^\$ *$"
MASTER_DB1, MASTER_DB2 = r"★ MASTER +priority 150", r"★ MASTER +priority 100"
"""On the map of two-node."""


@dataclass(frozen=True)
class Scene:
    """One film."""

    title: str
    play: Callable[[Terminal], None]
    size: tuple[int, int] = (100, 28)
    animated: bool = False
    """Whether its SVG plays, too: for pages that run no script."""


def _command(terminal: Terminal, line: str) -> None:
    terminal.wait_for(PROMPT, 0.8)
    terminal.type(line)
    terminal.watch(0.4)
    terminal.type("\r")


def _failover(terminal: Terminal) -> None:
    """mysqld is killed and db2 takes over; then the heartbeat is cut, and both hold the address."""
    _command(terminal, "hatlab start")
    terminal.wait_for(MASTER_DB1)
    terminal.wait_for("answered by db1", 3)
    terminal.type("k")
    terminal.wait_for(MASTER_DB2)
    terminal.wait_for("last outage", 4)
    terminal.type("u")
    terminal.wait_for(MASTER_DB1, 2.5)
    terminal.type("c")
    terminal.wait_for(MASTER_DB2, 6)


def _lesson(terminal: Terminal) -> None:
    """A prediction is locked, db1 loses power, and the measured truth stands beside what was said."""
    _command(terminal, "hatlab learn timers")
    terminal.wait_for("Press Enter", 3)
    terminal.type("\r")
    terminal.wait_for(MASTER_DB1, 3)
    terminal.type("3.6", 0.3)
    terminal.watch(1)
    terminal.type("\r")
    terminal.watch(4)
    terminal.type("3.5", 0.3)
    terminal.watch(1)
    terminal.type("\r")
    terminal.watch(3)
    terminal.type("o")
    terminal.wait_for(MASTER_DB2, 6)


def _headless(terminal: Terminal) -> None:
    """A script of faults without a screen, then why what happened happened."""
    _command(terminal, "cat > split.txt <<'E'\r2 cut heartbeat\r9 heal heartbeat\r14 end\rE")
    _command(terminal, "hatlab start --headless --script split.txt --record split.jsonl")
    terminal.wait_for(PROMPT, 3)
    _command(terminal, "clear; hatlab explain split.jsonl | head -30")
    terminal.wait_for(PROMPT, 3)


def _incident(terminal: Terminal) -> None:
    """Logs, a capture and the configurations of a night become a recording with its story."""
    _command(terminal, "hatlab new incident night && ls night/*")
    _command(terminal, "hatlab import night/*/")
    _command(terminal, "clear; hatlab explain incident.jsonl | head -26")
    terminal.wait_for(PROMPT, 5)
    _command(terminal, "clear; hatlab replay incident.jsonl --from 03:12:39")
    terminal.wait_for(MASTER_DB2, 5)


def _check(terminal: Terminal) -> None:
    """Two files of a pair that do not fit together, and why."""
    _command(
        terminal, "hatlab conf two-node db1 --plain > db1.conf; hatlab conf two-node db2 --plain > db2.conf"
    )
    _command(terminal, "sed -i 's/virtual_router_id 51/virtual_router_id 52/' db2.conf")
    _command(terminal, "hatlab check db1.conf db2.conf")
    terminal.watch(4)
    _command(terminal, "hatlab check --explain KA301")
    terminal.watch(3)


SCENES = {
    "failover": Scene(
        "A failover and a split brain: mysqld is killed and db2 takes over; then the heartbeat is cut",
        _failover,
        (110, 32),
        animated=True,
    ),
    "lesson": Scene("A lesson: a prediction, the power goes, and what was measured", _lesson, (110, 32)),
    "headless": Scene("A script of faults without a screen, and its story", _headless, (110, 32)),
    "incident": Scene("An incident: from logs and a capture to its story", _incident),
    "check": Scene("Two keepalived.conf that do not fit together", _check, (110, 32)),
}
