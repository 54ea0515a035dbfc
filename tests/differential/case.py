"""One experiment: a keepalived.conf for each node, the files beside it, and what is done when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

DEVICES = ("eth0", "eth1")
"""The interfaces that each node has; each is on a network with all others of its name."""
FIRST_OCTET = 11
"""Last octet of the first node's own addresses; the second node has the next one."""
VERBS = ("start", "stop", "kill", "kill-child", "freeze", "thaw", "edit", "write", "remove", "down", "up")
"""What can be done, besides `deaf`, `hears` and `delete`."""


def subnet(device: str) -> str:
    """Return the first three octets of the addresses on a device's network."""
    return f"198.18.{DEVICES.index(device)}"


@dataclass(frozen=True, slots=True)
class Step:
    """Something done to a node at a time in seconds.

    start, stop, kill, freeze, thaw     its keepalived: SIGTERM, or a signal to all of its processes
    kill-child                          its VRRP process
    edit OLD => NEW                     replaces text in its keepalived.conf, and reloads
    write PATH TEXT, remove PATH        a file
    down DEVICE, up DEVICE              an interface
    deaf DEVICE, hears DEVICE           what arrives there is dropped, or taken again
    delete ADDRESS                      by hand, from the interface that holds it
    """

    at: float
    verb: str
    node: str
    words: str = ""

    def __str__(self) -> str:
        return f"{self.at:g} {self.verb} {self.node} {self.words}".rstrip()

    @classmethod
    def parse(cls, line: str) -> Self:
        """Read what `str` wrote."""
        at, verb, node, *rest = line.split(" ", 3)
        return cls(float(at), verb, node, rest[0] if rest else "")


@dataclass(frozen=True, slots=True)
class Case:
    """One experiment."""

    confs: Mapping[str, str]
    """Node → the text of its keepalived.conf."""
    steps: tuple[Step, ...]
    """In order of time."""
    length: float
    """Seconds."""
    files: Mapping[str, str] = field(default_factory=dict)
    """Path → text of the files that each node has besides."""

    def address(self, node: str, device: str) -> str:
        """Return a node's own address on one of its devices."""
        return f"{subnet(device)}.{FIRST_OCTET + list(self.confs).index(node)}"

    def own_addresses(self) -> set[str]:
        """Return the addresses that nodes have from the beginning."""
        return {self.address(node, device) for node in self.confs for device in DEVICES}

    def resolved_steps(self) -> Iterator[tuple[Step, str]]:
        """Yield each step, and of an edit the whole new text."""
        texts = dict(self.confs)
        for step in self.steps:
            if step.verb == "edit":
                old, _, new = step.words.partition(" => ")
                texts[step.node] = texts[step.node].replace(old, new)
                yield step, texts[step.node]
            else:
                yield step, ""

    def with_times(self, times: list[float]) -> Case:
        """Return the case with these times of its steps."""
        steps = zip(self.steps, times, strict=True)
        return replace(self, steps=tuple(replace(step, at=at) for step, at in steps))

    def to_data(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "confs": dict(self.confs),
            "files": dict(self.files),
            "steps": [str(step) for step in self.steps],
            "length": self.length,
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_data` wrote."""
        steps = tuple(map(Step.parse, data["steps"]))
        return cls(data["confs"], steps, data["length"], data.get("files", {}))
