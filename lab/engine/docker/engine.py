"""The docker engine: makes a lab of containers, streams what happens in them, and acts on them."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from lab import events as e
from lab.actions import Action
from lab.engine.base import Emit
from lab.engine.docker import acts, build, leftovers, spec
from lab.engine.docker.connect import connect, plain, told_plainly
from lab.engine.docker.facts import to_event
from lab.engine.docker.link import Link, Message
from lab.errors import ActionFailed, EngineError, ImageMissing, LabError
from lab.topology import Layout, Topology

if TYPE_CHECKING:
    from docker import DockerClient

TICK = 0.2
KEEP_LEASE = 10.0
READY = 40.0
"""Seconds a lab may take to be ready before the start is given up."""


class DockerEngine:
    """Runs one lab on a Docker engine.

    Args:
        name: the topology's short name.
        topology: what should exist.
        context: a Docker context; None takes DOCKER_HOST or the default.
        reason: why this engine was chosen, for people.
    """

    name: ClassVar[str] = "docker"
    live: ClassVar[bool] = True

    def __init__(
        self, name: str, topology: Topology, *, context: str | None = None, reason: str = ""
    ) -> None:
        self.lab = build.new_id(name)
        self.layout = Layout.numbered(name, topology)
        self._topology, self._title = topology, name
        self._context, self._reason = context, reason
        self._client: DockerClient | None = None
        self._began = time.monotonic()
        self._offset: float | None = None
        self._emit: Emit = lambda _: None
        self._vips: frozenset[str] = frozenset()
        self.links: dict[str, Link] = {}
        self.containers: dict[str, str] = {}
        self.interfaces: dict[str, dict[str, dict[str, str]]] = {}
        self.drops: dict[str, dict[str, float]] = {}
        """network → node → per cent of other servers' frames that a cut or loss drops there."""
        self.delays: dict[str, float] = {}
        self.off: set[str] = set()
        """Nodes that we powered off, so that their end is no surprise."""
        self.paused: set[str] = set()
        self._seen = threading.Condition()
        self._answered: set[str] = set()
        self._held: set[str] = set()
        """Nodes whose keepalived waits until each mysqld answers: the election begins everywhere at once."""
        self._replicating: set[str] = set()
        self._masters: dict[str, str] = {}
        self._good = 0
        self._ended: dict[str, str] = {}
        self._stopping = threading.Event()
        self._died = False
        self._removed = threading.Lock()
        self._building = threading.Lock()

    # -- the engine's interface

    def now(self) -> float:
        """Seconds since the lab began."""
        return time.monotonic() - self._began

    def start(self, emit: Emit) -> None:
        """Builds the lab; see `lab.engine.base.Engine.start`."""
        self._emit = emit
        self._began = time.monotonic()
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def _start(self) -> None:
        with self._building:
            self._build()
        self._phase("nodes")
        self.await_ready()

    def _build(self) -> None:
        client = self._client = connect(self._context)
        with told_plainly("cannot look for the node image"):
            tag = node_image(client)
        leftovers.sweep(client)
        self._go_on()
        self.layout = build.make_networks(client, self.lab, self._title, self._topology)
        self._vips = frozenset(self.layout.vip_addresses)
        data, networks = self.layout.to_data()
        self._emit(
            [
                e.Lab(
                    at=0.0,
                    name=self._title,
                    engine=self.name,
                    reason=self._reason,
                    started=datetime.now(UTC).isoformat(timespec="seconds"),
                    topology=data,
                    subnets=networks,
                )
            ]
        )
        self._phase("image", detail=tag)
        self._phase("network", detail=", ".join(f"{n} {s}" for n, s in networks.items()))
        threading.Thread(target=self._tick, name="tick", daemon=True).start()
        self._phase("nodes", done=False)
        self._held = set(self.layout.node_names)
        with told_plainly("cannot start the containers"):
            for specs in self._specs():
                build.in_parallel(lambda data: self._boot(tag, data), specs)

    def _go_on(self) -> None:
        if self._stopping.is_set():
            raise EngineError("the lab was stopped while it was starting")

    def _specs(self) -> list[list[Message]]:
        """What to start: the servers, which take longest, before the clients."""
        from lab.keepalived import write

        layout = self.layout
        placeholders = {network: f"@{network}@" for network in layout.network_names}
        return [
            [spec.node(layout, n, write(layout, n, placeholders)) for n in layout.node_names],
            [spec.client(layout, n) for n in layout.client_names],
        ]

    def _boot(self, image: str, data: Message) -> None:
        self._go_on()
        name = data["name"]
        self.containers[name] = build.create_container(self.client, self.lab, self.layout, image, data)
        self.run(name)

    def run(self, name: str) -> None:
        """Starts a node's container and follows its agent."""
        container = self.containers[name]
        stream = build.attach(self.client, container)
        with self._seen:
            self._ended.pop(name, None)
            self._answered.discard(name)
            if name in self.layout.node_names:
                self._held.add(name)
        link = self.links[name] = Link(name, stream, self._on_facts, self._on_end)
        self.client.api.start(container)
        if self._offset is None:
            offset, uncertain = link.clock()
            self._offset = 0.0 if abs(offset) <= uncertain else offset
        self._tell(e.Node(at=self.now(), node=name, state="on"))

    @property
    def client(self) -> DockerClient:
        """The Docker client of a started lab."""
        if self._client is None:
            raise ActionFailed("the lab is not running")
        return self._client

    def act(self, action: Action) -> str:
        """Carries out one action; see `lab.engine.base.Engine.act`."""
        return acts.act(self, action)

    def check(self, node: str, text: str) -> list[str]:
        """What the node's `keepalived -t` says of a configuration text."""
        return list(self.request(node, "check", text=text)["lines"])

    def shell(self, node: str) -> int:
        """A shell in the node, on this terminal."""
        from lab.engine.docker.shell import shell

        if node in self.off or node not in self.containers:
            raise ActionFailed(f"{node} is off", f"power on {node}")
        return shell(self.client, self.containers[node])

    def stop(self) -> None:
        """Removes everything the lab made."""
        first = not self._stopping.is_set()
        self._stopping.set()
        with self._building, self._removed:  # what is being made is made first, so that it can be removed
            client, self._client = self._client, None
            if client is None:
                return
            if first:
                self._phase("stopping", done=False)
            for link in self.links.values():
                link.close()
            try:
                with told_plainly("cannot remove the lab"):
                    leftovers.remove(client, self.lab)
            except EngineError:
                if not self._died:  # that has been told
                    raise
            finally:
                client.close()
                if first:
                    self._phase("stopping")

    # -- what the other modules of this engine use

    def request(self, node: str, do: str, timeout: float = 15, **fields: Any) -> Message:
        """Asks a node's agent.

        Raises:
            ActionFailed: it refuses, is off, or does not answer.
        """
        link = self.links.get(node)
        if link is None or link.ended or node in self.off:
            raise ActionFailed(f"{node} is off", f"power on {node}")
        return link.request(do, timeout, **fields)

    def tell_node(self, node: str, state: str, reason: str = "") -> None:
        """Tells a node's power."""
        self._tell(e.Node(at=self.now(), node=node, state=state, reason=reason))

    def wait(self, true: Callable[[], bool], seconds: float) -> bool:
        """Waits for a condition on what was seen."""
        with self._seen:
            return self._seen.wait_for(lambda: true() or self._stopping.is_set(), seconds) and true()

    def forget_start(self) -> float:
        """Forgets what `ready` waits for, as a reset begins; returns the time."""
        with self._seen:
            self._held = set(self.layout.node_names)
            self._answered.clear()
            self._replicating.clear()
            self._masters.clear()
            self._good = 0
        return self.now()

    def forget_good(self) -> None:
        """Forgets the client's good answers so far."""
        with self._seen:
            self._good = 0

    def await_ready(self) -> None:
        """Waits for an elected Master and a client's good answer, telling each phase.

        Raises:
            EngineError: it did not come to that in time, or a node went off.
        """
        layout = self.layout
        instances = set(self._topology.instances)
        left: dict[str, Callable[[], bool]] = {
            "mysql": lambda: self._answered >= set(layout.node_names),
            "replication": lambda: self._replicating >= set(self._replicas()),
            "election": lambda: self._masters.keys() >= instances,
            "ready": lambda: self._good > 0 or not layout.client_names,
        }

        def met() -> list[str]:
            return [n for n, true in left.items() if true() and (n != "ready" or len(left) == 1)]

        deadline = time.monotonic() + READY
        for name in left:
            if name != "ready":
                self._phase(name, done=False)
        while left:
            self.wait(lambda: bool(met() or self._surprises()), deadline - time.monotonic())
            self._go_on()
            if gone := self._surprises():
                words = "; ".join(f"{n}: {self._ended[n] or 'its container ended'}" for n in gone)
                raise EngineError(f"a node went off while the lab was starting ({words})", "hatlab doctor")
            for name in met():
                self._phase(name)
                del left[name]
            if left and time.monotonic() > deadline:
                problem = f"the lab was not ready after {READY:g} s: no {', '.join(left)}"
                raise EngineError(problem, "is this machine overloaded?")

    # -- inside

    def _replicas(self) -> tuple[str, ...]:
        return self.layout.node_names if self._topology.replication.kind == "two-sources" else ()

    def _surprises(self) -> list[str]:
        return [n for n in self._ended if n not in self.off]

    def _phase(self, name: str, done: bool = True, detail: str = "") -> None:
        self._tell(e.Phase(at=self.now(), name=name, done=done, detail=detail))

    def _tell(self, *events: e.Event) -> None:
        self._emit(events)

    def _on_facts(self, name: str, facts: list[Message]) -> None:
        shift = (self._offset or 0.0) - self._began
        events = []
        for fact in facts:
            event = to_event(fact["t"] + shift, name, fact, self._vips)
            if event is not None:
                events.append(event)
        if events:
            self._emit(events)
        if any(fact["kind"] in ("hello", "mysql", "replication", "vrrp", "good") for fact in facts):
            self._note(name, facts)

    def _note(self, name: str, facts: list[Message]) -> None:
        with self._seen:
            for fact in facts:
                match fact["kind"]:
                    case "hello":
                        self.interfaces[name] = fact["interfaces"]
                    case "mysql":
                        self._answered.add(name)
                        self._let_go()
                    case "replication" if fact["receiver"] and fact["applier"]:
                        self._replicating.add(name)
                    case "vrrp" if fact["state"] == "MASTER":
                        self._masters[fact["instance"]] = name
                    case "good":
                        self._good += 1
            self._seen.notify_all()

    def _let_go(self) -> None:
        if self._held and self._held <= self._answered:
            for node in self._held:
                with contextlib.suppress(OSError):
                    self.links[node].send({"do": "go"})
            self._held = set()

    def _on_end(self, name: str, words: str) -> None:
        if self._stopping.is_set():
            return
        with self._seen:
            self._ended[name] = words
            self._seen.notify_all()
        if name in self.off:
            return
        threading.Thread(target=self._explain_end, args=(name, words), daemon=True).start()

    def _explain_end(self, name: str, words: str) -> None:
        """A node's stream ended without our doing: was it the node, or the whole engine?"""
        reason = words
        try:
            state = self.client.api.inspect_container(self.containers[name])["State"]
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
        self.tell_node(name, "off", reason)

    def _die(self, reason: str) -> None:
        if not self._stopping.is_set():
            self._died = True
            self._stopping.set()
            self._phase("stopping", done=False, detail=reason)
            with self._seen:
                self._seen.notify_all()

    def _tick(self) -> None:
        due = 0.0
        while not self._stopping.wait(TICK):
            self._tell(e.Tick(at=self.now()))
            if time.monotonic() >= due:
                due = time.monotonic() + KEEP_LEASE
                for link in list(self.links.values()):
                    with contextlib.suppress(OSError, LabError):
                        link.send({"do": "lease"})


def node_image(client: DockerClient) -> str:
    """The node image's name; HATLAB_IMAGE overrides it.

    Raises:
        ImageMissing: the engine has not got it.
    """
    from docker.errors import ImageNotFound

    api: Any = client.api
    own = os.environ.get("HATLAB_IMAGE")
    if not own:
        from lab.engine.docker import image

        if image.present(client):
            return image.tag()
        raise ImageMissing("the node image is not on this Docker engine", "hatlab image build")
    try:
        api.inspect_image(own)
    except ImageNotFound:
        raise ImageMissing(f"there is no image {own} (HATLAB_IMAGE)", "unset HATLAB_IMAGE") from None
    return own
