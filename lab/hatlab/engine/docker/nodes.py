"""The nodes of a lab as containers: started, followed by their agents' streams, and what their end means."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from hatlab.engine.docker import build
from hatlab.engine.docker.agent_link import Link, Message
from hatlab.engine.docker.connection import plain
from hatlab.engine.docker.emitter import Telling
from hatlab.engine.docker.facts import to_event
from hatlab.engine.docker.readiness import Readiness
from hatlab.errors import ActionFailed, LabError
from hatlab.topology import Layout

if TYPE_CHECKING:
    from docker import DockerClient

TICK = 0.2
KEEP_LEASE = 10.0


class Nodes:
    """Containers and the streams to their agents.

    Args:
        client: gives the Docker client, or raises ActionFailed when the lab does not run.
        layout: of the lab; before the start its subnets do not matter.
        telling: takes the events.
        stopping: set when the lab is to end, here too if the whole engine is gone.

    Attributes:
        vips: the lab's virtual addresses, once they are known.
        links: node → the stream to its agent.
        containers: node → the container's id.
        off: nodes that we powered off, so that their end is no surprise, and those whose end was told.
        died: whether the Docker engine went away.
    """

    def __init__(
        self, client: Callable[[], DockerClient], layout: Layout, telling: Telling, stopping: threading.Event
    ) -> None:
        self._client, self._telling, self._stopping = client, telling, stopping
        self.readiness = Readiness(layout, stopping, self._let_go)
        self.vips: frozenset[str] = frozenset()
        self.links: dict[str, Link] = {}
        self.containers: dict[str, str] = {}
        self.off: set[str] = set()
        self.died = False
        self._offset: float | None = None

    def boot(self, lab: str, layout: Layout, image: str, data: Message) -> None:
        """Makes a node's container from HATLAB_NODE and starts it."""
        self.readiness.go_on()
        name = data["name"]
        self.containers[name] = build.create_container(self._client(), lab, layout, image, data)
        self.run(name)

    def run(self, name: str) -> None:
        """Starts a node's container and follows its agent."""
        client, container = self._client(), self.containers[name]
        stream = build.attach(client, container)
        self.readiness.booting(name)
        link = self.links[name] = Link(name, stream, self._on_facts, self._on_end)
        client.api.start(container)
        if self._offset is None:
            offset, uncertain = link.clock()
            self._offset = 0.0 if abs(offset) <= uncertain else offset
        self._telling.node(name, "on")

    def request(self, node: str, do: str, timeout: float = 15, **fields: Any) -> Message:
        """Asks a node's agent; see `Link.request`."""
        link = self.links.get(node)
        if link is None or link.ended or node in self.off:
            raise ActionFailed(f"{node} is off", f"power on {node}")
        return link.request(do, timeout, **fields)

    def surprises(self) -> list[str]:
        """Nodes that went off without our doing."""
        return [n for n in self.readiness.ended if n not in self.off]

    def tick(self) -> None:
        """Tells the time and renews the agents' leases until the lab ends; a thread's work."""
        due = 0.0
        while not self._stopping.wait(TICK):
            self._telling.tick()
            if time.monotonic() >= due:
                due = time.monotonic() + KEEP_LEASE
                for link in list(self.links.values()):
                    with contextlib.suppress(OSError, LabError):
                        link.send({"do": "lease"})

    def close(self) -> None:
        """Ends every stream."""
        for link in self.links.values():
            link.close()

    # -- what the links tell

    def _let_go(self, node: str) -> None:
        with contextlib.suppress(OSError):
            self.links[node].send({"do": "go"})

    def _on_facts(self, name: str, facts: list[Message]) -> None:
        shift = (self._offset or 0.0) - self._telling.began
        events, macs = [], self.readiness.macs
        for fact in facts:
            event = to_event(fact["t"] + shift, name, fact, self.vips, macs)
            if event is not None:
                events.append(event)
        if events:
            self._telling.events(events)
        self.readiness.note(name, facts)

    def _on_end(self, name: str, words: str) -> None:
        if self._stopping.is_set():
            return
        self.readiness.end(name, words)
        if name in self.off:
            return
        threading.Thread(target=self._explain_end, args=(name, words), daemon=True).start()

    def _explain_end(self, name: str, words: str) -> None:
        """A node's stream ended without our doing: was it the node, or the whole engine?"""
        reason = words
        try:
            state = self._client().api.inspect_container(self.containers[name])["State"]
            reason = words or f"its container ended (exit code {state['ExitCode']})"
        except Exception as error:  # noqa: BLE001 - any failure to ask is part of the answer
            if self._stopping.is_set():
                return
            if "No such container" in str(error):
                reason = "its container was removed"
            else:
                self._die(f"the Docker engine is gone: {plain(error)}")
                return
        self.off.add(name)
        self._telling.node(name, "off", reason)

    def _die(self, reason: str) -> None:
        if not self._stopping.is_set():
            self.died = True
            self._stopping.set()
            self._telling.phase("stopping", done=False, detail=reason)
            self.readiness.wake()
