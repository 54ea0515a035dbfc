"""The docker engine: makes a lab of containers, streams what happens in them, and acts on them."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from concurrent.futures import wait
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, ClassVar, TypeVar

from hatlab import events as e
from hatlab.actions import Action
from hatlab.engine.action_outcomes import node_is_off
from hatlab.engine.base import Emit, IsHeld, OnLine
from hatlab.engine.docker import actions, cleanup, lab_records
from hatlab.engine.docker.connection import connect, plain_errors
from hatlab.engine.docker.construction import Construction
from hatlab.engine.docker.containers import Containers
from hatlab.engine.docker.disk_watch import disk_quota
from hatlab.engine.docker.event_emitter import EventEmitter
from hatlab.engine.docker.image.name import choose_image
from hatlab.engine.docker.node_shell import open_shell, run_line
from hatlab.engine.docker.parallel import on_daemon_thread
from hatlab.engine.docker.repair import Repair
from hatlab.engine.docker.switch import obstacle_to_isolation
from hatlab.engine.docker.syscall_filter import syscall_filter
from hatlab.engine.startup_errors import fault_failed, statement_failed
from hatlab.errors import ActionFailed, EngineError, UserError
from hatlab.topology import Layout, Topology

if TYPE_CHECKING:
    from docker import DockerClient

    from hatlab.engine.docker.watched_client import CallWatch

GIVE_UP_AFTER = 15.0
"""Seconds without an answer after which an engine is not waited for any longer to do or remove anything."""
HANGS_AFTER = 5.0
"""Seconds without an answer after which an engine counts as hanging, once somebody wants to leave."""
LAST_CHANCE = 0.5
"""Seconds that such an engine still gets."""
LEASE_ENDS_IT = (
    "its containers end by themselves within 90 s; once Docker answers again, hatlab down removes the rest"
)
WAIT_SLICE = 0.25
"""Seconds between two looks whether the engine still answers."""


T = TypeVar("T")


class _Silence(Exception):
    """The engine has not answered for long; the message says so."""


class DockerEngine:
    """Runs one lab on a Docker engine.

    Args:
        name: the topology's short name.
        topology: what should exist.
        context: a Docker context; None means DOCKER_HOST or the default.
        reason: why this engine was chosen, for people.
        on_slow: hears a sentence while Docker takes long to answer.
    """

    name: ClassVar[str] = "docker"
    live: ClassVar[bool] = True

    def __init__(
        self,
        name: str,
        topology: Topology,
        *,
        context: str | None = None,
        reason: str = "",
        on_slow: Callable[[str], None] | None = None,
    ) -> None:
        self.lab = f"{name}-{secrets.token_hex(2)}"
        """The lab's id."""
        self.layout = Layout.numbered(name, topology)
        self._topology, self._title = topology, name
        self._context, self._reason, self._on_slow = context, reason, on_slow
        self._client: DockerClient | None = None
        self._watch: CallWatch | None = None
        """Which calls the engine has not answered, None before the first."""
        self._given_up = False
        """True once nobody wants to wait for a silent engine."""
        self._record: lab_records.HeldRecord | None = None
        self._repair: Repair | None = None
        self._not_removed: EngineError | None = None
        """What is left of the lab, and why."""
        self._stopping = threading.Event()
        self._emitter = EventEmitter()
        self._containers = Containers(lambda: self.client, self.layout, self._emitter, self._stopping)
        self._startup = self._containers.startup
        self.containers, self.off = self._containers.ids, self._containers.off
        self.interfaces = self._startup.interfaces
        self.drops: dict[str, dict[str, float]] = {}
        self.delays: dict[str, float] = {}
        self.paused: set[str] = set()
        # what actions need, as the parts of the lab do it; see `hatlab.engine.docker.actions.ActionTarget`
        self.request = self._containers.request
        self.kill_container, self.restart_container = self._containers.kill, self._containers.restart
        self.report_power = self._emitter.power
        self.wait, self.forget_answers = self._startup.wait, self._startup.forget_answers
        self._removal = threading.Lock()
        self._construction = threading.Lock()

    # -- the engine's interface

    def now(self) -> float:
        """Seconds since the lab began."""
        return self._emitter.now()

    def start(self, emit: Emit) -> None:
        """Build the lab; see `hatlab.engine.base.Engine.start`."""
        self._emitter.begin(emit)
        try:
            with self._construction:
                self._build()
            self._emitter.phase("nodes")
            self.await_ready()
        except BaseException:
            self.stop()
            raise

    def _build(self) -> None:
        """Make the networks and start every container."""
        client = self._client = connect(self._context, on_slow=self._on_slow)
        self._watch = client.watch
        with plain_errors("cannot look for the node image"):
            image = choose_image(client)
        with plain_errors("cannot ask the engine for its name"):
            place = lab_records.find_place(client, self._context)
        cleanup.remove_own_dead_labs(client, place)
        self._startup.check_not_stopping()
        unrecorded = self._record_lab(place)
        image_id = str(client.images.get(image).id)  # a name can be taken away meanwhile
        with plain_errors("cannot ask the engine what it is"):
            obstacle = obstacle_to_isolation(client, self._topology)
            info = client.info()
            self._containers.security = syscall_filter(client.version(), info)
            self._containers.storage = disk_quota(info)
        notes = []
        if unrecorded:
            notes.append(
                f"this lab has no record ({unrecorded}); if hatlab is killed: hatlab down --lab {self.lab}"
            )
        begin = partial(self._begin, image, notes)
        Construction(
            client, self.lab, self._title, self._topology, image, self._containers, on_networks=begin
        ).build(obstacle)
        self._repair = Repair(client, self.lab, self.layout, image_id, self._containers)
        self._tell_missing_programs()

    def _begin(self, image: str, notes: list[str], layout: Layout) -> None:
        """Tell of the lab, whose networks are there, and let its time run."""
        self.layout = layout
        self._containers.vips = frozenset(self.layout.vip_addresses)
        self._emit_lab(image)
        for note in notes:
            self._say(note)
        self._emitter.phase("nodes", done=False)
        threading.Thread(target=self._containers.run_clock, name="tick", daemon=True).start()
        disk = partial(self._containers.watch_disk, self.lab)
        threading.Thread(target=disk, name="disk", daemon=True).start()

    def _say(self, text: str) -> None:
        """Tell something of the whole lab, in the log."""
        node = self.layout.node_names[0]
        self._emitter.emit([e.Log(at=self.now(), node=node, service="hatlab", text=text)])

    def _record_lab(self, place: lab_records.EnginePlace) -> str:
        """Write down that the lab is one's own, before anything is made; return why that failed."""
        try:
            self._record = lab_records.write_record(self.lab, self._title, place)
        except (OSError, UserError) as error:
            return getattr(error, "strerror", None) or str(error)
        self._containers.owner = self._record.token
        return ""

    def _emit_lab(self, image: str) -> None:
        """Emit the event that every lab begins with, and the phases that are done."""
        topology, subnets = self.layout.to_data()
        started = datetime.now(UTC).isoformat(timespec="seconds")
        self._emitter.emit(
            [
                e.Lab(
                    at=0.0,
                    name=self._title,
                    engine=self.name,
                    reason=self._reason,
                    started=started,
                    topology=topology,
                    subnets=subnets,
                )
            ]
        )
        self._emitter.phase("image", detail=image)
        self._emitter.phase("network", detail=", ".join(f"{n} {s}" for n, s in subnets.items()))

    def _tell_missing_programs(self) -> None:
        """Say what scripts of the configurations need and a node does not have."""
        from hatlab.keepalived import select_lines
        from hatlab.keepalived.assume import assume_checks
        from hatlab.keepalived.lab_programs import missing_in_lab

        events = []
        for node in self.layout.server_names:
            spec = self.layout.topology.nodes[node]
            files = {path: file.content for path, file in spec.files.items()}
            text = assume_checks(spec.conf or "", self.layout.topology.assume)
            told = missing_in_lab(select_lines(text, node), files, simulated=False)
            events += [e.Log(at=self.now(), node=node, service="hatlab", text=line) for line in told]
        if events:
            self._emitter.emit(events)

    @property
    def client(self) -> DockerClient:
        """The Docker client of a started lab."""
        if self._client is None:
            raise ActionFailed("the lab is not running")
        return self._client

    def act(self, action: Action) -> str:
        """Carry out one action; see `hatlab.engine.base.Engine.act`."""
        try:
            return self._watched(lambda: actions.act(self, action), GIVE_UP_AFTER)
        except _Silence as silence:
            problem = f"{silence}, so nobody knows whether this was done"
            raise ActionFailed(problem, "restart Docker, or wait until it answers", definite=False) from None

    def check(self, node: str, text: str) -> list[str]:
        """Return what the node's `keepalived -t` says about a configuration text."""
        return list(self.request(node, "check", text=text)["lines"])

    def shell(self, node: str, on_line: OnLine | None = None, is_held: IsHeld | None = None) -> int:
        """Open a shell in the node, on this terminal."""
        return open_shell(self.client, self._running_container(node), on_line=on_line, is_held=is_held)

    def run_line(self, node: str, line: str) -> str:
        """Run a line in a node's shell; return what it prints."""
        return run_line(self.client, self._running_container(node), line)

    def _running_container(self, node: str) -> str:
        if node in self.off or node not in self.containers:
            raise node_is_off(node)
        return self.containers[node]

    def stop(self) -> None:
        """Remove everything the lab made.

        Raises:
            EngineError: something is left, or the engine does not answer; what was made ends by its lease.
        """
        first = not self._stopping.is_set()
        self._stopping.set()
        hangs = self._silence > HANGS_AFTER
        patience = min(GIVE_UP_AFTER, self._silence + LAST_CHANCE) if hangs else GIVE_UP_AFTER
        try:
            self._watched(lambda: self._remove_all(first), patience)
        except _Silence as silence:
            self._given_up = True
            raise EngineError(f"{silence}, so lab {self.lab} was not removed", LEASE_ENDS_IT) from None

    @property
    def waiting(self) -> str:
        """See `hatlab.engine.base.AsksEngine.waiting`."""
        return self._watch.sentence if self._watch is not None else ""

    def give_up(self) -> bool:
        """See `hatlab.engine.base.AsksEngine.give_up`."""
        self._given_up = bool(self.waiting)
        return self._given_up

    @property
    def _silence(self) -> float:
        """Seconds that the engine has not answered."""
        return self._watch.silence if self._watch is not None else 0.0

    def _watched(self, work: Callable[[], T], patience: float) -> T:
        """Return what `work` returns, and do not wait for it where the engine is silent for long.

        Raises:
            _Silence: it was silent for longer than `patience` seconds, or somebody gave up; `work` may go on.
        """
        outcome = on_daemon_thread(work, "engine-work")
        while not outcome.done():
            wait([outcome], WAIT_SLICE)
            silence = self._silence
            if not outcome.done() and silence > (0 if self._given_up else patience):
                raise _Silence(f"Docker has not answered for {silence:.0f} s")
        return outcome.result()

    def _remove_all(self, first: bool) -> None:
        with self._construction, self._removal:  # what is being made is made first, so it can be removed
            client, self._client = self._client, None
            if client is None:
                if self._not_removed is not None:  # whoever asks hears it, not only who was first
                    raise self._not_removed
                return
            if first:
                self._emitter.phase("stopping", done=False)
            self._containers.close()
            try:
                self._remove(client)
            except EngineError:
                if not self._containers.engine_lost:  # that has been reported
                    raise
            finally:
                client.close()
                if self._record is not None:
                    self._record.release()
                if first:
                    self._emitter.phase("stopping")

    def _remove(self, client: DockerClient) -> None:
        """Remove everything the lab made, and its record once the engine says that all is gone.

        Raises:
            EngineError: something is left; the record stays, for `hatlab down`.
        """
        with plain_errors("cannot remove the lab"):
            removal = cleanup.remove_lab(client, self.lab)
        if removal.left:
            self._not_removed = EngineError(removal.problem, removal.hint)
            raise self._not_removed
        if self._record is not None:
            self._record.end()

    # -- what actions need; see `hatlab.engine.docker.actions.ActionTarget`

    @property
    def repair(self) -> Repair:
        """What checks and repairs the nodes of a started lab."""
        if self._repair is None:
            raise ActionFailed("the lab is not running")
        return self._repair

    def forget_start(self) -> float:
        """Forget what a start waits for, as a reset begins; return the time."""
        self._startup.reset()
        return self.now()

    def await_ready(self) -> None:
        """Wait until the lab is ready; see `Startup.wait_until_ready`."""
        tasks = {"ready": self._apply_faults}
        if self.layout.topology.sql:
            tasks["sql"] = self._run_sql
        self._startup.wait_until_ready(self._emitter, self._containers.ended_unexpectedly, tasks)

    def _run_sql(self) -> None:
        for node, statements in self.layout.topology.sql.items():
            for number, statement in enumerate(statements, 1):
                try:
                    self.request(node, "sql", 30, statement=statement)
                except ActionFailed as error:
                    raise statement_failed(node, number, statement, error.message) from None

    def _apply_faults(self) -> None:
        for fault in self.layout.initial_faults():
            try:
                self.act(fault)
            except ActionFailed as error:
                raise fault_failed(fault, error.message) from None
