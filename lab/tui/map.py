"""The map: nodes, the heartbeat between them, the clients beneath."""

from __future__ import annotations

import time
from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from lab import events as e
from lab.session import Batch
from lab.state import LabState
from lab.topology import Layout
from lab.tui.client_line import ClientLine
from lab.tui.heartbeat import Heartbeat
from lab.tui.node_box import NodeBox
from lab.tui.view import client_view, node_view


def heartbeat_of(layout: Layout) -> str:
    """The network on which the first instance's adverts travel."""
    instances = layout.topology.instances
    return next((i.network for i in instances.values()), layout.network_names[0])


class Map(Vertical):
    """Two nodes stand on either side of the wire; more stand in rows above it."""

    def __init__(self, layout: Layout, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(id="map")
        self._layout = layout
        self._clock = clock

    def compose(self) -> ComposeResult:
        names = self._layout.node_names
        wire = Heartbeat(heartbeat_of(self._layout), names, self._clock)
        boxes = [NodeBox(name) for name in names]
        if len(boxes) == 2:
            with Horizontal(id="pair"):
                yield boxes[0]
                yield wire
                yield boxes[1]
        else:
            with Horizontal(id="row"):
                yield from boxes
            yield wire
        for name in self._layout.client_names:
            yield ClientLine(id=f"client-{name}")

    def show(self, state: LabState) -> None:
        """Draws a state; what has not changed is not touched."""
        if not state.nodes:
            return
        for box in self.query(NodeBox):
            box.view = node_view(state, box.node)
        self.query_one(Heartbeat).show(state)
        for name, client in state.clients.items():
            line = self.query_one(f"#client-{name}", ClientLine)
            line.show(client_view(state, name), state.at)
            line.reach = self._beneath(client.server, line)

    def _beneath(self, node: str | None, line: ClientLine) -> int:
        """The column of a client's line that is beneath the middle of a node."""
        if node not in self._layout.node_names:
            return -1
        box = self.query_one(f"#node-{node}", NodeBox).region
        return box.x + box.width // 2 - line.content_region.x

    def feed(self, batch: Batch) -> None:
        """Draws a batch: its state, and its adverts crossing the wire."""
        self.show(batch.state)
        adverts = [event for event in batch.events if isinstance(event, e.Advert)]
        if adverts:
            self.query_one(Heartbeat).fly(adverts, batch.state)

    def advance(self) -> None:
        """The next frame of what moves."""
        self.query_one(Heartbeat).advance()

    def seek(self, state: LabState) -> None:
        """Draws a past moment, in which nothing moves."""
        self.query_one(Heartbeat).clear()
        self.show(state)
