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
    """How a timeline was made."""

    file: str
    """Its name in tests/parity/measured."""
    acts: Mapping[str, Callable[[World], None]] = field(default_factory=dict)
    """Text after `###` → what to do."""
    first: tuple[str, ...] = ("a", "b")
    """Nodes that run from the beginning."""
    members: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Changes to a node's part in the instance."""
    edits: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Node → (old, new) text of its keepalived.conf."""
    check: Mapping[str, int] | None = None
    """A vrrp_script on A; its mysqld up or down stands for what the script tests."""
    track: bool = False
    """True if the second network's interface is tracked."""
    races: int = 0
    """Lines that may differ: where two timers end in the same millisecond, chance decides."""
    tamper: Callable[[bytes], bytes] | None = None
    """What the real story's packet filter did to each of A's adverts on output."""
    version: int = 2
    family: str = "ipv4"
    silent: tuple[float, float] = (1.0, 0.0)
    """In this time A's frames never left the real node, whose packet filter dropped them on output."""


def read_measured(name: str) -> tuple[list[Entry], list[tuple[float, str]]]:
    """Read a measured timeline: its entries, and (at, text) of what was done."""
    entries, acts = [], []
    for raw in (FOLDER / f"{name}.txt").read_text().splitlines():
        match = _LINE.match(raw.partition("[")[0] if "pkt" in raw else raw)
        if not match:
            continue
        at = float(match["at"])
        if match["act"]:
            acts.append((at, match["act"]))
        elif match["log"]:
            entries.append(Entry(at, NAMES[match["node"]], comparable(match["log"])))
        else:
            entries.append(Entry(at, {"11": "a", "12": "b"}[match["octet"]], f"advert {match['prio']}"))
    return entries, acts


def comparable(text: str) -> str:
    """Return a log line without what differs from run to run."""
    text = re.sub(r"\d+\.\d+\.\d+\.(\d+)", r".\1", text)
    text = re.sub(r"\bfd00:[0-9a-f:]*::(\d+)", r"::\1", text)
    text = re.sub(r"\bfe80::[0-9a-f:]*([0-9a-f])\b", r"fe80::\1", text)
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
                    "family": story.family,
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
    """Play the story on the simulator, and return its timeline.

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
            node.conf = add_check(node.conf, story.check)
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
    entries = [entry for event in world.take_events() for entry in _entries(event, origin)]
    begin, end = story.silent
    return [
        entry
        for entry in entries
        if not (entry.node == "a" and entry.what.startswith("advert") and begin <= entry.at <= end)
    ]


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


def add_check(conf: str, check: Mapping[str, int]) -> str:
    """Return the configuration with a script `chk`, tracked by VI_1."""
    lines = "\n".join(f"    {key} {value}" for key, value in check.items())
    script = f'vrrp_script chk {{\n    script "/usr/bin/mysql"\n{lines}\n}}\n'
    head, _, tail = conf.partition("vrrp_instance")
    addresses = "    virtual_ipaddress {"
    tail = tail.replace(addresses, "    track_script {\n        chk\n    }\n" + addresses)
    return f"{head}{script}vrrp_instance{tail}"


def _entries(event: e.Event, origin: float) -> list[Entry]:
    match event:
        case e.Log(service="keepalived"):
            return [Entry(event.at - origin, event.node, comparable(event.text))]
        case e.Advert(direction="sent"):
            return [Entry(event.at - origin, event.node, f"advert {event.priority}")]
        case _:
            return []


IGNORED = re.compile(
    r"Starting |Configuration file|Stopped Keepalived|Please log|and include|copies of|read eventfd|"
    r"(setting|removing) VIPs|Startup complete|Opening file|Sending gratuitous ARP on|"
    r"Sending unsolicited Neighbour Advert on|Netlink reports|send advert error|exited due to signal"
)


def differing_lines(measured: list[Entry], simulated: list[Entry], within: float) -> list[str]:
    """Return the lines of either side that the other lacks at about the same time."""
    unmatched = [entry for entry in simulated if not IGNORED.search(entry.what)]
    differing = []
    for entry in measured:
        if IGNORED.search(entry.what):
            continue
        alike = [o for o in unmatched if (o.node, o.what) == (entry.node, entry.what)]
        same = [o for o in alike if abs(o.at - entry.at) <= within]
        if same:
            unmatched.remove(min(same, key=lambda o: abs(o.at - entry.at)))
        else:
            differing.append(f"real      {entry.at:8.4f} {entry.node} {entry.what}")
    differing += [f"simulated {o.at:8.4f} {o.node} {o.what}" for o in unmatched]
    return sorted(differing, key=lambda line: float(line.split()[1]))


def distances(measured: list[Entry], simulated: list[Entry], within: float) -> list[float]:
    """Return the seconds between each measured line and its match in the simulation, where there is one."""
    seconds = []
    for entry in measured:
        like = [abs(o.at - entry.at) for o in simulated if (o.node, o.what) == (entry.node, entry.what)]
        if like and min(like) <= within:
            seconds.append(min(like))
    return seconds
