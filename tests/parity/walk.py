"""One long walk over many verbs, on either engine: all that keepalived logged and the kernel reported.

`python -m tests.parity.walk` records it on containers, as tests/parity/measured/walk.txt.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

from hatlab import events as e
from hatlab.actions import parse
from hatlab.engine.base import Engine
from hatlab.engine.docker.engine import DockerEngine
from hatlab.topology.library import load_topology
from tests.support.sessions import all_events, running_session

RECORD = Path(__file__).parent / "measured" / "walk.txt"
STEPS = (
    (1, "link down lan db1"),
    (8, "link up lan db1"),
    (14, "address delete db1 VIP"),
    (18, "freeze mysqld db1"),
    (29, "thaw mysqld db1"),
    (40, "set db1 priority 140"),
    (43, "set db2 priority 90"),
    (48, "stop keepalived db1"),
    (50, "kill mysqld db1"),
    (51, "start keepalived db1"),
    (55, "start mysqld db1"),
    (65, "kill keepalived db2"),
    (66, "start keepalived db2"),
    (68, "reload db2"),
)
END = 72.0
BEGIN = 0.5
MACHINE_LINES = re.compile(
    r"Running on|Command line|max_auto|Registering|Assigned|sockpool|Stopped - used|CPU usage|"
    r"Starting VRRP child"
)
"""Lines about the machine, which the simulator does not write."""

Line = tuple[float, str]


def walk(engine: Engine, wait_until: Callable[[float], None]) -> list[Line]:
    """Return (seconds after ready, what) of each log line and report; machine-dependent ones are left out."""
    with running_session(engine) as session:
        ready = engine.now()
        layout = session.state.layout
        assert layout is not None
        for at, line in STEPS:
            wait_until(ready + at)
            session.act(parse(line.replace("VIP", layout.vip_addresses[0]), layout))
        wait_until(ready + END)
        events = sorted(all_events(session), key=lambda event: event.at)
    lines = [(round(event.at - ready, 3), _text(event)) for event in events]
    return [
        (at, text)
        for at, text in lines
        if text and BEGIN < at < END - BEGIN and not MACHINE_LINES.search(text)
    ]


def _text(event: e.Event) -> str:
    match event:
        case e.Log(node=node, service="keepalived", text=text):
            what = f"{node} log {text}"
        case e.Vrrp(node=node, instance=instance, state=state, priority=priority):
            what = f"{node} vrrp {instance} {state} {priority}"
        case e.Address(node=node, network=network, address=address, held=held):
            what = f"{node} address {network} {address} {'held' if held else 'gone'}"
        case e.Process(node=node, service=service, state=state, reason=reason):
            what = f"{node} process {service} {state} {reason}".rstrip()
        case e.Link(node=node, network=network, up=up):
            what = f"{node} link {network} {'up' if up else 'down'}"
        case _:
            return ""
    return re.sub(r"\beth\d\b", "DEV", re.sub(r"\b198\.18\.\d+\.", "N.", what))


def read_recorded() -> list[Line]:
    """Read the recorded walk."""
    lines = (line.split(maxsplit=1) for line in RECORD.read_text().splitlines())
    return [(float(at), text) for at, text in lines]


def differing_lines(real: list[Line], other: list[Line], within: float) -> list[str]:
    """Return the lines of either side that the other lacks at about the same time."""
    unmatched, differing = list(other), []
    for at, text in real:
        same = [line for line in unmatched if line[1] == text and abs(line[0] - at) <= within]
        if same:
            unmatched.remove(min(same, key=lambda line: abs(line[0] - at)))
        else:
            differing.append(f"real      {at:8.3f} {text}")
    return [*differing, *(f"simulated {at:8.3f} {text}" for at, text in unmatched)]


def main() -> None:
    engine = DockerEngine("two-node", load_topology("two-node"))
    lines = walk(engine, lambda at: time.sleep(max(0.0, at - engine.now())))
    RECORD.write_text("".join(f"{at:.3f} {text}\n" for at, text in lines))


if __name__ == "__main__":
    main()
