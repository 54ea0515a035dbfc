"""Creates and starts a lab's containers, follows their agents' streams, and finds out why one ended."""

from __future__ import annotations

import contextlib
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from hatlab import events as e
from hatlab.engine.action_outcomes import node_is_off
from hatlab.engine.docker import disk_watch
from hatlab.engine.docker.agent_facts import check_fact, fact_to_event
from hatlab.engine.docker.agent_link import AgentLink, Message
from hatlab.engine.docker.connection import is_caused_by, one_line
from hatlab.engine.docker.container_config import (
    LEASE,
    AgentSettings,
)
from hatlab.engine.docker.container_creation import create_container
from hatlab.engine.docker.event_emitter import EventEmitter
from hatlab.engine.docker.node_shell import run_line
from hatlab.engine.docker.second_look import LOOK, LastFacts, read_look
from hatlab.engine.docker.silent_faults import SilentFaults
from hatlab.engine.docker.sockets import close_socket, unwrap_socket
from hatlab.engine.docker.startup import Startup
from hatlab.engine.docker.switch import Switch
from hatlab.engine.docker.wall import Wall
from hatlab.engine.docker.wall_keeper import WallKeeper
from hatlab.errors import LabError, UserError
from hatlab.topology import Layout

if TYPE_CHECKING:
    from docker import DockerClient

TICK = 0.2
"""Seconds between two ticks."""
RENEW_LEASE = 10.0
"""Seconds after which the agents hear that hatlab is still there."""
TELL_STRANGE = 5.0
"""Seconds at least between two events about lines that are no facts."""
ATTACH_AGAIN = 2.0
"""Seconds between two tries to follow a running container whose stream ended."""
_FUTURE = 5.0
"""Seconds that a fact may lie ahead of our clock, as the two are measured to some milliseconds."""


