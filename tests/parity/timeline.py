"""Raw timelines of real keepalived (tests/parity/measured), and the same story played by the simulator.

A timeline is what two containers did on one network: A is .11 with priority 150, B .12 with 100, version 2,
an advert each second unless the story says otherwise. Each line is seconds since the first start, then a
daemon's own line (`LOG A:`), a frame as the peer's capture saw it (`pkt`), or what was done (`###`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hatlab import events as e
from hatlab.engine.simulator.keepalived.daemon import START
from hatlab.engine.simulator.network.network import Network, Packet, Port
from hatlab.engine.simulator.world import World
from hatlab.topology import Layout, Topology
from hatlab.vrrp import codec
from hatlab.vrrp.codec import Advertisement

FOLDER = Path(__file__).parent / "measured"
NAMES = {"A": "a", "B": "b"}
_LINE = re.compile(
    r"^ *(?P<at>\d+\.\d+) +(?:LOG (?P<node>[AB]): (?P<log>.*)"
    r"|pkt from \.(?P<octet>\d+) \w+ vrid\d+ prio(?P<prio>\d+)|### (?P<act>.*))$"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: `what` is a log line with addresses shortened to their last octet, or a packet."""

    at: float
    node: str
    what: str


@dataclass(frozen=True, slots=True)
class Story:
    """How a timeline was made.

    Attributes:
        file: its name in tests/parity/measured.
        acts: text behind `###` → what to do.
        first: nodes that run from the beginning.
        members: changes to a node's part.
        edits: node → (old, new) text of its keepalived.conf.
        check: a vrrp_script on A; its mysqld up or down stands for what the script tests.
        races: lines that may differ: where two timers end in the same millisecond, chance decides.
        tamper: what the real story's packet filter did to each of A's adverts on output.
        silent: A's frames in this time never left the real node, whose packet filter dropped them on output.
    """

    file: str
    acts: Mapping[str, Callable[[World], None]] = field(default_factory=dict)
    first: tuple[str, ...] = ("a", "b")
    members: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    edits: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    check: Mapping[str, int] | None = None
    track: bool = False
    races: int = 0
    tamper: Callable[[bytes], bytes] | None = None
    version: int = 2
    silent: tuple[float, float] = (1.0, 0.0)


def read(name: str) -> tuple[list[Entry], list[tuple[float, str]]]:
    """What a measured timeline says: entries, and (at, text) of what was done."""
    entries, acts = [], []
    for raw in (FOLDER / f"{name}.txt").read_text().splitlines():
        found = _LINE.match(raw.partition("[")[0] if "pkt" in raw else raw)
        if not found:
            continue
        at = float(found["at"])
        if found["act"]:
            acts.append((at, found["act"]))
        elif found["log"]:
            entries.append(Entry(at, NAMES[found["node"]], short(found["log"])))
        else:
            entries.append(Entry(at, {"11": "a", "12": "b"}[found["octet"]], f"advert {found['prio']}"))
    return entries, acts


def short(text: str) -> str:
    """A log line without what differs from run to run."""
    text = re.sub(r"\d+\.\d+\.\d+\.(\d+)", r".\1", text)
    text = re.sub(r"on \w+ for", "on DEV for", text)
    return re.sub(
        r"expired [\d.]+ seconds", "expired N seconds", re.sub(r"(pid |process\()\d+", r"\1N", text)
    )


def topology(story: Story) -> Topology:
    """Two nodes on one network, and a second one whose interface is tracked."""
    members: dict[str, dict[str, Any]] = {"a": {"priority": 150}, "b": {"priority": 100}}
    for node, changes in story.members.items():
        members[node].update(changes)
    return Topology.model_validate(
        {
            "version": 1,
            "title": story.file,
            "networks": ["net", "vt"],
            "nodes": {"a": 11, "b": 12},
            "instances": {
                "VI_1": {
                    "network": "net",
                    "vrid": 51,
                    "auth_pass": "1111" if story.version == 2 else None,
                    "version": story.version,
                    "members": members,
                    "addresses": {"net": [100]},
                    "track": ["vt"] if story.track else [],
                }
            },
        }
    )


