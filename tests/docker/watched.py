"""A running Docker lab whose events a test can wait for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from hatlab import events as e
from hatlab.actions import parse
from hatlab.engine.docker.engine import DockerEngine
from hatlab.topology import Topology
from hatlab.topology.library import load_topology

E = TypeVar("E", bound=e.Event)
LONG = 40.0
"""Seconds after which a wait is given up: a busy machine may need many of those that keepalived does not."""


class Watched:
    """A lab, two-node by default, and everything it told, in the order in which it arrived."""

    def __init__(self, topology: Topology | None = None) -> None:
        self.engine = DockerEngine("two-node", topology or load_topology("two-node"))
        self.events: list[e.Event] = []
        self._changed = threading.Condition()

    def start(self) -> None:
        self.engine.start(self._take)

    def _take(self, events: Sequence[e.Event]) -> None:
        with self._changed:
            self.events.extend(events)
            self._changed.notify_all()

    @property
    def vip(self) -> str:
        return self.engine.layout.vip_addresses[0]

    def do(self, line: str) -> str:
        return self.engine.act(parse(line, self.engine.layout))

    def now(self) -> float:
        return self.engine.now()

    def all(self, kind: type[E], since: float = -1.0, **fields: Any) -> list[E]:
        """Events of a kind with these fields, observed after `since`, by their time."""
        with self._changed:
            found = [
                event
                for event in self.events
                if isinstance(event, kind)
                and event.at > since
                and all(getattr(event, name) == value for name, value in fields.items())
            ]
        return sorted(found, key=lambda event: event.at)

    def wait(self, kind: type[E], since: float = -1.0, **fields: Any) -> E:
        """The first such event; waits for it."""
        self.until(lambda: bool(self.all(kind, since, **fields)), f"{kind.kind} {fields}")
        return self.all(kind, since, **fields)[0]

    def until(self, true: Callable[[], bool], what: str) -> None:
        with self._changed:
            assert self._changed.wait_for(true, LONG), f"no {what} within {LONG:g} s"

    def owners(self) -> set[str]:
        """Nodes whose interfaces hold the virtual address."""
        held: dict[str, bool] = {}
        for event in self.all(e.Address, address=self.vip):
            held[event.node] = event.held
        return {node for node, holds in held.items() if holds}

    def states(self) -> dict[str, str]:
        """What each keepalived reported last."""
        return {event.node: event.state for event in self.all(e.Vrrp)}

    def healthy(self) -> None:
        """Waits until db1 is Master alone and holds the address, after a reset if need be."""
        want = {"db1": "MASTER", "db2": "BACKUP"}
        if self.states() != want or self.owners() != {"db1"}:
            self.do("reset")
        self.until(lambda: self.states() == want and self.owners() == {"db1"}, "healthy lab")
