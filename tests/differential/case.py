"""One experiment: a keepalived.conf for each node, the files beside it, and what is done when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from ipaddress import ip_address, ip_interface
from typing import Any, Self

DEVICES = ("eth0", "eth1")
"""The interfaces that each node has; each is on a network with all others of its name."""
FIRST_OCTET = 11
"""Last octet of the first node's own addresses; the second node has the next one."""
VERBS = ("start", "stop", "kill", "kill-child", "freeze", "thaw", "edit", "write", "remove", "down", "up")
"""What can be done, besides `deaf`, `hears` and `delete`."""


def subnet(device: str, *, ipv6: bool = False) -> str:
    """Return what stands before the last part of each address on a device's network, dot or colons too."""
    number = DEVICES.index(device)
    return f"fd00:198:18:{number}::" if ipv6 else f"198.18.{number}."


@dataclass(frozen=True, slots=True)
class Step:
    """Something done to a node at a time in seconds.

    start, stop, kill, freeze, thaw     its keepalived: SIGTERM, or a signal to all of its processes
    kill-child                          its VRRP process
    edit OLD => NEW                     a line of its keepalived.conf (NEW may hold \\n), and a reload
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

    def octet(self, node: str) -> int:
        """Return the last octet of a node's own addresses."""
        return FIRST_OCTET + list(self.confs).index(node)

    @property
    def speaks_ipv6(self) -> bool:
        """True if a node has an IPv6 address in its keepalived.conf; then all have one of their own."""
        return any(subnet(device, ipv6=True) in conf for device in DEVICES for conf in self.confs.values())

    def addresses(self, node: str, device: str) -> tuple[str, ...]:
        """Return a node's own addresses on one of its devices, without prefix length."""
        families = (False, True) if self.speaks_ipv6 else (False,)
        return tuple(str(ip_address(f"{subnet(device, ipv6=six)}{self.octet(node)}")) for six in families)

    def loopback_addresses(self) -> set[str]:
        """Return the virtual addresses that are set on `lo`, where a lab does not watch them."""
        lines = (line for _, conf in self.texts() for line in conf.splitlines() if " dev lo" in line)
        return {str(ip_interface(line.split()[0]).ip) for line in lines}

    def own_addresses(self) -> set[str]:
        """Return the addresses that nodes have from the beginning, but for link-local ones."""
        return {
            address for node in self.confs for device in DEVICES for address in self.addresses(node, device)
        }

    def resolved_steps(self) -> Iterator[tuple[Step, str]]:
        """Yield each step, and of an edit the whole new text."""
        texts = dict(self.confs)
        for step in self.steps:
            if step.verb == "edit":
                texts[step.node] = _edited(texts[step.node], step.words)
                yield step, texts[step.node]
            else:
                yield step, ""

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield (node, text) of every keepalived.conf that a node has in the course of the case."""
        yield from self.confs.items()
        yield from ((step.node, text) for step, text in self.resolved_steps() if text)

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


def _edited(text: str, change: str) -> str:
    """Return a configuration with each line OLD of a change in NEW's place."""
    old, _, new = change.partition("=>")
    instead = "".join(f"{line}\n" for line in new.strip().split("\\n") if line)
    lines = (
        instead if old.strip() and line.strip() == old.strip() else line for line in text.splitlines(True)
    )
    return "".join(lines)
