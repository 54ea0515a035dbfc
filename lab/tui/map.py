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
        names = layout.node_names
        self._boxes = {name: NodeBox(name) for name in names}
        self._wire = Heartbeat(heartbeat_of(layout), names, clock)
        self._clients = {name: ClientLine(id=f"client-{name}") for name in layout.client_names}

    def compose(self) -> ComposeResult:
        boxes = list(self._boxes.values())
        if len(boxes) == 2:
            with Horizontal(id="pair"):
                yield boxes[0]
                yield self._wire
                yield boxes[1]
        else:
            with Horizontal(id="row"):
                yield from boxes
            yield self._wire
        yield from self._clients.values()

    def show(self, state: LabState) -> None:
        """Draws a state; what has not changed is not touched."""
        for name, box in self._boxes.items():
            if name in state.nodes:
                box.view = node_view(state, name)
        if state.nodes:
            self._wire.show(state)
        for name, line in self._clients.items():
            if name in state.clients:
                line.show(client_view(state, name), state.at)
                line.reach = self._beneath(state.clients[name].server, line)

    def _beneath(self, node: str | None, line: ClientLine) -> int:
        """The column of a client's line that is beneath the middle of a node."""
        if node not in self._boxes:
            return -1
        box = self._boxes[node].region
        return box.x + box.width // 2 - line.content_region.x

    def target(self, node: str) -> None:
        """Marks the node that keys act on."""
        for box in self._boxes.values():
            box.target = box.node == node

    def focus_node(self, node: str) -> None:
        """Gives a node the focus."""
        self._boxes[node].focus()

    def feed(self, batch: Batch) -> None:
        """Draws a batch: its state, and its adverts crossing the wire."""
        self.show(batch.state)
        adverts = [event for event in batch.events if isinstance(event, e.Advert)]
        if adverts:
            self._wire.fly(adverts, batch.state)

    def advance(self) -> None:
        """The next frame of what moves."""
        self._wire.advance()

    def seek(self, state: LabState) -> None:
        """Draws a past moment, in which nothing moves."""
        self._wire.clear()
        self.show(state)