def play(
    story: Story, starts: Mapping[str, float], acts: list[tuple[float, str]], length: float
) -> list[Entry]:
    """The simulator's timeline.

    Args:
        starts: when each node's first line was logged.
        acts: when what was done.
        length: seconds.
    """
    world = World(Layout.numbered(story.file, topology(story)))
    for name, node in world.nodes.items():
        node.power_on()
        node.mysqld.answering = True
        node.mysqld._awaiting_start.clear()
        old, new = story.edits.get(name, ("", ""))
        assert old in node.conf
        node.conf = node.conf.replace(old, new)
        if story.check is not None and name == "a":
            node.conf = with_check(node.conf, story.check)
    if story.tamper is not None:
        world.networks["net"] = _Tampered(world.networks["net"], story.tamper)
    world.take_events()
    origin = 10.0
    for name, at in starts.items():
        world.clock.call_at(origin + at - START, world.nodes[name].keepalived.spawn)
    for at, text in acts:
        if text in story.acts:
            world.clock.run_until(origin + at)
            story.acts[text](world)
    world.clock.run_until(origin + length)
    found = [entry for event in world.take_events() for entry in _entries(event, origin)]
    begin, end = story.silent
    return [o for o in found if not (o.node == "a" and o.what.startswith("advert") and begin <= o.at <= end)]


class _Tampered(Network):
    """A network on whose way in each advert of A is changed."""

    def __init__(self, network: Network, tamper: Callable[[bytes], bytes]) -> None:
        super().__init__(network.name, network.clock, network.random, network.emit)
        self.ports, self.tamper = network.ports, tamper

    def send(self, sender: Port, frame: bytes, packet: Packet, to: Port | None = None) -> None:
        if sender.host.name == "a" and isinstance(packet, Advertisement):
            frame = self.tamper(frame)
            changed = codec.decode(frame)
            assert changed is not None
            packet = changed
        super().send(sender, frame, packet, to)


def with_check(conf: str, check: Mapping[str, int]) -> str:
    """The configuration with a script `chk`, tracked by VI_1."""
    lines = "\n".join(f"    {key} {value}" for key, value in check.items())
    script = f'vrrp_script chk {{\n    script "/usr/bin/mysql"\n{lines}\n}}\n'
    head, _, tail = conf.partition("vrrp_instance")
    tail = tail.replace(
        "    virtual_ipaddress {", "    track_script {\n        chk\n    }\n    virtual_ipaddress {"
    )
    return f"{head}{script}vrrp_instance{tail}"


def _entries(event: e.Event, origin: float) -> list[Entry]:
    match event:
        case e.Log(service="keepalived"):
            return [Entry(event.at - origin, event.node, short(event.text))]
        case e.Advert(direction="sent"):
            return [Entry(event.at - origin, event.node, f"advert {event.priority}")]
        case _:
            return []


IGNORED = re.compile(
    r"Starting |Configuration file|Stopped Keepalived|Please log|and include|copies of|read eventfd|"
    r"(setting|removing) VIPs|Startup complete|Opening file|Sending gratuitous ARP on|"
    r"Netlink reports|send advert error|exited due to signal"
)


def differences(measured: list[Entry], simulated: list[Entry], within: float) -> list[str]:
    """Lines of one side that the other has not at about the same time."""
    left = [entry for entry in simulated if not IGNORED.search(entry.what)]
    found = []
    for entry in measured:
        if IGNORED.search(entry.what):
            continue
        alike = [o for o in left if (o.node, o.what) == (entry.node, entry.what)]
        same = [o for o in alike if abs(o.at - entry.at) <= within]
        if same:
            left.remove(min(same, key=lambda o: abs(o.at - entry.at)))
        else:
            found.append(f"real      {entry.at:8.4f} {entry.node} {entry.what}")
    found += [f"simulated {o.at:8.4f} {o.node} {o.what}" for o in left]
    return sorted(found, key=lambda line: float(line.split()[1]))


def distances(measured: list[Entry], simulated: list[Entry], within: float) -> list[float]:
    """Seconds between each measured line and its like in the simulation, where there is one."""
    found = []
    for entry in measured:
        like = [abs(o.at - entry.at) for o in simulated if (o.node, o.what) == (entry.node, entry.what)]
        if like and min(like) <= within:
            found.append(min(like))
    return found