class Containers:
    """A lab's containers and the streams to their agents.

    Args:
        client: returns the Docker client, or raises ActionFailed if the lab does not run.
        layout: of the lab; before the start its subnets do not matter.
        emitter: takes the events.
        stopping: set when the lab shall end; set here too if the whole Docker engine is gone.
    """

    def __init__(
        self,
        client: Callable[[], DockerClient],
        layout: Layout,
        emitter: EventEmitter,
        stopping: threading.Event,
    ) -> None:
        self._client, self._emitter, self._stopping = client, emitter, stopping
        self._layout = layout
        self.startup = Startup(layout, stopping, self._release_keepalived)
        self.vips: frozenset[str] = frozenset()
        """The lab's virtual addresses, once they are known."""
        self._switch: Switch | None = None
        """What carries the networks, if they are isolated."""
        self._wall: WallKeeper | None = None
        """What keeps the machine off them, if they are ordinary bridges."""
        self._links: dict[str, AgentLink] = {}
        """Node → the stream to its agent."""
        self.ids: dict[str, str] = {}
        """Node → its container's id."""
        self.off: set[str] = set()
        """Nodes that an action powered off, and those whose unexpected end has been reported."""
        self.engine_lost = False
        """True once the Docker engine went away."""
        self.security: list[str] = []
        """Security options that every node gets besides its own."""
        self.storage: Mapping[str, str] = {}
        """How the engine itself limits a node's disk, if it can."""
        self.owner = ""
        """The token of the lab's record."""
        self.started_at: dict[str, str] = {}
        """Node → when the engine says that hatlab started it last."""
        self._clock_offset: float | None = None
        self._silent_faults = SilentFaults()
        self._last_facts: dict[str, LastFacts] = {}
        self._strange: Counter[str] = Counter()
        """Node → lines on its standard output that are no facts, and that have not been told of yet."""
        self._strange_due = 0.0

    def create(
        self,
        lab: str,
        layout: Layout,
        image: str,
        settings: AgentSettings,
        await_networks: Callable[[], None] = lambda: None,
    ) -> None:
        """Make a node's container; see `create_container`."""
        self.startup.check_not_stopping()
        settings = {**settings, "token": True}
        self.ids[settings["name"]] = create_container(
            self._client(),
            lab,
            layout,
            image,
            settings,
            self.owner,
            self.security,
            await_networks,
            self.storage,
        )

    def start_switch(
        self, lab: str, layout: Layout, image: str, await_bridges: Callable[[], None] = lambda: None
    ) -> None:
        """Start what carries the networks, once `await_bridges` returns."""
        self.startup.check_not_stopping()
        self._switch = Switch(self._client(), lab, layout, image, self.owner, await_bridges)

    def forget_created(self) -> None:
        """Forget all that was made for a lab of which no node was started: it was removed."""
        self.ids.clear()
        if self._switch is not None:
            self._switch.close()
            self._switch = None

    def put_up_wall(self, lab: str, layout: Layout, image: str, obstacle: str) -> None:
        """Keep the machine off ordinary bridges; where that cannot be, say so in the log."""
        self.startup.check_not_stopping()
        make = partial(Wall, self._client(), lab, layout, image, self.owner)
        self._wall = WallKeeper(make, lab, layout, obstacle, partial(self._say, layout.node_names[0]))
        self._wall.put_up()

    def close_off(self, node: str) -> None:
        """Keep the machine off the bridges that a node has just come to, if they are ordinary ones."""
        if self._wall:
            self._wall.close_off(node)

    @property
    def is_isolated(self) -> bool:
        """True if the lab's networks are on a switch of its own."""
        return self._switch is not None

    def restore_switch_or_wall(self, lab: str, layout: Layout, image: str) -> bool:
        """Start what carries the networks, or keeps the machine off them, again; True if it was the first."""
        if self._wall is not None:
            self._wall.restore()
        if self._switch is None or self._switch.runs():
            return False
        self._switch.remove()
        self.start_switch(lab, layout, image)
        return True

    def start(self, node: str) -> None:
        """Start a node's container and follow its agent."""
        client, container = self._client(), self.ids[node]
        stream = attach(client, container)
        self.startup.on_boot(node)
        link = self._follow(node, stream, secrets.token_hex(8))
        client.api.start(container)
        self.close_off(node)
        self.started_at[node] = client.api.inspect_container(container)["State"]["StartedAt"]
        with contextlib.suppress(OSError):  # the first request says so
            link.send({"do": "token", "token": link.token})
        if self._clock_offset is None:
            offset, uncertainty = link.clock_offset()
            self._clock_offset = 0.0 if abs(offset) <= uncertainty else offset
        self._emitter.power(node, "on")

    def _follow(self, node: str, stream: Any, token: str) -> AgentLink:
        """Follow a node's agent, which puts this token before each of its lines."""
        link = AgentLink(node, stream, self._on_facts, self._on_end, self._on_strange, token)
        self._links[node] = link
        return link

    def restart(self, node: str) -> None:
        """Start the container of a node that is off, once more."""
        if link := self._links.pop(node, None):
            link.close()
        self.startup.interfaces.pop(node, None)
        self._last_facts.pop(node, None)
        self.start(node)

    def is_heard(self, node: str) -> bool:
        """True while the stream to a node's agent is open."""
        link = self._links.get(node)
        return link is not None and not link.ended and node not in self.off

    def note_off(self, node: str, reason: str) -> None:
        """Count a node as off, and say so once."""
        if node not in self.off:
            self.off.add(node)
            self._emitter.power(node, "off", reason)

    def kill(self, node: str) -> None:
        """End a node's container at once."""
        self._client().api.kill(self.ids[node])

    def request(self, node: str, do: str, timeout: float = 15, **fields: Any) -> Message:
        """Ask a node's agent; see `AgentLink.request`."""
        link = self._links.get(node)
        if link is None or link.ended or node in self.off:
            raise node_is_off(node)
        return link.request(do, timeout, **fields)

    def ended_unexpectedly(self) -> list[str]:
        """Return the nodes that went off although no action did it."""
        return [node for node in self.startup.ended if node not in self.off]

    def run_clock(self) -> None:
        """Emit ticks and renew the agents' leases until the lab ends; for a thread of its own."""
        lease_due = 0.0
        while not self._stopping.wait(TICK):
            self._emitter.tick()
            self._tell_strange()
            if time.monotonic() >= lease_due:
                lease_due = time.monotonic() + RENEW_LEASE
                if self._switch:
                    with contextlib.suppress(OSError):
                        self._switch.renew_lease()
                if self._wall:
                    self._wall.renew_lease()
                for link in list(self._links.values()):
                    with contextlib.suppress(OSError, LabError):
                        link.send({"do": "lease"})

    def watch_disk(self, lab: str) -> None:
        """Take the files of nodes that wrote too much, until the lab ends; for a thread of its own."""
        while not self._stopping.wait(disk_watch.LOOK_EVERY):
            with contextlib.suppress(Exception):  # what an engine does not answer now, it is asked again
                sizes = disk_watch.sizes_on_disk(self._client(), lab)
                for node, container in list(self.ids.items()):
                    size = sizes.get(container, 0)
                    if size > disk_watch.MOST_OF_A_NODE:
                        self.off.add(node)  # so nobody looks for why it ended
                        self._client().api.remove_container(container, force=True, v=True)
                        self._emitter.power(node, "off", disk_watch.describe_excess(size))

    def close(self) -> None:
        """End every stream."""
        if self._switch:
            self._switch.close()
        if self._wall:
            self._wall.close()
        for link in self._links.values():
            link.close()

    # -- what comes from the agents

    def _release_keepalived(self, node: str) -> None:
        with contextlib.suppress(OSError):
            self._links[node].send({"do": "go"})

    def _on_facts(self, node: str, facts: list[Message]) -> None:
        events: list[e.Event] = []
        known: list[Message] = []
        for fact in facts:
            try:
                check_fact(node, fact, self._layout)
                event = self._event(node, fact)
            except UserError:
                self._strange[node] += 1
                continue
            first, *more = self._silent_faults.complete(node, [fact])
            known += [first, *more]
            for each in known[-1 - len(more) :]:
                self._last_facts.setdefault(node, LastFacts()).note(each)
            events += [each for each in (event, *(self._event(node, fact) for fact in more)) if each]
        if events:
            self._emitter.emit(events)
        self.startup.on_facts(node, known)

    def _event(self, node: str, fact: Message) -> e.Event | None:
        """Return a fact's event; raise UserError if there is none, or it tells of another time."""
        at = fact["t"] + (self._clock_offset or 0.0) - self._emitter.began
        latest = self._emitter.now() + _FUTURE
        if self._clock_offset is None:
            at = min(max(at, 0.0), latest)
        elif not -_FUTURE <= at <= latest:
            raise UserError("this is from another time")
        return fact_to_event(at, node, fact, self.vips, self.startup.macs)

    def _on_strange(self, node: str, count: int) -> None:
        self._strange[node] += count

    def _tell_strange(self) -> None:
        """Say how many lines were left out, now and then; on the thread that keeps the time."""
        if self._strange and time.monotonic() >= self._strange_due:
            self._strange_due = time.monotonic() + TELL_STRANGE
            for node in [*self._strange]:
                where = f"{node} wrote what is no fact of the lab"
                event = e.Dropped(at=self._emitter.now(), count=self._strange.pop(node), where=where)
                self._emitter.emit([event])

    def _on_end(self, link: AgentLink, last_words: str) -> None:
        node = link.name
        if self._stopping.is_set() or self._links.get(node) is not link:
            return
        if node in self.off:
            self.startup.on_end(node, last_words)
        else:
            threading.Thread(target=self._explain_end, args=(link, last_words), daemon=True).start()

    def _explain_end(self, link: AgentLink, last_words: str) -> None:
        """Find out whether the node ended, the whole Docker engine, or only the stream, and report it.

        Only the engine's word makes a node that is off; a node that runs is followed again.
        """
        from docker.errors import NotFound

        node, is_first = link.name, True
        while not self._stopping.is_set() and self._links.get(node) is link and node not in self.off:
            try:
                state = self._client().api.inspect_container(self.ids[node])["State"]
                if not state["Running"]:
                    reason = last_words or _why_it_ended(state["ExitCode"])
                    break
                if is_first:
                    self._say(node, f"hatlab lost sight of {node}: {last_words or 'its stream ended'}")
                is_first = False
                stream = attach(self._client(), self.ids[node])
                if self._links.get(node) is not link or node in self.off:  # an action starts it again
                    close_socket(stream)
                    return
                self._follow(node, stream, link.token)
            except Exception as error:  # noqa: BLE001 - any failure to ask is part of the answer
                if self._stopping.is_set():
                    return
                if is_caused_by(error, NotFound):
                    reason = "its container was removed"
                    break
                if is_first:
                    self._on_engine_lost(f"the Docker engine is gone: {one_line(error)}")
                    return
                self._stopping.wait(ATTACH_AGAIN)
            else:
                self._look_again(node)
                return
        else:
            return
        self.startup.on_end(node, last_words)
        self.note_off(node, reason)

    def _look_again(self, node: str) -> None:
        """Tell how a node is that was out of sight, where that differs from what was told before."""
        interfaces = self.startup.interfaces.get(node, {})
        devices = {port["device"]: network for network, port in interfaces.items()}
        text = f"hatlab sees {node} again; what happened meanwhile is not shown"
        try:
            conf = self.request(node, "read").get("text", "") if node in self._layout.server_names else None
            seen = read_look(run_line(self._client(), self.ids[node], LOOK), devices)
        except Exception as error:  # noqa: BLE001 - any failure to ask is part of the answer
            self._say(node, f"{text}, and how it is now could not be asked: {one_line(error)}")
            return
        if conf is None:
            seen = [fact for fact in seen if fact["kind"] in ("address", "link")]
        else:
            seen.append({"kind": "conf", "text": conf})
        now = time.monotonic() - (self._clock_offset or 0.0)
        news = self._last_facts.setdefault(node, LastFacts()).news(seen)
        self._say(node, text)
        self._on_facts(node, [{"t": now, **fact} for fact in news])

    def _say(self, node: str, text: str) -> None:
        self._emitter.emit([e.Log(at=self._emitter.now(), node=node, service="hatlab", text=text)])

    def _on_engine_lost(self, reason: str) -> None:
        if not self._stopping.is_set():
            self.engine_lost = True
            self._stopping.set()
            self._emitter.phase("stopping", done=False, detail=reason)
            self.startup.wake()


def _why_it_ended(exit_code: int) -> str:
    """Say what a container's exit code tells: its agent ends with 0 when its lease has run out."""
    if exit_code == 0:
        return f"its container ended, as it had heard nothing of hatlab for {LEASE} s"
    return f"its container ended (exit code {exit_code})"


def attach(client: DockerClient, container: str) -> Any:
    """Return a container's stdin, stdout and stderr as one socket."""
    streams = {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1, "logs": 0}
    return unwrap_socket(client.api.attach_socket(container, params=streams))
