"""The docker engine: makes a lab of containers, streams what happens in them, and acts on them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from hatlab import events as e
from hatlab.actions import Action
from hatlab.engine.base import Emit
from hatlab.engine.docker import actions as acts
from hatlab.engine.docker import build, image
from hatlab.engine.docker import cleanup as leftovers
from hatlab.engine.docker import container_spec as spec
from hatlab.engine.docker.agent_link import Message
from hatlab.engine.docker.connection import connect, told_plainly
from hatlab.engine.docker.emitter import Telling
from hatlab.engine.docker.nodes import Nodes
from hatlab.engine.startup_errors import fault_failed, statement_failed
from hatlab.errors import ActionFailed, EngineError
from hatlab.topology import Layout, Topology

if TYPE_CHECKING:
    from docker import DockerClient


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
        self._stopping = threading.Event()
        self._telling = Telling()
        nodes = self._nodes = Nodes(lambda: self.client, self.layout, self._telling, self._stopping)
        self._readiness = nodes.readiness
        self.links, self.containers, self.off = nodes.links, nodes.containers, nodes.off
        self.interfaces = self._readiness.interfaces
        self.drops: dict[str, dict[str, float]] = {}
        """network → node → per cent of other servers' frames that a cut or loss drops there."""
        self.delays: dict[str, float] = {}
        self.paused: set[str] = set()
        self._removed = threading.Lock()
        self._building = threading.Lock()

    # -- the engine's interface

    def now(self) -> float:
        """Seconds since the lab began."""
        return self._telling.now()

    def start(self, emit: Emit) -> None:
        """Builds the lab; see `hatlab.engine.base.Engine.start`."""
        self._telling.begin(emit)
        try:
            with self._building:
                self._build()
            self._telling.phase("nodes")
            self.await_ready()
        except BaseException:
            self.stop()
            raise

    def _build(self) -> None:
        client = self._client = connect(self._context)
        with told_plainly("cannot look for the node image"):
            tag = image.chosen(client)
        leftovers.sweep(client)
        self._readiness.go_on()
        self.layout = build.make_networks(client, self.lab, self._title, self._topology)
        self._nodes.vips = frozenset(self.layout.vip_addresses)
        data, networks = self.layout.to_data()
        self._telling.events(
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
        self._telling.phase("image", detail=tag)
        self._telling.phase("network", detail=", ".join(f"{n} {s}" for n, s in networks.items()))
        threading.Thread(target=self._nodes.tick, name="tick", daemon=True).start()
        self._telling.phase("nodes", done=False)
        with told_plainly("cannot start the containers"):
            for specs in spec.containers(self.layout):
                build.in_parallel(lambda data: self._nodes.boot(self.lab, self.layout, tag, data), specs)

    @property
    def client(self) -> DockerClient:
        """The Docker client of a started lab."""
        if self._client is None:
            raise ActionFailed("the lab is not running")
        return self._client

    def act(self, action: Action) -> str:
        """Carries out one action; see `hatlab.engine.base.Engine.act`."""
        return acts.act(self, action)

    def check(self, node: str, text: str) -> list[str]:
        """What the node's `keepalived -t` says of a configuration text."""
        return list(self.request(node, "check", text=text)["lines"])

    def shell(self, node: str) -> int:
        """A shell in the node, on this terminal."""
        from hatlab.engine.docker.shell import shell

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
                self._telling.phase("stopping", done=False)
            self._nodes.close()
            try:
                with told_plainly("cannot remove the lab"):
                    leftovers.remove(client, self.lab)
            except EngineError:
                if not self._nodes.died:  # that has been told
                    raise
            finally:
                client.close()
                if first:
                    self._telling.phase("stopping")

    # -- what the other modules of this engine use

    def run(self, name: str) -> None:
        """Starts a node's container and follows its agent."""
        self._nodes.run(name)

    def request(self, node: str, do: str, timeout: float = 15, **fields: Any) -> Message:
        """Asks a node's agent.

        Raises:
            ActionFailed: it refuses, is off, or does not answer.
        """
        return self._nodes.request(node, do, timeout, **fields)

    def tell_node(self, node: str, state: str, reason: str = "") -> None:
        """Tells a node's power."""
        self._telling.node(node, state, reason)

    def wait(self, true: Callable[[], bool], seconds: float) -> bool:
        """Waits for a condition on what was seen."""
        return self._readiness.wait(true, seconds)

    def forget_start(self) -> float:
        """Forgets what `ready` waits for, as a reset begins; returns the time."""
        self._readiness.forget_start()
        return self.now()

    def forget_good(self) -> None:
        """Forgets the client's good answers so far."""
        self._readiness.forget_good()

    def await_ready(self) -> None:
        """Waits until the lab is ready; see `Readiness.wait_until_ready`."""
        before = {"ready": self._begin_faults}
        if self.layout.topology.sql:
            before["sql"] = self._begin_sql
        self._readiness.wait_until_ready(self._telling, self._nodes.surprises, before)

    def _begin_sql(self) -> None:
        for node, statements in self.layout.topology.sql.items():
            for number, statement in enumerate(statements, 1):
                try:
                    self.request(node, "sql", 30, statement=statement)
                except ActionFailed as error:
                    raise statement_failed(node, number, statement, error.message) from None

    def _begin_faults(self) -> None:
        for fault in self.layout.faults():
            try:
                acts.act(self, fault)
            except ActionFailed as error:
                raise fault_failed(fault, error.message) from None
